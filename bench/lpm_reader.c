// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file to read lines from, compressed or not: what begins like a gzip file
 * is read through gzip, started directly and not by a shell.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/lpm_reader.h"

static bool is_gzip(int fd)
{
	static const unsigned char magic[2] = {0x1f, 0x8b};
	unsigned char head[2];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	       memcmp(head, magic, sizeof(magic)) == 0;
}

/* The descriptor of what gzip makes of `fd`; -1 with errno set. */
static int decompress(int fd, pid_t *ret_pid)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (pid == 0) {
		if (dup2(fd, STDIN_FILENO) < 0 ||
		    dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(127);
		execlp("gzip", "gzip", "-dc", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	*ret_pid = pid;
	return ends[0];
}

bool ofl_bench_reader_open(struct ofl_bench_reader *r, const char *path,
			   char *error, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), plain;

	r->file = NULL;
	r->pid = 0;
	if (fd >= 0 && is_gzip(fd)) {
		plain = decompress(fd, &r->pid);
		close(fd);
		fd = plain;
	}
	if (fd >= 0)
		r->file = fdopen(fd, "r");
	if (!r->file)
		snprintf(error, len, "%s: %s", path, strerror(errno));
	return r->file != NULL;
}

bool ofl_bench_reader_close(struct ofl_bench_reader *r, char *error, size_t len)
{
	bool ok = !ferror(r->file);
	int status = 0;

	fclose(r->file);
	if (!ok)
		snprintf(error, len, "cannot be read to its end");
	if (!r->pid)
		return ok;
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	/* Closed before its end: gzip dies of that, and it is no news. */
	if (ok && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
		snprintf(error, len, "gzip could not decompress it");
		ok = false;
	}
	return ok;
}
