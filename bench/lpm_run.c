// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated hardware and the loop around a placement room; see lpm_run.h. */
#include <zebra.h>

#include "bench/lpm_run.h"

/* improve() that asks to go on so often without a write goes in circles. */
#define IDLE_MAX 10000000
/* Addresses looked up under a prefix that was written. */
#define CHECKED_BELOW 5

void ofl_bench_run_init(struct ofl_bench_run *r, struct ofl_bench_table *t,
			const struct ofl_place_conf *conf,
			unsigned int turn_budget, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	r->t = t;
	r->conf = *conf;
	r->turn_budget = turn_budget;
	r->random = ofl_bench_random_make(seed, OFL_BENCH_STREAM_WRITES);
	r->old_route = OFL_BENCH_NONE;
	ofl_bench_held_init(&r->held, t);
}

void ofl_bench_run_fini(struct ofl_bench_run *r)
{
	ofl_place_free(r->place);
	ofl_bench_held_fini(&r->held);
}

/* --- the network --- */
static struct ofl_key key_of(const struct ofl_bench_run *r, uint32_t route)
{
	return (struct ofl_key){.p = r->t->routes[route].prefix};
}

void ofl_bench_run_set(struct ofl_bench_run *r, uint32_t route)
{
	const struct ofl_bench_route *from = &r->t->routes[route];
	struct ofl_key key = key_of(r, route);
	struct ofl_place_route to = {
		.cookie = route + 1ull,
		.identity = from->identity,
		/* The room counts one for the route itself. */
		.weight = from->weight - 1,
		.cls = from->cls,
		.why = from->cls == OFL_CLASS_NEVER ? OFL_REASON_RULE_NEVER
						    : OFL_REASON_NONE,
	};

	ofl_place_set(r->place, &key, &to);
}

void ofl_bench_run_del(struct ofl_bench_run *r, uint32_t route)
{
	struct ofl_key key = key_of(r, route);

	ofl_place_del(r->place, &key);
}

void ofl_bench_run_changes(struct ofl_bench_run *r, uint32_t route)
{
	r->old_route = route;
	if (route != OFL_BENCH_NONE)
		r->old = r->t->routes[route];
}

/* --- the hardware --- */
static bool is_safe(struct ofl_bench_run *r, uint8_t family,
		    const uint8_t *addr)
{
	struct ofl_bench_route now;
	bool right;

	r->checked++;
	if (ofl_bench_is_right(r->t, &r->held, family, addr))
		return true;
	if (r->old_route == OFL_BENCH_NONE)
		return false;
	/* What the full table gave before the change is right, too. */
	now = r->t->routes[r->old_route];
	r->t->routes[r->old_route] = r->old;
	right = ofl_bench_is_right(r->t, &r->held, family, addr);
	r->t->routes[r->old_route] = now;
	return right;
}

/* Addresses under the prefix that was written: one of its own, one anywhere,
 * and those of a few routes below it. */
static void check_write(struct ofl_bench_run *r, uint32_t route)
{
	const struct ofl_bench_route *written = &r->t->routes[route];
	uint8_t family = written->prefix.family, addr[16];
	uint32_t below = written->end - route;

	for (int i = 0; i < (below > 1 ? CHECKED_BELOW : 1); i++) {
		uint32_t other = route;

		if (i)
			other += ofl_bench_random_below(&r->random, below);
		if (ofl_bench_address_of(r->t, other, addr))
			r->misforwarded += !is_safe(r, family, addr);
	}
	ofl_bench_address_in(&written->prefix, &r->random, addr);
	r->misforwarded += !is_safe(r, family, addr);
}

static uint32_t slots_of(const struct ofl_bench_run *r,
			 const struct ofl_prefix *p)
{
	return p->family == AF_INET ? r->conf.cost_v4_slots
				    : r->conf.cost_v6_slots;
}

static void count_write(struct ofl_bench_run *r, const struct ofl_op *op,
			enum ofl_entry was)
{
	r->adds += op->kind == OFL_OP_ADD;
	r->deletes += op->kind == OFL_OP_DEL;
	r->replaces += op->kind == OFL_OP_REPLACE;
	r->insertions += op->kind != OFL_OP_DEL &&
			 op->entry == OFL_ENTRY_REAL && was != OFL_ENTRY_REAL;
}

static enum ofl_status apply(struct ofl_bench_run *r, const struct ofl_op *op)
{
	uint32_t route = ofl_bench_table_find(r->t, &op->key.p);
	uint32_t slots = slots_of(r, &op->key.p);

	if (route == OFL_BENCH_NONE ||
	    (op->kind == OFL_OP_ADD) !=
		    (r->held.entry[route] == OFL_ENTRY_NONE))
		return OFL_STATUS_ERROR;
	if (op->kind == OFL_OP_ADD) {
		if (r->used_slots + slots > r->conf.capacity_slots)
			return OFL_STATUS_NO_SPACE;
		r->used_slots += slots;
		r->used_slots_max = MAX(r->used_slots_max, r->used_slots);
	} else if (op->kind == OFL_OP_DEL) {
		r->used_slots -= slots;
	}
	count_write(r, op, r->held.entry[route]);
	r->held.entry[route] =
		op->kind == OFL_OP_DEL ? OFL_ENTRY_NONE : op->entry;
	r->held.identity[route] = op->identity;
	if (r->check_one_in <= 1 || r->writes % r->check_one_in == 0)
		check_write(r, route);
	return OFL_STATUS_OK;
}

bool ofl_bench_run_write(struct ofl_bench_run *r, const struct ofl_op *op)
{
	bool ok;

	r->writes++;
	ok = apply(r, op) == OFL_STATUS_OK;
	r->refused += !ok;
	return ok;
}

/* --- the engine --- */
struct watch {
	uint64_t wall, cpu;
};

/* The processor's clock outermost: asking for it takes time. */
static struct watch watch_start(void)
{
	struct watch w = {.cpu = ofl_bench_cpu_ns()};

	w.wall = ofl_bench_wall_ns();
	return w;
}

static void watch_stop(struct ofl_bench_run *r, struct watch w)
{
	ofl_bench_stat_add(&r->turns, ofl_bench_wall_ns() - w.wall);
	ofl_bench_stat_add(&r->turns_cpu, ofl_bench_cpu_ns() - w.cpu);
}

static void write_call(struct ofl_bench_run *r, uint64_t since)
{
	ofl_bench_stat_add(&r->write_calls, ofl_bench_wall_ns() - since);
}

void ofl_bench_run_plan(struct ofl_bench_run *r)
{
	bool more = true;

	while (more) {
		struct watch w = watch_start();

		more = ofl_place_plan(r->place, r->turn_budget);
		watch_stop(r, w);
	}
}

void ofl_bench_run_sweep(struct ofl_bench_run *r)
{
	struct watch w;

	ofl_place_refill(r->place, r->conf.optional_burst);
	w = watch_start();
	ofl_place_sweep(r->place);
	watch_stop(r, w);
}

static bool improve(struct ofl_bench_run *r)
{
	struct watch w = watch_start();
	bool more = ofl_place_improve(r->place, r->turn_budget);

	watch_stop(r, w);
	return more;
}

static bool write_one(struct ofl_bench_run *r)
{
	struct ofl_outcome out = {0};
	struct ofl_op op;
	uint64_t since = ofl_bench_wall_ns();
	bool more = ofl_place_next(r->place, &op);

	write_call(r, since);
	if (!more)
		return false;
	r->writes++;
	out.op_id = op.id;
	out.status = apply(r, &op);
	r->refused += out.status != OFL_STATUS_OK;
	since = ofl_bench_wall_ns();
	ofl_place_done(r->place, &out);
	write_call(r, since);
	return true;
}

static void take_views(struct ofl_bench_run *r)
{
	struct ofl_place_view view;
	bool more = true;

	while (more) {
		uint64_t since = ofl_bench_wall_ns();

		more = ofl_place_changed(r->place, &view);
		write_call(r, since);
	}
}

void ofl_bench_run_settle(struct ofl_bench_run *r)
{
	bool better = true;
	uint32_t idle = 0;

	for (;;) {
		uint64_t before = r->writes;

		ofl_bench_run_plan(r);
		while (write_one(r))
			;
		take_views(r);
		if (r->writes != before) {
			better = true;
			idle = 0;
			continue;
		}
		if (!better)
			return;
		if (idle++ == IDLE_MAX) {
			r->unsettled = true;
			return;
		}
		better = improve(r);
	}
}
