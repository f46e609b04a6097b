// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rule files: the lines of ClassBench, and the same with an action behind.
 *
 *   @192.0.2.0/24 198.51.100.7/32 0 : 65535 80 : 80 0x06/0xFF 0x0000/0x0000 p
 *
 * Refuses, by line number, whatever is not such a line; nothing is guessed.
 */
#include <zebra.h>

#include "bench/acl_rules.h"
#include "bench/lpm_reader.h"

#define LINE_LEN 1024
#define RULES_START 1024
#define RULES_MAX 10000000

/* --- pieces of a line; each moves `at` on --- */
static void skip(const char **at)
{
	while (isspace((unsigned char)**at))
		++*at;
}

static bool number(const char **at, int base, unsigned long max,
		   unsigned long *ret)
{
	unsigned long n;
	char *end;

	skip(at);
	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	n = strtoul(*at, &end, base);
	if (errno || n > max)
		return false;
	*at = end;
	*ret = n;
	return true;
}

static bool character(const char **at, char c)
{
	skip(at);
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* 192.0.2.0/24; what is set beyond the length does not count. */
static bool prefix(const char **at, struct ofl_match *m, enum ofl_end end)
{
	uint8_t addr[4], mask[4];
	unsigned long n, len;
	uint32_t bits;

	for (int i = 0; i < 4; i++) {
		if ((i && !character(at, '.')) || !number(at, 10, 255, &n))
			return false;
		addr[i] = n;
	}
	if (!character(at, '/') || !number(at, 10, 32, &len))
		return false;
	bits = htonl(len ? UINT32_MAX << (32 - len) : 0);
	memcpy(mask, &bits, sizeof(mask));
	ofl_match_addr_set(m, end, AF_INET, addr, mask);
	return true;
}

static bool range(const char **at, struct ofl_match *m, enum ofl_number which)
{
	unsigned long min, max;

	return number(at, 10, UINT16_MAX, &min) && character(at, ':') &&
	       number(at, 10, UINT16_MAX, &max) &&
	       ofl_match_range_set(m, which, min, max);
}

/* 0x06/0xFF */
static bool masked(const char **at, struct ofl_match *m, enum ofl_field field,
		   unsigned long max)
{
	unsigned long value, mask;

	return number(at, 0, max, &value) && character(at, '/') &&
	       number(at, 0, max, &mask) &&
	       ofl_match_set(m, field, value, mask);
}

/* What may follow: flags, masks of other programs' own, an action. */
static const char *rest(const char *at, struct ofl_bench_rule *r)
{
	unsigned long n;

	skip(&at);
	if (isdigit((unsigned char)*at) &&
	    !masked(&at, &r->match, OFL_FIELD_TCP_FLAGS, UINT16_MAX))
		return "flags/mask is wanted";
	skip(&at);
	while (isdigit((unsigned char)*at)) {
		if (!number(&at, 0, UINT32_MAX, &n) || !character(&at, '/') ||
		    !number(&at, 0, UINT32_MAX, &n))
			return "value/mask is wanted";
		skip(&at);
	}
	if (*at == 'p' || *at == 'd')
		r->action = *at++;
	skip(&at);
	return *at ? "the action is p or d, and nothing comes after it" : NULL;
}

/* NULL, or what is wrong. */
static const char *parse(const char *at, struct ofl_bench_rule *r)
{
	ofl_match_init(&r->match);
	if (*at == '@')
		at++;
	if (!prefix(&at, &r->match, OFL_END_SRC))
		return "a source prefix is wanted";
	if (!prefix(&at, &r->match, OFL_END_DST))
		return "a destination prefix is wanted";
	if (!range(&at, &r->match, OFL_NUMBER_SRC_PORT))
		return "source ports \"low : high\" are wanted";
	if (!range(&at, &r->match, OFL_NUMBER_DST_PORT))
		return "destination ports \"low : high\" are wanted";
	if (!masked(&at, &r->match, OFL_FIELD_PROTOCOL, UINT8_MAX))
		return "protocol/mask is wanted";
	return rest(at, r);
}

/* --- a file --- */
static struct ofl_bench_rule *rule_new(struct ofl_bench_rules *t)
{
	struct ofl_bench_rule *r;

	if (t->count == t->size) {
		t->size = t->size ? t->size * 2 : RULES_START;
		t->rules = realloc(t->rules, t->size * sizeof(*t->rules));
		if (!t->rules)
			abort();
	}
	r = &t->rules[t->count];
	memset(r, 0, sizeof(*r));
	return r;
}

static bool is_skipped(const char *line)
{
	skip(&line);
	return !*line || *line == '#' || *line == ';';
}

static const char *take_line(struct ofl_bench_rules *t, const char *line,
			     bool last)
{
	struct ofl_bench_rule *r;
	const char *wrong;

	if (!strchr(line, '\n') && strlen(line) == LINE_LEN - 1)
		return "the line is too long";
	if (!strchr(line, '\n') && !last)
		return "there is a zero byte in it";
	if (is_skipped(line))
		return NULL;
	if (t->count == RULES_MAX)
		return "there are too many rules";
	r = rule_new(t);
	skip(&line);
	wrong = parse(line, r);
	if (wrong)
		return wrong;
	t->with_action += r->action != 0;
	t->count++;
	return NULL;
}

bool ofl_bench_rules_read(struct ofl_bench_rules *t, const char *path,
			  char *error, size_t len)
{
	struct ofl_bench_reader reader;
	const char *wrong = NULL;
	char line[LINE_LEN], why[128];
	unsigned long at = 0;

	memset(t, 0, sizeof(*t));
	if (!ofl_bench_reader_open(&reader, path, error, len))
		return false;
	while (!wrong && fgets(line, sizeof(line), reader.file)) {
		at++;
		wrong = take_line(t, line, feof(reader.file));
	}
	/* To the end: what is cut off ends in a line that is no line. */
	while (fgets(line, sizeof(line), reader.file))
		;
	if (!ofl_bench_reader_close(&reader, why, sizeof(why)))
		snprintf(error, len, "%s: %s", path, why);
	else if (wrong)
		snprintf(error, len, "%s: line %lu: %s", path, at, wrong);
	else if (!t->count)
		snprintf(error, len, "%s: there is no rule in it", path);
	else
		return true;
	ofl_bench_rules_fini(t);
	return false;
}
