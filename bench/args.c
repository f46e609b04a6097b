// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of options; see args.h. */
#include <zebra.h>

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
