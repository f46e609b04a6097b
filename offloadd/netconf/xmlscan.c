// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One pass over a message that counts.
 *
 * Neighbours: rpc.c and hello.c ask before they give a message to libyang.
 */
#include <zebra.h>

#include "offloadd/netconf/xmlscan.h"

/* What was counted below one open element. */
struct level {
	unsigned int children, names;
	const char *last; /* the name of the last child */
	size_t last_len;
};

struct scan {
	const char *at, *end;
	size_t depth;
	struct level levels[OFL_NC_XML_DEPTH + 1];
};

/* After the next `what`; the end, if there is none. */
static void skip_past(struct scan *s, const char *what)
{
	size_t len = strlen(what);
	const char *found = memmem(s->at, s->end - s->at, what, len);

	s->at = found ? found + len : s->end;
}

static bool begins(const struct scan *s, const char *what)
{
	size_t len = strlen(what);

	return (size_t)(s->end - s->at) >= len && !memcmp(s->at, what, len);
}

static const char *child_count(struct scan *s, const char *name, size_t len)
{
	struct level *l = &s->levels[s->depth];

	if (++l->children > OFL_NC_XML_CHILDREN)
		return "an element has too many children";
	if (l->last && l->last_len == len && !memcmp(l->last, name, len))
		return NULL;
	l->last = name;
	l->last_len = len;
	if (++l->names > OFL_NC_XML_NAMES)
		return "an element has children of too many names";
	return NULL;
}

static bool ends_name(char c)
{
	return c == '>' || c == '/' || c == '=' || isspace((unsigned char)c);
}

/* A start tag, behind its '<'. */
static const char *scan_tag(struct scan *s)
{
	const char *name = s->at, *wrong;
	unsigned int attributes = 0;
	bool is_empty = false;

	while (s->at < s->end && !ends_name(*s->at))
		s->at++;
	wrong = child_count(s, name, s->at - name);
	if (wrong)
		return wrong;
	while (s->at < s->end && *s->at != '>') {
		char c = *s->at++;

		is_empty = c == '/';
		if (c != '"' && c != '\'')
			continue;
		if (++attributes > OFL_NC_XML_ATTRIBUTES)
			return "an element has too many attributes";
		while (s->at < s->end && *s->at != c)
			s->at++;
		if (s->at < s->end)
			s->at++;
	}
	if (is_empty)
		return NULL;
	if (++s->depth > OFL_NC_XML_DEPTH)
		return "too many elements are inside each other";
	memset(&s->levels[s->depth], 0, sizeof(s->levels[s->depth]));
	return NULL;
}

const char *ofl_nc_xml_scan(const char *message, size_t len)
{
	struct scan s = {.at = message, .end = message + len};
	const char *wrong = NULL;

	/* libyang would stop there. */
	if (memchr(message, '\0', len))
		return "it has a zero byte";
	while (!wrong) {
		s.at = memchr(s.at, '<', s.end - s.at);
		if (!s.at)
			break;
		if (begins(&s, "<!--"))
			skip_past(&s, "-->");
		else if (begins(&s, "<![CDATA["))
			skip_past(&s, "]]>");
		else if (begins(&s, "<?"))
			skip_past(&s, "?>");
		else if (begins(&s, "</")) {
			s.depth -= s.depth > 0;
			skip_past(&s, ">");
		} else {
			s.at++;
			wrong = scan_tag(&s);
		}
	}
	return wrong;
}
