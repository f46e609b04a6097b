// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matches and packets as words; see match.h.
 *
 * Overlap is asked millions of times while a long list is read: it is two
 * word comparisons and four ranges for rules of IPv4, and looks at further
 * words only where both sides have them.
 */
#include <zebra.h>

#include "jhash.h"

#include "offloadd/flow/match.h"

#define ETHERTYPE_V4 0x0800
#define ETHERTYPE_V6 0x86dd
#define NUMBER_TOP 0xffff

static const struct ofl_field_place {
	uint8_t word, shift, bits;
} places[OFL_FIELD_MAX] = {
	[OFL_FIELD_SRC_V4] = {0, 32, 32},    [OFL_FIELD_DST_V4] = {0, 0, 32},
	[OFL_FIELD_ETHERTYPE] = {1, 48, 16}, [OFL_FIELD_PROTOCOL] = {1, 40, 8},
	[OFL_FIELD_DSCP] = {1, 34, 6},	     [OFL_FIELD_FRAGMENT] = {1, 32, 2},
	[OFL_FIELD_TCP_FLAGS] = {1, 16, 16}, [OFL_FIELD_ICMP_TYPE] = {1, 8, 8},
	[OFL_FIELD_ICMP_CODE] = {1, 0, 8},   [OFL_FIELD_PORT] = {2, 32, 32},
	[OFL_FIELD_VLAN_ID] = {2, 16, 12},   [OFL_FIELD_VLAN_PCP] = {2, 8, 3},
	[OFL_FIELD_VLAN_TAGGED] = {2, 0, 1}, [OFL_FIELD_MARK] = {3, 0, 32},
	[OFL_FIELD_DST_MAC] = {4, 0, 48},    [OFL_FIELD_SRC_MAC] = {5, 0, 48},
};

/* --- words --- */
/* Where a further word stands, or would stand. */
static unsigned int packed_index(const struct ofl_match *m, unsigned int word)
{
	uint64_t before = (UINT64_C(1) << (word - OFL_MATCH_BASE)) - 1;

	return __builtin_popcountll(m->more & before);
}

static bool has_word(const struct ofl_match *m, unsigned int word)
{
	return word < OFL_MATCH_BASE || m->more >> (word - OFL_MATCH_BASE) & 1;
}

static struct ofl_bits word_of(const struct ofl_match *m, unsigned int word)
{
	if (word < OFL_MATCH_BASE)
		return m->base[word];
	if (!has_word(m, word))
		return (struct ofl_bits){0, 0};
	return m->packed[packed_index(m, word)];
}

/* Which packed word is which: calls for each, in order. */
#define EACH_PACKED(m, i, left, word)                                          \
	for (i = 0, left = (m)->more;                                          \
	     left && (word = OFL_MATCH_BASE + __builtin_ctzll(left), true);    \
	     left &= left - 1, i++)

static void word_set(struct ofl_match *m, unsigned int word,
		     struct ofl_bits bits)
{
	unsigned int at, count = __builtin_popcountll(m->more);

	if (word < OFL_MATCH_BASE) {
		m->base[word] = bits;
		return;
	}
	at = packed_index(m, word);
	if (has_word(m, word)) {
		if (bits.mask) {
			m->packed[at] = bits;
			return;
		}
		memmove(&m->packed[at], &m->packed[at + 1],
			(count - at - 1) * sizeof(bits));
		memset(&m->packed[count - 1], 0, sizeof(bits));
	} else if (bits.mask) {
		memmove(&m->packed[at + 1], &m->packed[at],
			(count - at) * sizeof(bits));
		m->packed[at] = bits;
	} else {
		return;
	}
	m->more ^= UINT64_C(1) << (word - OFL_MATCH_BASE);
}

/* Bits `where` of a word are to be `value` as far as `mask` goes. */
static void bits_set(struct ofl_match *m, unsigned int word, uint64_t where,
		     uint64_t value, uint64_t mask)
{
	struct ofl_bits bits = word_of(m, word);

	bits.value = (bits.value & ~where) | (value & mask);
	bits.mask = (bits.mask & ~where) | mask;
	word_set(m, word, bits);
}

/* --- making a match --- */
void ofl_match_init(struct ofl_match *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned int i = 0; i < OFL_NUMBER_MAX; i++)
		m->range[i].max = NUMBER_TOP;
}

static uint64_t field_top(enum ofl_field field)
{
	return UINT64_MAX >> (64 - places[field].bits);
}

bool ofl_match_set(struct ofl_match *m, enum ofl_field field, uint64_t value,
		   uint64_t mask)
{
	const struct ofl_field_place *at = &places[field];
	uint64_t top = field_top(field);

	if (value > top || mask > top)
		return false;
	bits_set(m, at->word, top << at->shift, value << at->shift,
		 mask << at->shift);
	return true;
}

bool ofl_match_range_set(struct ofl_match *m, enum ofl_number number,
			 uint16_t min, uint16_t max)
{
	if (min > max)
		return false;
	m->range[number] = (struct ofl_range){min, max};
	return true;
}

static uint64_t read_bytes(const uint8_t *at, unsigned int count)
{
	uint64_t n = 0;

	for (unsigned int i = 0; i < count; i++)
		n = n << 8 | at[i];
	return n;
}

/* The half of a shared word in which an end has its 32 bits. */
static unsigned int half_shift(enum ofl_end end)
{
	return end == OFL_END_SRC ? 32 : 0;
}

void ofl_match_addr_set(struct ofl_match *m, enum ofl_end end, int family,
			const uint8_t *addr, const uint8_t *mask)
{
	unsigned int shift = half_shift(end), last = 0;
	uint64_t half = UINT64_C(0xffffffff) << shift;

	ofl_match_set(m, OFL_FIELD_ETHERTYPE,
		      family == AF_INET ? ETHERTYPE_V4 : ETHERTYPE_V6, 0xffff);
	if (family == AF_INET6) {
		last = 12;
		bits_set(m, end == OFL_END_SRC ? 6 : 7, UINT64_MAX,
			 read_bytes(addr, 8), read_bytes(mask, 8));
		bits_set(m, 8, half, read_bytes(addr + 8, 4) << shift,
			 read_bytes(mask + 8, 4) << shift);
	}
	bits_set(m, 0, half, read_bytes(addr + last, 4) << shift,
		 read_bytes(mask + last, 4) << shift);
}

/* --- sets of packets --- */
bool ofl_match_has_overlap(const struct ofl_match *a, const struct ofl_match *b)
{
	uint64_t differ = (a->base[0].value ^ b->base[0].value) &
			  a->base[0].mask & b->base[0].mask;
	uint64_t both;

	differ |= (a->base[1].value ^ b->base[1].value) & a->base[1].mask &
		  b->base[1].mask;
	if (differ)
		return false;
	for (unsigned int i = 0; i < OFL_NUMBER_MAX; i++) {
		if (a->range[i].min > b->range[i].max ||
		    b->range[i].min > a->range[i].max)
			return false;
	}
	for (both = a->more & b->more; both; both &= both - 1) {
		unsigned int word = OFL_MATCH_BASE + __builtin_ctzll(both);
		struct ofl_bits x = word_of(a, word), y = word_of(b, word);

		if ((x.value ^ y.value) & x.mask & y.mask)
			return false;
	}
	return true;
}

static bool word_contains(struct ofl_bits outer, struct ofl_bits inner)
{
	return (outer.mask & ~inner.mask) == 0 &&
	       ((outer.value ^ inner.value) & outer.mask) == 0;
}

bool ofl_match_contains(const struct ofl_match *outer,
			const struct ofl_match *inner)
{
	unsigned int i, word;
	uint64_t left;

	for (i = 0; i < OFL_MATCH_BASE; i++) {
		if (!word_contains(outer->base[i], inner->base[i]))
			return false;
	}
	for (i = 0; i < OFL_NUMBER_MAX; i++) {
		if (outer->range[i].min > inner->range[i].min ||
		    outer->range[i].max < inner->range[i].max)
			return false;
	}
	EACH_PACKED(outer, i, left, word)
	{
		if (!word_contains(outer->packed[i], word_of(inner, word)))
			return false;
	}
	return true;
}

bool ofl_match_eq(const struct ofl_match *a, const struct ofl_match *b)
{
	return a->more == b->more && memcmp(a, b, ofl_match_size(a)) == 0;
}

uint32_t ofl_match_hash(const struct ofl_match *m)
{
	return jhash(m, ofl_match_size(m), 0x61636c);
}

bool ofl_match_has_packet(const struct ofl_match *m, const struct ofl_packet *p)
{
	unsigned int i, word;
	uint64_t left;

	for (i = 0; i < OFL_MATCH_BASE; i++) {
		if ((p->word[i] ^ m->base[i].value) & m->base[i].mask)
			return false;
	}
	for (i = 0; i < OFL_NUMBER_MAX; i++) {
		if (p->number[i] < m->range[i].min ||
		    p->number[i] > m->range[i].max)
			return false;
	}
	EACH_PACKED(m, i, left, word)
	{
		if ((p->word[word] ^ m->packed[i].value) & m->packed[i].mask)
			return false;
	}
	return true;
}

void ofl_match_packet_make(const struct ofl_match *m, struct ofl_packet *p)
{
	unsigned int i, word;
	uint64_t left;

	for (i = 0; i < OFL_MATCH_BASE; i++)
		p->word[i] = (p->word[i] & ~m->base[i].mask) | m->base[i].value;
	EACH_PACKED(m, i, left, word)
	p->word[word] =
		(p->word[word] & ~m->packed[i].mask) | m->packed[i].value;
	for (i = 0; i < OFL_NUMBER_MAX; i++) {
		if (p->number[i] < m->range[i].min)
			p->number[i] = m->range[i].min;
		if (p->number[i] > m->range[i].max)
			p->number[i] = m->range[i].max;
	}
}

/* --- ranges as masks --- */
/* Wildcard bits of a range that is one aligned block, else `NUMBER_TOP + 1`. */
static uint32_t range_shape(struct ofl_range r)
{
	uint32_t wild = r.min ^ r.max;

	if ((wild & (wild + 1)) == 0 && (r.min & wild) == 0)
		return wild;
	return NUMBER_TOP + 1;
}

uint32_t ofl_range_blocks(struct ofl_range r)
{
	uint32_t at = r.min, end = r.max + 1u, blocks = 0;

	while (at < end) {
		/* The largest block that begins here and does not go beyond. */
		uint32_t size = at ? at & -at : NUMBER_TOP + 1u;

		while (size > end - at)
			size >>= 1;
		at += size;
		blocks++;
	}
	return blocks;
}

uint32_t ofl_match_blocks(const struct ofl_match *m)
{
	uint32_t blocks = 1;

	for (unsigned int i = 0; i < OFL_NUMBER_MAX; i++)
		blocks *= ofl_range_blocks(m->range[i]);
	return blocks;
}

bool ofl_match_shape_eq(const struct ofl_match *a, const struct ofl_match *b)
{
	unsigned int i, count = __builtin_popcountll(a->more);

	if (a->more != b->more)
		return false;
	for (i = 0; i < OFL_MATCH_BASE; i++) {
		if (a->base[i].mask != b->base[i].mask)
			return false;
	}
	for (i = 0; i < count; i++) {
		if (a->packed[i].mask != b->packed[i].mask)
			return false;
	}
	for (i = 0; i < OFL_NUMBER_MAX; i++) {
		if (range_shape(a->range[i]) != range_shape(b->range[i]))
			return false;
	}
	return true;
}

uint32_t ofl_match_shape_hash(const struct ofl_match *m)
{
	unsigned int i, count = __builtin_popcountll(m->more);
	uint32_t hash = m->more;

	for (i = 0; i < OFL_MATCH_BASE; i++)
		hash = jhash_2words(m->base[i].mask, m->base[i].mask >> 32,
				    hash);
	for (i = 0; i < count; i++)
		hash = jhash_2words(m->packed[i].mask, m->packed[i].mask >> 32,
				    hash);
	for (i = 0; i < OFL_NUMBER_MAX; i++)
		hash = jhash_1word(range_shape(m->range[i]), hash);
	return hash;
}

/* Two bits say the family; the rest is the bits of the two addresses that
 * prefixes fix, and rules of one site do not share: of IPv4 the first 31, of
 * IPv6 the 31 from bit 17. */
struct ofl_bits ofl_match_summary_make(const struct ofl_match *m)
{
	struct ofl_bits src, dst;
	uint64_t family = 0, families = 3;
	unsigned int drop = 33;

	if ((m->base[1].mask >> 48) != 0xffff)
		return (struct ofl_bits){0, 0};
	if (m->base[1].value >> 48 == ETHERTYPE_V4) {
		family = 1;
		src = m->base[0];
		dst.value = src.value << 32;
		dst.mask = src.mask << 32;
	} else if (m->base[1].value >> 48 == ETHERTYPE_V6) {
		family = 2;
		src = word_of(m, 6);
		dst = word_of(m, 7);
		src.value <<= 17;
		src.mask <<= 17;
		dst.value <<= 17;
		dst.mask <<= 17;
	} else {
		return (struct ofl_bits){0, families << 62};
	}
	return (struct ofl_bits){
		family << 62 | src.value >> drop << 31 | dst.value >> drop,
		families << 62 | src.mask >> drop << 31 | dst.mask >> drop,
	};
}

/* --- packets --- */
void ofl_packet_init(struct ofl_packet *p)
{
	memset(p, 0, sizeof(*p));
}

bool ofl_packet_set(struct ofl_packet *p, enum ofl_field field, uint64_t value)
{
	const struct ofl_field_place *at = &places[field];
	uint64_t top = field_top(field);

	if (value > top)
		return false;
	p->word[at->word] =
		(p->word[at->word] & ~(top << at->shift)) | value << at->shift;
	return true;
}

void ofl_packet_addr_set(struct ofl_packet *p, enum ofl_end end, int family,
			 const uint8_t *addr)
{
	struct ofl_match m;
	uint8_t mask[16];

	memset(mask, 0xff, sizeof(mask));
	ofl_match_init(&m);
	ofl_match_addr_set(&m, end, family, addr, mask);
	ofl_match_packet_make(&m, p);
}
