// SPDX-License-Identifier: GPL-2.0-or-later
/* Devlink messages: what kernels said, and what none would say. */
#include "devlink_fixture.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>

#include "lib/genl.h"
#include "offloadd/provider/prov_devlink_decode.h"

#define RESOURCES_MAX 16

static struct ofl_devlink_message m;

static enum ofl_devlink_decoded decode(const char *hex, size_t i)
{
	struct nlmsghdr *nlh = sample_message(hex, i);
	enum ofl_devlink_decoded r;

	assert_non_null(nlh);
	memset(&m, 0xee, sizeof(m));
	r = ofl_devlink_decode(nlh, FAMILY_ID, &m);
	free(nlh);
	return r;
}

/* --- instances --- */

static void test_instances(void **state)
{
	static const struct {
		const char *hex;
		size_t i;
		const char *bus, *dev;
		uint64_t reloads;
		bool gone;
	} cases[] = {
		{INSTANCES_NETDEVSIM, 0, "netdevsim", "netdevsim10", 0, false},
		{INSTANCES_TCAMSIM, 0, "platform", "tcamsim.0", 0, false},
		{INSTANCES_TCAMSIM, 1, "platform", "tcamsim.1", 0, false},
		{NEW_NETDEVSIM_RELOADED, 0, "netdevsim", "netdevsim10", 3,
		 false},
		{DEL_NETDEVSIM, 0, "netdevsim", "netdevsim10", 3, true},
		{RELOAD_TCAMSIM, 12, "platform", "tcamsim.0", 1, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(decode(cases[i].hex, cases[i].i),
				 OFL_DEVLINK_INSTANCE);
		assert_int_equal(m.gone, cases[i].gone);
		assert_string_equal(m.instance.handle.bus, cases[i].bus);
		assert_string_equal(m.instance.handle.dev, cases[i].dev);
		assert_int_equal(m.instance.reloads, cases[i].reloads);
		assert_false(m.instance.reload_failed);
	}
}

static void put_count(struct nlmsghdr *nlh, uint16_t which, uint8_t action,
		      uint8_t limit, uint32_t count)
{
	struct nlattr *stats = mnl_attr_nest_start(nlh, which);
	struct nlattr *info =
		mnl_attr_nest_start(nlh, DEVLINK_ATTR_RELOAD_ACTION_INFO);
	struct nlattr *action_stats, *entry;

	mnl_attr_put_u8(nlh, DEVLINK_ATTR_RELOAD_ACTION, action);
	action_stats =
		mnl_attr_nest_start(nlh, DEVLINK_ATTR_RELOAD_ACTION_STATS);
	entry = mnl_attr_nest_start(nlh, DEVLINK_ATTR_RELOAD_STATS_ENTRY);
	mnl_attr_put_u8(nlh, DEVLINK_ATTR_RELOAD_STATS_LIMIT, limit);
	mnl_attr_put_u32(nlh, DEVLINK_ATTR_RELOAD_STATS_VALUE, count);
	mnl_attr_nest_end(nlh, entry);
	mnl_attr_nest_end(nlh, action_stats);
	mnl_attr_nest_end(nlh, info);
	mnl_attr_nest_end(nlh, stats);
}

static struct nlmsghdr *begin(void *buf, uint8_t cmd)
{
	struct nlmsghdr *nlh = ofl_genl_begin(buf, FAMILY_ID, cmd, 1, 0);

	mnl_attr_put_strz(nlh, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(nlh, DEVLINK_ATTR_DEV_NAME, "0000:03:00.0");
	return nlh;
}

/* Its own and another host's; not those that reset nothing. */
static void test_reload_counts(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[1024] = {0};
	struct nlmsghdr *nlh = begin(buf, DEVLINK_CMD_NEW);
	struct nlattr *nest;

	mnl_attr_put_u8(nlh, DEVLINK_ATTR_RELOAD_FAILED, 1);
	nest = mnl_attr_nest_start(nlh, DEVLINK_ATTR_DEV_STATS);
	put_count(nlh, DEVLINK_ATTR_RELOAD_STATS, 1, 0, 5);
	put_count(nlh, DEVLINK_ATTR_RELOAD_STATS, 2,
		  DEVLINK_RELOAD_LIMIT_NO_RESET, 100);
	put_count(nlh, DEVLINK_ATTR_REMOTE_RELOAD_STATS, 2, 0, 7);
	put_count(nlh, DEVLINK_ATTR_REMOTE_RELOAD_STATS, 2, 0, UINT32_MAX);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_INSTANCE);
	assert_int_equal(m.instance.reloads, 12ull + UINT32_MAX);
	assert_true(m.instance.reload_failed);
}

/* --- ports --- */

static void test_ports(void **state)
{
	static const struct {
		const char *hex;
		size_t i;
		const char *dev, *ifname;
		uint32_t index, ifindex;
		bool gone;
	} cases[] = {
		{PORTS_NETDEVSIM, 0, "netdevsim10", "eth0", 0, 7, false},
		{PORTS_NETDEVSIM, 1, "netdevsim10", "eth1", 1, 8, false},
		{PORTS_TCAMSIM, 0, "tcamsim.0", "sw1", 1, 8, false},
		{PORTS_TCAMSIM, 1, "tcamsim.0", "sw2", 2, 10, false},
		{PORTS_TCAMSIM, 2, "tcamsim.1", "sw3", 1, 12, false},
		{PORTS_TCAMSIM, 3, "tcamsim.1", "sw4", 2, 14, false},
		{RELOAD_TCAMSIM, 0, "tcamsim.0", "", 1, 0, false},
		{RELOAD_TCAMSIM, 4, "tcamsim.0", "", 1, 0, true},
		{RELOAD_TCAMSIM, 8, "tcamsim.0", "sw1", 1, 16, false},
		{REMOVE_TCAMSIM, 0, "tcamsim.0", "sw1", 1, 16, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(decode(cases[i].hex, cases[i].i),
				 OFL_DEVLINK_PORT);
		assert_int_equal(m.gone, cases[i].gone);
		assert_string_equal(m.port.handle.dev, cases[i].dev);
		assert_int_equal(m.port.index, cases[i].index);
		assert_int_equal(m.port.ifindex, cases[i].ifindex);
		assert_string_equal(m.port.ifname, cases[i].ifname);
		assert_int_equal(m.port.flavour, DEVLINK_PORT_FLAVOUR_PHYSICAL);
	}
}

static void test_not_ours(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[512] = {0};
	struct nlmsghdr *nlh = begin(buf, DEVLINK_CMD_PORT_NEW);

	assert_int_equal(decode(PARAM_NETDEVSIM, 0), OFL_DEVLINK_IGNORED);
	assert_int_equal(decode(CTRL_DEVLINK, 0), OFL_DEVLINK_IGNORED);
	/* A port without an index; an attribute nobody knows is no harm. */
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_MALFORMED);
	mnl_attr_put_u32(nlh, DEVLINK_ATTR_PORT_INDEX, 3);
	mnl_attr_put(nlh, 16000, 3, "abc");
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_PORT);
	/* Old kernels list ports by the command of instances. */
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd =
		DEVLINK_CMD_NEW;
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_PORT);
	assert_int_equal(m.port.index, 3);
	/* One that is known and has another size. */
	mnl_attr_put_u16(nlh, DEVLINK_ATTR_PORT_NETDEV_IFINDEX, 3);
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_MALFORMED);
	nlh = begin(buf, DEVLINK_CMD_NEW);
	nlh->nlmsg_len = 28; /* the bus only */
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_MALFORMED);
	nlh->nlmsg_len = 18;
	assert_int_equal(ofl_devlink_decode(nlh, FAMILY_ID, &m),
			 OFL_DEVLINK_MALFORMED);
}

/* --- resources --- */

static const struct ofl_devlink_handle netdevsim = {"netdevsim", "netdevsim10"};
static const struct ofl_devlink_handle tcamsim = {"platform", "tcamsim.0"};
static struct ofl_devlink_resource list[RESOURCES_MAX];
static size_t count;

static bool resources(const char *hex, const struct ofl_devlink_handle *handle,
		      size_t max)
{
	struct nlmsghdr *nlh = sample_message(hex, 0);
	bool ok;

	count = 0;
	memset(list, 0xee, sizeof(list));
	ok = ofl_devlink_resources_decode(nlh, FAMILY_ID, handle, list, max,
					  &count);
	free(nlh);
	return ok;
}

static void check_resource(size_t i, const char *path, uint16_t parent,
			   uint64_t size, uint64_t size_new, int64_t occ)
{
	assert_true(i < count);
	assert_string_equal(list[i].path, path);
	assert_int_equal(list[i].parent, parent);
	assert_int_equal(list[i].size, size);
	assert_int_equal(list[i].size_new, size_new);
	assert_int_equal(list[i].has_occ, occ >= 0);
	if (occ >= 0)
		assert_int_equal(list[i].occ, occ);
	assert_int_equal(list[i].unit, DEVLINK_RESOURCE_UNIT_ENTRY);
	assert_int_equal(list[i].size_granularity, 1);
}

static void test_resources(void **state)
{
	const uint64_t all = OFL_DEVLINK_UNLIMITED;
	const uint16_t top = OFL_DEVLINK_NO_PARENT;

	assert_true(resources(RESOURCES_NETDEVSIM, &netdevsim, RESOURCES_MAX));
	assert_int_equal(count, 7);
	check_resource(0, "IPv4", top, all, all, -1);
	check_resource(1, "IPv4/fib", 0, all, all, 3);
	check_resource(2, "IPv4/fib-rules", 0, all, all, 3);
	check_resource(3, "IPv6", top, all, all, -1);
	check_resource(4, "IPv6/fib", 3, all, all, 1);
	check_resource(5, "IPv6/fib-rules", 3, all, all, 2);
	check_resource(6, "nexthops", top, all, all, 0);
	assert_true(
		resources(RESOURCES_NETDEVSIM_SET, &netdevsim, RESOURCES_MAX));
	check_resource(1, "IPv4/fib", 0, all, 100, 3);

	assert_true(resources(RESOURCES_TCAMSIM, &tcamsim, RESOURCES_MAX));
	assert_int_equal(count, 3);
	check_resource(0, "memory", top, 768, 768, 5);
	check_resource(1, "memory/acl_tcam", 0, 768, 768, 0);
	check_resource(2, "memory/lpm", 0, 768, 768, 5);
	assert_true(list[0].size_min == 768 && list[0].size_max == 768);
	assert_true(list[1].size_min == 0 && list[1].size_max == 768);
	assert_true(resources(RESOURCES_TCAMSIM_SET, &tcamsim, RESOURCES_MAX));
	check_resource(1, "memory/acl_tcam", 0, 768, 100, 0);
	assert_true(
		resources(RESOURCES_TCAMSIM_RELOADED, &tcamsim, RESOURCES_MAX));
	check_resource(1, "memory/acl_tcam", 0, 100, 100, 0);
}

static void test_resources_bounds(void **state)
{
	struct nlmsghdr *nlh = sample_message(RESOURCES_TCAMSIM, 0);

	/* Of another instance; one more than fit; then another message. */
	assert_false(resources(RESOURCES_TCAMSIM, &netdevsim, RESOURCES_MAX));
	assert_false(resources(RESOURCES_TCAMSIM, &tcamsim, 2));
	assert_int_equal(count, 0);
	assert_true(resources(RESOURCES_TCAMSIM, &tcamsim, 3));
	assert_true(ofl_devlink_resources_decode(nlh, FAMILY_ID, &tcamsim, list,
						 RESOURCES_MAX, &count));
	assert_int_equal(count, 6);
	check_resource(4, "memory/acl_tcam", 3, 768, 768, 0);
	free(nlh);
	assert_false(resources(PORTS_TCAMSIM, &tcamsim, RESOURCES_MAX));
}

struct put {
	const char *name;
	int size_bytes; /* 0: none */
	int valid;	/* -1: not said */
	bool ok;
};

static void test_resource_crafted(void **state)
{
	static const struct put cases[] = {
		{"t", 8, -1, true},   {"t", 8, 1, true},   {"t", 8, 0, true},
		{"t", 4, -1, false},  {"t", 0, -1, false}, {"", 8, -1, false},
		{NULL, 8, -1, false},
	};
	const struct ofl_devlink_handle pci = {"pci", "0000:03:00.0"};
	_Alignas(struct nlmsghdr) uint8_t buf[512];
	const uint64_t size = 7;
	struct nlattr *outer, *nest;
	struct nlmsghdr *nlh;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct put *c = &cases[i];

		count = 0;
		nlh = begin(buf, DEVLINK_CMD_RESOURCE_DUMP);
		outer = mnl_attr_nest_start(nlh, DEVLINK_ATTR_RESOURCE_LIST);
		nest = mnl_attr_nest_start(nlh, DEVLINK_ATTR_RESOURCE);
		if (c->name)
			mnl_attr_put_strz(nlh, DEVLINK_ATTR_RESOURCE_NAME,
					  c->name);
		if (c->size_bytes)
			mnl_attr_put(nlh, DEVLINK_ATTR_RESOURCE_SIZE,
				     c->size_bytes, &size);
		if (c->valid >= 0)
			mnl_attr_put_u8(nlh, DEVLINK_ATTR_RESOURCE_SIZE_VALID,
					(uint8_t)c->valid);
		mnl_attr_nest_end(nlh, nest);
		mnl_attr_nest_end(nlh, outer);
		assert_int_equal(
			ofl_devlink_resources_decode(nlh, FAMILY_ID, &pci, list,
						     RESOURCES_MAX, &count),
			c->ok);
		assert_int_equal(count, c->ok);
		if (c->ok)
			assert_int_equal(list[0].size_valid, c->valid != 0);
	}
}

/* `depth` resources inside each other, with names of `len`. */
static struct nlmsghdr *put_deep(void *buf, unsigned int depth, size_t len)
{
	struct nlmsghdr *nlh = begin(buf, DEVLINK_CMD_RESOURCE_DUMP);
	struct nlattr *nests[64];
	char name[64] = "";

	memset(name, 'n', len);
	for (unsigned int i = 0; i < depth; i++) {
		nests[2 * i] =
			mnl_attr_nest_start(nlh, DEVLINK_ATTR_RESOURCE_LIST);
		nests[2 * i + 1] =
			mnl_attr_nest_start(nlh, DEVLINK_ATTR_RESOURCE);
		mnl_attr_put_strz(nlh, DEVLINK_ATTR_RESOURCE_NAME, name);
		mnl_attr_put_u64(nlh, DEVLINK_ATTR_RESOURCE_SIZE, i);
	}
	for (unsigned int i = 2 * depth; i-- > 0;)
		mnl_attr_nest_end(nlh, nests[i]);
	return nlh;
}

static void test_resources_depth(void **state)
{
	static const struct {
		unsigned int depth;
		size_t name_len;
		bool ok;
	} cases[] = {
		{1, 1, true},
		{OFL_DEVLINK_DEPTH_MAX, 1, true},
		{OFL_DEVLINK_DEPTH_MAX + 1, 1, false},
		{30, 1, false},
		{2, 63, true}, /* 127 bytes and a NUL */
		{4, 32, false},
		{4, 31, true},
	};
	const struct ofl_devlink_handle pci = {"pci", "0000:03:00.0"};
	_Alignas(struct nlmsghdr) uint8_t buf[8192];
	struct nlmsghdr *nlh;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		count = 0;
		memset(buf, 0, sizeof(buf));
		nlh = put_deep(buf, cases[i].depth, cases[i].name_len);
		assert_int_equal(
			ofl_devlink_resources_decode(nlh, FAMILY_ID, &pci, list,
						     RESOURCES_MAX, &count),
			cases[i].ok);
		assert_int_equal(count, cases[i].ok ? cases[i].depth : 0);
	}
}

static void test_find(void **state)
{
	static const struct {
		const char *path;
		int at; /* -1: none, -2: more than one */
	} cases[] = {
		{"IPv4/fib", 1},   {"/IPv4/fib/", 1}, {"IPv6/fib", 4},
		{"nexthops", 6},   {"IPv6", 3},	      {"fib", -2},
		{"fib-rules", -2}, {"IPv4/fi", -1},   {"Pv4/fib", -1},
		{"", -1},	   {"/", -1},	      {"nexthop", -1},
	};
	const struct ofl_devlink_resource *r;
	const char *error;

	assert_true(resources(RESOURCES_NETDEVSIM, &netdevsim, RESOURCES_MAX));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error = "";
		r = ofl_devlink_resource_find(list, count, cases[i].path,
					      &error);
		if (cases[i].at >= 0)
			assert_ptr_equal(r, &list[cases[i].at]);
		else
			assert_null(r);
		assert_int_equal(cases[i].at == -1,
				 strstr(error, "no devlink") != NULL);
		assert_int_equal(cases[i].at == -2,
				 strstr(error, "more than one") != NULL);
	}
	assert_true(resources(RESOURCES_TCAMSIM, &tcamsim, RESOURCES_MAX));
	assert_ptr_equal(ofl_devlink_resource_find(list, count, "acl_tcam",
						   &error),
			 &list[1]);
}

static void test_handle_parse(void **state)
{
	struct ofl_devlink_handle h = {"old", "old"};
	char text[200];

	assert_true(ofl_devlink_handle_parse("pci/0000:03:00.0", &h));
	assert_string_equal(h.bus, "pci");
	assert_string_equal(h.dev, "0000:03:00.0");
	assert_false(ofl_devlink_handle_parse("pci", &h));
	assert_false(ofl_devlink_handle_parse("pci/", &h));
	assert_false(ofl_devlink_handle_parse("/0000:03:00.0", &h));
	assert_false(ofl_devlink_handle_parse("pci/0000:03:00.0/1", &h));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	text[40] = '/';
	assert_false(ofl_devlink_handle_parse(text, &h));
	text[40] = 'x';
	text[3] = '/';
	assert_false(ofl_devlink_handle_parse(text, &h));
	assert_string_equal(h.bus, "pci");
	text[4 + 127] = '\0';
	assert_true(ofl_devlink_handle_parse(text, &h));
	assert_int_equal(strlen(h.dev), 127);
}

/* --- what no kernel says --- */

static void check_text(const char *text, size_t size)
{
	assert_true(strnlen(text, size) < size);
}

static void try_message(const struct nlmsghdr *nlh)
{
	struct ofl_devlink_message got;

	switch (ofl_devlink_decode(nlh, FAMILY_ID, &got)) {
	case OFL_DEVLINK_INSTANCE:
		check_text(got.instance.handle.bus, 32);
		check_text(got.instance.handle.dev, 128);
		assert_true(got.instance.handle.dev[0]);
		break;
	case OFL_DEVLINK_PORT:
		check_text(got.port.handle.bus, 32);
		check_text(got.port.handle.dev, 128);
		check_text(got.port.ifname, 16);
		assert_true(got.port.handle.dev[0]);
		assert_true(got.port.ifindex <= INT32_MAX);
		break;
	case OFL_DEVLINK_IGNORED:
	case OFL_DEVLINK_MALFORMED:
		break;
	}
}

static void try_resources_of(const struct nlmsghdr *nlh,
			     const struct ofl_devlink_handle *handle)
{
	struct ofl_devlink_resource *got = calloc(8, sizeof(*got));
	size_t n = 0;

	assert_non_null(got);
	ofl_devlink_resources_decode(nlh, FAMILY_ID, handle, got, 8, &n);
	assert_true(n <= 8);
	for (size_t i = 0; i < n; i++) {
		check_text(got[i].path, OFL_DEVLINK_PATH_BYTES);
		assert_true(got[i].path[0]);
		assert_true(got[i].parent == OFL_DEVLINK_NO_PARENT ||
			    got[i].parent < i);
	}
	free(got);
}

static void try_resources(const struct nlmsghdr *nlh)
{
	try_resources_of(nlh, &tcamsim);
}

static void try_resources_netdevsim(const struct nlmsghdr *nlh)
{
	try_resources_of(nlh, &netdevsim);
}

static void test_torture(void **state)
{
	sample_torture(INSTANCES_TCAMSIM, try_message);
	sample_torture(PORTS_NETDEVSIM, try_message);
	sample_torture(RELOAD_TCAMSIM, try_message);
	sample_torture(RESOURCES_TCAMSIM, try_message);
	sample_torture(RESOURCES_TCAMSIM, try_resources);
	sample_torture(RESOURCES_NETDEVSIM, try_resources_netdevsim);
	sample_torture(PORTS_TCAMSIM, try_resources);
}

/* A message that ends early is not half believed: it says less, or nothing,
 * but no text is cut and no number is another. */
static void test_cut(void **state)
{
	struct nlmsghdr *nlh = sample_message(PORTS_TCAMSIM, 0), *cut;
	unsigned int ports = 0;

	for (uint32_t n = sizeof(*nlh); n < nlh->nlmsg_len; n++) {
		cut = sample_cut(nlh, n);
		if (ofl_devlink_decode(cut, FAMILY_ID, &m) ==
		    OFL_DEVLINK_PORT) {
			ports++;
			assert_string_equal(m.port.handle.bus, "platform");
			assert_string_equal(m.port.handle.dev, "tcamsim.0");
			assert_int_equal(m.port.index, 1);
			assert_true(m.port.ifindex == 8 || !m.port.ifindex);
			assert_true(!m.port.ifname[0] ||
				    !strcmp(m.port.ifname, "sw1"));
		}
		free(cut);
	}
	assert_true(ports > 0 && ports < nlh->nlmsg_len / 2);
	free(nlh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_reload_counts),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_resources),
		cmocka_unit_test(test_resources_bounds),
		cmocka_unit_test(test_resource_crafted),
		cmocka_unit_test(test_resources_depth),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_handle_parse),
		cmocka_unit_test(test_torture),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
