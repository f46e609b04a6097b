// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the next hops of a group mean for hardware: an action, or the reason
 * why there is none.
 *
 * Hardware must do what software does with every packet, so a group is ready
 * only if every one of its next hops is; forwarding to some of them would be
 * something else.  Reads facts, changes nothing but to make those it asked
 * for.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/source/rib_private.h"

struct walk {
	struct ofl_rib *rib;
	struct ofl_resolved *ret;
	enum ofl_reason wait; /* the worst so far; NONE: all well */
	size_t blackholes;
	size_t nh_count;
	struct ofl_nexthop nh[OFL_RAWNH_MAX];
};

/* Which reason speaks for a group with several: what an operator has to deal
 * with first, the most lasting. */
static unsigned int gravity(enum ofl_reason r)
{
	switch (r) {
	case OFL_REASON_NONE:
		return 0;
	case OFL_REASON_NEIGHBOR_UNRESOLVED:
		return 1;
	case OFL_REASON_LINK_DOWN:
		return 2;
	case OFL_REASON_NEXTHOP_UNRESOLVED:
		return 3;
	case OFL_REASON_CONNECTED:
		return 4;
	case OFL_REASON_ENCAP_UNSUPPORTED:
		return 5;
	default: /* ACTION_UNSUPPORTED */
		return 6;
	}
}

static void hold(struct walk *w, enum ofl_reason r)
{
	if (gravity(r) > gravity(w->wait))
		w->wait = r;
}

static struct ofl_fact *ask(struct walk *w, enum ofl_fact_kind kind,
			    uint32_t index, uint8_t family, const uint8_t *addr)
{
	struct ofl_fact *fact = ofl_fact_get(w->rib, kind, index, family, addr);

	/* There is room: a gateway for each next hop of the group, a link and
	 * a neighbour for each of at most OFL_RAWNH_MAX final ones. */
	w->ret->facts[w->ret->fact_count++] = fact;
	return fact;
}

/* A next hop as the kernel would use it: this address on this interface. */
static void final(struct walk *w, const struct ofl_rawnh *via, uint8_t family,
		  const uint8_t *gw, uint8_t weight)
{
	struct ofl_fact *link, *neigh;
	struct ofl_nexthop *nh;

	if (w->nh_count == OFL_RAWNH_MAX) {
		hold(w, OFL_REASON_ACTION_UNSUPPORTED);
		return;
	}
	nh = &w->nh[w->nh_count++];
	link = ask(w, OFL_FACT_LINK, via->ifindex, 0, NULL);
	if (!link->known || !link->up) {
		/* Its neighbours are not even asked for. */
		hold(w, OFL_REASON_LINK_DOWN);
		return;
	}
	neigh = ask(w, OFL_FACT_NEIGH, via->ifindex, family, gw);
	if (!neigh->known) {
		hold(w, OFL_REASON_NEIGHBOR_UNRESOLVED);
		return;
	}
	*nh = (struct ofl_nexthop){
		.ifindex = via->ifindex,
		.vrf = via->vrf,
		.family = family,
		.weight = weight,
	};
	memcpy(nh->mac, neigh->mac, sizeof(nh->mac));
	memcpy(nh->gw, gw, sizeof(nh->gw));
}

/* One of the next hops that the gateway of `raw` resolves to.  The
 * weight is the route's own: that is what its protocol asked for. */
static void resolved(struct walk *w, const struct ofl_rawnh *raw,
		     const struct ofl_rawnh *to)
{
	if (to->encap) {
		hold(w, OFL_REASON_ENCAP_UNSUPPORTED);
		return;
	}
	switch (to->kind) {
	case OFL_RAWNH_INTERFACE:
		/* The gateway itself is on that wire. */
		final(w, to, raw->family, raw->gw, raw->weight);
		break;
	case OFL_RAWNH_GATEWAY:
		final(w, to, to->family, to->gw, raw->weight);
		break;
	case OFL_RAWNH_BLACKHOLE:
		w->blackholes++;
		break;
	case OFL_RAWNH_RECURSIVE:
		hold(w, OFL_REASON_NEXTHOP_UNRESOLVED);
		break;
	default:
		hold(w, OFL_REASON_ACTION_UNSUPPORTED);
	}
}

static void recursive(struct walk *w, const struct ofl_rawnh *raw)
{
	struct ofl_fact *gw;

	gw = ask(w, OFL_FACT_GATEWAY, raw->vrf, raw->family, raw->gw);
	if (!gw->known) {
		w->ret->unanswered |= !gw->answered;
		hold(w, OFL_REASON_NEXTHOP_UNRESOLVED);
		return;
	}
	for (size_t i = 0; i < gw->nh_count; i++)
		resolved(w, raw, &gw->nh[i]);
}

static void nexthop(struct walk *w, const struct ofl_rawnh *raw)
{
	if (raw->encap) {
		hold(w, OFL_REASON_ENCAP_UNSUPPORTED);
		return;
	}
	switch (raw->kind) {
	case OFL_RAWNH_INTERFACE:
		hold(w, OFL_REASON_CONNECTED);
		break;
	case OFL_RAWNH_GATEWAY:
		final(w, raw, raw->family, raw->gw, raw->weight);
		break;
	case OFL_RAWNH_RECURSIVE:
		recursive(w, raw);
		break;
	case OFL_RAWNH_BLACKHOLE:
		w->blackholes++;
		break;
	default:
		hold(w, OFL_REASON_ACTION_UNSUPPORTED);
	}
}

void ofl_group_resolve(struct ofl_rib *rib, const struct ofl_rib_group *g,
		       struct ofl_resolved *ret)
{
	struct walk w = {.rib = rib, .ret = ret, .wait = OFL_REASON_NONE};

	ret->action = NULL;
	ret->fact_count = 0;
	ret->unanswered = false;
	for (size_t i = 0; i < g->nh_count; i++)
		nexthop(&w, &g->nh[i]);
	if (w.blackholes && w.nh_count)
		hold(&w, OFL_REASON_ACTION_UNSUPPORTED);
	if (!w.blackholes && !w.nh_count)
		hold(&w, OFL_REASON_NEXTHOP_UNRESOLVED);
	ret->wait = w.wait;
	if (w.wait != OFL_REASON_NONE)
		return;
	if (w.blackholes)
		ret->action = ofl_action_get(OFL_ACTION_BLACKHOLE, NULL, 0);
	else
		ret->action =
			ofl_action_get(OFL_ACTION_FORWARD, w.nh, w.nh_count);
}
