// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/datastore.c, lock.c, commit.c, confirm.c, ops_edit.c, tell.c: what
 * sessions and the command line do to one configuration, with FRR's own
 * northbound.
 */
#include "tests/unit/nc_store_fake.h"

#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"

#define P "/nc-test:c"
#define EDIT(target, options, content)                                         \
	"<edit-config><target><" target "/></target>" options                  \
	"<config>" C(content) "</config></edit-config>"
#define RUN(content) EDIT("running", "", content)
#define CAND(content) EDIT("candidate", "", content)
#define COMMIT "<commit/>"
#define CONFIRMED(more) "<commit><confirmed/>" more "</commit>"
#define DISCARD "<discard-changes/>"
#define LOCK(target) "<lock><target><" target "/></target></lock>"
#define UNLOCK(target) "<unlock><target><" target "/></target></unlock>"

static struct ofl_nc_session one = {1, {1000, "ann"}};
static struct ofl_nc_session two = {2, {1001, "bob"}};

/* Of the candidate. */
static void candidate_is(const char *content)
{
	struct lyd_node *wanted = nc_config(content);
	char *is = nc_text(ofl_nc_datastore_get(OFL_NC_CANDIDATE));
	char *should = nc_text(wanted);

	assert_string_equal(is, should);
	free(is);
	free(should);
	lyd_free_all(wanted);
}

/* Each begins with nothing. */
static int empty(void **state)
{
	nc_denied[0] = '\0';
	OK(one, DISCARD);
	OK(one, "<copy-config><target><running/></target><source><config/>"
		"</source></copy-config>");
	nc_told[0] = '\0';
	candidate_is(C(""));
	return 0;
}

/* --- edits and commits --- */

static void test_running(void **state)
{
	uint32_t version = running_config->version;

	OK(one, RUN("<a>1</a>"));
	nc_value_is(P "/a", "1");
	/* The command line's shared candidate is made anew then. */
	assert_int_equal(running_config->version, version + 1);
	assert_true(running_config->version >
		    vty_shared_candidate_config->version);
	OK(one, RUN("<a>2</a>"));
	OK(one, RUN("<a>3</a>"));
	nc_value_is(P "/a", "3");
	OK(one, RUN("<a>3</a>"));
	assert_int_equal(running_config->version, version + 3);
	assert_non_null(strstr(
		nc_told, "<changed-by><username>ann</username><session-id>1"
			 "</session-id></changed-by><datastore>running"
			 "</datastore><edit><target xmlns:"));
	OK(one,
	   EDIT("running", "<test-option>test-only</test-option>", "<a>4</a>"));
	nc_value_is(P "/a", "3");
	NO(one,
	   EDIT("running", "<test-option>test-only</test-option>",
		"<a>" A_INVALID "</a>"),
	   "operation-failed " P "/a");
	OK(one, EDIT("running", "<default-operation>none</default-operation>",
		     "<a n:operation='delete'/>"));
	nc_value_is(P "/a", NULL);
}

static void test_candidate(void **state)
{
	OK(one, CAND("<a>1</a>"));
	nc_value_is(P "/a", NULL);
	candidate_is(C("<a>1</a>"));
	/* It is everybody's. */
	OK(two, CAND("<d>x</d>"));
	OK(two, COMMIT);
	nc_value_is(P "/a", "1");
	nc_value_is(P "/d", "x");
	OK(one, CAND("<a>2</a>"));
	OK(two, DISCARD);
	candidate_is(C("<a>1</a><d>x</d>"));
	OK(two, COMMIT);
	nc_value_is(P "/a", "1");
	/* One that differs no more is none. */
	OK(one, CAND("<a>2</a>"));
	OK(one, CAND("<a>1</a>"));
	OK(one, LOCK("candidate"));
	OK(one, UNLOCK("candidate"));
}

/* Half an edit is none. */
static void test_whole(void **state)
{
	NO(one, CAND("<a>1</a><l n:operation='delete'><k>1</k></l>"),
	   "data-missing " P "/l[k='1']");
	candidate_is(C(""));
	NO(one,
	   EDIT("running", "<error-option>continue-on-error</error-option>",
		"<a>1</a><l n:operation='delete'><k>1</k></l>"),
	   "data-missing " P "/l[k='1']");
	nc_value_is(P "/a", NULL);
}

static void test_refused(void **state)
{
	/* By the model, at once or at last. */
	NO(one, CAND("<needs-a>1</needs-a>"), "operation-failed " P "/needs-a");
	OK(one, EDIT("candidate", "<test-option>set</test-option>",
		     "<needs-a>1</needs-a>"));
	NO(one, COMMIT, "operation-failed " P "/needs-a");
	NO(one, "<validate><source><candidate/></source></validate>",
	   "operation-failed " P "/needs-a");
	OK(one, DISCARD);
	/* By the daemon. */
	OK(one, CAND("<a>" A_INVALID "</a>"));
	NO(one, "<validate><source><candidate/></source></validate>",
	   "operation-failed " P "/a");
	NO(one, COMMIT, "operation-failed " P "/a");
	/* Of several, what they have in common. */
	OK(one, CAND("<np><x>q</x></np>"));
	NO(one, COMMIT, "operation-failed " P);
	OK(one, CAND("<a>" A_NO_RESOURCE "</a>"));
	NO(one, COMMIT, "resource-denied -");
	nc_value_is(P "/a", NULL);
	OK(one, CAND("<a>15</a>"));
	OK(one, COMMIT);
	nc_value_is(P "/a", "15");
}

static void test_access(void **state)
{
	strlcpy(nc_denied, P "/d", sizeof(nc_denied));
	NO(one, RUN("<a>1</a><d>x</d>"), "access-denied " P "/d");
	nc_value_is(P "/a", NULL);
	NO(one, CAND("<d>x</d>"), "access-denied " P "/d");
	nc_denied[0] = '\0';
	OK(one, CAND("<d>x</d><a>1</a>"));
	strlcpy(nc_denied, P "/a", sizeof(nc_denied));
	NO(two, COMMIT, "access-denied " P "/a");
	nc_value_is(P "/d", "five");
	nc_denied[0] = '\0';
	OK(one, COMMIT);
	/* What is as it was is not asked for. */
	strlcpy(nc_denied, P "/a", sizeof(nc_denied));
	OK(one, RUN("<a>1</a><d>y</d>"));
	NO(one, RUN("<a n:operation='delete'/>"), "access-denied " P "/a");
	OK(one, CAND("<d>z</d>"));
}

#define U(k) "<u><k>" k "</k><j>1</j></u>"

/* libfrr would call a callback that is not there. */
static void test_moved(void **state)
{
	OK(one, RUN(U("a") U("b")));
	NO(one, RUN("<u y:insert='first'><k>b</k><j>1</j></u>"),
	   "operation-not-supported " P "/u[k='b'][j='1']\n"
	   "operation-not-supported " P "/u[k='a'][j='1']");
	OK(one, RUN("<u y:insert='first'><k>c</k><j>1</j></u>"));
	nc_value_is(P "/u[k='c'][j='1']/k", "c");
}

static void test_copy(void **state)
{
	OK(one, RUN("<a>1</a>"));
	OK(one, CAND("<a>2</a>"));
	NO(one,
	   "<copy-config><target><running/></target><source><running/></source>"
	   "</copy-config>",
	   "invalid-value -");
	OK(one, "<copy-config><target><candidate/></target><source><running/>"
		"</source></copy-config>");
	candidate_is(C("<a>1</a>"));
	OK(one, "<copy-config><target><candidate/></target><source><config>" C(
			"<d>q</d>") "</config></source></copy-config>");
	candidate_is(C("<d>q</d>"));
	OK(one, "<copy-config><target><running/></target><source><candidate/>"
		"</source></copy-config>");
	nc_value_is(P "/a", NULL);
	nc_value_is(P "/d", "q");
	NO(one,
	   "<copy-config><target><running/></target><source><config>" C(
		   "<zz/>") "</config></source></copy-config>",
	   "unknown-element " P);
	OK(one, "<validate><source><config>" C(
			"<a>1</a>") "</config></source></validate>");
	NO(one,
	   "<validate><source><config>" C(
		   "<needs-a>1</needs-a>") "</config></source></validate>",
	   "operation-failed " P "/needs-a");
	OK(one, "<validate><source><running/></source></validate>");
}

/* --- the command line beside --- */

static void test_cli(void **state)
{
	/* A candidate that nobody changed follows. */
	assert_int_equal(nc_cli(P "/a", "1"), NB_OK);
	candidate_is(C("<a>1</a>"));
	/* One that was changed keeps its changes, and theirs. */
	OK(one, CAND("<d>x</d>"));
	assert_int_equal(nc_cli(P "/a", "2"), NB_OK);
	candidate_is(C("<a>2</a><d>x</d>"));
	OK(one, COMMIT);
	nc_value_is(P "/a", "2");
	nc_value_is(P "/d", "x");
	/* Unless both changed the same. */
	OK(one, CAND("<a>3</a><l><k>1</k></l>"));
	assert_int_equal(nc_cli(P "/a", "4"), NB_OK);
	NO(one, COMMIT, "operation-failed " P "/a");
	NO(one, CAND("<d>y</d>"), "operation-failed " P "/a");
	nc_value_is(P "/a", "4");
	nc_value_is(P "/l[k='1']/k", NULL);
	OK(one, DISCARD);
	OK(one, CAND("<d>y</d>"));
	OK(one, COMMIT);
	nc_value_is(P "/a", "4");
	nc_value_is(P "/d", "y");
}

/* A change of others is told, too, if not of whom. */
static void test_cli_told(void **state)
{
	OK(one, RUN("<a>1</a>"));
	nc_told[0] = '\0';
	assert_int_equal(nc_cli(P "/a", "9"), NB_OK);
	for (int turns = 0; turns < 40 && !nc_told[0]; turns++)
		ofl_loop_turn(nc_loop);
	assert_non_null(strstr(nc_told, "<session-id>0</session-id>"));
	assert_null(strstr(nc_told, "<edit>"));
}

/* --- locks --- */

static void test_lock_running(void **state)
{
	int64_t since = 0;

	OK(one, LOCK("running"));
	assert_int_equal(ofl_nc_lock_holder(OFL_NC_RUNNING, &since), 1);
	assert_true(since > 1000000000);
	NO(one, LOCK("running"), "lock-denied -");
	NO(two, LOCK("running"), "lock-denied -");
	assert_string_equal(nc_call_info(), "session-id 1");
	NO(two, RUN("<a>1</a>"), "in-use -");
	OK(two, CAND("<a>1</a>"));
	NO(two, COMMIT, "in-use -");
	assert_int_equal(nc_cli(P "/a", "1"), NB_ERR_LOCKED);
	NO(two, UNLOCK("running"), "operation-failed -");
	OK(one, COMMIT);
	nc_value_is(P "/a", "1");
	OK(one, UNLOCK("running"));
	NO(one, UNLOCK("running"), "operation-failed -");
	assert_int_equal(ofl_nc_lock_holder(OFL_NC_RUNNING, &since), 0);
	OK(two, RUN("<a>2</a>"));
}

/* `configure exclusive`. */
static void test_lock_foreign(void **state)
{
	int64_t since = 1;

	assert_int_equal(nb_running_lock(NB_CLIENT_CLI, NULL), 0);
	NO(one, LOCK("running"), "lock-denied -");
	assert_string_equal(nc_call_info(), "session-id 0");
	assert_int_equal(ofl_nc_lock_holder(OFL_NC_RUNNING, &since),
			 UINT32_MAX);
	NO(one, RUN("<a>1</a>"), "in-use -");
	OK(one, CAND("<a>1</a>"));
	NO(one, COMMIT, "in-use -");
	assert_int_equal(nb_running_unlock(NB_CLIENT_CLI, NULL), 0);
	OK(one, COMMIT);
}

static void test_lock_candidate(void **state)
{
	OK(one, CAND("<a>1</a>"));
	NO(two, LOCK("candidate"), "lock-denied -");
	assert_string_equal(nc_call_info(), "session-id 1");
	OK(one, DISCARD);
	OK(two, LOCK("candidate"));
	NO(one, CAND("<a>1</a>"), "in-use -");
	NO(one, DISCARD, "in-use -");
	NO(one, COMMIT, "in-use -");
	OK(one, RUN("<d>x</d>"));
	OK(two, CAND("<a>1</a>"));
	candidate_is(C("<a>1</a><d>x</d>"));
	/* Its changes go with its lock. */
	OK(two, UNLOCK("candidate"));
	candidate_is(C("<d>x</d>"));
	OK(two, LOCK("candidate"));
	OK(two, CAND("<a>1</a>"));
	nc_session_end(&two);
	candidate_is(C("<d>x</d>"));
	OK(one, CAND("<a>1</a>"));
	OK(one, DISCARD);
	/* One without a lock leaves what it began. */
	OK(two, CAND("<a>1</a>"));
	nc_session_end(&two);
	candidate_is(C("<a>1</a><d>x</d>"));
	OK(one, LOCK("running"));
	nc_session_end(&one);
	OK(two, LOCK("running"));
	OK(two, UNLOCK("running"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_running, empty),
		cmocka_unit_test_setup(test_candidate, empty),
		cmocka_unit_test_setup(test_whole, empty),
		cmocka_unit_test_setup(test_refused, empty),
		cmocka_unit_test_setup(test_access, empty),
		cmocka_unit_test_setup(test_moved, empty),
		cmocka_unit_test_setup(test_copy, empty),
		cmocka_unit_test_setup(test_cli, empty),
		cmocka_unit_test_setup(test_cli_told, empty),
		cmocka_unit_test_setup(test_lock_running, empty),
		cmocka_unit_test_setup(test_lock_foreign, empty),
		cmocka_unit_test_setup(test_lock_candidate, empty),
	};

	return cmocka_run_group_tests(tests, nc_store_setup, nc_store_teardown);
}
