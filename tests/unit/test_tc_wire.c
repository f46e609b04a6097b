// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The thread that talks tc, as far as that goes without devices: every request
 * is answered once and in order, a filter of an ACL is freed whatever becomes
 * of its request (the leak checker watches), and several sends make one batch.
 *
 * It asks for a block that does not exist: whatever kernel and privilege there
 * are, the answer is a refusal.
 */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>

#include "offloadd/provider/prov_tc_wire.h"

#define REQUESTS 256
#define NOWHERE 0x7ffffff0

/* A large one: police brings a table of a KiB. */
static struct ofl_tc_acl *filter(void)
{
	struct ofl_tc_acl f;

	memset(&f, 0, sizeof(f));
	f.pref = 1;
	for (unsigned int i = 0; i < 7; i++)
		assert_true(ofl_tc_acts_add(
			&f.acts, &(struct ofl_tc_act){.kind = OFL_TC_ACT_POLICE,
						      .rate_bytes = 1000,
						      .burst_ticks = 1000}));
	assert_true(ofl_tc_acts_add(
		&f.acts, &(struct ofl_tc_act){.kind = OFL_TC_ACT_DROP}));
	return ofl_tc_acl_dup(&f);
}

static struct ofl_tc_request request(uint64_t tag)
{
	static const uint8_t asks[] = {OFL_TC_ASK_ADD, OFL_TC_ASK_REPLACE,
				       OFL_TC_ASK_DEL, OFL_TC_ASK_FLUSH};
	struct ofl_tc_request r = {
		.tag = tag, .ask = asks[tag % 4], .block = NOWHERE};

	if (r.ask != OFL_TC_ASK_FLUSH)
		r.acl = filter();
	/* One that cannot be written. */
	if (r.acl && tag % 32 == 0)
		r.acl->pref = 0;
	return r;
}

static struct ofl_tc_reply next(struct ofl_tc_wire *w)
{
	struct pollfd p = {.fd = ofl_tc_wire_fd(w), .events = POLLIN};
	struct ofl_tc_reply reply;

	while (!ofl_tc_wire_receive(w, &reply, 1))
		assert_int_equal(poll(&p, 1, 60000), 1);
	return reply;
}

static void test_all_are_answered_in_order(void **state)
{
	struct ofl_tc_wire *w = ofl_tc_wire_new();
	struct ofl_tc_request r[REQUESTS];

	assert_non_null(w);
	for (uint64_t i = 0; i < REQUESTS; i++)
		r[i] = request(i);
	assert_int_equal(ofl_tc_wire_send(w, r, REQUESTS), REQUESTS);
	for (uint64_t i = 0; i < REQUESTS; i++) {
		struct ofl_tc_reply reply = next(w);

		assert_int_equal(reply.tag, i);
		assert_int_equal(reply.kind, OFL_TC_ANSWER);
		assert_true(reply.errnum > 0);
		assert_true(reply.errnum != ENOBUFS);
		assert_int_equal(reply.errnum == EINVAL && !reply.text[0],
				 i % 32 == 0);
		assert_false(reply.echoed || reply.acl.is);
	}
	ofl_tc_wire_free(w, 60000);
}

/* What send() did not take stays the caller's; the rest is freed. */
static void test_what_is_full_or_forgotten(void **state)
{
	struct ofl_tc_wire *w = ofl_tc_wire_new();
	size_t sent = 0;

	assert_non_null(w);
	for (;; sent++) {
		struct ofl_tc_request r = request(sent);

		if (ofl_tc_wire_send(w, &r, 1))
			continue;
		free(r.acl);
		break;
	}
	assert_true(sent >= OFL_OPS_IN_FLIGHT);
	ofl_tc_wire_forget(w);
	for (uint64_t i = 0; i < 3; i++) {
		struct ofl_tc_request r = request(i);

		assert_int_equal(ofl_tc_wire_send(w, &r, 1), 1);
	}
	ofl_tc_wire_free(w, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_answered_in_order),
		cmocka_unit_test(test_what_is_full_or_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
