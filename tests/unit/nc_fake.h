/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the transport of the NETCONF server asks the rest of the room, as small
 * fakes: a context with the modules of the tree, access control that is one
 * switch, nobody's locks.
 */
#ifndef TESTS_UNIT_NC_FAKE_H
#define TESTS_UNIT_NC_FAKE_H

#include <stdbool.h>

struct nb_cb_rpc_args;

#define NC_TEST "urn:offloadd:nc-rpc-test"
#define NC_BASE "urn:ietf:params:xml:ns:netconf:base:1.0"

/* May operations be called? */
extern bool nc_fake_may_exec;
/* The northbound's callback of nc-rpc-test:go; NULL: it has none. */
extern int (*nc_fake_rpc)(struct nb_cb_rpc_args *args);

/* What was told last of a session's begin or end, and who killed it. */
extern char nc_fake_reason[32];

/* For cmocka's set-up and tear-down of a group. */
int nc_fake_setup(void **state);
int nc_fake_teardown(void **state);

#endif /* TESTS_UNIT_NC_FAKE_H */
