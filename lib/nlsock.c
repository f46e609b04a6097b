// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink sockets over libmnl; see nlsock.h.
 *
 * recvmsg() is called here and not through libmnl: only so the sender can be
 * seen, and only the kernel (port 0) is believed.
 */
#include "lib/nlsock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

/* The kernel fills a dump's datagrams up to what the reader offers, 32 KB at
 * the most. */
#define BUFFER_BYTES 32768

struct ofl_nlsock {
	struct mnl_socket *nl;
	uint32_t seq; /* of the last request */
	uint32_t dump_seq;
	bool dumping;
	bool broken; /* NLM_F_DUMP_INTR was seen in this dump */
	_Alignas(struct nlmsghdr) uint8_t buf[BUFFER_BYTES];
};

void ofl_nlsock_rcvbuf_set(int fd, size_t bytes)
{
	int value = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

	/* FORCE needs a privilege; without it the system's limit holds. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value,
				 sizeof(value));
}

static bool join_groups(struct mnl_socket *nl, const unsigned int *groups,
			size_t group_count)
{
	for (size_t i = 0; i < group_count; i++) {
		unsigned int group = groups[i];

		if (mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0)
			return false;
	}
	return true;
}

bool ofl_nlsock_group_set(struct ofl_nlsock *s, unsigned int group, bool join)
{
	return mnl_socket_setsockopt(s->nl,
				     join ? NETLINK_ADD_MEMBERSHIP
					  : NETLINK_DROP_MEMBERSHIP,
				     &group, sizeof(group)) == 0;
}

struct ofl_nlsock *ofl_nlsock_new(int protocol, const unsigned int *groups,
				  size_t group_count, size_t rcvbuf_bytes)
{
	struct ofl_nlsock *s;
	int saved;

	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->nl = mnl_socket_open2(protocol, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!s->nl)
		goto fail;
	if (rcvbuf_bytes)
		ofl_nlsock_rcvbuf_set(ofl_nlsock_fd(s), rcvbuf_bytes);
	if (mnl_socket_bind(s->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    !join_groups(s->nl, groups, group_count))
		goto fail;
	return s;
fail:
	saved = errno;
	ofl_nlsock_free(s);
	errno = saved;
	return NULL;
}

void ofl_nlsock_free(struct ofl_nlsock *s)
{
	if (!s)
		return;
	if (s->nl)
		mnl_socket_close(s->nl);
	free(s);
}

int ofl_nlsock_fd(const struct ofl_nlsock *s)
{
	return mnl_socket_get_fd(s->nl);
}

size_t ofl_nlsock_rcvbuf_bytes(const struct ofl_nlsock *s)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(ofl_nlsock_fd(s), SOL_SOCKET, SO_RCVBUF, &value, &len))
		return 0;
	return value < 0 ? 0 : (size_t)value;
}

bool ofl_nlsock_send(struct ofl_nlsock *s, struct nlmsghdr *nlh)
{
	nlh->nlmsg_seq = ++s->seq;
	return mnl_socket_sendto(s->nl, nlh, nlh->nlmsg_len) >= 0;
}

bool ofl_nlsock_dump(struct ofl_nlsock *s, uint16_t type, const void *head,
		     size_t head_len)
{
	_Alignas(struct nlmsghdr) uint8_t buf[MNL_NLMSG_HDRLEN + 64] = {0};
	struct nlmsghdr *nlh;

	if (head_len > 64) {
		errno = EMSGSIZE;
		return false;
	}
	if (s->dumping) {
		errno = EBUSY;
		return false;
	}
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	memcpy(mnl_nlmsg_put_extra_header(nlh, head_len), head, head_len);
	if (!ofl_nlsock_send(s, nlh))
		return false;
	s->dump_seq = s->seq;
	s->dumping = true;
	s->broken = false;
	return true;
}

int ofl_nlsock_errno_make(int error)
{
	/* The most negative number has no positive. */
	if (error == INT_MIN)
		return EBADMSG;
	return error < 0 ? -error : error;
}

/* The kernel's word on a request, as a positive errno; 0: it agreed. */
static int error_of(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return EBADMSG;
	return ofl_nlsock_errno_make(err->error);
}

static enum ofl_nlsock_read dump_end(struct ofl_nlsock *s,
				     const struct nlmsghdr *nlh, int *ret_errno)
{
	int error = 0;

	s->dumping = false;
	/* A dump that failed half way tells it in the payload of DONE. */
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	if (error < 0) {
		*ret_errno = ofl_nlsock_errno_make(error);
		return OFL_NLSOCK_ERROR;
	}
	return s->broken ? OFL_NLSOCK_DUMP_BROKEN : OFL_NLSOCK_DUMP_DONE;
}

/* One message.  AGAIN: nothing to tell, go on with the next. */
static enum ofl_nlsock_read
one(struct ofl_nlsock *s, const struct nlmsghdr *nlh,
    void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg,
    int *ret_errno)
{
	bool is_dump = s->dumping && nlh->nlmsg_seq == s->dump_seq;
	int error;

	if (is_dump && (nlh->nlmsg_flags & NLM_F_DUMP_INTR))
		s->broken = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return OFL_NLSOCK_AGAIN;
	case NLMSG_OVERRUN:
		return OFL_NLSOCK_OVERRUN;
	case NLMSG_DONE:
		return is_dump ? dump_end(s, nlh, ret_errno) : OFL_NLSOCK_AGAIN;
	case NLMSG_ERROR:
		error = error_of(nlh);
		if (is_dump)
			s->dumping = false;
		if (!error)
			return OFL_NLSOCK_AGAIN;
		*ret_errno = error;
		return OFL_NLSOCK_ERROR;
	}
	cb(nlh, arg);
	return OFL_NLSOCK_AGAIN;
}

/* Receive one datagram.  Bytes, 0 to ignore it, or -1 with errno. */
static ssize_t receive(struct ofl_nlsock *s)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {.iov_base = s->buf, .iov_len = sizeof(s->buf)};
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(ofl_nlsock_fd(s), &msg, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if (msg.msg_namelen != sizeof(from) || from.nl_pid)
		return 0;
	if (msg.msg_flags & MSG_TRUNC) {
		errno = ENOBUFS; /* lost as well as if the queue was full */
		return -1;
	}
	return n;
}

/* All messages of one datagram.  What is worth telling is told once it is
 * finished; the last such thing wins, there is at most one in practice. */
static enum ofl_nlsock_read
datagram(struct ofl_nlsock *s, int len, unsigned int *count,
	 void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg,
	 int *ret_errno)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)s->buf;
	enum ofl_nlsock_read tell = OFL_NLSOCK_AGAIN, r;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		++*count;
		r = one(s, nlh, cb, arg, ret_errno);
		if (r != OFL_NLSOCK_AGAIN)
			tell = r;
	}
	return tell;
}

enum ofl_nlsock_read
ofl_nlsock_read(struct ofl_nlsock *s, unsigned int max_messages,
		void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg,
		int *ret_errno)
{
	unsigned int count = 0;
	enum ofl_nlsock_read r;
	ssize_t n;

	while (count < max_messages) {
		n = receive(s);
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return OFL_NLSOCK_AGAIN;
		if (n < 0 && errno == ENOBUFS) {
			s->broken = true; /* if it was of a dump */
			return OFL_NLSOCK_OVERRUN;
		}
		if (n < 0) {
			*ret_errno = errno;
			s->dumping = false;
			return OFL_NLSOCK_DEAD;
		}
		r = datagram(s, (int)n, &count, cb, arg, ret_errno);
		if (r != OFL_NLSOCK_AGAIN)
			return r;
		count += !n; /* a stranger's datagram: not for ever, either */
	}
	return OFL_NLSOCK_MORE;
}
