// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration kept by FRR's mgmtd: see mgmtd.h.
 *
 * libfrr does the work: it connects, and again after a restart of mgmtd,
 * applies what arrives as transactions of the northbound, and answers requests
 * for state.  Here is only what it has to be told, and the lock that keeps
 * every other editor out.  mgmtd does not say when it has nothing to tell, so
 * the first thing that it tells is what begins the work.
 */
#include <zebra.h>

#include <northbound.h>

#include "log.h"
#include "vty.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/mgmtd.h"

#if OFL_HAS_MGMTD_CLIENTS
#include "mgmt_be_client.h"

static struct {
	struct mgmt_be_client *client; /* not NULL: mgmtd is the owner */
	struct ofl_loop *loop;
	struct ofl_ev *first_ev;
	void (*start)(void); /* NULL after it was called */
} mgmtd;

/* libfrr's client commits as nobody's terminal, a terminal as itself. */
#define OWNER NULL

static const char *const config_xpaths[] = {
	"/frr-host:host",	  "/frr-logging:logging",
	"/frr-filter:lib",	  "/frr-interface:lib",
	"/frr-vrf:lib",		  "/frr-offload:offload",
	"/ietf-netconf-acm:nacm",
};

static const char *const oper_xpaths[] = {
	"/frr-offload:offload",
	"/ietf-netconf-acm:nacm",
};

static const char *const rpc_xpaths[] = {
	"/frr-offload:explain",	     "/frr-offload:find-flows",
	"/frr-offload:resync",	     "/frr-offload:audit",
	"/frr-offload:rebalance",    "/frr-offload:clear-history",
	"/frr-offload:release-feed", "/frr-offload:heaviest-flows",
	"/frr-offload:simulate",     "/frr-offload:simulation",
};

bool ofl_mgmtd_can(void)
{
	return true;
}

int ofl_mgmtd_daemon_flags(void)
{
	return FRR_NO_SPLIT_CONFIG | FRR_MGMTD_BACKEND;
}

static void on_first(struct ofl_ev *ev)
{
	void (*start)(void) = mgmtd.start;

	mgmtd.start = NULL;
	start();
}

void ofl_mgmtd_configured(void)
{
	/* Not inside of the transaction. */
	if (mgmtd.start)
		ofl_ev_soon(mgmtd.loop, on_first, NULL, &mgmtd.first_ev);
}

static void on_connect(struct mgmt_be_client *client, uintptr_t user_data,
		       bool connected)
{
	zlog_notice("mgmtd, which has the configuration, is %s",
		    connected ? "there" : "gone: it stays as it is");
}

void ofl_mgmtd_init(struct ofl_loop *loop, void (*start)(void))
{
	static struct mgmt_be_client_cbs cbs = {
		.client_connect_notify = on_connect,
		.config_xpaths = config_xpaths,
		.nconfig_xpaths = array_size(config_xpaths),
		.oper_xpaths = oper_xpaths,
		.noper_xpaths = array_size(oper_xpaths),
		.rpc_xpaths = rpc_xpaths,
		.nrpc_xpaths = array_size(rpc_xpaths),
	};

	mgmtd.loop = loop;
	mgmtd.start = start;
	/* Nobody else can have it yet. */
	(void)nb_running_lock(NB_CLIENT_CLI, OWNER);
	mgmtd.client =
		mgmt_be_client_create("offloadd", &cbs, (uintptr_t)OWNER, loop);
}

void ofl_mgmtd_fini(void)
{
	if (!mgmtd.client)
		return;
	ofl_ev_off(mgmtd.first_ev);
	mgmt_be_client_destroy(mgmtd.client);
	mgmtd.client = NULL;
}

bool ofl_mgmtd_refuses(struct vty *vty)
{
	if (!mgmtd.client)
		return false;
	vty_out(vty, "%% The configuration is mgmtd's: use `mgmt set-config` "
		     "and `mgmt commit apply`.\n");
	return true;
}

#else

bool ofl_mgmtd_can(void)
{
	return false;
}

int ofl_mgmtd_daemon_flags(void)
{
	return 0;
}

void ofl_mgmtd_init(struct ofl_loop *loop, void (*start)(void))
{
}

void ofl_mgmtd_fini(void)
{
}

void ofl_mgmtd_configured(void)
{
}

bool ofl_mgmtd_refuses(struct vty *vty)
{
	return false;
}
#endif
