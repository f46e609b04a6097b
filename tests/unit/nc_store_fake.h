/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FRR's northbound with the module nc-test, and fakes of the parts of the room
 * netconf that datastores stand on: context, sessions, operations, access
 * control, notifications.
 */
#ifndef NC_STORE_FAKE_H
#define NC_STORE_FAKE_H

#include <zebra.h>

#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session.h"

#include "tests/unit/nc_fixture.h"

struct ofl_nc_session {
	uint32_t id;
	struct ofl_nc_user user;
	bool is_gone;
};

/* Callbacks of the daemon refuse these values of leaf a. */
#define A_INVALID "13"
#define A_NO_RESOURCE "14"

extern struct ofl_loop *nc_loop;
/* The XPath of a node that access control denies; "": none. */
extern char nc_denied[256];
/* What was told, one after the other. */
extern char nc_told[4096];

int nc_store_setup(void **state);
int nc_store_teardown(void **state);

/* Call an operation; errors as "tag path\n", "" is <ok/>. */
const char *nc_call(struct ofl_nc_session *s, const char *op);
/* The info of the first error of the last call. */
const char *nc_call_info(void);
void nc_session_end(struct ofl_nc_session *s);
/* As vtysh does; the value NULL: delete. */
int nc_cli(const char *path, const char *value);
/* What is running, in FRR. */
const char *nc_running_value(const char *path);

/* The answer is <ok/>; the answer is these errors. */
#define OK(s, op) assert_string_equal(nc_call(&s, op), "")
#define NO(s, op, errors) assert_string_equal(nc_call(&s, op), errors "\n")
/* The running configuration has this there; NULL: nothing. */
void nc_value_is(const char *path, const char *value);

#endif /* NC_STORE_FAKE_H */
