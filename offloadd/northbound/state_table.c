// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: lists table and capability; see state.h.
 *
 * The words of openconfig-platform are said of the table as a whole, routes and
 * lists together; its watermarks are those of routes.
 */
#include <zebra.h>

#include "offloadd/northbound/state.h"

/* An entry is the table's configuration. */
static struct ofl_at_table table;
static const void *table_of; /* NULL: ask anew */
static struct ofl_snap capabilities = {sizeof(struct ofl_at_capability)};

void ofl_state_table_fini(void)
{
	table_of = NULL;
	ofl_snap_free(&capabilities);
}

/* Only tables that are there: one whose provider refused it is not. */
static const void *table_at(size_t i)
{
	const struct ofl_conf *conf = ofl_engine_conf();
	struct ofl_table_status st;

	table_of = NULL;
	for (; i < conf->table_count; i++)
		if (ofl_engine_table_status(conf->tables[i].name, &st))
			return &conf->tables[i];
	return NULL;
}

const void *ofl_at_table_next(struct nb_cb_get_next_args *args)
{
	const struct ofl_hwtable_conf *c = args->list_entry;

	return table_at(c ? c - ofl_engine_conf()->tables + 1 : 0);
}

int ofl_at_table_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_hwtable_conf *c = args->list_entry;

	ofl_state_keys_set(args->keys, 1, c->name);
	return NB_OK;
}

const void *ofl_at_table_find(struct nb_cb_lookup_entry_args *args)
{
	const struct ofl_hwtable_conf *c = NULL;
	struct nb_cb_get_next_args next = {NULL, NULL};

	while ((c = ofl_at_table_next(&next)) &&
	       strcmp(c->name, args->keys->key[0]) != 0)
		next.list_entry = c;
	return c;
}

const void *ofl_at_table(const void *entry)
{
	const struct ofl_hwtable_conf *c = entry;

	if (table_of == entry)
		return &table;
	memset(&table, 0, sizeof(table));
	if (!ofl_engine_table_status(c->name, &table.st))
		return NULL;
	ofl_lists_at(c->name, &table.lists);
	table.name = c->name;
	table.provider = table.st.conf->provider;
	table_of = entry;
	return &table;
}

/* --- how it stands --- */

bool ofl_leaf_table_state(const void *from, char *buf, size_t len)
{
	const struct ofl_table_status *st =
		&((const struct ofl_at_table *)from)->st;

	if (!st->ready)
		return ofl_state_word(buf, len, "not-ready");
	return ofl_state_word(buf, len, st->silent ? "silent" : "ready");
}

bool ofl_leaf_table_text(const void *from, char *buf, size_t len)
{
	const struct ofl_table_status *st =
		&((const struct ofl_at_table *)from)->st;

	return !st->ready &&
	       ofl_state_word(buf, len,
			      st->not_ready_text[0] ? st->not_ready_text
						    : "not started yet");
}

bool ofl_leaf_table_since(const void *from, char *buf, size_t len)
{
	const struct ofl_table_status *st =
		&((const struct ofl_at_table *)from)->st;
	uint64_t since_us = st->ready_us;

	/* One that answers again is ready since then. */
	if (st->ready && st->silent_us > since_us)
		since_us = st->silent_us;
	return ofl_state_time_print(since_us, buf, len);
}

bool ofl_leaf_table_free(const void *from, char *buf, size_t len)
{
	const struct ofl_table_slots *s =
		&((const struct ofl_at_table *)from)->st.slots;

	return ofl_state_uint(
		buf, len, s->capacity > s->used ? s->capacity - s->used : 0);
}

static bool share(const struct ofl_at_table *t, uint32_t slots, char *buf,
		  size_t len)
{
	uint32_t all = t->st.limits.capacity_slots;

	return all && ofl_state_uint(buf, len, slots * 100ull / all);
}

bool ofl_leaf_table_upper(const void *from, char *buf, size_t len)
{
	const struct ofl_at_table *t = from;

	return share(t, t->st.limits.high_slots, buf, len);
}

bool ofl_leaf_table_clear(const void *from, char *buf, size_t len)
{
	const struct ofl_at_table *t = from;

	return share(t, t->st.limits.low_slots, buf, len);
}

bool ofl_leaf_table_learned(const void *from, char *buf, size_t len)
{
	const struct ofl_at_table *t = from;

	return t->st.place.learned_slots &&
	       ofl_state_uint(buf, len, t->st.place.learned_slots);
}

bool ofl_leaf_table_optional(const void *from, char *buf, size_t len)
{
	const struct ofl_at_table *t = from;

	return t->st.limits.optional_burst &&
	       ofl_state_uint(buf, len, t->st.place.optional_left);
}

/* --- how good the plan is --- */

const void *ofl_at_certificate(const void *entry)
{
	const struct ofl_at_table *t = ofl_at_table(entry);

	return t && t->st.certificate.valid ? &t->st.certificate : NULL;
}

bool ofl_leaf_cert_exact(const void *from, char *buf, size_t len)
{
	const struct ofl_place_certificate *c = from;

	return ofl_state_word(buf, len, c->exact ? "true" : "false");
}

/* Rounded down, so that only the whole is 100. */
static bool percent(double part, double whole, char *buf, size_t len)
{
	double share = whole > 0 ? MIN(part / whole, 1.0) : 1.0;

	snprintf(buf, len, "%.3f", (uint32_t)(share * 100000) / 1000.0);
	return true;
}

bool ofl_leaf_cert_quality(const void *from, char *buf, size_t len)
{
	const struct ofl_place_certificate *c = from;

	return percent(c->quality, 1, buf, len);
}

bool ofl_leaf_cert_hit(const void *from, char *buf, size_t len)
{
	const struct ofl_place_certificate *c = from;

	return percent(c->value + c->value_critical,
		       c->total + c->total_critical, buf, len);
}

#define SUM(function, member)                                                  \
	bool function(const void *from, char *buf, size_t len)                 \
	{                                                                      \
		const struct ofl_place_certificate *c = from;                  \
                                                                               \
		snprintf(buf, len, "%.0f", MIN(c->member, 1e19));              \
		return true;                                                   \
	}
SUM(ofl_leaf_cert_value, value)
SUM(ofl_leaf_cert_value_critical, value_critical)
SUM(ofl_leaf_cert_bound, bound)
SUM(ofl_leaf_cert_bound_critical, bound_critical)
SUM(ofl_leaf_cert_total, total)
SUM(ofl_leaf_cert_total_critical, total_critical)

/* The most that three digits after the point leave room for. */
#define PRICE_MAX 9e15

bool ofl_leaf_cert_price(const void *from, char *buf, size_t len)
{
	const struct ofl_place_certificate *c = from;

	snprintf(buf, len, "%.3f", MIN(c->price, PRICE_MAX));
	return true;
}

bool ofl_leaf_cert_price_critical(const void *from, char *buf, size_t len)
{
	const struct ofl_place_certificate *c = from;

	snprintf(buf, len, "%.3f", MIN(c->price_critical, PRICE_MAX));
	return true;
}

/* --- what its hardware takes --- */

static bool capability_add(const struct ofl_capability *c, void *arg)
{
	struct ofl_at_capability *item = ofl_snap_add(&capabilities);

	strlcpy(item->table, arg, sizeof(item->table));
	item->c = *c;
	return true;
}

static void capabilities_get(void)
{
	const struct ofl_conf *conf = ofl_engine_conf();

	capabilities.n = 0;
	for (size_t i = 0; i < conf->table_count; i++)
		ofl_engine_capabilities_walk(conf->tables[i].name,
					     capability_add,
					     conf->tables[i].name);
}

const void *ofl_at_capability_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		capabilities_get();
	return ofl_snap_next(&capabilities, args->list_entry);
}

static const char *kind_of(const struct ofl_at_capability *c)
{
	return c->c.is_key ? "key" : "action";
}

int ofl_at_capability_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_at_capability *c = args->list_entry;

	ofl_state_keys_set(args->keys, 4, c->table, c->c.port, kind_of(c),
			   c->c.name);
	return NB_OK;
}

const void *ofl_at_capability_find(struct nb_cb_lookup_entry_args *args)
{
	const char(*key)[LIST_MAXKEYLEN] = args->keys->key;
	const struct ofl_at_capability *c = NULL;

	capabilities_get();
	while ((c = ofl_snap_next(&capabilities, c)))
		if (strcmp(c->table, key[0]) == 0 &&
		    strcmp(c->c.port, key[1]) == 0 &&
		    strcmp(kind_of(c), key[2]) == 0 &&
		    strcmp(c->c.name, key[3]) == 0)
			break;
	return c;
}

const void *ofl_at_capability(const void *entry)
{
	return entry;
}

bool ofl_leaf_capability_kind(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len, kind_of(from));
}

bool ofl_leaf_capability_state(const void *from, char *buf, size_t len)
{
	static const char *const names[] = {
		[OFL_CAPABILITY_UNKNOWN] = "unknown",
		[OFL_CAPABILITY_OK] = "ok",
		[OFL_CAPABILITY_REFUSED] = "refused",
		[OFL_CAPABILITY_UNUSED] = "unused",
	};
	const struct ofl_at_capability *c = from;

	return ofl_state_word(buf, len, names[c->c.state]);
}

bool ofl_leaf_capability_errno(const void *from, char *buf, size_t len)
{
	const struct ofl_at_capability *c = from;

	return c->c.errnum && ofl_state_uint(buf, len, c->c.errnum);
}
