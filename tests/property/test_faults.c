// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A failure at every position: a small table at rest, some changes, and the
 * operations that follow, again and again, each time with another one of them
 * refused, in every way, alone or with all that come after it for a while; or
 * the daemon dies there and begins anew with what hardware has.
 *
 * Whatever happens, the invariants hold after every operation (drive.h); and
 * once hardware takes what it is given, the room was told to try again and best
 * effort is admitted, the table is as good as if nothing had happened.
 */
#include <zebra.h>

#include "tests/property/drive.h"

#define CHANGES_MAX 8
#define ROUTES_MAX 12
#define A_WHILE 5 /* operations */

/* Nothing fails; the operation after so many others, or some from there on; or
 * the daemon dies. */
enum what { NOTHING, ONE, SOME, DIE };

struct change {
	unsigned int forest, index;
	struct route route; /* not present: withdrawn */
};

static struct {
	unsigned int bits;
	struct ofl_place_conf conf;
	struct change before[ROUTES_MAX], then[CHANGES_MAX];
	unsigned int before_count, then_count;
	struct worth worth; /* of the table without a failure */
	struct hw hw[FORESTS][PREFIXES_MAX];
} sc;

static uint64_t runs;

/* --- the scenario --- */
static struct change random_change(void)
{
	struct change c = {
		.forest = rnd(FORESTS),
		.index = 1 + rnd(m.prefixes - 1),
		.route =
			{
				.present = true,
				.identity = rnd(IDENTITIES),
				.weight = rnd(50),
				.cls = rnd(5) ? OFL_CLASS_BEST_EFFORT
					      : OFL_CLASS_CRITICAL,
			},
	};

	if (rnd(8) == 0)
		c.route.cls = OFL_CLASS_NEVER;
	return c;
}

static void make_scenario(uint64_t seed)
{
	struct ofl_place_conf *conf = &sc.conf;

	rnd_seed(seed);
	memset(&sc, 0, sizeof(sc));
	sc.bits = 2 + rnd(2);
	model_reset(seed, sc.bits);
	ofl_place_conf_init(conf);
	conf->hysteresis_permille = 0;
	conf->residence_sweeps = 0;
	conf->capacity_slots = rnd(3) ? 2 + rnd(12) : 1000;
	conf->high_slots = conf->capacity_slots - rnd(2);
	conf->low_slots = conf->high_slots - 1;
	conf->cost_v6_slots = 1 + rnd(2);
	sc.before_count = 3 + rnd(ROUTES_MAX - 3);
	for (unsigned int n = 0; n < sc.before_count; n++)
		sc.before[n] = random_change();
	sc.then_count = 1 + rnd(CHANGES_MAX - 1);
	for (unsigned int n = 0; n < sc.then_count; n++) {
		struct change *c = &sc.then[n];

		*c = random_change();
		if (rnd(3))
			continue;
		/* The same place as before: another route, or none. */
		c->forest = sc.before[n % sc.before_count].forest;
		c->index = sc.before[n % sc.before_count].index;
		c->route.present = rnd(2);
	}
}

static void apply(const struct change *changes, unsigned int count)
{
	for (unsigned int n = 0; n < count; n++) {
		const struct change *c = &changes[n];

		if (c->route.present)
			route_set(c->forest, c->index, &c->route);
		else if (m.route[c->forest][c->index].present)
			route_del(c->forest, c->index);
	}
}

/* --- afterwards --- */
/* Hardware takes everything again.  What it called unsupported is tried again
 * when the route led elsewhere. */
static void recover(void)
{
	m.fault_after = m.fault_count = 0;
	for (unsigned int f = 0; f < FORESTS; f++) {
		for (unsigned int i = 1; i < m.prefixes; i++) {
			struct route r = m.route[f][i], other = r;

			if (!r.present || !r.identity)
				continue;
			other.identity = 1 + r.identity % (IDENTITIES - 1);
			route_set(f, i, &other);
			route_set(f, i, &r);
		}
	}
	/* Room is taken back by steps. */
	for (unsigned int n = 0; n < 4; n++) {
		retry();
		settle(true);
	}
	ofl_place_sweep(u.place);
	settle(true);
	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			m.hw[f][i].refused = false;
	m.any_fault = false;
}

/* How many are in between the watermarks depends on the way there: as if the
 * table had been below the low one. */
static void open_door(void)
{
	struct ofl_place_conf wide = sc.conf;

	wide.capacity_slots = wide.high_slots = 1000;
	wide.low_slots = 999;
	ofl_place_conf_set(u.place, &wide);
	ofl_place_conf_set(u.place, &sc.conf);
	ofl_place_sweep(u.place);
	settle(true);
}

/* With room for all there is one plan; else one of the same worth. */
static void check_as_without(void)
{
	bool roomy = sc.conf.capacity_slots == 1000;
	struct worth now = hw_worth();

	if (worth_cmp(now, sc.worth) != 0)
		fail(0,
		     "worth %" PRId64 ".%" PRId64 ", without a failure %" PRId64
		     ".%" PRId64,
		     now.critical, now.best_effort, sc.worth.critical,
		     sc.worth.best_effort);
	for (unsigned int f = 0; roomy && f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (m.hw[f][i].entry != sc.hw[f][i].entry)
				fail(f, "prefix %u was %s without a failure", i,
				     ofl_entry_name(sc.hw[f][i].entry));
}

static void die_after(unsigned int position)
{
	uint64_t end = m.ops + position;

	/* Other answers may make it fewer operations. */
	for (unsigned int i = 0; m.ops < end && i < 1000; i++) {
		ofl_place_improve(u.place, 1 + rnd(64));
		plan();
		send_some(PENDING_MAX);
		hardware_works();
	}
	rebuild();
}

/* Returns how many operations the changes brought. */
static unsigned int run(uint64_t seed, enum what what, unsigned int position,
			uint8_t status)
{
	uint64_t ops;

	runs++;
	universe_begin(seed, sc.bits, &sc.conf);
	u.critical_one_in = 1;
	m.step = position;
	rnd_seed(seed);
	apply(sc.before, sc.before_count);
	settle(true);
	check_rest(true);

	rnd_seed(seed);
	ops = m.ops;
	if (what == ONE || what == SOME) {
		m.fault_after = position;
		m.fault_count = what == ONE ? 1 : A_WHILE;
		m.fault_status = status;
	}
	apply(sc.then, sc.then_count);
	if (what == DIE)
		die_after(position);
	settle(true);
	ops = m.ops - ops;
	check_rest(true);
	check_sums();
	if (what != NOTHING)
		recover();
	open_door();
	if (what != NOTHING) {
		check_rest(true);
		check_sums();
		check_as_without();
	}
	check_worth();
	return ops;
}

static void one_scenario(uint64_t seed)
{
	static const uint8_t ways[] = {OFL_STATUS_ERROR, OFL_STATUS_UNSUPPORTED,
				       OFL_STATUS_NO_SPACE};
	unsigned int ops;

	make_scenario(seed);
	ops = run(seed, NOTHING, 0, 0);
	sc.worth = hw_worth();
	memcpy(sc.hw, m.hw, sizeof(sc.hw));
	universe_drop();
	for (unsigned int at = 0; at < ops; at++) {
		for (size_t w = 0; w < array_size(ways); w++) {
			run(seed, ONE, at, ways[w]);
			universe_drop();
			run(seed, SOME, at, ways[w]);
			universe_drop();
		}
		run(seed, DIE, at, 0);
		universe_drop();
	}
}

int main(int argc, char **argv)
{
	uint64_t scenarios = 600, seed = 1;

	for (int i = 1; i < argc; i++) {
		uint64_t *where = NULL;

		if (strcmp(argv[i], "--scenarios") == 0)
			where = &scenarios;
		else if (strcmp(argv[i], "--seed") == 0)
			where = &seed;
		if (!where || i + 1 == argc) {
			printf("usage: test_faults [--scenarios N] [--seed N]\n"
			       "A failure at every position of a plan.\n");
			return 2;
		}
		*where = strtoull(argv[++i], NULL, 10);
	}
	for (uint64_t i = 0; i < scenarios; i++)
		one_scenario(seed + i);
	printf("%" PRIu64 " runs, %" PRIu64 " hardware operations, %" PRIu64
	       " address checks\n",
	       runs, m.ops, m.checks);
	printf("%" PRIu64 " passed, 0 failed\n", scenarios);
	return 0;
}
