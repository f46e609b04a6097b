// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A switch as devlink shows it: how large its tables are, how full, and a
 * reload that makes new sizes take effect.
 *
 * A reload takes everything down that load() brings up, in the other order;
 * if bringing up fails the switch stays there without ports, as
 * devlink says ("reload_failed"), until the next reload or its end.
 *
 * With `coupled` both tables are parts of one memory.  Untouched, each may
 * grow to the whole of it; whoever sets sizes divides it, and devlink takes no
 * sizes that are more than the memory together.
 */
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "compat.h"
#include "lpm.h"
#include "tcamsim.h"

enum resource_id {
	MEMORY = 1, /* 0 is devlink's own */
	TCAM,
	LPM,
};

static const enum resource_id resource_of[] = {
	[TCAMSIM_TCAM] = TCAM,
	[TCAMSIM_LPM] = LPM,
};

static const char *const name_of[] = {
	[TCAMSIM_TCAM] = "acl_tcam",
	[TCAMSIM_LPM] = "lpm",
};

/* ------------------------------------------------------------- slots */

static u64 slots_free(const struct tcamsim *sw, enum tcamsim_table table)
{
	u64 used = sw->used[TCAMSIM_TCAM] + sw->used[TCAMSIM_LPM];
	u64 left = sw->size[table] - sw->used[table];

	return sw->coupled ? min(left, sw->memory_size - used) : left;
}

int tcamsim_slots_take(struct tcamsim *sw, enum tcamsim_table table, u32 slots,
		       struct netlink_ext_ack *extack)
{
	u64 left = slots_free(sw, table);

	lockdep_assert_held(&sw->lock);
	if (slots > left) {
		tcamsim_say(extack,
			    "table %s is full: %u slots wanted, %llu of %llu free",
			    name_of[table], slots, left, sw->size[table]);
		return -ENOSPC;
	}
	WRITE_ONCE(sw->used[table], sw->used[table] + slots);
	return 0;
}

void tcamsim_slots_give(struct tcamsim *sw, enum tcamsim_table table, u32 slots)
{
	lockdep_assert_held(&sw->lock);
	if (!WARN_ON_ONCE(slots > sw->used[table]))
		WRITE_ONCE(sw->used[table], sw->used[table] - slots);
}

/* No lock: a table may be waiting for slow hardware with sw->lock held. */
static u64 tcam_occ(void *priv)
{
	return READ_ONCE(((struct tcamsim *)priv)->used[TCAMSIM_TCAM]);
}

static u64 lpm_occ(void *priv)
{
	return READ_ONCE(((struct tcamsim *)priv)->used[TCAMSIM_LPM]);
}

static u64 memory_occ(void *priv)
{
	return tcam_occ(priv) + lpm_occ(priv);
}

/* ------------------------------------------------------------- resources */

static int resource_add(struct tcamsim *sw, enum resource_id id, const char *name,
			u64 parent, u64 size, u64 min, u64 max,
			devlink_resource_occ_get_t *occ)
{
	struct devlink *devlink = priv_to_devlink(sw);
	struct devlink_resource_size_params params;
	int err;

	devlink_resource_size_params_init(&params, min, max, 1,
					  DEVLINK_RESOURCE_UNIT_ENTRY);
	err = devl_resource_register(devlink, name, size, id, parent, &params);
	if (!err)
		devl_resource_occ_get_register(devlink, id, occ, sw);
	return err;
}

static int resources_add(struct tcamsim *sw)
{
	u64 parent = DEVLINK_RESOURCE_ID_PARENT_TOP, max = TCAMSIM_MAX_SLOTS;
	u64 tcam = tcamsim_tcam_slots, lpm = tcamsim_lpm_slots;
	int err;

	if (sw->coupled) {
		parent = MEMORY;
		max = sw->memory_size;
		tcam = max;
		lpm = max;
		err = resource_add(sw, MEMORY, "memory",
				   DEVLINK_RESOURCE_ID_PARENT_TOP, max, max,
				   max, memory_occ);
		if (err)
			return err;
	}
	err = resource_add(sw, TCAM, name_of[TCAMSIM_TCAM], parent, tcam, 0,
			   max, tcam_occ);
	if (err)
		return err;
	return resource_add(sw, LPM, name_of[TCAMSIM_LPM], parent, lpm, 0, max,
			    lpm_occ);
}

static int sizes_read(struct tcamsim *sw)
{
	enum tcamsim_table table;
	int err;

	for (table = 0; table < TCAMSIM_N_TABLES; table++) {
		err = devl_resource_size_get(priv_to_devlink(sw),
					     resource_of[table],
					     &sw->size[table]);
		if (err)
			return err;
	}
	return 0;
}

/* ------------------------------------------------------------- reload */

/* Call with the devlink lock held, without RTNL; so does unload(). */
static int load(struct tcamsim *sw, struct netlink_ext_ack *extack)
{
	int err = sizes_read(sw);

	if (err)
		return err;
	tcamsim_faults_reset(sw, false);
	err = tcamsim_ports_add(sw);
	if (err) {
		tcamsim_say(extack, "cannot make the ports: are their names in use?");
		return err;
	}
	if (sw->size[TCAMSIM_LPM])
		err = tcamsim_fib_start(sw, extack);
	if (err) {
		tcamsim_ports_del(sw);
		return err;
	}
	sw->loaded = true;
	return 0;
}

/* A device that is being reset answers everything at once. */
static void unload(struct tcamsim *sw)
{
	if (!sw->loaded)
		return;
	sw->loaded = false;
	tcamsim_faults_reset(sw, true);
	tcamsim_fib_stop(sw);
	tcamsim_ports_del(sw);
	WARN_ON_ONCE(sw->used[TCAMSIM_TCAM] || sw->used[TCAMSIM_LPM]);
}

static int on_reload_down(struct devlink *devlink, bool netns_change,
			  enum devlink_reload_action action,
			  enum devlink_reload_limit limit,
			  struct netlink_ext_ack *extack)
{
	unload(devlink_priv(devlink));
	return 0;
}

static int on_reload_up(struct devlink *devlink,
			enum devlink_reload_action action,
			enum devlink_reload_limit limit, u32 *actions_performed,
			struct netlink_ext_ack *extack)
{
	*actions_performed = BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT);
	return load(devlink_priv(devlink), extack);
}

static const struct devlink_ops devlink_ops = {
	.reload_actions = BIT(DEVLINK_RELOAD_ACTION_DRIVER_REINIT),
	.reload_down = on_reload_down,
	.reload_up = on_reload_up,
};

/* ------------------------------------------------------------- a switch */

static int switch_init(struct tcamsim *sw, struct platform_device *pdev,
		       u32 number)
{
	sw->pdev = pdev;
	sw->number = number;
	sw->n_ports = tcamsim_ports;
	sw->first_port = number * tcamsim_ports + 1;
	sw->coupled = tcamsim_coupled;
	sw->memory_size = (u64)tcamsim_tcam_slots + tcamsim_lpm_slots;
	mutex_init(&sw->lock);
	hash_init(sw->by_cookie);
	INIT_LIST_HEAD(&sw->regions);
	sw->ports = kcalloc(sw->n_ports, sizeof(*sw->ports), GFP_KERNEL);
	if (!sw->ports)
		return -ENOMEM;
	tcamsim_faults_init(sw);
	return 0;
}

static void switch_fini(struct tcamsim *sw)
{
	kfree(sw->ports);
	mutex_destroy(&sw->lock);
	devlink_free(priv_to_devlink(sw));
}

static int switch_up(struct tcamsim *sw)
{
	struct devlink *devlink = priv_to_devlink(sw);
	struct netlink_ext_ack extack = {};
	int err;

	devl_lock(devlink);
	err = resources_add(sw);
	if (!err)
		err = load(sw, &extack);
	if (err)
		devl_resources_unregister(devlink);
	devl_unlock(devlink);
	if (err)
		dev_err(&sw->pdev->dev, "%s\n",
			extack._msg ?: "cannot begin");
	return err;
}

struct tcamsim *tcamsim_switch_new(struct platform_device *pdev, u32 number)
{
	struct devlink *devlink;
	struct tcamsim *sw;
	int err;

	devlink = devlink_alloc(&devlink_ops, sizeof(*sw), &pdev->dev);
	if (!devlink)
		return ERR_PTR(-ENOMEM);
	sw = devlink_priv(devlink);
	err = switch_init(sw, pdev, number);
	if (err) {
		devlink_free(devlink);
		return ERR_PTR(err);
	}
	err = switch_up(sw);
	if (err) {
		switch_fini(sw);
		return ERR_PTR(err);
	}
	tcamsim_faults_show(sw);
	tcamsim_devlink_reloads(devlink);
	devlink_register(devlink);
	return sw;
}

void tcamsim_switch_free(struct tcamsim *sw)
{
	struct devlink *devlink = priv_to_devlink(sw);

	devlink_unregister(devlink);
	/* Operators first: they look at what goes now. */
	tcamsim_faults_reset(sw, true);
	tcamsim_faults_fini(sw);
	devl_lock(devlink);
	unload(sw);
	devl_resources_unregister(devlink);
	devl_unlock(devlink);
	switch_fini(sw);
}
