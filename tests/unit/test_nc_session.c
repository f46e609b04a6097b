// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/session.c and listen.c, over a real socket and FRR's event loop: slow
 * peers, silent ones, both framings, pipelines, long replies, ends.
 *
 * rpc.c is the real one; its operations here are echoes.
 */
#include <zebra.h>

#include <fcntl.h>
#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"

#include "tests/unit/nc_fake.h"

#define RPC "<rpc xmlns=\"" NC_BASE "\" message-id=\"%d\">%s</rpc>"
#define LOCAL "<local xmlns=\"" NC_TEST "\"/>"
#define LONG "<local xmlns=\"" NC_TEST "\"><n>9</n></local>"
#define BROKEN "<local xmlns=\"" NC_TEST "\"><n>8</n></local>"
#define PIECE 1000
#define PIECES 500
/* Far more than any of this takes. */
#define TURNS 20000

static struct ofl_loop *loop;
static char directory[] = "/tmp/ofl-nc-XXXXXX";
static struct ofl_nc_limits limits;
static unsigned int calls, pieces, freed, ends;
static uint32_t last_end;

/* --- operations --- */

static bool on_more(void *arg, struct ofl_nc_text *out, bool *ret_broken)
{
	bool is_broken = arg;

	if (is_broken && pieces == 3) {
		*ret_broken = true;
		return false;
	}
	for (int i = 0; i < PIECE; i++)
		ofl_nc_text_str(out, "x");
	return ++pieces < PIECES;
}

static void on_free(void *arg)
{
	freed++;
}

static void on_local(struct ofl_nc_session *s, const struct lyd_node *op,
		     struct ofl_nc_reply *reply)
{
	const char *n = lyd_child(op) ? lyd_get_value(lyd_child(op)) : "";

	calls++;
	if (*n)
		reply->producer = (struct ofl_nc_producer){
			on_more, on_free, *n == '8' ? on_more : NULL};
}

static const struct ofl_nc_op local_ops[] = {
	{"nc-rpc-test", "local", on_local},
	{},
};

static void on_end(struct ofl_nc_session *s)
{
	ends++;
	last_end = ofl_nc_session_id(s);
}

/* --- the server --- */

static void on_tick(struct ofl_ev *ev)
{
}

/* One turn, also if nothing happens. */
static void turn(void)
{
	struct ofl_ev *tick = NULL;

	ofl_ev_timer_ms(loop, on_tick, NULL, 1, &tick);
	ofl_loop_turn(loop);
	ofl_ev_off(tick);
}

static int begin(void **state)
{
	char buf[256] = "";

	limits = (struct ofl_nc_limits){
		.sessions = 3,
		.sessions_per_user = 3,
		.message_bytes = 4096,
		.queue_bytes = 8192,
		.backlog_bytes = 16384,
		.hello_s = 100,
	};
	snprintf(limits.socket, sizeof(limits.socket), "%s/s", directory);
	calls = pieces = freed = ends = last_end = 0;
	assert_true(ofl_nc_sessions_init(loop, &limits, buf, sizeof(buf)));
	ofl_nc_session_on_end(on_end);
	return 0;
}

static int end(void **state)
{
	ofl_nc_sessions_fini();
	assert_int_equal(access(limits.socket, F_OK), -1);
	return 0;
}

static void restart(void)
{
	char buf[256] = "";

	ofl_nc_sessions_fini();
	assert_true(ofl_nc_sessions_init(loop, &limits, buf, sizeof(buf)));
	ofl_nc_session_on_end(on_end);
}

/* --- a client --- */

static int client_new(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strlcpy(address.sun_path, limits.socket, sizeof(address.sun_path));
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void say_hello(int fd, const char *version)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "<hello xmlns=\"" NC_BASE "\"><capabilities><capability>"
		 "urn:ietf:params:netconf:base:%s</capability></capabilities>"
		 "</hello>]]>]]>",
		 version);
	say(fd, text);
}

static void say_rpc(int fd, bool is_chunked, int id, const char *op)
{
	struct ofl_nc_text t = {};
	char text[400];

	snprintf(text, sizeof(text), RPC, id, op);
	ofl_nc_frame_encode(is_chunked, text, strlen(text), &t);
	ofl_nc_frame_encode_end(is_chunked, &t);
	say(fd, t.data);
	ofl_nc_text_fini(&t);
}

/* The next message; NULL: the session has ended, or none comes. */
static char *hear(int fd, enum ofl_nc_framing framing)
{
	struct ofl_nc_frame f;
	size_t used;
	char c, *text = NULL;
	ssize_t n;

	ofl_nc_frame_init(&f, 10000000);
	f.framing = framing;
	for (int i = 0; i < TURNS; i++) {
		n = recv(fd, &c, 1, 0);
		if (n < 0)
			turn();
		if (n == 0)
			break;
		if (n < 0)
			continue;
		i = 0;
		if (ofl_nc_frame_decode(&f, &c, 1, &used) !=
		    OFL_NC_FRAME_MESSAGE)
			continue;
		text = strdup(f.message.data);
		break;
	}
	ofl_nc_frame_fini(&f);
	return text;
}

static void hears(int fd, enum ofl_nc_framing framing, const char *part)
{
	char *text = hear(fd, framing);

	assert_non_null(text);
	if (!strstr(text, part))
		print_error("%s\nis not in\n%.400s\n", part, text);
	assert_non_null(strstr(text, part));
	free(text);
}

/* Nothing more comes but the end. */
static void hears_end(int fd, enum ofl_nc_framing framing)
{
	char *text = hear(fd, framing);
	char c;

	if (text)
		print_error("heard: %.400s\n", text);
	assert_null(text);
	assert_int_equal(recv(fd, &c, 1, 0), 0);
	for (int i = 0; i < 10; i++)
		turn();
	close(fd);
}

/* Connected, and both have said hello. */
static int client_open(const char *version)
{
	int fd = client_new();

	hears(fd, OFL_NC_FRAMING_EOM, "<session-id>");
	say_hello(fd, version);
	return fd;
}

/* --- tests --- */

static void two_framings(void **state)
{
	int a = client_open("1.0"), b = client_open("1.1");

	say_rpc(a, false, 5, LOCAL);
	say_rpc(b, true, 6, LOCAL);
	hears(a, OFL_NC_FRAMING_EOM, "message-id=\"5\"><ok/></rpc-reply>");
	hears(b, OFL_NC_FRAMING_CHUNKED, "message-id=\"6\"><ok/></rpc-reply>");
	say_rpc(b, true, 7, "<close-session/>");
	hears(b, OFL_NC_FRAMING_CHUNKED, "<ok/>");
	hears_end(b, OFL_NC_FRAMING_CHUNKED);
	assert_string_equal(nc_fake_reason, "closed 0");
	close(a);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(ends, 2);
	assert_string_equal(nc_fake_reason, "dropped 0");
	assert_int_equal(ofl_nc_session_count(-1), 0);
}

static void pipeline(void **state)
{
	int fd = client_open("1.1");
	char part[32];

	for (int i = 0; i < 30; i++)
		say_rpc(fd, true, i, i == 10 ? LONG : LOCAL);
	/* Even a peer that says no more is answered all. */
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < 30; i++) {
		snprintf(part, sizeof(part), "message-id=\"%d\">%s", i,
			 i == 10 ? "xxx" : "<ok/>");
		hears(fd, OFL_NC_FRAMING_CHUNKED, part);
	}
	hears_end(fd, OFL_NC_FRAMING_CHUNKED);
	assert_int_equal(calls, 30);
	assert_int_equal(freed, 1);
}

/* Nothing is produced for who takes nothing, and nothing is read. */
static void slow_peer(void **state)
{
	int fd = client_open("1.1"), small = 4096;
	unsigned int before;
	char *text;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	say_rpc(fd, true, 1, LONG);
	say_rpc(fd, true, 2, LOCAL);
	for (int i = 0; i < 2000; i++)
		turn();
	before = pieces;
	assert_true(pieces > 0);
	assert_true(pieces < PIECES);
	for (int i = 0; i < 200; i++)
		turn();
	assert_int_equal(pieces, before);
	assert_int_equal(calls, 1);
	text = hear(fd, OFL_NC_FRAMING_CHUNKED);
	assert_non_null(text);
	assert_int_equal(strspn(strchr(text, '>') + 1, "x"), PIECE * PIECES);
	free(text);
	close(fd);
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(ends, 1);
	assert_int_equal(freed, 1);
}

/* A session in the middle of a reply ends with its producer. */
static void vanished_peer(void **state)
{
	int fd = client_open("1.1");

	say_rpc(fd, true, 1, LONG);
	for (int i = 0; i < 2000 && !pieces; i++)
		turn();
	assert_int_equal(freed, 0);
	close(fd);
	for (int i = 0; i < 2000 && !ends; i++)
		turn();
	assert_int_equal(ends, 1);
	assert_int_equal(freed, 1);
}

static void broken_reply(void **state)
{
	int fd = client_open("1.1");

	say_rpc(fd, true, 1, BROKEN);
	hears_end(fd, OFL_NC_FRAMING_CHUNKED);
	assert_int_equal(pieces, 3);
	assert_int_equal(freed, 1);
	assert_int_equal(ends, 1);
}

static struct ofl_nc_session *found;

static void on_found(struct ofl_nc_session *s, void *arg)
{
	found = s;
}

static struct ofl_nc_session *session_of(void)
{
	found = NULL;
	ofl_nc_sessions_walk(on_found, NULL);
	assert_non_null(found);
	return found;
}

static void notifications(void **state)
{
	int fd = client_open("1.1");
	struct ofl_nc_session *s;
	char text[1000];

	say_rpc(fd, true, 1, LOCAL);
	hears(fd, OFL_NC_FRAMING_CHUNKED, "<ok/>");
	s = session_of();
	assert_true(ofl_nc_session_notify(s, "<one/>", 6));
	hears(fd, OFL_NC_FRAMING_CHUNKED, "<one/>");
	/* Not into the middle of a reply. */
	say_rpc(fd, true, 2, LONG);
	for (int i = 0; i < 2000 && !pieces; i++)
		turn();
	assert_true(ofl_nc_session_notify(s, "<two/>", 6));
	hears(fd, OFL_NC_FRAMING_CHUNKED, "xxx</rpc-reply>");
	hears(fd, OFL_NC_FRAMING_CHUNKED, "<two/>");
	assert_int_equal(ofl_nc_session_counters(s)->out_notifications, 2);
	/* Who does not take them is ended. */
	memset(text, 'n', sizeof(text));
	for (int i = 0; i < 2000 && ofl_nc_session_notify(s, text, 1000); i++)
		turn();
	for (int i = 0; i < 10; i++)
		turn();
	assert_int_equal(ends, 1);
	close(fd);
}

static void kills(void **state)
{
	int a = client_open("1.1"), b;
	struct ofl_nc_session *s;
	uint32_t id;
	char op[100];

	say_rpc(a, true, 1, LOCAL);
	hears(a, OFL_NC_FRAMING_CHUNKED, "<ok/>");
	s = session_of();
	id = ofl_nc_session_id(s);
	b = client_open("1.1");
	snprintf(op, sizeof(op),
		 "<kill-session><session-id>%u</session-id></kill-session>",
		 id);
	say_rpc(b, true, 1, op);
	hears(b, OFL_NC_FRAMING_CHUNKED, "<ok/>");
	hears_end(a, OFL_NC_FRAMING_CHUNKED);
	assert_int_equal(ends, 1);
	assert_int_equal(last_end, id);
	snprintf(op, sizeof(op), "killed %u", ofl_nc_session_id(session_of()));
	assert_string_equal(nc_fake_reason, op);
	snprintf(op, sizeof(op),
		 "<kill-session><session-id>%u</session-id></kill-session>",
		 id);
	assert_null(ofl_nc_session_find(id));
	/* Itself, and one that is gone. */
	say_rpc(b, true, 2, op);
	hears(b, OFL_NC_FRAMING_CHUNKED, "<error-tag>invalid-value<");
	snprintf(op, sizeof(op),
		 "<kill-session><session-id>%u</session-id></kill-session>",
		 ofl_nc_session_id(session_of()));
	say_rpc(b, true, 3, op);
	hears(b, OFL_NC_FRAMING_CHUNKED, "<error-tag>invalid-value<");
	close(b);
}

static void bad_framing(void **state)
{
	static const char *const bad[] = {"\n#zzz\n", "\n#0\n", "<rpc/>",
					  "\n#4294967295\n", "\n#5000\n"};

	for (size_t i = 0; i < array_size(bad); i++) {
		int fd = client_open("1.1");

		say(fd, bad[i]);
		hears_end(fd, OFL_NC_FRAMING_CHUNKED);
		assert_int_equal(ends, i + 1);
	}
}

static void bad_hellos(void **state)
{
	struct ofl_nc_statistics statistics;
	int fd = client_new();

	hears(fd, OFL_NC_FRAMING_EOM, "<session-id>");
	say(fd, "<rpc xmlns=\"" NC_BASE "\" message-id=\"1\"/>]]>]]>");
	hears_end(fd, OFL_NC_FRAMING_EOM);
	fd = client_new();
	hears(fd, OFL_NC_FRAMING_EOM, "<session-id>");
	say_hello(fd, "2.0");
	hears_end(fd, OFL_NC_FRAMING_EOM);
	ofl_nc_session_statistics(&statistics);
	assert_int_equal(statistics.in_bad_hellos, 2);
	assert_int_equal(statistics.in_sessions, 2);
	assert_int_equal(statistics.dropped_sessions, 2);
}

static void silent_peer(void **state)
{
	int fd;

	limits.hello_s = 1;
	limits.idle_s = 1;
	restart();
	fd = client_new();
	hears(fd, OFL_NC_FRAMING_EOM, "<session-id>");
	hears_end(fd, OFL_NC_FRAMING_EOM);
	/* With a hello it has the time to be idle, then not either. */
	fd = client_open("1.1");
	hears_end(fd, OFL_NC_FRAMING_CHUNKED);
	assert_int_equal(ends, 2);
}

static void too_many(void **state)
{
	int fd[3];

	for (int i = 0; i < 3; i++)
		fd[i] = client_open("1.1");
	hears_end(client_new(), OFL_NC_FRAMING_EOM);
	close(fd[0]);
	for (int i = 0; i < 10; i++)
		turn();
	fd[0] = client_open("1.1");
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	for (int i = 0; i < 30; i++)
		turn();
	limits.sessions_per_user = 1;
	restart();
	fd[0] = client_open("1.1");
	hears_end(client_new(), OFL_NC_FRAMING_EOM);
	close(fd[0]);
}

/* --- the socket file --- */

static bool init_says(const char *words)
{
	char buf[256] = "";
	bool ok = ofl_nc_listen_init(loop, &limits, buf, sizeof(buf));

	if (ok)
		ofl_nc_listen_fini();
	if (!words)
		return ok;
	if (!strstr(buf, words))
		print_error("%s\nis not in\n%s\n", words, buf);
	return !ok && strstr(buf, words);
}

static void socket_file(void **state)
{
	char other[128], was[sizeof(limits.socket)];
	struct stat st;
	int fd;

	assert_int_equal(stat(limits.socket, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	ofl_nc_sessions_fini();
	assert_int_equal(stat(limits.socket, &st), -1);
	strlcpy(was, limits.socket, sizeof(was));

	/* A file and a link stay; what the link points to, too. */
	fd = open(limits.socket, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_true(init_says("something else"));
	snprintf(other, sizeof(other), "%s/other", directory);
	assert_int_equal(rename(limits.socket, other), 0);
	assert_int_equal(symlink(other, limits.socket), 0);
	assert_true(init_says("something else"));
	assert_int_equal(unlink(other), 0);
	assert_true(init_says("something else"));
	assert_int_equal(unlink(limits.socket), 0);

	strlcpy(limits.socket_group, "no-such-group-here",
		sizeof(limits.socket_group));
	assert_true(init_says("the system knows none"));
	limits.socket_group[0] = '\0';
	strlcpy(limits.socket, "relative", sizeof(limits.socket));
	assert_true(init_says("no path"));
	strlcpy(limits.socket, was, sizeof(limits.socket));
}

/* A dead daemon's socket is replaced, a living one's is not. */
static void socket_of_others(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat mine, now;

	ofl_nc_sessions_fini();
	strlcpy(address.sun_path, limits.socket, sizeof(address.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_true(init_says("in use"));
	assert_int_equal(access(limits.socket, F_OK), 0);
	close(fd);
	assert_true(init_says(NULL));

	/* One that was put in the place of ours is not ours to remove. */
	begin(state);
	assert_int_equal(unlink(limits.socket), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_int_equal(stat(limits.socket, &mine), 0);
	ofl_nc_sessions_fini();
	assert_int_equal(stat(limits.socket, &now), 0);
	assert_int_equal(now.st_ino, mine.st_ino);
	assert_int_equal(unlink(limits.socket), 0);
	close(fd);
}

static void arguments(void **state)
{
	static const char *const bad[] = {
		"",
		"socket",
		"socket=",
		"socket=x",
		"group=",
		"sessions=0",
		"sessions=-1",
		"sessions=1x",
		"sessions= 1",
		"sessions=9999",
		"hello=0",
		"message=1",
		"colour=blue",
		"sessions=1,",
		"idle=99999999999999999999",
	};
	struct ofl_nc_limits l;
	char buf[256];

	for (size_t i = 0; i < array_size(bad); i++) {
		buf[0] = '\0';
		assert_false(
			ofl_nc_arguments_parse(bad[i], &l, buf, sizeof(buf)));
		assert_true(buf[0]);
	}
	assert_true(ofl_nc_arguments_parse("socket=/a,group=g,sessions=5,"
					   "user-sessions=2,idle=60,hello=3,"
					   "message=5000,queue=6000,"
					   "backlog=7000",
					   &l, buf, sizeof(buf)));
	assert_string_equal(l.socket, "/a");
	assert_string_equal(l.socket_group, "g");
	assert_int_equal(l.sessions, 5);
	assert_int_equal(l.sessions_per_user, 2);
	assert_int_equal(l.idle_s, 60);
	assert_int_equal(l.hello_s, 3);
	assert_int_equal(l.message_bytes, 5000);
	assert_int_equal(l.queue_bytes, 6000);
	assert_int_equal(l.backlog_bytes, 7000);
	assert_true(ofl_nc_arguments_parse(NULL, &l, buf, sizeof(buf)));
	assert_non_null(strstr(l.socket, "/offloadd-netconf.sock"));
}

static int setup(void **state)
{
	assert_non_null(mkdtemp(directory));
	loop = ofl_loop_new("test");
	ofl_nc_ops_add(local_ops);
	ofl_nc_monitor_init();
	return nc_fake_setup(state);
}

static int teardown(void **state)
{
	ofl_loop_free(loop);
	assert_int_equal(rmdir(directory), 0);
	return nc_fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_framings),
		TEST(pipeline),
		TEST(slow_peer),
		TEST(vanished_peer),
		TEST(broken_reply),
		TEST(notifications),
		TEST(kills),
		TEST(bad_framing),
		TEST(bad_hellos),
		TEST(silent_peer),
		TEST(too_many),
		TEST(socket_file),
		TEST(socket_of_others),
		cmocka_unit_test(arguments),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
