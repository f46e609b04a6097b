/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FRR's northbound with a module of the tests, and NETCONF's context on top:
 * ofl-nc-test.yang, whose list of flows is as long as a test says.
 */
#ifndef TESTS_UNIT_NC_WORLD_H
#define TESTS_UNIT_NC_WORLD_H

#include <stdbool.h>
#include <stddef.h>

struct lyd_node;
struct lysc_node;

/* What the list of flows holds and what was asked of it.  Flow number n has
 * prefix 10.x.y.z/32 with x.y.z = n; the first half is in VRF "blue", the
 * second in "red"; every hundredth is critical. */
extern struct nc_world {
	unsigned int flows;		   /* there are so many */
	bool (*is_gone)(unsigned int n);   /* NULL: all are there */
	unsigned int next, lookups, elems; /* callbacks called */
} nc_world;

/* Of cmocka: the group's setup and teardown. */
int nc_world_setup(void **state);
int nc_world_teardown(void **state);
/* Make this XML the running configuration. */
void nc_world_configure(const char *xml);
/* The same without spaces between elements: `xml` has them for readers. */
char *nc_world_squeezed(const char *xml);
/* XML of siblings; caller frees. */
char *nc_world_print(const struct lyd_node *tree, unsigned int options);
/* The operation in this XML, in NETCONF's context; free with
 * lyd_free_all(*ret_tree).  NULL: libyang does not take it. */
struct lyd_node *nc_world_operation(const char *xml,
				    struct lyd_node **ret_tree);

#define NC_BASE "urn:ietf:params:xml:ns:netconf:base:1.0"
#define NC_TEST "urn:ofl:nc-test"

#endif /* TESTS_UNIT_NC_WORLD_H */
