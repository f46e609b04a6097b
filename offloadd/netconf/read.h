/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of get and get-config: which state is made and how (state.c), how
 * defaults are shown (defaults.c), how an answer is sent in pieces (stream.c).
 *
 * Private to these and read.c.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_READ_H
#define OFFLOADD_NETCONF_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/netconf/error.h"
#include "offloadd/netconf/filter.h"
#include "offloadd/netconf/rpc.h"

struct lyd_node;
struct lysc_node;
struct ofl_nc_user;
struct yang_list_keys;

/* --- defaults.c: RFC 6243 --- */
enum ofl_nc_defaults {
	OFL_NC_DEFAULTS_EXPLICIT, /* the basic mode */
	OFL_NC_DEFAULTS_ALL,
	OFL_NC_DEFAULTS_TAGGED,
	OFL_NC_DEFAULTS_TRIM,
};
/* Of the operation's leaf with-defaults, if it has one. */
enum ofl_nc_defaults ofl_nc_defaults_of(const struct lyd_node *op);
/* For ofl_nc_text_tree(). */
uint32_t ofl_nc_defaults_options(enum ofl_nc_defaults mode);
/* Give the implicit nodes of these siblings, and those below, the attribute
 * that says so, if that is asked for. */
void ofl_nc_defaults_tag(enum ofl_nc_defaults mode, struct lyd_node *tree);

/* --- state.c --- */

/* The nodes of state that a filter may select and a user may read. */
struct ofl_nc_plan;
/* A list of the plan that is too long to be made in one turn. */
struct ofl_nc_long;

/* At most so many long lists are sent in one answer. */
#define OFL_NC_LONGS 16
/* A filter that cannot judge an entry alone gets so many of a long list. */
#define OFL_NC_LONG_AT_ONCE 2000

struct ofl_nc_plan *ofl_nc_plan_new(const struct ofl_nc_filter *filter,
				    const struct ofl_nc_user *user);
void ofl_nc_plan_free(struct ofl_nc_plan *plan);
/* Ask the callbacks and add what they say to *tree, which has the
 * configuration with its presence containers.  Long lists that are to be sent
 * in pieces are in `ret` instead, *ret_count of them. False: an error was
 * added. */
bool ofl_nc_plan_run(struct ofl_nc_plan *plan, struct lyd_node **tree,
		     struct ofl_nc_long *ret[OFL_NC_LONGS], size_t *ret_count,
		     struct ofl_nc_errors *errors);
const struct lysc_node *ofl_nc_long_snode(const struct ofl_nc_long *l);
/* Make the entry that follows *keys (has_keys false: the first) below
 * containers of its own; *keys become those of that entry.  NULL: none
 * follows.  Caller frees all of it. */
struct lyd_node *ofl_nc_long_next(struct ofl_nc_long *l, bool has_keys,
				  struct yang_list_keys *keys);

/* --- stream.c --- */

/* Make the element <data>: `small` as it was selected, and the long lists;
 * `whole` is what `small` was selected from.  Takes filter and plan. */
struct ofl_nc_answer {
	const struct ofl_nc_user *user;
	struct ofl_nc_filter *filter;
	struct ofl_nc_plan *plan;
	struct ofl_nc_long *longs[OFL_NC_LONGS];
	size_t long_count;
	enum ofl_nc_defaults defaults;
	const struct lyd_node *whole;
	struct lyd_node *small;
};
void ofl_nc_answer_send(struct ofl_nc_answer *answer,
			struct ofl_nc_reply *reply);

/* A turn makes at most so many entries, bytes and milliseconds. */
#define OFL_NC_TURN_ENTRIES 200
#define OFL_NC_TURN_BYTES 32768
#define OFL_NC_TURN_MS 5

#endif /* OFFLOADD_NETCONF_READ_H */
