// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated table with a file: its entries outlive the provider, and the
 * process, and whatever is not such a file stays as it is.
 */
#include "tests/unit/emulated_file_fixture.h"

/* --- entries --- */

static void test_survive(void **state)
{
	struct ofl_hw_entry e;

	assert_true(t.ready);
	add_real("10.0.0.0/8", action_a);
	add_punt("10.1.0.0/16");
	add_real("2001:db8::/32", action_b);
	assert_int_equal(stats().found, 0);
	assert_false(entry("10.0.0.0/8").found);

	life_next();
	assert_true(t.ready);
	assert_int_equal(stats().entries, 3);
	assert_int_equal(stats().found, 3);
	assert_int_equal(stats().used_slots, 4);
	assert_int_equal(stats().added, 0);
	assert_int_equal(dump_found(), 3);
	e = entry("10.0.0.0/8");
	assert_int_equal(e.entry, OFL_ENTRY_REAL);
	assert_int_equal(e.identity, OFL_IDENTITY_FOUND);
	assert_true(e.found);
	e = entry("10.1.0.0/16");
	assert_int_equal(e.entry, OFL_ENTRY_PUNT);
	assert_int_equal(e.identity, 0);
	assert_int_equal(e.slots, 2);
}

static void test_adopt(void **state)
{
	uint32_t identity;

	add_real("10.0.0.0/8", action_a);
	add_real("10.1.0.0/16", action_a);
	add_real("10.2.0.0/16", action_a);
	add_punt("10.3.0.0/16");
	life_next();

	assert_true(adopt("10.0.0.0/8", action_a));
	assert_int_equal(entry("10.0.0.0/8").identity, action_a->id);
	assert_int_equal(look("10.9.9.9", 0, &identity), OFL_HIT_REAL);
	assert_int_equal(identity, action_a->id);
	assert_int_equal(stats().found, 3);

	assert_false(adopt("10.1.0.0/16", action_b));
	assert_int_equal(entry("10.1.0.0/16").identity, OFL_IDENTITY_FOUND);
	assert_false(entry("10.1.0.0/16").found);
	assert_false(adopt("10.2.0.0/16", NULL));
	assert_true(adopt("10.3.0.0/16", NULL));
	assert_int_equal(stats().found, 0);
	assert_int_equal(dump_found(), 0);
	assert_false(adopt("10.4.0.0/16", action_a));
	/* Again: nothing is counted twice. */
	assert_true(adopt("10.3.0.0/16", NULL));
	assert_int_equal(stats().found, 0);
	/* Adoption is of this life only. */
	life_next();
	assert_int_equal(stats().found, 4);
}

/* What is found is an entry as any other for operations. */
static void test_operations_on_found(void **state)
{
	add_real("10.0.0.0/8", action_a);
	add_real("10.1.0.0/16", action_a);
	life_next();
	assert_int_equal(write_op(OFL_OP_ADD, "10.0.0.0/8", action_a, 1).errnum,
			 EEXIST);
	assert_int_equal(
		write_op(OFL_OP_REPLACE, "10.0.0.0/8", action_b, 3).status,
		OFL_STATUS_OK);
	assert_int_equal(stats().found, 1);
	assert_int_equal(stats().used_slots, 4);
	assert_int_equal(entry("10.0.0.0/8").identity, action_b->id);
	del("10.1.0.0/16");
	assert_int_equal(stats().found, 0);

	life_next();
	assert_int_equal(stats().entries, 1);
	assert_int_equal(stats().used_slots, 3);
	assert_true(adopt("10.0.0.0/8", action_b));
}

/* Every part of an action makes another hash, ids none. */
static void test_hash(void **state)
{
	struct ofl_nexthop base = nexthop(3, 10), nh[6], two[2];
	uint64_t h = ofl_emu_hash_make(action_a), other;
	struct ofl_action *a;

	for (int i = 0; i < 6; i++)
		nh[i] = base;
	nh[0].ifindex = 0x300;
	nh[1].vrf = 7;
	nh[2].weight = 2;
	nh[3].mac[5] ^= 1;
	nh[4].gw[3] ^= 1;
	nh[5].family = AF_INET6;
	for (int i = 0; i < 6; i++) {
		a = ofl_action_get(OFL_ACTION_FORWARD, &nh[i], 1);
		other = ofl_emu_hash_make(a);
		assert_true(other != h);
		assert_int_equal(other >> OFL_EMU_HASH_BITS, 0);
		ofl_action_unref(a);
	}
	two[0] = base;
	two[1] = nh[3];
	a = ofl_action_get(OFL_ACTION_FORWARD, two, 2);
	assert_true(ofl_emu_hash_make(a) != h);
	ofl_action_unref(a);
	a = ofl_action_get(OFL_ACTION_BLACKHOLE, NULL, 0);
	/* As documented, worked out by hand: FNV-1a of one byte 1, folded. */
	assert_true(ofl_emu_hash_make(a) ==
		    ((0xaf63bc4c8601b62cULL >> 46) ^
		     (0xaf63bc4c8601b62cULL & 0x3fffffffffffULL)));
	ofl_action_unref(a);

	ofl_action_unref(action_a);
	action_a = action(3, 10); /* with another id */
	assert_true(ofl_emu_hash_make(action_a) == h);
}

/* A real entry whose action nobody gives could never be told again. */
static void test_action_needed(void **state)
{
	assert_int_equal(add("10.0.0.0/8", 7).errnum, EINVAL);
	assert_int_equal(stats().entries, 0);
}

/* --- the file --- */

static void test_layout(void **state)
{
	struct ofl_emu_record r;
	struct ofl_key key = key_of("10.0.0.0/8");

	assert_int_equal(head().room, 0);
	add_real("10.0.0.0/8", action_a);
	assert_memory_equal(head().magic, "OFLEMUTB", 8);
	assert_int_equal(head().version, 1);
	assert_int_equal(head().record_bytes, 64);
	assert_int_equal(head().room, OFL_EMU_FILE_STEP);
	r = record(0);
	assert_true(r.does >> 62 == OFL_ENTRY_REAL);
	assert_true((r.does >> 46 & 0xffff) == 1);
	assert_true((r.does & 0x3fffffffffffULL) ==
		    ofl_emu_hash_make(action_a));
	assert_memory_equal(&r.key, &key, sizeof(key));
	assert_int_equal(write_op(OFL_OP_REPLACE, "10.0.0.0/8", NULL, 2).status,
			 OFL_STATUS_OK);
	assert_true(record(0).does >> 62 == OFL_ENTRY_PUNT);
	assert_true((record(0).does >> 46 & 0xffff) == 2);
	del("10.0.0.0/8");
	assert_true(record(0).does == 0);
}

/* Of operations that were carried out, over all lives. */
static void test_counters(void **state)
{
	add_real("10.0.0.0/8", action_a);
	add_real("10.1.0.0/16", action_a);
	assert_int_equal(write_op(OFL_OP_ADD, "10.0.0.0/8", action_a, 1).errnum,
			 EEXIST);
	life_next();
	write_op(OFL_OP_REPLACE, "10.0.0.0/8", action_b, 1);
	del("10.1.0.0/16");
	add_punt("10.1.0.0/16");
	assert_int_equal(stats().added, 1);
	assert_true(adopt("10.0.0.0/8", action_b));
	assert_true(exercise("lose-silently 10.0.0.0/8"));
	assert_int_equal(head().added, 3);
	assert_int_equal(head().replaced, 1);
	assert_int_equal(head().deleted, 1);
}

static uint64_t told_packets;
static int told;

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	told_packets = packets;
	told++;
}

/* What another life's packets were is not told again. */
static void test_counts_after_adoption(void **state)
{
	struct ofl_provider_events with = events;

	with.counted = on_counted;
	told = 0;
	add_real("10.0.0.0/8", action_a);
	add_real("11.0.0.0/8", action_a);
	assert_true(exercise("traffic 10.0.0.1 100"));
	life_next();
	t.p->events = &with;
	assert_true(exercise("traffic 10.0.0.1 50"));
	assert_true(exercise("traffic 11.0.0.1 50"));
	ops->count(t.p);
	poll_all();
	assert_int_equal(told, 0);
	assert_true(adopt("10.0.0.0/8", action_a));
	assert_true(exercise("traffic 10.0.0.1 3"));
	ops->count(t.p);
	poll_all();
	assert_int_equal(told, 1);
	assert_int_equal(told_packets, 3);
	assert_int_equal(entry("10.0.0.0/8").packets, 153);
	t.p->events = &events;
}

static void test_hits(void **state)
{
	struct ofl_key key = key_of("10.1.2.3");
	uint32_t identity;

	add_real("10.0.0.0/8", action_a);
	ofl_emulated_lookup(t.p, 0, AF_INET, key.p.addr, true, 1500, &identity);
	life_next();
	assert_int_equal(entry("10.0.0.0/8").packets, 1);
	assert_int_equal(entry("10.0.0.0/8").bytes, 1500);
	del("10.0.0.0/8");
	add_real("10.0.0.0/8", action_a);
	assert_int_equal(record(0).packets, 0);
}

/* Records are used again, and the file grows when there is none. */
static void test_growth(void **state)
{
	char prefix[32];
	unsigned int n = OFL_EMU_FILE_STEP + 10;

	for (int i = 0; i < 5; i++) {
		add_real("10.0.0.0/8", action_a);
		del("10.0.0.0/8");
	}
	assert_int_equal(head().room, OFL_EMU_FILE_STEP);
	assert_true(exercise("capacity 100000"));
	for (unsigned int i = 0; i < n; i++) {
		snprintf(prefix, sizeof(prefix), "10.%u.%u.0/24", i >> 8,
			 i & 255);
		add_real(prefix, action_a);
		t.said_count = 0;
	}
	assert_int_equal(head().room, 2 * OFL_EMU_FILE_STEP);
	life_next();
	assert_int_equal(stats().found, n);
	assert_int_equal(entry("10.0.9.0/24").slots, 1);
	del("10.0.9.0/24");
	life_next();
	assert_int_equal(stats().found, n - 1);
	snprintf(prefix, sizeof(prefix), "10.%u.%u.0/24", (n - 1) >> 8,
		 (n - 1) & 255);
	assert_true(entry(prefix).found);
}

/* Other hardware from now on: nothing of this table stays in the old. */
static void test_clear(void **state)
{
	add_real("10.0.0.0/8", action_a);
	add_punt("10.1.0.0/16");
	add_real("10.2.0.0/16", action_a);
	ops->clear(t.p);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(stats().used_slots, 0);
	life_next();
	assert_int_equal(stats().entries, 0);
}

/* --- what is refused, and stays as it is --- */

static void assert_refused(const char *reason)
{
	struct stat before, after;
	uint8_t was[512] = {}, is[512] = {};
	int fd = open(path, O_RDONLY);

	assert_int_equal(fstat(fd, &before), 0);
	assert_true(pread(fd, was, sizeof(was), 0) >= 0);
	life_begin();
	assert_false(t.ready);
	assert_string_equal(t.ready_text, reason);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(ops->submit(t.p, &(struct ofl_op){}, 1, 0), 0);
	assert_false(exercise("appear 10.0.0.0/8"));
	ops->clear(t.p);
	life_end();
	assert_int_equal(fstat(fd, &after), 0);
	assert_true(pread(fd, is, sizeof(is), 0) >= 0);
	assert_memory_equal(was, is, sizeof(was));
	assert_int_equal(before.st_size, after.st_size);
	close(fd);
}

#define HEAD_BYTES sizeof(struct ofl_emu_head)
#define AT(i, member)                                                          \
	(HEAD_BYTES + (i) * sizeof(struct ofl_emu_record) +                    \
	 offsetof(struct ofl_emu_record, member))

static void test_garbled(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
		const char *reason;
	} cases[] = {
		{0, 'X', "emulated file: it is not an emulated table"},
		{8, 2,
		 "emulated file: it is an emulated table of another "
		 "version"},
		{12, 56,
		 "emulated file: it is an emulated table of another "
		 "version"},
		{18, 1, "emulated file: it is shorter than it says"},
		{23, 1, "emulated file: it is shorter than it says"},
		{AT(0, does) + 7, 0,
		 "emulated file: an entry in it does nothing that there is"},
		{AT(0, does) + 7, 0xc0,
		 "emulated file: an entry in it does nothing that there is"},
		{AT(1, key.p.plen), 33,
		 "emulated file: an entry in it has no prefix"},
		{AT(1, key.p.plen), 7,
		 "emulated file: an entry in it has no prefix"},
		{AT(1, key.p.family), 0,
		 "emulated file: an entry in it has no prefix"},
		{AT(1, key.p.addr) + 9, 1,
		 "emulated file: an entry in it has no prefix"},
		{AT(1, key.p.addr), 10,
		 "emulated file: it has two entries for one prefix"},
	};
	uint64_t no_slots = (uint64_t)OFL_ENTRY_PUNT << 62, good;
	uint8_t byte;

	add_real("10.0.0.0/8", action_a);
	add_real("11.0.0.0/8", action_a);
	life_end();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file_read(cases[i].at, &byte, 1);
		file_write(cases[i].at, &cases[i].byte, 1);
		assert_refused(cases[i].reason);
		file_write(cases[i].at, &byte, 1);
	}
	good = record(1).does;
	file_write(AT(1, does), &no_slots, sizeof(no_slots));
	assert_refused("emulated file: an entry in it takes no slots");
	file_write(AT(1, does), &good, sizeof(good));
	life_begin();
	assert_true(t.ready);
	assert_int_equal(stats().found, 2);
}

static void test_other_files(void **state)
{
	life_end();
	assert_int_equal(truncate(path, 0), 0);
	file_write(0, "hello", 5);
	assert_refused("emulated file: it is not an emulated table");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	life_begin();
	assert_false(t.ready);
	life_end();
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	life_begin();
	assert_string_equal(t.ready_text,
			    "emulated file: it is not a regular file");
	life_end();
	unlink(path);
	/* Absent: it is made. */
	life_begin();
	assert_true(t.ready);
	assert_int_equal(head().record_bytes, 64);
}

/* A life that was killed before it had told the room of what it added. */
static void test_longer_than_it_says(void **state)
{
	uint8_t junk[256];

	life_end();
	memset(junk, 0xff, sizeof(junk));
	file_write(HEAD_BYTES, junk, sizeof(junk));
	life_begin();
	assert_true(t.ready);
	assert_int_equal(stats().entries, 0);
	add_real("10.0.0.0/8", action_a);
	life_next();
	assert_true(t.ready);
	assert_int_equal(stats().found, 1);
}

/* One table at a time; the next one has it when the first has ended. */
static void test_lock(void **state)
{
	int fd;

	add_real("10.0.0.0/8", action_a);
	life_end();
	fd = open(path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	life_begin();
	assert_false(t.ready);
	assert_string_equal(t.ready_text, "emulated file: another table or "
					  "process has it");
	assert_int_equal(t.capacity, 10);
	assert_true(poll_all() == t.now_us + 1000000);
	t.now_us += 1000000;
	assert_true(poll_all() == t.now_us + 1000000);
	assert_false(t.ready);
	assert_int_equal(stats().found, 0);

	close(fd);
	t.now_us += 999999;
	poll_all();
	assert_false(t.ready);
	t.now_us++;
	assert_true(poll_all() == UINT64_MAX);
	assert_true(t.ready);
	assert_int_equal(stats().found, 1);
	assert_true(adopt("10.0.0.0/8", action_a));

	/* And it holds it itself. */
	fd = open(path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	close(fd);
}

/* A file put right does not make a device that is down ready. */
static void test_lock_and_down(void **state)
{
	int fd;

	life_end();
	fd = open(path, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	life_begin();
	assert_true(exercise("down"));
	assert_string_equal(t.ready_text, "emulated file: another table or "
					  "process has it");
	assert_true(exercise("up"));
	assert_false(t.ready);
	assert_true(exercise("down"));
	close(fd);
	t.now_us += 1000000;
	poll_all();
	assert_false(t.ready);
	assert_string_equal(t.ready_text, "device is down");
	assert_true(exercise("up"));
	assert_true(t.ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(test_survive),
		FILE_TEST(test_adopt),
		FILE_TEST(test_operations_on_found),
		FILE_TEST(test_hash),
		FILE_TEST(test_action_needed),
		FILE_TEST(test_layout),
		FILE_TEST(test_counters),
		FILE_TEST(test_counts_after_adoption),
		FILE_TEST(test_hits),
		FILE_TEST(test_growth),
		FILE_TEST(test_clear),
		FILE_TEST(test_garbled),
		FILE_TEST(test_other_files),
		FILE_TEST(test_longer_than_it_says),
		FILE_TEST(test_lock),
		FILE_TEST(test_lock_and_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
