// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loaded before the daemon's libraries: ends the process by SIGKILL at one of
 * its writes to disk, so that a test can cut a commit of the database anywhere.
 *
 * KILLSHIM="sync|write N before|half|after": at the Nth call of that kind; half
 * of a write's bytes are written, or it is as `before`.  Without the variable
 * nothing happens.  Only what the database uses is looked at: pwrite, write to
 * regular files, fsync, fdatasync.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char kind[8], when[8];
static unsigned long left;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("KILLSHIM");

	if (!text || sscanf(text, "%7s %lu %7s", kind, &left, when) != 3)
		left = 0;
}

static int is_the_one(const char *what)
{
	return left && strcmp(kind, what) == 0 && --left == 0;
}

static int is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static void die_if(const char *moment)
{
	if (strcmp(when, moment) == 0)
		kill(getpid(), SIGKILL);
}

static int sync_by(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
	int one = is_the_one("sync"), rc;

	if (one) {
		die_if("before");
		die_if("half");
	}
	rc = real(fd);
	if (one)
		die_if("after");
	return rc;
}

int fsync(int fd)
{
	return sync_by("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_by("fdatasync", fd);
}

static ssize_t write_by(const char *name, int fd, const void *data, size_t len,
			off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) =
		(ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT,
								      name);
	int one = is_regular(fd) && is_the_one("write");
	ssize_t rc;

	if (one) {
		die_if("before");
		if (strcmp(when, "half") == 0)
			real(fd, data, len / 2, at);
		die_if("half");
	}
	rc = real(fd, data, len, at);
	if (one)
		die_if("after");
	return rc;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return write_by("pwrite", fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return write_by("pwrite64", fd, data, len, at);
}
