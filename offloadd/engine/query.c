// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers to northbound: values, put together from the rooms at the moment
 * they are asked for.
 */
#include <zebra.h>

#include "if.h"
#include "vrf.h"

#include "lib/clock.h"
#include "offloadd/engine/engine_private.h"

struct ofl_flowtab *ofl_engine_flows(void)
{
	return ofl_eng.flows;
}

struct ofl_store *ofl_engine_store(void)
{
	return ofl_eng.store;
}

const char *ofl_engine_table_name(uint8_t table)
{
	if (table == OFL_TABLE_FIB)
		return "fib";
	if (table >= OFL_TABLES_MAX || !ofl_eng.tables[table])
		return NULL;
	return ofl_eng.tables[table]->conf.name;
}

struct ofl_hw *ofl_engine_table_find(const char *name)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (t && strcmp(t->conf.name, name) == 0)
			return t;
	}
	return NULL;
}

static void status_of(const struct ofl_hw *t, struct ofl_table_status *st)
{
	memset(st, 0, sizeof(*st));
	st->conf = &t->conf;
	st->ready = t->ready;
	strlcpy(st->not_ready_text, t->not_ready_text,
		sizeof(st->not_ready_text));
	st->ready_us = t->ready_us;
	st->silent = t->silent;
	st->silent_us = t->silent_us;
	st->limits = t->limits;
	st->reserve_slots =
		ofl_hwtable_reserve_slots(&t->conf, t->limits.capacity_slots);
	ofl_hw_slots(t, &st->slots);
	ofl_place_stats(t->place, &st->place);
	st->place.elided = t->elided;
	ofl_place_certificate(t->place, &st->certificate);
	t->ops->stats(t->prov, &st->provider);
	st->ops_sent = t->ops_sent;
	st->ops_ok = t->ops_ok;
	st->ops_failed = t->ops_failed;
	st->oldest_in_flight_ms =
		ofl_hw_oldest_us(t, ofl_clock_mono_us()) / 1000;
}

void ofl_engine_tables_walk(bool (*cb)(const struct ofl_table_status *t,
				       void *arg),
			    void *arg)
{
	const struct ofl_conf *conf = ofl_eng.conf;
	struct ofl_table_status st;

	/* The configuration has them in order of their names. */
	for (size_t i = 0; i < conf->table_count; i++) {
		if (ofl_engine_table_status(conf->tables[i].name, &st) &&
		    !cb(&st, arg))
			return;
	}
}

bool ofl_engine_table_status(const char *name, struct ofl_table_status *ret)
{
	const struct ofl_hw *t = ofl_engine_table_find(name);

	if (!t)
		return false;
	status_of(t, ret);
	return true;
}

bool ofl_engine_critical_walk(const char *name,
			      bool (*cb)(const struct ofl_key *key,
					 uint32_t cover_slots, void *arg),
			      void *arg)
{
	const struct ofl_hw *t = ofl_engine_table_find(name);

	if (!t)
		return false;
	ofl_place_critical_walk(t->place, cb, arg);
	return true;
}

bool ofl_engine_table_dump(const char *name,
			   void (*cb)(const struct ofl_hw_entry *e, void *arg),
			   void *arg)
{
	const struct ofl_hw *t = ofl_engine_table_find(name);
	uint32_t at = 0;

	if (!t)
		return false;
	t->ops->dump(t->prov, &at, UINT_MAX, cb, arg);
	return true;
}

bool ofl_engine_capabilities_walk(const char *name,
				  bool (*cb)(const struct ofl_capability *c,
					     void *arg),
				  void *arg)
{
	const struct ofl_hw *t = ofl_engine_table_find(name);

	if (!t)
		return false;
	if (t->ops->capabilities)
		t->ops->capabilities(t->prov, cb, arg);
	return true;
}

bool ofl_engine_exercise(const char *table, const char *line,
			 const char **ret_error)
{
	struct ofl_hw *t = ofl_engine_table_find(table);

	if (!t) {
		*ret_error = "there is no such table";
		return false;
	}
	if (!t->ops->exercise) {
		*ret_error = "its provider offers no exercises";
		return false;
	}
	if (!t->ops->exercise(t->prov, line, ret_error))
		return false;
	/* It may have answers now. */
	t->poll_at_us = 0;
	ofl_turn_schedule();
	return true;
}

static bool count_cover(const struct ofl_key *cover, enum ofl_entry entry,
			void *arg)
{
	(*(uint32_t *)arg)++;
	return true;
}

bool ofl_engine_explain(const struct ofl_key *key, struct ofl_explain *ret)
{
	struct ofl_flow *f = ofl_flowtab_find(ofl_eng.flows, key);
	struct ofl_hw *t;

	if (!f)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->flow = f;
	if (f->table == OFL_TABLE_FIB)
		ofl_fib_explain(f, ret);
	t = f->table < OFL_TABLES_MAX ? ofl_eng.tables[f->table] : NULL;
	if (!t || !ofl_place_view(t->place, key, &ret->view))
		return true;
	ret->has_cover = ofl_place_cover_of(t->place, key, &ret->cover);
	ofl_engine_covers_walk(f, count_cover, &ret->covers_needed);
	return true;
}

bool ofl_engine_need(const struct ofl_flow *flow, struct ofl_place_need *ret)
{
	struct ofl_hw *t = flow->table < OFL_TABLES_MAX
				   ? ofl_eng.tables[flow->table]
				   : NULL;

	return t && ofl_place_need(t->place, &flow->key, ret);
}

bool ofl_engine_longest(uint32_t vrf, const struct ofl_prefix *p,
			struct ofl_key *ret)
{
	for (int plen = p->plen; plen >= 0; plen--) {
		struct ofl_key key = {
			.vrf = vrf,
			.p = ofl_prefix_make(p->family, p->addr, plen),
		};

		if (ofl_flowtab_find(ofl_eng.flows, &key)) {
			*ret = key;
			return true;
		}
	}
	return false;
}

void ofl_engine_covers_walk(const struct ofl_flow *flow,
			    bool (*cb)(const struct ofl_key *cover,
				       enum ofl_entry entry, void *arg),
			    void *arg)
{
	struct ofl_hw *t = flow->table < OFL_TABLES_MAX
				   ? ofl_eng.tables[flow->table]
				   : NULL;
	struct ofl_place_view v;

	/* Only an entry that forwards, or is to, needs any. */
	if (t && ofl_place_view(t->place, &flow->key, &v) &&
	    v.want == OFL_ENTRY_REAL)
		ofl_place_covers_walk(t->place, &flow->key, cb, arg);
}

void ofl_engine_summary(struct ofl_summary *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->flows = ofl_flowtab_count(ofl_eng.flows);
	memcpy(ret->by_state, ofl_eng.by_state, sizeof(ret->by_state));
	memcpy(ret->by_class, ofl_eng.by_class, sizeof(ret->by_class));
	memcpy(ret->by_reason, ofl_eng.by_reason, sizeof(ret->by_reason));
	memcpy(ret->by_class_state, ofl_eng.by_class_state,
	       sizeof(ret->by_class_state));
	memcpy(ret->failures, ofl_eng.failures, sizeof(ret->failures));
	ret->transitions = ofl_eng.transitions;
	ret->illegal_transitions = ofl_eng.illegal_transitions;
	ret->dirty = ofl_flowtab_dirty_count(ofl_eng.flows);
	ret->turn_max_us = ofl_eng.turn_max_us;
	ret->begun = ofl_eng.running;
	if (!ofl_eng.running)
		return;
	ofl_rib_stats(ofl_eng.rib, &ret->rib);
	ofl_feed_stats(ofl_eng.feed, &ret->feed);
	ret->feed_since_us = ofl_feed_wall_us(ret->feed.state_us);
	if (ret->feed.kind == OFL_FEED_FPM)
		ret->fpm_since_us = ofl_feed_wall_us(ret->feed.fpm.since_us);
	ofl_ack_stats(&ret->ack);
	if (ofl_eng.neigh)
		ofl_neigh_stats(ofl_eng.neigh, &ret->neigh);
	ofl_store_stats(ofl_eng.store, &ret->store);
}

void ofl_engine_prefix_list_changed(const char *name)
{
	if (!ofl_eng.running ||
	    (name && !ofl_policy_uses_prefix_list(ofl_eng.conf->policy, name)))
		return;
	ofl_flowtab_mark_all(ofl_eng.flows);
	ofl_turn_schedule();
}

void ofl_engine_access_list_changed(const char *name)
{
	if (!ofl_eng.running ||
	    (name && !ofl_policy_uses_access_list(ofl_eng.conf->policy, name)))
		return;
	ofl_flowtab_mark_all(ofl_eng.flows);
	ofl_turn_schedule();
}

const char *ofl_engine_vrf_name(uint32_t vrf)
{
	const char *name = vrf_id_to_name(vrf);

	return name ? name : "unknown";
}

const char *ofl_engine_interface_name(uint32_t ifindex, uint32_t vrf)
{
	return ifindex2ifname(ifindex, vrf);
}

bool ofl_engine_vrf_find(const char *name, uint32_t *ret_vrf)
{
	struct vrf *vrf = vrf_lookup_by_name(name);
	char *end;
	unsigned long id;

	if (vrf) {
		*ret_vrf = vrf->vrf_id;
		return true;
	}
	id = strtoul(name, &end, 10);
	if (!*name || *end || !vrf_lookup_by_id(id))
		return false;
	*ret_vrf = id;
	return true;
}
