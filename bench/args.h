/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a bench's options: read whole or not at all, with one sentence on
 * standard error, in the name of the program that runs. */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include <stdbool.h>
#include <stdint.h>

/* The one way to fail: a sentence, and false. */
bool ofl_bench_complain(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* The value of --name, within its limits; false: it was complained about and
 * *ret is untouched. */
bool ofl_bench_whole(const char *name, const char *text, uint64_t min,
		     uint64_t max, uint64_t *ret);
bool ofl_bench_small(const char *name, const char *text, uint32_t min,
		     uint32_t max, uint32_t *ret);
bool ofl_bench_fraction(const char *name, const char *text, double min,
			double max, double *ret);

#endif /* BENCH_ARGS_H */
