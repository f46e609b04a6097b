// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the server says it can: RFC 6241's capabilities, and a URI for each
 * module of YANG 1.0 (RFC 6020, 5.6.4); those of 1.1 are in the YANG library
 * alone (RFC 7950, 5.6.4).
 *
 * A capability stands here only if the room has all of it: no :startup, as a
 * commit changes the running configuration alone, and no :url.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/text.h"

#define CAPABILITY "urn:ietf:params:netconf:capability:"

static const char *const capabilities[] = {
	"urn:ietf:params:netconf:base:1.0",
	"urn:ietf:params:netconf:base:1.1",
	CAPABILITY "writable-running:1.0",
	CAPABILITY "candidate:1.0",
	CAPABILITY "confirmed-commit:1.1",
	CAPABILITY "rollback-on-error:1.0",
	CAPABILITY "validate:1.0",
	CAPABILITY "validate:1.1",
	CAPABILITY "xpath:1.0",
	CAPABILITY "with-defaults:1.0?basic-mode=explicit"
		   "&also-supported=report-all,report-all-tagged,trim",
	CAPABILITY "notification:1.0",
	CAPABILITY "interleave:1.0",
};

static void features_print(const struct lys_module *m, struct ofl_nc_text *uri)
{
	const struct lysp_feature *feature = NULL;
	const char *before = "&features=";
	uint32_t index = 0;

	while ((feature = lysp_feature_next(feature, m->parsed, &index))) {
		if (lys_feature_value(m, feature->name))
			continue;
		ofl_nc_text_format(uri, "%s%s", before, feature->name);
		before = ",";
	}
}

static void deviations_print(const struct lys_module *m,
			     struct ofl_nc_text *uri)
{
	ofl_lya_index i;

	OFL_LYA_FOR(m->deviated_by, i)
	ofl_nc_text_format(uri, "%s%s",
			   i ? "," : "&deviations=", m->deviated_by[i]->name);
}

static void module_tell(const struct lys_module *m,
			void (*cb)(const char *uri, void *arg), void *arg)
{
	struct ofl_nc_text uri = {};

	ofl_nc_text_format(&uri, "%s?module=%s", m->ns, m->name);
	if (m->revision)
		ofl_nc_text_format(&uri, "&revision=%s", m->revision);
	features_print(m, &uri);
	deviations_print(m, &uri);
	cb(uri.data, arg);
	ofl_nc_text_fini(&uri);
}

static void yanglib_tell(void (*cb)(const char *uri, void *arg), void *arg)
{
	const struct ly_ctx *ctx = ofl_nc_context();
	const struct lys_module *m =
		ly_ctx_get_module_implemented(ctx, "ietf-yang-library");
	struct lyd_node *library = m ? ofl_nc_yanglib_state() : NULL;
	struct lyd_node *id = NULL;
	struct ofl_nc_text uri = {};

	if (library &&
	    !lyd_find_path(lyd_first_sibling(library),
			   "/ietf-yang-library:yang-library/content-id", 0,
			   &id)) {
		ofl_nc_text_format(&uri,
				   CAPABILITY "yang-library:1.1?revision=%s"
					      "&content-id=%s",
				   m->revision, lyd_get_value(id));
		cb(uri.data, arg);
		ofl_nc_text_fini(&uri);
	}
	lyd_free_all(library);
}

/* What the modules say does not change: it is made once. */
static struct ofl_nc_text made;

static void made_add(const char *uri, void *arg)
{
	/* With its zero: a sequence of strings. */
	ofl_nc_text_add(&made, uri, strlen(uri) + 1);
}

static void made_begin(void)
{
	const struct ly_ctx *ctx = ofl_nc_context();
	const struct lys_module *m;
	uint32_t index = 0;

	for (size_t i = 0; i < array_size(capabilities); i++)
		made_add(capabilities[i], NULL);
	yanglib_tell(made_add, NULL);
	while ((m = ly_ctx_get_module_iter(ctx, &index)))
		if (m->implemented && m->parsed &&
		    m->parsed->version < LYS_VERSION_1_1)
			module_tell(m, made_add, NULL);
}

void ofl_nc_capabilities_walk(void (*cb)(const char *uri, void *arg), void *arg)
{
	if (!made.len)
		made_begin();
	for (size_t at = 0; at < made.len; at += strlen(made.data + at) + 1)
		cb(made.data + at, arg);
}

void ofl_nc_capabilities_fini(void)
{
	ofl_nc_text_fini(&made);
}
