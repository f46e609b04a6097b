/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a ZAPI stream in large pieces: one system call for thousands of
 * messages where libfrr makes two for each.  Knows the framing only; a turn
 * ends when its time is up, and the next one goes on where it stopped.
 */
#ifndef OFFLOADD_SOURCE_ZAPI_BULK_H
#define OFFLOADD_SOURCE_ZAPI_BULK_H

#include "offloadd/source/zapi_decode.h"

struct ofl_zapi_bulk;

enum ofl_zapi_bulk_read {
	OFL_ZAPI_BULK_DRAINED = 0, /* wait until the socket is readable */
	OFL_ZAPI_BULK_MORE,	   /* time is up, messages are left */
	OFL_ZAPI_BULK_CLOSED,	   /* the peer went away */
	OFL_ZAPI_BULK_GARBAGE,	   /* no ZAPI of our version: close it */
	OFL_ZAPI_BULK_STOPPED,	   /* the callback said so */
};

struct ofl_zapi_bulk *ofl_zapi_bulk_new(void);
void ofl_zapi_bulk_free(struct ofl_zapi_bulk *b); /* NULL is fine */
/* A new conversation: forget what was left of the last one. */
void ofl_zapi_bulk_reset(struct ofl_zapi_bulk *b);

/* Hand each whole message to `cb` until the socket (non-blocking) is empty
 * or about `turn_us` are over.  `cb` returns false when the socket must not
 * be touched any more. */
enum ofl_zapi_bulk_read
ofl_zapi_bulk_read(struct ofl_zapi_bulk *b, int fd, uint64_t turn_us,
		   bool (*cb)(const struct ofl_zapi_header *h,
			      const uint8_t *body, size_t len, void *arg),
		   void *arg);
/* Bytes read since it was made. */
uint64_t ofl_zapi_bulk_bytes(const struct ofl_zapi_bulk *b);

#endif /* OFFLOADD_SOURCE_ZAPI_BULK_H */
