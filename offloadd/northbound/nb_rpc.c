// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations of the model: each asks the engine for one thing, and says in
 * a sentence why that could not be.
 *
 * None takes longer than a turn may: what is much comes in pieces (find-flows)
 * or is done in the background (resync, audit, clear-history).
 */
#include <zebra.h>

#include <stdarg.h>

#include "offloadd/base/rpc.h"
#include "offloadd/flow/words.h"
#include "offloadd/northbound/explain.h"
#include "offloadd/northbound/find.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/state.h"

#define COVERS_MAX 100 /* told by explain */
#define FIND_BUDGET 20000
#define FIND_LIMIT 100

static int refuse(struct nb_cb_rpc_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int refuse(struct nb_cb_rpc_args *args, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(args->errmsg, args->errmsg_len, format, ap);
	va_end(ap);
	return NB_ERR;
}

/* Leaves of the list flow, below `at` of the output. */
static void output_flow(struct nb_cb_rpc_args *args, const char *at,
			const struct ofl_flow *f, const char *const *names)
{
	char path[256], value[OFL_LEAF_LEN];

	for (; *names; names++) {
		snprintf(path, sizeof(path), "/flow/%s", *names);
		if (!ofl_state_print(path, f, value, sizeof(value)))
			continue;
		snprintf(path, sizeof(path), "%s%s", at, *names);
		ofl_rpc_output(args, path, value);
	}
}

static const char *const key_leaves[] = {"vrf", "prefix", NULL};
/* In a list of flows. */
static const char *const brief_leaves[] = {
	"id",	 "protocol", "class", "rule", "weight", "offload-or-fail",
	"state", "reason",   "errno", "text", "since",	"held",
	"table", NULL};
/* Besides, of one alone. */
static const char *const other_leaves[] = {
	"distance",	     "metric",	   "tag",	   "instance",
	"held-reason",	     "held-since", "held-until",   "entry",
	"wanted-entry",	     "in-flight",  "slots",	   "cover",
	"covers-needed",     "action",	   "traffic/rate", "traffic/error",
	"traffic/held-back", NULL};

/* --- explain --- */

/* The longest route that an address matches, or the one of a prefix. */
static const struct ofl_flow *flow_find(uint32_t vrf, const char *text)
{
	struct ofl_key key = {.vrf = vrf};

	if (!ofl_prefix_parse(text, false, &key.p) ||
	    (!strchr(text, '/') && !ofl_engine_longest(vrf, &key.p, &key)))
		return NULL;
	return ofl_flowtab_find(ofl_engine_flows(), &key);
}

static void output_nexthops(struct nb_cb_rpc_args *args,
			    const struct ofl_flow *f)
{
	static const char *const leaves[] = {"mac", "weight"};
	struct nb_cb_get_next_args next = {.parent_list_entry = f};
	struct yang_list_keys keys;
	char path[512], value[OFL_LEAF_LEN];

	while ((next.list_entry = ofl_at_nexthop_next(&next))) {
		struct nb_cb_get_keys_args get = {next.list_entry, &keys};

		ofl_at_nexthop_keys(&get);
		for (size_t i = 0; i < array_size(leaves); i++) {
			snprintf(path, sizeof(path), "/flow/next-hop/%s",
				 leaves[i]);
			if (!ofl_state_print(path, next.list_entry, value,
					     sizeof(value)))
				continue;
			snprintf(path, sizeof(path),
				 "next-hop[interface='%s'][gateway='%s']/%s",
				 keys.key[0], keys.key[1], leaves[i]);
			ofl_rpc_output(args, path, value);
		}
	}
}

struct covers {
	struct nb_cb_rpc_args *args;
	unsigned int n;
};

static bool output_cover(const struct ofl_key *cover, enum ofl_entry entry,
			 void *arg)
{
	struct covers *c = arg;
	char prefix[OFL_PREFIX_STRLEN], path[128];

	snprintf(path, sizeof(path), "needed-cover[prefix='%s']/entry",
		 ofl_prefix_print(&cover->p, prefix, sizeof(prefix)));
	ofl_rpc_output(c->args, path, ofl_entry_name(entry));
	return ++c->n < COVERS_MAX;
}

/* The same in plain words: the answers of `show offload explain`. */
static void output_sentences(struct nb_cb_rpc_args *args,
			     const struct ofl_flow *f)
{
	char prefix[OFL_PREFIX_STRLEN], vrf[OFL_NAME_LEN];
	char raw[4 * OFL_ANSWER_LEN] = "", text[sizeof(raw)];
	struct ofl_words w = {.buf = raw, .len = sizeof(raw)};
	struct ofl_explained x;

	ofl_words_put(&w, "Route %s, VRF %s:",
		      ofl_prefix_print(&f->key.p, prefix, sizeof(prefix)),
		      ofl_state_vrf_print(f->key.vrf, vrf, sizeof(vrf)));
	if (!ofl_explained_get(&f->key, &x))
		return;
	for (int q = 0; q < OFL_ASK_MAX; q++)
		if (ofl_explained_answer(&x, q, text, OFL_ANSWER_LEN))
			ofl_words_put(&w, "%s%s",
				      q == OFL_ASK_REMEDY
					      ? "What would change it: "
					      : "",
				      text);
	if (ofl_state_word(text, sizeof(text), raw))
		ofl_rpc_output(args, "sentences", text);
}

/* There is no such route: what is nearest to it? */
static int refuse_unknown(struct nb_cb_rpc_args *args, uint32_t vrf,
			  const char *vrf_name, const char *text)
{
	char longest[OFL_PREFIX_STRLEN];
	struct ofl_key key;
	struct ofl_prefix p;

	if (!ofl_prefix_parse(text, false, &p) ||
	    !ofl_engine_longest(vrf, &p, &key))
		return refuse(args, "No route in VRF %s is or matches %s.",
			      vrf_name, text);
	return refuse(args,
		      "No route in VRF %s is or matches %s. The longest that "
		      "contains it is %s.",
		      vrf_name, text,
		      ofl_prefix_print(&key.p, longest, sizeof(longest)));
}

int ofl_nb_explain(struct nb_cb_rpc_args *args)
{
	const char *vrf_name = ofl_rpc_input(args, "vrf"), *text;
	struct covers covers = {.args = args};
	const struct ofl_flow *f;
	uint32_t vrf;

	vrf_name = vrf_name ? vrf_name : "default";
	text = ofl_rpc_input(args, "prefix");
	if (!text)
		return refuse(args, "There is no prefix.");
	if (!ofl_state_vrf_parse(vrf_name, &vrf))
		return refuse(args, "There is no VRF %s.", vrf_name);
	f = flow_find(vrf, text);
	if (!f)
		return refuse_unknown(args, vrf, vrf_name, text);
	ofl_state_flow_fresh();
	output_flow(args, "", f, key_leaves);
	output_flow(args, "", f, brief_leaves);
	output_flow(args, "", f, other_leaves);
	output_nexthops(args, f);
	ofl_rpc_output(args, "meaning", ofl_reason_meaning(f->reason));
	ofl_rpc_output(args, "remedy", ofl_reason_remedy(f->reason));
	ofl_engine_covers_walk(f, output_cover, &covers);
	output_sentences(args, f);
	return NB_OK;
}

/* --- find-flows --- */

static void output_found(const struct ofl_flow *f, void *arg)
{
	char vrf[OFL_NAME_LEN], prefix[OFL_PREFIX_STRLEN], at[192];

	snprintf(at, sizeof(at), "flow[vrf='%s'][prefix='%s']/",
		 ofl_state_vrf_print(f->key.vrf, vrf, sizeof(vrf)),
		 ofl_prefix_print(&f->key.p, prefix, sizeof(prefix)));
	output_flow(arg, at, f, brief_leaves);
}

static bool table_find(const char *name, uint8_t *ret_table)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		const char *is = ofl_engine_table_name(i);

		if (is && strcmp(is, name) == 0) {
			*ret_table = i;
			return true;
		}
	}
	*ret_table = OFL_TABLE_FIB;
	return strcmp(ofl_engine_table_name(OFL_TABLE_FIB), name) == 0;
}

/* NULL, or what is wrong. */
static const char *find_where(const struct nb_cb_rpc_args *args,
			      struct ofl_find *x)
{
	const char *vrf = ofl_rpc_input(args, "vrf");
	const char *within = ofl_rpc_input(args, "longer-prefixes-of");
	const char *table = ofl_rpc_input(args, "table");
	const char *after_vrf = ofl_rpc_input(args, "after/vrf");
	const char *after = ofl_rpc_input(args, "after/prefix");

	x->has_vrf = vrf;
	x->has_within = within;
	x->has_table = table;
	x->has_after = after;
	if (vrf && !ofl_state_vrf_parse(vrf, &x->vrf))
		return "There is no such VRF.";
	if (within && !ofl_prefix_parse(within, true, &x->within))
		return "longer-prefixes-of is not a prefix.";
	if (table && !table_find(table, &x->table))
		return "There is no such table.";
	if (!after != !after_vrf)
		return "after needs a VRF and a prefix.";
	if (after && (!ofl_state_vrf_parse(after_vrf, &x->after.vrf) ||
		      !ofl_prefix_parse(after, false, &x->after.p)))
		return "after is not what an earlier call said.";
	return NULL;
}

static const char *find_what(const struct nb_cb_rpc_args *args,
			     struct ofl_find *x)
{
	const char *state = ofl_rpc_input(args, "state"),
		   *cls = ofl_rpc_input(args, "class");
	const char *reason = ofl_rpc_input(args, "reason"), *limit;
	enum ofl_state s = 0;
	enum ofl_class c = 0;

	x->has_state = state;
	x->has_class = cls;
	x->has_reason = reason;
	if (state && !ofl_state_parse(state, &s))
		return "There is no such state.";
	if (cls && !ofl_class_parse(cls, &c))
		return "There is no such class.";
	if (reason && ofl_reason_find(reason) == OFL_REASON_MAX)
		return "There is no such reason.";
	x->state = s;
	x->cls = c;
	if (reason)
		x->reason = ofl_reason_find(reason);
	limit = ofl_rpc_input(args, "limit");
	x->limit = limit ? ofl_state_number(limit) : FIND_LIMIT;
	return x->limit && x->limit <= 1000 ? NULL : "limit is 1 to 1000.";
}

int ofl_nb_find_flows(struct nb_cb_rpc_args *args)
{
	struct ofl_find x = {.budget = FIND_BUDGET};
	const char *error = find_where(args, &x);
	char vrf[OFL_NAME_LEN], prefix[OFL_PREFIX_STRLEN];
	struct ofl_key last;

	if (!error)
		error = find_what(args, &x);
	if (error)
		return refuse(args, "%s", error);
	if (!ofl_find_some(ofl_engine_flows(), &x, output_found, args, &last))
		return NB_OK;
	ofl_rpc_output(args, "next/vrf",
		       ofl_state_vrf_print(last.vrf, vrf, sizeof(vrf)));
	ofl_rpc_output(args, "next/prefix",
		       ofl_prefix_print(&last.p, prefix, sizeof(prefix)));
	return NB_OK;
}

/* --- what is to be done --- */

int ofl_nb_resync(struct nb_cb_rpc_args *args)
{
	return ofl_engine_resync() ? NB_OK : refuse(args, "There is no zebra.");
}

int ofl_nb_audit(struct nb_cb_rpc_args *args)
{
	ofl_rpc_output(args, "begun", ofl_audit_now() ? "true" : "false");
	return NB_OK;
}

int ofl_nb_rebalance(struct nb_cb_rpc_args *args)
{
	const char *table = ofl_rpc_input(args, "table");

	return ofl_engine_rebalance(table)
		       ? NB_OK
		       : refuse(args, "There is no table %s.", table);
}

int ofl_nb_clear_history(struct nb_cb_rpc_args *args)
{
	const char *before = ofl_rpc_input(args, "before"), *error = NULL;
	uint64_t before_us = UINT64_MAX;

	if (before)
		error = ofl_state_time_parse(before, &before_us);
	if (error)
		return refuse(args, "before %s: %s.", before, error);
	return ofl_engine_clear_history(before_us)
		       ? NB_OK
		       : refuse(args, "There is no database.");
}

int ofl_nb_release_feed(struct nb_cb_rpc_args *args)
{
	return ofl_engine_feed_release() ? NB_OK
					 : refuse(args, "Nothing is held.");
}
