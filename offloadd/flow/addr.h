/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and the key of a route flow.
 *
 * The courtyard's smallest values: every room speaks them.  Pure: no FRR type
 * crosses this header, so a room can be tested without a daemon.  A prefix
 * carries its address in network byte order with all host bits zero, always;
 * the only ways to make one (parse, make) see to it.
 */
#ifndef OFFLOADD_FLOW_ADDR_H
#define OFFLOADD_FLOW_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Enough for "ffff:....:255.255.255.255/128" and the terminating zero. */
#define OFL_PREFIX_STRLEN 52
#define OFL_ADDR_STRLEN 48

struct ofl_prefix {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t plen;	/* bits, 0..32 or 0..128 */
	uint8_t zero[2];
	uint8_t addr[16]; /* network order; unused bytes and host bits are 0 */
};

/* Which route of which VRF: the identity of a route flow. */
struct ofl_key {
	uint32_t vrf; /* zebra's vrf_id_t */
	struct ofl_prefix p;
};

/* Longest legal prefix length of a family: 32 or 128. */
static inline unsigned int ofl_family_bits(uint8_t family)
{
	return family == AF_INET ? 32 : 128;
}

/* Bit `i` (0 = most significant) of an address. */
static inline unsigned int ofl_addr_bit(const uint8_t *addr, unsigned int i)
{
	return (addr[i >> 3] >> (7 - (i & 7))) & 1;
}

/* Make a prefix from raw network-order bytes; host bits are cleared.
 * `plen` must not exceed the family's length. */
struct ofl_prefix ofl_prefix_make(uint8_t family, const void *addr,
				  uint8_t plen);

/* Parse "192.0.2.0/24", "2001:db8::/32" or a bare address (host prefix).
 * Host bits that are set are an error unless `mask_host_bits`.
 * Returns false on bad text and leaves *ret_p untouched. */
bool ofl_prefix_parse(const char *text, bool mask_host_bits,
		      struct ofl_prefix *ret_p);

/* Print into buf (at least OFL_PREFIX_STRLEN) and return buf. */
const char *ofl_prefix_print(const struct ofl_prefix *p, char *buf, size_t len);
/* Print an address (at least OFL_ADDR_STRLEN) and return buf. */
const char *ofl_addr_print(uint8_t family, const uint8_t *addr, char *buf,
			   size_t len);

/* Does `outer` contain `inner` (equal prefixes included, same family)? */
bool ofl_prefix_contains(const struct ofl_prefix *outer,
			 const struct ofl_prefix *inner);
/* Number of leading bits two addresses share, at most `max`. */
unsigned int ofl_addr_common(const uint8_t *a, const uint8_t *b,
			     unsigned int max);

/* Total order: family, address, length (preorder of the prefix tree). */
int ofl_prefix_cmp(const struct ofl_prefix *a, const struct ofl_prefix *b);
/* Total order of keys: VRF, then prefix. */
int ofl_key_cmp(const struct ofl_key *a, const struct ofl_key *b);
uint32_t ofl_key_hash(const struct ofl_key *k);

#endif /* OFFLOADD_FLOW_ADDR_H */
