/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the datastores tell each other.
 *
 * datastore.c has the candidate, lock.c who may change what, commit.c the way
 * into FRR, confirm.c commits that may be taken back, ops_edit.c the
 * operations that change a datastore, tell.c the notifications about it.
 */
#ifndef OFFLOADD_NETCONF_DATASTORE_PRIVATE_H
#define OFFLOADD_NETCONF_DATASTORE_PRIVATE_H

#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/rpc.h"

struct ofl_nc_conflicts;

/* --- datastore.c --- */

/* Bring the candidate up to date with the running configuration.  False:
 * somebody changed there what was changed here; it stays as it is, and
 * `errors` (may be NULL) names the paths. */
bool ofl_nc_candidate_refresh(struct ofl_nc_errors *errors);
bool ofl_nc_candidate_is_dirty(void);
/* Who changed it last; 0: it is as the running one. */
uint32_t ofl_nc_candidate_changed_by(void);
/* This is the candidate now (consumed), changed by that session. */
void ofl_nc_candidate_set(struct lyd_node *tree, uint32_t session_id);
void ofl_nc_candidate_discard(void);
/* A copy of what the datastore holds; caller frees. */
struct lyd_node *ofl_nc_datastore_copy(enum ofl_nc_datastore which);
/* An error for each path, and one sentence. */
void ofl_nc_conflicts_add(const struct ofl_nc_conflicts *c,
			  struct ofl_nc_errors *errors);

/* --- lock.c --- */

/* May the session, or the server (NULL), change it?  False: in-use. */
bool ofl_nc_lock_allows(enum ofl_nc_datastore which,
			const struct ofl_nc_session *s,
			struct ofl_nc_errors *errors);
/* FRR's name for whom we change the running configuration. */
const void *ofl_nc_lock_user(const struct ofl_nc_session *s);
void ofl_nc_lock_init(void);
void ofl_nc_lock_fini(void);
/* Releases; a candidate that was locked is discarded. */
void ofl_nc_lock_session_end(const struct ofl_nc_session *s);

/* --- commit.c --- */

/* May the session make of `old` what `new` is?  False: access-denied, or what
 * the daemon cannot do.  `s` NULL is the server itself. */
bool ofl_nc_commit_allows(const struct ofl_nc_session *s,
			  const struct lyd_node *old,
			  const struct lyd_node *new,
			  struct ofl_nc_errors *errors);
/* By the model; adds and drops defaults. */
bool ofl_nc_commit_validate(struct lyd_node **tree,
			    struct ofl_nc_errors *errors);
/* By the model and by the daemon's own checks. */
bool ofl_nc_commit_validate_all(const struct ofl_nc_session *s,
				struct lyd_node **tree,
				struct ofl_nc_errors *errors);
/* *tree becomes the running configuration: access control, validation, FRR. */
bool ofl_nc_commit(const struct ofl_nc_session *s, struct lyd_node **tree,
		   struct ofl_nc_errors *errors);

/* --- confirm.c: commit, cancel-commit --- */

void ofl_nc_confirm_init(struct ofl_loop *loop);
void ofl_nc_confirm_fini(void);
/* The session with a confirmed commit that waits; 0: none. */
uint32_t ofl_nc_confirm_session(void);
bool ofl_nc_confirm_is_pending(void);
/* Takes back what nobody else could confirm. */
void ofl_nc_confirm_session_end(const struct ofl_nc_session *s);

/* --- ops_edit.c: edit-config, copy-config, delete-config, validate,
 * discard-changes --- */

void ofl_nc_ops_edit_init(void);

/* --- tell.c: netconf-config-change, netconf-confirmed-commit --- */

void ofl_nc_tell_init(struct ofl_loop *loop);
void ofl_nc_tell_fini(void);
/* A notification of the difference; NULL: none can be made. */
struct lyd_node *ofl_nc_tell_make(const struct ofl_nc_session *s,
				  const struct lyd_node *old,
				  const struct lyd_node *new);
/* It was done; consumed. */
void ofl_nc_tell_done(struct lyd_node *notification);
/* `s` NULL: the server; `timeout_s` 0: none. */
void ofl_nc_tell_confirmed(const char *event, const struct ofl_nc_session *s,
			   uint32_t timeout_s);

#endif /* OFFLOADD_NETCONF_DATASTORE_PRIVATE_H */
