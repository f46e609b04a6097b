/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a stream of messages in large pieces: one system call for thousands
 * of them.  Who made it knows where a message ends; a turn ends when its time
 * is up, and the next one goes on where it stopped.
 *
 * Neighbours: zapi_bulk.c and fpm.c say what a message is.
 */
#ifndef OFFLOADD_SOURCE_BULK_H
#define OFFLOADD_SOURCE_BULK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ofl_bulk;

enum ofl_bulk_read {
	OFL_BULK_DRAINED = 0, /* wait until the socket is readable */
	OFL_BULK_MORE,	      /* time is up, messages are left */
	OFL_BULK_CLOSED,      /* the peer went away */
	OFL_BULK_GARBAGE,     /* this is no message: close it */
	OFL_BULK_STOPPED,     /* the callback said so */
};

/* No message is longer than this. */
#define OFL_BULK_MESSAGE_MAX 65536

/* Bytes of the message that begins at `data`, at most OFL_BULK_MESSAGE_MAX; 0:
 * `left` are not enough to tell, or (*ret_garbage) it is none. */
typedef size_t (*ofl_bulk_measure)(const uint8_t *data, size_t left,
				   bool *ret_garbage);

struct ofl_bulk *ofl_bulk_new(ofl_bulk_measure measure);
void ofl_bulk_free(struct ofl_bulk *b); /* NULL is fine */
/* A new conversation: forget what was left of the last one. */
void ofl_bulk_reset(struct ofl_bulk *b);

/* Hand each whole message to `cb` until the socket (non-blocking) is empty
 * or about `turn_us` are over.  `cb` returns false when the socket must not
 * be touched any more. */
enum ofl_bulk_read ofl_bulk_read(struct ofl_bulk *b, int fd, uint64_t turn_us,
				 bool (*cb)(const uint8_t *message, size_t len,
					    void *arg),
				 void *arg);
/* Bytes read since it was made. */
uint64_t ofl_bulk_bytes(const struct ofl_bulk *b);

#endif /* OFFLOADD_SOURCE_BULK_H */
