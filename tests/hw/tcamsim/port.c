// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network devices: a switch port as the CPU sees it (swN), and the far end of
 * the wire that is plugged into it (swNw), a test host's network card.
 *
 * A frame the wire end sends arrives at the port from the wire and goes to
 * pipeline.c; a frame the CPU sends by the port, or the hardware forwards to
 * it, arrives at the wire end.  Neither end offers checksums or segmentation:
 * the tables see frames as they would be on a real wire.
 *
 * Counters of the port's device are those of its MAC: what the hardware
 * forwards counts too.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "tcamsim.h"

#define MAX_MTU 9216

/* What netdev_priv() of both ends begins with; block.c counts on it. */
struct end {
	struct tcamsim_port *port;
};

static struct tcamsim_port *port_of_end(const struct net_device *dev)
{
	return ((const struct end *)netdev_priv(dev))->port;
}

/* ------------------------------------------------------------- frames */

/* Into the stack, as a frame that `dev` received. */
static void receive(struct net_device *dev, struct sk_buff *skb)
{
	skb->dev = dev;
	skb->ip_summed = CHECKSUM_NONE;
	skb->protocol = eth_type_trans(skb, dev);
	netif_rx(skb);
}

void tcamsim_port_punt(struct tcamsim_port *port, struct sk_buff *skb)
{
	receive(port->dev, skb);
}

void tcamsim_port_send(struct tcamsim_port *port, struct sk_buff *skb)
{
	struct net_device *wire = port->wire;
	unsigned int len = skb->len;

	if (!netif_running(port->dev)) {
		dev_core_stats_tx_dropped_inc(port->dev);
		kfree_skb(skb);
		return;
	}
	dev_sw_netstats_tx_add(port->dev, 1, len);
	/* Its card is down, or the frame too long for it. */
	if (!is_skb_forwardable(wire, skb)) {
		dev_core_stats_rx_dropped_inc(wire);
		kfree_skb(skb);
		return;
	}
	dev_sw_netstats_rx_add(wire, len);
	skb_orphan(skb);
	skb_scrub_packet(skb, true);
	skb->priority = 0;
	receive(wire, skb);
}

static netdev_tx_t port_xmit(struct sk_buff *skb, struct net_device *dev)
{
	tcamsim_port_send(port_of_end(dev), skb);
	return NETDEV_TX_OK;
}

static netdev_tx_t wire_xmit(struct sk_buff *skb, struct net_device *wire)
{
	struct tcamsim_port *port = port_of_end(wire);
	struct net_device *dev = port->dev;
	unsigned int len = skb->len;

	dev_sw_netstats_tx_add(wire, 1, len);
	if (!is_skb_forwardable(dev, skb)) {
		dev_core_stats_rx_dropped_inc(dev);
		kfree_skb(skb);
		return NETDEV_TX_OK;
	}
	dev_sw_netstats_rx_add(dev, len);
	skb->dev = dev;
	skb->priority = 0;
	skb->ip_summed = CHECKSUM_NONE;
	tcamsim_pipeline(port, skb);
	return NETDEV_TX_OK;
}

/* ------------------------------------------------------------- devices */

static int on_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static void on_uninit(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static struct net_device *other_end(const struct net_device *dev)
{
	struct tcamsim_port *port = port_of_end(dev);

	return dev == port->dev ? port->wire : port->dev;
}

/* A link is there while both ends are up. */
static int on_open(struct net_device *dev)
{
	struct net_device *other = other_end(dev);

	if (other->flags & IFF_UP) {
		netif_carrier_on(dev);
		netif_carrier_on(other);
	}
	return 0;
}

static int on_stop(struct net_device *dev)
{
	netif_carrier_off(dev);
	netif_carrier_off(other_end(dev));
	return 0;
}

static int port_set_features(struct net_device *dev, netdev_features_t features)
{
	struct tcamsim_port *port = port_of_end(dev);
	struct tcamsim_region *region = rtnl_dereference(port->region);
	bool in_use;

	if ((features & NETIF_F_HW_TC) || !(dev->features & NETIF_F_HW_TC) ||
	    !region)
		return 0;
	mutex_lock(&port->sw->lock);
	in_use = !list_empty(&region->entries);
	mutex_unlock(&port->sw->lock);
	if (!in_use)
		return 0;
	netdev_err(dev, "hardware filters are in use: offload stays on\n");
	return -EBUSY;
}

#ifdef TCAMSIM_ASKS_DEVLINK_PORT
static struct devlink_port *port_devlink_port(struct net_device *dev)
{
	return &port_of_end(dev)->devlink_port;
}
#endif

static const struct net_device_ops port_ops = {
	.ndo_init = on_init,
	.ndo_uninit = on_uninit,
	.ndo_open = on_open,
	.ndo_stop = on_stop,
	.ndo_start_xmit = port_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_features = port_set_features,
	.ndo_setup_tc = tcamsim_setup_tc,
#ifdef TCAMSIM_ASKS_DEVLINK_PORT
	.ndo_get_devlink_port = port_devlink_port,
#endif
};

static const struct net_device_ops wire_ops = {
	.ndo_init = on_init,
	.ndo_uninit = on_uninit,
	.ndo_open = on_open,
	.ndo_stop = on_stop,
	.ndo_start_xmit = wire_xmit,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_get_stats64 = dev_get_tstats64,
};

static const struct ethtool_ops ethtool_ops = {
	.get_link = ethtool_op_get_link,
};

static struct net_device *end_new(struct tcamsim_port *port,
				  const struct net_device_ops *ops,
				  const char *suffix)
{
	struct tcamsim *sw = port->sw;
	struct net_device *dev = alloc_etherdev(sizeof(struct end));

	if (!dev)
		return NULL;
	((struct end *)netdev_priv(dev))->port = port;
	dev_net_set(dev, devlink_net(priv_to_devlink(sw)));
	snprintf(dev->name, IFNAMSIZ, "sw%u%s",
		 sw->first_port + port->number - 1, suffix);
	dev->netdev_ops = ops;
	dev->ethtool_ops = &ethtool_ops;
	dev->max_mtu = MAX_MTU;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING; /* frames are changed */
	dev->priv_flags |= IFF_NO_QUEUE | IFF_LIVE_ADDR_CHANGE;
	tcamsim_dev_lltx(dev);
	eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	return dev;
}

/* ------------------------------------------------------------- ports */

static void port_free(struct tcamsim_port *port)
{
	if (port->wire)
		free_netdev(port->wire);
	if (port->dev)
		free_netdev(port->dev);
	kfree(port);
}

static struct tcamsim_port *port_new(struct tcamsim *sw, u32 number)
{
	struct tcamsim_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port)
		return NULL;
	port->sw = sw;
	port->number = number;
	port->dev = end_new(port, &port_ops, "");
	port->wire = end_new(port, &wire_ops, "w");
	if (!port->dev || !port->wire) {
		port_free(port);
		return NULL;
	}
	port->dev->hw_features |= NETIF_F_HW_TC;
	port->dev->features |= NETIF_F_HW_TC;
	tcamsim_dev_stays(port->dev);
	SET_NETDEV_DEV(port->dev, &sw->pdev->dev);
	return port;
}

static int devlink_port_add(struct tcamsim_port *port)
{
	struct tcamsim *sw = port->sw;
	struct devlink_port_attrs attrs = {
		.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
		.phys.port_number = sw->first_port + port->number - 1,
	};
	const u32 id[] = { htonl(0x7463616d), htonl(sw->number) }; /* "tcam" */

	memcpy(attrs.switch_id.id, id, sizeof(id));
	attrs.switch_id.id_len = sizeof(id);
	devlink_port_attrs_set(&port->devlink_port, &attrs);
	return devl_port_register(priv_to_devlink(sw), &port->devlink_port,
				  port->number);
}

static int port_register(struct tcamsim_port *port)
{
	int err = devlink_port_add(port);

	if (err)
		return err;
	SET_NETDEV_DEVLINK_PORT(port->dev, &port->devlink_port);
	rtnl_lock();
	err = register_netdevice(port->wire);
	if (err)
		goto devlink;
	err = register_netdevice(port->dev);
	if (err)
		goto wire;
	rtnl_unlock();
	tcamsim_devlink_port_set(&port->devlink_port, port->dev);
	return 0;
wire:
	unregister_netdevice(port->wire);
devlink:
	rtnl_unlock();
	devl_port_unregister(&port->devlink_port);
	return err;
}

/*
 * The devices of several ports at once, so that after the grace period within
 * no packet is in the pipeline that could still look at any of them.
 */
static void ports_unregister(struct tcamsim_port **ports, u32 n)
{
	LIST_HEAD(devices);
	u32 i;

	for (i = 0; i < n; i++)
		tcamsim_devlink_port_clear(&ports[i]->devlink_port);
	rtnl_lock();
	for (i = 0; i < n; i++) {
		unregister_netdevice_queue(ports[i]->wire, &devices);
		unregister_netdevice_queue(ports[i]->dev, &devices);
	}
	unregister_netdevice_many(&devices);
	rtnl_unlock();
	for (i = 0; i < n; i++)
		devl_port_unregister(&ports[i]->devlink_port);
}

/* Hides the ports from whoever looks through them, then frees them. */
static void ports_free(struct tcamsim *sw)
{
	struct tcamsim_port *ports[TCAMSIM_MAX_PORTS];
	u32 i;

	mutex_lock(&sw->lock);
	for (i = 0; i < sw->n_ports; i++) {
		ports[i] = sw->ports[i];
		WRITE_ONCE(sw->ports[i], NULL);
	}
	mutex_unlock(&sw->lock);
	synchronize_rcu();
	for (i = 0; i < sw->n_ports; i++)
		if (ports[i])
			port_free(ports[i]);
}

int tcamsim_ports_add(struct tcamsim *sw)
{
	struct tcamsim_port *port;
	int err = -ENOMEM;
	u32 i;

	for (i = 0; i < sw->n_ports; i++) {
		port = port_new(sw, i + 1);
		if (!port)
			goto free;
		smp_store_release(&sw->ports[i], port);
	}
	for (i = 0; i < sw->n_ports; i++) {
		err = port_register(sw->ports[i]);
		if (err)
			goto unregister;
	}
	return 0;
unregister:
	ports_unregister(sw->ports, i);
free:
	ports_free(sw);
	return err;
}

void tcamsim_ports_del(struct tcamsim *sw)
{
	ports_unregister(sw->ports, sw->n_ports);
	ports_free(sw);
}

struct tcamsim_port *tcamsim_port_of(struct tcamsim *sw,
				     const struct net_device *dev)
{
	struct tcamsim_port *port;

	if (dev->netdev_ops != &port_ops)
		return NULL;
	port = port_of_end(dev);
	return port->sw == sw ? port : NULL;
}

struct tcamsim_port *tcamsim_port_find(struct tcamsim *sw, u32 ifindex)
{
	struct tcamsim_port *port;
	u32 i;

	for (i = 0; i < sw->n_ports; i++) {
		port = READ_ONCE(sw->ports[i]);
		if (port && port->dev->ifindex == ifindex)
			return port;
	}
	return NULL;
}
