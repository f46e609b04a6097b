// SPDX-License-Identifier: GPL-2.0-or-later
/* The FPM session; see fpm.h. */
#include <zebra.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "log.h"
#include "memory.h"
#include "network.h"

#include "lib/clock.h"
#include "offloadd/base/debug.h"
#include "offloadd/base/errors.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/source/fpm_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FPM, "offload FPM feed");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_FPM_QUEUE, "offload FPM output");

#define RETRY_MS 1000 /* an address that is in use */
#define LOG_EVERY_US 10000000
#define READ_BUFFER_BYTES (8 * 1024 * 1024)

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static void session_close(struct ofl_fpm *f, const char *why);

static bool may_log(struct ofl_fpm *f)
{
	uint64_t now_us = ofl_clock_mono_us();

	if (f->logged_us && now_us - f->logged_us < LOG_EVERY_US)
		return false;
	f->logged_us = now_us;
	return true;
}

void ofl_fpm_malformed(struct ofl_fpm *f, const char *what)
{
	f->stats.malformed++;
	if (may_log(f))
		flog_warn(EC_OFL_FPM,
			  "%s of %s over FPM makes no sense (%" PRIu64
			  " so far)",
			  what, f->stats.peer, f->stats.malformed);
}

/* --- what others are told, never from inside a call of theirs --- */

static void tell(struct ofl_ev *ev)
{
	struct ofl_fpm *f = OFL_EV_ARG(ev);
	const struct ofl_fpm_events *e = &f->feed->fpm_events;
	bool up = f->up_pending, drained = f->drained_pending;

	f->up_pending = f->drained_pending = false;
	if (up && f->fd >= 0 && e->up)
		e->up(f, f->feed->fpm_events_arg);
	if (drained && f->fd >= 0 && e->drained)
		e->drained(f, f->feed->fpm_events_arg);
}

void ofl_fpm_events_set(struct ofl_fpm *f)
{
	f->up_pending = f->fd >= 0;
	ofl_ev_soon(f->feed->loop, tell, f, &f->t_event);
}

/* --- writing --- */

static void session_write(struct ofl_ev *ev)
{
	struct ofl_fpm *f = OFL_EV_ARG(ev);
	ssize_t n;

	/* The end of a connection is told by reading it. */
	n = send(f->fd, f->queue + f->from, f->to - f->from,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		return;
	if (n > 0) {
		f->from += n;
		f->stats.sent_bytes += n;
	}
	if (f->from == f->to)
		f->from = f->to = 0;
	else
		ofl_ev_write(f->feed->loop, session_write, f, f->fd,
			     &f->t_write);
	if (f->refused && f->to - f->from < OFL_FPM_QUEUE_BYTES / 2) {
		f->refused = false;
		f->drained_pending = true;
		ofl_ev_soon(f->feed->loop, tell, f, &f->t_event);
	}
}

bool ofl_fpm_send(struct ofl_fpm *f, const void *nlmsg, size_t len)
{
	uint8_t header[OFL_FPM_HEADER_BYTES];

	if (f->fd < 0 || !ofl_fpm_frame_encode(header, len))
		return false;
	if (f->to - f->from + sizeof(header) + len > OFL_FPM_QUEUE_BYTES) {
		f->refused = true;
		f->stats.refused_messages++;
		return false;
	}
	if (!f->queue)
		f->queue = XMALLOC(MTYPE_OFL_FPM_QUEUE, OFL_FPM_QUEUE_BYTES);
	if (f->to + sizeof(header) + len > OFL_FPM_QUEUE_BYTES) {
		memmove(f->queue, f->queue + f->from, f->to - f->from);
		f->to -= f->from;
		f->from = 0;
	}
	memcpy(f->queue + f->to, header, sizeof(header));
	memcpy(f->queue + f->to + sizeof(header), nlmsg, len);
	f->to += sizeof(header) + len;
	f->stats.sent_messages++;
	ofl_ev_write(f->feed->loop, session_write, f, f->fd, &f->t_write);
	return true;
}

size_t ofl_fpm_queued_bytes(const struct ofl_fpm *f)
{
	return f->to - f->from;
}

/* --- reading --- */

static bool on_frame(const uint8_t *frame, size_t len, void *arg)
{
	struct ofl_fpm *f = arg;

	f->stats.frames++;
	if (ofl_fpm_routes_frame(f, frame, len))
		return f->fd >= 0;
	ofl_fpm_malformed(f, "a frame");
	session_close(f, "a frame made no sense");
	return false;
}

static void session_read(struct ofl_ev *ev)
{
	struct ofl_fpm *f = OFL_EV_ARG(ev);
	uint64_t messages = f->stats.messages;
	enum ofl_bulk_read r;

	ofl_rib_tick(f->feed->rib, ofl_clock_mono_us());
	r = ofl_bulk_read(f->reader, f->fd, OFL_FEED_TURN_US, on_frame, f);
	if (f->stats.messages != messages)
		ofl_feed_heard(f->feed);
	switch (r) {
	case OFL_BULK_DRAINED:
		ofl_ev_read(f->feed->loop, session_read, f, f->fd, &f->t_read);
		break;
	case OFL_BULK_MORE:
		ofl_ev_soon(f->feed->loop, session_read, f, &f->t_read);
		break;
	case OFL_BULK_GARBAGE:
		ofl_fpm_malformed(f, "a header");
		session_close(f, "a frame had no FPM header for netlink");
		break;
	case OFL_BULK_CLOSED:
		session_close(f, NULL);
		break;
	case OFL_BULK_STOPPED:
		break; /* it is closed */
	}
}

/* --- the session --- */

static void connected_note(struct ofl_fpm *f, bool connected)
{
	f->stats.connected = connected;
	f->stats.since_us = ofl_clock_mono_us();
}

/* `why`: what this side has against it; NULL: zebra went. */
static void session_close(struct ofl_fpm *f, const char *why)
{
	if (f->fd < 0)
		return;
	zlog_info("the FPM session with %s ended%s%s; routes are held until it "
		  "is back",
		  f->stats.peer, why ? ": " : "", why ? why : "");
	snprintf(f->stats.error, sizeof(f->stats.error), "%s", why ? why : "");
	ofl_ev_off(f->t_read);
	ofl_ev_off(f->t_write);
	close(f->fd);
	f->fd = -1;
	f->from = f->to = 0;
	f->refused = f->up_pending = f->drained_pending = false;
	f->stats.peer[0] = '\0';
	connected_note(f, false);
	ofl_fpm_routes_reset(f);
	ofl_feed_lost(f->feed, false);
}

static void peer_print(const union address *a, char *buf, size_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool is_v4 = a->sa.sa_family == AF_INET;

	inet_ntop(a->sa.sa_family,
		  is_v4 ? (const void *)&a->in.sin_addr
			: (const void *)&a->in6.sin6_addr,
		  text, sizeof(text));
	snprintf(buf, len, is_v4 ? "%s:%u" : "[%s]:%u", text,
		 ntohs(is_v4 ? a->in.sin_port : a->in6.sin6_port));
}

static void session_open(struct ofl_fpm *f, int fd, const union address *peer)
{
	int bytes = READ_BUFFER_BYTES, one = 1;

	set_nonblocking(fd);
	/* As much as the system lets us; zebra writes while we do else. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	f->fd = fd;
	f->stats.connects++;
	f->stats.error[0] = '\0';
	peer_print(peer, f->stats.peer, sizeof(f->stats.peer));
	connected_note(f, true);
	zlog_info("FPM session with %s", f->stats.peer);
	ofl_bulk_reset(f->reader);
	ofl_fpm_routes_reset(f);
	ofl_ev_read(f->feed->loop, session_read, f, fd, &f->t_read);
	ofl_feed_begin(f->feed, OFL_FEED_BEGIN_FPM);
	/* What comes by ZAPI is of this resync, too. */
	if (!ofl_zapi_subscribe(f->feed->zapi, OFL_FEED_FPM))
		return; /* it has ended everything */
	f->up_pending = true;
	ofl_ev_soon(f->feed->loop, tell, f, &f->t_event);
}

static void session_accept(struct ofl_ev *ev)
{
	struct ofl_fpm *f = OFL_EV_ARG(ev);
	union address peer = {0};
	socklen_t len = sizeof(peer);
	int fd = accept4(f->listener, &peer.sa, &len, SOCK_CLOEXEC);

	ofl_ev_read(f->feed->loop, session_accept, f, f->listener,
		    &f->t_accept);
	if (fd < 0)
		return;
	if (f->fd >= 0) {
		f->stats.replaced++;
		session_close(f, "a newer connection took its place");
	}
	session_open(f, fd, &peer);
}

/* --- where it waits --- */

static socklen_t address_make(const struct ofl_feed_conf *c, union address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sa.sa_family = c->fpm_family;
	if (c->fpm_family == AF_INET) {
		memcpy(&ret->in.sin_addr, c->fpm_addr, 4);
		ret->in.sin_port = htons(c->fpm_port);
		return sizeof(ret->in);
	}
	memcpy(&ret->in6.sin6_addr, c->fpm_addr, 16);
	ret->in6.sin6_port = htons(c->fpm_port);
	return sizeof(ret->in6);
}

static int listener_open(const struct ofl_feed_conf *c)
{
	union address a;
	socklen_t len = address_make(c, &a);
	int one = 1, saved;
	int fd = socket(c->fpm_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!bind(fd, &a.sa, len) && !listen(fd, 4))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static void listen_try(struct ofl_fpm *f);

static void listen_again(struct ofl_ev *ev)
{
	listen_try(OFL_EV_ARG(ev));
}

static void listen_try(struct ofl_fpm *f)
{
	union address a;
	char text[64];

	f->listener = listener_open(&f->feed->conf);
	f->stats.listening = f->listener >= 0;
	if (f->stats.listening) {
		f->stats.error[0] = '\0';
		ofl_ev_read(f->feed->loop, session_accept, f, f->listener,
			    &f->t_accept);
		return;
	}
	address_make(&f->feed->conf, &a);
	peer_print(&a, text, sizeof(text));
	snprintf(f->stats.error, sizeof(f->stats.error),
		 "cannot listen at %s: %s", text, safe_strerror(errno));
	if (may_log(f))
		flog_err(EC_OFL_FPM, "FPM: %s", f->stats.error);
	ofl_ev_timer_ms(f->feed->loop, listen_again, f, RETRY_MS, &f->t_retry);
}

void ofl_fpm_listen(struct ofl_fpm *f, bool on)
{
	if (f->wanted == on)
		return;
	f->wanted = on;
	if (on) {
		listen_try(f);
		return;
	}
	ofl_ev_off(f->t_retry);
	ofl_ev_off(f->t_accept);
	if (f->listener >= 0)
		close(f->listener);
	f->listener = -1;
	f->stats.listening = false;
	session_close(f, "zebra's other sessions ended");
}

bool ofl_fpm_restart(struct ofl_fpm *f)
{
	if (f->fd < 0)
		return false;
	session_close(f, "zebra is to say all again");
	return true;
}

/* --- life --- */

struct ofl_fpm *ofl_fpm_new(struct ofl_feed *feed)
{
	struct ofl_fpm *f = XCALLOC(MTYPE_OFL_FPM, sizeof(*f));

	f->feed = feed;
	f->listener = f->fd = -1;
	f->reader = ofl_bulk_new(ofl_fpm_frame_measure);
	f->stats.since_us = ofl_clock_mono_us();
	ofl_fpm_routes_init(f);
	return f;
}

void ofl_fpm_free(struct ofl_fpm *f)
{
	if (!f)
		return;
	ofl_ev_off(f->t_retry);
	ofl_ev_off(f->t_accept);
	ofl_ev_off(f->t_read);
	ofl_ev_off(f->t_write);
	ofl_ev_off(f->t_event);
	if (f->listener >= 0)
		close(f->listener);
	if (f->fd >= 0)
		close(f->fd);
	ofl_fpm_routes_fini(f);
	ofl_bulk_free(f->reader);
	XFREE(MTYPE_OFL_FPM_QUEUE, f->queue);
	XFREE(MTYPE_OFL_FPM, f);
}

bool ofl_fpm_is_connected(const struct ofl_fpm *f)
{
	return f->fd >= 0;
}

void ofl_fpm_stats(const struct ofl_fpm *f, struct ofl_fpm_stats *ret)
{
	*ret = f->stats;
	ret->bytes = ofl_bulk_bytes(f->reader);
	ret->nexthops = ofl_nhgs_count(f->nhgs);
	ret->nexthops_missing = ofl_nhgs_missing(f->nhgs);
	ret->queued_bytes = ofl_fpm_queued_bytes(f);
}
