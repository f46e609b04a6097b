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

/*
 * Read a command line of long options, and -h for --help.  `take` gets each
 * option's `val`, its name and its value; false from it, or a word that is
 * none of them, has been complained about.  True with *ret_help: help is
 * wanted, and nothing after it was read.
 */
struct option; /* getopt.h's */
bool ofl_bench_options_read(int argc, char **argv, const struct option *options,
			    bool (*take)(void *arg, int val, const char *name,
					 const char *value),
			    void *arg, bool *ret_help);

#endif /* BENCH_ARGS_H */
