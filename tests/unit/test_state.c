// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/state*.c, large.c and nb_rpc.c: every node of the state is served,
 * what is served is valid by the model, entries are found by their keys, and a
 * walk by keys goes on over what vanishes.  The engine is the real one, without
 * feed, store and tables.
 */
#include <zebra.h>

#include "tests/unit/flow_fixture.h"

#include <libyang/libyang.h>

#include "ferr.h"

#include "offloadd/northbound/large.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/northbound.h"
#include "offloadd/northbound/state.h"
#include "tests/unit/rpc_fixture.h"
#include "tests/unit/traffic_fake.h"

#define FLOWS 1000

static struct ly_ctx *ctx;
static struct ofl_loop *loop;

static struct ofl_key nth_key(unsigned int i)
{
	uint8_t addr[4] = {10, i >> 8, i, 0};
	struct ofl_key k = {.vrf = i % 2,
			    .p = ofl_prefix_make(AF_INET, addr, 24)};

	return k;
}

static struct ofl_flow *nth_flow(unsigned int i)
{
	struct ofl_key k = nth_key(i);

	return ofl_flowtab_get(ofl_engine_flows(), &k, NULL);
}

static void list_add(const char *name, unsigned int aces)
{
	struct ofl_acl_conf conf;
	struct ofl_ace ace;

	ofl_acl_conf_init(&conf, name);
	ofl_acls_add(&conf);
	for (unsigned int i = 0; i < aces; i++) {
		ofl_ace_init(&ace, OFL_ACL_IPV4);
		ace.seq = 10 * i + 10;
		ofl_acls_ace_add(&ace);
	}
}

/* Lists A and C with entries, B without; A is attached, and a flow. */
static void lists_add(void)
{
	struct ofl_attachment a = {.interface = "swp1", .name = "A"};
	struct ofl_static_flow f = {
		.name = "web", .interface = "swp2", .priority = 5};

	ofl_acls_begin();
	list_add("A", 3);
	list_add("B", 0);
	list_add("C", 2);
	ofl_acls_attach(&a);
	ofl_ace_init(&f.ace, OFL_ACL_MIXED);
	ofl_acls_flow_add(&f);
	ofl_acls_commit();
}

static int setup(void **state)
{
	struct ofl_nexthop nh[2] = {mk_nexthop(1, 1), mk_nexthop(1, 2)};

	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	assert_non_null(ly_ctx_load_module(ctx, "frr-offload", NULL, NULL));
	assert_non_null(ly_ctx_load_module(ctx, "frr-offload-acl", NULL, NULL));
	log_ref_init();
	loop = ofl_loop_new(NULL);
	ofl_engine_init(loop, NULL, "");
	lists_add();
	for (unsigned int i = 0; i < FLOWS; i++) {
		struct ofl_flow *f = nth_flow(i);

		f->since_us = 1700000000123456ull + i;
		f->state = i % 2 ? OFL_STATE_WAITING : OFL_STATE_FAILED;
		f->errnum = i % 2 ? 0 : 28;
		f->rule = i;
		f->action = i % 3 ? NULL
				  : ofl_action_get(OFL_ACTION_FORWARD, nh, 2);
	}
	return 0;
}

static int teardown(void **state)
{
	ofl_engine_fini();
	ofl_loop_free(loop);
	log_ref_fini();
	ly_ctx_destroy(ctx);
	return 0;
}

/* --- the tables --- */

static const struct nb_callbacks *cbs_find(const char *xpath)
{
	const struct frr_yang_module_info *const infos[] = {&ofl_nb_info,
							    &ofl_nb_acl_info};
	const struct nb_callbacks *found = NULL;

	for (size_t i = 0; i < array_size(infos); i++) {
		for (int n = 0; infos[i]->nodes[n].xpath; n++) {
			if (strcmp(infos[i]->nodes[n].xpath, xpath) != 0)
				continue;
			assert_null(found); /* twice in the tables */
			found = &infos[i]->nodes[n].cbs;
		}
	}
	return found;
}

static unsigned int served;

static LY_ERR check_node(struct lysc_node *node, void *data, ly_bool *stop)
{
	char xpath[XPATH_MAXLEN];
	const struct nb_callbacks *cbs;

	lysc_path(node, LYSC_PATH_DATA, xpath, sizeof(xpath));
	cbs = cbs_find(xpath);
	if (node->nodetype == LYS_LIST) {
		assert_non_null(cbs);
		assert_non_null(cbs->get_next);
		assert_non_null(cbs->get_keys);
		assert_non_null(cbs->lookup_entry);
		served++;
	} else if (node->nodetype == LYS_LEAF) {
		if (!cbs)
			print_error("%s is not served\n", xpath);
		assert_non_null(cbs);
		assert_non_null(cbs->get_elem);
		served++;
	} else {
		assert_int_equal(node->nodetype, LYS_CONTAINER);
	}
	return LY_SUCCESS;
}

static void every_node_is_served(void **state)
{
	const struct lysc_node *top =
		lys_find_path(ctx, NULL, OFL_STATE_XPATH, 0);
	unsigned int rows = 0;

	served = 0;
	assert_non_null(top);
	assert_int_equal(lysc_tree_dfs_full(top, check_node, NULL), LY_SUCCESS);
	for (int n = 0; ofl_nb_info.nodes[n].xpath; n++)
		rows += strstr(ofl_nb_info.nodes[n].xpath, "/state/") != NULL;
	for (int n = 0; ofl_nb_acl_info.nodes[n].xpath; n++)
		rows += strstr(ofl_nb_acl_info.nodes[n].xpath, "/state/") !=
			NULL;
	/* And nothing that the model does not have. */
	assert_int_equal(rows, served);
	assert_true(served > 200);
}

/* --- values --- */

/* Each leaf of `snode`, of this entry, into the tree. */
static void get_all(const struct lysc_node *snode, const char *xpath,
		    const void *entry, struct lyd_node *tree);

static void get_leaf(const struct lysc_node *snode, const char *path,
		     const char *xpath, const void *entry,
		     struct lyd_node *tree)
{
	struct nb_cb_get_elem_args args = {xpath, entry};
	struct yang_data *data = cbs_find(path)->get_elem(&args);

	if (!data)
		return;
	assert_string_equal(data->xpath, xpath);
	if (lyd_new_path(tree, ctx, xpath, data->value, LYD_NEW_PATH_UPDATE,
			 NULL))
		fail_msg("%s: \"%s\" is not valid", xpath, data->value);
	yang_data_free(data);
}

static void get_entries(const struct lysc_node *snode, const char *path,
			const char *xpath, const void *parent,
			struct lyd_node *tree)
{
	const struct nb_callbacks *cbs = cbs_find(path);
	struct nb_cb_get_next_args next = {parent, NULL};

	while ((next.list_entry = cbs->get_next(&next))) {
		struct yang_list_keys keys;
		struct nb_cb_get_keys_args get = {next.list_entry, &keys};
		struct nb_cb_lookup_entry_args find = {parent, &keys};
		char at[XPATH_MAXLEN];
		unsigned int i = 0;

		assert_int_equal(cbs->get_keys(&get), NB_OK);
		assert_ptr_equal(cbs->lookup_entry(&find), next.list_entry);
		strlcpy(at, xpath, sizeof(at));
		for (const struct lysc_node *k = lysc_node_child(snode);
		     k && lysc_is_key(k); k = k->next)
			snprintf(at + strlen(at), sizeof(at) - strlen(at),
				 "[%s='%s']", k->name, keys.key[i++]);
		assert_int_equal(i, keys.num);
		get_all(snode, at, next.list_entry, tree);
	}
}

static void get_all(const struct lysc_node *snode, const char *xpath,
		    const void *entry, struct lyd_node *tree)
{
	for (const struct lysc_node *k = lysc_node_child(snode); k;
	     k = k->next) {
		char at[XPATH_MAXLEN], path[XPATH_MAXLEN];
		bool same = k->module == snode->module;

		lysc_path(k, LYSC_PATH_DATA, path, sizeof(path));
		snprintf(at, sizeof(at), "%s/%s%s%s", xpath,
			 same ? "" : k->module->name, same ? "" : ":", k->name);
		if (k->nodetype == LYS_CONTAINER)
			get_all(k, at, entry, tree);
		else if (k->nodetype == LYS_LIST)
			get_entries(k, path, at, entry, tree);
		else
			get_leaf(k, path, at, entry, tree);
	}
}

/* Some flows carry traffic, the heaviest is the one of 10.0.20.0/24. */
static void traffic_on(void)
{
	fake_conf.unit = OFL_TRAFFIC_BYTES;
	for (unsigned int i = 20; i < 20 + array_size(fake_ids); i++)
		fake_ids[fake_id_count++] = nth_flow(i)->id;
}

static void traffic_off(void)
{
	fake_conf.unit = OFL_TRAFFIC_OFF;
	fake_id_count = 0;
}

static const char *value_at(struct lyd_node *tree, const char *xpath)
{
	struct lyd_node *node;

	if (lyd_find_path(tree, xpath, 0, &node))
		return NULL;
	return lyd_get_value(node);
}

static void everything_is_valid(void **state)
{
	const char *one =
		OFL_STATE_XPATH "/flow[vrf='0'][prefix='10.0.6.0/24']/";
	struct lyd_node *tree;
	char xpath[256];

	assert_int_equal(lyd_new_path(NULL, ctx, "/frr-offload:offload", NULL,
				      0, &tree),
			 LY_SUCCESS);
	get_all(lys_find_path(ctx, NULL, OFL_STATE_XPATH, 0), OFL_STATE_XPATH,
		NULL, tree);
	assert_int_equal(lyd_validate_all(&tree, ctx, LYD_VALIDATE_PRESENT,
					  NULL),
			 LY_SUCCESS);
	snprintf(xpath, sizeof(xpath), "%serrno", one);
	assert_string_equal(value_at(tree, xpath), "28");
	snprintf(xpath, sizeof(xpath), "%srule", one);
	assert_string_equal(value_at(tree, xpath), "6");
	snprintf(xpath, sizeof(xpath),
		 "%snext-hop[interface='%s'][gateway='192.0.2.2']/mac", one,
		 ofl_engine_interface_name(1, 0));
	assert_string_equal(value_at(tree, xpath), "02:00:00:00:00:02");
	snprintf(xpath, sizeof(xpath), "%ssince", one);
	assert_memory_equal(value_at(tree, xpath), "2023-11-14T22:13:20.123462",
			    26);
	assert_string_equal(
		value_at(
			tree, OFL_STATE_XPATH
			"/frr-offload-acl:acl[name='A'][origin='acl']/entries"),
		"3");
	assert_string_equal(
		value_at(tree, OFL_STATE_XPATH
			 "/frr-offload-acl:static-flow[name='web']/priority"),
		"5");
	assert_string_equal(
		value_at(tree, OFL_STATE_XPATH
			 "/frr-offload-acl:attachment[interface='swp1']"
			 "[direction='in'][acl='A']/exists"),
		"true");
	lyd_free_all(tree);
}

/* With all of traffic in it, every node of that is there. */
static void traffic_is_valid(void **state)
{
	struct lyd_node *tree;

	assert_int_equal(lyd_new_path(NULL, ctx, "/frr-offload:offload", NULL,
				      0, &tree),
			 LY_SUCCESS);
	traffic_on();
	get_all(lys_find_path(ctx, NULL, OFL_STATE_XPATH, 0), OFL_STATE_XPATH,
		NULL, tree);
	traffic_off();
	assert_int_equal(lyd_validate_all(&tree, ctx, LYD_VALIDATE_PRESENT,
					  NULL),
			 LY_SUCCESS);
#define TRAFFIC(path) value_at(tree, OFL_STATE_XPATH "/traffic/" path)
	assert_string_equal(TRAFFIC("count"), "bytes");
	assert_string_equal(TRAFFIC("held-back"), "11000");
	assert_string_equal(TRAFFIC("table[name='asic']/hardware-rate"),
			    "123456.789");
	assert_string_equal(TRAFFIC("table[name='asic']/hardware-share"),
			    "98.1");
	assert_null(TRAFFIC("table[name='other']/hardware-share"));
	assert_string_equal(TRAFFIC("table[name='other']/sampling/text"),
			    "Port sw1: no action sample.");
	assert_string_equal(TRAFFIC("table[name='other']/sampling/rate"), "0");
	assert_string_equal(TRAFFIC("table[name='asic']/readings/period"),
			    "5000000");
	assert_string_equal(TRAFFIC("heaviest[index='1']/prefix"),
			    "10.0.20.0/24");
	assert_string_equal(TRAFFIC("heaviest[index='2']/held-back"), "true");
	assert_non_null(TRAFFIC("heaviest[index='10']/rate"));
	assert_null(TRAFFIC("heaviest[index='11']/rate"));
#undef TRAFFIC
	assert_string_equal(value_at(tree, OFL_STATE_XPATH
				     "/flow[vrf='0'][prefix='10.0.20.0/24']"
				     "/traffic/rate"),
			    "12345.67");
	assert_null(value_at(tree, OFL_STATE_XPATH
			     "/flow[vrf='0'][prefix='10.0.2.0/24']"
			     "/traffic/rate"));
	lyd_free_all(tree);
}

/* --- large lists --- */

static void large_list_of_entries(void **state)
{
	static const char *const all[] = {"A 10", "A 20", "A 30",
					  "C 10", "C 20", "flows swp2"};
	const struct ofl_nb_large *l =
		ofl_nb_large_find(OFL_STATE_XPATH "/frr-offload-acl:acl-entry");
	struct yang_list_keys keys, *at = NULL;
	struct nb_cb_get_keys_args get = {.keys = &keys};
	unsigned int n = 0;

	while ((get.list_entry = l->next(at))) {
		char text[300];

		ofl_at_ace_keys(&get);
		at = &keys;
		snprintf(text, sizeof(text), "%s %s", keys.key[0], keys.key[2]);
		assert_true(n < array_size(all));
		assert_memory_equal(text, all[n], strlen(all[n]));
		n++;
	}
	assert_int_equal(n, array_size(all));
	/* From an entry, and from a list, that are not there. */
	ofl_state_keys_set(&keys, 3, "A", "acl", "15");
	get.list_entry = l->next(&keys);
	assert_int_equal(((const struct ofl_ace *)get.list_entry)->seq, 20);
	ofl_state_keys_set(&keys, 3, "AA", "acl", "15");
	get.list_entry = l->next(&keys);
	ofl_at_ace_keys(&get);
	assert_string_equal(keys.key[0], "C");
}

/* As libfrr 10 names the second entry of a list, and a name that is no list. */
static void names_that_were_cut(void **state)
{
	const struct ofl_nb_large *l =
		ofl_nb_large_find(OFL_STATE_XPATH "/frr-offload-acl:acl-entry");
	struct nb_cb_get_elem_args args = {.list_entry = l->next(NULL)};
	struct yang_data *d;

	args.xpath = OFL_STATE_XPATH "/frr-offlo[acl='A']/sequence";
	d = ofl_state_elem(&args);
	assert_non_null(d);
	assert_string_equal(d->value, "10");
	yang_data_free(d);
	args.xpath = OFL_STATE_XPATH "/frr-off[acl='A']/sequence";
	assert_null(ofl_state_elem(&args));
}

static void large_lists(void **state)
{
	static unsigned int met[FLOWS];
	const struct ofl_nb_large *l =
		ofl_nb_large_find(OFL_STATE_XPATH "/flow");
	struct yang_list_keys keys, *at = NULL;
	struct nb_cb_get_keys_args get = {.keys = &keys};
	const struct ofl_flow *f;

	assert_null(ofl_nb_large_find(OFL_STATE_XPATH "/table"));
	assert_non_null(ofl_nb_large_find(OFL_STATE_XPATH
					  "/frr-offload-acl:acl-entry"));
	assert_non_null(l);
	while ((f = l->next(at))) {
		unsigned int i = f->key.p.addr[1] << 8 | f->key.p.addr[2];

		met[i]++;
		get.list_entry = f;
		ofl_at_flow_keys(&get);
		at = &keys;
		/* It is gone before the next turn. */
		if (i % 4 == 0)
			ofl_flowtab_del(ofl_engine_flows(),
					(struct ofl_flow *)f);
	}
	for (unsigned int i = 0; i < FLOWS; i++)
		assert_int_equal(met[i], 1);
	strlcpy(keys.key[1], "no prefix", sizeof(keys.key[1]));
	assert_null(l->next(&keys));
}

/* --- operations --- */

/* Pairs of a leaf and its value, NULL. */
static int rpc(struct call *c, const char *name, ...)
{
	const struct nb_callbacks *cbs;
	const char *leaf;
	int ret = NB_ERR;
	va_list ap;

	memset(c, 0, sizeof(*c));
	c->ctx = ctx;
	snprintf(c->xpath, sizeof(c->xpath), "/frr-offload:%s", name);
	cbs = cbs_find(c->xpath);
	assert_non_null(cbs);
	c->args = (struct nb_cb_rpc_args){
		.xpath = c->xpath,
		.errmsg = c->errmsg,
		.errmsg_len = sizeof(c->errmsg),
	};
	input_begin(c);
	va_start(ap, name);
	while ((leaf = va_arg(ap, const char *)))
		input_add(c, leaf, va_arg(ap, const char *));
	va_end(ap);
	if (!c->is_invalid)
		ret = cbs->rpc(&c->args);
	input_end(c);
	return ret;
}

/* Some never come so far where libfrr has the input checked before. */
static void refused(const char *sentence, struct call *c, int ret)
{
	assert_int_not_equal(ret, NB_OK);
	if (!c->is_invalid)
		assert_string_equal(c->errmsg, sentence);
	assert_int_equal(output_count(c), 0);
	done(c);
}

static void explain(void **state)
{
	struct call c;

	/* By the longest that an address matches, and by prefix. */
	assert_int_equal(rpc(&c, "explain", "vrf", "0", "prefix", "10.0.6.9",
			     NULL),
			 NB_OK);
	assert_string_equal(output(&c, "prefix"), "10.0.6.0/24");
	assert_string_equal(output(&c, "state"), "failed");
	assert_string_equal(output(&c, "errno"), "28");
	assert_string_equal(output(&c, "meaning"),
			    ofl_reason_meaning(OFL_REASON_NONE));
	assert_non_null(
		strstr(output(&c, "sentences"), "Route 10.0.6.0/24, VRF 0: "));
	assert_non_null(strstr(output(&c, "sentences"), " (failed)"));
	assert_non_null(strstr(output(&c, "sentences"), "by rule 6"));
	done(&c);
	refused("No route in VRF 0 is or matches 10.0.6.0/25. The longest that "
		"contains it is 10.0.6.0/24.",
		&c,
		rpc(&c, "explain", "vrf", "0", "prefix", "10.0.6.0/25", NULL));
	refused("No route in VRF 0 is or matches 192.0.2.0/24.", &c,
		rpc(&c, "explain", "vrf", "0", "prefix", "192.0.2.0/24", NULL));
	refused("There is no VRF blue.", &c,
		rpc(&c, "explain", "vrf", "blue", "prefix", "10.0.6.0/24",
		    NULL));
}

static void find_flows(void **state)
{
	char vrf[64] = "", prefix[64] = "";
	unsigned int found = 0, calls = 0;
	struct call c;

	do {
		int ret = calls ? rpc(&c, "find-flows", "state", "failed",
				      "limit", "64", "after/vrf", vrf,
				      "after/prefix", prefix, NULL)
				: rpc(&c, "find-flows", "state", "failed",
				      "limit", "64", NULL);

		assert_int_equal(ret, NB_OK);
		found += output_states(&c, "failed");
		strlcpy(vrf, output(&c, "next/vrf") ?: "", sizeof(vrf));
		strlcpy(prefix, output(&c, "next/prefix") ?: "",
			sizeof(prefix));
		done(&c);
		calls++;
		/* What it stands at goes. */
		if (vrf[0])
			ofl_flowtab_del(ofl_engine_flows(),
					(struct ofl_flow *)ofl_state_flow_find(
						vrf, prefix));
	} while (vrf[0]);
	assert_int_equal(found, FLOWS / 2);
	assert_true(calls >= FLOWS / 2 / 64);
	refused("There is no such table.", &c,
		rpc(&c, "find-flows", "table", "none", NULL));
	refused("There is no such reason.", &c,
		rpc(&c, "find-flows", "reason", "none-such", NULL));
	refused("limit is 1 to 1000.", &c,
		rpc(&c, "find-flows", "limit", "1001", NULL));
	refused("after needs a VRF and a prefix.", &c,
		rpc(&c, "find-flows", "after/vrf", "0", NULL));
}

static void heaviest_flows(void **state)
{
	struct call c;

	refused("Traffic is not counted: set /offload/traffic/count to packets "
		"or bytes.",
		&c, rpc(&c, "heaviest-flows", NULL));
	traffic_on();
	assert_int_equal(rpc(&c, "heaviest-flows", "limit", "3", "table",
			     "asic", "where", "anywhere", NULL),
			 NB_OK);
	assert_string_equal(output(&c, "flow[index='1']/prefix"),
			    "10.0.20.0/24");
	assert_string_equal(output(&c, "flow[index='3']/rate"), "4115.223");
	assert_string_equal(output(&c, "flow[index='3']/share"), "4.1");
	assert_null(output(&c, "flow[index='4']/rate"));
	done(&c);
	refused("There is no table x.", &c,
		rpc(&c, "heaviest-flows", "table", "x", NULL));
	refused("limit is 1 to 1000.", &c,
		rpc(&c, "heaviest-flows", "limit", "1001", NULL));
	traffic_off();
}

static void refusals(void **state)
{
	struct call c;

	refused("There is no zebra.", &c, rpc(&c, "resync", NULL));
	refused("There is no table x.", &c,
		rpc(&c, "rebalance", "table", "x", NULL));
	refused("There is no database.", &c, rpc(&c, "clear-history", NULL));
	/* A later libyang makes it the second of March before we see it. */
	refused(OFL_FRR_IS_10 ? "There is no database."
			      : "before 2026-02-30T00:00:00Z: not a day of the "
				"calendar.",
		&c,
		rpc(&c, "clear-history", "before", "2026-02-30T00:00:00Z",
		    NULL));
	refused("Nothing is held.", &c, rpc(&c, "release-feed", NULL));
	assert_int_equal(rpc(&c, "rebalance", NULL), NB_OK);
	done(&c);
}

static void simulate(void **state)
{
	struct call c;

	refused("There is no table x.", &c,
		rpc(&c, "simulate", "table", "x", "capacity", "5", NULL));
	refused("Nothing is to be another.", &c,
		rpc(&c, "simulate", "table", "x", NULL));
	refused("class goes with one of prefix, prefix-list and rule.", &c,
		rpc(&c, "simulate", "table", "x", "class", "never", NULL));
	refused("class goes with one of prefix, prefix-list and rule.", &c,
		rpc(&c, "simulate", "table", "x", "rule", "7", NULL));
	refused("class goes with one of prefix, prefix-list and rule.", &c,
		rpc(&c, "simulate", "table", "x", "class", "never", "rule", "7",
		    "prefix", "10.0.0.0/8", NULL));
	refused("ge and le go with prefix.", &c,
		rpc(&c, "simulate", "table", "x", "class", "never", "rule", "7",
		    "ge", "9", NULL));
	refused("Lengths of a prefix go from its own to the longest of its "
		"family, ge before le.",
		&c,
		rpc(&c, "simulate", "table", "x", "class", "never", "prefix",
		    "10.0.0.0/8", "le", "7", NULL));
	assert_int_equal(rpc(&c, "simulation", NULL), NB_OK);
	assert_string_equal(output(&c, "state"), "none");
	assert_int_equal(output_count(&c), 1);
	done(&c);
}

static void times(void **state)
{
	static const struct {
		const char *text;
		uint64_t us; /* 0: refused */
	} table[] = {
		{"1970-01-01T00:00:01Z", 1000000},
		{"1970-01-01T00:00:01.5Z", 1500000},
		{"1970-01-01T01:00:01+01:00", 1000000},
		{"1970-01-01T00:00:01-00:01", 61000000},
		{"1970-01-01T00:00:01", 0},
		{"1970-01-01", 0},
		{"1970-01-01T00:00:01Zx", 0},
		{"1970-01-01T00:00:01+1", 0},
		{"", 0},
	};
	char text[64];

	for (size_t i = 0; i < array_size(table); i++) {
		uint64_t us = 0;
		const char *error = ofl_state_time_parse(table[i].text, &us);

		assert_int_equal(us, table[i].us);
		assert_int_equal(!error, us != 0);
	}
	assert_false(ofl_state_time_print(0, text, sizeof(text)));
	assert_true(ofl_state_time_print(1500000, text, sizeof(text)));
	assert_string_equal(text, "1970-01-01T00:00:01.500000Z");
}

static void words(void **state)
{
	char text[16];

	assert_false(ofl_state_word(text, sizeof(text), NULL));
	assert_false(ofl_state_word(text, sizeof(text), ""));
	/* What a device says must not make the answer invalid. */
	assert_true(ofl_state_word(text, sizeof(text),
				   "a\nb\xff"
				   "c"));
	assert_string_equal(text, "a?b?c");
	assert_true(ofl_state_word(text, 4, "abcdef"));
	assert_string_equal(text, "abc");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_node_is_served),
		TEST(everything_is_valid),
		TEST(traffic_is_valid),
		TEST(heaviest_flows),
		TEST(large_lists),
		TEST(large_list_of_entries),
		TEST(names_that_were_cut),
		TEST(explain),
		TEST(find_flows),
		TEST(refusals),
		TEST(simulate),
		cmocka_unit_test(times),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
