/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that tests of the flow and policy rooms write down shortly.
 */
#ifndef TESTS_UNIT_FLOW_FIXTURE_H
#define TESTS_UNIT_FLOW_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "offloadd/flow/action.h"
#include "offloadd/flow/addr.h"

/* The prefix must be well written. */
static inline struct ofl_prefix mk_prefix(const char *text)
{
	struct ofl_prefix p;

	assert_true(ofl_prefix_parse(text, false, &p));
	return p;
}

static inline struct ofl_key mk_key(uint32_t vrf, const char *text)
{
	struct ofl_key k = {.vrf = vrf, .p = mk_prefix(text)};

	return k;
}

/* A next hop 192.0.2.`host` with a MAC address of its own. */
static inline struct ofl_nexthop mk_nexthop(uint32_t ifindex, uint8_t host)
{
	struct ofl_nexthop nh = {
		.ifindex = ifindex,
		.family = AF_INET,
		.weight = 1,
		.mac = {2, 0, 0, 0, 0, host},
		.gw = {192, 0, 2, host},
	};

	return nh;
}

#endif /* TESTS_UNIT_FLOW_FIXTURE_H */
