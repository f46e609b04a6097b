/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that talks tc with the kernel for one table: filters of routes
 * and of ACLs, in its block and at devices.
 *
 * rtnetlink carries a request out within sendmsg(): as long as the device
 * takes to answer its driver, the sender waits.  The event loop may not, so a
 * thread of its own sends filters, up to 64 messages a send, reads what the
 * kernel echoes and says, and hands back one reply for each request.
 *
 * It decides nothing and keeps nothing: what a filter means is prov_tc.c's.
 * The thread calls no function of libfrr (see doc/decisions/0005).
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_WIRE_H
#define OFFLOADD_PROVIDER_PROV_TC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/op.h"
#include "offloadd/provider/prov_tc_acl.h"
#include "offloadd/provider/prov_tc_filter.h"

struct ofl_tc_wire;

enum ofl_tc_ask {
	OFL_TC_ASK_ADD,	    /* must not be there: EEXIST */
	OFL_TC_ASK_REPLACE, /* must be there, by its handle: ENOENT; flower
			     * keeps its keys and masks, or EINVAL */
	OFL_TC_ASK_DEL,	    /* by its handle */
	OFL_TC_ASK_DUMP,    /* every filter, of any classifier: replies of
			     * kind FOUND, then one that ends it */
	OFL_TC_ASK_ATTACH,  /* clsact with the block on ifindex's ingress; block
			     * 0: without one */
	OFL_TC_ASK_DETACH,  /* take clsact from ifindex */
	OFL_TC_ASK_FLUSH,   /* every filter of chain `filter.chain` */
};

struct ofl_tc_request {
	uint64_t tag; /* comes back with the reply */
	uint8_t ask;  /* enum ofl_tc_ask */
	/* 0, which filters of routes cannot have: what hangs at the device. */
	uint32_t block;
	uint32_t ifindex; /* with block 0; ATTACH, DETACH */
	bool egress;	  /* with block 0: there; else at ingress */
	bool of_chain;	  /* DUMP: only of chain `filter.chain` */
	bool terse; /* DUMP: place, cookie and counters are enough; kernels
		     * before 5.8 tell all */
	struct ofl_tc_filter filter; /* ADD, REPLACE, DEL of a route's */
	/* ADD, REPLACE, DEL of an ACL's filter instead: malloc()ed, the wire's
	 * once send() took the request. */
	struct ofl_tc_acl *acl;
};

/* What is told of a filter that is none of the routes'; a digest stands for
 * its content, which is much and rarely looked at. */
struct ofl_tc_acl_seen {
	bool is;       /* the rest is set */
	bool as_asked; /* ANSWER: the echo equals the request */
	char kind[16]; /* classifier: flower, bpf, or another's */
	uint32_t chain, handle;
	uint16_t pref, protocol; /* host order */
	uint32_t flags;		 /* SKIP_SW, SKIP_HW */
	uint64_t digest;	 /* ofl_tc_acl_digest() of flower and bpf; 0:
				  * another, or not understood */
	char indev[IFNAMSIZ];	 /* of flower, or "" */
	uint32_t goto_chain;	 /* of its last action if that is GOTO; or 0 */
	uint8_t cookie[OFL_TC_COOKIE];
};

enum ofl_tc_reply_kind {
	OFL_TC_ANSWER, /* the request is done: errnum and text say how */
	OFL_TC_FOUND,  /* one filter of a dump; more follows */
};

struct ofl_tc_reply {
	uint64_t tag;
	uint8_t kind; /* enum ofl_tc_reply_kind */
	/* 0: the kernel agreed.  EINTR: the dump is not consistent.  ENOBUFS:
	 * the answer was lost; what came of the request is not known. */
	int errnum;
	char text[OFL_OUTCOME_TEXT]; /* the kernel's words, also of success */
	/* FOUND: what is there; ANSWER: what the kernel echoed, if it did (of
	 * a DEL of an ACL's filter: what went, with its last counters). */
	bool echoed;
	struct ofl_tc_filter filter; /* of flower, unless it is an ACL's */
	struct ofl_tc_seen seen;
	/* ANSWER: of an ACL's filter.  FOUND: of one of an ACL of any table,
	 * and of what is nobody's of this daemon. */
	struct ofl_tc_acl_seen acl;
};

/* Starts the thread.  NULL with errno set. */
struct ofl_tc_wire *ofl_tc_wire_new(void);
/* The thread carries out what it was asked for and ends then; waited for at
 * most so long, nobody hears of it after that.  NULL is fine. */
void ofl_tc_wire_free(struct ofl_tc_wire *w, uint32_t wait_ms);
/* Readable when there are replies; belongs to the wire. */
int ofl_tc_wire_fd(const struct ofl_tc_wire *w);
/* Netlink port of the requests: notifications of our own doing carry it. */
uint32_t ofl_tc_wire_port(const struct ofl_tc_wire *w);

/* Takes up to n requests in order, and the `acl` of those it took; how many
 * (fewer: the queue is full). */
size_t ofl_tc_wire_send(struct ofl_tc_wire *w, const struct ofl_tc_request *r,
			size_t n);
/* Forget what was not sent yet. */
void ofl_tc_wire_forget(struct ofl_tc_wire *w);
/* Up to n replies; how many.  Worth a look now and then while a request is
 * unanswered: a few replies may wait for more before the owner is told. */
size_t ofl_tc_wire_receive(struct ofl_tc_wire *w, struct ofl_tc_reply *ret,
			   size_t n);

#endif /* OFFLOADD_PROVIDER_PROV_TC_WIRE_H */
