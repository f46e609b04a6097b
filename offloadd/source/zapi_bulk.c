// SPDX-License-Identifier: GPL-2.0-or-later
/* The bulk reader; see zapi_bulk.h. */
#include <zebra.h>

#include "memory.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/source/zapi_bulk.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI_BULK, "offload bulk reader");

#define BUFFER_BYTES (256 * 1024) /* more than any message */
#define CLOCK_EVERY 128		  /* messages between two looks at the clock */

struct ofl_zapi_bulk {
	size_t from, to; /* what is in the buffer and not handed out yet */
	uint64_t bytes;
	uint8_t buf[BUFFER_BYTES];
};

struct ofl_zapi_bulk *ofl_zapi_bulk_new(void)
{
	struct ofl_zapi_bulk *b = XMALLOC(MTYPE_OFL_ZAPI_BULK, sizeof(*b));

	b->bytes = 0;
	ofl_zapi_bulk_reset(b);
	return b;
}

void ofl_zapi_bulk_free(struct ofl_zapi_bulk *b)
{
	XFREE(MTYPE_OFL_ZAPI_BULK, b);
}

void ofl_zapi_bulk_reset(struct ofl_zapi_bulk *b)
{
	b->from = b->to = 0;
}

uint64_t ofl_zapi_bulk_bytes(const struct ofl_zapi_bulk *b)
{
	return b->bytes;
}

/* Bytes of the message at the front: 0 while it is not whole, or its header
 * is no header (*ret_garbage). */
static size_t front(const struct ofl_zapi_bulk *b, struct ofl_zapi_header *ret,
		    bool *ret_garbage)
{
	size_t left = b->to - b->from;

	if (left < OFL_ZAPI_HEADER_BYTES)
		return 0;
	if (!ofl_zapi_header_decode(b->buf + b->from, ret)) {
		*ret_garbage = true;
		return 0;
	}
	return ret->bytes <= left ? ret->bytes : 0;
}

/* Fill the buffer from the socket.  Bytes, 0: closed, -1: nothing for now. */
static ssize_t fill(struct ofl_zapi_bulk *b, int fd)
{
	ssize_t n;

	memmove(b->buf, b->buf + b->from, b->to - b->from);
	b->to -= b->from;
	b->from = 0;
	do {
		n = read(fd, b->buf + b->to, sizeof(b->buf) - b->to);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : 0;
	b->to += n;
	b->bytes += n;
	return n;
}

enum ofl_zapi_bulk_read
ofl_zapi_bulk_read(struct ofl_zapi_bulk *b, int fd, uint64_t turn_us,
		   bool (*cb)(const struct ofl_zapi_header *h,
			      const uint8_t *body, size_t len, void *arg),
		   void *arg)
{
	uint64_t end_us = ofl_clock_mono_us() + turn_us;
	struct ofl_zapi_header h;
	unsigned int count = 0;
	const uint8_t *message;
	bool garbage = false;
	ssize_t n;
	size_t len;

	for (;;) {
		len = front(b, &h, &garbage);
		if (garbage)
			return OFL_ZAPI_BULK_GARBAGE;
		if (len) {
			message = b->buf + b->from;
			b->from += len;
			if (!cb(&h, message + OFL_ZAPI_HEADER_BYTES,
				len - OFL_ZAPI_HEADER_BYTES, arg))
				return OFL_ZAPI_BULK_STOPPED;
			if (++count % CLOCK_EVERY)
				continue;
		} else {
			n = fill(b, fd);
			if (n < 0)
				return OFL_ZAPI_BULK_DRAINED;
			if (!n)
				return OFL_ZAPI_BULK_CLOSED;
		}
		if (ofl_clock_mono_us() >= end_us)
			return OFL_ZAPI_BULK_MORE;
	}
}
