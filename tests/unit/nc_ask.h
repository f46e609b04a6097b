/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking get and get-config, with fakes of access control, datastores, sessions
 * and the server's own state.
 */
#ifndef TESTS_UNIT_NC_ASK_H
#define TESTS_UNIT_NC_ASK_H

struct lyd_node;

/* The name of a node that nobody may read; the second key of a flow. */
extern const char *nc_denied, *nc_denied_flow;
/* What the candidate holds. */
extern struct lyd_node *nc_candidate;
/* Called between two turns of an answer. */
extern void (*nc_between)(void);
/* Of the last answer: turns of its producer, and the most steps through lists
 * in one of them. */
extern unsigned int nc_turns, nc_most_in_turn;

/* The answer to an operation, or its first error's tag; caller frees. */
char *nc_ask(const char *xml);

#endif /* TESTS_UNIT_NC_ASK_H */
