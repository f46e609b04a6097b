/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of the JSON object that a bench prints. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "json.h"

static inline void put(struct json_object *to, const char *name,
		       struct json_object *what)
{
	json_object_object_add(to, name, what);
}

static inline void put_whole(struct json_object *to, const char *name,
			     uint64_t n)
{
	put(to, name, json_object_new_int64((int64_t)n));
}

/* As many digits as mean something; null for what is not a number. */
static inline struct json_object *real(double x, int decimals)
{
	char text[64];

	if (!isfinite(x))
		return NULL;
	snprintf(text, sizeof(text), "%.*f", decimals, x);
	return json_object_new_double_s(x, text);
}

#endif /* BENCH_FIGURES_H */
