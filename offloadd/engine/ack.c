// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Acknowledgements to zebra; see ack.h.
 *
 * The queue holds keys, not flows: a flow may go while it waits.  It is drained
 * in an event of its own, in bounded turns; a zebra that does not read holds up
 * nothing but its own answers.
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

#define TURN_ANSWERS 1024

struct waiting {
	struct ofl_key key;
	uint8_t proto;
};

static struct {
	uint8_t mode; /* enum ofl_ack_mode */
	struct ofl_ev *t_work;
	/* a ring: `count` of them, the first at `at` */
	struct waiting *ring;
	uint32_t size, at, count; /* size: 0 or a power of two */
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

/* --- the queue --- */

static void grow(void)
{
	uint32_t size = acks.size ? acks.size * 2 : 1024;
	struct waiting *ring = XMALLOC(MTYPE_OFL_ACKS, size * sizeof(*ring));

	for (uint32_t i = 0; i < acks.count; i++)
		ring[i] = acks.ring[(acks.at + i) & (acks.size - 1)];
	XFREE(MTYPE_OFL_ACKS, acks.ring);
	acks.ring = ring;
	acks.size = size;
	acks.at = 0;
}

static void push(struct ofl_flow *f, uint8_t proto)
{
	if (f->ack_waits)
		return;
	if (acks.count == acks.size)
		grow();
	acks.ring[(acks.at + acks.count++) & (acks.size - 1)] =
		(struct waiting){.key = f->key, .proto = proto};
	f->ack_waits = true;
	ofl_ev_soon(ofl_eng.loop, work, NULL, &acks.t_work);
}

/* A burst leaves no memory behind. */
static void pop(void)
{
	acks.at = (acks.at + 1) & (acks.size - 1);
	if (--acks.count)
		return;
	XFREE(MTYPE_OFL_ACKS, acks.ring);
	acks.size = acks.at = 0;
}

/* --- answers --- */

/* False: there is no room for it now. */
static bool answer(const struct waiting *w)
{
	struct ofl_flow *f = ofl_flowtab_find(ofl_eng.flows, &w->key);
	enum ofl_ack want;

	if (!f)
		return true;
	want = is_decided(f) ? wanted(f) : f->acked;
	/* It was lost, and asking for it again took less than we did. */
	if (f->ack_lost && f->state == OFL_STATE_SENT)
		want = OFL_ACK_FAILED;
	if (want == f->acked) {
		f->ack_waits = f->ack_lost = false;
		return true;
	}
	switch (ofl_fpm_ack(ofl_eng.feed, &w->key, w->proto,
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
	f->ack_waits = f->ack_lost = false;
	return true;
}

static void work(struct ofl_ev *ev)
{
	for (int i = 0; i < TURN_ANSWERS && acks.count; i++) {
		struct waiting w = acks.ring[acks.at];

		if (!answer(&w))
			return; /* until it is drained */
		pop();
	}
	if (acks.count)
		ofl_ev_soon(ofl_eng.loop, work, NULL, &acks.t_work);
}

/* --- what is heard --- */

void ofl_ack_flow(struct ofl_flow *f)
{
	enum ofl_ack want;

	if (acks.mode == OFL_ACK_MODE_OFF || f->withdrawn ||
	    f->facts.proto == OFL_PROTO_LOCAL ||
	    f->facts.proto == OFL_PROTO_RESERVED)
		return;
	want = wanted(f);
	if (want == f->acked)
		return;
	if (f->acked == OFL_ACK_INSTALLED)
		f->ack_lost = true;
	push(f, f->facts.proto);
}

static void on_announced(const struct ofl_key *key, uint8_t proto, void *arg)
{
	struct ofl_flow *f;

	if (acks.mode == OFL_ACK_MODE_OFF)
		return;
	f = ofl_flowtab_find(ofl_eng.flows, key);
	if (!f)
		return;
	f->acked = OFL_ACK_NONE;
	push(f, proto);
}

static void on_drained(struct ofl_fpm *fpm, void *arg)
{
	if (acks.count)
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
	XFREE(MTYPE_OFL_ACKS, acks.ring);
	memset(&acks, 0, sizeof(acks));
}

void ofl_ack_stats(struct ofl_ack_stats *ret)
{
	*ret = acks.stats;
	ret->mode = acks.mode;
	ret->queued = acks.count;
}
