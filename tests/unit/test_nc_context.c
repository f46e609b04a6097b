// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The context of NETCONF: it has FRR's modules and its own, copies go there
 * and back, and the text of each module can be had and parsed again.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "northbound.h"
#include "yang.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "tests/unit/nc_world.h"

static const char config[] =
	"<box xmlns=\"" NC_TEST "\"><colour>red</colour><best>a</best>"
	"<table><name>a</name><port>p1</port></table></box>";

static void test_modules(void **state)
{
	static const char *const modules[] = {
		"ietf-netconf",
		"ietf-netconf-with-defaults",
		"ietf-netconf-monitoring",
		"ietf-netconf-notifications",
		"notifications",
		"nc-notifications",
		"ietf-yang-library",
		"ietf-datastores",
		"offloadd-default-attribute",
		"ofl-nc-test",
	};
	static const struct {
		const char *name;
		bool is_on;
	} features[] = {
		{"writable-running", true}, {"candidate", true},
		{"confirmed-commit", true}, {"rollback-on-error", true},
		{"validate", true},	    {"xpath", true},
		{"startup", false},	    {"url", false},
	};
	const struct lys_module *m;

	for (size_t i = 0; i < array_size(modules); i++) {
		m = ly_ctx_get_module_implemented(ofl_nc_context(), modules[i]);
		if (!m)
			fail_msg("no %s", modules[i]);
	}
	m = ly_ctx_get_module_implemented(ofl_nc_context(), "ietf-netconf");
	for (size_t i = 0; i < array_size(features); i++)
		assert_int_equal(lys_feature_value(m, features[i].name),
				 features[i].is_on ? LY_SUCCESS : LY_ENOT);
	/* NETCONF's modules did not get into FRR's context. */
	assert_null(ly_ctx_get_module_latest(ly_native_ctx, "ietf-netconf"));
}

static void test_copies(void **state)
{
	struct lyd_node *native = NULL, *again = NULL;
	const struct lyd_node *running, *same;
	char *before, *after;

	nc_world_configure(config);
	running = ofl_nc_running();
	assert_non_null(running);
	assert_ptr_equal(running->schema->module->ctx, ofl_nc_context());
	before = nc_world_print(running_config->dnode, LYD_PRINT_WD_ALL);
	after = nc_world_print(running, LYD_PRINT_WD_ALL);
	assert_string_equal(before, after);
	assert_non_null(strstr(after, "<size>10</size>"));
	free(after);

	/* What is implicit stays so. */
	after = nc_world_print(running, 0);
	assert_null(strstr(after, "size"));
	free(after);

	same = ofl_nc_running();
	assert_ptr_equal(running, same);
	assert_true(ofl_nc_export(running, &native));
	assert_ptr_equal(native->schema->module->ctx, ly_native_ctx);
	assert_true(ofl_nc_import(native, &again));
	after = nc_world_print(again, LYD_PRINT_WD_ALL);
	assert_string_equal(before, after);
	free(before);
	free(after);
	lyd_free_siblings(native);
	lyd_free_siblings(again);

	/* A new configuration, also one that has the same number. */
	nc_world_configure("<top xmlns=\"" NC_TEST "\"><note>x</note></top>");
	running_config->version--;
	after = nc_world_print(ofl_nc_running(), 0);
	assert_string_equal(after,
			    "<top xmlns=\"" NC_TEST "\"><note>x</note></top>");
	free(after);
}

static void test_export_refuses(void **state)
{
	struct lyd_node *tree = NULL, *native = NULL;
	uint32_t log = ly_log_options(0);

	assert_int_equal(
		lyd_new_path(NULL, ofl_nc_context(),
			     "/ietf-netconf-monitoring:netconf-state/schemas",
			     NULL, 0, &tree),
		LY_SUCCESS);
	assert_false(ofl_nc_export(tree, &native));
	ly_log_options(log);
	assert_null(native);
	lyd_free_all(tree);
}

static LY_ERR check_native(struct lysc_node *ours, void *arg, ly_bool *skip)
{
	const struct lysc_node *native = ofl_nc_native(ours);
	char a[512], b[512];

	assert_non_null(native);
	assert_ptr_equal(native->module->ctx, ly_native_ctx);
	lysc_path(ours, LYSC_PATH_LOG, a, sizeof(a));
	lysc_path(native, LYSC_PATH_LOG, b, sizeof(b));
	assert_string_equal(a, b);
	++*(unsigned int *)arg;
	return LY_SUCCESS;
}

static void test_native(void **state)
{
	const struct lys_module *m;
	unsigned int count = 0;

	m = ly_ctx_get_module_implemented(ofl_nc_context(), "ofl-nc-test");
	assert_int_equal(lysc_module_dfs_full(m, check_native, &count),
			 LY_SUCCESS);
	assert_true(count > 30);
	m = ly_ctx_get_module_implemented(ofl_nc_context(),
					  "ietf-netconf-monitoring");
	assert_null(ofl_nc_native(m->compiled->data));
}

/* Every module's text makes the same module again, in a context that has
 * nothing but such texts. */
static void text_free(void *text, void *arg)
{
	free(text);
}

static LY_ERR on_import(const char *name, const char *revision, const char *sub,
			const char *sub_revision, void *arg,
			LYS_INFORMAT *format, const char **text,
			void (**ret_free)(void *, void *))
{
	assert_null(sub);
	*text = ofl_nc_schema_text(name, revision, NULL);
	*format = LYS_IN_YANG;
	*ret_free = text_free;
	return *text ? LY_SUCCESS : LY_ENOTFOUND;
}

static void test_texts(void **state)
{
	const struct lys_module *m;
	struct ly_ctx *ctx = NULL;
	uint32_t idx = 0, log = ly_log_options(LY_LOSTORE);
	char *text;

	assert_int_equal(ofl_ly_ctx_new(ly_native_ctx, 0, &ctx), LY_SUCCESS);
	ly_ctx_set_module_imp_clb(ctx, on_import, NULL);
	idx = ly_ctx_internal_modules_count(ofl_nc_context());
	while ((m = ly_ctx_get_module_iter(ofl_nc_context(), &idx))) {
		text = ofl_nc_schema_text(m->name, m->revision, "yang");
		assert_non_null(text);
		free(text);
		if (!m->implemented)
			continue;
		if (!ly_ctx_load_module(ctx, m->name, m->revision, NULL))
			fail_msg("%s: %s", m->name, ly_errmsg(ctx));
	}
	ly_ctx_destroy(ctx);
	ly_log_options(log);

	assert_null(ofl_nc_schema_text("no-such", NULL, NULL));
	assert_null(ofl_nc_schema_text("ietf-netconf", "1999-01-01", NULL));
	assert_null(ofl_nc_schema_text("ietf-netconf", NULL, "yin"));
	text = ofl_nc_schema_text("ietf-yang-types", NULL, NULL);
	assert_non_null(text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_export_refuses),
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, nc_world_setup, nc_world_teardown);
}
