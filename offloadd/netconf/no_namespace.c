// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See no_namespace.h.  One pass, linear, no recursion; libyang says afterwards
 * whether the message is well-formed.
 *
 * Neighbours: rpc.c and hello.c call it before they parse; filter.c takes the
 * namespace for none.
 */
#include <zebra.h>

#include "offloadd/netconf/no_namespace.h"

struct scan {
	const char *at, *end;
	const char *copied; /* up to here it is in `out` */
	struct ofl_nc_text *out;
};

static bool begins(const struct scan *s, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(s->end - s->at) >= len && memcmp(s->at, what, len) == 0;
}

/* To behind the next `what`. */
static void skip_past(struct scan *s, const char *what)
{
	size_t len = strlen(what);
	const char *found = memmem(s->at, s->end - s->at, what, len);

	s->at = found ? found + len : s->end;
}

static void copy_to(struct scan *s, const char *to)
{
	ofl_nc_text_add(s->out, s->copied, to - s->copied);
	s->copied = to;
}

static void skip_space(struct scan *s)
{
	while (s->at < s->end && isspace((unsigned char)*s->at))
		s->at++;
}

static bool ends_name(char c)
{
	return isspace((unsigned char)c) || strchr("=>/\"'<", c);
}

static void skip_name(struct scan *s)
{
	while (s->at < s->end && !ends_name(*s->at))
		s->at++;
}

/* An attribute; true: it is the default namespace. */
static bool attribute_read(struct scan *s)
{
	const char *name = s->at;
	bool is_default;
	char quote;

	skip_name(s);
	is_default = s->at - name == 5 && memcmp(name, "xmlns", 5) == 0;
	skip_space(s);
	if (s->at == s->end || *s->at != '=')
		return is_default;
	s->at++;
	skip_space(s);
	if (s->at == s->end || (*s->at != '"' && *s->at != '\''))
		return is_default;
	quote = *s->at++;
	if (is_default && s->at < s->end && *s->at == quote) {
		copy_to(s, s->at);
		ofl_nc_text_str(s->out, OFL_NC_NO_NAMESPACE);
	}
	while (s->at < s->end && *s->at != quote)
		s->at++;
	if (s->at < s->end)
		s->at++;
	return is_default;
}

/* A start tag, behind its '<'. */
static void tag_read(struct scan *s, bool is_first)
{
	bool has_default = false;
	const char *name_end;

	skip_name(s);
	name_end = s->at;
	if (is_first) {
		/* Is there one?  Look, and read again. */
		struct scan look = {s->at, s->end, s->at,
				    &(struct ofl_nc_text){}};

		while (look.at < look.end && *look.at != '>') {
			const char *before = look.at;

			has_default |= attribute_read(&look);
			look.at += look.at == before;
		}
		ofl_nc_text_fini(look.out);
		if (!has_default) {
			copy_to(s, name_end);
			ofl_nc_text_str(s->out,
					" xmlns=\"" OFL_NC_NO_NAMESPACE "\"");
		}
	}
	while (s->at < s->end && *s->at != '>') {
		const char *before = s->at;

		(void)attribute_read(s);
		s->at += s->at == before;
	}
}

void ofl_nc_no_namespace(const char *message, size_t len,
			 struct ofl_nc_text *out)
{
	struct scan s = {message, message + len, message, out};
	bool is_first = true;

	while (s.at < s.end) {
		const char *open = memchr(s.at, '<', s.end - s.at);

		if (!open)
			break;
		s.at = open;
		if (begins(&s, "<!--")) {
			s.at += 4;
			skip_past(&s, "-->");
		} else if (begins(&s, "<![CDATA[")) {
			skip_past(&s, "]]>");
		} else if (begins(&s, "<?")) {
			skip_past(&s, "?>");
		} else if (begins(&s, "</") || begins(&s, "<!")) {
			skip_past(&s, ">");
		} else {
			s.at++;
			tag_read(&s, is_first);
			is_first = false;
		}
	}
	copy_to(&s, s.end);
}
