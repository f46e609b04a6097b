// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A socket in the group of packets of psample; see prov_psample.h.
 *
 * Which numbers the family and its group have is asked by a thread (nlask):
 * the kernel's list of families may have to wait for a lock that a device
 * holds.  Other groups' samples, and there may be very many, a filter of the
 * socket leaves out before they take room in its buffer.
 */
#include <zebra.h>

#include "log.h"
#include "memory.h"
#include "privs.h"

#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/psample.h>
#include <sys/epoll.h>

#include "lib/genl.h"
#include "lib/nlask.h"
#include "lib/nlsock.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_psample.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_PSAMPLE, "offload psample");

#define FAMILIES_MAX_BYTES (1 << 20)
#define RCVBUF_BYTES (1 << 20)
#define RETRY_US 1000000

struct ofl_psample {
	uint32_t group;
	void (*cb)(void *arg, const struct ofl_psample_packet *packet);
	void *arg;
	int epoll_fd;
	struct ofl_nlask *ask;	   /* NULL: the family is known */
	struct ofl_nlsock *socket; /* NULL: not in the group */
	struct ofl_genl_family family;
	bool asking;
	uint64_t ask_at_us;
	struct ofl_psample_seq seq;
	uint64_t lost;
	char text[128]; /* why it is not in the group */
};

/* --- life --- */

static bool watch(struct ofl_psample *s, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	return !epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool ask_open(struct ofl_psample *s)
{
	s->ask = ofl_nlask_new(NETLINK_GENERIC, FAMILIES_MAX_BYTES);
	return s->ask && watch(s, ofl_nlask_fd(s->ask));
}

struct ofl_psample *
ofl_psample_new(uint32_t group,
		void (*cb)(void *arg, const struct ofl_psample_packet *packet),
		void *arg)
{
	struct ofl_psample *s = XCALLOC(MTYPE_OFL_PSAMPLE, sizeof(*s));
	int errnum;

	s->group = group;
	s->cb = cb;
	s->arg = arg;
	strlcpy(s->text, "the kernel is asked for psample", sizeof(s->text));
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll_fd >= 0 && ask_open(s))
		return s;
	errnum = errno;
	ofl_psample_free(s);
	errno = errnum;
	return NULL;
}

void ofl_psample_free(struct ofl_psample *s)
{
	if (!s)
		return;
	ofl_nlask_free(s->ask);
	ofl_nlsock_free(s->socket);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	XFREE(MTYPE_OFL_PSAMPLE, s);
}

int ofl_psample_fd(const struct ofl_psample *s)
{
	return s->epoll_fd;
}

bool ofl_psample_is_joined(const struct ofl_psample *s, const char **ret_text)
{
	*ret_text = s->socket ? "" : s->text;
	return s->socket != NULL;
}

uint64_t ofl_psample_lost(const struct ofl_psample *s)
{
	return s->lost;
}

/* --- the group --- */

/* Of this family only samples of our group, and whatever has none. */
static void leave_out_others(struct ofl_psample *s)
{
	const uint32_t attrs = NLMSG_HDRLEN + GENL_HDRLEN;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_IMM, PSAMPLE_ATTR_SAMPLE_GROUP),
		BPF_STMT(BPF_LD | BPF_IMM, attrs),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)SKF_AD_OFF + SKF_AD_NLATTR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(s->group), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = array_size(code),
		.filter = code,
	};

	/* Without it there is more to read, that is all. */
	(void)setsockopt(ofl_nlsock_fd(s->socket), SOL_SOCKET, SO_ATTACH_FILTER,
			 &program, sizeof(program));
}

static void join(struct ofl_psample *s)
{
	unsigned int group = ofl_genl_group_find(&s->family, "packets");

	/* Packets are for who has the privilege. */
	frr_with_privs(lib_privs)
	{
		s->socket = ofl_nlsock_new(NETLINK_GENERIC, &group, 1,
					   RCVBUF_BYTES);
	}
	if (!s->socket || !watch(s, ofl_nlsock_fd(s->socket))) {
		snprintf(s->text, sizeof(s->text),
			 "samples cannot be listened to: %s",
			 safe_strerror(errno));
		ofl_nlsock_free(s->socket);
		s->socket = NULL;
		return;
	}
	leave_out_others(s);
	s->seq = (struct ofl_psample_seq){.known = false};
	ofl_nlask_free(s->ask);
	s->ask = NULL;
}

/* True: the family is there. */
static bool look_for_family(struct ofl_psample *s,
			    const struct ofl_nlask_answer *answer)
{
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = ofl_nlask_next(answer, nlh)))
		if (ofl_genl_family_decode(nlh, "psample", &s->family) &&
		    ofl_genl_group_find(&s->family, "packets"))
			return true;
	return false;
}

static uint64_t find(struct ofl_psample *s, uint64_t now_us)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_GENL_REQUEST_BYTES];
	struct ofl_nlask_answer answer;

	if (s->asking && !ofl_nlask_take(s->ask, &answer))
		return UINT64_MAX;
	if (s->asking) {
		s->asking = false;
		s->ask_at_us = now_us + RETRY_US;
		if (look_for_family(s, &answer))
			join(s);
		else
			strlcpy(s->text, "the kernel has no psample",
				sizeof(s->text));
		if (s->socket)
			return 0;
	}
	if (now_us < s->ask_at_us)
		return s->ask_at_us;
	s->asking = ofl_nlask_ask(s->ask, ofl_genl_families_encode(buf));
	s->ask_at_us = now_us + RETRY_US;
	return s->asking ? UINT64_MAX : s->ask_at_us;
}

/* --- reading --- */

static void on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct ofl_psample *s = arg;
	struct ofl_psample_packet packet;

	if (!ofl_psample_decode(nlh, s->family.id, &packet) ||
	    packet.group != s->group)
		return;
	s->lost += ofl_psample_seq_take(&s->seq, packet.seq);
	s->cb(s->arg, &packet);
}

/* Closed, it leaves the epoll set; the family is looked for again. */
static uint64_t part(struct ofl_psample *s, uint64_t now_us, int errnum)
{
	snprintf(s->text, sizeof(s->text), "samples came to an end: %s",
		 safe_strerror(errnum));
	ofl_nlsock_free(s->socket);
	s->socket = NULL;
	s->ask_at_us = now_us + RETRY_US;
	if (!s->ask && !ask_open(s)) {
		ofl_nlask_free(s->ask);
		s->ask = NULL;
	}
	return s->ask_at_us;
}

uint64_t ofl_psample_poll(struct ofl_psample *s, uint64_t now_us,
			  unsigned int budget)
{
	int errnum = 0;

	if (!s->socket && !s->ask && now_us >= s->ask_at_us)
		return part(s, now_us, ENOMEM);
	if (!s->socket)
		return s->ask ? find(s, now_us) : s->ask_at_us;
	switch (ofl_nlsock_read(s->socket, budget, on_message, s, &errnum)) {
	case OFL_NLSOCK_AGAIN:
		return UINT64_MAX;
	case OFL_NLSOCK_OVERRUN:
		s->lost += ofl_psample_seq_overrun(&s->seq);
		return 0;
	case OFL_NLSOCK_DEAD:
		return part(s, now_us, errnum);
	default:
		return 0;
	}
}
