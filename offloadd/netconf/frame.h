/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Framing of RFC 6242: bytes of a stream into messages and back, with the
 * end-of-message mark until both have said hello and in chunks thereafter.
 *
 * Pure: it reads nothing itself, keeps no more than one message, and what is
 * malformed ends the session.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_FRAME_H
#define OFFLOADD_NETCONF_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/netconf/text.h"

enum ofl_nc_framing {
	OFL_NC_FRAMING_EOM,	/* ]]>]]> */
	OFL_NC_FRAMING_CHUNKED, /* RFC 6242, 4.2 */
};

/* What ofl_nc_frame_decode() came to. */
enum ofl_nc_frame_result {
	OFL_NC_FRAME_MORE,    /* all was taken, no message is complete */
	OFL_NC_FRAME_MESSAGE, /* one is complete; the rest was not looked at */
	OFL_NC_FRAME_BAD,     /* malformed: nothing after it means anything */
	OFL_NC_FRAME_LONG,    /* longer than a message may be */
};

/* The receiving side of one stream. */
struct ofl_nc_frame {
	/* --- set by ofl_nc_frame_init(); framing: by the session, between
	 * two messages --- */
	size_t max_bytes;
	enum ofl_nc_framing framing;

	/* --- written by ofl_nc_frame_decode() --- */
	struct ofl_nc_text message;
	int where;	/* of frame.c: where in a header or mark it is */
	uint64_t chunk; /* the size read so far, or what is left of the chunk */
	bool has_chunk; /* this message has one already */
	bool is_done;	/* the next call begins a new message */
};
void ofl_nc_frame_init(struct ofl_nc_frame *f, size_t max_bytes);
void ofl_nc_frame_fini(struct ofl_nc_frame *f);

/* Take bytes until a message is complete; *ret_used of them were taken, in
 * every case.  A complete message is in f->message, until the next call. */
enum ofl_nc_frame_result ofl_nc_frame_decode(struct ofl_nc_frame *f,
					     const char *data, size_t len,
					     size_t *ret_used);
/* The message is not wanted any more: its memory need not wait for the next
 * call. */
void ofl_nc_frame_release(struct ofl_nc_frame *f);

/* Append a piece of a message, and the end of one.  Pieces of no bytes are
 * nothing. */
void ofl_nc_frame_encode(enum ofl_nc_framing framing, const char *data,
			 size_t len, struct ofl_nc_text *out);
void ofl_nc_frame_encode_end(enum ofl_nc_framing framing,
			     struct ofl_nc_text *out);

#endif /* OFFLOADD_NETCONF_FRAME_H */
