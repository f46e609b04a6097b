// SPDX-License-Identifier: GPL-2.0-or-later
/* Samples as values; see prov_psample_decode.h. */
#include "offloadd/provider/prov_psample_decode.h"

#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/psample.h>

#include "lib/genl.h"

#define TAGS_MAX 2
#define IP4_BYTES 20
#define IP6_BYTES 40
/* More than a socket's buffer holds: numbers that far on are another group's.
 */
#define GAP_MAX (1u << 20)

/* --- messages --- */

static bool index_get(const struct nlattr *a, uint32_t *ret)
{
	uint16_t half;

	if (!ofl_genl_u16(a, &half))
		return ofl_genl_u32(a, ret);
	*ret = half;
	return true;
}

/* Which attributes there were, as bits. */
static bool attribute(const struct nlattr *a, struct ofl_psample_packet *p,
		      uint32_t *there)
{
	uint16_t type = mnl_attr_get_type(a);

	if (type < 32)
		*there |= 1u << type;
	switch (type) {
	case PSAMPLE_ATTR_IIFINDEX:
		return index_get(a, &p->ifindex);
	case PSAMPLE_ATTR_ORIGSIZE:
		return ofl_genl_u32(a, &p->bytes);
	case PSAMPLE_ATTR_SAMPLE_GROUP:
		return ofl_genl_u32(a, &p->group);
	case PSAMPLE_ATTR_GROUP_SEQ:
		return ofl_genl_u32(a, &p->seq);
	case PSAMPLE_ATTR_SAMPLE_RATE:
		return ofl_genl_u32(a, &p->rate);
	case PSAMPLE_ATTR_DATA:
		p->data = mnl_attr_get_payload(a);
		p->len = mnl_attr_get_payload_len(a);
		break;
	}
	return true;
}

bool ofl_psample_decode(const struct nlmsghdr *nlh, uint16_t family_id,
			struct ofl_psample_packet *ret)
{
	const uint32_t needed =
		1u << PSAMPLE_ATTR_ORIGSIZE | 1u << PSAMPLE_ATTR_SAMPLE_GROUP |
		1u << PSAMPLE_ATTR_GROUP_SEQ | 1u << PSAMPLE_ATTR_SAMPLE_RATE;
	struct ofl_psample_packet p = {0};
	const struct nlattr *a;
	struct ofl_genl_walk w;
	uint32_t there = 0;
	uint8_t cmd;

	if (!ofl_genl_decode(nlh, family_id, &cmd) || cmd != PSAMPLE_CMD_SAMPLE)
		return false;
	ofl_genl_walk_init(&w, nlh);
	while ((a = ofl_genl_walk_next(&w)))
		if (!attribute(a, &p, &there))
			return false;
	if (w.malformed || (there & needed) != needed || !p.rate)
		return false;
	*ret = p;
	return true;
}

/* --- packets --- */

static uint16_t u16_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

bool ofl_psample_head_decode(const uint8_t *data, size_t len,
			     struct ofl_psample_head *ret)
{
	struct ofl_psample_head h = {0};
	size_t at = ETH_HLEN;
	uint16_t type;

	if (len < at)
		return false;
	memcpy(h.dmac, data, sizeof(h.dmac));
	type = u16_at(data + 12);
	for (int tags = 0; type == ETH_P_8021Q || type == ETH_P_8021AD;
	     at += 4, tags++) {
		if (tags == TAGS_MAX || len < at + 4)
			return false;
		type = u16_at(data + at + 2);
	}
	if (type == ETH_P_IP && len >= at + IP4_BYTES && data[at] >> 4 == 4) {
		h.family = AF_INET;
		memcpy(h.dst, data + at + 16, 4);
	} else if (type == ETH_P_IPV6 && len >= at + IP6_BYTES &&
		   data[at] >> 4 == 6) {
		h.family = AF_INET6;
		memcpy(h.dst, data + at + 24, 16);
	} else {
		return false;
	}
	*ret = h;
	return true;
}

/* --- losses --- */

uint32_t ofl_psample_seq_take(struct ofl_psample_seq *s, uint32_t seq)
{
	uint32_t gap = s->known ? seq - s->next : 0;
	uint32_t known;

	if (gap > GAP_MAX)
		gap = s->ahead = 0; /* it counts anew */
	/* What was in the buffer before it was full comes without a gap. */
	known = gap < s->ahead ? gap : s->ahead;
	s->ahead -= known;
	s->known = true;
	s->next = seq + 1;
	return gap - known;
}

uint32_t ofl_psample_seq_overrun(struct ofl_psample_seq *s)
{
	s->ahead++;
	return 1;
}
