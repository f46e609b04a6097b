// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The example provider of doc/writing-a-provider.md: it keeps the contract, and
 * does what the guide says when its agent goes, comes back, forgets, is busy.
 *
 * The agent is here, too, in the same thread: it works when it is told to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "doc/examples/prov_agent.h"
#include "tests/unit/provider_contract.h"

#define CAPACITY 64

/* --- the agent --- */

static struct {
	int listener, fd;
	struct agent_msg entries[CAPACITY];
	uint32_t count, used_slots;
	bool mute; /* it does what it is told, and does not say so */
	char path[64];
} agent = {.listener = -1, .fd = -1};

static void hang_up(void)
{
	if (agent.fd >= 0)
		close(agent.fd);
	agent.fd = -1;
}

/* Whoever listened may have ended. */
static void say(const struct agent_msg *m)
{
	if (send(agent.fd, m, sizeof(*m), MSG_NOSIGNAL) != sizeof(*m))
		hang_up();
}

static void agent_start(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", agent.path);
	agent.listener = socket(
		AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(agent.listener >= 0);
	assert_int_equal(
		bind(agent.listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(agent.listener, 4), 0);
}

/* Its memory is the hardware's and stays. */
static void agent_stop(void)
{
	hang_up();
	if (agent.listener >= 0)
		close(agent.listener);
	agent.listener = -1;
	unlink(agent.path);
}

static void agent_new(void)
{
	agent_stop();
	agent.count = agent.used_slots = 0;
	agent_start();
}

static void welcome(void)
{
	struct agent_msg m = {.word = AGENT_HELLO, .capacity_slots = CAPACITY};

	say(&m);
	for (uint32_t i = 0; i < agent.count; i++) {
		m = agent.entries[i];
		m.word = AGENT_LISTED;
		say(&m);
	}
	m = (struct agent_msg){.word = AGENT_READY};
	say(&m);
}

static struct agent_msg *entry_of(const struct ofl_key *key)
{
	for (uint32_t i = 0; i < agent.count; i++)
		if (ofl_key_cmp(&agent.entries[i].key, key) == 0)
			return &agent.entries[i];
	return NULL;
}

static void forget(struct agent_msg *e)
{
	agent.used_slots -= e->slots;
	*e = agent.entries[--agent.count];
}

static void obey(const struct agent_msg *m)
{
	struct agent_msg *e = entry_of(&m->key);
	struct agent_msg answer = {.word = AGENT_ANSWER, .op_id = m->op_id};

	if ((m->word == AGENT_ADD) != !e) {
		answer.status = OFL_STATUS_ERROR;
		answer.errnum = e ? EEXIST : ENOENT;
	} else if (!e && agent.used_slots + m->slots > CAPACITY) {
		answer.status = OFL_STATUS_NO_SPACE;
		answer.errnum = ENOSPC;
	} else if (m->word == AGENT_DEL) {
		forget(e);
	} else {
		if (!e)
			e = &agent.entries[agent.count++];
		else
			agent.used_slots -= e->slots;
		*e = *m;
		agent.used_slots += m->slots;
	}
	if (!agent.mute)
		say(&answer);
}

static void agent_work(void)
{
	struct agent_msg m;

	if (agent.fd < 0) {
		agent.fd = accept(agent.listener, NULL, NULL);
		if (agent.fd < 0)
			return;
		welcome();
	}
	for (int n = 0; n < 32 && agent.fd >= 0; n++) {
		ssize_t len = recv(agent.fd, &m, sizeof(m), MSG_DONTWAIT);

		if (len == 0 || (len < 0 && errno != EAGAIN))
			hang_up();
		if (len != sizeof(m))
			return;
		obey(&m);
	}
}

/* --- one table --- */

static struct {
	struct ofl_provider *p;
	uint64_t now_us, id;
	struct ofl_outcome last;
	uint32_t answered, lost;
	bool ready;
	char text[64];
} t;

static void on_done(void *arg, const struct ofl_outcome *o)
{
	t.last = *o;
	t.answered++;
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	t.lost++;
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
	assert_int_equal(capacity_slots, CAPACITY);
}

static void on_ready(void *arg, bool ready, const char *text)
{
	t.ready = ready;
	snprintf(t.text, sizeof(t.text), "%s", text);
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
};

static struct ofl_action *action;

static uint64_t step(void)
{
	agent_work();
	return prov_agent.poll(t.p, t.now_us += 1000, 64);
}

static int setup(void **state)
{
	struct ofl_nexthop nh = {.ifindex = 1, .family = AF_INET, .weight = 1};
	struct ofl_hwtable_conf conf;
	const char *error = NULL;

	ofl_action_init();
	action = ofl_action_get(OFL_ACTION_FORWARD, &nh, 1);
	agent_new();
	memset(&t, 0, sizeof(t));
	t.now_us = 1000000;
	ofl_hwtable_conf_init(&conf, "main");
	t.p = prov_agent.new(&conf, &events, &t, &error);
	assert_non_null(t.p);
	for (int i = 0; i < 3; i++)
		step();
	assert_true(t.ready);
	return 0;
}

static int teardown(void **state)
{
	prov_agent.free(t.p, 0);
	ofl_action_unref(action);
	ofl_action_fini();
	agent_stop();
	return 0;
}

static struct ofl_key key_of(uint8_t third)
{
	struct ofl_key key = {.p = {.family = AF_INET, .plen = 24}};

	key.p.addr[0] = 10;
	key.p.addr[2] = third;
	return key;
}

static struct ofl_op add_of(uint8_t third, const struct ofl_action *a)
{
	return (struct ofl_op){
		.id = ++t.id,
		.kind = OFL_OP_ADD,
		.entry = OFL_ENTRY_REAL,
		.slots = 1,
		.identity = a->id,
		.key = key_of(third),
		.action = a,
	};
}

static void add(uint8_t third)
{
	struct ofl_op op = add_of(third, action);

	assert_int_equal(prov_agent.submit(t.p, &op, 1, t.now_us), 1);
}

static struct ofl_provider_stats stats(void)
{
	struct ofl_provider_stats st;

	prov_agent.stats(t.p, &st);
	return st;
}

/* --- the tests --- */

static void test_too_wide(void **state)
{
	struct ofl_nexthop nh[AGENT_HOPS_MAX + 1];
	struct ofl_action *wide;
	struct ofl_op op;

	memset(nh, 0, sizeof(nh));
	for (uint32_t i = 0; i <= AGENT_HOPS_MAX; i++) {
		nh[i].ifindex = i + 1;
		nh[i].family = AF_INET;
		nh[i].weight = 1;
	}
	wide = ofl_action_get(OFL_ACTION_FORWARD, nh, AGENT_HOPS_MAX + 1);
	op = add_of(1, wide);
	assert_int_equal(prov_agent.submit(t.p, &op, 1, t.now_us), 1);
	ofl_action_unref(wide);
	assert_int_equal(t.answered, 0);
	step();
	assert_int_equal(t.answered, 1);
	assert_int_equal(t.last.status, OFL_STATUS_UNSUPPORTED);
	assert_string_equal(t.last.text, "more than 8 next hops");
	assert_int_equal(stats().in_flight, 0);
	assert_int_equal(agent.count, 0);
}

/* While the agent is away nothing is known to be wrong; when it is back it
 * says what there is. */
static void test_agent_goes(void **state)
{
	struct ofl_hw_entry e;
	struct ofl_key key = key_of(1);

	add(1);
	add(2);
	step();
	assert_int_equal(t.answered, 2);
	agent.mute = true;
	add(3);
	agent_work();
	agent.mute = false;
	agent_stop();
	while (t.ready)
		prov_agent.poll(t.p, t.now_us, 1);
	assert_string_equal(t.text, "the agent has gone");
	assert_int_equal(t.answered, 3);
	assert_int_equal(t.last.status, OFL_STATUS_ERROR);
	assert_int_equal(stats().in_flight, 0);
	assert_int_equal(stats().entries, stats().used_slots);
	assert_int_equal(t.lost, 0);
	assert_int_equal(prov_agent.submit(t.p, NULL, 0, t.now_us), 0);

	/* It tries once a second. */
	assert_true(prov_agent.poll(t.p, t.now_us, 64) > t.now_us);
	t.now_us += 2000000;
	prov_agent.poll(t.p, t.now_us, 64);
	assert_string_equal(t.text, "the agent is not there");

	forget(entry_of(&key));
	agent_start();
	t.now_us += 2000000;
	for (int i = 0; i < 3; i++)
		step();
	assert_true(t.ready);
	assert_int_equal(t.lost, 1); /* the first */
	assert_false(prov_agent.find(t.p, &key, &e));
	assert_int_equal(stats().entries, 2);
	assert_int_equal(stats().found, 2);
	key = key_of(3);
	assert_true(prov_agent.adopt(t.p, &key, action));
}

static void test_words_of_the_agent(void **state)
{
	struct agent_msg m = {
		.word = AGENT_COUNTED, .packets = 5, .bytes = 300};
	struct ofl_hw_entry e;

	add(1);
	step();
	m.key = key_of(1);
	say(&m);
	m.key = key_of(9); /* of what is not there */
	say(&m);
	step();
	m.key = key_of(1);
	assert_true(prov_agent.find(t.p, &m.key, &e));
	assert_int_equal(e.packets, 5);
	assert_int_equal(e.bytes, 300);

	m.word = AGENT_LOST;
	say(&m);
	m = (struct agent_msg){.word = AGENT_ANSWER, .op_id = 4711};
	say(&m);
	m = (struct agent_msg){.word = 99};
	say(&m);
	step();
	assert_int_equal(t.lost, 1);
	assert_int_equal(t.answered, 1);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(stats().used_slots, 0);
}

static void test_garbage_ends_the_session(void **state)
{
	assert_int_equal(send(agent.fd, "?", 1, 0), 1);
	prov_agent.poll(t.p, t.now_us, 64);
	assert_false(t.ready);
}

/* The agent does not read: operations wait where they are, nothing blocks. */
static void test_busy(void **state)
{
	static struct ofl_op ops[2048];
	size_t taken;

	for (uint32_t i = 0; i < 2048; i++)
		ops[i] = add_of(i % 256, action);
	taken = prov_agent.submit(t.p, ops, 2048, t.now_us);
	assert_uint_in_range(taken, 1, 2047);
	assert_int_equal(prov_agent.submit(t.p, ops + taken, 1, t.now_us), 0);
	assert_int_equal(prov_agent.poll(t.p, t.now_us, 64), t.now_us + 1000);
	while (t.answered < taken)
		step();
	assert_int_equal(prov_agent.submit(t.p, ops + taken, 1, t.now_us), 1);
}

/* The loop watches one descriptor from birth to death. */
static void test_fd(void **state)
{
	struct pollfd pfd = {.fd = prov_agent.fd(t.p), .events = POLLIN};

	assert_int_equal(poll(&pfd, 1, 0), 0);
	add(1);
	agent_work();
	assert_int_equal(poll(&pfd, 1, 0), 1);
	step();
	assert_int_equal(poll(&pfd, 1, 0), 0);
	agent_stop();
	assert_int_equal(poll(&pfd, 1, 0), 1);
	step();
	assert_int_equal(prov_agent.fd(t.p), pfd.fd);
	assert_int_equal(poll(&pfd, 1, 0), 0);
	agent_start();
}

static void test_clear(void **state)
{
	add(1);
	add(2);
	step();
	assert_int_equal(agent.count, 2);
	prov_agent.clear(t.p);
	agent_work();
	assert_int_equal(agent.count, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_too_wide),
		TEST(test_agent_goes),
		TEST(test_words_of_the_agent),
		TEST(test_garbage_ends_the_session),
		TEST(test_busy),
		TEST(test_fd),
		TEST(test_clear),
	};
	const struct contract contract = {
		.ops = &prov_agent,
		.capacity_slots = CAPACITY,
		.outlives = true,
		.hardware_new = agent_new,
		.hardware_work = agent_work,
	};
	char dir[] = "/tmp/offload-agent-XXXXXX";
	struct contract c = contract;
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(agent.path, sizeof(agent.path), "%s/agent.sock", dir);
	agent_path = agent.path;
	ofl_hwtable_conf_init(&c.conf, "main");
	failed = contract_run(&c);
	agent_stop();
	failed += cmocka_run_group_tests(tests, NULL, NULL);
	agent_stop();
	rmdir(dir);
	return failed;
}
