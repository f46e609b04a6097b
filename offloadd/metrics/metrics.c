// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where metrics may be had, as configured: see metrics.h.
 *
 * A place that cannot be had is told once in the log, and tried again: the
 * daemon that has it may end.
 */
#include <zebra.h>

#include "log.h"
#include "privs.h"

#include "lib/clock.h"
#include "lib/unixsock.h"
#include "offloadd/base/errors.h"
#include "offloadd/metrics/content.h"
#include "offloadd/metrics/http.h"
#include "offloadd/metrics/metrics.h"

#define BACKLOG 16
#define RETRY_MS 5000

/* One place. */
struct place {
	struct ofl_unixsock file; /* UNIX */
	int fd;			  /* TCP; -1: not open */
	struct ofl_metric_server *server;
	char error[300];
};

static struct ofl_loop *loop;
static struct ofl_metrics_conf conf;
static bool is_started;
static struct place places[OFL_METRICS_AT_MAX];
static struct ofl_metric_self self;
static uint64_t last_us;
static struct ofl_ev *t_retry;

/* --- scrapes --- */

static char *make(enum ofl_metric_format f, size_t *ret_len)
{
	uint64_t began_us = ofl_clock_mono_us(), took_us;
	char *text = ofl_metric_content_make(f, &self, ret_len);

	took_us = ofl_clock_mono_us() - began_us;
	self.scrapes++;
	self.longest_us = MAX(self.longest_us, took_us);
	last_us = ofl_clock_wall_us();
	return text;
}

static void ended(bool served)
{
	self.errors += !served;
}

static const struct ofl_metric_server_events events = {
	.make = make,
	.ended = ended,
};

/* --- places --- */

static bool is_configured(enum ofl_metrics_at at)
{
	return at == OFL_METRICS_UNIX ? conf.unix_path[0] : conf.port;
}

static void where_print(enum ofl_metrics_at at, char *buf, size_t len)
{
	char address[INET6_ADDRSTRLEN] = "";

	if (at == OFL_METRICS_UNIX) {
		strlcpy(buf, conf.unix_path, len);
		return;
	}
	inet_ntop(conf.family, conf.addr, address, sizeof(address));
	snprintf(buf, len, conf.family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 address, conf.port);
}

static bool unix_open(struct place *p)
{
	struct zprivs_ids_t ids;

	zprivs_get_ids(&ids);
	return ofl_unixsock_open(&p->file, conf.unix_path, ids.gid_vty, BACKLOG,
				 p->error, sizeof(p->error));
}

static bool tcp_open(struct place *p)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address = {};
	socklen_t len = sizeof(address.in);
	int one = 1;

	address.sa.sa_family = conf.family;
	if (conf.family == AF_INET6) {
		len = sizeof(address.in6);
		memcpy(&address.in6.sin6_addr, conf.addr, 16);
		address.in6.sin6_port = htons(conf.port);
	} else {
		memcpy(&address.in.sin_addr, conf.addr, 4);
		address.in.sin_port = htons(conf.port);
	}
	p->fd = socket(conf.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       0);
	if (p->fd >= 0 &&
	    !setsockopt(p->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) &&
	    !bind(p->fd, &address.sa, len) && !listen(p->fd, BACKLOG))
		return true;
	snprintf(p->error, sizeof(p->error), "TCP port %u: %s", conf.port,
		 safe_strerror(errno));
	return false;
}

static void place_close(struct place *p)
{
	ofl_metric_server_free(p->server);
	p->server = NULL;
	ofl_unixsock_fini(&p->file);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void place_open(enum ofl_metrics_at at)
{
	struct place *p = &places[at];
	char was[sizeof(p->error)];
	bool ok;

	strlcpy(was, p->error, sizeof(was));
	ok = at == OFL_METRICS_UNIX ? unix_open(p) : tcp_open(p);
	if (ok) {
		p->server = ofl_metric_server_new(
			loop, at == OFL_METRICS_UNIX ? p->file.fd : p->fd,
			&events);
		if (p->server) {
			p->error[0] = '\0';
			return;
		}
		snprintf(p->error, sizeof(p->error),
			 "the HTTP server cannot be started: %s",
			 safe_strerror(errno));
	}
	place_close(p);
	if (strcmp(was, p->error) != 0)
		flog_err(EC_OFL_METRICS, "Metrics: %s", p->error);
}

static void on_retry(struct ofl_ev *ev);

/* Every place that is configured and not open yet. */
static void open_all(void)
{
	bool is_missing = false;

	if (!is_started)
		return;
	for (unsigned int at = 0; at < OFL_METRICS_AT_MAX; at++) {
		if (!is_configured(at) || places[at].server)
			continue;
		place_open(at);
		is_missing |= !places[at].server;
	}
	if (is_missing)
		ofl_ev_timer_ms(loop, on_retry, NULL, RETRY_MS, &t_retry);
}

static void on_retry(struct ofl_ev *ev)
{
	open_all();
}

/* --- life --- */

void ofl_metrics_init(struct ofl_loop *master, const char *version,
		      const char *frr_version)
{
	loop = master;
	self = (struct ofl_metric_self){
		.version = version,
		.frr_version = frr_version,
		.started_us = ofl_clock_wall_us(),
	};
	for (unsigned int at = 0; at < OFL_METRICS_AT_MAX; at++) {
		places[at].fd = -1;
		ofl_unixsock_init(&places[at].file);
	}
}

void ofl_metrics_start(void)
{
	is_started = true;
	open_all();
}

void ofl_metrics_configure(const struct ofl_metrics_conf *to)
{
	bool is_other[OFL_METRICS_AT_MAX] = {
		[OFL_METRICS_UNIX] = strcmp(conf.unix_path, to->unix_path) != 0,
		[OFL_METRICS_TCP] =
			conf.port != to->port || conf.family != to->family ||
			memcmp(conf.addr, to->addr, sizeof(conf.addr)) != 0,
	};

	ofl_ev_off(t_retry);
	conf = *to;
	for (unsigned int at = 0; at < OFL_METRICS_AT_MAX; at++) {
		if (!is_other[at])
			continue;
		place_close(&places[at]);
		places[at].error[0] = '\0';
	}
	open_all();
}

void ofl_metrics_fini(void)
{
	ofl_ev_off(t_retry);
	is_started = false;
	for (unsigned int at = 0; at < OFL_METRICS_AT_MAX; at++)
		place_close(&places[at]);
}

void ofl_metrics_status(struct ofl_metrics_status *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int at = 0; at < OFL_METRICS_AT_MAX; at++) {
		const struct place *p = &places[at];

		if (!is_configured(at))
			continue;
		ret->at[at].configured = true;
		ret->at[at].listening = p->server;
		where_print(at, ret->at[at].where, sizeof(ret->at[at].where));
		strlcpy(ret->at[at].error, p->error, sizeof(ret->at[at].error));
		if (p->server)
			ret->at[at].clients =
				ofl_metric_server_clients(p->server);
	}
	ret->scrapes = self.scrapes;
	ret->errors = self.errors;
	ret->longest_us = self.longest_us;
	ret->last_us = last_us;
}
