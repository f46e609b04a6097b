// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists in an audit of the table's block: counters are taken, what is missing
 * or changed is made right, what an earlier life left goes when nobody is led
 * to it any more, and filters of others are noted, never touched.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_FOREIGN, "offload tc foreign filter");

#define FOREIGN_MAX 4096

void ofl_tc_lists_mark(struct ofl_provider *p)
{
	p->lists->unknown_count = 0;
	p->lists->foreign_next_count = 0;
	/* Ports with nothing there are looked at for others' filters. */
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		ofl_tc_egress_look(p, i);
}

/* --- what is there --- */

static struct ofl_tc_list *list_of_chain(struct ofl_provider *p, uint32_t chain,
					 struct ofl_tc_version **ret_version)
{
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++) {
		struct ofl_tc_list *l = p->lists->list[i];

		if (!l || l->egress[0])
			continue;
		*ret_version = ofl_tc_soft_version(l, chain);
		if (*ret_version || (chain && chain == l->hard_chain))
			return l;
	}
	return NULL;
}

static void take_away(struct ofl_provider *p, const struct ofl_tc_acl_seen *a)
{
	struct ofl_tc_acl f = {
		.chain = a->chain,
		.handle = a->handle,
		.pref = a->pref,
		.is_program = !strcmp(a->kind, "bpf"),
	};

	/* The pref's protocol has to be said: it is this one's or any. */
	if (a->protocol == ETH_P_8021Q)
		f.keys.tag = OFL_TC_TAG_THERE;
	ofl_tc_list_ask(p, "", ofl_tc_tag(OFL_TC_TAG_CLEAN, 0), OFL_TC_ASK_DEL,
			&f);
}

static void take_away_extra(struct ofl_provider *p,
			    const struct ofl_tc_acl_seen *a)
{
	ofl_tc_differs(p, NULL, OFL_DIFFERENCE_EXTRA,
		       "of a list, chain %u pref %u handle %u: taken away",
		       a->chain, a->pref, a->handle);
	take_away(p, a);
}

/* One that nobody believes in stands in the way of the next.  One that is led
 * to stays until nobody is. */
static void found_floor(struct ofl_provider *p, struct ofl_tc_list *l,
			const struct ofl_tc_reply *r)
{
	bool right = r->acl.digest == l->floor_digest && r->seen.in_hw;

	if (l->floor == OFL_TC_FLOOR_ASKED)
		return; /* its answer tells */
	if (l->floor != OFL_TC_FLOOR_THERE)
		take_away_extra(p, &r->acl);
	else if (right)
		l->floor_audit_no = p->audit_no;
}

static void found_hard(struct ofl_provider *p, struct ofl_tc_list *l,
		       const struct ofl_tc_reply *r)
{
	const struct ofl_tc_acl_seen *a = &r->acl;
	struct ofl_tc_hard *h = ofl_tc_hard_by_handle(l, a->handle);
	struct ofl_tc_piece *piece;

	if (a->pref == OFL_TC_PREF_RESUME) {
		l->resume.audit_no = p->audit_no;
		if (!l->resume.busy && a->goto_chain != l->resume.target)
			l->resume.wrong = true;
		return;
	}
	if (a->pref == OFL_TC_PREF_LAST) {
		found_floor(p, l, r);
		return;
	}
	if (!h || a->handle % OFL_TC_PIECES_MAX >= h->count) {
		take_away_extra(p, a);
		return;
	}
	if (h->op.kind)
		return; /* its answer tells */
	piece = &h->pieces[a->handle % OFL_TC_PIECES_MAX];
	if (piece->digest != a->digest || !r->seen.in_hw || h->mixed)
		return; /* not seen: lost when the audit ends */
	piece->audit_no = p->audit_no;
	ofl_tc_list_count(l, h->cookie, OFL_TC_HARD, &r->seen.counted,
			  &piece->packets, &piece->bytes);
}

static void note_unknown(struct ofl_tc_lists *ls, uint32_t chain)
{
	for (unsigned int i = 0; i < ls->unknown_count; i++)
		if (ls->unknown[i] == chain)
			return;
	if (ls->unknown_count < OFL_LISTS_MAX)
		ls->unknown[ls->unknown_count++] = chain;
}

void ofl_tc_foreign_note(struct ofl_provider *p, const struct ofl_tc_reply *r,
			 const char *port)
{
	struct ofl_tc_lists *ls = p->lists;
	struct ofl_foreign *f;

	if (ls->foreign_next_count == FOREIGN_MAX)
		return;
	if (!ls->foreign_next)
		ls->foreign_next =
			XCALLOC(MTYPE_OFL_TC_FOREIGN, FOREIGN_MAX * sizeof(*f));
	f = &ls->foreign_next[ls->foreign_next_count++];
	*f = (struct ofl_foreign){
		.protocol = r->acl.protocol,
		.chain = r->acl.chain,
		.handle = r->acl.handle,
		.pref = r->acl.pref,
		.in_hw = r->seen.in_hw,
		.skip_hw = r->acl.flags & TCA_CLS_FLAGS_SKIP_HW,
		.skip_sw = r->acl.flags & TCA_CLS_FLAGS_SKIP_SW,
		.packets = r->seen.counted.packets,
		.bytes = r->seen.counted.bytes,
	};
	strlcpy(f->kind, r->acl.kind, sizeof(f->kind));
	strlcpy(f->port, port, sizeof(f->port));
	f->egress = port[0] != '\0';
}

/* In an earlier life: its chains are not used again before they are empty. */
static void found_old(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	struct ofl_tc_lists *ls = p->lists;
	uint32_t chain = r->acl.chain;
	uint32_t hard = chain - ofl_tc_list_chains(p) - 1;

	ofl_tc_binds_old(p, r);
	if (hard < OFL_TC_HARD_CHAINS)
		ls->old_hard[hard] = 1;
	if (chain >= ls->next_soft_chain && chain < OFL_TC_SOFT_CHAINS_END)
		ls->next_soft_chain = chain + 1;
}

void ofl_tc_lists_found(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	const struct ofl_tc_acl_seen *a = &r->acl;
	struct ofl_tc_version *v = NULL;
	struct ofl_tc_list *l;

	if (!a->is)
		return;
	if (!ofl_tc_list_is_ours(p, a)) {
		ofl_tc_foreign_note(p, r, "");
		return;
	}
	if (p->phase == OFL_TC_LOOK) {
		found_old(p, r);
		return;
	}
	if (!a->chain) {
		if (!ofl_tc_binds_found(p, r) && p->lists->settled &&
		    ofl_tc_binds_are_there(p))
			take_away_extra(p, a);
		return;
	}
	l = list_of_chain(p, a->chain, &v);
	if (!l)
		note_unknown(p->lists, a->chain);
	else if (v)
		ofl_tc_soft_found(p, l, v, r);
	else
		found_hard(p, l, r);
}

/* --- what is not there --- */

static void sweep_list(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_hard *h;
	bool again = l->again;
	const char *why;

	if (l->egress[0])
		return;
	ofl_tc_soft_sweep(l, p->audit_no);
	if (l->again && !again)
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "filters of a list in software: made anew");
	if (l->floor == OFL_TC_FLOOR_THERE &&
	    l->floor_audit_no != p->audit_no) {
		l->floor = OFL_TC_FLOOR_NONE;
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "the end of a list, chain %u", l->hard_chain);
	}
	frr_each_safe (ofl_tc_hards, &l->hards, h) {
		bool lost = false;

		if (h->op.kind || !h->present)
			continue; /* its answer tells */
		for (unsigned int i = 0; i < h->count; i++)
			lost |= h->pieces[i].audit_no != p->audit_no;
		if (!lost)
			continue;
		why = h->mixed ? "hardware has half of it"
			       : "it is not in the kernel any more";
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_MISSING,
			       "an entry of a list, chain %u pref %u: %s",
			       l->hard_chain, h->pref, why);
		ofl_tc_hard_lose(p, l, h, why);
	}
}

/* Chains of an earlier life, when nobody is led to them. */
static void sweep_unknown(struct ofl_provider *p)
{
	struct ofl_tc_lists *ls = p->lists;
	uint32_t hard;

	if (!ls->settled || !ofl_tc_binds_are_there(p))
		return;
	for (unsigned int i = 0; i < ls->unknown_count; i++) {
		if (ofl_tc_binds_lead_to(p, ls->unknown[i], 1))
			continue;
		ofl_tc_differs(p, NULL, OFL_DIFFERENCE_EXTRA,
			       "a list of an earlier life, chain %u: taken "
			       "away",
			       ls->unknown[i]);
		ofl_tc_list_flush_chain(p, "", ls->unknown[i]);
		p->audit_due = true; /* there may be more */
	}
	/* Those that were not seen this time are empty. */
	for (hard = 0; hard < OFL_TC_HARD_CHAINS; hard++)
		ls->old_hard[hard] = 0;
	for (unsigned int i = 0; i < ls->unknown_count; i++) {
		hard = ls->unknown[i] - ofl_tc_list_chains(p) - 1;
		if (hard < OFL_TC_HARD_CHAINS)
			ls->old_hard[hard] = 1;
	}
}

void ofl_tc_lists_sweep(struct ofl_provider *p)
{
	struct ofl_tc_lists *ls = p->lists;
	struct ofl_foreign *foreign = ls->foreign;

	ls->foreign = ls->foreign_next;
	ls->foreign_count = ls->foreign_next_count;
	ls->foreign_next = foreign;
	ls->foreign_next_count = 0;
	if (p->ready)
		ofl_tc_capacity_tell(p);
	ofl_tc_binds_sweep(p);
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (ls->list[i])
			sweep_list(p, ls->list[i]);
	sweep_unknown(p);
	ofl_tc_list_try_begin(p); /* rows that had no answer */
}

bool ofl_tc_has_foreign(const struct ofl_provider *p)
{
	return p->lists->foreign_count != 0;
}

uint32_t ofl_tc_foreign_slots(const struct ofl_provider *p)
{
	uint32_t slots = 0;

	for (size_t i = 0; i < p->lists->foreign_count; i++)
		slots += p->lists->foreign[i].in_hw;
	return slots;
}

void ofl_tc_lists_foreign(struct ofl_provider *p,
			  bool (*cb)(const struct ofl_foreign *f, void *arg),
			  void *arg)
{
	for (size_t i = 0; i < p->lists->foreign_count; i++)
		if (!cb(&p->lists->foreign[i], arg))
			return;
}

void ofl_tc_lists_look_fini(struct ofl_provider *p)
{
	XFREE(MTYPE_OFL_TC_FOREIGN, p->lists->foreign);
	XFREE(MTYPE_OFL_TC_FOREIGN, p->lists->foreign_next);
}
