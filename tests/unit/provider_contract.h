/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What offloadd/provider/provider.h asks of every provider, as tests that any
 * provider can be put through: those of routes, not of lists.
 *
 * A test program describes its provider and the hardware behind it, and calls
 * contract_run().  Hardware is to be empty and alone: its entries are added
 * and deleted.
 */
#ifndef TESTS_UNIT_PROVIDER_CONTRACT_H
#define TESTS_UNIT_PROVIDER_CONTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/provider/provider.h"

struct contract {
	const struct ofl_provider_ops *ops;
	struct ofl_hwtable_conf conf;
	/* What the table is to have, 8 to 1024: it is filled. */
	uint32_t capacity_slots;
	bool outlives; /* entries outlive free() */
	/* Before each test: hardware is there, and empty.  May be NULL. */
	void (*hardware_new)(void);
	/* Again and again while answers are waited for: hardware in the same
	 * process works here.  May be NULL. */
	void (*hardware_work)(void);
};

/* Runs all tests; the number of those that failed. */
int contract_run(const struct contract *c);

#endif /* TESTS_UNIT_PROVIDER_CONTRACT_H */
