// SPDX-License-Identifier: GPL-2.0-or-later
/* Blocks of pointers to nodes; see queue.h. */
#include <zebra.h>

#include "memory.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/queue.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_LPM_QUEUE, "offload placement queue");

#define BLOCK 510 /* with the link and what malloc adds, a page */

struct ofl_lpm_block {
	struct ofl_lpm_block *next;
	struct ofl_lpm_node *node[BLOCK];
};

static void block_add(struct ofl_lpm_queue *q)
{
	struct ofl_lpm_block *b = q->spare;

	q->spare = NULL;
	if (!b)
		b = XMALLOC(MTYPE_OFL_LPM_QUEUE, sizeof(*b));
	b->next = NULL;
	if (q->tail)
		q->tail->next = b;
	else
		q->head = b;
	q->tail = b;
	q->end = 0;
}

/* The oldest block is empty. */
static void block_del(struct ofl_lpm_queue *q)
{
	struct ofl_lpm_block *b = q->head;

	q->head = b->next;
	if (!q->head)
		q->tail = NULL;
	q->first = 0;
	XFREE(MTYPE_OFL_LPM_QUEUE, q->spare);
	q->spare = b;
}

void ofl_lpm_queue_fini(struct ofl_lpm_queue *q)
{
	while (q->head)
		block_del(q);
	XFREE(MTYPE_OFL_LPM_QUEUE, q->spare);
	memset(q, 0, sizeof(*q));
}

void ofl_lpm_queue_add(struct ofl_lpm_queue *q, struct ofl_lpm_node *n)
{
	if (!q->tail || q->end == BLOCK)
		block_add(q);
	q->tail->node[q->end++] = n;
	q->count++;
}

struct ofl_lpm_node *ofl_lpm_queue_pop(struct ofl_lpm_queue *q)
{
	struct ofl_lpm_node *n;

	if (!q->count)
		return NULL;
	n = q->head->node[q->first++];
	if (--q->count == 0 || q->first == BLOCK)
		block_del(q);
	return n;
}
