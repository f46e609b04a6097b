// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rpc-error: the list, what libyang and FRR's northbound said translated into
 * it, and its XML.
 *
 * libyang 2.1 tells a path in a sentence and most kinds of errors by their
 * words only; those words are known here and nowhere else.
 *
 * Neighbours: everything of this room adds errors; rpc.c prints them.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "northbound.h"

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/error.h"
#include "offloadd/netconf/text.h"

#define NS_YANG "urn:ietf:params:xml:ns:yang:1"

/* --- the list --- */

static void error_free(struct ofl_nc_error *e)
{
	free(e->app_tag);
	free(e->path);
	free(e->message);
	for (size_t i = 0; i < OFL_NC_ERROR_INFO; i++)
		free(e->info[i].value);
	free(e);
}

void ofl_nc_errors_fini(struct ofl_nc_errors *e)
{
	struct ofl_nc_error *next;

	for (struct ofl_nc_error *at = e->first; at; at = next) {
		next = at->next;
		error_free(at);
	}
	memset(e, 0, sizeof(*e));
}

static char *copy_of(const char *str, size_t len)
{
	char *copy = strndup(str, len);

	/* As libfrr does: there is no going on without memory. */
	if (!copy)
		abort();
	return copy;
}

struct ofl_nc_error *ofl_nc_error_add(struct ofl_nc_errors *e,
				      enum ofl_nc_layer layer, const char *tag,
				      const char *path, const char *format, ...)
{
	struct ofl_nc_error *error = calloc(1, sizeof(*error));
	va_list ap;
	int len;

	if (!error)
		abort();
	error->layer = layer;
	error->tag = tag;
	if (path && *path)
		error->path = copy_of(path, strlen(path));
	if (format) {
		va_start(ap, format);
		len = vasprintf(&error->message, format, ap);
		va_end(ap);
		if (len < 0)
			abort();
	}
	if (e->last)
		e->last->next = error;
	else
		e->first = error;
	e->last = error;
	e->count++;
	return error;
}

void ofl_nc_error_info(struct ofl_nc_error *e, const char *name,
		       const char *value)
{
	for (size_t i = 0; i < OFL_NC_ERROR_INFO; i++) {
		if (e->info[i].name)
			continue;
		e->info[i].name = name;
		e->info[i].value = copy_of(value, strlen(value));
		return;
	}
}

void ofl_nc_error_denied(struct ofl_nc_errors *e, const char *path)
{
	if (path)
		ofl_nc_error_add(e, OFL_NC_APPLICATION, "access-denied", path,
				 "Access control denies this");
	else
		ofl_nc_error_add(e, OFL_NC_PROTOCOL, "access-denied", NULL,
				 "Access control denies this operation");
}

/* --- libyang's --- */

/* A kind of error that libyang tells by the beginning of its sentence or by its
 * app-tag.  The first that fits counts. */
struct kind {
	const char *words; /* or NULL */
	const char *app_tag;
	/* NULL: as the layer has it */
	const char *tag_protocol, *tag_application;
	/* member of error-info with the n-th word in quotes (from 1), or with
	 * the last name of the path (0) */
	const char *info;
	int quoted;
};

static const struct kind kinds[] = {
	/* RFC 7950, section 15 */
	{NULL, "data-not-unique", "operation-failed", "operation-failed",
	 "non-unique", 2},
	{NULL, "too-many-elements", "operation-failed", "operation-failed"},
	{NULL, "too-few-elements", "operation-failed", "operation-failed"},
	{NULL, "must-violation", "operation-failed", "operation-failed"},
	{NULL, "instance-required", "data-missing", "data-missing"},
	{"Mandatory choice ", NULL, "missing-element", "data-missing",
	 "missing-choice", 1},
	/* RFC 7950, section 8.3 */
	{"Mandatory node ", NULL, "missing-element", "data-missing",
	 "bad-element", 1},
	{"List instance is missing its key ", NULL, "missing-element",
	 "missing-element", "bad-element", 1},
	{"Node \"", NULL, "unknown-element", "unknown-element", "bad-element",
	 1},
	{"When condition ", NULL, "unknown-element", "unknown-element",
	 "bad-element", 0},
	{"Data for both cases ", NULL, "bad-element", "bad-element",
	 "bad-element", 2},
	{"Duplicate instance of ", NULL, "bad-element", "bad-element",
	 "bad-element", 1},
	{"No module with namespace ", NULL, "unknown-namespace",
	 "unknown-namespace", "bad-namespace", 1},
	{"Missing mandatory prefix for XML metadata ", NULL,
	 "unknown-attribute", "unknown-attribute", "bad-attribute", 1},
	{"Annotation definition for attribute ", NULL, "unknown-attribute",
	 "unknown-attribute", "bad-attribute", 1},
	{"Text value ", NULL, "invalid-value", "invalid-value"},
	{"Child element ", NULL, "bad-element", "bad-element", "bad-element",
	 1},
	{"Invalid ", NULL, "invalid-value", "invalid-value"},
	{"Unsatisfied ", NULL, "invalid-value", "invalid-value"},
	{"Value ", NULL, "invalid-value", "invalid-value"},
};

static const struct kind *kind_find(const char *message, const char *app_tag)
{
	for (size_t i = 0; i < array_size(kinds); i++) {
		const struct kind *k = &kinds[i];

		if (k->app_tag && app_tag && !strcmp(k->app_tag, app_tag))
			return k;
		if (k->words && !strncmp(message, k->words, strlen(k->words)))
			return k;
	}
	return NULL;
}

/* The n-th word in quotes; NULL: there are not as many. */
static char *quoted_word(const char *message, int n)
{
	const char *from = message, *to;

	for (;; from = to + 1) {
		from = strchr(from, '"');
		to = from ? strchr(from + 1, '"') : NULL;
		if (!to)
			return NULL;
		if (--n == 0)
			return copy_of(from + 1, to - from - 1);
	}
}

/* The last name of a path, without its module. */
static char *path_name(const char *path)
{
	const char *name = NULL;
	char quote = 0;
	int depth = 0;

	for (const char *at = path; at && *at; at++) {
		if (quote) {
			if (*at == quote)
				quote = 0;
		} else if (*at == '\'' || *at == '"') {
			quote = *at;
		} else if (*at == '[') {
			depth++;
		} else if (*at == ']') {
			depth--;
		} else if (!depth && (*at == '/' || *at == ':')) {
			name = at + 1;
		}
	}
	return name ? copy_of(name, strcspn(name, "[")) : NULL;
}

/* libyang: Data location "PATH", line number 1.  Newer ones: PATH. */
static char *path_of(const char *said)
{
	const char *from = said ? strchr(said, '"') : NULL;
	const char *to = from ? strrchr(said, '"') : NULL;

	if (said && *said == '/')
		return copy_of(said, strlen(said));
	if (!from || to == from || from[1] != '/')
		return NULL;
	return copy_of(from + 1, to - from - 1);
}

static void error_info_of(struct ofl_nc_error *error, const struct kind *k)
{
	char *word = k->quoted ? quoted_word(error->message, k->quoted)
			       : path_name(error->path);
	const char *name = k->info;
	char *element;

	if (!word)
		return;
	/* An RPC's own parameter is a matter of RFC 6241 alone. */
	if (!strcmp(name, "missing-choice") &&
	    !strcmp(error->tag, "missing-element"))
		name = "bad-element";
	ofl_nc_error_info(error, name, word);
	free(word);
	if (strcmp(name, "bad-namespace") && strcmp(name, "bad-attribute"))
		return;
	element = path_name(error->path);
	if (element)
		ofl_nc_error_info(error, "bad-element", element);
	free(element);
}

static void error_from(struct ofl_nc_errors *e, const struct ly_err_item *item,
		       enum ofl_nc_layer layer)
{
	const char *words = item->msg ? item->msg : "";
	const struct kind *k = kind_find(words, item->apptag);
	bool is_protocol = layer != OFL_NC_APPLICATION;
	bool was_parsed = ofl_ly_err_has_line(item);
	const char *tag = is_protocol || was_parsed ? "invalid-value"
						    : "operation-failed";
	struct ofl_nc_error *error;
	char *path = path_of(ofl_ly_err_path(item));

	if (k)
		tag = is_protocol ? k->tag_protocol : k->tag_application;
	else if (is_protocol && (item->vecode == LYVE_SYNTAX ||
				 item->vecode == LYVE_SYNTAX_XML)) {
		layer = OFL_NC_RPC;
		tag = "malformed-message";
	} else if (ofl_ly_err_code(item) == LY_EMEM)
		tag = "resource-denied";
	error = ofl_nc_error_add(e, layer, tag, path, "%s", words);
	free(path);
	if (item->apptag && *item->apptag &&
	    strcmp(tag, "missing-element") != 0)
		error->app_tag = copy_of(item->apptag, strlen(item->apptag));
	if (k && k->info)
		error_info_of(error, k);
}

void ofl_nc_error_libyang(struct ofl_nc_errors *e, const struct ly_ctx *ctx,
			  enum ofl_nc_layer layer, const char *fallback)
{
	const struct ly_err_item *item = ly_err_first(ctx);
	size_t before = e->count;

	for (; item; item = item->next)
		if (item->level == LY_LLERR)
			error_from(e, item, layer);
	/* It only takes the errors out. */
	ly_err_clean((struct ly_ctx *)ctx, NULL);
	if (e->count == before)
		ofl_nc_error_add(e, layer, "operation-failed", NULL, "%s",
				 fallback);
}

/* --- FRR's --- */

static const char *northbound_tag(int nb_error)
{
	switch (nb_error) {
	case NB_ERR_LOCKED:
		return "in-use";
	case NB_ERR_NOT_FOUND:
		return "data-missing";
	case NB_ERR_RESOURCE:
		return "resource-denied";
	}
	return "operation-failed";
}

/* libfrr gives on what libyang said as
 *   YANG error(s):\n SENTENCE\n YANG path: Data location "PATH".\n */
void ofl_nc_error_northbound(struct ofl_nc_errors *e, int nb_error,
			     const char *words)
{
	static const char begin[] = "YANG error(s):\n ";
	static const char before_path[] = "\n YANG path: ";
	const char *tag = northbound_tag(nb_error);
	const char *at = words ? strstr(words, begin) : NULL;
	const struct kind *k;
	struct ofl_nc_error *error;
	const char *path_at, *end;
	char *path = NULL, *message;

	if (!at) {
		const char *said =
			words && *words ? words : nb_err_name(nb_error);
		size_t len = strlen(said);

		while (len && isspace((unsigned char)said[len - 1]))
			len--;
		ofl_nc_error_add(e, OFL_NC_APPLICATION, tag, NULL, "%.*s",
				 (int)len, said);
		return;
	}
	at += sizeof(begin) - 1;
	path_at = strstr(at, before_path);
	if (path_at)
		path = path_of(path_at + sizeof(before_path) - 1);
	end = strchr(at, '\n');
	message = copy_of(at, end ? (size_t)(end - at) : strlen(at));
	k = kind_find(message, NULL);
	error = ofl_nc_error_add(e, OFL_NC_APPLICATION,
				 k ? k->tag_application : tag, path, "%s",
				 message);
	if (k && k->info)
		error_info_of(error, k);
	free(message);
	free(path);
}

/* --- XML --- */

static const char *const layer_names[] = {
	[OFL_NC_TRANSPORT] = "transport",
	[OFL_NC_RPC] = "rpc",
	[OFL_NC_PROTOCOL] = "protocol",
	[OFL_NC_APPLICATION] = "application",
};

static size_t name_len(const char *at)
{
	size_t len = 0;

	if (!isalpha((unsigned char)*at) && *at != '_')
		return 0;
	while (isalnum((unsigned char)at[len]) ||
	       (at[len] && strchr("_.-", at[len])))
		len++;
	return len;
}

/* One declaration for each module that the path names. */
static void declare(const struct ly_ctx *ctx, const char *name, size_t len,
		    struct ofl_nc_text *declared, struct ofl_nc_text *seen)
{
	const struct lys_module *module;
	char key[160];

	if (!ctx || len + 3 > sizeof(key))
		return;
	snprintf(key, sizeof(key), " %.*s:", (int)len, name);
	if (seen->data && strstr(seen->data, key))
		return;
	ofl_nc_text_str(seen, key);
	snprintf(key, sizeof(key), "%.*s", (int)len, name);
	module = ly_ctx_get_module_implemented(ctx, key);
	if (!module)
		module = ly_ctx_get_module_latest(ctx, key);
	if (!module)
		return;
	ofl_nc_text_format(declared, " xmlns:%s=\"", key);
	ofl_nc_text_escaped(declared, module->ns);
	ofl_nc_text_str(declared, "\"");
}

/*
 * libyang names the module where it changes only, as in JSON.  In XPath 1.0 a
 * name without a prefix is in no namespace, so each gets its module's.
 */
static void path_print(const char *path, const struct ly_ctx *ctx,
		       struct ofl_nc_text *declared, struct ofl_nc_text *full)
{
	struct ofl_nc_text seen = {};
	const char *module = NULL;
	size_t module_len = 0, len;
	char quote = 0;

	for (const char *at = path; *at; at++) {
		ofl_nc_text_add(full, at, 1);
		if (quote || *at == '\'' || *at == '"') {
			quote = !quote ? *at : *at == quote ? 0 : quote;
			continue;
		}
		if (*at != '/' && *at != '[')
			continue;
		len = name_len(at + 1);
		if (len && at[1 + len] == ':') {
			/* A key of another module does not change the step's.
			 */
			if (*at == '/') {
				module = at + 1;
				module_len = len;
			}
			declare(ctx, at + 1, len, declared, &seen);
		} else if (len && module) {
			ofl_nc_text_format(full, "%.*s:", (int)module_len,
					   module);
		}
	}
	ofl_nc_text_fini(&seen);
}

static void error_path_print(const char *path, const struct ly_ctx *ctx,
			     struct ofl_nc_text *out)
{
	struct ofl_nc_text declared = {}, full = {};

	path_print(path, ctx, &declared, &full);
	ofl_nc_text_str(out, "<error-path");
	ofl_nc_text_add(out, declared.data, declared.len);
	ofl_nc_text_str(out, ">");
	ofl_nc_text_escaped(out, full.data ? full.data : "");
	ofl_nc_text_str(out, "</error-path>");
	ofl_nc_text_fini(&declared);
	ofl_nc_text_fini(&full);
}

/* What RFC 7950 put into error-info is of YANG's namespace. */
static bool is_of_yang(const char *name)
{
	return !strcmp(name, "non-unique") || !strcmp(name, "missing-choice");
}

static void error_info_print(const struct ofl_nc_error *e,
			     const struct ly_ctx *ctx, struct ofl_nc_text *out)
{
	ofl_nc_text_str(out, "<error-info>");
	for (size_t i = 0; i < OFL_NC_ERROR_INFO && e->info[i].name; i++) {
		const char *name = e->info[i].name;
		struct ofl_nc_text declared = {}, full = {};

		if (!strcmp(name, "non-unique"))
			path_print(e->info[i].value, ctx, &declared, &full);
		else
			ofl_nc_text_str(&full, e->info[i].value);
		ofl_nc_text_format(out, "<%s", name);
		if (is_of_yang(name))
			ofl_nc_text_str(out, " xmlns=\"" NS_YANG "\"");
		ofl_nc_text_add(out, declared.data, declared.len);
		ofl_nc_text_str(out, ">");
		ofl_nc_text_escaped(out, full.data ? full.data : "");
		ofl_nc_text_format(out, "</%s>", name);
		ofl_nc_text_fini(&declared);
		ofl_nc_text_fini(&full);
	}
	ofl_nc_text_str(out, "</error-info>");
}

void ofl_nc_errors_print(const struct ofl_nc_errors *e,
			 const struct ly_ctx *ctx, struct ofl_nc_text *out)
{
	for (const struct ofl_nc_error *at = e->first; at; at = at->next) {
		ofl_nc_text_format(out,
				   "<rpc-error><error-type>%s</error-type>"
				   "<error-tag>%s</error-tag>"
				   "<error-severity>error</error-severity>",
				   layer_names[at->layer], at->tag);
		if (at->app_tag) {
			ofl_nc_text_str(out, "<error-app-tag>");
			ofl_nc_text_escaped(out, at->app_tag);
			ofl_nc_text_str(out, "</error-app-tag>");
		}
		if (at->path)
			error_path_print(at->path, ctx, out);
		if (at->message) {
			ofl_nc_text_str(out, "<error-message xml:lang=\"en\">");
			ofl_nc_text_escaped(out, at->message);
			ofl_nc_text_str(out, "</error-message>");
		}
		if (at->info[0].name)
			error_info_print(at, ctx, out);
		ofl_nc_text_str(out, "</rpc-error>");
	}
}
