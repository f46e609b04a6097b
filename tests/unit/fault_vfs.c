// SPDX-License-Identifier: GPL-2.0-or-later
/* SQLite's VFS with a plan of faults in front of it; see fault_vfs.h. */
#include "tests/unit/fault_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

struct fault_handle {
	sqlite3_file base;
	enum fault_file kind;
	sqlite3_file *real; /* behind this struct */
};

static struct {
	pthread_mutex_t lock;
	struct fault_plan plan;
	uint32_t seen, failed;
	bool armed;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs *real_vfs;

void fault_vfs_arm(const struct fault_plan *plan)
{
	pthread_mutex_lock(&state.lock);
	state.plan = *plan;
	state.seen = state.failed = 0;
	state.armed = true;
	pthread_mutex_unlock(&state.lock);
}

void fault_vfs_heal(void)
{
	pthread_mutex_lock(&state.lock);
	state.armed = false;
	pthread_mutex_unlock(&state.lock);
}

static uint32_t counter(const uint32_t *which)
{
	uint32_t v;

	pthread_mutex_lock(&state.lock);
	v = *which;
	pthread_mutex_unlock(&state.lock);
	return v;
}

uint32_t fault_vfs_seen(void)
{
	return counter(&state.seen);
}

uint32_t fault_vfs_failed(void)
{
	return counter(&state.failed);
}

/* SQLITE_OK: it passes. */
static int judge(uint32_t op, enum fault_file kind, bool *ret_torn)
{
	const struct fault_plan *p = &state.plan;
	int rc = SQLITE_OK;

	pthread_mutex_lock(&state.lock);
	if (state.armed && (p->ops & op) && (p->files & kind)) {
		uint32_t n = state.seen++;

		if (n >= p->pass && n - p->pass < p->count) {
			state.failed++;
			rc = p->rc;
			if (ret_torn)
				*ret_torn = p->torn;
		}
	}
	pthread_mutex_unlock(&state.lock);
	return rc;
}

static struct fault_handle *handle_of(sqlite3_file *file)
{
	return (struct fault_handle *)file;
}

#define REAL(file) (handle_of(file)->real)
#define CALL(file, method, ...)                                                \
	(REAL(file)->pMethods->method(REAL(file), ##__VA_ARGS__))

/* Whether it fails, else the real thing. */
#define JUDGED(file, op, method, ...)                                          \
	int rc = judge(op, handle_of(file)->kind, NULL);                       \
                                                                               \
	return rc != SQLITE_OK ? rc : CALL(file, method, ##__VA_ARGS__)

static int on_close(sqlite3_file *file)
{
	return CALL(file, xClose);
}

static int on_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	JUDGED(file, FAULT_READ, xRead, to, len, at);
}

static int on_write(sqlite3_file *file, const void *from, int len,
		    sqlite3_int64 at)
{
	bool torn = false;
	int rc = judge(FAULT_WRITE, handle_of(file)->kind, &torn);

	if (rc == SQLITE_OK)
		return CALL(file, xWrite, from, len, at);
	if (torn)
		CALL(file, xWrite, from, len / 2, at);
	return rc;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	JUDGED(file, FAULT_TRUNCATE, xTruncate, size);
}

static int on_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	return judge(FAULT_SYNC, handle_of(file)->kind, NULL);
}

static int on_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	JUDGED(file, FAULT_SIZE, xFileSize, ret_size);
}

static int on_lock(sqlite3_file *file, int level)
{
	JUDGED(file, FAULT_LOCK, xLock, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
	return CALL(file, xUnlock, level);
}

static int on_reserved(sqlite3_file *file, int *ret_is)
{
	return CALL(file, xCheckReservedLock, ret_is);
}

static int on_control(sqlite3_file *file, int op, void *arg)
{
	return CALL(file, xFileControl, op, arg);
}

static int on_sector_size(sqlite3_file *file)
{
	return CALL(file, xSectorSize);
}

static int on_characteristics(sqlite3_file *file)
{
	return CALL(file, xDeviceCharacteristics);
}

static int on_shm_map(sqlite3_file *file, int page, int size, int extend,
		      void volatile **ret_at)
{
	int rc = judge(FAULT_SHM_MAP | (page ? FAULT_SHM_GROW : 0), FAULT_SHM,
		       NULL);

	*ret_at = NULL;
	return rc != SQLITE_OK
		       ? rc
		       : CALL(file, xShmMap, page, size, extend, ret_at);
}

static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	int rc = SQLITE_OK;

	/* Giving a lock back does not fail. */
	if (flags & SQLITE_SHM_LOCK)
		rc = judge(FAULT_SHM_LOCK, FAULT_SHM, NULL);
	return rc != SQLITE_OK ? rc : CALL(file, xShmLock, offset, n, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
	CALL(file, xShmBarrier);
}

static int on_shm_unmap(sqlite3_file *file, int remove)
{
	return CALL(file, xShmUnmap, remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

static enum fault_file kind_of_flags(int flags)
{
	if (flags & SQLITE_OPEN_MAIN_DB)
		return FAULT_DB;
	return flags & SQLITE_OPEN_WAL ? FAULT_WAL : FAULT_JOURNAL;
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
		   int flags, int *ret_flags)
{
	struct fault_handle *h = handle_of(file);
	int rc;

	(void)vfs;
	h->base.pMethods = NULL;
	h->kind = kind_of_flags(flags);
	h->real = (sqlite3_file *)(h + 1);
	rc = judge(FAULT_OPEN, h->kind, NULL);
	if (rc == SQLITE_OK)
		rc = real_vfs->xOpen(real_vfs, name, h->real, flags, ret_flags);
	if (rc == SQLITE_OK)
		h->base.pMethods = &methods;
	return rc;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	size_t len = strlen(name);
	bool is_wal = len > 4 && strcmp(name + len - 4, "-wal") == 0;
	int rc = judge(FAULT_DELETE, is_wal ? FAULT_WAL : FAULT_JOURNAL, NULL);

	(void)vfs, (void)sync;
	return rc != SQLITE_OK ? rc : real_vfs->xDelete(real_vfs, name, 0);
}

void fault_vfs_init(void)
{
	static sqlite3_vfs vfs;

	real_vfs = sqlite3_vfs_find(NULL);
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.pNext = NULL;
	vfs.szOsFile = (int)sizeof(struct fault_handle) + real_vfs->szOsFile;
	vfs.xOpen = on_open;
	vfs.xDelete = on_delete;
	/* The rest is about names and times, and looks at no file of ours. */
	sqlite3_vfs_register(&vfs, 1);
}

void fault_vfs_fini(void)
{
	fault_vfs_heal();
	sqlite3_vfs_unregister(sqlite3_vfs_find("fault"));
}
