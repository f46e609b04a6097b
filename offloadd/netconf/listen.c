// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The socket, and who may have a session on it.
 *
 * The user is who the kernel says, once; a user the system does not know has
 * no session.  It refuses to replace anything but the socket of a daemon that
 * is dead, and removes its own only.
 *
 * Neighbours: session.c takes what was accepted.
 */
#include <zebra.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "log.h"
#include "memory.h"
#include "network.h"

#include "lib/clock.h"
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
static int listen_fd = -1;
static struct stat socket_stat; /* the file that is ours */
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
	ofl_ev_read(loop, on_accept, NULL, listen_fd, &t_accept);
}

static void on_accept(struct ofl_ev *ev)
{
	struct ofl_nc_user user = {};
	int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		       errno == ENOBUFS)) {
		log_refusal(safe_strerror(errno));
		ofl_ev_timer_ms(loop, on_pause_end, NULL, PAUSE_MS, &t_pause);
		return;
	}
	ofl_ev_read(loop, on_accept, NULL, listen_fd, &t_accept);
	if (fd < 0)
		return;
	if (is_welcome(fd, &user))
		ofl_nc_session_begin(fd, &user);
	else
		close(fd);
}

/* --- the socket file --- */

static void address_of(const char *path, struct sockaddr_un *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->sun_family = AF_UNIX;
	strlcpy(ret_address->sun_path, path, sizeof(ret_address->sun_path));
}

/* Does nobody listen any more? */
static bool is_stale(const char *path)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool is_refused;

	address_of(path, &address);
	is_refused =
		fd >= 0 &&
		connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
		errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return is_refused;
}

/* Nothing is there, or it was a dead daemon's. */
static bool path_clear(const char *path, char *buf, size_t len)
{
	struct stat st;

	if (lstat(path, &st)) {
		if (errno == ENOENT)
			return true;
		snprintf(buf, len, "socket %s: %s", path, safe_strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(buf, len, "socket %s: there is something else", path);
		return false;
	}
	if (!is_stale(path)) {
		snprintf(buf, len, "socket %s: it is in use", path);
		return false;
	}
	if (unlink(path)) {
		snprintf(buf, len,
			 "socket %s: the one of a dead daemon cannot be "
			 "removed: %s",
			 path, safe_strerror(errno));
		return false;
	}
	return true;
}

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

static bool socket_bind(const char *path, char *buf, size_t len)
{
	struct sockaddr_un address;
	mode_t mask;
	int result;

	address_of(path, &address);
	/* 0660 from the first moment on. */
	mask = umask(0117);
	result = bind(listen_fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (result || lstat(path, &socket_stat)) {
		snprintf(buf, len, "socket %s: %s", path, safe_strerror(errno));
		return false;
	}
	return true;
}

static bool socket_open(gid_t gid, char *buf, size_t len)
{
	listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listen_fd < 0) {
		snprintf(buf, len, "socket: %s", safe_strerror(errno));
		return false;
	}
	if (!socket_bind(limits.socket, buf, len))
		return false;
	/* Nobody can connect before listen(). */
	if (gid != (gid_t)-1 && lchown(limits.socket, -1, gid)) {
		snprintf(buf, len,
			 "socket %s cannot be given to group %s: %s (the "
			 "daemon's user has to be a member)",
			 limits.socket, limits.socket_group,
			 safe_strerror(errno));
		return false;
	}
	if (listen(listen_fd, BACKLOG)) {
		snprintf(buf, len, "socket %s: %s", limits.socket,
			 safe_strerror(errno));
		return false;
	}
	return true;
}

bool ofl_nc_listen_init(struct ofl_loop *master,
			const struct ofl_nc_limits *conf, char *buf, size_t len)
{
	gid_t gid = (gid_t)-1;
	struct sockaddr_un address;

	loop = master;
	limits = *conf;
	memset(&socket_stat, 0, sizeof(socket_stat));
	if (limits.socket[0] != '/' ||
	    strlen(limits.socket) >= sizeof(address.sun_path)) {
		snprintf(buf, len,
			 "socket %s: no path, or one that is too long",
			 limits.socket);
		return false;
	}
	if (limits.socket_group[0] &&
	    !group_find(limits.socket_group, &gid, buf, len))
		return false;
	if (!path_clear(limits.socket, buf, len))
		return false;
	if (!socket_open(gid, buf, len)) {
		ofl_nc_listen_fini();
		return false;
	}
	ofl_ev_read(loop, on_accept, NULL, listen_fd, &t_accept);
	return true;
}

void ofl_nc_listen_fini(void)
{
	struct stat st;

	ofl_ev_off(t_accept);
	ofl_ev_off(t_pause);
	/* Somebody may have put another one there. */
	if (socket_stat.st_ino && !lstat(limits.socket, &st) &&
	    st.st_dev == socket_stat.st_dev && st.st_ino == socket_stat.st_ino)
		(void)unlink(limits.socket);
	memset(&socket_stat, 0, sizeof(socket_stat));
	if (listen_fd >= 0)
		close(listen_fd);
	listen_fd = -1;
}
