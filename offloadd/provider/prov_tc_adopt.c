// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an earlier life left in the block is taken over as it stands: of the
 * first dump the ledger is made, and nothing of it is written.
 *
 * A route's filter becomes an entry if its place, match and cookie say of
 * which prefix and VRF it is; what it does may be wrong, for it can be
 * replaced where it stands once the engine has decided.  A guard stays if it
 * is the one that would be written now.  One that is not goes first of all,
 * before anything is written: at worst packets are software's.
 *
 * A filter of ours in the chains of routes that cannot be understood has
 * packets that nobody knows of, and taking it away may hand them to a shorter
 * prefix.  Then nothing is taken over: guards go, then routes
 * (prov_tc_audit.c), and the table begins anew.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "log.h"

#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/flow/action.h"
#include "offloadd/provider/prov_tc_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_LEFT, "offload tc guard left");

static void forget_all(struct ofl_provider *p)
{
	while (ofl_tc_by_key_count(&p->by_key))
		ofl_tc_entry_forget(p, ofl_tc_by_key_first(&p->by_key));
	for (unsigned int slot = 0; slot < OFL_TC_VRFS_MAX; slot++)
		p->vrfs[slot] = OFL_TC_VRF_NONE;
	p->vrf_count = 0;
	p->left_count = 0;
}

void ofl_tc_adopt_begin(struct ofl_provider *p)
{
	forget_all(p);
	p->unclear[0] = '\0';
}

void ofl_tc_adopt_fini(struct ofl_provider *p)
{
	XFREE(MTYPE_OFL_TC_LEFT, p->left);
	p->left_count = p->left_room = 0;
}

/* --- routes --- */

/* False: another VRF's, or the VRF has others.  The first is the default one.
 */
static bool slot_take(struct ofl_provider *p, uint8_t slot, uint32_t vrf)
{
	if (p->vrfs[slot] == vrf)
		return true;
	if (p->vrfs[slot] != OFL_TC_VRF_NONE || !slot != !vrf)
		return false;
	for (unsigned int i = 0; i < OFL_TC_VRFS_MAX; i++)
		if (p->vrfs[i] == vrf)
			return false;
	p->vrfs[slot] = vrf;
	return true;
}

/* What a filter does, as an operation would have said it.  Where no next hop
 * does this, the way has no device, and equals no action's. */
static struct ofl_tc_way way_of(const struct ofl_provider *p,
				const struct ofl_tc_filter *f)
{
	struct ofl_tc_way way = {.entry = OFL_ENTRY_REAL};
	const struct ofl_tc_link *link;

	if (f->does == ofl_tc_to_cpu(p)) {
		way.entry = OFL_ENTRY_PUNT;
	} else if (f->does == OFL_TC_DROP) {
		way.drop = true;
	} else if (f->does == OFL_TC_FORWARD && !f->keep_ttl) {
		link = f->out_vlan
			       ? ofl_tc_links_find_vlan(
					 p->links, f->out_ifindex, f->out_vlan)
			       : ofl_tc_links_find(p->links, f->out_ifindex);
		memcpy(way.dmac, f->new_dmac, 6);
		way.ifindex = link ? link->ifindex : 0;
	}
	return way;
}

static void entry_make(struct ofl_provider *p, const struct ofl_key *key,
		       uint8_t slot, const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	bool v4 = key->p.family == AF_INET;
	struct ofl_tc_entry *e = ofl_slab_at(&p->slab, f->handle);

	e->handle = f->handle;
	e->flags = OFL_TC_PRESENT | OFL_TC_UNADOPTED;
	e->chain_slot = slot;
	e->slots = v4 ? p->cost_v4_slots : p->cost_v6_slots;
	e->key = *key;
	e->way = way_of(p, f);
	e->identity = e->way.entry == OFL_ENTRY_REAL ? OFL_IDENTITY_FOUND : 0;
	e->audit_no = p->audit_no;
	e->packets = reply->seen.counted.packets;
	e->bytes = reply->seen.counted.bytes;
	ofl_tc_by_key_add(&p->by_key, e);
	p->chain_count[slot][!v4]++;
	p->present++;
	p->used_slots += e->slots;
	p->found++;
	/* The same way, but not quite: the MAC address of our own changed. */
	if (!ofl_tc_entry_is_right(p, e, f, &reply->seen))
		e->flags |= OFL_TC_STALE;
}

/* NULL, or why it cannot be taken over (static text). */
static const char *take(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	const uint32_t wish = TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_SKIP_HW;
	const struct ofl_tc_filter *f = &reply->filter;
	struct ofl_key key;
	const char *why;
	uint8_t slot;

	if (!reply->seen.understood)
		return "it is not understood";
	if ((f->flags & wish) != ofl_tc_flags(p))
		return "it is of another mode";
	why = ofl_tc_route_key(p, f, &key, &slot);
	if (why)
		return why;
	if (!slot_take(p, slot, key.vrf))
		return "its chain is of another VRF";
	if (ofl_tc_entry_find(p, &key))
		return "there is another one of its prefix";
	if (!ofl_slab_take(&p->entries, f->handle))
		return "its handle is another's";
	entry_make(p, &key, slot, reply);
	return NULL;
}

/* --- guards --- */

static void left_add(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	if (p->left_count == p->left_room) {
		p->left_room = MAX(16, p->left_room * 2);
		p->left = XREALLOC(MTYPE_OFL_TC_LEFT, p->left,
				   p->left_room * sizeof(*p->left));
	}
	p->left[p->left_count++] = (struct ofl_tc_left){
		.filter = reply->filter,
		.sound = reply->seen.understood &&
			 (reply->seen.in_hw ||
			  p->conf.mode == OFL_TC_MODE_SOFTWARE),
	};
}

/* A chain without routes, which only its guard for TTL tells of. */
static void note_slot(struct ofl_provider *p, const struct ofl_tc_filter *f)
{
	uint32_t at = f->chain - p->conf.chain, vrf;

	if (at < 2 * OFL_TC_VRFS_MAX && f->pref == OFL_TC_PREF_TTL &&
	    ofl_tc_cookie_vrf_get(f->cookie, &vrf) && vrf != OFL_TC_VRF_NONE)
		(void)slot_take(p, (uint8_t)(at / 2), vrf);
}

static void settle_guards(struct ofl_provider *p)
{
	for (size_t i = 0; i < p->left_count; i++)
		if (p->left[i].sound)
			note_slot(p, &p->left[i].filter);
	for (unsigned int slot = 0; slot < OFL_TC_VRFS_MAX; slot++)
		if (p->vrfs[slot] != OFL_TC_VRF_NONE)
			p->vrf_count = (uint8_t)(slot + 1);
	/* Whether a port is led to a chain depends on its guard for TTL. */
	for (size_t i = 0; i < p->left_count; i++)
		p->left[i].kept = p->left[i].sound &&
				  ofl_tc_ttl_guard_adopt(p, &p->left[i].filter);
	for (size_t i = 0; i < p->left_count; i++)
		p->left[i].kept |= p->left[i].sound &&
				   ofl_tc_guard_adopt(p, &p->left[i].filter);
	/* First what leads to something, then what is led to. */
	for (unsigned int round = 0; round < 2; round++)
		for (size_t i = 0; i < p->left_count; i++)
			if (!p->left[i].kept &&
			    round == !ofl_tc_may_lead(&p->left[i].filter))
				ofl_tc_take_away(p, &p->left[i].filter);
}

/* --- the dump --- */

void ofl_tc_adopt_found(struct ofl_provider *p,
			const struct ofl_tc_reply *reply)
{
	const struct ofl_tc_filter *f = &reply->filter;
	const char *why;

	if (f->cookie[8] != OFL_TC_COOKIE_ROUTE) {
		left_add(p, reply);
		return;
	}
	why = p->unclear[0] ? NULL : take(p, reply);
	if (why)
		snprintf(p->unclear, sizeof(p->unclear),
			 "chain %u pref %u handle %u: %s", f->chain, f->pref,
			 f->handle, why);
}

bool ofl_tc_adopt_end(struct ofl_provider *p)
{
	bool clear = !p->unclear[0];

	if (clear) {
		settle_guards(p);
		ofl_tc_refit(p);
		ofl_debug(OFL_DEBUG_PROVIDER,
			  "tc block %u: %u entries of an earlier life",
			  p->conf.block, p->found);
	} else {
		forget_all(p);
		flog_warn(EC_OFL_PROVIDER,
			  "tc block %u: filters of an earlier life are taken "
			  "away, for one cannot be taken over: %s",
			  p->conf.block, p->unclear);
	}
	ofl_tc_adopt_fini(p);
	return clear;
}

/* --- the engine's word --- */

static bool same_way(const struct ofl_tc_way *a, const struct ofl_tc_way *b)
{
	return a->entry == b->entry && a->drop == b->drop &&
	       a->ifindex == b->ifindex && !memcmp(a->dmac, b->dmac, 6) &&
	       (a->drop || a->ifindex);
}

bool ofl_tc_adopt(struct ofl_provider *p, const struct ofl_key *key,
		  const struct ofl_action *action)
{
	struct ofl_op op = {.entry = OFL_ENTRY_REAL, .key = *key};
	struct ofl_tc_entry *e = ofl_tc_entry_find(p, key);
	struct ofl_tc_way way;

	if (!e || (e->flags & OFL_TC_BUSY))
		return false;
	if (e->flags & OFL_TC_UNADOPTED) {
		e->flags &= ~OFL_TC_UNADOPTED;
		p->found--;
		/* It may not fit where it leaves: told from now on. */
		ofl_tc_refit(p);
	} else if (e->identity != OFL_IDENTITY_FOUND) {
		return false;
	}
	if (e->way.entry != OFL_ENTRY_REAL)
		return true;
	op.action = action;
	if (!action || ofl_tc_way_make(p, &op, &way) ||
	    !same_way(&way, &e->way))
		return false;
	e->identity = action->id;
	return true;
}
