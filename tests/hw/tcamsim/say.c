// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sentence of ours in a netlink answer.
 *
 * Since 6.2 an extended ACK has room for a text made at run time.  Before, it
 * only points at one, which must be there until the answer is sent: a ring of
 * texts, long enough that none is used again within one request.
 */
#include <linux/netlink.h>
#include <linux/version.h>

#include "tcamsim.h"

#define PREFIX "tcamsim: "

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
static char *room(struct netlink_ext_ack *extack, size_t *ret_size)
{
	*ret_size = sizeof(extack->_msg_buf);
	return extack->_msg_buf;
}
#else
#define RING 128 /* a power of two */
static char *room(struct netlink_ext_ack *extack, size_t *ret_size)
{
	static char ring[RING][80];
	static atomic_t next;

	*ret_size = sizeof(ring[0]);
	return ring[atomic_inc_return(&next) & (RING - 1)];
}
#endif

void tcamsim_say(struct netlink_ext_ack *extack, const char *format, ...)
{
	va_list args;
	size_t size;
	char *text;
	int n;

	if (!extack)
		return;
	text = room(extack, &size);
	n = scnprintf(text, size, PREFIX);
	va_start(args, format);
	vscnprintf(text + n, size - n, format, args);
	va_end(args);
	extack->_msg = text;
}
