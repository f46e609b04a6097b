// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * northbound/nb_acl_make.c and nb_acl_edit.c: entries to the model and back,
 * and what the model says that the commands never write.  The model is the
 * one that is installed, read by libyang; no daemon.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "memory.h"

#include "offloadd/northbound/nb_acl.h"

static struct ly_ctx *ctx;
static struct lyd_node *tree;

static int setup(void **state)
{
	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	assert_non_null(ly_ctx_load_module(ctx, "frr-offload-acl", NULL, NULL));
	return 0;
}

static int teardown(void **state)
{
	ly_ctx_destroy(ctx);
	return 0;
}

static void tree_free(void)
{
	lyd_free_all(tree);
	tree = NULL;
}

static void acls_parse(const char *json)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "{\"frr-offload:offload\":{\"frr-offload-acl:acls\":{%s}}}",
		 json);
	assert_int_equal(lyd_parse_data_mem(ctx, text, LYD_JSON,
					    LYD_PARSE_STRICT,
					    LYD_VALIDATE_NO_STATE, &tree),
			 LY_SUCCESS);
}

static struct lyd_node *child(const struct lyd_node *parent, const char *name)
{
	struct lyd_node *node = (struct lyd_node *)ofl_nb_child(parent, name);

	assert_non_null(node);
	return node;
}

/* The first list of the tree. */
static struct lyd_node *first_acl(void)
{
	return child(child(tree, "acls"), "acl");
}

static struct ofl_ace ace_of(enum ofl_acl_type type, const char *text)
{
	const char *words[OFL_ACE_WORDS_MAX];
	char copy[1024], *save = NULL, error[192];
	size_t count = 0;
	struct ofl_ace ace;

	strlcpy(copy, text, sizeof(copy));
	for (char *w = strtok_r(copy, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	if (!ofl_ace_parse(type, words, count, &ace, error, sizeof(error)))
		fail_msg("%s: %s", text, error);
	ace.seq = 10;
	return ace;
}

/* --- there and back --- */

static const struct {
	enum ofl_acl_type type;
	const char *text;
} entries[] = {
	{OFL_ACL_IPV4, "permit ip any any"},
	{OFL_ACL_IPV4, "deny tcp 10.0.0.0/8 any"},
	{OFL_ACL_IPV4, "deny tcp 10.0.0.1 0.0.255.0 host 192.0.2.1"},
	{OFL_ACL_IPV4, "reject udp any eq 1 any neq 2"},
	{OFL_ACL_IPV4, "permit sctp any lt 1 any gt 65534"},
	{OFL_ACL_IPV4, "permit tcp any range 0 65535 any"},
	{OFL_ACL_IPV4, "permit tcp any eq 0 any eq 65535"},
	{OFL_ACL_IPV4, "permit tcp any any flags syn/syn,ack"},
	{OFL_ACL_IPV4, "permit tcp any any flags none/syn"},
	{OFL_ACL_IPV4, "permit tcp any any eq 5 flags 0xfff"},
	{OFL_ACL_IPV4, "permit icmp any any icmp-type 0 0"},
	{OFL_ACL_IPV4, "permit 0 any any dscp 0 ttl 0 length 0 9"},
	{OFL_ACL_IPV4, "permit ip any any ttl 0 255 length 0 65535"},
	{OFL_ACL_IPV4, "permit ip any any fragment any"},
	{OFL_ACL_IPV4, "permit ip any any fragment none"},
	{OFL_ACL_IPV4, "permit ip any any mark 0 interface eth0.5"},
	{OFL_ACL_IPV4, "permit ip any any mark 0x1/0x3"},
	{OFL_ACL_IPV4, "permit ip any any source-mac 02:00:00:00:00:0A vlan 0"},
	{OFL_ACL_IPV4, "permit ip any any destination-mac 01:00:00:00:00:00 "
		       "01:00:00:00:00:00 vlan-priority 0"},
	{OFL_ACL_IPV4, "permit ip any any log count mirror a redirect b "
		       "set-mark 0 set-dscp 0"},
	{OFL_ACL_IPV4, "permit ip any any police 1000000000000000 burst "
		       "4294967295"},
	{OFL_ACL_IPV4, "permit ip any any class never placement both "
		       "offload-or-fail no weight 1 allow-partial no"},
	{OFL_ACL_IPV6, "permit ip any any"},
	{OFL_ACL_IPV6, "permit tcp 2001:db8::/32 host ::1 eq 9"},
	{OFL_ACL_IPV6, "permit ip any ::5 ffff::"},
	{OFL_ACL_IPV6, "permit icmpv6 any any icmp-type 128 1"},
	{OFL_ACL_ETHERNET, "permit ethernet"},
	{OFL_ACL_ETHERNET, "deny ethernet ethertype 0 vlan 4095"},
	{OFL_ACL_MIXED, "permit ethernet"},
	{OFL_ACL_MIXED, "permit ip any any"},
	{OFL_ACL_MIXED, "permit ip 0.0.0.0/0 any"},
	{OFL_ACL_MIXED, "permit ip ::/0 any"},
	{OFL_ACL_MIXED, "permit tcp any any eq 80"},
	{OFL_ACL_MIXED, "permit 6 any any"},
	{OFL_ACL_MIXED, "permit icmp any any icmp-type 3"},
	{OFL_ACL_MIXED, "permit icmpv6 any any icmp-type 3"},
	{OFL_ACL_MIXED, "permit ip any 10.0.0.1 0.255.0.0"},
};

static void test_round(void **state)
{
	for (size_t i = 0; i < array_size(entries); i++) {
		struct ofl_ace ace = ace_of(entries[i].type, entries[i].text);
		struct ofl_ace back;
		struct lyd_node *acl;
		char json[128], error[192] = "";

		snprintf(json, sizeof(json),
			 "\"acl\":[{\"name\":\"A\",\"type\":\"%s\"}]",
			 ofl_acl_type_name(entries[i].type));
		acls_parse(json);
		acl = first_acl();
		assert_true(ofl_nb_ace_put(acl, &ace));
		assert_int_equal(lyd_validate_all(&tree, ctx,
						  LYD_VALIDATE_NO_STATE, NULL),
				 LY_SUCCESS);
		if (ofl_nb_ace_make(child(child(first_acl(), "aces"), "ace"),
				    entries[i].type, &back, error,
				    sizeof(error)) != OFL_ACE_MADE)
			fail_msg("%s: %s", entries[i].text, error);
		if (!ofl_ace_eq(&ace, &back))
			fail_msg("%s came back as another", entries[i].text);
		tree_free();
	}
}

/* --- what only the model can say --- */

static const struct {
	const char *type, *json; /* of the entry, behind its sequence */
	const char *print;	 /* NULL: a remark */
	const char *error;
} models[] = {
	{"ipv4", "\"actions\":{\"forwarding\":\"accept\"}", "permit ip any any",
	 NULL},
	{"ipv4", "\"remark\":\"x\"", NULL, NULL},
	{"ipv4", "\"matches\":{\"mark\":1}", NULL, NULL},
	{"ipv4",
	 "\"matches\":{\"tcp\":{\"source-port\":{\"operator\":\"lte\","
	 "\"port\":65535}}},\"actions\":{\"forwarding\":\"drop\"}",
	 "deny tcp any range 0 65535 any", NULL},
	{"ipv4",
	 "\"matches\":{\"tcp\":{\"source-port\":{\"operator\":\"gte\","
	 "\"port\":0}}},\"actions\":{\"forwarding\":\"drop\"}",
	 "deny tcp any range 0 65535 any", NULL},
	{"ipv4",
	 "\"matches\":{\"tcp\":{\"source-port\":{\"operator\":\"lte\","
	 "\"port\":1023}}},\"actions\":{\"forwarding\":\"drop\"}",
	 "deny tcp any lt 1024 any", NULL},
	{"ipv4",
	 "\"matches\":{\"udp\":{\"destination-port\":{\"lower-port\":9}}},"
	 "\"actions\":{\"forwarding\":\"drop\"}",
	 "deny udp any any range 9 65535", NULL},
	{"ipv4",
	 "\"matches\":{\"ipv4\":{\"ttl-lower\":5,\"length-upper\":100}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 "permit ip any any ttl 5 255 length 0 100", NULL},
	{"ipv4",
	 "\"matches\":{\"ipv4\":{\"protocol\":6,\"source-ipv4-address\":"
	 "\"10.0.0.1\"},\"tcp\":{\"flags\":2}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 "permit tcp host 10.0.0.1 any flags syn", NULL},
	{"ipv4",
	 "\"matches\":{\"ipv4\":{\"source-ipv4-network\":\"10.1.2.3/8\"},"
	 "\"mark\":7,\"mark-mask\":3},\"actions\":{\"forwarding\":\"accept\","
	 "\"logging\":\"log-none\",\"count\":false}",
	 "permit ip 10.0.0.0/8 any mark 0x3/0x3", NULL},
	{"mixed",
	 "\"matches\":{\"ipv6\":{\"protocol\":58},\"icmp\":{\"type\":128}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 "permit icmpv6 ::/0 any icmp-type echo", NULL},
	{"mixed",
	 "\"matches\":{\"ip\":{}},\"actions\":{\"forwarding\":\"drop\"}",
	 "deny ip any any", NULL},
	{"ipv4",
	 "\"matches\":{\"ipv4\":{\"protocol\":17},\"tcp\":{\"flags\":2}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "the protocol is not that of its layer 4"},
	{"ipv4",
	 "\"matches\":{\"tcp\":{\"source-port\":{\"operator\":\"neq\"}}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "an operator needs a port"},
	{"ipv4",
	 "\"matches\":{\"tcp\":{\"flags\":3,\"flags-mask\":2}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "there are TCP flags outside the mask"},
	{"ipv4",
	 "\"matches\":{\"udp\":{\"source-port\":{\"lower-port\":9,"
	 "\"upper-port\":8}}},\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "the range of ports is empty"},
	{"ipv4",
	 "\"matches\":{\"ipv6\":{\"dscp\":1}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "a list of type ipv4 has IPv4 entries only"},
	{"mixed",
	 "\"matches\":{\"tcp\":{\"flags\":2}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "fields of IP need an IP entry"},
	{"ipv4",
	 "\"matches\":{\"icmp\":{\"code\":2}},"
	 "\"actions\":{\"forwarding\":\"accept\"}",
	 NULL, "an ICMP code needs a type"},
	{"ipv4",
	 "\"actions\":{\"forwarding\":\"accept\",\"police-rate\":\"9\"}", NULL,
	 "police needs a rate and a burst"},
};

static void test_models(void **state)
{
	for (size_t i = 0; i < array_size(models); i++) {
		char json[1024], text[OFL_ACE_STRLEN], error[192] = "";
		enum ofl_acl_type type;
		enum ofl_ace_made made;
		struct ofl_ace ace;

		snprintf(json, sizeof(json),
			 "\"acl\":[{\"name\":\"A\",\"type\":\"%s\",\"aces\":"
			 "{\"ace\":[{\"sequence\":5,%s}]}}]",
			 models[i].type, models[i].json);
		acls_parse(json);
		type = ofl_nb_acl_type(first_acl());
		made = ofl_nb_ace_make(child(child(first_acl(), "aces"), "ace"),
				       type, &ace, error, sizeof(error));
		if (models[i].error) {
			assert_int_equal(made, OFL_ACE_BAD);
			assert_string_equal(error, models[i].error);
		} else if (!models[i].print) {
			assert_int_equal(made, OFL_ACE_REMARK);
		} else {
			assert_int_equal(made, OFL_ACE_MADE);
			assert_int_equal(ace.seq, 5);
			assert_string_equal(ofl_ace_print(&ace, type, text,
							  sizeof(text)),
					    models[i].print);
		}
		tree_free();
	}
}

/* --- edits --- */

static void check_seqs(const struct lyd_node *acl, const char *want)
{
	char got[128] = "";
	struct lyd_node **all;
	size_t count;

	all = ofl_nb_aces_sorted(acl, &count);
	for (size_t i = 0; i < count; i++) {
		const char *remark = ofl_nb_child_value(all[i], "remark");

		strlcat(got, ofl_nb_child_value(all[i], "sequence"),
			sizeof(got));
		strlcat(got, remark ? remark : "-", sizeof(got));
		strlcat(got, " ", sizeof(got));
	}
	XFREE(MTYPE_TMP, all);
	assert_string_equal(got, want);
}

static void test_edits(void **state)
{
	struct ofl_ace ace = ace_of(OFL_ACL_IPV4, "permit ip any any");
	struct lyd_node *acl;

	acls_parse("\"acl\":[{\"name\":\"A\"}]");
	acl = first_acl();
	assert_true(ofl_nb_ace_remark_put(acl, 10, "a"));
	assert_true(ofl_nb_ace_remark_put(acl, 30, "c"));
	assert_true(ofl_nb_ace_remark_put(acl, 20, "b"));
	assert_true(ofl_nb_ace_put(acl, &ace)); /* keeps its remark */
	check_seqs(acl, "10a 20b 30c ");
	assert_true(ofl_nb_acl_resequence(acl, 20, 10));
	check_seqs(acl, "20a 30b 40c ");
	assert_true(ofl_nb_acl_resequence(acl, 4294967293u, 1));
	check_seqs(acl, "4294967293a 4294967294b 4294967295c ");
	assert_false(ofl_nb_acl_resequence(acl, 4294967294u, 1));
	assert_false(ofl_nb_acl_resequence(acl, 1, 2147483648u));
	check_seqs(acl, "4294967293a 4294967294b 4294967295c ");
	assert_true(ofl_nb_acl_resequence(acl, 1, 1));
	assert_true(ofl_nb_ace_remark_del(acl, 1));
	assert_true(ofl_nb_ace_remark_del(acl, 2));
	assert_false(ofl_nb_ace_remark_del(acl, 2));
	assert_false(ofl_nb_ace_remark_del(acl, 1));
	check_seqs(acl, "1- 3c ");
	assert_true(ofl_nb_ace_del(acl, 3));
	assert_false(ofl_nb_ace_del(acl, 3));
	check_seqs(acl, "1- ");
	/* What the model refuses changes nothing. */
	ace.seq = 1;
	strlcpy(ace.interface, "a b", sizeof(ace.interface));
	ace.match |= OFL_ACE_M_INTERFACE;
	assert_true(ofl_nb_ace_remark_put(acl, 1, "r"));
	assert_true(ofl_nb_ace_remark_put(acl, 1, "r"));
	assert_false(ofl_nb_ace_remark_put(acl, 1, ""));
	assert_false(ofl_nb_ace_remark_put(acl, 2, ""));
	assert_false(ofl_nb_ace_put(acl, &ace));
	ace.seq = 9;
	assert_false(ofl_nb_ace_put(acl, &ace));
	check_seqs(acl, "1r ");
	tree_free();
}

static void test_rename(void **state)
{
	struct nb_config candidate = {0};
	struct lyd_node *point;
	struct ofl_acl_conf conf;

	acls_parse("\"acl\":[{\"name\":\"A\",\"remark\":\"r\",\"weight\":5,"
		   "\"aces\":{\"ace\":[{\"sequence\":5,\"remark\":\"x\"}]}}],"
		   "\"attachment-points\":{\"interface\":["
		   "{\"interface-id\":\"eth0\",\"ingress\":\"A\","
		   "\"egress\":\"B\"}]}");
	candidate.dnode = tree;
	assert_true(ofl_nb_acl_rename(first_acl(), "NEW"));
	assert_null(ofl_nb_acl_find(&candidate, "A"));
	assert_int_equal(lyd_validate_all(&tree, ctx, LYD_VALIDATE_NO_STATE,
					  NULL),
			 LY_SUCCESS);
	ofl_nb_acl_make(ofl_nb_acl_find(&candidate, "NEW"), &conf);
	assert_string_equal(conf.name, "NEW");
	assert_string_equal(conf.remark, "r");
	assert_int_equal(conf.settings.weight, 5);
	check_seqs(first_acl(), "5x ");
	point = child(child(child(tree, "acls"), "attachment-points"),
		      "interface");
	assert_string_equal(ofl_nb_child_value(point, "ingress"), "NEW");
	assert_string_equal(ofl_nb_child_value(point, "egress"), "B");
	tree_free();
}

/* The model's defaults are the engine's. */
static void test_defaults(void **state)
{
	struct ofl_acl_conf conf, defaults;

	acls_parse("\"acl\":[{\"name\":\"A\"}]");
	ofl_nb_acl_make(first_acl(), &conf);
	ofl_acl_conf_init(&defaults, "A");
	assert_memory_equal(&conf, &defaults, sizeof(conf));
	tree_free();
	acls_parse("\"acl\":[{\"name\":\"A\",\"type\":\"mixed\","
		   "\"default-action\":\"accept\",\"class\":\"critical\","
		   "\"placement\":\"hardware\",\"offload-or-fail\":true,"
		   "\"weight\":9,\"allow-partial\":false}]");
	ofl_nb_acl_make(first_acl(), &conf);
	assert_int_equal(conf.type, OFL_ACL_MIXED);
	assert_true(conf.default_accept);
	assert_int_equal(conf.settings.cls, OFL_CLASS_CRITICAL);
	assert_int_equal(conf.settings.where, OFL_ACE_HARDWARE);
	assert_true(conf.settings.offload_or_fail);
	assert_int_equal(conf.settings.weight, 9);
	assert_false(conf.settings.allow_partial);
	tree_free();
}

/* --- static flows --- */

static struct lyd_node *first_flow(void)
{
	return child(child(tree, "acls"), "flow");
}

static void flow_put(const char *name, const char *text, uint16_t priority)
{
	struct nb_config candidate = {.dnode = tree};
	struct ofl_static_flow f = {.priority = priority,
				    .ace = ace_of(OFL_ACL_MIXED, text)};

	strlcpy(f.name, name, sizeof(f.name));
	strlcpy(f.interface, "eth0", sizeof(f.interface));
	assert_true(ofl_nb_static_flow_put(&candidate, &f));
	assert_int_equal(lyd_validate_all(&tree, ctx, LYD_VALIDATE_NO_STATE,
					  NULL),
			 LY_SUCCESS);
}

/* Each entry of a mixed list also as a flow, there and back. */
static void test_flows(void **state)
{
	struct ofl_static_flow f;
	char error[192] = "";

	for (size_t i = 0; i < array_size(entries); i++) {
		struct ofl_ace ace;

		if (entries[i].type != OFL_ACL_MIXED)
			continue;
		acls_parse("\"acl\":[{\"name\":\"A\"}]");
		flow_put("f", entries[i].text, 7);
		if (!ofl_nb_static_flow_make(first_flow(), &f, error,
					     sizeof(error)))
			fail_msg("%s: %s", entries[i].text, error);
		assert_string_equal(f.name, "f");
		assert_string_equal(f.interface, "eth0");
		assert_int_equal(f.priority, 7);
		ace = ace_of(OFL_ACL_MIXED, entries[i].text);
		ace.seq = 0;
		assert_true(ofl_ace_eq(&ace, &f.ace));
		tree_free();
	}
}

/* Another rule by the same name: the remark stays, nothing else does. */
static void test_flow_again(void **state)
{
	struct nb_config candidate = {0};
	struct ofl_static_flow f;
	char error[192], text[OFL_ACE_STRLEN];

	acls_parse("\"flow\":[{\"name\":\"f\",\"interface\":\"eth1\","
		   "\"remark\":\"r\",\"weight\":5,\"matches\":{\"mark\":1},"
		   "\"actions\":{\"forwarding\":\"drop\"}}]");
	assert_true(ofl_nb_static_flow_make(first_flow(), &f, error,
					    sizeof(error)));
	assert_int_equal(f.priority, OFL_STATIC_FLOW_PRIORITY);
	assert_string_equal(f.interface, "eth1");
	flow_put("f", "permit ip 10.0.0.0/8 any", 9);
	assert_true(ofl_nb_static_flow_make(first_flow(), &f, error,
					    sizeof(error)));
	assert_string_equal(f.remark, "r");
	assert_string_equal(f.interface, "eth0");
	assert_string_equal(ofl_ace_print(&f.ace, OFL_ACL_MIXED, text,
					  sizeof(text)),
			    "permit ip 10.0.0.0/8 any");
	/* What the model refuses changes nothing. */
	candidate.dnode = tree;
	strlcpy(f.interface, "a b", sizeof(f.interface));
	assert_false(ofl_nb_static_flow_put(&candidate, &f));
	assert_non_null(ofl_nb_static_flow_find(&candidate, "f"));
	strlcpy(f.name, "g", sizeof(f.name));
	assert_false(ofl_nb_static_flow_put(&candidate, &f));
	assert_null(ofl_nb_static_flow_find(&candidate, "g"));
	assert_true(ofl_nb_static_flow_make(first_flow(), &f, error,
					    sizeof(error)));
	assert_string_equal(f.interface, "eth0");
	tree_free();
}

static void test_marks(void **state)
{
	static const struct {
		const char *json;
		uint32_t first, count; /* 0: refused */
	} rows[] = {
		{"\"marks\":{}", OFL_MARKS_FIRST, OFL_MARKS_COUNT},
		{"\"marks\":{\"first\":1,\"count\":1}", 1, 1},
		{"\"marks\":{\"first\":4294967295,\"count\":1}", 4294967295, 1},
		{"\"marks\":{\"first\":4294967294,\"count\":3}", 0, 0},
		{"\"marks\":{\"first\":4294966000}", 0, 0},
	};
	char error[192];

	for (size_t i = 0; i < array_size(rows); i++) {
		uint32_t first, count;
		bool ok;

		acls_parse(rows[i].json);
		ok = ofl_nb_marks_make(child(child(tree, "acls"), "marks"),
				       &first, &count, error, sizeof(error));
		assert_int_equal(ok, rows[i].count != 0);
		if (ok) {
			assert_int_equal(first, rows[i].first);
			assert_int_equal(count, rows[i].count);
		}
		tree_free();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_rename),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_flow_again),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
