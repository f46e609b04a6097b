// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: container traffic, and what a route carries; see state.h.
 *
 * The heaviest flows are copied when they are asked for: the answer is of one
 * moment, whatever becomes of the flows.
 */
#include <zebra.h>

#include "offloadd/base/names.h"
#include "offloadd/northbound/state.h"

#define HEAVIEST_TOLD 10
/* The most that three digits after the point leave room for. */
#define RATE_MAX 9e15

static struct ofl_snap tables = {sizeof(struct ofl_at_carried)};
static struct ofl_snap heaviest = {sizeof(struct ofl_at_heaviest)};

void ofl_state_traffic_fini(void)
{
	ofl_snap_free(&tables);
	ofl_snap_free(&heaviest);
}

/* What is counted is said in any case. */
const void *ofl_at_counted(const void *entry)
{
	static struct ofl_traffic_status st;

	ofl_engine_traffic_status(&st);
	return &st;
}

const void *ofl_at_measured(const void *entry)
{
	const struct ofl_traffic_status *st = ofl_at_counted(NULL);

	return st->conf->unit != OFL_TRAFFIC_OFF ? st : NULL;
}

bool ofl_leaf_traffic_count(const void *from, char *buf, size_t len)
{
	const struct ofl_traffic_status *st = from;

	return ofl_state_word(buf, len, ofl_traffic_unit_name(st->conf->unit));
}

static bool rate_print(double rate, char *buf, size_t len)
{
	snprintf(buf, len, "%.3f", MIN(MAX(rate, 0), RATE_MAX));
	return true;
}

static bool share_print(uint32_t permille, char *buf, size_t len)
{
	permille = MIN(permille, 1000);
	snprintf(buf, len, "%u.%u", permille / 10, permille % 10);
	return true;
}

/* --- tables --- */

static bool carried_add(const struct ofl_table_traffic *t, void *arg)
{
	struct ofl_at_carried *item = ofl_snap_add(&tables);

	item->t = *t;
	if (!t->sampling.on)
		item->t.sampling.rate = 0;
	strlcpy(item->name, t->table, sizeof(item->name));
	return true;
}

static void carried_get(void)
{
	tables.n = 0;
	if (ofl_at_measured(NULL))
		ofl_engine_traffic_tables_walk(carried_add, NULL);
}

const void *ofl_at_carried_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		carried_get();
	return ofl_snap_next(&tables, args->list_entry);
}

int ofl_at_carried_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_at_carried *c = args->list_entry;

	ofl_state_keys_set(args->keys, 1, c->name);
	return NB_OK;
}

const void *ofl_at_carried_find(struct nb_cb_lookup_entry_args *args)
{
	const struct ofl_at_carried *c = NULL;

	carried_get();
	while ((c = ofl_snap_next(&tables, c)))
		if (strcmp(c->name, args->keys->key[0]) == 0)
			break;
	return c;
}

const void *ofl_at_carried(const void *entry)
{
	return entry;
}

bool ofl_leaf_carried_hw(const void *from, char *buf, size_t len)
{
	const struct ofl_at_carried *c = from;

	return c->t.known && rate_print(c->t.hw_rate, buf, len);
}

bool ofl_leaf_carried_sw(const void *from, char *buf, size_t len)
{
	const struct ofl_at_carried *c = from;

	return c->t.known && rate_print(c->t.sw_rate, buf, len);
}

bool ofl_leaf_carried_share(const void *from, char *buf, size_t len)
{
	const struct ofl_at_carried *c = from;

	return c->t.known && share_print(c->t.hw_permille, buf, len);
}

/* --- the heaviest in software --- */

void ofl_heavy_make(const struct ofl_traffic_flow *from, struct ofl_heavy *ret)
{
	const struct ofl_flow *f = from->flow;

	*ret = (struct ofl_heavy){
		.key = f->key,
		.cls = f->cls,
		.state = f->state,
		.reason = f->reason,
		.table = ofl_engine_table_name(f->table),
		.rate = from->view.rate,
		.error = from->view.error,
		.permille = from->permille,
		.weight = from->view.weight,
		.is_mouse = from->view.is_mouse,
	};
}

static bool heaviest_add(const struct ofl_traffic_flow *f, void *arg)
{
	struct ofl_at_heaviest *item = ofl_snap_add(&heaviest);

	item->index = heaviest.n;
	ofl_heavy_make(f, &item->f);
	return true;
}

static void heaviest_get(void)
{
	heaviest.n = 0;
	if (ofl_at_measured(NULL))
		ofl_engine_traffic_top(NULL, true, HEAVIEST_TOLD, heaviest_add,
				       NULL);
}

const void *ofl_at_heaviest_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		heaviest_get();
	return ofl_snap_next(&heaviest, args->list_entry);
}

int ofl_at_heaviest_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_at_heaviest *h = args->list_entry;
	char index[16];

	snprintf(index, sizeof(index), "%u", h->index);
	ofl_state_keys_set(args->keys, 1, index);
	return NB_OK;
}

const void *ofl_at_heaviest_find(struct nb_cb_lookup_entry_args *args)
{
	size_t n = ofl_state_number(args->keys->key[0]);
	const struct ofl_at_heaviest *h = NULL;

	heaviest_get();
	while ((h = ofl_snap_next(&heaviest, h)) && h->index != n)
		;
	return h;
}

const void *ofl_at_heaviest(const void *entry)
{
	return entry;
}

const void *ofl_at_heavy(const void *entry)
{
	return &((const struct ofl_at_heaviest *)entry)->f;
}

bool ofl_leaf_heavy_vrf(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	ofl_state_vrf_print(h->key.vrf, buf, len);
	return true;
}

bool ofl_leaf_heavy_prefix(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	ofl_prefix_print(&h->key.p, buf, len);
	return true;
}

bool ofl_leaf_heavy_class(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return ofl_state_word(buf, len, ofl_class_name(h->cls));
}

bool ofl_leaf_heavy_state(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return ofl_state_word(buf, len, ofl_state_name(h->state));
}

bool ofl_leaf_heavy_reason(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return ofl_state_word(buf, len, ofl_reason_name(h->reason));
}

bool ofl_leaf_heavy_rate(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return rate_print(h->rate, buf, len);
}

bool ofl_leaf_heavy_error(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return rate_print(h->error, buf, len);
}

bool ofl_leaf_heavy_share(const void *from, char *buf, size_t len)
{
	const struct ofl_heavy *h = from;

	return share_print(h->permille, buf, len);
}

/* --- of one route --- */

const void *ofl_at_carrier(const void *entry)
{
	static struct ofl_traffic_view view;

	return ofl_engine_traffic_of(entry, &view) ? &view : NULL;
}

bool ofl_leaf_carrier_rate(const void *from, char *buf, size_t len)
{
	const struct ofl_traffic_view *v = from;

	return rate_print(v->rate, buf, len);
}

bool ofl_leaf_carrier_error(const void *from, char *buf, size_t len)
{
	const struct ofl_traffic_view *v = from;

	return rate_print(v->error, buf, len);
}
