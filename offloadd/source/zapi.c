// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ZAPI feed: two sessions with zebra, their resyncs and their end.
 *
 * The ordinary session carries interfaces, VRFs and next-hop tracking and is
 * read by libfrr, whose lists of VRFs and interfaces it fills.  The bulk
 * session carries routes, and VRFs once more, so that the end of a VRF keeps
 * its place among them; libfrr connects it and the bulk reader reads it.
 *
 * zebra tells neither that a feed is complete nor what is gone after its
 * restart: a feed that has been quiet for a while is complete, and what it
 * did not name is stale.  While there is no zebra everything stays.  A slow
 * zebra is not taken for a complete one as long as it brings what was missing.
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
#include "offloadd/source/zapi_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI, "offload ZAPI feed");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ZAPI_VRF, "offload ZAPI VRFs");

/* libfrr says hello only with a protocol that is not 0, and only who said
 * hello is told about VRFs.  zebra takes no note of this one: nothing will be
 * thought to be announced by us. */
#define HELLO_PROTO ZEBRA_ROUTE_KERNEL

#define TURN_US 20000 /* of the bulk reader */
#define RETRY_MS 1000 /* libfrr's own would be 10 s, later a minute */
#define LOG_EVERY_US 10000000
/* After a restart of zebra the protocol daemons come back by libfrr's clock:
 * 10 s after they lost it, three times; then once a minute. */
#define RETURN_US 12000000
#define RETURN_LATE_US 62000000
#define LATE_AFTER_US 25000000
/* offloadd and zebra are started together: no absence. */
#define ABSENT_US 2000000

/* libfrr's callbacks carry no argument: there is one feed in a process. */
static struct ofl_zapi *the_zapi;

static void retry_arm(struct ofl_zapi *z);

static void malformed(struct ofl_zapi *z, uint16_t command)
{
	uint64_t now_us = ofl_clock_mono_us();

	z->stats.malformed++;
	if (z->logged_us && now_us - z->logged_us < LOG_EVERY_US)
		return;
	z->logged_us = now_us;
	flog_warn(EC_OFL_ZAPI,
		  "zebra's message %s makes no sense, dropped (%" PRIu64
		  " so far)",
		  zserv_command_string(command), z->stats.malformed);
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

static void subscribe(struct ofl_zapi *z, uint32_t vrf)
{
	for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++) {
		/* zebra remembers by number who subscribed to a VRF, even one
		 * that was deleted since, and then sends nothing. */
		zebra_redistribute_send(ZEBRA_REDISTRIBUTE_DELETE, z->bulk, afi,
					ZEBRA_ROUTE_ALL, 0, vrf);
		zebra_redistribute_send(ZEBRA_REDISTRIBUTE_ADD, z->bulk, afi,
					ZEBRA_ROUTE_ALL, 0, vrf);
	}
}

static void vrf_add(struct ofl_zapi *z, uint32_t id, bool foreign)
{
	struct zapi_vrf *v = vrf_find(z, id);

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
	v->seen = z->vrf_generation;
	ofl_debug(OFL_DEBUG_SOURCE, "VRF %u%s", id,
		  foreign ? ", a network namespace: not offloaded" : "");
	ofl_rib_reserved_add(z->rib, id);
	subscribe(z, id);
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

void ofl_zapi_vrf_sweep(struct ofl_zapi *z)
{
	for (size_t i = z->vrf_count; i-- > 0;)
		if (z->vrfs[i].seen != z->vrf_generation)
			vrf_del(z, z->vrfs[i].id);
}

/* --- the bulk session: routes --- */

/* A route for one source only cannot be programmed, but its packets must not
 * be taken by the hardware entry of a shorter, or the same, prefix. */
static void source_route(struct ofl_zapi *z, const struct ofl_zapi_route *r,
			 bool add)
{
	const struct ofl_guard_owner owner = {
		.proto = OFL_PROTO_RESERVED,
		.src = r->src,
	};

	if (add)
		ofl_zapi_guards_add(&z->guards, &r->key, &owner);
	else
		ofl_zapi_guards_del(&z->guards, &r->key, &owner);
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
		source_route(z, r, add);
		return;
	}
	if (!add) {
		ofl_rib_route_del(z->rib, &r->key);
		return;
	}
	if (z->foreign_count)
		mark_foreign(z, r);
	ofl_rib_route_add(z->rib, &r->key, &r->facts, r->nh, r->nh_count);
}

static bool on_message(const struct ofl_zapi_header *h, const uint8_t *body,
		       size_t len, void *arg)
{
	struct ofl_zapi *z = arg;
	bool is_netns;

	z->stats.messages++;
	switch (h->command) {
	case ZEBRA_REDISTRIBUTE_ROUTE_ADD:
	case ZEBRA_REDISTRIBUTE_ROUTE_DEL:
		on_route(z, h, body, len);
		break;
	case ZEBRA_VRF_ADD:
		if (ofl_zapi_vrf_decode(body, len, &is_netns) == OFL_ZAPI_OK)
			vrf_add(z, h->vrf, is_netns);
		else
			malformed(z, h->command);
		break;
	case ZEBRA_VRF_DELETE:
		vrf_del(z, h->vrf);
		break;
	}
	return z->bulk->sock >= 0; /* sending may have found it broken */
}

/* A zebra that goes again before it was heard out was away all the time, for
 * the protocol daemons too. */
static void bulk_lost(struct ofl_zapi *z)
{
	if (z->stats.settled || !z->lost_us)
		z->lost_us = ofl_clock_mono_us();
	z->stats.settled = false;
	ofl_rib_sync_begin(z->rib);
	ofl_zapi_state_note(z);
}

static void bulk_read(struct ofl_ev *ev)
{
	struct ofl_zapi *z = OFL_EV_ARG(ev);
	uint64_t routes = z->routes;
	enum ofl_zapi_bulk_read r;

	ofl_rib_tick(z->rib, ofl_clock_mono_us());
	r = ofl_zapi_bulk_read(z->reader, z->bulk->sock, TURN_US, on_message,
			       z);
	if (z->routes != routes) {
		z->asked = false;
		z->activity_us = ofl_clock_mono_us();
		if (!z->stats.first_route_us)
			z->stats.first_route_us = z->activity_us;
		z->stats.last_route_us = z->activity_us;
		ofl_zapi_progress_note(z);
	}
	switch (r) {
	case OFL_ZAPI_BULK_DRAINED:
		ofl_ev_read(z->loop, bulk_read, z, z->bulk->sock,
			    &z->bulk->t_read);
		return;
	case OFL_ZAPI_BULK_MORE:
		ofl_ev_soon(z->loop, bulk_read, z, &z->bulk->t_read);
		return;
	case OFL_ZAPI_BULK_GARBAGE:
		malformed(z, ZEBRA_ERROR);
		break;
	case OFL_ZAPI_BULK_CLOSED:
	case OFL_ZAPI_BULK_STOPPED:
		break;
	}
	zlog_info("zebra's route feed ended; routes are held until it is back");
	zclient_stop(z->bulk);
	bulk_lost(z);
	retry_arm(z);
}

static void bulk_connected(struct zclient *zc)
{
	struct ofl_zapi *z = the_zapi;
	uint64_t now_us = ofl_clock_mono_us();

	/* libfrr has just armed its own reader. */
	ofl_ev_off(zc->t_read);
	ofl_zapi_bulk_reset(z->reader);
	z->stats.connects++;
	z->stats.settled = false;
	z->asked = false;
	z->vrf_generation++;
	ofl_zapi_guards_sync_begin(&z->guards, OFL_PROTO_RESERVED);
	ofl_rib_sync_begin(z->rib);
	z->sync_us = z->activity_us = z->progress_us = now_us;
	z->not_before_us = now_us;
	if (!z->lost_us && now_us - z->start_us > ABSENT_US)
		z->lost_us = z->start_us;
	if (z->lost_us)
		z->not_before_us += now_us - z->lost_us < LATE_AFTER_US
					    ? RETURN_US
					    : RETURN_LATE_US;
	ofl_ev_read(z->loop, bulk_read, z, zc->sock, &zc->t_read);
	ofl_zapi_settle_arm(z);
	ofl_zapi_state_note(z);
}

bool ofl_zapi_resync(struct ofl_zapi *z)
{
	if (z->ctl->sock < 0 || z->bulk->sock < 0)
		return false;
	z->stats.settled = false;
	z->asked = true;
	z->all_back = false;
	ofl_zapi_guards_sync_begin(&z->guards, OFL_PROTO_RESERVED);
	ofl_rib_sync_begin(z->rib);
	z->sync_us = z->activity_us = z->progress_us = ofl_clock_mono_us();
	z->not_before_us = z->sync_us;
	for (size_t i = 0; i < z->vrf_count && z->bulk->sock >= 0; i++)
		subscribe(z, z->vrfs[i].id);
	if (z->bulk->sock < 0) {
		bulk_lost(z);
		retry_arm(z);
		return false;
	}
	ofl_zapi_settle_arm(z);
	ofl_zapi_state_note(z);
	return true;
}

/* --- the ordinary session --- */

static int ctl_address(ZAPI_CALLBACK_ARGS)
{
	struct ofl_zapi *z = the_zapi;
	bool add = cmd == ZEBRA_INTERFACE_ADDRESS_ADD;
	struct ofl_zapi_address a;

	z->activity_us = ofl_clock_mono_us();
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

	z->activity_us = ofl_clock_mono_us();
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

void ofl_zapi_nht_register(void *arg, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on)
{
	struct ofl_zapi *z = arg;

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
	z->sync_us = z->activity_us = z->progress_us = ofl_clock_mono_us();
	ofl_zapi_settle_arm(z);
	ofl_zapi_state_note(z);
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

struct ofl_zapi *ofl_zapi_new(struct ofl_loop *master,
			      struct zebra_privs_t *privs, struct ofl_rib *rib,
			      const struct ofl_zapi_conf *conf,
			      void (*settled)(void *arg), void *arg)
{
	struct ofl_zapi *z = XCALLOC(MTYPE_OFL_ZAPI, sizeof(*z));

	assert(!the_zapi);
	the_zapi = z;
	z->loop = master;
	z->rib = rib;
	z->start_us = z->stats.state_us = ofl_clock_mono_us();
	z->conf = *conf;
	z->on_settled = settled;
	z->arg = arg;
	z->reader = ofl_zapi_bulk_new();
	ofl_zapi_guards_init(&z->guards, rib);
	z->ctl = session_new(z, privs, ctl_handlers, array_size(ctl_handlers),
			     ctl_connected);
	z->bulk = session_new(z, privs, NULL, 0, bulk_connected);
	z->bulk->session_id = 1;
	retry_arm(z);
	return z;
}

void ofl_zapi_conf_set(struct ofl_zapi *z, const struct ofl_zapi_conf *conf)
{
	z->conf = *conf;
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
	ofl_ev_off(z->t_settle);
	session_free(z->ctl);
	session_free(z->bulk);
	ofl_zapi_guards_fini(&z->guards);
	ofl_zapi_bulk_free(z->reader);
	XFREE(MTYPE_OFL_ZAPI_VRF, z->vrfs);
	XFREE(MTYPE_OFL_ZAPI, z);
	the_zapi = NULL;
}
