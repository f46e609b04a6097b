// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first message of each side: RFC 6241, 8.1, and which framing comes of it
 * (RFC 6242, 4.1).
 *
 * Neighbours: session.c; the capabilities are monitor.c's.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/no_namespace.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/session_private.h"
#include "offloadd/netconf/xmlscan.h"

#define BASE_10 "urn:ietf:params:netconf:base:1.0"
#define BASE_11 "urn:ietf:params:netconf:base:1.1"

static void capability_print(const char *uri, void *arg)
{
	struct ofl_nc_text *out = arg;

	ofl_nc_text_str(out, "<capability>");
	ofl_nc_text_escaped(out, uri);
	ofl_nc_text_str(out, "</capability>");
}

void ofl_nc_hello_print(uint32_t id, struct ofl_nc_text *out)
{
	ofl_nc_text_str(out,
			"<hello xmlns=\"" OFL_NC_NS_BASE "\"><capabilities>");
	ofl_nc_capabilities_walk(capability_print, out);
	ofl_nc_text_format(
		out, "</capabilities><session-id>%u</session-id></hello>", id);
}

static bool is_base(const struct lyd_node *node, const char *name)
{
	const struct lyd_node_opaq *opaq = (const struct lyd_node_opaq *)node;

	return node && !node->schema && !strcmp(opaq->name.name, name) &&
	       opaq->name.module_ns &&
	       !strcmp(opaq->name.module_ns, OFL_NC_NS_BASE);
}

/* White space around an URI is not a part of it. */
static bool is_uri(const struct lyd_node *node, const char *uri)
{
	const char *value = lyd_get_value(node);
	size_t len = strlen(uri);

	value += strspn(value, " \t\r\n");
	return !strncmp(value, uri, len) &&
	       !value[len + strspn(value + len, " \t\r\n")];
}

static const char *hello_judge(const struct lyd_node *hello,
			       enum ofl_nc_framing *framing)
{
	const struct lyd_node *part, *capability;
	bool has_10 = false, has_11 = false, has_list = false;

	if (!is_base(hello, "hello") || hello->next)
		return "its first message is no hello";
	LY_LIST_FOR(lyd_child(hello), part)
	{
		if (is_base(part, "session-id"))
			return "its hello has a session-id";
		if (!is_base(part, "capabilities"))
			continue;
		has_list = true;
		LY_LIST_FOR(lyd_child(part), capability)
		{
			if (!is_base(capability, "capability"))
				continue;
			has_10 |= is_uri(capability, BASE_10);
			has_11 |= is_uri(capability, BASE_11);
		}
	}
	if (!has_list)
		return "its hello has no capabilities";
	if (!has_10 && !has_11)
		return "its hello has no version of NETCONF that is known";
	*framing = has_11 ? OFL_NC_FRAMING_CHUNKED : OFL_NC_FRAMING_EOM;
	return NULL;
}

bool ofl_nc_hello_parse(const char *message, size_t len,
			enum ofl_nc_framing *ret_framing, char *buf,
			size_t buf_len)
{
	struct ly_ctx *ctx = ofl_nc_context();
	const char *wrong = ofl_nc_xml_scan(message, len);
	enum ofl_nc_framing framing = OFL_NC_FRAMING_EOM;
	uint32_t quiet = LY_LOSTORE;
	struct ofl_nc_text text = {0};
	struct lyd_node *hello = NULL;

	if (!wrong) {
		ofl_nc_no_namespace(message, len, &text);
		/* Not into the daemon's log: it is the peer's text. */
		ly_temp_log_options(&quiet);
		if (lyd_parse_data_mem(ctx, text.data ? text.data : "", LYD_XML,
				       LYD_PARSE_ONLY | LYD_PARSE_OPAQ, 0,
				       &hello))
			wrong = "its hello is malformed";
		else
			wrong = hello_judge(hello, &framing);
		ly_temp_log_options(NULL);
		ly_err_clean(ctx, NULL);
		lyd_free_all(hello);
		ofl_nc_text_fini(&text);
	}
	if (wrong) {
		strlcpy(buf, wrong, buf_len);
		return false;
	}
	*ret_framing = framing;
	return true;
}
