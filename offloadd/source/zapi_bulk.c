// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a ZAPI message ends; see zapi_bulk.h. */
#include <zebra.h>

#include "offloadd/source/zapi_bulk.h"

size_t ofl_zapi_bulk_measure(const uint8_t *data, size_t left,
			     bool *ret_garbage)
{
	struct ofl_zapi_header h;

	if (left < OFL_ZAPI_HEADER_BYTES)
		return 0;
	if (!ofl_zapi_header_decode(data, &h)) {
		*ret_garbage = true;
		return 0;
	}
	return h.bytes;
}

struct hand_on {
	bool (*cb)(const struct ofl_zapi_header *h, const uint8_t *body,
		   size_t len, void *arg);
	void *arg;
};

static bool message(const uint8_t *data, size_t len, void *arg)
{
	const struct hand_on *to = arg;
	struct ofl_zapi_header h;

	ofl_zapi_header_decode(data, &h);
	return to->cb(&h, data + OFL_ZAPI_HEADER_BYTES,
		      len - OFL_ZAPI_HEADER_BYTES, to->arg);
}

enum ofl_bulk_read
ofl_zapi_bulk_read(struct ofl_bulk *b, int fd, uint64_t turn_us,
		   bool (*cb)(const struct ofl_zapi_header *h,
			      const uint8_t *body, size_t len, void *arg),
		   void *arg)
{
	struct hand_on to = {.cb = cb, .arg = arg};

	return ofl_bulk_read(b, fd, turn_us, message, &to);
}
