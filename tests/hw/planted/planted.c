// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults on purpose, one for each kind that tests/hw/vm must notice:
 * test_vm.py loads this module with fault=NAME.  It does nothing else, and
 * it refuses a name it does not know.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "none, warn, bug, oops, leak, atomic, lockdep, refcount, hung, rmmod");

static DEFINE_SPINLOCK(spin);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static struct net_device *held;
static netdevice_tracker held_tracker;

static void fault_none(void)
{
}

static void fault_warn(void)
{
	WARN(1, "planted: a warning\n");
}

static void fault_bug(void)
{
	BUG();
}

static void fault_oops(void)
{
	int *nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

static void fault_leak(void)
{
	char *lost = kmalloc(100, GFP_KERNEL);

	if (lost)
		memset(lost, 'x', 100);
}

static void fault_atomic(void)
{
	spin_lock(&spin);
	msleep(20);
	spin_unlock(&spin);
}

/* The same two locks in both orders: no deadlock yet, but a possible one. */
static void fault_lockdep(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void fault_refcount(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	if (refcount_dec_and_test(&count))
		refcount_inc(&count);
}

static int sleep_for_ever(void *unused)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}

static void fault_hung(void)
{
	kthread_run(sleep_for_ever, NULL, "planted");
}

static netdev_tx_t swallow(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops held_ops = {
	.ndo_start_xmit = swallow,
};

/* A reference nobody gives back: the device cannot be unregistered. */
static void fault_rmmod(void)
{
	held = alloc_netdev(0, "planted%d", NET_NAME_ENUM, ether_setup);
	if (!held)
		return;
	held->netdev_ops = &held_ops;
	if (register_netdev(held)) {
		free_netdev(held);
		held = NULL;
		return;
	}
	netdev_hold(held, &held_tracker, GFP_KERNEL);
}

static const struct {
	const char *name;
	void (*plant)(void);
} faults[] = {
	{ "none", fault_none },
	{ "warn", fault_warn },
	{ "bug", fault_bug },
	{ "oops", fault_oops },
	{ "leak", fault_leak },
	{ "atomic", fault_atomic },
	{ "lockdep", fault_lockdep },
	{ "refcount", fault_refcount },
	{ "hung", fault_hung },
	{ "rmmod", fault_rmmod },
};

static int __init planted_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(fault, faults[i].name)) {
			pr_info("planted: %s\n", fault);
			faults[i].plant();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit planted_exit(void)
{
	if (held) {
		unregister_netdev(held);
		free_netdev(held);
	}
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("Faults on purpose, for the tests of the harness");
MODULE_LICENSE("GPL");
