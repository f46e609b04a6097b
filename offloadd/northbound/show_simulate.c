// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload simulate`: what a table would hold, were it another.
 *
 * The answer of a small table is there at once.  Else the command says how far
 * it is, and the same command without a table shows the answer later.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "vrf.h"

#include "offloadd/engine/simulate.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_simulate_clippy.c"
#endif

#define SIMULATE_STR "What a table would hold, were it another; nothing is changed\n"

/* --- the question --- */

static void ask_limit(struct ofl_out *o, const char *key, const char *label,
		      const struct ofl_limit *l)
{
	char text[48];

	snprintf(text, sizeof(text), "%u %s", l->value,
		 l->percent ? "percent" : "slots");
	ofl_out_str(o, key, label, text);
}

static void ask_class(struct ofl_out *o, const struct ofl_simulate_ask *ask)
{
	char prefix[OFL_PREFIX_STRLEN], text[192];
	const char *cls = ofl_class_name(ask->cls);

	if (ask->whose == OFL_SIMULATE_LIST)
		snprintf(text, sizeof(text), "%s prefix-list %s", cls,
			 ask->list);
	else if (ask->whose == OFL_SIMULATE_RULE)
		snprintf(text, sizeof(text), "%s rule %u", cls, ask->rule);
	else
		snprintf(text, sizeof(text), "%s prefix %s ge %u le %u", cls,
			 ofl_prefix_print(&ask->prefix, prefix,
					  sizeof(prefix)),
			 ask->ge, ask->le);
	ofl_out_str(o, "class", "Class", text);
}

static void show_ask(struct ofl_out *o, const struct ofl_simulate_ask *ask)
{
	ofl_out_group_begin(o, "changes", "If it were");
	if (ask->set & OFL_SIMULATE_CAPACITY)
		ofl_out_uint(o, "capacity", "Capacity", ask->capacity_slots);
	if (ask->set & OFL_SIMULATE_HIGH)
		ask_limit(o, "high", "High watermark", &ask->high);
	if (ask->set & OFL_SIMULATE_LOW)
		ask_limit(o, "low", "Low watermark", &ask->low);
	if (ask->set & OFL_SIMULATE_RESERVE)
		ofl_out_uint(o, "reserve", "Reserve", ask->reserve_slots);
	if (ask->set & OFL_SIMULATE_CLASS)
		ask_class(o, ask);
	ofl_out_group_end(o, "changes");
}

/* --- the answer --- */

static void show_side(struct ofl_out *o, const char *key, const char *title,
		      const struct ofl_place_conf *limits,
		      uint32_t reserve_slots, const struct ofl_place_stats *p,
		      const struct ofl_place_certificate *c)
{
	ofl_out_group_begin(o, key, title);
	ofl_out_real(o, "hitPercent", "Hit share (%)",
		     ofl_simulate_percent(c->value + c->value_critical,
					  c->total + c->total_critical),
		     3);
	ofl_out_real(o, "hitPercentCritical", "... of critical routes",
		     ofl_simulate_percent(c->value_critical, c->total_critical), 3);
	ofl_out_real(o, "hitPercentBestEffort", "... of best effort",
		     ofl_simulate_percent(c->value, c->total), 3);
	ofl_out_uint(o, "capacity", "Capacity (slots)", limits->capacity_slots);
	ofl_out_uint(o, "used", "Used (slots)", p->used_slots);
	ofl_out_uint(o, "critical", "Of these critical", p->critical_slots);
	ofl_out_uint(o, "covers", "Of these covers", p->cover_slots);
	ofl_out_uint(o, "high", "High watermark", limits->high_slots);
	ofl_out_uint(o, "low", "Low watermark", limits->low_slots);
	ofl_out_uint(o, "reserve", "Reserve", reserve_slots);
	ofl_out_str(o, "admission", "Best effort",
		    p->closed ? "closed" : "open");
	ofl_out_uint(o, "waiting", "Waiting for a slot", p->waiting);
	ofl_out_group_end(o, key);
}

static void unfit_row(struct ofl_out *o, const struct ofl_whatif_unfit *u)
{
	const char *vrf = ofl_engine_vrf_name(u->key.vrf);
	char prefix[OFL_PREFIX_STRLEN], covers[64] = "more covers than can be";

	ofl_prefix_print(&u->key.p, prefix, sizeof(prefix));
	ofl_out_item_begin(o);
	ofl_out_str(o, "prefix", NULL, prefix);
	ofl_out_str(o, "vrf", NULL, vrf);
	ofl_out_str(o, "reason", NULL, ofl_reason_name(u->reason));
	if (u->cover_slots != UINT32_MAX) {
		ofl_out_uint(o, "coverSlots", NULL, u->cover_slots);
		snprintf(covers, sizeof(covers), "%u slots of covers",
			 u->cover_slots);
	}
	ofl_out_item_end(o);
	ofl_out_text(o, "    %s%s%s: %s (%s)\n", prefix,
		     u->key.vrf == VRF_DEFAULT ? "" : " VRF ",
		     u->key.vrf == VRF_DEFAULT ? "" : vrf, covers,
		     ofl_reason_name(u->reason));
}

static void show_moves(struct ofl_out *o, const struct ofl_simulate_status *st)
{
	const struct ofl_whatif_result *r = &st->then;
	unsigned int named = MIN(r->unfit_count, OFL_WHATIF_UNFIT);

	if (st->ask.set & OFL_SIMULATE_CLASS)
		ofl_out_uint(o, "reclassified", "Routes of another class",
			     st->reclassified);
	ofl_out_uint(o, "evictions", "Entries that leave", r->evictions);
	ofl_out_uint(o, "admissions", "Entries that come", r->admissions);
	ofl_out_uint(o, "coversRemoved", "Covers that leave",
		     r->covers_removed);
	ofl_out_uint(o, "coversAdded", "Covers that come", r->covers_added);
	ofl_out_uint(o, "sweeps", "Sweeps until it rests", r->sweeps);
	ofl_out_bool(o, "rests", r->rests ? NULL : "It rests then", r->rests);
	ofl_out_uint(o, "unfitCritical", "Critical without room",
		     r->unfit_count);
	ofl_out_array_begin(o, "unfit");
	for (unsigned int i = 0; i < named; i++)
		unfit_row(o, &r->unfit[i]);
	ofl_out_array_end(o);
	if (r->unfit_count > named)
		ofl_out_text(o, "    and %u more\n", r->unfit_count - named);
}

static void show_done(struct ofl_out *o, const struct ofl_simulate_status *st)
{
	ofl_out_uint(o, "routes", "Routes", st->then.stats.routes);
	ofl_out_uint(o, "changedMeanwhile", "Changes while they were read",
		     st->then.meanwhile);
	show_side(o, "now", "It was", &st->now_limits, st->now_reserve_slots,
		  &st->now, &st->now_certificate);
	show_side(o, "then", "It would be", &st->then.limits,
		  st->then_reserve_slots, &st->then.stats,
		  &st->then.certificate);
	show_moves(o, st);
}

static int show_status(struct vty *vty, bool is_json)
{
	const struct ofl_simulate_status *st = ofl_simulate_status();
	struct ofl_out o;

	ofl_out_begin(&o, vty, is_json);
	ofl_out_str(&o, "state", NULL, ofl_simulate_state_name(st->state));
	if (st->state == OFL_SIMULATE_NONE) {
		ofl_out_text(&o, "Nothing was simulated.\n");
		return ofl_out_end(&o);
	}
	ofl_out_text(&o, "Table %s\n", st->ask.table);
	ofl_out_str(&o, "table", NULL, st->ask.table);
	ofl_out_time(&o, "began", "Asked", st->began_us);
	ofl_out_uint(&o, "tookMs", NULL, st->took_us / 1000);
	ofl_out_uint(&o, "sliceMaxUs", NULL, st->slice_max_us);
	show_ask(&o, &st->ask);
	if (st->state == OFL_SIMULATE_RUNNING) {
		ofl_out_uint(&o, "percent", NULL, st->percent);
		ofl_out_text(&o, "In progress, about %u %% done: show offload simulate\n",
			     st->percent);
	} else if (st->state == OFL_SIMULATE_FAILED) {
		ofl_out_str(&o, "text", "Failed", st->text);
	} else {
		show_done(&o, st);
	}
	return ofl_out_end(&o);
}

/* --- commands --- */

static struct ofl_limit limit_of(const char *percent_str, long percent_value,
				 long slots_value)
{
	return (struct ofl_limit){
		.value = percent_str ? percent_value : slots_value,
		.percent = percent_str,
	};
}

static bool take_prefix(struct ofl_simulate_ask *ask, const char *text,
			const char *ge_str, long ge, const char *le_str,
			long le)
{
	uint32_t from = ge, to = le;

	return ofl_simulate_prefix_set(ask, text, ge_str ? &from : NULL,
				       le_str ? &to : NULL);
}

DEFPY(ofl_simulate, ofl_simulate_cmd,
	"show offload simulate WORD$ofl_table {"
	 "capacity (1-16777216)$capacity"
	 "|high-watermark <(1-100)$high_percent percent|(1-16777216)$high_slots slots>"
	 "|low-watermark <(1-100)$low_percent percent|(1-16777216)$low_slots slots>"
	 "|reserve (0-16777215)$reserve"
	 "|class <critical|best-effort|never>$cls"
	   " <prefix <A.B.C.D/M|X:X::X:X/M>$prefix [ge (0-128)$ge] [le (0-128)$le]"
	   "|prefix-list WORD$list"
	   "|rule (0-4294967295)$rule>"
	"} [json$json]",
	SHOW_STR
	OFL_STR
	SIMULATE_STR
	"Name of a table\n"
	"Size of the table\n"
	"Number of slots\n"
	"Best-effort routes are admitted up to here\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n"
	"Best-effort routes are admitted again below this\n"
	"Percent of the capacity\n"
	"The number is percent of the capacity\n"
	"Number of slots\n"
	"The number is slots\n"
	"Slots that best-effort routes may not use\n"
	"Number of slots\n"
	"Another class for some routes\n"
	"In hardware, whoever has to leave for it\n"
	"In hardware while there is room\n"
	"Never in hardware\n"
	"Routes of a prefix\n"
	"IPv4 prefix\n"
	"IPv6 prefix\n"
	"The shortest prefix length\n"
	"Bits\n"
	"The longest prefix length\n"
	"Bits\n"
	"Routes that a prefix-list permits\n"
	"Name of the prefix-list\n"
	"Routes that a rule decides about now\n"
	"Sequence number, 0 for the default class\n"
	JSON_STR)
{
	struct ofl_simulate_ask ask = {
		.capacity_slots = capacity,
		.high = limit_of(high_percent_str, high_percent, high_slots),
		.low = limit_of(low_percent_str, low_percent, low_slots),
		.reserve_slots = reserve,
		.rule = rule,
	};
	enum ofl_class c = OFL_CLASS_NEVER;
	char error[256];
	struct ofl_out o;

	strlcpy(ask.table, ofl_table, sizeof(ask.table));
	ask.set |= capacity_str ? OFL_SIMULATE_CAPACITY : 0;
	ask.set |= high_percent_str || high_slots_str ? OFL_SIMULATE_HIGH : 0;
	ask.set |= low_percent_str || low_slots_str ? OFL_SIMULATE_LOW : 0;
	ask.set |= reserve_str ? OFL_SIMULATE_RESERVE : 0;
	if (cls) {
		ask.set |= OFL_SIMULATE_CLASS;
		ofl_class_parse(cls, &c);
		ask.cls = c;
		ask.whose = prefix_str ? OFL_SIMULATE_PREFIX
			    : list     ? OFL_SIMULATE_LIST
				       : OFL_SIMULATE_RULE;
		if (list)
			strlcpy(ask.list, list, sizeof(ask.list));
	}
	ofl_out_begin(&o, vty, json);
	if (prefix_str && !take_prefix(&ask, prefix_str, ge_str, ge, le_str, le))
		return ofl_out_error(&o, "Lengths of %s go from its own to the longest of its family, ge before le.",
				     prefix_str);
	if (!ofl_simulate_begin(&ask, error, sizeof(error)))
		return ofl_out_error(&o, "%s", error);
	return show_status(vty, json);
}

DEFPY(ofl_show_simulate, ofl_show_simulate_cmd,
	"show offload simulate [json$json]",
	SHOW_STR
	OFL_STR
	SIMULATE_STR
	JSON_STR)
{
	return show_status(vty, json);
}

DEFPY(ofl_clear_simulate, ofl_clear_simulate_cmd,
	"clear offload simulate",
	CLEAR_STR
	OFL_STR
	"Forget what was simulated, or give up\n")
{
	if (ofl_simulate_clear())
		return CMD_SUCCESS;
	vty_out(vty, "%% Nothing was simulated.\n");
	return CMD_WARNING;
}

void ofl_show_simulate_init(void)
{
	install_element(ENABLE_NODE, &ofl_simulate_cmd);
	install_element(VIEW_NODE, &ofl_show_simulate_cmd);
	install_element(ENABLE_NODE, &ofl_clear_simulate_cmd);
}
