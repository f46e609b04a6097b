// SPDX-License-Identifier: GPL-2.0-or-later
/* See nc_ask.h. */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "northbound.h"
#include "yang.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session.h"
#include "tests/unit/nc_ask.h"
#include "tests/unit/nc_world.h"

/* --- fakes --- */

struct ofl_nc_session {
	struct ofl_nc_user user;
};
static struct ofl_nc_session session;

/* The name of a node that nobody may read. */
const char *nc_denied;
/* The second key of a flow that nobody may read. */
const char *nc_denied_flow;
struct lyd_node *nc_candidate;
static const struct ofl_nc_op *ops;

void ofl_nc_ops_add(const struct ofl_nc_op *table)
{
	ops = table;
}

const struct ofl_nc_user *ofl_nc_session_user(const struct ofl_nc_session *s)
{
	return &s->user;
}

const struct lyd_node *ofl_nc_datastore_get(enum ofl_nc_datastore which)
{
	return which == OFL_NC_RUNNING ? ofl_nc_running() : nc_candidate;
}

static bool is_denied(const struct lysc_node *snode)
{
	return nc_denied && strcmp(snode->name, nc_denied) == 0;
}

bool ofl_nc_nacm_may_read_any(const struct ofl_nc_user *user,
			      const struct lysc_node *snode)
{
	return !is_denied(snode);
}

static bool is_denied_flow(const struct lyd_node *node)
{
	return nc_denied_flow && strcmp(LYD_NAME(node), "flow") == 0 &&
	       strcmp(lyd_get_value(lyd_child(node)->next), nc_denied_flow) ==
		       0;
}

void ofl_nc_nacm_prune(const struct ofl_nc_user *user, struct lyd_node **tree)
{
	struct lyd_node *node, *next, *below;

	LY_LIST_FOR_SAFE(*tree, next, node)
	{
		if (is_denied(node->schema) || is_denied_flow(node)) {
			if (node == *tree)
				*tree = next;
			lyd_free_tree(node);
			continue;
		}
		below = lyd_child_no_keys(node);
		if (below)
			ofl_nc_nacm_prune(user, &below);
	}
}

struct lyd_node *ofl_nc_monitor_state(void)
{
	struct lyd_node *tree = NULL;

	if (lyd_new_path(NULL, ofl_nc_context(),
			 "/ietf-netconf-monitoring:netconf-state/"
			 "capabilities/capability",
			 "urn:one", 0, &tree))
		abort();
	return tree;
}

struct lyd_node *ofl_nc_notify_state(void)
{
	return NULL;
}

/* --- asking --- */

/* Of the last answer. */
unsigned int nc_turns, nc_most_in_turn;
/* Called nc_between two nc_turns. */
void (*nc_between)(void);

static void produce(struct ofl_nc_reply *reply)
{
	bool is_broken = false, more = reply->producer.more != NULL;

	nc_turns = nc_most_in_turn = 0;
	while (more) {
		unsigned int before = nc_world.next;

		more = reply->producer.more(reply->producer.arg, &reply->body,
					    &is_broken);
		assert_false(is_broken);
		nc_turns++;
		nc_most_in_turn = MAX(nc_most_in_turn, nc_world.next - before);
		if (nc_between)
			nc_between();
	}
	if (reply->producer.free)
		reply->producer.free(reply->producer.arg);
}

/* The answer, or the error's tag. */
char *nc_ask(const char *xml)
{
	struct ofl_nc_reply reply = {};
	struct lyd_node *op, *tree;
	char *text;

	nc_world.next = nc_world.lookups = nc_world.elems = 0;
	op = nc_world_operation(xml, &tree);
	if (!op)
		fail_msg("%s: %s", xml, ly_errmsg(ofl_nc_context()));
	for (const struct ofl_nc_op *o = ops; o->name; o++) {
		if (strcmp(o->name, op->schema->name) == 0)
			o->handler(&session, op, &reply);
	}
	/* A producer does without the message. */
	lyd_free_all(tree);
	produce(&reply);
	text = strdup(reply.errors.count ? reply.errors.first->tag
					 : reply.body.data);
	ofl_nc_errors_fini(&reply.errors);
	ofl_nc_text_fini(&reply.body);
	return text;
}
