/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that talks tc with the kernel for one table.
 *
 * rtnetlink carries a request out within sendmsg(): as long as the device
 * takes to answer its driver, the sender waits.  The event loop may not, so a
 * thread of its own sends filters, 64 messages a send, reads what the kernel
 * echoes and says, and hands back one reply for each request.
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
#include "offloadd/provider/prov_tc_filter.h"

struct ofl_tc_wire;

enum ofl_tc_ask {
	OFL_TC_ASK_ADD,	    /* must not be there: EEXIST */
	OFL_TC_ASK_REPLACE, /* must be there, by its handle: ENOENT */
	OFL_TC_ASK_DEL,	    /* by its handle */
	OFL_TC_ASK_DUMP,    /* every flower filter of the block: replies of
			     * kind FOUND, then one that ends it */
	OFL_TC_ASK_ATTACH,  /* clsact with the block on ifindex's ingress */
	OFL_TC_ASK_DETACH,  /* take clsact from ifindex */
	OFL_TC_ASK_FLUSH,   /* every filter of the chain in `filter` */
};

struct ofl_tc_request {
	uint64_t tag; /* comes back with the reply */
	uint8_t ask;  /* enum ofl_tc_ask */
	uint32_t block;
	uint32_t ifindex;	     /* ATTACH, DETACH */
	struct ofl_tc_filter filter; /* ADD, REPLACE, DEL */
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
	/* FOUND: what is there; ANSWER: what the kernel echoed, if it did. */
	bool echoed;
	struct ofl_tc_filter filter;
	struct ofl_tc_seen seen;
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

/* Takes up to n requests in order; how many (fewer: the queue is full). */
size_t ofl_tc_wire_send(struct ofl_tc_wire *w, const struct ofl_tc_request *r,
			size_t n);
/* Forget what was not sent yet. */
void ofl_tc_wire_forget(struct ofl_tc_wire *w);
/* Up to n replies; how many.  Worth a look now and then while a request is
 * unanswered: a few replies may wait for more before the owner is told. */
size_t ofl_tc_wire_receive(struct ofl_tc_wire *w, struct ofl_tc_reply *ret,
			   size_t n);

#endif /* OFFLOADD_PROVIDER_PROV_TC_WIRE_H */
