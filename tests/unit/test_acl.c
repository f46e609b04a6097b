// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine/acl.c: what a transaction changes, and that a consumer that believes
 * what it is told ends with what is configured, in an order it can follow.
 */
#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "filter.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/engine/acl.h"

/* --- a consumer that keeps what it is told --- */

#define SEEN_MAX 64

static struct {
	struct {
		uint32_t id;
		struct ofl_acl_conf conf;
	} acl[SEEN_MAX];
	struct {
		uint32_t id;
		struct ofl_ace ace;
	} ace[SEEN_MAX];
	struct {
		uint32_t id;
		char interface[16];
		enum ofl_direction d;
	} link[SEEN_MAX];
	unsigned int acls, aces, links, told, settled, wakes;
} seen;

static unsigned int acl_at(uint32_t id)
{
	unsigned int i = 0;

	while (i < seen.acls && seen.acl[i].id != id)
		i++;
	return i;
}

static unsigned int ace_at(uint32_t id, uint32_t seq)
{
	unsigned int i = 0;

	while (i < seen.aces &&
	       (seen.ace[i].id != id || seen.ace[i].ace.seq != seq))
		i++;
	return i;
}

static unsigned int link_at(uint32_t id, const char *interface,
			    enum ofl_direction d)
{
	unsigned int i = 0;

	while (i < seen.links &&
	       (seen.link[i].id != id || seen.link[i].d != d ||
		strcmp(seen.link[i].interface, interface) != 0))
		i++;
	return i;
}

static void on_acl(void *arg, uint32_t id, const struct ofl_acl_conf *conf)
{
	unsigned int i = acl_at(id);

	seen.told++;
	seen.acl[i].id = id;
	seen.acl[i].conf = *conf;
	seen.acls += i == seen.acls;
}

static void on_acl_gone(void *arg, uint32_t id)
{
	unsigned int i = acl_at(id);

	seen.told++;
	assert_true(i < seen.acls);
	for (unsigned int j = 0; j < seen.aces; j++)
		assert_int_not_equal(seen.ace[j].id, id);
	for (unsigned int j = 0; j < seen.links; j++)
		assert_int_not_equal(seen.link[j].id, id);
	seen.acl[i] = seen.acl[--seen.acls];
}

static void on_ace(void *arg, uint32_t id, const struct ofl_ace *ace)
{
	unsigned int i = ace_at(id, ace->seq);

	seen.told++;
	assert_true(acl_at(id) < seen.acls);
	seen.ace[i].id = id;
	seen.ace[i].ace = *ace;
	seen.aces += i == seen.aces;
}

static void on_ace_gone(void *arg, uint32_t id, uint32_t seq)
{
	unsigned int i = ace_at(id, seq);

	seen.told++;
	assert_true(i < seen.aces);
	seen.ace[i] = seen.ace[--seen.aces];
}

static void on_attached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	unsigned int i = link_at(id, interface, d);

	seen.told++;
	assert_true(acl_at(id) < seen.acls);
	assert_int_equal(i, seen.links);
	seen.link[i].id = id;
	seen.link[i].d = d;
	strlcpy(seen.link[i].interface, interface, 16);
	seen.links++;
}

static void on_detached(void *arg, uint32_t id, const char *interface,
			enum ofl_direction d)
{
	unsigned int i = link_at(id, interface, d);

	seen.told++;
	assert_true(i < seen.links);
	seen.link[i] = seen.link[--seen.links];
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

/* --- saying things --- */

static void say_acl(const char *name, uint8_t cls)
{
	struct ofl_acl_conf c;

	ofl_acl_conf_init(&c, name);
	c.settings.cls = cls;
	ofl_acls_add(&c);
}

static void say_ace(uint32_t seq, enum ofl_ace_forward forward)
{
	struct ofl_ace ace;

	ofl_ace_init(&ace, OFL_ACL_IPV4);
	ace.seq = seq;
	ace.action.forward = forward;
	ofl_acls_ace_add(&ace);
}

static void say_link(const char *name, const char *interface,
		     enum ofl_direction d)
{
	struct ofl_attachment a = {.direction = d};

	strlcpy(a.name, name, sizeof(a.name));
	strlcpy(a.interface, interface, sizeof(a.interface));
	ofl_acls_attach(&a);
}

/* Lists A (5 drop, 6 accept) and B (empty), A at eth0. */
static void say_first(void)
{
	ofl_acls_begin();
	say_acl("A", OFL_CLASS_BEST_EFFORT);
	say_ace(6, OFL_ACE_ACCEPT);
	say_ace(5, OFL_ACE_DROP);
	say_acl("B", OFL_CLASS_BEST_EFFORT);
	say_link("A", "eth0", OFL_INGRESS);
	ofl_acls_commit();
}

static void work(void)
{
	while (ofl_acls_work(1))
		;
}

static uint32_t id_of(const char *name)
{
	for (unsigned int i = 0; i < seen.acls; i++)
		if (strcmp(seen.acl[i].conf.name, name) == 0)
			return seen.acl[i].id;
	return 0;
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

/* --- tests --- */

static void test_first(void **state)
{
	struct ofl_acls_stats st;

	say_first();
	assert_int_equal(seen.told, 0);
	assert_int_not_equal(seen.wakes, 0);
	ofl_acls_stats(&st);
	assert_int_equal(st.acls, 2);
	assert_int_equal(st.aces, 2);
	assert_int_equal(st.pending, 5);
	work();
	assert_int_equal(seen.acls, 2);
	assert_int_equal(seen.aces, 2);
	assert_int_equal(seen.links, 1);
	assert_int_equal(seen.told, 5);
	assert_int_equal(seen.settled, 1);
	ofl_acls_stats(&st);
	assert_int_equal(st.pending, 0);
	/* The same again is no change. */
	say_first();
	work();
	assert_int_equal(seen.told, 5);
	assert_int_equal(seen.settled, 1);
}

static void test_bounded(void **state)
{
	say_first();
	assert_true(ofl_acls_work(2));
	assert_int_equal(seen.told, 2);
	assert_int_equal(seen.settled, 0);
	assert_true(ofl_acls_work(2));
	assert_false(ofl_acls_work(2));
	assert_int_equal(seen.told, 5);
	assert_int_equal(seen.settled, 1);
}

/* One entry changes, one goes, one comes. */
static void test_edit(void **state)
{
	uint32_t a;

	say_first();
	work();
	a = id_of("A");
	ofl_acls_begin();
	say_acl("A", OFL_CLASS_BEST_EFFORT);
	say_ace(6, OFL_ACE_REJECT);
	say_ace(7, OFL_ACE_ACCEPT);
	say_acl("B", OFL_CLASS_BEST_EFFORT);
	say_link("A", "eth0", OFL_INGRESS);
	ofl_acls_commit();
	work();
	assert_int_equal(seen.told, 5 + 3);
	assert_int_equal(seen.aces, 2);
	assert_int_equal(ace_at(a, 5), seen.aces);
	assert_int_equal(seen.ace[ace_at(a, 6)].ace.action.forward,
			 OFL_ACE_REJECT);
	assert_int_equal(seen.settled, 2);
}

/* The list's class is its entries'. */
static void test_inherit(void **state)
{
	uint32_t a;

	say_first();
	work();
	a = id_of("A");
	assert_int_equal(seen.ace[ace_at(a, 5)].ace.settings.cls,
			 OFL_CLASS_BEST_EFFORT);
	ofl_acls_begin();
	say_acl("A", OFL_CLASS_CRITICAL);
	say_ace(6, OFL_ACE_ACCEPT);
	say_ace(5, OFL_ACE_DROP);
	ofl_acls_commit();
	work();
	assert_int_equal(seen.acls, 1);
	assert_int_equal(seen.links, 0);
	assert_int_equal(seen.ace[ace_at(a, 5)].ace.settings.cls,
			 OFL_CLASS_CRITICAL);
	assert_int_equal(seen.ace[ace_at(a, 6)].ace.settings.cls,
			 OFL_CLASS_CRITICAL);
}

/* A list that went and came back is another; nothing of the old one is told
 * after it. */
static void test_gone(void **state)
{
	uint32_t a;

	say_first();
	work();
	a = id_of("A");
	ofl_acls_begin();
	ofl_acls_commit();
	say_first();
	work();
	assert_int_equal(seen.acls, 2);
	assert_int_equal(seen.aces, 2);
	assert_int_equal(seen.links, 1);
	assert_int_not_equal(id_of("A"), a);
	assert_int_equal(acl_at(a), seen.acls);
}

/* What came and went between two turns is not told at all. */
static void test_brief(void **state)
{
	say_first();
	ofl_acls_begin();
	ofl_acls_commit();
	work();
	assert_int_equal(seen.told, 0);
}

/* A consumer that comes late is told everything. */
static void test_late(void **state)
{
	ofl_acls_consumer_set(NULL, NULL);
	say_first();
	assert_false(ofl_acls_work(9));
	assert_int_equal(seen.told, 0);
	ofl_acls_consumer_set(&consumer, NULL);
	work();
	assert_int_equal(seen.told, 5);
	assert_int_equal(seen.settled, 1);
	ofl_acls_consumer_set(&consumer, NULL);
	memset(&seen, 0, sizeof(seen));
	work();
	assert_int_equal(seen.told, 5);
}

static bool count_one(const struct ofl_acl_status *s, void *arg)
{
	++*(unsigned int *)arg;
	return true;
}

static bool seq_next(const struct ofl_ace *ace, void *arg)
{
	uint32_t *last = arg;

	assert_true(ace->seq > *last);
	*last = ace->seq;
	return true;
}

static void test_query(void **state)
{
	unsigned int count = 0;
	uint32_t last = 0;

	say_first();
	work();
	ofl_acls_walk(count_one, &count);
	assert_int_equal(count, 2);
	ofl_aces_walk(id_of("A"), 0, seq_next, &last);
	assert_int_equal(last, 6);
	last = 0;
	ofl_aces_walk(id_of("A"), 7, seq_next, &last);
	assert_int_equal(last, 0);
}

/* --- FRR's lists --- */

static void frr_add(struct access_list *list, int64_t seq, bool permit,
		    const char *prefix, bool exact)
{
	struct filter *f = filter_new();

	f->seq = seq;
	f->type = permit ? FILTER_PERMIT : FILTER_DENY;
	f->u.zfilter.exact = exact;
	assert_int_not_equal(str2prefix(prefix, &f->u.zfilter.prefix), 0);
	access_list_filter_add(list, f);
}

static void frr_extended(struct access_list *list, int64_t seq, const char *src,
			 const char *src_wild, const char *dst,
			 const char *dst_wild)
{
	struct filter *f = filter_new();
	struct filter_cisco *c = &f->u.cfilter;

	f->seq = seq;
	f->type = FILTER_PERMIT;
	f->cisco = 1;
	c->extended = 1;
	assert_int_equal(inet_pton(AF_INET, src, &c->addr), 1);
	assert_int_equal(inet_pton(AF_INET, src_wild, &c->addr_mask), 1);
	assert_int_equal(inet_pton(AF_INET, dst, OFL_CISCO_DST(c)), 1);
	assert_int_equal(inet_pton(AF_INET, dst_wild, OFL_CISCO_DST_MASK(c)),
			 1);
	access_list_filter_add(list, f);
}

static void say_frr(bool with_own)
{
	ofl_acls_begin();
	if (with_own) {
		say_acl("F", OFL_CLASS_BEST_EFFORT);
		say_ace(1, OFL_ACE_ACCEPT);
	}
	say_link("F", "eth0", OFL_INGRESS);
	say_link("F", "eth1", OFL_EGRESS);
	ofl_acls_commit();
}

static void check_text(uint32_t seq, enum ofl_acl_type type, const char *want)
{
	char text[OFL_ACE_STRLEN];

	for (unsigned int i = 0; i < seen.aces; i++)
		if (seen.ace[i].ace.seq == seq &&
		    seen.acl[acl_at(seen.ace[i].id)].conf.type == type) {
			struct ofl_ace ace = seen.ace[i].ace;

			ace.settings.set = 0;
			assert_string_equal(ofl_ace_print(&ace, type, text,
							  sizeof(text)),
					    want);
			return;
		}
	fail_msg("sequence %u is not there", seq);
}

static void test_frr(void **state)
{
	struct access_list *v4 = access_list_get(AFI_IP, "F");
	struct access_list *v6 = access_list_get(AFI_IP6, "F");

	frr_add(v4, 5, true, "10.0.0.0/8", false);
	frr_add(v4, 6, true, "11.0.0.0/8", true); /* no packet */
	frr_add(v4, 7, false, "12.0.0.1/32", true);
	frr_extended(v4, 8, "10.0.7.1", "0.0.255.0", "0.0.0.0",
		     "255.255.255.255");
	frr_add(v6, 5, false, "2001:db8::/32", false);
	say_frr(false);
	work();
	assert_int_equal(seen.acls, 2);
	assert_int_equal(seen.aces, 4);
	assert_int_equal(seen.links, 4);
	check_text(5, OFL_ACL_IPV4, "permit ip 10.0.0.0/8 any");
	check_text(7, OFL_ACL_IPV4, "deny ip host 12.0.0.1 any");
	check_text(8, OFL_ACL_IPV4, "permit ip 10.0.0.1 0.0.255.0 any");
	check_text(5, OFL_ACL_IPV6, "deny ip 2001:db8::/32 any");

	/* A change of a list is seen in a turn, once. */
	frr_add(v4, 9, true, "13.0.0.0/8", false);
	frr_add(v4, 10, true, "14.0.0.0/8", false);
	seen.wakes = 0;
	ofl_acls_access_list_changed("G");
	assert_int_equal(seen.wakes, 0);
	ofl_acls_access_list_changed("F");
	assert_int_equal(seen.wakes, 1);
	assert_int_equal(seen.aces, 4);
	work();
	assert_int_equal(seen.aces, 6);

	/* A list of the model hides them, and gives them back. */
	say_frr(true);
	work();
	assert_int_equal(seen.acls, 1);
	assert_int_equal(seen.aces, 1);
	assert_int_equal(seen.links, 2);
	say_frr(false);
	work();
	assert_int_equal(seen.acls, 2);
	assert_int_equal(seen.aces, 6);

	access_list_delete(v6);
	ofl_acls_access_list_changed("F");
	work();
	assert_int_equal(seen.acls, 1);
	assert_int_equal(seen.links, 2);
	access_list_delete(v4);
	ofl_acls_access_list_changed("F");
	work();
	assert_int_equal(seen.acls, 0);
	assert_int_equal(seen.aces, 0);
	assert_int_equal(seen.links, 0);
	/* It is waited for. */
	v4 = access_list_get(AFI_IP, "F");
	frr_add(v4, 1, true, "10.0.0.0/8", false);
	ofl_acls_access_list_changed("F");
	work();
	assert_int_equal(seen.aces, 1);
	access_list_delete(v4);
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

/* What was said last, to compare with what was told. */
static struct {
	bool acl[3], link[3];
	uint8_t cls[3], ace[3][8]; /* 0: none, else forward + 1 */
} said;

static void say_random(void)
{
	static const char *const names[3] = {"A", "B", "C"};

	memset(&said, 0, sizeof(said));
	ofl_acls_begin();
	for (int i = 0; i < 3; i++) {
		said.acl[i] = next_random() % 4;
		if (!said.acl[i])
			continue;
		said.cls[i] = next_random() % 3;
		say_acl(names[i], said.cls[i]);
		for (int s = 0; s < 8; s++) {
			said.ace[i][s] = next_random() % 4;
			if (said.ace[i][s])
				say_ace(s + 1, said.ace[i][s] - 1);
		}
		said.link[i] = next_random() % 2;
		if (said.link[i])
			say_link(names[i], "eth0", OFL_INGRESS);
	}
	ofl_acls_commit();
}

static void check_random(void)
{
	static const char *const names[3] = {"A", "B", "C"};
	unsigned int acls = 0, aces = 0, links = 0;

	for (int i = 0; i < 3; i++) {
		uint32_t id = id_of(names[i]);

		assert_int_equal(id != 0, said.acl[i]);
		acls += said.acl[i];
		links += said.link[i];
		assert_int_equal(link_at(id, "eth0", OFL_INGRESS) < seen.links,
				 said.link[i]);
		for (int s = 0; s < 8; s++) {
			unsigned int at = ace_at(id, s + 1);

			assert_int_equal(at < seen.aces, said.ace[i][s] != 0);
			if (!said.ace[i][s])
				continue;
			aces++;
			assert_int_equal(seen.ace[at].ace.action.forward,
					 said.ace[i][s] - 1);
			assert_int_equal(seen.ace[at].ace.settings.cls,
					 said.cls[i]);
		}
	}
	assert_int_equal(seen.acls, acls);
	assert_int_equal(seen.aces, aces);
	assert_int_equal(seen.links, links);
}

static void test_random(void **state)
{
	for (int round = 0; round < 5000; round++) {
		say_random();
		if (next_random() % 3)
			ofl_acls_work(next_random() % 8);
		if (next_random() % 3)
			continue;
		work();
		check_random();
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_first),   TEST(test_bounded), TEST(test_edit),
		TEST(test_inherit), TEST(test_gone),	TEST(test_brief),
		TEST(test_late),    TEST(test_query),	TEST(test_frr),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
