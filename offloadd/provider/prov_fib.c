// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the kernel's routes and writing repairs; see prov_fib.h.
 *
 * While a list is read, notifications wait in their socket: read after it, each
 * in its turn, they end in the present whatever the list caught.
 *
 * A repair replaces the failed route by itself, which is atomic.  Its victim is
 * deleted before and added after that, by EXCL, all in one send.  The words for
 * it are as old as the last news read.  Whoever wrote the route since then
 * shall not be overwritten: the order of the news tells, and the newer words
 * are written once more.  The victim is nobody's prey either: see is_loan.
 */
#include <zebra.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>

#include "log.h"
#include "memory.h"
#include "privs.h"

#include <libmnl/libmnl.h>

#include "lib/nlsock.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_fib.h"
#include "offloadd/provider/prov_fib_decode.h"
#include "offloadd/provider/prov_fib_image.h"
#include "offloadd/provider/prov_fib_wire.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FIBWATCH, "offload kernel route feed");

#define EVENTS_RCVBUF_BYTES (16 << 20)
#define LISTS_RCVBUF_BYTES (1 << 20)
#define AGAIN_US 200000	   /* before a list that was no good is asked for */
#define FAILED_US 1000000  /* ... or one that was refused */
#define OUTCOME_US 500000  /* ... or the outcome of a repair, unannounced */
#define REFRESH_US 2000000 /* from list to list where nobody announces, or */
#define REFRESH_TIMES 20   /* so many times as long as it took */
#define LOG_EVERY_US 60000000

enum stage { IDLE, IPV4, IPV6 };

/* One that is under way, or whose news were not read yet. */
struct repair {
	struct ofl_fib_step step;
	unsigned int own_due; /* news of our own writes of the route */
	uint32_t newer;	      /* image somebody else gave it meanwhile, or 0 */
};

struct ofl_fibwatch {
	const struct ofl_fibwatch_events *events;
	void *arg;
	int epoll_fd;
	struct ofl_nlsock *news, *lists;
	struct ofl_fibwire *wire;
	struct ofl_fibimages *images;
	enum stage stage;
	bool lost;	 /* read what is left, then ask for a list */
	uint64_t ask_us; /* when to ask for one; UINT64_MAX: never */
	uint64_t began_us, logged_us;
	bool by_route; /* some driver flags routes */
	uint64_t next_tag;
	struct repair repairs[OFL_FIBWIRE_JOBS]; /* by tag */
	unsigned int unseen; /* of these, whose news are to come */
	struct ofl_fibwatch_stats st;
	struct ofl_fibmsg msg; /* large: not on the stack */
};

static void complain(struct ofl_fibwatch *w, uint64_t now_us, const char *what,
		     int errnum)
{
	if (w->logged_us && now_us - w->logged_us < LOG_EVERY_US)
		return;
	w->logged_us = now_us;
	flog_warn(EC_OFL_NETLINK, "%s: %s", what, safe_strerror(errnum));
}

static void ask_by(struct ofl_fibwatch *w, uint64_t at_us)
{
	w->ask_us = MIN(w->ask_us, at_us);
}

/* --- what the kernel says --- */

static void repair_forget(struct ofl_fibwatch *w, struct repair *x)
{
	w->unseen -= x->own_due > 0;
	x->own_due = 0;
	if (x->newer)
		ofl_fibimage_unref(w->images, x->newer);
	x->newer = 0;
}

/* Ours was the last word, but not of the last will. */
static void restore(struct ofl_fibwatch *w, struct repair *x)
{
	struct ofl_fib_step step = {.route = x->step.route,
				    .route_image = x->newer};

	if (!ofl_fibwatch_send(w, &step))
		flog_warn(EC_OFL_NETLINK,
			  "a route that changed during its repair cannot be "
			  "written again");
}

static void compare(struct ofl_fibwatch *w, const struct ofl_fib_route *r)
{
	for (size_t i = 0; i < array_size(w->repairs); i++) {
		struct repair *x = &w->repairs[i];

		if (!x->own_due || ofl_key_cmp(&x->step.route, &r->key) != 0)
			continue;
		if (!r->own) {
			if (x->newer)
				ofl_fibimage_unref(w->images, x->newer);
			x->newer = r->image;
			ofl_fibimage_ref(w->images, r->image);
		} else if (x->own_due > 1) {
			x->own_due--;
		} else {
			if (x->newer && x->newer != r->image)
				restore(w, x);
			repair_forget(w, x);
		}
	}
}

/* Taken out for good, and not for a repair. */
static bool is_removed(const struct ofl_fibwatch *w, const struct ofl_key *key)
{
	for (size_t i = 0; i < array_size(w->repairs); i++)
		if (w->repairs[i].step.remove &&
		    ofl_key_cmp(&w->repairs[i].step.route, key) == 0)
			return true;
	return false;
}

static void on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct ofl_fibwatch *w = arg;
	struct ofl_fibmsg *m = &w->msg;
	struct ofl_fib_route *r = &m->route;
	enum ofl_fibmsg_kind kind = ofl_fibmsg_decode(nlh, m);

	w->st.messages++;
	w->st.malformed += kind == OFL_FIBMSG_MALFORMED;
	if (kind != OFL_FIBMSG_ROUTE && kind != OFL_FIBMSG_GONE)
		return;
	r->own = w->stage == IDLE && w->wire &&
		 nlh->nlmsg_pid == ofl_fibwire_port(w->wire);
	if (kind == OFL_FIBMSG_GONE && r->own && !is_removed(w, &r->key))
		return;
	w->st.by_nexthop |= m->by_nexthop;
	w->by_route |= r->state != OFL_FIB_NONE && !m->by_nexthop;
	r->image = ofl_fibimage_get(w->images, m->image.at, m->image.len,
				    m->way.at, m->way.len);
	r->way = ofl_fibimage_way(w->images, r->image);
	if (kind == OFL_FIBMSG_ROUTE) {
		/* A change of flags is no new word. */
		if (w->unseen && (r->own || r->state == OFL_FIB_NONE))
			compare(w, r);
		w->events->route(w->arg, r);
		return;
	}
	w->events->gone(w->arg, r);
	ofl_fibimage_unref(w->images, r->image);
}

/* --- lists --- */

static bool is_on(const char *path)
{
	FILE *f = fopen(path, "re");
	int c = f ? fgetc(f) : '0';

	if (f)
		fclose(f);
	return c >= '1' && c <= '9';
}

static void ask(struct ofl_fibwatch *w, enum stage stage, uint64_t now_us)
{
	const struct rtmsg rtm = {.rtm_family =
					  stage == IPV4 ? AF_INET : AF_INET6};

	w->stage = stage;
	if (ofl_nlsock_dump(w->lists, RTM_GETROUTE, &rtm, sizeof(rtm)))
		return;
	complain(w, now_us, "cannot ask the kernel for routes", errno);
	w->stage = IDLE;
	ask_by(w, now_us + FAILED_US);
}

static void begin(struct ofl_fibwatch *w, uint64_t now_us)
{
	w->ask_us = UINT64_MAX;
	w->began_us = now_us;
	w->lost = false;
	for (size_t i = 0; i < array_size(w->repairs); i++)
		repair_forget(w, &w->repairs[i]);
	w->st.current = false;
	w->st.lists++;
	w->st.notifies[0] =
		is_on("/proc/sys/net/ipv4/fib_notify_on_flag_change");
	w->st.notifies[1] =
		is_on("/proc/sys/net/ipv6/fib_notify_on_flag_change");
	w->st.by_nexthop = w->by_route = false;
	w->events->list_begin(w->arg);
	ask(w, IPV4, now_us);
}

static bool is_announced(const struct ofl_fibwatch *w)
{
	return w->st.notifies[0] && w->st.notifies[1] && w->by_route &&
	       !w->st.by_nexthop;
}

/* True: more to read. */
static bool list_complete(struct ofl_fibwatch *w, uint64_t now_us)
{
	if (w->stage == IPV4) {
		ask(w, IPV6, now_us);
		return w->stage == IPV6;
	}
	w->stage = IDLE;
	w->st.current = true;
	w->events->list_end(w->arg);
	/* A long list is not asked for all the time. */
	if (!is_announced(w))
		ask_by(w, now_us + MAX(REFRESH_US,
				       REFRESH_TIMES * (now_us - w->began_us)));
	return true;
}

static bool read_list(struct ofl_fibwatch *w, uint64_t now_us,
		      unsigned int budget)
{
	int errnum = 0;

	switch (ofl_nlsock_read(w->lists, budget, on_message, w, &errnum)) {
	case OFL_NLSOCK_AGAIN:
		return false;
	case OFL_NLSOCK_MORE:
	case OFL_NLSOCK_OVERRUN: /* it will end as broken */
		return true;
	case OFL_NLSOCK_DUMP_DONE:
		return list_complete(w, now_us);
	case OFL_NLSOCK_DUMP_BROKEN:
		w->stage = IDLE;
		ask_by(w, now_us + AGAIN_US);
		return false;
	case OFL_NLSOCK_ERROR:
	case OFL_NLSOCK_DEAD:
		complain(w, now_us, "the kernel's list of routes failed",
			 errnum);
		w->stage = IDLE;
		ask_by(w, now_us + FAILED_US);
		return false;
	}
	return false;
}

/* --- notifications --- */

static bool read_news(struct ofl_fibwatch *w, uint64_t now_us,
		      unsigned int budget)
{
	int errnum = 0;

	switch (ofl_nlsock_read(w->news, budget, on_message, w, &errnum)) {
	case OFL_NLSOCK_AGAIN:
		if (w->lost)
			ask_by(w, now_us);
		return w->lost;
	case OFL_NLSOCK_OVERRUN:
		w->st.overruns++;
		w->lost = true;
		w->st.current = false;
		return true;
	case OFL_NLSOCK_DEAD:
		complain(w, now_us, "news of the kernel's routes failed",
			 errnum);
		ask_by(w, now_us + FAILED_US);
		return false;
	default:
		return true;
	}
}

/* --- repairs --- */

static bool append(struct ofl_fibwatch *w, struct ofl_fibwire_job *job,
		   size_t size, enum ofl_fibmsg_verb verb,
		   const struct ofl_key *key, uint32_t image)
{
	struct nlmsghdr *nlh;
	const uint8_t *at;
	size_t len;

	at = ofl_fibimage_bytes(w->images, image, &len);
	nlh = ofl_fibmsg_encode(job->at + job->len, size - job->len, verb,
				&key->p, at, len);
	if (!nlh)
		return false;
	job->len += MNL_ALIGN(nlh->nlmsg_len);
	job->count++;
	return true;
}

bool ofl_fibwatch_send(struct ofl_fibwatch *w, const struct ofl_fib_step *step)
{
	size_t size = OFL_FIBWIRE_REQUESTS * (OFL_FIBMSG_BYTES + 256);
	struct ofl_fibwire_job job = {.tag = w->next_tag,
				      .is_loan = step->demote};
	struct repair *x = &w->repairs[job.tag % array_size(w->repairs)];
	bool v4 = step->route.p.family == AF_INET;
	bool ok = w->wire && (job.at = malloc(size));

	if (ok && step->demote)
		ok = append(w, &job, size, OFL_FIBMSG_DEL, &step->victim,
			    step->victim_image);
	if (ok && step->remove)
		ok = append(w, &job, size, OFL_FIBMSG_DEL, &step->route,
			    step->route_image);
	if (ok && v4 && !step->remove)
		ok = append(w, &job, size, OFL_FIBMSG_REPLACE_MARKED,
			    &step->route, step->route_image);
	if (ok && !step->remove)
		ok = append(w, &job, size, OFL_FIBMSG_REPLACE, &step->route,
			    step->route_image);
	if (ok && step->demote)
		ok = append(w, &job, size, OFL_FIBMSG_ADD, &step->victim,
			    step->victim_image);
	if (!ok || !ofl_fibwire_send(w->wire, &job)) {
		free(job.at);
		return false;
	}
	repair_forget(w, x);
	x->step = *step;
	if (!step->remove)
		x->own_due = v4 ? 2 : 1;
	w->unseen += x->own_due > 0;
	w->next_tag++;
	w->st.writes++;
	return true;
}

/* What went wrong, if anything that counts did.  The route or its victim may
 * have gone or changed meanwhile, and then there is nothing to do. */
static void on_done(struct ofl_fibwatch *w, const struct ofl_fibwire_job *job)
{
	struct repair *x = &w->repairs[job->tag % array_size(w->repairs)];
	const struct ofl_fib_step *step = &x->step;
	unsigned int last = job->count - 1;
	unsigned int replace = last - step->demote;
	bool lost = step->demote && !job->errnum[0] && job->errnum[last] &&
		    job->errnum[last] != EEXIST;

	if (job->errnum[replace])
		repair_forget(w, x);
	if (lost)
		w->events->done(w->arg, step, job->errnum[last], true,
				"the route taken out cannot be put back");
	else if (job->errnum[replace])
		w->events->done(w->arg, step, job->errnum[replace], false,
				"the kernel did not take the route again");
	else if (step->demote && job->errnum[0])
		w->events->done(w->arg, step, job->errnum[0], false,
				"the route to be taken out was not there");
	else
		w->events->done(w->arg, step, 0, false, "");
}

static void take_done(struct ofl_fibwatch *w, uint64_t now_us)
{
	struct ofl_fibwire_job job;

	while (w->wire && ofl_fibwire_take(w->wire, &job)) {
		on_done(w, &job);
		free(job.at);
		if (!is_announced(w))
			ask_by(w, now_us + OUTCOME_US);
	}
}

/* --- the contract --- */

uint64_t ofl_fibwatch_poll(struct ofl_fibwatch *w, uint64_t now_us,
			   unsigned int budget)
{
	bool more;

	take_done(w, now_us);
	if (w->stage != IDLE)
		more = read_list(w, now_us, budget);
	else
		more = read_news(w, now_us, budget);
	if (w->stage == IDLE && now_us >= w->ask_us) {
		begin(w, now_us);
		more = true;
	}
	if (more)
		return 0;
	return w->stage == IDLE ? w->ask_us : UINT64_MAX;
}

int ofl_fibwatch_fd(const struct ofl_fibwatch *w)
{
	return w->epoll_fd;
}

void ofl_fibwatch_release(struct ofl_fibwatch *w, uint32_t image)
{
	ofl_fibimage_unref(w->images, image);
}

void ofl_fibwatch_ask(struct ofl_fibwatch *w)
{
	w->ask_us = 0;
}

void ofl_fibwatch_stats(const struct ofl_fibwatch *w,
			struct ofl_fibwatch_stats *ret)
{
	*ret = w->st;
	ret->images = ofl_fibimages_count(w->images);
}

/* --- life --- */

static bool follow(struct ofl_fibwatch *w, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return !epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool open_all(struct ofl_fibwatch *w)
{
	static const unsigned int groups[] = {RTNLGRP_IPV4_ROUTE,
					      RTNLGRP_IPV6_ROUTE};

	w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (w->epoll_fd < 0)
		return false;
	/* A large receive buffer wants the privilege. */
	frr_with_privs(lib_privs)
	{
		w->news =
			ofl_nlsock_new(NETLINK_ROUTE, groups,
				       array_size(groups), EVENTS_RCVBUF_BYTES);
		if (w->news)
			w->lists = ofl_nlsock_new(NETLINK_ROUTE, NULL, 0,
						  LISTS_RCVBUF_BYTES);
	}
	return w->lists && follow(w, ofl_nlsock_fd(w->lists)) &&
	       follow(w, ofl_nlsock_fd(w->news)) &&
	       (w->wire = ofl_fibwire_new()) &&
	       follow(w, ofl_fibwire_fd(w->wire));
}

struct ofl_fibwatch *ofl_fibwatch_new(const struct ofl_fibwatch_events *events,
				      void *arg)
{
	struct ofl_fibwatch *w = XCALLOC(MTYPE_OFL_FIBWATCH, sizeof(*w));
	int errnum;

	w->events = events;
	w->arg = arg;
	w->images = ofl_fibimages_new();
	if (open_all(w))
		return w;
	errnum = errno;
	ofl_fibwatch_free(w);
	errno = errnum;
	return NULL;
}

void ofl_fibwatch_free(struct ofl_fibwatch *w)
{
	if (!w)
		return;
	ofl_fibwire_free(w->wire);
	ofl_nlsock_free(w->lists);
	ofl_nlsock_free(w->news);
	if (w->epoll_fd >= 0)
		close(w->epoll_fd);
	ofl_fibimages_free(w->images);
	XFREE(MTYPE_OFL_FIBWATCH, w);
}
