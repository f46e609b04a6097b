/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics as text: OpenMetrics 1.0, or the older format of Prometheus.
 *
 * Knows names, types and how words are escaped, not what is counted.  The
 * samples of a family follow its head; each family is begun once.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_METRICS_TEXT_H
#define OFFLOADD_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ofl_metric {
#define OFL_METRIC(id, type, name, unit, help) OFL_METRIC_##id,
#include "offloadd/metrics/metric.def"
#undef OFL_METRIC
	OFL_METRIC_MAX
};

enum ofl_metric_type {
	OFL_METRIC_TYPE_COUNTER = 0,
	OFL_METRIC_TYPE_GAUGE,
	OFL_METRIC_TYPE_INFO,
	OFL_METRIC_TYPE_STATESET,
};
#define OFL_METRIC_TYPE_MAX 4

struct ofl_metric_info {
	enum ofl_metric_type type;
	const char *name, *unit, *help; /* unit "": none */
};
const struct ofl_metric_info *ofl_metric_get(enum ofl_metric m);
/* "counter"...; the name OpenMetrics has for it. */
const char *ofl_metric_type_name(enum ofl_metric_type t);

enum ofl_metric_format {
	OFL_METRIC_FORMAT_PLAIN = 0, /* text/plain; version=0.0.4 */
	OFL_METRIC_FORMAT_OPEN,	     /* OpenMetrics 1.0.0 */
};
#define OFL_METRIC_FORMAT_MAX 2
/* What to answer with, by the header Accept (NULL: there is none). */
enum ofl_metric_format ofl_metric_format_make(const char *accept);
/* The header Content-Type. */
const char *ofl_metric_format_name(enum ofl_metric_format f);

struct ofl_metric_text {
	char *at; /* always with a final NUL; owned */
	size_t len, size;
	enum ofl_metric_format format;
	enum ofl_metric family; /* begun last */
	bool seen[OFL_METRIC_MAX];
};
void ofl_metric_text_init(struct ofl_metric_text *t, enum ofl_metric_format f);
/* The text is the caller's to free with ofl_metric_text_free(). */
char *ofl_metric_text_end(struct ofl_metric_text *t, size_t *ret_len);
void ofl_metric_text_free(char *text); /* NULL is fine */

/* The head of a family, whose samples follow.  Once for each. */
void ofl_metric_begin(struct ofl_metric_text *t, enum ofl_metric m);
/* A sample of it.  Labels are pairs of a name and a value, then NULL. */
void ofl_metric_uint(struct ofl_metric_text *t, uint64_t value, ...)
	__attribute__((sentinel));
void ofl_metric_real(struct ofl_metric_text *t, double value, ...)
	__attribute__((sentinel));
/* One sample for each state, with a label that is called as the family: 1 for
 * `now`, else 0.  `label` with its value goes before; NULL: none. */
void ofl_metric_states(struct ofl_metric_text *t, const char *label,
		       const char *value, const char *const *states,
		       size_t count, const char *now);

#endif /* OFFLOADD_METRICS_TEXT_H */
