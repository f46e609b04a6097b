// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a table would become: see whatif.h.
 *
 * A node is copied with its plan, its entry and its age, so that whoever is in
 * has the rights there that it has here: hysteresis and residence decide about
 * the copy as they would about the table.  What can be computed is not copied:
 * sums are made again, and if routes changed between two steps of the copy
 * every route is decided about once, which mends what does not fit together.
 *
 * The copy belongs to nobody, so its cookies are free: they keep what entry a
 * node had when it was copied.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/round.h"
#include "offloadd/placement/whatif.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_WHATIF, "offload placement what-if");

enum stage {
	COPYING,
	SUMMING,
	CALMING,  /* nothing is to be decided */
	TOUCHING, /* every route is to be decided about */
	RESTING,  /* until nothing is to be decided */
	READY,	  /* to be changed */
	RUNNING,
	COMPARING,
	DONE,
	FREEING,
};

struct ofl_whatif {
	struct ofl_place *from; /* NULL: it is copied */
	struct ofl_place *place;
	uint8_t stage;	  /* enum stage */
	uint64_t at;	  /* of a scan */
	uint64_t changes; /* of `from` when the copy began */
	uint32_t routes;  /* of `from` when the copy began */
	uint32_t seen;	  /* routes met in this stage */
	bool is_even;	  /* nothing changed while it was copied */
	unsigned int sweeps;
	uint64_t writes, writes_before; /* the last sweep */
	struct ofl_whatif_result result;
};

struct ofl_whatif *ofl_whatif_new(struct ofl_place *from)
{
	struct ofl_whatif *w = XCALLOC(MTYPE_OFL_WHATIF, sizeof(*w));
	struct ofl_place *p = ofl_place_new(&from->conf);
	bool is_busy = from->round->stage != IDLE;

	w->from = from;
	w->place = p;
	w->changes = from->changes;
	w->routes = from->st.routes;
	p->learned_slots = from->learned_slots;
	p->mark = from->mark;
	p->price = from->price;
	p->exact = from->exact;
	*p->round = *from->round;
	p->round->search = NULL;
	p->round->pin = NULL;
	p->round->at = p->round->patrol = 0;
	p->round->stage = IDLE;
	if (is_busy)
		p->round->due |= DUE_SWEEP;
	return w;
}

bool ofl_whatif_free_some(struct ofl_whatif *w, unsigned int budget)
{
	struct ofl_place *p = w->place;

	if (w->stage != FREEING) {
		ofl_lpm_queue_fini(&p->changed);
		ofl_lpm_queue_fini(&p->dirty);
		w->stage = FREEING;
	}
	if (ofl_exec_clear_some(p, budget) || ofl_lpm_clear_some(p, budget))
		return true;
	ofl_place_free(p);
	XFREE(MTYPE_OFL_WHATIF, w);
	return false;
}

void ofl_whatif_free(struct ofl_whatif *w)
{
	while (w && ofl_whatif_free_some(w, 1024))
		;
}

/* --- the copy --- */

/* What is asked of hardware counts as answered. */
static void copy_hardware(struct ofl_lpm_node *to,
			  const struct ofl_lpm_node *from)
{
	bool in_flight = from->op != OFL_OP_NONE;

	to->hw = in_flight ? from->op_entry : from->hw;
	to->hw_identity = in_flight ? from->op_identity : from->hw_identity;
	to->last_op = in_flight ? from->op : from->last_op;
	to->cookie = to->hw;
}

static void copy_node(struct ofl_place *p, const struct ofl_place *from_place,
		      const struct ofl_lpm_node *from)
{
	struct ofl_key key = ofl_lpm_key(from_place, from);
	struct ofl_lpm_node *n;
	bool is_new;

	n = ofl_lpm_get(p, &key, &is_new);
	if (!is_new)
		return; /* it went and came back elsewhere in memory */
	n->identity = from->identity;
	n->weight = from->weight;
	n->cls = from->cls;
	n->why = from->why;
	n->route = from->route;
	n->answered = from->answered;
	n->want = from->want;
	n->fail = from->fail;
	n->reason = from->reason;
	n->punt_failed = from->punt_failed;
	n->hard_failed = from->hard_failed;
	n->age = from->age;
	n->pin = from->pin;
	n->renewed = from->renewed;
	copy_hardware(n, from);
	p->st.routes += n->route;
	p->st.eligible += n->route && n->identity;
	if (n->hw != OFL_ENTRY_NONE)
		p->st.used_slots += ofl_lpm_cost(p, n);
	ofl_choice_account(p, n, 1);
	ofl_place_set_stuck(p, n, from->del_failed);
	ofl_bare_refresh(n);
	ofl_exec_touch(p, n);
}

/* Every tree is to be summed. */
static void begin_sums(struct ofl_place *p)
{
	for (uint32_t i = 0; i < p->tree_size; i++) {
		if (!p->tree[i])
			continue;
		p->tree[i]->sum = OFL_SUM_NONE;
		p->tree[i]->top = (struct ofl_worth){0};
	}
}

static void end_copy(struct ofl_whatif *w)
{
	w->result.meanwhile = w->from->changes - w->changes;
	w->is_even = !w->result.meanwhile && ofl_choice_is_idle(w->from);
	w->from = NULL;
	w->at = 0;
	begin_sums(w->place);
	w->stage = SUMMING;
}

/* Memory that was given back looks like this, too. */
static bool is_nothing(const struct ofl_lpm_node *n)
{
	return !n->route && n->hw == OFL_ENTRY_NONE && n->op == OFL_OP_NONE &&
	       n->want == OFL_ENTRY_NONE;
}

static void copy_some(struct ofl_whatif *w, unsigned int budget)
{
	for (; budget; budget--) {
		struct ofl_lpm_node *n = ofl_lpm_scan(w->from, &w->at);

		if (!n) {
			end_copy(w);
			return;
		}
		if (is_nothing(n))
			continue;
		copy_node(w->place, w->from, n);
		w->seen++;
	}
}

/* The sums had what is near them decided again, which nothing asked for. */
static void calm_some(struct ofl_whatif *w, unsigned int budget)
{
	for (; budget; budget--) {
		struct ofl_lpm_node *n = ofl_lpm_queue_pop(&w->place->dirty);

		if (!n) {
			w->stage = RESTING;
			return;
		}
		n->dirty = false;
	}
}

static void touch_some(struct ofl_whatif *w, unsigned int budget)
{
	for (; budget; budget--) {
		struct ofl_lpm_node *n = ofl_lpm_scan(w->place, &w->at);

		if (!n) {
			w->at = 0;
			w->stage = RESTING;
			return;
		}
		if (n->route || n->want != OFL_ENTRY_NONE)
			ofl_choice_touch(w->place, n);
	}
}

bool ofl_whatif_copy(struct ofl_whatif *w, unsigned int budget)
{
	switch (w->stage) {
	case COPYING:
		copy_some(w, budget);
		break;
	case SUMMING:
		if (!ofl_value_run(w->place, budget))
			w->stage = w->is_even ? CALMING : TOUCHING;
		break;
	case CALMING:
		calm_some(w, budget);
		break;
	case TOUCHING:
		touch_some(w, budget);
		break;
	case RESTING:
		if (!ofl_place_plan(w->place, budget))
			w->stage = READY;
		break;
	default:
		break;
	}
	return w->stage < READY;
}

/* --- the change --- */

void ofl_whatif_limits(struct ofl_whatif *w, const struct ofl_place_conf *conf)
{
	struct ofl_place *p = w->place;
	bool same = conf->capacity_slots == p->conf.capacity_slots;
	struct ofl_place_conf limits = *conf;
	uint32_t learned_slots = p->learned_slots;

	/* It is about traffic, not one of the limits that are tried. */
	limits.least_gain = p->conf.least_gain;
	ofl_place_conf_set(p, &limits);
	if (!same)
		return;
	/* The hardware would refuse again what it refused. */
	p->learned_slots = learned_slots;
	ofl_choice_limits(p);
}

bool ofl_whatif_class(struct ofl_whatif *w, const struct ofl_key *key,
		      uint8_t cls, uint32_t identity)
{
	struct ofl_lpm_node *n = ofl_lpm_find(w->place, key);
	struct ofl_place_route r;

	if (!n || !n->route || n->cls == cls)
		return false;
	r = (struct ofl_place_route){
		.cookie = n->cookie,
		.identity = identity,
		.weight = n->weight,
		.cls = cls,
		.why = cls == OFL_CLASS_NEVER ? OFL_REASON_RULE_NEVER : n->why,
	};
	return ofl_place_set(w->place, key, &r);
}

/* --- the run --- */

/* Answer what is asked; true: there may be more. */
static bool answer_some(struct ofl_whatif *w, unsigned int budget)
{
	struct ofl_place *p = w->place;
	struct ofl_outcome outcome = {.status = OFL_STATUS_OK};
	struct ofl_op op;

	for (; budget; budget--) {
		if (!ofl_place_next(p, &op))
			return false;
		outcome.op_id = op.id;
		ofl_place_done(p, &outcome);
		w->writes++;
	}
	return true;
}

static void count_entry(struct ofl_whatif_result *r, uint8_t before,
			uint8_t after)
{
	if (before == after)
		return;
	r->evictions += before == OFL_ENTRY_REAL;
	r->admissions += after == OFL_ENTRY_REAL;
	r->covers_removed += before == OFL_ENTRY_PUNT;
	r->covers_added += after == OFL_ENTRY_PUNT;
}

/* Nobody is told of views, but who is gone has to go. */
static bool forget_some(struct ofl_whatif *w, unsigned int budget)
{
	struct ofl_place_view v;

	for (; budget; budget--) {
		if (!ofl_place_changed(w->place, &v))
			return false;
		if (v.gone)
			count_entry(&w->result, v.cookie, OFL_ENTRY_NONE);
	}
	return true;
}

/* A step as an engine makes it; false: nothing moves. */
static bool work(struct ofl_whatif *w, unsigned int budget)
{
	struct ofl_place *p = w->place;
	bool more;

	if (ofl_place_plan(p, budget))
		return true;
	more = ofl_round_is_due(p);
	if (more) {
		ofl_place_improve(p, budget);
		if (ofl_place_plan(p, budget))
			return true;
	}
	more |= answer_some(w, budget);
	more |= forget_some(w, budget);
	return more || !ofl_choice_is_idle(p);
}

/* It rests until the next sweep; false: no sweep changes anything any more.
 * Entries may be exchanged only when they are old enough: as many sweeps may do
 * nothing before one does. */
static bool sweep(struct ofl_whatif *w)
{
	struct ofl_place *p = w->place;

	if (w->sweeps && w->writes != w->writes_before)
		w->result.sweeps = w->sweeps;
	if (w->sweeps - w->result.sweeps > p->conf.residence_sweeps)
		return false;
	if (w->sweeps == OFL_WHATIF_SWEEPS) {
		w->result.rests = w->result.sweeps < w->sweeps;
		return false;
	}
	if (p->conf.optional_burst)
		ofl_place_refill(p, p->conf.optional_burst);
	ofl_place_sweep(p);
	w->writes_before = w->writes;
	w->sweeps++;
	return ofl_round_is_due(p);
}

static void begin_comparing(struct ofl_whatif *w)
{
	w->at = 0;
	w->seen = 0;
	w->stage = COMPARING;
}

static void run_some(struct ofl_whatif *w, unsigned int budget)
{
	if (w->stage == READY) {
		w->result.rests = true;
		w->stage = RUNNING;
	}
	if (!work(w, budget) && !sweep(w))
		begin_comparing(w);
}

/* --- the result --- */

/* Could hardware answer it, if there were room? */
static bool is_unfit(const struct ofl_lpm_node *n)
{
	return n->route && n->cls == OFL_CLASS_CRITICAL && !n->answered &&
	       ofl_value_can_be_answered(n) &&
	       (n->fail == OFL_REASON_NONE ||
		n->fail == OFL_REASON_COVER_LIMIT);
}

static void note_unfit(struct ofl_whatif_result *r, const struct ofl_key *key)
{
	unsigned int at = MIN(r->unfit_count, OFL_WHATIF_UNFIT);

	r->unfit_count++;
	for (; at > 0 && ofl_key_cmp(&r->unfit[at - 1].key, key) > 0; at--) {
		if (at < OFL_WHATIF_UNFIT)
			r->unfit[at] = r->unfit[at - 1];
	}
	if (at < OFL_WHATIF_UNFIT)
		r->unfit[at].key = *key;
}

static void finish(struct ofl_whatif *w)
{
	struct ofl_whatif_result *r = &w->result;
	struct ofl_place *p = w->place;

	for (unsigned int i = 0; i < MIN(r->unfit_count, OFL_WHATIF_UNFIT);
	     i++) {
		struct ofl_whatif_unfit *u = &r->unfit[i];
		struct ofl_lpm_node *n = ofl_lpm_find(p, &u->key);
		struct ofl_place_view v;

		if (!ofl_closure_count(p, n, n->identity, UINT32_MAX,
				       &u->cover_slots))
			u->cover_slots = UINT32_MAX;
		if (ofl_place_view(p, &u->key, &v))
			u->reason = v.reason;
	}
	r->limits = p->conf;
	ofl_place_stats(p, &r->stats);
	ofl_place_certificate(p, &r->certificate);
	w->stage = DONE;
}

static void compare_some(struct ofl_whatif *w, unsigned int budget)
{
	for (; budget; budget--) {
		struct ofl_lpm_node *n = ofl_lpm_scan(w->place, &w->at);
		struct ofl_key key;

		if (!n) {
			finish(w);
			return;
		}
		if (is_nothing(n))
			continue;
		count_entry(&w->result, n->cookie, n->hw);
		if (is_unfit(n)) {
			key = ofl_lpm_key(w->place, n);
			note_unfit(&w->result, &key);
		}
	}
}

bool ofl_whatif_run(struct ofl_whatif *w, unsigned int budget)
{
	if (w->stage == COMPARING)
		compare_some(w, budget);
	else
		run_some(w, budget);
	return w->stage != DONE;
}

const struct ofl_whatif_result *ofl_whatif_result(const struct ofl_whatif *w)
{
	return &w->result;
}

/* The copy is a third of the work or so; how many rounds follow is not known
 * before. */
unsigned int ofl_whatif_percent(const struct ofl_whatif *w)
{
	static const uint8_t done[] = {
		[COPYING] = 0,	 [SUMMING] = 35,   [CALMING] = 40,
		[TOUCHING] = 40, [RESTING] = 45,   [READY] = 55,
		[RUNNING] = 60,	 [COMPARING] = 95, [DONE] = 100,
		[FREEING] = 100,
	};
	unsigned int more = 0;

	if (w->stage == COPYING && w->routes)
		more = MIN((uint64_t)w->seen * 35 / w->routes, 34);
	else if (w->stage == RUNNING)
		more = 2 * w->sweeps;
	return done[w->stage] + more;
}
