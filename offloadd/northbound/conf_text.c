// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration as `show running-config` would print it, from one as people
 * write it: what offload-reload compares with what runs.
 *
 * The daemon's own commands read it and its own printers print it, so there is
 * no second opinion on what a line means.  Nothing is started for that: the
 * engine that gets the configuration has neither hardware nor a database.  A
 * file with a line that would be refused, or that says anything at all, is
 * refused whole.
 */
#include <zebra.h>

#include "buffer.h"
#include "command.h"
#include "linklist.h"
#include "memory.h"
#include "northbound_cli.h"
#include "vty.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/northbound.h"

static struct vty *reader_new(void)
{
	struct vty *vty = vty_new();

	vty->type = VTY_FILE;
	vty->wfd = STDERR_FILENO;
	OFL_VTY_KEEP(vty);
	vty->node = CONFIG_NODE;
	vty->config = true;
	vty->private_config = true;
	vty->candidate_config = nb_config_new(NULL);
	/* As vtysh reads a file: what can wait for the next `exit` does. */
	vty->pending_allowed = 1;
	return vty;
}

static void say_errors(struct vty *vty)
{
	struct listnode *node;
	struct vty_error *e;

	buffer_flush_all(vty->obuf, vty->wfd);
	for (ALL_LIST_ELEMENTS_RO(vty->error, node, e))
		fprintf(stderr, "line %u is not a command here: %.*s\n",
			e->line_num, (int)strcspn(e->error_buf, "\r\n"),
			e->error_buf);
}

bool ofl_northbound_conf_print(FILE *in)
{
	struct vty *vty = reader_new();
	unsigned int line;
	char *said;
	bool ok;

	ok = config_from_file(vty, in, &line) == CMD_SUCCESS;
	ok &= nb_cli_pending_commit_check(vty) == CMD_SUCCESS;
	/* A command that failed said why; one that warned did too. */
	said = buffer_getstr(vty->obuf);
	ok &= said[0] == '\0';
	XFREE(MTYPE_TMP, said);
	if (ok) {
		vty->wfd = STDOUT_FILENO;
		vty->node = ENABLE_NODE;
		ok = cmd_execute(vty, "show running-config", NULL, 0) ==
		     CMD_SUCCESS;
		buffer_flush_all(vty->obuf, vty->wfd);
	} else {
		say_errors(vty);
	}
	/* From here closing finds its way to the candidate, and frees it. */
	vty->node = CONFIG_NODE;
	vty_close(vty);
	return ok;
}
