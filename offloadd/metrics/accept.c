// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which format an answer has: what the header Accept (RFC 9110, 12.5.1) likes
 * better, and the older one if it does not say.
 *
 * Words of a peer: whatever they are, there is an answer, and nothing of them
 * is kept.
 */
#include <zebra.h>

#include "offloadd/metrics/text.h"

const char *ofl_metric_format_name(enum ofl_metric_format f)
{
	static const char *const names[OFL_METRIC_FORMAT_MAX] = {
		"text/plain; version=0.0.4; charset=utf-8",
		"application/openmetrics-text; version=1.0.0; charset=utf-8",
	};

	return names[f];
}

/* A piece of the header, without the spaces around it. */
struct piece {
	const char *at;
	size_t len;
};

static struct piece trim(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct piece){at, end - at};
}

static bool is_word(struct piece p, const char *word)
{
	return p.len == strlen(word) && strncasecmp(p.at, word, p.len) == 0;
}

/* Thousandths; what is no quality is the best. */
static unsigned int quality_parse(struct piece p)
{
	unsigned int value = 0, unit = 100;

	if (!p.len || (p.at[0] != '0' && p.at[0] != '1'))
		return 1000;
	value = p.at[0] == '1' ? 1000 : 0;
	if (p.len == 1 || p.at[1] != '.')
		return value;
	for (size_t i = 2; i < p.len && unit; i++, unit /= 10) {
		if (!isdigit((unsigned char)p.at[i]))
			break;
		value += (p.at[i] - '0') * unit;
	}
	return MIN(value, 1000u);
}

/* One media range and its parameters. */
struct range {
	struct piece name;
	struct piece version; /* len 0: none */
	unsigned int quality;
};

static void range_parse(const char *at, const char *end, struct range *ret)
{
	const char *stop = memchr(at, ';', end - at);

	*ret = (struct range){.quality = 1000};
	ret->name = trim(at, stop ? stop : end);
	while (stop) {
		const char *from = stop + 1, *equals;
		struct piece value;

		stop = memchr(from, ';', end - from);
		equals = memchr(from, '=', (stop ? stop : end) - from);
		if (!equals)
			continue;
		value = trim(equals + 1, stop ? stop : end);
		if (is_word(trim(from, equals), "q"))
			ret->quality = quality_parse(value);
		else if (is_word(trim(from, equals), "version"))
			ret->version = value;
	}
}

/* OpenMetrics is to be named: a range such as * means what everybody can. */
enum ofl_metric_format ofl_metric_format_make(const char *accept)
{
	const char *at = accept ? accept : "", *end;
	unsigned int open = 0, plain = 0;
	struct range r;

	for (bool more = true; more; at = end + 1) {
		end = strchrnul(at, ',');
		more = *end;
		range_parse(at, end, &r);
		if (is_word(r.name, "application/openmetrics-text") &&
		    (!r.version.len || is_word(r.version, "1.0.0") ||
		     is_word(r.version, "\"1.0.0\"")))
			open = MAX(open, r.quality);
		else if (is_word(r.name, "text/plain"))
			plain = MAX(plain, r.quality);
	}
	return open && open >= plain ? OFL_METRIC_FORMAT_OPEN
				     : OFL_METRIC_FORMAT_PLAIN;
}
