/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of FRR things, and the lists libfrr keeps, as plain C types: the rooms
 * above stay free of FRR headers.
 */
#ifndef OFFLOADD_BASE_NAMES_H
#define OFFLOADD_BASE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* "bgp", "static", ...; 253: "local", 254: "reserved"; never NULL. */
const char *ofl_proto_name(uint8_t proto);
/* Reverse; false if there is none. */
bool ofl_proto_parse(const char *name, uint8_t *ret_proto);

/* Does libfrr's list of this name permit the prefix?  A list that does not
 * exist permits nothing.  addr: network order, 4 or 16 bytes. */
bool ofl_prefix_list_permits(const char *name, uint8_t family,
			     const uint8_t *addr, uint8_t plen);
bool ofl_access_list_permits(const char *name, uint8_t family,
			     const uint8_t *addr, uint8_t plen);

#endif /* OFFLOADD_BASE_NAMES_H */
