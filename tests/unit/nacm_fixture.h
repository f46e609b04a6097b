/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of access control share: the installed models, a tree of
 * data, a running configuration that is said in JSON; in the place of
 * context.c.
 */
#ifndef TESTS_UNIT_NACM_FIXTURE_H
#define TESTS_UNIT_NACM_FIXTURE_H

#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/session.h"

static struct ly_ctx *ctx;
static struct lyd_node *running, *data;
static uint32_t version;

/* --- what the room asks for --- */

struct ly_ctx *ofl_nc_context(void)
{
	return ctx;
}

const struct lyd_node *ofl_nc_running(void)
{
	return running;
}

uint32_t ofl_nc_running_version(void)
{
	return version;
}

/* --- helpers --- */

static const char data_json[] =
	"{\"frr-offload:offload\":{"
	"\"table\":[{\"name\":\"hw0\",\"capacity\":100,"
	"\"tc\":{\"port\":[\"swp1\",\"swp2\"]}},"
	"{\"name\":\"hw1\",\"capacity\":200}],"
	"\"rule\":[{\"sequence\":10,\"match\":{\"tag\":7},"
	"\"set\":{\"class\":\"critical\"}},"
	"{\"sequence\":20,\"set\":{\"class\":\"never\"}}],"
	"\"timers\":{\"settle\":500}},"
	"\"ietf-netconf-acm:nacm\":{\"groups\":{\"group\":["
	"{\"name\":\"admin\",\"user-name\":[\"root\"]}]}}}";

static struct lyd_node *parse(struct ly_ctx *in, const char *json)
{
	struct lyd_node *tree = NULL;

	if (lyd_parse_data_mem(in, json, LYD_JSON, LYD_PARSE_STRICT,
			       LYD_VALIDATE_NO_STATE, &tree))
		fail_msg("%s: %s", json, ly_errmsg(in));
	return tree;
}

static void configure_in(struct ly_ctx *in, const char *content)
{
	char json[8192];

	snprintf(json, sizeof(json), "{\"ietf-netconf-acm:nacm\":{%s}}",
		 content);
	lyd_free_all(running);
	running = parse(in, json);
	version++;
}

static void configure(const char *content)
{
	configure_in(ctx, content);
}

static const char *const modules[] = {
	"frr-offload",	    "ietf-netconf",  "ietf-netconf-acm",
	"nc-notifications", "notifications", "ietf-netconf-notifications",
};

/* The models are in these directories. */
static int begin(const char *dirs)
{
	static const char *all[] = {"*", NULL};

	assert_int_equal(ly_ctx_new(dirs, 0, &ctx), LY_SUCCESS);
	for (size_t i = 0; i < array_size(modules); i++)
		assert_non_null(ly_ctx_load_module(ctx, modules[i], NULL, all));
	data = parse(ctx, data_json);
	return 0;
}

static int teardown(void **state)
{
	ofl_nc_nacm_fini();
	lyd_free_all(data);
	lyd_free_all(running);
	ly_ctx_destroy(ctx);
	return 0;
}

static struct ofl_nc_user user_of(const char *name)
{
	struct ofl_nc_user user = {.uid = 1000};

	strlcpy(user.name, name, sizeof(user.name));
	return user;
}

#define HW0 "/frr-offload:offload/table[name='hw0']"
#define HW1 "/frr-offload:offload/table[name='hw1']"

static struct lyd_node *pruned(const struct ofl_nc_user *u)
{
	struct lyd_node *copy = NULL;

	assert_int_equal(lyd_dup_siblings(data, NULL, LYD_DUP_RECURSIVE, &copy),
			 LY_SUCCESS);
	ofl_nc_nacm_prune(u, &copy);
	return copy;
}

static bool has(const struct lyd_node *tree, const char *path)
{
	struct lyd_node *node = NULL;

	return tree && lyd_find_path(tree, path, 0, &node) == LY_SUCCESS;
}

#endif /* TESTS_UNIT_NACM_FIXTURE_H */
