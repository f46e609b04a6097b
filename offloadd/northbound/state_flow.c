// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: list flow, a route each, and its next hops; see state.h.
 *
 * An entry is the flow itself; from one to the next it goes by key, so that a
 * list of a million may be read in pieces (large.h).
 */
#include <zebra.h>

#include "offloadd/base/names.h"
#include "offloadd/northbound/state.h"

/* What placement says of the flow asked about last; NULL: ask anew. */
static struct {
	const struct ofl_flow *of;
	bool is_known;
	struct ofl_explain e;
} placed;

static const void *handed_out(const struct ofl_flow *f)
{
	placed.of = NULL;
	return f;
}

void ofl_state_flow_fresh(void)
{
	placed.of = NULL;
}

const struct ofl_flow *ofl_state_flow_find(const char *vrf, const char *prefix)
{
	struct ofl_key key = {0};

	if (!ofl_state_vrf_parse(vrf, &key.vrf) ||
	    !ofl_prefix_parse(prefix, false, &key.p))
		return NULL;
	return ofl_flowtab_find(ofl_engine_flows(), &key);
}

const void *ofl_state_flow_next(const struct yang_list_keys *keys)
{
	struct ofl_key key = {0};

	if (!keys)
		return handed_out(ofl_flowtab_next(ofl_engine_flows(), NULL));
	if (keys->num != 2 || !ofl_state_vrf_parse(keys->key[0], &key.vrf) ||
	    !ofl_prefix_parse(keys->key[1], false, &key.p))
		return NULL;
	return handed_out(ofl_flowtab_next(ofl_engine_flows(), &key));
}

const void *ofl_at_flow_next(struct nb_cb_get_next_args *args)
{
	const struct ofl_flow *f = args->list_entry;

	return handed_out(
		ofl_flowtab_next(ofl_engine_flows(), f ? &f->key : NULL));
}

int ofl_at_flow_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_flow *f = args->list_entry;
	char vrf[OFL_NAME_LEN], prefix[OFL_PREFIX_STRLEN];

	ofl_state_keys_set(args->keys, 2,
			   ofl_state_vrf_print(f->key.vrf, vrf, sizeof(vrf)),
			   ofl_prefix_print(&f->key.p, prefix, sizeof(prefix)));
	return NB_OK;
}

const void *ofl_at_flow_find(struct nb_cb_lookup_entry_args *args)
{
	return handed_out(
		ofl_state_flow_find(args->keys->key[0], args->keys->key[1]));
}

const void *ofl_at_flow(const void *entry)
{
	return entry;
}

/* --- its own words --- */

bool ofl_leaf_flow_vrf(const void *from, char *buf, size_t len)
{
	ofl_state_vrf_print(((const struct ofl_flow *)from)->key.vrf, buf, len);
	return true;
}

bool ofl_leaf_flow_prefix(const void *from, char *buf, size_t len)
{
	ofl_prefix_print(&((const struct ofl_flow *)from)->key.p, buf, len);
	return true;
}

bool ofl_leaf_flow_protocol(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, ofl_proto_name(f->facts.proto));
}

bool ofl_leaf_flow_class(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, ofl_class_name(f->cls));
}

bool ofl_leaf_flow_or_fail(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, f->offload_or_fail ? "true" : "false");
}

bool ofl_leaf_flow_state(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, ofl_state_name(f->state));
}

bool ofl_leaf_flow_reason(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, ofl_reason_name(f->reason));
}

bool ofl_leaf_flow_errno(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return f->errnum && ofl_state_uint(buf, len, f->errnum);
}

bool ofl_leaf_flow_table(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, ofl_engine_table_name(f->table));
}

bool ofl_leaf_flow_action(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	if (!f->action)
		return false;
	return ofl_state_word(buf, len,
			      f->action->kind == OFL_ACTION_BLACKHOLE
				      ? "discard"
				      : "forward");
}

/* --- what the shrink guard holds --- */

bool ofl_leaf_flow_held(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return ofl_state_word(buf, len, f->retained ? "true" : "false");
}

bool ofl_leaf_flow_held_reason(const void *from, char *buf, size_t len)
{
	const struct ofl_flow *f = from;

	return f->retained &&
	       ofl_state_word(buf, len,
			      ofl_reason_name(f->retained_stale
						      ? OFL_REASON_STALE
						      : OFL_REASON_WITHDRAWN));
}

bool ofl_leaf_flow_held_since(const void *from, char *buf, size_t len)
{
	struct ofl_feed_hold hold;

	if (!((const struct ofl_flow *)from)->retained)
		return false;
	ofl_engine_feed_hold(&hold);
	return ofl_state_time_print(hold.since_us, buf, len);
}

bool ofl_leaf_flow_held_until(const void *from, char *buf, size_t len)
{
	struct ofl_feed_hold hold;

	if (!((const struct ofl_flow *)from)->retained)
		return false;
	ofl_engine_feed_hold(&hold);
	return ofl_state_time_print(hold.until_us, buf, len);
}

/* --- what placement says --- */

const void *ofl_at_placed(const void *entry)
{
	const struct ofl_flow *f = entry;

	if (placed.of != f) {
		placed.of = f;
		placed.is_known = ofl_engine_explain(&f->key, &placed.e);
	}
	return placed.is_known ? &placed.e : NULL;
}

bool ofl_leaf_placed_entry(const void *from, char *buf, size_t len)
{
	const struct ofl_explain *e = from;

	return ofl_state_word(buf, len, ofl_entry_name(e->view.entry));
}

bool ofl_leaf_placed_wanted(const void *from, char *buf, size_t len)
{
	const struct ofl_explain *e = from;

	return ofl_state_word(buf, len, ofl_entry_name(e->view.want));
}

bool ofl_leaf_placed_in_flight(const void *from, char *buf, size_t len)
{
	const struct ofl_explain *e = from;

	return e->view.in_flight &&
	       ofl_state_word(buf, len, ofl_op_kind_name(e->view.in_flight));
}

bool ofl_leaf_placed_cover(const void *from, char *buf, size_t len)
{
	const struct ofl_explain *e = from;

	if (e->has_cover)
		ofl_prefix_print(&e->cover.p, buf, len);
	return e->has_cover;
}

/* --- next hops; an entry is one of an action's --- */

static const struct ofl_nexthop *nexthop_next(const struct ofl_flow *f,
					      const struct ofl_nexthop *nh)
{
	const struct ofl_action *a = f->action;

	if (!a || a->kind == OFL_ACTION_BLACKHOLE)
		return NULL;
	nh = nh ? nh + 1 : a->nh;
	return nh < a->nh + a->nh_count ? nh : NULL;
}

const void *ofl_at_nexthop_next(struct nb_cb_get_next_args *args)
{
	return nexthop_next(args->parent_list_entry, args->list_entry);
}

int ofl_at_nexthop_keys(struct nb_cb_get_keys_args *args)
{
	char ifname[OFL_NAME_LEN], gateway[OFL_ADDR_STRLEN];

	ofl_leaf_nexthop_interface(args->list_entry, ifname, sizeof(ifname));
	ofl_leaf_nexthop_gateway(args->list_entry, gateway, sizeof(gateway));
	ofl_state_keys_set(args->keys, 2, ifname, gateway);
	return NB_OK;
}

const void *ofl_at_nexthop_find(struct nb_cb_lookup_entry_args *args)
{
	const struct ofl_nexthop *nh = NULL;
	struct yang_list_keys keys;
	struct nb_cb_get_keys_args a = {.keys = &keys};

	while ((nh = nexthop_next(args->parent_list_entry, nh))) {
		a.list_entry = nh;
		ofl_at_nexthop_keys(&a);
		if (strcmp(keys.key[0], args->keys->key[0]) == 0 &&
		    strcmp(keys.key[1], args->keys->key[1]) == 0)
			break;
	}
	return nh;
}

const void *ofl_at_nexthop(const void *entry)
{
	return entry;
}

bool ofl_leaf_nexthop_interface(const void *from, char *buf, size_t len)
{
	const struct ofl_nexthop *nh = from;

	return ofl_state_word(buf, len,
			      ofl_engine_interface_name(nh->ifindex, nh->vrf));
}

bool ofl_leaf_nexthop_gateway(const void *from, char *buf, size_t len)
{
	const struct ofl_nexthop *nh = from;

	ofl_addr_print(nh->family, nh->gw, buf, len);
	return true;
}

bool ofl_leaf_nexthop_mac(const void *from, char *buf, size_t len)
{
	const struct ofl_nexthop *nh = from;

	snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", nh->mac[0],
		 nh->mac[1], nh->mac[2], nh->mac[3], nh->mac[4], nh->mac[5]);
	return true;
}
