// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module: its parameters, and one platform device per switch.
 *
 * A switch is a platform device with a driver bound to it because devlink
 * names instances by bus and device, and since 7.2 wants to see a driver.
 * Everything about a switch itself begins in devlink.c.
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/platform_device.h>

#include "compat.h"
#include "tcamsim.h"

#define MAX_SWITCHES 16

unsigned int tcamsim_ports = 4;
module_param_named(ports, tcamsim_ports, uint, 0444);
MODULE_PARM_DESC(ports, "ports of each switch, 1 to 64 (default 4)");

unsigned int tcamsim_tcam_slots = 1024;
module_param_named(tcam_slots, tcamsim_tcam_slots, uint, 0444);
MODULE_PARM_DESC(tcam_slots, "slots of the TCAM at first (default 1024)");

unsigned int tcamsim_lpm_slots;
module_param_named(lpm_slots, tcamsim_lpm_slots, uint, 0444);
MODULE_PARM_DESC(lpm_slots,
		 "slots of the LPM table at first; 0: no routes (default)");

unsigned int tcamsim_ipv6_slots = 2;
module_param_named(ipv6_slots, tcamsim_ipv6_slots, uint, 0444);
MODULE_PARM_DESC(ipv6_slots,
		 "what an IPv6 address takes where IPv4 takes 1, 1 to 8 (default 2)");

bool tcamsim_coupled;
module_param_named(coupled, tcamsim_coupled, bool, 0444);
MODULE_PARM_DESC(coupled, "both tables live in one memory (default no)");

static unsigned int switches = 1;
module_param(switches, uint, 0444);
MODULE_PARM_DESC(switches, "how many, 1 to 16 (default 1)");

static struct platform_device *devices[MAX_SWITCHES];

static int on_probe(struct platform_device *pdev)
{
	struct tcamsim *sw = tcamsim_switch_new(pdev, pdev->id);

	if (IS_ERR(sw))
		return PTR_ERR(sw);
	platform_set_drvdata(pdev, sw);
	return 0;
}

static TCAMSIM_REMOVED on_remove(struct platform_device *pdev)
{
	tcamsim_switch_free(platform_get_drvdata(pdev));
	return TCAMSIM_REMOVED_OK;
}

/* No bind and unbind in sysfs: a switch is there as long as the module is. */
static struct platform_driver driver = {
	.probe = on_probe,
	.remove = on_remove,
	.driver = {
		.name = "tcamsim",
		.suppress_bind_attrs = true,
	},
};

static bool is_within(const char *name, unsigned int value, unsigned int low,
		      unsigned int high)
{
	if (value >= low && value <= high)
		return true;
	pr_err("tcamsim: %s=%u: not within %u and %u\n", name, value, low,
	       high);
	return false;
}

static bool are_parameters_sane(void)
{
	return is_within("ports", tcamsim_ports, 1, TCAMSIM_MAX_PORTS) &&
	       is_within("tcam_slots", tcamsim_tcam_slots, 0,
			 TCAMSIM_MAX_SLOTS) &&
	       is_within("lpm_slots", tcamsim_lpm_slots, 0,
			 TCAMSIM_MAX_SLOTS) &&
	       is_within("ipv6_slots", tcamsim_ipv6_slots, 1, 8) &&
	       is_within("switches", switches, 1, MAX_SWITCHES);
}

static void switches_del(void)
{
	unsigned int i;

	for (i = 0; i < MAX_SWITCHES; i++)
		if (devices[i])
			platform_device_unregister(devices[i]);
}

/* The driver core keeps what probe() returned to itself: ask for the result. */
static int switch_add(unsigned int number)
{
	struct platform_device *pdev =
		platform_device_register_simple("tcamsim", number, NULL, 0);

	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	devices[number] = pdev;
	if (!platform_get_drvdata(pdev)) {
		pr_err("tcamsim: switch %u did not come up\n", number);
		return -ENODEV;
	}
	return 0;
}

static int __init tcamsim_init(void)
{
	unsigned int i;
	int err;

	if (!are_parameters_sane())
		return -EINVAL;
	err = tcamsim_tcam_init();
	if (err)
		return err;
	tcamsim_debugfs_init();
	err = platform_driver_register(&driver);
	if (err)
		goto debugfs;
	for (i = 0; i < switches; i++) {
		err = switch_add(i);
		if (err)
			goto devices;
	}
	return 0;
devices:
	switches_del();
	platform_driver_unregister(&driver);
debugfs:
	tcamsim_debugfs_fini();
	rcu_barrier();
	tcamsim_tcam_fini();
	return err;
}

static void __exit tcamsim_exit(void)
{
	switches_del();
	platform_driver_unregister(&driver);
	tcamsim_debugfs_fini();
	rcu_barrier(); /* callbacks are code of this module */
	tcamsim_tcam_fini();
}

module_init(tcamsim_init);
module_exit(tcamsim_exit);

MODULE_DESCRIPTION("A switch whose tables are small, for tests");
MODULE_LICENSE("GPL");
