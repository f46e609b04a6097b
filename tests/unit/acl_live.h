/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two halves of acl_live share: acl_live.c talks with the kernel by
 * itself, acl_live_wire.c has the provider's thread do it.
 */
#ifndef TESTS_UNIT_ACL_LIVE_H
#define TESTS_UNIT_ACL_LIVE_H

#include "offloadd/provider/prov_tc_acl.h"

struct live_entry {
	struct ofl_match match;
	struct ofl_tc_acl f;
	bool there;
};

/* How many there are; NULL: not so many. */
unsigned int live_entries(void);
struct live_entry *live_entry(const char *number);
const struct ofl_tc_at *live_at(void);

/* Its commands; false: it is none of them. */
bool live_wire(char **words, int n);
void live_wire_fini(void);

#endif /* TESTS_UNIT_ACL_LIVE_H */
