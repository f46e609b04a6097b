// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a driver that offloads by itself says, told to flows, and to who asks.
 *
 * A flow is told only while it has no table: who programs a route knows better.
 * What the driver says comes from the view (placement/fibview.h); fib.c moves
 * it there.
 */
#include <zebra.h>

#include <linux/rtnetlink.h>

#include "log.h"
#include "vrf.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/engine/fib_private.h"

#define TOLD_A_TURN 256
#define LOG_EVERY_US 1000000

/* --- tables and VRFs --- */

static bool table_of(uint32_t vrf_id, uint32_t *ret_table)
{
	const struct vrf *vrf;

	*ret_table = RT_TABLE_MAIN;
	if (vrf_id == VRF_DEFAULT)
		return true;
	vrf = vrf_lookup_by_id(vrf_id);
	if (vrf)
		*ret_table = vrf->data.l.table_id;
	return vrf;
}

bool ofl_engine_fib_vrf(uint32_t table, uint32_t *ret_vrf)
{
	struct vrf *vrf;

	if (table == RT_TABLE_MAIN) {
		*ret_vrf = VRF_DEFAULT;
		return true;
	}
	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		if (vrf->vrf_id == VRF_DEFAULT || vrf->data.l.table_id != table)
			continue;
		*ret_vrf = vrf->vrf_id;
		return true;
	}
	return false;
}

/* --- flows --- */

static void move(struct ofl_flow *f, enum ofl_state to, enum ofl_reason reason,
		 const char *text)
{
	/* The kernel offered it on our behalf, too: the way in. */
	if (to == OFL_STATE_OFFLOADED &&
	    !ofl_state_can_follow(f->state, OFL_STATE_OFFLOADED))
		ofl_outcome_move(f, OFL_STATE_SENT, OFL_REASON_FIB_UNANSWERED,
				 NULL, OFL_OP_ADD);
	ofl_outcome_move(f, to, reason, text, OFL_OP_NONE);
}

static void tell_failed(struct ofl_flow *f, const struct ofl_fibview_route *r)
{
	char text[OFL_OUTCOME_TEXT], buf[OFL_PREFIX_STRLEN];

	if (!r->shadowed) {
		move(f, r->demoted ? OFL_STATE_WAITING : OFL_STATE_FAILED,
		     r->demoted ? OFL_REASON_FIB_DEMOTED
				: OFL_REASON_FIB_REFUSED,
		     NULL);
		return;
	}
	snprintf(text, sizeof(text), "hardware forwards its packets by %s%s",
		 ofl_prefix_print(&r->above.p, buf, sizeof(buf)),
		 r->given_up ? ", no repair helped" : "");
	move(f, OFL_STATE_FAILED, OFL_REASON_FIB_SHADOWED, text);
}

static void tell(struct ofl_flow *f, const struct ofl_fibview_route *r)
{
	enum ofl_reason reason = f->wait ? f->wait : OFL_REASON_FIB_UNANSWERED;

	if (r->exists && r->shadowed)
		tell_failed(f, r);
	else if (!r->exists)
		move(f, OFL_STATE_WAITING, reason, NULL);
	else if (r->state == OFL_FIB_OFFLOADED)
		move(f, OFL_STATE_OFFLOADED, OFL_REASON_FIB_TAKEN, NULL);
	else if (r->state == OFL_FIB_TRAPPED)
		move(f, OFL_STATE_COVERED, OFL_REASON_FIB_TRAPPED, NULL);
	else if (r->state == OFL_FIB_FAILED)
		tell_failed(f, r);
	else if (!r->demoted) /* its driver is about to answer */
		move(f,
		     ofl_eng.fib->drivers ? OFL_STATE_SENT : OFL_STATE_WAITING,
		     reason, NULL);
}

static struct ofl_key kernel_key(const struct ofl_flow *f, bool *ret_ok)
{
	struct ofl_key key = f->key;

	*ret_ok = table_of(f->key.vrf, &key.vrf);
	return key;
}

void ofl_fib_judge(struct ofl_flow *f)
{
	struct ofl_fibview_route r = {.exists = false};
	struct ofl_key key;
	bool ok;

	key = kernel_key(f, &ok);
	if (ok) {
		ofl_fibview_worth_set(ofl_eng.fib->view, &key, true, f->cls,
				      f->weight);
		if (!ofl_fibview_find(ofl_eng.fib->view, &key, &r))
			r.exists = false;
	}
	tell(f, &r);
}

void ofl_fib_forget(const struct ofl_flow *f)
{
	struct ofl_key key;
	bool ok;

	if (!ofl_eng.fib)
		return;
	key = kernel_key(f, &ok);
	if (!ok)
		return;
	ofl_fibview_worth_set(ofl_eng.fib->view, &key, false, OFL_CLASS_NEVER,
			      0);
	ofl_fib_suspect(ofl_eng.fib, &key);
}

/* --- news of the view --- */

static void tell_outcome(struct ofl_fib *fib, const struct ofl_fibview_route *r)
{
	char buf[OFL_PREFIX_STRLEN], text[OFL_OUTCOME_TEXT];
	uint64_t now_us = ofl_clock_mono_us();

	ofl_prefix_print(&r->key.p, buf, sizeof(buf));
	if (r->given_up) {
		char above[OFL_PREFIX_STRLEN];

		snprintf(text, sizeof(text), "%s, by %s", buf,
			 ofl_prefix_print(&r->above.p, above, sizeof(above)));
		ofl_fib_event(fib, "fib-shadowed", text);
		if (fib->logged_us && now_us - fib->logged_us < LOG_EVERY_US)
			return;
		fib->logged_us = now_us;
		flog_warn(EC_OFL_FIB, "hardware forwards packets wrongly: %s",
			  text);
		return;
	}
	if (r->shadowed || (r->exists && r->state == OFL_FIB_NONE))
		return;
	for (unsigned int i = 0; i < OFL_FIB_TOLD; i++) {
		if (ofl_key_cmp(&fib->repaired[i], &r->key) != 0)
			continue;
		memset(&fib->repaired[i], 0, sizeof(fib->repaired[i]));
		ofl_fib_event(fib, "fib-mended", buf);
	}
}

bool ofl_fib_tell(struct ofl_fib *fib)
{
	struct ofl_fibview_route r;

	for (int i = 0; i < TOLD_A_TURN; i++) {
		struct ofl_flow *f = NULL;
		struct ofl_key key;

		if (!ofl_fibview_changed(fib->view, &r))
			return false;
		fib->drivers |= r.state != OFL_FIB_NONE;
		tell_outcome(fib, &r);
		key = r.key;
		if (ofl_engine_fib_vrf(r.key.vrf, &key.vrf))
			f = ofl_flowtab_find(ofl_eng.flows, &key);
		if (f && f->table == OFL_TABLE_FIB && !f->withdrawn && !f->held)
			tell(f, &r);
	}
	return true;
}

/* --- asked by northbound --- */

void ofl_fib_explain(const struct ofl_flow *f, struct ofl_explain *ret)
{
	struct ofl_fibview_route r;
	struct ofl_key key;
	bool ok;

	key = kernel_key(f, &ok);
	if (!ok || !ofl_fibview_find(ofl_eng.fib->view, &key, &r))
		return;
	if (r.state == OFL_FIB_OFFLOADED)
		ret->view.entry = OFL_ENTRY_REAL;
	else if (r.state == OFL_FIB_TRAPPED)
		ret->view.entry = OFL_ENTRY_PUNT;
	ret->view.want = ret->view.entry;
	ret->has_cover = r.has_above;
	ret->cover = r.above;
}

void ofl_engine_fib_status(struct ofl_fib_status *ret)
{
	const struct ofl_fib *fib = ofl_eng.fib;

	memset(ret, 0, sizeof(*ret));
	ret->conf = ofl_eng.conf->fib;
	ret->observed = fib;
	if (!fib)
		return;
	ret->drivers = fib->drivers;
	ofl_fibwatch_stats(fib->watch, &ret->watch);
	ofl_fibview_stats(fib->view, &ret->view);
	ret->written = fib->written;
	ret->refused = fib->refused;
	ret->has_resource = fib->has_resource;
	ret->used_slots = fib->used_slots;
	ret->capacity_slots = fib->capacity_slots;
	ret->above_high = fib->above_high;
	strlcpy(ret->resource_text, fib->resource_text,
		sizeof(ret->resource_text));
}

void ofl_engine_fib_shadowed_walk(bool (*cb)(const struct ofl_fibview_route *r,
					     void *arg),
				  void *arg)
{
	if (ofl_eng.fib)
		ofl_fibview_shadowed_walk(ofl_eng.fib->view, cb, arg);
}
