/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of lists share: the mirror, the engine's lists and two
 * providers in memory (list_fake.h), a list "A" to be said, and what is kept of
 * marks.
 */
#ifndef TESTS_UNIT_LIST_FIXTURE_H
#define TESTS_UNIT_LIST_FIXTURE_H

#include <zebra.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/engine/list_private.h"
#include "tests/unit/list_fake.h"

static struct ofl_provider *hard, *soft;
static struct ofl_hwtable_conf conf;
static unsigned int shares, losses;
static uint32_t index_now;
static const char *second_port; /* NULL: one only */

static uint32_t ifindex_of(const char *name)
{
	return index_now;
}

/* What is kept for a next life. */
static struct {
	char table[64], list[64], part[64];
	uint32_t mark;
} kept[8];
static unsigned int kept_count;

static void mark_keep(const struct ofl_list_mark_name *name, uint32_t mark)
{
	unsigned int i = 0;

	while (i < kept_count && (strcmp(kept[i].part, name->part) != 0 ||
				  strcmp(kept[i].list, name->list) != 0))
		i++;
	if (!mark) {
		assert_true(i < kept_count);
		kept[i] = kept[--kept_count];
		return;
	}
	assert_true(i < array_size(kept));
	strlcpy(kept[i].table, name->table, sizeof(kept[i].table));
	strlcpy(kept[i].list, name->list, sizeof(kept[i].list));
	strlcpy(kept[i].part, name->part, sizeof(kept[i].part));
	kept[i].mark = mark;
	kept_count = MAX(kept_count, i + 1);
}

static void nothing(void)
{
}

static void nothing_of(unsigned int host)
{
}

static void share(unsigned int host)
{
	shares++;
}

static void lost(unsigned int host, const char *text)
{
	assert_int_equal(host, 0);
	assert_string_equal(text, "lost");
	losses++;
}

static bool soft_begin(const char **ret_error)
{
	struct ofl_hwtable_conf c;

	ofl_hwtable_conf_init(&c, "");
	c.tc.mode = OFL_TC_MODE_SOFTWARE;
	ofl_lists_host_set(OFL_LIST_SOFT_HOST, &c, &fake_ops, soft, 0);
	return true;
}

static int setup(void **state)
{
	static const struct ofl_lists_env env = {
		.ifindex = ifindex_of,
		.wake = nothing,
		.kick = nothing_of,
		.share = share,
		.soft_begin = soft_begin,
		.lost = lost,
		.mark_keep = mark_keep,
	};

	index_now = 7;
	second_port = NULL;
	kept_count = 0;
	hard = XCALLOC(MTYPE_TMP, sizeof(*hard));
	soft = XCALLOC(MTYPE_TMP, sizeof(*soft));
	hard->hardware = true;
	hard->capacity_slots = 100;
	ofl_acls_init();
	ofl_lists_init(&env);
	ofl_lists_start();
	ofl_hwtable_conf_init(&conf, "T");
	conf.tc.port_count = 2;
	strlcpy(conf.tc.ports[0], "p0", OFL_TC_PORT_LEN);
	strlcpy(conf.tc.ports[1], "p1", OFL_TC_PORT_LEN);
	ofl_lists_host_set(0, &conf, &fake_ops, hard, hard->capacity_slots);
	return 0;
}

static int teardown(void **state)
{
	assert_string_equal(hard->error, "");
	assert_string_equal(soft->error, "");
	ofl_lists_host_del(0);
	ofl_lists_host_del(OFL_LIST_SOFT_HOST);
	ofl_lists_fini();
	ofl_acls_fini();
	assert_int_equal(fake_left(hard), 0);
	assert_int_equal(fake_left(soft), 0);
	XFREE(MTYPE_TMP, hard);
	XFREE(MTYPE_TMP, soft);
	return 0;
}

static void settle(void)
{
	for (unsigned int idle = 0; idle < 5; idle++) {
		bool more = ofl_acls_work(100);

		more |= ofl_lists_work();
		more |= fake_switch(hard) | fake_switch(soft);
		more |= fake_write(hard);
		if (more)
			idle = 0;
	}
}

/* One list with entries 1.. of different sources, attached to `port`. */
static void say(unsigned int count, const char *port, enum ofl_direction d,
		void (*change)(struct ofl_ace *ace))
{
	struct ofl_attachment a = {.direction = d, .name = "A"};
	struct ofl_acl_conf c;

	ofl_acl_conf_init(&c, "A");
	c.type = OFL_ACL_IPV4;
	ofl_acls_begin();
	ofl_acls_add(&c);
	for (unsigned int i = 1; i <= count; i++) {
		struct ofl_ace ace;

		ofl_ace_init(&ace, OFL_ACL_IPV4);
		ace.seq = i;
		ace.src[0] = 10;
		ace.src[3] = i;
		memset(ace.src_mask, 0xff, 4);
		if (change)
			change(&ace);
		ofl_acls_ace_add(&ace);
	}
	strlcpy(a.interface, port, sizeof(a.interface));
	if (port[0])
		ofl_acls_attach(&a);
	strlcpy(a.interface, second_port ? second_port : "",
		sizeof(a.interface));
	if (second_port)
		ofl_acls_attach(&a);
	ofl_acls_commit();
}

static bool id_of(const struct ofl_acl_status *s, void *arg)
{
	*(uint32_t *)arg = s->id;
	return false;
}

static struct ofl_ace_status status(uint32_t seq)
{
	struct ofl_ace_status st;
	uint32_t id = 0;

	ofl_acls_walk(id_of, &id);
	assert_true(ofl_ace_status(id, seq, &st));
	return st;
}

#endif /* TESTS_UNIT_LIST_FIXTURE_H */
