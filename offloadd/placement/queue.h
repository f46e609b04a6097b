/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes that wait for their turn, first in, first out.
 *
 * A link in each node would cost a million routes eight bytes for the few that
 * wait: a queue has its memory in blocks, and only while they are in use.  A
 * bit of the node says that it is in; such a node is not freed.
 */
#ifndef OFFLOADD_PLACEMENT_QUEUE_H
#define OFFLOADD_PLACEMENT_QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct ofl_lpm_node;
struct ofl_lpm_block;

/* Zeroed to begin with. */
struct ofl_lpm_queue {
	struct ofl_lpm_block *head, *tail;
	struct ofl_lpm_block *spare; /* the one that was emptied last */
	uint32_t first;		     /* place of the oldest in `head` */
	uint32_t end;		     /* behind the newest in `tail` */
	size_t count;
};

void ofl_lpm_queue_fini(struct ofl_lpm_queue *q);
void ofl_lpm_queue_add(struct ofl_lpm_queue *q, struct ofl_lpm_node *n);
/* NULL: it is empty. */
struct ofl_lpm_node *ofl_lpm_queue_pop(struct ofl_lpm_queue *q);

#endif /* OFFLOADD_PLACEMENT_QUEUE_H */
