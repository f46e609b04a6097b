// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ZAPI: two sessions with zebra, what they say and their end.
 *
 * The ordinary session carries interfaces, VRFs and next-hop tracking and is
 * read by libfrr, whose lists of VRFs and interfaces it fills.  The bulk
 * session carries routes, and VRFs once more, so that the end of a VRF keeps
 * its place among them; libfrr connects it and the bulk reader reads it.
 * Under FPM only those routes are asked for that its module does not tell when
 * they change: they are the side (source.h).
 *
 * While there is no zebra everything stays; when all was said is
 * feed_settle.c's.
 *
 * Bytes are decoded in zapi_decode.c; what routes mean is the rib's.
 */
#include <zebra.h>

#include "if.h"
#include "log.h"
#include "memory.h"
#include "prefix.h"
#include "privs.h"
#include "stream.h"
#include "vrf.h"
#include "zclient.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/base/names.h"
#include "offloadd/source/zapi_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI, "offload ZAPI feed");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI_VRF, "offload ZAPI VRFs");

/* libfrr says hello only with a protocol that is not 0, and only who said
 * hello is told about VRFs.  zebra takes no note of this one: nothing will be
 * thought to be announced by us. */
#define HELLO_PROTO ZEBRA_ROUTE_KERNEL

#define RETRY_MS 1000 /* libfrr's own would be 10 s, later a minute */
#define LOG_EVERY_US 10000000
/* libfrr's callbacks carry no argument: there is one feed in a process. */
static struct ofl_zapi *the_zapi;

static void retry_arm(struct ofl_zapi *z);

static void malformed(struct ofl_zapi *z, uint16_t command)
{
	uint64_t now_us = ofl_clock_mono_us();

	z->malformed++;
	if (z->logged_us && now_us - z->logged_us < LOG_EVERY_US)
		return;
	z->logged_us = now_us;
	flog_warn(EC_OFL_ZAPI,
		  "zebra's message %s makes no sense, dropped (%" PRIu64
		  " so far)",
		  zserv_command_string(command), z->malformed);
}

/* --- VRFs --- */

static struct zapi_vrf *vrf_find(struct ofl_zapi *z, uint32_t id)
{
	for (size_t i = 0; i < z->vrf_count; i++)
		if (z->vrfs[i].id == id)
			return &z->vrfs[i];
	return NULL;
}

static bool vrf_is_foreign(struct ofl_zapi *z, uint32_t id)
{
	const struct zapi_vrf *v = vrf_find(z, id);

	return v && v->foreign;
}

static void redistribute(struct ofl_zapi *z, uint32_t vrf, bool add,
			 enum ofl_feed_kind kind)
{
	uint8_t command =
		add ? ZEBRA_REDISTRIBUTE_ADD : ZEBRA_REDISTRIBUTE_DELETE;
	size_t n = kind == OFL_FEED_FPM ? array_size(ofl_zapi_side_types) : 1;
	uint8_t type = ZEBRA_ROUTE_ALL;

	for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
		for (size_t i = 0; i < n; i++)
			if (kind == OFL_FEED_ZAPI ||
			    ofl_proto_parse(ofl_zapi_side_types[i], &type))
				zebra_redistribute_send(command, z->bulk, afi,
							type, 0, vrf);
}

/* zebra remembers by number who subscribed to a VRF, even one that was deleted
 * since, and then sends nothing. */
static void subscribe(struct ofl_zapi *z, uint32_t vrf,
		      enum ofl_feed_kind before)
{
	redistribute(z, vrf, false, before);
	if (before != z->feed->conf.kind)
		redistribute(z, vrf, false, z->feed->conf.kind);
	redistribute(z, vrf, true, z->feed->conf.kind);
}

static void vrf_add(struct ofl_zapi *z, uint32_t id, bool foreign,
		    uint32_t table)
{
	struct zapi_vrf *v = vrf_find(z, id);
	bool is_other = !v || v->table != table;

	if (!v) {
		z->vrfs = XREALLOC(MTYPE_OFL_ZAPI_VRF, z->vrfs,
				   (z->vrf_count + 1) * sizeof(*z->vrfs));
		v = &z->vrfs[z->vrf_count++];
		*v = (struct zapi_vrf){.id = id};
	}
	/* The default VRF is where this process is, whatever it is called. */
	foreign = foreign && id != VRF_DEFAULT;
	z->foreign_count += foreign - v->foreign;
	v->foreign = foreign;
	v->table = table;
	v->seen = z->vrf_generation;
	ofl_debug(OFL_DEBUG_SOURCE, "VRF %u%s", id,
		  foreign ? ", a network namespace: not offloaded" : "");
	ofl_rib_reserved_add(z->rib, id);
	subscribe(z, id, z->feed->conf.kind);
	if (is_other && !foreign)
		ofl_feed_table_new(z->feed, table);
}

static void vrf_del(struct ofl_zapi *z, uint32_t id)
{
	struct zapi_vrf *v = vrf_find(z, id);

	if (v) {
		z->foreign_count -= v->foreign;
		*v = z->vrfs[--z->vrf_count];
	}
	ofl_debug(OFL_DEBUG_SOURCE, "VRF %u is gone", id);
	ofl_zapi_guards_vrf_del(&z->guards, id, OFL_PROTO_RESERVED, 0);
	ofl_rib_vrf_del(z->rib, id);
	/* Addresses come and go in the other session. */
	ofl_zapi_guards_replay(&z->guards, id);
}

static void vrf_sweep(struct ofl_zapi *z)
{
	for (size_t i = z->vrf_count; i-- > 0;)
		if (z->vrfs[i].seen != z->vrf_generation)
			vrf_del(z, z->vrfs[i].id);
}

/* --- the bulk session: routes --- */

/* A route for one source only cannot be programmed, but its packets must not
 * be taken by the hardware entry of a shorter, or the same, prefix. */
void ofl_zapi_source_route(struct ofl_zapi *z, const struct ofl_key *key,
			   const struct ofl_prefix *src, bool add)
{
	const struct ofl_guard_owner owner = {
		.proto = OFL_PROTO_RESERVED,
		.src = *src,
	};

	if (add)
		ofl_zapi_guards_add(&z->guards, key, &owner);
	else
		ofl_zapi_guards_del(&z->guards, key, &owner);
}

static void mark_foreign(struct ofl_zapi *z, struct ofl_zapi_route *r)
{
	bool all = vrf_is_foreign(z, r->key.vrf);
	size_t n = MIN(r->nh_count, OFL_RAWNH_MAX);

	for (size_t i = 0; i < n; i++)
		if (all || vrf_is_foreign(z, r->nh[i].vrf))
			r->nh[i] = (struct ofl_rawnh){
				.kind = OFL_RAWNH_REJECT,
			};
}

static void tell(struct ofl_zapi *z, const struct ofl_zapi_route *r, bool add)
{
	bool is_side = z->feed->conf.kind == OFL_FEED_FPM;

	if (!is_side && add)
		ofl_rib_route_add(z->rib, &r->key, &r->facts, r->nh,
				  r->nh_count);
	else if (!is_side)
		ofl_rib_route_del(z->rib, &r->key);
	else if (add)
		ofl_rib_side_add(z->rib, &r->key, &r->facts, r->nh,
				 r->nh_count);
	else
		ofl_rib_side_del(z->rib, &r->key);
}

static void on_route(struct ofl_zapi *z, const struct ofl_zapi_header *h,
		     const uint8_t *body, size_t len)
{
	bool add = h->command == ZEBRA_REDISTRIBUTE_ROUTE_ADD;
	struct ofl_zapi_route *r = &z->route;

	z->routes++;
	switch (ofl_zapi_route_decode(body, len, h->vrf, r)) {
	case OFL_ZAPI_OK:
		break;
	case OFL_ZAPI_IGNORED:
		return;
	case OFL_ZAPI_MALFORMED:
		malformed(z, h->command);
		return;
	}
	if (r->has_src) {
		ofl_zapi_source_route(z, &r->key, &r->src, add);
		return;
	}
	if (add && z->foreign_count)
		mark_foreign(z, r);
	tell(z, r, add);
}

static bool on_message(const struct ofl_zapi_header *h, const uint8_t *body,
		       size_t len, void *arg)
{
	struct ofl_zapi *z = arg;
	struct ofl_zapi_vrf vrf;

	z->messages++;
	switch (h->command) {
	case ZEBRA_REDISTRIBUTE_ROUTE_ADD:
	case ZEBRA_REDISTRIBUTE_ROUTE_DEL:
		on_route(z, h, body, len);
		break;
	case ZEBRA_VRF_ADD:
		if (ofl_zapi_vrf_decode(body, len, &vrf) == OFL_ZAPI_OK)
			vrf_add(z, h->vrf, vrf.is_netns, vrf.table);
		else
			malformed(z, h->command);
		break;
	case ZEBRA_VRF_DELETE:
		vrf_del(z, h->vrf);
		break;
	}
	return z->bulk->sock >= 0; /* sending may have found it broken */
}

static void bulk_lost(struct ofl_zapi *z)
{
	ofl_feed_vrfs_known(z->feed, false);
	ofl_feed_lost(z->feed, true);
	retry_arm(z);
}

static void heard(struct ofl_zapi *z, uint64_t routes)
{
	if (z->routes == routes)
		return;
	/* The side is not what a resync over FPM waits for. */
	if (z->feed->fpm)
		ofl_feed_active(z->feed);
	else
		ofl_feed_heard(z->feed);
}

static void bulk_read(struct ofl_ev *ev)
{
	struct ofl_zapi *z = OFL_EV_ARG(ev);
	uint64_t routes = z->routes;
	enum ofl_bulk_read r;

	ofl_rib_tick(z->rib, ofl_clock_mono_us());
	r = ofl_zapi_bulk_read(z->reader, z->bulk->sock, OFL_FEED_TURN_US,
			       on_message, z);
	heard(z, routes);
	switch (r) {
	case OFL_BULK_DRAINED:
		/* zebra says which VRFs there are before all else. */
		if (z->vrf_count)
			ofl_feed_vrfs_known(z->feed, true);
		ofl_ev_read(z->loop, bulk_read, z, z->bulk->sock,
			    &z->bulk->t_read);
		return;
	case OFL_BULK_MORE:
		ofl_ev_soon(z->loop, bulk_read, z, &z->bulk->t_read);
		return;
	case OFL_BULK_GARBAGE:
		malformed(z, ZEBRA_ERROR);
		break;
	case OFL_BULK_CLOSED:
	case OFL_BULK_STOPPED:
		break;
	}
	zlog_info("zebra's route feed ended; routes are held until it is back");
	zclient_stop(z->bulk);
	bulk_lost(z);
}

static void bulk_connected(struct zclient *zc)
{
	struct ofl_zapi *z = the_zapi;

	/* libfrr has just armed its own reader. */
	ofl_ev_off(zc->t_read);
	ofl_bulk_reset(z->reader);
	z->feed->connects++;
	z->vrf_generation++;
	ofl_zapi_guards_sync_begin(&z->guards, OFL_PROTO_RESERVED);
	ofl_ev_read(z->loop, bulk_read, z, zc->sock, &zc->t_read);
	ofl_feed_begin(z->feed, OFL_FEED_BEGIN_ZEBRA);
}

bool ofl_zapi_subscribe(struct ofl_zapi *z, enum ofl_feed_kind before)
{
	if (z->bulk->sock < 0)
		return false;
	ofl_zapi_guards_sync_begin(&z->guards, OFL_PROTO_RESERVED);
	for (size_t i = 0; i < z->vrf_count && z->bulk->sock >= 0; i++)
		subscribe(z, z->vrfs[i].id, before);
	if (z->bulk->sock >= 0)
		return true;
	bulk_lost(z);
	return false;
}

void ofl_zapi_sweep(struct ofl_zapi *z)
{
	ofl_zapi_guards_sync_end(&z->guards);
	vrf_sweep(z);
}

/* --- the ordinary session --- */

static int ctl_address(ZAPI_CALLBACK_ARGS)
{
	struct ofl_zapi *z = the_zapi;
	bool add = cmd == ZEBRA_INTERFACE_ADDRESS_ADD;
	struct ofl_zapi_address a;

	ofl_feed_active(z->feed);
	if (ofl_zapi_address_decode(STREAM_DATA(zclient->ibuf) +
					    ZEBRA_HEADER_SIZE,
				    length, &a) != OFL_ZAPI_OK) {
		malformed(z, cmd);
		return 0;
	}
	ofl_zapi_guards_address(&z->guards, vrf_id, &a, add);
	return 0;
}

static int ctl_interface_delete(ZAPI_CALLBACK_ARGS)
{
	struct ofl_zapi *z = the_zapi;
	uint32_t ifindex;

	if (ofl_zapi_interface_decode(STREAM_DATA(zclient->ibuf) +
					      ZEBRA_HEADER_SIZE,
				      length, &ifindex) != OFL_ZAPI_OK)
		malformed(z, cmd);
	else if (ifindex)
		ofl_zapi_guards_vrf_del(&z->guards, vrf_id, OFL_PROTO_LOCAL,
					ifindex);
	return 0;
}

static int ctl_vrf_delete(ZAPI_CALLBACK_ARGS)
{
	ofl_zapi_guards_vrf_del(&the_zapi->guards, vrf_id, OFL_PROTO_LOCAL, 0);
	return 0;
}

static int ctl_nexthop_update(ZAPI_CALLBACK_ARGS)
{
	struct ofl_zapi *z = the_zapi;
	struct ofl_zapi_nht *nht = &z->nht;

	ofl_feed_active(z->feed);
	switch (ofl_zapi_nht_decode(
		STREAM_DATA(zclient->ibuf) + ZEBRA_HEADER_SIZE, length, nht)) {
	case OFL_ZAPI_OK:
		ofl_rib_nht_update(z->rib, vrf_id, nht->family, nht->gw,
				   nht->nh, nht->nh_count);
		break;
	case OFL_ZAPI_IGNORED:
		break;
	case OFL_ZAPI_MALFORMED:
		malformed(z, cmd);
		break;
	}
	return 0;
}

static zclient_handler *const ctl_handlers[] = {
	[ZEBRA_INTERFACE_ADDRESS_ADD] = ctl_address,
	[ZEBRA_INTERFACE_ADDRESS_DELETE] = ctl_address,
	[ZEBRA_INTERFACE_DELETE] = ctl_interface_delete,
	[ZEBRA_VRF_DELETE] = ctl_vrf_delete,
	[ZEBRA_NEXTHOP_UPDATE] = ctl_nexthop_update,
};

static void nht_send(struct ofl_zapi *z, uint32_t vrf, uint8_t family,
		     const uint8_t *gw, bool on)
{
	struct prefix p = {.family = family,
			   .prefixlen = ofl_family_bits(family)};

	memcpy(&p.u.prefix, gw, p.prefixlen / 8);
	/* As zebra itself resolves routes: whether a default route may is its
	 * configuration. */
	zclient_send_rnh(z->ctl,
			 on ? ZEBRA_NEXTHOP_REGISTER : ZEBRA_NEXTHOP_UNREGISTER,
			 &p, SAFI_UNICAST, false, false, vrf);
}

void ofl_zapi_nht_register(struct ofl_zapi *z, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on)
{
	/* Without a session it waits for the next one. */
	if (!z || z->ctl->sock < 0)
		return;
	nht_send(z, vrf, family, gw, on);
	if (z->ctl->sock < 0)
		retry_arm(z);
}

static void register_again(uint32_t vrf, uint8_t family, const uint8_t *gw,
			   void *arg)
{
	ofl_zapi_nht_register(arg, vrf, family, gw, true);
}

static void ctl_connected(struct zclient *zc)
{
	struct ofl_zapi *z = the_zapi;

	ofl_zapi_guards_sync_begin(&z->guards, OFL_PROTO_LOCAL);
	ofl_rib_nht_walk(z->rib, register_again, z);
	ofl_feed_clock_restart(z->feed);
	ofl_feed_state_note(z->feed);
}

/* --- connecting --- */

static void session_retry(struct zclient *zc)
{
	if (zc->sock >= 0)
		return;
	ofl_ev_off(zc->t_connect);
	zclient_start(zc);
}

static void retry(struct ofl_ev *ev)
{
	struct ofl_zapi *z = OFL_EV_ARG(ev);

	session_retry(z->ctl);
	session_retry(z->bulk);
	retry_arm(z);
}

static void retry_arm(struct ofl_zapi *z)
{
	if (z->ctl->sock < 0 || z->bulk->sock < 0)
		ofl_ev_timer_ms(z->loop, retry, z, RETRY_MS, &z->t_retry);
}

static struct zclient *session_new(struct ofl_zapi *z,
				   struct zebra_privs_t *privs,
				   zclient_handler *const *handlers,
				   size_t handler_count,
				   void (*connected)(struct zclient *))
{
	struct zclient_options options = {0};
	struct zclient *zc;

	zc = zclient_new(z->loop, &options, handlers, handler_count);
	zclient_init(zc, HELLO_PROTO, 0, privs);
	zc->zebra_connected = connected;
	return zc;
}

struct ofl_zapi *ofl_zapi_new(struct ofl_feed *feed,
			      struct zebra_privs_t *privs)
{
	struct ofl_zapi *z = XCALLOC(MTYPE_OFL_ZAPI, sizeof(*z));

	assert(!the_zapi);
	the_zapi = z;
	z->feed = feed;
	z->loop = feed->loop;
	z->rib = feed->rib;
	z->reader = ofl_bulk_new(ofl_zapi_bulk_measure);
	ofl_zapi_guards_init(&z->guards, z->rib);
	z->ctl = session_new(z, privs, ctl_handlers, array_size(ctl_handlers),
			     ctl_connected);
	z->bulk = session_new(z, privs, NULL, 0, bulk_connected);
	z->bulk->session_id = 1;
	retry_arm(z);
	return z;
}

static void session_free(struct zclient *zc)
{
	zclient_stop(zc);
	zclient_free(zc);
}

void ofl_zapi_free(struct ofl_zapi *z)
{
	if (!z)
		return;
	ofl_ev_off(z->t_retry);
	session_free(z->ctl);
	session_free(z->bulk);
	ofl_zapi_guards_fini(&z->guards);
	ofl_bulk_free(z->reader);
	XFREE(MTYPE_OFL_ZAPI_VRF, z->vrfs);
	XFREE(MTYPE_OFL_ZAPI, z);
	the_zapi = NULL;
}

/* --- asked by the feed --- */

bool ofl_zapi_is_connected(const struct ofl_zapi *z)
{
	return z->ctl->sock >= 0 && z->bulk->sock >= 0;
}

void ofl_zapi_stats(const struct ofl_zapi *z, struct ofl_zapi_stats *ret)
{
	*ret = (struct ofl_zapi_stats){
		.messages = z->messages,
		.bytes = ofl_bulk_bytes(z->reader),
		.malformed = z->malformed,
	};
}

bool ofl_zapi_table_vrf(const struct ofl_zapi *z, uint32_t table,
			uint32_t *ret_vrf)
{
	for (size_t i = 0; i < z->vrf_count; i++) {
		if (z->vrfs[i].foreign || z->vrfs[i].table != table)
			continue;
		*ret_vrf = z->vrfs[i].id;
		return true;
	}
	return false;
}

bool ofl_zapi_vrf_table(const struct ofl_zapi *z, uint32_t vrf,
			uint32_t *ret_table)
{
	for (size_t i = 0; i < z->vrf_count; i++) {
		if (z->vrfs[i].foreign || z->vrfs[i].id != vrf)
			continue;
		*ret_table = z->vrfs[i].table;
		return true;
	}
	return false;
}

void ofl_zapi_vrfs_walk(const struct ofl_zapi *z,
			void (*cb)(uint32_t vrf, void *arg), void *arg)
{
	for (size_t i = 0; i < z->vrf_count; i++)
		cb(z->vrfs[i].id, arg);
}

uint32_t ofl_zapi_interface_vrf(uint32_t ifindex, uint32_t vrf)
{
	struct vrf *v;

	if (if_lookup_by_index(ifindex, vrf))
		return vrf;
	RB_FOREACH (v, vrf_id_head, &vrfs_by_id)
		if (if_lookup_by_index(ifindex, v->vrf_id))
			return v->vrf_id;
	return vrf;
}
