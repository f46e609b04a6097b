// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line of words; see words.h.
 */
#include "offloadd/flow/words.h"

#include <stdarg.h>
#include <stdio.h>

void ofl_words_put(struct ofl_words *w, const char *format, ...)
{
	va_list args;
	int n;

	if (w->at && w->at + 1 < w->len) {
		w->buf[w->at++] = ' ';
		w->buf[w->at] = '\0';
	}
	va_start(args, format);
	n = vsnprintf(w->buf + w->at, w->len - w->at, format, args);
	va_end(args);
	if (n <= 0)
		return;
	w->at += (size_t)n;
	if (w->at >= w->len)
		w->at = w->len - 1;
}
