// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Software's half of a list: versions.  A version is written in chains of its
 * own that no filter leads to, and when all of it is there what leads to the
 * list is switched; the old one is read once more for its counters, and goes.
 * So a packet meets the rules of before or those of now.
 *
 * At most three at a time: one that is built, the one in force, and one on its
 * way out.  See prov_tc_list.h for their chains.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_VERSION, "offload tc list version");

/* Requests that are unanswered at most: routes want to get through, too. */
#define IN_FLIGHT_MAX 1024
#define LEVEL_MAX ((OFL_TC_PREF_RESUME - 4) / 3)

/* --- rules --- */

static void rules_unref(struct ofl_tc_rules *r)
{
	if (!r || --r->users)
		return;
	r->from->free(r->from);
	XFREE(MTYPE_OFL_TC_VERSION, r);
}

void ofl_tc_soft_set(struct ofl_tc_list *l, struct ofl_list_soft *soft)
{
	struct ofl_tc_rules *r = XCALLOC(MTYPE_OFL_TC_VERSION, sizeof(*r));

	r->from = soft;
	r->users = 1;
	rules_unref(l->next);
	l->next = r;
	l->soft_after_us = 0;
}

/* --- versions --- */

static size_t part_count(const struct ofl_tc_version *v)
{
	return v->rules->from->part_count;
}

/* Packets come with marks: they are looked at first. */
static bool has_marks(const struct ofl_tc_version *v)
{
	return v->has_done || part_count(v);
}

/* The chain of the rules that packets without a mark meet. */
static uint32_t main_chain(const struct ofl_tc_version *v)
{
	return has_marks(v) ? v->chain + 2 : v->chain;
}

static uint32_t chains_get(struct ofl_provider *p, uint32_t count)
{
	struct ofl_tc_lists *ls = p->lists;
	uint32_t chain;

	if (ls->next_soft_chain + count >= OFL_TC_SOFT_CHAINS_END)
		ls->next_soft_chain = OFL_TC_SOFT_CHAINS;
	chain = ls->next_soft_chain;
	ls->next_soft_chain += count;
	return chain;
}

static bool has_done(const struct ofl_tc_list *l,
		     const struct ofl_list_soft *soft)
{
	for (size_t i = 0; l->hardware && i < soft->count; i++)
		if (ofl_tc_list_does_once(soft->rules[i].action))
			return true;
	return false;
}

static struct ofl_tc_version *version_new(struct ofl_provider *p,
					  const struct ofl_tc_list *l,
					  struct ofl_tc_rules *rules)
{
	struct ofl_tc_version *v = XCALLOC(MTYPE_OFL_TC_VERSION, sizeof(*v));
	size_t parts = rules->from->part_count;

	rules->users++;
	v->rules = rules;
	v->has_done = has_done(l, rules->from);
	v->chains = has_marks(v) ? (uint32_t)parts + 3 : 1;
	v->chain = chains_get(p, v->chains);
	v->serial = ++p->lists->next_version;
	v->count = (uint32_t)(rules->from->count + has_marks(v) + v->has_done +
			      (parts ? 2 + 2 * parts : 0));
	v->lines = XCALLOC(MTYPE_OFL_TC_VERSION,
			   MAX(v->count, 1u) * sizeof(*v->lines));
	return v;
}

static void version_free(struct ofl_tc_version **v)
{
	if (!*v)
		return;
	rules_unref((*v)->rules);
	XFREE(MTYPE_OFL_TC_VERSION, (*v)->lines);
	XFREE(MTYPE_OFL_TC_VERSION, *v);
}

/* Its filters go; nobody is led to them any more. */
static void version_flush(struct ofl_provider *p, struct ofl_tc_list *l,
			  struct ofl_tc_version **v)
{
	for (uint32_t i = 0; *v && i < (*v)->chains; i++)
		ofl_tc_list_flush_chain(p, l->egress, (*v)->chain + i);
	version_free(v);
}

struct ofl_tc_version *ofl_tc_soft_version(struct ofl_tc_list *l,
					   uint32_t chain)
{
	struct ofl_tc_version *all[] = {l->building, l->live, l->old};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] && chain - all[i]->chain < all[i]->chains)
			return all[i];
	return NULL;
}

uint32_t ofl_tc_soft_target(const struct ofl_tc_list *l)
{
	const struct ofl_tc_version *v = l->building;

	if (v && v->answered == v->count && !v->failed)
		return v->chain;
	return l->live ? l->live->chain : 0;
}

/* --- the filters of a version --- */

/* A value and a mask that all marks have. */
static struct ofl_bits marks_of(const struct ofl_list_soft *s)
{
	struct ofl_bits all = {.value = s->marks[0], .mask = UINT32_MAX};

	for (size_t i = 1; i < s->part_count; i++)
		all.mask &= ~(uint64_t)(s->marks[i] ^ s->marks[0]);
	all.value &= all.mask;
	return all;
}

static bool lead(const struct ofl_provider *p, const struct ofl_bits *mark,
		 bool unmark, uint32_t from, uint16_t pref, uint32_t to,
		 struct ofl_tc_acl *ret)
{
	if (!ofl_tc_list_leader(p, NULL, mark, unmark, to, ret))
		return false;
	ret->chain = from;
	ret->pref = pref;
	return true;
}

/* To the parts: two filters, then two for each. */
static bool part_leader_make(const struct ofl_provider *p,
			     const struct ofl_tc_version *v, uint32_t n,
			     struct ofl_tc_acl *ret)
{
	const struct ofl_list_soft *s = v->rules->from;
	uint32_t marks = v->chain + 1, rules = main_chain(v), part;
	struct ofl_bits mark = marks_of(s);

	if (n == 0) /* marked ones apart, if a mask can tell them */
		return lead(p, mark.mask ? &mark : NULL, false, v->chain, 2,
			    marks, ret);
	if (n == 1)
		return lead(p, NULL, false, marks, OFL_TC_PREF_LAST, rules,
			    ret);
	part = (n - 2) / 2;
	if (n % 2 == 0) { /* by its mark, which is taken off */
		mark = (struct ofl_bits){s->marks[part], UINT32_MAX};
		return lead(p, &mark, true, marks, (uint16_t)(1 + part),
			    rules + 1 + part, ret);
	}
	/* Who meets nothing in a part. */
	return lead(p, NULL, false, rules + 1 + part, OFL_TC_PREF_LAST, rules,
		    ret);
}

/* What leads from chain to chain; `n` counts from 0, see version_new(). */
static bool leader_make(const struct ofl_provider *p,
			const struct ofl_tc_version *v, uint32_t n,
			struct ofl_tc_acl *ret)
{
	struct ofl_bits done = {OFL_TC_MARK_DONE, UINT32_MAX};

	if (n == 0)
		return lead(p, NULL, false, v->chain, OFL_TC_PREF_LAST,
			    main_chain(v), ret);
	if (n == 1 && v->has_done)
		return lead(p, &done, true, v->chain, 1, ofl_tc_routes_chain(p),
			    ret);
	return part_leader_make(p, v, n - 1 - v->has_done, ret);
}

/* Of a rule, or of what leads. */
static bool line_make(const struct ofl_provider *p, const struct ofl_tc_list *l,
		      const struct ofl_tc_version *v, uint32_t i,
		      struct ofl_tc_acl *ret, const char **ret_why)
{
	const struct ofl_list_soft *s = v->rules->from;
	const struct ofl_list_rule *r;

	*ret_why = "tc cannot tell marks apart";
	if (i >= s->count) {
		if (!leader_make(p, v, i - (uint32_t)s->count, ret))
			return false;
	} else {
		r = &s->rules[i];
		if (!ofl_tc_list_soft_filter(p, r->match, r->action,
					     l->egress[0] != '\0', ret,
					     ret_why))
			return false;
		*ret_why = "it has too many levels";
		if (r->level > LEVEL_MAX)
			return false;
		ret->chain = main_chain(v) + r->part;
		ret->pref = (uint16_t)(1 + 3 * r->level +
				       ofl_tc_acl_pref_class(ret));
	}
	ret->handle = i + 1;
	return true;
}

static uint64_t tag_of(const struct ofl_tc_list *l,
		       const struct ofl_tc_version *v, uint32_t i)
{
	return (uint64_t)OFL_TC_TAG_LIST_SOFT << 56 | (uint64_t)l->slot << 48 |
	       (uint64_t)v->serial << 32 | i;
}

static void fail(struct ofl_tc_list *l, struct ofl_tc_version *v, uint32_t line,
		 const char *text)
{
	const struct ofl_list_soft *s = v->rules->from;

	if (v->failed)
		return;
	v->failed = true;
	if (line < s->count)
		snprintf(v->text, sizeof(v->text), "entry %" PRIu32 ": %s",
			 (uint32_t)s->rules[line].cookie, text);
	else
		strlcpy(v->text, text, sizeof(v->text));
	flog_warn(EC_OFL_PROVIDER, "tc list %u: %s", l->id, v->text);
}

static bool build(struct ofl_provider *p, struct ofl_tc_list *l,
		  unsigned int budget)
{
	struct ofl_tc_version *v = l->building;
	struct ofl_tc_lists *ls = p->lists;
	const char *why = NULL;
	struct ofl_tc_acl f;

	for (; budget && v->asked < v->count && !v->failed &&
	       ls->in_flight < IN_FLIGHT_MAX;
	     budget--) {
		struct ofl_tc_line *line = &v->lines[v->asked];

		if (!line_make(p, l, v, v->asked, &f, &why)) {
			fail(l, v, v->asked, why);
			break;
		}
		line->digest = ofl_tc_acl_digest(&f);
		line->pref = f.pref;
		line->is_program = f.is_program;
		ofl_tc_list_ask(p, l->egress, tag_of(l, v, v->asked),
				OFL_TC_ASK_ADD, &f);
		ls->in_flight++;
		v->asked++;
	}
	return v->asked < v->count && !v->failed &&
	       ls->in_flight < IN_FLIGHT_MAX;
}

/* --- from version to version --- */

/* All that was asked for is answered, and it is no use. */
static void give_up(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_version *v = l->building;

	strlcpy(l->text, v->text, sizeof(l->text));
	/* Once more, unless there are newer rules. */
	if (!l->next) {
		v->rules->users++;
		l->next = v->rules;
		l->soft_after_us = ofl_clock_mono_us() + OFL_TC_LIST_RETRY_US;
	}
	version_flush(p, l, &l->building);
	ofl_tc_list_news(l);
}

/* Whatever led to the old one leads here. */
static void take_over(struct ofl_tc_list *l)
{
	l->old = l->live;
	l->live = l->building;
	l->building = NULL;
	l->text[0] = '\0';
	ofl_tc_list_news(l);
}

static void begin(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_rules *rules = l->next;

	if (!rules && l->again && l->live) {
		rules = l->live->rules;
		rules->users++;
	}
	if (!rules || ofl_clock_mono_us() < l->soft_after_us)
		return;
	/* Which chains an earlier life has there. */
	if (l->egress[0] && !ofl_tc_egress_is_known(p, l->egress))
		return;
	l->next = NULL;
	l->again = false;
	l->building = version_new(p, l, rules);
	rules_unref(rules);
	ofl_tc_list_news(l);
}

static void retire(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_version *v = l->old;
	uint32_t first = main_chain(v), rest = v->chain + v->chains - first;
	struct ofl_tc_request r = {.ask = OFL_TC_ASK_DUMP, .of_chain = true};

	if (v->reading || ofl_tc_binds_lead_to(p, v->chain, v->chains))
		return;
	if (v->read == rest) {
		version_flush(p, l, &l->old);
		return;
	}
	r.tag = (uint64_t)OFL_TC_TAG_LIST_READ << 56 | (uint64_t)l->slot << 48 |
		(uint64_t)v->serial << 32;
	r.filter.chain = first + v->read;
	ofl_tc_list_place(p, l->egress, &r);
	v->reading = true;
	ofl_tc_ask(p, &r);
}

bool ofl_tc_soft_step(struct ofl_provider *p, struct ofl_tc_list *l,
		      unsigned int budget)
{
	struct ofl_tc_version *v;
	bool more = false;

	if (l->old)
		retire(p, l);
	if (!l->building && !l->closing)
		begin(p, l);
	v = l->building;
	if (!v)
		return false;
	more = build(p, l, budget);
	if (v->failed && v->answered == v->asked)
		give_up(p, l);
	else if (v->answered == v->count && !v->failed && !l->old &&
		 (!l->live ||
		  !ofl_tc_binds_lead_to(p, l->live->chain, l->live->chains)))
		take_over(l);
	return more;
}

/* --- answers --- */

static struct ofl_tc_list *list_of(const struct ofl_provider *p, uint64_t tag)
{
	return p->lists->list[(tag >> 48 & 0xff) % OFL_LISTS_MAX];
}

static struct ofl_tc_version *version_of(struct ofl_tc_list *l, uint64_t tag)
{
	struct ofl_tc_version *all[] = {l->building, l->live, l->old};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] && all[i]->serial == (uint16_t)(tag >> 32))
			return all[i];
	return NULL;
}

static void on_read(struct ofl_tc_list *l, struct ofl_tc_version *v,
		    const struct ofl_tc_reply *r)
{
	const struct ofl_list_soft *s = v->rules->from;
	uint32_t i = r->acl.handle - 1;

	if (r->kind == OFL_TC_FOUND) {
		if (r->acl.is && i < s->count)
			ofl_tc_list_count(l, s->rules[i].cookie, OFL_TC_SOFT,
					  &r->seen.counted,
					  &v->lines[i].packets,
					  &v->lines[i].bytes);
		return;
	}
	v->reading = false;
	/* An inconsistent dump is read once more. */
	if (r->errnum != EINTR)
		v->read++;
}

void ofl_tc_soft_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	struct ofl_tc_list *l = list_of(p, r->tag);
	struct ofl_tc_version *v = l ? version_of(l, r->tag) : NULL;
	uint32_t i = (uint32_t)r->tag;

	if (r->tag >> 56 == OFL_TC_TAG_LIST_READ) {
		if (v)
			on_read(l, v, r);
		return;
	}
	p->lists->in_flight--;
	if (!v || i >= v->count)
		return; /* lost meanwhile */
	v->answered++;
	v->lines[i].answered = true;
	v->lines[i].audit_no = p->audit_no;
	if (r->errnum)
		fail(l, v, i, r->text[0] ? r->text : safe_strerror(r->errnum));
	else if (!r->acl.is || !r->acl.as_asked)
		fail(l, v, i, "the kernel made another filter of it");
}

void ofl_tc_soft_lost(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_version *last = l->building ? l->building : l->live;

	/* The newest rules are written anew when there is a block again. */
	if (!l->next && last) {
		last->rules->users++;
		l->next = last->rules;
	}
	l->soft_after_us = 0;
	version_free(&l->building);
	version_free(&l->live);
	version_free(&l->old);
	ofl_tc_list_news(l);
}

void ofl_tc_soft_free(struct ofl_provider *p, struct ofl_tc_list *l)
{
	version_flush(p, l, &l->building);
	version_flush(p, l, &l->live);
	version_flush(p, l, &l->old);
	rules_unref(l->next);
	l->next = NULL;
}

static bool rules_name(const struct ofl_tc_rules *r, const char *name)
{
	for (size_t i = 0; r && i < r->from->count; i++) {
		const struct ofl_ace_action *a = r->from->rules[i].action;

		if (((a->does & OFL_ACE_A_MIRROR) &&
		     !strcmp(a->mirror, name)) ||
		    ((a->does & OFL_ACE_A_REDIRECT) &&
		     !strcmp(a->redirect, name)))
			return true;
	}
	return false;
}

bool ofl_tc_soft_names(const struct ofl_tc_list *l, const char *name)
{
	return rules_name(l->live ? l->live->rules : NULL, name) ||
	       rules_name(l->building ? l->building->rules : NULL, name);
}

/* --- in an audit --- */

void ofl_tc_soft_found(struct ofl_provider *p, struct ofl_tc_list *l,
		       struct ofl_tc_version *v, const struct ofl_tc_reply *r)
{
	const struct ofl_list_soft *s = v->rules->from;
	uint32_t i = r->acl.handle - 1;
	struct ofl_tc_line *line;

	if (i >= v->count || !v->lines[i].answered)
		return; /* its answer tells */
	line = &v->lines[i];
	line->audit_no = p->audit_no;
	if (line->digest != r->acl.digest || line->pref != r->acl.pref) {
		if (v == l->live && !l->again)
			ofl_tc_differs(p, NULL, OFL_DIFFERENCE_CHANGED,
				       "of a list in software, chain %u: made "
				       "anew",
				       r->acl.chain);
		l->again |= v == l->live;
	} else if (i < s->count)
		ofl_tc_list_count(l, s->rules[i].cookie, OFL_TC_SOFT,
				  &r->seen.counted, &line->packets,
				  &line->bytes);
}

/* Numbers of audits count up and wrap; each is renewed long before. */
void ofl_tc_soft_sweep(struct ofl_tc_list *l, uint8_t audit_no)
{
	const struct ofl_tc_version *v = l->live;

	for (uint32_t i = 0; v && i < v->count; i++)
		l->again |= (int8_t)(v->lines[i].audit_no - audit_no) < 0;
}
