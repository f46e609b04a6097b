/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next hops by number, as zebra's FPM module names them: single ones, and
 * groups of other numbers.  Numbers may be named before they are told, and be
 * told anew; who uses them is told then.
 *
 * Pure but for its memory.  It knows no routes: what uses a number is the
 * mirror's (ofl_rib_named_set()).
 */
#ifndef OFFLOADD_SOURCE_FPM_NHG_H
#define OFFLOADD_SOURCE_FPM_NHG_H

#include "offloadd/source/fpm_decode.h"

struct ofl_nhgs;

/* `changed`: what this number leads to is another than before; it may ask
 * ofl_nhgs_find() only. */
struct ofl_nhgs *ofl_nhgs_new(void (*changed)(uint32_t id, void *arg),
			      void *arg);
void ofl_nhgs_free(struct ofl_nhgs *t); /* NULL is fine; tells nobody */
/* A new conversation, with numbers of its own; tells nobody. */
void ofl_nhgs_clear(struct ofl_nhgs *t);

void ofl_nhgs_set(struct ofl_nhgs *t, const struct ofl_fpm_nexthop *nh);
/* Who still uses it keeps it as it was. */
void ofl_nhgs_del(struct ofl_nhgs *t, uint32_t id);

/* Where a number leads, up to OFL_RAWNH_MAX next hops, in *ret_count how many
 * there are.  False: it, or one in it, was not told yet. */
bool ofl_nhgs_find(const struct ofl_nhgs *t, uint32_t id, struct ofl_rawnh *ret,
		   size_t *ret_count);

size_t ofl_nhgs_count(const struct ofl_nhgs *t);
/* Named by a group, and not told. */
size_t ofl_nhgs_missing(const struct ofl_nhgs *t);

#endif /* OFFLOADD_SOURCE_FPM_NHG_H */
