/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share: the store itself, and who may touch
 * which member.  No FRR header here: the writer's files must not have any
 * (doc/decisions/0005-store-thread.md).
 */
#ifndef OFFLOADD_STORE_STORE_PRIVATE_H
#define OFFLOADD_STORE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "lib/sqldb.h"
#include "offloadd/store/record.h"
#include "offloadd/store/store.h"

struct ofl_store {
	/* main thread */
	struct ofl_store_events events;
	void *arg;
	enum ofl_store_state told_state;
	char told_error[200];
	struct ofl_sqldb *reader; /* NULL: not open */
	uint64_t reader_file;	  /* `file` when it was opened */
	pthread_t thread;

	/* both; under `lock`, which is never held during a system call */
	pthread_mutex_t lock;
	pthread_cond_t wake; /* for the writer */
	pthread_cond_t done; /* for the main thread: opened, stopped */
	struct ofl_store_conf conf;
	struct ofl_records queue;
	uint32_t in_hand;     /* records the writer has taken */
	uint64_t in_hand_us;  /* when the oldest of them was put */
	uint64_t clear_early; /* a clear that was dropped from the queue */
	uint32_t generation;  /* of records put now */
	uint64_t number;      /* of the last record put */
	bool incomplete;      /* `flow` misses something: ask for a refresh */
	enum ofl_store_state state;
	char error[200];
	char corrupt[240];    /* what became of a corrupt file; not told yet */
	uint64_t degraded_us; /* wall clock; 0: it is not */
	uint64_t written, dropped, file_bytes;
	uint64_t file; /* counts files opened; 0: none yet */
	dev_t dev;     /* which file the writer has, or had last */
	ino_t ino;
	uint64_t next_flow_id;
	bool reader_open; /* which file the main thread reads from */
	dev_t reader_dev;
	ino_t reader_ino;
	bool reader_close;	   /* the writer asks to close it */
	bool tried;		   /* the first attempt to open is over */
	bool recall_ask;	   /* read `flow` when all is written */
	struct ofl_recall *recall; /* as read; NULL: taken, or not read */
	bool stop;		   /* write what is queued, then end */
	bool stopped;		   /* the writer touches nothing any more */

	/* set by main, read by the writer anywhere */
	atomic_bool give_up; /* end now */
};

/* Records a transaction, at most; as many do not wait for their time.  Fewer
 * would write the same pages of the index more often. */
#define OFL_STORE_TAKE 32768

/* The writer's and the queue's time.  Not lib/clock.h's, which a test may
 * stop: a thread that waits needs the real one. */
static inline uint64_t ofl_store_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* `cond` must be of CLOCK_MONOTONIC; false after `until_us`. */
static inline bool ofl_store_wait(pthread_cond_t *cond, pthread_mutex_t *lock,
				  uint64_t until_us)
{
	struct timespec ts = {
		.tv_sec = until_us / 1000000,
		.tv_nsec = until_us % 1000000 * 1000,
	};

	return pthread_cond_timedwait(cond, lock, &ts) == 0;
}

/* writer.c: remove the oldest of the queue, count it; under lock. */
void ofl_store_drop_oldest(struct ofl_store *s);
/* writer.c: the thread. */
void *ofl_store_writer(void *store);
/* query.c */
void ofl_store_reader_close(struct ofl_store *s);

#endif /* OFFLOADD_STORE_STORE_PRIVATE_H */
