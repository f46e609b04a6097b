// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/acl_flows.c: static flows as one list an interface, in the order of
 * priorities and names, and what a change of one tells of the others: nothing.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "filter.h"

#include "offloadd/engine/acl.h"

/* --- a consumer that counts, and knows each list by its interface --- */

static struct {
	unsigned int acls, aces, gone, links, settled, wakes;
	uint32_t acl_id;
	struct ofl_acl_conf conf;
	char interface[OFL_ACE_IFNAME_LEN];
} seen;

static void on_acl(void *arg, uint32_t id, const struct ofl_acl_conf *conf)
{
	seen.acls++;
	seen.acl_id = id;
	seen.conf = *conf;
}

static void on_acl_gone(void *arg, uint32_t id)
{
	seen.acls--;
}

static void on_ace(void *arg, uint32_t id, const struct ofl_ace *ace)
{
	seen.aces++;
}

static void on_ace_gone(void *arg, uint32_t id, uint32_t seq)
{
	seen.gone++;
}

static void on_attached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	assert_int_equal(d, OFL_INGRESS);
	strlcpy(seen.interface, interface, sizeof(seen.interface));
	seen.links++;
}

static void on_detached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	seen.links--;
}

static void on_settled(void *arg)
{
	seen.settled++;
}

static const struct ofl_acl_consumer consumer = {
	.acl = on_acl,
	.acl_gone = on_acl_gone,
	.ace = on_ace,
	.ace_gone = on_ace_gone,
	.attached = on_attached,
	.detached = on_detached,
	.settled = on_settled,
};

static void on_wake(void)
{
	seen.wakes++;
}

static int setup(void **state)
{
	memset(&seen, 0, sizeof(seen));
	ofl_acls_init();
	ofl_acls_set_wake(on_wake);
	ofl_acls_consumer_set(&consumer, NULL);
	return 0;
}

static int teardown(void **state)
{
	ofl_acls_fini();
	return 0;
}

/* --- saying things --- */

static void say(const char *name, const char *interface, uint16_t priority)
{
	struct ofl_static_flow f = {.priority = priority};

	ofl_ace_init(&f.ace, OFL_ACL_MIXED);
	strlcpy(f.name, name, sizeof(f.name));
	strlcpy(f.interface, interface, sizeof(f.interface));
	ofl_acls_flow_add(&f);
}

/* Names of one letter, all at eth0 with priority 9. */
static void say_all(const char *names)
{
	ofl_acls_begin();
	for (const char *n = names; *n; n++)
		say((const char[2]){*n, '\0'}, "eth0", 9);
	ofl_acls_commit();
}

static void work(void)
{
	while (ofl_acls_work(1))
		;
}

static uint32_t seq_of(const char *name)
{
	const struct ofl_static_flow *f = ofl_static_flow_find(name);

	assert_non_null(f);
	return f->ace.seq;
}

struct check {
	unsigned int count;
	const struct ofl_static_flow *last;
};

static bool check_next(const struct ofl_static_flow *f, void *arg)
{
	struct check *c = arg;

	c->count++;
	assert_int_not_equal(f->ace.seq, 0);
	if (c->last && strcmp(c->last->interface, f->interface) == 0) {
		assert_int_equal(c->last->acl_id, f->acl_id);
		assert_true(c->last->ace.seq < f->ace.seq);
		assert_true(c->last->priority < f->priority ||
			    (c->last->priority == f->priority &&
			     strcmp(c->last->name, f->name) < 0));
	}
	c->last = f;
	return true;
}

/* Numbers have the order of the flows. */
static void check_order(unsigned int count)
{
	struct check c = {0};

	ofl_static_flows_walk(check_next, &c);
	assert_int_equal(c.count, count);
}

/* --- tests --- */

static void test_list(void **state)
{
	struct ofl_acls_stats st;

	say_all("ba");
	work();
	check_order(2);
	assert_int_equal(seen.acls, 1);
	assert_int_equal(seen.aces, 2);
	assert_int_equal(seen.links, 1);
	assert_int_equal(seen.conf.origin, OFL_ACL_FLOWS);
	assert_int_equal(seen.conf.type, OFL_ACL_MIXED);
	assert_string_equal(seen.conf.name, "flows eth0");
	assert_string_equal(seen.interface, "eth0");
	assert_int_equal(ofl_static_flow_find("a")->acl_id, seen.acl_id);
	assert_null(ofl_static_flow_find("c"));
	ofl_acls_stats(&st);
	assert_int_equal(st.acls, 1);
	assert_int_equal(st.aces, 2);
	/* Again is no change, whatever the order. */
	say_all("ab");
	work();
	assert_int_equal(seen.aces, 2);
	assert_int_equal(seen.settled, 1);
	say_all("");
	work();
	assert_int_equal(seen.acls, 0);
	assert_int_equal(seen.links, 0);
	assert_int_equal(seen.gone, 2);
}

/* A new one changes nothing of the others, wherever it comes. */
static void test_stable(void **state)
{
	static const char *const sets[] = {"dm",    "adm",    "admz",
					   "adgmz", "abdgmz", "bdgmyz"};
	unsigned int aces = 0;

	for (size_t i = 0; i < array_size(sets); i++) {
		uint32_t d = i ? seq_of("d") : 0, m = i ? seq_of("m") : 0;

		say_all(sets[i]);
		work();
		check_order(strlen(sets[i]));
		aces += i ? 1 : 2;
		assert_int_equal(seen.aces, aces);
		if (!i)
			continue;
		assert_int_equal(seq_of("d"), d);
		assert_int_equal(seq_of("m"), m);
	}
	assert_int_equal(seen.gone, 1); /* a */
}

/* By priority, then by name; another priority is another place. */
static void test_priority(void **state)
{
	uint32_t b, c;

	ofl_acls_begin();
	say("a", "eth0", 1000);
	say("c", "eth0", 5);
	say("b", "eth0", 5);
	ofl_acls_commit();
	work();
	check_order(3);
	b = seq_of("b");
	c = seq_of("c");
	assert_true(b < c && c < seq_of("a"));
	ofl_acls_begin();
	say("a", "eth0", 4);
	say("c", "eth0", 5);
	say("b", "eth0", 5);
	ofl_acls_commit();
	work();
	check_order(3);
	assert_int_equal(seq_of("b"), b);
	assert_int_equal(seq_of("c"), c);
	assert_true(seq_of("a") < b);
	assert_int_equal(seen.aces, 4);
	assert_int_equal(seen.gone, 1);
}

/* Where no number is left, all are numbered anew. */
static void test_no_gap(void **state)
{
	char names[][3] = {"a0", "b0"};
	uint32_t first = 0;
	bool renumbered = false;

	/* Each goes right before b0: the gap above a0 becomes smaller. */
	for (int n = 0; n < 30; n++) {
		ofl_acls_begin();
		say(names[0], "eth0", 9);
		say(names[1], "eth0", 9);
		for (int i = 0; i <= n; i++) {
			char name[4];

			snprintf(name, sizeof(name), "a%c", 'A' + i);
			say(name, "eth0", 9);
		}
		ofl_acls_commit();
		work();
		check_order(n + 3);
		renumbered |= first && seq_of("b0") != first;
		first = seq_of("b0");
	}
	assert_true(renumbered);
}

/* Interfaces are apart, and beside lists of other origins. */
static void test_interfaces(void **state)
{
	struct access_list *frr = access_list_get(AFI_IP, "F");
	struct ofl_attachment a = {.interface = "eth0", .name = "F"};
	struct ofl_attachment odd = {.interface = "eth2", .name = "flows eth0"};
	uint32_t eth0;

	ofl_acls_begin();
	say("a", "eth0", 9);
	say("b", "eth1", 9);
	say("c", "eth0", 9);
	ofl_acls_attach(&a);
	ofl_acls_attach(&odd); /* names no list */
	ofl_acls_commit();
	work();
	check_order(3);
	assert_int_equal(seen.acls, 3);
	assert_int_equal(seen.aces, 3);
	assert_int_equal(seen.links, 3);
	eth0 = ofl_static_flow_find("a")->acl_id;
	assert_int_not_equal(eth0, ofl_static_flow_find("b")->acl_id);
	/* Another list of FRR changes nothing of them. */
	ofl_acls_access_list_changed("F");
	work();
	assert_int_equal(seen.acls, 3);
	assert_int_equal(seen.links, 3);
	assert_int_equal(seen.aces, 3);
	assert_int_equal(seen.gone, 0);
	/* To another interface: gone here, new there. */
	ofl_acls_begin();
	say("a", "eth1", 9);
	say("b", "eth1", 9);
	say("c", "eth0", 9);
	ofl_acls_attach(&a);
	ofl_acls_commit();
	work();
	check_order(3);
	assert_int_equal(seen.aces, 4);
	assert_int_equal(seen.gone, 1);
	assert_int_equal(ofl_static_flow_find("a")->acl_id,
			 ofl_static_flow_find("b")->acl_id);
	access_list_delete(frr);
}

static void test_marks(void **state)
{
	uint32_t first, count;

	work();
	seen.settled = seen.wakes = 0;
	ofl_acls_marks_get(&first, &count);
	assert_int_equal(first, OFL_MARKS_FIRST);
	assert_int_equal(count, OFL_MARKS_COUNT);
	ofl_acls_marks_set(first, count);
	work();
	assert_int_equal(seen.settled, 0);
	ofl_acls_marks_set(5, 6);
	assert_int_equal(seen.wakes, 1);
	work();
	assert_int_equal(seen.settled, 1);
	ofl_acls_marks_get(&first, &count);
	assert_int_equal(first, 5);
	assert_int_equal(count, 6);
}

/* --- random transactions --- */

static uint32_t next_random(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

static void test_random(void **state)
{
	static uint8_t place[40]; /* 0: not there */

	for (int round = 0; round < 5000; round++) {
		unsigned int count = 0;

		place[next_random() % 40] = next_random() % 9;
		ofl_acls_begin();
		for (int i = 0; i < 40; i++) {
			char name[4], interface[6];

			if (!place[i])
				continue;
			count++;
			snprintf(name, sizeof(name), "%d", i);
			snprintf(interface, sizeof(interface), "eth%d",
				 place[i] % 2);
			say(name, interface, place[i]);
		}
		ofl_acls_commit();
		check_order(count);
		work();
		assert_int_equal(seen.aces - seen.gone, count);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_list),       TEST(test_stable), TEST(test_priority),
		TEST(test_no_gap),     TEST(test_marks),  TEST(test_random),
		TEST(test_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
