// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Drivers that offload routes by themselves: the kernel's routes
 * (provider/prov_fib.h) meet flows and worth (policy) in a view
 * (placement/fibview.h), whose repairs go back to the kernel.
 *
 * Moves values; which route is repaired and how is the view's.  What it means
 * for flows is fib_tell.c's.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/engine/fib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIB, "offload observed drivers");

#define MESSAGES_A_TURN 1000
#define STEPS_A_TURN 4000
#define REPAIRS_AT_ONCE 16 /* written and not answered */
#define ORPHAN_US 10000000 /* so long after the repair */
#define GRACE_US 2000000
#define RESOURCE_MS 1000

static void on_turn(struct ofl_ev *ev);

void ofl_fib_turn_soon(struct ofl_fib *fib)
{
	ofl_ev_soon(ofl_eng.loop, on_turn, fib, &fib->t_turn);
}

void ofl_fib_event(const struct ofl_fib *fib, const char *kind,
		   const char *text)
{
	struct ofl_store_event e = {
		.at_us = ofl_clock_wall_us(),
		.kind = kind,
		.table = "fib",
		.used_slots = MIN(fib->used_slots, UINT32_MAX),
		.capacity_slots = MIN(fib->capacity_slots, UINT32_MAX),
		.text = text,
	};

	ofl_debug(OFL_DEBUG_PROVIDER, "fib: %s%s%s", kind, text ? ": " : "",
		  text ? text : "");
	ofl_store_put_event(ofl_eng.store, &e);
}

/* --- repairs --- */

/*
 * zebra withdrew a victim.  If it did so in the moment in which it was out, the
 * kernel told zebra "there is none", and the repair put it back: nobody would
 * ever remove it.
 */
void ofl_fib_suspect(struct ofl_fib *fib, const struct ofl_key *key)
{
	uint64_t now_us = ofl_clock_mono_us();

	for (unsigned int i = 0; i < OFL_FIB_VICTIMS; i++) {
		struct ofl_fib_victim *v = &fib->victims[i];

		if (!v->at_us || v->orphan_us ||
		    now_us - v->at_us > ORPHAN_US ||
		    ofl_key_cmp(&v->key, key) != 0)
			continue;
		v->orphan_us = now_us + GRACE_US;
		fib->orphans++;
		ofl_fib_turn_soon(fib);
	}
}

static uint64_t entries_known(const struct ofl_fib *fib)
{
	struct ofl_fibview_stats st;

	ofl_fibview_stats(fib->view, &st);
	return st.by_state[0][OFL_FIB_OFFLOADED] +
	       st.by_state[0][OFL_FIB_TRAPPED] +
	       st.by_state[1][OFL_FIB_OFFLOADED] +
	       st.by_state[1][OFL_FIB_TRAPPED];
}

/* A size may be as large as a number can be: it stands for no limit. */
static uint64_t part_of(const struct ofl_fib *fib, unsigned int percent)
{
	return fib->capacity_slots / 100 * percent +
	       fib->capacity_slots % 100 * percent / 100;
}

/* The reading is a second old at most, which is long: what came since counts,
 * each for more than it may take. */
static bool has_room(const struct ofl_fib *fib)
{
	uint64_t used = fib->used_slots, now = entries_known(fib);

	if (now > fib->entries)
		used += 2 * (now - fib->entries);
	return fib->has_resource && used < part_of(fib, fib->conf.low_percent);
}

static void tell_begun(struct ofl_fib *fib, const struct ofl_fib_step *step)
{
	char a[OFL_PREFIX_STRLEN], b[OFL_PREFIX_STRLEN];
	char text[OFL_OUTCOME_TEXT];

	ofl_prefix_print(&step->route.p, a, sizeof(a));
	if (step->demote)
		snprintf(text, sizeof(text), "%s in place of %s", a,
			 ofl_prefix_print(&step->victim.p, b, sizeof(b)));
	else
		snprintf(text, sizeof(text), "%s once more", a);
	ofl_fib_event(fib, "fib-repair", text);
	if (step->demote) {
		struct ofl_fib_victim *v =
			&fib->victims[fib->victims_next++ % OFL_FIB_VICTIMS];

		fib->orphans -= v->orphan_us != 0;
		*v = (struct ofl_fib_victim){.key = step->victim,
					     .at_us = ofl_clock_mono_us()};
	}
	fib->repaired[fib->repaired_next++ % OFL_FIB_TOLD] = step->route;
}

static void repair_some(struct ofl_fib *fib, uint64_t now_us)
{
	struct ofl_fib_step step;

	ofl_fibview_policy_set(fib->view, fib->conf.repair, has_room(fib));
	while (fib->writing < REPAIRS_AT_ONCE &&
	       ofl_fibview_repair_next(fib->view, now_us, &step)) {
		if (!ofl_fibwatch_send(fib->watch, &step)) {
			fib->refused++;
			ofl_fibview_repair_abort(fib->view, &step);
			continue;
		}
		fib->writing++;
		tell_begun(fib, &step);
	}
}

/* When to look again. */
static uint64_t remove_orphans(struct ofl_fib *fib, uint64_t now_us)
{
	uint64_t due_us = UINT64_MAX;

	for (unsigned int i = 0; i < OFL_FIB_VICTIMS && fib->orphans; i++) {
		struct ofl_fib_victim *v = &fib->victims[i];
		struct ofl_fib_step step = {.remove = true, .route = v->key};
		struct ofl_fibview_route r;
		char buf[OFL_PREFIX_STRLEN];

		if (!v->orphan_us)
			continue;
		if (now_us < v->orphan_us) {
			due_us = MIN(due_us, v->orphan_us);
			continue;
		}
		v->at_us = v->orphan_us = 0;
		fib->orphans--;
		if (!ofl_fibview_find(fib->view, &v->key, &r) || r.is_flow)
			continue;
		step.route_image = r.image;
		fib->writing += ofl_fibwatch_send(fib->watch, &step);
		ofl_fib_event(fib, "fib-orphan",
			      ofl_prefix_print(&v->key.p, buf, sizeof(buf)));
	}
	return due_us;
}

static void on_done(void *arg, const struct ofl_fib_step *step, int errnum,
		    bool lost, const char *what)
{
	char prefix[OFL_PREFIX_STRLEN];
	struct ofl_fib *fib = arg;

	/* One that the watch sent by itself is not counted. */
	fib->writing -= fib->writing > 0;
	if (!errnum) {
		fib->written++;
		return;
	}
	fib->refused++;
	ofl_fibview_repair_abort(fib->view, step);
	ofl_prefix_print(lost ? &step->victim.p : &step->route.p, prefix,
			 sizeof(prefix));
	if (lost) {
		flog_err(EC_OFL_FIB, "%s: %s: %s", prefix, what,
			 safe_strerror(errnum));
		ofl_fibwatch_ask(fib->watch);
	} else {
		ofl_debug(OFL_DEBUG_PROVIDER, "fib: %s: %s: %s", prefix, what,
			  safe_strerror(errnum));
	}
}

/* --- the resource --- */

static void mark(struct ofl_fib *fib)
{
	uint64_t high = part_of(fib, fib->conf.high_percent);
	uint64_t low = part_of(fib, fib->conf.low_percent);

	if (!fib->above_high && fib->used_slots >= high) {
		fib->above_high = true;
		ofl_notify_watermark("fib", true, 1);
		ofl_fib_event(fib, "watermark-high", NULL);
	} else if (fib->above_high && fib->used_slots < low) {
		fib->above_high = false;
		ofl_notify_watermark("fib", false, 1);
		ofl_fib_event(fib, "watermark-low", NULL);
	}
}

static void on_resources(void *arg, const struct ofl_devlink_handle *handle,
			 const struct ofl_devlink_resource *list, size_t count,
			 int errnum)
{
	const struct ofl_devlink_resource *r = NULL;
	const char *error = NULL;
	struct ofl_fib *fib = arg;

	if (!errnum)
		r = ofl_devlink_resource_find(list, count, fib->conf.resource,
					      &error);
	/* Of several devices the one that has it. */
	if (!r && !fib->has_resource)
		strlcpy(fib->resource_text,
			error ? error : safe_strerror(errnum),
			sizeof(fib->resource_text));
	if (!r || !r->has_occ)
		return;
	fib->resource_text[0] = '\0';
	fib->has_resource = true;
	fib->used_slots = r->occ;
	fib->capacity_slots = r->size;
	fib->entries = entries_known(fib);
	mark(fib);
	ofl_fib_turn_soon(fib);
}

static void on_instance(void *arg, const struct ofl_devlink_instance *instance,
			enum ofl_devlink_change change)
{
	struct ofl_fib *fib = arg;

	fib->follow |= change == OFL_DEVLINK_APPEARED;
	if (change == OFL_DEVLINK_GONE)
		fib->has_resource = false;
}

static void on_port(void *arg, const struct ofl_devlink_port *port,
		    enum ofl_devlink_change change)
{
}

static void on_devlink_state(void *arg, enum ofl_devlink_state state,
			     const char *text)
{
	struct ofl_fib *fib = arg;

	if (state == OFL_DEVLINK_ABSENT)
		strlcpy(fib->resource_text, text, sizeof(fib->resource_text));
}

static const struct ofl_devlink_events devlink_events = {
	.state = on_devlink_state,
	.instance = on_instance,
	.port = on_port,
	.resources = on_resources,
};

static uint64_t poll_devlink(struct ofl_fib *fib, uint64_t now_us)
{
	const struct ofl_devlink_instance *instance;
	uint64_t due_us;

	if (!fib->devlink)
		return UINT64_MAX;
	due_us = ofl_devlink_poll(fib->devlink, now_us, MESSAGES_A_TURN);
	if (!fib->follow)
		return due_us;
	fib->follow = false;
	for (size_t i = 0;
	     (instance = ofl_devlink_instance_at(fib->devlink, i)); i++)
		ofl_devlink_follow(fib->devlink, &instance->handle,
				   RESOURCE_MS);
	return 0;
}

/* --- a turn --- */

static void on_readable(struct ofl_ev *ev)
{
	ofl_fib_turn_soon(OFL_EV_ARG(ev));
}

/* Each wake-up is for one turn. */
static void await_news(struct ofl_fib *fib)
{
	ofl_ev_read(ofl_eng.loop, on_readable, fib, ofl_fibwatch_fd(fib->watch),
		    &fib->t_watch);
	if (fib->devlink)
		ofl_ev_read(ofl_eng.loop, on_readable, fib,
			    ofl_devlink_fd(fib->devlink), &fib->t_devlink);
}

static void on_turn(struct ofl_ev *ev)
{
	struct ofl_fib *fib = OFL_EV_ARG(ev);
	uint64_t now_us = ofl_clock_mono_us(), due_us, took_us;
	bool more;

	due_us = ofl_fibwatch_poll(fib->watch, now_us, MESSAGES_A_TURN);
	due_us = MIN(due_us, poll_devlink(fib, now_us));
	more = ofl_fibview_work(fib->view, STEPS_A_TURN);
	repair_some(fib, now_us);
	due_us = MIN(due_us, remove_orphans(fib, now_us));
	more |= ofl_fib_tell(fib);
	if (fib->writing < REPAIRS_AT_ONCE)
		due_us = MIN(due_us, ofl_fibview_repair_due_us(fib->view));
	took_us = ofl_clock_mono_us() - now_us;
	ofl_eng.turn_max_us = MAX(ofl_eng.turn_max_us, took_us);
	await_news(fib);
	ofl_ev_off(fib->t_later);
	if (more || due_us <= now_us)
		ofl_fib_turn_soon(fib);
	else if (due_us != UINT64_MAX)
		ofl_ev_timer_ms(ofl_eng.loop, on_readable, fib,
				(due_us - now_us) / 1000 + 1, &fib->t_later);
}

/* --- what the watch tells --- */

static void on_route(void *arg, const struct ofl_fib_route *r)
{
	ofl_fibview_set(((struct ofl_fib *)arg)->view, r);
}

static void on_gone(void *arg, const struct ofl_fib_route *r)
{
	struct ofl_fib *fib = arg;

	if (!ofl_fibview_del(fib->view, r))
		ofl_fibwatch_ask(fib->watch);
}

static void on_list_begin(void *arg)
{
	ofl_fibview_sync_begin(((struct ofl_fib *)arg)->view);
}

static void on_list_end(void *arg)
{
	ofl_fibview_sync_end(((struct ofl_fib *)arg)->view);
}

static void on_release(void *arg, uint32_t image)
{
	ofl_fibwatch_release(((struct ofl_fib *)arg)->watch, image);
}

static const struct ofl_fibwatch_events watch_events = {
	.route = on_route,
	.gone = on_gone,
	.list_begin = on_list_begin,
	.list_end = on_list_end,
	.done = on_done,
};

/* --- life --- */

static void end(struct ofl_fib *fib)
{
	ofl_ev_off(fib->t_watch);
	ofl_ev_off(fib->t_devlink);
	ofl_ev_off(fib->t_turn);
	ofl_ev_off(fib->t_later);
	ofl_fibview_free(fib->view);
	ofl_fibwatch_free(fib->watch);
	ofl_devlink_free(fib->devlink);
	XFREE(MTYPE_OFL_FIB, fib);
}

static bool take_back_one(struct ofl_flow *f, void *arg)
{
	if (f->table != OFL_TABLE_FIB)
		return true;
	ofl_outcome_count(f, -1);
	f->table = OFL_TABLE_NONE;
	ofl_outcome_count(f, 1);
	return true;
}

void ofl_fib_fini(void)
{
	struct ofl_fib *fib = ofl_eng.fib;

	if (!fib)
		return;
	ofl_eng.fib = NULL;
	ofl_notify_table_gone("fib");
	ofl_flowtab_walk(ofl_eng.flows, take_back_one, NULL);
	end(fib);
}

static struct ofl_fib *begin(void)
{
	struct ofl_fib *fib = XCALLOC(MTYPE_OFL_FIB, sizeof(*fib));

	fib->view = ofl_fibview_new(on_release, fib);
	fib->watch = ofl_fibwatch_new(&watch_events, fib);
	if (fib->watch)
		return fib;
	flog_err(EC_OFL_NETLINK, "the kernel's routes cannot be followed: %s",
		 safe_strerror(errno));
	end(fib);
	return NULL;
}

void ofl_fib_configure(const struct ofl_fib_conf *conf)
{
	struct ofl_fib *fib = ofl_eng.fib;

	if (!conf->observe) {
		ofl_fib_fini();
		return;
	}
	if (!fib)
		fib = ofl_eng.fib = begin();
	if (!fib)
		return;
	if (strcmp(fib->conf.resource, conf->resource) != 0) {
		ofl_ev_off(fib->t_devlink);
		ofl_devlink_free(fib->devlink);
		fib->devlink = NULL;
		fib->has_resource = fib->above_high = false;
		ofl_notify_table_gone("fib");
		fib->used_slots = fib->capacity_slots = 0;
		fib->resource_text[0] = '\0';
		if (conf->resource[0])
			fib->devlink = ofl_devlink_new(&devlink_events, fib);
	}
	fib->conf = *conf;
	ofl_fib_turn_soon(fib);
}
