/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The entries of FRR's access-lists as plain values, for packets instead of
 * routes: an address of the packet stands for a prefix of its full length.
 *
 * Lists of MAC addresses are not among them.  Neighbours: names.h asks the
 * same lists about routes.
 */
#ifndef OFFLOADD_BASE_ACCESS_LIST_H
#define OFFLOADD_BASE_ACCESS_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct ofl_access_entry {
	uint32_t seq;
	bool permit;
	uint8_t src[16], src_mask[16], dst[16], dst_mask[16];
};

/* Is there a list of this name and family (AF_INET, AF_INET6)? */
bool ofl_access_list_exists(const char *name, int family);
/* Walk its entries that some packet can match, in order. */
void ofl_access_list_walk(const char *name, int family,
			  void (*cb)(const struct ofl_access_entry *e,
				     void *arg),
			  void *arg);

#endif /* OFFLOADD_BASE_ACCESS_LIST_H */
