// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A small provider, complete: see prov_agent.h and doc/writing-a-provider.md,
 * which explains it from top to bottom.
 */
#include <zebra.h>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "memory.h"
#include "typesafe.h"

#include "doc/examples/prov_agent.h"
#include "offloadd/base/mgroup.h"

DEFINE_MTYPE_STATIC(OFFLOADD, AGENT, "offload agent table");
DEFINE_MTYPE_STATIC(OFFLOADD, AGENT_ENTRY, "offload agent entry");
DEFINE_MTYPE_STATIC(OFFLOADD, AGENT_BOOK, "offload agent book");

#define RETRY_US 1000000 /* to the next attempt to connect */
#define BUSY_US 1000	 /* until a full socket is tried again */
#define REFUSED_MAX 16	 /* operations refused here and not told yet */

const char *agent_path = "/run/frr/agent.sock";

/* --- what it has --- */

PREDECL_HASH(agent_book);
struct entry {
	struct agent_book_item item;
	uint32_t at; /* in p->list */
	struct ofl_hw_entry hw;
	uint64_t cookie;
	bool listed; /* the agent has named it since it was connected */
};

static int entry_cmp(const struct entry *a, const struct entry *b)
{
	return ofl_key_cmp(&a->hw.key, &b->hw.key);
}

static uint32_t entry_hash(const struct entry *e)
{
	return ofl_key_hash(&e->hw.key);
}

DECLARE_HASH(agent_book, struct entry, item, entry_cmp, entry_hash);

/* What an operation makes of an entry, kept until it is answered. */
struct pending {
	bool is;
	struct ofl_op op; /* without its action, which was borrowed */
	uint64_t cookie;
};

struct ofl_provider {
	const struct ofl_provider_events *events;
	void *arg;
	int epoll; /* what fd() tells: one and the same as long as we live */
	int fd;	   /* to the agent, or -1 */
	bool ready, busy;
	uint64_t retry_us;
	struct agent_book_head book; /* entries by key */
	struct entry **list;	     /* the same ones, dense, for dump() */
	uint32_t room;
	struct pending *pending; /* by operation id, modulo */
	struct ofl_outcome refused[REFUSED_MAX];
	uint32_t refused_count;
	struct ofl_provider_stats stats;
};

static struct entry *entry_find(struct ofl_provider *p,
				const struct ofl_key *key)
{
	struct entry wanted = {.hw.key = *key};

	return agent_book_find(&p->book, &wanted);
}

static struct entry *entry_add(struct ofl_provider *p,
			       const struct ofl_key *key)
{
	struct entry *e = XCALLOC(MTYPE_AGENT_ENTRY, sizeof(*e));

	e->hw.key = *key;
	e->at = p->stats.entries++;
	if (e->at == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->list = XREALLOC(MTYPE_AGENT_BOOK, p->list,
				   p->room * sizeof(struct entry *));
	}
	p->list[e->at] = e;
	agent_book_add(&p->book, e);
	return e;
}

static void entry_del(struct ofl_provider *p, struct entry *e)
{
	struct entry *last = p->list[--p->stats.entries];

	p->stats.used_slots -= e->hw.slots;
	p->stats.found -= e->hw.found;
	p->list[e->at] = last;
	last->at = e->at;
	agent_book_del(&p->book, e);
	XFREE(MTYPE_AGENT_ENTRY, e);
}

static void entry_set(struct ofl_provider *p, struct entry *e, uint8_t entry,
		      uint16_t slots, uint32_t identity, uint64_t cookie,
		      bool found)
{
	p->stats.used_slots += slots - e->hw.slots;
	p->stats.found += found - e->hw.found;
	e->hw.entry = entry;
	e->hw.slots = slots;
	e->hw.identity = entry == OFL_ENTRY_REAL ? identity : 0;
	e->hw.found = found;
	e->cookie = cookie;
}

/* --- what an action is, in 64 bits that outlive us (FNV-1a) --- */

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3ull;
	return h;
}

static uint64_t cookie_of(const struct ofl_action *a)
{
	uint64_t h = mix(0xcbf29ce484222325ull, &a->kind, sizeof(a->kind));

	for (uint16_t i = 0; i < a->nh_count; i++) {
		h = mix(h, &a->nh[i].ifindex, sizeof(a->nh[i].ifindex));
		h = mix(h, a->nh[i].mac, sizeof(a->nh[i].mac));
	}
	return h;
}

/* --- taking operations --- */

static bool is_too_wide(const struct ofl_op *op)
{
	return op->entry == OFL_ENTRY_REAL &&
	       op->action->nh_count > AGENT_HOPS_MAX;
}

/* submit() must not tell: poll() does. */
static void refuse(struct ofl_provider *p, const struct ofl_op *op)
{
	struct ofl_outcome *o = &p->refused[p->refused_count++];

	memset(o, 0, sizeof(*o));
	o->op_id = op->id;
	o->status = OFL_STATUS_UNSUPPORTED;
	o->errnum = EOPNOTSUPP;
	snprintf(o->text, sizeof(o->text), "more than %d next hops",
		 AGENT_HOPS_MAX);
}

static struct agent_msg msg_make(const struct ofl_op *op)
{
	static const uint8_t words[] = {
		[OFL_OP_ADD] = AGENT_ADD,
		[OFL_OP_REPLACE] = AGENT_REPLACE,
		[OFL_OP_DEL] = AGENT_DEL,
	};
	struct agent_msg m;

	memset(&m, 0, sizeof(m)); /* padding goes over the wire, too */
	m.word = words[op->kind];
	m.entry = op->entry;
	m.slots = op->slots;
	m.key = op->key;
	m.op_id = op->id;
	if (op->entry != OFL_ENTRY_REAL)
		return m;
	m.cookie = cookie_of(op->action);
	m.hop_count = op->action->nh_count;
	for (uint16_t i = 0; i < op->action->nh_count; i++) {
		m.hops[i].ifindex = op->action->nh[i].ifindex;
		memcpy(m.hops[i].mac, op->action->nh[i].mac, 6);
	}
	return m;
}

static size_t agent_submit(struct ofl_provider *p, const struct ofl_op *ops,
			   size_t n, uint64_t now_us)
{
	size_t i;

	if (!p->ready)
		return 0;
	for (i = 0; i < n; i++) {
		struct pending *w = &p->pending[ops[i].id % OFL_OPS_IN_FLIGHT];
		struct agent_msg m;

		if (is_too_wide(&ops[i])) {
			if (p->refused_count == REFUSED_MAX)
				break;
			refuse(p, &ops[i]);
			p->stats.in_flight++;
			continue;
		}
		m = msg_make(&ops[i]);
		if (send(p->fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) !=
		    sizeof(m)) {
			p->busy = true; /* or gone: recv() will say so */
			break;
		}
		*w = (struct pending){
			.is = true, .op = ops[i], .cookie = m.cookie};
		w->op.action = NULL;
		p->stats.in_flight++;
	}
	return i;
}

/* --- answers --- */

static void tell(struct ofl_provider *p, const struct ofl_outcome *o)
{
	p->stats.in_flight--;
	p->stats.refused += o->status != OFL_STATUS_OK;
	p->events->done(p->arg, o);
}

/* Hardware has done it: so has the book, before anybody is told. */
static void carry_out(struct ofl_provider *p, const struct pending *w)
{
	struct entry *e = entry_find(p, &w->op.key);

	if (w->op.kind == OFL_OP_DEL) {
		if (e)
			entry_del(p, e);
		p->stats.deleted++;
		return;
	}
	if (!e)
		e = entry_add(p, &w->op.key);
	entry_set(p, e, w->op.entry, w->op.slots, w->op.identity, w->cookie,
		  false);
	p->stats.added += w->op.kind == OFL_OP_ADD;
	p->stats.replaced += w->op.kind == OFL_OP_REPLACE;
}

static void take_answer(struct ofl_provider *p, const struct agent_msg *m)
{
	struct pending *w = &p->pending[m->op_id % OFL_OPS_IN_FLIGHT];
	struct ofl_outcome o = {
		.op_id = m->op_id,
		.status = m->status,
		.errnum = m->errnum,
	};

	if (!w->is || w->op.id != m->op_id)
		return; /* an answer to nothing */
	w->is = false;
	strlcpy(o.text, m->text, sizeof(o.text));
	if (o.status == OFL_STATUS_OK)
		carry_out(p, w);
	tell(p, &o);
}

static void take_listed(struct ofl_provider *p, const struct agent_msg *m)
{
	struct entry *e = entry_find(p, &m->key);

	if (!e)
		e = entry_add(p, &m->key);
	entry_set(p, e, m->entry, m->slots, OFL_IDENTITY_FOUND, m->cookie,
		  true);
	e->listed = true;
}

static void take_lost(struct ofl_provider *p, const struct ofl_key *key,
		      const char *text)
{
	struct entry *e = entry_find(p, key);
	struct ofl_key gone = *key; /* may be of the entry itself */

	if (!e)
		return;
	entry_del(p, e);
	p->stats.lost++;
	p->events->lost(p->arg, &gone, text);
}

/* All that is there has been listed: what is not went while nobody looked. */
static void take_ready(struct ofl_provider *p)
{
	for (uint32_t i = p->stats.entries; i-- > 0;) {
		if (!p->list[i]->listed)
			take_lost(p, &p->list[i]->hw.key,
				  "the agent has it no longer");
	}
	p->ready = true;
	p->events->ready(p->arg, true, "");
}

static void take(struct ofl_provider *p, const struct agent_msg *m)
{
	struct entry *e;

	switch (m->word) {
	case AGENT_HELLO:
		for (uint32_t i = 0; i < p->stats.entries; i++)
			p->list[i]->listed = false;
		p->stats.capacity_slots = m->capacity_slots;
		p->events->capacity(p->arg, m->capacity_slots);
		break;
	case AGENT_LISTED:
		take_listed(p, m);
		break;
	case AGENT_READY:
		take_ready(p);
		break;
	case AGENT_ANSWER:
		take_answer(p, m);
		break;
	case AGENT_LOST:
		take_lost(p, &m->key, m->text);
		break;
	case AGENT_COUNTED:
		e = entry_find(p, &m->key);
		if (e) {
			e->hw.packets = m->packets;
			e->hw.bytes = m->bytes;
		}
		break;
	}
}

/* --- the session --- */

static void session_begin(struct ofl_provider *p)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct epoll_event ev = {.events = EPOLLIN};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);

	strlcpy(sa.sun_path, agent_path, sizeof(sa.sun_path));
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		p->events->ready(p->arg, false, "the agent is not there");
		if (fd >= 0)
			close(fd);
		return;
	}
	p->fd = fd;
}

/* Whether hardware did what was not answered will be seen when it lists what
 * it has: everything is found anew then. */
static void session_end(struct ofl_provider *p)
{
	struct ofl_outcome o = {.status = OFL_STATUS_ERROR,
				.errnum = ENOTCONN,
				.text = "the agent has gone"};

	close(p->fd); /* and is out of the epoll set */
	p->fd = -1;
	p->ready = false;
	for (uint32_t i = 0; i < OFL_OPS_IN_FLIGHT; i++) {
		if (!p->pending[i].is)
			continue;
		p->pending[i].is = false;
		o.op_id = p->pending[i].op.id;
		tell(p, &o);
	}
	p->events->ready(p->arg, false, "the agent has gone");
}

static uint64_t agent_poll(struct ofl_provider *p, uint64_t now_us,
			   unsigned int budget)
{
	struct agent_msg m;
	ssize_t len;

	for (; budget && p->refused_count; budget--) {
		struct ofl_outcome o = p->refused[--p->refused_count];

		tell(p, &o);
	}
	if (p->fd < 0 && now_us >= p->retry_us) {
		p->retry_us = now_us + RETRY_US;
		session_begin(p);
	}
	while (budget && p->fd >= 0) {
		len = recv(p->fd, &m, sizeof(m), MSG_DONTWAIT);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len != sizeof(m)) { /* the end, or not our agent */
			session_end(p);
			break;
		}
		m.text[sizeof(m.text) - 1] = '\0';
		take(p, &m);
		budget--;
	}
	if (!budget)
		return 0; /* there may be more */
	if (p->fd < 0)
		return p->retry_us;
	if (p->busy) {
		p->busy = false;
		return now_us + BUSY_US;
	}
	return UINT64_MAX; /* the fd says when */
}

/* --- life --- */

static struct ofl_provider *agent_new(const struct ofl_hwtable_conf *conf,
				      const struct ofl_provider_events *events,
				      void *arg, const char **ret_error)
{
	struct ofl_provider *p;
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0) {
		*ret_error = "no file descriptor is left";
		return NULL;
	}
	p = XCALLOC(MTYPE_AGENT, sizeof(*p));
	p->events = events;
	p->arg = arg;
	p->epoll = fd;
	p->fd = -1;
	p->pending = XCALLOC(MTYPE_AGENT_BOOK,
			     OFL_OPS_IN_FLIGHT * sizeof(*p->pending));
	agent_book_init(&p->book);
	return p;
}

static void agent_free(struct ofl_provider *p, uint32_t wait_ms)
{
	if (!p)
		return;
	while (p->stats.entries)
		entry_del(p, p->list[p->stats.entries - 1]);
	agent_book_fini(&p->book);
	if (p->fd >= 0)
		close(p->fd);
	close(p->epoll);
	XFREE(MTYPE_AGENT_BOOK, p->list);
	XFREE(MTYPE_AGENT_BOOK, p->pending);
	XFREE(MTYPE_AGENT, p);
}

/* As far as it can be asked for now; nobody waits for answers any longer. */
static void agent_clear(struct ofl_provider *p)
{
	for (uint32_t i = 0; p->ready && i < p->stats.entries; i++) {
		struct ofl_op op = {.kind = OFL_OP_DEL,
				    .key = p->list[i]->hw.key};
		struct agent_msg m = msg_make(&op);

		if (send(p->fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			return;
	}
}

static int agent_fd(struct ofl_provider *p)
{
	return p->epoll;
}

/* --- looking --- */

static bool agent_adopt(struct ofl_provider *p, const struct ofl_key *key,
			const struct ofl_action *action)
{
	struct entry *e = entry_find(p, key);

	if (!e)
		return false;
	p->stats.found -= e->hw.found;
	e->hw.found = false;
	if (e->hw.entry == OFL_ENTRY_PUNT)
		return true;
	if (!action || e->cookie != cookie_of(action))
		return false;
	e->hw.identity = action->id;
	return true;
}

static bool agent_find(struct ofl_provider *p, const struct ofl_key *key,
		       struct ofl_hw_entry *ret)
{
	const struct entry *e = entry_find(p, key);

	if (e)
		*ret = e->hw;
	return e != NULL;
}

static void agent_dump(struct ofl_provider *p, uint32_t *at, unsigned int max,
		       void (*cb)(const struct ofl_hw_entry *e, void *arg),
		       void *arg)
{
	uint32_t i = *at;

	for (; i < p->stats.entries && max; i++, max--)
		cb(&p->list[i]->hw, arg);
	*at = i < p->stats.entries ? i : 0;
}

static void agent_stats(struct ofl_provider *p, struct ofl_provider_stats *ret)
{
	*ret = p->stats;
}

const struct ofl_provider_ops prov_agent = {
	.name = "agent",
	.new = agent_new,
	.free = agent_free,
	.clear = agent_clear,
	.submit = agent_submit,
	.poll = agent_poll,
	.fd = agent_fd,
	.adopt = agent_adopt,
	.find = agent_find,
	.dump = agent_dump,
	.stats = agent_stats,
};
