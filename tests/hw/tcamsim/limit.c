// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What this switch shall not be able to do: keys and actions that are refused
 * on request, so that a program can be tried on less capable hardware.
 *
 * Every addition of a filter passes through tcamsim_limit_check(), which also
 * counts it, taken or not.  What is in the table already stays.
 */
#include <linux/debugfs.h>
#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "tcamsim.h"

#define LINE 256 /* what is written to the file */
#define ACT_ADD6 31 /* lowering the hop limit, apart from the TTL */

static const char *const keys[] = {
	[TCAMSIM_HAS_DMAC] = "dst_mac",
	[TCAMSIM_HAS_INDEV] = "indev",
	[TCAMSIM_HAS_TTL] = "ip_ttl",
	[TCAMSIM_HAS_HOPS] = "ip6_hoplimit",
	[TCAMSIM_HAS_DST4] = "dst_ip",
	[TCAMSIM_HAS_DST6] = "dst_ip6",
	[TCAMSIM_HAS_PORT_RANGE] = "port_range",
	[TCAMSIM_HAS_TCP_FLAGS] = "tcp_flags",
};

static u32 act_bit(const struct tcamsim_action *action)
{
	if (action->act == TCAMSIM_ADD &&
	    action->edit.header == htons(ETH_P_IPV6))
		return BIT(ACT_ADD6);
	return BIT(action->act);
}

static const char *act_name(u32 act)
{
	return act == ACT_ADD6 ? "add6" : tcamsim_act_name(act);
}

int tcamsim_limit_check(struct tcamsim *sw, const struct tcamsim_match *match,
			const struct tcamsim_actions *actions,
			struct netlink_ext_ack *extack)
{
	u32 at, found;
	int i;

	lockdep_assert_held(&sw->lock);
	sw->limits.additions++;
	found = match->has & sw->limits.keys;
	if (found) {
		tcamsim_say(extack, "cannot match on %s, as told",
			    keys[__ffs(found)]);
		return -EOPNOTSUPP;
	}
	for (i = 0; i < actions->n; i++) {
		found = act_bit(&actions->list[i]) & sw->limits.acts;
		if (!found)
			continue;
		at = __ffs(found);
		tcamsim_say(extack, "cannot do %s, as told", act_name(at));
		return -EOPNOTSUPP;
	}
	return 0;
}

/* ------------------------------------------------------------- the file */

static int add_word(const char *word, u32 *keys_to, u32 *acts_to)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(word, keys[i])) {
			*keys_to |= BIT(i);
			return 0;
		}
	for (i = 0; i <= TCAMSIM_POLICE; i++)
		if (!strcmp(word, act_name(i))) {
			*acts_to |= BIT(i);
			return 0;
		}
	if (strcmp(word, act_name(ACT_ADD6)))
		return -EINVAL;
	*acts_to |= BIT(ACT_ADD6);
	return 0;
}

static ssize_t refuse_write(struct file *file, const char __user *from,
			    size_t size, loff_t *at)
{
	struct tcamsim *sw = file->private_data;
	char line[LINE], *rest = line, *word;
	u32 no_keys = 0, no_acts = 0;
	int err = 0;

	if (size >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, from, size))
		return -EFAULT;
	line[size] = '\0';
	while (!err && (word = strsep(&rest, " \n")))
		if (*word)
			err = add_word(word, &no_keys, &no_acts);
	if (err)
		return err;
	mutex_lock(&sw->lock);
	sw->limits.keys = no_keys;
	sw->limits.acts = no_acts;
	mutex_unlock(&sw->lock);
	return size;
}

static const struct file_operations refuse_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = refuse_write,
};

void tcamsim_limit_show(struct tcamsim *sw)
{
	debugfs_create_file("refuse", 0200, sw->debugfs, sw, &refuse_fops);
	debugfs_create_u32("additions", 0400, sw->debugfs,
			   &sw->limits.additions);
}
