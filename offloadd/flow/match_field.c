// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields of a match, read; see match_field.h.
 *
 * Where a field stands is known to match.c alone: it is asked by setting the
 * field in an empty match and looking where ones have come.
 */
#include <zebra.h>

#include "offloadd/flow/match_field.h"

#define WORD_V6_SRC 6
#define WORD_V6_DST 7
#define WORD_V6_REST 8

static struct ofl_bits word_of(const struct ofl_match *m, unsigned int word)
{
	uint64_t bit;

	if (word < OFL_MATCH_BASE)
		return m->base[word];
	bit = UINT64_C(1) << (word - OFL_MATCH_BASE);
	if (!(m->more & bit))
		return (struct ofl_bits){0, 0};
	return m->packed[__builtin_popcountll(m->more & (bit - 1))];
}

uint64_t ofl_match_field_top(enum ofl_field field)
{
	struct ofl_match m;
	uint64_t top = 1;

	ofl_match_init(&m);
	while (ofl_match_set(&m, field, 0, top << 1 | 1))
		top = top << 1 | 1;
	return top;
}

struct ofl_bits ofl_match_field_get(const struct ofl_match *m,
				    enum ofl_field field)
{
	struct ofl_bits bits = {0, 0}, at;
	uint64_t top = ofl_match_field_top(field);
	struct ofl_match probe;

	ofl_match_init(&probe);
	ofl_match_set(&probe, field, 0, top);
	for (unsigned int word = 0; word < OFL_MATCH_WORDS; word++) {
		at = word_of(&probe, word);
		if (!at.mask)
			continue;
		bits = word_of(m, word);
		bits.value = bits.value >> __builtin_ctzll(at.mask) & top;
		bits.mask = bits.mask >> __builtin_ctzll(at.mask) & top;
	}
	return bits;
}

static void write_bytes(uint8_t *to, uint64_t from, unsigned int count)
{
	while (count--) {
		to[count] = (uint8_t)from;
		from >>= 8;
	}
}

bool ofl_match_addr_get(const struct ofl_match *m, enum ofl_end end, int family,
			uint8_t *ret_addr, uint8_t *ret_mask)
{
	bool src = end == OFL_END_SRC;
	struct ofl_bits last = ofl_match_field_get(m, src ? OFL_FIELD_SRC_V4
							  : OFL_FIELD_DST_V4);
	struct ofl_bits first = {0, 0}, rest = {0, 0};
	unsigned int at = 0;

	if (family == AF_INET6) {
		first = word_of(m, src ? WORD_V6_SRC : WORD_V6_DST);
		rest = word_of(m, WORD_V6_REST);
		rest.value = rest.value >> (src ? 32 : 0) & UINT32_MAX;
		rest.mask = rest.mask >> (src ? 32 : 0) & UINT32_MAX;
		write_bytes(ret_addr, first.value, 8);
		write_bytes(ret_mask, first.mask, 8);
		write_bytes(ret_addr + 8, rest.value, 4);
		write_bytes(ret_mask + 8, rest.mask, 4);
		at = 12;
	}
	write_bytes(ret_addr + at, last.value, 4);
	write_bytes(ret_mask + at, last.mask, 4);
	return first.mask || rest.mask || last.mask;
}

bool ofl_match_has_long_addr(const struct ofl_match *m)
{
	return word_of(m, WORD_V6_SRC).mask || word_of(m, WORD_V6_DST).mask ||
	       word_of(m, WORD_V6_REST).mask;
}

bool ofl_match_range_is_any(const struct ofl_match *m, enum ofl_number number)
{
	return m->range[number].min == 0 && m->range[number].max == UINT16_MAX;
}

bool ofl_match_range_bits(struct ofl_range r, struct ofl_bits *ret)
{
	uint32_t wild = r.min ^ r.max;

	if ((wild & (wild + 1)) != 0 || (r.min & wild) != 0)
		return false;
	ret->value = r.min;
	ret->mask = UINT16_MAX & ~wild;
	return true;
}
