// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * offloadd: decides what goes into hardware.  Start order, stop order and
 * options, nothing else.
 */
#include <zebra.h>

#include <sys/stat.h>

#include <lib/version.h>

#include "filter.h"
#include "getopt.h"
#include "if.h"
#include "lib_vty.h"
#include "libfrr.h"
#include "log.h"
#include "plist.h"
#include "privs.h"
#include "sigevent.h"
#include "vrf.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/engine/engine.h"
#include "offloadd/metrics/metrics.h"
#include "offloadd/northbound/await.h"
#include "offloadd/northbound/mgmtd.h"
#include "offloadd/northbound/northbound.h"

#define OFFLOADD_VTY_PORT 2625
#define OPTION_DATABASE 2000
#define OPTION_PRINT_CONFIG 2001
#define OPTION_MGMTD 2002

static struct ofl_loop *loop;
static struct frr_daemon_info offloadd_di;

/* Probing neighbours and, later, tc and devlink. */
static zebra_capabilities_t caps_p[] = {ZCAP_NET_ADMIN};

static struct zebra_privs_t offloadd_privs = {
#if defined(FRR_USER)
	.user = FRR_USER,
#endif
#if defined(FRR_GROUP)
	.group = FRR_GROUP,
#endif
#if defined(VTY_GROUP)
	.vty_group = VTY_GROUP,
#endif
	.caps_p = caps_p,
	.cap_num_p = array_size(caps_p),
};

static const struct option longopts[] = {
	{"database", required_argument, NULL, OPTION_DATABASE},
	{"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
	{"mgmtd", no_argument, NULL, OPTION_MGMTD},
	{0},
};

static bool is_mgmtds; /* mgmtd has the configuration */

static void on_sighup(void)
{
	if (is_mgmtds) {
		zlog_info("SIGHUP: the configuration is mgmtd's");
		return;
	}
	zlog_info("SIGHUP: reading the configuration again");
	vty_read_config(NULL, offloadd_di.config_file, config_default);
}

static void end_rooms(void)
{
	ofl_northbound_fini();
	ofl_metrics_fini();
	ofl_engine_fini();
	access_list_reset();
	prefix_list_reset();
	vrf_terminate();
	frr_fini();
}

static void on_stop(void)
{
	zlog_notice("Terminating on signal");
	/* Modules that are loaded (-M) end while all else is there. */
	frr_early_fini();
	ofl_mgmtd_fini();
	ofl_await_fini();
	end_rooms();
	exit(0);
}

/* The engine was never started, but has what was read; FRR 10 would tell on
 * standard error of what is left. */
static void print_and_exit(void)
{
	bool ok = ofl_northbound_conf_print(stdin);

	end_rooms();
	exit(!ok);
}

static void on_sigusr1(void)
{
	zlog_rotate();
}

static struct frr_signal_t signals[] = {
	{.signal = SIGHUP, .handler = on_sighup},
	{.signal = SIGUSR1, .handler = on_sigusr1},
	{.signal = SIGINT, .handler = on_stop},
	{.signal = SIGTERM, .handler = on_stop},
};

static const struct frr_yang_module_info *const offloadd_modules[] = {
	&frr_filter_info,	 &frr_interface_info,
	&frr_vrf_info,		 &ofl_nb_info,
	&ofl_nb_acl_info,	 &ofl_nb_nacm_info,
	&ofl_nb_deviations_info,
};

/* clang-format off */
FRR_DAEMON_INFO(offloadd, OFFLOAD,
	.vty_port = OFFLOADD_VTY_PORT,
	.proghelp = "Decides which routes go into a limited hardware table.",
	.signals = signals,
	.n_signals = array_size(signals),
	.privs = &offloadd_privs,
	.yang_modules = offloadd_modules,
	.n_yang_modules = array_size(offloadd_modules),
);
/* clang-format on */

/* The default database: beside FRR's state, apart for each -N NAME. */
static void default_database(char *buf, size_t len)
{
	const char *space = offloadd_di.pathspace;

	if (!space) {
		snprintf(buf, len, "%s/offloadd.db", OFL_STATE_DIR);
		return;
	}
	snprintf(buf, len, "%s/%s", OFL_STATE_DIR, space);
	/* Who runs the daemon may not be allowed to: the store will say so. */
	(void)mkdir(buf, 0750);
	snprintf(buf, len, "%s/%s/offloadd.db", OFL_STATE_DIR, space);
}

static void start_rooms(void)
{
	ofl_engine_start();
	ofl_metrics_start();
}

/* The engine starts when it is known what is configured. */
static void await_config(void)
{
	if (is_mgmtds)
		ofl_mgmtd_init(loop, start_rooms);
	else
		ofl_await_init(loop, start_rooms);
}

/* One owner of the configuration: what reads or edits another one is refused
 * here.  Before frr_init(). */
static void be_mgmtds(bool print_config)
{
	const char *why = NULL;

	if (!ofl_mgmtd_can())
		why = "the mgmtd of this FRR does not take offloadd";
	else if (offloadd_di.config_file)
		why = "the configuration is mgmtd's: no file (-f) is read";
	else if (offloadd_di.dryrun || print_config)
		why = "the configuration is mgmtd's: there is none to check "
		      "or print";
	else if (frr_get_cli_mode() == FRR_CLI_TRANSACTIONAL)
		why = "the configuration is mgmtd's: so are candidates "
		      "(--tcli)";
	if (why) {
		fprintf(stderr, "offloadd: --mgmtd: %s\n", why);
		exit(1);
	}
	offloadd_di.flags |= ofl_mgmtd_daemon_flags();
}

/* libfrr answers --version with FRR's own; ours comes first. */
static void say_version(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0 ||
		    strcmp(argv[i], "-v") == 0)
			printf("offloadd %s, built for frr %s\n", OFL_VERSION,
			       OFL_FRR_VERSION);
	}
}

int main(int argc, char **argv, char **envp)
{
	char database[256] = "";
	bool print_config = false;
	int opt;

	say_version(argc, argv);
	frr_preinit(&offloadd_di, argc, argv);
	frr_opt_add("", longopts,
		    "      --database     Set database file "
		    "(default: " OFL_STATE_DIR "/[NAME/]offloadd.db)\n"
		    "      --print-config Read a configuration from standard "
		    "input, "
		    "print it as\n"
		    "                     the running one would be, and exit\n"
		    "      --mgmtd        The configuration is kept by FRR's "
		    "mgmtd, not here\n");
	while ((opt = frr_getopt(argc, argv, NULL)) != EOF) {
		switch (opt) {
		case 0:
			break;
		case OPTION_DATABASE:
			if (strlcpy(database, optarg, sizeof(database)) >=
			    sizeof(database)) {
				fprintf(stderr, "offloadd: --database: path "
						"too long\n");
				exit(1);
			}
			break;
		case OPTION_PRINT_CONFIG:
			print_config = true;
			break;
		case OPTION_MGMTD:
			is_mgmtds = true;
			break;
		default:
			frr_help_exit(1);
		}
	}

	if (is_mgmtds)
		be_mgmtds(print_config);
	loop = frr_init();
	if (!database[0])
		default_database(database, sizeof(database));
	vrf_init(NULL, NULL, NULL, NULL);
	vrf_cmd_init(NULL);
	if_cmd_init_default();
	access_list_init();
	prefix_list_init();
	ofl_engine_init(loop, &offloadd_privs, database);
	ofl_metrics_init(loop, OFL_VERSION, OFL_FRR_VERSION);
	ofl_northbound_init();
	if (print_config)
		print_and_exit();
	await_config();
	frr_config_fork();
	frr_run(loop);
	return 0;
}
