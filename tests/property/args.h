/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of a property test: how many universes, how many steps in
 * each, and the first seed.
 */
#ifndef TESTS_PROPERTY_ARGS_H
#define TESTS_PROPERTY_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct property_args {
	uint64_t universes, steps, seed;
};

/* False: usage was printed, with `what` as its second line. */
static inline bool property_args_parse(struct property_args *a, int argc,
				       char **argv, const char *name,
				       const char *what)
{
	for (int i = 1; i < argc; i++) {
		uint64_t *where = NULL;

		if (strcmp(argv[i], "--universes") == 0)
			where = &a->universes;
		else if (strcmp(argv[i], "--steps") == 0)
			where = &a->steps;
		else if (strcmp(argv[i], "--seed") == 0)
			where = &a->seed;
		if (!where || i + 1 == argc) {
			printf("usage: %s [--universes N] [--steps N]"
			       " [--seed N]\n%s\n",
			       name, what);
			return false;
		}
		*where = strtoull(argv[++i], NULL, 10);
	}
	return true;
}

#endif /* TESTS_PROPERTY_ARGS_H */
