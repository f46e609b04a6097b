// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * D(r): which rules stand above r, overlap it and do something else.
 *
 * Found by one scan over the whole list for a rule that comes: 24 bytes a rule
 * decide nearly always, at about a nanosecond each, so ten thousand rules are
 * read in a tenth of a second and no index has to be kept (measured: the four
 * ClassBench families, 10k rules: 50 to 60 ms for all pairs).  What costs
 * memory are the pairs: firewall lists of 10k rules have 2.7 million.  A rule
 * that depends on more rules than the table has slots can never be offloaded;
 * of such a wide one only the number is kept.
 */
#include <zebra.h>

#include "offloadd/placement/acl_list.h"

/* Can `r` ever be real, and wrong?  Only then its D is asked for. */
static bool may_depend(const struct ofl_ace *r)
{
	return r->identity != 0 && r->slots != 0 && !r->punts;
}

static bool summary_excludes(const struct ofl_bits *a, const struct ofl_bits *b)
{
	return (a->value ^ b->value) & a->mask & b->mask;
}

/* --- one pair --- */
static void relate(struct ofl_acl_place *p, struct ofl_ace *d,
		   struct ofl_ace *l)
{
	ofl_ace_set_add(&l->up, d->handle);
	ofl_ace_set_add(&d->down, l->handle);
	p->st.dependencies++;
	if (ofl_ace_planned(d) == OFL_ENTRY_NONE)
		l->missing_slots += d->slots;
	if (!ofl_ace_is_certain(d)) {
		if (l->bare++ == 0 && ofl_ace_may_be_real(l))
			p->st.unsafe++;
	}
	l->bonus += ofl_ace_promise_to(d, l);
	if (d->uncoverable) {
		l->barred++;
		if (l->want)
			ofl_ace_set_add(&p->forced, l->handle);
	}
	if (l->want)
		ofl_ace_cover_add(p, d, l);
	ofl_ace_reckon(p, l);
	ofl_ace_mark_changed(p, l);
}

static void unrelate(struct ofl_acl_place *p, struct ofl_ace *d,
		     struct ofl_ace *l)
{
	if (l->want)
		ofl_ace_cover_del(p, d, l);
	ofl_ace_set_del(&l->up, d->handle);
	ofl_ace_set_del(&d->down, l->handle);
	p->st.dependencies--;
	if (ofl_ace_planned(d) == OFL_ENTRY_NONE)
		l->missing_slots -= d->slots;
	l->bonus -= ofl_ace_promise_to(d, l);
	if (d->uncoverable)
		l->barred--;
	if (!ofl_ace_is_certain(d) && --l->bare == 0) {
		if (ofl_ace_may_be_real(l))
			p->st.unsafe--;
		ofl_acl_exec_queue(p, l);
		ofl_acl_exec_wake(p, l);
	} else if (l->retreat) {
		ofl_acl_exec_queue(p, l);
	}
	ofl_ace_reckon(p, l);
	ofl_ace_mark_changed(p, l);
}

/* --- wide rules --- */
static void wide_add(struct ofl_acl_place *p, struct ofl_ace *r)
{
	r->wide = true;
	r->wide_at = p->wide.count;
	ofl_ace_set_add(&p->wide, r->handle);
}

static void wide_del(struct ofl_acl_place *p, struct ofl_ace *r)
{
	uint32_t last = p->wide.at[--p->wide.count];

	p->wide.at[r->wide_at] = last;
	ofl_ace_at(p, last)->wide_at = r->wide_at;
	r->wide = false;
	r->wide_at = OFL_ACE_NOWHERE;
}

static void unlist(struct ofl_acl_place *p, struct ofl_ace *r)
{
	while (r->up.count)
		unrelate(p, ofl_ace_at(p, r->up.at[r->up.count - 1]), r);
	ofl_ace_set_fini(&r->up);
}

/* It came to depend on one more. */
static void count_up(struct ofl_acl_place *p, struct ofl_ace *l)
{
	l->above++;
	if (l->wide || l->above <= p->conf.capacity_slots || l->want ||
	    ofl_ace_may_be_real(l))
		return;
	unlist(p, l);
	wide_add(p, l);
	ofl_ace_reckon(p, l);
}

/* Ask for D(r); listed if it is not too long. */
static void list_above(struct ofl_acl_place *p, struct ofl_ace *r)
{
	struct ofl_bits summary = ofl_match_summary_make(r->match);
	struct ofl_ace_set found = {};

	for (uint32_t i = 0; i < p->list.count; i++) {
		const struct ofl_ace_scan_item *item = &p->list.at[i];
		struct ofl_ace *d;

		if (summary_excludes(&summary, &item->summary))
			continue;
		d = ofl_ace_at(p, item->handle);
		if (d->position < r->position && ofl_ace_differs(d, r) &&
		    ofl_match_has_overlap(d->match, r->match))
			ofl_ace_set_add(&found, d->handle);
	}
	r->above = found.count;
	if (found.count > p->conf.capacity_slots) {
		wide_add(p, r);
	} else {
		for (uint32_t i = 0; i < found.count; i++)
			relate(p, ofl_ace_at(p, found.at[i]), r);
	}
	ofl_ace_set_fini(&found);
}

static void narrow(struct ofl_acl_place *p, struct ofl_ace *r)
{
	wide_del(p, r);
	list_above(p, r);
	ofl_ace_reckon(p, r);
	ofl_ace_mark_changed(p, r);
}

void ofl_acl_dep_recheck(struct ofl_acl_place *p)
{
	for (uint32_t i = p->wide.count; i-- > 0;) {
		struct ofl_ace *r = ofl_ace_at(p, p->wide.at[i]);

		if (r->above < p->conf.capacity_slots)
			narrow(p, r);
	}
}

/* --- a rule comes, or goes --- */
void ofl_acl_dep_add(struct ofl_acl_place *p, struct ofl_ace *r)
{
	struct ofl_bits summary = ofl_match_summary_make(r->match);

	if (may_depend(r))
		list_above(p, r);
	for (uint32_t i = 0; i < p->list.count; i++) {
		const struct ofl_ace_scan_item *item = &p->list.at[i];
		struct ofl_ace *l;

		if (summary_excludes(&summary, &item->summary))
			continue;
		l = ofl_ace_at(p, item->handle);
		if (l->position < r->position || !may_depend(l) ||
		    !ofl_ace_differs(r, l) ||
		    !ofl_match_has_overlap(r->match, l->match))
			continue;
		if (!l->wide)
			relate(p, r, l);
		count_up(p, l);
	}
	r->scan_at = ofl_ace_scan_add(&p->list, r->match, r->handle);
}

/* The wide ones below have one rule less to depend on. */
static void count_down_wide(struct ofl_acl_place *p, const struct ofl_ace *r)
{
	for (uint32_t i = p->wide.count; i-- > 0;) {
		struct ofl_ace *l = ofl_ace_at(p, p->wide.at[i]);

		if (l->position < r->position || !ofl_ace_differs(r, l) ||
		    !ofl_match_has_overlap(r->match, l->match))
			continue;
		if (--l->above < p->conf.capacity_slots)
			narrow(p, l);
	}
}

void ofl_acl_dep_del(struct ofl_acl_place *p, struct ofl_ace *r)
{
	uint32_t moved = ofl_ace_scan_del(&p->list, r->scan_at);

	if (moved != OFL_ACE_NOWHERE)
		ofl_ace_at(p, moved)->scan_at = r->scan_at;
	if (r->want)
		ofl_ace_leave(p, r);
	if (r->wide)
		wide_del(p, r);
	unlist(p, r);
	while (r->down.count) {
		struct ofl_ace *l =
			ofl_ace_at(p, r->down.at[r->down.count - 1]);

		unrelate(p, r, l);
		l->above--;
	}
	ofl_ace_set_fini(&r->down);
	count_down_wide(p, r);
}

bool ofl_acl_dep_can_shift(struct ofl_acl_place *p, const struct ofl_ace *r,
			   uint64_t position)
{
	uint64_t low = MIN(r->position, position);
	uint64_t high = MAX(r->position, position);
	struct ofl_bits summary = ofl_match_summary_make(r->match);

	for (uint32_t i = 0; i < p->list.count; i++) {
		const struct ofl_ace_scan_item *item = &p->list.at[i];
		const struct ofl_ace *o;

		if (summary_excludes(&summary, &item->summary))
			continue;
		o = ofl_ace_at(p, item->handle);
		if (o->position > low && o->position < high &&
		    ofl_match_has_overlap(o->match, r->match))
			return false;
	}
	return true;
}
