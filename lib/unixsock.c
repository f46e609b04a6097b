// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A listening socket that is a file: see unixsock.h.
 */
#include "lib/unixsock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(OFL_UNIXSOCK_PATH == sizeof(((struct sockaddr_un *)0)->sun_path),
	       "a path that fits is one the kernel takes");

void ofl_unixsock_init(struct ofl_unixsock *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}

static void address_of(const char *path, struct sockaddr_un *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->sun_family = AF_UNIX;
	snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "%s",
		 path);
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
		snprintf(buf, len, "socket %s: %s", path, strerror(errno));
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
			 path, strerror(errno));
		return false;
	}
	return true;
}

static bool file_make(struct ofl_unixsock *s, char *buf, size_t len)
{
	struct sockaddr_un address;
	struct stat st;
	mode_t mask;
	int result;

	address_of(s->path, &address);
	/* 0660 from the first moment on. */
	mask = umask(0117);
	result = bind(s->fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (result || lstat(s->path, &st)) {
		snprintf(buf, len, "socket %s: %s", s->path, strerror(errno));
		return false;
	}
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return true;
}

static bool file_listen(struct ofl_unixsock *s, gid_t gid, int backlog,
			char *buf, size_t len)
{
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		snprintf(buf, len, "socket: %s", strerror(errno));
		return false;
	}
	if (!file_make(s, buf, len))
		return false;
	/* Nobody can connect before listen(). */
	if (gid != (gid_t)-1 && lchown(s->path, (uid_t)-1, gid)) {
		snprintf(buf, len,
			 "socket %s cannot be given to group %u: %s (the "
			 "daemon's user has to be a member)",
			 s->path, gid, strerror(errno));
		return false;
	}
	if (listen(s->fd, backlog)) {
		snprintf(buf, len, "socket %s: %s", s->path, strerror(errno));
		return false;
	}
	return true;
}

bool ofl_unixsock_open(struct ofl_unixsock *s, const char *path, gid_t gid,
		       int backlog, char *buf, size_t len)
{
	ofl_unixsock_init(s);
	if (path[0] != '/' || strlen(path) >= sizeof(s->path)) {
		snprintf(buf, len,
			 "socket %s: no path, or one that is too long", path);
		return false;
	}
	snprintf(s->path, sizeof(s->path), "%s", path);
	if (!path_clear(s->path, buf, len))
		return false;
	if (file_listen(s, gid, backlog, buf, len))
		return true;
	ofl_unixsock_fini(s);
	return false;
}

void ofl_unixsock_fini(struct ofl_unixsock *s)
{
	struct stat st;

	/* Somebody may have put another one there. */
	if (s->ino && !lstat(s->path, &st) && st.st_dev == s->dev &&
	    st.st_ino == s->ino)
		(void)unlink(s->path);
	if (s->fd >= 0)
		close(s->fd);
	ofl_unixsock_init(s);
}
