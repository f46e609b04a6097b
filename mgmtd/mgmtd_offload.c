// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of FRR's mgmtd (`mgmtd -M offload`): makes it know the models of
 * offloadd, whose texts are compiled in, so that it can keep the daemon's
 * configuration and understand its answers.
 *
 * It has no callbacks: what a change means is offloadd's business.  It refuses
 * to load where mgmtd has more models than there is room for.
 *
 * Neighbour: offloadd/northbound/mgmtd.c, the daemon's side.
 */
#include <zebra.h>

#include "libfrr.h"
#include "module.h"
#include "northbound.h"

/* mgmtd's, exported for its modules. */
extern struct frr_daemon_info *mgmt_daemon_info;

#define MODEL(id, model)                                                       \
	static const struct frr_yang_module_info id = {                        \
		.name = model,                                                 \
		.ignore_cfg_cbs = true,                                        \
		.nodes = {{.xpath = NULL}},                                    \
	}
MODEL(offload, "frr-offload");
MODEL(acl, "frr-offload-acl");
MODEL(nacm, "ietf-netconf-acm");
MODEL(deviations, "offloadd-deviations");

static const struct frr_yang_module_info *const ours[] = {
	&offload,
	&acl,
	&nacm,
	&deviations,
};

/* Before libfrr loads what the list names. */
static int on_load(void)
{
	static const struct frr_yang_module_info *all[64];
	size_t n = mgmt_daemon_info->n_yang_modules;

	if (n + array_size(ours) > array_size(all)) {
		fprintf(stderr,
			"mgmtd_offload: mgmtd has %zu models, too many "
			"to add offloadd's\n",
			n);
		return -1;
	}
	memcpy(all, mgmt_daemon_info->yang_modules, n * sizeof(all[0]));
	memcpy(all + n, ours, sizeof(ours));
	mgmt_daemon_info->yang_modules = all;
	mgmt_daemon_info->n_yang_modules = n + array_size(ours);
	return 0;
}

/* clang-format off */
FRR_MODULE_SETUP(.name = "mgmtd_offload",
	.version = OFL_VERSION,
	.description = "models of offloadd for mgmtd",
	.init = on_load,
);
/* clang-format on */
