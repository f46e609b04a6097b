// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of options; see args.h. */
#include <zebra.h>

#include <getopt.h>

#include "bench/args.h"

bool ofl_bench_complain(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, " (see %s --help)\n", program_invocation_short_name);
	return false;
}

bool ofl_bench_whole(const char *name, const char *text, uint64_t min,
		     uint64_t max, uint64_t *ret)
{
	uint64_t n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || n < min ||
	    n > max)
		return ofl_bench_complain(
			"--%s %s: a number from %llu to %llu is wanted", name,
			text, (unsigned long long)min, (unsigned long long)max);
	*ret = n;
	return true;
}

bool ofl_bench_small(const char *name, const char *text, uint32_t min,
		     uint32_t max, uint32_t *ret)
{
	uint64_t n;

	if (!ofl_bench_whole(name, text, min, max, &n))
		return false;
	*ret = n;
	return true;
}

bool ofl_bench_fraction(const char *name, const char *text, double min,
			double max, double *ret)
{
	char *end;
	double x;

	errno = 0;
	x = strtod(text, &end);
	if ((!isdigit((unsigned char)*text) && *text != '.') || *end || errno ||
	    !(x >= min && x <= max))
		return ofl_bench_complain(
			"--%s %s: a number from %g to %g is wanted", name, text,
			min, max);
	*ret = x;
	return true;
}

bool ofl_bench_options_read(int argc, char **argv, const struct option *options,
			    bool (*take)(void *arg, int val, const char *name,
					 const char *value),
			    void *arg, bool *ret_help)
{
	int c, index = -1;

	*ret_help = false;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":h", options, &index)) != -1) {
		if (c == 'h') {
			*ret_help = true;
			return true;
		}
		if (c == ':')
			return ofl_bench_complain("%s wants a value",
						  argv[optind - 1]);
		if (c == '?')
			return ofl_bench_complain("%s: no such option",
						  argv[optind - 1]);
		if (!take(arg, c, options[index].name, optarg))
			return false;
	}
	if (optind < argc)
		return ofl_bench_complain("%s: an option is wanted",
					  argv[optind]);
	return true;
}
