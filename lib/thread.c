// SPDX-License-Identifier: GPL-2.0-or-later
/* Threads beside the event loop; see thread.h. */
#include "lib/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#define PAGE 4096

int ofl_thread_new(void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

void *ofl_pages_new(size_t bytes)
{
	void *p;

	bytes = (bytes + PAGE - 1) / PAGE * PAGE;
	p = aligned_alloc(PAGE, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void ofl_thread_net_admin_set(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t bit = 1u << CAP_NET_ADMIN;

	if (syscall(SYS_capget, &head, data) || !(data[0].permitted & bit))
		return;
	data[0].effective |= bit;
	(void)syscall(SYS_capset, &head, data);
}
