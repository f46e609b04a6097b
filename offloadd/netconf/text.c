// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Growing text, and XML written by hand: what comes from outside is escaped
 * here, so that nobody's words end an element.
 *
 * It refuses nothing: what is no UTF-8, or no character of XML 1.0, becomes
 * U+FFFD.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/netconf/text.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_TEXT, "offload NETCONF text");

#define TEXT_FIRST 256

void ofl_nc_text_fini(struct ofl_nc_text *t)
{
	XFREE(MTYPE_OFL_NC_TEXT, t->data);
	memset(t, 0, sizeof(*t));
}

/* Room for so many bytes more and the zero. */
static char *text_grow(struct ofl_nc_text *t, size_t more)
{
	size_t size = t->size ? t->size : TEXT_FIRST;

	while (size - t->len <= more)
		size *= 2;
	if (size != t->size) {
		t->data = XREALLOC(MTYPE_OFL_NC_TEXT, t->data, size);
		t->size = size;
	}
	return t->data + t->len;
}

void ofl_nc_text_add(struct ofl_nc_text *t, const char *data, size_t len)
{
	char *to = text_grow(t, len);

	if (len)
		memcpy(to, data, len);
	to[len] = '\0';
	t->len += len;
}

void ofl_nc_text_str(struct ofl_nc_text *t, const char *str)
{
	ofl_nc_text_add(t, str, strlen(str));
}

void ofl_nc_text_format(struct ofl_nc_text *t, const char *format, ...)
{
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len < 0)
		return;
	va_start(ap, format);
	(void)vsnprintf(text_grow(t, len), len + 1, format, ap);
	va_end(ap);
	t->len += len;
}

/* The length of the character of XML at `at`; 0: there is none. */
static size_t char_len(const unsigned char *at)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = at[0] < 0x80   ? 1
		     : at[0] < 0xc2 ? 0
		     : at[0] < 0xe0 ? 2
		     : at[0] < 0xf0 ? 3
		     : at[0] < 0xf5 ? 4
				    : 0;
	uint32_t c = at[0] & (0xff >> (len + 1));

	if (len == 1)
		return at[0] >= 0x20 || at[0] == '\t' || at[0] == '\n' ||
		       at[0] == '\r';
	/* The zero at the end is no continuation. */
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (!len || c < least[len] || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff) || c == 0xfffe || c == 0xffff)
		return 0;
	return len;
}

/* What must not stand as it is; carriage returns and the white space of
 * attributes would not survive a parser. */
static const char *entity_of(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	}
	return NULL;
}

void ofl_nc_text_escaped(struct ofl_nc_text *t, const char *str)
{
	const unsigned char *at = (const unsigned char *)str;
	const char *entity;
	size_t len;

	/* Even nothing makes it a string. */
	ofl_nc_text_add(t, "", 0);
	while (*at) {
		len = char_len(at);
		entity = len == 1 ? entity_of(*at) : NULL;
		if (entity)
			ofl_nc_text_str(t, entity);
		else if (len)
			ofl_nc_text_add(t, (const char *)at, len);
		else
			ofl_nc_text_str(t, "\xef\xbf\xbd");
		at += len ? len : 1;
	}
}

static ssize_t on_printed(void *arg, const void *data, size_t len)
{
	ofl_nc_text_add(arg, data, len);
	return len;
}

void ofl_nc_text_tree(struct ofl_nc_text *t, const struct lyd_node *node,
		      int with_siblings, unsigned int options)
{
	struct ly_out *out = NULL;

	if (ly_out_new_clb(on_printed, t, &out))
		return;
	for (; node; node = with_siblings ? node->next : NULL)
		if (lyd_print_tree(out, node, LYD_XML,
				   options | LYD_PRINT_SHRINK))
			break;
	ly_out_free(out, NULL, 0);
}
