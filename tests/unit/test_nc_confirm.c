// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/confirm.c: commits that have to be confirmed, and what becomes of
 * those that are not, with FRR's own northbound.
 */
#include "tests/unit/nc_store_fake.h"

#include "northbound.h"

#include "offloadd/netconf/datastore.h"

#define P "/nc-test:c"
#define EDIT(target, content)                                                  \
	"<edit-config><target><" target                                        \
	"/></target><config>" C(content) "</config></edit-config>"
#define RUN(content) EDIT("running", content)
#define CAND(content) EDIT("candidate", content)
#define COMMIT "<commit/>"
#define CONFIRMED(more) "<commit><confirmed/>" more "</commit>"
#define LOCK "<lock><target><running/></target></lock>"
#define UNLOCK "<unlock><target><running/></target></unlock>"
#define SHORT "<confirm-timeout>1</confirm-timeout>"
#define PERSIST(name) "<persist>" name "</persist>"
#define ID(name) "<persist-id>" name "</persist-id>"

static struct ofl_nc_session one = {1, {1000, "ann"}};
static struct ofl_nc_session two = {2, {1001, "bob"}};

/* One a second, and some for timers of the test. */
#define TURNS_MAX 40

/* The last that was told. */
static void told(const char *event)
{
	char text[64];

	snprintf(text, sizeof(text), "<confirm-event>%s<", event);
	if (!strstr(nc_told, text))
		fail_msg("%s: %s", event, nc_told);
	nc_told[0] = '\0';
}

static void wait_for(const char *path, const char *value)
{
	const char *is;

	for (int turns = 0; turns < TURNS_MAX; turns++) {
		is = nc_running_value(path);
		if (value ? is && !strcmp(is, value) : !is)
			return;
		ofl_loop_turn(nc_loop);
	}
	fail_msg("%s is %s", path, is ? is : "not there");
}

/* Each begins with leaf a as 1. */
static int begin(void **state)
{
	nc_denied[0] = '\0';
	OK(one, "<discard-changes/>");
	OK(one, "<copy-config><target><running/></target><source><config>" C(
			"<a>1</a>") "</config></source></copy-config>");
	nc_told[0] = '\0';
	return 0;
}

static void test_confirmed(void **state)
{
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	assert_non_null(strstr(nc_told, "<timeout>600</timeout>"));
	told("start");
	nc_value_is(P "/a", "2");
	OK(one, COMMIT);
	told("complete");
	nc_session_end(&one);
	nc_value_is(P "/a", "2");
	/* More may come with it. */
	OK(one, CAND("<a>3</a>"));
	OK(one, CONFIRMED());
	OK(one, CAND("<d>x</d>"));
	OK(one, COMMIT);
	nc_value_is(P "/a", "3");
	nc_value_is(P "/d", "x");
	NO(one, "<cancel-commit/>", "operation-failed -");
}

static void test_timeout(void **state)
{
	OK(one, CAND("<a>2</a><l><k>1</k><v>1</v></l>"));
	OK(one, CONFIRMED(SHORT));
	nc_value_is(P "/a", "2");
	/* Others may do theirs meanwhile. */
	assert_int_equal(nc_cli(P "/d", "cli"), NB_OK);
	OK(two, RUN("<np><x>q</x></np>"));
	wait_for(P "/a", "1");
	nc_value_is(P "/l[k='1']/k", NULL);
	nc_value_is(P "/d", "cli");
	nc_value_is(P "/np/x", "q");
	told("timeout");
	NO(one, "<cancel-commit/>", "operation-failed -");
	/* The candidate is what is running then. */
	OK(one, LOCK);
	OK(one, UNLOCK);
}

/* What somebody else changed again stays; the rest is taken back. */
static void test_conflict(void **state)
{
	OK(one, CAND("<a>2</a><d>x</d>"));
	OK(one, CONFIRMED());
	assert_int_equal(nc_cli(P "/a", "7"), NB_OK);
	OK(one, "<cancel-commit/>");
	told("cancel");
	nc_value_is(P "/a", "7");
	nc_value_is(P "/d", "five");
}

/* Not valid without what is taken back: then all of it goes. */
static void test_restore(void **state)
{
	OK(one, RUN("<a n:operation='delete'/>"));
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	assert_int_equal(nc_cli(P "/needs-a", "x"), NB_OK);
	OK(one, "<cancel-commit/>");
	nc_value_is(P "/a", NULL);
	nc_value_is(P "/needs-a", NULL);
}

static void test_session_end(void **state)
{
	OK(one, LOCK);
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	nc_told[0] = '\0';
	nc_session_end(&two);
	nc_value_is(P "/a", "2");
	nc_session_end(&one);
	nc_value_is(P "/a", "1");
	told("cancel");
}

static void test_persist(void **state)
{
	OK(one, CAND("<a>2</a>"));
	NO(one, "<commit>" PERSIST("me") "</commit>", "missing-element -");
	OK(one, CONFIRMED(PERSIST("me")));
	nc_session_end(&one);
	nc_value_is(P "/a", "2");
	NO(one, COMMIT, "invalid-value -");
	NO(two, "<commit>" ID("you") "</commit>", "invalid-value -");
	NO(two, "<cancel-commit>" ID("you") "</cancel-commit>",
	   "invalid-value -");
	NO(two, "<cancel-commit/>", "invalid-value -");
	OK(two, CONFIRMED(ID("me")));
	told("extend");
	nc_session_end(&two);
	nc_value_is(P "/a", "2");
	OK(two, CONFIRMED(ID("me") PERSIST("us")));
	NO(two, "<commit>" ID("me") "</commit>", "invalid-value -");
	OK(two, "<commit>" ID("us") "</commit>");
	told("complete");
	nc_value_is(P "/a", "2");
	NO(two, "<commit>" ID("us") "</commit>", "invalid-value -");
	OK(one, CAND("<a>3</a>"));
	OK(one, CONFIRMED(PERSIST("me")));
	OK(two, "<cancel-commit>" ID("me") "</cancel-commit>");
	nc_value_is(P "/a", "2");
}

/* A second one extends the first; both are taken back. */
static void test_extend(void **state)
{
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	assert_int_equal(nc_cli(P "/np/x", "cli"), NB_OK);
	OK(one, CAND("<d>x</d>"));
	OK(one, CONFIRMED(SHORT));
	told("extend");
	nc_value_is(P "/a", "2");
	nc_value_is(P "/d", "x");
	wait_for(P "/a", "1");
	nc_value_is(P "/d", "five");
	nc_value_is(P "/np/x", "cli");
}

static void test_others(void **state)
{
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	NO(two, COMMIT, "in-use -");
	NO(two, CONFIRMED(), "in-use -");
	NO(two, "<cancel-commit/>", "in-use -");
	NO(two, LOCK, "lock-denied -");
	assert_string_equal(nc_call_info(), "session-id 1");
	OK(one, LOCK);
	OK(one, UNLOCK);
	OK(one, "<cancel-commit/>");
	nc_value_is(P "/a", "1");
}

/* The command line holds the lock: as soon as it is gone. */
static void test_locked(void **state)
{
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	assert_int_equal(nb_running_lock(NB_CLIENT_CLI, NULL), 0);
	NO(one, "<cancel-commit/>", "in-use -");
	nc_session_end(&one);
	nc_value_is(P "/a", "2");
	NO(two, COMMIT, "in-use -");
	nc_session_end(&one);
	assert_int_equal(nb_running_unlock(NB_CLIENT_CLI, NULL), 0);
	wait_for(P "/a", "1");
	OK(two, COMMIT);
}

/* One that fails changes nothing of what waits. */
static void test_failed(void **state)
{
	OK(one, CAND("<a>2</a>"));
	OK(one, CONFIRMED());
	OK(one, CAND("<a>" A_INVALID "</a>"));
	NO(one, COMMIT, "operation-failed " P "/a");
	OK(one, "<discard-changes/>");
	nc_session_end(&one);
	nc_value_is(P "/a", "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_confirmed, begin),
		cmocka_unit_test_setup(test_timeout, begin),
		cmocka_unit_test_setup(test_conflict, begin),
		cmocka_unit_test_setup(test_restore, begin),
		cmocka_unit_test_setup(test_session_end, begin),
		cmocka_unit_test_setup(test_persist, begin),
		cmocka_unit_test_setup(test_extend, begin),
		cmocka_unit_test_setup(test_others, begin),
		cmocka_unit_test_setup(test_locked, begin),
		cmocka_unit_test_setup(test_failed, begin),
	};

	return cmocka_run_group_tests(tests, nc_store_setup, nc_store_teardown);
}
