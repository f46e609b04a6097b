/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of ietf-netconf-acm made ready: names resolved to schema nodes, and
 * for each user the rules that are about it, in order.
 *
 * A path that cannot be understood makes a rule opaque: to permit it permits
 * nothing, to deny it denies whatever its module could name.
 *
 * Private to this room.  nacm.c asks.
 */
#ifndef OFFLOADD_NETCONF_NACM_RULES_H
#define OFFLOADD_NETCONF_NACM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/netconf/nacm.h"

struct ly_ctx;
struct lyd_node;
struct lysc_node;
struct ofl_nc_user;

/* Kinds of access are bits: 1 << enum ofl_nc_access, and this one. */
#define OFL_NC_EXEC_BIT (1u << (OFL_NC_DELETE + 1))

enum ofl_nc_rule_kind {
	OFL_NC_RULE_ANY, /* of operations, notifications and data */
	OFL_NC_RULE_RPC,
	OFL_NC_RULE_NOTIFICATION,
	OFL_NC_RULE_PATH,
};

struct ofl_nc_rule_key {
	const struct lysc_node *snode; /* the leaf-list itself for "." */
	const char *value; /* canonical, in the context's dictionary */
	bool is_user;	   /* instead: the user's name */
};

struct ofl_nc_rule_step {
	const struct lysc_node *snode;
	struct ofl_nc_rule_key *keys;
	size_t key_count;
};

struct ofl_nc_rule {
	enum ofl_nc_rule_kind kind;
	unsigned int access; /* bits */
	bool is_permit;
	bool is_opaque;	    /* a path that was not understood */
	const char *module; /* that of lys_module; NULL: every one */
	char *name;	    /* of an operation, a notification; NULL: "*" */
	struct ofl_nc_rule_step *steps; /* of a path; none: everything */
	size_t step_count;
};

/* How a rule stands to a node: `LIVE` may match something further below. */
enum ofl_nc_rule_state {
	OFL_NC_RULE_DEAD,
	OFL_NC_RULE_LIVE,
	OFL_NC_RULE_MATCHES, /* the node and all below it */
};

/* What is about one user. */
struct ofl_nc_rules {
	const char *user;
	bool read_default, write_default, exec_default;
	size_t count;
	const struct ofl_nc_rule **rules; /* in order */
};

struct ofl_nc_nacm;

/* From the container `nacm`, which need not live on.  `ctx` has to. */
struct ofl_nc_nacm *ofl_nc_nacm_new(struct ly_ctx *ctx,
				    const struct lyd_node *nacm);
void ofl_nc_nacm_free(struct ofl_nc_nacm *n); /* NULL is fine */
bool ofl_nc_nacm_is_enabled(const struct ofl_nc_nacm *n);
/* Good until ofl_nc_nacm_free(), or until many other users were asked for. */
const struct ofl_nc_rules *ofl_nc_nacm_rules(struct ofl_nc_nacm *n,
					     const struct ofl_nc_user *user);

/* The state of a rule above all data, and at a node `depth` levels below the
 * root (0: it is a top-level one) whose parent has the state `above`. */
enum ofl_nc_rule_state ofl_nc_rule_begin(const struct ofl_nc_rule *r);
enum ofl_nc_rule_state
ofl_nc_rule_step(const struct ofl_nc_rule *r, enum ofl_nc_rule_state above,
		 size_t depth, const struct lyd_node *node, const char *user);
/* For all instances of a schema node: `MATCHES` holds for each of them, `LIVE`
 * for some, `DEAD` for none. */
enum ofl_nc_rule_state ofl_nc_rule_schema(const struct ofl_nc_rule *r,
					  const struct lysc_node *snode);

#endif /* OFFLOADD_NETCONF_NACM_RULES_H */
