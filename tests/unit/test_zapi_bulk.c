// SPDX-License-Identifier: GPL-2.0-or-later
/* The bulk reader on a socket pair: framing, turns, ends. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "network.h"
#include "zclient.h"

#include "lib/clock.h"
#include "offloadd/source/zapi_bulk.h"

struct fixture {
	struct ofl_bulk *b;
	int near, far;
	unsigned int count;
	unsigned int stop_at; /* 0: never */
	uint64_t sum;
};

static int setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));
	int fds[2], size = 1 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fx->near = fds[0];
	fx->far = fds[1];
	setsockopt(fx->far, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	set_nonblocking(fx->near);
	set_nonblocking(fx->far);
	fx->b = ofl_bulk_new(ofl_zapi_bulk_measure);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fx = *state;

	ofl_bulk_free(fx->b);
	ofl_bulk_free(NULL);
	close(fx->near);
	if (fx->far >= 0)
		close(fx->far);
	ofl_clock_set(0, 0);
	free(fx);
	return 0;
}

/* A message whose body says how long it is and what it is. */
static size_t message(uint8_t *to, uint16_t body_len, uint8_t fill)
{
	uint16_t len = htons(OFL_ZAPI_HEADER_BYTES + body_len);

	memset(to, 0, OFL_ZAPI_HEADER_BYTES);
	memcpy(to, &len, 2);
	to[2] = ZEBRA_HEADER_MARKER;
	to[3] = ZSERV_VERSION;
	to[7] = 5; /* VRF */
	to[9] = ZEBRA_REDISTRIBUTE_ROUTE_ADD;
	memset(to + OFL_ZAPI_HEADER_BYTES, fill, body_len);
	return OFL_ZAPI_HEADER_BYTES + body_len;
}

static bool on_message(const struct ofl_zapi_header *h, const uint8_t *body,
		       size_t len, void *arg)
{
	struct fixture *fx = arg;

	assert_int_equal(h->vrf, 5);
	assert_int_equal(h->command, ZEBRA_REDISTRIBUTE_ROUTE_ADD);
	assert_int_equal(h->bytes, len + OFL_ZAPI_HEADER_BYTES);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(body[i], body[0]);
	fx->sum += len;
	fx->count++;
	return fx->count != fx->stop_at;
}

static enum ofl_bulk_read turn(struct fixture *fx)
{
	return ofl_zapi_bulk_read(fx->b, fx->near, 1000000, on_message, fx);
}

static void test_any_pieces(void **state)
{
	static uint8_t stream[300000];
	struct fixture *fx = *state;
	size_t len = 0, sent = 0, expected = 0;
	unsigned int seed = 1, messages = 0;

	while (len + 4000 < sizeof(stream)) {
		uint16_t body = rand_r(&seed) % 3000;

		len += message(stream + len, body, (uint8_t)messages++);
		expected += body;
	}
	while (sent < len) {
		size_t n = 1 + rand_r(&seed) % 9000;

		n = MIN(n, len - sent);
		assert_int_equal(write(fx->far, stream + sent, n), n);
		sent += n;
		assert_int_equal(turn(fx), OFL_BULK_DRAINED);
	}
	assert_int_equal(fx->count, messages);
	assert_int_equal(fx->sum, expected);
	assert_int_equal(ofl_bulk_bytes(fx->b), len);
}

static void test_largest_message(void **state)
{
	static uint8_t stream[70000];
	struct fixture *fx = *state;
	size_t len;

	for (int i = 0; i < 9; i++) {
		len = message(stream, UINT16_MAX - OFL_ZAPI_HEADER_BYTES, 7);
		assert_int_equal(len, UINT16_MAX);
		assert_int_equal(write(fx->far, stream, len), len);
		assert_int_equal(turn(fx), OFL_BULK_DRAINED);
	}
	assert_int_equal(fx->count, 9);
}

static void test_turn_ends_and_goes_on(void **state)
{
	static uint8_t stream[20000];
	struct fixture *fx = *state;
	enum ofl_bulk_read r;
	size_t len = 0;

	for (int i = 0; i < 1000; i++)
		len += message(stream + len, 4, 1);
	assert_int_equal(write(fx->far, stream, len), len);
	/* Time stands still, and a turn of no length is over at once: one
	 * piece is read, then a bounded number of messages a turn. */
	ofl_clock_set(1, 1);
	assert_int_equal(ofl_zapi_bulk_read(fx->b, fx->near, 0, on_message, fx),
			 OFL_BULK_MORE);
	for (unsigned int before = fx->count; fx->count < 1000;
	     before = fx->count) {
		r = ofl_zapi_bulk_read(fx->b, fx->near, 0, on_message, fx);
		assert_int_equal(r, fx->count < 1000 ? OFL_BULK_MORE
						     : OFL_BULK_DRAINED);
		assert_true(fx->count > before && fx->count <= before + 200);
	}
	assert_int_equal(turn(fx), OFL_BULK_DRAINED);
}

static void test_ends(void **state)
{
	struct fixture *fx = *state;
	uint8_t stream[100];
	size_t len = message(stream, 20, 1);

	/* The callback's word is the last. */
	assert_int_equal(write(fx->far, stream, len), len);
	assert_int_equal(write(fx->far, stream, len), len);
	fx->stop_at = 1;
	assert_int_equal(turn(fx), OFL_BULK_STOPPED);
	assert_int_equal(fx->count, 1);
	assert_int_equal(turn(fx), OFL_BULK_DRAINED);

	/* Half a message, then a new conversation: it does not stick. */
	assert_int_equal(write(fx->far, stream, 15), 15);
	assert_int_equal(turn(fx), OFL_BULK_DRAINED);
	ofl_bulk_reset(fx->b);
	assert_int_equal(write(fx->far, stream, len), len);
	assert_int_equal(turn(fx), OFL_BULK_DRAINED);
	assert_int_equal(fx->count, 3);

	/* The last words of a peer are still heard. */
	assert_int_equal(write(fx->far, stream, len), len);
	close(fx->far);
	fx->far = -1;
	assert_int_equal(turn(fx), OFL_BULK_CLOSED);
	assert_int_equal(fx->count, 4);
}

static void test_garbage(void **state)
{
	struct fixture *fx = *state;
	uint8_t stream[100];
	size_t len = message(stream, 20, 1);

	assert_int_equal(write(fx->far, stream, len), len);
	stream[3] = 99;
	assert_int_equal(write(fx->far, stream, len), len);
	assert_int_equal(turn(fx), OFL_BULK_GARBAGE);
	assert_int_equal(fx->count, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_any_pieces),
		T(test_largest_message),
		T(test_turn_ends_and_goes_on),
		T(test_ends),
		T(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
