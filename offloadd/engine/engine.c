// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine's life: rooms are opened in the order in which they need each
 * other and closed in reverse; a new configuration is compared with the one
 * in force.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/base/names.h"
#include "offloadd/engine/ack.h"
#include "offloadd/engine/acl.h"
#include "offloadd/engine/conf.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"

struct ofl_engine ofl_eng;

/* --- what classify asks of the world --- */
static bool prefix_list_permits(void *arg, const char *name,
				const struct ofl_prefix *p)
{
	return ofl_prefix_list_permits(name, p->family, p->addr, p->plen);
}

static bool access_list_permits(void *arg, const char *name,
				const struct ofl_prefix *p)
{
	return ofl_access_list_permits(name, p->family, p->addr, p->plen);
}

static const char *env_vrf_name(void *arg, uint32_t vrf)
{
	return ofl_engine_vrf_name(vrf);
}

static const char *env_interface_name(void *arg, uint32_t ifindex, uint32_t vrf)
{
	return ofl_engine_interface_name(ifindex, vrf);
}

/* --- events of the rooms --- */
static void event(const char *kind, const char *text)
{
	struct ofl_store_event e = {
		.at_us = ofl_clock_wall_us(), .kind = kind, .text = text};

	zlog_info("offload: %s%s%s", kind, text ? ": " : "", text ? text : "");
	ofl_store_put_event(ofl_eng.store, &e);
}

void ofl_engine_event(const char *kind, const char *text)
{
	event(kind, text);
}

static void wake(void *arg)
{
	ofl_turn_schedule();
}

static void on_settled(void *arg)
{
	char text[64];

	ofl_eng.settled = true;
	ofl_eng.settled_us = ofl_clock_mono_us();
	ofl_notify_start();
	snprintf(text, sizeof(text), "%zu routes",
		 ofl_flowtab_count(ofl_eng.flows));
	event("feed-settled", text);
	/* After a restart rows wait for their flows to be judged. */
	if (!ofl_restart_is_on())
		ofl_store_sweep(ofl_eng.store);
	ofl_turn_schedule();
}

static void on_store_state(void *arg, enum ofl_store_state state,
			   const char *text)
{
	ofl_notify_store(state == OFL_STORE_DEGRADED);
	if (state == OFL_STORE_OK)
		event("store-ok", NULL);
}

static void on_store_refresh(void *arg)
{
	/* All of it is told again when a restart is over. */
	if (!ofl_restart_is_on())
		ofl_outcome_restate_begin();
	ofl_list_engine_restate();
}

static const struct ofl_store_events store_events = {
	.state = on_store_state,
	.refresh = on_store_refresh,
};

static void nht_register(void *arg, uint32_t vrf, uint8_t family,
			 const uint8_t *gw, bool on)
{
	/* The feed asks for what is tracked when it connects. */
	if (ofl_eng.feed)
		ofl_feed_nht_register(ofl_eng.feed, vrf, family, gw, on);
}

/* --- timers --- */
static void on_second(struct ofl_ev *ev)
{
	uint64_t now_us = ofl_clock_mono_us();
	struct ofl_feed_stats z;

	ofl_ev_timer_ms(ofl_eng.loop, on_second, NULL, 1000,
			&ofl_eng.second_timer);
	ofl_store_poll(ofl_eng.store);
	ofl_sample_second(now_us);
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (!ofl_eng.tables[i])
			continue;
		ofl_hw_watch(ofl_eng.tables[i], now_us);
		ofl_hw_second(ofl_eng.tables[i]);
	}
	ofl_lists_second();
	ofl_traffic_second(now_us);
	ofl_feed_second(now_us);
	if (ofl_restart_is_on())
		ofl_turn_schedule(); /* the store may have room again */
	ofl_feed_stats(ofl_eng.feed, &z);
	if (z.connected == ofl_eng.feed_up)
		return;
	ofl_eng.feed_up = z.connected;
	if (!z.connected)
		ofl_eng.settled = false;
	event(z.connected ? "feed-up" : "feed-down",
	      z.connected ? NULL : "zebra is gone; its routes are held");
}

static void on_retry(struct ofl_ev *ev)
{
	ofl_ev_timer_ms(ofl_eng.loop, on_retry, NULL, ofl_eng.conf->retry_ms,
			&ofl_eng.retry_timer);
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		ofl_lists_host_retry(i);
		if (!t || !t->failures)
			continue;
		t->failures = false;
		ofl_place_retry(t->place);
		ofl_turn_schedule();
	}
}

/* --- configuration --- */
static bool forget_one(struct ofl_flow *f, void *arg)
{
	uint8_t index = *(const uint8_t *)arg;

	f->placed &= ~(1u << index);
	f->held &= ~(1u << index);
	if (f->table == index) {
		ofl_outcome_count(f, -1);
		f->table = OFL_TABLE_NONE;
		ofl_outcome_count(f, 1);
	}
	return true;
}

void ofl_engine_forget_table(uint8_t index)
{
	ofl_flowtab_walk(ofl_eng.flows, forget_one, &index);
	ofl_flowtab_mark_all(ofl_eng.flows);
}

static void table_open(const struct ofl_hwtable_conf *conf)
{
	const char *error = NULL;
	uint8_t i = 0;

	while (i < OFL_TABLES_MAX && ofl_eng.tables[i])
		i++;
	if (i == OFL_TABLES_MAX)
		error = "too many tables";
	else
		ofl_eng.tables[i] = ofl_hw_new(conf, i, &error);
	if (error)
		flog_err(EC_OFL_PROVIDER, "table %s: provider %s: %s",
			 conf->name, conf->provider, error);
}

static void configure_tables(const struct ofl_conf *conf)
{
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (t && !ofl_conf_table_find(conf, t->conf.name))
			ofl_hw_retire(t);
	}
	for (size_t i = 0; i < conf->table_count; i++) {
		const struct ofl_hwtable_conf *c = &conf->tables[i];
		struct ofl_hw *t = ofl_engine_table_find(c->name);

		if (t && !ofl_conf_is_same_hardware(&t->conf, c)) {
			/* Other hardware under the same name. */
			ofl_eng.tables[t->index] = NULL;
			ofl_notify_table_gone(t->conf.name);
			ofl_engine_forget_table(t->index);
			ofl_lists_host_del(t->index);
			if (t->ops->clear)
				t->ops->clear(t->prov);
			/* Its successor is to find neither qdisc nor filters.
			 */
			ofl_hw_free(t, OFL_LAST_WORD_MS);
			t = NULL;
		}
		if (!t)
			table_open(c);
		else if (t->retiring || memcmp(&t->conf, c, sizeof(*c)) != 0)
			ofl_hw_conf_set(t, c);
	}
}

void ofl_engine_configure(struct ofl_conf *conf)
{
	struct ofl_conf *old = ofl_eng.conf;
	struct ofl_feed_stats feed;

	ofl_eng.conf = conf;
	if (ofl_eng.running) {
		if (memcmp(&old->store, &conf->store, sizeof(conf->store)) != 0)
			ofl_store_conf_set(ofl_eng.store, &conf->store);
		ofl_feed_conf_set(ofl_eng.feed, &conf->feed);
		/* Another feed has yet to say what there is. */
		ofl_feed_stats(ofl_eng.feed, &feed);
		ofl_eng.settled &= feed.settled;
		ofl_ack_configure();
		ofl_rib_shrink_set(ofl_eng.rib, &conf->shrink);
		if (old->retry_ms != conf->retry_ms) {
			ofl_ev_off(ofl_eng.retry_timer);
			ofl_ev_timer_ms(ofl_eng.loop, on_retry, NULL,
					conf->retry_ms, &ofl_eng.retry_timer);
		}
		configure_tables(conf);
		ofl_traffic_configure();
		ofl_fib_configure(&conf->fib);
		ofl_audit_configure();
		ofl_flowtab_mark_all(ofl_eng.flows);
		ofl_turn_schedule();
	}
	ofl_conf_free(old);
}

const struct ofl_conf *ofl_engine_conf(void)
{
	return ofl_eng.conf;
}

/* --- life --- */
void ofl_engine_init(struct ofl_loop *loop, struct zebra_privs_t *privs,
		     const char *db_path)
{
	ofl_eng.loop = loop;
	ofl_eng.privs = privs;
	ofl_eng.conf = ofl_conf_new(db_path);
	ofl_eng.env = (struct ofl_policy_env){
		.prefix_list_permits = prefix_list_permits,
		.access_list_permits = access_list_permits,
		.vrf_name = env_vrf_name,
		.interface_name = env_interface_name,
	};
	ofl_errors_init();
	ofl_action_init();
	ofl_acls_init();
	ofl_acls_set_wake(ofl_turn_schedule);
	ofl_list_engine_init();
	ofl_notify_init();
	ofl_eng.flows = ofl_flowtab_new(1);
}

void ofl_engine_start(void)
{
	static const struct ofl_rib_ops rib_ops = {.nht_register =
							   nht_register};
	uint64_t first_id;

	ofl_eng.store = ofl_store_new(&ofl_eng.conf->store, &store_events, NULL,
				      &first_id);
	ofl_flowtab_raise_id(ofl_eng.flows, first_id);
	ofl_flowtab_set_wake(ofl_eng.flows, wake, NULL);
	ofl_restart_begin();
	ofl_eng.rib = ofl_rib_new(ofl_eng.flows, &rib_ops, NULL);
	ofl_rib_set_wake(ofl_eng.rib, wake, NULL);
	ofl_rib_shrink_set(ofl_eng.rib, &ofl_eng.conf->shrink);
	ofl_eng.running = true;
	configure_tables(ofl_eng.conf);
	ofl_traffic_configure();
	ofl_fib_configure(&ofl_eng.conf->fib);
	ofl_eng.neigh = ofl_neigh_new(ofl_eng.loop, ofl_eng.rib);
	if (!ofl_eng.neigh)
		flog_err(EC_OFL_NETLINK, "no netlink socket: %s",
			 safe_strerror(errno));
	ofl_eng.feed = ofl_feed_new(ofl_eng.loop, ofl_eng.privs, ofl_eng.rib,
				    &ofl_eng.conf->feed, on_settled, NULL);
	ofl_ack_configure();
	ofl_ev_timer_ms(ofl_eng.loop, on_second, NULL, 1000,
			&ofl_eng.second_timer);
	ofl_ev_timer_ms(ofl_eng.loop, on_retry, NULL, ofl_eng.conf->retry_ms,
			&ofl_eng.retry_timer);
	ofl_list_engine_start();
	ofl_audit_configure();
	event("start", NULL);
	ofl_turn_schedule();
}

/* Take every entry out, for `clean-on-exit`; gives up after five seconds. */
static void clean_tables(void)
{
	uint64_t until_us = ofl_clock_mono_us() + 5000000;
	bool empty = false;

	ofl_list_engine_clear();
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		if (ofl_eng.tables[i])
			ofl_hw_retire(ofl_eng.tables[i]);
	}
	while (!empty && ofl_clock_mono_us() < until_us) {
		ofl_turn_run();
		empty = true;
		for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
			empty &= !ofl_eng.tables[i];
			/* Nobody looks at its descriptor any longer. */
			if (ofl_eng.tables[i])
				ofl_eng.tables[i]->poll_at_us = 0;
		}
	}
	if (!empty)
		zlog_warn("offload: entries are left in hardware");
}

static bool uncount(struct ofl_flow *f, void *arg)
{
	ofl_outcome_count(f, -1);
	return true;
}

void ofl_engine_fini(void)
{
	ofl_eng.ending = true;
	if (ofl_eng.running) {
		if (ofl_eng.conf->clean_on_exit)
			clean_tables();
		ofl_sample_last();
		event("stop", NULL);
	}
	ofl_eng.running = false;
	ofl_ev_off(ofl_eng.turn_ev);
	ofl_ev_off(ofl_eng.turn_timer);
	ofl_ev_off(ofl_eng.second_timer);
	ofl_ev_off(ofl_eng.retry_timer);
	ofl_ev_off(ofl_eng.restate_ev);
	ofl_simulate_fini();
	ofl_fib_fini();
	ofl_neigh_free(ofl_eng.neigh);
	ofl_ack_fini();
	ofl_feed_free(ofl_eng.feed);
	for (unsigned int i = 0; i < OFL_TABLES_MAX; i++) {
		ofl_hw_free(ofl_eng.tables[i], OFL_LAST_WORD_MS);
		ofl_eng.tables[i] = NULL;
	}
	ofl_list_engine_fini();
	ofl_restart_end();
	ofl_audit_fini();
	ofl_store_free(ofl_eng.store, 3000);
	ofl_flowtab_walk(ofl_eng.flows, uncount, NULL);
	ofl_rib_free(ofl_eng.rib);
	ofl_flowtab_free(ofl_eng.flows);
	ofl_traffic_fini();
	ofl_notify_fini();
	ofl_acls_fini();
	ofl_action_fini();
	ofl_conf_free(ofl_eng.conf);
	memset(&ofl_eng, 0, sizeof(ofl_eng));
}
