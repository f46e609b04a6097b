// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket, and who may have a session on it.
 *
 * The user is who the kernel says, once; a user the system does not know has
 * no session.  The file is unixsock.h's.
 *
 * Neighbours: session.c takes what was accepted.
 */
#include <zebra.h>

#include <grp.h>
#include <pwd.h>

#include "log.h"
#include "memory.h"
#include "network.h"

#include "lib/clock.h"
#include "lib/unixsock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/netconf/session_private.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NC_USER, "offload NETCONF user's groups");

#define BACKLOG 16
#define GROUPS_MAX 1024
/* A group with all its members has to fit; untouched pages cost nothing. */
#define NSS_BYTES 262144
/* Descriptors have run out: look again after. */
#define PAUSE_MS 1000
/* Refusals are logged so often, with a count of the others. */
#define LOG_EVERY_US UINT64_C(1000000)

static struct ofl_loop *loop;
static struct ofl_nc_limits limits;
static struct ofl_unixsock listener = {.fd = -1};
static struct ofl_ev *t_accept, *t_pause;

/* --- users --- */

void ofl_nc_user_fini(struct ofl_nc_user *user)
{
	for (size_t i = 0; i < user->group_count; i++)
		XFREE(MTYPE_OFL_NC_USER, user->groups[i]);
	XFREE(MTYPE_OFL_NC_USER, user->groups);
	user->group_count = 0;
}

/* All of them or none: a rule may deny by any.  The caller frees. */
static bool user_groups(struct ofl_nc_user *user, gid_t gid)
{
	static gid_t ids[GROUPS_MAX];
	static char names[NSS_BYTES];
	int count = GROUPS_MAX;
	struct group group, *found;

	if (getgrouplist(user->name, gid, ids, &count) < 0)
		return false;
	user->groups =
		XCALLOC(MTYPE_OFL_NC_USER, (count + 1) * sizeof(*user->groups));
	for (int i = 0; i < count; i++) {
		if (getgrgid_r(ids[i], &group, names, sizeof(names), &found))
			return false;
		if (!found)
			continue;
		user->groups[user->group_count++] =
			XSTRDUP(MTYPE_OFL_NC_USER, group.gr_name);
	}
	return true;
}

bool ofl_nc_user_of(int fd, struct ofl_nc_user *ret_user, char *buf, size_t len)
{
	static char words[NSS_BYTES];
	struct ofl_nc_user user = {};
	struct passwd passwd, *found = NULL;
	struct ucred cred;
	socklen_t cred_len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len)) {
		snprintf(buf, len, "who the peer is cannot be told: %s",
			 safe_strerror(errno));
		return false;
	}
	if (getpwuid_r(cred.uid, &passwd, words, sizeof(words), &found) ||
	    !found) {
		snprintf(buf, len, "the system knows no user with uid %u",
			 cred.uid);
		return false;
	}
	if (strlcpy(user.name, passwd.pw_name, sizeof(user.name)) >=
	    sizeof(user.name)) {
		snprintf(buf, len, "the name of uid %u is too long", cred.uid);
		return false;
	}
	user.uid = cred.uid;
	user.is_recovery = cred.uid == 0;
	/* Access control asks nothing about the recovery user, who has to get
	 * in when all else fails. */
	if (!user.is_recovery && !user_groups(&user, passwd.pw_gid)) {
		ofl_nc_user_fini(&user);
		snprintf(buf, len, "the groups of uid %u cannot be told",
			 cred.uid);
		return false;
	}
	*ret_user = user;
	return true;
}

/* --- accept --- */

static void log_refusal(const char *why)
{
	static uint64_t last_us;
	static unsigned int silent;
	uint64_t now_us = ofl_clock_mono_us();

	if (last_us && now_us - last_us < LOG_EVERY_US) {
		silent++;
		return;
	}
	zlog_warn("NETCONF: a session was refused: %s (and %u before)", why,
		  silent);
	last_us = now_us;
	silent = 0;
}

static bool is_welcome(int fd, struct ofl_nc_user *user)
{
	char buf[160];

	if (ofl_nc_session_count((uid_t)-1) >= limits.sessions) {
		snprintf(buf, sizeof(buf), "there are %u already",
			 limits.sessions);
		log_refusal(buf);
		return false;
	}
	if (!ofl_nc_user_of(fd, user, buf, sizeof(buf))) {
		log_refusal(buf);
		return false;
	}
	if (ofl_nc_session_count(user->uid) >= limits.sessions_per_user) {
		snprintf(buf, sizeof(buf), "%s has %u already", user->name,
			 limits.sessions_per_user);
		log_refusal(buf);
		ofl_nc_user_fini(user);
		return false;
	}
	return true;
}

static void on_accept(struct ofl_ev *ev);

static void on_pause_end(struct ofl_ev *ev)
{
	ofl_ev_read(loop, on_accept, NULL, listener.fd, &t_accept);
}

static void on_accept(struct ofl_ev *ev)
{
	struct ofl_nc_user user = {};
	int fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		       errno == ENOBUFS)) {
		log_refusal(safe_strerror(errno));
		ofl_ev_timer_ms(loop, on_pause_end, NULL, PAUSE_MS, &t_pause);
		return;
	}
	ofl_ev_read(loop, on_accept, NULL, listener.fd, &t_accept);
	if (fd < 0)
		return;
	if (is_welcome(fd, &user))
		ofl_nc_session_begin(fd, &user);
	else
		close(fd);
}

/* --- the socket file --- */

static bool group_find(const char *name, gid_t *ret_gid, char *buf, size_t len)
{
	static char words[NSS_BYTES];
	struct group group, *found = NULL;

	if (getgrnam_r(name, &group, words, sizeof(words), &found) || !found) {
		snprintf(buf, len, "group %s: the system knows none", name);
		return false;
	}
	*ret_gid = group.gr_gid;
	return true;
}

bool ofl_nc_listen_init(struct ofl_loop *master,
			const struct ofl_nc_limits *conf, char *buf, size_t len)
{
	gid_t gid = (gid_t)-1;

	loop = master;
	limits = *conf;
	ofl_unixsock_init(&listener);
	if (limits.socket_group[0] &&
	    !group_find(limits.socket_group, &gid, buf, len))
		return false;
	if (!ofl_unixsock_open(&listener, limits.socket, gid, BACKLOG, buf,
			       len))
		return false;
	ofl_ev_read(loop, on_accept, NULL, listener.fd, &t_accept);
	return true;
}

void ofl_nc_listen_fini(void)
{
	ofl_ev_off(t_accept);
	ofl_ev_off(t_pause);
	ofl_unixsock_fini(&listener);
}
