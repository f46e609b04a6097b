// SPDX-License-Identifier: GPL-2.0-or-later
/* The bulk reader; see bulk.h. */
#include <zebra.h>

#include "memory.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/source/bulk.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_BULK, "offload bulk reader");

#define BUFFER_BYTES (256 * 1024) /* more than any message */
#define CLOCK_EVERY 128		  /* messages between two looks at the clock */

_Static_assert(BUFFER_BYTES > OFL_BULK_MESSAGE_MAX, "a message would not fit");

struct ofl_bulk {
	ofl_bulk_measure measure;
	size_t from, to; /* what is in the buffer and not handed out yet */
	uint64_t bytes;
	uint8_t buf[BUFFER_BYTES] __attribute__((aligned(8)));
};

struct ofl_bulk *ofl_bulk_new(ofl_bulk_measure measure)
{
	struct ofl_bulk *b = XMALLOC(MTYPE_OFL_BULK, sizeof(*b));

	b->measure = measure;
	b->bytes = 0;
	ofl_bulk_reset(b);
	return b;
}

void ofl_bulk_free(struct ofl_bulk *b)
{
	XFREE(MTYPE_OFL_BULK, b);
}

void ofl_bulk_reset(struct ofl_bulk *b)
{
	b->from = b->to = 0;
}

uint64_t ofl_bulk_bytes(const struct ofl_bulk *b)
{
	return b->bytes;
}

/* Bytes of the message at the front: 0 while it is not whole, or none. */
static size_t front(const struct ofl_bulk *b, bool *ret_garbage)
{
	size_t left = b->to - b->from;
	size_t len = b->measure(b->buf + b->from, left, ret_garbage);

	return len <= left ? len : 0;
}

/* Fill the buffer from the socket.  Bytes, 0: closed, -1: nothing for now. */
static ssize_t fill(struct ofl_bulk *b, int fd)
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

enum ofl_bulk_read ofl_bulk_read(struct ofl_bulk *b, int fd, uint64_t turn_us,
				 bool (*cb)(const uint8_t *message, size_t len,
					    void *arg),
				 void *arg)
{
	uint64_t end_us = ofl_clock_mono_us() + turn_us;
	unsigned int count = 0;
	const uint8_t *message;
	bool garbage = false;
	ssize_t n;
	size_t len;

	for (;;) {
		len = front(b, &garbage);
		if (garbage)
			return OFL_BULK_GARBAGE;
		if (len) {
			message = b->buf + b->from;
			b->from += len;
			if (!cb(message, len, arg))
				return OFL_BULK_STOPPED;
			if (++count % CLOCK_EVERY)
				continue;
		} else {
			n = fill(b, fd);
			if (n < 0)
				return OFL_BULK_DRAINED;
			if (!n)
				return OFL_BULK_CLOSED;
		}
		if (ofl_clock_mono_us() >= end_us)
			return OFL_BULK_MORE;
	}
}
