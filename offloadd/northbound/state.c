// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one callback behind every leaf of the operational state, and what the
 * files of lists share; see state.h.
 *
 * What comes from a kernel or a device is made printable here: a text with a
 * control character in it would make the whole answer invalid.
 */
#include <zebra.h>

#include <stdarg.h>
#include <time.h>

#include "vrf.h"

#include "lib/timetext.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/northbound/state.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_STATE_SNAP, "offload state snapshot");

enum kind { U8, U16, U32, U64, SIZE, BOOL, TIME, STR, TEXT, FN };

struct row {
	const char *path;
	const void *(*at)(const void *entry);
	uint8_t kind; /* enum kind */
	size_t offset;
	bool (*print)(const void *from, char *buf, size_t len);
};

/* In the order of the model, which is the order leaves are asked for in. */
static const struct row rows[] = {
/* clang-format off */
#define OFL_STATE_LIST(path, name)
#define OFL_STATE_LEAF(path, name, kind, type, member)                         \
	{path, ofl_at_##name, kind, offsetof(type, member), NULL},
#define OFL_STATE_FN(path, name, function)                                     \
	{path, ofl_at_##name, FN, 0, function},
#include "offloadd/northbound/state.def"
#include "offloadd/northbound/state_acl.def"
#undef OFL_STATE_LIST
#undef OFL_STATE_LEAF
#undef OFL_STATE_FN
	/* clang-format on */
};

static const struct row *row_find(const char *path)
{
	static size_t at; /* where the last one was: the next is the next */

	for (size_t i = 0; i < array_size(rows); i++) {
		at = at + 1 < array_size(rows) ? at + 1 : 0;
		if (strcmp(rows[at].path, path) == 0)
			return &rows[at];
	}
	return NULL;
}

/* --- values as text --- */

bool ofl_state_word(char *buf, size_t len, const char *word)
{
	size_t n;

	if (!word || !*word)
		return false;
	n = strlcpy(buf, word, len);
	for (size_t i = 0; i < MIN(n, len - 1); i++)
		if ((unsigned char)buf[i] < ' ' || (unsigned char)buf[i] > '~')
			buf[i] = '?';
	return true;
}

bool ofl_state_uint(char *buf, size_t len, uint64_t value)
{
	snprintf(buf, len, "%" PRIu64, value);
	return true;
}

bool ofl_state_time_print(uint64_t wall_us, char *buf, size_t len)
{
	time_t s = wall_us / 1000000;
	struct tm tm;
	size_t n;

	if (!wall_us)
		return false;
	gmtime_r(&s, &tm);
	n = strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, len - n, ".%06" PRIu64 "Z", wall_us % 1000000);
	return true;
}

/* YYYY-MM-DDTHH:MM:SS, a fraction that may be, Z or +HH:MM. */
const char *ofl_state_time_parse(const char *text, uint64_t *ret_us)
{
	char seconds[20], *end, sign;
	unsigned int hours = 0, minutes = 0;
	uint64_t us, zone_us;
	const char *error;
	int read = 0;

	strlcpy(seconds, text, sizeof(seconds));
	error = ofl_timetext_parse(seconds, 0, &us);
	if (error || strlen(seconds) < 19)
		return error ? error : "not a date and time";
	text += 19;
	if (*text == '.') {
		us += strtod(text, &end) * 1000000;
		text = end;
	}
	if (strcmp(text, "Z") != 0 &&
	    (sscanf(text, "%c%2u:%2u%n", &sign, &hours, &minutes, &read) != 3 ||
	     text[read] || (sign != '+' && sign != '-')))
		return "it has no time zone";
	zone_us = (hours * 60 + minutes) * 60000000ull;
	/* A clock that is ahead of UTC shows more. */
	if (read && sign == '-')
		us += zone_us;
	else
		us -= MIN(zone_us, us);
	*ret_us = us;
	return NULL;
}

static bool row_print(const struct row *r, const void *from, char *buf,
		      size_t len)
{
	const char *p = (const char *)from + r->offset;

	switch ((enum kind)r->kind) {
	case U8:
		return ofl_state_uint(buf, len, *(const uint8_t *)p);
	case U16:
		return ofl_state_uint(buf, len, *(const uint16_t *)p);
	case U32:
		return ofl_state_uint(buf, len, *(const uint32_t *)p);
	case U64:
		return ofl_state_uint(buf, len, *(const uint64_t *)p);
	case SIZE:
		return ofl_state_uint(buf, len, *(const size_t *)p);
	case BOOL:
		return ofl_state_word(buf, len,
				      *(const bool *)p ? "true" : "false");
	case TIME:
		return ofl_state_time_print(*(const uint64_t *)p, buf, len);
	case STR:
		return ofl_state_word(buf, len, p);
	case TEXT:
		return ofl_state_word(buf, len, *(const char *const *)p);
	case FN:
		return r->print(from, buf, len);
	}
	return false;
}

bool ofl_state_print(const char *path, const void *entry, char *buf, size_t len)
{
	const struct row *r = row_find(path);
	const void *from = r ? r->at(entry) : NULL;

	return from && row_print(r, from, buf, len);
}

/* libfrr 10 cuts the name of a list of another module to the length of the part
 * behind the colon, in the path of each entry but the first.  Which list it was
 * is told by that length.  Returns how much of the path it takes, 0: nothing
 * was cut. */
static size_t cut_name_mend(const char *p, char *buf, size_t len)
{
	static const char module[] = "/frr-offload-acl:";
	static const char *const lists[] = {"acl", "acl-entry", "attachment",
					    "static-flow"};
	size_t n = strcspn(p + 1, "[/");

	if (n >= strlen(module) - 1 || strncmp(p, module, n + 1) != 0)
		return 0;
	for (size_t i = 0; i < array_size(lists); i++) {
		if (strlen(lists[i]) == n) {
			snprintf(buf, len, "%s%s", module, lists[i]);
			return n + 1;
		}
	}
	return 0;
}

/* /frr-offload:offload/state/flow[vrf='x'][prefix='y']/id is /flow/id. */
static bool path_of(const char *xpath, char *buf, size_t len)
{
	const char *p = xpath + strlen(OFL_STATE_XPATH), *end;
	size_t n = 0;

	if (strncmp(xpath, OFL_STATE_XPATH "/", strlen(OFL_STATE_XPATH "/")))
		return false;
	end = p + cut_name_mend(p, buf, len);
	if (end != p)
		n = strlen(buf);
	p = end;
	while (*p && n + 1 < len) {
		if (*p != '[') {
			buf[n++] = *p++;
			continue;
		}
		end = strstr(p, "']");
		if (!end)
			return false;
		p = end + 2;
	}
	buf[n] = '\0';
	return !*p;
}

struct yang_data *ofl_state_elem(struct nb_cb_get_elem_args *args)
{
	char path[128], value[OFL_LEAF_LEN];

	if (!path_of(args->xpath, path, sizeof(path)) ||
	    !ofl_state_print(path, args->list_entry, value, sizeof(value)))
		return NULL;
	return yang_data_new(args->xpath, value);
}

/* --- entries and keys --- */

static const char numbers[UINT8_MAX + 1];

const void *ofl_state_nth(size_t i)
{
	return i < sizeof(numbers) ? &numbers[i] : NULL;
}

size_t ofl_state_nth_of(const void *entry)
{
	return (const char *)entry - numbers;
}

size_t ofl_state_number(const char *key)
{
	char *end;
	unsigned long n = strtoul(key, &end, 10);

	return *end || n > UINT32_MAX ? 0 : n;
}

void ofl_state_keys_set(struct yang_list_keys *keys, unsigned int count, ...)
{
	va_list args;

	va_start(args, count);
	keys->num = count;
	for (unsigned int i = 0; i < count; i++)
		strlcpy(keys->key[i], va_arg(args, const char *),
			sizeof(keys->key[i]));
	va_end(args);
}

const char *ofl_state_vrf_print(uint32_t vrf, char *buf, size_t len)
{
	if (vrf_lookup_by_id(vrf))
		strlcpy(buf, ofl_engine_vrf_name(vrf), len);
	else
		snprintf(buf, len, "%u", vrf);
	return buf;
}

/* A VRF that is gone may have flows yet. */
bool ofl_state_vrf_parse(const char *text, uint32_t *ret_vrf)
{
	char *end;
	unsigned long id;

	if (ofl_engine_vrf_find(text, ret_vrf))
		return true;
	id = strtoul(text, &end, 10);
	if (!*text || *end || id > UINT32_MAX)
		return false;
	*ret_vrf = id;
	return true;
}

/* --- snapshots --- */

void *ofl_snap_add(struct ofl_snap *s)
{
	if (s->n == s->room) {
		s->room = MAX(64, s->room * 2);
		s->v = XREALLOC(MTYPE_OFL_STATE_SNAP, s->v, s->room * s->size);
	}
	return memset((char *)s->v + s->n++ * s->size, 0, s->size);
}

const void *ofl_snap_next(const struct ofl_snap *s, const void *entry)
{
	const char *p = entry ? (const char *)entry + s->size : s->v;

	return s->n && p < (const char *)s->v + s->n * s->size ? p : NULL;
}

void ofl_snap_free(struct ofl_snap *s)
{
	XFREE(MTYPE_OFL_STATE_SNAP, s->v);
	s->n = s->room = 0;
}
