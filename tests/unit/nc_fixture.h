/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations and edits as XML, for tests of the room netconf.
 */
#ifndef NC_FIXTURE_H
#define NC_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"

#define NC "urn:ietf:params:xml:ns:netconf:base:1.0"
/* `c` of nc-test with this content; n: prefix of NETCONF, y: of YANG. */
#define C(content)                                                             \
	"<c xmlns='urn:offloadd:nc-test' xmlns:t='urn:offloadd:nc-test' "      \
	"xmlns:n='" NC "' xmlns:y='urn:ietf:params:xml:ns:yang:1'>" content    \
	"</c>"

/* Of the test, which defines it. */
extern struct ly_ctx *nc_ctx;

/* `dirs`: of all modules, that of nc-test.yang too. */
static inline void nc_ctx_new(const char *dirs)
{
	static const char *features[] = {
		"candidate", "writable-running",  "confirmed-commit",
		"validate",  "rollback-on-error", NULL};

	ly_log_options(LY_LOSTORE_LAST);
	assert_int_equal(ly_ctx_new(dirs, 0, &nc_ctx), LY_SUCCESS);
	assert_non_null(
		ly_ctx_load_module(nc_ctx, "ietf-netconf", NULL, features));
	assert_non_null(ly_ctx_load_module(nc_ctx, "nc-test", NULL, NULL));
	assert_non_null(
		ly_ctx_load_module(nc_ctx, "frr-offload-acl", NULL, NULL));
}

static inline int nc_ctx_teardown(void **state)
{
	ly_ctx_destroy(nc_ctx);
	return 0;
}

/* A configuration with its implicit defaults. */
static inline struct lyd_node *nc_config(const char *xml)
{
	struct lyd_node *tree = NULL;

	if (*xml)
		assert_int_equal(lyd_parse_data_mem(nc_ctx, xml, LYD_XML,
						    LYD_PARSE_ONLY |
							    LYD_PARSE_STRICT |
							    LYD_PARSE_NO_STATE,
						    0, &tree),
				 LY_SUCCESS);
	assert_int_equal(lyd_new_implicit_all(&tree, nc_ctx,
					      LYD_IMPLICIT_NO_STATE, NULL),
			 LY_SUCCESS);
	return tree;
}

/* What was set, as text; caller frees. */
static inline char *nc_text(const struct lyd_node *tree)
{
	char *text = NULL;

	if (tree)
		assert_int_equal(lyd_print_mem(&text, tree, LYD_XML,
					       LYD_PRINT_SIBLINGS |
						       LYD_PRINT_SHRINK |
						       LYD_PRINT_WD_EXPLICIT),
				 LY_SUCCESS);
	return text ? text : strdup("");
}

/* The <rpc> with `op` in it, as a session parses it; caller frees with
 * lyd_free_all(). */
static inline struct lyd_node *nc_rpc(const char *op,
				      struct lyd_node **ret_envelope)
{
	struct lyd_node *node = NULL;
	struct ly_in *in = NULL;
	char *text = NULL;

	assert_true(asprintf(&text,
			     "<rpc xmlns='" NC "' message-id='1'>%s</rpc>",
			     op) > 0);
	assert_int_equal(ly_in_new_memory(text, &in), LY_SUCCESS);
	if (ofl_lyd_parse_rpc(nc_ctx, in, ret_envelope, &node) != LY_SUCCESS)
		fail_msg("%s: %s", ly_errmsg(nc_ctx), text);
	ly_in_free(in, 0);
	free(text);
	return node;
}

/* The content of <config> of an edit-config. */
static inline const struct lyd_node *nc_payload(const struct lyd_node *op)
{
	struct lyd_node *config = NULL;

	assert_int_equal(lyd_find_path(op, "config", 0, &config), LY_SUCCESS);
	assert_false(ofl_lyd_any_has_text(config));
	return ofl_lyd_any_tree(config);
}

#endif /* NC_FIXTURE_H */
