// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The feed of routes: which sessions there are, and what is told of them.
 *
 * The two over ZAPI are always there.  Under FPM the third brings the routes,
 * and exists only while zebra's VRFs are known: a table without its VRF would
 * mean nothing.
 *
 * Neighbours: zapi.c, fpm.c; feed_settle.c for what their coming and going
 * means.
 */
#include <zebra.h>

#include "memory.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/base/names.h"
#include "offloadd/source/feed_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FEED, "offload feed of routes");

/* Old versions have no "local". */
const char *const ofl_zapi_side_types[OFL_ZAPI_SIDE_TYPES] = {
	"connected", "kernel", "local"};

static const char *const kinds[OFL_FEED_KIND_MAX] = {
	[OFL_FEED_ZAPI] = "zapi",
	[OFL_FEED_FPM] = "fpm",
};

const char *ofl_feed_kind_name(enum ofl_feed_kind kind)
{
	return (size_t)kind < array_size(kinds) ? kinds[kind] : "unknown";
}

bool ofl_feed_kind_parse(const char *name, enum ofl_feed_kind *ret_kind)
{
	for (size_t i = 0; i < array_size(kinds); i++) {
		if (!strcmp(name, kinds[i])) {
			*ret_kind = (enum ofl_feed_kind)i;
			return true;
		}
	}
	return false;
}

bool ofl_feed_has_attributes(enum ofl_feed_kind kind)
{
	return kind == OFL_FEED_ZAPI;
}

bool ofl_feed_is_by_zapi(enum ofl_feed_kind kind, uint8_t proto)
{
	uint8_t type;

	if (kind == OFL_FEED_ZAPI)
		return true;
	for (size_t i = 0; i < array_size(ofl_zapi_side_types); i++)
		if (ofl_proto_parse(ofl_zapi_side_types[i], &type) &&
		    type == proto)
			return true;
	return false;
}

const char *ofl_feed_state_name(enum ofl_feed_state s)
{
	static const char *const names[] = {
		[OFL_FEED_CONNECTING] = "connecting",
		[OFL_FEED_SYNCING] = "syncing",
		[OFL_FEED_SETTLED] = "settled",
		[OFL_FEED_LOST] = "lost",
	};

	return (size_t)s < array_size(names) ? names[s] : "unknown";
}

/* --- life --- */

static void fpm_make(struct ofl_feed *feed)
{
	if (feed->conf.kind == OFL_FEED_FPM)
		feed->fpm = ofl_fpm_new(feed);
}

struct ofl_feed *ofl_feed_new(struct ofl_loop *loop,
			      struct zebra_privs_t *privs, struct ofl_rib *rib,
			      const struct ofl_feed_conf *conf,
			      void (*settled)(void *arg), void *arg)
{
	struct ofl_feed *feed = XCALLOC(MTYPE_OFL_FEED, sizeof(*feed));

	feed->loop = loop;
	feed->rib = rib;
	feed->conf = *conf;
	feed->on_settled = settled;
	feed->arg = arg;
	feed->start_us = feed->state_us = ofl_clock_mono_us();
	fpm_make(feed);
	feed->zapi = ofl_zapi_new(feed, privs);
	return feed;
}

void ofl_feed_free(struct ofl_feed *feed)
{
	if (!feed)
		return;
	ofl_ev_off(feed->t_settle);
	ofl_fpm_free(feed->fpm);
	feed->fpm = NULL;
	ofl_zapi_free(feed->zapi);
	XFREE(MTYPE_OFL_FEED, feed);
}

void ofl_feed_conf_set(struct ofl_feed *feed, const struct ofl_feed_conf *conf)
{
	enum ofl_feed_kind before = feed->conf.kind;
	bool is_other = before != conf->kind ||
			(conf->kind == OFL_FEED_FPM &&
			 (feed->conf.fpm_family != conf->fpm_family ||
			  feed->conf.fpm_port != conf->fpm_port ||
			  memcmp(feed->conf.fpm_addr, conf->fpm_addr,
				 sizeof(conf->fpm_addr)) != 0));

	feed->conf = *conf;
	if (!is_other)
		return;
	ofl_fpm_free(feed->fpm);
	feed->fpm = NULL;
	fpm_make(feed);
	if (!ofl_zapi_is_connected(feed->zapi)) {
		ofl_feed_state_note(feed);
		return; /* all begins when it is */
	}
	ofl_feed_begin(feed, OFL_FEED_BEGIN_ASKED);
	if (ofl_zapi_subscribe(feed->zapi, before))
		ofl_feed_vrfs_known(feed, true);
}

/* --- for the sessions --- */

bool ofl_feed_is_connected(const struct ofl_feed *feed)
{
	return feed->zapi && ofl_zapi_is_connected(feed->zapi) &&
	       (!feed->fpm || ofl_fpm_is_connected(feed->fpm));
}

void ofl_feed_vrfs_known(struct ofl_feed *feed, bool known)
{
	if (feed->fpm)
		ofl_fpm_listen(feed->fpm, known);
}

void ofl_feed_table_new(struct ofl_feed *feed, uint32_t table)
{
	if (feed->fpm)
		ofl_fpm_table_new(feed->fpm, table);
}

/* --- asked --- */

void ofl_feed_nht_register(void *arg, uint32_t vrf, uint8_t family,
			   const uint8_t *gw, bool on)
{
	struct ofl_feed *feed = arg;

	if (feed)
		ofl_zapi_nht_register(feed->zapi, vrf, family, gw, on);
}

bool ofl_feed_resync(struct ofl_feed *feed)
{
	if (!ofl_feed_is_connected(feed))
		return false;
	/* FPM has no word for it, but says all to whoever is new. */
	if (feed->fpm)
		return ofl_fpm_restart(feed->fpm);
	ofl_feed_begin(feed, OFL_FEED_BEGIN_ASKED);
	return ofl_zapi_subscribe(feed->zapi, feed->conf.kind);
}

struct ofl_fpm *ofl_feed_fpm(struct ofl_feed *feed)
{
	return feed->fpm;
}

void ofl_feed_set_fpm_events(struct ofl_feed *feed,
			     const struct ofl_fpm_events *events, void *arg)
{
	feed->fpm_events = events ? *events : (struct ofl_fpm_events){0};
	feed->fpm_events_arg = arg;
	if (feed->fpm)
		ofl_fpm_events_set(feed->fpm);
}

bool ofl_feed_vrf_table(struct ofl_feed *feed, uint32_t vrf,
			uint32_t *ret_table)
{
	return ofl_zapi_vrf_table(feed->zapi, vrf, ret_table);
}

void ofl_feed_stats(struct ofl_feed *feed, struct ofl_feed_stats *ret)
{
	struct ofl_zapi_stats z;

	/* libfrr may have noticed the end of its session by itself. */
	ofl_feed_state_note(feed);
	ofl_zapi_stats(feed->zapi, &z);
	*ret = (struct ofl_feed_stats){
		.kind = feed->conf.kind,
		.state = feed->state,
		.state_us = feed->state_us,
		.late = ofl_feed_is_late(feed),
		.connected = ofl_feed_is_connected(feed),
		.settled = feed->state == OFL_FEED_SETTLED,
		.messages = z.messages,
		.bytes = z.bytes,
		.malformed = z.malformed,
		.connects = feed->connects,
		.first_route_us = feed->first_route_us,
		.last_route_us = feed->last_route_us,
	};
	if (!feed->fpm)
		return;
	ofl_fpm_stats(feed->fpm, &ret->fpm);
	ret->messages = ret->fpm.messages;
	ret->bytes = ret->fpm.bytes;
	ret->malformed += ret->fpm.malformed;
}
