// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * offloadd-netconf: what sshd starts for its subsystem.  Copies standard input
 * to the daemon's socket and the socket to standard output, as whoever logged
 * in; the kernel tells the daemon who that is.
 *
 * It looks at no byte, decides nothing, keeps one buffer for each direction,
 * and needs neither FRR nor the rest of this house.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BYTES 65536

enum {
	EXIT_DONE = 0,
	EXIT_BROKEN = 1, /* the connection, in the middle */
	EXIT_USAGE = 2,
	EXIT_CONNECT = 3, /* no daemon, or not for this user */
};

/* One direction. */
struct way {
	int from, to;
	bool is_socket_to; /* its end is told by shutdown() */
	bool has_eof, is_done;
	size_t at, len;
	char bytes[BYTES];
};

static int relay_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "offloadd-netconf: %s: the path is too long\n",
			path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	fprintf(stderr, "offloadd-netconf: %s: %s%s\n", path, strerror(errno),
		errno == EACCES ? "; is this user in the socket's group?"
		: errno == ENOENT || errno == ECONNREFUSED
			? "; does offloadd run with -M netconf?"
			: "");
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool is_later(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool way_read(struct way *w)
{
	ssize_t n = read(w->from, w->bytes, sizeof(w->bytes));

	if (n < 0)
		return is_later();
	w->at = 0;
	w->len = n;
	w->has_eof = n == 0;
	return true;
}

static bool way_write(struct way *w)
{
	size_t len = w->len - w->at;
	ssize_t n;

	/* So much poll() promises of a pipe: more might block us. */
	if (!w->is_socket_to && len > PIPE_BUF)
		len = PIPE_BUF;
	n = write(w->to, w->bytes + w->at, len);
	if (n < 0)
		return is_later();
	w->at += n;
	return true;
}

/* All was said that will be. */
static void way_end(struct way *w)
{
	w->is_done = true;
	if (w->is_socket_to)
		(void)shutdown(w->to, SHUT_WR);
}

/* What the way waits for: to write what it has, or to read. */
static void way_poll(const struct way *w, struct pollfd *p)
{
	bool has_bytes = w->at < w->len;

	p->fd = w->is_done ? -1 : has_bytes ? w->to : w->from;
	p->events = has_bytes ? POLLOUT : POLLIN;
	p->revents = 0;
}

static bool way_step(struct way *w, const struct pollfd *p)
{
	if (w->is_done || !p->revents)
		return true;
	if (p->events == POLLOUT ? !way_write(w) : !way_read(w))
		return false;
	if (w->has_eof && w->at == w->len)
		way_end(w);
	return true;
}

/* Until the daemon has said all; what the user says may end before. */
static int relay_run(int fd)
{
	static struct way up, down;
	struct pollfd p[2];

	up = (struct way){.from = STDIN_FILENO, .to = fd, .is_socket_to = true};
	down = (struct way){.from = fd, .to = STDOUT_FILENO};
	while (!down.is_done) {
		way_poll(&up, &p[0]);
		way_poll(&down, &p[1]);
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return EXIT_BROKEN;
		/* The daemon may have ended the session and what it said last
		 * is still to be read. */
		if (!way_step(&up, &p[0]))
			up.is_done = true;
		if (!way_step(&down, &p[1]))
			return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : OFL_NETCONF_SOCKET;
	int fd, status;

	if (argc > 2 || path[0] != '/') {
		fprintf(stderr,
			"usage: offloadd-netconf [SOCKET]\n"
			"Relays a NETCONF session to offloadd; for "
			"sshd's Subsystem.\n"
			"SOCKET: an absolute path, default " OFL_NETCONF_SOCKET
			"\n");
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	fd = relay_connect(path);
	if (fd < 0)
		return EXIT_CONNECT;
	/* Only the socket is ours alone: others may have the other ends of
	 * standard input and output open, and see their flags change. */
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	status = relay_run(fd);
	close(fd);
	return status;
}
