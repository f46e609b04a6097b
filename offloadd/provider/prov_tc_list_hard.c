// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hardware's half of a list: its entries, each of one filter or, where hardware
 * has no such key, of several, and the floor below them.
 *
 * An entry is there when hardware confirmed every filter of it; of one that
 * was not taken whole the rest goes again.  Which entries, and in which order
 * they are written, is not decided here.
 */
#include <zebra.h>

#include <linux/pkt_cls.h>

#include "jhash.h"
#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_list.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_HARD, "offload tc list entry");

#define IN_FLIGHT_MAX 1024
/* Of an entry's number; below it that of a piece. */
#define PIECE_BITS 5
#define NUMBER_MASK ((1u << (32 - PIECE_BITS)) - 1)

_Static_assert(1 << PIECE_BITS == OFL_TC_PIECES_MAX, "a handle has room");

/* Entries are known by the number in their filters' handles. */
static uint32_t number_of(uint64_t entry_id)
{
	return (uint32_t)entry_id & NUMBER_MASK;
}

int ofl_tc_hard_cmp(const struct ofl_tc_hard *a, const struct ofl_tc_hard *b)
{
	return numcmp(number_of(a->entry_id), number_of(b->entry_id));
}

uint32_t ofl_tc_hard_hash(const struct ofl_tc_hard *h)
{
	return jhash_1word(number_of(h->entry_id), 0x6f666c74);
}

static struct ofl_tc_hard *find(struct ofl_tc_list *l, uint64_t entry_id)
{
	struct ofl_tc_hard key = {.entry_id = entry_id};

	return ofl_tc_hards_find(&l->hards, &key);
}

struct ofl_tc_hard *ofl_tc_hard_by_handle(struct ofl_tc_list *l,
					  uint32_t handle)
{
	return find(l, handle >> PIECE_BITS);
}

static void forget(struct ofl_tc_list *l, struct ofl_tc_hard *h)
{
	if (h->present)
		l->used_slots -= h->slots;
	ofl_tc_hards_del(&l->hards, h);
	XFREE(MTYPE_OFL_TC_HARD, h->pieces);
	XFREE(MTYPE_OFL_TC_HARD, h->op.text);
	XFREE(MTYPE_OFL_TC_HARD, h);
}

/* --- the floor --- */

static bool floor_make(const struct ofl_provider *p,
		       const struct ofl_tc_list *l, struct ofl_tc_acl *ret)
{
	struct ofl_match all;
	const char *why;

	ofl_match_init(&all);
	if (!ofl_tc_list_hard_filter(p, &all, OFL_ENTRY_PUNT, NULL, 0, ret,
				     &why))
		return false;
	ret->chain = l->hard_chain;
	ret->pref = OFL_TC_PREF_LAST;
	ret->handle = 1;
	return true;
}

static uint64_t tag_of(enum ofl_tc_tag kind, const struct ofl_tc_list *l,
		       uint32_t low)
{
	return (uint64_t)kind << 56 | (uint64_t)l->slot << 48 |
	       (uint64_t)l->serial << 40 | low;
}

/* A chain of hardware that no list has, nor had in an earlier life. */
static uint32_t chain_get(const struct ofl_provider *p)
{
	const struct ofl_tc_lists *ls = p->lists;
	uint32_t first = ofl_tc_list_chains(p) + 1;

	for (uint32_t i = 0; i < OFL_TC_HARD_CHAINS; i++) {
		bool taken = ls->old_hard[i];

		for (unsigned int n = 0; n < OFL_LISTS_MAX && !taken; n++)
			taken = ls->list[n] &&
				ls->list[n]->hard_chain == first + i;
		if (!taken)
			return first + i;
	}
	return 0;
}

void ofl_tc_hard_init(struct ofl_provider *p, struct ofl_tc_list *l)
{
	ofl_tc_hards_init(&l->hards);
	l->hardware = ofl_tc_has_hardware(p) && !l->egress[0];
	l->resume.pref = OFL_TC_PREF_RESUME;
}

/* The floor comes first, and with room again after it was refused. */
void ofl_tc_hard_step(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_acl f;

	if (!l->hardware || l->closing || !p->lists->tried)
		return;
	/* Only now is it known which of them an earlier life had. */
	if (!l->hard_chain)
		l->hard_chain = chain_get(p);
	if (!l->hard_chain || l->floor == OFL_TC_FLOOR_ASKED ||
	    l->floor == OFL_TC_FLOOR_THERE ||
	    ofl_clock_mono_us() < l->floor_after_us || !floor_make(p, l, &f))
		return;
	l->floor = OFL_TC_FLOOR_ASKED;
	l->floor_digest = ofl_tc_acl_digest(&f);
	ofl_tc_list_ask(p, l->egress, tag_of(OFL_TC_TAG_LIST_FLOOR, l, 0),
			OFL_TC_ASK_ADD, &f);
}

static void on_floor(struct ofl_provider *p, struct ofl_tc_list *l,
		     const struct ofl_tc_reply *r)
{
	bool there = !r->errnum && r->acl.as_asked && r->seen.in_hw;

	l->floor = there ? OFL_TC_FLOOR_THERE : OFL_TC_FLOOR_REFUSED;
	l->floor_audit_no = p->audit_no;
	l->floor_text[0] = '\0';
	if (!there) {
		strlcpy(l->floor_text, "hardware has no way to software: ",
			sizeof(l->floor_text));
		strlcat(l->floor_text,
			r->text[0]  ? r->text
			: r->errnum ? safe_strerror(r->errnum)
				    : "the kernel has it, hardware has not",
			sizeof(l->floor_text));
		l->floor_after_us = ofl_clock_mono_us() + OFL_TC_LIST_RETRY_US;
		p->audit_due |= r->errnum == EEXIST || r->errnum == ENOBUFS;
	}
	ofl_tc_list_news(l);
}

bool ofl_tc_hard_is_open(const struct ofl_provider *p,
			 const struct ofl_tc_list *l)
{
	return l->hard_chain && !l->closing && p->ready &&
	       l->floor == OFL_TC_FLOOR_THERE;
}

/* --- operations --- */

static void answer(struct ofl_provider *p, const struct ofl_tc_list *l,
		   uint64_t id, enum ofl_status status, int errnum,
		   const char *text)
{
	struct ofl_tc_lists *ls = p->lists;
	struct ofl_tc_list_answer *a;

	if (ls->answer_count == ls->answer_room) {
		ls->answer_room = MAX(16, ls->answer_room * 2);
		ls->answers = XREALLOC(MTYPE_OFL_TC_HARD, ls->answers,
				       ls->answer_room * sizeof(*ls->answers));
	}
	a = &ls->answers[ls->answer_count++];
	*a = (struct ofl_tc_list_answer){
		.list = l->id,
		.outcome = {.op_id = id, .status = status, .errnum = errnum}};
	strlcpy(a->outcome.text, text, sizeof(a->outcome.text));
}

static void ask_piece(struct ofl_provider *p, struct ofl_tc_list *l,
		      const struct ofl_tc_hard *h, unsigned int i,
		      enum ofl_tc_ask ask, struct ofl_tc_acl *f)
{
	uint32_t handle = number_of(h->entry_id) << PIECE_BITS | i;

	f->chain = l->hard_chain;
	f->handle = handle;
	f->pref = (uint16_t)(h->pref + h->pieces[i].protocol_class);
	ofl_tc_list_ask(p, l->egress, tag_of(OFL_TC_TAG_LIST_ENTRY, l, handle),
			ask, f);
	p->lists->in_flight++;
}

static void op_begin(struct ofl_tc_hard *h, const struct ofl_list_op *op)
{
	h->op = (struct ofl_tc_entry_op){
		.id = op->id,
		.kind = op->kind,
		.slots = op->slots,
		.left = h->count,
	};
}

static struct ofl_tc_hard *hard_new(struct ofl_provider *p,
				    struct ofl_tc_list *l,
				    const struct ofl_list_op *op, char *why,
				    size_t size)
{
	static struct ofl_match pieces[OFL_TC_PIECES_MAX]; /* main thread */
	struct ofl_match part;
	struct ofl_tc_hard *h;
	unsigned int n;

	if (find(l, op->entry_id)) {
		strlcpy(why, "it is there already", size);
		return NULL;
	}
	n = ofl_tc_list_split(p, op->match, pieces, &part, why, size);
	if (!n)
		return NULL;
	h = XCALLOC(MTYPE_OFL_TC_HARD, sizeof(*h));
	h->entry_id = op->entry_id;
	h->cookie = op->cookie;
	h->pref = (uint16_t)(2 * op->pref);
	h->count = (uint8_t)n;
	h->pieces = XCALLOC(MTYPE_OFL_TC_HARD, n * sizeof(*h->pieces));
	for (unsigned int i = 0; i < n; i++)
		h->pieces[i].match = pieces[i];
	ofl_tc_hards_add(&l->hards, h);
	return h;
}

/* Every filter of it, made before one is written; false and why. */
static bool write_all(struct ofl_provider *p, struct ofl_tc_list *l,
		      struct ofl_tc_hard *h, const struct ofl_list_op *op,
		      const char **ret_why)
{
	enum ofl_tc_ask ask =
		op->kind == OFL_OP_ADD ? OFL_TC_ASK_ADD : OFL_TC_ASK_REPLACE;
	static struct ofl_tc_acl f[OFL_TC_PIECES_MAX]; /* main thread */

	for (unsigned int i = 0; i < h->count; i++) {
		struct ofl_tc_piece *piece = &h->pieces[i];

		if (!ofl_tc_list_hard_filter(p, &piece->match, op->entry,
					     op->action, op->mark, &f[i],
					     ret_why))
			return false;
		piece->protocol_class = ofl_tc_acl_pref_class(&f[i]);
		if (op->cookie)
			h->cookie = op->cookie;
	}
	op_begin(h, op);
	for (unsigned int i = 0; i < h->count; i++)
		ask_piece(p, l, h, i, ask, &f[i]);
	return true;
}

static void delete_all(struct ofl_provider *p, struct ofl_tc_list *l,
		       struct ofl_tc_hard *h)
{
	const char *why;
	struct ofl_tc_acl f;

	/* Its place is all that counts, and that it is one of hardware. */
	for (unsigned int i = 0; i < h->count; i++) {
		if (!ofl_tc_list_hard_filter(p, &h->pieces[i].match,
					     OFL_ENTRY_PUNT, NULL, 0, &f,
					     &why)) {
			memset(&f, 0, sizeof(f));
			if (h->pieces[i].protocol_class == OFL_TC_PREF_TAGGED)
				f.keys.tag = OFL_TC_TAG_THERE;
		}
		ask_piece(p, l, h, i, OFL_TC_ASK_DEL, &f);
	}
}

static void submit_one(struct ofl_provider *p, struct ofl_tc_list *l,
		       const struct ofl_list_op *op)
{
	struct ofl_tc_hard *h = find(l, op->entry_id);
	char text[OFL_OUTCOME_TEXT] = "";
	const char *why = text;

	if (op->kind == OFL_OP_DEL) {
		if (!h) {
			answer(p, l, op->id, OFL_STATUS_OK, 0, "");
			return;
		}
		op_begin(h, op);
		delete_all(p, l, h);
		return;
	}
	if (op->kind == OFL_OP_ADD) {
		h = hard_new(p, l, op, text, sizeof(text));
		if (h && write_all(p, l, h, op, &why))
			return;
		if (h)
			forget(l, h);
		answer(p, l, op->id, OFL_STATUS_UNSUPPORTED, EOPNOTSUPP, why);
		return;
	}
	why = "it is not there";
	if (!h || !write_all(p, l, h, op, &why))
		answer(p, l, op->id, OFL_STATUS_ERROR, ENOENT, why);
}

size_t ofl_tc_hard_submit(struct ofl_provider *p, struct ofl_tc_list *l,
			  const struct ofl_list_op *ops, size_t n)
{
	size_t i;

	if (!ofl_tc_hard_is_open(p, l))
		return 0;
	for (i = 0; i < n && p->lists->in_flight < IN_FLIGHT_MAX &&
		    p->lists->answer_count < OFL_OPS_IN_FLIGHT;
	     i++)
		submit_one(p, l, &ops[i]);
	(void)ofl_tc_flush(p);
	return i;
}

/* --- answers --- */

/* Pieces of an addition that failed, as far as they are there. */
static void take_back(struct ofl_provider *p, struct ofl_tc_list *l,
		      const struct ofl_tc_hard *h)
{
	for (unsigned int i = 0; i < h->count; i++) {
		struct ofl_tc_acl f = {
			.chain = l->hard_chain,
			.handle = number_of(h->entry_id) << PIECE_BITS | i,
			.pref = (uint16_t)(h->pref +
					   h->pieces[i].protocol_class),
		};

		if (h->pieces[i].protocol_class == OFL_TC_PREF_TAGGED)
			f.keys.tag = OFL_TC_TAG_THERE;
		if (h->pieces[i].digest)
			ofl_tc_list_ask(p, l->egress,
					ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
					OFL_TC_ASK_DEL, &f);
	}
}

static void op_end(struct ofl_provider *p, struct ofl_tc_list *l,
		   struct ofl_tc_hard *h)
{
	struct ofl_tc_entry_op op = h->op;
	bool ok = !op.errnum;

	answer(p, l, op.id, ofl_tc_status(op.errnum), op.errnum,
	       op.text ? op.text : "");
	h->op.kind = OFL_OP_NONE;
	h->op.text = NULL;
	XFREE(MTYPE_OFL_TC_HARD, op.text);
	if (op.errnum == ENOBUFS || op.errnum == EEXIST)
		p->audit_due = true;
	if (op.kind == OFL_OP_DEL ? ok : !ok && op.kind == OFL_OP_ADD) {
		if (!ok)
			take_back(p, l, h);
		forget(l, h);
		return;
	}
	if (!ok) {
		/* Half old and half new is neither: nobody may rely on it. */
		h->mixed |= op.kind == OFL_OP_REPLACE && op.some;
		p->audit_due = true;
		return;
	}
	h->mixed = false;
	l->used_slots += op.slots - (h->present ? h->slots : 0);
	h->present = true;
	h->slots = op.slots;
}

static int judge(const struct ofl_tc_hard *h, const struct ofl_tc_reply *r,
		 const char **ret_text)
{
	*ret_text = r->text;
	if (h->op.kind == OFL_OP_DEL)
		return r->errnum == ENOENT ? 0 : r->errnum;
	if (r->errnum) {
		if (!r->text[0])
			*ret_text = safe_strerror(r->errnum);
		return r->errnum;
	}
	if (!r->acl.is || !r->acl.as_asked) {
		*ret_text = "the kernel made another filter of it";
		return EPROTO;
	}
	if (!r->seen.in_hw) {
		*ret_text = "the kernel has it, hardware has not";
		return EOPNOTSUPP;
	}
	return 0;
}

static void on_piece(struct ofl_provider *p, struct ofl_tc_list *l,
		     const struct ofl_tc_reply *r)
{
	struct ofl_tc_hard *h = ofl_tc_hard_by_handle(l, (uint32_t)r->tag);
	unsigned int i = (uint32_t)r->tag % OFL_TC_PIECES_MAX;
	struct ofl_tc_piece *piece;
	const char *text;
	int errnum;

	if (!h || i >= h->count || !h->op.kind)
		return;
	piece = &h->pieces[i];
	errnum = judge(h, r, &text);
	if (h->op.kind == OFL_OP_DEL && r->acl.is)
		ofl_tc_list_count(l, h->cookie, OFL_TC_HARD, &r->seen.counted,
				  &piece->packets, &piece->bytes);
	if (h->op.kind == OFL_OP_DEL && !errnum) {
		piece->digest = 0;
	} else if (h->op.kind != OFL_OP_DEL && !r->errnum && r->acl.is) {
		piece->digest = r->acl.digest;
		piece->packets = piece->bytes = 0;
		h->op.some = true;
	}
	piece->audit_no = p->audit_no;
	if (errnum && !h->op.errnum) {
		h->op.errnum = errnum;
		h->op.text = XSTRDUP(MTYPE_OFL_TC_HARD, text);
	}
	if (!--h->op.left)
		op_end(p, l, h);
}

void ofl_tc_hard_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	struct ofl_tc_list *l =
		ofl_tc_list_at(p, r->tag >> 48 & 0xff, (uint8_t)(r->tag >> 40));

	if (r->tag >> 56 == OFL_TC_TAG_LIST_ENTRY)
		p->lists->in_flight--;
	if (!l)
		return;
	if (r->tag >> 56 == OFL_TC_TAG_LIST_FLOOR)
		on_floor(p, l, r);
	else
		on_piece(p, l, r);
}

/* --- losses --- */

void ofl_tc_hard_lose(struct ofl_provider *p, struct ofl_tc_list *l,
		      struct ofl_tc_hard *h, const char *text)
{
	uint64_t entry_id = h->entry_id;

	if (h->op.kind || !h->present)
		return; /* its answer tells */
	/* What is left of it. */
	take_back(p, l, h);
	forget(l, h);
	if (p->lists->events)
		p->lists->events->lost(p->lists->arg, l->id, entry_id, text);
}

void ofl_tc_hard_lost(struct ofl_provider *p, struct ofl_tc_list *l,
		      const char *text)
{
	struct ofl_tc_hard *h;

	l->floor = OFL_TC_FLOOR_NONE;
	l->floor_after_us = 0;
	frr_each_safe (ofl_tc_hards, &l->hards, h) {
		for (unsigned int i = 0; i < h->count; i++)
			h->pieces[i].digest = 0;
		ofl_tc_hard_lose(p, l, h, text);
	}
	ofl_tc_list_news(l);
}

void ofl_tc_hard_again(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_hard *h;
	struct ofl_tc_acl f;

	if (l->floor == OFL_TC_FLOOR_THERE && floor_make(p, l, &f)) {
		l->floor = OFL_TC_FLOOR_ASKED;
		ofl_tc_list_ask(p, l->egress,
				tag_of(OFL_TC_TAG_LIST_FLOOR, l, 0),
				OFL_TC_ASK_REPLACE, &f);
	}
	frr_each_safe (ofl_tc_hards, &l->hards, h)
		ofl_tc_hard_lose(p, l, h, "hardware lost entries");
}

void ofl_tc_hard_free(struct ofl_provider *p, struct ofl_tc_list *l)
{
	struct ofl_tc_hard *h;

	if (l->hard_chain)
		ofl_tc_list_flush_chain(p, l->egress, l->hard_chain);
	while ((h = ofl_tc_hards_first(&l->hards)))
		forget(l, h);
	ofl_tc_hards_fini(&l->hards);
}

void ofl_tc_lists_hard_fini(struct ofl_provider *p)
{
	XFREE(MTYPE_OFL_TC_HARD, p->lists->answers);
}
