// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What zebra says over FPM, made into routes.
 *
 * An update is a withdrawal and an announcement in one frame; here it is one
 * thing, or each would take its flow out of hardware.  Next hops come by
 * number: routes refer to it by a name that no other conversation uses, and
 * what a number leads to is told to the mirror when it changes.
 *
 * Connected, local and kernel routes come by ZAPI (zapi.c): zebra says them
 * here only when it says all.  Here such a message means that the prefix is
 * with no protocol any longer.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>

#include "offloadd/source/fpm_private.h"

/* --- next hops by number --- */

static uint64_t name_of(const struct ofl_fpm *f, uint32_t id)
{
	return (uint64_t)f->conversation << 32 | id;
}

/* Where it leads from a VRF; NULL: not known yet. */
static const struct ofl_rawnh *nexthops_find(struct ofl_fpm *f, uint32_t id,
					     uint32_t vrf, size_t *ret_count)
{
	if (!ofl_nhgs_find(f->nhgs, id, f->nh, ret_count))
		return NULL;
	for (size_t i = 0; i < MIN(*ret_count, OFL_RAWNH_MAX); i++)
		f->nh[i].vrf =
			f->nh[i].ifindex
				? ofl_zapi_interface_vrf(f->nh[i].ifindex, vrf)
				: vrf;
	return f->nh;
}

struct change {
	struct ofl_fpm *f;
	uint32_t id;
};

static void changed_in(uint32_t vrf, void *arg)
{
	const struct change *c = arg;
	uint64_t name = name_of(c->f, c->id);
	const struct ofl_rawnh *nh;
	size_t count = 0;

	if (!ofl_rib_has_named(c->f->feed->rib, vrf, name))
		return;
	nh = nexthops_find(c->f, c->id, vrf, &count);
	/* A member that is not told is between two messages: it stays. */
	if (nh)
		ofl_rib_named_set(c->f->feed->rib, vrf, name, nh, count);
}

static void on_changed(uint32_t id, void *arg)
{
	struct change c = {.f = arg, .id = id};

	ofl_zapi_vrfs_walk(c.f->feed->zapi, changed_in, &c);
}

/* --- which VRF --- */

static void table_note(struct ofl_fpm *f, uint32_t table)
{
	for (size_t i = 0; i < f->table_count; i++)
		if (f->tables[i] == table)
			return;
	if (f->table_count < OFL_FPM_TABLES_MAX)
		f->tables[f->table_count++] = table;
}

static bool vrf_find(struct ofl_fpm *f, uint32_t table, uint32_t *ret_vrf)
{
	if (!f->vrf_known || f->table != table) {
		f->table = table;
		f->vrf_known =
			ofl_zapi_table_vrf(f->feed->zapi, table, &f->vrf);
	}
	if (!f->vrf_known) {
		table_note(f, table);
		return false;
	}
	*ret_vrf = f->vrf;
	return true;
}

void ofl_fpm_table_new(struct ofl_fpm *f, uint32_t table)
{
	f->vrf_known = false;
	for (size_t i = 0; i < f->table_count; i++) {
		if (f->tables[i] != table)
			continue;
		/* zebra was faster here than there. */
		ofl_fpm_restart(f);
		return;
	}
}

/* --- routes --- */

static void flush_del(struct ofl_fpm *f)
{
	if (f->has_del)
		ofl_rib_route_del(f->feed->rib, &f->del);
	f->has_del = false;
}

/* What zebra does not say over ZAPI either, as nobody routes it. */
static bool is_unroutable(const struct ofl_prefix *p)
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (p->family == AF_INET)
		return p->addr[0] == 127 || (p->addr[0] & 0xf0) == 0xe0;
	return (p->addr[0] == 0xfe && (p->addr[1] & 0xc0) == 0x80) ||
	       !memcmp(p->addr, loopback, sizeof(loopback));
}

static void route_del(struct ofl_fpm *f, const struct ofl_key *key)
{
	flush_del(f);
	f->del = *key;
	f->has_del = true;
}

static void route_add(struct ofl_fpm *f, const struct ofl_key *key,
		      struct ofl_fpm_route *r, uint8_t proto)
{
	const struct ofl_facts facts = {
		.proto = proto,
		.distance = OFL_DISTANCE_UNKNOWN,
	};
	struct ofl_rib *rib = f->feed->rib;
	const struct ofl_rawnh *nh = NULL;
	size_t count = 0;
	uint64_t name;

	if (f->has_del && !ofl_key_cmp(&f->del, key)) {
		f->has_del = false;
		f->stats.merged++;
	}
	flush_del(f);
	if (!r->nhid) {
		for (size_t i = 0; i < MIN(r->nh_count, OFL_RAWNH_MAX); i++)
			r->nh[i].vrf =
				r->nh[i].ifindex
					? ofl_zapi_interface_vrf(
						  r->nh[i].ifindex, key->vrf)
					: key->vrf;
		ofl_rib_route_add(rib, key, &facts, r->nh, r->nh_count);
		return;
	}
	name = name_of(f, r->nhid);
	if (!ofl_rib_has_named(rib, key->vrf, name))
		nh = nexthops_find(f, r->nhid, key->vrf, &count);
	ofl_rib_named_add(rib, key, &facts, name, nh, count);
}

static void on_route(struct ofl_fpm *f, struct ofl_fpm_route *r, bool add)
{
	struct ofl_key key = {.p = r->p};
	uint8_t proto;
	bool is_ours = ofl_fpm_proto(r->rtprot, r->p.family, &proto);

	if (is_unroutable(&r->p) || !vrf_find(f, r->table, &key.vrf)) {
		f->stats.ignored++;
		return;
	}
	if (r->has_src) {
		/* Those of the kernel come by ZAPI. */
		if (is_ours)
			ofl_zapi_source_route(f->feed->zapi, &key, &r->src,
					      add);
		return;
	}
	if (is_ours && add) {
		const struct ofl_fpm_events *e = &f->feed->fpm_events;

		route_add(f, &key, r, proto);
		if (e->announced)
			e->announced(&key, proto, f->feed->fpm_events_arg);
	} else if (is_ours || add)
		route_del(f, &key);
}

static void on_message(const struct nlmsghdr *n, void *arg)
{
	struct ofl_fpm *f = arg;

	f->stats.messages++;
	switch (ofl_fpm_decode(n, &f->message)) {
	case OFL_FPM_ROUTE_ADD:
		on_route(f, &f->message.route, true);
		break;
	case OFL_FPM_ROUTE_DEL:
		on_route(f, &f->message.route, false);
		break;
	case OFL_FPM_NEXTHOP_ADD:
		ofl_nhgs_set(f->nhgs, &f->message.nexthop);
		break;
	case OFL_FPM_NEXTHOP_DEL:
		ofl_nhgs_del(f->nhgs, f->message.nexthop.id);
		break;
	case OFL_FPM_IGNORED:
		f->stats.ignored++;
		break;
	case OFL_FPM_MALFORMED:
		ofl_fpm_malformed(f, "a message");
		break;
	}
}

bool ofl_fpm_routes_frame(struct ofl_fpm *f, const uint8_t *frame, size_t len)
{
	bool ok = ofl_fpm_frame_walk(frame, len, on_message, f);

	flush_del(f);
	return ok;
}

/* --- life --- */

void ofl_fpm_routes_init(struct ofl_fpm *f)
{
	ofl_fpm_protos_init();
	f->nhgs = ofl_nhgs_new(on_changed, f);
}

void ofl_fpm_routes_reset(struct ofl_fpm *f)
{
	static uint32_t conversations;

	ofl_nhgs_clear(f->nhgs);
	/* Also those of a feed that was chosen before. */
	f->conversation = ++conversations;
	f->has_del = false;
	f->vrf_known = false;
	f->table_count = 0;
}

void ofl_fpm_routes_fini(struct ofl_fpm *f)
{
	ofl_nhgs_free(f->nhgs);
}
