// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations `simulate` and `simulation`: `show offload simulate` for
 * programs (show_simulate.c).  Neither waits for an answer.
 */
#include <zebra.h>

#include "offloadd/base/rpc.h"
#include "offloadd/engine/simulate.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/state.h"

/* --- the question --- */

static void take_limit(const struct nb_cb_rpc_args *args, const char *name,
		       uint32_t bit, struct ofl_simulate_ask *ask,
		       struct ofl_limit *ret)
{
	static const char *const units[] = {"percent", "slots"};
	const char *value;
	char path[64];

	for (size_t i = 0; i < array_size(units); i++) {
		snprintf(path, sizeof(path), "%s/%s", name, units[i]);
		value = ofl_rpc_input(args, path);
		if (!value)
			continue;
		ask->set |= bit;
		ret->value = ofl_state_number(value);
		ret->percent = i == 0;
	}
}

static bool take_number(const struct nb_cb_rpc_args *args, const char *name,
			uint32_t *ret)
{
	const char *value = ofl_rpc_input(args, name);

	if (value)
		*ret = ofl_state_number(value);
	return value;
}

/* NULL, or what is wrong. */
static const char *take_class(const struct nb_cb_rpc_args *args,
			      struct ofl_simulate_ask *ask)
{
	const char *cls = ofl_rpc_input(args, "class");
	const char *prefix = ofl_rpc_input(args, "prefix");
	const char *list = ofl_rpc_input(args, "prefix-list");
	const char *rule = ofl_rpc_input(args, "rule");
	enum ofl_class c = OFL_CLASS_NEVER;
	bool has_ge, has_le;
	uint32_t ge, le;

	has_ge = take_number(args, "ge", &ge);
	has_le = take_number(args, "le", &le);
	if (!!prefix + !!list + !!rule != !!cls)
		return "class goes with one of prefix, prefix-list and rule.";
	if ((has_ge || has_le) && !prefix)
		return "ge and le go with prefix.";
	if (!cls)
		return NULL;
	if (!ofl_class_parse(cls, &c))
		return "There is no such class.";
	ask->set |= OFL_SIMULATE_CLASS;
	ask->cls = c;
	if (prefix)
		return ofl_simulate_prefix_set(ask, prefix, has_ge ? &ge : NULL,
					       has_le ? &le : NULL)
			       ? NULL
			       : "Lengths of a prefix go from its own to the "
				 "longest of its family, ge before le.";
	ask->whose = list ? OFL_SIMULATE_LIST : OFL_SIMULATE_RULE;
	if (list)
		strlcpy(ask->list, list, sizeof(ask->list));
	else
		ask->rule = ofl_state_number(rule);
	return NULL;
}

/* NULL, or what is wrong. */
static const char *take_ask(const struct nb_cb_rpc_args *args,
			    struct ofl_simulate_ask *ask)
{
	const char *table = ofl_rpc_input(args, "table"), *error;

	if (!table)
		return "There is no table named.";
	strlcpy(ask->table, table, sizeof(ask->table));
	if (take_number(args, "capacity", &ask->capacity_slots))
		ask->set |= OFL_SIMULATE_CAPACITY;
	if (take_number(args, "reserve", &ask->reserve_slots))
		ask->set |= OFL_SIMULATE_RESERVE;
	take_limit(args, "high-watermark", OFL_SIMULATE_HIGH, ask, &ask->high);
	take_limit(args, "low-watermark", OFL_SIMULATE_LOW, ask, &ask->low);
	error = take_class(args, ask);
	if (!error && !ask->set)
		error = "Nothing is to be another.";
	return error;
}

/* --- the answer --- */

static void put_number(struct nb_cb_rpc_args *args, const char *at,
		       const char *name, uint64_t value)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "%s%s", at, name);
	snprintf(text, sizeof(text), "%" PRIu64, value);
	ofl_rpc_output(args, path, text);
}

static void put_share(struct nb_cb_rpc_args *args, const char *at,
		      const char *name, double part, double whole)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "%s%s", at, name);
	snprintf(text, sizeof(text), "%.3f", ofl_simulate_percent(part, whole));
	ofl_rpc_output(args, path, text);
}

static void put_side(struct nb_cb_rpc_args *args, const char *at,
		     const struct ofl_place_conf *limits,
		     uint32_t reserve_slots, const struct ofl_place_stats *p,
		     const struct ofl_place_certificate *c)
{
	char path[64];

	put_share(args, at, "hit-percent", c->value + c->value_critical,
		  c->total + c->total_critical);
	put_share(args, at, "hit-percent-critical", c->value_critical,
		  c->total_critical);
	put_share(args, at, "hit-percent-best-effort", c->value, c->total);
	put_number(args, at, "capacity", limits->capacity_slots);
	put_number(args, at, "used", p->used_slots);
	put_number(args, at, "critical", p->critical_slots);
	put_number(args, at, "covers", p->cover_slots);
	put_number(args, at, "high", limits->high_slots);
	put_number(args, at, "low", limits->low_slots);
	put_number(args, at, "reserve", reserve_slots);
	snprintf(path, sizeof(path), "%sclosed", at);
	ofl_rpc_output(args, path, p->closed ? "true" : "false");
	put_number(args, at, "waiting", p->waiting);
}

static void put_unfit(struct nb_cb_rpc_args *args,
		      const struct ofl_whatif_unfit *u)
{
	char prefix[OFL_PREFIX_STRLEN], vrf[OFL_NAME_LEN], at[192];
	char path[256], text[32];

	snprintf(at, sizeof(at), "unfit[vrf='%s'][prefix='%s']/",
		 ofl_state_vrf_print(u->key.vrf, vrf, sizeof(vrf)),
		 ofl_prefix_print(&u->key.p, prefix, sizeof(prefix)));
	snprintf(path, sizeof(path), "%sreason", at);
	ofl_rpc_output(args, path, ofl_reason_name(u->reason));
	if (u->cover_slots == UINT32_MAX)
		return;
	snprintf(path, sizeof(path), "%scover-slots", at);
	snprintf(text, sizeof(text), "%u", u->cover_slots);
	ofl_rpc_output(args, path, text);
}

static void put_answer(struct nb_cb_rpc_args *args,
		       const struct ofl_simulate_status *st)
{
	const struct ofl_whatif_result *r = &st->then;

	put_number(args, "", "routes", r->stats.routes);
	put_number(args, "", "changed-meanwhile", r->meanwhile);
	put_side(args, "now/", &st->now_limits, st->now_reserve_slots, &st->now,
		 &st->now_certificate);
	put_side(args, "then/", &r->limits, st->then_reserve_slots, &r->stats,
		 &r->certificate);
	if (st->ask.set & OFL_SIMULATE_CLASS)
		put_number(args, "", "reclassified", st->reclassified);
	put_number(args, "", "evictions", r->evictions);
	put_number(args, "", "admissions", r->admissions);
	put_number(args, "", "covers-removed", r->covers_removed);
	put_number(args, "", "covers-added", r->covers_added);
	put_number(args, "", "sweeps", r->sweeps);
	ofl_rpc_output(args, "rests", r->rests ? "true" : "false");
	put_number(args, "", "unfit-critical", r->unfit_count);
	for (unsigned int i = 0; i < MIN(r->unfit_count, OFL_WHATIF_UNFIT); i++)
		put_unfit(args, &r->unfit[i]);
}

int ofl_nb_simulation(struct nb_cb_rpc_args *args)
{
	const struct ofl_simulate_status *st = ofl_simulate_status();
	char time[OFL_LEAF_LEN];

	ofl_rpc_output(args, "state", ofl_simulate_state_name(st->state));
	if (st->state == OFL_SIMULATE_NONE)
		return NB_OK;
	ofl_rpc_output(args, "table", st->ask.table);
	if (ofl_state_time_print(st->began_us, time, sizeof(time)))
		ofl_rpc_output(args, "began", time);
	put_number(args, "", "percent", st->percent);
	if (st->state == OFL_SIMULATE_FAILED)
		ofl_rpc_output(args, "text", st->text);
	else if (st->state == OFL_SIMULATE_DONE)
		put_answer(args, st);
	return NB_OK;
}

int ofl_nb_simulate(struct nb_cb_rpc_args *args)
{
	struct ofl_simulate_ask ask = {.table = ""};
	const char *error = take_ask(args, &ask);
	char text[256];

	if (!error && !ofl_simulate_begin(&ask, text, sizeof(text)))
		error = text;
	if (!error)
		return ofl_nb_simulation(args);
	snprintf(args->errmsg, args->errmsg_len, "%s", error);
	return NB_ERR;
}
