// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a full table; see lpm_table.h.
 *
 * Refuses a file with a line it does not understand: figures about half a table
 * would be taken for figures about the table.  Knows nothing of hardware.
 */
#include <zebra.h>

#include "bench/lpm_random.h"
#include "bench/lpm_reader.h"
#include "bench/lpm_table.h"
#include "offloadd/flow/flow.h"

#define LINE_LEN 512
#define ERROR_LEN 160

/* A next hop as the file writes it; its identity is its index + 1. */
struct names {
	char **text;
	uint32_t *index; /* by hash; count + 1, 0: free */
	uint32_t count, mask;
};

struct reading {
	struct ofl_bench_table *t;
	bool want[2]; /* IPv4, IPv6 */
	uint32_t room;
	struct names names;
	char error[ERROR_LEN];
};

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* --- distinct next hops --- */
static uint32_t text_hash(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h ^ h >> 15;
}

static void names_insert(struct names *n, uint32_t name)
{
	uint32_t i = text_hash(n->text[name]) & n->mask;

	while (n->index[i])
		i = (i + 1) & n->mask;
	n->index[i] = name + 1;
}

static void names_grow(struct names *n)
{
	uint32_t room = n->index ? 2 * (n->mask + 1) : 256;

	free(n->index);
	n->index = need(calloc(room, sizeof(*n->index)));
	n->mask = room - 1;
	n->text = need(realloc(n->text, room / 2 * sizeof(*n->text)));
	for (uint32_t i = 0; i < n->count; i++)
		names_insert(n, i);
}

/* The identity of a next hop, 1.. */
static uint32_t names_get(struct names *n, const char *text)
{
	if (!n->index || n->count == (n->mask + 1) / 2)
		names_grow(n);
	for (uint32_t i = text_hash(text) & n->mask; n->index[i];
	     i = (i + 1) & n->mask) {
		if (strcmp(n->text[n->index[i] - 1], text) == 0)
			return n->index[i];
	}
	n->text[n->count] = need(strdup(text));
	names_insert(n, n->count);
	return ++n->count;
}

static void names_fini(struct names *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		free(n->text[i]);
	free(n->text);
	free(n->index);
}

/* --- lines --- */
static bool refuse(struct reading *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool refuse(struct reading *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(r->error, sizeof(r->error), format, ap);
	va_end(ap);
	return false;
}

/* Packets to an address of the router itself: hardware cannot answer them. */
static bool is_local(const char *next_hop)
{
	static const char *const names[] = {"receive", "recv", "locl"};

	for (size_t i = 0; i < array_size(names); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(next_hop, names[i], len) == 0 &&
		    (next_hop[len] == ',' || next_hop[len] == '\0'))
			return true;
	}
	return false;
}

/* What follows the prefix decides the format; the first line that of all. */
static bool read_destination(struct reading *r, const char *text,
			     struct ofl_bench_route *ret)
{
	enum ofl_bench_format format = OFL_BENCH_FORMAT_NEXT_HOP;
	unsigned long as;
	char *end;

	if (*text == '\0') {
		format = OFL_BENCH_FORMAT_PREFIX;
	} else if (isdigit((unsigned char)*text)) {
		errno = 0;
		as = strtoul(text, &end, 10);
		if (*end == '\0') {
			if (errno || as > UINT32_MAX)
				return refuse(r, "\"%.40s\" is no AS number",
					      text);
			format = OFL_BENCH_FORMAT_AS;
			ret->identity = as; /* until next hops are drawn */
		}
	}
	if (!r->t->format)
		r->t->format = format;
	if (r->t->format != format)
		return refuse(r, "it is not of the form of the lines before");
	ret->cls = OFL_CLASS_BEST_EFFORT;
	if (format == OFL_BENCH_FORMAT_NEXT_HOP) {
		ret->identity = names_get(&r->names, text);
		if (is_local(text))
			ret->cls = OFL_CLASS_NEVER;
	}
	return true;
}

static bool read_line(struct reading *r, char *line)
{
	struct ofl_bench_route route = {.announced = true, .weight = 1};
	struct ofl_bench_table *t = r->t;
	char *word = line + strspn(line, " \t\r\n"), *rest;
	size_t len;

	if (*word == '\0' || *word == '#' || *word == ';')
		return true;
	len = strcspn(word, " \t\r\n");
	rest = word + len + strspn(word + len, " \t\r\n");
	word[len] = '\0';
	for (len = strlen(rest); len && isspace((unsigned char)rest[len - 1]);)
		rest[--len] = '\0';
	if (!ofl_prefix_parse(word, true, &route.prefix))
		return refuse(r, "\"%.60s\" is not a prefix", word);
	if (!read_destination(r, rest, &route))
		return false;
	if (!r->want[route.prefix.family == AF_INET6])
		return true;
	if (t->count == r->room) {
		if (r->room >= UINT32_MAX / 4)
			return refuse(r, "there are too many routes");
		r->room = r->room ? 2 * r->room : 1024;
		t->routes =
			need(realloc(t->routes, r->room * sizeof(*t->routes)));
	}
	route.order = t->count;
	t->routes[t->count++] = route;
	return true;
}

/* --- the forest --- */
static int route_cmp(const void *a, const void *b)
{
	const struct ofl_bench_route *left = a, *right = b;
	int diff = ofl_prefix_cmp(&left->prefix, &right->prefix);

	if (diff)
		return diff;
	return left->order < right->order ? -1 : left->order > right->order;
}

static void drop_duplicates(struct ofl_bench_table *t)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		if (kept && ofl_prefix_cmp(&t->routes[kept - 1].prefix,
					   &t->routes[i].prefix) == 0)
			continue;
		t->routes[kept++] = t->routes[i];
	}
	t->duplicates = t->count - kept;
	t->count = kept;
}

static void find_parents(struct ofl_bench_table *t)
{
	uint32_t above = OFL_BENCH_NONE;

	for (uint32_t i = 0; i < t->count; i++) {
		struct ofl_bench_route *r = &t->routes[i];

		while (above != OFL_BENCH_NONE &&
		       !ofl_prefix_contains(&t->routes[above].prefix,
					    &r->prefix)) {
			t->routes[above].end = i;
			above = t->routes[above].parent;
		}
		r->parent = above;
		above = i;
		if (r->prefix.family == AF_INET)
			t->count_v4++;
		else
			t->count_v6++;
	}
	for (; above != OFL_BENCH_NONE; above = t->routes[above].parent)
		t->routes[above].end = t->count;
}

/* --- exact match --- */
static uint32_t prefix_hash(const struct ofl_prefix *p)
{
	uint64_t words[2];
	uint64_t h;

	memcpy(words, p->addr, sizeof(words));
	h = (words[0] + p->family) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 29 ^ words[1]) + p->plen;
	h *= 0xbf58476d1ce4e5b9ull;
	return h >> 32;
}

static void make_index(struct ofl_bench_table *t)
{
	uint32_t size = 16;

	while (size < 2 * t->count)
		size *= 2;
	t->slot_mask = size - 1;
	t->slots = need(malloc(size * sizeof(*t->slots)));
	memset(t->slots, 0xff, size * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->count; i++) {
		const struct ofl_prefix *p = &t->routes[i].prefix;
		uint32_t tag = prefix_hash(p), at = tag & t->slot_mask;

		while (t->slots[at].route != OFL_BENCH_NONE)
			at = (at + 1) & t->slot_mask;
		t->slots[at] = (struct ofl_bench_slot){i, tag};
		t->lengths[p->family == AF_INET6][p->plen] = true;
	}
}

uint32_t ofl_bench_table_find(const struct ofl_bench_table *t,
			      const struct ofl_prefix *p)
{
	uint32_t tag = prefix_hash(p);

	for (uint32_t at = tag & t->slot_mask;; at = (at + 1) & t->slot_mask) {
		const struct ofl_bench_slot *s = &t->slots[at];

		if (s->route == OFL_BENCH_NONE ||
		    (s->tag == tag &&
		     ofl_prefix_cmp(&t->routes[s->route].prefix, p) == 0))
			return s->route;
	}
}

/* --- a part of it --- */
/* Roots, in any order. */
static uint32_t *shuffled_roots(const struct ofl_bench_table *t, uint64_t seed,
				uint32_t *ret_count)
{
	struct ofl_bench_random random =
		ofl_bench_random_make(seed, OFL_BENCH_STREAM_THIN);
	uint32_t *roots = need(malloc(t->count * sizeof(*roots))), n = 0;

	for (uint32_t i = 0; i < t->count; i = t->routes[i].end) {
		uint32_t other = ofl_bench_random_below(&random, n + 1);

		roots[n] = roots[other];
		roots[other] = i;
		n++;
	}
	*ret_count = n;
	return roots;
}

void ofl_bench_table_thin(struct ofl_bench_table *t, uint32_t count,
			  uint64_t seed)
{
	uint32_t roots_count, *roots, left = count, kept = 0;
	bool *stays = need(calloc(t->count, sizeof(*stays)));

	roots = shuffled_roots(t, seed, &roots_count);
	for (uint32_t i = 0; i < roots_count; i++) {
		uint32_t size = t->routes[roots[i]].end - roots[i];

		if (size > left)
			continue;
		left -= size;
		memset(stays + roots[i], true, size);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		if (stays[i])
			t->routes[kept++] = t->routes[i];
	}
	free(stays);
	free(roots);
	free(t->slots);
	memset(t->lengths, 0, sizeof(t->lengths));
	t->count = kept;
	t->count_v4 = t->count_v6 = 0;
	find_parents(t);
	make_index(t);
}

/* --- all of it --- */
static bool read_lines(struct reading *r, FILE *file, uint32_t *ret_line)
{
	char line[LINE_LEN];

	for (*ret_line = 1; fgets(line, sizeof(line), file); ++*ret_line) {
		if (!strchr(line, '\n') && strlen(line) == sizeof(line) - 1)
			return refuse(r, "it is too long");
		if (!read_line(r, line))
			return false;
	}
	return true;
}

static bool read_file(struct reading *r, const char *path, char *error,
		      size_t len)
{
	struct ofl_bench_reader reader;
	bool ok, ended;
	uint32_t line;

	if (!ofl_bench_reader_open(&reader, path, error, len))
		return false;
	ok = read_lines(r, reader.file, &line);
	if (!ok)
		snprintf(error, len, "%s, line %u: %s", path, line, r->error);
	/* A file that breaks off explains a bad line at its end. */
	ended = getc(reader.file) == EOF;
	if (!ofl_bench_reader_close(&reader, r->error, sizeof(r->error)) &&
	    ended) {
		snprintf(error, len, "%s: %s", path, r->error);
		ok = false;
	}
	if (ok && r->t->count == 0) {
		snprintf(error, len, "%s: no route of the family is in it",
			 path);
		ok = false;
	}
	return ok;
}

bool ofl_bench_table_read(struct ofl_bench_table *t, const char *path,
			  bool want_v4, bool want_v6, char *error, size_t len)
{
	struct reading r = {.t = t, .want = {want_v4, want_v6}};

	memset(t, 0, sizeof(*t));
	if (!read_file(&r, path, error, len)) {
		names_fini(&r.names);
		ofl_bench_table_fini(t);
		return false;
	}
	qsort(t->routes, t->count, sizeof(*t->routes), route_cmp);
	drop_duplicates(t);
	find_parents(t);
	make_index(t);
	t->identities = r.names.count;
	names_fini(&r.names);
	return true;
}

void ofl_bench_table_fini(struct ofl_bench_table *t)
{
	free(t->routes);
	free(t->slots);
	memset(t, 0, sizeof(*t));
}
