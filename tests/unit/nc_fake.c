// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fakes of context.h, nacm.h, datastore.h and parts.h for tests of the
 * transport alone.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>
#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/parts.h"

#include "tests/unit/nc_fake.h"

bool nc_fake_may_exec = true;
int (*nc_fake_rpc)(struct nb_cb_rpc_args *args);

static struct ly_ctx *ctx;

int nc_fake_setup(void **state)
{
	static const char *const features[] = {"candidate", "writable-running",
					       NULL};

	assert_int_equal(ly_ctx_new(OFL_NC_YANG_DIRS, 0, &ctx), LY_SUCCESS);
	assert_non_null(ly_ctx_load_module(ctx, "ietf-netconf", NULL,
					   (const char **)features));
	assert_non_null(
		ly_ctx_load_module(ctx, "ietf-netconf-monitoring", NULL, NULL));
	assert_non_null(ly_ctx_load_module(ctx, "nc-rpc-test", NULL, NULL));
	ly_native_ctx = ctx;
	return 0;
}

int nc_fake_teardown(void **state)
{
	ofl_nc_capabilities_fini();
	ly_ctx_destroy(ctx);
	ly_native_ctx = ctx = NULL;
	return 0;
}

struct ly_ctx *ofl_nc_context(void)
{
	return ctx;
}

const struct lyd_node *ofl_nc_running(void)
{
	return NULL;
}

const struct lysc_node *ofl_nc_native(const struct lysc_node *snode)
{
	static struct nb_node node;
	static struct lysc_node native;

	if (strcmp(snode->name, "go"))
		return NULL;
	strlcpy(node.xpath, "/nc-rpc-test:go", sizeof(node.xpath));
	node.cbs.rpc = nc_fake_rpc;
	native.priv = &node;
	return &native;
}

char *ofl_nc_schema_text(const char *name, const char *revision,
			 const char *format)
{
	if (strcmp(name, "nc-rpc-test") || strcmp(format, "yang") ||
	    (revision && strcmp(revision, "2026-11-22")))
		return NULL;
	return strdup("module <nc-rpc-test>");
}

bool ofl_nc_nacm_may_exec(const struct ofl_nc_user *user,
			  const struct lysc_node *rpc)
{
	return nc_fake_may_exec;
}

uint32_t ofl_nc_lock_holder(enum ofl_nc_datastore which, int64_t *ret_since)
{
	*ret_since = 0;
	return which == OFL_NC_RUNNING ? 77 : 0;
}

struct lyd_node *ofl_nc_yanglib_state(void)
{
	return NULL;
}

/* The last that was told. */
char nc_fake_reason[32];

void ofl_nc_notify_session(const struct ofl_nc_session *s, const char *reason,
			   uint32_t killed_by)
{
	snprintf(nc_fake_reason, sizeof(nc_fake_reason), "%s %u",
		 reason ? reason : "begin", killed_by);
}
