// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/nacm.c and nacm_rules.c: the decisions of RFC 8341, section 3.4, on
 * the installed models: tables, and the examples of its appendix A made for
 * frr-offload.
 */
#include "tests/unit/nacm_fixture.h"

#include "offloadd/netconf/nacm_copy.h"
#include "offloadd/northbound/nb_nacm.h"

/* --- helpers --- */

static const struct lysc_node *operation(const char *path)
{
	const struct lysc_node *snode = lys_find_path(ctx, NULL, path, 0);

	assert_non_null(snode);
	return snode;
}

static bool exec(const struct ofl_nc_user *user, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/ietf-netconf:%s", name);
	return ofl_nc_nacm_may_exec(user, operation(path));
}

static bool told(const struct ofl_nc_user *user, const char *path)
{
	return ofl_nc_nacm_may_notify(user, operation(path));
}

#define SESSION_START "/ietf-netconf-notifications:netconf-session-start"
#define SESSION_END "/ietf-netconf-notifications:netconf-session-end"

static bool may(const struct ofl_nc_user *user, const char *path,
		enum ofl_nc_access access)
{
	struct lyd_node *node = NULL;

	if (lyd_find_path(data, path, 0, &node) || !node)
		fail_msg("no %s", path);
	return ofl_nc_nacm_may(user, node, access);
}

/* --- without rules --- */

static void test_defaults(void **state)
{
	struct ofl_nc_user u = user_of("alice");

	configure("");
	assert_true(exec(&u, "get"));
	assert_true(exec(&u, "edit-config"));
	assert_true(exec(&u, "close-session"));
	assert_false(exec(&u, "kill-session"));
	assert_false(exec(&u, "delete-config"));
	assert_true(told(&u, SESSION_START));
	assert_true(may(&u, HW0, OFL_NC_READ));
	assert_false(may(&u, HW0, OFL_NC_CREATE));
	assert_false(may(&u, HW0, OFL_NC_UPDATE));
	assert_false(may(&u, HW0, OFL_NC_DELETE));
	/* default-deny-all, also of what is inside. */
	assert_false(may(&u, "/ietf-netconf-acm:nacm", OFL_NC_READ));
	assert_false(may(&u,
			 "/ietf-netconf-acm:nacm/groups/group[name='admin']",
			 OFL_NC_READ));

	configure("\"read-default\":\"deny\",\"write-default\":\"permit\","
		  "\"exec-default\":\"deny\"");
	assert_false(exec(&u, "get"));
	assert_true(exec(&u, "close-session"));
	assert_false(told(&u, SESSION_START));
	assert_true(told(&u, "/nc-notifications:replayComplete"));
	assert_true(told(&u, "/nc-notifications:notificationComplete"));
	assert_false(may(&u, HW0, OFL_NC_READ));
	assert_true(may(&u, HW0, OFL_NC_CREATE));
	assert_false(may(&u, "/ietf-netconf-acm:nacm", OFL_NC_UPDATE));
}

static void test_disabled_and_recovery(void **state)
{
	struct ofl_nc_user u = user_of("alice"), root = user_of("root");

	configure("\"enable-nacm\":false,\"read-default\":\"deny\"");
	assert_true(exec(&u, "kill-session"));
	assert_true(may(&u, "/ietf-netconf-acm:nacm", OFL_NC_DELETE));
	assert_true(told(&u, SESSION_START));

	root.is_recovery = true;
	configure("\"read-default\":\"deny\",\"exec-default\":\"deny\"");
	assert_true(exec(&root, "kill-session"));
	assert_true(may(&root, "/ietf-netconf-acm:nacm", OFL_NC_DELETE));
	assert_true(told(&root, SESSION_START));
}

/* Nothing to read: nothing is permitted. */
static void test_fails_closed(void **state)
{
	struct ofl_nc_user u = user_of("alice"), root = user_of("root");
	struct lyd_node *copy = NULL;

	lyd_free_all(running);
	running = NULL;
	version++;
	root.is_recovery = true;
	assert_false(exec(&u, "get"));
	assert_true(exec(&u, "close-session"));
	assert_false(may(&u, HW0, OFL_NC_READ));
	assert_false(told(&u, SESSION_START));
	assert_false(ofl_nc_nacm_may_read_any(
		&u, operation("/frr-offload:offload/table")));
	assert_int_equal(lyd_dup_siblings(data, NULL, LYD_DUP_RECURSIVE, &copy),
			 LY_SUCCESS);
	ofl_nc_nacm_prune(&u, &copy);
	assert_null(copy);
	assert_true(exec(&root, "get"));
}

/* --- groups --- */

#define PERMIT_ALL_RULE "\"rule\":[{\"name\":\"r\",\"action\":\"permit\"}]"

static void test_groups(void **state)
{
	static char *system_groups[] = {"wheel", "netops"};
	struct ofl_nc_user in = user_of("alice"), out = user_of("bob");

	configure("\"groups\":{\"group\":[{\"name\":\"admin\","
		  "\"user-name\":[\"alice\"]},{\"name\":\"none\"}]},"
		  "\"rule-list\":[{\"name\":\"l\",\"group\":[\"admin\"]"
		  "," PERMIT_ALL_RULE "}]");
	assert_true(exec(&in, "kill-session"));
	assert_true(may(&in, HW0, OFL_NC_DELETE));
	assert_true(may(&in, "/ietf-netconf-acm:nacm", OFL_NC_UPDATE));
	assert_false(exec(&out, "kill-session"));
	assert_false(may(&out, HW0, OFL_NC_DELETE));
	/* The same name with the group of the system. */
	configure("\"rule-list\":[{\"name\":\"l\",\"group\":[\"netops\"]"
		  "," PERMIT_ALL_RULE "}]");
	assert_false(may(&in, HW0, OFL_NC_DELETE));
	in.groups = system_groups;
	in.group_count = array_size(system_groups);
	assert_true(may(&in, HW0, OFL_NC_DELETE));
	in.group_count = 1;
	assert_false(may(&in, HW0, OFL_NC_DELETE));
	in.groups = system_groups + 1;
	assert_true(may(&in, HW0, OFL_NC_DELETE));
	in.groups = system_groups;
	in.group_count = 2;
	configure("\"enable-external-groups\":false,"
		  "\"rule-list\":[{\"name\":\"l\",\"group\":[\"netops\"]"
		  "," PERMIT_ALL_RULE "}]");
	assert_false(may(&in, HW0, OFL_NC_DELETE));
	/* Every group, but a user in none has none. */
	configure("\"rule-list\":[{\"name\":\"l\",\"group\":[\"*\"]"
		  "," PERMIT_ALL_RULE "}]");
	assert_true(may(&in, HW0, OFL_NC_DELETE));
	assert_false(may(&out, HW0, OFL_NC_DELETE));
	/* A list for no group is for nobody. */
	configure("\"rule-list\":[{\"name\":\"l\"," PERMIT_ALL_RULE "}]");
	assert_false(may(&in, HW0, OFL_NC_DELETE));
}

static void test_many_users(void **state)
{
	configure("\"groups\":{\"group\":[{\"name\":\"admin\","
		  "\"user-name\":[\"u7\"]}]},"
		  "\"rule-list\":[{\"name\":\"l\",\"group\":[\"admin\"]"
		  "," PERMIT_ALL_RULE "}]");
	for (int i = 0; i < 100; i++) {
		struct ofl_nc_user u = user_of("");

		snprintf(u.name, sizeof(u.name), "u%d", i % 50);
		assert_int_equal(may(&u, HW0, OFL_NC_DELETE), i % 50 == 7);
	}
}

/* --- the examples of appendix A --- */

#define ALICE_IN_LIMITED                                                       \
	"\"groups\":{\"group\":[{\"name\":\"limited\","                        \
	"\"user-name\":[\"alice\"]}]},"                                        \
	"\"rule-list\":[{\"name\":\"l\",\"group\":[\"limited\"],\"rule\":["
#define END "]}]"

/* A.2: a module is hidden, another may be read and called only. */
static void test_module_rules(void **state)
{
	struct ofl_nc_user u = user_of("alice");

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"no-offload\",\"module-name\":\"frr-offload\","
		  "\"access-operations\":\"*\",\"action\":\"deny\"},"
		  "{\"name\":\"see-nacm\",\"module-name\":\"ietf-netconf-acm\","
		  "\"access-operations\":\"read exec\",\"action\":\"permit\"},"
		  "{\"name\":\"tell\",\"module-name\":"
		  "\"ietf-netconf-notifications\",\"access-operations\":"
		  "\"create\",\"action\":\"deny\"}" END);
	assert_false(may(&u, HW0, OFL_NC_READ));
	assert_false(may(&u, HW0 "/tc/port[.='swp1']", OFL_NC_READ));
	assert_true(may(&u, "/ietf-netconf-acm:nacm", OFL_NC_READ));
	assert_false(may(&u, "/ietf-netconf-acm:nacm", OFL_NC_UPDATE));
	assert_true(told(&u, SESSION_START));
	assert_true(exec(&u, "get"));
}

/* A.3 */
static void test_operation_rules(void **state)
{
	struct ofl_nc_user u = user_of("alice"), v = user_of("bob");

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"kill\",\"module-name\":\"ietf-netconf\","
		  "\"rpc-name\":\"kill-session\",\"access-operations\":"
		  "\"exec\",\"action\":\"permit\"},"
		  "{\"name\":\"read\",\"rpc-name\":\"get\","
		  "\"access-operations\":\"read\",\"action\":\"deny\"},"
		  "{\"name\":\"other\",\"module-name\":\"frr-offload\","
		  "\"rpc-name\":\"get\",\"action\":\"deny\"},"
		  "{\"name\":\"edit\",\"rpc-name\":\"edit-config\","
		  "\"action\":\"deny\"},"
		  "{\"name\":\"rest\",\"module-name\":\"ietf-netconf\","
		  "\"rpc-name\":\"*\",\"action\":\"permit\"},"
		  "{\"name\":\"never\",\"rpc-name\":\"commit\","
		  "\"action\":\"deny\"}" END ",\"exec-default\":\"deny\"");
	assert_true(exec(&u, "kill-session"));
	assert_true(exec(&u, "get"));
	assert_false(exec(&u, "edit-config"));
	assert_true(exec(&u, "delete-config"));
	assert_true(exec(&u, "commit"));
	assert_false(ofl_nc_nacm_may_exec(
		&u, operation("/notifications:create-subscription")));
	/* They say nothing of data and notifications. */
	assert_true(may(&u, HW0, OFL_NC_READ));
	assert_false(may(&u, HW0, OFL_NC_UPDATE));
	assert_true(told(&u, SESSION_START));
	assert_false(exec(&v, "get"));
}

/* A.4: the first that matches, keys, and what is below. */
static void test_path_rules(void **state)
{
	static const struct {
		const char *path;
		bool read, update;
	} cases[] = {
		{"/frr-offload:offload", true, false},
		{HW0, true, true},
		{HW0 "/name", true, true},
		{HW0 "/tc/port[.='swp1']", true, true},
		{HW0 "/tc/port[.='swp2']", false, true},
		{HW0 "/capacity", true, false},
		{HW1, false, false},
		{HW1 "/capacity", false, false},
		{"/frr-offload:offload/rule[sequence='10']", true, false},
		{"/frr-offload:offload/rule[sequence='10']/match/tag", true,
		 true},
		{"/frr-offload:offload/rule[sequence='20']/set/class", true,
		 false},
		{"/frr-offload:offload/timers/settle", true, false},
		{"/ietf-netconf-acm:nacm/groups", true, false},
	};
	struct ofl_nc_user u = user_of("alice");

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"" HW0 "/capacity\","
		  "\"access-operations\":\"update\",\"action\":\"deny\"},"
		  "{\"name\":\"2\",\"path\":\"" HW0 "/tc/port[.='swp2']\","
		  "\"access-operations\":\"read\",\"action\":\"deny\"},"
		  "{\"name\":\"3\",\"path\":\"" HW0 "\",\"access-operations\":"
		  "\"create read update delete\",\"action\":\"permit\"},"
		  "{\"name\":\"4\",\"path\":\"/frr-offload:offload/table\","
		  "\"action\":\"deny\"},"
		  "{\"name\":\"5\",\"path\":\"/frr-offload:offload/"
		  "rule[sequence='010']/match\",\"action\":\"permit\"},"
		  "{\"name\":\"6\",\"path\":\"/\",\"access-operations\":"
		  "\"read\",\"action\":\"permit\"}" END);
	for (size_t i = 0; i < array_size(cases); i++) {
		if (may(&u, cases[i].path, OFL_NC_READ) != cases[i].read)
			fail_msg("read %s", cases[i].path);
		if (may(&u, cases[i].path, OFL_NC_UPDATE) != cases[i].update)
			fail_msg("update %s", cases[i].path);
	}
	/* They say nothing of operations and notifications. */
	assert_false(exec(&u, "kill-session"));
	assert_true(told(&u, SESSION_START));
}

/* A.5 */
static void test_notification_rules(void **state)
{
	struct ofl_nc_user u = user_of("alice");

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"module-name\":"
		  "\"ietf-netconf-notifications\",\"notification-name\":"
		  "\"netconf-session-start\",\"access-operations\":\"read\","
		  "\"action\":\"deny\"},"
		  "{\"name\":\"2\",\"notification-name\":"
		  "\"netconf-session-end\",\"access-operations\":\"exec\","
		  "\"action\":\"deny\"}" END);
	assert_false(told(&u, SESSION_START));
	assert_true(told(&u, SESSION_END));
	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"notification-name\":"
		  "\"netconf-session-end\",\"action\":\"permit\"},"
		  "{\"name\":\"2\",\"notification-name\":\"*\","
		  "\"action\":\"deny\"}" END);
	assert_false(told(&u, SESSION_START));
	assert_true(told(&u, SESSION_END));
	assert_true(told(&u, "/nc-notifications:replayComplete"));
	assert_true(may(&u, HW0, OFL_NC_READ));
}

/* Paths of a module that is not here. */
static void test_opaque_rules(void **state)
{
	struct ofl_nc_user u = user_of("alice");
	struct ly_ctx *other_ctx;

	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &other_ctx), LY_SUCCESS);
	assert_non_null(
		ly_ctx_load_module(other_ctx, "ietf-netconf-acm", NULL, NULL));
	assert_non_null(ly_ctx_load_module(other_ctx, "frr-vrf", NULL, NULL));
	configure_in(other_ctx, ALICE_IN_LIMITED
		     "{\"name\":\"1\",\"path\":\"/frr-vrf:lib\","
		     "\"action\":\"permit\"}" END);
	assert_true(may(&u, HW0, OFL_NC_READ));
	assert_false(may(&u, HW0, OFL_NC_UPDATE));
	configure_in(other_ctx, ALICE_IN_LIMITED
		     "{\"name\":\"1\",\"path\":\"/frr-vrf:lib\","
		     "\"action\":\"deny\"}" END);
	assert_false(may(&u, HW0, OFL_NC_READ));
	assert_false(ofl_nc_nacm_may_read_any(
		&u, operation("/frr-offload:offload")));
	assert_true(exec(&u, "get"));
	configure_in(other_ctx, ALICE_IN_LIMITED
		     "{\"name\":\"1\",\"module-name\":\"ietf-netconf-acm\","
		     "\"path\":\"/frr-vrf:lib\",\"action\":\"deny\"}" END);
	assert_true(may(&u, HW0, OFL_NC_READ));
	configure("");
	ly_ctx_destroy(other_ctx);
}

static void test_counters(void **state)
{
	struct ofl_nacm_denied *d = ofl_nacm_denied();
	struct ofl_nc_user u = user_of("alice");

	configure("\"read-default\":\"deny\"");
	memset(d, 0, sizeof(*d));
	exec(&u, "get");
	exec(&u, "kill-session");
	told(&u, SESSION_START);
	told(&u, "/nc-notifications:replayComplete");
	may(&u, HW0, OFL_NC_READ);
	may(&u, HW0, OFL_NC_CREATE);
	may(&u, HW0, OFL_NC_UPDATE);
	may(&u, HW0, OFL_NC_DELETE);
	assert_int_equal(d->operations, 1);
	assert_int_equal(d->data_writes, 3);
	assert_int_equal(d->notifications, 1);
}

static char *text_of(const struct lyd_node *tree)
{
	char *text = NULL;

	lyd_print_mem(&text, tree, LYD_JSON,
		      LYD_PRINT_WITHSIBLINGS | LYD_PRINT_SHRINK |
			      LYD_PRINT_WD_EXPLICIT);
	assert_non_null(text);
	return text;
}

/* Paths of rules cross contexts, and everything else, in order. */
static void test_copy(void **state)
{
	struct lyd_node *there = NULL, *back = NULL;
	struct ly_ctx *twin;
	char *was, *is;

	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &twin), LY_SUCCESS);
	for (size_t i = 0; i < array_size(modules); i++)
		assert_non_null(
			ly_ctx_load_module(twin, modules[i], NULL, NULL));
	configure(ALICE_IN_LIMITED
		  "{\"name\":\"z\",\"path\":\"" HW0 "/capacity\","
		  "\"action\":\"deny\"},"
		  "{\"name\":\"y\",\"rpc-name\":\"get\","
		  "\"action\":\"permit\"},"
		  "{\"name\":\"x\",\"path\":\"/\",\"comment\":\"all\","
		  "\"action\":\"permit\"}]},"
		  "{\"name\":\"k\",\"rule\":[{\"name\":\"w\","
		  "\"path\":\"/frr-offload:offload\","
		  "\"action\":\"permit\"}" END);
	assert_true(ofl_nc_nacm_copy(running, twin, &there));
	assert_ptr_equal(LYD_CTX(there), twin);
	assert_true(ofl_nc_nacm_copy(there, ctx, &back));
	was = text_of(running);
	is = text_of(back);
	assert_string_equal(is, was);
	assert_non_null(strstr(is, "/capacity"));
	assert_null(strstr(is, "enable-nacm"));
	free(was);
	free(is);
	lyd_free_all(back);
	lyd_free_all(there);
	back = NULL;
	/* Nothing, and other modules. */
	assert_true(ofl_nc_nacm_copy(NULL, twin, &back));
	assert_null(back);
	assert_true(ofl_nc_nacm_copy(data, twin, &there));
	was = text_of(data);
	is = text_of(there);
	assert_string_equal(is, was);
	free(was);
	free(is);
	lyd_free_all(there);
	ly_ctx_destroy(twin);
}

/* A rule that changed counts at once. */
static void test_new_version(void **state)
{
	struct ofl_nc_user u = user_of("alice");

	configure("");
	assert_true(may(&u, HW0, OFL_NC_READ));
	configure("\"read-default\":\"deny\"");
	assert_false(may(&u, HW0, OFL_NC_READ));
}

/* --- pruning --- */

static void test_prune(void **state)
{
	struct ofl_nc_user u = user_of("alice");
	struct lyd_node *left, *entry = NULL;

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"" HW0 "\",\"action\":\"deny\"},"
		  "{\"name\":\"2\",\"path\":\"/frr-offload:offload/rule/"
		  "sequence\",\"action\":\"deny\"},"
		  "{\"name\":\"3\",\"path\":\"/frr-offload:offload/rule/"
		  "match\",\"action\":\"deny\"}" END);
	left = pruned(&u);
	assert_false(has(left, HW0));
	assert_true(has(left, HW1 "/capacity"));
	/* A key stays as long as its entry. */
	assert_true(has(left, "/frr-offload:offload/rule[sequence='10']"));
	assert_false(
		has(left, "/frr-offload:offload/rule[sequence='10']/match"));
	assert_false(has(left, "/ietf-netconf-acm:nacm"));
	lyd_free_all(left);

	/* One entry, in a tree of its own ancestors. */
	assert_int_equal(lyd_find_path(data, HW0 "/tc", 0, &entry), LY_SUCCESS);
	assert_int_equal(lyd_dup_single(entry, NULL,
					LYD_DUP_RECURSIVE |
						LYD_DUP_WITH_PARENTS,
					&entry),
			 LY_SUCCESS);
	while (lyd_parent(entry))
		entry = lyd_parent(entry);
	ofl_nc_nacm_prune(&u, &entry);
	assert_true(has(entry, "/frr-offload:offload"));
	assert_false(has(entry, HW0));
	lyd_free_all(entry);

	/* All of it goes. */
	configure("\"read-default\":\"deny\"");
	left = pruned(&u);
	assert_null(left);
}

/* What is permitted inside what is denied is not seen. */
static void test_prune_is_strict(void **state)
{
	struct ofl_nc_user u = user_of("alice");
	struct lyd_node *left;

	configure("\"read-default\":\"deny\"," ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"" HW0 "\","
		  "\"action\":\"permit\"}" END);
	left = pruned(&u);
	assert_null(left);
	assert_false(ofl_nc_nacm_may_read_any(
		&u, operation("/frr-offload:offload/table")));
}

static void test_may_read_any(void **state)
{
	static const char table[] = "/frr-offload:offload/table";
	struct ofl_nc_user u = user_of("alice");

	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"" HW0 "\",\"action\":\"permit\"},"
		  "{\"name\":\"2\",\"path\":\"/frr-offload:offload/table\","
		  "\"action\":\"deny\"}" END);
	assert_true(ofl_nc_nacm_may_read_any(&u, operation(table)));
	assert_true(ofl_nc_nacm_may_read_any(
		&u, operation("/frr-offload:offload/rule")));
	assert_false(ofl_nc_nacm_may_read_any(
		&u, operation("/ietf-netconf-acm:nacm/groups/group")));
	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"" HW0 "\",\"action\":\"deny\"},"
		  "{\"name\":\"2\",\"path\":\"/frr-offload:offload/table/"
		  "capacity\",\"action\":\"deny\"}" END);
	assert_true(ofl_nc_nacm_may_read_any(&u, operation(table)));
	assert_false(ofl_nc_nacm_may_read_any(
		&u, operation("/frr-offload:offload/table/capacity")));
	configure(ALICE_IN_LIMITED
		  "{\"name\":\"1\",\"path\":\"/frr-offload:offload\","
		  "\"action\":\"deny\"}" END);
	assert_false(ofl_nc_nacm_may_read_any(&u, operation(table)));
}

static int setup(void **state)
{
	return begin(OFL_YANG_DIRS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_disabled_and_recovery),
		cmocka_unit_test(test_fails_closed),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_many_users),
		cmocka_unit_test(test_module_rules),
		cmocka_unit_test(test_operation_rules),
		cmocka_unit_test(test_path_rules),
		cmocka_unit_test(test_notification_rules),
		cmocka_unit_test(test_opaque_rules),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_new_version),
		cmocka_unit_test(test_prune),
		cmocka_unit_test(test_prune_is_strict),
		cmocka_unit_test(test_may_read_any),
	};

	return cmocka_run_group_tests_name("nc_nacm", tests, setup, teardown);
}
