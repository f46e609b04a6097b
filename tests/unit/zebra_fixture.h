/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zebra of a test's own, behind an abstract socket: it takes the two
 * sessions over ZAPI, counts what it is asked for, and says what it is told to.
 */
#ifndef TESTS_UNIT_ZEBRA_FIXTURE_H
#define TESTS_UNIT_ZEBRA_FIXTURE_H

#include <zebra.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>
#include <cmocka.h>

#include "if.h"
#include "prefix.h"
#include "stream.h"
#include "vrf.h"
#include "zclient.h"

#include "offloadd/base/frr_compat.h"

enum session { CTL, BULK };

/* zebra's side */
static int listener = -1, peer[2] = {-1, -1};
static unsigned int asked[2][256]; /* messages received, by command */
static struct stream *s;
static struct zapi_route *route;
static uint8_t route_type = ZEBRA_ROUTE_STATIC;

/* --- a small zebra --- */

static inline void zebra_open(void)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&zclient_addr;
	int n;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	n = snprintf(sun->sun_path + 1, sizeof(sun->sun_path) - 1,
		     "offload-test-zapi-%d", (int)getpid());
	zclient_addr_len = offsetof(struct sockaddr_un, sun_path) + 1 + n;
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
		bind(listener, (struct sockaddr *)sun, zclient_addr_len), 0);
	assert_int_equal(listen(listener, 5), 0);
}

static inline bool read_fully(int fd, void *to, size_t n)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 5000) == 1 &&
	       recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

/* One message of a client; -1: none waits. */
static inline int zebra_read(int fd, uint8_t *body)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t head[ZEBRA_HEADER_SIZE];
	size_t len;

	if (fd < 0 || poll(&p, 1, 0) != 1 || !read_fully(fd, head, 10))
		return -1;
	len = (head[0] << 8 | head[1]) - sizeof(head);
	assert_true(len < 1024);
	assert_true(!len || read_fully(fd, body, len));
	return head[8] << 8 | head[9];
}

/* Take connections and note what is asked for. */
static inline void zebra_turn(void)
{
	uint8_t body[1024] = {0};
	int fd = accept(listener, NULL, NULL), command;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (fd >= 0) {
		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(zebra_read(fd, body), ZEBRA_HELLO);
		/* protocol, instance, session */
		assert_true(body[0] > 0 && body[0] <= ZEBRA_ROUTE_CONNECT);
		assert_true(body[6] <= 1);
		peer[body[6]] = fd;
	}
	for (int i = 0; i < 2; i++)
		while ((command = zebra_read(peer[i], body)) >= 0)
			asked[i][command]++;
}

static inline void zebra_close(void)
{
	for (int i = 0; i < 2; i++)
		close(peer[i]);
	peer[CTL] = peer[BULK] = -1;
	memset(asked, 0, sizeof(asked));
}

static inline void send_stream(enum session to)
{
	stream_putw_at(s, 0, stream_get_endp(s));
	assert_int_equal(write(peer[to], STREAM_DATA(s), stream_get_endp(s)),
			 stream_get_endp(s));
}

static inline void send_vrf_table(uint16_t command, uint32_t vrf,
				  const char *netns, uint32_t table)
{
	struct vrf_data data = {.l.table_id = table};

	strlcpy(data.l.netns_name, netns, sizeof(data.l.netns_name));
	stream_reset(s);
	zclient_create_header(s, command, vrf);
	stream_put(s, &data, sizeof(data));
	stream_put(s, "name", 5);
	stream_put(s, NULL, VRF_NAMSIZ - 5);
	send_stream(BULK);
}

static inline void send_vrf(uint16_t command, uint32_t vrf, const char *netns)
{
	send_vrf_table(command, vrf, netns, 0);
}

static inline void send_route(uint8_t command, uint32_t vrf, const char *prefix,
			      const char *src, const char *gw, uint32_t ifindex)
{
	struct zapi_nexthop *nh = &route->nexthops[0];

	memset(route, 0, sizeof(*route));
	route->vrf_id = vrf;
	route->type = route_type;
	route->safi = SAFI_UNICAST;
	str2prefix(prefix, &route->prefix);
	route->message = ZAPI_MESSAGE_NEXTHOP;
	if (src) {
		SET_FLAG(route->message, ZAPI_MESSAGE_SRCPFX);
		str2prefix_ipv6(src, &route->src_prefix);
	}
	route->nexthop_num = 1;
	nh->vrf_id = vrf;
	if (gw) {
		nh->type =
			ifindex ? NEXTHOP_TYPE_IPV4_IFINDEX : NEXTHOP_TYPE_IPV4;
		inet_pton(AF_INET, gw, &nh->gate.ipv4);
		nh->ifindex = ifindex;
	} else {
		nh->type = NEXTHOP_TYPE_BLACKHOLE;
	}
	assert_int_equal(zapi_route_encode(command, s, route), 0);
	send_stream(BULK);
}

static inline void send_address(uint16_t command, uint32_t ifindex,
				const char *text)
{
	struct prefix p;

	str2prefix(text, &p);
	stream_reset(s);
	zclient_create_header(s, command, 0);
	stream_putl(s, ifindex);
	stream_putc(s, 0);
	stream_putc(s, p.family);
	stream_put(s, &p.u.prefix, prefix_blen(&p));
	stream_putc(s, p.prefixlen);
	stream_put(s, NULL, prefix_blen(&p));
	send_stream(CTL);
}

static inline void send_nht(const char *gw, uint32_t ifindex)
{
	struct zapi_nexthop nh = {.type = NEXTHOP_TYPE_IFINDEX,
				  .ifindex = ifindex};
	struct prefix p;

	str2prefix(gw, &p);
	stream_reset(s);
	zclient_create_header(s, ZEBRA_NEXTHOP_UPDATE, 0);
	stream_putl(s, 0);
	stream_putw(s, SAFI_UNICAST);
	for (int i = 0; i < 2; i++) {
		stream_putw(s, p.family);
		stream_putc(s, p.prefixlen);
		stream_put(s, &p.u.prefix, 4);
	}
	stream_put(s, NULL, 1 + 2 + 1 + 4);
	stream_put(s, NULL, OFL_ZAPI_NHT_COUNT_BYTES - 1);
	stream_putc(s, 1);
	zapi_nexthop_encode(s, &nh, 0, 0);
	send_stream(CTL);
}

#endif /* TESTS_UNIT_ZEBRA_FIXTURE_H */
