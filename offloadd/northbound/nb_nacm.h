/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access control of NETCONF (ietf-netconf-acm) between the model, the commands
 * and those who count what was denied.  Nothing is decided here: that is
 * netconf/nacm.c's.
 */
#ifndef OFFLOADD_NORTHBOUND_NB_NACM_H
#define OFFLOADD_NORTHBOUND_NB_NACM_H

#include <zebra.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"

struct lyd_node;
struct vty;

#define OFL_NACM_XPATH "/ietf-netconf-acm:nacm"
#define OFL_NACM_GROUP_XPATH OFL_NACM_XPATH "/groups/group[name='%s']"
#define OFL_NACM_RULES_XPATH OFL_NACM_XPATH "/rule-list[name='%s']"

/* Longest name of a group, a user, a rule or a list of rules. */
#define OFL_NACM_NAME_LEN 128
/* Longest path and comment. */
#define OFL_NACM_TEXT_LEN 512

/* How often access was denied since the daemon started; whoever denies counts
 * here, the model tells it. */
struct ofl_nacm_denied {
	uint32_t operations, data_writes, notifications;
};
struct ofl_nacm_denied *ofl_nacm_denied(void);

/* Can this be one word, or the rest of a line, of the configuration that vtysh
 * prints?  If not, *ret_why says what is wrong with it. */
bool ofl_nacm_name_ok(const char *name, const char **ret_why);
bool ofl_nacm_text_ok(const char *text, const char **ret_why);
/* The same for the path of a rule. */
bool ofl_nacm_path_text_ok(const char *path, const char **ret_why);

/* --- cli_nacm.c --- */
/* ofl_nacm_name_ok(); if not, says so. */
bool ofl_cli_nacm_name_ok(struct vty *vty, const char *name);
/* Make an entry of a list with the edits that are queued, and enter it. */
int ofl_cli_nacm_enter(struct vty *vty, enum node_type node,
		       const char *xpath);

/* --- cli_nacm_print.c --- */
void ofl_cli_print_nacm(struct vty *vty, const struct lyd_node *dnode,
			bool show_defaults);

#endif /* OFFLOADD_NORTHBOUND_NB_NACM_H */
