/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One emulated table with a file, and its lives one after the other, for the
 * tests of what outlives the provider.  Included by each of them.
 */
#ifndef TESTS_UNIT_EMULATED_FILE_FIXTURE_H
#define TESTS_UNIT_EMULATED_FILE_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/emulated_fixture.h"

static char path[64];
static struct ofl_action *action_a, *action_b;

/* --- helpers --- */

static inline struct ofl_nexthop nexthop(uint32_t ifindex, uint8_t mac)
{
	return (struct ofl_nexthop){.ifindex = ifindex,
				    .family = AF_INET,
				    .weight = 1,
				    .mac = {2, 0, 0, 0, 0, mac},
				    .gw = {192, 0, 2, mac}};
}

static inline struct ofl_action *action(uint32_t ifindex, uint8_t mac)
{
	struct ofl_nexthop nh = nexthop(ifindex, mac);

	return ofl_action_get(OFL_ACTION_FORWARD, &nh, 1);
}

/* Once more with this file; the old instance is gone. */
static inline void life_begin(void)
{
	struct ofl_hwtable_conf conf = {.capacity_slots = 10};
	const char *error = NULL;

	memset(&t, 0, sizeof(t));
	t.now_us = 1000000;
	snprintf(conf.emulated_file, sizeof(conf.emulated_file), "%s", path);
	t.p = ops->new (&conf, &events, &t, &error);
	assert_non_null(t.p);
	assert_null(error);
	poll_all();
}

static inline void life_end(void)
{
	ops->free(t.p, 0);
	t.p = NULL;
}

static inline void life_next(void)
{
	life_end();
	life_begin();
}

static inline struct ofl_outcome write_op(enum ofl_op_kind kind,
					  const char *prefix,
					  const struct ofl_action *a,
					  uint16_t slots)
{
	struct ofl_op op =
		op_of(kind, prefix, a ? OFL_ENTRY_REAL : OFL_ENTRY_PUNT, slots,
		      a ? a->id : 0);

	op.action = a;
	return do_op(op);
}

static inline void add_real(const char *prefix, const struct ofl_action *a)
{
	assert_int_equal(write_op(OFL_OP_ADD, prefix, a, 1).status,
			 OFL_STATUS_OK);
}

static inline void add_punt(const char *prefix)
{
	assert_int_equal(write_op(OFL_OP_ADD, prefix, NULL, 2).status,
			 OFL_STATUS_OK);
}

static inline void del(const char *prefix)
{
	assert_int_equal(
		do_op(op_of(OFL_OP_DEL, prefix, OFL_ENTRY_NONE, 0, 0)).status,
		OFL_STATUS_OK);
}

static inline struct ofl_hw_entry entry(const char *prefix)
{
	struct ofl_key key = key_of(prefix);
	struct ofl_hw_entry e;

	assert_true(ops->find(t.p, &key, &e));
	return e;
}

static inline bool adopt(const char *prefix, const struct ofl_action *a)
{
	struct ofl_key key = key_of(prefix);

	return ops->adopt(t.p, &key, a);
}

static inline void count_found(const struct ofl_hw_entry *e, void *arg)
{
	*(int *)arg += e->found;
}

static inline int dump_found(void)
{
	uint32_t at = 0;
	int n = 0;

	ops->dump(t.p, &at, UINT32_MAX, count_found, &n);
	return n;
}

/* What the file has, by another way than the provider's. */
static inline void file_read(size_t at, void *data, size_t len)
{
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, data, len, at), len);
	close(fd);
}

static inline void file_write(size_t at, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, at), len);
	close(fd);
}

static inline struct ofl_emu_head head(void)
{
	struct ofl_emu_head h;

	file_read(0, &h, sizeof(h));
	return h;
}

static inline struct ofl_emu_record record(unsigned int i)
{
	struct ofl_emu_record r;

	file_read(sizeof(struct ofl_emu_head) + i * sizeof(r), &r, sizeof(r));
	return r;
}

static inline int file_setup(void **state)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/test_emulated_file.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	ofl_action_init();
	action_a = action(3, 10);
	action_b = action(3, 11);
	life_begin();
	return 0;
}

static inline int file_teardown(void **state)
{
	if (t.p)
		life_end();
	ofl_action_unref(action_a);
	ofl_action_unref(action_b);
	ofl_action_fini();
	unlink(path);
	return 0;
}

#define FILE_TEST(f)                                                           \
	cmocka_unit_test_setup_teardown(f, file_setup, file_teardown)

#endif /* TESTS_UNIT_EMULATED_FILE_FIXTURE_H */
