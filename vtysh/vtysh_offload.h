/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The calls that transform.py puts into the copy of FRR's vtysh.  Nothing
 * else includes this; it refuses to know FRR's private structures.
 * Neighbour: vtysh_offload.c.
 */
#ifndef OFL_VTYSH_OFFLOAD_H
#define OFL_VTYSH_OFFLOAD_H

#include <stdbool.h>

struct vty;

/* Installs the nodes of offloadd, empty. */
void vtysh_offload_nodes_init(void);

/* Installs the commands that enter and leave these nodes: after the extracted
 * ones where those come as ready graphs (FRR 10). */
void vtysh_offload_init(void);

/* Would watchfrr write frr.conf with a vtysh that does not know offloadd? */
bool vtysh_offload_must_write(void);

/* Callback for the lines of "show watchfrr"; @arg points to a bool, which is
 * cleared when a daemon is not up. */
void vtysh_offload_watch_line(void *arg, const char *line);

/* Writes the integrated configuration unless a daemon is down; returns a
 * command status (CMD_*). */
int vtysh_offload_write(struct vty *vty, bool all_up);

#endif
