// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the kernel cannot sample: filters for software alone (skip_hw), each
 * of which counts the packets to one region, at the spots of prov_tc_spot.c.
 *
 * Regions do not overlap, so that it does not matter in which order flower
 * looks at them, and a packet is counted once.  They are not told apart by
 * VRF: ports must all be in the same one.
 *
 * A region is a place in a table, and that is its filters' handle; another one
 * has its place when they have gone.  Nothing of an earlier life is taken over:
 * what it counted nobody knows.
 */
#include <zebra.h>

#include "log.h"

#include "lib/counter.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_REGIONS, "offload tc regions");

#define HANDLE 4096 /* of the first */
#define SPOTS 3	    /* of a region: chain 0, that of routes, that of its VRF */
#define RETRY_US 10000000

struct ofl_tc_regions {
	struct region {
		struct ofl_prefix want, have; /* family 0: none */
		struct at {
			bool there, busy;
			bool going; /* busy: it is deleted */
			bool seen;  /* by the audit under way */
			bool again; /* something else had its place */
			uint64_t packets, bytes;
		} at[SPOTS];
	} region[OFL_REGIONS_MAX];
	uint32_t asked; /* so many are wanted */
	int slot;	/* the ports' VRF; -1: they are in several */
	uint64_t after_us;
	char text[OFL_OUTCOME_TEXT];
};

void ofl_tc_region_init(struct ofl_provider *p)
{
	p->regions = XCALLOC(MTYPE_OFL_TC_REGIONS, sizeof(*p->regions));
}

void ofl_tc_region_fini(struct ofl_provider *p)
{
	XFREE(MTYPE_OFL_TC_REGIONS, p->regions);
}

/* --- one filter --- */

static unsigned int spot_of(const struct ofl_provider *p,
			    const struct ofl_prefix *region, unsigned int k)
{
	unsigned int slot = MAX(0, p->regions->slot);

	if (k < OFL_TC_SPOT_VRFS)
		return k;
	return OFL_TC_SPOT_VRFS + 2 * slot + (region->family == AF_INET6);
}

static struct ofl_tc_filter filter_make(const struct ofl_provider *p,
					unsigned int i, unsigned int k)
{
	const struct region *r = &p->regions->region[i];
	struct ofl_tc_filter f = ofl_tc_spot_filter(p, spot_of(p, &r->have, k));

	f.handle = HANDLE + i;
	f.dst = r->have;
	f.does = k < OFL_TC_SPOT_VRFS ? OFL_TC_CONTINUE : OFL_TC_PASS;
	ofl_tc_cookie(p, OFL_TC_COOKIE_REGION, f.cookie);
	return f;
}

static void ask(struct ofl_provider *p, unsigned int i, unsigned int k,
		bool going)
{
	struct at *at = &p->regions->region[i].at[k];
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_REGION,
				  p->life << 10 | i << 2 | k),
		.ask = going ? OFL_TC_ASK_DEL : OFL_TC_ASK_ADD,
		.block = p->conf.block,
		.filter = filter_make(p, i, k),
	};

	at->busy = true;
	at->going = going;
	ofl_tc_ask(p, &r);
}

static bool is_empty(const struct region *r)
{
	for (unsigned int k = 0; k < SPOTS; k++) {
		if (r->at[k].there || r->at[k].busy)
			return false;
	}
	return true;
}

/* Bring a region to what it should be, a step at a time. */
static void check(struct ofl_provider *p, unsigned int i)
{
	struct region *r = &p->regions->region[i];
	bool stays = r->want.family && p->regions->slot >= 0 &&
		     ofl_prefix_cmp(&r->want, &r->have) == 0;

	if (!stays && is_empty(r)) {
		r->have = r->want;
		stays = r->want.family && p->regions->slot >= 0;
	}
	if (!r->have.family)
		return;
	for (unsigned int k = 0; k < SPOTS; k++) {
		struct at *at = &r->at[k];
		bool want = stays &&
			    ofl_tc_spot_is_of_use(p, spot_of(p, &r->have, k));

		if (!at->busy && at->there != want)
			ask(p, i, k, !want);
	}
}

static void note_failure(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	struct ofl_tc_regions *g = p->regions;

	strlcpy(g->text,
		"the kernel takes no filter that counts: ", sizeof(g->text));
	strlcat(g->text,
		reply->text[0]	? reply->text
		: reply->errnum ? safe_strerror(reply->errnum)
				: "it made another one of it",
		sizeof(g->text));
	g->after_us = p->now_us + RETRY_US;
	p->audit_due |= reply->errnum == ENOBUFS; /* it may be there */
}

void ofl_tc_region_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	unsigned int i = (uint32_t)reply->tag >> 2 & 0xff,
		     k = (uint32_t)reply->tag & 3;
	struct ofl_tc_filter want;
	struct at *at;

	if ((uint32_t)reply->tag >> 10 != (p->life & 0x3fffff) ||
	    i >= OFL_REGIONS_MAX || k >= SPOTS)
		return; /* of a block that has gone */
	at = &p->regions->region[i].at[k];
	at->busy = false;
	at->seen = true;
	if (at->going) {
		at->there = reply->errnum && reply->errnum != ENOENT;
		if (at->there)
			note_failure(p, reply);
		return;
	}
	want = filter_make(p, i, k);
	at->packets = at->bytes = 0;
	at->there = !reply->errnum || reply->errnum == EEXIST;
	if (!reply->errnum && reply->echoed && reply->seen.understood &&
	    ofl_tc_filter_eq(&want, &reply->filter)) {
		p->regions->text[0] = '\0';
		at->again = false;
		return;
	}
	/* Once, nobody needs to wait for it. */
	if (at->again || reply->errnum != EEXIST)
		note_failure(p, reply);
	at->again = reply->errnum == EEXIST;
	/* Whatever it is, it is not that. */
	if (at->there)
		ask(p, i, k, true);
}

/* --- what is there --- */

void ofl_tc_region_mark(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		for (unsigned int k = 0; k < SPOTS; k++) {
			struct at *at = &p->regions->region[i].at[k];

			at->seen = at->busy || !at->there;
		}
	}
}

/* The one that stands there, as far as its place tells; NULL: none. */
static struct at *at_of(struct ofl_provider *p, const struct ofl_tc_filter *f,
			unsigned int *ret_i, unsigned int *ret_k)
{
	unsigned int i = f->handle - HANDLE;
	struct region *r;

	if (i >= OFL_REGIONS_MAX)
		return NULL;
	r = &p->regions->region[i];
	for (unsigned int k = 0; r->have.family && k < SPOTS; k++) {
		struct ofl_tc_filter want = filter_make(p, i, k);

		if (want.chain != f->chain || want.pref != f->pref ||
		    want.protocol != f->protocol)
			continue;
		*ret_i = i;
		*ret_k = k;
		return &r->at[k];
	}
	return NULL;
}

void ofl_tc_region_found(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	struct ofl_tc_filter want;
	unsigned int i, k;
	struct at *at = at_of(p, f, &i, &k);

	if (!at || (!at->there && !at->busy)) {
		ofl_tc_take_away(p, f);
		return;
	}
	at->seen = true;
	if (at->busy)
		return; /* its answer tells */
	want = filter_make(p, i, k);
	if (reply->seen.understood && ofl_tc_filter_eq(&want, f))
		return;
	ofl_tc_differs(p, NULL, OFL_DIFFERENCE_CHANGED,
		       "a filter that counts, chain %u handle %u", f->chain,
		       f->handle);
	ask(p, i, k, true);
}

void ofl_tc_region_sweep(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		for (unsigned int k = 0; k < SPOTS; k++) {
			struct at *at = &p->regions->region[i].at[k];

			if (at->seen || at->busy || !at->there)
				continue;
			at->there = false;
			ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
				       "a filter that counts, handle %u",
				       HANDLE + i);
		}
	}
}

void ofl_tc_region_block_gone(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++)
		memset(p->regions->region[i].at, 0,
		       sizeof(p->regions->region[i].at));
}

bool ofl_tc_region_clear(struct ofl_provider *p)
{
	bool some = false;

	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		for (unsigned int k = 0; k < SPOTS; k++) {
			const struct at *at = &p->regions->region[i].at[k];

			if (!at->there && !(at->busy && !at->going))
				continue;
			some = true;
			ask(p, i, k, true);
		}
	}
	return some;
}

/* --- counters --- */

bool ofl_tc_region_is_at(const struct ofl_provider *p, unsigned int spot)
{
	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		const struct region *r = &p->regions->region[i];

		for (unsigned int k = 0; r->have.family && k < SPOTS; k++) {
			if (r->at[k].there && spot_of(p, &r->have, k) == spot)
				return true;
		}
	}
	return false;
}

static uint32_t port_of(const struct ofl_provider *p)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		if (p->ports[i].ifindex)
			return p->ports[i].ifindex;
	}
	return 0;
}

void ofl_tc_region_counted(struct ofl_provider *p,
			   const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_counted *now = &reply->seen.counted;
	uint64_t packets, bytes;
	unsigned int i, k;
	struct at *at = at_of(p, &reply->filter, &i, &k);

	/* The one of before, that goes, or nobody's. */
	if (!at || !at->there || at->busy)
		return;
	packets = ofl_counter_delta(at->packets, now->packets);
	bytes = ofl_counter_delta(at->bytes, now->bytes);
	at->packets = now->packets;
	at->bytes = now->bytes;
	if ((packets || bytes) && p->events->region_counted)
		p->events->region_counted(p->arg, port_of(p),
					  &p->regions->region[i].have, packets,
					  bytes);
}

/* --- the contract --- */

/* The slot of the VRF that all ports are in that route; -1: of several. */
static int slot_of_ports(const struct ofl_provider *p)
{
	int slot = -1;

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		int of = ofl_tc_port_slot(p, i);

		if (of < 0)
			continue;
		if (slot >= 0 && slot != of)
			return -1;
		slot = of;
	}
	return slot;
}

void ofl_tc_region_poll(struct ofl_provider *p, uint64_t now_us)
{
	struct ofl_tc_regions *g = p->regions;
	int slot;

	if (p->phase != OFL_TC_READY || p->lists_only || now_us < g->after_us)
		return;
	slot = slot_of_ports(p);
	if (slot != g->slot) {
		(void)ofl_tc_region_clear(p);
		/* The old ones go by the place that they have. */
		for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
			if (!is_empty(&g->region[i]))
				return;
		}
		g->slot = slot;
	}
	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++)
		check(p, i);
}

static bool is_wanted(const struct ofl_prefix *region, size_t n,
		      const struct ofl_prefix *one)
{
	for (size_t i = 0; i < n; i++) {
		if (ofl_prefix_cmp(&region[i], one) == 0)
			return true;
	}
	return false;
}

static void want(struct ofl_tc_regions *g, const struct ofl_prefix *region)
{
	struct region *place = NULL;

	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		struct region *r = &g->region[i];

		if (r->want.family && ofl_prefix_cmp(&r->want, region) == 0)
			return;
		/* One that is empty already, rather. */
		if (!r->want.family &&
		    (!place || (!is_empty(place) && is_empty(r))))
			place = r;
	}
	if (place)
		place->want = *region;
}

void ofl_tc_regions(struct ofl_provider *p, const struct ofl_prefix *region,
		    size_t n)
{
	struct ofl_tc_regions *g = p->regions;

	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		if (g->region[i].want.family &&
		    !is_wanted(region, n, &g->region[i].want))
			g->region[i].want = (struct ofl_prefix){0};
	}
	for (size_t i = 0; i < n; i++)
		want(g, &region[i]);
	g->asked = n;
	if (!n)
		g->text[0] = '\0';
	/* Now, for nothing else may bring us to poll(). */
	ofl_tc_region_poll(p, p->now_us);
	(void)ofl_tc_flush(p);
}

uint32_t ofl_tc_region_count(const struct ofl_provider *p, char *text)
{
	const struct ofl_tc_regions *g = p->regions;
	uint32_t count = 0;

	for (unsigned int i = 0; i < OFL_REGIONS_MAX; i++) {
		bool there = false;

		for (unsigned int k = 0; k < SPOTS; k++)
			there |= g->region[i].at[k].there;
		count += there;
	}
	if (g->asked && g->text[0])
		strlcpy(text, g->text, OFL_OUTCOME_TEXT);
	else if (g->asked && p->phase == OFL_TC_READY && !p->lists_only &&
		 slot_of_ports(p) < 0)
		strlcpy(text,
			"packets of several VRFs cannot be told apart without "
			"samples",
			OFL_OUTCOME_TEXT);
	return count;
}
