// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/notify.c and notify_log.c: who is sent what, the checks of
 * create-subscription, replay, stopTime, what is remembered.
 *
 * Sessions, access control, filters and the table of operations are the
 * test's own; FRR's hook and its event loop are real.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>
#include <northbound.h>

#include "memory.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/filter.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/notify_log.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session.h"

#define START "netconf-session-start"
#define SESSIONS 3

struct ofl_nc_session {
	uint32_t id;
	struct ofl_nc_user user;
	char text[OFL_NC_LOG_BYTES + 65536]; /* all it was sent */
	size_t len, sent;
	size_t room; /* after so many it does not read any more */
	bool is_subscribed;
};

static struct ly_ctx *ctx;
static struct ofl_loop *loop;
static struct ofl_nc_session sessions[SESSIONS];
static ofl_nc_handler create;
static void (*on_end)(struct ofl_nc_session *s);
static const char *denied; /* name of a notification */
static int filters;

/* --- in the place of the rest of the room --- */

struct ly_ctx *ofl_nc_context(void)
{
	return ctx;
}

void ofl_nc_ops_add(const struct ofl_nc_op *ops)
{
	assert_string_equal(ops[0].name, "create-subscription");
	create = ops[0].handler;
}

uint32_t ofl_nc_session_id(const struct ofl_nc_session *s)
{
	return s->id;
}

const struct ofl_nc_user *ofl_nc_session_user(const struct ofl_nc_session *s)
{
	return &s->user;
}

void ofl_nc_session_set_subscribed(struct ofl_nc_session *s, bool subscribed)
{
	s->is_subscribed = subscribed;
}

void ofl_nc_session_on_end(void (*cb)(struct ofl_nc_session *s))
{
	on_end = cb;
}

bool ofl_nc_session_notify(struct ofl_nc_session *s, const char *text,
			   size_t len)
{
	if (s->sent == s->room)
		return false;
	assert_true(s->len + len < sizeof(s->text));
	memcpy(s->text + s->len, text, len);
	s->len += len;
	s->text[s->len] = '\0';
	s->sent++;
	return true;
}

bool ofl_nc_nacm_may_notify(const struct ofl_nc_user *user,
			    const struct lysc_node *notification)
{
	return !denied || strcmp(notification->name, denied) != 0;
}

/* This filter selects ends of sessions; an element "bad" cannot be. */
struct ofl_nc_filter *ofl_nc_filter_new(const struct lyd_node *element,
					struct ofl_nc_errors *errors)
{
	char *text = NULL;
	bool is_bad;

	lyd_print_mem(&text, element, LYD_XML, 0);
	is_bad = text && strstr(text, "<bad");
	free(text);
	if (is_bad) {
		ofl_nc_error_add(errors, OFL_NC_PROTOCOL, "bad-element", NULL,
				 "Bad.");
		return NULL;
	}
	filters++;
	return (struct ofl_nc_filter *)&filters;
}

void ofl_nc_filter_free(struct ofl_nc_filter *filter)
{
	if (filter)
		filters--;
}

bool ofl_nc_filter_matches(const struct ofl_nc_filter *filter,
			   const struct lyd_node *tree)
{
	return strcmp(LYD_NAME(tree), "netconf-session-end") == 0;
}

struct ofl_nc_error *ofl_nc_error_add(struct ofl_nc_errors *e,
				      enum ofl_nc_layer layer, const char *tag,
				      const char *path, const char *format, ...)
{
	static struct ofl_nc_error last;

	last = (struct ofl_nc_error){.layer = layer, .tag = tag};
	e->first = e->last = &last;
	e->count++;
	return &last;
}

void ofl_nc_error_info(struct ofl_nc_error *e, const char *name,
		       const char *value)
{
	e->info[0].name = name;
	e->info[0].value = (char *)value;
}

void ofl_nc_text_fini(struct ofl_nc_text *t)
{
	free(t->data);
	*t = (struct ofl_nc_text){0};
}

void ofl_nc_text_str(struct ofl_nc_text *t, const char *str)
{
	size_t len = strlen(str);

	t->data = realloc(t->data, t->len + len + 1);
	memcpy(t->data + t->len, str, len + 1);
	t->len += len;
}

void ofl_nc_text_format(struct ofl_nc_text *t, const char *format, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(buf, sizeof(buf), format, ap);
	va_end(ap);
	ofl_nc_text_str(t, buf);
}

void ofl_nc_text_tree(struct ofl_nc_text *t, const struct lyd_node *node,
		      int with_siblings, unsigned int options)
{
	char *text = NULL;

	assert_int_equal(lyd_print_mem(&text, node, LYD_XML, LYD_PRINT_SHRINK),
			 LY_SUCCESS);
	ofl_nc_text_str(t, text);
	free(text);
}

/* --- helpers --- */

static int setup(void **state)
{
	static const char *const modules[] = {"notifications",
					      "nc-notifications",
					      "ietf-netconf-notifications"};

	assert_int_equal(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	for (size_t i = 0; i < array_size(modules); i++)
		assert_non_null(
			ly_ctx_load_module(ctx, modules[i], NULL, NULL));
	ly_native_ctx = ctx;
	loop = ofl_loop_new("test");
	return 0;
}

static int teardown(void **state)
{
	ofl_loop_free(loop);
	ly_ctx_destroy(ctx);
	ly_native_ctx = NULL;
	return 0;
}

static int begin(void **state)
{
	memset(sessions, 0, sizeof(sessions));
	for (uint32_t i = 0; i < SESSIONS; i++) {
		sessions[i].id = i + 1;
		sessions[i].room = SIZE_MAX;
		strlcpy(sessions[i].user.name, "alice",
			sizeof(sessions[i].user.name));
	}
	denied = NULL;
	ofl_nc_notify_init(loop);
	return 0;
}

static int end(void **state)
{
	ofl_nc_notify_fini();
	assert_int_equal(filters, 0);
	return 0;
}

/* The tag of the error, "" for none; bad-element follows a blank. */
static const char *subscribe(struct ofl_nc_session *s, const char *content)
{
	static char said[64];
	struct ofl_nc_reply reply = {{0}};
	struct lyd_node *op = NULL, *tree = NULL;
	struct ly_in *in;
	char text[1024];

	snprintf(text, sizeof(text),
		 "<rpc xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" "
		 "message-id=\"1\"><create-subscription xmlns=\"urn:ietf:"
		 "params:xml:ns:netconf:notification:1.0\">%s"
		 "</create-subscription></rpc>",
		 content);
	assert_int_equal(ly_in_new_memory(text, &in), LY_SUCCESS);
	if (ofl_lyd_parse_rpc(ctx, in, &tree, &op))
		fail_msg("%s", ly_errmsg(ctx));
	ly_in_free(in, 0);
	create(s, op, &reply);
	snprintf(said, sizeof(said), "%s%s%s",
		 reply.errors.first ? reply.errors.first->tag : "",
		 reply.errors.first && reply.errors.first->info[0].name ? " "
									: "",
		 reply.errors.first && reply.errors.first->info[0].name
			 ? reply.errors.first->info[0].value
			 : "");
	assert_null(reply.body.data);
	lyd_free_all(op);
	lyd_free_all(tree);
	return said;
}

static void notify(uint32_t id)
{
	struct ofl_nc_session s = {.id = id};

	strlcpy(s.user.name, "bob", sizeof(s.user.name));
	ofl_nc_notify_session(&s, NULL, 0);
}

static size_t occurs(const char *text, const char *word)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void assert_told(const struct ofl_nc_session *s, const char *word,
			size_t count)
{
	if (occurs(s->text, word) != count)
		fail_msg("%s: not %zu times in %s", word, count, s->text);
}

static const char *time_text(int64_t seconds_from_now)
{
	static char buf[4][OFL_NC_TIME_LEN];
	static unsigned int turn;
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ofl_nc_time_print((ts.tv_sec + seconds_from_now) * 1000000LL +
					 ts.tv_nsec / 1000,
				 buf[turn++ % 4], OFL_NC_TIME_LEN);
}

static const char *times(const char *start, const char *stop)
{
	static char buf[256];

	snprintf(buf, sizeof(buf), "%s%s%s%s%s%s", start ? "<startTime>" : "",
		 start ? start : "", start ? "</startTime>" : "",
		 stop ? "<stopTime>" : "", stop ? stop : "",
		 stop ? "</stopTime>" : "");
	return buf;
}

/* Turns of the loop until the session was told. */
static void turns_until(const struct ofl_nc_session *s, const char *word)
{
	while (!strstr(s->text, word))
		ofl_loop_turn(loop);
}

/* --- live --- */

static void test_live(void **state)
{
	struct ofl_nc_session *a = &sessions[0], *b = &sessions[1];

	notify(1);
	assert_string_equal(subscribe(a, ""), "");
	assert_true(a->is_subscribed);
	assert_string_equal(subscribe(b, "<stream>NETCONF</stream>"), "");
	notify(77);
	for (int i = 0; i < 2; i++) {
		assert_told(&sessions[i],
			    "<notification xmlns=\"urn:ietf:"
			    "params:xml:ns:netconf:notification:"
			    "1.0\"><eventTime>2",
			    1);
		assert_told(&sessions[i], "Z</eventTime><" START, 1);
		assert_told(&sessions[i], "<session-id>77</session-id>", 1);
		assert_told(&sessions[i], "</notification>", 1);
	}
	assert_int_equal(sessions[2].sent, 0);
	on_end(a);
	notify(78);
	assert_int_equal(a->sent, 1);
	assert_int_equal(b->sent, 2);
	/* The place is free again. */
	assert_string_equal(subscribe(a, ""), "");
	assert_string_equal(subscribe(a, ""), "operation-failed");
}

static void test_session_events(void **state)
{
	struct ofl_nc_session *a = &sessions[0], *b = &sessions[1];

	subscribe(a, "");
	ofl_nc_notify_session(b, NULL, 0);
	ofl_nc_notify_session(b, "killed", 1);
	ofl_nc_notify_session(b, "dropped", 0);
	assert_told(a, "<username>alice</username>", 3);
	assert_told(a, "<killed-by>1</killed-by>", 1);
	assert_told(a, "<termination-reason>killed", 1);
	assert_told(a, "<termination-reason>dropped", 1);
	/* No such reason: nothing is said. */
	ofl_nc_notify_session(b, "bored", 0);
	assert_int_equal(a->sent, 3);
}

/* As the daemon's own notifications come. */
static void test_from_frr(void **state)
{
	struct ofl_nc_session *a = &sessions[0];
	struct list *arguments = yang_data_list_new();
	static const char at[] = "/ietf-netconf-notifications:" START;
	char xpath[XPATH_MAXLEN];

	subscribe(a, "");
	snprintf(xpath, sizeof(xpath), "%s/username", at);
	listnode_add(arguments, yang_data_new(xpath, "carol"));
	snprintf(xpath, sizeof(xpath), "%s/session-id", at);
	listnode_add(arguments, yang_data_new(xpath, "5"));
	nb_notification_send(at, arguments);
	assert_told(a, "<username>carol</username><session-id>5</session-id>",
		    1);
	nb_notification_send(at, NULL);
	assert_int_equal(a->sent, 2);
	/* Of a module that NETCONF does not know. */
	nb_notification_send("/frr-ripd:authentication-failure", NULL);
	assert_int_equal(a->sent, 2);
	assert_int_equal(ofl_nc_log_range().next, 2);
}

static void test_access_and_filter(void **state)
{
	struct ofl_nc_session *a = &sessions[0], *b = &sessions[1];

	assert_string_equal(subscribe(a, ""), "");
	assert_string_equal(subscribe(b, "<filter><x xmlns=\"urn:x\"/>"
					 "</filter>"),
			    "");
	assert_int_equal(filters, 1);
	ofl_nc_notify_session(&sessions[2], NULL, 0);
	ofl_nc_notify_session(&sessions[2], "closed", 0);
	assert_int_equal(a->sent, 2);
	assert_told(b, "netconf-session-end ", 1);
	assert_int_equal(b->sent, 1);
	denied = "netconf-session-end";
	ofl_nc_notify_session(&sessions[2], "closed", 0);
	assert_int_equal(a->sent, 2);
	assert_int_equal(b->sent, 1);
	assert_string_equal(subscribe(&sessions[2],
				      "<filter><bad xmlns=\"urn:x\"/>"
				      "</filter>"),
			    "bad-element");
	assert_false(sessions[2].is_subscribed);
	/* Nothing is left of the refused one. */
	assert_string_equal(subscribe(&sessions[2], ""), "");
}

static void test_refused(void **state)
{
	struct ofl_nc_session *a = &sessions[0];
	const char *past = time_text(-100), *earlier = time_text(-200);

	assert_string_equal(subscribe(a, "<stream>SYSLOG</stream>"),
			    "invalid-value");
	assert_string_equal(subscribe(a, times(NULL, past)),
			    "missing-element startTime");
	assert_string_equal(subscribe(a, times(time_text(3600), NULL)),
			    "bad-element startTime");
	assert_string_equal(subscribe(a, times(past, earlier)),
			    "bad-element stopTime");
	assert_string_equal(subscribe(a, times(past, past)),
			    "bad-element stopTime");
	notify(1);
	assert_int_equal(a->sent, 0);
	assert_string_equal(subscribe(a, times(earlier, past)), "");
}

/* One that does not read is sent nothing more, others are. */
static void test_stuck(void **state)
{
	struct ofl_nc_session *a = &sessions[0], *b = &sessions[1];

	subscribe(a, "");
	subscribe(b, "");
	a->room = 1;
	for (uint32_t i = 1; i <= 5; i++)
		notify(i);
	assert_int_equal(a->sent, 1);
	assert_int_equal(b->sent, 5);
	on_end(a);
}

/* --- replay --- */

static void test_replay(void **state)
{
	struct ofl_nc_session *a = &sessions[0];

	for (uint32_t i = 1; i <= 200; i++)
		notify(i);
	assert_string_equal(subscribe(a, times(time_text(-100), NULL)), "");
	/* Not before <ok/>, which this turn sends. */
	assert_int_equal(a->sent, 0);
	ofl_loop_turn(loop);
	/* In pieces; what happens meanwhile comes in its turn. */
	assert_true(a->sent > 0 && a->sent < 200);
	notify(201);
	turns_until(a, "replayComplete");
	assert_int_equal(a->sent, 202);
	assert_told(a,
		    "<session-id>201</session-id></" START
		    "></notification><notification xmlns=\"urn:ietf:params:"
		    "xml:ns:netconf:notification:1.0\"",
		    1);
	assert_true(strstr(a->text, "<session-id>200<") <
		    strstr(a->text, "<session-id>201<"));
	notify(202);
	assert_int_equal(a->sent, 203);
	assert_told(a, "replayComplete", 1);
}

/* Only what is between the two times, and then the end. */
static void test_replay_window(void **state)
{
	struct ofl_nc_session *a = &sessions[0];
	struct lyd_node *tree;
	char start[OFL_NC_TIME_LEN], stop[OFL_NC_TIME_LEN], xpath[128];

	for (int64_t i = 1; i <= 9; i++) {
		snprintf(xpath, sizeof(xpath),
			 "/ietf-netconf-notifications:" START "/session-id");
		assert_int_equal(lyd_new_path(NULL, ctx, xpath,
					      (char[]){'0' + i, 0}, 0, &tree),
				 LY_SUCCESS);
		ofl_nc_log_add(tree, i * 1000000);
	}
	ofl_nc_time_print(3000000, start, sizeof(start));
	ofl_nc_time_print(6999999, stop, sizeof(stop));
	assert_string_equal(start, "1970-01-01T00:00:03.000000Z");
	assert_string_equal(stop, "1970-01-01T00:00:06.999999Z");
	assert_string_equal(subscribe(a, times(start, stop)), "");
	turns_until(a, "notificationComplete");
	assert_told(a, "<session-id>3<", 1);
	assert_told(a, "<session-id>6<", 1);
	assert_told(a, "1970-01-01T00:00:06.000000Z", 1);
	assert_int_equal(a->sent, 6);
	assert_true(strstr(a->text, "replayComplete") <
		    strstr(a->text, "notificationComplete"));
	/* The session goes on without it. */
	assert_false(a->is_subscribed);
	notify(10);
	assert_int_equal(a->sent, 6);
	assert_string_equal(subscribe(a, ""), "");
}

static void test_stop_time(void **state)
{
	struct ofl_nc_session *a = &sessions[0];
	size_t sent;

	assert_string_equal(subscribe(a, times(time_text(-1), time_text(1))),
			    "");
	turns_until(a, "replayComplete");
	turns_until(a, "notificationComplete");
	sent = a->sent;
	notify(2);
	assert_int_equal(a->sent, sent);
	assert_false(a->is_subscribed);
}

static void test_end_in_replay(void **state)
{
	for (uint32_t i = 1; i <= 200; i++)
		notify(i);
	subscribe(&sessions[0], times(time_text(-100), NULL));
	subscribe(&sessions[1], times(time_text(-100), time_text(3600)));
	ofl_loop_turn(loop);
	on_end(&sessions[0]);
	on_end(&sessions[1]);
	on_end(&sessions[2]);
}

/* --- memory --- */

static void test_limits(void **state)
{
	struct ofl_nc_log_range range;

	for (uint32_t i = 1; i <= OFL_NC_LOG_COUNT + 10; i++)
		notify(i);
	range = ofl_nc_log_range();
	assert_int_equal(range.next, OFL_NC_LOG_COUNT + 10);
	assert_int_equal(range.first, 10);
	assert_null(ofl_nc_log_find(9));
	assert_non_null(strstr(ofl_nc_log_find(10)->text.data,
			       "<session-id>11</session-id>"));
	assert_null(ofl_nc_log_find(range.next));
	assert_true(ofl_nc_log_aged() >= ofl_nc_log_created());
}

static void test_byte_limit(void **state)
{
	struct ofl_nc_session s = {.id = 1};
	struct ofl_nc_log_range range;
	struct lyd_node *tree = NULL;
	size_t bytes = 0;
	char *name = malloc(100001);

	memset(name, 'x', 100000);
	name[100000] = '\0';
	for (int i = 0; i < 20; i++) {
		assert_int_equal(
			lyd_new_path(NULL, ctx,
				     "/ietf-netconf-notifications:" START
				     "/username",
				     name, 0, &tree),
			LY_SUCCESS);
		ofl_nc_notify(tree);
	}
	free(name);
	range = ofl_nc_log_range();
	for (uint64_t n = range.first; n < range.next; n++)
		bytes += ofl_nc_log_find(n)->text.len;
	assert_int_equal(range.next, 20);
	assert_int_equal(range.next - range.first, 5);
	assert_true(bytes <= OFL_NC_LOG_BYTES);
	ofl_nc_notify_session(&s, NULL, 0);
}

static void test_state(void **state)
{
	struct lyd_node *tree = ofl_nc_notify_state();
	char *text = NULL;

	assert_int_equal(lyd_validate_all(&tree, NULL, LYD_VALIDATE_PRESENT,
					  NULL),
			 LY_SUCCESS);
	lyd_print_mem(&text, tree, LYD_XML, LYD_PRINT_SHRINK);
	assert_non_null(strstr(text, "<name>NETCONF</name>"));
	assert_non_null(strstr(text, "<replaySupport>true</replaySupport>"));
	assert_non_null(strstr(text, "<replayLogCreationTime>2"));
	assert_null(strstr(text, "replayLogAgedTime"));
	free(text);
	lyd_free_all(tree);
	for (uint32_t i = 0; i <= OFL_NC_LOG_COUNT; i++)
		notify(i + 1);
	tree = ofl_nc_notify_state();
	lyd_print_mem(&text, tree, LYD_XML, LYD_PRINT_SHRINK);
	assert_non_null(strstr(text, "<replayLogAgedTime>2"));
	free(text);
	lyd_free_all(tree);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_live),      TEST(test_session_events),
		TEST(test_from_frr),  TEST(test_access_and_filter),
		TEST(test_refused),   TEST(test_stuck),
		TEST(test_replay),    TEST(test_replay_window),
		TEST(test_stop_time), TEST(test_end_in_replay),
		TEST(test_limits),    TEST(test_byte_limit),
		TEST(test_state),
	};

	return cmocka_run_group_tests_name("nc_notify", tests, setup, teardown);
}
