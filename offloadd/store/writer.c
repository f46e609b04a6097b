// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread that writes: takes records from the queue, commits them in
 * batches, and deals with a sick disk.
 *
 * One way out of every fault: close the file, put the batch back, say so, wait
 * (1 s, doubling to 30 s), open again.  What was wrong is found out anew each
 * time, so nothing has to be remembered about it.
 *
 * No FRR function is called in this thread: libfrr's log, RCU and event loop
 * abort in threads it did not start (doc/decisions/0005-store-thread.md).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "offloadd/store/age.h"
#include "offloadd/store/ledger.h"
#include "offloadd/store/recall.h"
#include "offloadd/store/store_private.h"

#define PAUSES_MAX 30	    /* the longest pause, in shortest ones */
#define CALM_US 60000000ull /* without a fault: the next pause is short */
#define IDLE_US 60000000ull /* look at old history though nothing comes */
#define DAY_US 86400000000ull

struct writer {
	struct ofl_store *store;
	struct ofl_ledger ledger;
	struct ofl_store_conf conf; /* the one in use; path is open */
	struct ofl_records batch;
	struct ofl_age age;
	uint64_t clear_early;
	uint64_t idle_us;  /* when to look at old history next */
	uint64_t retry_us; /* when to try again; 0: no fault */
	uint64_t pause_us, fault_us;

	/* as found when the batch was taken */
	bool stop;
	bool other; /* another path is configured */
	bool left;  /* the queue holds more */
};

void ofl_store_drop_oldest(struct ofl_store *s)
{
	const struct ofl_record *r = ofl_records_first(&s->queue);

	switch ((enum ofl_record_kind)r->kind) {
	case OFL_RECORD_FLOW:
	case OFL_RECORD_RESTATE:
		s->incomplete = true;
		s->dropped++;
		break;
	case OFL_RECORD_EVENT:
	case OFL_RECORD_SAMPLE:
		s->dropped++;
		break;
	case OFL_RECORD_CLEAR:
		/* Nothing is queued before it any more: it comes first. */
		if (r->at_us > s->clear_early)
			s->clear_early = r->at_us;
		break;
	case OFL_RECORD_SWEEP:
		s->incomplete = true;
		break;
	case OFL_RECORD_MARK:
		s->incomplete = true;
		s->dropped++;
		break;
	}
	ofl_records_pop(&s->queue);
}

/* --- what to do next --- */

static bool is_faulty(const struct writer *w)
{
	return w->retry_us != 0;
}

static bool is_other_path(const struct writer *w)
{
	return strcmp(w->conf.path, w->store->conf.path) != 0;
}

/* When to act, under lock; 0: at once. */
static uint64_t due_us(const struct writer *w)
{
	const struct ofl_store *s = w->store;
	const struct ofl_record *r = ofl_records_first(&s->queue);
	uint64_t due = w->idle_us, batch;

	if (s->stop || is_other_path(w))
		return 0;
	if (is_faulty(w))
		return w->retry_us;
	if (!w->conf.path[0])
		return UINT64_MAX;
	if (!ofl_ledger_is_open(&w->ledger) ||
	    ofl_ledger_has_more(&w->ledger) ||
	    s->queue.count >= OFL_STORE_TAKE || s->clear_early || s->recall_ask)
		return 0;
	if (r) {
		batch = r->put_us + s->conf.batch_ms * 1000ull;
		due = batch < due ? batch : due;
	}
	return due;
}

/* Sleep until something is due, take it. */
static void take(struct writer *w)
{
	struct ofl_store *s = w->store;
	uint64_t due;

	pthread_mutex_lock(&s->lock);
	while ((due = due_us(w)) > ofl_store_mono_us()) {
		if (due == UINT64_MAX)
			pthread_cond_wait(&s->wake, &s->lock);
		else
			ofl_store_wait(&s->wake, &s->lock, due);
	}
	w->stop = s->stop;
	w->other = is_other_path(w);
	if (!w->other)
		w->conf = s->conf;
	ofl_records_take(&s->queue, OFL_STORE_TAKE, &w->batch);
	w->left = s->queue.count != 0;
	w->clear_early = s->clear_early;
	s->clear_early = 0;
	s->in_hand = w->batch.count;
	s->in_hand_us =
		w->batch.count ? ofl_records_first(&w->batch)->put_us : 0;
	pthread_mutex_unlock(&s->lock);
}

/* --- telling --- */

static uint64_t file_bytes(const char *path)
{
	char wal[sizeof(((struct ofl_store_conf *)0)->path) + 8];
	struct stat st;
	uint64_t bytes = 0;

	if (stat(path, &st) == 0)
		bytes = st.st_size;
	snprintf(wal, sizeof(wal), "%s-wal", path);
	if (stat(wal, &st) == 0)
		bytes += st.st_size;
	return bytes;
}

/* ofl_store_new() waits for the first attempt. */
static void tell_tried(struct ofl_store *s)
{
	s->tried = true;
	pthread_cond_broadcast(&s->done);
}

static void tell_written(struct writer *w, bool healthy)
{
	struct ofl_store *s = w->store;
	uint64_t bytes = file_bytes(w->conf.path);

	pthread_mutex_lock(&s->lock);
	s->written += w->batch.count;
	s->in_hand = 0;
	s->file_bytes = bytes;
	if (healthy) {
		s->state = OFL_STORE_OK;
		s->error[0] = '\0';
		s->degraded_us = 0;
		tell_tried(s);
	}
	pthread_mutex_unlock(&s->lock);
	ofl_records_free(&w->batch);
	w->clear_early = 0;
	if (!healthy)
		return;
	w->retry_us = 0;
	if (w->pause_us && ofl_store_mono_us() - w->fault_us > CALM_US)
		w->pause_us = 0;
}

/* Back into the queue with what could not be written; a longer pause. */
static void tell_fault(struct writer *w, const struct ofl_sqldb_error *error)
{
	struct ofl_store *s = w->store;
	uint64_t pause_us = w->conf.retry_ms * 1000ull;

	ofl_ledger_close(&w->ledger);
	w->fault_us = ofl_store_mono_us();
	w->pause_us = w->pause_us ? w->pause_us * 2 : pause_us;
	if (w->pause_us > pause_us * PAUSES_MAX)
		w->pause_us = pause_us * PAUSES_MAX;
	w->retry_us = w->fault_us + w->pause_us;
	pthread_mutex_lock(&s->lock);
	ofl_records_untake(&s->queue, &w->batch);
	s->in_hand = 0;
	if (w->clear_early > s->clear_early)
		s->clear_early = w->clear_early;
	while (s->queue.count > s->conf.queue_max)
		ofl_store_drop_oldest(s);
	if (s->state != OFL_STORE_DEGRADED)
		s->degraded_us = ofl_clock_wall_us();
	s->state = OFL_STORE_DEGRADED;
	snprintf(s->error, sizeof(s->error), "%.90s: %.105s", w->conf.path,
		 error->text);
	tell_tried(s);
	pthread_mutex_unlock(&s->lock);
}

static void tell_opened(struct writer *w)
{
	struct ofl_store *s = w->store;

	pthread_mutex_lock(&s->lock);
	if (ofl_ledger_is_new(&w->ledger)) {
		/* What was put before went elsewhere; at the very start,
		 * nothing was. */
		s->incomplete = s->incomplete || s->tried;
		s->file++;
	}
	s->dev = w->ledger.dev;
	s->ino = w->ledger.ino;
	s->next_flow_id = ofl_ledger_next_flow_id(&w->ledger);
	pthread_mutex_unlock(&s->lock);
}

/* --- what is there, for who asks --- */

static void recall(struct writer *w)
{
	struct ofl_store *s = w->store;
	struct ofl_recall *r;
	bool asked;

	pthread_mutex_lock(&s->lock);
	asked = s->recall_ask && !s->queue.count;
	pthread_mutex_unlock(&s->lock);
	if (!asked)
		return;
	r = ofl_recall_read(w->conf.path, &s->give_up);
	pthread_mutex_lock(&s->lock);
	s->recall_ask = false;
	ofl_recall_free(s->recall);
	s->recall = r;
	pthread_mutex_unlock(&s->lock);
}

/* --- a corrupt file --- */

static bool rename_one(const char *path, const char *aside, const char *suffix)
{
	char from[300], to[340];

	snprintf(from, sizeof(from), "%s%s", path, suffix);
	snprintf(to, sizeof(to), "%s%s", aside, suffix);
	return rename(from, to) == 0 || errno == ENOENT;
}

/* Rename it with its -wal and -shm; these first, so that a new file never
 * meets an old log.  Nothing is ever replaced or deleted. */
static bool set_aside(struct writer *w, const struct ofl_sqldb_error *why)
{
	static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
	struct ofl_store *s = w->store;
	char aside[300], stamp[32];
	time_t now = time(NULL);
	struct stat st;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	snprintf(aside, sizeof(aside), "%s.corrupt-%s", w->conf.path, stamp);
	if (stat(aside, &st) == 0)
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!rename_one(w->conf.path, aside, suffixes[i]))
			return false;
	pthread_mutex_lock(&s->lock);
	snprintf(s->corrupt, sizeof(s->corrupt),
		 "%.80s; the file is now %.110s, a new one is started",
		 why->text, aside);
	pthread_mutex_unlock(&s->lock);
	return true;
}

/* --- one round --- */

/* The main thread reads from a file that is not the one to be opened: it was
 * removed or replaced.  Both have their -shm at the same path, and SQLite's
 * locks do not tell apart connections of one process: the old one is closed
 * first, by ofl_store_poll().  (The main thread minds the same.) */
static bool is_reader_in_way(struct writer *w)
{
	struct ofl_store *s = w->store;
	struct stat st = {0};
	bool in_way;

	stat(w->conf.path, &st);
	pthread_mutex_lock(&s->lock);
	in_way = s->reader_open &&
		 (s->reader_ino != st.st_ino || s->reader_dev != st.st_dev);
	s->reader_close = in_way;
	pthread_mutex_unlock(&s->lock);
	return in_way;
}

static bool reopen(struct writer *w, struct ofl_sqldb_error *ret_error)
{
	static const struct ofl_sqldb_error removed = {
		.status = OFL_SQLDB_ERROR,
		.text = "the file was removed or replaced",
	};

	if (is_reader_in_way(w)) {
		*ret_error = removed;
		return false;
	}
	if (!ofl_ledger_open(&w->ledger, w->conf.path, &w->store->give_up,
			     ret_error))
		return false;
	/* Another file: its time goes on where it ended. */
	if (ofl_ledger_is_new(&w->ledger))
		ofl_age_init(&w->age, w->ledger.age_us, ofl_clock_mono_us(),
			     ofl_clock_wall_us());
	tell_opened(w);
	return true;
}

static bool write_batch(struct writer *w, struct ofl_sqldb_error *ret_error)
{
	struct ofl_ledger_bounds bounds = {
		.history_max = w->conf.history_max,
		.size_max = w->conf.size_max_mb * 1048576ull,
	};
	uint64_t days = w->conf.history_days;

	if (ofl_ledger_is_open(&w->ledger) &&
	    ofl_ledger_is_lost(&w->ledger, w->conf.path))
		ofl_ledger_close(&w->ledger);
	if (!ofl_ledger_is_open(&w->ledger) && !reopen(w, ret_error))
		return false;
	bounds.age_us =
		ofl_age_now(&w->age, ofl_clock_mono_us(), ofl_clock_wall_us());
	if (days && bounds.age_us > days * DAY_US)
		bounds.before_us = bounds.age_us - days * DAY_US;
	if (w->clear_early)
		ofl_ledger_clear(&w->ledger, w->clear_early);
	return ofl_ledger_write(&w->ledger, &w->batch, &bounds, ret_error);
}

static void run(struct writer *w)
{
	struct ofl_sqldb_error error = {0};
	bool moved;

	w->idle_us = ofl_store_mono_us() + IDLE_US;
	for (int i = 0; i < 2; i++) {
		if (write_batch(w, &error)) {
			recall(w);
			moved = ofl_ledger_checkpoint(&w->ledger, &error);
			tell_written(w, moved);
			if (moved)
				return;
		}
		if (error.status != OFL_SQLDB_CORRUPT)
			break;
		ofl_ledger_close(&w->ledger);
		if (!set_aside(w, &error))
			break;
	}
	tell_fault(w, &error);
}

/* Leave the old file; what it did not take goes to the new one. */
static void change_path(struct writer *w)
{
	struct ofl_store *s = w->store;

	ofl_ledger_close(&w->ledger);
	w->retry_us = w->pause_us = 0;
	pthread_mutex_lock(&s->lock);
	ofl_records_untake(&s->queue, &w->batch);
	s->in_hand = 0;
	w->conf = s->conf;
	s->file_bytes = 0;
	if (!w->conf.path[0]) {
		ofl_records_free(&s->queue);
		s->state = OFL_STORE_OFF;
		s->error[0] = '\0';
		s->degraded_us = 0;
		tell_tried(s);
	}
	pthread_mutex_unlock(&s->lock);
}

/* False: the thread ends. */
static bool turn(struct writer *w)
{
	take(w);
	if (w->conf.path[0] && !(w->other && is_faulty(w)))
		run(w);
	/* Another path: the old file gets what was put before, if it can. */
	if (w->other && (!w->conf.path[0] || !w->left || is_faulty(w)))
		change_path(w);
	if (!w->stop)
		return true;
	return w->left && !is_faulty(w) && !atomic_load(&w->store->give_up);
}

void *ofl_store_writer(void *store)
{
	struct ofl_store *s = store;
	struct writer w = {.store = s};

	while (turn(&w))
		;
	ofl_ledger_fini(&w.ledger);
	pthread_mutex_lock(&s->lock);
	s->dropped += s->queue.count;
	s->stopped = true;
	pthread_cond_broadcast(&s->done);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}
