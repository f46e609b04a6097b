/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where kernels differ, from 6.1 on; the other files know one kernel only.
 * Each difference is told by the version that brought it.
 */
#ifndef TCAMSIM_COMPAT_H
#define TCAMSIM_COMPAT_H

#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/version.h>
#include <net/devlink.h>

/*
 * 6.2: the netdev knows its devlink port.  Before, an operation tells, and the
 * driver says when the netdev comes and goes; call that without RTNL, which
 * devlink takes to tell others.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define TCAMSIM_ASKS_DEVLINK_PORT
#define SET_NETDEV_DEVLINK_PORT(dev, port) do { } while (0)

static inline void tcamsim_devlink_port_set(struct devlink_port *port,
					    struct net_device *dev)
{
	devlink_port_type_eth_set(port, dev);
}

static inline void tcamsim_devlink_port_clear(struct devlink_port *port)
{
	devlink_port_type_clear(port);
}
#else
static inline void tcamsim_devlink_port_set(struct devlink_port *port,
					    struct net_device *dev)
{
}

static inline void tcamsim_devlink_port_clear(struct devlink_port *port)
{
}
#endif

/* 6.3: whoever has the operations can be reloaded. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void tcamsim_devlink_reloads(struct devlink *devlink)
{
	devlink_set_features(devlink, DEVLINK_F_RELOAD);
}
#else
static inline void tcamsim_devlink_reloads(struct devlink *devlink)
{
}
#endif

/* 6.11: remove() of a platform driver returns nothing. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define TCAMSIM_REMOVED int
#define TCAMSIM_REMOVED_OK 0
#else
#define TCAMSIM_REMOVED void
#define TCAMSIM_REMOVED_OK
#endif

/*
 * 6.12: flags of a netdev that are no features.  The first of 6.12 to 6.14
 * called netns_immutable netns_local; their stable successors do not.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline void tcamsim_dev_lltx(struct net_device *dev)
{
	dev->features |= NETIF_F_LLTX;
}

static inline void tcamsim_dev_stays(struct net_device *dev)
{
	dev->features |= NETIF_F_NETNS_LOCAL;
}
#else
static inline void tcamsim_dev_lltx(struct net_device *dev)
{
	dev->lltx = true;
}

static inline void tcamsim_dev_stays(struct net_device *dev)
{
	dev->netns_immutable = true;
}
#endif

#endif /* TCAMSIM_COMPAT_H */
