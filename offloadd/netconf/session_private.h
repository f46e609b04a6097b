/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session from inside, for session.c (bytes, turns, times), listen.c (who may
 * have one), hello.c and rpc.c alone.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_SESSION_PRIVATE_H
#define OFFLOADD_NETCONF_SESSION_PRIVATE_H

#include "typesafe.h"

#include "offloadd/netconf/frame.h"
#include "offloadd/netconf/rpc.h"
#include "offloadd/netconf/session.h"

#define OFL_NC_NS_BASE "urn:ietf:params:xml:ns:netconf:base:1.0"

PREDECL_DLIST(ofl_nc_list);

enum ofl_nc_session_state {
	OFL_NC_SESSION_HELLO,	/* ours was sent, the peer's is awaited */
	OFL_NC_SESSION_OPEN,	/* answers what it is asked */
	OFL_NC_SESSION_CLOSING, /* what is in the queue is sent, no more */
	OFL_NC_SESSION_ENDED,	/* will be told to listeners and freed */
};

struct ofl_nc_session {
	struct ofl_nc_list_item item;

	/* --- set once --- */
	uint32_t id;
	int fd;
	struct ofl_nc_user user;
	int64_t login; /* seconds since 1970 */

	/* --- by session.c --- */
	enum ofl_nc_session_state state;
	struct ofl_nc_frame in;
	char *bytes; /* read and not decoded */
	size_t bytes_at, bytes_len;
	bool has_eof;  /* the peer says no more */
	bool was_open; /* its beginning was told */
	struct ofl_nc_text out;
	size_t out_sent;
	struct ofl_nc_text backlog; /* notifications, framed */
	struct ofl_nc_reply reply;  /* while its producer is not done */
	bool is_replying;	    /* an operation runs, or its producer */
	bool has_content;	    /* of that reply */
	int64_t active_ms;	    /* when the last message came */
	struct ofl_ev *t_read, *t_write, *t_turn, *t_timer;

	/* how it ended, once it has (RFC 6470) */
	const char *end_reason;
	uint32_t killed_by;

	/* --- by hello.c: of the replies too --- */
	enum ofl_nc_framing framing;

	/* --- by notify.c, through session.h --- */
	bool is_subscribed;

	/* --- by rpc.c and session.c --- */
	struct ofl_nc_counters counters;
};
DECLARE_DLIST(ofl_nc_list, struct ofl_nc_session, item);

/* Of all that have been, for RFC 6022. */
struct ofl_nc_statistics {
	int64_t since; /* seconds since 1970 */
	uint32_t in_bad_hellos, in_sessions, dropped_sessions;
	struct ofl_nc_counters counters;
};

/* --- session.c --- */
void ofl_nc_session_statistics(struct ofl_nc_statistics *ret_statistics);
/* End it: `reason` is a termination-reason of ietf-netconf-notifications,
 * `killed_by` who did it or 0, `why` for the log. */
void ofl_nc_session_end(struct ofl_nc_session *s, const char *reason,
			uint32_t killed_by, const char *why);
/* All that are not ended.  `uid` (uid_t)-1: of everybody. */
unsigned int ofl_nc_session_count(uid_t uid);
/* Takes the socket and what `user` owns. */
void ofl_nc_session_begin(int fd, const struct ofl_nc_user *user);

/* --- listen.c --- */
bool ofl_nc_listen_init(struct ofl_loop *loop,
			const struct ofl_nc_limits *limits, char *buf,
			size_t len);
void ofl_nc_listen_fini(void);
/* Who has connected, as the kernel says.  False: a sentence is in buf. */
bool ofl_nc_user_of(int fd, struct ofl_nc_user *ret_user, char *buf,
		    size_t len);
void ofl_nc_user_fini(struct ofl_nc_user *user);

/* --- hello.c --- */
void ofl_nc_hello_print(uint32_t id, struct ofl_nc_text *out);
/* What the peer's hello makes of the framing.  False: a sentence is in buf, and
 * the session has to end (RFC 6241, 8.1). */
bool ofl_nc_hello_parse(const char *message, size_t len,
			enum ofl_nc_framing *ret_framing, char *buf,
			size_t buf_len);

#endif /* OFFLOADD_NETCONF_SESSION_PRIVATE_H */
