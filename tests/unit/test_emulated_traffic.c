// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic of the emulated table: what entries answered is told once, what
 * software gets is sampled.
 */
#include "tests/unit/emulated_fixture.h"

static struct {
	struct ofl_key key[64];
	uint64_t packets[64], bytes[64];
	size_t count;
	int ends;
	uint32_t entries;
	char text[64];
	struct ofl_sample last;
	uint64_t sampled;
	bool inside; /* of poll() */
} heard;

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	assert_ptr_equal(arg, &t);
	assert_true(heard.inside && heard.count < 64 && (packets || bytes));
	heard.key[heard.count] = *key;
	heard.packets[heard.count] = packets;
	heard.bytes[heard.count++] = bytes;
}

static void on_count_end(void *arg, uint32_t entries, const char *text)
{
	assert_true(heard.inside);
	heard.ends++;
	heard.entries = entries;
	snprintf(heard.text, sizeof(heard.text), "%s", text);
}

static void on_sampled(void *arg, const struct ofl_sample *sample)
{
	heard.last = *sample;
	heard.sampled++;
}

static const struct ofl_provider_events traffic_events = {
	.done = on_done,
	.lost = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
	.counted = on_counted,
	.count_end = on_count_end,
	.sampled = on_sampled,
};

static int traffic_setup(void **state)
{
	memset(&heard, 0, sizeof(heard));
	setup(state);
	t.p->events = &traffic_events;
	return 0;
}

/* A reading: how many entries told something. */
static size_t count(void)
{
	int before = heard.ends;

	heard.count = 0;
	heard.inside = true;
	ops->count(t.p);
	ops->count(t.p); /* one is under way: the same */
	while (ops->poll(t.p, t.now_us, 64) == 0)
		;
	heard.inside = false;
	assert_int_equal(heard.ends, before + 1);
	return heard.count;
}

static void counted(const char *prefix, uint64_t packets, uint64_t bytes)
{
	struct ofl_key key = key_of(prefix);

	assert_int_equal(count(), 1);
	assert_int_equal(ofl_key_cmp(&heard.key[0], &key), 0);
	assert_int_equal(heard.packets[0], packets);
	assert_int_equal(heard.bytes[0], bytes);
}

static struct ofl_sampling_status sampling(void)
{
	struct ofl_sampling_status s;

	ops->sampling(t.p, &s);
	return s;
}

static void test_entries_count(void **state)
{
	struct ofl_hw_entry e;
	struct ofl_key key = key_of("10.0.0.0/8");

	assert_int_equal(count(), 0);
	assert_int_equal(heard.entries, 0);
	add_ok("10.0.0.0/8", 1);
	add_ok("10.1.0.0/16", 1);
	add_ok("2001:db8::/32", 1);
	assert_int_equal(count(), 0);
	assert_int_equal(heard.entries, 3);
	assert_true(exercise("traffic 10.0.0.1 7 100"));
	assert_true(exercise("traffic 10.0.0.1 1"));
	assert_true(exercise("traffic 11.0.0.1 5"));
	counted("10.0.0.0/8", 8, 1700);
	assert_int_equal(count(), 0);
	/* Of a prefix its first address; the longest answers. */
	assert_true(exercise("traffic 10.1.0.0/16 3 50"));
	counted("10.1.0.0/16", 3, 150);
	assert_true(exercise("traffic 2001:db8::1 2 60 vrf 0"));
	counted("2001:db8::/32", 2, 120);
	assert_true(exercise("traffic 2001:db8::1 2 60 vrf 9"));
	assert_true(exercise("traffic 2001:db8::1 0"));
	assert_int_equal(count(), 0);
	assert_true(ops->find(t.p, &key, &e));
	assert_int_equal(e.packets, 8);
	assert_int_equal(e.bytes, 1700);
}

static void test_what_a_write_makes_of_it(void **state)
{
	add_ok("10.0.0.0/8", 1);
	assert_true(exercise("traffic 10.0.0.1 4 10"));
	do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 2));
	counted("10.0.0.0/8", 4, 40);
	/* A cover forwards nothing, also when it becomes another. */
	do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_PUNT, 1, 0));
	assert_true(exercise("traffic 10.0.0.1 4 10"));
	assert_int_equal(count(), 0);
	assert_int_equal(heard.entries, 0);
	assert_true(exercise("traffic 10.0.0.1 4 10"));
	do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_REAL, 1, 2));
	assert_int_equal(count(), 0);
	/* A new one begins anew. */
	assert_true(exercise("traffic 10.0.0.1 9 10"));
	do_op(op_of(OFL_OP_DEL, "10.0.0.0/8", OFL_ENTRY_NONE, 0, 0));
	add_ok("10.0.0.0/8", 1);
	assert_int_equal(count(), 0);
	assert_true(exercise("traffic 10.0.0.1 1 10"));
	counted("10.0.0.0/8", 1, 10);
}

static void test_when_it_cannot_be_read(void **state)
{
	add_ok("10.0.0.0/8", 1);
	assert_true(exercise("traffic 10.0.0.1 4 10"));
	assert_true(exercise("down"));
	assert_int_equal(count(), 0);
	assert_int_equal(heard.entries, 0);
	assert_true(strlen(heard.text) > 0);
	assert_true(exercise("up"));
	assert_true(exercise("silent on"));
	ops->count(t.p);
	heard.inside = true;
	poll_all();
	assert_int_equal(heard.ends, 1);
	assert_true(exercise("silent off"));
	poll_all();
	heard.inside = false;
	assert_int_equal(heard.ends, 2);
	assert_int_equal(heard.packets[0], 4);
	assert_string_equal(heard.text, "");
}

static void test_many_entries(void **state)
{
	teardown(state);
	table_new(20000);
	poll_all();
	t.p->events = &traffic_events;
	for (uint32_t i = 0; i < 20000; i++) {
		struct ofl_op op =
			op_of(OFL_OP_ADD, "10.0.0.0/32", OFL_ENTRY_REAL, 1, 1);

		op.key.p.addr[2] = (uint8_t)(i >> 8);
		op.key.p.addr[3] = (uint8_t)i;
		t.said_count = 0;
		put(op);
		poll_all();
	}
	assert_true(exercise("traffic 10.0.78.31 5 1"));
	assert_true(exercise("traffic 10.0.0.0 5 1"));
	ops->count(t.p);
	heard.inside = true;
	/* Not all at once. */
	assert_int_equal(ops->poll(t.p, t.now_us, 64), 0);
	assert_int_equal(heard.ends, 0);
	heard.inside = false;
	assert_int_equal(count(), 1);
	assert_int_equal(heard.entries, 20000);
}

static void test_samples(void **state)
{
	add_ok("10.0.0.0/8", 1);
	assert_true(exercise("traffic 11.0.0.1 5000"));
	assert_int_equal(heard.sampled, 0);
	assert_false(sampling().on);
	ops->sample(t.p, 1000);
	assert_true(sampling().on);
	assert_int_equal(sampling().rate, 1000);
	assert_true(exercise("traffic 10.0.0.1 5000"));
	assert_true(exercise("traffic 11.0.0.1 999"));
	assert_int_equal(heard.sampled, 0);
	assert_true(exercise("traffic 12.0.0.0/8 1 333"));
	assert_int_equal(heard.sampled, 1);
	assert_int_equal(heard.last.rate, 1000);
	assert_int_equal(heard.last.bytes, 333);
	assert_int_equal(heard.last.ifindex, 0);
	assert_int_equal(heard.last.family, AF_INET);
	assert_int_equal(heard.last.dst[0], 12);
	assert_true(exercise("traffic 2001:db8::7 3500"));
	assert_int_equal(heard.sampled, 4);
	assert_int_equal(heard.last.family, AF_INET6);
	assert_int_equal(heard.last.dst[15], 7);
	/* A cover says software. */
	do_op(op_of(OFL_OP_REPLACE, "10.0.0.0/8", OFL_ENTRY_PUNT, 1, 0));
	assert_true(exercise("traffic 10.0.0.1 500"));
	assert_int_equal(heard.sampled, 5);
	ops->sample(t.p, 1);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(heard.sampled, 8);
	assert_int_equal(sampling().samples, 8);
	assert_int_equal(sampling().lost, 0);
	assert_true(exercise("traffic 11.0.0.1 10003"));
	assert_int_equal(heard.sampled, 10008);
	assert_int_equal(sampling().lost, 3);
	assert_true(exercise("down"));
	assert_false(sampling().on);
	assert_true(strlen(sampling().text) > 0);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(heard.sampled, 10008);
	assert_true(exercise("up"));
	ops->sample(t.p, 0);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(heard.sampled, 10008);
}

/* --- regions --- */
static void on_region_counted(void *arg, uint32_t ifindex,
			      const struct ofl_prefix *region, uint64_t packets,
			      uint64_t bytes)
{
	struct ofl_key key = {.p = *region};

	on_counted(arg, &key, packets, bytes);
}

static struct ofl_prefix region_of(const char *prefix)
{
	return key_of(prefix).p;
}

static void test_regions(void **state)
{
	struct ofl_provider_events with = traffic_events;
	struct ofl_prefix some[] = {region_of("11.0.0.0/9"),
				    region_of("11.128.0.0/9"),
				    region_of("::/0")};

	with.region_counted = on_region_counted;
	t.p->events = &with;
	add_ok("11.1.0.0/16", 1);
	ops->regions(t.p, some, 2);
	assert_int_equal(sampling().regions, 2);
	assert_true(exercise("traffic 11.0.0.1 7 100"));
	assert_true(exercise("traffic 11.0.1.1 2 100"));
	assert_true(exercise("traffic 12.0.0.1 5"));
	assert_true(exercise("traffic 11.1.0.1 4 10")); /* hardware's */
	assert_int_equal(count(), 2);
	assert_int_equal(heard.packets[0], 4);
	assert_int_equal(ofl_prefix_cmp(&heard.key[1].p, &some[0]), 0);
	assert_int_equal(heard.packets[1], 9);
	assert_int_equal(heard.bytes[1], 900);
	assert_int_equal(count(), 0);
	/* What one that stays has counted is told, of one that goes it is not.
	 */
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_true(exercise("traffic 11.200.0.1 3"));
	some[1] = some[2];
	ops->regions(t.p, some, 2);
	assert_true(exercise("traffic 2001:db8::1 6"));
	assert_int_equal(count(), 2);
	assert_int_equal(heard.packets[0], 3);
	assert_int_equal(heard.packets[1], 6);
	ops->regions(t.p, NULL, 0);
	assert_int_equal(sampling().regions, 0);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(count(), 0);
	t.p->events = &traffic_events;
}

static void test_sampling_off(void **state)
{
	ops->sample(t.p, 1);
	assert_true(exercise("sampling off"));
	assert_false(sampling().on);
	assert_true(strlen(sampling().text) > 0);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(heard.sampled, 0);
	assert_true(exercise("sampling on"));
	assert_true(sampling().on);
	assert_true(exercise("traffic 11.0.0.1 3"));
	assert_int_equal(heard.sampled, 3);
	assert_false(exercise("sampling"));
	assert_false(exercise("sampling maybe"));
	assert_false(exercise("sampling on on"));
}

/* Who does not want to know need not. */
static void test_nobody_listens(void **state)
{
	t.p->events = &events;
	add_ok("10.0.0.0/8", 1);
	ops->sample(t.p, 1);
	assert_true(exercise("traffic 10.0.0.1 3"));
	assert_true(exercise("traffic 11.0.0.1 3"));
	ops->count(t.p);
	poll_all();
}

static void test_bad_lines(void **state)
{
	static const char *const lines[] = {
		"traffic",
		"traffic 10.0.0.1",
		"traffic 10.0.0.1 -1",
		"traffic 10.0.0.1 x",
		"traffic 10.0.0.1/8 1",
		"traffic nowhere 1",
		"traffic 10.0.0.1 1 0",
		"traffic 10.0.0.1 1 65536",
		"traffic 10.0.0.1 1000000000001",
		"traffic 10.0.0.1 1 10 vrf",
		"traffic 10.0.0.1 1 10 vrf x",
		"traffic 10.0.0.1 1 10 20",
		"traffic 10.0.0.1 1 vrf 3 4",
	};

	add_ok("0.0.0.0/0", 1);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		print_message("\"%s\"\n", lines[i]);
		assert_false(exercise(lines[i]));
	}
	assert_int_equal(count(), 0);
}

#define TRAFFIC(f) cmocka_unit_test_setup_teardown(f, traffic_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAFFIC(test_entries_count),
		TRAFFIC(test_what_a_write_makes_of_it),
		TRAFFIC(test_when_it_cannot_be_read),
		TRAFFIC(test_many_entries),
		TRAFFIC(test_samples),
		TRAFFIC(test_regions),
		TRAFFIC(test_sampling_off),
		TRAFFIC(test_nobody_listens),
		TRAFFIC(test_bad_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
