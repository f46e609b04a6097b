// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes that stand for a message of psample, and for the head of a packet.
 *
 * The first byte says which: 0 a message's payload, 1 numbers of samples, else
 * a packet.
 */
#include <zebra.h>

#include "offloadd/provider/prov_psample_decode.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message.h"

#define FAMILY 27

static void head(const uint8_t *data, size_t len)
{
	struct ofl_psample_head h, before;

	memset(&before, 0xa5, sizeof(before));
	h = before;
	if (!ofl_psample_head_decode(data, len, &h)) {
		FUZZ_CHECK(!memcmp(&h, &before, sizeof(h)));
		return;
	}
	FUZZ_CHECK(h.family == AF_INET || h.family == AF_INET6);
	FUZZ_CHECK(len >= (h.family == AF_INET ? 34u : 54u));
}

static void message(struct fuzz *f)
{
	struct nlmsghdr *nlh = message_make(f, FAMILY, f->left);
	struct ofl_psample_packet p, before;

	memset(&before, 0xa5, sizeof(before));
	p = before;
	if (!ofl_psample_decode(nlh, FAMILY, &p)) {
		FUZZ_CHECK(!memcmp(&p, &before, sizeof(p)));
	} else {
		FUZZ_CHECK(p.rate && p.len < nlh->nlmsg_len);
		head(p.data, p.len);
	}
	free(nlh);
}

/* Never more lost than there are numbers in between. */
static void numbers(struct fuzz *f)
{
	struct ofl_psample_seq s = {0};

	while (f->left) {
		uint32_t next = s.next, seq;

		if (fuzz_u8(f) & 1) {
			FUZZ_CHECK(ofl_psample_seq_overrun(&s) == 1);
			continue;
		}
		seq = fuzz_u8(f) & 1 ? fuzz_u32(f) : next + fuzz_u8(f);
		FUZZ_CHECK(ofl_psample_seq_take(&s, seq) <= seq - next);
		FUZZ_CHECK(s.known && s.next == seq + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {.at = data, .left = size};
	uint8_t which = fuzz_u8(&f);
	size_t len;
	void *copy;

	if (which < 2) {
		(which ? numbers : message)(&f);
		return 0;
	}
	copy = fuzz_copy(&f, f.left, &len);
	head(copy, len);
	free(copy);
	return 0;
}
