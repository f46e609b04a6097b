/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a message to an answer: parse, ask access control whether the
 * operation may be called, call its handler, wrap what it says.
 *
 * Private to this room.  Main thread only.
 */
#ifndef OFFLOADD_NETCONF_RPC_H
#define OFFLOADD_NETCONF_RPC_H

#include <stdbool.h>
#include <stddef.h>

#include "offloadd/netconf/error.h"
#include "offloadd/netconf/text.h"

struct lyd_node;
struct ofl_nc_session;

/* More of a reply that is too long for one turn: called once a turn while the
 * peer takes what it is sent.  `more` appends a piece of some 32 KiB, after at
 * most some milliseconds; false: that was the last.  A reply that turns out to
 * be impossible in the middle ends the session: then `more` returns false with
 * *ret_broken true.  `free` is called once, also if the session ends. */
struct ofl_nc_producer {
	bool (*more)(void *arg, struct ofl_nc_text *out, bool *ret_broken);
	void (*free)(void *arg);
	void *arg;
};

/* What a handler says.  Errors, if there are any, are the whole answer.  Else
 * `body` and then what the producer makes are the content of <rpc-reply>; if
 * both are empty the answer is <ok/>. */
struct ofl_nc_reply {
	struct ofl_nc_errors errors;
	struct ofl_nc_text body;
	struct ofl_nc_producer producer; /* more NULL: there is none */
	bool close; /* end the session once this was sent (close-session) */
};

/* `op` is the operation's node in the context of context.h, parsed and
 * validated as far as libyang does for an RPC (no defaults were added); input
 * leaves are its children. */
typedef void (*ofl_nc_handler)(struct ofl_nc_session *s,
			       const struct lyd_node *op,
			       struct ofl_nc_reply *reply);

/* The operations of this room, by module and name; everything else goes to the
 * `rpc` callback of FRR's northbound.  Tables of operations are added by each
 * file's init function; `ops` ends with an entry without a name and is kept by
 * reference.  access control (nacm.h) has said yes before a handler is
 * called. */
struct ofl_nc_op {
	const char *module, *name;
	ofl_nc_handler handler;
};
void ofl_nc_ops_add(const struct ofl_nc_op *ops);

/* Answer one message.  The reply is complete but for what the producer has
 * yet to make: `out` begins with <rpc-reply ...> and, if there is no producer,
 * ends with </rpc-reply>.  False: the message was no <rpc> that could be
 * answered; the session has to end (RFC 6241, 4.1: an error is in `out` if one
 * can be said). */
bool ofl_nc_rpc(struct ofl_nc_session *s, const char *message, size_t len,
		struct ofl_nc_text *out, struct ofl_nc_reply *reply);
void ofl_nc_reply_fini(struct ofl_nc_reply *reply);

#endif /* OFFLOADD_NETCONF_RPC_H */
