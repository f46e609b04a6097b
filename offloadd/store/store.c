// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store's life and its queue, on the main thread; see store.h.
 *
 * The only file of the room that knows libfrr: for memory, and to log what
 * the writer found out, since the writer's thread may not.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/store/recall.h"
#include "offloadd/store/store_private.h"

#define OPEN_WAIT_US 3000000 /* at the start: for the first flow id */
#define GIVE_UP_US 1000000   /* at the end: for the writer to notice */

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_STORE, "offload store");

void ofl_store_conf_init(struct ofl_store_conf *c)
{
	memset(c, 0, sizeof(*c));
	c->history_max = 1000000;
	c->history_days = 30;
	c->size_max_mb = 1024;
	c->batch_ms = 1000;
	c->queue_max = 200000;
	c->retry_ms = 1000;
}

/* --- life --- */

static void conf_copy(struct ofl_store *s, const struct ofl_store_conf *conf)
{
	s->conf = *conf;
	s->conf.path[sizeof(s->conf.path) - 1] = '\0';
	if (!s->conf.queue_max)
		s->conf.queue_max = 1;
	if (!s->conf.retry_ms)
		s->conf.retry_ms = 1;
}

/* A signal is the main thread's affair: the writer starts with all blocked. */
static void thread_start(struct ofl_store *s)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&s->thread, NULL, ofl_store_writer, s) != 0) {
		s->stopped = true;
		s->state = OFL_STORE_DEGRADED;
		s->degraded_us = ofl_clock_wall_us();
		snprintf(s->error, sizeof(s->error),
			 "no thread could be started to write the database");
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct ofl_store *ofl_store_new(const struct ofl_store_conf *conf,
				const struct ofl_store_events *events,
				void *arg, uint64_t *ret_first_id)
{
	struct ofl_store *s = XCALLOC(MTYPE_OFL_STORE, sizeof(*s));
	uint64_t until = ofl_store_mono_us() + OPEN_WAIT_US;
	pthread_condattr_t attr;

	s->events = *events;
	s->arg = arg;
	s->generation = 1;
	s->next_flow_id = 1;
	conf_copy(s, conf);
	s->tried = !s->conf.path[0];
	s->recall_ask = !s->tried;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_cond_init(&s->done, &attr);
	pthread_condattr_destroy(&attr);
	thread_start(s);
	pthread_mutex_lock(&s->lock);
	while (!s->tried && !s->stopped)
		if (!ofl_store_wait(&s->done, &s->lock, until))
			break;
	*ret_first_id = s->next_flow_id;
	if (!s->file && s->conf.path[0])
		*ret_first_id = ofl_clock_wall_us();
	pthread_mutex_unlock(&s->lock);
	return s;
}

static bool wait_stopped(struct ofl_store *s, uint64_t until_us)
{
	bool stopped;

	pthread_mutex_lock(&s->lock);
	while (!s->stopped)
		if (!ofl_store_wait(&s->done, &s->lock, until_us))
			break;
	stopped = s->stopped;
	pthread_mutex_unlock(&s->lock);
	return stopped;
}

void ofl_store_free(struct ofl_store *s, uint32_t wait_ms)
{
	bool has_thread;

	if (!s)
		return;
	ofl_store_reader_close(s);
	pthread_mutex_lock(&s->lock);
	has_thread = !s->stopped;
	s->stop = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (!wait_stopped(s, ofl_store_mono_us() + wait_ms * 1000ull)) {
		atomic_store(&s->give_up, true);
		/* A disk that does not answer at all: the thread still uses
		 * the store, so it is left to the end of the process. */
		if (!wait_stopped(s, ofl_store_mono_us() + GIVE_UP_US)) {
			pthread_detach(s->thread);
			return;
		}
	}
	if (has_thread)
		pthread_join(s->thread, NULL);
	if (s->dropped)
		flog_warn(EC_OFL_STORE,
			  "offload database: %" PRIu64 " records were lost",
			  s->dropped);
	ofl_records_free(&s->queue);
	ofl_recall_free(s->recall);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->done);
	pthread_mutex_destroy(&s->lock);
	XFREE(MTYPE_OFL_STORE, s);
}

void ofl_store_conf_set(struct ofl_store *s, const struct ofl_store_conf *conf)
{
	if (strcmp(s->conf.path, conf->path) != 0)
		ofl_store_reader_close(s);
	pthread_mutex_lock(&s->lock);
	conf_copy(s, conf);
	while (s->queue.count > s->conf.queue_max)
		ofl_store_drop_oldest(s);
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

void ofl_store_recall_ask(struct ofl_store *s)
{
	pthread_mutex_lock(&s->lock);
	ofl_recall_free(s->recall); /* of another question */
	s->recall = NULL;
	s->recall_ask = s->conf.path[0] != '\0';
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

struct ofl_recall *ofl_store_recall_take(struct ofl_store *s, bool *ret_pending)
{
	struct ofl_recall *r;

	pthread_mutex_lock(&s->lock);
	r = s->recall;
	s->recall = NULL;
	*ret_pending = !r && s->recall_ask;
	pthread_mutex_unlock(&s->lock);
	return r;
}

/* --- the queue --- */

static bool put(struct ofl_store *s, struct ofl_record *r, const char *vrf,
		const char *table, const char *text)
{
	const char *const strings[OFL_RECORD_STRINGS] = {
		[OFL_RECORD_VRF] = vrf,
		[OFL_RECORD_TABLE] = table,
		[OFL_RECORD_TEXT] = text,
	};
	bool ok = true;

	r->put_us = ofl_store_mono_us();
	pthread_mutex_lock(&s->lock);
	if (!s->conf.path[0])
		goto out;
	r->generation = s->generation;
	r->number = ++s->number;
	ok = ofl_records_add(&s->queue, r, strings);
	if (!ok) {
		s->dropped++;
		s->incomplete = true;
		goto out;
	}
	while (s->queue.count + s->in_hand > s->conf.queue_max &&
	       s->queue.count > 1)
		ofl_store_drop_oldest(s);
	/* The first one starts the writer's clock. */
	if (s->queue.count == 1 || s->queue.count == OFL_STORE_TAKE)
		pthread_cond_signal(&s->wake);
out:
	pthread_mutex_unlock(&s->lock);
	return ok;
}

bool ofl_store_put_flow(struct ofl_store *s, const struct ofl_store_flow *f)
{
	struct ofl_record r = {
		.kind = f->restate ? OFL_RECORD_RESTATE : OFL_RECORD_FLOW,
		.at_us = f->at_us,
		.name = f->proto,
		.flow_id = f->flow_id,
		.key = f->key,
		.from = f->from,
		.to = f->to,
		.reason = f->reason,
		.cls = f->cls,
		.op = f->op,
		.rule = f->rule,
		.weight = f->weight,
		.traffic = f->traffic,
	};

	return put(s, &r, f->vrf, f->table, f->text);
}

bool ofl_store_put_event(struct ofl_store *s, const struct ofl_store_event *e)
{
	struct ofl_record r = {
		.kind = OFL_RECORD_EVENT,
		.at_us = e->at_us,
		.name = e->kind,
		.used_slots = e->used_slots,
		.capacity_slots = e->capacity_slots,
	};

	return put(s, &r, NULL, e->table, e->text);
}

bool ofl_store_put_sample(struct ofl_store *s,
			  const struct ofl_store_sample *sample)
{
	struct ofl_record r = {
		.kind = OFL_RECORD_SAMPLE,
		.at_us = sample->at_us,
		.name = sample->admission,
		.used_slots = sample->used_slots,
		.list_slots = sample->list_slots,
		.capacity_slots = sample->capacity_slots,
		.high_slots = sample->high_slots,
		.low_slots = sample->low_slots,
		.answered_permille = sample->answered_permille,
	};

	return put(s, &r, NULL, sample->table, NULL);
}

bool ofl_store_put_mark(struct ofl_store *s, const struct ofl_store_mark *m)
{
	struct ofl_record r = {.kind = OFL_RECORD_MARK, .mark = m->mark};

	return put(s, &r, m->list, m->table, m->part);
}

void ofl_store_clear_history(struct ofl_store *s, uint64_t before_us)
{
	struct ofl_record r = {.kind = OFL_RECORD_CLEAR, .at_us = before_us};

	put(s, &r, NULL, NULL, NULL);
}

void ofl_store_sweep(struct ofl_store *s)
{
	struct ofl_record r = {.kind = OFL_RECORD_SWEEP};
	bool incomplete;

	pthread_mutex_lock(&s->lock);
	incomplete = s->incomplete;
	pthread_mutex_unlock(&s->lock);
	/* It would take rows that were put and lost; the refresh that is to
	 * come brings its own sweep. */
	if (!incomplete)
		put(s, &r, NULL, NULL, NULL);
}

uint32_t ofl_store_room(struct ofl_store *s)
{
	uint32_t used, half, room = 0;

	pthread_mutex_lock(&s->lock);
	used = s->queue.count + s->in_hand;
	half = (s->conf.queue_max + 1) / 2;
	if (!s->conf.path[0])
		room = UINT32_MAX;
	else if (used < half)
		room = half - used;
	pthread_mutex_unlock(&s->lock);
	return room;
}

void ofl_store_stats(struct ofl_store *s, struct ofl_store_stats *ret)
{
	const struct ofl_record *r;
	uint64_t since = 0;

	memset(ret, 0, sizeof(*ret));
	pthread_mutex_lock(&s->lock);
	ret->state = s->state;
	snprintf(ret->error, sizeof(ret->error), "%s", s->error);
	ret->written = s->written;
	ret->dropped = s->dropped;
	ret->queued = s->queue.count + s->in_hand;
	ret->queue_max = s->conf.queue_max;
	ret->degraded_us = s->degraded_us;
	ret->file_bytes = s->file_bytes;
	r = ofl_records_first(&s->queue);
	if (s->in_hand)
		since = s->in_hand_us;
	else if (r)
		since = r->put_us;
	pthread_mutex_unlock(&s->lock);
	if (since)
		ret->behind_ms = (ofl_store_mono_us() - since) / 1000;
}

/* --- telling --- */

static void tell_state(struct ofl_store *s, enum ofl_store_state state,
		       const char *text)
{
	if (state == s->told_state && strcmp(text, s->told_error) == 0)
		return;
	if (state == OFL_STORE_DEGRADED)
		flog_err(EC_OFL_STORE, "offload database: %s", text);
	else if (state == OFL_STORE_OK && s->told_state == OFL_STORE_DEGRADED)
		zlog_notice("offload database %s: written again", s->conf.path);
	else
		ofl_debug(OFL_DEBUG_STORE, "offload database %s: %s",
			  s->conf.path, state == OFL_STORE_OK ? "open" : "off");
	s->told_state = state;
	snprintf(s->told_error, sizeof(s->told_error), "%s", text);
	if (s->events.state)
		s->events.state(s->arg, state, text);
}

void ofl_store_poll(struct ofl_store *s)
{
	char error[sizeof(s->error)], corrupt[sizeof(s->corrupt)];
	enum ofl_store_state state;
	bool reader_close, refresh;

	pthread_mutex_lock(&s->lock);
	state = s->state;
	snprintf(error, sizeof(error), "%s", s->error);
	snprintf(corrupt, sizeof(corrupt), "%s", s->corrupt);
	s->corrupt[0] = '\0';
	reader_close = s->reader_close;
	refresh = s->incomplete && state == OFL_STORE_OK &&
		  s->queue.count + s->in_hand <= s->conf.queue_max / 2 &&
		  s->events.refresh;
	if (refresh) {
		s->incomplete = false;
		s->generation++;
	}
	pthread_mutex_unlock(&s->lock);
	if (reader_close)
		ofl_store_reader_close(s);
	if (corrupt[0]) {
		flog_err(EC_OFL_STORE_CORRUPT, "offload database: %s", corrupt);
		if (s->events.state)
			s->events.state(s->arg, OFL_STORE_DEGRADED, corrupt);
	}
	tell_state(s, state, error);
	if (refresh)
		s->events.refresh(s->arg);
}
