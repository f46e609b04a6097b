/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rpc-error: RFC 6241, section 4.3 and appendix A.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_ERROR_H
#define OFFLOADD_NETCONF_ERROR_H

#include <stdbool.h>
#include <stddef.h>

struct ly_ctx;
struct lyd_node;
struct ofl_nc_text;

enum ofl_nc_layer {
	OFL_NC_TRANSPORT,
	OFL_NC_RPC,
	OFL_NC_PROTOCOL,
	OFL_NC_APPLICATION,
};

/* An error's element `error-info` has at most so many members. */
#define OFL_NC_ERROR_INFO 4

/* One rpc-error; strings are owned, of strdup() and its like. */
struct ofl_nc_error {
	enum ofl_nc_layer layer;
	const char *tag; /* a literal: "invalid-value", "data-exists" ... */
	char *app_tag;	 /* or NULL, e.g. "data-not-unique" */
	char *path;	 /* an XPath as libyang writes it, or NULL */
	char *message;	 /* a sentence, or NULL */
	struct {
		const char *name; /* a literal: "bad-element", "session-id" */
		char *value;
	} info[OFL_NC_ERROR_INFO];
	struct ofl_nc_error *next;
};

/* In the order they were added.  All zero is none. */
struct ofl_nc_errors {
	struct ofl_nc_error *first, *last;
	size_t count;
};
void ofl_nc_errors_fini(struct ofl_nc_errors *e);
/* `path` may be NULL.  Returns it, for more to be set. */
struct ofl_nc_error *ofl_nc_error_add(struct ofl_nc_errors *e,
				      enum ofl_nc_layer layer, const char *tag,
				      const char *path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void ofl_nc_error_info(struct ofl_nc_error *e, const char *name,
		       const char *value);
/* access-denied, for a node (path) or an operation (NULL). */
void ofl_nc_error_denied(struct ofl_nc_errors *e, const char *path);
/* What libyang noted in `ctx` since ly_err_clean(), one rpc-error each, with
 * the tag of RFC 7950, section 15, and the path that libyang told; the layer
 * is PROTOCOL for what could not be parsed and APPLICATION for what did not
 * validate.  `fallback` is the sentence if libyang noted nothing.  Cleans. */
void ofl_nc_error_libyang(struct ofl_nc_errors *e, const struct ly_ctx *ctx,
			  enum ofl_nc_layer layer, const char *fallback);
/* A refusal of FRR's northbound (enum nb_error) with its words, which may name
 * a path. */
void ofl_nc_error_northbound(struct ofl_nc_errors *e, int nb_error,
			     const char *words);
/* All of them as elements <rpc-error>. */
void ofl_nc_errors_print(const struct ofl_nc_errors *e,
			 const struct ly_ctx *ctx, struct ofl_nc_text *out);

#endif /* OFFLOADD_NETCONF_ERROR_H */
