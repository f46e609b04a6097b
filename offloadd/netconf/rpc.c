// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One message and its answer: RFC 6241, section 4.
 *
 * It has no operation of its own.  What cannot be parsed is answered as far as
 * the envelope was understood: a reply has the attributes of its request.
 *
 * Neighbours: session.c gives messages; the operations are in read.c,
 * datastore.c, monitor.c, notify.c and, for all other modules, native.c.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/native.h"
#include "offloadd/netconf/no_namespace.h"
#include "offloadd/netconf/session_private.h"
#include "offloadd/netconf/xmlscan.h"

#define TABLES 16

static const struct ofl_nc_op *tables[TABLES];
static size_t table_count;

void ofl_nc_ops_add(const struct ofl_nc_op *ops)
{
	for (size_t i = 0; i < table_count; i++)
		if (tables[i] == ops)
			return;
	assert(table_count < TABLES);
	tables[table_count++] = ops;
}

static ofl_nc_handler handler_find(const struct lysc_node *rpc)
{
	for (size_t i = 0; i < table_count; i++)
		for (const struct ofl_nc_op *op = tables[i]; op->name; op++)
			if (!strcmp(op->name, rpc->name) &&
			    !strcmp(op->module, rpc->module->name))
				return op->handler;
	return NULL;
}

void ofl_nc_reply_fini(struct ofl_nc_reply *reply)
{
	ofl_nc_errors_fini(&reply->errors);
	ofl_nc_text_fini(&reply->body);
	if (reply->producer.free)
		reply->producer.free(reply->producer.arg);
	memset(reply, 0, sizeof(*reply));
}

/* --- the envelope --- */

static bool is_same(const char *a, const char *b)
{
	return (!a && !b) || (a && b && !strcmp(a, b));
}

static const struct lyd_attr *attributes_of(const struct lyd_node *envelope)
{
	return envelope && !envelope->schema
		       ? ((const struct lyd_node_opaq *)envelope)->attr
		       : NULL;
}

/* libyang takes the same attribute twice, XML does not. */
static bool has_twice(const struct lyd_attr *attributes)
{
	const struct lyd_attr *a, *b;

	for (a = attributes; a; a = a->next)
		for (b = a->next; b; b = b->next)
			if (!strcmp(a->name.name, b->name.name) &&
			    is_same(a->name.module_ns, b->name.module_ns))
				return true;
	return false;
}

static bool has_message_id(const struct lyd_attr *attributes)
{
	for (; attributes; attributes = attributes->next)
		if (!attributes->name.prefix &&
		    !strcmp(attributes->name.name, "message-id"))
			return true;
	return false;
}

/* Each prefix once; "xml" is bound already. */
static bool is_declared(const struct lyd_attr *first, const struct lyd_attr *a)
{
	if (!strcmp(a->name.prefix, "xml"))
		return true;
	for (; first != a; first = first->next)
		if (is_same(first->name.prefix, a->name.prefix))
			return true;
	return false;
}

static void reply_open(const struct lyd_attr *attributes,
		       struct ofl_nc_text *out)
{
	ofl_nc_text_str(out, "<rpc-reply xmlns=\"" OFL_NC_NS_BASE "\"");
	for (const struct lyd_attr *a = attributes; a; a = a->next) {
		const char *prefix = a->name.prefix;

		if (prefix && a->name.module_ns &&
		    !is_declared(attributes, a)) {
			ofl_nc_text_format(out, " xmlns:%s=\"", prefix);
			ofl_nc_text_escaped(out, a->name.module_ns);
			ofl_nc_text_str(out, "\"");
		}
		ofl_nc_text_format(out, " %s%s%s=\"", prefix ? prefix : "",
				   prefix ? ":" : "", a->name.name);
		ofl_nc_text_escaped(out, a->value);
		ofl_nc_text_str(out, "\"");
	}
	ofl_nc_text_str(out, ">");
}

static void reply_print(struct ofl_nc_session *s,
			const struct lyd_attr *attributes,
			const struct ofl_nc_reply *reply,
			struct ofl_nc_text *out)
{
	reply_open(attributes, out);
	if (reply->errors.count) {
		s->counters.out_rpc_errors += reply->errors.count;
		ofl_nc_errors_print(&reply->errors, ofl_nc_context(), out);
	} else {
		ofl_nc_text_add(out, reply->body.data, reply->body.len);
	}
	if (reply->producer.more)
		return;
	if (!reply->errors.count && !reply->body.len)
		ofl_nc_text_str(out, "<ok/>");
	ofl_nc_text_str(out, "</rpc-reply>");
}

/* --- parsing --- */

/* Without a path below the operation it is the operation itself that libyang
 * did not find. */
static bool is_unknown_operation(const struct ly_err_item *item)
{
	const char *path = item ? ofl_ly_err_path(item) : NULL;

	if (!item || !item->msg || (path && strchr(path, '/')))
		return false;
	return !strncmp(item->msg, "Node \"", 6) ||
	       !strncmp(item->msg, "No module with namespace", 24) ||
	       !strncmp(item->msg, "Missing the operation node", 26);
}

static void parse_error(struct ofl_nc_reply *reply, struct ly_ctx *ctx)
{
	if (!is_unknown_operation(ly_err_first(ctx))) {
		ofl_nc_error_libyang(&reply->errors, ctx, OFL_NC_PROTOCOL,
				     "The message cannot be understood");
		return;
	}
	ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
			 "operation-not-supported", NULL,
			 "There is no such operation: %s", ly_errmsg(ctx));
	ly_err_clean(ctx, NULL);
}

static void malformed(struct ofl_nc_reply *reply, const char *why)
{
	ofl_nc_error_add(&reply->errors, OFL_NC_RPC, "malformed-message", NULL,
			 "The message is malformed: %s", why);
}

/* The envelope, and the operation if it was understood; else there is an error
 * in the reply. */
static void message_parse(struct ly_ctx *ctx, const char *message, size_t len,
			  struct ofl_nc_reply *reply,
			  struct lyd_node **envelope, struct lyd_node **op)
{
	const struct lyd_attr *attributes;
	struct ofl_nc_text text = {0};
	struct ly_in *in = NULL;
	LY_ERR err;

	ofl_nc_no_namespace(message, len, &text);
	if (ly_in_new_memory(text.data ? text.data : "", &in)) {
		ofl_nc_text_fini(&text);
		malformed(reply, "no memory");
		return;
	}
	err = ofl_lyd_parse_rpc(ctx, in, envelope, op);
	ly_in_free(in, 0);
	ofl_nc_text_fini(&text);
	attributes = attributes_of(*envelope);
	if (!*envelope)
		malformed(reply, err && ly_errmsg(ctx) ? ly_errmsg(ctx)
						       : "there is no <rpc>");
	else if (has_twice(attributes))
		malformed(reply, "<rpc> has an attribute twice");
	else if (!has_message_id(attributes)) {
		struct ofl_nc_error *e =
			ofl_nc_error_add(&reply->errors, OFL_NC_RPC,
					 "missing-attribute", NULL,
					 "<rpc> has no message-id");

		ofl_nc_error_info(e, "bad-attribute", "message-id");
		ofl_nc_error_info(e, "bad-element", "rpc");
	} else if (err || !*op)
		parse_error(reply, ctx);
}

/* --- the operation --- */

/* Validation adds defaults, which would look as if the client had said them. */
static void defaults_drop(struct lyd_node *node)
{
	struct lyd_node *child, *next;

	LY_LIST_FOR_SAFE(lyd_child(node), next, child)
	{
		if (child->flags & LYD_DEFAULT)
			lyd_free_tree(child);
		else if (child->schema &&
			 !(child->schema->nodetype & LYS_ANYDATA))
			defaults_drop(child);
	}
}

static void op_call(struct ofl_nc_session *s, struct lyd_node *op,
		    struct ofl_nc_reply *reply)
{
	struct ly_ctx *ctx = ofl_nc_context();
	ofl_nc_handler handler = handler_find(op->schema);
	bool is_action = op->schema->nodetype == LYS_ACTION;

	/* Before anything about its input is told. */
	if (!ofl_nc_nacm_may_exec(&s->user, op->schema)) {
		ofl_nc_error_denied(&reply->errors, NULL);
		return;
	}
	/* No module of FRR has actions. */
	if (is_action || (!handler && !ofl_nc_native_has(op->schema))) {
		ofl_nc_error_add(&reply->errors, OFL_NC_PROTOCOL,
				 "operation-not-supported", NULL,
				 "%s of %s is not supported", op->schema->name,
				 op->schema->module->name);
		return;
	}
	if (lyd_validate_op(op, ofl_nc_running(), LYD_TYPE_RPC_YANG, NULL)) {
		ofl_nc_error_libyang(&reply->errors, ctx, OFL_NC_PROTOCOL,
				     "The input is not as its module says");
		return;
	}
	if (!handler) {
		ofl_nc_native_call(op, reply);
		return;
	}
	defaults_drop(op);
	handler(s, op, reply);
}

static void tree_free(struct lyd_node *op)
{
	while (op && op->parent)
		op = lyd_parent(op);
	lyd_free_all(op);
}

/* One that cannot be told as malformed-message, which 1.1 has brought, ends the
 * session; and so does one that is no <rpc> at all. */
static bool can_go_on(const struct ofl_nc_session *s,
		      const struct ofl_nc_reply *reply, bool has_envelope)
{
	const struct ofl_nc_error *e = reply->errors.first;

	return has_envelope || !e || strcmp(e->tag, "malformed-message") ||
	       s->framing == OFL_NC_FRAMING_CHUNKED;
}

bool ofl_nc_rpc(struct ofl_nc_session *s, const char *message, size_t len,
		struct ofl_nc_text *out, struct ofl_nc_reply *reply)
{
	struct ly_ctx *ctx = ofl_nc_context();
	const char *unfit = ofl_nc_xml_scan(message, len);
	struct lyd_node *envelope = NULL, *op = NULL;
	/* Not into the daemon's log: it is the peer's text. */
	uint32_t quiet = LY_LOSTORE;
	bool go_on;

	ly_temp_log_options(&quiet);
	ly_err_clean(ctx, NULL);
	if (unfit)
		malformed(reply, unfit);
	else
		message_parse(ctx, message, len, reply, &envelope, &op);
	if (reply->errors.count)
		s->counters.in_bad_rpcs++;
	else {
		s->counters.in_rpcs++;
		op_call(s, op, reply);
	}
	if (reply->errors.count && reply->producer.free) {
		reply->producer.free(reply->producer.arg);
		memset(&reply->producer, 0, sizeof(reply->producer));
	}
	go_on = can_go_on(s, reply, envelope);
	if (go_on)
		reply_print(s, attributes_of(envelope), reply, out);
	tree_free(op);
	lyd_free_all(envelope);
	ly_err_clean(ctx, NULL);
	ly_temp_log_options(NULL);
	return go_on;
}
