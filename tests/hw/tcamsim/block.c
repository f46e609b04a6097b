// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Flow blocks: how cls_flower and cls_matchall reach the hardware.
 *
 * A block is one region however many ports share it, so a filter of a shared
 * block takes its slots once.  Only ingress blocks are taken: this hardware
 * looks at packets when they come in.
 *
 * The kernel may call with or without RTNL; sw->lock orders the calls.
 */
#include <linux/netdevice.h>
#include <net/pkt_cls.h>

#include "tcamsim.h"

static LIST_HEAD(block_cbs); /* ours, under RTNL */

/* ------------------------------------------------------------- filters */

/*
 * The kernel looks at a device's hw-tc-offload when its block is bound and
 * never again: what is added later is ours to refuse.
 */
static int check_enabled(const struct tcamsim_region *region,
			 struct netlink_ext_ack *extack)
{
	struct tcamsim *sw = region->sw;
	struct tcamsim_port *port;
	u32 i;

	for (i = 0; i < sw->n_ports; i++) {
		port = sw->ports[i];
		if (!port || rcu_access_pointer(port->region) != region ||
		    (port->dev->features & NETIF_F_HW_TC))
			continue;
		tcamsim_say(extack, "hw-tc-offload of %s is off",
			    port->dev->name);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int add(struct tcamsim_region *region,
	       const struct flow_cls_common_offload *common,
	       unsigned long cookie, const struct tcamsim_match *match,
	       struct flow_action *action)
{
	struct netlink_ext_ack *extack = common->extack;
	struct tcamsim_actions *actions;
	int err;

	/* Too large for a stack that the kernel was deep in already. */
	actions = kmalloc(sizeof(*actions), GFP_KERNEL);
	if (!actions)
		return -ENOMEM;
	err = tcamsim_actions_make(region->sw, action, extack, actions);
	if (err)
		goto out;
	mutex_lock(&region->sw->lock);
	err = check_enabled(region, extack);
	if (!err)
		err = tcamsim_limit_check(region->sw, match, actions, extack);
	if (!err)
		err = tcamsim_entry_add(region, cookie, common->chain_index,
					common->prio, match, actions, extack);
	mutex_unlock(&region->sw->lock);
	if (err)
		tcamsim_actions_fini(actions);
out:
	kfree(actions);
	return err;
}

static int del(struct tcamsim_region *region, unsigned long cookie)
{
	int err;

	mutex_lock(&region->sw->lock);
	err = tcamsim_entry_del(region, cookie);
	mutex_unlock(&region->sw->lock);
	return err;
}

static int stats(struct tcamsim_region *region, unsigned long cookie,
		 struct flow_stats *to)
{
	unsigned long last_hit;
	u64 packets, bytes;
	int err;

	mutex_lock(&region->sw->lock);
	err = tcamsim_entry_stats(region, cookie, &packets, &bytes, &last_hit);
	mutex_unlock(&region->sw->lock);
	if (!err)
		flow_stats_update(to, bytes, packets, 0, last_hit,
				  FLOW_ACTION_HW_STATS_DELAYED);
	return err;
}

static int on_flower(struct tcamsim_region *region, struct flow_cls_offload *f)
{
	struct tcamsim_match match;
	int err;

	switch (f->command) {
	case FLOW_CLS_REPLACE:
		err = tcamsim_match_make(f, f->common.extack, &match);
		if (err)
			return err;
		return add(region, &f->common, f->cookie, &match,
			   &f->rule->action);
	case FLOW_CLS_DESTROY:
		return del(region, f->cookie);
	case FLOW_CLS_STATS:
		return stats(region, f->cookie, &f->stats);
	case FLOW_CLS_TMPLT_CREATE:
		return tcamsim_match_make(f, f->common.extack, &match);
	case FLOW_CLS_TMPLT_DESTROY:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int on_matchall(struct tcamsim_region *region,
		       struct tc_cls_matchall_offload *f)
{
	struct tcamsim_match match;

	switch (f->command) {
	case TC_CLSMATCHALL_REPLACE:
		tcamsim_match_make_all(f->common.protocol, &match);
		return add(region, &f->common, f->cookie, &match,
			   &f->rule->action);
	case TC_CLSMATCHALL_DESTROY:
		return del(region, f->cookie);
	case TC_CLSMATCHALL_STATS:
		return stats(region, f->cookie, &f->stats);
	default:
		return -EOPNOTSUPP;
	}
}

static int on_filter(enum tc_setup_type type, void *type_data, void *cb_priv)
{
	switch (type) {
	case TC_SETUP_CLSFLOWER:
		return on_flower(cb_priv, type_data);
	case TC_SETUP_CLSMATCHALL:
		return on_matchall(cb_priv, type_data);
	default:
		return -EOPNOTSUPP;
	}
}

/* ------------------------------------------------------------- blocks */

/* The kernel deleted the block's filters through on_filter() before. */
static void on_release(void *cb_priv)
{
	tcamsim_region_free(cb_priv);
}

static struct flow_block_cb *cb_get(struct tcamsim *sw,
				    struct flow_block_offload *f)
{
	struct tcamsim_region *region;
	struct flow_block_cb *cb;

	cb = flow_block_cb_lookup(f->block, on_filter, sw);
	if (cb)
		return cb;
	region = tcamsim_region_new(sw);
	if (!region)
		return ERR_PTR(-ENOMEM);
	cb = flow_block_cb_alloc(on_filter, sw, region, on_release);
	if (IS_ERR(cb)) {
		tcamsim_region_free(region);
		return cb;
	}
	flow_block_cb_add(cb, f);
	list_add_tail(&cb->driver_list, &block_cbs);
	return cb;
}

static int bind(struct tcamsim_port *port, struct flow_block_offload *f)
{
	struct tcamsim_region *region;
	struct flow_block_cb *cb;

	if (rcu_access_pointer(port->region)) {
		tcamsim_say(f->extack, "a port has one ingress block");
		return -EOPNOTSUPP;
	}
	cb = cb_get(port->sw, f);
	if (IS_ERR(cb))
		return PTR_ERR(cb);
	flow_block_cb_incref(cb);
	region = flow_block_cb_priv(cb);
	region->n_ports++;
	rcu_assign_pointer(port->region, region);
	return 0;
}

static int unbind(struct tcamsim_port *port, struct flow_block_offload *f)
{
	struct tcamsim_region *region;
	struct flow_block_cb *cb;

	cb = flow_block_cb_lookup(f->block, on_filter, port->sw);
	if (!cb)
		return -ENOENT;
	region = flow_block_cb_priv(cb);
	RCU_INIT_POINTER(port->region, NULL);
	region->n_ports--;
	if (!flow_block_cb_decref(cb)) {
		flow_block_cb_remove(cb, f);
		list_del(&cb->driver_list);
	}
	return 0;
}

static int on_block(struct tcamsim_port *port, struct flow_block_offload *f)
{
	/* Without a word: every plain clsact asks for its egress half too. */
	if (f->binder_type != FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS)
		return -EOPNOTSUPP;
	f->driver_block_list = &block_cbs;
	switch (f->command) {
	case FLOW_BLOCK_BIND:
		return bind(port, f);
	case FLOW_BLOCK_UNBIND:
		return unbind(port, f);
	default:
		return -EOPNOTSUPP;
	}
}

int tcamsim_setup_tc(struct net_device *dev, enum tc_setup_type type,
		     void *type_data)
{
	struct tcamsim_port **priv = netdev_priv(dev);

	if (type != TC_SETUP_BLOCK)
		return -EOPNOTSUPP;
	return on_block(*priv, type_data);
}
