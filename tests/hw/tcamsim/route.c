// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's routes, as a driver remembers them: where each one leads,
 * whether the hardware has it, and what the kernel was told about that.
 *
 * Every route is offered to the table.  One that hardware cannot forward by
 * itself (local, connected, several next hops, a neighbour not known, another
 * device) goes in as "to the CPU", for its packets must not be taken by a
 * shorter prefix.  One that finds no slot is not in the table, its packets are
 * taken by a shorter prefix indeed, and it is flagged: nobody tries again
 * until the kernel offers it again.
 */
#include <linux/jhash.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/nexthop.h>

#include "lpm.h"
#include "tcamsim.h"

struct route {
	struct list_head in_all;
	struct hlist_node by_key;
	struct tcamsim_route_key key;
	bool known;	/* the kernel has it; if not, a delete is due */
	bool installed; /* the hardware has it */
	bool failed;	/* and should not, as the kernel was told */
	bool stale;	/* the hardware missed a change */
	struct tcamsim_origin origin; /* while known */
	struct tcamsim_via via;
	struct tcamsim_route_result result;
};

enum flag {
	NOT_IN_HARDWARE,
	OFFLOAD,
	TRAP,
	FAILED,
};

/* ------------------------------------------------------------- origin */

void tcamsim_origin_fini(struct tcamsim_origin *origin)
{
	u32 i;

	if (origin->family == AF_INET) {
		fib_info_put(origin->v4.fi);
		return;
	}
	for (i = 0; i < origin->v6.n; i++)
		fib6_info_release(origin->v6.list[i]);
	kfree(origin->v6.list);
}

static void flag_set4(struct net *net, const struct tcamsim_route_key *key,
		      const struct tcamsim_origin *origin, enum flag flag)
{
	const struct fib_rt_info info = {
		.fi = origin->v4.fi,
		.tb_id = key->table,
		.dst = key->prefix.s6_addr32[0],
		.dst_len = key->plen,
		.dscp = origin->v4.dscp,
		.type = origin->v4.type,
		.offload = flag == OFFLOAD,
		.trap = flag == TRAP,
		.offload_failed = flag == FAILED,
	};

	fib_alias_hw_flags_set(net, &info);
}

static void flag_set(struct tcamsim_routes *routes,
		     const struct tcamsim_route_key *key,
		     const struct tcamsim_origin *origin, enum flag flag)
{
	u32 i;

	if (origin->family == AF_INET) {
		flag_set4(routes->net, key, origin, flag);
		return;
	}
	for (i = 0; i < origin->v6.n; i++)
		fib6_info_hw_flags_set(routes->net, origin->v6.list[i],
				       flag == OFFLOAD, flag == TRAP,
				       flag == FAILED);
}

/* Hardware that looks at the destination alone cannot take it. */
static bool asks_source(const struct tcamsim_origin *origin)
{
	return origin->family == AF_INET6 &&
	       origin->v6.list[0]->fib6_src.plen;
}

/* ------------------------------------------------------------- next hops */

/* The only next hop, or NULL: *ret_does says what to do without. */
static struct fib_nh_common *next_hop4(const struct tcamsim_origin *origin,
				       enum tcamsim_route_does *ret_does)
{
	struct fib_info *fi = origin->v4.fi;

	if (inet_dscp_to_dsfield(origin->v4.dscp))
		return NULL; /* for some packets only */
	if (origin->v4.type == RTN_BLACKHOLE ||
	    (fi->nh && nexthop_is_blackhole(fi->nh))) {
		*ret_does = TCAMSIM_ROUTE_DROP;
		return NULL;
	}
	if (origin->v4.type != RTN_UNICAST || fib_info_num_path(fi) != 1)
		return NULL;
	return fib_info_nhc(fi, 0);
}

static struct fib_nh_common *next_hop6(const struct tcamsim_origin *origin,
				       enum tcamsim_route_does *ret_does)
{
	struct fib6_info *rt = origin->v6.list[0];
	struct fib6_nh *nh = rt->fib6_nh;

	if (rt->fib6_type == RTN_BLACKHOLE ||
	    (rt->nh && nexthop_is_blackhole(rt->nh))) {
		*ret_does = TCAMSIM_ROUTE_DROP;
		return NULL;
	}
	if (rt->fib6_type != RTN_UNICAST || origin->v6.n != 1)
		return NULL;
	if (rt->nh) {
		if (nexthop_num_path(rt->nh) != 1)
			return NULL;
		nh = nexthop_fib6_nh(rt->nh);
	}
	return nh ? &nh->nh_common : NULL;
}

static void ask_neighbour(struct net_device *dev,
			  const struct tcamsim_via *via,
			  struct tcamsim_route_result *ret)
{
	struct neigh_table *table = via->family == AF_INET ? &arp_tbl : &nd_tbl;
	struct neighbour *n = neigh_lookup(table, &via->address, dev);

	if (!n)
		return;
	if ((READ_ONCE(n->nud_state) & NUD_VALID) && !READ_ONCE(n->dead)) {
		neigh_ha_snapshot(ret->dmac, n, dev);
		ret->ifindex = via->ifindex;
		ret->does = TCAMSIM_ROUTE_FORWARD;
	}
	neigh_release(n);
}

static void follow(struct tcamsim *sw, const struct fib_nh_common *nhc,
		   struct tcamsim_via *ret_via,
		   struct tcamsim_route_result *ret)
{
	struct net_device *dev = nhc->nhc_dev;

	if (!dev || !nhc->nhc_gw_family || nhc->nhc_lwtstate ||
	    (nhc->nhc_flags & RTNH_F_DEAD) || !tcamsim_port_of(sw, dev))
		return;
	ret_via->ifindex = dev->ifindex;
	ret_via->family = nhc->nhc_gw_family;
	if (nhc->nhc_gw_family == AF_INET)
		ret_via->address.s6_addr32[0] = nhc->nhc_gw.ipv4;
	else
		ret_via->address = nhc->nhc_gw.ipv6;
	ask_neighbour(dev, ret_via, ret);
}

/* Where the route leads at this moment. */
static void resolve(struct tcamsim *sw, const struct tcamsim_origin *origin,
		    struct tcamsim_via *ret_via,
		    struct tcamsim_route_result *ret)
{
	const struct fib_nh_common *nhc;

	memset(ret_via, 0, sizeof(*ret_via));
	memset(ret, 0, sizeof(*ret));
	ret->does = TCAMSIM_ROUTE_TRAP;
	rcu_read_lock(); /* for next-hop objects */
	nhc = origin->family == AF_INET ? next_hop4(origin, &ret->does) :
					  next_hop6(origin, &ret->does);
	if (nhc)
		follow(sw, nhc, ret_via, ret);
	rcu_read_unlock();
}

static bool is_same(const struct tcamsim_route_result *one,
		    const struct tcamsim_route_result *other)
{
	return one->does == other->does && one->ifindex == other->ifindex &&
	       ether_addr_equal_unaligned(one->dmac, other->dmac);
}

/* ------------------------------------------------------------- one route */

static u32 hash_of(const struct tcamsim_route_key *key)
{
	return jhash(key, sizeof(*key), 0);
}

static struct route *route_find(struct tcamsim_routes *routes,
				const struct tcamsim_route_key *key)
{
	struct route *route;

	hash_for_each_possible(routes->by_key, route, by_key, hash_of(key))
		if (!memcmp(&route->key, key, sizeof(*key)))
			return route;
	return NULL;
}

static struct route *route_new(struct tcamsim_routes *routes,
			       const struct tcamsim_route_key *key)
{
	struct route *route = kzalloc(sizeof(*route), GFP_KERNEL);

	if (!route)
		return NULL;
	route->key = *key;
	hash_add(routes->by_key, &route->by_key, hash_of(key));
	list_add_tail(&route->in_all, &routes->all);
	return route;
}

static void route_free(struct route *route)
{
	hash_del(&route->by_key);
	list_del(&route->in_all);
	if (route->known)
		tcamsim_origin_fini(&route->origin);
	kfree(route);
}

static void route_flag(struct tcamsim_routes *routes, struct route *route)
{
	enum flag flag = OFFLOAD;

	if (route->failed)
		flag = FAILED;
	else if (route->result.does == TCAMSIM_ROUTE_TRAP)
		flag = TRAP;
	flag_set(routes, &route->key, &route->origin, flag);
}

/* Out of the hardware; if it does not hear, catch_up() will. */
static void route_uninstall(struct tcamsim_routes *routes, struct route *route)
{
	if (route->installed && !tcamsim_lpm_unset(routes->sw, &route->key))
		route->installed = false;
}

static void route_install(struct tcamsim_routes *routes, struct route *route)
{
	resolve(routes->sw, &route->origin, &route->via, &route->result);
	route->stale = false;
	route->failed = tcamsim_lpm_set(routes->sw, &route->key, &route->result,
					TCAMSIM_ADDS);
	if (route->failed)
		route_uninstall(routes, route);
	else
		route->installed = true;
}

/* The kernel's view of where it leads may have changed. */
static void route_update(struct tcamsim_routes *routes, struct route *route)
{
	struct tcamsim_route_result result;

	if (!route->known || !route->installed || route->failed)
		return;
	resolve(routes->sw, &route->origin, &route->via, &result);
	if (is_same(&result, &route->result)) {
		route->stale = false;
		return;
	}
	route->stale = tcamsim_lpm_set(routes->sw, &route->key, &result,
				       TCAMSIM_UPDATES);
	if (route->stale)
		return;
	route->result = result;
	route_flag(routes, route);
}

static void refuse(struct tcamsim_routes *routes,
		   const struct tcamsim_route_key *key,
		   struct tcamsim_origin *origin)
{
	flag_set(routes, key, origin, FAILED);
	tcamsim_origin_fini(origin);
}

void tcamsim_route_replace(struct tcamsim_routes *routes,
			   const struct tcamsim_route_key *key,
			   struct tcamsim_origin *origin)
{
	struct tcamsim_origin old;
	struct route *route;
	bool had;

	if (asks_source(origin)) {
		refuse(routes, key, origin);
		return;
	}
	route = route_find(routes, key) ?: route_new(routes, key);
	if (!route) {
		refuse(routes, key, origin);
		return;
	}
	had = route->known;
	old = route->origin;
	route->origin = *origin;
	route->known = true;
	route_install(routes, route);
	/* The old one may still be there, only no longer the best. */
	if (had) {
		flag_set(routes, key, &old, NOT_IN_HARDWARE);
		tcamsim_origin_fini(&old);
	}
	route_flag(routes, route);
}

void tcamsim_route_append(struct tcamsim_routes *routes,
			  const struct tcamsim_route_key *key,
			  struct tcamsim_origin *origin)
{
	struct route *route = route_find(routes, key);
	struct fib6_info **list;
	u32 n;

	if (origin->family != AF_INET6 || !route || !route->known ||
	    asks_source(origin)) {
		refuse(routes, key, origin);
		return;
	}
	n = route->origin.v6.n + origin->v6.n;
	list = krealloc_array(route->origin.v6.list, n, sizeof(*list),
			      GFP_KERNEL);
	if (!list) {
		refuse(routes, key, origin);
		return;
	}
	memcpy(list + route->origin.v6.n, origin->v6.list,
	       origin->v6.n * sizeof(*list));
	route->origin.v6.list = list;
	route->origin.v6.n = n;
	kfree(origin->v6.list); /* what it held is held here now */
	route_update(routes, route);
	route_flag(routes, route);
}

/* Drops the next hops of `origin`; true: there are others. */
static bool next_hops_drop(struct route *route,
			   const struct tcamsim_origin *origin)
{
	struct fib6_info **list = route->origin.v6.list;
	u32 i, j, n = 0;

	for (i = 0; i < route->origin.v6.n; i++) {
		for (j = 0; j < origin->v6.n; j++)
			if (list[i] == origin->v6.list[j])
				break;
		if (j < origin->v6.n)
			fib6_info_release(list[i]);
		else
			list[n++] = list[i];
	}
	route->origin.v6.n = n;
	return n;
}

void tcamsim_route_del(struct tcamsim_routes *routes,
		       const struct tcamsim_route_key *key,
		       struct tcamsim_origin *origin)
{
	struct route *route = route_find(routes, key);

	if (!route || !route->known || asks_source(origin))
		goto out;
	if (origin->family == AF_INET6 && next_hops_drop(route, origin)) {
		route_update(routes, route);
		goto out;
	}
	tcamsim_origin_fini(&route->origin);
	route->known = false;
	route_uninstall(routes, route);
	if (!route->installed)
		route_free(route);
out:
	tcamsim_origin_fini(origin);
}

int tcamsim_route_evict(struct tcamsim_routes *routes,
			const struct tcamsim_route_key *key)
{
	struct route *route = route_find(routes, key);

	if (!route || !route->known || !route->installed)
		return -ENOENT;
	tcamsim_lpm_lose(routes->sw, key);
	route->installed = false;
	route->failed = true;
	route_flag(routes, route);
	return 0;
}

/* ------------------------------------------------------------- all routes */

void tcamsim_routes_update(struct tcamsim_routes *routes,
			   const struct tcamsim_via *via)
{
	struct route *route;

	list_for_each_entry(route, &routes->all, in_all)
		if (!via || !memcmp(&route->via, via, sizeof(*via)))
			route_update(routes, route);
}

void tcamsim_routes_catch_up(struct tcamsim_routes *routes)
{
	struct route *route, *next;

	list_for_each_entry_safe(route, next, &routes->all, in_all) {
		if (!route->known || route->failed)
			route_uninstall(routes, route);
		else if (route->stale)
			route_update(routes, route);
		if (!route->known && !route->installed)
			route_free(route);
	}
}

void tcamsim_routes_forget(struct tcamsim_routes *routes)
{
	struct route *route, *next;

	list_for_each_entry_safe(route, next, &routes->all, in_all) {
		tcamsim_lpm_lose(routes->sw, &route->key);
		if (route->known)
			flag_set(routes, &route->key, &route->origin,
				 NOT_IN_HARDWARE);
		route_free(route);
	}
}

void tcamsim_routes_init(struct tcamsim_routes *routes, struct tcamsim *sw,
			 struct net *net)
{
	routes->sw = sw;
	routes->net = net;
	INIT_LIST_HEAD(&routes->all);
	hash_init(routes->by_key);
}

/* ------------------------------------------------------------- dump */

static const char *const does_names[] = {
	[TCAMSIM_ROUTE_TRAP] = "trap",
	[TCAMSIM_ROUTE_DROP] = "drop",
	[TCAMSIM_ROUTE_FORWARD] = "forward",
};

static void route_show(struct tcamsim *sw, const struct route *route,
		       struct seq_file *to)
{
	const struct tcamsim_route_result *result = &route->result;
	struct tcamsim_port *port;

	seq_printf(to, "{\"table\":%u,\"prefix\":\"", route->key.table);
	if (route->key.family == AF_INET)
		seq_printf(to, "%pI4", &route->key.prefix);
	else
		seq_printf(to, "%pI6c", &route->key.prefix);
	seq_printf(to, "/%u\",\"slots\":%u,\"does\":\"%s\"", route->key.plen,
		   tcamsim_lpm_slots_of(route->key.family),
		   does_names[result->does]);
	if (result->does == TCAMSIM_ROUTE_FORWARD) {
		port = tcamsim_port_find(sw, result->ifindex);
		seq_printf(to, ",\"port\":\"%s\",\"dmac\":\"%pM\"",
			   port ? port->dev->name : "", result->dmac);
	}
	seq_printf(to, ",\"installed\":%s,\"offload_failed\":%s}\n",
		   route->installed ? "true" : "false",
		   route->failed ? "true" : "false");
}

void tcamsim_routes_dump(const struct tcamsim_routes *routes,
			 struct seq_file *to)
{
	const struct route *route;

	list_for_each_entry(route, &routes->all, in_all)
		route_show(routes->sw, route, to);
}
