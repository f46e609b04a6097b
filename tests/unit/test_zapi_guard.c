// SPDX-License-Identifier: GPL-2.0-or-later
/* Owners of guarded prefixes, against a real rib and flow table. */
#include <zebra.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "offloadd/source/zapi_guard.h"

static struct ofl_flowtab *flows;
static struct ofl_rib *rib;
static struct ofl_zapi_guards guards;

static const struct ofl_guard_owner on_1 = {OFL_PROTO_LOCAL, 1};
static const struct ofl_guard_owner on_2 = {OFL_PROTO_LOCAL, 2};

static int setup(void **state)
{
	ofl_action_init();
	flows = ofl_flowtab_new(1);
	rib = ofl_rib_new(flows, NULL, NULL);
	ofl_zapi_guards_init(&guards, rib);
	return 0;
}

static int teardown(void **state)
{
	ofl_zapi_guards_fini(&guards);
	ofl_rib_free(rib);
	ofl_flowtab_free(flows);
	ofl_action_fini();
	return 0;
}

static struct ofl_key key(uint32_t vrf, const char *text)
{
	struct ofl_key k = {.vrf = vrf};

	assert_true(ofl_prefix_parse(text, false, &k.p));
	return k;
}

static const char *why(const struct ofl_key *k)
{
	struct ofl_flow *f = ofl_flowtab_find(flows, k);

	return f ? ofl_reason_name(f->wait) : "none";
}

static void test_two_interfaces(void **state)
{
	struct ofl_key k = key(0, "192.0.2.1/32");

	ofl_zapi_guards_add(&guards, &k, &on_1);
	ofl_zapi_guards_add(&guards, &k, &on_1); /* told twice */
	ofl_zapi_guards_add(&guards, &k, &on_2);
	ofl_zapi_guards_del(&guards, &k, &on_1);
	ofl_zapi_guards_del(&guards, &k, &on_1);
	assert_string_equal(why(&k), "local");
	ofl_zapi_guards_del(&guards, &k, &on_2);
	assert_string_equal(why(&k), "withdrawn");
}

static void test_sources(void **state)
{
	struct ofl_guard_owner a = {OFL_PROTO_RESERVED}, b = a;
	struct ofl_key k = key(0, "2001:db8::1/128");

	a.src = key(0, "2001:db8:1::/48").p;
	b.src = key(0, "2001:db8:2::/48").p;
	ofl_zapi_guards_add(&guards, &k, &a);
	ofl_zapi_guards_add(&guards, &k, &b);
	ofl_zapi_guards_add(&guards, &k, &on_1);
	assert_string_equal(why(&k), "local");
	ofl_zapi_guards_del(&guards, &k, &on_1);
	assert_string_equal(why(&k), "reserved");
	ofl_zapi_guards_del(&guards, &k, &a);
	assert_string_equal(why(&k), "reserved");
	ofl_zapi_guards_del(&guards, &k, &b);
	assert_string_equal(why(&k), "withdrawn");
}

static void test_sync(void **state)
{
	struct ofl_guard_owner src = {OFL_PROTO_RESERVED};
	struct ofl_key stays = key(0, "192.0.2.1/32");
	struct ofl_key goes = key(0, "192.0.2.2/32");
	struct ofl_key other = key(0, "2001:db8::/32");

	src.src = key(0, "2001:db8:1::/48").p;
	ofl_zapi_guards_add(&guards, &stays, &on_1);
	ofl_zapi_guards_add(&guards, &goes, &on_1);
	ofl_zapi_guards_add(&guards, &other, &src);
	/* Only addresses are named again: the rest is not judged by it. */
	ofl_zapi_guards_sync_begin(&guards, OFL_PROTO_LOCAL);
	ofl_zapi_guards_add(&guards, &stays, &on_1);
	ofl_zapi_guards_sync_end(&guards);
	assert_string_equal(why(&stays), "local");
	assert_string_equal(why(&goes), "withdrawn");
	assert_string_equal(why(&other), "reserved");
	ofl_zapi_guards_sync_begin(&guards, OFL_PROTO_RESERVED);
	ofl_zapi_guards_sync_end(&guards);
	assert_string_equal(why(&stays), "local");
	assert_string_equal(why(&other), "withdrawn");
}

static void test_vrf(void **state)
{
	struct ofl_key a = key(3, "192.0.2.1/32"), b = key(4, "192.0.2.1/32");
	struct ofl_key c = key(3, "192.0.2.2/32");

	ofl_zapi_guards_add(&guards, &a, &on_1);
	ofl_zapi_guards_add(&guards, &b, &on_1);
	ofl_zapi_guards_add(&guards, &c, &on_2);
	ofl_zapi_guards_vrf_del(&guards, 3, OFL_PROTO_LOCAL, 2);
	assert_string_equal(why(&a), "local");
	assert_string_equal(why(&c), "withdrawn");

	/* The rib forgets the VRF; the address is still there. */
	ofl_rib_vrf_del(rib, 3);
	assert_string_equal(why(&a), "withdrawn");
	ofl_zapi_guards_replay(&guards, 3);
	assert_string_equal(why(&a), "local");
	ofl_zapi_guards_vrf_del(&guards, 3, OFL_PROTO_LOCAL, 0);
	assert_string_equal(why(&a), "withdrawn");
	assert_string_equal(why(&b), "local");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_two_interfaces),
		T(test_sources),
		T(test_sync),
		T(test_vrf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
