// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A route as hardware forwards it, as one tc filter: destination prefix, then
 * both MAC addresses, TTL, checksum, the port.  See prov_tc_priv.h for chains
 * and prefs.  Looks at devices, changes nothing.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/flow/action.h"
#include "offloadd/provider/prov_tc_priv.h"

const char *ofl_tc_way_make(const struct ofl_provider *p,
			    const struct ofl_op *op, struct ofl_tc_way *ret)
{
	struct ofl_tc_way way = {.entry = op->entry};
	const struct ofl_action *a = op->action;

	if (op->entry == OFL_ENTRY_REAL) {
		if (!a)
			return "an entry that forwards needs an action";
		way.drop = a->kind == OFL_ACTION_BLACKHOLE;
		if (!way.drop) {
			if (!a->nh_count)
				return "a route without a next hop";
			if (a->nh_count > 1 && !p->conf.single_path)
				return "several next hops: tc has no ECMP";
			way.ifindex = a->nh[0].ifindex;
			memcpy(way.dmac, a->nh[0].mac, 6);
		}
	}
	*ret = way;
	return NULL;
}

/* A filter does not look at a packet's size, and neither does a port that is
 * handed one: what may arrive has to fit where it leaves. */
bool ofl_tc_way_fits(const struct ofl_provider *p, const struct ofl_tc_way *way,
		     char *ret_why, size_t size)
{
	const struct ofl_tc_link *link;

	if (way->entry != OFL_ENTRY_REAL || way->drop)
		return true;
	link = ofl_tc_links_find(p->links, way->ifindex);
	if (link && (ofl_tc_list_leaves(p, link->ifindex, ret_why, size) ||
		     ofl_tc_list_leaves(p, link->lower, ret_why, size)))
		return false;
	if (!link || link->mtu >= p->ports_mtu)
		return true;
	snprintf(ret_why, size,
		 "packets of %u bytes arrive at its ports, %s takes %u (MTU)",
		 p->ports_mtu, link->name, link->mtu);
	return false;
}

uint32_t ofl_tc_flags(const struct ofl_provider *p)
{
	return p->conf.mode == OFL_TC_MODE_SOFTWARE ? TCA_CLS_FLAGS_SKIP_HW
						    : TCA_CLS_FLAGS_SKIP_SW;
}

uint8_t ofl_tc_to_cpu(const struct ofl_provider *p)
{
	/* In software a trap would swallow the packet. */
	return p->conf.mode == OFL_TC_MODE_SOFTWARE ? OFL_TC_PASS : OFL_TC_TRAP;
}

void ofl_tc_cookie(const struct ofl_provider *p, uint8_t kind,
		   uint8_t ret[OFL_TC_COOKIE])
{
	ofl_tc_cookie_make(p->tag, kind, ret);
}

/* Bytes of a cookie; what is behind them is the kind's. */
#define COOKIE_HEAD 9
#define COOKIE_HAS_VRF 9
#define COOKIE_VRF 10

bool ofl_tc_is_ours(const struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	uint8_t cookie[OFL_TC_COOKIE];

	ofl_tc_cookie(p, f->cookie[8], cookie);
	return f->cookie[8] != OFL_TC_COOKIE_ACL &&
	       !memcmp(cookie, f->cookie, COOKIE_HEAD);
}

void ofl_tc_cookie_vrf_set(uint8_t cookie[OFL_TC_COOKIE], uint32_t vrf)
{
	uint32_t wire = htonl(vrf);

	cookie[COOKIE_HAS_VRF] = 1;
	memcpy(cookie + COOKIE_VRF, &wire, sizeof(wire));
}

bool ofl_tc_cookie_vrf_get(const uint8_t cookie[OFL_TC_COOKIE],
			   uint32_t *ret_vrf)
{
	uint32_t wire;

	if (cookie[COOKIE_HAS_VRF] != 1)
		return false;
	memcpy(&wire, cookie + COOKIE_VRF, sizeof(wire));
	*ret_vrf = ntohl(wire);
	return true;
}

const char *ofl_tc_route_key(const struct ofl_provider *p,
			     const struct ofl_tc_filter *f,
			     struct ofl_key *ret_key, uint8_t *ret_chain_slot)
{
	uint32_t at = f->chain - p->conf.chain;
	uint8_t family = at % 2 ? AF_INET6 : AF_INET;
	uint8_t bits = ofl_family_bits(family);
	struct ofl_key key = {.p = f->dst};

	if (at >= 2 * OFL_TC_VRFS_MAX || f->pref < OFL_TC_PREF_ROUTE ||
	    f->pref > OFL_TC_PREF_ROUTE + bits)
		return "it stands where no route does";
	if (!f->dst.family)
		key.p.family = family; /* the default route matches all */
	if (f->protocol != (at % 2 ? ETH_P_IPV6 : ETH_P_IP) ||
	    key.p.family != family ||
	    f->pref != OFL_TC_PREF_ROUTE + bits - key.p.plen || f->has_dmac ||
	    f->ttl_mask || f->indev[0])
		return "it matches no prefix, or stands where another would";
	if (!ofl_tc_cookie_vrf_get(f->cookie, &key.vrf) ||
	    key.vrf == OFL_TC_VRF_NONE)
		return "it does not say of which VRF it is";
	*ret_key = key;
	*ret_chain_slot = (uint8_t)(at / 2);
	return NULL;
}

/* The device a packet really leaves by, and its tag. */
static const char *egress(const struct ofl_provider *p,
			  const struct ofl_tc_way *way, struct ofl_tc_filter *f)
{
	const struct ofl_tc_link *link, *lower;

	link = ofl_tc_links_find(p->links, way->ifindex);
	if (!link || !link->has_mac)
		return "the next hop's interface is not there, or no Ethernet";
	memcpy(f->new_smac, link->mac, 6);
	memcpy(f->new_dmac, way->dmac, 6);
	f->out_ifindex = link->ifindex;
	if (!link->vlan)
		return NULL;
	lower = ofl_tc_links_find(p->links, link->lower);
	if (!lower || lower->vlan)
		return "a VLAN in a VLAN";
	f->out_ifindex = lower->ifindex;
	f->out_vlan = link->vlan;
	return NULL;
}

bool ofl_tc_route_filter(const struct ofl_provider *p,
			 const struct ofl_key *key, uint32_t handle,
			 uint8_t chain_slot, const struct ofl_tc_way *way,
			 struct ofl_tc_filter *ret, const char **ret_why)
{
	bool v4 = key->p.family == AF_INET;
	struct ofl_tc_filter f = {
		.chain = p->conf.chain + 2u * chain_slot + !v4,
		.handle = handle,
		.pref = (uint16_t)(OFL_TC_PREF_ROUTE +
				   ofl_family_bits(key->p.family) -
				   key->p.plen),
		.protocol = v4 ? ETH_P_IP : ETH_P_IPV6,
		.flags = ofl_tc_flags(p),
		.dst = key->p,
	};
	const char *why = NULL;

	ofl_tc_cookie(p, OFL_TC_COOKIE_ROUTE, f.cookie);
	ofl_tc_cookie_vrf_set(f.cookie, key->vrf);
	if (way->entry != OFL_ENTRY_REAL) {
		f.does = ofl_tc_to_cpu(p);
	} else if (way->drop) {
		f.does = OFL_TC_DROP;
	} else {
		f.does = OFL_TC_FORWARD;
		why = egress(p, way, &f);
	}
	if (why) {
		*ret_why = why;
		return false;
	}
	*ret = f;
	return true;
}
