// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What goes wrong with hardware, on demand, and what nobody else can see of
 * it: files of debugfs, one directory a switch.
 *
 * Every write to a table passes through tcamsim_write_begin(), which waits,
 * fails or keeps silent as it was told.  What the tables do about that is
 * theirs.
 */
#include <linux/debugfs.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uaccess.h>
#include <net/ipv6.h>

#include "tcamsim.h"

#define TIMEOUT_MS 1000
#define AGE_EVERY_MS 100 /* at least */
#define LINE 96		 /* what is written to a file */

static struct dentry *module_dir;

/* ------------------------------------------------------------- writes */

static bool is_silent(const struct tcamsim_faults *faults)
{
	return READ_ONCE(faults->silent) && !READ_ONCE(faults->resetting);
}

static int wait_for_answer(struct tcamsim_faults *faults,
			   struct netlink_ext_ack *extack)
{
	unsigned long timeout = msecs_to_jiffies(READ_ONCE(faults->timeout_ms));

	if (wait_event_timeout(faults->answers, !is_silent(faults), timeout))
		return 0;
	tcamsim_say(extack, "the device does not answer");
	return -ETIMEDOUT;
}

int tcamsim_write_begin(struct tcamsim *sw, enum tcamsim_table table,
			enum tcamsim_write write,
			struct netlink_ext_ack *extack)
{
	struct tcamsim_faults *faults = &sw->faults;
	u32 delay_ms = READ_ONCE(faults->delay_ms);
	int err;

	lockdep_assert_held(&sw->lock);
	if (delay_ms)
		wait_event_timeout(faults->answers, READ_ONCE(faults->resetting),
				   msecs_to_jiffies(delay_ms));
	err = wait_for_answer(faults, extack);
	if (err || write != TCAMSIM_ADDS || !faults->fail_at[table] ||
	    --faults->fail_at[table])
		return err;
	tcamsim_say(extack, "write refused on request");
	return -(int)faults->fail_errno[table];
}

void tcamsim_faults_reset(struct tcamsim *sw, bool on)
{
	WRITE_ONCE(sw->faults.resetting, on);
	wake_up_all(&sw->faults.answers);
}

/* ------------------------------------------------------------- ageing */

static void age_next(struct tcamsim *sw)
{
	u32 age_ms = READ_ONCE(sw->faults.age_ms);

	if (age_ms)
		schedule_delayed_work(&sw->faults.ageing,
				      msecs_to_jiffies(max_t(u32, age_ms / 4,
							     AGE_EVERY_MS)));
}

static void age(struct work_struct *work)
{
	struct tcamsim *sw = container_of(to_delayed_work(work), struct tcamsim,
					  faults.ageing);
	u32 age_ms = READ_ONCE(sw->faults.age_ms);

	if (age_ms) {
		mutex_lock(&sw->lock);
		tcamsim_tcam_age(sw, msecs_to_jiffies(age_ms));
		mutex_unlock(&sw->lock);
	}
	age_next(sw);
}

/* ------------------------------------------------------------- numbers */

static int age_get(void *data, u64 *ret)
{
	*ret = READ_ONCE(((struct tcamsim *)data)->faults.age_ms);
	return 0;
}

static int age_set(void *data, u64 value)
{
	struct tcamsim *sw = data;

	if (value > U32_MAX)
		return -ERANGE;
	WRITE_ONCE(sw->faults.age_ms, value);
	cancel_delayed_work_sync(&sw->faults.ageing);
	age_next(sw);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(age_fops, age_get, age_set, "%llu\n");

static int silent_get(void *data, u64 *ret)
{
	*ret = READ_ONCE(((struct tcamsim *)data)->faults.silent);
	return 0;
}

/* No lock at first: who waits for an answer holds it. */
static int silent_set(void *data, u64 value)
{
	struct tcamsim *sw = data;

	if (value > 1)
		return -EINVAL;
	WRITE_ONCE(sw->faults.silent, value);
	if (value)
		return 0;
	wake_up_all(&sw->faults.answers);
	mutex_lock(&sw->lock);
	tcamsim_tcam_catch_up(sw);
	mutex_unlock(&sw->lock);
	tcamsim_fib_catch_up(sw);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(silent_fops, silent_get, silent_set, "%llu\n");

/* ------------------------------------------------------------- lines */

/* What was written, without the newline; nothing longer than a line. */
static int get_line(const char __user *from, size_t size, char *ret)
{
	if (size >= LINE)
		return -EINVAL;
	if (copy_from_user(ret, from, size))
		return -EFAULT;
	ret[size] = '\0';
	while (size && ret[size - 1] == '\n')
		ret[--size] = '\0';
	return 0;
}

static ssize_t fail_set(struct tcamsim *sw, enum tcamsim_table table,
			const char __user *from, size_t size)
{
	unsigned int at, error = EIO;
	char line[LINE], *rest = line;
	int err;

	err = get_line(from, size, line);
	if (!err)
		err = kstrtouint(strsep(&rest, " "), 10, &at);
	if (!err && rest)
		err = kstrtouint(rest, 10, &error);
	if (err)
		return err;
	if (!error || error > MAX_ERRNO)
		return -EINVAL;
	mutex_lock(&sw->lock);
	sw->faults.fail_at[table] = at;
	sw->faults.fail_errno[table] = error;
	mutex_unlock(&sw->lock);
	return size;
}

static ssize_t fail_get(struct tcamsim *sw, enum tcamsim_table table,
			char __user *to, size_t size, loff_t *at)
{
	char line[LINE];
	int n = scnprintf(line, sizeof(line), "%u\n",
			  READ_ONCE(sw->faults.fail_at[table]));

	return simple_read_from_buffer(to, size, at, line, n);
}

#define FAIL_FILE(name, table)                                                 \
	static ssize_t name##_read(struct file *file, char __user *to,         \
				   size_t size, loff_t *at)                    \
	{                                                                      \
		return fail_get(file->private_data, table, to, size, at);      \
	}                                                                      \
	static ssize_t name##_write(struct file *file, const char __user *from,\
				    size_t size, loff_t *at)                   \
	{                                                                      \
		return fail_set(file->private_data, table, from, size);        \
	}                                                                      \
	static const struct file_operations name##_fops = {                    \
		.owner = THIS_MODULE,                                          \
		.open = simple_open,                                           \
		.read = name##_read,                                           \
		.write = name##_write,                                         \
	}

FAIL_FILE(fail_tcam, TCAMSIM_TCAM);
FAIL_FILE(fail_lpm, TCAMSIM_LPM);

static ssize_t evict_write(struct file *file, const char __user *from,
			   size_t size, loff_t *at)
{
	struct tcamsim *sw = file->private_data;
	unsigned long cookie = 0;
	char line[LINE];
	bool all;
	int err;

	err = get_line(from, size, line);
	if (err)
		return err;
	all = !strcmp(line, "all");
	if (!all) {
		err = kstrtoul(line, 0, &cookie);
		if (err)
			return err;
	}
	mutex_lock(&sw->lock);
	if (all)
		tcamsim_tcam_age(sw, 0);
	else
		err = tcamsim_entry_evict(sw, cookie);
	mutex_unlock(&sw->lock);
	return err ?: size;
}

static const struct file_operations evict_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = evict_write,
};

/* "10.0.0.0/8" or "2001:db8::/32", and perhaps " table 254"; cuts `line`. */
static int read_route(char *line, struct tcamsim_route_key *ret)
{
	unsigned int plen, table = RT_TABLE_MAIN;
	char *prefix = strsep(&line, " ");
	const char *end;

	memset(ret, 0, sizeof(*ret));
	if (in4_pton(prefix, -1, ret->prefix.s6_addr, '/', &end))
		ret->family = AF_INET;
	else if (in6_pton(prefix, -1, ret->prefix.s6_addr, '/', &end))
		ret->family = AF_INET6;
	else
		return -EINVAL;
	if (*end != '/' || kstrtouint(end + 1, 10, &plen) ||
	    plen > (ret->family == AF_INET ? 32 : 128))
		return -EINVAL;
	if (line && (strncmp(line, "table ", 6) ||
		     kstrtouint(line + 6, 10, &table)))
		return -EINVAL;
	ret->plen = plen;
	ret->table = table;
	return 0;
}

static ssize_t evict_route_write(struct file *file, const char __user *from,
				 size_t size, loff_t *at)
{
	struct tcamsim_route_key key;
	char line[LINE];
	int err;

	err = get_line(from, size, line);
	if (!err)
		err = read_route(line, &key);
	if (!err)
		err = tcamsim_fib_evict(file->private_data, &key);
	return err ?: size;
}

static const struct file_operations evict_route_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = evict_route_write,
};

/* ------------------------------------------------------------- dumps */

/* An entry and its age within the region. */
struct line {
	struct tcamsim_entry *entry;
	u32 age;
};

static int line_cmp(const void *one, const void *other)
{
	const struct line *a = one, *b = other;

	if (a->entry->chain->index != b->entry->chain->index)
		return a->entry->chain->index < b->entry->chain->index ? -1 : 1;
	if (a->entry->prio != b->entry->prio)
		return a->entry->prio < b->entry->prio ? -1 : 1;
	return a->age < b->age ? -1 : 1;
}

static void match_show(struct seq_file *to, const struct tcamsim_match *match)
{
	int i;

	seq_puts(to, ",\"match\":[");
	for (i = 0; i < match->n_words; i++)
		seq_printf(to, "%s{\"word\":%u,\"mask\":\"0x%08x\",\"value\":\"0x%08x\"}",
			   i ? "," : "", match->words[i].at,
			   ntohl((__force __be32)match->words[i].mask),
			   ntohl((__force __be32)match->words[i].value));
	seq_puts(to, "]");
	if (match->has_sport)
		seq_printf(to, ",\"sport\":[%u,%u]", match->sport.low,
			   match->sport.high);
	if (match->has_dport)
		seq_printf(to, ",\"dport\":[%u,%u]", match->dport.low,
			   match->dport.high);
}

static void entry_show(struct seq_file *to, const struct tcamsim_entry *entry)
{
	int i;

	seq_printf(to, "{\"region\":%u,\"chain\":%u,\"pref\":%u,\"cookie\":\"0x%lx\",\"slots\":%u,\"installed\":%s,\"packets\":%lld,\"bytes\":%lld,\"actions\":[",
		   entry->region->id, entry->chain->index, entry->prio,
		   entry->cookie, entry->match.slots,
		   entry->installed ? "true" : "false",
		   (long long)atomic64_read(&entry->packets),
		   (long long)atomic64_read(&entry->bytes));
	for (i = 0; i < entry->actions.n; i++)
		seq_printf(to, "%s\"%s\"", i ? "," : "",
			   tcamsim_act_name(entry->actions.list[i].act));
	seq_puts(to, "]");
	match_show(to, &entry->match);
	seq_puts(to, "}\n");
}

static int region_show(struct seq_file *to, struct tcamsim_region *region)
{
	struct tcamsim_entry *entry;
	struct line *lines;
	u32 n = 0, i;

	list_for_each_entry(entry, &region->entries, in_region)
		n++;
	if (!n)
		return 0;
	lines = kvmalloc_array(n, sizeof(*lines), GFP_KERNEL);
	if (!lines)
		return -ENOMEM;
	n = 0;
	list_for_each_entry(entry, &region->entries, in_region) {
		lines[n].entry = entry;
		lines[n].age = n;
		n++;
	}
	sort(lines, n, sizeof(*lines), line_cmp, NULL);
	for (i = 0; i < n; i++)
		entry_show(to, lines[i].entry);
	kvfree(lines);
	return 0;
}

static int tcam_show(struct seq_file *to, void *v)
{
	struct tcamsim *sw = to->private;
	struct tcamsim_region *region;
	int err = 0;

	mutex_lock(&sw->lock);
	list_for_each_entry(region, &sw->regions, in_switch) {
		err = region_show(to, region);
		if (err)
			break;
	}
	mutex_unlock(&sw->lock);
	return err;
}
DEFINE_SHOW_ATTRIBUTE(tcam);

static int lpm_show(struct seq_file *to, void *v)
{
	tcamsim_fib_dump(to->private, to);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lpm);

static void port_show(struct seq_file *to, struct tcamsim_port *port)
{
	const struct {
		const char *name;
		atomic64_t *value;
	} counts[] = {
		{ "from_wire", &port->count.from_wire },
		{ "tcam_hits", &port->count.tcam_hits },
		{ "lpm_hits", &port->count.lpm_hits },
		{ "hw_forwarded", &port->count.hw_forwarded },
		{ "hw_dropped", &port->count.hw_dropped },
		{ "trapped", &port->count.trapped },
		{ "missed", &port->count.missed },
	};
	int i;

	seq_printf(to, "{\"port\":\"%s\"", port->dev->name);
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		seq_printf(to, ",\"%s\":%lld", counts[i].name,
			   (long long)atomic64_read(counts[i].value));
	seq_puts(to, "}\n");
}

static int ports_show(struct seq_file *to, void *v)
{
	struct tcamsim *sw = to->private;
	u32 i;

	mutex_lock(&sw->lock); /* ports go under it */
	for (i = 0; i < sw->n_ports; i++)
		if (sw->ports[i])
			port_show(to, sw->ports[i]);
	mutex_unlock(&sw->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ports);

/* ------------------------------------------------------------- directories */

void tcamsim_faults_init(struct tcamsim *sw)
{
	struct tcamsim_faults *faults = &sw->faults;
	enum tcamsim_table table;

	for (table = 0; table < TCAMSIM_N_TABLES; table++)
		faults->fail_errno[table] = EIO;
	faults->timeout_ms = TIMEOUT_MS;
	INIT_DELAYED_WORK(&faults->ageing, age);
	init_waitqueue_head(&faults->answers);
}

void tcamsim_faults_show(struct tcamsim *sw)
{
	struct dentry *dir =
		debugfs_create_dir(dev_name(&sw->pdev->dev), module_dir);

	sw->debugfs = dir;
	debugfs_create_file("tcam", 0400, dir, sw, &tcam_fops);
	debugfs_create_file("lpm", 0400, dir, sw, &lpm_fops);
	debugfs_create_file("ports", 0400, dir, sw, &ports_fops);
	debugfs_create_file("fail_tcam", 0600, dir, sw, &fail_tcam_fops);
	debugfs_create_file("fail_lpm", 0600, dir, sw, &fail_lpm_fops);
	debugfs_create_u32("delay_ms", 0600, dir, &sw->faults.delay_ms);
	debugfs_create_u32("timeout_ms", 0600, dir, &sw->faults.timeout_ms);
	debugfs_create_file_unsafe("silent", 0600, dir, sw, &silent_fops);
	debugfs_create_file_unsafe("age_ms", 0600, dir, sw, &age_fops);
	debugfs_create_file("evict", 0200, dir, sw, &evict_fops);
	debugfs_create_file("evict_route", 0200, dir, sw, &evict_route_fops);
	tcamsim_limit_show(sw);
}

void tcamsim_faults_fini(struct tcamsim *sw)
{
	debugfs_remove_recursive(sw->debugfs);
	WRITE_ONCE(sw->faults.age_ms, 0);
	cancel_delayed_work_sync(&sw->faults.ageing);
}

void tcamsim_debugfs_init(void)
{
	module_dir = debugfs_create_dir("tcamsim", NULL);
}

void tcamsim_debugfs_fini(void)
{
	debugfs_remove_recursive(module_dir);
}
