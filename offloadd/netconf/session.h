/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions: who is connected, what was read from it, what it has to be sent.
 *
 * A peer that is slow, silent or gone costs nothing but its place: nothing is
 * read from it while it does not take its answers, nothing is produced for it
 * while its queue is full, and hello has to come in time.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_SESSION_H
#define OFFLOADD_NETCONF_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "offloadd/base/frr_compat.h"

/* Who the peer is, as the kernel says (SO_PEERCRED): found once, at the
 * beginning. */
struct ofl_nc_user {
	uid_t uid;
	char name[64];
	bool is_recovery; /* uid 0: no access control (RFC 8341, 2.5) */
	char **groups;	  /* names of its groups in the system; owned */
	size_t group_count;
};

/* Numbers of RFC 6022, of a session and of all together. */
struct ofl_nc_counters {
	uint32_t in_rpcs, in_bad_rpcs, out_rpc_errors, out_notifications;
};

struct ofl_nc_session;

struct ofl_nc_limits {
	char socket[108];
	char socket_group[64]; /* owns it, mode 0660; "": the daemon's */
	unsigned int sessions, sessions_per_user;
	size_t message_bytes; /* longest message that is read */
	size_t queue_bytes;   /* above this nothing is produced for a session */
	/* notifications wait up to here, then the session is ended */
	size_t backlog_bytes;
	unsigned int hello_s;
	unsigned int idle_s; /* 0: for ever; sessions with a subscription never
			      * are idle (RFC 6241, 4.x; OpenSSH has its own) */
};
/* Listen.  False: a sentence is in buf, and nothing is open. */
bool ofl_nc_sessions_init(struct ofl_loop *loop,
			  const struct ofl_nc_limits *limits, char *buf,
			  size_t len);
void ofl_nc_sessions_fini(void);

uint32_t ofl_nc_session_id(const struct ofl_nc_session *s);
const struct ofl_nc_user *ofl_nc_session_user(const struct ofl_nc_session *s);
const struct ofl_nc_counters *
ofl_nc_session_counters(const struct ofl_nc_session *s);
/* Seconds since 1970. */
int64_t ofl_nc_session_login(const struct ofl_nc_session *s);
struct ofl_nc_session *ofl_nc_session_find(uint32_t id);
void ofl_nc_sessions_walk(void (*cb)(struct ofl_nc_session *s, void *arg),
			  void *arg);

/* It has a subscription: it may be silent without being idle. */
void ofl_nc_session_set_subscribed(struct ofl_nc_session *s,
				   bool is_subscribed);

/* End another session or this one; it is gone when the turn is. */
void ofl_nc_session_kill(struct ofl_nc_session *s, const char *why);

/* A complete element <notification>, sent between replies.  False: the peer
 * does not read them, and its session is being ended. */
bool ofl_nc_session_notify(struct ofl_nc_session *s, const char *text,
			   size_t len);
/* Told of each session that ended, before its memory goes: locks, changes and
 * subscriptions of it end.  At most 8 listeners, for the life of the module. */
void ofl_nc_session_on_end(void (*cb)(struct ofl_nc_session *s));

#endif /* OFFLOADD_NETCONF_SESSION_H */
