// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Facts: links, neighbours and tracked gateways, and who rests on them.
 *
 * The feeds report facts; a change marks the groups that use them and no
 * more.  A fact exists while the world knows it or a group asks for it.  Who
 * asks for a gateway has it tracked by the feed; who asks for a neighbour
 * gets it on the schedule of probes.
 */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/rib_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_FACT, "offload link, neighbor, gateway");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_RIB_NHT, "offload resolved next hops");

static int fact_cmp(const struct ofl_fact *a, const struct ofl_fact *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return memcmp(a->addr, b->addr, sizeof(a->addr));
}

static uint32_t fact_hash(const struct ofl_fact *f)
{
	return jhash(f->addr, sizeof(f->addr),
		     jhash_2words(f->index, f->kind << 8 | f->family, 0));
}

DECLARE_HASH(ofl_rib_facts, struct ofl_fact, hash_item, fact_cmp, fact_hash);

static int probe_cmp(const struct ofl_fact *a, const struct ofl_fact *b)
{
	return a->due_us < b->due_us ? -1 : a->due_us > b->due_us;
}

DECLARE_HEAP(ofl_rib_probes, struct ofl_fact, probe_item, probe_cmp);

void ofl_fact_tables_init(struct ofl_rib *rib)
{
	ofl_rib_facts_init(&rib->facts);
	ofl_rib_probes_init(&rib->probes);
}

static void fact_free(struct ofl_rib *rib, struct ofl_fact *f)
{
	ofl_rib_facts_del(&rib->facts, f);
	ofl_rib_users_fini(&f->users);
	XFREE(MTYPE_OFL_RIB_NHT, f->nh);
	XFREE(MTYPE_OFL_RIB_FACT, f);
}

void ofl_fact_tables_fini(struct ofl_rib *rib)
{
	struct ofl_fact *f;

	frr_each_safe (ofl_rib_facts, &rib->facts, f)
		fact_free(rib, f);
	ofl_rib_facts_fini(&rib->facts);
	ofl_rib_probes_fini(&rib->probes);
}

static struct ofl_fact key_of(enum ofl_fact_kind kind, uint32_t index,
			      uint8_t family, const uint8_t *addr)
{
	struct ofl_fact ref = {.kind = kind, .index = index, .family = family};

	if (family)
		memcpy(ref.addr, addr, ofl_family_bits(family) / 8);
	return ref;
}

static struct ofl_fact *fact_find(struct ofl_rib *rib, enum ofl_fact_kind kind,
				  uint32_t index, uint8_t family,
				  const uint8_t *addr)
{
	struct ofl_fact ref = key_of(kind, index, family, addr);

	return ofl_rib_facts_find(&rib->facts, &ref);
}

struct ofl_fact *ofl_fact_get(struct ofl_rib *rib, enum ofl_fact_kind kind,
			      uint32_t index, uint8_t family,
			      const uint8_t *addr)
{
	struct ofl_fact *f = fact_find(rib, kind, index, family, addr);

	if (f)
		return f;
	f = XMALLOC(MTYPE_OFL_RIB_FACT, sizeof(*f));
	*f = key_of(kind, index, family, addr);
	ofl_rib_users_init(&f->users);
	ofl_rib_facts_add(&rib->facts, f);
	return f;
}

static void put_if_unused(struct ofl_rib *rib, struct ofl_fact *f)
{
	if (ofl_rib_users_count(&f->users))
		return;
	/* What a gateway resolves to is known only while it is tracked. */
	if ((f->known && f->kind != OFL_FACT_GATEWAY) || f->fixed)
		return;
	fact_free(rib, f);
}

/* --- probes --- */

static void probe_schedule(struct ofl_rib *rib, struct ofl_fact *f,
			   uint64_t due_us)
{
	uint64_t before = ofl_rib_probe_due_us(rib);

	f->due_us = due_us;
	ofl_rib_probes_add(&rib->probes, f);
	if (due_us < before && rib->probe_wake)
		rib->probe_wake(rib->probe_wake_arg);
}

/* A neighbour in use was lost: ask soon, but a flapping one not each time. */
static void probe_hasten(struct ofl_rib *rib, struct ofl_fact *f)
{
	f->tries = 0;
	if (!ofl_rib_users_count(&f->users))
		return;
	ofl_rib_probes_del(&rib->probes, f);
	probe_schedule(rib, f,
		       f->probed_us ? f->probed_us + OFL_PROBE_FIRST_US : 0);
}

void ofl_rib_set_probe_wake(struct ofl_rib *rib, void (*wake)(void *arg),
			    void *arg)
{
	rib->probe_wake = wake;
	rib->probe_wake_arg = arg;
	if (wake && ofl_rib_probes_count(&rib->probes))
		wake(arg);
}

uint64_t ofl_rib_probe_due_us(const struct ofl_rib *rib)
{
	const struct ofl_fact *f = ofl_rib_probes_const_first(&rib->probes);

	return f ? f->due_us : UINT64_MAX;
}

static uint64_t probe_again_us(struct ofl_fact *f)
{
	uint64_t after_us;

	if (f->known || f->fixed)
		return OFL_PROBE_KEEP_US;
	after_us = OFL_PROBE_FIRST_US << f->tries;
	if (after_us >= OFL_PROBE_SLOW_US)
		return OFL_PROBE_SLOW_US;
	f->tries++;
	return after_us;
}

bool ofl_rib_probe_next(struct ofl_rib *rib, uint64_t now_us,
			struct ofl_probe *ret_probe)
{
	struct ofl_fact *f;

	while ((f = ofl_rib_probes_first(&rib->probes)) &&
	       f->due_us <= now_us) {
		ofl_rib_probes_del(&rib->probes, f);
		f->due_us = now_us + probe_again_us(f);
		ofl_rib_probes_add(&rib->probes, f);
		if (f->fixed)
			continue;
		f->probed_us = now_us;
		ret_probe->ifindex = f->index;
		ret_probe->family = f->family;
		memcpy(ret_probe->addr, f->addr, sizeof(ret_probe->addr));
		return true;
	}
	return false;
}

/* --- users --- */

static void track(struct ofl_rib *rib, const struct ofl_fact *f, bool on)
{
	rib->stats.nexthops_tracked += on ? 1 : -1;
	if (rib->ops.nht_register)
		rib->ops.nht_register(rib->ops_arg, f->index, f->family,
				      f->addr, on);
}

void ofl_fact_use(struct ofl_rib *rib, struct ofl_dep *dep)
{
	struct ofl_fact *f = dep->fact;

	ofl_rib_users_add_tail(&f->users, dep);
	if (ofl_rib_users_count(&f->users) > 1)
		return;
	if (f->kind == OFL_FACT_GATEWAY)
		track(rib, f, true);
	if (f->kind == OFL_FACT_NEIGH)
		probe_schedule(rib, f,
			       f->probed_us ? f->probed_us + OFL_PROBE_KEEP_US
					    : 0);
}

void ofl_fact_release(struct ofl_rib *rib, struct ofl_dep *dep)
{
	struct ofl_fact *f = dep->fact;

	ofl_rib_users_del(&f->users, dep);
	if (ofl_rib_users_count(&f->users))
		return;
	if (f->kind == OFL_FACT_GATEWAY)
		track(rib, f, false);
	if (f->kind == OFL_FACT_NEIGH)
		ofl_rib_probes_del(&rib->probes, f);
	put_if_unused(rib, f);
}

static void tell_users(struct ofl_rib *rib, struct ofl_fact *f)
{
	struct ofl_dep *dep;

	frr_each (ofl_rib_users, &f->users, dep)
		ofl_group_mark(rib, dep->group);
}

/* --- gateways --- */

static void gateway_set(struct ofl_rib *rib, struct ofl_fact *f,
			const struct ofl_rawnh *nh, size_t nh_count)
{
	f->lost = false;
	f->answered = true;
	if (f->known == (nh_count > 0) && f->nh_count == nh_count &&
	    (!nh_count || !memcmp(f->nh, nh, nh_count * sizeof(*nh))))
		return;
	XFREE(MTYPE_OFL_RIB_NHT, f->nh);
	f->known = nh_count > 0;
	f->nh_count = nh_count;
	if (nh_count) {
		f->nh = XMALLOC(MTYPE_OFL_RIB_NHT, nh_count * sizeof(*nh));
		memcpy(f->nh, nh, nh_count * sizeof(*nh));
	}
	tell_users(rib, f);
}

void ofl_rib_nht_update(struct ofl_rib *rib, uint32_t vrf, uint8_t family,
			const uint8_t *gw, const struct ofl_rawnh *nh,
			size_t nh_count)
{
	struct ofl_rawnh canonical[OFL_RAWNH_MAX];
	struct ofl_fact *f;

	f = fact_find(rib, OFL_FACT_GATEWAY, vrf, family, gw);
	if (!f)
		return; /* an answer that crossed with "no longer wanted" */
	if (!nh_count && rib->in_sync) {
		/* A zebra that just started resolves nothing yet.  Routes are
		 * held meanwhile, and so is what they lead to. */
		f->lost = f->known;
		return;
	}
	nh_count = ofl_rawnh_canonical(nh, nh_count, canonical);
	gateway_set(rib, f, canonical, nh_count);
}

void ofl_fact_lost_apply(struct ofl_rib *rib)
{
	struct ofl_fact *f;

	frr_each (ofl_rib_facts, &rib->facts, f)
		if (f->kind == OFL_FACT_GATEWAY && f->lost)
			gateway_set(rib, f, NULL, 0);
}

void ofl_rib_nht_walk(struct ofl_rib *rib,
		      void (*cb)(uint32_t vrf, uint8_t family,
				 const uint8_t *gw, void *arg),
		      void *arg)
{
	struct ofl_fact *f;

	frr_each (ofl_rib_facts, &rib->facts, f)
		if (f->kind == OFL_FACT_GATEWAY)
			cb(f->index, f->family, f->addr, arg);
}

/* --- links --- */

static void link_change(struct ofl_rib *rib, struct ofl_fact *f, bool known,
			bool up)
{
	bool was_up = f->up;

	if (f->known != known)
		rib->stats.links += known ? 1 : -1;
	f->known = known;
	f->up = known && up;
	if (f->up != was_up)
		tell_users(rib, f);
	put_if_unused(rib, f);
}

void ofl_rib_link_set(struct ofl_rib *rib, uint32_t ifindex, bool up)
{
	struct ofl_fact *f = ofl_fact_get(rib, OFL_FACT_LINK, ifindex, 0, NULL);

	f->seen = rib->kernel_list;
	link_change(rib, f, true, up);
}

void ofl_rib_link_del(struct ofl_rib *rib, uint32_t ifindex)
{
	struct ofl_fact *f = fact_find(rib, OFL_FACT_LINK, ifindex, 0, NULL);

	if (f)
		link_change(rib, f, false, false);
}

/* --- neighbours --- */

static void neigh_change(struct ofl_rib *rib, struct ofl_fact *f,
			 const uint8_t *mac)
{
	if (f->known == !!mac && (!mac || !memcmp(f->mac, mac, sizeof(f->mac))))
		return;
	if (f->known != !!mac)
		rib->stats.neighbors += mac ? 1 : -1;
	f->known = !!mac;
	if (mac)
		memcpy(f->mac, mac, sizeof(f->mac));
	else
		probe_hasten(rib, f);
	tell_users(rib, f);
}

void ofl_rib_neigh_set(struct ofl_rib *rib, uint32_t ifindex, uint8_t family,
		       const uint8_t *addr, const uint8_t *mac)
{
	struct ofl_fact *f;

	if (mac)
		f = ofl_fact_get(rib, OFL_FACT_NEIGH, ifindex, family, addr);
	else
		f = fact_find(rib, OFL_FACT_NEIGH, ifindex, family, addr);
	if (!f)
		return;
	f->seen = rib->kernel_list;
	f->fixed = false;
	neigh_change(rib, f, mac);
	put_if_unused(rib, f);
}

void ofl_rib_neigh_fixed(struct ofl_rib *rib, uint32_t ifindex, uint8_t family,
			 const uint8_t *addr)
{
	struct ofl_fact *f;

	/* Also one without a usable address is not to be asked for. */
	f = ofl_fact_get(rib, OFL_FACT_NEIGH, ifindex, family, addr);
	f->seen = rib->kernel_list;
	f->fixed = true;
}

/* --- the kernel's complete list --- */

void ofl_rib_kernel_sync_begin(struct ofl_rib *rib)
{
	rib->kernel_list++;
}

void ofl_rib_kernel_sync_end(struct ofl_rib *rib)
{
	struct ofl_fact *f;

	frr_each_safe (ofl_rib_facts, &rib->facts, f) {
		if ((!f->known && !f->fixed) || f->seen == rib->kernel_list)
			continue;
		if (f->kind == OFL_FACT_LINK) {
			link_change(rib, f, false, false);
		} else if (f->kind == OFL_FACT_NEIGH) {
			f->fixed = false;
			neigh_change(rib, f, NULL);
			put_if_unused(rib, f);
		}
	}
}
