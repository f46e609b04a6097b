// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A kernel that answers whatever it likes: the exchange of a batch of requests
 * with a socket whose bytes come from the input.
 *
 * This program's own mnl_socket_sendto(), recvmmsg() and recvmsg() stand
 * before those of the libraries, so nothing ever reaches a kernel.  Input: how
 * many requests, a byte of each, then datagrams: a byte of how it came, a
 * length, messages (which request, flags, type, length, bytes).  Each request
 * must be answered once, in order, whatever comes.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_tc_exchange.h"

#include "tests/fuzz/fuzz.h"

static struct fuzz input;
static uint32_t first_seq; /* of the batch that was sent last */
static unsigned int gap;   /* receive calls that found nothing */

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
			  size_t size)
{
	const struct nlmsghdr *nlh = req;
	int left = (int)size;

	FUZZ_CHECK(mnl_nlmsg_ok(nlh, left));
	first_seq = nlh->nlmsg_seq;
	for (; left > 0; nlh = mnl_nlmsg_next(nlh, &left))
		FUZZ_CHECK(mnl_nlmsg_ok(nlh, left));
	FUZZ_CHECK(!left);
	if (fuzz_u8(&input) == 0xff) {
		errno = ENOBUFS;
		return -1;
	}
	return (ssize_t)size;
}

/* A datagram from the input into `iov`; its length, 0: the input ended. */
static size_t datagram(const struct iovec *iov, struct sockaddr_nl *from,
		       int *ret_flags)
{
	uint8_t *to = iov->iov_base;
	size_t len = 0, n;
	struct nlmsghdr nlh;
	uint8_t how;

	if (!input.left)
		return 0;
	how = fuzz_u8(&input);
	memset(from, 0, sizeof(*from));
	from->nl_family = AF_NETLINK;
	from->nl_pid = how == 0xfe ? 4711 : 0;
	*ret_flags = how == 0xfd ? MSG_TRUNC : 0;
	for (how &= 3; how != UINT8_MAX && input.left; how--) {
		memset(&nlh, 0, sizeof(nlh));
		nlh.nlmsg_seq = first_seq + fuzz_u8(&input);
		nlh.nlmsg_flags = fuzz_u16(&input);
		nlh.nlmsg_type = fuzz_u16(&input);
		n = MIN((size_t)fuzz_u16(&input), input.left);
		nlh.nlmsg_len = (uint32_t)(sizeof(nlh) + n);
		if (len + NLMSG_ALIGN(nlh.nlmsg_len) > iov->iov_len)
			break;
		memcpy(to + len, &nlh, sizeof(nlh));
		fuzz_bytes(&input, to + len + sizeof(nlh), n);
		len += NLMSG_ALIGN(nlh.nlmsg_len);
	}
	return len ? len : 1;
}

/* Nothing for now, or a queue that overflowed. */
static int nothing(void)
{
	errno = ++gap % 8 == 7 ? ENOBUFS : EAGAIN;
	return -1;
}

int recvmmsg(int fd, struct mmsghdr *msgs, unsigned int n, int flags,
	     struct timespec *timeout)
{
	unsigned int count;
	size_t len;

	for (count = 0; count < n && count < 4; count++) {
		len = datagram(msgs[count].msg_hdr.msg_iov,
			       msgs[count].msg_hdr.msg_name,
			       &msgs[count].msg_hdr.msg_flags);
		if (!len)
			break;
		msgs[count].msg_len = (unsigned int)len;
	}
	return count ? (int)count : nothing();
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	size_t len = datagram(msg->msg_iov, msg->msg_name, &msg->msg_flags);

	return len ? (ssize_t)len : nothing();
}

/* --- requests --- */

struct heard {
	uint64_t next; /* tag of the next answer */
	unsigned int found;
};

static bool on_replies(const struct ofl_tc_reply *replies, size_t count,
		       void *arg)
{
	struct heard *h = arg;

	FUZZ_CHECK(count);
	for (size_t i = 0; i < count; i++) {
		FUZZ_CHECK(strnlen(replies[i].text, sizeof(replies[i].text)) <
			   sizeof(replies[i].text));
		FUZZ_CHECK(replies[i].errnum >= 0);
		FUZZ_CHECK(replies[i].tag == h->next);
		if (replies[i].kind == OFL_TC_ANSWER)
			h->next++;
		else
			h->found++;
	}
	return h->found < 100;
}

static struct ofl_tc_acl *acl_make(void)
{
	const struct ofl_tc_act drop = {.kind = OFL_TC_ACT_DROP};
	struct ofl_tc_acl acl;
	struct ofl_match m;

	memset(&acl, 0, sizeof(acl));
	acl.pref = 5;
	ofl_match_init(&m);
	FUZZ_CHECK(!ofl_tc_acl_match_set(&acl, &m, NULL));
	FUZZ_CHECK(ofl_tc_acts_add(&acl.acts, &drop));
	return ofl_tc_acl_dup(&acl);
}

static void request_make(struct ofl_tc_request *r, uint8_t what)
{
	r->ask = what % (OFL_TC_ASK_FLUSH + 1);
	r->block = 3;
	r->ifindex = 2;
	r->of_chain = what & 0x10;
	/* pref 0: cannot be written. */
	r->filter = (struct ofl_tc_filter){
		.pref = what & 0x20 ? 0 : 4, .protocol = ETH_P_IP, .handle = 1};
	if ((what & 0x40) && r->ask <= OFL_TC_ASK_DEL)
		r->acl = acl_make();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ofl_tc_exchange *x;
	static struct ofl_tc_request r[OFL_TC_BATCH];
	struct heard h = {0};
	size_t n;

	if (!x)
		x = ofl_tc_exchange_new();
	FUZZ_CHECK(x);
	gap = 0;
	input = (struct fuzz){.at = data, .left = size};
	n = 1 + fuzz_u8(&input) % OFL_TC_BATCH;
	memset(r, 0, sizeof(r));
	for (size_t i = 0; i < n; i++) {
		r[i].tag = i;
		request_make(&r[i], fuzz_u8(&input));
		/* A dump comes alone. */
		if (r[i].ask == OFL_TC_ASK_DUMP && n > 1)
			r[i].ask = OFL_TC_ASK_FLUSH;
	}
	ofl_tc_exchange_run(x, r, n, on_replies, &h);
	FUZZ_CHECK(h.next == n);
	for (size_t i = 0; i < n; i++)
		free(r[i].acl);
	return 0;
}
