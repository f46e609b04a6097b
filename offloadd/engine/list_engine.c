// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What lists need of the rest of the engine, and the table of software alone:
 * one more provider "tc", for interfaces that are no table's port.  It has no
 * slots and no routes, is not shown, and looks from the beginning for what an
 * earlier life left and nobody wants any more.
 */
#include <zebra.h>

#include "if.h"
#include "log.h"
#include "vrf.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/engine/engine_private.h"
#include "offloadd/engine/list_private.h"

#define POLL_BUDGET 1024
/* A block of its own; the rest as a table of provider "tc" has it. */
#define SOFT_BLOCK 0x6f666c
#define SOFT_CHAIN 4096
#define SOFT_PREF 49152

static struct {
	const struct ofl_provider_ops *ops;
	struct ofl_provider *prov;
	uint64_t poll_at_us;
	struct ofl_ev *read_ev;
} soft;

/* --- the table of software alone --- */
static void on_soft_done(void *arg, const struct ofl_outcome *outcome)
{
}

static void on_soft_lost(void *arg, const struct ofl_key *key, const char *text)
{
}

static void on_soft_capacity(void *arg, uint32_t capacity_slots)
{
}

static void on_soft_ready(void *arg, bool ready, const char *text)
{
	ofl_turn_schedule();
}

static void on_soft_able(void *arg)
{
}

static const struct ofl_provider_events soft_events = {
	.done = on_soft_done,
	.lost = on_soft_lost,
	.unfit = on_soft_lost,
	.capacity = on_soft_capacity,
	.ready = on_soft_ready,
	.able = on_soft_able,
};

static void on_readable(struct ofl_ev *ev)
{
	soft.poll_at_us = 0;
	ofl_turn_schedule();
}

static void watch_fd(void)
{
	int fd = soft.ops->fd(soft.prov);

	if (fd >= 0)
		ofl_ev_read(ofl_eng.loop, on_readable, NULL, fd, &soft.read_ev);
}

static bool soft_begin(const char **ret_error)
{
	struct ofl_hwtable_conf conf;

	*ret_error = "there is no provider for it";
	soft.ops = ofl_provider_find("tc");
	if (!soft.ops || !soft.ops->lists)
		return false;
	ofl_hwtable_conf_init(&conf, "");
	strlcpy(conf.provider, "tc", sizeof(conf.provider));
	conf.tc.mode = OFL_TC_MODE_SOFTWARE;
	conf.tc.block = SOFT_BLOCK;
	conf.tc.chain = SOFT_CHAIN;
	conf.tc.pref = SOFT_PREF;
	soft.prov = soft.ops->new (&conf, &soft_events, NULL, ret_error);
	if (!soft.prov)
		return false;
	soft.poll_at_us = 0;
	watch_fd();
	ofl_lists_host_set(OFL_LIST_SOFT_HOST, &conf, soft.ops, soft.prov, 0);
	return true;
}

uint64_t ofl_list_engine_poll(uint64_t now_us)
{
	if (!soft.prov)
		return UINT64_MAX;
	if (soft.poll_at_us <= now_us) {
		soft.poll_at_us =
			soft.ops->poll(soft.prov, now_us, POLL_BUDGET);
		watch_fd();
	}
	return soft.poll_at_us;
}

/* --- marks over restarts --- */
static void mark_keep(const struct ofl_list_mark_name *name, uint32_t mark)
{
	/* What goes with the daemon is to come back with it. */
	if (ofl_eng.ending)
		return;
	ofl_store_put_mark(ofl_eng.store, &(struct ofl_store_mark){
						  .table = name->table,
						  .list = name->list,
						  .part = name->part,
						  .mark = mark,
					  });
}

static bool mark_read(const struct ofl_store_mark *m, void *arg)
{
	struct ofl_list_mark_name name = {m->table, m->list, m->part};

	ofl_list_mark_remember(&name, m->mark);
	return true;
}

/* Without them others are given: nothing to complain of. */
static void marks_read(void)
{
	const char *error = NULL;

	ofl_store_marks(ofl_eng.store, mark_read, NULL, &error);
	if (error)
		ofl_debug(OFL_DEBUG_STORE, "marks are not read: %s", error);
}

/* --- what lists ask for --- */
static uint32_t ifindex_of(const char *name)
{
	struct interface *ifp;
	struct vrf *vrf;

	RB_FOREACH (vrf, vrf_id_head, &vrfs_by_id) {
		ifp = if_lookup_by_name(name, vrf->vrf_id);
		if (ifp && ifp->ifindex != IFINDEX_INTERNAL)
			return ifp->ifindex;
	}
	return 0;
}

static void kick(unsigned int host)
{
	if (host == OFL_LIST_SOFT_HOST)
		soft.poll_at_us = 0;
	else if (ofl_eng.tables[host])
		ofl_eng.tables[host]->poll_at_us = 0;
	ofl_turn_schedule();
}

static void share(unsigned int host)
{
	if (host < OFL_TABLES_MAX && ofl_eng.tables[host])
		ofl_hw_limits_set(ofl_eng.tables[host]);
}

static void lost(unsigned int host, const char *text)
{
	if (host < OFL_TABLES_MAX && ofl_eng.tables[host])
		ofl_notify_removed(ofl_eng.tables[host]->conf.name, NULL, text);
}

/* --- life --- */
void ofl_list_engine_init(void)
{
	static const struct ofl_lists_env env = {
		.ifindex = ifindex_of,
		.wake = ofl_turn_schedule,
		.kick = kick,
		.share = share,
		.soft_begin = soft_begin,
		.lost = lost,
		.mark_keep = mark_keep,
	};

	ofl_lists_init(&env);
}

void ofl_list_engine_start(void)
{
	const char *error;

	marks_read();
	ofl_lists_start();
	/* Where it cannot be now, the first list tries again. */
	if (!soft_begin(&error))
		zlog_warn("offload: lists of software: %s", error);
}

static void soft_end(void)
{
	if (!soft.prov)
		return;
	ofl_ev_off(soft.read_ev);
	soft.ops->free(soft.prov, OFL_LAST_WORD_MS);
	soft.prov = NULL;
}

void ofl_list_engine_restate(void)
{
	ofl_lists_marks_restate(ofl_store_room(ofl_eng.store));
}

void ofl_list_engine_clear(void)
{
	for (unsigned int i = 0; i < OFL_LIST_HOSTS; i++)
		ofl_lists_host_del(i);
	if (soft.prov && soft.ops->clear)
		soft.ops->clear(soft.prov);
	ofl_lists_stop();
	soft_end();
}

void ofl_list_engine_fini(void)
{
	soft_end();
	ofl_lists_fini();
}
