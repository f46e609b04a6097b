// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a table would hold, were it another: see simulate.h.
 *
 * The work is done in slices with a pause after each, in which routes, answers
 * of hardware and whoever asks have their turns.  Only the copy looks at the
 * table itself; flows are looked at while their class is to be another.
 */
#include <zebra.h>

#include "lib/clock.h"
#include "offloadd/base/names.h"
#include "offloadd/engine/conf.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/simulate.h"

#define AT_ONCE_US 30000 /* of work before who asks is told to come again */
#define SLICE_US 5000
#define PAUSE_MS 2
#define BUDGET 128	       /* routes of a step */
#define GIVE_UP_US 600000000ul /* since it began */

enum step {
	STEP_NONE = 0,
	STEP_BEGIN, /* take the picture */
	STEP_COPY,
	STEP_CLASSES,
	STEP_RUN,
	STEP_FREE,
};

static struct {
	struct ofl_simulate_status status;
	uint8_t step; /* enum step */
	struct ofl_whatif *whatif;
	struct ofl_place_conf limits; /* as they would be */
	uint8_t table;		      /* a flow's `table` */
	uint32_t flow_at;
	uint64_t began_us; /* monotonic */
	struct ofl_ev *ev;
} sim;

static void end(enum ofl_simulate_state state, const char *text)
{
	sim.status.state = state;
	sim.status.text = text;
	sim.status.took_us = ofl_clock_mono_us() - sim.began_us;
	sim.status.percent = 100;
	sim.step = sim.whatif ? STEP_FREE : STEP_NONE;
}

/* --- classes --- */

static bool is_asked_for(const struct ofl_simulate_ask *ask,
			 const struct ofl_flow *f)
{
	const struct ofl_prefix *p = &f->key.p;

	switch (ask->whose) {
	case OFL_SIMULATE_PREFIX:
		return p->family == ask->prefix.family && p->plen >= ask->ge &&
		       p->plen <= ask->le &&
		       ofl_prefix_contains(&ask->prefix, p);
	case OFL_SIMULATE_LIST:
		return ofl_prefix_list_permits(ask->list, p->family, p->addr,
					       p->plen);
	default:
		return f->rule == ask->rule;
	}
}

/* As a rule before all others would say; guards come before any rule. */
static void reclassify(struct ofl_flow *f, void *arg)
{
	const struct ofl_simulate_ask *ask = arg;

	if (f->withdrawn || f->table != sim.table ||
	    f->facts.proto == OFL_PROTO_LOCAL ||
	    f->facts.proto == OFL_PROTO_RESERVED || !is_asked_for(ask, f))
		return;
	sim.status.reclassified += ofl_whatif_class(
		sim.whatif, &f->key, ask->cls, f->action ? f->action->id : 0);
}

/* --- steps --- */

/* The table as it would be configured. */
static void apply(const struct ofl_simulate_ask *ask,
		  struct ofl_hwtable_conf *c)
{
	if (ask->set & OFL_SIMULATE_CAPACITY)
		c->capacity_slots = ask->capacity_slots;
	if (ask->set & OFL_SIMULATE_HIGH)
		c->high = ask->high;
	if (ask->set & OFL_SIMULATE_LOW)
		c->low = ask->low;
	if (ask->set & OFL_SIMULATE_RESERVE)
		c->reserve_slots = ask->reserve_slots;
}

/* The table as it stands now, and the limits it would have. */
static void begin(void)
{
	struct ofl_simulate_status *st = &sim.status;
	const struct ofl_hw *t = ofl_engine_table_find(st->ask.table);
	struct ofl_hwtable_conf conf;

	if (!t || t->retiring) {
		end(OFL_SIMULATE_FAILED, "The table went away.");
		return;
	}
	conf = t->conf;
	apply(&st->ask, &conf);
	ofl_hw_limits_if(t, &conf, &sim.limits);
	st->then_reserve_slots =
		ofl_hwtable_reserve_slots(&conf, sim.limits.capacity_slots);
	st->now_limits = t->limits;
	st->now_reserve_slots =
		ofl_hwtable_reserve_slots(&t->conf, t->limits.capacity_slots);
	ofl_place_stats(t->place, &st->now);
	ofl_place_certificate(t->place, &st->now_certificate);
	sim.table = t->index;
	sim.flow_at = 0;
	sim.whatif = ofl_whatif_new(t->place);
	sim.step = STEP_COPY;
}

static void change(void)
{
	const struct ofl_simulate_ask *ask = &sim.status.ask;

	if (ask->set & ~OFL_SIMULATE_CLASS)
		ofl_whatif_limits(sim.whatif, &sim.limits);
	sim.step = ask->set & OFL_SIMULATE_CLASS ? STEP_CLASSES : STEP_RUN;
}

static void step(void)
{
	switch ((enum step)sim.step) {
	case STEP_BEGIN:
		begin();
		break;
	case STEP_COPY:
		if (!ofl_whatif_copy(sim.whatif, BUDGET))
			change();
		break;
	case STEP_CLASSES:
		ofl_flowtab_walk_some(ofl_eng.flows, &sim.flow_at, BUDGET,
				      reclassify, &sim.status.ask);
		if (!sim.flow_at)
			sim.step = STEP_RUN;
		break;
	case STEP_RUN:
		if (ofl_whatif_run(sim.whatif, BUDGET))
			break;
		sim.status.then = *ofl_whatif_result(sim.whatif);
		end(OFL_SIMULATE_DONE, NULL);
		break;
	case STEP_FREE:
		if (ofl_whatif_free_some(sim.whatif, BUDGET))
			break;
		sim.whatif = NULL;
		/* Somebody may have asked meanwhile. */
		sim.step = sim.status.state == OFL_SIMULATE_RUNNING ? STEP_BEGIN
								    : STEP_NONE;
		break;
	case STEP_NONE:
		break;
	}
}

static void work(uint64_t slice_us);

static void on_slice(struct ofl_ev *ev)
{
	work(SLICE_US);
}

static void work(uint64_t slice_us)
{
	uint64_t began_us = ofl_clock_mono_us();

	while (sim.step != STEP_NONE &&
	       ofl_clock_mono_us() - began_us < slice_us)
		step();
	sim.status.slice_max_us =
		MAX(sim.status.slice_max_us, ofl_clock_mono_us() - began_us);
	if (sim.status.state == OFL_SIMULATE_RUNNING &&
	    ofl_clock_mono_us() - sim.began_us > GIVE_UP_US)
		end(OFL_SIMULATE_FAILED, "It took more than ten minutes.");
	if (sim.step != STEP_NONE)
		ofl_ev_timer_ms(ofl_eng.loop, on_slice, NULL, PAUSE_MS,
				&sim.ev);
}

/* --- asked --- */

const char *ofl_simulate_state_name(enum ofl_simulate_state state)
{
	static const char *const names[] = {
		[OFL_SIMULATE_NONE] = "none",
		[OFL_SIMULATE_RUNNING] = "running",
		[OFL_SIMULATE_DONE] = "done",
		[OFL_SIMULATE_FAILED] = "failed",
	};

	return names[state];
}

double ofl_simulate_percent(double part, double whole)
{
	if (whole <= 0)
		return 100;
	return (uint32_t)(MIN(part / whole, 1.0) * 100000) / 1000.0;
}

bool ofl_simulate_prefix_set(struct ofl_simulate_ask *ask, const char *text,
			     const uint32_t *ge, const uint32_t *le)
{
	uint32_t bits, from, to;
	struct ofl_prefix p;

	if (!ofl_prefix_parse(text, true, &p))
		return false;
	bits = ofl_family_bits(p.family);
	from = ge ? *ge : p.plen;
	to = le ? *le : ge ? bits : p.plen;
	if (from < p.plen || from > to || to > bits)
		return false;
	ask->prefix = p;
	ask->whose = OFL_SIMULATE_PREFIX;
	ask->ge = from;
	ask->le = to;
	return true;
}

/* Can this be asked?  The table, or NULL and a sentence. */
static struct ofl_hw *check(const struct ofl_simulate_ask *ask,
			    struct ofl_hwtable_conf *ret_conf, char *buf,
			    size_t len)
{
	struct ofl_hw *t = ofl_engine_table_find(ask->table);

	if (sim.status.state == OFL_SIMULATE_RUNNING) {
		snprintf(buf, len,
			 "A simulation of table %s is under way, %u %% done: "
			 "wait for it, or clear it with 'clear offload "
			 "simulate'.",
			 sim.status.ask.table, ofl_simulate_status()->percent);
		return NULL;
	}
	if (!t || t->retiring) {
		snprintf(buf, len, "There is no table %s.", ask->table);
		return NULL;
	}
	if (!t->planned) {
		snprintf(buf, len,
			 "Table %s has no plan yet: ask again when its "
			 "provider is ready and the routes are there.",
			 ask->table);
		return NULL;
	}
	*ret_conf = t->conf;
	apply(ask, ret_conf);
	return ofl_conf_table_check(ret_conf, buf, len) ? t : NULL;
}

bool ofl_simulate_begin(const struct ofl_simulate_ask *ask, char *buf,
			size_t len)
{
	struct ofl_hwtable_conf conf;

	if (!check(ask, &conf, buf, len))
		return false;
	memset(&sim.status, 0, sizeof(sim.status));
	sim.status.state = OFL_SIMULATE_RUNNING;
	sim.status.began_us = ofl_clock_wall_us();
	sim.status.ask = *ask;
	sim.began_us = ofl_clock_mono_us();
	/* The copy of the last question goes first. */
	sim.step = sim.whatif ? STEP_FREE : STEP_BEGIN;
	work(AT_ONCE_US);
	return true;
}

const struct ofl_simulate_status *ofl_simulate_status(void)
{
	if (sim.status.state == OFL_SIMULATE_RUNNING) {
		sim.status.percent = 0;
		if (sim.step >= STEP_COPY && sim.step < STEP_FREE)
			sim.status.percent =
				MIN(ofl_whatif_percent(sim.whatif), 99);
		sim.status.took_us = ofl_clock_mono_us() - sim.began_us;
	}
	return &sim.status;
}

bool ofl_simulate_clear(void)
{
	bool any = sim.status.state != OFL_SIMULATE_NONE;

	if (sim.status.state == OFL_SIMULATE_RUNNING)
		end(OFL_SIMULATE_NONE, NULL);
	memset(&sim.status, 0, sizeof(sim.status));
	return any;
}

void ofl_simulate_forget(const struct ofl_hw *t)
{
	if (sim.step == STEP_COPY && sim.table == t->index)
		end(OFL_SIMULATE_FAILED,
		    "The table went away while it was copied.");
}

void ofl_simulate_fini(void)
{
	ofl_ev_off(sim.ev);
	ofl_whatif_free(sim.whatif);
	memset(&sim, 0, sizeof(sim));
}
