/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file to read lines from, plain or compressed by gzip. */
#ifndef BENCH_LPM_READER_H
#define BENCH_LPM_READER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct ofl_bench_reader {
	FILE *file;
	pid_t pid; /* of gzip, or 0 */
};

/* False: a sentence is in `error`. */
bool ofl_bench_reader_open(struct ofl_bench_reader *r, const char *path,
			   char *error, size_t len);
/* False, and a sentence in `error`: what was read is not all there is. */
bool ofl_bench_reader_close(struct ofl_bench_reader *r, char *error,
			    size_t len);

#endif /* BENCH_LPM_READER_H */
