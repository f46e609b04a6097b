// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples of what software forwards: filters for software alone (skip_hw) that
 * hand one packet of so many to a group of psample, and what is read of it.
 *
 * They stand at all spots where such packets come by (prov_tc_spot.c).
 *
 * Filters carry a cookie of their own kind: an earlier life's are taken over
 * where they stand, others go, audits look after them.  The group of psample
 * is made of the table's tag: the same in every life, and another for another
 * table; never that of logged packets (SAMPLE_GROUP of prov_tc_list_make.c).
 *
 * A packet is the router's if it came to the MAC address of its port; what is
 * not, or is not IP, counts as odd.
 */
#include <zebra.h>

#include <sys/epoll.h>

#include "log.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_psample.h"
#include "offloadd/provider/prov_tc_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_SAMPLING, "offload tc sampling");

#define HANDLE 1000  /* beside what leads to lists, a few a port */
#define HANDLE_VRF 2 /* beside the guard for TTL */
#define RETRY_US 60000000
#define RETRY_LOST_US 1000000
#define GROUP_BIT 0x80000000u

struct ofl_tc_sampling {
	uint32_t rate; /* asked for; 0: none */
	struct spot {
		bool there, busy;
		bool seen;	/* by the audit under way */
		bool wrong;	/* there, but not as it should be */
		uint32_t rate;	/* of the one that is there */
		uint32_t asked; /* ... that is being written; 0: it goes */
	} spot[OFL_TC_SPOTS];
	uint64_t after_us; /* one failed: not before this */
	char text[OFL_OUTCOME_TEXT];
	struct ofl_psample *psample;
	uint64_t samples, odd;
	uint64_t lost; /* of sockets that were closed */
};

static uint32_t group_of(const struct ofl_provider *p)
{
	return p->tag | GROUP_BIT;
}

void ofl_tc_sample_init(struct ofl_provider *p)
{
	p->sampling = XCALLOC(MTYPE_OFL_TC_SAMPLING, sizeof(*p->sampling));
}

/* --- one filter --- */

static struct ofl_tc_filter filter_make(const struct ofl_provider *p,
					unsigned int i, uint32_t rate)
{
	struct ofl_tc_filter f = ofl_tc_spot_filter(p, i);

	f.handle = i < OFL_TC_SPOT_VRFS ? HANDLE : HANDLE_VRF;
	f.does = i < OFL_TC_SPOT_VRFS ? OFL_TC_SAMPLE : OFL_TC_SAMPLE_PASS;
	f.sample_rate = rate;
	f.sample_group = group_of(p);
	ofl_tc_cookie(p, OFL_TC_COOKIE_SAMPLE, f.cookie);
	return f;
}

static void ask(struct ofl_provider *p, unsigned int i, uint32_t rate)
{
	struct spot *s = &p->sampling->spot[i];
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_SAMPLE, p->life << 8 | i),
		.ask = !s->there ? OFL_TC_ASK_ADD
		       : rate	 ? OFL_TC_ASK_REPLACE
				 : OFL_TC_ASK_DEL,
		.block = p->conf.block,
		.filter = filter_make(p, i, rate ? rate : s->rate),
	};

	/* Of a delete only its place counts. */
	if (!r.filter.sample_rate)
		r.filter.sample_rate = 1;
	s->busy = true;
	s->asked = rate;
	ofl_tc_ask(p, &r);
}

/* Bring it to what it should be, a step at a time. */
static void check(struct ofl_provider *p, unsigned int i, uint64_t now_us)
{
	struct ofl_tc_sampling *g = p->sampling;
	struct spot *s = &g->spot[i];
	uint32_t rate = g->rate && ofl_tc_spot_is_of_use(p, i) ? g->rate : 0;

	if (s->busy || (!rate && !s->there) ||
	    (rate && s->there && !s->wrong && s->rate == rate) ||
	    now_us < g->after_us)
		return;
	ask(p, i, rate);
}

static void note_failure(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	struct ofl_tc_sampling *g = p->sampling;
	bool lost = reply->errnum == ENOBUFS;

	strlcpy(g->text,
		"the kernel takes no filter that samples: ", sizeof(g->text));
	strlcat(g->text,
		reply->text[0]	? reply->text
		: reply->errnum ? safe_strerror(reply->errnum)
				: "it made another one of it",
		sizeof(g->text));
	g->after_us = p->now_us + (lost ? RETRY_LOST_US : RETRY_US);
	p->audit_due |= lost; /* it may be there */
}

void ofl_tc_sample_reply(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	unsigned int i = (uint8_t)reply->tag;
	struct spot *s = &p->sampling->spot[i % OFL_TC_SPOTS];
	struct ofl_tc_filter want;

	if (((uint32_t)reply->tag >> 8) != (p->life & 0xffffff) ||
	    i >= OFL_TC_SPOTS)
		return; /* of a block that has gone */
	s->busy = false;
	s->seen = true;
	if (!s->asked) {
		s->there &= reply->errnum && reply->errnum != ENOENT;
		if (s->there)
			note_failure(p, reply);
		return;
	}
	want = filter_make(p, i, s->asked);
	if (!reply->errnum && reply->echoed && reply->seen.understood &&
	    ofl_tc_filter_eq(&want, &reply->filter)) {
		s->there = true;
		s->wrong = false;
		s->rate = s->asked;
		p->sampling->text[0] = '\0';
	} else if (reply->errnum == EEXIST && !s->there) {
		s->there = s->wrong = true; /* nobody had seen it yet */
	} else if (reply->errnum == ENOENT && s->there) {
		s->there = false; /* somebody took it away */
	} else {
		s->there |= !reply->errnum;
		s->wrong = s->there;
		note_failure(p, reply);
	}
}

/* --- what is there --- */

void ofl_tc_sample_mark(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_TC_SPOTS; i++) {
		struct spot *s = &p->sampling->spot[i];

		s->seen = s->busy || !s->there;
	}
}

static bool stands_at(const struct ofl_provider *p, unsigned int i,
		      const struct ofl_tc_filter *f)
{
	struct ofl_tc_filter want = filter_make(p, i, 1);

	return want.chain == f->chain && want.pref == f->pref &&
	       want.protocol == f->protocol && want.handle == f->handle;
}

void ofl_tc_sample_found(struct ofl_provider *p,
			 const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	unsigned int i = ofl_tc_spot_of(p, f->chain);
	struct ofl_tc_filter want;
	struct spot *s;
	bool right;

	if (i >= OFL_TC_SPOTS || !stands_at(p, i, f)) {
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_EXTRA,
			       "a filter that samples, chain %u pref %u handle "
			       "%u: taken away",
			       f->chain, f->pref, f->handle);
		ofl_tc_take_away(p, f);
		return;
	}
	s = &p->sampling->spot[i];
	s->seen = true;
	if (s->busy)
		return; /* its answer tells */
	want = filter_make(p, i, s->there ? s->rate : f->sample_rate);
	right = reply->seen.understood && ofl_tc_filter_eq(&want, f);
	if (s->there && !s->wrong && !right)
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_CHANGED,
			       "a filter that samples, chain %u", f->chain);
	/* Of an earlier life: as if it were ours. */
	if (!s->there)
		s->rate = f->sample_rate;
	s->there = true;
	s->wrong |= !right;
}

void ofl_tc_sample_sweep(struct ofl_provider *p)
{
	for (unsigned int i = 0; i < OFL_TC_SPOTS; i++) {
		struct spot *s = &p->sampling->spot[i];

		if (s->seen || s->busy || !s->there)
			continue;
		s->there = s->wrong = false;
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "a filter that samples, chain %u",
			       filter_make(p, i, 1).chain);
	}
}

void ofl_tc_sample_block_gone(struct ofl_provider *p)
{
	memset(p->sampling->spot, 0, sizeof(p->sampling->spot));
}

bool ofl_tc_sample_clear(struct ofl_provider *p)
{
	bool some = false;

	for (unsigned int i = 0; i < OFL_TC_SPOTS; i++) {
		struct spot *s = &p->sampling->spot[i];

		if (!s->there && !s->busy)
			continue;
		s->there = some = true;
		ask(p, i, 0);
	}
	return some;
}

/* --- samples --- */

/* The MAC address of a port, by as much of its number as is told; NULL: not
 * known.  The whole number is in *ret_ifindex then. */
static const uint8_t *mac_of(const struct ofl_provider *p, uint32_t told,
			     uint32_t *ret_ifindex)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		uint32_t ifindex = p->ports[i].ifindex;
		const struct ofl_tc_link *link;

		if (!ifindex || (ifindex != told && (uint16_t)ifindex != told))
			continue;
		*ret_ifindex = ifindex;
		link = ofl_tc_links_find(p->links, ifindex);
		return link && link->has_mac ? link->mac : NULL;
	}
	return NULL;
}

static void on_packet(void *arg, const struct ofl_psample_packet *packet)
{
	struct ofl_provider *p = arg;
	struct ofl_sample sample = {
		.ifindex = packet->ifindex,
		.rate = packet->rate,
		.bytes = packet->bytes,
	};
	const uint8_t *mac = mac_of(p, packet->ifindex, &sample.ifindex);
	struct ofl_psample_head head;

	p->sampling->samples++;
	if (!ofl_psample_head_decode(packet->data, packet->len, &head) ||
	    (mac && memcmp(mac, head.dmac, sizeof(head.dmac)) != 0)) {
		p->sampling->odd++;
		return;
	}
	sample.family = head.family;
	memcpy(sample.dst, head.dst, sizeof(sample.dst));
	if (p->events->sampled)
		p->events->sampled(p->arg, &sample);
}

static void psample_close(struct ofl_provider *p)
{
	if (p->sampling->psample)
		p->sampling->lost += ofl_psample_lost(p->sampling->psample);
	ofl_psample_free(p->sampling->psample);
	p->sampling->psample = NULL;
}

/* The first filter brings the kernel's module. */
static void psample_open(struct ofl_provider *p)
{
	struct epoll_event event = {.events = EPOLLIN};
	struct ofl_tc_sampling *g = p->sampling;
	bool some = false;

	for (unsigned int i = 0; i < OFL_TC_SPOTS && !some; i++)
		some = g->spot[i].there;
	if (!some)
		return;
	g->psample = ofl_psample_new(group_of(p), on_packet, p);
	if (g->psample && !epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD,
				     ofl_psample_fd(g->psample), &event))
		return;
	strlcpy(g->text, "samples cannot be listened to", sizeof(g->text));
	g->after_us = p->now_us + RETRY_LOST_US;
	psample_close(p);
}

/* --- the contract --- */

uint64_t ofl_tc_sample_poll(struct ofl_provider *p, uint64_t now_us,
			    unsigned int budget)
{
	struct ofl_tc_sampling *g = p->sampling;
	uint64_t due_us = UINT64_MAX;

	if (p->phase != OFL_TC_READY || p->lists_only)
		return UINT64_MAX;
	for (unsigned int i = 0; i < OFL_TC_SPOT_VRFS + 2u * p->vrf_count; i++)
		check(p, i, now_us);
	if (g->rate && !g->psample && now_us >= g->after_us)
		psample_open(p);
	if (g->psample)
		due_us = ofl_psample_poll(g->psample, now_us, budget);
	return g->rate && now_us < g->after_us ? MIN(due_us, g->after_us)
					       : due_us;
}

void ofl_tc_sample(struct ofl_provider *p, uint32_t rate)
{
	struct ofl_tc_sampling *g = p->sampling;

	if (rate != g->rate)
		g->after_us = 0;
	g->rate = rate;
	if (!rate) {
		psample_close(p);
		g->text[0] = '\0';
	}
	/* Now, for nothing else may bring us to poll(). */
	(void)ofl_tc_sample_poll(p, p->now_us, 0);
	(void)ofl_tc_flush(p);
}

void ofl_tc_sample_status(struct ofl_provider *p,
			  struct ofl_sampling_status *ret)
{
	const struct ofl_tc_sampling *g = p->sampling;
	const char *text = "";
	bool there = false;

	for (unsigned int i = 0; i < OFL_TC_SPOTS; i++)
		there |= g->spot[i].there && !g->spot[i].wrong;
	memset(ret, 0, sizeof(*ret));
	ret->samples = g->samples;
	ret->odd = g->odd;
	ret->lost = g->lost;
	if (g->psample)
		ret->lost += ofl_psample_lost(g->psample);
	ret->rate = g->rate;
	if (!g->rate)
		text = "";
	else if (p->lists_only || p->phase != OFL_TC_READY)
		text = "the table is not ready";
	else if (g->text[0])
		text = g->text;
	else if (!there)
		text = "filters that sample are being written";
	else if (!g->psample)
		text = "samples are not listened to yet";
	else
		ret->on = ofl_psample_is_joined(g->psample, &text);
	strlcpy(ret->text, text, sizeof(ret->text));
	ret->regions = ofl_tc_region_count(p, ret->text);
}

void ofl_tc_sample_fini(struct ofl_provider *p)
{
	if (!p->sampling)
		return;
	psample_close(p);
	XFREE(MTYPE_OFL_TC_SAMPLING, p->sampling);
}
