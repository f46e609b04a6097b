// SPDX-License-Identifier: GPL-2.0-or-later
/* Generic netlink's bytes: what a kernel said, and what none would say. */
#include "devlink_fixture.h"

#include <linux/genetlink.h>

#include "lib/genl.h"

static void test_family(void **state)
{
	struct nlmsghdr *other = sample_message(CTRL_NLCTRL, 0);
	struct nlmsghdr *nlh = sample_message(CTRL_DEVLINK, 0);
	struct ofl_genl_family family = {0};

	assert_true(ofl_genl_family_decode(nlh, "devlink", &family));
	assert_int_equal(family.id, FAMILY_ID);
	assert_int_equal(family.version, 1);
	assert_int_equal(family.group_count, 1);
	assert_int_equal(ofl_genl_group_find(&family, "config"), 4);
	assert_int_equal(ofl_genl_group_find(&family, "configs"), 0);

	memset(&family, 0xee, sizeof(family));
	assert_false(ofl_genl_family_decode(nlh, "devlin", &family));
	assert_false(ofl_genl_family_decode(other, "devlink", &family));
	assert_int_equal(family.id, 0xeeee);
	assert_true(ofl_genl_family_decode(other, "nlctrl", &family));
	assert_int_equal(family.id, GENL_ID_CTRL);
	assert_int_equal(ofl_genl_group_find(&family, "notify"), 16);
	free(other);
	free(nlh);
}

static void try_family(const struct nlmsghdr *nlh)
{
	struct ofl_genl_family family;

	if (!ofl_genl_family_decode(nlh, "devlink", &family))
		return;
	assert_int_not_equal(family.id, 0);
	assert_true(family.group_count <= OFL_GENL_GROUPS_MAX);
	for (size_t i = 0; i < family.group_count; i++) {
		assert_int_not_equal(family.groups[i].id, 0);
		assert_true(strnlen(family.groups[i].name,
				    OFL_GENL_NAME_BYTES) < OFL_GENL_NAME_BYTES);
	}
}

static void test_family_torture(void **state)
{
	sample_torture(CTRL_DEVLINK, try_family);
}

static void put_group(struct nlmsghdr *nlh, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, 1);

	if (name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	if (id)
		mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_nest_end(nlh, nest);
}

static void test_family_crafted(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[2048] = {0};
	struct ofl_genl_family family;
	struct nlattr *nest;
	struct nlmsghdr *nlh;
	char name[8];

	/* More groups than are kept: the first ones are. */
	nlh = ofl_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 2, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "many");
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, 77);
	nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	for (uint32_t i = 1; i <= OFL_GENL_GROUPS_MAX + 3; i++) {
		snprintf(name, sizeof(name), "g%u", i);
		put_group(nlh, name, i);
	}
	mnl_attr_nest_end(nlh, nest);
	assert_true(ofl_genl_family_decode(nlh, "many", &family));
	assert_int_equal(family.group_count, OFL_GENL_GROUPS_MAX);
	assert_int_equal(ofl_genl_group_find(&family, "g8"), 8);

	/* A group without a number is none. */
	nlh = ofl_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 2, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "many");
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, 77);
	nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	put_group(nlh, "config", 0);
	mnl_attr_nest_end(nlh, nest);
	assert_false(ofl_genl_family_decode(nlh, "many", &family));

	/* Not what a list is made of. */
	nlh = ofl_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_DELFAMILY, 2, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "many");
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, 77);
	assert_false(ofl_genl_family_decode(nlh, "many", &family));
}

static void test_request(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[OFL_GENL_REQUEST_BYTES];
	const struct genlmsghdr *head;
	char text[OFL_GENL_REQUEST_BYTES];
	struct nlmsghdr *nlh;
	uint8_t cmd = 0;

	nlh = ofl_genl_families_encode(buf);
	assert_int_equal(nlh->nlmsg_type, GENL_ID_CTRL);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(nlh->nlmsg_len, 20);
	assert_true(ofl_genl_decode(nlh, GENL_ID_CTRL, &cmd));
	assert_int_equal(cmd, CTRL_CMD_GETFAMILY);

	nlh = ofl_genl_begin(buf, 33, 7, 5, NLM_F_ACK);
	head = mnl_nlmsg_get_payload(nlh);
	assert_int_equal(head->cmd, 7);
	assert_int_equal(head->version, 5);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_true(ofl_genl_put_text(nlh, 1, "pci"));
	assert_int_equal(nlh->nlmsg_len, 28);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(ofl_genl_put_text(nlh, 2, text));
	assert_int_equal(nlh->nlmsg_len, 28);
	assert_false(ofl_genl_decode(nlh, 34, &cmd));
	nlh->nlmsg_len = 19;
	assert_false(ofl_genl_decode(nlh, 33, &cmd));
}

/* Values of exactly their size; texts that end. */
static void test_values(void **state)
{
	_Alignas(struct nlmsghdr) uint8_t buf[256] = {0};
	struct nlmsghdr *nlh = ofl_genl_begin(buf, 33, 1, 1, 0);
	struct ofl_genl_walk w;
	const struct nlattr *attr;
	uint64_t u64 = 9;
	uint32_t u32 = 9;
	uint16_t u16 = 9;
	uint8_t u8 = 9;
	char text[4] = "old";

	mnl_attr_put_u32(nlh, 1, 0x01020304);
	mnl_attr_put(nlh, 2, 0, NULL);
	mnl_attr_put(nlh, 3, 3, "abc"); /* no NUL */
	mnl_attr_put_strz(nlh, 4, "abc");
	mnl_attr_put_strz(nlh, 5, "abcd");
	mnl_attr_put_strz(nlh, 6, "");
	ofl_genl_walk_init(&w, nlh);
	attr = ofl_genl_walk_next(&w);
	assert_false(ofl_genl_u8(attr, &u8));
	assert_false(ofl_genl_u16(attr, &u16));
	assert_false(ofl_genl_u64(attr, &u64));
	assert_true(u8 == 9 && u16 == 9 && u64 == 9);
	assert_true(ofl_genl_u32(attr, &u32));
	assert_int_equal(u32, 0x01020304);
	for (int type = 2; type <= 6; type++) {
		attr = ofl_genl_walk_next(&w);
		assert_int_equal(mnl_attr_get_type(attr), type);
		assert_int_equal(ofl_genl_text(attr, text, sizeof(text)),
				 type == 4);
	}
	assert_string_equal(text, "abc");
	assert_null(ofl_genl_walk_next(&w));
	assert_false(w.malformed);

	nlh->nlmsg_len += 4; /* zeros: no attribute has length 0 */
	ofl_genl_walk_init(&w, nlh);
	while (ofl_genl_walk_next(&w))
		;
	assert_true(w.malformed);
	assert_null(ofl_genl_walk_next(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family),
		cmocka_unit_test(test_family_torture),
		cmocka_unit_test(test_family_crafted),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
