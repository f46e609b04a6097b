// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The FRR module: -M netconf[:ARGUMENTS].  Start order and stop order of the
 * room, nothing else.
 *
 * A server that cannot be had as it was asked for ends the daemon, before it
 * goes into the background: there is never a part of one.
 */
#include <zebra.h>

#include "libfrr.h"
#include "module.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session.h"

static struct ofl_nc_limits limits;
static bool is_begun;

/* Nobody must find a server that is about to be gone, so the socket goes
 * first; sessions end while datastores and subscriptions can still hear it. */
static int on_stop(void)
{
	if (!is_begun)
		return 0;
	is_begun = false;
	ofl_nc_show_fini();
	ofl_nc_sessions_fini();
	ofl_nc_notify_fini();
	ofl_nc_datastores_fini();
	ofl_nc_capabilities_fini();
	ofl_nc_nacm_fini();
	ofl_nc_context_fini();
	return 0;
}

/* After FRR and the daemon have loaded their modules, before it forks. */
static int on_start(struct ofl_loop *loop)
{
	char buf[512] = "";

	if (!ofl_nc_context_init(buf, sizeof(buf))) {
		fprintf(stderr, "offloadd: netconf: %s\n", buf);
		exit(1);
	}
	ofl_nc_datastores_init(loop);
	ofl_nc_read_init();
	ofl_nc_monitor_init();
	ofl_nc_notify_init(loop);
	if (!ofl_nc_sessions_init(loop, &limits, buf, sizeof(buf))) {
		fprintf(stderr, "offloadd: netconf: %s\n", buf);
		exit(1);
	}
	ofl_nc_show_init(&limits);
	is_begun = true;
	return 0;
}

/* Still not in the background: the configuration is only checked (-C), and the
 * daemon exits without its hooks. */
static int on_config(struct ofl_loop *loop)
{
	if (!frr_is_after_fork)
		ofl_nc_sessions_fini();
	return 0;
}

static int module_init(void)
{
	char buf[256];

	if (!ofl_nc_arguments_parse(THIS_MODULE->load_args, &limits, buf,
				    sizeof(buf))) {
		fprintf(stderr, "offloadd: -M netconf: %s\n", buf);
		/* libfrr would unload us, and then free what is in us. */
		exit(1);
	}
	hook_register(frr_late_init, on_start);
	hook_register(frr_config_pre, on_config);
	/* Before the engine ends; and if nobody calls that, at the end. */
	hook_register(frr_early_fini, on_stop);
	hook_register(frr_fini, on_stop);
	return 0;
}

FRR_MODULE_SETUP(.name = "offloadd_netconf", .version = OFL_VERSION,
		 .description = "NETCONF server of offloadd",
		 .init = module_init, );
