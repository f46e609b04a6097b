// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink of a batch of tc requests; see prov_tc_exchange.h.
 *
 * A filter that is written asks for the echo of what the kernel made of it; a
 * request that fails is always answered; and the last message of a send asks
 * for its ACK, which says that all before it were carried out.  That is one
 * answer a filter and none a delete of a route's.  rtnetlink has done the work
 * when sendmsg() returns, so all answers are in the socket by then: what is not
 * there is lost, and that is said.
 *
 * A batch of routes is one send; ACLs' filters are longer, and may be several.
 */
#include "offloadd/provider/prov_tc_exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "lib/nlsock.h"
#include "lib/thread.h"
#include "offloadd/provider/prov_tc_reply.h"

/* Echoes of a batch, each with the kernel's overhead, several times over. */
#define RCVBUF_BYTES (8 << 20)
#define DUMP_BYTES 32768 /* what the kernel fills at most */
/* The echo of the longest program with the most actions. */
#define ANSWER_BYTES 8192
/* One send is so long and a message longer: the kernel takes 200 KiB. */
#define SEND_BYTES 65536
#define AT_ONCE (OFL_TC_BATCH + 1) /* an echo each, and the ACK */
#define FOUND_AT_ONCE 32

struct ofl_tc_exchange {
	struct mnl_socket *nl;
	uint32_t seq;	   /* of the last message of the batch before */
	uint32_t last_seq; /* of the batch's own */
	struct ofl_tc_reply replies[OFL_TC_BATCH];
	struct ofl_tc_reply found[FOUND_AT_ONCE]; /* of a dump */
	bool answered[OFL_TC_BATCH];
	bool overrun, finished; /* of the batch: answers lost, last ACK there */
	_Alignas(struct nlmsghdr) uint8_t send[SEND_BYTES + OFL_TC_ACL_BYTES];
	union {
		_Alignas(struct nlmsghdr) uint8_t dump[DUMP_BYTES];
		uint8_t answers[AT_ONCE][ANSWER_BYTES];
	} in;
};

struct ofl_tc_exchange *ofl_tc_exchange_new(void)
{
	struct ofl_tc_exchange *x = ofl_pages_new(sizeof(*x));
	int one = 1, saved;

	if (!x)
		return NULL;
	x->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!x->nl || mnl_socket_bind(x->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		saved = errno;
		ofl_tc_exchange_free(x);
		errno = saved;
		return NULL;
	}
	ofl_nlsock_rcvbuf_set(mnl_socket_get_fd(x->nl), RCVBUF_BYTES);
	/* Words of the kernel, and its errors without our message in them. */
	(void)mnl_socket_setsockopt(x->nl, NETLINK_EXT_ACK, &one, sizeof(one));
	(void)mnl_socket_setsockopt(x->nl, NETLINK_CAP_ACK, &one, sizeof(one));
	return x;
}

void ofl_tc_exchange_free(struct ofl_tc_exchange *x)
{
	if (!x)
		return;
	if (x->nl)
		mnl_socket_close(x->nl);
	free(x);
}

uint32_t ofl_tc_exchange_port(const struct ofl_tc_exchange *x)
{
	return mnl_socket_get_portid(x->nl);
}

/* --- writing --- */

static struct nlmsghdr *put_qdisc(void *buf, const struct ofl_tc_request *r)
{
	bool attach = r->ask == OFL_TC_ASK_ATTACH;
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm;

	nlh->nlmsg_type = attach ? RTM_NEWQDISC : RTM_DELQDISC;
	nlh->nlmsg_flags =
		NLM_F_REQUEST | (attach ? NLM_F_CREATE | NLM_F_EXCL : 0);
	tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	tcm->tcm_ifindex = (int)r->ifindex;
	tcm->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	tcm->tcm_parent = TC_H_CLSACT;
	if (attach) {
		mnl_attr_put_strz(nlh, TCA_KIND, "clsact");
		if (r->block)
			mnl_attr_put_u32(nlh, TCA_INGRESS_BLOCK, r->block);
	}
	return nlh;
}

static struct ofl_tc_at place_of(const struct ofl_tc_request *r)
{
	return (struct ofl_tc_at){
		.block = r->block, .ifindex = r->ifindex, .egress = r->egress};
}

/* About all filters of a place, or of one chain there.  A delete without a pref
 * is of the whole chain. */
static struct nlmsghdr *put_many(void *buf, const struct ofl_tc_request *r,
				 uint16_t type, uint16_t flags, bool of_chain)
{
	const struct nla_bitfield32 terse = {
		.value = TCA_DUMP_FLAGS_TERSE,
		.selector = TCA_DUMP_FLAGS_TERSE,
	};
	const struct ofl_tc_at at = place_of(r);
	struct ofl_tc_writer w = {0};
	struct tcmsg *tcm =
		ofl_tc_message_begin(&w, buf, OFL_TC_FILTER_BYTES, type, flags);

	ofl_tc_place_set(tcm, &at);
	if (of_chain)
		ofl_tc_attr_add_u32(&w, TCA_CHAIN, r->filter.chain);
	if (r->terse)
		ofl_tc_attr_add(&w, TCA_DUMP_FLAGS, sizeof(terse), &terse);
	return w.nlh;
}

/* One filter; of an ACL even a delete is echoed, with the last counters. */
static struct nlmsghdr *put_filter(void *buf, const struct ofl_tc_request *r,
				   uint16_t type, uint16_t flags)
{
	const struct ofl_tc_at at = place_of(r);

	if (r->acl)
		return ofl_tc_acl_encode(buf, OFL_TC_ACL_BYTES, type,
					 flags | NLM_F_ECHO, &at, r->acl);
	if (type == RTM_NEWTFILTER)
		flags |= NLM_F_ECHO;
	return ofl_tc_filter_encode(buf, OFL_TC_FILTER_BYTES, type, flags,
				    r->block, &r->filter);
}

static struct nlmsghdr *put_request(void *buf, const struct ofl_tc_request *r)
{
	switch (r->ask) {
	case OFL_TC_ASK_ADD:
		return put_filter(buf, r, RTM_NEWTFILTER,
				  NLM_F_CREATE | NLM_F_EXCL);
	case OFL_TC_ASK_REPLACE:
		return put_filter(buf, r, RTM_NEWTFILTER, 0);
	case OFL_TC_ASK_DEL:
		return put_filter(buf, r, RTM_DELTFILTER, 0);
	case OFL_TC_ASK_DUMP:
		return put_many(buf, r, RTM_GETTFILTER, NLM_F_DUMP,
				r->of_chain);
	case OFL_TC_ASK_FLUSH:
		return put_many(buf, r, RTM_DELTFILTER, 0, true);
	default:
		return put_qdisc(buf, r);
	}
}

/* Write what fits one send, of n; what cannot be written is answered at once.
 * How many that are, at least one. */
static size_t put_some(struct ofl_tc_exchange *x,
		       const struct ofl_tc_request *r, size_t n,
		       size_t *ret_len)
{
	struct nlmsghdr *nlh, *last = NULL;
	size_t i, len = 0;

	x->overrun = x->finished = false;
	for (i = 0; i < n && len < SEND_BYTES; i++) {
		x->replies[i] = (struct ofl_tc_reply){.tag = r[i].tag};
		x->answered[i] = false;
		nlh = put_request(x->send + len, &r[i]);
		if (!nlh) {
			x->replies[i].errnum = EINVAL;
			x->answered[i] = true;
			continue;
		}
		nlh->nlmsg_seq = x->seq + 1 + (uint32_t)i;
		len += MNL_ALIGN(nlh->nlmsg_len);
		last = nlh;
	}
	if (last && r->ask != OFL_TC_ASK_DUMP) {
		last->nlmsg_flags |= NLM_F_ACK;
		x->last_seq = last->nlmsg_seq;
	}
	*ret_len = len;
	return i;
}

/* --- reading --- */

static void on_error(struct ofl_tc_exchange *x, const struct nlmsghdr *nlh,
		     size_t i)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct ofl_tc_reply *reply = &x->replies[i];

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return;
	if (nlh->nlmsg_seq == x->last_seq)
		x->finished = true;
	ofl_tc_text_decode(nlh, reply);
	if (!err->error)
		return; /* the echo says more, or that all before are done */
	reply->errnum = ofl_nlsock_errno_make(err->error);
	x->answered[i] = true;
}

static void on_message(struct ofl_tc_exchange *x, const struct nlmsghdr *nlh,
		       const struct ofl_tc_request *r, size_t n)
{
	uint32_t i = nlh->nlmsg_seq - x->seq - 1;
	bool about = nlh->nlmsg_type == RTM_NEWTFILTER ||
		     nlh->nlmsg_type == RTM_DELTFILTER;

	if (i >= n)
		return; /* of a batch that was given up */
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		on_error(x, nlh, i);
	} else if (about && r[i].acl) {
		ofl_tc_acl_echo_decode(nlh, r[i].acl, &x->replies[i]);
		x->answered[i] = true;
	} else if (nlh->nlmsg_type == RTM_NEWTFILTER) {
		x->replies[i].echoed = ofl_tc_filter_decode(
			nlh, &x->replies[i].filter, &x->replies[i].seen);
		x->answered[i] = true;
	}
}

/* Several datagrams at once: how many, 0: nothing more, -1: errno. */
static int receive_answers(struct ofl_tc_exchange *x, struct mmsghdr *msgs,
			   struct sockaddr_nl *from)
{
	struct iovec iov[AT_ONCE];
	int n;

	memset(msgs, 0, AT_ONCE * sizeof(*msgs));
	for (unsigned int i = 0; i < AT_ONCE; i++) {
		iov[i] = (struct iovec){.iov_base = x->in.answers[i],
					.iov_len = ANSWER_BYTES};
		msgs[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
						  .msg_namelen = sizeof(*from),
						  .msg_iov = &iov[i],
						  .msg_iovlen = 1};
	}
	do {
		n = recvmmsg(mnl_socket_get_fd(x->nl), msgs, AT_ONCE,
			     MSG_DONTWAIT, NULL);
	} while (n < 0 && errno == EINTR);
	return n < 0 && errno == EAGAIN ? 0 : n;
}

static void read_answers(struct ofl_tc_exchange *x,
			 const struct ofl_tc_request *r, size_t n)
{
	struct sockaddr_nl from[AT_ONCE];
	struct mmsghdr msgs[AT_ONCE];
	int count;

	/* The last ACK comes last. */
	while (!x->finished && (count = receive_answers(x, msgs, from)) != 0) {
		if (count < 0) {
			x->overrun = true; /* of whatever kind */
			if (errno == ENOBUFS)
				continue;
			return;
		}
		for (int k = 0; k < count; k++) {
			const struct nlmsghdr *nlh =
				(const void *)x->in.answers[k];
			int left = (int)msgs[k].msg_len;

			if (from[k].nl_pid)
				continue; /* only the kernel is believed */
			if (msgs[k].msg_hdr.msg_flags & MSG_TRUNC) {
				x->overrun = true;
				continue;
			}
			for (; mnl_nlmsg_ok(nlh, left);
			     nlh = mnl_nlmsg_next(nlh, &left))
				on_message(x, nlh, r, n);
		}
	}
}

/* What was not answered: done without a word, or not known. */
static void conclude(struct ofl_tc_exchange *x, const struct ofl_tc_request *r,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool echoes = r[i].ask == OFL_TC_ASK_ADD ||
			      r[i].ask == OFL_TC_ASK_REPLACE;

		if (!x->answered[i] && (echoes || x->overrun || !x->finished))
			x->replies[i].errnum = ENOBUFS;
	}
}

static int send_all(struct ofl_tc_exchange *x, size_t len)
{
	ssize_t sent;

	do {
		sent = mnl_socket_sendto(x->nl, x->send, len);
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? errno : 0;
}

/* --- dumps --- */

/* Bytes, 0: nothing more, -1: errno. */
static ssize_t receive_dump(struct ofl_tc_exchange *x)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {.iov_base = x->in.dump, .iov_len = DUMP_BYTES};
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	for (;;) {
		n = recvmsg(mnl_socket_get_fd(x->nl), &msg, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n >= 0 && from.nl_pid)
			continue;
		if (n >= 0 && (msg.msg_flags & MSG_TRUNC)) {
			errno = ENOBUFS;
			return -1;
		}
		return n;
	}
}

/* A dump under way. */
struct dump {
	ofl_tc_exchange_cb cb;
	void *arg;
	size_t found; /* not handed on yet */
	bool broken;
};

static bool hand_on(struct ofl_tc_exchange *x, struct dump *d)
{
	size_t n = d->found;

	d->found = 0;
	if (!n || d->cb(x->found, n, d->arg))
		return true;
	x->replies[0].errnum = ECANCELED;
	return false;
}

static bool take_found(struct ofl_tc_exchange *x, struct dump *d,
		       const struct nlmsghdr *nlh)
{
	struct ofl_tc_reply *found = &x->found[d->found];

	found->tag = x->replies[0].tag;
	if (!ofl_tc_found_decode(nlh, found))
		return true;
	return ++d->found < FOUND_AT_ONCE || hand_on(x, d);
}

/* One datagram of a dump.  True: it goes on. */
static bool dump_part(struct ofl_tc_exchange *x, int bytes, struct dump *d)
{
	const struct nlmsghdr *nlh = (const void *)x->in.dump;
	int error = 0;

	for (; mnl_nlmsg_ok(nlh, bytes); nlh = mnl_nlmsg_next(nlh, &bytes)) {
		if (nlh->nlmsg_seq != x->seq + 1)
			continue;
		d->broken |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			on_error(x, nlh, 0);
			return false;
		}
		if (nlh->nlmsg_type == NLMSG_DONE) {
			if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
				memcpy(&error, mnl_nlmsg_get_payload(nlh),
				       sizeof(error));
			x->replies[0].errnum =
				error < 0 ? ofl_nlsock_errno_make(error) : 0;
			return false;
		}
		if (!take_found(x, d, nlh))
			return false;
	}
	return true;
}

static void run_dump(struct ofl_tc_exchange *x, ofl_tc_exchange_cb cb,
		     void *arg)
{
	struct dump d = {.cb = cb, .arg = arg};
	ssize_t bytes;

	/* Each datagram is made when the one before was read. */
	do {
		bytes = receive_dump(x);
		if (bytes > 0)
			continue;
		x->replies[0].errnum = bytes < 0 ? errno : ENOBUFS;
		break;
	} while (dump_part(x, (int)bytes, &d));
	(void)hand_on(x, &d);
	if (d.broken && !x->replies[0].errnum)
		x->replies[0].errnum = EINTR;
}

/* --- a batch --- */

static size_t run_some(struct ofl_tc_exchange *x,
		       const struct ofl_tc_request *r, size_t n,
		       ofl_tc_exchange_cb cb, void *arg)
{
	size_t len;
	int error;

	n = put_some(x, r, n, &len);
	error = len ? send_all(x, len) : 0;
	if (error) {
		for (size_t i = 0; i < n; i++)
			x->replies[i].errnum = error;
	} else if (n == 1 && r->ask == OFL_TC_ASK_DUMP) {
		run_dump(x, cb, arg);
	} else {
		read_answers(x, r, n);
		conclude(x, r, n);
	}
	x->seq += (uint32_t)n;
	(void)cb(x->replies, n, arg);
	return n;
}

void ofl_tc_exchange_run(struct ofl_tc_exchange *x,
			 const struct ofl_tc_request *r, size_t n,
			 ofl_tc_exchange_cb cb, void *arg)
{
	for (size_t done = 0; done < n;)
		done += run_some(x, r + done, n - done, cb, arg);
}
