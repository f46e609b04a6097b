// SPDX-License-Identifier: GPL-2.0-or-later
/* The error cards; see errors.h. */
#include <zebra.h>

#include "offloadd/base/errors.h"

static struct log_ref cards[] = {
	{
		.code = EC_OFL_STORE,
		.title = "Offload database cannot be written",
		.description = "Decisions go on and hardware is programmed as "
			       "before, but their history is kept in memory "
			       "only, up to a bound.",
		.suggestion = "Free disk space, or make the database directory "
			      "writable for the daemon's user; writing resumes "
			      "by itself.",
	},
	{
		.code = EC_OFL_STORE_CORRUPT,
		.title = "Offload database was corrupt",
		.description = "The file is not a database SQLite can read. It "
			       "was renamed and a new one was started.",
		.suggestion = "Look at the renamed file (sqlite3's .recover) "
			      "if its history matters; check the disk.",
	},
	{
		.code = EC_OFL_NETLINK,
		.title = "Kernel netlink failed",
		.description =
			"Links and neighbours cannot be followed; routes whose "
			"next hops change stay as they are.",
		.suggestion = "Check that the daemon has CAP_NET_ADMIN and "
			      "that the kernel has rtnetlink.",
	},
	{
		.code = EC_OFL_ZAPI,
		.title = "zebra sent a message that makes no sense",
		.description = "The message was dropped.",
		.suggestion = "Check that offloadd was built for exactly the "
			      "FRR version that runs.",
	},
	{
		.code = EC_OFL_FPM,
		.title = "The FPM session with zebra is in trouble",
		.description =
			"The address to listen at cannot be had, or what came "
			"makes no sense: a message was dropped, or the session "
			"ended and begins anew. Routes are held meanwhile.",
		.suggestion =
			"`show offload summary` says which. Check that nobody "
			"else listens there, or connects, and that the FRR "
			"that runs is the one offloadd was built for.",
	},
	{
		.code = EC_OFL_PROVIDER,
		.title = "Offload provider is not usable",
		.description = "The hardware table cannot be programmed; its "
			       "flows stay in software.",
		.suggestion = "See `show offload table`.",
	},
	{
		.code = EC_OFL_HW_SILENT,
		.title = "Offload hardware does not answer",
		.description = "Operations stay unanswered; the state of their "
			       "flows stays pending.",
		.suggestion = "Check the device and its driver; `show offload "
			      "table` tells the oldest operation.",
	},
	{
		.code = EC_OFL_HW_REFUSED,
		.title = "Offload hardware refused an entry",
		.description = "The flow stays in software.",
		.suggestion = "`show offload route PREFIX` has the hardware's "
			      "own words.",
	},
	{
		.code = EC_OFL_CRITICAL,
		.title = "A critical flow is not offloaded",
		.description = "A flow of class critical, or marked "
			       "offload-or-fail, is forwarded by software.",
		.suggestion = "`show offload route PREFIX` tells the reason "
			      "and what would change it.",
	},
	{
		.code = EC_OFL_FIB,
		.title =
			"Hardware forwards packets of a route by a shorter one",
		.description = "A driver that offloads routes by itself could "
			       "not take a route, and holds a shorter one with "
			       "another next hop.",
		.suggestion = "`show offload fib` has the routes; let "
			      "best-effort routes leave for them (`fib repair "
			      "demote`), or make room.",
	},
	{
		.code = EC_OFL_FEED_SHRUNK,
		.title = "zebra withdrew a large share of its routes at once",
		.description = "The withdrawals are held for the configured "
			       "time: hardware goes on forwarding by routes "
			       "the kernel has no more.",
		.suggestion = "Find out what happened to the routing daemons. "
			      "If it is meant, `offload feed release`; `show "
			      "offload` tells what is held and until when.",
	},
	{
		.code = EC_OFL_STATE,
		.title = "Illegal change of state",
		.description = "A flow was to change its state in a way that "
			       "cannot be. This is a bug.",
		.suggestion = "Report it with the log lines around it.",
	},
	{
		.code = EC_OFL_AUDIT,
		.title = "An audit found differences",
		.description = "Hardware, or the database, does not have what "
			       "it should have. It is being made right.",
		.suggestion = "Look at show offload audit: who else writes to "
			      "this hardware?",
	},
	{
		.code = EC_OFL_METRICS,
		.title = "Metrics cannot be had where it is configured",
		.description = "The socket or the port cannot be opened. It "
			       "is tried again every few seconds.",
		.suggestion = "`show offload metrics` tells why: another "
			      "program may have it, or the directory may not "
			      "be the daemon's to write to.",
	},
	{
		.code = END_FERR,
	},
};

void ofl_errors_init(void)
{
	log_ref_add(cards);
}
