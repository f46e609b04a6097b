// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sessions: bytes in, one message a turn, bytes out.
 *
 * A turn of a session does one thing: a piece of a long reply, or one message.
 * Nothing is read, decoded or produced while the peer does not take what it is
 * sent, so that a peer that is stuck has no turns at all.
 *
 * It does not know what messages mean: hello.c and rpc.c do.  listen.c says
 * who may have a session.
 */
#include <zebra.h>

#include "log.h"
#include "memory.h"

#include "lib/clock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_SESSION, "offload NETCONF session");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_BYTES, "offload NETCONF input");

#define READ_BYTES 16384
/* A hello has no need of more. */
#define HELLO_BYTES 65536
/* A peer that closes takes its last answer in this time. */
#define CLOSE_S 10
#define LISTENERS 8

static struct ofl_nc_list_head sessions[1];
static struct ofl_nc_limits limits;
static struct ofl_loop *loop;
static uint32_t last_id;
static struct ofl_nc_statistics ended; /* of those that are no more */
static void (*listeners[LISTENERS])(struct ofl_nc_session *s);
static size_t listener_count;

static void session_arm(struct ofl_nc_session *s);
static void on_turn(struct ofl_ev *ev);
static void on_timer(struct ofl_ev *ev);

static int64_t now_ms(void)
{
	return ofl_clock_mono_us() / 1000;
}

/* --- ends --- */

static void counters_add(struct ofl_nc_counters *sum,
			 const struct ofl_nc_counters *c)
{
	sum->in_rpcs += c->in_rpcs;
	sum->in_bad_rpcs += c->in_bad_rpcs;
	sum->out_rpc_errors += c->out_rpc_errors;
	sum->out_notifications += c->out_notifications;
}

static void reply_drop(struct ofl_nc_session *s)
{
	ofl_nc_reply_fini(&s->reply);
	s->is_replying = false;
}

static void session_free(struct ofl_nc_session *s)
{
	/* Others are told last: they may ask what is no more. */
	for (size_t i = 0; i < listener_count; i++)
		listeners[i](s);
	if (s->end_reason && s->was_open)
		ofl_nc_notify_session(s, s->end_reason, s->killed_by);
	counters_add(&ended.counters, &s->counters);
	ofl_nc_list_del(sessions, s);
	ofl_ev_off(s->t_read);
	ofl_ev_off(s->t_write);
	ofl_ev_off(s->t_turn);
	ofl_ev_off(s->t_timer);
	reply_drop(s);
	ofl_nc_frame_fini(&s->in);
	ofl_nc_text_fini(&s->out);
	ofl_nc_text_fini(&s->backlog);
	XFREE(MTYPE_OFL_NC_BYTES, s->bytes);
	ofl_nc_user_fini(&s->user);
	if (s->fd >= 0)
		close(s->fd);
	XFREE(MTYPE_OFL_NC_SESSION, s);
}

static size_t out_waiting(const struct ofl_nc_session *s)
{
	return s->out.len - s->out_sent;
}

/* Its memory stays until the next turn: who calls may yet look at it. */
void ofl_nc_session_end(struct ofl_nc_session *s, const char *reason,
			uint32_t killed_by, const char *why)
{
	if (s->state == OFL_NC_SESSION_ENDED)
		return;
	zlog_info("NETCONF: session %u of %s ends: %s", s->id, s->user.name,
		  why);
	/* Closed in order, or dropped for another reason. */
	if (s->state != OFL_NC_SESSION_CLOSING || out_waiting(s))
		ended.dropped_sessions++;
	s->end_reason = reason;
	s->killed_by = killed_by;
	s->state = OFL_NC_SESSION_ENDED;
	ofl_ev_off(s->t_read);
	ofl_ev_off(s->t_write);
	ofl_ev_off(s->t_timer);
	ofl_ev_off(s->t_turn);
	close(s->fd);
	s->fd = -1;
	ofl_ev_soon(loop, on_turn, s, &s->t_turn);
}

void ofl_nc_session_kill(struct ofl_nc_session *s, const char *why)
{
	ofl_nc_session_end(s, "other", 0, why);
}

static void session_drop(struct ofl_nc_session *s, const char *why)
{
	ofl_nc_session_end(s, "dropped", 0, why);
}

/* The rest of its queue is sent, for a while. */
static void session_close(struct ofl_nc_session *s)
{
	s->state = OFL_NC_SESSION_CLOSING;
	ofl_ev_off(s->t_timer);
	ofl_ev_timer_ms(loop, on_timer, s, CLOSE_S * 1000, &s->t_timer);
}

static void on_timer(struct ofl_ev *ev)
{
	struct ofl_nc_session *s = OFL_EV_ARG(ev);
	int64_t left;

	if (s->state == OFL_NC_SESSION_HELLO) {
		ofl_nc_session_end(s, "timeout", 0, "it said no hello");
		return;
	}
	if (s->state == OFL_NC_SESSION_CLOSING) {
		session_drop(s, "it does not take its last answer");
		return;
	}
	left = s->active_ms + (int64_t)limits.idle_s * 1000 - now_ms();
	if (s->is_subscribed || s->is_replying)
		left = (int64_t)limits.idle_s * 1000;
	if (left <= 0)
		ofl_nc_session_end(s, "timeout", 0, "it was idle for too long");
	else
		ofl_ev_timer_ms(loop, on_timer, s, left, &s->t_timer);
}

/* --- out --- */

/* Write what the peer takes.  False: it takes nothing any more. */
static bool out_write(struct ofl_nc_session *s)
{
	while (out_waiting(s)) {
		ssize_t n = send(s->fd, s->out.data + s->out_sent,
				 out_waiting(s), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		s->out_sent += n;
	}
	/* Nothing is kept of what was sent; a session that only waits has no
	 * buffer. */
	ofl_nc_text_fini(&s->out);
	s->out_sent = 0;
	return true;
}

/* What was sent makes room before more is added. */
static void out_compact(struct ofl_nc_session *s)
{
	if (!s->out_sent)
		return;
	memmove(s->out.data, s->out.data + s->out_sent, out_waiting(s) + 1);
	s->out.len -= s->out_sent;
	s->out_sent = 0;
}

static void on_writable(struct ofl_ev *ev)
{
	struct ofl_nc_session *s = OFL_EV_ARG(ev);

	if (!out_write(s))
		session_drop(s, "the peer is gone");
	else
		session_arm(s);
}

/* Notifications go between messages. */
static void backlog_flush(struct ofl_nc_session *s)
{
	if (!s->backlog.len)
		return;
	out_compact(s);
	ofl_nc_text_add(&s->out, s->backlog.data, s->backlog.len);
	ofl_nc_text_fini(&s->backlog);
}

bool ofl_nc_session_notify(struct ofl_nc_session *s, const char *text,
			   size_t len)
{
	bool can_send = s->state == OFL_NC_SESSION_OPEN;

	if (!can_send)
		return false;
	if (s->backlog.len + len > limits.backlog_bytes) {
		ofl_nc_session_kill(s, "it does not take its notifications");
		return false;
	}
	ofl_nc_frame_encode(s->framing, text, len, &s->backlog);
	ofl_nc_frame_encode_end(s->framing, &s->backlog);
	s->counters.out_notifications++;
	if (!s->is_replying && out_waiting(s) < limits.queue_bytes)
		backlog_flush(s);
	session_arm(s);
	return true;
}

/* --- turns --- */

static void take_hello(struct ofl_nc_session *s)
{
	char buf[160];

	if (!ofl_nc_hello_parse(s->in.message.data, s->in.message.len,
				&s->framing, buf, sizeof(buf))) {
		ended.in_bad_hellos++;
		ofl_nc_session_end(s, "bad-hello", 0, buf);
		return;
	}
	s->in.framing = s->framing;
	s->in.max_bytes = limits.message_bytes;
	s->state = OFL_NC_SESSION_OPEN;
	s->was_open = true;
	ofl_nc_notify_session(s, NULL, 0);
	ofl_ev_off(s->t_timer);
	if (limits.idle_s)
		ofl_ev_timer_ms(loop, on_timer, s, limits.idle_s * 1000,
				&s->t_timer);
}

static void reply_end(struct ofl_nc_session *s)
{
	bool must_close = s->reply.close;

	ofl_nc_frame_encode_end(s->framing, &s->out);
	reply_drop(s);
	if (must_close)
		session_close(s);
	else
		backlog_flush(s);
}

static void take_rpc(struct ofl_nc_session *s)
{
	struct ofl_nc_text text = {};
	bool ok;

	s->is_replying = true;
	ok = ofl_nc_rpc(s, s->in.message.data, s->in.message.len, &text,
			&s->reply);
	/* An operation may end its own session. */
	if (s->state == OFL_NC_SESSION_ENDED) {
		ofl_nc_text_fini(&text);
		return;
	}
	s->has_content = s->reply.body.len;
	ofl_nc_text_fini(&s->reply.body);
	out_compact(s);
	ofl_nc_frame_encode(s->framing, text.data, text.len, &s->out);
	ofl_nc_text_fini(&text);
	if (!ok && !s->out.len) {
		ofl_nc_session_kill(s, "its message was no <rpc>");
		return;
	}
	if (!ok) {
		zlog_info("NETCONF: session %u of %s ends: its message was no "
			  "<rpc>",
			  s->id, s->user.name);
		s->reply.close = true;
		reply_end(s);
		return;
	}
	if (!s->reply.producer.more)
		reply_end(s);
}

/* One piece of a long reply. */
static void take_piece(struct ofl_nc_session *s)
{
	struct ofl_nc_producer *p = &s->reply.producer;
	struct ofl_nc_text text = {};
	bool is_broken = false;
	bool has_more = p->more(p->arg, &text, &is_broken);

	if (s->state == OFL_NC_SESSION_ENDED || is_broken) {
		ofl_nc_text_fini(&text);
		ofl_nc_session_kill(s, "its reply cannot be completed");
		return;
	}
	s->has_content |= text.len > 0;
	if (!has_more) {
		if (!s->has_content)
			ofl_nc_text_str(&text, "<ok/>");
		ofl_nc_text_str(&text, "</rpc-reply>");
	}
	out_compact(s);
	ofl_nc_frame_encode(s->framing, text.data, text.len, &s->out);
	ofl_nc_text_fini(&text);
	if (!has_more)
		reply_end(s);
}

/* Decode until one message is complete, and take it. */
static void take_bytes(struct ofl_nc_session *s)
{
	size_t used = 0;
	enum ofl_nc_frame_result result =
		ofl_nc_frame_decode(&s->in, s->bytes + s->bytes_at,
				    s->bytes_len - s->bytes_at, &used);

	s->bytes_at += used;
	switch (result) {
	case OFL_NC_FRAME_MORE:
		return;
	case OFL_NC_FRAME_BAD:
		ofl_nc_session_kill(s, "its framing is malformed");
		return;
	case OFL_NC_FRAME_LONG:
		ofl_nc_session_kill(s, "its message is too long");
		return;
	case OFL_NC_FRAME_MESSAGE:
		break;
	}
	s->active_ms = now_ms();
	if (s->state == OFL_NC_SESSION_HELLO)
		take_hello(s);
	else
		take_rpc(s);
	ofl_nc_frame_release(&s->in);
}

static bool has_bytes(const struct ofl_nc_session *s)
{
	return s->bytes_at < s->bytes_len;
}

static bool is_listening(const struct ofl_nc_session *s)
{
	return s->state == OFL_NC_SESSION_HELLO ||
	       s->state == OFL_NC_SESSION_OPEN;
}

static void on_turn(struct ofl_ev *ev)
{
	struct ofl_nc_session *s = OFL_EV_ARG(ev);

	if (s->state == OFL_NC_SESSION_ENDED) {
		session_free(s);
		return;
	}
	if (s->is_replying)
		take_piece(s);
	else if (is_listening(s) && has_bytes(s)) {
		backlog_flush(s);
		take_bytes(s);
	}
	if (s->state != OFL_NC_SESSION_ENDED && !out_write(s))
		session_drop(s, "the peer is gone");
	session_arm(s);
}

static void on_readable(struct ofl_ev *ev)
{
	struct ofl_nc_session *s = OFL_EV_ARG(ev);
	ssize_t n;

	if (!s->bytes)
		s->bytes = XMALLOC(MTYPE_OFL_NC_BYTES, READ_BYTES);
	s->bytes_at = s->bytes_len = 0;
	n = recv(s->fd, s->bytes, READ_BYTES, MSG_DONTWAIT);
	if (n > 0) {
		s->bytes_len = n;
	} else if (n == 0) {
		s->has_eof = true;
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		session_drop(s, "the peer is gone");
		return;
	}
	session_arm(s);
}

/* What may happen next: exactly what the session waits for is scheduled. */
static void session_arm(struct ofl_nc_session *s)
{
	bool has_room, wants_turn;

	if (s->state == OFL_NC_SESSION_ENDED)
		return;
	if (out_waiting(s))
		ofl_ev_write(loop, on_writable, s, s->fd, &s->t_write);
	has_room = out_waiting(s) < limits.queue_bytes;
	wants_turn = s->is_replying || (is_listening(s) && has_bytes(s));
	if (wants_turn) {
		if (has_room)
			ofl_ev_soon(loop, on_turn, s, &s->t_turn);
		return;
	}
	if (has_room && s->backlog.len) {
		backlog_flush(s);
		ofl_ev_write(loop, on_writable, s, s->fd, &s->t_write);
	}
	if (is_listening(s) && !s->has_eof) {
		if (has_room)
			ofl_ev_read(loop, on_readable, s, s->fd, &s->t_read);
		return;
	}
	if (out_waiting(s))
		return;
	if (s->state == OFL_NC_SESSION_CLOSING)
		ofl_nc_session_end(s, "closed", 0, "it was closed");
	else
		session_drop(s, "the peer closed it");
}

/* --- begin --- */

static uint32_t new_id(void)
{
	do {
		last_id++;
	} while (!last_id || last_id == UINT32_MAX ||
		 ofl_nc_session_find(last_id));
	return last_id;
}

void ofl_nc_session_begin(int fd, const struct ofl_nc_user *user)
{
	struct ofl_nc_session *s = XCALLOC(MTYPE_OFL_NC_SESSION, sizeof(*s));
	struct ofl_nc_text hello = {};

	s->id = new_id();
	s->fd = fd;
	s->user = *user;
	s->login = time(NULL);
	s->active_ms = now_ms();
	ofl_nc_frame_init(&s->in, HELLO_BYTES < limits.message_bytes
					  ? HELLO_BYTES
					  : limits.message_bytes);
	ofl_nc_list_add_tail(sessions, s);
	ended.in_sessions++;
	zlog_info("NETCONF: session %u of %s begins", s->id, s->user.name);
	ofl_nc_hello_print(s->id, &hello);
	ofl_nc_frame_encode(s->framing, hello.data, hello.len, &s->out);
	ofl_nc_frame_encode_end(s->framing, &s->out);
	ofl_nc_text_fini(&hello);
	ofl_ev_timer_ms(loop, on_timer, s, limits.hello_s * 1000, &s->t_timer);
	session_arm(s);
}

bool ofl_nc_sessions_init(struct ofl_loop *master,
			  const struct ofl_nc_limits *conf, char *buf,
			  size_t len)
{
	loop = master;
	limits = *conf;
	memset(&ended, 0, sizeof(ended));
	ended.since = time(NULL);
	ofl_nc_list_init(sessions);
	return ofl_nc_listen_init(loop, &limits, buf, len);
}

void ofl_nc_sessions_fini(void)
{
	struct ofl_nc_session *s;

	ofl_nc_listen_fini();
	frr_each_safe (ofl_nc_list, sessions, s) {
		/* What fits is sent, the peer sees the end. */
		if (s->fd >= 0)
			(void)out_write(s);
		s->state = OFL_NC_SESSION_ENDED;
		session_free(s);
	}
	listener_count = 0;
}

/* --- what others ask --- */

void ofl_nc_session_statistics(struct ofl_nc_statistics *ret_statistics)
{
	struct ofl_nc_session *s;

	*ret_statistics = ended;
	frr_each (ofl_nc_list, sessions, s)
		counters_add(&ret_statistics->counters, &s->counters);
}

uint32_t ofl_nc_session_id(const struct ofl_nc_session *s)
{
	return s->id;
}

const struct ofl_nc_user *ofl_nc_session_user(const struct ofl_nc_session *s)
{
	return &s->user;
}

const struct ofl_nc_counters *
ofl_nc_session_counters(const struct ofl_nc_session *s)
{
	return &s->counters;
}

int64_t ofl_nc_session_login(const struct ofl_nc_session *s)
{
	return s->login;
}

void ofl_nc_session_set_subscribed(struct ofl_nc_session *s, bool is_subscribed)
{
	s->is_subscribed = is_subscribed;
}

struct ofl_nc_session *ofl_nc_session_find(uint32_t id)
{
	struct ofl_nc_session *s;

	frr_each (ofl_nc_list, sessions, s)
		if (s->id == id && s->state != OFL_NC_SESSION_ENDED)
			return s;
	return NULL;
}

void ofl_nc_sessions_walk(void (*cb)(struct ofl_nc_session *s, void *arg),
			  void *arg)
{
	struct ofl_nc_session *s;

	frr_each_safe (ofl_nc_list, sessions, s)
		if (s->state != OFL_NC_SESSION_ENDED)
			cb(s, arg);
}

unsigned int ofl_nc_session_count(uid_t uid)
{
	struct ofl_nc_session *s;
	unsigned int count = 0;

	frr_each (ofl_nc_list, sessions, s)
		if (s->state != OFL_NC_SESSION_ENDED &&
		    (uid == (uid_t)-1 || s->user.uid == uid))
			count++;
	return count;
}

void ofl_nc_session_on_end(void (*cb)(struct ofl_nc_session *s))
{
	assert(listener_count < LISTENERS);
	listeners[listener_count++] = cb;
}
