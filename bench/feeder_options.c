// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The feeder's command line, its next hops and its prefixes.
 *
 * Refuses whatever it cannot do as asked, with a sentence and exit code 2,
 * before anything is sent.
 */
#include <zebra.h>

#include <getopt.h>
#include <net/if.h>

#include "zclient.h"

#include "bench/feeder_options.h"
#include "bench/prefixgen.h"
#include "offloadd/base/names.h"

#define COUNT_MAX 10000000UL
#define NEXTHOPS_MAX 65536UL
#define LINE_LEN 256

static const char usage[] =
	"usage: feeder [options]\n"
	"Announces generated prefixes to zebra, says how long it took (one "
	"JSON\n"
	"object a line) and stays until a signal, or for --hold seconds: "
	"zebra\n"
	"removes the routes of a client that leaves.\n"
	"\n"
	"  -z, --socket PATH      zebra's socket (default "
	"/var/run/frr/zserv.api)\n"
	"  -n, --count N          IPv4 prefixes (default 100000; with "
	"--routes: at most N)\n"
	"      --count6 N         IPv6 prefixes (default 0; with --routes: at "
	"most N)\n"
	"      --routes FILE      prefixes from a file, one a line; \"-\": "
	"standard input\n"
	"                         (compressed: gzip -dc FILE | feeder --routes "
	"-)\n"
	"      --nexthop GATEWAY[%INTERFACE] | blackhole | blackhole6\n"
	"                         may be given several times; prefixes are "
	"spread over them\n"
	"      --nexthops N       the one IPv4 and the one IPv6 --nexthop are "
	"the first of N\n"
	"      --recursive        next hops may need a route of their own\n"
	"      --type NAME        protocol of the routes (default sharp)\n"
	"      --instance N       protocol instance (default 0)\n"
	"      --tag N            route tag\n"
	"      --distance N       administrative distance (1..255)\n"
	"      --metric N         metric\n"
	"      --hold SECONDS     stay so long, then leave (default: until a "
	"signal)\n"
	"      --churn RATE       then change so many routes a second: half of "
	"the changes\n"
	"                         are of prefixes that come and go, the others "
	"of next hops\n"
	"      --churn-seconds S  for so long (default 10)\n"
	"      --churn-flap N     prefixes that come and go (default 100)\n"
	"      --churn-wait       begin with that on SIGUSR1\n"
	"      --withdraw         withdraw every route before leaving\n"
	"      --nested           half of the prefixes lie inside another one, "
	"as in\n"
	"                         Internet tables (the default)\n"
	"      --flat             none does\n"
	"      --order tree|shuffled   covering prefixes first, or any order "
	"(default)\n"
	"      --seed N           other prefixes, other order (default 1)\n"
	"      --print N          print N prefixes, one a line, and do nothing "
	"else\n"
	"                         (--count6 M: M IPv6 prefixes after them)\n"
	"  -h, --help             this text\n";

enum {
	OPT_COUNT6 = 256,
	OPT_ROUTES,
	OPT_NEXTHOP,
	OPT_NEXTHOPS,
	OPT_RECURSIVE,
	OPT_TYPE,
	OPT_INSTANCE,
	OPT_TAG,
	OPT_DISTANCE,
	OPT_METRIC,
	OPT_HOLD,
	OPT_CHURN,
	OPT_CHURN_SECONDS,
	OPT_CHURN_FLAP,
	OPT_CHURN_WAIT,
	OPT_WITHDRAW,
	OPT_NESTED,
	OPT_FLAT,
	OPT_ORDER,
	OPT_SEED,
	OPT_PRINT,
};

static const struct option options[] = {
	{"socket", required_argument, NULL, 'z'},
	{"count", required_argument, NULL, 'n'},
	{"count6", required_argument, NULL, OPT_COUNT6},
	{"routes", required_argument, NULL, OPT_ROUTES},
	{"nexthop", required_argument, NULL, OPT_NEXTHOP},
	{"nexthops", required_argument, NULL, OPT_NEXTHOPS},
	{"recursive", no_argument, NULL, OPT_RECURSIVE},
	{"type", required_argument, NULL, OPT_TYPE},
	{"instance", required_argument, NULL, OPT_INSTANCE},
	{"tag", required_argument, NULL, OPT_TAG},
	{"distance", required_argument, NULL, OPT_DISTANCE},
	{"metric", required_argument, NULL, OPT_METRIC},
	{"hold", required_argument, NULL, OPT_HOLD},
	{"churn", required_argument, NULL, OPT_CHURN},
	{"churn-seconds", required_argument, NULL, OPT_CHURN_SECONDS},
	{"churn-flap", required_argument, NULL, OPT_CHURN_FLAP},
	{"churn-wait", no_argument, NULL, OPT_CHURN_WAIT},
	{"withdraw", no_argument, NULL, OPT_WITHDRAW},
	{"nested", no_argument, NULL, OPT_NESTED},
	{"flat", no_argument, NULL, OPT_FLAT},
	{"order", required_argument, NULL, OPT_ORDER},
	{"seed", required_argument, NULL, OPT_SEED},
	{"print", required_argument, NULL, OPT_PRINT},
	{"help", no_argument, NULL, 'h'},
	{NULL},
};

/* What is needed while the options are read only. */
struct wishes {
	unsigned long count[2];
	bool count_given[2];
	unsigned long spread; /* --nexthops */
	const char *routes;
	enum ofl_prefixgen_shape shape;
	bool tree_order;
};

/* The one way to fail: a sentence, and false. */
static bool complain(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
static bool complain(const char *format, ...)
{
	va_list ap;

	fputs("feeder: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputs(" (see feeder --help)\n", stderr);
	return false;
}

static bool number(const char *name, const char *text, unsigned long min,
		   unsigned long max, unsigned long *ret_n)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || n < min ||
	    n > max)
		return complain("--%s %s: a number from %lu to %lu is wanted",
				name, text, min, max);
	*ret_n = n;
	return true;
}

/* --- next hops --- */

static struct ofl_feeder_nexthop *nexthop_add(struct ofl_feeder_options *o,
					      bool v6)
{
	size_t n = o->nexthop_count[v6]++;

	o->nexthops[v6] =
		realloc(o->nexthops[v6], (n + 1) * sizeof(*o->nexthops[v6]));
	if (!o->nexthops[v6])
		abort();
	memset(&o->nexthops[v6][n], 0, sizeof(*o->nexthops[v6]));
	return &o->nexthops[v6][n];
}

static bool parse_nexthop(struct ofl_feeder_options *o, const char *text)
{
	char buf[LINE_LEN], *interface;
	struct ofl_feeder_nexthop *nh;
	struct ofl_prefix gw;
	unsigned int ifindex = 0;

	if (strcmp(text, "blackhole") == 0 || strcmp(text, "blackhole6") == 0) {
		nexthop_add(o, text[9] == '6')->blackhole = true;
		return true;
	}
	if (strlcpy(buf, text, sizeof(buf)) >= sizeof(buf))
		return complain("--nexthop: too long");
	interface = strchr(buf, '%');
	if (interface) {
		*interface++ = '\0';
		ifindex = if_nametoindex(interface);
		if (ifindex == 0)
			return complain("--nexthop %s: no interface %s here",
					text, interface);
	}
	if (strchr(buf, '/') || !ofl_prefix_parse(buf, false, &gw))
		return complain("--nexthop %s: not an address", text);
	nh = nexthop_add(o, gw.family == AF_INET6);
	memcpy(nh->gateway, gw.addr, 16);
	nh->ifindex = ifindex;
	return true;
}

/* --nexthops: addresses one after the other from the first. */
static bool spread_nexthops(struct ofl_feeder_options *o, unsigned long spread)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct ofl_feeder_nexthop nh;
		int last = v6 ? 15 : 3;

		if (o->nexthop_count[v6] == 0)
			continue;
		nh = o->nexthops[v6][0];
		if (o->nexthop_count[v6] > 1 || nh.blackhole)
			return complain("--nexthops: there must be one address "
					"to count from");
		for (unsigned long i = 1; i < spread; i++) {
			for (int j = last; j >= 0 && ++nh.gateway[j] == 0; j--)
				;
			*nexthop_add(o, v6) = nh;
		}
	}
	return true;
}

/* --- options --- */

static bool parse_text(struct ofl_feeder_options *o, struct wishes *w, int c,
		       const char *arg)
{
	switch (c) {
	case 'z':
		o->socket = arg;
		return true;
	case OPT_ROUTES:
		w->routes = arg;
		return true;
	case OPT_NEXTHOP:
		return parse_nexthop(o, arg);
	case OPT_RECURSIVE:
		o->recursive = true;
		return true;
	case OPT_WITHDRAW:
		o->withdraw = true;
		return true;
	case OPT_NESTED:
		w->shape = OFL_PREFIXGEN_NESTED;
		return true;
	case OPT_FLAT:
		w->shape = OFL_PREFIXGEN_FLAT;
		return true;
	case OPT_TYPE:
		if (!ofl_proto_parse(arg, &o->type) ||
		    o->type <= ZEBRA_ROUTE_CONNECT ||
		    o->type >= ZEBRA_ROUTE_ALL)
			return complain(
				"--type %s: no routing protocol of that name",
				arg);
		return true;
	case OPT_ORDER:
		w->tree_order = strcmp(arg, "tree") == 0;
		if (!w->tree_order && strcmp(arg, "shuffled") != 0)
			return complain("--order %s: tree or shuffled", arg);
		return true;
	default:
		return complain("what is wanted was not understood");
	}
}

static bool parse_churn(struct ofl_feeder_options *o, struct wishes *w, int c,
			const char *name, const char *arg)
{
	unsigned long n = 0;

	switch (c) {
	case OPT_CHURN:
		if (!number(name, arg, 1, 1000000, &n))
			return false;
		o->churn_per_s = n;
		return true;
	case OPT_CHURN_SECONDS:
		if (!number(name, arg, 1, 1000000, &n))
			return false;
		o->churn_s = n;
		return true;
	case OPT_CHURN_FLAP:
		if (!number(name, arg, 0, COUNT_MAX, &n))
			return false;
		o->churn_flap = n;
		return true;
	case OPT_CHURN_WAIT:
		o->churn_wait = true;
		return true;
	default:
		return parse_text(o, w, c, arg);
	}
}

static bool parse_option(struct ofl_feeder_options *o, struct wishes *w, int c,
			 const char *name, const char *arg)
{
	unsigned long n = 0;

	switch (c) {
	case OPT_PRINT:
		o->print = true;
		/* fallthrough */
	case 'n':
		w->count_given[0] = true;
		return number(name, arg, 0, COUNT_MAX, &w->count[0]);
	case OPT_COUNT6:
		w->count_given[1] = true;
		return number(name, arg, 0, COUNT_MAX, &w->count[1]);
	case OPT_NEXTHOPS:
		return number(name, arg, 1, NEXTHOPS_MAX, &w->spread);
	case OPT_SEED:
		if (!number(name, arg, 0, ULONG_MAX, &n))
			return false;
		o->seed = n;
		return true;
	case OPT_INSTANCE:
		if (!number(name, arg, 0, UINT16_MAX, &n))
			return false;
		o->instance = n;
		return true;
	case OPT_TAG:
		if (!number(name, arg, 1, UINT32_MAX, &n))
			return false;
		o->tag = n;
		return true;
	case OPT_METRIC:
		if (!number(name, arg, 1, UINT32_MAX, &n))
			return false;
		o->metric = n;
		return true;
	case OPT_DISTANCE:
		if (!number(name, arg, 1, 255, &n))
			return false;
		o->distance = n;
		return true;
	case OPT_HOLD:
		if (!number(name, arg, 0, 1000000, &n))
			return false;
		o->hold_ms = n * 1000;
		return true;
	default:
		return parse_churn(o, w, c, name, arg);
	}
}

/* --- prefixes --- */

static void prefixes_room(struct ofl_feeder_options *o, size_t room)
{
	o->prefixes = realloc(o->prefixes, room * sizeof(*o->prefixes));
	if (!o->prefixes)
		abort();
}

/* Generated prefixes; a family without a next hop has none to announce. */
static bool generate(struct ofl_feeder_options *o, const struct wishes *w)
{
	static const uint8_t families[2] = {AF_INET, AF_INET6};

	unsigned long count[2] = {w->count[0], w->count[1]};

	/* --count6 alone: the default for IPv4 is not meant. */
	if (w->count_given[1] && !w->count_given[0])
		count[0] = 0;
	prefixes_room(o, count[0] + count[1] + 1);
	for (int v6 = 0; v6 < 2; v6++) {
		struct ofl_prefix *p = &o->prefixes[o->prefix_count];
		size_t made;

		if (count[v6] == 0)
			continue;
		if (!o->print && o->nexthop_count[v6] == 0)
			return complain(
				"IPv%d prefixes need an IPv%d --nexthop",
				v6 ? 6 : 4, v6 ? 6 : 4);
		made = ofl_prefixgen_make(families[v6], w->shape, o->seed,
					  count[v6], p);
		if (made < count[v6])
			return complain("there is room for %zu such IPv%d "
					"prefixes, not for %lu",
					made, v6 ? 6 : 4, count[v6]);
		if (!w->tree_order)
			ofl_prefixgen_shuffle(p, made, o->seed);
		o->prefix_count += made;
	}
	return true;
}

static bool read_line(struct ofl_feeder_options *o, const struct wishes *w,
		      char *line, size_t number_of_line, size_t taken[2])
{
	char *word = line + strspn(line, " \t\r\n");
	struct ofl_prefix p;
	bool v6;

	word[strcspn(word, " \t\r\n")] = '\0';
	if (*word == '\0' || *word == '#')
		return true;
	if (!ofl_prefix_parse(word, true, &p))
		return complain("--routes, line %zu: \"%s\" is not a prefix",
				number_of_line, word);
	v6 = p.family == AF_INET6;
	if (w->count_given[v6] && taken[v6] >= w->count[v6])
		return true;
	if (!o->print && o->nexthop_count[v6] == 0) {
		o->skipped++;
		return true;
	}
	taken[v6]++;
	if ((o->prefix_count & (o->prefix_count - 1)) == 0)
		prefixes_room(o, o->prefix_count ? o->prefix_count * 2 : 1);
	o->prefixes[o->prefix_count++] = p;
	return true;
}

static bool read_routes(struct ofl_feeder_options *o, const struct wishes *w)
{
	FILE *f = strcmp(w->routes, "-") == 0 ? stdin : fopen(w->routes, "re");
	size_t lines = 0, taken[2] = {0, 0};
	char line[LINE_LEN];
	bool ok = true;

	if (!f)
		return complain("--routes %s: %s", w->routes, strerror(errno));
	while (ok && fgets(line, sizeof(line), f)) {
		lines++;
		if (!strchr(line, '\n') && strlen(line) == sizeof(line) - 1)
			ok = complain("--routes, line %zu: too long", lines);
		else
			ok = read_line(o, w, line, lines, taken);
	}
	if (ok && ferror(f))
		ok = complain("--routes %s: %s", w->routes, strerror(errno));
	if (f != stdin)
		fclose(f);
	if (ok && o->prefix_count == 0)
		ok = complain("--routes %s: no prefix of a family that has a "
			      "next hop",
			      w->routes);
	return ok;
}

bool ofl_feeder_options_parse(struct ofl_feeder_options *o, int argc,
			      char **argv, int *ret_code)
{
	struct wishes w = {.count = {100000, 0}, .spread = 1};
	int c, i = 0;
	bool ok = true;

	*o = (struct ofl_feeder_options){
		.socket = "/var/run/frr/zserv.api",
		.churn_s = 10,
		.churn_flap = 100,
		.type = ZEBRA_ROUTE_SHARP,
		.hold_ms = -1,
		.seed = 1,
	};
	*ret_code = 2;
	while (ok &&
	       (c = getopt_long(argc, argv, "z:n:h", options, &i)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			*ret_code = 0;
			ok = false;
		} else if (c == '?') {
			ok = complain("that is not understood");
		} else {
			ok = parse_option(o, &w, c,
					  c == 'n' ? "count" : options[i].name,
					  optarg);
		}
	}
	if (ok && optind < argc)
		ok = complain("%s: no arguments but options", argv[optind]);
	ok = ok && spread_nexthops(o, w.spread) &&
	     (w.routes ? read_routes(o, &w) : generate(o, &w));
	if (!ok)
		ofl_feeder_options_fini(o);
	return ok;
}

void ofl_feeder_options_fini(struct ofl_feeder_options *o)
{
	free(o->nexthops[0]);
	free(o->nexthops[1]);
	free(o->prefixes);
	memset(o, 0, sizeof(*o));
}
