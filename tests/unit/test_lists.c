// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/list*.c, case by case: what is told of entries, what a table is
 * divided into, what waits for what.  Whether packets are treated right is
 * tests/property/test_lists.c's.
 */
#include "tests/unit/list_fixture.h"

static void test_offloaded(void **state)
{
	struct ofl_lists_at at;
	struct ofl_ace_status st;

	say(3, "p0", OFL_INGRESS, NULL);
	settle();
	st = status(2);
	assert_int_equal(st.state, OFL_STATE_OFFLOADED);
	assert_true(st.in_software);
	assert_int_equal(st.matches, 1);
	assert_int_equal(st.real, 1);
	assert_int_equal(st.packets[0], 1);
	assert_true(hard->settled);
	assert_true(ofl_lists_at("T", &at));
	assert_int_equal(at.rules, 4);
	assert_int_equal(at.limit_slots, 25);
	assert_true(shares > 0);
	/* A floor, three for the port, and what 4 slots need of 97 %. */
	assert_int_equal(ofl_lists_taken_slots(0), 9);
}

static void test_unattached(void **state)
{
	say(1, "", OFL_INGRESS, NULL);
	settle();
	assert_int_equal(status(1).state, OFL_STATE_WAITING);
	assert_int_equal(status(1).reason, OFL_REASON_ACL_UNATTACHED);
	assert_int_equal(ofl_lists_taken_slots(0), 0);
}

static void test_egress(void **state)
{
	say(1, "p0", OFL_EGRESS, NULL);
	settle();
	assert_int_equal(status(1).reason, OFL_REASON_ACL_EGRESS);
	assert_true(status(1).in_software);
	assert_int_equal(fake_slots(hard), 0);
}

static void test_software_alone(void **state)
{
	say(1, "eth9", OFL_INGRESS, NULL);
	settle();
	assert_int_equal(status(1).reason, OFL_REASON_NO_TABLE);
	assert_true(status(1).in_software);
	assert_int_equal(soft->binds, 1);
	assert_true(soft->settled);
}

static void same_source(struct ofl_ace *ace)
{
	ace->src[3] = 1;
	ace->action.forward = ace->seq % 2 ? OFL_ACE_ACCEPT : OFL_ACE_DROP;
}

static void test_twin(void **state)
{
	say(2, "p0", OFL_INGRESS, same_source);
	settle();
	assert_int_equal(status(1).state, OFL_STATE_OFFLOADED);
	assert_int_equal(status(2).reason, OFL_REASON_ACL_TWIN);
}

/* What hardware drops is said, and decided again. */
static void test_lost(void **state)
{
	struct fake_entry *e = hard->entries;

	say(1, "p0", OFL_INGRESS, same_source);
	settle();
	losses = 0;
	while (!e->id)
		e++;
	fake_lose(hard, e);
	assert_int_equal(losses, 1);
	settle();
	assert_int_equal(losses, 1);
	assert_int_equal(status(1).state, OFL_STATE_OFFLOADED);
}

static void split(struct ofl_ace *ace)
{
	memcpy(ace->src, "\x0a\x00\x00\x01", 4);
	ace->match |= OFL_ACE_M_TTL;
	ace->ttl.min = ace->ttl.max = ace->seq;
}

static void any_dropped(struct ofl_ace *ace)
{
	memset(ace->src_mask, 0, 4);
	memset(ace->src, 0, 4);
	ace->action.forward = OFL_ACE_DROP;
}

static void one_accepted(struct ofl_ace *ace)
{
	if (ace->seq > 1)
		any_dropped(ace);
}

static bool current_of(const struct ofl_applied *a, void *arg)
{
	*(bool *)arg = a->current;
	return false;
}

static bool is_current(void)
{
	uint32_t id = 0;
	bool is = false;

	ofl_acls_walk(id_of, &id);
	ofl_applied_walk(id, current_of, &is);
	return is;
}

/* Software has the new list; hardware, which was not written yet, drops what
 * that accepts: nobody is told that the list is in force. */
static void test_hardware_behind(void **state)
{
	say(1, "p0", OFL_INGRESS, any_dropped);
	settle();
	assert_true(is_current());
	say(2, "p0", OFL_INGRESS, one_accepted);
	assert_false(is_current());
	for (unsigned int idle = 0; idle < 5; idle++)
		if (ofl_acls_work(100) | ofl_lists_work() | fake_switch(hard) |
		    fake_switch(soft))
			idle = 0;
	assert_int_not_equal(hard->pending_count, 0);
	assert_false(is_current());
	settle();
	assert_true(is_current());
}

static void test_split(void **state)
{
	struct ofl_ace_status st;

	say(2, "p0", OFL_INGRESS, split);
	settle();
	st = status(2);
	assert_int_equal(st.state, OFL_STATE_COVERED);
	assert_int_equal(st.reason, OFL_REASON_ACL_SPLIT);
	assert_int_equal(st.mark, ofl_lists.marks.first);
	assert_int_equal(st.mark_users, 2);
	assert_int_equal(st.punts, 1);
	assert_int_equal(status(1).mark, st.mark);
	/* Whole, as soon as hardware can. */
	hard->can_ttl = true;
	hard->events->able(hard->arg);
	settle();
	assert_int_equal(status(2).state, OFL_STATE_OFFLOADED);
	assert_int_equal(status(2).mark, 0);
}

static void never_split(struct ofl_ace *ace)
{
	split(ace);
	ace->settings.set = OFL_ACE_S_PARTIAL;
	ace->settings.allow_partial = false;
}

static void test_not_split(void **state)
{
	say(1, "p0", OFL_INGRESS, never_split);
	settle();
	assert_int_equal(status(1).mark, 0);
	assert_string_equal(status(1).text, "no such field");
}

static void in_software(struct ofl_ace *ace)
{
	ace->settings.set = OFL_ACE_S_PLACEMENT;
	ace->settings.where = OFL_ACE_SOFTWARE;
}

static void test_placement(void **state)
{
	say(1, "p0", OFL_INGRESS, in_software);
	settle();
	/* Hardware has the default action, so this one sends to software. */
	assert_int_equal(status(1).state, OFL_STATE_COVERED);
	assert_int_equal(status(1).real, 0);
	conf.acl.value = 0;
	ofl_lists_host_set(0, &conf, &fake_ops, hard, hard->capacity_slots);
	settle();
	assert_int_equal(status(1).state, OFL_STATE_WAITING);
	assert_int_equal(status(1).reason, OFL_REASON_ACL_SOFTWARE);
}

static void test_share(void **state)
{
	struct ofl_lists_at at;

	say(200, "p0", OFL_INGRESS, NULL);
	settle();
	assert_true(ofl_lists_at("T", &at));
	assert_int_equal(ofl_lists_taken_slots(0), 25);
	assert_true(at.used_slots <= 21 && at.used_slots > 15);
}

/* Software that does not get on: nothing of the new list is anywhere. */
static void test_stuck(void **state)
{
	say(1, "p0", OFL_INGRESS, NULL);
	settle();
	hard->soft_stuck = true;
	say(5, "p0", OFL_INGRESS, NULL);
	settle();
	assert_false(status(1).in_software);
	assert_int_equal(fake_slots(hard), 2);
	hard->soft_stuck = false;
	settle();
	assert_true(status(5).in_software);
	assert_int_equal(fake_slots(hard), 6);
}

/* The same once more is not written once more. */
static void test_same(void **state)
{
	unsigned int sets;
	uint64_t writes;

	say(3, "p0", OFL_INGRESS, NULL);
	settle();
	sets = hard->sets;
	writes = hard->writes;
	hard->events->able(hard->arg);
	settle();
	assert_int_equal(hard->sets, sets);
	assert_int_equal(hard->writes, writes);
}

/* --- an interface that is another now --- */
static void of_interface(struct ofl_ace *ace)
{
	ace->match |= OFL_ACE_M_INTERFACE;
	strlcpy(ace->interface, "vlan7", sizeof(ace->interface));
	ace->action.forward = OFL_ACE_REJECT;
}

static void is_reject(const struct ofl_ace_action *action, bool hardware,
		      void *arg)
{
	assert_non_null(action);
	*(bool *)arg = action->forward == OFL_ACE_REJECT;
}

/* Who comes to a list after that, and before it was noticed, does not meet what
 * was made of the old index. */
static void test_index(void **state)
{
	static const uint8_t src[4] = {10, 0, 0, 1};
	struct ofl_packet p;
	bool reject = false;

	say(1, "p0", OFL_INGRESS, of_interface);
	settle();
	index_now = 8;
	second_port = "p1";
	hard->soft_stuck = true;
	say(1, "p0", OFL_INGRESS, of_interface);
	settle();
	assert_int_equal(hard->binds, 1);
	hard->soft_stuck = false;
	settle();
	assert_int_equal(hard->binds, 2);
	ofl_packet_init(&p);
	ofl_packet_addr_set(&p, OFL_END_SRC, AF_INET, src);
	ofl_packet_set(&p, OFL_FIELD_PORT, 8);
	fake_lookup(hard, "p1", false, &p, is_reject, &reject);
	assert_true(reject);
}

/* --- count --- */
static unsigned int levels_of(const struct ofl_list *l)
{
	uint16_t top = 0;

	/* The default action is below both. */
	for (size_t i = 0; i < l->given->count; i++)
		top = MAX(top, l->given->items[i].level);
	return top;
}

static void overlapping(struct ofl_ace *ace)
{
	ace->action.forward = OFL_ACE_ACCEPT;
	ace->src_mask[3] = ace->seq == 1 ? 0xff : 0;
	ace->src[3] = ace->seq == 1;
}

static void overlapping_counted(struct ofl_ace *ace)
{
	overlapping(ace);
	ace->action.does = OFL_ACE_A_COUNT;
}

/* Entries that do the same may answer for each other, but not count so. */
static void test_count(void **state)
{
	struct ofl_list *l;

	say(2, "p0", OFL_INGRESS, overlapping);
	settle();
	l = ofl_list_dlist_first(&ofl_lists.lists);
	assert_int_equal(levels_of(l), 1);
	assert_int_equal(l->given->items[1].level, 0);
	say(2, "p0", OFL_INGRESS, overlapping_counted);
	settle();
	assert_int_equal(levels_of(l), 2);
	assert_int_equal(l->given->items[0].level, 0);
	assert_int_equal(l->given->items[1].level, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_offloaded), TEST(test_unattached),
		TEST(test_egress),    TEST(test_software_alone),
		TEST(test_twin),      TEST(test_split),
		TEST(test_lost),      TEST(test_hardware_behind),
		TEST(test_not_split), TEST(test_placement),
		TEST(test_share),     TEST(test_stuck),
		TEST(test_same),      TEST(test_index),

		TEST(test_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
