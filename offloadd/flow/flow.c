// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a flow: which state may follow which, and the one function that
 * changes a state.
 *
 * It refuses an arrow that the table below does not hold, above all those that
 * would call a flow offloaded which nobody sent to hardware.  It does not
 * decide where a flow goes (placement does) and tells nobody (the engine
 * does, with the transition it gets back).
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/flow/flow.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FLOW_TEXT, "offload flow text");

/* A full Internet table is a million of these. */
static_assert(sizeof(struct ofl_flow) <= 128, "a flow has grown too fat");

static const char *const class_names[OFL_CLASS_MAX] = {
	[OFL_CLASS_NEVER] = "never",
	[OFL_CLASS_BEST_EFFORT] = "best-effort",
	[OFL_CLASS_CRITICAL] = "critical",
};

/* clang-format off */
static const char *const state_names[OFL_STATE_MAX] = {
	[OFL_STATE_SEEN] = "seen",
	[OFL_STATE_WAITING] = "waiting",
	[OFL_STATE_SENT] = "sent",
	[OFL_STATE_OFFLOADED] = "offloaded",
	[OFL_STATE_COVERED] = "covered",
	[OFL_STATE_ELIDED] = "elided",
	[OFL_STATE_LEAVING] = "leaving",
	[OFL_STATE_FAILED] = "failed",
	[OFL_STATE_GONE] = "gone",
};
/* clang-format on */

const char *ofl_class_name(enum ofl_class c)
{
	return (unsigned int)c < OFL_CLASS_MAX ? class_names[c] : "unknown";
}

bool ofl_class_parse(const char *name, enum ofl_class *ret_class)
{
	for (unsigned int c = 0; c < OFL_CLASS_MAX; c++) {
		if (strcmp(name, class_names[c]) == 0) {
			*ret_class = c;
			return true;
		}
	}
	return false;
}

const char *ofl_state_name(enum ofl_state s)
{
	return (unsigned int)s < OFL_STATE_MAX ? state_names[s] : "unknown";
}

bool ofl_state_parse(const char *name, enum ofl_state *ret_state)
{
	for (unsigned int s = 0; s < OFL_STATE_MAX; s++) {
		if (strcmp(name, state_names[s]) == 0) {
			*ret_state = s;
			return true;
		}
	}
	return false;
}

/*
 * Every legal arrow, in words.  A state that follows itself stands for a new
 * reason or text while the state stays.  Nothing leads back to seen, nothing
 * leads out of gone, and nothing becomes offloaded that was not asked for, in
 * this life or in an earlier one that left it in hardware.
 */
/* clang-format off */
#define TO(state) (1u << OFL_STATE_##state)
static const uint16_t arrows[OFL_STATE_MAX] = {
	[OFL_STATE_SEEN] =
		TO(WAITING) |   /* judged: not ready, not wanted or no room */
		TO(SENT) |      /* judged: admitted, and asked for at once */
		TO(OFFLOADED) | /* judged: an entry of an earlier run is there */
		TO(COVERED) |   /* judged: a punt of an earlier run is there */
		TO(LEAVING) |   /* judged: that entry may not stay */
		TO(ELIDED) |    /* judged: a confirmed cover forwards alike */
		TO(FAILED) |    /* judged: hardware refused it at once */
		TO(GONE),       /* withdrawn before anything was written */
	[OFL_STATE_WAITING] =
		TO(WAITING) |   /* it waits for something else now */
		TO(SENT) |      /* became ready, or room was found */
		TO(OFFLOADED) | /* its table came up, the entry is there */
		TO(LEAVING) |   /* likewise, and it may not stay */
		TO(COVERED) |   /* a punt that shields it was confirmed */
		TO(ELIDED) |    /* a cover that forwards alike was confirmed */
		TO(FAILED) |    /* hardware refused what it asked for */
		TO(GONE),       /* withdrawn, no entry to remove */
	[OFL_STATE_SENT] =
		TO(SENT) |      /* asked for something newer, or no answer */
		TO(OFFLOADED) | /* hardware confirmed it: the way in */
		TO(FAILED) |    /* hardware refused it */
		TO(WAITING) |   /* taken back before hardware had it */
		TO(LEAVING) |   /* no longer wanted; its removal is asked for */
		TO(COVERED) |   /* what hardware confirmed is a punt */
		TO(ELIDED) |    /* the wish was dropped: a cover does alike */
		TO(GONE),       /* withdrawn; nothing was written after all */
	[OFL_STATE_OFFLOADED] =
		TO(OFFLOADED) | /* confirmed again, for another reason */
		TO(LEAVING) |   /* evicted or withdrawn: removal asked for */
		TO(COVERED) |   /* its entry was turned into a punt */
		TO(ELIDED) |    /* its entry left as a cover forwards alike */
		TO(WAITING) |   /* hardware lost the entry on its own */
		TO(SENT) |      /* a new next hop; replacement asked for */
		TO(FAILED) |    /* hardware refused the replacement */
		TO(GONE),       /* withdrawn and removed in one answer */
	[OFL_STATE_COVERED] =
		TO(COVERED) |   /* still punted, for another reason */
		TO(SENT) |      /* a real entry in the punt's place asked for */
		TO(LEAVING) |   /* the punt is not needed; removal asked for */
		TO(ELIDED) |    /* the punt left as the cover forwards alike */
		TO(WAITING) |   /* nothing above it any more, or punt lost */
		TO(FAILED) |    /* hardware refused the real entry */
		TO(GONE),       /* withdrawn and the punt is gone */
	[OFL_STATE_ELIDED] =
		TO(ELIDED) |    /* under another cover that forwards alike */
		TO(SENT) |      /* needs an entry of its own now; asked for */
		TO(COVERED) |   /* a punt shields it: next hops differ now */
		TO(WAITING) |   /* its cover left */
		TO(LEAVING) |   /* an entry was left over; removal asked for */
		TO(FAILED) |    /* hardware refused the entry it needs now */
		TO(GONE),       /* withdrawn; no entry to remove */
	[OFL_STATE_LEAVING] =
		TO(LEAVING) |   /* still leaving, for another reason */
		TO(WAITING) |   /* removed; it waits in software */
		TO(COVERED) |   /* a punt took its place */
		TO(ELIDED) |    /* removed; a cover forwards alike */
		TO(SENT) |      /* wanted again; its entry is asked for anew */
		TO(OFFLOADED) | /* the removal failed: its entry is there */
		TO(FAILED) |    /* the removal failed and hardware says why */
		TO(GONE),       /* withdrawn and removed */
	[OFL_STATE_FAILED] =
		TO(FAILED) |    /* failed again, in other words */
		TO(WAITING) |   /* given up; it waits in software */
		TO(SENT) |      /* tried again */
		TO(OFFLOADED) | /* the entry it had was confirmed again */
		TO(COVERED) |   /* a punt shields it */
		TO(ELIDED) |    /* a cover forwards alike */
		TO(LEAVING) |   /* the entry it had is to be removed */
		TO(GONE),       /* withdrawn; no entry to remove */
	[OFL_STATE_GONE] = 0, /* terminal */
};
#undef TO
/* clang-format on */

bool ofl_state_can_follow(enum ofl_state from, enum ofl_state to)
{
	if ((unsigned int)from >= OFL_STATE_MAX ||
	    (unsigned int)to >= OFL_STATE_MAX)
		return false;
	return arrows[from] >> to & 1;
}

/* The old text goes last: the new one may be the same memory. */
static void set_text(struct ofl_flow *f, const char *text)
{
	char *old = f->text;

	f->text = text ? XSTRDUP(MTYPE_OFL_FLOW_TEXT, text) : NULL;
	XFREE(MTYPE_OFL_FLOW_TEXT, old);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool ofl_flow_transition(struct ofl_flow *f, enum ofl_state to,
			 enum ofl_reason reason, const char *text, uint8_t op,
			 uint64_t now_us, struct ofl_transition *ret_t,
			 bool *ret_illegal)
{
	enum ofl_state from = f->state;

	*ret_illegal = false;
	if (text && !*text)
		text = NULL; /* an outcome without words */
	if (from == to && f->reason == reason && same_text(f->text, text))
		return false;
	if (!ofl_state_can_follow(from, to)) {
		*ret_illegal = true;
		return false;
	}

	f->state = to;
	f->reason = reason;
	set_text(f, text);
	f->since_us = now_us;
	*ret_t = (struct ofl_transition){
		.flow = f,
		.from = from,
		.to = to,
		.reason = reason,
		.text = f->text,
		.at_us = now_us,
		.op = op,
	};
	return true;
}

void ofl_flow_fini(struct ofl_flow *f)
{
	ofl_action_unref(f->action);
	f->action = NULL;
	set_text(f, NULL);
}

void ofl_flow_since_set(struct ofl_flow *f, uint64_t since_us)
{
	f->since_us = since_us;
}

enum ofl_state ofl_flow_state_for(const struct ofl_flow *f,
				  enum ofl_state state, enum ofl_reason reason)
{
	if (!f->offload_or_fail || state != OFL_STATE_WAITING)
		return state;
	switch (reason) {
	case OFL_REASON_HIGH_WATERMARK:
	case OFL_REASON_COVERS_TOO_MANY:
	case OFL_REASON_TABLE_FULL:
	case OFL_REASON_EVICTED_FOR_CRITICAL:
	case OFL_REASON_EVICTED_FOR_COVER:
	case OFL_REASON_CAPACITY_REDUCED:
	case OFL_REASON_HW_NO_SPACE:
		return OFL_STATE_FAILED;
	default:
		return state;
	}
}
