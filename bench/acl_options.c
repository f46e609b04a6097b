// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ACL bench's command line.
 *
 * Refuses whatever it cannot do as asked, with a sentence and exit code 2,
 * before a file is read.
 */
#include <zebra.h>

#include <getopt.h>
#include <math.h>

#include "bench/args.h"
#include "bench/acl_options.h"

#define SEED 1
#define ZIPF 1.0
#define CHANGES 300
#define PACKETS 100000
#define PAIRS 100000
#define SLOTS_MAX 10000000

enum {
	OPT_RULES = 256,
	OPT_CAPACITY,
	OPT_CAPACITY_PERCENT,
	OPT_HIGH,
	OPT_LOW,
	OPT_RANGES,
	OPT_ZIPF,
	OPT_SEED,
	OPT_ACTIONS,
	OPT_HYSTERESIS,
	OPT_BOUND,
	OPT_CHANGES,
	OPT_PACKETS,
	OPT_PAIRS,
};

static const struct option options[] = {
	{"rules", required_argument, NULL, OPT_RULES},
	{"capacity", required_argument, NULL, OPT_CAPACITY},
	{"capacity-percent", required_argument, NULL, OPT_CAPACITY_PERCENT},
	{"high", required_argument, NULL, OPT_HIGH},
	{"low", required_argument, NULL, OPT_LOW},
	{"ranges", required_argument, NULL, OPT_RANGES},
	{"zipf", required_argument, NULL, OPT_ZIPF},
	{"seed", required_argument, NULL, OPT_SEED},
	{"actions", required_argument, NULL, OPT_ACTIONS},
	{"hysteresis", required_argument, NULL, OPT_HYSTERESIS},
	{"bound", no_argument, NULL, OPT_BOUND},
	{"changes", required_argument, NULL, OPT_CHANGES},
	{"packets", required_argument, NULL, OPT_PACKETS},
	{"pairs", required_argument, NULL, OPT_PAIRS},
	{"help", no_argument, NULL, 'h'},
	{NULL},
};

/* One of some words. */
static bool word(const char *name, const char *text, const char *const *words,
		 uint8_t *ret)
{
	char all[128] = "";

	for (uint8_t i = 0; words[i]; i++) {
		if (strcmp(text, words[i]) == 0) {
			*ret = i;
			return true;
		}
		if (i)
			strlcat(all, words[i + 1] ? ", " : " or ", sizeof(all));
		strlcat(all, words[i], sizeof(all));
	}
	return ofl_bench_complain("--%s %s: %s", name, text, all);
}

static bool parse_work(struct ofl_bench_acl_options *o, int c, const char *name,
		       const char *arg)
{
	switch (c) {
	case OPT_BOUND:
		o->bound = true;
		return true;
	case OPT_CHANGES:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->changes);
	case OPT_PACKETS:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->packets);
	case OPT_PAIRS:
		return ofl_bench_small(name, arg, 0, UINT32_MAX, &o->pairs);
	default:
		return ofl_bench_complain("what is wanted was not understood");
	}
}

static bool parse_option(void *to, int c, const char *name, const char *arg)
{
	struct ofl_bench_acl_options *o = to;
	/* in the order of enum ofl_bench_actions */
	static const char *const actions[] = {"distinct", "two", "file", NULL};
	static const char *const ranges[] = {"one", "expand", NULL};
	uint8_t n;

	switch (c) {
	case OPT_RULES:
		o->rules = arg;
		return true;
	case OPT_CAPACITY:
		o->capacity_percent = -1;
		return ofl_bench_small(name, arg, 1, SLOTS_MAX,
				       &o->capacity_slots);
	case OPT_CAPACITY_PERCENT:
		o->capacity_slots = 0;
		return ofl_bench_fraction(name, arg, 1e-6, 1000,
					  &o->capacity_percent);
	case OPT_HIGH:
		return ofl_bench_fraction(name, arg, 0, 100, &o->high_percent);
	case OPT_LOW:
		return ofl_bench_fraction(name, arg, 0, 100, &o->low_percent);
	case OPT_RANGES:
		if (!word(name, arg, ranges, &n))
			return false;
		o->expand = n;
		return true;
	case OPT_ZIPF:
		return ofl_bench_fraction(name, arg, 0, 10, &o->zipf);
	case OPT_SEED:
		return ofl_bench_whole(name, arg, 0, UINT64_MAX, &o->seed);
	case OPT_ACTIONS:
		return word(name, arg, actions, &o->actions);
	case OPT_HYSTERESIS:
		return ofl_bench_fraction(name, arg, 0, 1, &o->hysteresis);
	default:
		return parse_work(o, c, name, arg);
	}
}

static bool parse_all(struct ofl_bench_acl_options *o, int argc, char **argv,
		      bool *ret_help)
{
	if (!ofl_bench_options_read(argc, argv, options, parse_option, o,
				    ret_help))
		return false;
	if (*ret_help)
		return true;
	if (!o->rules)
		return ofl_bench_complain("--rules is wanted");
	if (o->capacity_percent < 0 && !o->capacity_slots)
		return ofl_bench_complain(
			"--capacity or --capacity-percent is wanted");
	if (o->low_percent >= o->high_percent)
		return ofl_bench_complain("--low must be less than --high");
	return true;
}

bool ofl_bench_acl_options_parse(struct ofl_bench_acl_options *o, int argc,
				 char **argv, int *ret_code)
{
	bool help = false;

	*o = (struct ofl_bench_acl_options){
		.capacity_percent = -1,
		.high_percent = 100,
		.low_percent = 99,
		.zipf = ZIPF,
		.seed = SEED,
		.hysteresis = -1,
		.changes = CHANGES,
		.packets = PACKETS,
		.pairs = PAIRS,
	};
	if (!parse_all(o, argc, argv, &help)) {
		*ret_code = 2;
		return false;
	}
	if (help) {
		fputs(ofl_bench_acl_usage, stdout);
		*ret_code = 0;
		return false;
	}
	return true;
}

void ofl_bench_acl_options_conf(const struct ofl_bench_acl_options *o,
				uint32_t rules,
				struct ofl_acl_place_conf *ret_conf)
{
	double slots = o->capacity_slots;

	if (o->capacity_percent >= 0)
		slots = floor(rules * o->capacity_percent / 100 + 1e-9);
	slots = MIN(MAX(slots, 1), SLOTS_MAX);
	ofl_acl_place_conf_init(ret_conf);
	ret_conf->capacity_slots = slots;
	ret_conf->high_slots =
		MAX(1, floor(slots * o->high_percent / 100 + 1e-9));
	ret_conf->low_slots = floor(slots * o->low_percent / 100 + 1e-9);
	if (ret_conf->low_slots >= ret_conf->high_slots)
		ret_conf->low_slots = ret_conf->high_slots - 1;
	if (o->hysteresis >= 0)
		ret_conf->hysteresis_permille = lrint(o->hysteresis * 1000);
}
