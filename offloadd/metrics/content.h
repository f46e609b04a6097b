/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What metrics say: the engine's figures of this moment.
 *
 * Nothing is walked that grows with the routes: tables, reasons, alarms of
 * single subjects, lists before ports.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_METRICS_CONTENT_H
#define OFFLOADD_METRICS_CONTENT_H

#include "offloadd/metrics/text.h"

/* What the engine does not know. */
struct ofl_metric_self {
	const char *version, *frr_version;
	uint64_t started_us; /* wall clock */
	uint64_t scrapes, errors, longest_us;
};

/* All of it; to be freed with ofl_metric_text_free(). */
char *ofl_metric_content_make(enum ofl_metric_format f,
			      const struct ofl_metric_self *self,
			      size_t *ret_len);

/* --- content_table.c --- */
/* The families about tables. */
void ofl_metric_content_tables(struct ofl_metric_text *t);

/* --- content_traffic.c --- */
/* The families about traffic. */
void ofl_metric_content_traffic(struct ofl_metric_text *t);

#endif /* OFFLOADD_METRICS_CONTENT_H */
