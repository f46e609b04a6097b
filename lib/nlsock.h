/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One netlink conversation, without blocking: open, ask for a dump or send a
 * request, read what came in bounded pieces.
 *
 * It tells a caller exactly what makes netlink hard: that messages were lost
 * (a new dump is due), that a dump is complete, or that it is complete but
 * not consistent (start it again).  It decodes no payload and keeps no state
 * of the world.
 */
#ifndef LIB_NLSOCK_H
#define LIB_NLSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct ofl_nlsock;

enum ofl_nlsock_read {
	OFL_NLSOCK_AGAIN = 0,	/* nothing more for now */
	OFL_NLSOCK_MORE,	/* the budget is used up, there may be more */
	OFL_NLSOCK_DUMP_DONE,	/* the dump asked for is complete */
	OFL_NLSOCK_DUMP_BROKEN, /* it ended, but the world changed meanwhile */
	OFL_NLSOCK_OVERRUN,	/* messages were lost; reading may go on */
	OFL_NLSOCK_ERROR,	/* the kernel refused a request: *ret_errno */
	OFL_NLSOCK_DEAD, /* the socket is of no use any more: *ret_errno */
};

/* A socket of the given protocol (NETLINK_ROUTE) in `group_count` multicast
 * groups, with a receive buffer of rcvbuf_bytes or what the kernel allows
 * (0: its default).  NULL with errno set if it cannot be had. */
struct ofl_nlsock *ofl_nlsock_new(int protocol, const unsigned int *groups,
				  size_t group_count, size_t rcvbuf_bytes);
void ofl_nlsock_free(struct ofl_nlsock *s); /* NULL is fine */
int ofl_nlsock_fd(const struct ofl_nlsock *s);
/* A receive buffer of so many bytes for any netlink socket, or what the system
 * allows. */
void ofl_nlsock_rcvbuf_set(int fd, size_t bytes);
/* Join a multicast group from now on, or leave it.  False with errno set. */
bool ofl_nlsock_group_set(struct ofl_nlsock *s, unsigned int group, bool join);
/* Receive buffer the kernel really gave (it counts its own overhead). */
size_t ofl_nlsock_rcvbuf_bytes(const struct ofl_nlsock *s);

/* Ask for a dump: message `type` with the fixed header `head`.  One dump at a
 * time: false with errno EBUSY while another one runs. */
bool ofl_nlsock_dump(struct ofl_nlsock *s, uint16_t type, const void *head,
		     size_t head_len);

/* Send one request; its sequence number is set here.  An answer of the kernel
 * comes out of read().  False with errno set. */
bool ofl_nlsock_send(struct ofl_nlsock *s, struct nlmsghdr *nlh);

/* The errno value in the kernel's word on a request: 0 if it agreed, EBADMSG
 * for what no kernel says. */
int ofl_nlsock_errno_make(int error);

/* Read, calling `cb` for each message that carries news.  Returns after about
 * `max_messages` (a datagram is always finished) or as soon as there is
 * something to tell.  *ret_errno is written for ERROR and DEAD only. */
enum ofl_nlsock_read
ofl_nlsock_read(struct ofl_nlsock *s, unsigned int max_messages,
		void (*cb)(const struct nlmsghdr *nlh, void *arg), void *arg,
		int *ret_errno);

#endif /* LIB_NLSOCK_H */
