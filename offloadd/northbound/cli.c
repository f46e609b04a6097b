// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of the node `offload`, and what all files of commands share.
 *
 * A client of the model: each command edits YANG and does nothing else; what
 * the edits mean is nb_conf_make.c's, whether they can be ofl_conf_check()'s.
 * Tables, drivers and rules have their commands in cli_table.c, cli_tc.c,
 * cli_feed.c, cli_fib.c, cli_metrics.c, cli_traffic.c and cli_rule.c;
 * cli_print.c prints all of them.
 */
#include <zebra.h>

#include "command.h"
#include "northbound_cli.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/mgmtd.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nodes.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/cli_clippy.c"
#endif

int ofl_cli_leaf_set(struct vty *vty, const char *xpath, const char *value)
{
	nb_cli_enqueue_change(vty, xpath, NB_OP_MODIFY, value);
	return nb_cli_apply_changes(vty, NULL);
}

int ofl_cli_leaf_default(struct vty *vty, const char *xpath)
{
	return ofl_cli_leaf_set(vty, xpath, NULL);
}

int ofl_cli_leaf_del(struct vty *vty, const char *xpath)
{
	nb_cli_enqueue_change(vty, xpath, NB_OP_DESTROY, NULL);
	return nb_cli_apply_changes(vty, NULL);
}

int ofl_cli_item_edit(struct vty *vty, const char *xpath, const char *value,
		      bool is_del)
{
	char item[XPATH_MAXLEN];

	if (OFL_NB_ITEM_HAS_PREDICATE)
		snprintf(item, sizeof(item), "%s[.='%s']", xpath, value);
	else
		strlcpy(item, xpath, sizeof(item));
	nb_cli_enqueue_change(vty, item, is_del ? NB_OP_DESTROY : NB_OP_CREATE,
			      value);
	return nb_cli_apply_changes(vty, NULL);
}

bool ofl_cli_text_ok(struct vty *vty, const char *text, size_t max)
{
	if (strlen(text) <= max)
		return true;
	vty_out(vty, "%% %s is longer than %zu characters.\n", text, max);
	return false;
}

bool ofl_cli_name_ok(struct vty *vty, const char *name)
{
	if (!ofl_cli_text_ok(vty, name, OFL_NAME_LEN - 1))
		return false;
	for (const char *c = name; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("_.:-", *c))
			continue;
		vty_out(vty,
			"%% %s is not a name: letters, digits and _ . : - "
			"only.\n",
			name);
		return false;
	}
	return true;
}

bool ofl_cli_resource_ok(struct vty *vty, const char *path)
{
	if (!ofl_cli_text_ok(vty, path, OFL_NAME_LEN - 1))
		return false;
	for (const char *c = path; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("_./-", *c))
			continue;
		vty_out(vty,
			"%% %s is not the path of a devlink resource: letters, "
			"digits and _ . / - only.\n",
			path);
		return false;
	}
	return true;
}

bool ofl_cli_path_ok(struct vty *vty, const char *path)
{
	if (!ofl_cli_text_ok(vty, path, 255))
		return false;
	if (path[0] == '/' && path[1])
		return true;
	vty_out(vty, "%% %s is not the absolute path of a file.\n", path);
	return false;
}

/* The kernel's own rule for names, and no quote: the path of an edit has the
 * name in quotes. */
bool ofl_cli_port_ok(struct vty *vty, const char *name)
{
	if (!ofl_cli_text_ok(vty, name, OFL_TC_PORT_LEN - 1))
		return false;
	if (!strpbrk(name, "/:'") && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0)
		return true;
	vty_out(vty, "%% %s is not the name of an interface.\n", name);
	return false;
}

/* --- the node --- */

DEFPY_YANG_NOSH(ofl_offload_enter, ofl_offload_enter_cmd,
	"offload",
	OFL_STR)
{
	int ret;

	if (ofl_mgmtd_refuses(vty))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, OFL_XPATH, NB_OP_CREATE, NULL);
	ret = nb_cli_apply_changes(vty, NULL);
	if (ret == CMD_SUCCESS)
		VTY_PUSH_XPATH(OFFLOAD_NODE, OFL_XPATH);
	return ret;
}

DEFPY_YANG(ofl_no_offload, ofl_no_offload_cmd,
	"no offload",
	NO_STR
	OFL_STR)
{
	if (ofl_mgmtd_refuses(vty))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_del(vty, OFL_XPATH);
}

/* --- defaults --- */

DEFPY_YANG(ofl_default_class, ofl_default_class_cmd,
	"default class <critical|best-effort|never>$cls",
	"What holds where no rule says otherwise\n"
	"Class of routes that no rule matches\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stay in software\n")
{
	return ofl_cli_leaf_set(vty, "./default-class", cls);
}

DEFPY_YANG(ofl_no_default_class, ofl_no_default_class_cmd,
	"no default class [<critical|best-effort|never>]",
	NO_STR
	"What holds where no rule says otherwise\n"
	"Class of routes that no rule matches\n"
	"May take any slot\n"
	"Offloaded while there is room\n"
	"Stay in software\n")
{
	return ofl_cli_leaf_default(vty, "./default-class");
}

DEFPY_YANG(ofl_default_table, ofl_default_table_cmd,
	"default table WORD$ofl_table",
	"What holds where no rule says otherwise\n"
	"Table of routes whose rule names none\n"
	"Name of the table\n")
{
	if (!ofl_cli_name_ok(vty, ofl_table))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./default-table", ofl_table);
}

DEFPY_YANG(ofl_no_default_table, ofl_no_default_table_cmd,
	"no default table [WORD$ofl_table]",
	NO_STR
	"What holds where no rule says otherwise\n"
	"Table of routes whose rule names none\n"
	"Name of the table\n")
{
	return ofl_cli_leaf_del(vty, "./default-table");
}

/* --- database --- */

DEFPY_YANG(ofl_database_path, ofl_database_path_cmd,
	"database path WORD$path",
	"Where decisions are recorded\n"
	"Database file\n"
	"Absolute path\n")
{
	if (!ofl_cli_path_ok(vty, path))
		return CMD_WARNING_CONFIG_FAILED;
	return ofl_cli_leaf_set(vty, "./database/path", path);
}

DEFPY_YANG(ofl_no_database_path, ofl_no_database_path_cmd,
	"no database path [WORD]",
	NO_STR
	"Where decisions are recorded\n"
	"Database file\n"
	"Absolute path\n")
{
	return ofl_cli_leaf_del(vty, "./database/path");
}

DEFPY_YANG(ofl_database_limit, ofl_database_limit_cmd,
	"database history-limit (1-100000000)$rows",
	"Where decisions are recorded\n"
	"Size of the history\n"
	"Number of rows\n")
{
	return ofl_cli_leaf_set(vty, "./database/history-limit", rows_str);
}

DEFPY_YANG(ofl_no_database_limit, ofl_no_database_limit_cmd,
	"no database history-limit [(1-100000000)]",
	NO_STR
	"Where decisions are recorded\n"
	"Size of the history\n"
	"Number of rows\n")
{
	return ofl_cli_leaf_default(vty, "./database/history-limit");
}

DEFPY_YANG(ofl_database_days, ofl_database_days_cmd,
	"database history-days (0-36500)$days",
	"Where decisions are recorded\n"
	"Age at which history is forgotten\n"
	"Number of days, 0 for never\n")
{
	return ofl_cli_leaf_set(vty, "./database/history-days", days_str);
}

DEFPY_YANG(ofl_no_database_days, ofl_no_database_days_cmd,
	"no database history-days [(0-36500)]",
	NO_STR
	"Where decisions are recorded\n"
	"Age at which history is forgotten\n"
	"Number of days, 0 for never\n")
{
	return ofl_cli_leaf_default(vty, "./database/history-days");
}

DEFPY_YANG(ofl_database_size, ofl_database_size_cmd,
	"database size-limit (16-1048576)$mb",
	"Where decisions are recorded\n"
	"Size of the file above which the oldest history is forgotten\n"
	"Mebibytes\n")
{
	return ofl_cli_leaf_set(vty, "./database/size-limit", mb_str);
}

DEFPY_YANG(ofl_no_database_size, ofl_no_database_size_cmd,
	"no database size-limit [(16-1048576)]",
	NO_STR
	"Where decisions are recorded\n"
	"Size of the file above which the oldest history is forgotten\n"
	"Mebibytes\n")
{
	return ofl_cli_leaf_default(vty, "./database/size-limit");
}

DEFPY_YANG(ofl_database_batch, ofl_database_batch_cmd,
	"database batch (10-60000)$ms",
	"Where decisions are recorded\n"
	"Longest time a record waits before it is written\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_set(vty, "./database/batch", ms_str);
}

DEFPY_YANG(ofl_no_database_batch, ofl_no_database_batch_cmd,
	"no database batch [(10-60000)]",
	NO_STR
	"Where decisions are recorded\n"
	"Longest time a record waits before it is written\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_default(vty, "./database/batch");
}

/* --- timers --- */

DEFPY_YANG(ofl_timers_settle, ofl_timers_settle_cmd,
	"timers settle (100-600000)$ms [max (100-3600000)$max_ms]",
	"Times of the daemon\n"
	"Quiet time after which a feed of routes is complete\n"
	"Milliseconds\n"
	"Complete after this time even if never quiet\n"
	"Milliseconds\n")
{
	if (max_ms_str)
		nb_cli_enqueue_change(vty, "./timers/settle-max", NB_OP_MODIFY,
				      max_ms_str);
	return ofl_cli_leaf_set(vty, "./timers/settle", ms_str);
}

DEFPY_YANG(ofl_no_timers_settle, ofl_no_timers_settle_cmd,
	"no timers settle [(100-600000) [max (100-3600000)]]",
	NO_STR
	"Times of the daemon\n"
	"Quiet time after which a feed of routes is complete\n"
	"Milliseconds\n"
	"Complete after this time even if never quiet\n"
	"Milliseconds\n")
{
	nb_cli_enqueue_change(vty, "./timers/settle-max", NB_OP_MODIFY, NULL);
	return ofl_cli_leaf_default(vty, "./timers/settle");
}

DEFPY_YANG(ofl_timers_retry, ofl_timers_retry_cmd,
	"timers retry (100-3600000)$ms",
	"Times of the daemon\n"
	"Time after which a refused entry is tried again\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_set(vty, "./timers/retry", ms_str);
}

DEFPY_YANG(ofl_no_timers_retry, ofl_no_timers_retry_cmd,
	"no timers retry [(100-3600000)]",
	NO_STR
	"Times of the daemon\n"
	"Time after which a refused entry is tried again\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_default(vty, "./timers/retry");
}

DEFPY_YANG(ofl_timers_timeout, ofl_timers_timeout_cmd,
	"timers hardware-timeout (100-3600000)$ms",
	"Times of the daemon\n"
	"Time after which hardware that does not answer is reported\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_set(vty, "./timers/hardware-timeout", ms_str);
}

DEFPY_YANG(ofl_no_timers_timeout, ofl_no_timers_timeout_cmd,
	"no timers hardware-timeout [(100-3600000)]",
	NO_STR
	"Times of the daemon\n"
	"Time after which hardware that does not answer is reported\n"
	"Milliseconds\n")
{
	return ofl_cli_leaf_default(vty, "./timers/hardware-timeout");
}

DEFPY_YANG(ofl_clean_on_exit, ofl_clean_on_exit_cmd,
	"[no] clean-on-exit",
	NO_STR
	"Remove every entry from hardware when the daemon is stopped\n")
{
	return ofl_cli_leaf_set(vty, "./clean-on-exit", no ? "false" : "true");
}

/* --- installation --- */

static int config_write(struct vty *vty)
{
	struct lyd_node *dnode =
		yang_dnode_get(running_config->dnode, OFL_XPATH);

	if (!dnode)
		return 0;
	nb_cli_show_dnode_cmds(vty, dnode, false);
	return 1;
}

static struct cmd_node offload_node = {
	.name = "offload",
	.node = OFFLOAD_NODE,
	.parent_node = CONFIG_NODE,
	.prompt = "%s(config-offload)# ",
	.config_write = config_write,
};

static void complete_table(vector out, struct cmd_token *token)
{
	const struct ofl_conf *c = ofl_engine_conf();

	for (size_t i = 0; i < c->table_count; i++)
		vector_set(out, XSTRDUP(MTYPE_COMPLETION, c->tables[i].name));
}

static void complete_provider(vector out, struct cmd_token *token)
{
	const struct ofl_provider_ops *ops;

	for (size_t i = 0; (ops = ofl_provider_at(i)); i++)
		vector_set(out, XSTRDUP(MTYPE_COMPLETION, ops->name));
}

/* By the names that commands give these words. */
static const struct cmd_variable_handler completions[] = {
	{.varname = "ofl_table", .completions = complete_table},
	{.varname = "ofl_provider", .completions = complete_provider},
	{.completions = NULL},
};

void ofl_cli_init(void)
{
	cmd_variable_handler_register(completions);
	install_node(&offload_node);
	install_default(OFFLOAD_NODE);

	install_element(CONFIG_NODE, &ofl_offload_enter_cmd);
	install_element(CONFIG_NODE, &ofl_no_offload_cmd);

	install_element(OFFLOAD_NODE, &ofl_default_class_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_default_class_cmd);
	install_element(OFFLOAD_NODE, &ofl_default_table_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_default_table_cmd);
	install_element(OFFLOAD_NODE, &ofl_database_path_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_database_path_cmd);
	install_element(OFFLOAD_NODE, &ofl_database_limit_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_database_limit_cmd);
	install_element(OFFLOAD_NODE, &ofl_database_days_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_database_days_cmd);
	install_element(OFFLOAD_NODE, &ofl_database_size_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_database_size_cmd);
	install_element(OFFLOAD_NODE, &ofl_database_batch_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_database_batch_cmd);
	install_element(OFFLOAD_NODE, &ofl_timers_settle_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_timers_settle_cmd);
	install_element(OFFLOAD_NODE, &ofl_timers_retry_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_timers_retry_cmd);
	install_element(OFFLOAD_NODE, &ofl_timers_timeout_cmd);
	install_element(OFFLOAD_NODE, &ofl_no_timers_timeout_cmd);
	install_element(OFFLOAD_NODE, &ofl_clean_on_exit_cmd);
}
