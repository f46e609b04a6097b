// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of the bench of traffic.
 *
 * Refuses whatever it cannot do as asked, with a sentence and exit code 2,
 * before a file is read.
 */
#include <zebra.h>

#include <getopt.h>
#include <math.h>

#include "bench/args.h"
#include "bench/traffic_options.h"
#include "offloadd/traffic/traffic.h"

#define SLOTS_MAX 10000000

enum {
	OPT_ROUTES = 256,
	OPT_FAMILY,
	OPT_COUNT,
	OPT_SLOTS,
	OPT_SLOTS_PERCENT,
	OPT_NEXT_HOPS,
	OPT_GAMMA,
	OPT_SIZE_BIAS,
	OPT_SEED,
	OPT_TRACE,
	OPT_ZIPF,
	OPT_PPS,
	OPT_PERIOD,
	OPT_PERIODS,
	OPT_WARM_UP,
	OPT_DRIFT_PERMILLE,
	OPT_DRIFT_TOP,
	OPT_FLASH,
	OPT_ALTERNATE,
	OPT_MICE_PERCENT,
	OPT_MICE_TIMES,
	OPT_BURST,
	OPT_MICE,
	OPT_WINDOW,
	OPT_SAMPLING,
	OPT_HALF_LIFE,
	OPT_WRITES,
	OPT_HYSTERESIS,
	OPT_RESIDENCE,
	OPT_HIGH,
	OPT_LOW,
	OPT_CHECK,
};

static const struct option options[] = {
	{"routes", required_argument, NULL, OPT_ROUTES},
	{"family", required_argument, NULL, OPT_FAMILY},
	{"count", required_argument, NULL, OPT_COUNT},
	{"slots", required_argument, NULL, OPT_SLOTS},
	{"slots-percent", required_argument, NULL, OPT_SLOTS_PERCENT},
	{"next-hops", required_argument, NULL, OPT_NEXT_HOPS},
	{"gamma", required_argument, NULL, OPT_GAMMA},
	{"size-bias", required_argument, NULL, OPT_SIZE_BIAS},
	{"seed", required_argument, NULL, OPT_SEED},
	{"trace", required_argument, NULL, OPT_TRACE},
	{"zipf", required_argument, NULL, OPT_ZIPF},
	{"pps", required_argument, NULL, OPT_PPS},
	{"period", required_argument, NULL, OPT_PERIOD},
	{"periods", required_argument, NULL, OPT_PERIODS},
	{"warm-up", required_argument, NULL, OPT_WARM_UP},
	{"drift-permille", required_argument, NULL, OPT_DRIFT_PERMILLE},
	{"drift-top", required_argument, NULL, OPT_DRIFT_TOP},
	{"flash", required_argument, NULL, OPT_FLASH},
	{"alternate", required_argument, NULL, OPT_ALTERNATE},
	{"mice-percent", required_argument, NULL, OPT_MICE_PERCENT},
	{"mice-times", required_argument, NULL, OPT_MICE_TIMES},
	{"burst", required_argument, NULL, OPT_BURST},
	{"mice", required_argument, NULL, OPT_MICE},
	{"window", required_argument, NULL, OPT_WINDOW},
	{"sampling", required_argument, NULL, OPT_SAMPLING},
	{"half-life", required_argument, NULL, OPT_HALF_LIFE},
	{"writes", required_argument, NULL, OPT_WRITES},
	{"hysteresis", required_argument, NULL, OPT_HYSTERESIS},
	{"residence", required_argument, NULL, OPT_RESIDENCE},
	{"high", required_argument, NULL, OPT_HIGH},
	{"low", required_argument, NULL, OPT_LOW},
	{"check", no_argument, NULL, OPT_CHECK},
	{"help", no_argument, NULL, 'h'},
	{NULL},
};

const char *ofl_bench_trace_name(enum ofl_bench_trace_kind kind)
{
	static const char *const names[OFL_BENCH_TRACE_MAX] = {
		[OFL_BENCH_TRACE_ZIPF] = "zipf",
		[OFL_BENCH_TRACE_DRIFT] = "drift",
		[OFL_BENCH_TRACE_FLASH] = "flash",
		[OFL_BENCH_TRACE_ADVERSARY] = "adversary",
		[OFL_BENCH_TRACE_MICE] = "mice",
	};

	return names[kind];
}

static bool parse_family(struct ofl_bench_traffic_options *o, const char *text)
{
	bool both = strcmp(text, "both") == 0;

	o->family[0] = both || strcmp(text, "ipv4") == 0;
	o->family[1] = both || strcmp(text, "ipv6") == 0;
	if (!o->family[0] && !o->family[1])
		return ofl_bench_complain("--family %s: ipv4, ipv6 or both",
					  text);
	return true;
}

/* Given more than once, each counts. */
static bool parse_trace(struct ofl_bench_traffic_options *o, const char *text)
{
	for (int i = 0; i < OFL_BENCH_TRACE_MAX; i++) {
		if (strcmp(text, ofl_bench_trace_name(i)) == 0) {
			o->traces[i] = true;
			return true;
		}
	}
	return ofl_bench_complain(
		"--trace %s: zipf, drift, flash, adversary or mice", text);
}

/* The table. */
static bool parse_table(struct ofl_bench_traffic_options *o, int c,
			const char *name, const char *arg)
{
	switch (c) {
	case OPT_ROUTES:
		o->routes = arg;
		return true;
	case OPT_FAMILY:
		return parse_family(o, arg);
	case OPT_COUNT:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->count);
	case OPT_SLOTS:
		return ofl_bench_small(name, arg, 1, SLOTS_MAX, &o->slots);
	case OPT_SLOTS_PERCENT:
		o->slots = 0;
		return ofl_bench_fraction(name, arg, 1e-6, 100,
					  &o->slots_percent);
	case OPT_NEXT_HOPS:
		return ofl_bench_small(name, arg, 1, 1u << 30,
				       &o->table.next_hops);
	case OPT_GAMMA:
		return ofl_bench_fraction(name, arg, 0, 1, &o->table.gamma);
	case OPT_SIZE_BIAS:
		return ofl_bench_fraction(name, arg, 0, 1, &o->table.size_bias);
	case OPT_SEED:
		return ofl_bench_whole(name, arg, 0, UINT64_MAX,
				       &o->table.seed);
	default:
		return ofl_bench_complain("what is wanted was not understood");
	}
}

/* What the methods have. */
static bool parse_methods(struct ofl_bench_traffic_options *o, int c,
			  const char *name, const char *arg)
{
	switch (c) {
	case OPT_SAMPLING:
		return ofl_bench_small(name, arg, 1, 1000000, &o->sampling);
	case OPT_HALF_LIFE:
		return ofl_bench_small(name, arg, 1, 86400, &o->half_life_s);
	case OPT_WRITES:
		return ofl_bench_small(name, arg, 0, 1000000, &o->writes_per_s);
	case OPT_HYSTERESIS:
		return ofl_bench_fraction(name, arg, 0, 1, &o->hysteresis);
	case OPT_RESIDENCE:
		return ofl_bench_small(name, arg, 0, 7, &o->residence);
	case OPT_HIGH:
		return ofl_bench_fraction(name, arg, 0, 100, &o->high_percent);
	case OPT_LOW:
		return ofl_bench_fraction(name, arg, 0, 100, &o->low_percent);
	case OPT_MICE:
		return ofl_bench_small(name, arg, 1, UINT32_MAX,
				       &o->mice_least);
	case OPT_WINDOW:
		return ofl_bench_small(name, arg, 1, 3600, &o->window_s);
	case OPT_CHECK:
		o->check = true;
		return true;
	default:
		return parse_table(o, c, name, arg);
	}
}

/* How traffic comes. */
static bool parse_option(void *to, int c, const char *name, const char *arg)
{
	struct ofl_bench_traffic_options *o = to;

	switch (c) {
	case OPT_TRACE:
		return parse_trace(o, arg);
	case OPT_ZIPF:
		return ofl_bench_fraction(name, arg, 0, 10, &o->zipf);
	case OPT_PPS:
		return ofl_bench_fraction(name, arg, 1, 4e8, &o->pps);
	case OPT_PERIOD:
		return ofl_bench_small(name, arg, 1, 3600, &o->period_s);
	case OPT_PERIODS:
		return ofl_bench_small(name, arg, 1, 1000000, &o->periods);
	case OPT_WARM_UP:
		return ofl_bench_small(name, arg, 0, 1000000, &o->warm_up);
	case OPT_DRIFT_PERMILLE:
		return ofl_bench_fraction(name, arg, 0, 1000,
					  &o->drift_permille);
	case OPT_DRIFT_TOP:
		return ofl_bench_small(name, arg, 0, SLOTS_MAX, &o->drift_top);
	case OPT_FLASH:
		return ofl_bench_small(name, arg, 1, SLOTS_MAX, &o->flash);
	case OPT_ALTERNATE:
		return ofl_bench_small(name, arg, 1, 1000000, &o->alternate);
	case OPT_MICE_PERCENT:
		return ofl_bench_fraction(name, arg, 0, 100, &o->mice_percent);
	case OPT_MICE_TIMES:
		return ofl_bench_fraction(name, arg, 0.01, 1e6, &o->mice_times);
	case OPT_BURST:
		return ofl_bench_small(name, arg, 1, 3600, &o->burst_s);
	default:
		return parse_methods(o, c, name, arg);
	}
}

static bool parse_all(struct ofl_bench_traffic_options *o, int argc,
		      char **argv, bool *ret_help)
{
	bool any = false;

	if (!ofl_bench_options_read(argc, argv, options, parse_option, o,
				    ret_help))
		return false;
	if (*ret_help)
		return true;
	if (!o->routes)
		return ofl_bench_complain("--routes is wanted");
	if (o->low_percent >= o->high_percent)
		return ofl_bench_complain("--low must be less than --high");
	if (o->warm_up >= o->periods)
		return ofl_bench_complain(
			"--warm-up must be less than --periods");
	if (o->pps * o->period_s >= UINT32_MAX)
		return ofl_bench_complain(
			"--pps times --period must be less than %u",
			UINT32_MAX);
	for (int i = 0; i < OFL_BENCH_TRACE_MAX; i++)
		any |= o->traces[i];
	for (int i = 0; i < OFL_BENCH_TRACE_MAX && !any; i++)
		o->traces[i] = true;
	return true;
}

static void defaults(struct ofl_bench_traffic_options *o)
{
	struct ofl_traffic_conf conf;
	struct ofl_place_conf place;

	ofl_traffic_conf_init(&conf);
	ofl_place_conf_init(&place);
	*o = (struct ofl_bench_traffic_options){
		.family = {true, false},
		.count = 100000,
		.table = {.seed = 1,
			  .zipf = 1.0,
			  .gamma = 0.39,
			  .size_bias = 0.2,
			  .next_hops = 32},
		.slots_percent = 2,
		.zipf = -1,
		.pps = 1e7,
		.period_s = conf.period_s,
		.periods = 72,
		.warm_up = 30,
		.drift_permille = 2,
		.drift_top = 2,
		.flash = 50,
		.alternate = 1,
		.mice_percent = 1.5,
		.mice_times = 4,
		.burst_s = 10,
		.window_s = 120,
		.sampling = conf.sample_rate,
		.half_life_s = conf.half_life_s,
		.writes_per_s = 500,
		.residence = place.residence_sweeps,
		.hysteresis = place.hysteresis_permille / 1000.0,
		.high_percent = 97,
		.low_percent = 90,
	};
}

bool ofl_bench_traffic_options_parse(struct ofl_bench_traffic_options *o,
				     int argc, char **argv, int *ret_code)
{
	bool help = false;

	defaults(o);
	if (!parse_all(o, argc, argv, &help)) {
		*ret_code = 2;
		return false;
	}
	if (help) {
		fputs(ofl_bench_traffic_usage, stdout);
		*ret_code = 0;
		return false;
	}
	return true;
}

bool ofl_bench_traffic_conf(const struct ofl_bench_traffic_options *o,
			    uint32_t routes, struct ofl_place_conf *ret_conf)
{
	struct ofl_place_conf conf;
	double slots = o->slots;

	if (!slots)
		slots = floor(routes * o->slots_percent / 100 + 1e-9);
	ofl_place_conf_init(&conf);
	conf.capacity_slots = slots;
	conf.high_slots = floor(slots * o->high_percent / 100 + 1e-9);
	conf.low_slots = floor(slots * o->low_percent / 100 + 1e-9);
	if (conf.low_slots >= conf.high_slots && conf.high_slots)
		conf.low_slots = conf.high_slots - 1;
	if (!conf.high_slots)
		return ofl_bench_complain(
			"%.0f slots are no table for %u routes", slots, routes);
	if (2 * slots > routes)
		return ofl_bench_complain(
			"%u routes are not twice as many as the %.0f slots",
			routes, slots);
	conf.hysteresis_permille = lrint(o->hysteresis * 1000);
	conf.residence_sweeps = o->residence;
	conf.optional_burst = o->writes_per_s * o->period_s;
	conf.least_gain = OFL_TRAFFIC_LEAST_GAIN;
	*ret_conf = conf;
	return true;
}
