/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract of a provider: what programs one hardware table.
 *
 * Life: new -> ready -> (adopt what was found) -> submit/poll ... -> free.  A
 * provider is asynchronous: submit() only takes operations, answers come from
 * poll() (or from within readable()) through struct ofl_provider_events, one
 * outcome for every accepted operation, in any order.  It never blocks, never
 * reorders two operations on the same key, and says OFL_STATUS_OK only when
 * hardware confirmed.  Operations accepted before free() may stay unanswered.
 *
 * All calls come from the main thread.  Callbacks may not call back into the
 * provider.
 */
#ifndef OFFLOADD_PROVIDER_PROVIDER_H
#define OFFLOADD_PROVIDER_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/hwtable.h"
#include "offloadd/flow/op.h"
#include "offloadd/provider/provider_list.h"

struct ofl_provider; /* one instance = one table */

/* Identity of an entry that an earlier life of the daemon left and nobody has
 * adopted: no action has this id. */
#define OFL_IDENTITY_FOUND UINT32_MAX
/* The upper half is for such entries: two that do not do the same must not look
 * alike, and whether they do nobody knows.  Providers use OFL_IDENTITY_FOUND.
 */
#define OFL_IDENTITY_FOUND_FIRST 0x80000000u
static inline bool ofl_identity_is_found(uint32_t identity)
{
	return identity >= OFL_IDENTITY_FOUND_FIRST;
}

/* An installed entry, for dumps. */
struct ofl_hw_entry {
	struct ofl_key key;
	uint8_t entry; /* enum ofl_entry: REAL or PUNT */
	uint16_t slots;
	uint32_t identity; /* of a REAL one, perhaps OFL_IDENTITY_FOUND */
	bool found;	   /* of an earlier life, not adopted yet */
	uint64_t packets, bytes;
};

/* What an audit finds otherwise than it should be. */
enum ofl_difference {
	OFL_DIFFERENCE_MISSING = 0, /* believed to be there */
	OFL_DIFFERENCE_CHANGED,	    /* there, but somebody changed it */
	OFL_DIFFERENCE_EXTRA,	    /* ours by its mark, and nobody's */
	OFL_DIFFERENCE_STORED,	    /* the database says otherwise */
};
#define OFL_DIFFERENCE_MAX 4

/* A packet that software forwards, one of `rate` that came in at a port. */
struct ofl_sample {
	uint32_t ifindex; /* of the port */
	uint32_t rate;
	uint32_t bytes; /* of the packet as it came, with its Ethernet header */
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t dst[16];
};

#define OFL_REGIONS_MAX 128

/* What is sampled at a table's ports. */
struct ofl_sampling_status {
	bool on;	  /* software's packets are sampled */
	uint32_t rate;	  /* one of so many */
	uint64_t samples; /* that came */
	uint64_t lost;	  /* that did not: no room, or gaps in numbers */
	uint64_t odd;	  /* not to be routed, or not understood */
	uint32_t regions; /* in which packets are counted instead */
	char text[OFL_OUTCOME_TEXT]; /* why it is not on, or "" */
};

/* What a provider tells whoever runs it. */
struct ofl_provider_events {
	void (*done)(void *arg, const struct ofl_outcome *outcome);
	/* Hardware removed an entry on its own. */
	void (*lost)(void *arg, const struct ofl_key *key, const char *text);
	/* An entry is there and forwards, but may not any longer (text says
	 * why): it is to leave, in safe order.  Told again while it stays. */
	void (*unfit)(void *arg, const struct ofl_key *key, const char *text);
	/* Capacity in slots became known or changed. */
	void (*capacity)(void *arg, uint32_t capacity_slots);
	/* Ready to take operations, or no longer (text says why). */
	void (*ready)(void *arg, bool ready, const char *text);
	/* Hardware takes something that it did not: what was UNSUPPORTED may
	 * work now. */
	void (*able)(void *arg);
	/* An audit of the provider's own found this and mends it; what it
	 * cannot mend is told as lost() or unfit() as well.  `key` NULL: it is
	 * of no route (text says of what). */
	void (*differs)(void *arg, const struct ofl_key *key,
			enum ofl_difference what, const char *text);
	/* An audit of the provider's own has ended: so many entries of routes
	 * were compared with what the kernel or the hardware has. */
	void (*audited)(void *arg, uint32_t entries);
	/* An entry forwarded this since it was told last, or since it was added
	 * or adopted; not told if it is nothing. */
	void (*counted)(void *arg, const struct ofl_key *key, uint64_t packets,
			uint64_t bytes);
	/* A reading that count() asked for has ended: counters of so many
	 * entries that forward were read, `text` is ""; 0 with a text: they
	 * could not be. */
	void (*count_end)(void *arg, uint32_t entries, const char *text);
	void (*sampled)(void *arg, const struct ofl_sample *sample);
	/* Software got this, at the ports of which `ifindex` is one, to a
	 * region, since it was told last; from within a reading. */
	void (*region_counted)(void *arg, uint32_t ifindex,
			       const struct ofl_prefix *region,
			       uint64_t packets, uint64_t bytes);
};

struct ofl_provider_stats {
	uint32_t capacity_slots, used_slots, entries;
	uint32_t found; /* of entries: of an earlier life, not adopted yet */
	uint64_t added, replaced, deleted, refused, lost;
	uint32_t in_flight;
};

enum ofl_capability_state {
	OFL_CAPABILITY_UNKNOWN = 0, /* no answer yet, or none that tells */
	OFL_CAPABILITY_OK,
	OFL_CAPABILITY_REFUSED,
	OFL_CAPABILITY_UNUSED, /* the table does without */
};

/* Something hardware may or may not take at one port. */
struct ofl_capability {
	char port[OFL_NAME_LEN];
	char name[32];
	bool is_key;   /* something matched, else something done */
	uint8_t state; /* enum ofl_capability_state */
	bool of_block; /* tried on all ports at once */
	int errnum;    /* errno value or 0 */
	char text[OFL_OUTCOME_TEXT]; /* the kernel's words, or "" */
};

struct ofl_provider_ops {
	const char *name;
	/* NULL and *ret_error (static text) if the configuration is not
	 * possible.  `events` and `arg` outlive the instance. */
	struct ofl_provider *(*new)(const struct ofl_hwtable_conf *conf,
				    const struct ofl_provider_events *events,
				    void *arg, const char **ret_error);
	/* What was asked for last may still be carried out: waited for at most
	 * so long, at the end of the process.  0: nobody waits. */
	void (*free)(struct ofl_provider *p, uint32_t wait_ms);
	/* Take everything of this table out of the hardware, as far as that
	 * can be asked for now; free() follows.  For a table whose hardware is
	 * another from now on.  NULL: nothing outlives free() anyway. */
	void (*clear)(struct ofl_provider *p);
	/* Take up to n operations in order; returns how many were taken (fewer
	 * when busy: poll and try again). */
	size_t (*submit)(struct ofl_provider *p, const struct ofl_op *ops,
			 size_t n, uint64_t now_us);
	/* Do what is due, at most `budget` answers; returns when to be polled
	 * next: monotonic microseconds, 0: at once, UINT64_MAX: not before the
	 * next submit or readable fd. */
	uint64_t (*poll)(struct ofl_provider *p, uint64_t now_us,
			 unsigned int budget);
	/* File descriptor to watch, or -1. */
	int (*fd)(struct ofl_provider *p);
	/*
	 * Entries that outlived free(), or the process, are there when the
	 * provider tells that it is ready: dump() has them with `found`, and
	 * nothing is done to them.  Here the caller takes one over.  `action`
	 * is what it thinks a REAL one does.  True: that is so, and from now on
	 * its identity is action->id; or it is a PUNT.  False: it does
	 * something else and keeps OFL_IDENTITY_FOUND.  In either case it is
	 * an entry as any other then, to be replaced or deleted; one that
	 * kept OFL_IDENTITY_FOUND may be tried again with another action.
	 * NULL: nothing outlives free().
	 */
	bool (*adopt)(struct ofl_provider *p, const struct ofl_key *key,
		      const struct ofl_action *action);
	/* One installed entry; false: there is none. */
	bool (*find)(struct ofl_provider *p, const struct ofl_key *key,
		     struct ofl_hw_entry *ret);
	/* Walk what is installed, at most `max` entries a call; *at is 0 at
	 * first, and 0 again when the walk has ended.  Entries that come or go
	 * between two calls may be told twice or not at all. */
	void (*dump)(struct ofl_provider *p, uint32_t *at, unsigned int max,
		     void (*cb)(const struct ofl_hw_entry *e, void *arg),
		     void *arg);
	/* Compare with the kernel or the hardware now, if that is not being
	 * done; audited() follows.  NULL: find() and dump() look at the
	 * hardware itself. */
	void (*audit)(struct ofl_provider *p);
	/* Read the counters of all entries now, if that is not being done;
	 * counted() and count_end() follow, from within poll(), which is due
	 * now.  An audit may tell counted(), too.  NULL: there are no counters.
	 */
	void (*count)(struct ofl_provider *p);
	/* Sample one packet of `rate` (0: none) of those that software
	 * gets at the ports; asked for again, it changes.  poll() is due now.
	 * NULL: that cannot be. */
	void (*sample)(struct ofl_provider *p, uint32_t rate);
	/* Where packets cannot be sampled: count those that software gets, by
	 * destination, in these `n` regions, which do not overlap; regions of
	 * before that are not among them are given up.  At most
	 * OFL_REGIONS_MAX.  count() reads them.  NULL: that cannot be. */
	void (*regions)(struct ofl_provider *p, const struct ofl_prefix *region,
			size_t n);
	/* How it stands; its counters are of this life and only grow. */
	void (*sampling)(struct ofl_provider *p,
			 struct ofl_sampling_status *ret);
	void (*stats)(struct ofl_provider *p, struct ofl_provider_stats *ret);
	/* Walk what hardware takes, port by port; false from cb ends the walk.
	 * NULL: it takes everything. */
	void (*capabilities)(struct ofl_provider *p,
			     bool (*cb)(const struct ofl_capability *c,
					void *arg),
			     void *arg);
	/* The operator changed the capacity of a living table (0: as it comes).
	 * NULL: hardware has what it has. */
	void (*resize)(struct ofl_provider *p, uint32_t capacity_slots);
	/* A fault or a latency for tests and exercises: one line of text (see
	 * prov_emulated.h); false and *ret_error (static text) if not
	 * understood.  NULL: none offered. */
	bool (*exercise)(struct ofl_provider *p, const char *line,
			 const char **ret_error);
	/* Lists before the ports; NULL: it has none. */
	const struct ofl_list_ops *lists;
};

/* Registry: compiled-in providers by name. */
const struct ofl_provider_ops *ofl_provider_find(const char *name);
/* i-th provider, or NULL past the end. */
const struct ofl_provider_ops *ofl_provider_at(size_t i);

#endif /* OFFLOADD_PROVIDER_PROVIDER_H */
