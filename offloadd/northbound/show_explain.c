// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload explain`: a route, or an entry of an access control list, in
 * sentences.  The sentences are explain.c's; the numbers in JSON are those in
 * them.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"
#include "vrf.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/explain.h"
#include "offloadd/northbound/show_out.h"
#include "offloadd/northbound/show_traffic.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_explain_clippy.c"
#endif

/* --- a route --- */

static void show_need(struct ofl_out *o, const struct ofl_explained *x)
{
	const struct ofl_place_need *n = &x->need;

	if (!x->has_need)
		return;
	ofl_out_group_begin(o, "cost", NULL);
	ofl_out_uint(o, "ownSlots", NULL, n->own_slots);
	ofl_out_uint(o, "covers", NULL, n->covers);
	ofl_out_uint(o, "coverSlots", NULL, n->cover_slots);
	ofl_out_uint(o, "moreSlots", NULL, n->more_slots);
	ofl_out_bool(o, "allCounted", NULL, !n->eligible || n->counted);
	ofl_out_group_end(o, "cost");
	ofl_out_group_begin(o, "room", NULL);
	ofl_out_str(o, "limit", NULL,
		    n->critical ? "capacity" : "high-watermark");
	ofl_out_uint(o, "limitSlots", NULL, n->limit_slots);
	ofl_out_uint(o, "plannedSlots", NULL, n->planned_slots);
	ofl_out_uint(o, "missingSlots", NULL, ofl_explained_missing(x));
	ofl_out_str(o, "admission", NULL, n->closed ? "closed" : "open");
	if (n->valued) {
		ofl_out_real(o, "gain", NULL, n->gain, 3);
		ofl_out_real(o, "price", NULL, n->price, 3);
	}
	ofl_out_group_end(o, "room");
}

static void show_facts(struct ofl_out *o, const struct ofl_explained *x)
{
	const struct ofl_flow *f = x->e.flow;
	const char *table = ofl_engine_table_name(f->table);
	char prefix[OFL_PREFIX_STRLEN];

	ofl_out_uint(o, "id", NULL, f->id);
	ofl_out_str(o, "state", NULL, ofl_state_name(f->state));
	ofl_out_str(o, "reason", NULL, ofl_reason_name(f->reason));
	if (o->is_json)
		ofl_out_time(o, "since", NULL, f->since_us);
	ofl_out_bool(o, "held", NULL, f->retained);
	if (f->text)
		ofl_out_str(o, "text", NULL, f->text);
	if (f->errnum)
		ofl_out_uint(o, "errno", NULL, f->errnum);
	if (table)
		ofl_out_str(o, "table", NULL, table);
	ofl_out_str(o, "class", NULL, ofl_class_name(f->cls));
	ofl_out_uint(o, "rule", NULL, f->rule);
	ofl_out_uint(o, "weight", NULL, f->weight);
	if (x->e.has_cover)
		ofl_out_str(o, "cover", NULL,
			    ofl_prefix_print(&x->e.cover.p, prefix,
					     sizeof(prefix)));
	show_need(o, x);
	if (x->has_traffic)
		ofl_show_traffic_of(o, NULL, &x->traffic, x->counted);
}

static void show_answers(struct ofl_out *o, const struct ofl_explained *x)
{
	char text[OFL_ANSWER_LEN];

	ofl_out_group_begin(o, "answers", NULL);
	for (int q = 0; q < OFL_ASK_MAX; q++)
		if (ofl_explained_answer(x, q, text, sizeof(text)))
			ofl_out_str(o, ofl_question_key(q),
				    ofl_question_label(q), text);
	ofl_out_group_end(o, "answers");
}

static int show_explained(struct ofl_out *o, uint32_t vrf,
			  const struct ofl_prefix *asked, bool is_address)
{
	char prefix[OFL_PREFIX_STRLEN], text[OFL_ANSWER_LEN];
	struct ofl_key key = {.vrf = vrf, .p = *asked};
	struct ofl_explained x;
	bool is_known;

	is_known = (!is_address || ofl_engine_longest(vrf, asked, &key)) &&
		   ofl_explained_get(&key, &x);
	ofl_prefix_print(asked, prefix, sizeof(prefix));
	ofl_out_str(o, "asked", NULL, prefix);
	ofl_out_str(o, "vrf", NULL, ofl_engine_vrf_name(vrf));
	ofl_out_bool(o, "known", NULL, is_known);
	if (!is_known) {
		is_known = ofl_explain_unknown(vrf, asked, text, sizeof(text),
					       &key) &&
			   ofl_explained_get(&key, &x);
		ofl_out_str(o, "unknown", NULL, text);
		ofl_out_text(o, "%s\n", text);
	}
	if (!is_known)
		return ofl_out_end(o);
	ofl_prefix_print(&key.p, prefix, sizeof(prefix));
	ofl_out_text(o, "Route %s, VRF %s\n", prefix, ofl_engine_vrf_name(vrf));
	ofl_out_str(o, "prefix", NULL, prefix);
	show_facts(o, &x);
	show_answers(o, &x);
	return ofl_out_end(o);
}

DEFPY(ofl_show_explain, ofl_show_explain_cmd,
	"show offload explain <A.B.C.D|A.B.C.D/M|X:X::X:X|X:X::X:X/M>$prefix [vrf NAME$vrf_name] [json$json]",
	SHOW_STR
	OFL_STR
	"Why a route, or an entry, stands as it does, in sentences\n"
	"The route that an IPv4 address matches\n"
	"An IPv4 route\n"
	"The route that an IPv6 address matches\n"
	"An IPv6 route\n"
	"In one VRF\n"
	"Name of the VRF\n"
	JSON_STR)
{
	uint32_t vrf = VRF_DEFAULT;
	struct ofl_prefix asked;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!ofl_prefix_parse(prefix, true, &asked))
		return ofl_out_error(&o, "%s is not a prefix.", prefix);
	if (vrf_name && !ofl_engine_vrf_find(vrf_name, &vrf))
		return ofl_out_error(&o, "There is no VRF %s.", vrf_name);
	if (vrf == VRF_UNKNOWN)
		return ofl_out_error(&o, "VRF %s is configured, but not there.",
				     vrf_name);
	return show_explained(&o, vrf, &asked, !strchr(prefix, '/'));
}

/* --- an entry of a list --- */

static void show_ace(struct ofl_out *o, const struct ofl_explained_ace *x)
{
	const struct ofl_ace_status *s = &x->standing;
	char text[OFL_ANSWER_LEN];

	ofl_out_str(o, "list", NULL, x->acl.conf->name);
	ofl_out_str(o, "origin", NULL,
		    ofl_acl_origin_name(x->acl.conf->origin));
	ofl_out_uint(o, "sequence", NULL, x->ace->seq);
	ofl_ace_print(x->ace, x->acl.conf->type, text, sizeof(text));
	ofl_out_str(o, "entry", "The entry", text);
	ofl_out_str(o, "state", NULL, ofl_state_name(s->state));
	ofl_out_str(o, "reason", NULL, ofl_reason_name(s->reason));
	if (s->text[0])
		ofl_out_str(o, "text", NULL, s->text);
	ofl_out_uint(o, "slots", NULL, s->slots);
	ofl_out_group_begin(o, "answers", NULL);
	for (int q = 0; q < OFL_ASK_MAX; q++)
		if (ofl_explained_ace_answer(x, q, text, sizeof(text)))
			ofl_out_str(o, ofl_question_key(q),
				    q == OFL_ASK_SHADOW ? "Where it applies"
							: ofl_question_label(q),
				    text);
	ofl_out_group_end(o, "answers");
}

static bool note_list(const struct ofl_acl_status *acl, void *arg)
{
	*(bool *)arg = true;
	return false;
}

DEFPY(ofl_show_explain_acl, ofl_show_explain_acl_cmd,
	"show offload explain acl WORD$ofl_list (1-4294967295)$ofl_sequence [json$json]",
	SHOW_STR
	OFL_STR
	"Why a route, or an entry, stands as it does, in sentences\n"
	"An entry of an access control list\n"
	"Name of the list\n"
	"Sequence number of the entry\n"
	JSON_STR)
{
	struct ofl_explained_ace x;
	bool is_there = false;
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (ofl_explained_ace_get(ofl_list, ofl_sequence, &x)) {
		ofl_out_text(&o, "List %s, sequence %u\n", ofl_list,
			     x.ace->seq);
		show_ace(&o, &x);
		return ofl_out_end(&o);
	}
	ofl_acls_walk_name(ofl_list, note_list, &is_there);
	if (is_there)
		return ofl_out_error(&o, "List %s has no sequence %s.",
				     ofl_list, ofl_sequence_str);
	return ofl_out_error(&o, "There is no access control list %s.",
			     ofl_list);
}

void ofl_show_explain_init(void)
{
	install_element(VIEW_NODE, &ofl_show_explain_cmd);
	install_element(VIEW_NODE, &ofl_show_explain_acl_cmd);
}
