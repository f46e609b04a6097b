// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `show running-config` and `write` print: the model as the commands of
 * cli.c, such that loading it again gives the same model.
 *
 * A file is loaded one command at a time and each is checked, so the order of
 * lines matters where two nodes depend on each other: see print_watermarks()
 * and ofl_cli_print_table().
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/engine/conf.h"
#include "offloadd/northbound/nb.h"

void ofl_cli_print_offload(struct vty *vty, const struct lyd_node *dnode,
			   bool show_defaults)
{
	vty_out(vty, "!\noffload\n");
}

void ofl_cli_print_offload_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "exit\n!\n");
}

/* The end of a table or a rule. */
void ofl_cli_print_entry_end(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " exit\n");
}

int ofl_cli_table_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	return strcmp(yang_dnode_get_string(a, "./name"),
		      yang_dnode_get_string(b, "./name"));
}

int ofl_cli_rule_cmp(const struct lyd_node *a, const struct lyd_node *b)
{
	return (int)yang_dnode_get_uint16(a, "./sequence") -
	       (int)yang_dnode_get_uint16(b, "./sequence");
}

/* "PREFIX VALUE" if the leaf is there and no default. */
static void print_value(struct vty *vty, const struct lyd_node *dnode,
			const char *xpath, const char *prefix,
			bool show_defaults)
{
	if (!yang_dnode_exists(dnode, xpath))
		return;
	if (!show_defaults && yang_dnode_is_default(dnode, xpath))
		return;
	vty_out(vty, "  %s %s\n", prefix,
		yang_dnode_get_string(dnode, "%s", xpath));
}

/* A leaf that is true or false, as a command or the `no` form of it. */
static void print_switch(struct vty *vty, const struct lyd_node *dnode,
			 const char *xpath, const char *command,
			 bool show_defaults)
{
	if (show_defaults || !yang_dnode_is_default(dnode, xpath))
		vty_out(vty, "  %s%s\n",
			yang_dnode_get_bool(dnode, "%s", xpath) ? "" : "no ",
			command);
}

/* --- tables --- */

static void print_limit(struct vty *vty, const struct lyd_node *dnode,
			const char *name, bool show_defaults)
{
	char xpath[64];

	snprintf(xpath, sizeof(xpath), "./%s/slots", name);
	if (yang_dnode_exists(dnode, xpath)) {
		vty_out(vty, "  %s %s slots\n", name,
			yang_dnode_get_string(dnode, "%s", xpath));
		return;
	}
	snprintf(xpath, sizeof(xpath), "./%s/percent", name);
	if (show_defaults || !yang_dnode_is_default(dnode, xpath))
		vty_out(vty, "  %s %s percent\n", name,
			yang_dnode_get_string(dnode, "%s", xpath));
}

/* The low watermark must be below the high one after every line.  Low first
 * fits under the default of high, unless it is above that: then high, which
 * is higher still, goes first. */
static void print_watermarks(struct vty *vty, const struct lyd_node *dnode,
			     const struct ofl_hwtable_conf *conf,
			     bool show_defaults)
{
	struct ofl_hwtable_conf defaults;
	bool low_first;

	ofl_hwtable_conf_init(&defaults, "");
	low_first = ofl_conf_limits_can_be(&conf->low, &defaults.high, 0);
	if (low_first)
		print_limit(vty, dnode, "low-watermark", show_defaults);
	print_limit(vty, dnode, "high-watermark", show_defaults);
	if (!low_first)
		print_limit(vty, dnode, "low-watermark", show_defaults);
}

static void print_tc(struct vty *vty, const struct lyd_node *dnode,
		     const struct ofl_tc_conf *tc, bool show_defaults)
{
	for (unsigned int i = 0; i < tc->port_count; i++)
		vty_out(vty, "  tc port %s\n", tc->ports[i]);
	print_value(vty, dnode, "./tc/mode", "tc mode", show_defaults);
	print_value(vty, dnode, "./tc/multipath", "tc multipath",
		    show_defaults);
	print_value(vty, dnode, "./tc/block", "tc block", show_defaults);
	print_value(vty, dnode, "./tc/chain", "tc chain", show_defaults);
	print_value(vty, dnode, "./tc/pref", "tc pref", show_defaults);
	print_value(vty, dnode, "./tc/resource", "tc resource", show_defaults);
}

/* The provider comes after what it cannot be without.  The capacity comes
 * after what is only checked once it is known, and before nothing: a reserve
 * or a limit alone is always possible. */
void ofl_cli_print_table(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults)
{
	struct ofl_hwtable_conf conf;

	ofl_hwtable_conf_init(&conf, "");
	ofl_nb_table_make(dnode, &conf);
	vty_out(vty, " table %s\n", yang_dnode_get_string(dnode, "./name"));
	print_tc(vty, dnode, &conf.tc, show_defaults);
	print_value(vty, dnode, "./emulated/file", "emulated file",
		    show_defaults);
	print_value(vty, dnode, "./provider", "provider", show_defaults);
	print_value(vty, dnode, "./slot-cost/ipv4", "slot-cost ipv4",
		    show_defaults);
	print_value(vty, dnode, "./slot-cost/ipv6", "slot-cost ipv6",
		    show_defaults);
	print_watermarks(vty, dnode, &conf, show_defaults);
	print_limit(vty, dnode, "acl-slots", show_defaults);
	print_value(vty, dnode, "./reserve", "reserve", show_defaults);
	print_value(vty, dnode, "./hysteresis", "hysteresis", show_defaults);
	print_value(vty, dnode, "./residence", "residence", show_defaults);
	print_value(vty, dnode, "./critical-cover-limit",
		    "critical-cover-limit", show_defaults);
	print_value(vty, dnode, "./optional-writes", "optional-writes",
		    show_defaults);
	print_value(vty, dnode, "./rebalance-interval", "rebalance-interval",
		    show_defaults);
	print_switch(vty, dnode, "./exact-placement", "exact-placement",
		     show_defaults);
	print_value(vty, dnode, "./capacity", "capacity", show_defaults);
}

/* --- rules --- */

/* An absent end is printed as the end of all: the same rule. */
static void print_range(struct vty *vty, const struct lyd_node *dnode,
			const char *name, const char *least, const char *most)
{
	const char *min = least, *max = most;
	bool has_min, has_max;
	char xpath[64];

	snprintf(xpath, sizeof(xpath), "./match/%s/minimum", name);
	has_min = yang_dnode_exists(dnode, xpath);
	if (has_min)
		min = yang_dnode_get_string(dnode, "%s", xpath);
	snprintf(xpath, sizeof(xpath), "./match/%s/maximum", name);
	has_max = yang_dnode_exists(dnode, xpath);
	if (has_max)
		max = yang_dnode_get_string(dnode, "%s", xpath);
	if (!has_min && !has_max)
		return;
	vty_out(vty, "  match %s %s", name, min);
	if (strcmp(min, max) != 0)
		vty_out(vty, " %s", max);
	vty_out(vty, "\n");
}

static void print_mice(struct vty *vty, const struct lyd_node *dnode)
{
	bool is_packets = yang_dnode_exists(dnode, "./set/mice-filter/packets");
	const char *xpath = is_packets ? "./set/mice-filter/packets"
				       : "./set/mice-filter/kilobytes";

	if (!yang_dnode_exists(dnode, "./set/mice-filter"))
		return;
	vty_out(vty, "  set mice-filter %s %s window %s\n",
		is_packets ? "packets" : "kilobytes",
		yang_dnode_get_string(dnode, "%s", xpath),
		yang_dnode_get_string(dnode, "./set/mice-filter/window"));
}

/* The class comes last: a rule is used from then on. */
void ofl_cli_print_rule(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults)
{
	vty_out(vty, " rule %s\n", yang_dnode_get_string(dnode, "./sequence"));
	print_value(vty, dnode, "./match/address-family", "match family",
		    false);
	print_value(vty, dnode, "./match/prefix-list", "match prefix-list",
		    false);
	print_value(vty, dnode, "./match/access-list", "match access-list",
		    false);
	print_value(vty, dnode, "./match/protocol", "match protocol", false);
	print_value(vty, dnode, "./match/tag", "match tag", false);
	print_range(vty, dnode, "distance", "0", "255");
	print_range(vty, dnode, "metric", "0", "4294967295");
	print_value(vty, dnode, "./match/vrf", "match vrf", false);
	print_value(vty, dnode, "./match/nexthop-interface",
		    "match nexthop-interface", false);
	print_range(vty, dnode, "prefix-length", "0", "128");
	print_value(vty, dnode, "./set/weight", "set weight", false);
	if (yang_dnode_get_bool(dnode, "./set/offload-or-fail"))
		vty_out(vty, "  set offload-or-fail\n");
	else if (show_defaults)
		vty_out(vty, "  no set offload-or-fail\n");
	print_value(vty, dnode, "./set/table", "set table", false);
	print_mice(vty, dnode);
	print_value(vty, dnode, "./set/class", "set class", false);
}

/* --- leaves of the container --- */

static const struct {
	const char *leaf, *command;
} leaf_commands[] = {
	{"default-class", "default class"},
	{"default-table", "default table"},
	{"path", "database path"},
	{"history-limit", "database history-limit"},
	{"history-days", "database history-days"},
	{"size-limit", "database size-limit"},
	{"batch", "database batch"},
	{"interval", "audit interval"},
	{"repairs", "audit repairs"},
	{"retry", "timers retry"},
	{"hardware-timeout", "timers hardware-timeout"},
	{"repair", "fib repair"},
	{"resource", "fib resource"},
	{"unix", "metrics unix"},
	{"half-life", "traffic half-life"},
	{"period", "traffic period"},
	{"rate", "traffic sampling rate"},
	{"budget", "traffic sampling budget"},
	{"method", "traffic sampling by"},
};

/* Both settle times are one command: neither may pass the other in between. */
static void print_settle(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults)
{
	const char *max = yang_dnode_get_string(dnode, "../settle-max");

	vty_out(vty, " timers settle %s", yang_dnode_get_string(dnode, NULL));
	if (show_defaults || !yang_dnode_is_default(dnode, "../settle-max"))
		vty_out(vty, " max %s", max);
	vty_out(vty, "\n");
}

/* Both watermarks of the FIB are one command, for the same reason. */
static void print_fib_watermarks(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " fib watermarks %s %s\n",
		yang_dnode_get_string(dnode, "../low-watermark"),
		yang_dnode_get_string(dnode, "../high-watermark"));
}

/* The leaves of the shrink guard are one command, printed by the first of them
 * that is not the default. */
static void print_shrink_guard(struct vty *vty, const struct lyd_node *dnode,
			       bool show_defaults)
{
	static const char *const leaves[] = {"../enabled", "../percent",
					     "../hold", "../minimum"};
	size_t first = 0;

	while (!show_defaults && yang_dnode_is_default(dnode, leaves[first]))
		first++;
	if (strcmp(leaves[first] + 3, dnode->schema->name) != 0)
		return;
	if (!yang_dnode_get_bool(dnode, "%s", leaves[0]))
		vty_out(vty, " no feed shrink-guard\n");
	else
		vty_out(vty,
			" feed shrink-guard percent %s hold %s minimum %s\n",
			yang_dnode_get_string(dnode, "%s", leaves[1]),
			yang_dnode_get_string(dnode, "%s", leaves[2]),
			yang_dnode_get_string(dnode, "%s", leaves[3]));
}

/* The leaves of the feed's source, likewise. */
static void print_source(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults)
{
	static const char *const leaves[] = {"source", "fpm/address",
					     "fpm/port"};
	const struct lyd_node *feed = lyd_parent(dnode);
	const char *name = dnode->schema->name;
	size_t first = 0;

	if (strcmp(feed->schema->name, "fpm") == 0)
		feed = lyd_parent(feed);
	while (!show_defaults && yang_dnode_is_default(feed, leaves[first]))
		first++;
	if (strcmp(strrchr(leaves[first], '/') ? strrchr(leaves[first], '/') + 1
					       : leaves[first],
		   name) != 0)
		return;
	vty_out(vty, " rib feed %s",
		yang_dnode_get_string(feed, "%s", leaves[0]));
	if (show_defaults || !yang_dnode_is_default(feed, leaves[1]))
		vty_out(vty, " address %s",
			yang_dnode_get_string(feed, "%s", leaves[1]));
	if (show_defaults || !yang_dnode_is_default(feed, leaves[2]))
		vty_out(vty, " port %s",
			yang_dnode_get_string(feed, "%s", leaves[2]));
	vty_out(vty, "\n");
}

/* One command: a port without an address has the default one. */
void ofl_cli_print_metrics_tcp(struct vty *vty, const struct lyd_node *dnode,
			       bool show_defaults)
{
	vty_out(vty, " metrics tcp %s", yang_dnode_get_string(dnode, "./port"));
	if (show_defaults || !yang_dnode_is_default(dnode, "./address"))
		vty_out(vty, " address %s",
			yang_dnode_get_string(dnode, "./address"));
	vty_out(vty, "\n");
}

/* A word of a command that has none for `none`, but its `no` form. */
static void print_word(struct vty *vty, const struct lyd_node *dnode,
		       const char *command, const char *none)
{
	const char *word = yang_dnode_get_string(dnode, NULL);

	if (strcmp(word, none) == 0)
		vty_out(vty, " no %s\n", command);
	else
		vty_out(vty, " %s %s\n", command, word);
}

void ofl_cli_print_leaf(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults)
{
	const char *name = dnode->schema->name;

	if (strcmp(name, "settle") == 0) {
		print_settle(vty, dnode, show_defaults);
		return;
	}
	if (strcmp(name, "settle-max") == 0) {
		if (!show_defaults && yang_dnode_is_default(dnode, "../settle"))
			print_settle(vty, yang_dnode_get(dnode, "../settle"),
				     show_defaults);
		return;
	}
	if (strcmp(name, "source") == 0 ||
	    strcmp(lyd_parent(dnode)->schema->name, "fpm") == 0) {
		print_source(vty, dnode, show_defaults);
		return;
	}
	if (strcmp(name, "acknowledge") == 0) {
		print_word(vty, dnode, "rib acknowledge", "none");
		return;
	}
	if (strcmp(name, "count") == 0) {
		print_word(vty, dnode, "traffic count", "off");
		return;
	}
	if (strcmp(lyd_parent(dnode)->schema->name, "shrink-guard") == 0) {
		print_shrink_guard(vty, dnode, show_defaults);
		return;
	}
	if (strcmp(name, "low-watermark") == 0) {
		print_fib_watermarks(vty, dnode);
		return;
	}
	if (strcmp(name, "high-watermark") == 0) {
		if (!show_defaults &&
		    yang_dnode_is_default(dnode, "../low-watermark"))
			print_fib_watermarks(vty, dnode);
		return;
	}
	if (strcmp(name, "observe") == 0) {
		vty_out(vty, " %sfib observe\n",
			yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
		return;
	}
	if (strcmp(name, "clean-on-exit") == 0) {
		vty_out(vty, " %sclean-on-exit\n",
			yang_dnode_get_bool(dnode, NULL) ? "" : "no ");
		return;
	}
	for (size_t i = 0; i < array_size(leaf_commands); i++)
		if (strcmp(leaf_commands[i].leaf, name) == 0)
			vty_out(vty, " %s %s\n", leaf_commands[i].command,
				yang_dnode_get_string(dnode, NULL));
}
