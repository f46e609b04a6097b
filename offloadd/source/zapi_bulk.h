/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a ZAPI stream in large pieces (bulk.c), where libfrr makes two
 * system calls for each message.  Knows the framing only.
 */
#ifndef OFFLOADD_SOURCE_ZAPI_BULK_H
#define OFFLOADD_SOURCE_ZAPI_BULK_H

#include "offloadd/source/bulk.h"
#include "offloadd/source/zapi_decode.h"

/* For ofl_bulk_new(). */
size_t ofl_zapi_bulk_measure(const uint8_t *data, size_t left,
			     bool *ret_garbage);

/* As ofl_bulk_read(), of a reader made with the above. */
enum ofl_bulk_read
ofl_zapi_bulk_read(struct ofl_bulk *b, int fd, uint64_t turn_us,
		   bool (*cb)(const struct ofl_zapi_header *h,
			      const uint8_t *body, size_t len, void *arg),
		   void *arg);

#endif /* OFFLOADD_SOURCE_ZAPI_BULK_H */
