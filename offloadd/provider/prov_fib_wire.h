/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that writes routes of the kernel for prov_fib.h.
 *
 * rtnetlink carries a request out within sendmsg() and takes RTNL for it, which
 * whoever reloads a device may hold for long: the event loop may not wait
 * there.  A job is a few requests that go out in one sendmsg(), so that nothing
 * but the kernel is between them.
 *
 * It knows nothing of routes, and the thread calls no function of libfrr (see
 * doc/decisions/0005).
 */
#ifndef OFFLOADD_PROVIDER_PROV_FIB_WIRE_H
#define OFFLOADD_PROVIDER_PROV_FIB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ofl_fibwire;

#define OFL_FIBWIRE_REQUESTS 4 /* of one job */
#define OFL_FIBWIRE_JOBS 64    /* waiting at most */

struct ofl_fibwire_job {
	uint64_t tag;
	unsigned int count;
	/* The first request takes out what the last one puts back: the last is
	 * sent again if the kernel had no memory for it, and the first, if it
	 * found nothing to take out but the last could put it back. */
	bool is_loan;
	int errnum[OFL_FIBWIRE_REQUESTS]; /* the kernel's word on each, or 0 */
	size_t len;
	uint8_t *at; /* requests, one after the other; heap, owned */
};

/* Starts the thread, with CAP_NET_ADMIN if the process has it at hand.  NULL
 * with errno set. */
struct ofl_fibwire *ofl_fibwire_new(void);
/* The thread ends with what it is at; nobody waits for it.  NULL is fine. */
void ofl_fibwire_free(struct ofl_fibwire *w);
/* Readable when there are jobs to take back. */
int ofl_fibwire_fd(const struct ofl_fibwire *w);
/* Netlink port of the requests: notifications of our own doing carry it. */
uint32_t ofl_fibwire_port(const struct ofl_fibwire *w);
/* Takes over job->at.  False, and nothing is taken: too many are waiting. */
bool ofl_fibwire_send(struct ofl_fibwire *w, const struct ofl_fibwire_job *job);
/* One that was carried out; job->at is the caller's, to be given to free(). */
bool ofl_fibwire_take(struct ofl_fibwire *w, struct ofl_fibwire_job *ret_job);

#endif /* OFFLOADD_PROVIDER_PROV_FIB_WIRE_H */
