// SPDX-License-Identifier: GPL-2.0-or-later
/* A provider of lists in memory; see list_fake.h. */
#include <zebra.h>

#include "tests/unit/list_fake.h"

#define FLOOR_PREF 65535

static void complain(struct ofl_provider *p, const char *text)
{
	if (!p->error[0])
		strlcpy(p->error, text, sizeof(p->error));
}

static struct fake_list *list_of(struct ofl_provider *p, uint32_t number)
{
	for (int i = 0; i < FAKE_LISTS; i++) {
		if (p->lists[i].number == number)
			return &p->lists[i];
	}
	return NULL;
}

static struct fake_port *port_of(struct ofl_provider *p, const char *name,
				 bool egress)
{
	for (int i = 0; i < FAKE_PORTS; i++) {
		if (p->ports[i].egress == egress &&
		    strcmp(p->ports[i].name, name) == 0)
			return &p->ports[i];
	}
	return NULL;
}

/* --- the contract --- */
static void events_set(struct ofl_provider *p,
		       const struct ofl_list_events *events, void *arg)
{
	p->events = events;
	p->arg = arg;
}

static bool open_list(struct ofl_provider *p, uint32_t list, const char *egress,
		      const char **ret_error)
{
	struct fake_list *l = list_of(p, 0);

	if (list_of(p, list) && list)
		complain(p, "a list is opened twice");
	*ret_error = "too many lists";
	if (!l)
		return false;
	memset(l, 0, sizeof(*l));
	l->number = list;
	strlcpy(l->egress, egress ? egress : "", sizeof(l->egress));
	return true;
}

static void close_list(struct ofl_provider *p, uint32_t list)
{
	struct fake_list *l = list_of(p, list);
	unsigned int kept = 0;

	if (!l || !list) {
		complain(p, "a list is closed that is not open");
		return;
	}
	for (int i = 0; i < FAKE_PORTS; i++) {
		if (p->ports[i].list == list)
			p->ports[i].list = 0;
		if (p->ports[i].next == list)
			p->ports[i].next = 0;
	}
	for (int i = 0; i < p->entry_top; i++) {
		if (p->entries[i].list == list)
			p->entries[i].id = 0;
	}
	for (unsigned int i = 0; i < p->pending_count; i++) {
		if (p->pending[i].list != list)
			p->pending[kept++] = p->pending[i];
	}
	p->pending_count = kept;
	if (l->next)
		l->next->free(l->next);
	if (l->soft)
		l->soft->free(l->soft);
	memset(l, 0, sizeof(*l));
}

static void meet(struct ofl_provider *p, struct fake_port *port)
{
	const struct fake_list *l = list_of(p, port->next);

	if (!port->next || !l->soft)
		return;
	port->list = port->next;
	port->next = 0;
}

static void bind_list(struct ofl_provider *p, uint32_t list, const char *name)
{
	struct fake_list *l = list_of(p, list);
	struct fake_port *port;

	p->binds++;
	if (!l) {
		complain(p, "a list is bound that is not open");
		return;
	}
	port = port_of(p, name, l->egress[0]);
	if (!port)
		port = port_of(p, "", false);
	if (!port)
		return;
	strlcpy(port->name, name, sizeof(port->name));
	port->egress = l->egress[0];
	port->next = list;
	meet(p, port);
}

static void unbind_list(struct ofl_provider *p, uint32_t list, const char *name)
{
	struct fake_list *l = list_of(p, list);
	struct fake_port *port = l ? port_of(p, name, l->egress[0]) : NULL;

	if (!port || (port->list != list && port->next != list))
		complain(p, "a list is unbound that is not bound");
	else
		memset(port, 0, sizeof(*port));
}

static enum ofl_list_bound bound(struct ofl_provider *p, uint32_t list,
				 const char *name, char *ret_why, size_t size)
{
	struct fake_list *l = list_of(p, list);
	struct fake_port *port = l ? port_of(p, name, l->egress[0]) : NULL;

	if (!port || (port->list != list && port->next != list))
		return OFL_LIST_UNBOUND;
	if (port->list != list)
		return OFL_LIST_BINDING;
	return p->hardware && !port->egress ? OFL_LIST_HARDWARE
					    : OFL_LIST_SOFTWARE;
}

static void set(struct ofl_provider *p, uint32_t list,
		struct ofl_list_soft *soft)
{
	struct fake_list *l = list_of(p, list);

	p->sets++;
	if (l->next)
		l->next->free(l->next);
	l->next = soft;
}

static void status(struct ofl_provider *p, uint32_t list,
		   struct ofl_list_status *ret)
{
	struct fake_list *l = list_of(p, list);

	memset(ret, 0, sizeof(*ret));
	ret->current = l->soft && !l->next;
	ret->open = p->hardware && l->soft;
	if (l->next && p->soft_stuck)
		strlcpy(ret->text, "software is stuck", sizeof(ret->text));
}

static void can(struct ofl_provider *p, const struct ofl_match *match,
		const struct ofl_ace_action *action, struct ofl_list_can *ret)
{
	const struct ofl_range *ttl = &match->range[OFL_NUMBER_TTL];
	const struct ofl_range *length = &match->range[OFL_NUMBER_LENGTH];

	memset(ret, 0, sizeof(*ret));
	ret->part = *match;
	ret->holds = OFL_LIST_WHOLE;
	ret->slots = MIN(ofl_match_blocks(match), 3);
	if (length->min != 0 || length->max != UINT16_MAX) {
		ret->holds = OFL_LIST_NOTHING;
		ret->slots = 0;
		strlcpy(ret->why, "no lengths", sizeof(ret->why));
		return;
	}
	if (!p->can_ttl && (ttl->min != 0 || ttl->max != UINT16_MAX)) {
		ofl_match_range_set(&ret->part, OFL_NUMBER_TTL, 0, UINT16_MAX);
		ret->holds = OFL_LIST_PART;
	}
	if (match->more & 1u << (3 - OFL_MATCH_BASE)) {
		ofl_match_set(&ret->part, OFL_FIELD_MARK, 0, 0);
		ret->holds = OFL_LIST_PART;
	}
	if (ret->holds == OFL_LIST_WHOLE && (action->does & OFL_ACE_A_LOG)) {
		ret->holds = OFL_LIST_COVER;
		strlcpy(ret->why, "no log", sizeof(ret->why));
	}
	if (ret->holds == OFL_LIST_PART) {
		ret->slots = MIN(ofl_match_blocks(&ret->part), 3);
		strlcpy(ret->why, "no such field", sizeof(ret->why));
	}
}

/* What it can do with TTLs changes; these never do. */
static bool is_possible(const struct ofl_list_op *op)
{
	return op->action && !(op->action->does & OFL_ACE_A_LOG) &&
	       !(op->match->more & 1u << (3 - OFL_MATCH_BASE)) &&
	       op->match->range[OFL_NUMBER_LENGTH].max == UINT16_MAX;
}

static size_t submit(struct ofl_provider *p, uint32_t list,
		     const struct ofl_list_op *ops, size_t n)
{
	size_t i = 0;

	if (!list_of(p, list))
		complain(p, "an operation for a list that is not open");
	for (; i < n && p->pending_count < FAKE_PENDING; i++) {
		struct fake_pending *w = &p->pending[p->pending_count++];

		memset(w, 0, sizeof(*w));
		w->list = list;
		w->op = ops[i];
		memcpy(&w->match, ops[i].match, ofl_match_size(ops[i].match));
		if (ops[i].action)
			w->action = *ops[i].action;
		if (ops[i].entry == OFL_ENTRY_REAL && !is_possible(&ops[i]))
			complain(p, "a real entry that cannot be");
		if (p->rnd && p->rnd(12) == 0) {
			i++;
			break;
		}
	}
	return i;
}

static void counters(struct ofl_provider *p, uint32_t list,
		     bool (*cb)(const struct ofl_list_counted *c, void *arg),
		     void *arg)
{
	struct fake_list *l = list_of(p, list);

	for (size_t i = 0; l->soft && i < l->soft->count; i++) {
		struct ofl_list_counted c = {
			.cookie = l->soft->rules[i].cookie,
			.packets = {1, 0},
			.bytes = {100, 0},
		};

		for (int n = 0; p->carried && n < 2; n++) {
			c.packets[n] = p->carried(c.cookie, n);
			c.bytes[n] = c.packets[n] * 100;
		}
		if (!l->soft->rules[i].part && !cb(&c, arg))
			return;
	}
}

static void settled(struct ofl_provider *p)
{
	p->settled = true;
}

static void foreign(struct ofl_provider *p,
		    bool (*cb)(const struct ofl_foreign *f, void *arg),
		    void *arg)
{
}

static bool port_add(struct ofl_provider *p, const char *port)
{
	if (p->hardware)
		complain(p, "a port for a table of hardware");
	return true;
}

static void port_del(struct ofl_provider *p, const char *port)
{
	if (port_of(p, port, false) || port_of(p, port, true))
		complain(p, "a port goes that is bound");
}

static const struct ofl_list_ops lists = {
	.events_set = events_set,
	.open = open_list,
	.close = close_list,
	.bind = bind_list,
	.unbind = unbind_list,
	.bound = bound,
	.set = set,
	.status = status,
	.can = can,
	.submit = submit,
	.counters = counters,
	.settled = settled,
	.foreign = foreign,
	.port_add = port_add,
	.port_del = port_del,
};

const struct ofl_provider_ops fake_ops = {.name = "fake", .lists = &lists};

/* --- what happens --- */
uint32_t fake_slots(const struct ofl_provider *p)
{
	uint32_t slots = 0;

	for (int i = 0; i < p->entry_top; i++)
		slots += p->entries[i].id ? p->entries[i].slots : 0;
	return slots;
}

static struct fake_entry *entry_of(struct ofl_provider *p, uint32_t list,
				   uint64_t id)
{
	for (int i = 0; i < FAKE_ENTRIES && i <= p->entry_top; i++) {
		struct fake_entry *e = &p->entries[i];

		if (id ? e->id == id && e->list == list : !e->id)
			return e;
	}
	return NULL;
}

static enum ofl_status carry_out(struct ofl_provider *p,
				 const struct fake_pending *w)
{
	const struct ofl_list_op *op = &w->op;
	struct fake_entry *e =
		entry_of(p, w->list, op->kind == OFL_OP_ADD ? 0 : op->entry_id);

	if (p->rnd && p->fault_one_in && p->rnd(p->fault_one_in) == 0)
		return OFL_STATUS_NO_SPACE + p->rnd(3);
	if (!e)
		return OFL_STATUS_ERROR;
	if (op->kind == OFL_OP_DEL) {
		e->id = 0;
		return OFL_STATUS_OK;
	}
	if (op->kind == OFL_OP_ADD &&
	    fake_slots(p) + op->slots > p->capacity_slots)
		return OFL_STATUS_NO_SPACE;
	if (op->pref < OFL_LIST_PREF_FIRST || op->pref > OFL_LIST_PREF_LAST)
		complain(p, "a pref out of range");
	if (op->kind == OFL_OP_REPLACE &&
	    (e->pref != op->pref || !ofl_match_eq(&e->match, &w->match)))
		complain(p, "a replacement of another match or pref");
	p->entry_top = MAX(p->entry_top, e - p->entries + 1);
	*e = (struct fake_entry){
		.id = op->entry_id,
		.list = w->list,
		.mark = op->entry == OFL_ENTRY_PUNT ? op->mark : 0,
		.pref = op->pref,
		.slots = op->slots,
		.entry = op->entry,
		.cookie = op->cookie,
		.match = w->match,
		.action = w->action,
	};
	return OFL_STATUS_OK;
}

bool fake_write(struct ofl_provider *p)
{
	struct ofl_outcome outcome = {};
	struct fake_pending w;

	if (!p->pending_count)
		return false;
	w = p->pending[0];
	memmove(p->pending, p->pending + 1,
		--p->pending_count * sizeof(p->pending[0]));
	p->writes++;
	outcome.op_id = w.op.id;
	outcome.status = carry_out(p, &w);
	if (outcome.status != OFL_STATUS_OK)
		strlcpy(outcome.text, "refused", sizeof(outcome.text));
	p->events->done(p->arg, w.list, &outcome);
	return true;
}

bool fake_switch(struct ofl_provider *p)
{
	for (int i = 0; i < FAKE_LISTS && !p->soft_stuck; i++) {
		struct fake_list *l = &p->lists[i];

		if (!l->number || !l->next)
			continue;
		if (l->soft)
			l->soft->free(l->soft);
		l->soft = l->next;
		l->next = NULL;
		for (int n = 0; n < FAKE_PORTS; n++) {
			if (p->ports[n].next == l->number)
				meet(p, &p->ports[n]);
		}
		p->events->changed(p->arg, l->number);
		return true;
	}
	return false;
}

void fake_lose(struct ofl_provider *p, struct fake_entry *e)
{
	uint64_t id = e->id;

	e->id = 0;
	p->events->lost(p->arg, e->list, id, "lost");
}

unsigned int fake_left(const struct ofl_provider *p)
{
	unsigned int left = p->pending_count;

	for (int i = 0; i < FAKE_LISTS; i++)
		left += p->lists[i].number != 0;
	for (int i = 0; i < p->entry_top; i++)
		left += p->entries[i].id != 0;
	for (int i = 0; i < FAKE_PORTS; i++)
		left += p->ports[i].list || p->ports[i].next;
	return left;
}

/* --- packets --- */
struct looking {
	void (*cb)(const struct ofl_ace_action *action, bool hardware,
		   void *arg);
	void *arg;
};

/* All that share the lowest level and match. */
static bool look_in(const struct ofl_list_soft *soft, unsigned int part,
		    const struct ofl_packet *packet, const struct looking *k)
{
	uint32_t best = UINT32_MAX;

	for (size_t i = 0; i < soft->count; i++) {
		const struct ofl_list_rule *r = &soft->rules[i];

		if (r->part == part && r->level < best &&
		    ofl_match_has_packet(r->match, packet))
			best = r->level;
	}
	for (size_t i = 0; i < soft->count; i++) {
		const struct ofl_list_rule *r = &soft->rules[i];

		if (r->part == part && r->level == best &&
		    ofl_match_has_packet(r->match, packet))
			k->cb(r->action, false, k->arg);
	}
	return best != UINT32_MAX;
}

static void soft_lookup(const struct fake_list *l,
			const struct ofl_packet *packet, uint32_t mark,
			const struct looking *k)
{
	struct ofl_packet marked = *packet;

	if (mark)
		ofl_packet_set(&marked, OFL_FIELD_MARK, mark);
	for (size_t i = 0; mark && i < l->soft->part_count; i++) {
		if (l->soft->marks[i] == mark &&
		    look_in(l->soft, i + 1, &marked, k))
			return;
	}
	if (!look_in(l->soft, 0, &marked, k))
		k->cb(NULL, false, k->arg);
}

void fake_lookup(struct ofl_provider *p, const char *name, bool egress,
		 const struct ofl_packet *packet,
		 void (*cb)(const struct ofl_ace_action *action, bool hardware,
			    void *arg),
		 void *arg)
{
	const struct fake_port *port = port_of(p, name, egress);
	struct fake_list *l =
		port && port->list ? list_of(p, port->list) : NULL;
	struct looking k = {cb, arg};
	uint32_t best = FLOOR_PREF;

	if (!l || !l->soft) {
		cb(NULL, false, arg);
		return;
	}
	for (int i = 0; i < p->entry_top && !egress; i++) {
		const struct fake_entry *e = &p->entries[i];

		if (e->id && e->list == l->number && e->pref < best &&
		    ofl_match_has_packet(&e->match, packet))
			best = e->pref;
	}
	if (best == FLOOR_PREF)
		soft_lookup(l, packet, 0, &k);
	for (int i = 0; i < p->entry_top && !egress; i++) {
		const struct fake_entry *e = &p->entries[i];

		if (!e->id || e->list != l->number || e->pref != best ||
		    !ofl_match_has_packet(&e->match, packet))
			continue;
		if (e->entry == OFL_ENTRY_REAL)
			cb(&e->action, true, arg);
		else
			soft_lookup(l, packet, e->mark, &k);
	}
}
