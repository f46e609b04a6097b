// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/nacm.c and nacm_rules.c: random rules against a model that is slow
 * and plain: it asks XPath for every rule and every node.
 */
#include "tests/unit/nacm_fixture.h"

#define ROUNDS 300
#define RULES 8

struct model_rule {
	const char *path, *module, *kind;
	unsigned int access;
	bool is_permit, is_mine;
};

static const char *const paths[] = {
	"/",
	"/frr-offload:offload",
	"/frr-offload:offload/table",
	"/frr-offload:offload/table/tc",
	"/frr-offload:offload/table/name",
	"/frr-offload:offload/table/tc/port[.='swp2']",
	HW0,
	HW1 "/capacity",
	HW0 "/tc/port",
	"/frr-offload:offload/rule[sequence='10']",
	"/frr-offload:offload/rule[sequence='99']",
	"/frr-offload:offload/rule/match",
	"/frr-offload:offload/timers/settle",
	"/ietf-netconf-acm:nacm/groups",
	"/ietf-netconf-acm:nacm",
};
static const char *const module_names[] = {"*", "frr-offload",
					   "ietf-netconf-acm"};
static const char *const access_words[] = {"read", "create", "update",
					   "delete"};

static struct {
	struct model_rule rules[RULES];
	bool read, write;
} model;

static unsigned int seed;

static unsigned int pick(unsigned int below)
{
	return (unsigned int)rand_r(&seed) % below;
}

static void model_rule_print(const struct model_rule *r, int i, char *buf,
			     size_t len)
{
	char access[64] = "", about[256] = "";

	for (size_t k = 0; k < array_size(access_words); k++) {
		if (!(r->access & (1u << k)))
			continue;
		if (access[0])
			strlcat(access, " ", sizeof(access));
		strlcat(access, access_words[k], sizeof(access));
	}
	if (r->path)
		snprintf(about, sizeof(about), "\"path\":\"%s\",", r->path);
	else if (r->kind)
		snprintf(about, sizeof(about), "\"%s\":\"*\",", r->kind);
	snprintf(buf, len,
		 "%s{\"name\":\"l%d\",\"group\":[\"%s\"],\"rule\":[{"
		 "\"name\":\"r\",\"module-name\":\"%s\",%s"
		 "\"access-operations\":\"%s\",\"action\":\"%s\"}]}",
		 i ? "," : "", i, r->is_mine ? "limited" : "others", r->module,
		 about, r->access ? access : "exec",
		 r->is_permit ? "permit" : "deny");
}

static void model_make(void)
{
	char json[8192] = "\"groups\":{\"group\":[{\"name\":\"limited\","
			  "\"user-name\":[\"alice\"]}]},\"rule-list\":[";
	char text[512];

	model.read = pick(2);
	model.write = pick(2);
	for (int i = 0; i < RULES; i++) {
		struct model_rule *r = &model.rules[i];

		*r = (struct model_rule){
			.module = module_names[pick(3)],
			.access = pick(3) ? 1u << pick(4) : pick(16),
			.is_permit = pick(2),
			.is_mine = pick(8) > 0,
		};
		if (pick(10) > 1)
			r->path = paths[pick(array_size(paths))];
		else if (pick(2))
			r->kind = pick(2) ? "rpc-name" : "notification-name";
		model_rule_print(r, i, text, sizeof(text));
		strlcat(json, text, sizeof(json));
	}
	snprintf(text, sizeof(text),
		 "],\"read-default\":\"%s\",\"write-default\":\"%s\"",
		 model.read ? "permit" : "deny",
		 model.write ? "permit" : "deny");
	strlcat(json, text, sizeof(json));
	configure(json);
}

/* Is it, or something above it, what XPath finds? */
static bool model_path(const char *path, const struct lyd_node *node)
{
	struct ly_set *set = NULL;
	bool found = false;

	if (strcmp(path, "/") == 0)
		return true;
	assert_int_equal(lyd_find_xpath(data, path, &set), LY_SUCCESS);
	for (; node && !found; node = lyd_parent(node))
		found = ly_set_contains(set, node, NULL);
	ly_set_free(set, NULL);
	return found;
}

static bool model_may(const struct lyd_node *node, enum ofl_nc_access access)
{
	const char *module = node->schema->module->name;
	/* The order of access_words[] is the model's own. */
	static const unsigned int bits[] = {[OFL_NC_READ] = 1,
					    [OFL_NC_CREATE] = 2,
					    [OFL_NC_UPDATE] = 4,
					    [OFL_NC_DELETE] = 8};

	for (int i = 0; i < RULES; i++) {
		const struct model_rule *r = &model.rules[i];

		if (r->is_mine && !r->kind && (r->access & bits[access]) &&
		    (strcmp(r->module, "*") == 0 ||
		     strcmp(r->module, module) == 0) &&
		    (!r->path || model_path(r->path, node)))
			return r->is_permit;
	}
	if (strcmp(module, "ietf-netconf-acm") == 0)
		return false;
	return access == OFL_NC_READ ? model.read : model.write;
}

static bool model_is_seen(const struct lyd_node *node)
{
	for (; node; node = lyd_parent(node))
		if (!lysc_is_key(node->schema) && !model_may(node, OFL_NC_READ))
			return false;
	return true;
}

static size_t count_nodes(const struct lyd_node *tree)
{
	const struct lyd_node *root, *node;
	size_t count = 0;

	LY_LIST_FOR(tree, root)
	{
		LYD_TREE_DFS_BEGIN(root, node)
		{
			count++;
			LYD_TREE_DFS_END(root, node);
		}
	}
	return count;
}

static void check_node(const struct ofl_nc_user *u, const struct lyd_node *node,
		       const struct lyd_node *left, size_t *seen)
{
	char *path = lyd_path(node, LYD_PATH_STD, NULL, 0);

	for (int a = OFL_NC_READ; a <= OFL_NC_DELETE; a++)
		if (ofl_nc_nacm_may(u, node, a) != model_may(node, a))
			fail_msg("seed %u: %s: access %d", seed, path, a);
	if (has(left, path) != model_is_seen(node))
		fail_msg("seed %u: %s is %sseen", seed, path,
			 model_is_seen(node) ? "not " : "");
	if (model_is_seen(node)) {
		(*seen)++;
		if (!ofl_nc_nacm_may_read_any(u, node->schema))
			fail_msg("seed %u: %s can be read", seed, path);
	}
	free(path);
}

static void test_random(void **state)
{
	struct ofl_nc_user u = user_of("alice");
	const struct lyd_node *root, *node;
	struct lyd_node *left;
	size_t all = 0, seen;

	for (unsigned int round = 1; round <= ROUNDS; round++) {
		seed = round;
		model_make();
		left = pruned(&u);
		seen = 0;
		LY_LIST_FOR(data, root)
		{
			LYD_TREE_DFS_BEGIN(root, node)
			{
				check_node(&u, node, left, &seen);
				LYD_TREE_DFS_END(root, node);
			}
		}
		assert_int_equal(count_nodes(left), seen);
		all += seen;
		lyd_free_all(left);
	}
	/* Neither nothing nor everything was permitted. */
	assert_true(all > ROUNDS && all < ROUNDS * count_nodes(data));
}

static int setup(void **state)
{
	return begin(OFL_YANG_DIRS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("nc_nacm_model", tests, setup,
					   teardown);
}
