// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Framing of RFC 6242, one byte's meaning at a time; contents of chunks are
 * copied as they are.
 *
 * It refuses every header that section 4.2 does not have: no zero first, no
 * size above 4294967295, no message without a chunk.
 */
#include <zebra.h>

#include "offloadd/netconf/frame.h"

#define EOM "]]>]]>"
#define EOM_LEN 6
#define CHUNK_MAX UINT64_C(4294967295)

/* Where the decoder is.  The first must be 0. */
enum state {
	/* end of message: `state` is how much of the mark was seen */
	EOM_NONE = 0,
	/* chunked */
	WANT_LF = 0, /* LF of a header */
	WANT_HASH,   /* its '#' */
	WANT_SIZE,   /* the first digit, or the '#' of the end */
	IN_SIZE,     /* further digits, or LF */
	IN_CHUNK,
	WANT_END, /* LF of the end */
};

void ofl_nc_frame_init(struct ofl_nc_frame *f, size_t max_bytes)
{
	memset(f, 0, sizeof(*f));
	f->max_bytes = max_bytes;
}

void ofl_nc_frame_fini(struct ofl_nc_frame *f)
{
	ofl_nc_text_fini(&f->message);
}

static void frame_restart(struct ofl_nc_frame *f)
{
	/* A long one's memory is not kept for as long as the session lasts. */
	ofl_nc_text_fini(&f->message);
	f->where = 0;
	f->chunk = 0;
	f->has_chunk = false;
	f->is_done = false;
}

void ofl_nc_frame_release(struct ofl_nc_frame *f)
{
	if (f->is_done)
		frame_restart(f);
}

static bool can_take(const struct ofl_nc_frame *f, size_t len)
{
	return len <= f->max_bytes && f->message.len <= f->max_bytes - len;
}

/* --- end of message --- */

/* The part of the mark that was seen and is none: "]]" before a third "]" is
 * still the beginning of one. */
static bool eom_byte(struct ofl_nc_frame *f, char c)
{
	static const int back[EOM_LEN] = {0, 0, 1, 0, 1, 2};

	while (c != EOM[f->where] && f->where) {
		int keep = back[f->where];

		if (!can_take(f, f->where - keep))
			return false;
		ofl_nc_text_add(&f->message, EOM, f->where - keep);
		f->where = keep;
	}
	if (c == EOM[f->where]) {
		f->where++;
		return true;
	}
	if (!can_take(f, 1))
		return false;
	ofl_nc_text_add(&f->message, &c, 1);
	return true;
}

static enum ofl_nc_frame_result
decode_eom(struct ofl_nc_frame *f, const char *data, size_t len, size_t *used)
{
	while (*used < len) {
		const char *at = data + *used;
		const char *mark;
		size_t plain;

		if (!f->where) {
			mark = memchr(at, EOM[0], len - *used);
			plain = mark ? (size_t)(mark - at) : len - *used;
			if (!can_take(f, plain))
				return OFL_NC_FRAME_LONG;
			ofl_nc_text_add(&f->message, at, plain);
			*used += plain;
			if (!mark)
				break;
			at = mark;
		}
		if (!eom_byte(f, *at))
			return OFL_NC_FRAME_LONG;
		(*used)++;
		if (f->where == EOM_LEN)
			return OFL_NC_FRAME_MESSAGE;
	}
	return OFL_NC_FRAME_MORE;
}

/* --- chunks --- */

/* One byte of a header.  False: it has no business there. */
static bool header_byte(struct ofl_nc_frame *f, char c)
{
	switch (f->where) {
	case WANT_LF:
		f->where = WANT_HASH;
		return c == '\n';
	case WANT_HASH:
		f->where = WANT_SIZE;
		return c == '#';
	case WANT_SIZE:
		if (c == '#') {
			f->where = WANT_END;
			return f->has_chunk;
		}
		f->where = IN_SIZE;
		f->chunk = c - '0';
		return c >= '1' && c <= '9';
	case IN_SIZE:
		if (c == '\n') {
			f->where = IN_CHUNK;
			f->has_chunk = true;
			return true;
		}
		if (c < '0' || c > '9')
			return false;
		f->chunk = f->chunk * 10 + (c - '0');
		return f->chunk <= CHUNK_MAX;
	case WANT_END:
		return c == '\n';
	}
	return false;
}

static enum ofl_nc_frame_result decode_chunked(struct ofl_nc_frame *f,
					       const char *data, size_t len,
					       size_t *used)
{
	while (*used < len) {
		bool is_end = f->where == WANT_END;

		if (f->where == IN_CHUNK) {
			size_t take = len - *used;

			if (take > f->chunk)
				take = f->chunk;
			ofl_nc_text_add(&f->message, data + *used, take);
			*used += take;
			f->chunk -= take;
			if (!f->chunk)
				f->where = WANT_LF;
			continue;
		}
		if (!header_byte(f, data[*used]))
			return OFL_NC_FRAME_BAD;
		(*used)++;
		if (is_end)
			return OFL_NC_FRAME_MESSAGE;
		/* Known before any of it has come. */
		if (f->where == IN_CHUNK &&
		    (f->chunk > f->max_bytes || !can_take(f, f->chunk)))
			return OFL_NC_FRAME_LONG;
	}
	return OFL_NC_FRAME_MORE;
}

enum ofl_nc_frame_result ofl_nc_frame_decode(struct ofl_nc_frame *f,
					     const char *data, size_t len,
					     size_t *ret_used)
{
	enum ofl_nc_frame_result result;
	size_t used = 0;

	if (f->is_done)
		frame_restart(f);
	if (f->framing == OFL_NC_FRAMING_CHUNKED)
		result = decode_chunked(f, data, len, &used);
	else
		result = decode_eom(f, data, len, &used);
	if (result == OFL_NC_FRAME_MESSAGE) {
		f->is_done = true;
		/* A string, also if it is empty. */
		ofl_nc_text_add(&f->message, "", 0);
	}
	*ret_used = used;
	return result;
}

/* --- the other way --- */

void ofl_nc_frame_encode(enum ofl_nc_framing framing, const char *data,
			 size_t len, struct ofl_nc_text *out)
{
	while (len) {
		size_t take = len < CHUNK_MAX ? len : CHUNK_MAX;

		if (framing == OFL_NC_FRAMING_CHUNKED)
			ofl_nc_text_format(out, "\n#%zu\n", take);
		ofl_nc_text_add(out, data, take);
		data += take;
		len -= take;
	}
}

void ofl_nc_frame_encode_end(enum ofl_nc_framing framing,
			     struct ofl_nc_text *out)
{
	ofl_nc_text_str(out,
			framing == OFL_NC_FRAMING_CHUNKED ? "\n##\n" : EOM);
}
