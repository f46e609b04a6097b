// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From facts to verdicts, and from placement's views to states: the two ends
 * of a flow's day.  Every change of state goes through ofl_outcome_move(),
 * which asks the flow room, tells the store, and keeps the sums.
 */
#include <zebra.h>

#include "log.h"
#include "vrf.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/names.h"
#include "offloadd/engine/ack.h"
#include "offloadd/engine/engine_private.h"

void ofl_outcome_count(struct ofl_flow *f, int sign)
{
	struct ofl_hw *t =
		f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;

	if (f->counted == (sign > 0))
		return;
	f->counted = sign > 0;
	ofl_eng.by_state[f->state] += sign;
	ofl_eng.by_class[f->cls] += sign;
	ofl_eng.by_reason[f->reason] += sign;
	ofl_eng.by_class_state[f->cls][f->state] += sign;
	if (t && f->state == OFL_STATE_ELIDED)
		t->elided += sign;
}

static void record_of(const struct ofl_flow *f, struct ofl_store_flow *r)
{
	*r = (struct ofl_store_flow){
		.flow_id = f->id,
		.key = f->key,
		.vrf = ofl_engine_vrf_name(f->key.vrf),
		.table = ofl_engine_table_name(f->table),
		.proto = ofl_proto_name(f->facts.proto),
		.text = f->text,
		.at_us = f->since_us,
		.from = f->state,
		.to = f->state,
		.reason = f->reason,
		.cls = f->cls,
		.rule = f->rule,
		.weight = f->weight,
		.traffic = ofl_traffic_stored(f),
	};
}

void ofl_outcome_move(struct ofl_flow *f, enum ofl_state to,
		      enum ofl_reason reason, const char *text, uint8_t op)
{
	enum ofl_state was = f->state;
	struct ofl_transition tr;
	struct ofl_store_flow r;
	bool illegal, changed;
	char buf[OFL_PREFIX_STRLEN];

	to = ofl_flow_state_for(f, to, reason);
	ofl_outcome_count(f, -1);
	changed = ofl_flow_transition(f, to, reason, text, op,
				      ofl_clock_wall_us(), &tr, &illegal);
	ofl_outcome_count(f, 1);
	ofl_notify_flow(f);
	ofl_ack_flow(f);
	if (illegal) {
		ofl_eng.illegal_transitions++;
		flog_err(EC_OFL_STATE, "%s: %s to %s (%s) is not legal",
			 ofl_prefix_print(&f->key.p, buf, sizeof(buf)),
			 ofl_state_name(f->state), ofl_state_name(to),
			 ofl_reason_name(reason));
	}
	if (changed)
		f->errnum = 0;
	if (!changed || (was == OFL_STATE_SEEN && ofl_restart_keeps(f, &was)))
		return;
	ofl_eng.transitions++;
	if (tr.to == OFL_STATE_FAILED)
		ofl_eng.failures[reason]++;
	ofl_debug(OFL_DEBUG_STATE, "%s vrf %u: %s -> %s (%s)",
		  ofl_prefix_print(&f->key.p, buf, sizeof(buf)), f->key.vrf,
		  ofl_state_name(tr.from), ofl_state_name(tr.to),
		  ofl_reason_name(reason));
	record_of(f, &r);
	r.from = was;
	r.op = op;
	f->restate = ofl_eng.restate_gen;
	ofl_store_put_flow(ofl_eng.store, &r);
}

/* --- facts to verdict --- */
/* Index of the table of this name; NULL: the only one, if there is only one. */
static uint8_t table_of(const char *name)
{
	uint8_t found = OFL_TABLE_NONE;
	unsigned int count = 0;

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t || t->retiring)
			continue;
		count++;
		if (!name || strcmp(name, t->conf.name) == 0)
			found = i;
	}
	return name || count == 1 ? found : OFL_TABLE_NONE;
}

void ofl_outcome_restate(const struct ofl_flow *f)
{
	struct ofl_store_flow r;

	record_of(f, &r);
	r.restate = true;
	ofl_store_put_flow(ofl_eng.store, &r);
	ofl_eng.restated_us = ofl_clock_wall_us();
}

static void set_verdict(struct ofl_flow *f)
{
	const struct ofl_flow was = *f;
	const struct ofl_policy *policy = ofl_eng.conf->policy;
	struct ofl_verdict v = ofl_classify(policy, &ofl_eng.env, f);

	if (!v.table && policy->default_table[0])
		v.table = policy->default_table;
	ofl_outcome_count(f, -1);
	f->cls = v.cls;
	f->rule = v.rule;
	f->weight = v.weight;
	f->offload_or_fail = v.offload_or_fail;
	f->table = table_of(v.table);
	if (f->table == OFL_TABLE_NONE && ofl_eng.fib)
		f->table = OFL_TABLE_FIB;
	else
		ofl_fib_forget(f);
	ofl_outcome_count(f, 1);
	ofl_notify_flow(f);
	ofl_ack_flow(f);
	if (f->state != OFL_STATE_SEEN &&
	    (f->cls != was.cls || f->rule != was.rule || f->table != was.table))
		ofl_outcome_restate(f);
}

/* Nothing of a withdrawn flow is left anywhere. */
static void end_flow(struct ofl_flow *f)
{
	ofl_outcome_move(f, OFL_STATE_GONE,
			 f->wait ? f->wait : OFL_REASON_WITHDRAWN, NULL,
			 OFL_OP_NONE);
	ofl_outcome_count(f, -1);
	ofl_notify_flow_gone(f);
	ofl_fib_forget(f);
	ofl_audit_flow_gone(f);
	ofl_traffic_flow_gone(f);
	ofl_flowtab_del(ofl_eng.flows, f);
}

static void withdraw(struct ofl_flow *f)
{
	ofl_notify_flow(f);
	if (!f->placed) {
		end_flow(f);
		return;
	}
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (f->placed & (1u << i))
			ofl_place_del(ofl_eng.tables[i]->place, &f->key);
	}
}

static void wait_without_table(struct ofl_flow *f)
{
	enum ofl_reason reason = OFL_REASON_NO_TABLE;

	if (f->wait)
		reason = f->wait;
	else if (f->cls == OFL_CLASS_NEVER)
		reason = OFL_REASON_RULE_NEVER;
	ofl_outcome_move(f, OFL_STATE_WAITING, reason, NULL, OFL_OP_NONE);
}

static void retell(struct ofl_flow *f);

/* Tell these tables of the route. */
static void place(struct ofl_flow *f, uint32_t tables)
{
	struct ofl_place_route r = {
		.cookie = ofl_cookie_of(f),
		.weight = ofl_traffic_weigh(f),
		.cls = f->cls,
		.why = f->wait ? f->wait : OFL_REASON_RULE_NEVER,
	};

	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!t || !(tables & (1u << i)))
			continue;
		/* Every table knows every route: one that belongs elsewhere
		 * must not be answered by a shorter entry here. */
		r.identity = 0;
		if (i == f->table && f->action)
			r.identity = f->action->id;
		f->placed |= 1u << i;
		if (r.identity)
			ofl_adopt_late(t, f);
		ofl_place_set(t->place, &f->key, &r);
	}
}

void ofl_outcome_weigh(struct ofl_flow *f)
{
	/* One that changed otherwise is told when it is judged. */
	if (!f->withdrawn && f->table < OFL_TABLES_MAX &&
	    (f->placed & (1u << f->table)))
		place(f, 1u << f->table);
}

void ofl_outcome_judge(struct ofl_flow *f)
{
	if (f->withdrawn) {
		withdraw(f);
		return;
	}
	set_verdict(f);
	place(f, UINT32_MAX);
	if (f->table == OFL_TABLE_FIB && !f->held)
		ofl_fib_judge(f);
	else if (f->table == OFL_TABLE_NONE && !f->held)
		wait_without_table(f);
	else if (f->reason == OFL_REASON_TABLE_DOWN)
		retell(f);
}

/* --- views to states --- */
static const struct ofl_refusal_text *refusal_of(const struct ofl_hw *t,
						 uint64_t cookie)
{
	for (unsigned int i = t->text_count; i > 0; i--) {
		if (t->texts[i - 1].cookie == cookie)
			return &t->texts[i - 1];
	}
	return NULL;
}

static void apply(struct ofl_hw *t, struct ofl_flow *f,
		  const struct ofl_place_view *v)
{
	enum ofl_reason reason = v->reason;
	const struct ofl_refusal_text *said = refusal_of(t, v->cookie);
	const char *text = said ? said->text : NULL;
	uint16_t errnum = said ? said->errnum : 0;

	/* A failure told before keeps the words it came with; those of what has
	 * to leave hardware stay until it has. */
	if (!text &&
	    ((v->state == OFL_STATE_FAILED &&
	      (f->state == OFL_STATE_LEAVING ||
	       (f->state == v->state && f->reason == reason))) ||
	     (v->state == OFL_STATE_LEAVING &&
	      (f->state == v->state || f->state == OFL_STATE_OFFLOADED)))) {
		text = f->text;
		errnum = f->errnum;
	}
	if (f->withdrawn && f->wait)
		reason = f->wait;
	else if (!t->ready && v->state == OFL_STATE_WAITING)
		reason = OFL_REASON_TABLE_DOWN;
	ofl_outcome_move(f, v->state, reason, text, v->last_op);
	f->errnum = errnum;
}

/* Its table is up again, and placement has nothing new to say of it. */
static void retell(struct ofl_flow *f)
{
	struct ofl_hw *t =
		f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;
	struct ofl_place_view v;

	if (t && t->ready && f->state == OFL_STATE_WAITING &&
	    ofl_place_view(t->place, &f->key, &v))
		apply(t, f, &v);
}

/* How a flow stands: by the view of its own table, unless another that it
 * belonged to still has its entry. */
static void tell(struct ofl_hw *t, struct ofl_flow *f,
		 const struct ofl_place_view *v)
{
	struct ofl_hw *own =
		f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;
	struct ofl_place_view own_view;

	if (f->held & ~(own ? 1u << own->index : 0))
		ofl_outcome_move(f, OFL_STATE_LEAVING, OFL_REASON_CLASS_CHANGED,
				 NULL, OFL_OP_NONE);
	else if (own == t)
		apply(t, f, v);
	else if (f->state != OFL_STATE_LEAVING)
		return; /* not this table's business */
	else if (own && ofl_place_view(own->place, &f->key, &own_view))
		apply(own, f, &own_view);
	else if (f->table == OFL_TABLE_FIB && !f->withdrawn)
		ofl_fib_judge(f);
	else if (!f->withdrawn)
		wait_without_table(f);
}

/* False: there was none. */
static bool drain_one(struct ofl_hw *t)
{
	uint32_t bit = 1u << t->index;
	struct ofl_place_view v;
	struct ofl_flow *f;

	if (!ofl_place_changed(t->place, &v))
		return false;
	f = ofl_flow_of(v.cookie);
	if (!f)
		return true; /* of an earlier life, and nobody's now */
	f->held &= ~bit;
	if (v.entry == OFL_ENTRY_REAL || v.state == OFL_STATE_SENT)
		f->held |= bit;
	if (!v.gone) {
		tell(t, f, &v);
		return true;
	}
	f->placed &= ~bit;
	if (f->withdrawn && !f->placed)
		end_flow(f);
	return true;
}

bool ofl_outcome_drain_some(struct ofl_hw *t, unsigned int budget)
{
	bool more = true;

	while (more && budget--)
		more = drain_one(t);
	t->untold = more;
	if (!more)
		t->text_count = 0; /* who was refused has been told why */
	return more;
}

void ofl_outcome_drain(struct ofl_hw *t)
{
	while (drain_one(t))
		;
	t->untold = false;
}

/* --- the store asks for everything again --- */
#define RESTATE_BATCH 512
#define RESTATE_MS 3
#define RESTATE_FULL_MS 200

static void restate_one(struct ofl_flow *f, void *arg)
{
	struct ofl_store_flow r;

	if (f->restate == ofl_eng.restate_gen || f->state == OFL_STATE_SEEN)
		return;
	f->restate = ofl_eng.restate_gen;
	record_of(f, &r);
	r.restate = true;
	ofl_store_put_flow(ofl_eng.store, &r);
}

/* A few at a time, and not more than half of the store's queue takes. */
static void restate(struct ofl_ev *ev)
{
	uint32_t room = ofl_store_room(ofl_eng.store);

	if (room)
		ofl_flowtab_walk_some(ofl_eng.flows, &ofl_eng.restate_at,
				      MIN(room, RESTATE_BATCH), restate_one,
				      NULL);
	if (!room || ofl_eng.restate_at)
		ofl_ev_timer_ms(ofl_eng.loop, restate, NULL,
				room ? RESTATE_MS : RESTATE_FULL_MS,
				&ofl_eng.restate_ev);
	else if (ofl_eng.settled && !ofl_restart_is_on())
		ofl_store_sweep(ofl_eng.store);
}

void ofl_outcome_restate_begin(void)
{
	ofl_eng.restate_gen++;
	ofl_eng.restate_at = 0;
	ofl_ev_off(ofl_eng.restate_ev);
	ofl_ev_timer_ms(ofl_eng.loop, restate, NULL, 100, &ofl_eng.restate_ev);
}
