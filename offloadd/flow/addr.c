// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes: make, parse, print, compare.
 *
 * Why its own code and not libfrr's prefix.c: the pure rooms must run without
 * a daemon, and a flow's key is half the size of FRR's struct prefix.  It
 * refuses to guess: text with a host bit set, a sign, a blank or a leading
 * zero in the length is an error, because an operator who typed it may have
 * meant another prefix.  Neighbours: everyone.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/flow/addr.h"

/* Hash and database rows take the key for plain bytes. */
static_assert(sizeof(struct ofl_prefix) == 20, "no padding in a prefix");
static_assert(sizeof(struct ofl_key) == 24, "no padding in a key");

static unsigned int family_bytes(uint8_t family)
{
	return ofl_family_bits(family) / 8;
}

/* Clear what lies behind the length; true if anything was set there. */
static bool clear_host_bits(struct ofl_prefix *p)
{
	unsigned int byte = p->plen / 8;
	uint8_t rest = 0;

	if (p->plen % 8) {
		rest = p->addr[byte] & (0xff >> (p->plen % 8));
		p->addr[byte] ^= rest;
		byte++;
	}
	for (; byte < sizeof(p->addr); byte++) {
		rest |= p->addr[byte];
		p->addr[byte] = 0;
	}
	return rest != 0;
}

struct ofl_prefix ofl_prefix_make(uint8_t family, const void *addr,
				  uint8_t plen)
{
	struct ofl_prefix p = {.family = family, .plen = plen};

	assert(family == AF_INET || family == AF_INET6);
	assert(plen <= ofl_family_bits(family));
	memcpy(p.addr, addr, family_bytes(family));
	clear_host_bits(&p);
	return p;
}

/* "0" to "128": digits only, no leading zero. */
static bool parse_plen(const char *text, unsigned int max, uint8_t *ret_plen)
{
	unsigned int plen = 0;
	size_t len = strlen(text);

	if (len < 1 || len > 3 || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		plen = plen * 10 + (text[i] - '0');
	}
	if (plen > max)
		return false;
	*ret_plen = plen;
	return true;
}

bool ofl_prefix_parse(const char *text, bool mask_host_bits,
		      struct ofl_prefix *ret_p)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	struct ofl_prefix p = {0};
	char addr[OFL_ADDR_STRLEN];

	if (len >= sizeof(addr))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';

	p.family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(p.family, addr, p.addr) != 1)
		return false;
	p.plen = ofl_family_bits(p.family);
	if (slash && !parse_plen(slash + 1, p.plen, &p.plen))
		return false;
	if (clear_host_bits(&p) && !mask_host_bits)
		return false;
	*ret_p = p;
	return true;
}

const char *ofl_addr_print(uint8_t family, const uint8_t *addr, char *buf,
			   size_t len)
{
	/* Only a caller's buffer that is too small can make this fail. */
	if (!inet_ntop(family, addr, buf, len) && len)
		buf[0] = '\0';
	return buf;
}

const char *ofl_prefix_print(const struct ofl_prefix *p, char *buf, size_t len)
{
	size_t used;

	ofl_addr_print(p->family, p->addr, buf, len);
	used = strnlen(buf, len);
	snprintf(buf + used, len - used, "/%u", p->plen);
	return buf;
}

unsigned int ofl_addr_common(const uint8_t *a, const uint8_t *b,
			     unsigned int max)
{
	for (unsigned int bits = 0; bits < max; bits += 8) {
		unsigned int diff = a[bits / 8] ^ b[bits / 8];

		if (diff) {
			bits += __builtin_clz(diff) - 24;
			return bits < max ? bits : max;
		}
	}
	return max;
}

bool ofl_prefix_contains(const struct ofl_prefix *outer,
			 const struct ofl_prefix *inner)
{
	return outer->family == inner->family && outer->plen <= inner->plen &&
	       ofl_addr_common(outer->addr, inner->addr, outer->plen) ==
		       outer->plen;
}

int ofl_prefix_cmp(const struct ofl_prefix *a, const struct ofl_prefix *b)
{
	int diff;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	/* Host bits are zero, so a parent never sorts behind its children. */
	diff = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (diff)
		return diff;
	return (int)a->plen - (int)b->plen;
}

int ofl_key_cmp(const struct ofl_key *a, const struct ofl_key *b)
{
	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	return ofl_prefix_cmp(&a->p, &b->p);
}

uint32_t ofl_key_hash(const struct ofl_key *k)
{
	uint32_t seed = (uint32_t)k->p.family << 8 | k->p.plen;
	uint32_t words[4];

	memcpy(words, k->p.addr, sizeof(words));
	if (k->p.family == AF_INET)
		return jhash_3words(k->vrf, words[0], seed, 0);
	return jhash2(words, 4, jhash_2words(k->vrf, seed, 0));
}
