/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of the operational state that may be too long for one turn of the event
 * loop, for whoever serves them in pieces: a place in such a list is the keys
 * of an entry, which hold over turns, whether the entry does or not.
 *
 * Exported by the daemon to the modules it loads.
 */
#ifndef OFFLOADD_NORTHBOUND_LARGE_H
#define OFFLOADD_NORTHBOUND_LARGE_H

#include <zebra.h>

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

struct ofl_nb_large {
	/* Schema path as in struct frr_yang_module_info. */
	const char *xpath;
	/* The entry that comes after the one with these keys in the order of
	 * get_next(), whether that one is still there or not; keys NULL: the
	 * first.  NULL: none.  Good until the end of the turn, for get_keys()
	 * and get_elem(). */
	const void *(*next)(const struct yang_list_keys *keys);
};
/* NULL: xpath is no large list. */
const struct ofl_nb_large *ofl_nb_large_find(const char *xpath);

#endif /* OFFLOADD_NORTHBOUND_LARGE_H */
