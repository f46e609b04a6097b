// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bench's command line.
 *
 * Refuses whatever it cannot do as asked, with a sentence and exit code 2,
 * before a file is read.
 */
#include <zebra.h>

#include <getopt.h>
#include <math.h>

#include "bench/args.h"
#include "bench/lpm_options.h"

#define SEED 1
#define ZIPF 1.0
#define GAMMA 0.39
#define SIZE_BIAS 0.2
#define NEXT_HOPS 32
#define TURN_BUDGET 1000
#define SAMPLES 1000000
#define SLOTS_MAX 10000000

enum {
	OPT_ROUTES = 256,
	OPT_FAMILY,
	OPT_CAPACITY,
	OPT_CAPACITY_PERCENT,
	OPT_HIGH,
	OPT_LOW,
	OPT_COST_V6,
	OPT_ZIPF,
	OPT_SIZE_BIAS,
	OPT_GAMMA,
	OPT_NEXT_HOPS,
	OPT_CRITICAL,
	OPT_SEED,
	OPT_HYSTERESIS,
	OPT_RESIDENCE,
	OPT_COVER_LIMIT,
	OPT_BURST,
	OPT_NO_EXACT_PLAN,
	OPT_TURN_BUDGET,
	OPT_METHODS,
	OPT_EXACT,
	OPT_CHURN,
	OPT_DRIFT,
	OPT_DRIFT_PERMILLE,
	OPT_NOISE,
	OPT_NOISE_PACKETS,
	OPT_SAMPLES,
};

static const struct option options[] = {
	{"routes", required_argument, NULL, OPT_ROUTES},
	{"family", required_argument, NULL, OPT_FAMILY},
	{"capacity", required_argument, NULL, OPT_CAPACITY},
	{"capacity-percent", required_argument, NULL, OPT_CAPACITY_PERCENT},
	{"high", required_argument, NULL, OPT_HIGH},
	{"low", required_argument, NULL, OPT_LOW},
	{"cost-v6", required_argument, NULL, OPT_COST_V6},
	{"zipf", required_argument, NULL, OPT_ZIPF},
	{"size-bias", required_argument, NULL, OPT_SIZE_BIAS},
	{"gamma", required_argument, NULL, OPT_GAMMA},
	{"next-hops", required_argument, NULL, OPT_NEXT_HOPS},
	{"critical", required_argument, NULL, OPT_CRITICAL},
	{"seed", required_argument, NULL, OPT_SEED},
	{"hysteresis", required_argument, NULL, OPT_HYSTERESIS},
	{"residence", required_argument, NULL, OPT_RESIDENCE},
	{"cover-limit", required_argument, NULL, OPT_COVER_LIMIT},
	{"burst", required_argument, NULL, OPT_BURST},
	{"no-exact-plan", no_argument, NULL, OPT_NO_EXACT_PLAN},
	{"turn-budget", required_argument, NULL, OPT_TURN_BUDGET},
	{"methods", no_argument, NULL, OPT_METHODS},
	{"exact", no_argument, NULL, OPT_EXACT},
	{"churn", required_argument, NULL, OPT_CHURN},
	{"drift", required_argument, NULL, OPT_DRIFT},
	{"drift-permille", required_argument, NULL, OPT_DRIFT_PERMILLE},
	{"noise", required_argument, NULL, OPT_NOISE},
	{"noise-packets", required_argument, NULL, OPT_NOISE_PACKETS},
	{"samples", required_argument, NULL, OPT_SAMPLES},
	{"help", no_argument, NULL, 'h'},
	{NULL},
};

static bool parse_family(struct ofl_bench_options *o, const char *text)
{
	bool both = strcmp(text, "both") == 0;

	o->family[0] = both || strcmp(text, "ipv4") == 0;
	o->family[1] = both || strcmp(text, "ipv6") == 0;
	if (!o->family[0] && !o->family[1])
		return ofl_bench_complain("--family %s: ipv4, ipv6 or both",
					  text);
	return true;
}

/* What the table and the traffic are. */
static bool parse_input(struct ofl_bench_options *o, int c, const char *name,
			const char *arg)
{
	switch (c) {
	case OPT_ROUTES:
		o->routes = arg;
		return true;
	case OPT_FAMILY:
		return parse_family(o, arg);
	case OPT_CAPACITY:
		o->capacity_percent = -1;
		return ofl_bench_small(name, arg, 1, SLOTS_MAX,
				       &o->capacity_slots);
	case OPT_CAPACITY_PERCENT:
		o->capacity_slots = 0;
		return ofl_bench_fraction(name, arg, 1e-6, 1000,
					  &o->capacity_percent);
	case OPT_ZIPF:
		return ofl_bench_fraction(name, arg, 0, 10, &o->traffic.zipf);
	case OPT_SIZE_BIAS:
		return ofl_bench_fraction(name, arg, 0, 1,
					  &o->traffic.size_bias);
	case OPT_GAMMA:
		return ofl_bench_fraction(name, arg, 0, 1, &o->traffic.gamma);
	case OPT_NEXT_HOPS:
		return ofl_bench_small(name, arg, 1, 1u << 30,
				       &o->traffic.next_hops);
	case OPT_CRITICAL:
		return ofl_bench_small(name, arg, 0, SLOTS_MAX,
				       &o->traffic.critical);
	case OPT_SEED:
		return ofl_bench_whole(name, arg, 0, UINT64_MAX,
				       &o->traffic.seed);
	default:
		return ofl_bench_complain("what is wanted was not understood");
	}
}

/* What the bench is to do. */
static bool parse_work(struct ofl_bench_options *o, int c, const char *name,
		       const char *arg)
{
	switch (c) {
	case OPT_METHODS:
		o->methods = true;
		return true;
	case OPT_EXACT:
		o->exact = true;
		return true;
	case OPT_CHURN:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->churn);
	case OPT_DRIFT:
		return ofl_bench_small(name, arg, 0, 1000000, &o->drift);
	case OPT_DRIFT_PERMILLE:
		return ofl_bench_fraction(name, arg, 0, 1000,
					  &o->drift_permille);
	case OPT_NOISE:
		return ofl_bench_small(name, arg, 0, 1000000, &o->noise);
	case OPT_NOISE_PACKETS:
		return ofl_bench_fraction(name, arg, 0.001, 1e6,
					  &o->noise_packets);
	case OPT_SAMPLES:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->samples);
	default:
		return parse_input(o, c, name, arg);
	}
}

static bool parse_option(void *to, int c, const char *name, const char *arg)
{
	struct ofl_bench_options *o = to;
	uint32_t n;

	switch (c) {
	case OPT_HIGH:
		return ofl_bench_fraction(name, arg, 0, 100, &o->high_percent);
	case OPT_LOW:
		return ofl_bench_fraction(name, arg, 0, 100, &o->low_percent);
	case OPT_COST_V6:
		return ofl_bench_small(name, arg, 1, 64, &o->cost_v6_slots);
	case OPT_HYSTERESIS:
		return ofl_bench_fraction(name, arg, 0, 1, &o->hysteresis);
	case OPT_RESIDENCE:
		if (!ofl_bench_small(name, arg, 0, 7, &n))
			return false;
		o->residence_sweeps = n;
		return true;
	case OPT_COVER_LIMIT:
		return ofl_bench_small(name, arg, 0, SLOTS_MAX,
				       &o->cover_limit_slots);
	case OPT_BURST:
		return ofl_bench_small(name, arg, 0, SLOTS_MAX, &o->burst);
	case OPT_NO_EXACT_PLAN:
		o->no_exact_plan = true;
		return true;
	case OPT_TURN_BUDGET:
		return ofl_bench_small(name, arg, 1, SLOTS_MAX,
				       &o->turn_budget);
	default:
		return parse_work(o, c, name, arg);
	}
}

static bool parse_all(struct ofl_bench_options *o, int argc, char **argv,
		      bool *ret_help)
{
	if (!ofl_bench_options_read(argc, argv, options, parse_option, o,
				    ret_help))
		return false;
	if (*ret_help)
		return true;
	if (!o->routes)
		return ofl_bench_complain("--routes is wanted");
	if (o->capacity_percent < 0 && !o->capacity_slots)
		return ofl_bench_complain(
			"--capacity or --capacity-percent is wanted");
	if (o->low_percent >= o->high_percent)
		return ofl_bench_complain("--low must be less than --high");
	return true;
}

bool ofl_bench_options_parse(struct ofl_bench_options *o, int argc, char **argv,
			     int *ret_code)
{
	bool help = false;

	*o = (struct ofl_bench_options){
		.family = {true, true},
		.capacity_percent = -1,
		.high_percent = 100,
		.low_percent = 99,
		.traffic = {.seed = SEED,
			    .zipf = ZIPF,
			    .gamma = GAMMA,
			    .size_bias = SIZE_BIAS,
			    .next_hops = NEXT_HOPS},
		.hysteresis = -1,
		.residence_sweeps = -1,
		.turn_budget = TURN_BUDGET,
		.drift_permille = 1,
		.noise_packets = 10,
		.samples = SAMPLES,
	};
	if (!parse_all(o, argc, argv, &help)) {
		*ret_code = 2;
		return false;
	}
	if (help) {
		fputs(ofl_bench_usage, stdout);
		*ret_code = 0;
		return false;
	}
	return true;
}

bool ofl_bench_options_conf(const struct ofl_bench_options *o, uint32_t routes,
			    struct ofl_place_conf *ret_conf)
{
	struct ofl_place_conf conf;
	double slots = o->capacity_slots;

	if (o->capacity_percent >= 0)
		slots = floor(routes * o->capacity_percent / 100 + 1e-9);
	ofl_place_conf_init(&conf);
	conf.capacity_slots = slots;
	conf.high_slots = floor(slots * o->high_percent / 100 + 1e-9);
	conf.low_slots = floor(slots * o->low_percent / 100 + 1e-9);
	if (conf.low_slots >= conf.high_slots && conf.high_slots)
		conf.low_slots = conf.high_slots - 1;
	if (!conf.high_slots)
		return ofl_bench_complain(
			"%.0f slots are no table for %u routes", slots, routes);
	if (o->cost_v6_slots)
		conf.cost_v6_slots = o->cost_v6_slots;
	if (o->hysteresis >= 0)
		conf.hysteresis_permille = lrint(o->hysteresis * 1000);
	if (o->residence_sweeps >= 0)
		conf.residence_sweeps = o->residence_sweeps;
	if (o->no_exact_plan)
		conf.exact_cells = 0;
	conf.critical_cover_limit_slots = o->cover_limit_slots;
	conf.optional_burst = o->burst;
	*ret_conf = conf;
	return true;
}
