/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk that fails on order: SQLite's own VFS with a plan in front of it, the
 * default for every connection that is opened after fault_vfs_init().
 *
 * A plan is about certain operations on certain files: some of them pass, the
 * next ones fail, those after pass again.  What fails has not happened, but
 * for a torn write, of which the first half has.  Without a plan all passes.
 * Syncs are counted and not done: nobody pulls a plug here.
 *
 * For tests of any thread; the plan is under a lock.
 */
#ifndef TESTS_UNIT_FAULT_VFS_H
#define TESTS_UNIT_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_op {
	FAULT_OPEN = 1 << 0,
	FAULT_READ = 1 << 1,
	FAULT_WRITE = 1 << 2,
	FAULT_SYNC = 1 << 3,
	FAULT_TRUNCATE = 1 << 4,
	FAULT_SIZE = 1 << 5,
	FAULT_LOCK = 1 << 6,
	FAULT_SHM_LOCK = 1 << 7,
	FAULT_SHM_MAP = 1 << 8,
	FAULT_DELETE = 1 << 9,
	FAULT_SHM_GROW = 1 << 10, /* a map of a further page */
};

enum fault_file {
	FAULT_DB = 1 << 0,
	FAULT_WAL = 1 << 1,
	FAULT_SHM = 1 << 2,
	FAULT_JOURNAL = 1 << 3,
	FAULT_ANY = 15,
};

struct fault_plan {
	uint32_t ops, files; /* of enum fault_op, enum fault_file */
	int rc;		     /* SQLITE_FULL, ... */
	bool torn;	     /* the first half of a write happens */
	uint32_t pass;	     /* so many pass first */
	uint32_t count;	     /* then so many fail; UINT32_MAX: until healed */
};

void fault_vfs_init(void);
void fault_vfs_fini(void);
/* Counts begin at 0. */
void fault_vfs_arm(const struct fault_plan *plan);
/* All passes; counts stay. */
void fault_vfs_heal(void);
/* Operations that the plan was about, and how many of them failed. */
uint32_t fault_vfs_seen(void);
uint32_t fault_vfs_failed(void);

#endif /* TESTS_UNIT_FAULT_VFS_H */
