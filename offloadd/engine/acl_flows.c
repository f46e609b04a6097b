// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Static flows in the mirror: all flows of one interface are one list of origin
 * OFL_ACL_FLOWS, attached at the ingress of that interface; see acl.h.
 *
 * The list's sequence numbers are made here.  They keep the order of the flows,
 * and a flow keeps its number while others come and go, so that a change is
 * told as what it is; only where no number is left between two flows all of the
 * interface are numbered anew.
 *
 * Entries and links are acl.c's.
 */
#include <zebra.h>

#include "offloadd/engine/acl_private.h"

#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_ACL_FLOW, "offload static flows");

/* From one number to the next, where there is room. */
#define STEP 65536

static int flow_cmp(const struct ofl_static_flow *a,
		    const struct ofl_static_flow *b)
{
	int cmp = strcmp(a->interface, b->interface);

	if (!cmp)
		cmp = (int)a->priority - (int)b->priority;
	return cmp ? cmp : strcmp(a->name, b->name);
}

static int flow_qsort_cmp(const void *a, const void *b)
{
	return flow_cmp(a, b);
}

/* --- numbers --- */

/* Those that were there under the same interface, priority and name keep their
 * numbers; others have 0. */
static void seqs_keep(struct ofl_acl_flows *new,
		      const struct ofl_acl_flows *old)
{
	size_t o = 0;

	for (size_t i = 0; i < new->count; i++) {
		struct ofl_static_flow *f = &new->v[i];

		f->ace.seq = 0;
		while (o < old->count && flow_cmp(&old->v[o], f) < 0)
			o++;
		if (o < old->count && flow_cmp(&old->v[o], f) == 0)
			f->ace.seq = old->v[o].ace.seq;
	}
}

/* Number the flows v[0] .. v[n - 1], which have none, above `after` and, if it
 * is not 0, below `before`.  False: there is no room. */
static bool seqs_fill(struct ofl_static_flow *v, size_t n, uint32_t after,
		      uint32_t before)
{
	uint64_t end = before ? before : (uint64_t)UINT32_MAX + 1;
	uint64_t step = (end - after) / (n + 1);

	if (!before)
		step = MIN(step, STEP);
	for (size_t i = 0; step && i < n; i++)
		v[i].ace.seq = (uint32_t)(after + step * (i + 1));
	return step > 0;
}

/* The flows of one interface. */
static void seqs_make(struct ofl_static_flow *v, size_t n)
{
	uint32_t after = 0;
	size_t i = 0;

	while (i < n) {
		size_t next = i;

		while (next < n && !v[next].ace.seq)
			next++;
		if (next > i && !seqs_fill(v + i, next - i, after,
					   next < n ? v[next].ace.seq : 0)) {
			seqs_fill(v, n, 0, 0);
			return;
		}
		after = v[MIN(next, n - 1)].ace.seq;
		i = next + 1;
	}
}

/* --- lists --- */

/* A space: no configured list has such a name. */
static void list_name(const char *interface, char *buf, size_t len)
{
	snprintf(buf, len, "flows %s", interface);
}

static void list_put(struct ofl_static_flow *v, size_t n)
{
	struct ofl_acl_conf conf;
	char name[OFL_NAME_LEN];

	list_name(v[0].interface, name, sizeof(name));
	ofl_acl_conf_init(&conf, name);
	conf.origin = OFL_ACL_FLOWS;
	conf.type = OFL_ACL_MIXED;
	conf.default_accept = true;
	ofl_acls_add(&conf);
	for (size_t i = 0; i < n; i++) {
		v[i].acl_id = ofl_acls.filling->id;
		ofl_acls_ace_add(&v[i].ace);
	}
}

/* Calls for the flows of each interface. */
static void interfaces_walk(void (*cb)(struct ofl_static_flow *v, size_t n))
{
	const struct ofl_acl_flows *all = &ofl_acls.flows;
	size_t n;

	for (size_t i = 0; i < all->count; i += n) {
		for (n = 1; i + n < all->count; n++)
			if (strcmp(all->v[i].interface,
				   all->v[i + n].interface) != 0)
				break;
		cb(all->v + i, n);
	}
}

static void link_put(struct ofl_static_flow *v, size_t n)
{
	struct ofl_attachment a = {.direction = OFL_INGRESS};

	strlcpy(a.interface, v[0].interface, sizeof(a.interface));
	list_name(a.interface, a.name, sizeof(a.name));
	ofl_acl_link_set(&a, ofl_acl_node_find(OFL_ACL_FLOWS, a.name));
}

/* --- for acl.c --- */

void ofl_acl_flows_begin(void)
{
	ofl_acls.flows_next.count = 0;
}

void ofl_acls_flow_add(const struct ofl_static_flow *flow)
{
	struct ofl_acl_flows *next = &ofl_acls.flows_next;

	if (next->count == next->size) {
		next->size = MAX(16, next->size * 2);
		next->v = XREALLOC(MTYPE_OFL_ACL_FLOW, next->v,
				   next->size * sizeof(*next->v));
	}
	memcpy(&next->v[next->count++], flow, sizeof(*flow));
}

void ofl_acl_flows_commit(void)
{
	struct ofl_acl_flows old = ofl_acls.flows;

	ofl_acls.flows = ofl_acls.flows_next;
	ofl_acls.flows_next = old;
	if (ofl_acls.flows.count)
		qsort(ofl_acls.flows.v, ofl_acls.flows.count,
		      sizeof(*ofl_acls.flows.v), flow_qsort_cmp);
	seqs_keep(&ofl_acls.flows, &old);
	interfaces_walk(seqs_make);
	interfaces_walk(list_put);
	ofl_acls.filling = NULL;
}

void ofl_acl_flows_link(void)
{
	interfaces_walk(link_put);
}

void ofl_acl_flows_fini(void)
{
	XFREE(MTYPE_OFL_ACL_FLOW, ofl_acls.flows.v);
	XFREE(MTYPE_OFL_ACL_FLOW, ofl_acls.flows_next.v);
}

/* --- asked --- */

void ofl_static_flows_walk(bool (*cb)(const struct ofl_static_flow *flow,
				      void *arg),
			   void *arg)
{
	for (size_t i = 0; i < ofl_acls.flows.count; i++)
		if (!cb(&ofl_acls.flows.v[i], arg))
			return;
}

const struct ofl_static_flow *ofl_static_flow_find(const char *name)
{
	for (size_t i = 0; i < ofl_acls.flows.count; i++)
		if (strcmp(ofl_acls.flows.v[i].name, name) == 0)
			return &ofl_acls.flows.v[i];
	return NULL;
}
