// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Acknowledgements to zebra; see ack.h.
 *
 * Two queues of handles.  What peers wait for goes first: that a route is
 * installed, or no longer.  That a route is not, of which nobody was told that
 * it were, changes nothing for anybody but who looks; that is told as fast as
 * zebra can take it when routes do not come, and slowly while they do.
 *
 * Drained in events of their own, in bounded turns; a zebra that does not read
 * holds up nothing but its own answers.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/engine/ack.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/policy/acknowledge.h"
#include "offloadd/source/fpm.h"
#include "offloadd/source/fpm_ack.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACKS, "offload answers to zebra");

/* zebra takes what it reads at once as one piece of work: answers wait for
 * others.  A route that moves on meanwhile is told of once. */
#define GATHER_MS 20
#define TURN_ANSWERS 2048
#define SLOW_ANSWERS 64 /* of the second queue, while routes come */

/* `count` handles, the first at `at`; size: 0 or a power of two */
struct queue {
	uint32_t *handles;
	uint32_t size, at, count;
};

static struct {
	uint8_t mode; /* enum ofl_ack_mode */
	bool heard;   /* routes, since the last turn */
	struct ofl_ev *t_work;
	struct queue urgent, other;
	struct ofl_ack_stats stats;
} acks;

static void work(struct ofl_ev *ev);

/* Is it known how the flow stands?  One that changed is judged and planned
 * first, and who does that tells. */
static bool is_decided(const struct ofl_flow *f)
{
	struct ofl_place_view v;

	if (f->withdrawn || f->state == OFL_STATE_SEEN ||
	    !ofl_flowtab_is_judged(ofl_eng.flows, f))
		return false;
	if (f->table >= OFL_TABLES_MAX || !ofl_eng.tables[f->table])
		return true;
	return ofl_place_view(ofl_eng.tables[f->table]->place, &f->key, &v) &&
	       ofl_flow_state_for(f, v.state, v.reason) == f->state;
}

static enum ofl_ack wanted(const struct ofl_flow *f)
{
	return ofl_acknowledge(acks.mode, f->state, f->reason, f->acked);
}

/* --- the queues --- */

static void grow(struct queue *q)
{
	uint32_t size = q->size ? q->size * 2 : 1024;
	uint32_t *handles = XMALLOC(MTYPE_OFL_ACKS, size * sizeof(*handles));

	for (uint32_t i = 0; i < q->count; i++)
		handles[i] = q->handles[(q->at + i) & (q->size - 1)];
	XFREE(MTYPE_OFL_ACKS, q->handles);
	q->handles = handles;
	q->size = size;
	q->at = 0;
}

static void queue_put(struct queue *q, uint32_t handle)
{
	if (q->count == q->size)
		grow(q);
	q->handles[(q->at + q->count++) & (q->size - 1)] = handle;
	ofl_ev_timer_ms(ofl_eng.loop, work, NULL, GATHER_MS, &acks.t_work);
}

/* A burst leaves no memory behind. */
static void queue_pop(struct queue *q)
{
	q->at = (q->at + 1) & (q->size - 1);
	if (--q->count)
		return;
	XFREE(MTYPE_OFL_ACKS, q->handles);
	q->size = q->at = 0;
}

/* One that becomes urgent stays in the other queue, too: there it is nothing
 * when its turn comes. */
static void push(struct ofl_flow *f, bool urgent)
{
	if (f->ack_urgent || (f->ack_waits && !urgent))
		return;
	f->ack_waits = true;
	f->ack_urgent = urgent;
	queue_put(urgent ? &acks.urgent : &acks.other, f->handle);
}

/* --- answers --- */

static enum ofl_ack answer_of(const struct ofl_flow *f)
{
	enum ofl_ack want = is_decided(f) ? wanted(f) : f->acked;

	/* It was lost, and asking for it again took less than we did. */
	if (f->ack_lost && f->state == OFL_STATE_SENT)
		want = OFL_ACK_FAILED;
	return want;
}

/* False: there is no room for it now. */
static bool answer(struct ofl_flow *f)
{
	enum ofl_ack want = answer_of(f);

	if (want != f->acked) {
		switch (ofl_fpm_ack(ofl_eng.feed, &f->key, f->facts.proto,
				    want == OFL_ACK_INSTALLED)) {
		case OFL_FPM_ACK_FULL:
			return false;
		case OFL_FPM_ACK_SENT:
			f->acked = want;
			if (want == OFL_ACK_INSTALLED)
				acks.stats.installed++;
			else
				acks.stats.failed++;
			break;
		case OFL_FPM_ACK_LOST: /* it will be announced again */
			break;
		}
	}
	f->ack_waits = f->ack_urgent = f->ack_lost = false;
	return true;
}

/* At most n of a queue; false: there is no room. */
static bool drain(struct queue *q, unsigned int n)
{
	for (; n && q->count; n--) {
		struct ofl_flow *f =
			ofl_flowtab_at(ofl_eng.flows, q->handles[q->at]);

		if (f && f->ack_waits && (q == &acks.urgent) == f->ack_urgent &&
		    !answer(f))
			return false;
		queue_pop(q);
	}
	return true;
}

static void work(struct ofl_ev *ev)
{
	unsigned int slow = acks.heard ? SLOW_ANSWERS : TURN_ANSWERS;

	acks.heard = false;
	if (!drain(&acks.urgent, TURN_ANSWERS) || !drain(&acks.other, slow))
		return; /* until it is drained */
	if (acks.urgent.count || acks.other.count)
		ofl_ev_timer_ms(ofl_eng.loop, work, NULL, GATHER_MS,
				&acks.t_work);
}

/* --- what is heard --- */

/* Of a route below an address of this router nothing is told: hardware never
 * has it. */
static bool is_ours(const struct ofl_flow *f)
{
	return f->facts.proto == OFL_PROTO_LOCAL ||
	       f->facts.proto == OFL_PROTO_RESERVED;
}

void ofl_ack_flow(struct ofl_flow *f)
{
	enum ofl_ack want;

	if (acks.mode == OFL_ACK_MODE_OFF || f->withdrawn || is_ours(f))
		return;
	want = wanted(f);
	if (want == f->acked)
		return;
	if (f->acked == OFL_ACK_INSTALLED)
		f->ack_lost = true;
	push(f, want == OFL_ACK_INSTALLED || f->acked == OFL_ACK_INSTALLED);
}

static void on_announced(const struct ofl_key *key, uint8_t proto, void *arg)
{
	struct ofl_flow *f;
	bool was_installed;

	if (acks.mode == OFL_ACK_MODE_OFF)
		return;
	acks.heard = true;
	f = ofl_flowtab_find(ofl_eng.flows, key);
	if (!f || f->facts.proto != proto)
		return;
	was_installed = f->acked == OFL_ACK_INSTALLED;
	f->acked = OFL_ACK_NONE;
	/* A new one is told of when it is judged. */
	if (f->state != OFL_STATE_SEEN)
		push(f, was_installed || wanted(f) == OFL_ACK_INSTALLED);
}

static void on_drained(struct ofl_fpm *fpm, void *arg)
{
	if (acks.urgent.count || acks.other.count)
		ofl_ev_soon(ofl_eng.loop, work, NULL, &acks.t_work);
}

static const struct ofl_fpm_events events = {
	.announced = on_announced,
	.drained = on_drained,
};

static bool forget(struct ofl_flow *f, void *arg)
{
	f->acked = OFL_ACK_NONE;
	return true;
}

/* Who configures has all flows judged again: they tell then. */
void ofl_ack_configure(void)
{
	uint8_t was = acks.mode;

	acks.mode = ofl_eng.conf->ack;
	if (was == OFL_ACK_MODE_OFF && acks.mode != OFL_ACK_MODE_OFF)
		ofl_flowtab_walk(ofl_eng.flows, forget, NULL);
	ofl_feed_set_fpm_events(ofl_eng.feed, acks.mode ? &events : NULL, NULL);
}

void ofl_ack_fini(void)
{
	ofl_ev_off(acks.t_work);
	XFREE(MTYPE_OFL_ACKS, acks.urgent.handles);
	XFREE(MTYPE_OFL_ACKS, acks.other.handles);
	memset(&acks, 0, sizeof(acks));
}

void ofl_ack_stats(struct ofl_ack_stats *ret)
{
	*ret = acks.stats;
	ret->mode = acks.mode;
	ret->queued = acks.urgent.count + acks.other.count;
}
