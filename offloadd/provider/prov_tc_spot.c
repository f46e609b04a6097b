// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where packets come by that hardware left to software:
 *
 *   chain 0        at the pref before the guards: behind what leads to lists
 *                  in software, so that packets of a port with a list come by
 *                  only when the list accepted them ...
 *   chain routes   ... there, at the same pref
 *   chains of VRFs before the routes: a device may say in which chain a packet
 *                  missed, and software goes on there
 *
 * So what a list drops is not seen, and no packet comes by two of them.  In
 * mode software what misses has been led to the chain of its VRF, and the spot
 * is behind the routes of it; there is no other.
 *
 * In chain 0 and in chain routes packets go on as if nothing were there.  A
 * chain of a VRF has nothing else for software: there a filter may end the way
 * ("ok"), which spares looking at the routes.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/provider/prov_tc_priv.h"

#define PREF_BEHIND 200 /* the routes of any prefix length */

static unsigned int slot_of(unsigned int spot)
{
	return (spot - OFL_TC_SPOT_VRFS) / 2;
}

static unsigned int family_of(unsigned int spot)
{
	return (spot - OFL_TC_SPOT_VRFS) % 2;
}

bool ofl_tc_spot_is_of_use(const struct ofl_provider *p, unsigned int spot)
{
	if (spot >= OFL_TC_SPOT_VRFS)
		return slot_of(spot) < p->vrf_count &&
		       p->vrfs[slot_of(spot)] != OFL_TC_VRF_NONE &&
		       p->ttl_guard[slot_of(spot)][family_of(spot)];
	if (p->conf.mode != OFL_TC_MODE_HARDWARE)
		return false;
	if (spot == OFL_TC_SPOT_CHAIN_0)
		return true;
	for (unsigned int n = 0; n < p->conf.port_count; n++)
		if (ofl_tc_list_guard_chain(p, n))
			return true;
	return false;
}

uint32_t ofl_tc_spot_chain(const struct ofl_provider *p, unsigned int spot)
{
	if (spot == OFL_TC_SPOT_CHAIN_0)
		return 0;
	return spot == OFL_TC_SPOT_ROUTES
		       ? ofl_tc_routes_chain(p)
		       : p->conf.chain + spot - OFL_TC_SPOT_VRFS;
}

unsigned int ofl_tc_spot_of(const struct ofl_provider *p, uint32_t chain)
{
	uint32_t at = chain - p->conf.chain;

	if (!chain)
		return OFL_TC_SPOT_CHAIN_0;
	if (chain == ofl_tc_routes_chain(p))
		return OFL_TC_SPOT_ROUTES;
	return at < 2 * OFL_TC_VRFS_MAX ? OFL_TC_SPOT_VRFS + at : OFL_TC_SPOTS;
}

struct ofl_tc_filter ofl_tc_spot_filter(const struct ofl_provider *p,
					unsigned int spot)
{
	struct ofl_tc_filter f = {
		.chain = ofl_tc_spot_chain(p, spot),
		.pref = (uint16_t)(p->conf.pref - 1),
		.protocol = ETH_P_ALL,
		.flags = TCA_CLS_FLAGS_SKIP_HW,
	};

	if (spot >= OFL_TC_SPOT_VRFS) {
		f.pref = p->conf.mode == OFL_TC_MODE_HARDWARE ? OFL_TC_PREF_TTL
							      : PREF_BEHIND;
		f.protocol = family_of(spot) ? ETH_P_IPV6 : ETH_P_IP;
	}
	return f;
}
