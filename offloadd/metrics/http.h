/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP server at one listening socket, in the event loop: GNU
 * libmicrohttpd without a thread of its own.
 *
 * A peer has so long for its whole request and for taking the answer, and each
 * connection is for one of them.  A request longer than a few thousand bytes is
 * refused.  Above the limit of connections others wait in the kernel.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_METRICS_HTTP_H
#define OFFLOADD_METRICS_HTTP_H

#include "offloadd/base/frr_compat.h"
#include "offloadd/metrics/text.h"

#define OFL_METRIC_CLIENTS 16	      /* connections at once */
#define OFL_METRIC_REQUEST_BYTES 8192 /* that one may take */
#define OFL_METRIC_IDLE_S 5	      /* with nothing heard of the peer */
#define OFL_METRIC_LIFE_MS 10000      /* of a connection */

struct ofl_metric_server;

struct ofl_metric_server_events {
	/* The answer to a scrape; freed with ofl_metric_text_free(). */
	char *(*make)(enum ofl_metric_format f, size_t *ret_len);
	/* A connection ended; `served`: with such an answer. */
	void (*ended)(bool served);
};

/* The socket listens already, without blocking, and stays the caller's.
 * `events` is static.  NULL if the library cannot. */
struct ofl_metric_server *
ofl_metric_server_new(struct ofl_loop *loop, int listen_fd,
		      const struct ofl_metric_server_events *events);
/* Every connection is closed.  NULL is fine. */
void ofl_metric_server_free(struct ofl_metric_server *s);
uint32_t ofl_metric_server_clients(const struct ofl_metric_server *s);

#endif /* OFFLOADD_METRICS_HTTP_H */
