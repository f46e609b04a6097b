// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ledger of a table, the operations on it and their answers; see
 * prov_tc_priv.h.
 *
 * Hardware holds an entry when the kernel said so of the very filter that was
 * asked for: no error, in_hw, and an echo that equals the request.  Anything
 * else is no success, whatever the error code was.
 */
#include <zebra.h>

#include "log.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_REFUSALS, "offload tc refusals");

/* --- the ledger --- */

struct ofl_tc_entry *ofl_tc_entry_find(struct ofl_provider *p,
				       const struct ofl_key *key)
{
	struct ofl_tc_entry e = {.key = *key};

	return ofl_tc_by_key_find(&p->by_key, &e);
}

struct ofl_tc_entry *ofl_tc_entry_at(struct ofl_provider *p, uint32_t handle)
{
	struct ofl_tc_entry *e = ofl_slab_find(&p->entries, handle);

	return e && e->key.p.family ? e : NULL;
}

static struct ofl_tc_entry *entry_get(struct ofl_provider *p,
				      const struct ofl_key *key, int chain_slot)
{
	struct ofl_tc_entry *e = ofl_tc_entry_find(p, key);
	uint32_t handle;

	if (e)
		return e;
	handle = ofl_slab_get(&p->entries);
	e = ofl_slab_at(&p->slab, handle);
	e->handle = handle;
	e->key = *key;
	e->chain_slot = (uint8_t)chain_slot;
	p->chain_count[chain_slot][key->p.family == AF_INET6]++;
	ofl_tc_by_key_add(&p->by_key, e);
	return e;
}

void ofl_tc_entry_forget(struct ofl_provider *p, struct ofl_tc_entry *e)
{
	uint32_t handle = e->handle;

	if (e->flags & OFL_TC_PRESENT) {
		p->present--;
		p->used_slots -= e->slots;
	}
	p->found -= (e->flags & OFL_TC_UNADOPTED) != 0;
	p->chain_count[e->chain_slot][e->key.p.family == AF_INET6]--;
	ofl_tc_apart_end(p, e);
	ofl_tc_by_key_del(&p->by_key, e);
	memset(e, 0, sizeof(*e));
	ofl_slab_put(&p->entries, handle);
}

/* --- operations --- */

static void refuse(struct ofl_provider *p, const struct ofl_op *op,
		   enum ofl_status status, int errnum, const char *text)
{
	struct ofl_outcome *o;

	if (p->refusal_count == p->refusal_room) {
		p->refusal_room = MAX(16, p->refusal_room * 2);
		p->refusals = XREALLOC(MTYPE_OFL_TC_REFUSALS, p->refusals,
				       p->refusal_room * sizeof(*p->refusals));
	}
	o = &p->refusals[p->refusal_count++];
	*o = (struct ofl_outcome){
		.op_id = op->id, .status = status, .errnum = errnum};
	strlcpy(o->text, text, sizeof(o->text));
}

/* Its ledger entry, or NULL: answered already. */
static struct ofl_tc_entry *entry_for(struct ofl_provider *p,
				      const struct ofl_op *op)
{
	struct ofl_tc_entry *e = ofl_tc_entry_find(p, &op->key);
	int slot;

	if (op->kind == OFL_OP_ADD && !e) {
		slot = ofl_tc_vrf_slot(p, op->key.vrf);
		if (slot >= 0)
			return entry_get(p, &op->key, slot);
		refuse(p, op, OFL_STATUS_UNSUPPORTED, ENOSPC,
		       "routes of too many VRFs");
		return NULL;
	}
	if (op->kind != OFL_OP_ADD && e)
		return e;
	if (op->kind == OFL_OP_DEL)
		refuse(p, op, OFL_STATUS_OK, 0, "");
	else
		refuse(p, op, OFL_STATUS_ERROR, e ? EEXIST : ENOENT,
		       e ? "it is there already" : "it is not there");
	return NULL;
}

/* NULL, or what of its filter a port does not take; good until the next call.
 */
static const char *cannot_be(const struct ofl_provider *p,
			     const struct ofl_op *op,
			     const struct ofl_tc_way *way)
{
	static char text[OFL_OUTCOME_TEXT];
	struct ofl_tc_filter f;
	const char *why;

	/* Where it would stand does not matter. */
	if (!ofl_tc_route_filter(p, &op->key, 1, 0, way, &f, &why) ||
	    ofl_tc_filter_can(p, &f, text, sizeof(text)))
		return NULL;
	return text;
}

/* An addition or a change, judged before anything is written; NULL: answered.
 */
static struct ofl_tc_entry *
admit(struct ofl_provider *p, const struct ofl_op *op, struct ofl_tc_way *way)
{
	const char *why = ofl_tc_way_make(p, op, way);
	char text[OFL_OUTCOME_TEXT];
	struct ofl_tc_entry *e;

	if (!why && p->refused)
		why = cannot_be(p, op, way);
	if (why) {
		refuse(p, op, OFL_STATUS_UNSUPPORTED, EOPNOTSUPP, why);
		return NULL;
	}
	if (!ofl_tc_way_fits(p, way, text, sizeof(text))) {
		refuse(p, op, OFL_STATUS_ERROR, EMSGSIZE, text);
		return NULL;
	}
	e = entry_for(p, op);
	if (!e ||
	    ofl_tc_guards_lead(p, e->chain_slot, op->key.p.family == AF_INET6,
			       text, sizeof(text)))
		return e;
	if (!(e->flags & OFL_TC_PRESENT))
		ofl_tc_entry_forget(p, e);
	refuse(p, op, OFL_STATUS_ERROR, ENOENT, text);
	return NULL;
}

static void submit_one(struct ofl_provider *p, const struct ofl_op *op)
{
	uint32_t at = op->id % OFL_OPS_IN_FLIGHT;
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_OP, at),
		.ask = op->kind == OFL_OP_ADD	    ? OFL_TC_ASK_ADD
		       : op->kind == OFL_OP_REPLACE ? OFL_TC_ASK_REPLACE
						    : OFL_TC_ASK_DEL,
		.block = p->conf.block,
	};
	/* Of a delete its place is all that counts. */
	struct ofl_tc_way way = {.entry = OFL_ENTRY_PUNT};
	struct ofl_tc_entry *e;
	const char *why;

	e = op->kind == OFL_OP_DEL ? entry_for(p, op) : admit(p, op, &way);
	if (!e)
		return;
	if (!ofl_tc_route_filter(p, &op->key, e->handle, e->chain_slot, &way,
				 &r.filter, &why)) {
		if (!(e->flags & OFL_TC_PRESENT))
			ofl_tc_entry_forget(p, e);
		refuse(p, op, OFL_STATUS_ERROR, ENODEV, why);
		return;
	}
	e->flags |= OFL_TC_BUSY;
	e->again = OFL_TC_AGAIN_NONE;
	p->pending[at] = (struct ofl_tc_pending){
		.used = true,
		.kind = op->kind,
		.slots = op->slots,
		.handle = e->handle,
		.identity = op->identity,
		.op_id = op->id,
		.way = way,
	};
	p->in_flight++;
	ofl_tc_ask(p, &r);
}

size_t ofl_tc_submit(struct ofl_provider *p, const struct ofl_op *ops, size_t n,
		     uint64_t now_us)
{
	size_t i;

	if (!p->ready)
		return 0;
	for (i = 0; i < n; i++) {
		if (p->pending[ops[i].id % OFL_OPS_IN_FLIGHT].used ||
		    p->refusal_count == OFL_OPS_IN_FLIGHT)
			break;
		submit_one(p, &ops[i]);
	}
	(void)ofl_tc_flush(p);
	return i;
}

/* --- answers --- */

enum ofl_status ofl_tc_status(int errnum)
{
	switch (errnum) {
	case 0:
		return OFL_STATUS_OK;
	case ENOSPC:
		return OFL_STATUS_NO_SPACE;
	case EOPNOTSUPP:
		return OFL_STATUS_UNSUPPORTED;
	default:
		return OFL_STATUS_ERROR;
	}
}

/* Did the kernel do what was asked?  The answer's text may be replaced. */
static int judge(const struct ofl_provider *p, const struct ofl_tc_pending *q,
		 const struct ofl_tc_entry *e, const struct ofl_tc_reply *reply,
		 char *text, size_t size)
{
	struct ofl_tc_filter want;
	const char *why = "its interface has gone";

	strlcpy(text, reply->text, size);
	if (q->kind == OFL_OP_DEL)
		return reply->errnum == ENOENT ? 0 : reply->errnum;
	if (reply->errnum) {
		if (!text[0])
			strlcpy(text, safe_strerror(reply->errnum), size);
		return reply->errnum;
	}
	if (!ofl_tc_way_fits(p, &q->way, text, size))
		return EMSGSIZE;
	if (!ofl_tc_route_filter(p, &e->key, e->handle, e->chain_slot, &q->way,
				 &want, &why)) {
		strlcpy(text, why, size);
		return ENODEV;
	}
	if (!reply->echoed || !reply->seen.understood ||
	    !ofl_tc_filter_eq(&want, &reply->filter)) {
		strlcpy(text, "the kernel made another filter of it", size);
		return EPROTO;
	}
	if (p->conf.mode == OFL_TC_MODE_HARDWARE && !reply->seen.in_hw) {
		strlcpy(text, "the kernel has it, hardware has not", size);
		return EOPNOTSUPP;
	}
	return 0;
}

/* It is there: the ledger says so from now on. */
static void entry_set(struct ofl_provider *p, struct ofl_tc_entry *e,
		      const struct ofl_tc_pending *q)
{
	if (e->flags & OFL_TC_PRESENT)
		p->used_slots -= e->slots;
	else
		p->present++;
	p->used_slots += q->slots;
	p->found -= (e->flags & OFL_TC_UNADOPTED) != 0;
	e->flags &= ~OFL_TC_UNADOPTED;
	ofl_tc_apart_end(p, e);
	e->flags |= OFL_TC_PRESENT;
	e->slots = q->slots;
	e->identity = q->identity;
	e->way = q->way;
	ofl_tc_entry_count_anew(e);
	if (q->kind == OFL_OP_ADD)
		p->stats.added++;
	else
		p->stats.replaced++;
}

/* A filter that is there but not as it should be: away with it. */
static void take_back(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	struct ofl_tc_request r = {
		.tag = ofl_tc_tag(OFL_TC_TAG_CLEAN, 0),
		.ask = OFL_TC_ASK_DEL,
		.block = p->conf.block,
		.filter = reply->filter,
	};

	if (reply->echoed)
		ofl_tc_ask(p, &r);
}

void ofl_tc_op_reply(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	uint32_t at = (uint32_t)reply->tag % OFL_OPS_IN_FLIGHT;
	struct ofl_tc_pending q = p->pending[at];
	struct ofl_outcome o = {.op_id = q.op_id};
	struct ofl_tc_entry *e = ofl_tc_entry_at(p, q.handle);

	p->pending[at].used = false;
	p->in_flight--;
	if (!e) {
		o.status = OFL_STATUS_ERROR;
		o.errnum = ESTALE;
		p->events->done(p->arg, &o);
		return;
	}
	ofl_tc_entry_written(p, e);
	o.errnum = judge(p, &q, e, reply, o.text, sizeof(o.text));
	o.status = ofl_tc_status(o.errnum);
	/* What came of it is not known: the audit looks. */
	if (reply->errnum == ENOBUFS || reply->errnum == EEXIST)
		p->audit_due = true;
	if (o.status == OFL_STATUS_OK && q.kind != OFL_OP_DEL) {
		entry_set(p, e, &q);
	} else if (o.status == OFL_STATUS_OK) {
		p->stats.deleted++;
		ofl_tc_entry_forget(p, e);
	} else {
		p->stats.refused++;
		if (!reply->errnum && q.kind == OFL_OP_ADD)
			take_back(p, reply);
		else if (!reply->errnum)
			p->audit_due = true; /* replaced by something else */
		if (!(e->flags & OFL_TC_PRESENT))
			ofl_tc_entry_forget(p, e);
	}
	p->events->done(p->arg, &o);
}

void ofl_tc_op_refusals_tell(struct ofl_provider *p)
{
	for (size_t i = 0; i < p->refusal_count; i++)
		p->events->done(p->arg, &p->refusals[i]);
	p->refusal_count = 0;
}

void ofl_tc_op_fini(struct ofl_provider *p)
{
	while (ofl_tc_by_key_count(&p->by_key))
		ofl_tc_entry_forget(p, ofl_tc_by_key_first(&p->by_key));
	XFREE(MTYPE_OFL_TC_REFUSALS, p->refusals);
}
