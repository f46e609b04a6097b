/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing text, and the few ways XML is written by hand: only envelopes are,
 * data is printed by libyang.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_TEXT_H
#define OFFLOADD_NETCONF_TEXT_H

#include <stddef.h>

struct lyd_node;

/* All zero is empty.  `data` is owned and ends with a zero byte that `len`
 * does not count; it is NULL while nothing was added. */
struct ofl_nc_text {
	char *data;
	size_t len, size;
};
void ofl_nc_text_fini(struct ofl_nc_text *t);
void ofl_nc_text_add(struct ofl_nc_text *t, const char *data, size_t len);
void ofl_nc_text_str(struct ofl_nc_text *t, const char *str);
/* Escaped for content and attributes; what XML 1.0 has no character for
 * becomes U+FFFD. */
void ofl_nc_text_escaped(struct ofl_nc_text *t, const char *str);
void ofl_nc_text_format(struct ofl_nc_text *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Print this node and, if asked, the siblings after it: XML without white
 * space between elements.  `options`: LYD_PRINT_WD_*, 0 for explicit. */
void ofl_nc_text_tree(struct ofl_nc_text *t, const struct lyd_node *node,
		      int with_siblings, unsigned int options);

#endif /* OFFLOADD_NETCONF_TEXT_H */
