// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The context of NETCONF.
 *
 * Why: libfrr hangs its callbacks on the schema nodes of its own context and
 * walks all of them, so modules that it has no callbacks for cannot go there.
 * This context is built once, after FRR loaded its modules, and never changes:
 * the modules that FRR implements, taken as text out of FRR's context, and
 * NETCONF's own, which are compiled in.
 *
 * What it refuses: files, but for those that libyang has of its own.  A module
 * that neither FRR nor the table of modules.h has is an error, not a search of
 * directories.
 *
 * Neighbours: everything of this room works on trees of this context;
 * datastore.c takes its edits back to FRR's with ofl_nc_export().
 */
#include <zebra.h>

#include "northbound.h"
#include "yang.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/modules.h"
#include "offloadd/netconf/nacm_copy.h"

static struct ly_ctx *context;

/* The copy of the running configuration and what it is a copy of. */
static struct lyd_node *running;
static uint32_t running_version;
static const struct lyd_node *running_native;
static bool has_running;

static const char *const netconf_features[] = {
	"writable-running",
	"candidate",
	"confirmed-commit",
	"rollback-on-error",
	"validate",
	"xpath",
	NULL,
};

/* What is ours to implement; everything else comes from FRR. */
static const struct {
	const char *name;
	const char *const *features;
} own_modules[] = {
	{"ietf-netconf", netconf_features},
	{"ietf-netconf-with-defaults"},
	{"ietf-netconf-monitoring"},
	{"ietf-netconf-notifications"},
	{"notifications"},
	{"nc-notifications"},
	{"offloadd-default-attribute"},
};

static const struct ofl_nc_module *module_find(const char *name,
					       const char *revision)
{
	for (const struct ofl_nc_module *m = ofl_nc_modules; m->name; m++) {
		if (strcmp(m->name, name) == 0 &&
		    (!revision || strcmp(m->revision, revision) == 0))
			return m;
	}
	return NULL;
}

/* An empty revision is that of a module without one. */
static const struct lys_module *
revision_find(const struct ly_ctx *ctx, const char *name, const char *revision)
{
	return ly_ctx_get_module(ctx, name,
				 revision && *revision ? revision : NULL);
}

static char *submodule_print(const struct ly_ctx *ctx, const char *name,
			     const char *revision)
{
	const struct lysp_submodule *sub;
	struct ly_out *out = NULL;
	char *text = NULL;

	sub = revision && *revision ? ly_ctx_get_submodule(ctx, name, revision)
				    : ly_ctx_get_submodule_latest(ctx, name);
	if (!sub || ly_out_new_memory(&text, 0, &out) != LY_SUCCESS)
		return NULL;
	if (lys_print_submodule(out, sub, LYS_OUT_YANG, 0, 0) != LY_SUCCESS) {
		ly_out_free(out, NULL, 1);
		return NULL;
	}
	ly_out_free(out, NULL, 0);
	return text;
}

static char *module_print(const struct lys_module *module)
{
	char *text = NULL;

	if (lys_print_mem(&text, module, LYS_OUT_YANG, 0) != LY_SUCCESS)
		return NULL;
	return text;
}

static void text_free(void *text, void *arg)
{
	free(text);
}

/* libyang asks for the text of a module or of a submodule. */
static LY_ERR on_import(const char *name, const char *revision,
			const char *sub_name, const char *sub_revision,
			void *arg, LYS_INFORMAT *format, const char **ret_text,
			void (**ret_free)(void *, void *))
{
	const struct ofl_nc_module *own;
	const struct lys_module *native;
	char *text = NULL;

	*format = LYS_IN_YANG;
	own = sub_name ? NULL : module_find(name, revision);
	if (own) {
		*ret_text = own->text;
		*ret_free = NULL;
		return LY_SUCCESS;
	}
	if (sub_name) {
		text = submodule_print(ly_native_ctx, sub_name, sub_revision);
	} else {
		native = revision ? ly_ctx_get_module(ly_native_ctx, name,
						      revision)
				  : ly_ctx_get_module_latest(ly_native_ctx,
							     name);
		text = native ? module_print(native) : NULL;
	}
	if (!text)
		return LY_ENOTFOUND;
	*ret_text = text;
	*ret_free = text_free;
	return LY_SUCCESS;
}

/* The names of the features that are on, ended by NULL; names belong to the
 * module.  NULL: none. */
static const char **features_make(const struct lys_module *module)
{
	const struct lysp_feature *f = NULL;
	const char **names = NULL;
	size_t count = 0;
	uint32_t idx = 0;

	while (module->parsed &&
	       (f = lysp_feature_next(f, module->parsed, &idx))) {
		if (!(f->flags & LYS_FENABLED))
			continue;
		names = realloc(names, (count + 2) * sizeof(*names));
		if (!names)
			abort();
		names[count++] = f->name;
		names[count] = NULL;
	}
	return names;
}

static bool load(const char *name, const char *revision,
		 const char *const *features, char *buf, size_t len)
{
	if (ly_ctx_load_module(context, name, revision,
			       (const char **)features))
		return true;
	snprintf(buf, len, "YANG module %s cannot be loaded: %s", name,
		 ly_errmsg(context) ? ly_errmsg(context) : "unknown error");
	return false;
}

static bool load_native(char *buf, size_t len)
{
	const struct lys_module *m;
	uint32_t idx = ly_ctx_internal_modules_count(ly_native_ctx);

	while ((m = ly_ctx_get_module_iter(ly_native_ctx, &idx))) {
		const char **features;
		bool ok;

		if (!m->implemented)
			continue;
		features = features_make(m);
		ok = load(m->name, m->revision, features, buf, len);
		free(features);
		if (!ok)
			return false;
	}
	return true;
}

static const struct lysc_node *twin_find(const struct lysc_node *first,
					 const struct lysc_node *snode)
{
	for (; first; first = first->next) {
		if (first->nodetype == snode->nodetype &&
		    strcmp(first->name, snode->name) == 0 &&
		    strcmp(first->module->name, snode->module->name) == 0)
			return first;
	}
	return NULL;
}

static void twins_set(const struct lysc_node *ours,
		      const struct lysc_node *native);

/* One node and what is below it.  Schemas are trusted, so recursion is fine:
 * its depth is that of the modules. */
static LY_ERR twin_set(struct lysc_node *ours, const struct lysc_node *native)
{
	ours->priv = (void *)native;
	twins_set(lysc_node_child(ours), lysc_node_child(native));
	twins_set((const struct lysc_node *)lysc_node_actions(ours),
		  (const struct lysc_node *)lysc_node_actions(native));
	twins_set((const struct lysc_node *)lysc_node_notifs(ours),
		  (const struct lysc_node *)lysc_node_notifs(native));
	return LY_SUCCESS;
}

/* Remember FRR's node in `priv` of each of ours, which libyang leaves to its
 * user. */
static void twins_set(const struct lysc_node *ours,
		      const struct lysc_node *native)
{
	const struct lysc_node *twin;

	for (; ours; ours = ours->next) {
		twin = twin_find(native, ours);
		if (twin)
			twin_set((struct lysc_node *)ours, twin);
	}
}

static void twins_init(void)
{
	const struct lys_module *m, *native;
	uint32_t idx = 0;

	while ((m = ly_ctx_get_module_iter(context, &idx))) {
		native = m->implemented
				 ? ly_ctx_get_module_implemented(ly_native_ctx,
								 m->name)
				 : NULL;
		if (!native || !m->compiled || !native->compiled)
			continue;
		twins_set(m->compiled->data, native->compiled->data);
		twins_set((const struct lysc_node *)m->compiled->rpcs,
			  (const struct lysc_node *)native->compiled->rpcs);
		twins_set((const struct lysc_node *)m->compiled->notifs,
			  (const struct lysc_node *)native->compiled->notifs);
	}
}

static bool modules_init(char *buf, size_t len)
{
	bool ok;

	/* Compiled once, at the end, instead of after each module. */
	if (ofl_ly_ctx_new(ly_native_ctx, LY_CTX_EXPLICIT_COMPILE, &context) !=
	    LY_SUCCESS) {
		snprintf(buf, len, "no libyang context for NETCONF");
		return false;
	}
	ly_ctx_set_module_imp_clb(context, on_import, NULL);
	ok = load_native(buf, len);
	for (size_t i = 0; ok && i < array_size(own_modules); i++)
		ok = load(own_modules[i].name, NULL, own_modules[i].features,
			  buf, len);
	if (ok && ly_ctx_compile(context) != LY_SUCCESS) {
		snprintf(buf, len, "YANG modules do not compile: %s",
			 ly_errmsg(context) ? ly_errmsg(context)
					    : "unknown error");
		ok = false;
	}
	return ok;
}

bool ofl_nc_context_init(char *buf, size_t len)
{
	/* Errors are told by our caller; libyang has warnings for the log
	 * about modules that the IETF will not change. */
	uint32_t log = ly_log_options(LY_LOSTORE_LAST);
	bool ok = modules_init(buf, len);

	ly_log_options(log);
	if (!ok) {
		ofl_nc_context_fini();
		return false;
	}
	twins_init();
	return true;
}

void ofl_nc_context_fini(void)
{
	lyd_free_siblings(running);
	running = NULL;
	has_running = false;
	if (context)
		ly_ctx_destroy(context);
	context = NULL;
}

struct ly_ctx *ofl_nc_context(void)
{
	return context;
}

bool ofl_nc_import(const struct lyd_node *native, struct lyd_node **ret_tree)
{
	return ofl_nc_nacm_copy(native, context, ret_tree);
}

bool ofl_nc_export(const struct lyd_node *tree, struct lyd_node **ret_native)
{
	return ofl_nc_nacm_copy(tree, ly_native_ctx, ret_native);
}

uint32_t ofl_nc_running_version(void)
{
	return running_config->version;
}

const struct lyd_node *ofl_nc_running(void)
{
	/* Some clients of FRR begin their versions anew, so that the number
	 * alone does not tell one configuration from another. */
	if (has_running && running_version == running_config->version &&
	    running_native == running_config->dnode)
		return running;
	lyd_free_siblings(running);
	running = NULL;
	has_running = ofl_nc_import(running_config->dnode, &running);
	running_version = running_config->version;
	running_native = running_config->dnode;
	return running;
}

const struct lysc_node *ofl_nc_native(const struct lysc_node *snode)
{
	return snode->priv;
}

/* Is there one revision only? */
static bool is_alone(const char *name)
{
	const struct lys_module *m;
	uint32_t idx = 0;
	unsigned int count = 0;

	while ((m = ly_ctx_get_module_iter(context, &idx)))
		count += strcmp(m->name, name) == 0;
	return count <= 1;
}

char *ofl_nc_schema_text(const char *name, const char *revision,
			 const char *format)
{
	const struct ofl_nc_module *own;
	const struct lys_module *m;

	if (format && strcmp(format, "yang") != 0)
		return NULL;
	m = revision ? revision_find(context, name, revision)
		     : ly_ctx_get_module_latest(context, name);
	if (!m)
		return submodule_print(context, name, revision);
	if (!revision && !is_alone(name))
		return NULL;
	own = m->revision ? module_find(name, m->revision) : NULL;
	return own ? strdup(own->text) : module_print(m);
}
