// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: sums over all routes, feed, kernel, store, auditor,
 * drivers that offload by themselves, filters of others; see state.h.
 */
#include <zebra.h>

#include "offloadd/northbound/state.h"

static struct ofl_snap shadowed = {sizeof(struct ofl_fibview_route)};
static struct ofl_snap foreign = {sizeof(struct ofl_at_foreign)};

void ofl_state_sums_fini(void)
{
	ofl_snap_free(&shadowed);
	ofl_snap_free(&foreign);
}

/* --- what is not in a list --- */

const void *ofl_at_sums(const void *entry)
{
	static struct ofl_at_sums sums;

	ofl_engine_summary(&sums.s);
	ofl_engine_feed_hold(&sums.hold);
	if (!sums.hold.is_holding)
		sums.hold.since_us = sums.hold.until_us = 0;
	sums.path = ofl_engine_conf()->store.path;
	return &sums;
}

bool ofl_leaf_feed_source(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = from;

	return ofl_state_word(buf, len, ofl_feed_kind_name(sums->s.feed.kind));
}

bool ofl_leaf_feed_state(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = from;

	return ofl_state_word(buf, len,
			      ofl_feed_state_name(sums->s.feed.state));
}

bool ofl_leaf_hold_lost(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = from;

	return sums->hold.is_holding &&
	       ofl_state_uint(buf, len, sums->hold.lost);
}

bool ofl_leaf_hold_of(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = from;

	return sums->hold.is_holding && ofl_state_uint(buf, len, sums->hold.of);
}

bool ofl_leaf_store_state(const void *from, char *buf, size_t len)
{
	static const char *const names[] = {
		[OFL_STORE_OFF] = "off",
		[OFL_STORE_OK] = "ok",
		[OFL_STORE_DEGRADED] = "degraded",
	};
	const struct ofl_at_sums *sums = from;

	return ofl_state_word(buf, len, names[sums->s.store.state]);
}

/* --- lists that are counted: an entry is ofl_state_nth() --- */

/* The next one after `entry` of so many. */
static const void *next_of(const void *entry, size_t count)
{
	size_t i = entry ? ofl_state_nth_of(entry) + 1 : 0;

	return i < count ? ofl_state_nth(i) : NULL;
}

/* A key that is what leaf `print` says of one of so many entries. */
static const void *find_of(const char *key, size_t count,
			   bool (*print)(const void *from, char *buf,
					 size_t len))
{
	char name[64];

	for (size_t i = 0; i < count; i++)
		if (print(ofl_state_nth(i), name, sizeof(name)) &&
		    strcmp(name, key) == 0)
			return ofl_state_nth(i);
	return NULL;
}

static int key_of(struct nb_cb_get_keys_args *args,
		  bool (*print)(const void *from, char *buf, size_t len))
{
	char name[64];

	print(args->list_entry, name, sizeof(name));
	ofl_state_keys_set(args->keys, 1, name);
	return NB_OK;
}

#define COUNTED(name, count, print)                                            \
	const void *ofl_at_##name(const void *entry)                           \
	{                                                                      \
		return entry;                                                  \
	}                                                                      \
	const void *ofl_at_##name##_next(struct nb_cb_get_next_args *args)     \
	{                                                                      \
		return next_of(args->list_entry, count);                       \
	}                                                                      \
	int ofl_at_##name##_keys(struct nb_cb_get_keys_args *args)             \
	{                                                                      \
		return key_of(args, print);                                    \
	}                                                                      \
	const void *ofl_at_##name##_find(struct nb_cb_lookup_entry_args *args) \
	{                                                                      \
		return find_of(args->keys->key[0], count, print);              \
	}

/* No flow is *gone* for longer than it takes to free it. */
COUNTED(state, OFL_STATE_GONE, ofl_leaf_state_name)
COUNTED(class, OFL_CLASS_MAX, ofl_leaf_class_name)
COUNTED(reason, OFL_REASON_MAX, ofl_leaf_reason_name)
COUNTED(difference, OFL_DIFFERENCE_MAX, ofl_leaf_difference_kind)

bool ofl_leaf_state_name(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len, ofl_state_name(ofl_state_nth_of(from)));
}

bool ofl_leaf_state_flows(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = ofl_at_sums(NULL);

	return ofl_state_uint(buf, len,
			      sums->s.by_state[ofl_state_nth_of(from)]);
}

bool ofl_leaf_class_name(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len, ofl_class_name(ofl_state_nth_of(from)));
}

bool ofl_leaf_class_flows(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = ofl_at_sums(NULL);

	return ofl_state_uint(buf, len,
			      sums->s.by_class[ofl_state_nth_of(from)]);
}

bool ofl_leaf_reason_name(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len,
			      ofl_reason_name(ofl_state_nth_of(from)));
}

bool ofl_leaf_reason_flows(const void *from, char *buf, size_t len)
{
	const struct ofl_at_sums *sums = ofl_at_sums(NULL);

	return ofl_state_uint(buf, len,
			      sums->s.by_reason[ofl_state_nth_of(from)]);
}

bool ofl_leaf_reason_meaning(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len,
			      ofl_reason_meaning(ofl_state_nth_of(from)));
}

bool ofl_leaf_reason_remedy(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len,
			      ofl_reason_remedy(ofl_state_nth_of(from)));
}

/* --- auditor --- */

const void *ofl_at_audit(const void *entry)
{
	static struct ofl_audit_status st;

	ofl_audit_status(&st);
	return &st;
}

bool ofl_leaf_audit_next(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->next_in_ms && ofl_state_uint(buf, len, st->next_in_ms);
}

bool ofl_leaf_audit_began(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && ofl_state_time_print(st->began_us, buf, len);
}

bool ofl_leaf_audit_ended(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && ofl_state_time_print(st->ended_us, buf, len);
}

bool ofl_leaf_audit_entries(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && ofl_state_uint(buf, len, st->entries);
}

bool ofl_leaf_audit_flows(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && ofl_state_uint(buf, len, st->flows);
}

bool ofl_leaf_audit_rows(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && st->rows_compared &&
	       ofl_state_uint(buf, len, st->rows);
}

bool ofl_leaf_audit_differences(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_status *st = from;

	return st->passes && ofl_state_uint(buf, len, st->pass_differences);
}

bool ofl_leaf_difference_kind(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len,
			      ofl_difference_name(ofl_state_nth_of(from)));
}

static uint64_t differences(const void *from, enum ofl_audit_by by)
{
	struct ofl_audit_status st;

	ofl_audit_status(&st);
	return st.differences[ofl_state_nth_of(from)][by];
}

bool ofl_leaf_difference_pass(const void *from, char *buf, size_t len)
{
	return ofl_state_uint(buf, len, differences(from, OFL_AUDIT_BY_PASS));
}

bool ofl_leaf_difference_provider(const void *from, char *buf, size_t len)
{
	return ofl_state_uint(buf, len,
			      differences(from, OFL_AUDIT_BY_PROVIDER));
}

/* --- what it found last --- */

struct nth_found {
	size_t left;
	const struct ofl_audit_found *found;
};

static bool found_count_down(const struct ofl_audit_found *f, void *arg)
{
	struct nth_found *n = arg;

	n->found = n->left ? NULL : f;
	return n->left-- > 0;
}

const void *ofl_at_found(const void *entry)
{
	struct nth_found n = {ofl_state_nth_of(entry), NULL};

	ofl_audit_walk(found_count_down, &n);
	return n.found;
}

const void *ofl_at_number(const void *entry)
{
	return entry;
}

bool ofl_leaf_found_index(const void *from, char *buf, size_t len)
{
	return ofl_state_uint(buf, len, ofl_state_nth_of(from) + 1);
}

const void *ofl_at_found_next(struct nb_cb_get_next_args *args)
{
	const void *entry = next_of(args->list_entry, OFL_AUDIT_FOUND_MAX);

	return entry && ofl_at_found(entry) ? entry : NULL;
}

int ofl_at_found_keys(struct nb_cb_get_keys_args *args)
{
	return key_of(args, ofl_leaf_found_index);
}

const void *ofl_at_found_find(struct nb_cb_lookup_entry_args *args)
{
	const void *entry = find_of(args->keys->key[0], OFL_AUDIT_FOUND_MAX,
				    ofl_leaf_found_index);

	return entry && ofl_at_found(entry) ? entry : NULL;
}

bool ofl_leaf_found_vrf(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_found *f = from;

	if (f->has_key)
		ofl_state_vrf_print(f->key.vrf, buf, len);
	return f->has_key;
}

bool ofl_leaf_found_prefix(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_found *f = from;

	if (f->has_key)
		ofl_prefix_print(&f->key.p, buf, len);
	return f->has_key;
}

bool ofl_leaf_found_kind(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_found *f = from;

	return ofl_state_word(buf, len, ofl_difference_name(f->what));
}

bool ofl_leaf_found_by(const void *from, char *buf, size_t len)
{
	const struct ofl_audit_found *f = from;

	return ofl_state_word(buf, len,
			      f->by == OFL_AUDIT_BY_PASS ? "pass" : "provider");
}

/* --- filters of others --- */

static bool foreign_add(const struct ofl_foreign *f, void *arg)
{
	struct ofl_at_foreign *item = ofl_snap_add(&foreign);

	item->index = foreign.n;
	strlcpy(item->table, arg, sizeof(item->table));
	item->f = *f;
	return true;
}

static void foreign_get(void)
{
	const struct ofl_conf *conf = ofl_engine_conf();
	char none[] = "";

	foreign.n = 0;
	for (size_t i = 0; i < conf->table_count; i++)
		ofl_lists_foreign_walk(conf->tables[i].name, foreign_add,
				       conf->tables[i].name);
	ofl_lists_foreign_walk(none, foreign_add, none);
}

const void *ofl_at_foreign_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		foreign_get();
	return ofl_snap_next(&foreign, args->list_entry);
}

int ofl_at_foreign_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_at_foreign *f = args->list_entry;
	char index[16];

	snprintf(index, sizeof(index), "%u", f->index);
	ofl_state_keys_set(args->keys, 1, index);
	return NB_OK;
}

const void *ofl_at_foreign_find(struct nb_cb_lookup_entry_args *args)
{
	size_t i = ofl_state_number(args->keys->key[0]);
	const struct ofl_at_foreign *v;

	foreign_get();
	v = foreign.v;
	return i && i <= foreign.n ? &v[i - 1] : NULL;
}

const void *ofl_at_foreign(const void *entry)
{
	return entry;
}

bool ofl_leaf_foreign_direction(const void *from, char *buf, size_t len)
{
	const struct ofl_at_foreign *f = from;

	return ofl_state_word(buf, len, f->f.egress ? "out" : "in");
}

bool ofl_leaf_foreign_where(const void *from, char *buf, size_t len)
{
	const struct ofl_foreign *f = &((const struct ofl_at_foreign *)from)->f;
	const char *where = "software";

	if (f->in_hw)
		where = f->skip_sw ? "hardware" : "both";
	return ofl_state_word(buf, len, where);
}

/* --- routes that a driver's hardware forwards wrongly --- */

static bool shadowed_add(const struct ofl_fibview_route *r, void *arg)
{
	*(struct ofl_fibview_route *)ofl_snap_add(&shadowed) = *r;
	return true;
}

static void shadowed_get(void)
{
	shadowed.n = 0;
	ofl_engine_fib_shadowed_walk(shadowed_add, NULL);
}

const void *ofl_at_shadowed_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		shadowed_get();
	return ofl_snap_next(&shadowed, args->list_entry);
}

int ofl_at_shadowed_keys(struct nb_cb_get_keys_args *args)
{
	char number[16], prefix[OFL_PREFIX_STRLEN];

	ofl_leaf_shadowed_table(args->list_entry, number, sizeof(number));
	ofl_leaf_shadowed_prefix(args->list_entry, prefix, sizeof(prefix));
	ofl_state_keys_set(args->keys, 2, number, prefix);
	return NB_OK;
}

const void *ofl_at_shadowed_find(struct nb_cb_lookup_entry_args *args)
{
	const struct ofl_fibview_route *r = NULL;
	struct ofl_prefix p;

	shadowed_get();
	if (!ofl_prefix_parse(args->keys->key[1], false, &p))
		return NULL;
	while ((r = ofl_snap_next(&shadowed, r)))
		if (r->key.vrf == ofl_state_number(args->keys->key[0]) &&
		    ofl_prefix_cmp(&r->key.p, &p) == 0)
			break;
	return r;
}

const void *ofl_at_shadowed(const void *entry)
{
	return entry;
}

bool ofl_leaf_shadowed_table(const void *from, char *buf, size_t len)
{
	const struct ofl_fibview_route *r = from;

	return ofl_state_uint(buf, len, r->key.vrf);
}

bool ofl_leaf_shadowed_prefix(const void *from, char *buf, size_t len)
{
	const struct ofl_fibview_route *r = from;

	ofl_prefix_print(&r->key.p, buf, len);
	return true;
}

bool ofl_leaf_shadowed_vrf(const void *from, char *buf, size_t len)
{
	const struct ofl_fibview_route *r = from;
	uint32_t vrf;

	if (!ofl_engine_fib_vrf(r->key.vrf, &vrf))
		return false;
	ofl_state_vrf_print(vrf, buf, len);
	return true;
}

bool ofl_leaf_shadowed_by(const void *from, char *buf, size_t len)
{
	const struct ofl_fibview_route *r = from;

	ofl_prefix_print(&r->above.p, buf, len);
	return true;
}
