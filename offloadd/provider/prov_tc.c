// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hardware table behind tc flower: its life, from looking for its ports to
 * leaving them.  Here the kernel's news come in and replies are handed to the
 * file they are for; see prov_tc_priv.h for what stands where.
 */
#include <zebra.h>

#include <linux/filter.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>

#include "jhash.h"
#include "log.h"

#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_tc.h"
#include "offloadd/provider/prov_tc_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC, "offload tc table");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_TC_QUEUE, "offload tc queue");

#define RCVBUF_BYTES (4 << 20)
#define AUDIT_US 10000000ull
#define AUDIT_AFTER_BULK_US 2000000ull
#define AUDIT_FAILED_US 200000ull
#define EAGER_US 50000ull
#define LOOK_US 20000
#define REPLIES_AT_ONCE 256
/* So many writes on their way are a bulk. */
#define BULK_WRITES 256

/* --- requests --- */

/* Gathered here, sent at the end of a call of the contract: one wake-up of the
 * thread for many requests. */
void ofl_tc_ask(struct ofl_provider *p, const struct ofl_tc_request *r)
{
	if (p->backlog_count == p->backlog_room) {
		p->backlog_room = MAX(64, p->backlog_room * 2);
		p->backlog = XREALLOC(MTYPE_OFL_TC_QUEUE, p->backlog,
				      p->backlog_room * sizeof(*p->backlog));
	}
	p->backlog[p->backlog_count++] = *r;
	if (r->ask == OFL_TC_ASK_DUMP)
		return;
	p->writes++;
	p->unwritten++;
}

/* True: all of it is on its way. */
bool ofl_tc_flush(struct ofl_provider *p)
{
	size_t n;

	if (!p->backlog_count)
		return true;
	n = ofl_tc_wire_send(p->wire, p->backlog, p->backlog_count);
	p->backlog_count -= n;
	memmove(p->backlog, p->backlog + n,
		p->backlog_count * sizeof(*p->backlog));
	return !p->backlog_count;
}

/* Nothing of it is to be sent any more. */
static void drop_backlog(struct ofl_provider *p)
{
	while (p->backlog_count)
		free(p->backlog[--p->backlog_count].acl);
}

static void on_reply(struct ofl_provider *p, const struct ofl_tc_reply *reply)
{
	/* Dumps are no writes. */
	if (reply->tag >> 56 != OFL_TC_TAG_AUDIT &&
	    reply->tag >> 56 != OFL_TC_TAG_COUNT &&
	    reply->tag >> 56 != OFL_TC_TAG_LIST_READ &&
	    reply->tag >> 56 != OFL_TC_TAG_LIST_LOOK)
		p->unwritten--;
	switch (reply->tag >> 56) {
	case OFL_TC_TAG_OP:
		ofl_tc_op_reply(p, reply);
		break;
	case OFL_TC_TAG_AGAIN:
		ofl_tc_audit_again(p, reply);
		break;
	case OFL_TC_TAG_AUDIT:
	case OFL_TC_TAG_CLEAN:
		ofl_tc_audit_reply(p, reply);
		break;
	case OFL_TC_TAG_TRY:
		ofl_tc_try_reply(p, reply);
		break;
	case OFL_TC_TAG_GUARD:
	case OFL_TC_TAG_TTL:
		ofl_tc_guards_reply(p, reply);
		break;
	case OFL_TC_TAG_PORT:
	case OFL_TC_TAG_PROBE:
		ofl_tc_ports_reply(p, reply);
		break;
	case OFL_TC_TAG_COUNT:
		ofl_tc_count_reply(p, reply);
		break;
	case OFL_TC_TAG_SAMPLE:
		ofl_tc_sample_reply(p, reply);
		break;
	case OFL_TC_TAG_REGION:
		ofl_tc_region_reply(p, reply);
		break;
	default:
		ofl_tc_lists_reply(p, reply);
		break;
	}
}

/* --- the kernel's news --- */

static void on_news(const struct nlmsghdr *nlh, void *arg)
{
	struct ofl_provider *p = arg;
	bool own = nlh->nlmsg_pid == ofl_tc_wire_port(p->wire);
	struct ofl_tc_link link;

	switch (nlh->nlmsg_type) {
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		if (!own)
			ofl_tc_audit_notice(p, nlh);
		return;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
		if (own)
			return;
	}
	switch (ofl_tc_links_take(p->links, nlh, &link)) {
	case OFL_TC_LINK_SAME:
		break;
	case OFL_TC_LINK_GONE:
		ofl_tc_ports_link(p, &link, true);
		ofl_tc_lists_link(p, &link);
		break;
	case OFL_TC_LINK_NEW:
		ofl_tc_lists_link(p, &link);
		/* fallthrough */
	case OFL_TC_LINK_CHANGED:
		ofl_tc_ports_link(p, &link, false);
		if (link.is_other)
			ofl_tc_stale(p, link.ifindex);
		if (link.is_resized)
			ofl_tc_refit(p);
		break;
	}
}

/* A living table goes on meanwhile with what it knows. */
static void ask_links(struct ofl_provider *p)
{
	struct ifinfomsg head = {.ifi_family = AF_UNSPEC};

	/* One that is under way is of the time before: once more then. */
	p->dump_again =
		!ofl_nlsock_dump(p->watch, RTM_GETLINK, &head, sizeof(head));
	if (p->dump_again)
		return;
	ofl_tc_links_mark(p->links);
	p->dumping = OFL_TC_DUMP_LINKS;
}

static void ask_qdiscs(struct ofl_provider *p)
{
	struct tcmsg head = {.tcm_family = AF_UNSPEC};

	ofl_tc_links_unblock(p->links);
	ofl_nlsock_dump(p->watch, RTM_GETQDISC, &head, sizeof(head));
	p->dumping = OFL_TC_DUMP_QDISCS;
}

static void on_dump_done(struct ofl_provider *p)
{
	struct ofl_tc_link gone;

	if (p->dump_again) {
		ask_links(p);
		return;
	}
	if (p->dumping == OFL_TC_DUMP_LINKS) {
		while (ofl_tc_links_sweep(p->links, &gone))
			ofl_tc_ports_link(p, &gone, true);
		ask_qdiscs(p);
		return;
	}
	p->dumping = OFL_TC_DUMP_NONE;
	p->phase = MAX(p->phase, OFL_TC_PORTS);
	ofl_tc_ports_look(p);
}

/* False: nothing more for now. */
static bool watch(struct ofl_provider *p, unsigned int budget)
{
	int error = 0;

	switch (ofl_nlsock_read(p->watch, budget, on_news, p, &error)) {
	case OFL_NLSOCK_AGAIN:
		return false;
	case OFL_NLSOCK_MORE:
		return true;
	case OFL_NLSOCK_DUMP_DONE:
		on_dump_done(p);
		return true;
	case OFL_NLSOCK_OVERRUN:
		p->overruns++;
		if (!(p->overruns & (p->overruns - 1))) /* 1st, 2nd, 4th.. */
			flog_warn(EC_OFL_PROVIDER,
				  "tc block %u: news of the kernel were lost "
				  "(%u times): all is looked at again",
				  p->conf.block, p->overruns);
		p->audit_due = true;
		ask_links(p);
		return true;
	case OFL_NLSOCK_DUMP_BROKEN:
	case OFL_NLSOCK_ERROR:
		ask_links(p);
		return true;
	case OFL_NLSOCK_DEAD:
		ofl_tc_tell_ready(p, false, "the netlink socket is dead");
		return false;
	}
	return false;
}

/*
 * While very much is being written nobody listens to news of filters: the
 * kernel would make one of each write, which takes as long as the write.  What
 * others did meanwhile, the audit afterwards tells.
 */
static void listen_to_filters(struct ofl_provider *p, uint64_t now_us)
{
	bool listen = p->deaf ? !p->unwritten : p->unwritten < BULK_WRITES;

	if (listen != p->deaf || p->lists_only)
		return;
	if (!ofl_nlsock_group_set(p->watch, RTNLGRP_TC, listen))
		return; /* then as before */
	p->deaf = !listen;
	if (listen)
		p->audit_at_us =
			MIN(p->audit_at_us, now_us + AUDIT_AFTER_BULK_US);
}

/* What we write ourselves is answered; what others write is news. */
static void ignore_own(struct ofl_provider *p)
{
	/* RTM_NEWQDISC, _DELQDISC (36, 37) and filters (44, 45) of the wire's
	 * port; anything else passes. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_ABS | BPF_H,
			 offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWQDISC), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELQDISC), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWTFILTER), 1,
			 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELTFILTER), 0,
			 3),
		BPF_STMT(BPF_LD | BPF_ABS | BPF_W,
			 offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 htonl(ofl_tc_wire_port(p->wire)), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	/* Without it there is more to read, that is all. */
	(void)setsockopt(ofl_nlsock_fd(p->watch), SOL_SOCKET, SO_ATTACH_FILTER,
			 &program, sizeof(program));
}

/* --- readiness --- */

void ofl_tc_tell_ready(struct ofl_provider *p, bool ready, const char *text)
{
	bool news = ready != p->ready || strcmp(p->why_not, text) != 0;

	p->ready = ready;
	strlcpy(p->why_not, text, sizeof(p->why_not));
	if (news)
		p->events->ready(p->arg, ready, ready ? "" : text);
}

static void check_phase(struct ofl_provider *p)
{
	bool attached = ofl_tc_ports_attached(p) != 0;

	if (p->phase == OFL_TC_PORTS && !attached)
		ofl_tc_tell_ready(p, false, ofl_tc_ports_why_not(p));
	if (p->phase == OFL_TC_PORTS && attached) {
		p->phase = OFL_TC_LOOK;
		p->unguarded = false;
		/* Later on nothing that is found can be of an earlier life. */
		p->adopts = !p->life;
		ofl_tc_audit_begin(p);
	}
	if (p->phase > OFL_TC_PORTS && !attached) {
		/* The block went with its last port, and all filters with it.
		 */
		p->phase = OFL_TC_PORTS;
		memset(p->ttl_guard, 0, sizeof(p->ttl_guard));
		memset(p->ttl_busy, 0, sizeof(p->ttl_busy));
		memset(p->barred, 0, sizeof(p->barred));
		p->life++;
		p->vrf_count = 0;
		ofl_tc_sample_block_gone(p);
		ofl_tc_region_block_gone(p);
		ofl_tc_lose_all(p, "its ports have gone");
		ofl_tc_lists_lost(p, "its ports have gone");
		ofl_tc_tell_ready(p, false, ofl_tc_ports_why_not(p));
	}
	if (p->phase == OFL_TC_GUARDS && !p->losing) {
		p->phase = OFL_TC_READY;
		if (!p->lists_only)
			(void)ofl_tc_vrf_slot(p, 0);
		ofl_tc_ttl_guards_check(p);
		ofl_tc_ports_check(p);
		ofl_tc_capacity_tell(p);
		ofl_tc_tell_ready(p, true, "");
	}
}

/* --- the contract --- */

/* An audit may be due, or a port that is waited for be free. */
static bool is_looking(const struct ofl_provider *p)
{
	return ofl_tc_audit_can_begin(p) ||
	       (p->conf.port_count && p->phase == OFL_TC_PORTS && !p->dumping);
}

/* A port was asked for that somebody has, a table that is about to leave it
 * perhaps: until then no list is enforced there. */
static bool is_eager(const struct ofl_provider *p, uint64_t now_us)
{
	for (unsigned int i = 0; i < p->conf.port_count; i++)
		if (p->ports[i].state == OFL_TC_PORT_REFUSED &&
		    p->ports[i].foreign)
			return now_us < p->eager_until_us;
	return false;
}

static uint64_t tc_poll(struct ofl_provider *p, uint64_t now_us,
			unsigned int budget)
{
	static struct ofl_tc_reply replies[REPLIES_AT_ONCE]; /* main thread */
	uint64_t capacity_us;
	bool more;
	size_t n;

	p->now_us = now_us;
	ofl_tc_op_refusals_tell(p);
	more = watch(p, budget);
	n = ofl_tc_wire_receive(p->wire, replies, MIN(budget, REPLIES_AT_ONCE));
	for (size_t i = 0; i < n; i++)
		on_reply(p, &replies[i]);
	more |= n == REPLIES_AT_ONCE;
	check_phase(p);
	if (p->audit_failed)
		p->audit_at_us = MIN(p->audit_at_us, now_us + AUDIT_FAILED_US);
	p->audit_failed = false;
	if (now_us >= p->audit_at_us && is_looking(p)) {
		bool eager = is_eager(p, now_us);

		p->audit_due |= !eager && ofl_tc_audit_can_begin(p);
		ask_links(p);
		p->audit_at_us = now_us + (eager ? EAGER_US : AUDIT_US);
	}
	capacity_us = ofl_tc_capacity_poll(p, now_us, budget);
	more |= ofl_tc_audit_step(p, budget);
	more |= ofl_tc_lists_step(p, budget);
	ofl_tc_count_step(p);
	ofl_tc_region_poll(p, now_us);
	capacity_us = MIN(capacity_us, ofl_tc_sample_poll(p, now_us, budget));
	capacity_us = MIN(capacity_us, ofl_tc_lists_due_us(p, now_us));
	/* Where the wire is full, its next replies bring us here again. */
	(void)ofl_tc_flush(p);
	listen_to_filters(p, now_us);
	if (more)
		return 0;
	/* Should a device fall silent, what came before it is not told. */
	if (p->unwritten)
		capacity_us = MIN(capacity_us, now_us + LOOK_US);
	return is_looking(p) ? MIN(capacity_us, p->audit_at_us) : capacity_us;
}

static bool sockets_open(struct ofl_provider *p, const char **ret_error)
{
	const unsigned int groups[] = {RTNLGRP_LINK, RTNLGRP_TC};
	struct epoll_event event = {.events = EPOLLIN};

	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	p->wire = ofl_tc_wire_new();
	/* A table of lists alone hears nothing of filters and qdiscs: it is
	 * always there, and as long as anybody listens the kernel makes news of
	 * every write of every table.  It looks now and then instead. */
	p->watch = ofl_nlsock_new(NETLINK_ROUTE, groups, p->lists_only ? 1 : 2,
				  RCVBUF_BYTES);
	if (p->epoll_fd < 0 || !p->wire || !p->watch ||
	    epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, ofl_tc_wire_fd(p->wire),
		      &event) ||
	    epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, ofl_nlsock_fd(p->watch),
		      &event)) {
		*ret_error = "netlink cannot be opened";
		return false;
	}
	ignore_own(p);
	if (!ofl_tc_capacity_init(p)) {
		*ret_error = "devlink cannot be opened";
		return false;
	}
	return true;
}

static void tc_free(struct ofl_provider *p, uint32_t wait_ms);

static struct ofl_provider *tc_new(const struct ofl_hwtable_conf *conf,
				   const struct ofl_provider_events *events,
				   void *arg, const char **ret_error)
{
	struct ofl_provider *p;

	/* One without a name is of lists alone: ports come with them. */
	if (!conf->tc.port_count && conf->name[0]) {
		*ret_error = "it has no ports";
		return NULL;
	}
	p = XCALLOC(MTYPE_OFL_TC, sizeof(*p));
	p->events = events;
	p->arg = arg;
	p->conf = conf->tc;
	p->capacity_slots = conf->capacity_slots;
	p->cost_v4_slots = conf->cost_v4_slots;
	p->cost_v6_slots = conf->cost_v6_slots;
	p->tag = jhash(conf->name, strlen(conf->name), 0x6f666c);
	p->epoll_fd = -1;
	p->lists_only = !conf->name[0];
	ofl_tc_lists_init(p);
	ofl_tc_sample_init(p);
	ofl_tc_region_init(p);
	ofl_tc_by_key_init(&p->by_key);
	ofl_slab_kind_init(&p->entries, &p->slab, sizeof(struct ofl_tc_entry),
			   0);
	p->links = ofl_tc_links_new();
	p->headroom_slots = MAX(conf->cost_v4_slots, conf->cost_v6_slots);
	if (!sockets_open(p, ret_error)) {
		tc_free(p, 0);
		return NULL;
	}
	ofl_tc_ports_init(p);
	strlcpy(p->why_not, "it looks for its ports", sizeof(p->why_not));
	ask_links(p);
	return p;
}

static void tc_free(struct ofl_provider *p, uint32_t wait_ms)
{
	if (!p)
		return;
	/* An empty table leaves the ports as it found them; one that still
	 * forwards goes on without us. */
	bool detach = p->wire && !p->cleared &&
		      !ofl_tc_by_key_count(&p->by_key) &&
		      !ofl_tc_lists_are_used(p) && !ofl_tc_has_foreign(p);
	bool last = false;

	if (!detach)
		drop_backlog(p);
	/* Nobody listens any more. */
	if (p->wire && !p->cleared)
		last = ofl_tc_sample_clear(p) | ofl_tc_region_clear(p);
	if (detach)
		ofl_tc_ports_detach(p);
	if (detach || last)
		(void)ofl_tc_flush(p);
	drop_backlog(p);
	ofl_tc_lists_fini(p);
	drop_backlog(p);	 /* they stay as they are */
	p->phase = OFL_TC_LINKS; /* nothing is asked any more */
	ofl_tc_op_fini(p);
	ofl_tc_adopt_fini(p);
	ofl_tc_by_key_fini(&p->by_key);
	ofl_tc_capacity_fini(p);
	ofl_tc_sample_fini(p);
	ofl_tc_region_fini(p);
	/* With the process the thread ends, too: there it gets its time. */
	ofl_tc_wire_free(p->wire, detach || last || p->cleared ? wait_ms : 0);
	ofl_nlsock_free(p->watch);
	ofl_tc_links_free(p->links);
	if (p->epoll_fd >= 0)
		close(p->epoll_fd);
	XFREE(MTYPE_OFL_TC_QUEUE, p->backlog);
	XFREE(MTYPE_OFL_TC, p);
}

static void tc_clear(struct ofl_provider *p)
{
	/* Writes that were not sent yet need not be taken back. */
	if (p->phase == OFL_TC_READY) {
		ofl_tc_wire_forget(p->wire);
		drop_backlog(p);
	}
	ofl_tc_lists_clear(p);
	(void)ofl_tc_sample_clear(p);
	(void)ofl_tc_region_clear(p);
	ofl_tc_ports_clear(p);
	(void)ofl_tc_flush(p);
	p->cleared = true;
}

static int tc_fd(struct ofl_provider *p)
{
	return p->epoll_fd;
}

static struct ofl_hw_entry hw_entry_make(const struct ofl_tc_entry *e)
{
	return (struct ofl_hw_entry){
		.key = e->key,
		.entry = e->way.entry,
		.slots = e->slots,
		.identity = e->identity,
		.found = e->flags & OFL_TC_UNADOPTED,
		.packets = e->packets,
		.bytes = e->bytes,
	};
}

static bool tc_find(struct ofl_provider *p, const struct ofl_key *key,
		    struct ofl_hw_entry *ret)
{
	const struct ofl_tc_entry *e = ofl_tc_entry_find(p, key);

	if (!e || !(e->flags & OFL_TC_PRESENT))
		return false;
	*ret = hw_entry_make(e);
	return true;
}

static void tc_dump(struct ofl_provider *p, uint32_t *at, unsigned int max,
		    void (*cb)(const struct ofl_hw_entry *e, void *arg),
		    void *arg)
{
	uint32_t h = ofl_slab_next(&p->entries, *at);

	for (; h && max; h = ofl_slab_next(&p->entries, h + 1), max--) {
		const struct ofl_tc_entry *e = ofl_tc_entry_at(p, h);
		struct ofl_hw_entry hw;

		if (!e || !(e->flags & OFL_TC_PRESENT))
			continue;
		hw = hw_entry_make(e);
		cb(&hw, arg);
	}
	*at = h;
}

static void tc_stats(struct ofl_provider *p, struct ofl_provider_stats *ret)
{
	*ret = p->stats;
	ret->capacity_slots = p->capacity_slots;
	ret->used_slots = p->used_slots;
	ret->entries = p->present;
	ret->found = p->found;
	ret->in_flight = p->in_flight;
}

const struct ofl_provider_ops ofl_prov_tc = {
	.name = "tc",
	.new = tc_new,
	.free = tc_free,
	.clear = tc_clear,
	.submit = ofl_tc_submit,
	.poll = tc_poll,
	.fd = tc_fd,
	.adopt = ofl_tc_adopt,
	.find = tc_find,
	.dump = tc_dump,
	.audit = ofl_tc_audit,
	.count = ofl_tc_count,
	.sample = ofl_tc_sample,
	.regions = ofl_tc_regions,
	.sampling = ofl_tc_sample_status,
	.stats = tc_stats,
	.capabilities = ofl_tc_capabilities,
	.lists = &ofl_tc_list_ops,
};
