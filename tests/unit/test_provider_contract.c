// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated provider keeps the contract, with a file and without one. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "offloadd/provider/prov_emulated.h"
#include "tests/unit/provider_contract.h"

static struct contract c = {.ops = &ofl_prov_emulated};

static void file_new(void)
{
	unlink(c.conf.emulated_file);
}

int main(void)
{
	char dir[] = "/tmp/offload-contract-XXXXXX";
	struct contract in_memory;
	int failed;

	if (!mkdtemp(dir))
		return 1;
	ofl_hwtable_conf_init(&c.conf, "main");
	c.conf.capacity_slots = c.capacity_slots = 64;
	in_memory = c;
	failed = contract_run(&in_memory);

	snprintf(c.conf.emulated_file, sizeof(c.conf.emulated_file), "%s/table",
		 dir);
	c.outlives = true;
	c.hardware_new = file_new;
	failed += contract_run(&c);
	file_new();
	rmdir(dir);
	return failed;
}
