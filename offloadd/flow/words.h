/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of words in a buffer of the caller: what prints commands and matches
 * writes with.  What does not fit is cut off.
 */
#ifndef OFFLOADD_FLOW_WORDS_H
#define OFFLOADD_FLOW_WORDS_H

#include <stddef.h>

/* {buf, len} to begin with, and buf[0] is 0. */
struct ofl_words {
	char *buf;
	size_t len, at;
};

/* Words, after a space if they are not the first. */
void ofl_words_put(struct ofl_words *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* OFFLOADD_FLOW_WORDS_H */
