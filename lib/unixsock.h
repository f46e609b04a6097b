/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A listening socket that is a file: made, and taken away again.
 *
 * It refuses to replace anything but the socket of a daemon that is dead, and
 * removes its own only.  Who may connect is the file's owner and group
 * (mode 0660).
 */
#ifndef LIB_UNIXSOCK_H
#define LIB_UNIXSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OFL_UNIXSOCK_PATH 108 /* bytes of a path with its final NUL */

struct ofl_unixsock {
	int fd; /* listens, without blocking; -1: not open */
	char path[OFL_UNIXSOCK_PATH];
	dev_t dev; /* the file that is ours ... */
	ino_t ino; /* ... 0: none */
};

/* Not open; before anything else. */
void ofl_unixsock_init(struct ofl_unixsock *s);
/* Listen at an absolute path, with so many connections waiting at most; the
 * file belongs to `gid` ((gid_t)-1: the group of the process).  False: nothing
 * is open, and a sentence is in buf. */
bool ofl_unixsock_open(struct ofl_unixsock *s, const char *path, gid_t gid,
		       int backlog, char *buf, size_t len);
/* Close, and remove the file unless it is somebody else's by now.  One that
 * is not open is fine. */
void ofl_unixsock_fini(struct ofl_unixsock *s);

#endif /* LIB_UNIXSOCK_H */
