// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Large subtrees, bit by bit: when an entry appears or goes, every bare route
 * below it is answered by another one.  Nothing of that is urgent (safety is
 * bare.c's and executor.c's), but a default route may have a million routes
 * below it, and no call may take longer than a turn of the engine.
 *
 * A job remembers keys, never nodes, so that routes may come and go meanwhile.
 */
#include <zebra.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/placement/lpm.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_SWEEP_JOB, "offload placement sweep");

struct job {
	struct ofl_sweep_jobs_item item;
	struct ofl_key top;
	struct ofl_key at; /* the next one to look at; at or below top */
	uint8_t what;	   /* enum ofl_sweep */
};

DECLARE_LIST(ofl_sweep_jobs, struct job, item);

/* Branch points visited in one step. */
#define STEP 64

void ofl_sweep_init(struct ofl_place *p)
{
	ofl_sweep_jobs_init(&p->sweeps);
}

void ofl_sweep_fini(struct ofl_place *p)
{
	struct job *j;

	while ((j = ofl_sweep_jobs_pop(&p->sweeps)))
		XFREE(MTYPE_OFL_SWEEP_JOB, j);
	ofl_sweep_jobs_fini(&p->sweeps);
}

/* Look at n; false: what is below it is not concerned. */
static bool visit(struct ofl_place *p, struct ofl_lpm_node *n, uint8_t what)
{
	switch (what) {
	case OFL_SWEEP_PLAN:
		if (n->route && n->identity)
			ofl_choice_touch(p, n);
		return n->want == OFL_ENTRY_NONE;
	case OFL_SWEEP_HW:
		ofl_exec_unblock(p, n);
		if (n->hw == OFL_ENTRY_NONE)
			ofl_place_mark_changed(p, n);
		return !ofl_lpm_is_held(n);
	case OFL_SWEEP_RENEW:
		n->hard_failed = false;
		ofl_place_retry_node(p, n);
		return true;
	default:
		ofl_place_retry_node(p, n);
		return true;
	}
}

/* Up to STEP of what is within `top`, from b on; where to go on, or NULL. */
static struct ofl_lpm_base *step(struct ofl_place *p,
				 const struct ofl_lpm_tree *t,
				 const struct ofl_prefix *top,
				 struct ofl_lpm_base *b, uint8_t what)
{
	const struct ofl_lpm_base *root = ofl_lpm_at(t->root);
	unsigned int left = STEP;

	while (b && b->plen >= top->plen &&
	       ofl_addr_common(top->addr, b->addr, top->plen) == top->plen) {
		bool descend = true;

		if (left-- == 0)
			return b;
		if (!b->glue)
			descend = visit(p, ofl_lpm_of(b), what);
		b = ofl_lpm_next(root, b, descend);
	}
	return NULL;
}

/* Will a job that is there come to `at` anyway? */
static bool is_pending(struct ofl_place *p, const struct ofl_key *at,
		       uint8_t what)
{
	const struct job *j = ofl_sweep_jobs_first(&p->sweeps);

	return j && j->what == what && j->top.vrf == at->vrf &&
	       j->top.p.family == at->p.family &&
	       ofl_prefix_contains(&j->top.p, &at->p) &&
	       ofl_prefix_cmp(&j->at.p, &at->p) <= 0;
}

static void job_add(struct ofl_place *p, const struct ofl_key *top,
		    const struct ofl_key *at, uint8_t what)
{
	struct job *j;

	if (is_pending(p, at, what))
		return;
	j = XCALLOC(MTYPE_OFL_SWEEP_JOB, sizeof(*j));
	j->top = *top;
	j->at = *at;
	j->what = what;
	ofl_sweep_jobs_add_tail(&p->sweeps, j);
}

void ofl_sweep_below(struct ofl_place *p, struct ofl_lpm_node *n,
		     enum ofl_sweep what)
{
	struct ofl_lpm_base *b = ofl_lpm_next(&n->b, &n->b, true);
	struct ofl_key top, at;

	if (!b)
		return;
	top = ofl_lpm_key(p, n);
	b = step(p, ofl_lpm_tree_of(p, n), &top.p, b, what);
	if (!b)
		return;
	at = (struct ofl_key){.vrf = top.vrf, .p = ofl_lpm_prefix(b)};
	job_add(p, &top, &at, what);
}

void ofl_sweep_all(struct ofl_place *p, enum ofl_sweep what)
{
	for (uint32_t i = 0; i < p->tree_size; i++) {
		const struct ofl_lpm_tree *t = p->tree[i];
		struct ofl_key top = {0};

		if (!t)
			continue;
		top.vrf = t->vrf;
		top.p.family = t->family;
		job_add(p, &top, &top, what);
	}
}

bool ofl_sweep_is_pending(const struct ofl_place *p)
{
	return ofl_sweep_jobs_count(&p->sweeps) != 0;
}

bool ofl_sweep_run(struct ofl_place *p)
{
	struct job *j = ofl_sweep_jobs_first(&p->sweeps);
	struct ofl_lpm_base *b = NULL;
	struct ofl_lpm_tree *t;

	if (!j)
		return false;
	t = ofl_lpm_tree_find(p, j->top.vrf, j->top.p.family);
	if (t)
		b = step(p, t, &j->top.p, ofl_lpm_seek(t, &j->at.p), j->what);
	if (b) {
		j->at.p = ofl_lpm_prefix(b);
	} else {
		ofl_sweep_jobs_pop(&p->sweeps);
		XFREE(MTYPE_OFL_SWEEP_JOB, j);
	}
	return true;
}
