// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show offload acl`: access control lists as they are configured, where they
 * are attached, and how each entry stands there.
 */
#include <zebra.h>

#include "command.h"
#include "json.h"

#include "offloadd/engine/acl.h"
#include "offloadd/engine/engine.h"
#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/show_ace.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_acl_clippy.c"
#endif

struct show {
	struct ofl_out out;
	const char *name; /* of the list shown */
	const struct ofl_acl_status *acl;
	size_t found;
};

/* --- where it is attached --- */

static bool take_id(const struct ofl_acl_status *acl, void *arg)
{
	*(uint32_t *)arg = acl->id;
	return false;
}

/* Lists of one name stand alike at an interface. */
static bool show_point(const struct ofl_attachment *a, void *arg)
{
	struct show *s = arg;
	uint32_t id = 0;

	if (strcmp(a->name, s->name) != 0)
		return true;
	ofl_acls_walk_name(a->name, take_id, &id);
	ofl_show_applied(&s->out, id, a->interface, a->direction);
	return true;
}

static void show_points(struct show *s, const char *name)
{
	s->name = name;
	ofl_out_text(&s->out, "Attached to\n");
	ofl_out_array_begin(&s->out, "attachedTo");
	ofl_attachments_walk(show_point, s);
	ofl_out_array_end(&s->out);
}

/* --- one list --- */

static const char *default_name(const struct ofl_acl_conf *c)
{
	if (c->origin == OFL_ACL_FLOWS)
		return "none";
	return c->default_accept ? "permit" : "deny";
}

static void show_default(struct ofl_out *o, const struct ofl_acl_status *acl)
{
	char text[OFL_SHOW_ACE_LEN];
	struct ofl_ace_status s;

	ofl_out_str(o, "defaultAction", "Without an entry",
		    default_name(acl->conf));
	memset(&s, 0, sizeof(s));
	if (!ofl_acl_default_status(acl->id, &s))
		return;
	ofl_show_ace_hardware(&s, text, sizeof(text));
	ofl_out_str(o, NULL, "  hardware", text);
	ofl_show_ace_software(&s, text, sizeof(text));
	ofl_out_str(o, NULL, "  software", text);
	ofl_out_group_begin(o, "default", NULL);
	ofl_out_str(o, "state", NULL, ofl_state_name(s.state));
	ofl_out_str(o, "reason", NULL, ofl_reason_name(s.reason));
	ofl_show_ace_json(o, &s);
	ofl_out_group_end(o, "default");
}

static void show_conf(struct ofl_out *o, const struct ofl_acl_status *s)
{
	const struct ofl_acl_conf *c = s->conf;

	ofl_out_str(o, "name", "Name", c->name);
	ofl_out_str(o, "origin", "Configured as",
		    ofl_acl_origin_name(c->origin));
	ofl_out_str(o, "type", "Type", ofl_acl_type_name(c->type));
	ofl_out_str(o, "remark", c->remark[0] ? "Remark" : NULL, c->remark);
	show_default(o, s);
	ofl_out_str(o, NULL, "Class", ofl_class_name(c->settings.cls));
	ofl_out_str(o, NULL, "Placement",
		    ofl_ace_where_name(c->settings.where));
	ofl_show_ace_settings(o, &c->settings);
	ofl_out_uint(o, "entries", "Entries", s->ace_count);
	ofl_out_bool(o, "attached", NULL, s->attached);
}

static bool show_ace(const struct ofl_ace *ace, void *arg)
{
	struct show *s = arg;
	const struct ofl_acl_conf *c = s->acl->conf;
	struct ofl_ace_settings settings =
		ofl_ace_settings_make(&c->settings, &ace->settings);
	struct ofl_ace_status st;
	char text[OFL_ACE_STRLEN];

	ofl_show_ace_get(s->acl->id, ace->seq, s->acl->attached, &st);
	ofl_out_row_begin(&s->out);
	ofl_out_cell_uint(&s->out, "sequence", -10, ace->seq);
	ofl_out_cell(&s->out, "state", 12, ofl_state_name(st.state));
	ofl_out_cell(&s->out, "reason", 0, ofl_reason_name(st.reason));
	ofl_out_str(&s->out, "list", NULL, ofl_acl_origin_name(c->origin));
	ofl_out_str(&s->out, "forwarding", NULL,
		    ofl_ace_forward_name(ace->action.forward));
	ofl_out_str(&s->out, "match", NULL,
		    ofl_ace_print_match(ace, c->type, text, sizeof(text)));
	ofl_out_str(&s->out, "actions", NULL,
		    ofl_ace_print_action(&ace->action, text, sizeof(text)));
	ofl_show_ace_settings(&s->out, &settings);
	ofl_out_note(&s->out, "entry",
		     ofl_ace_print(ace, c->type, text, sizeof(text)));
	if (s->out.is_json)
		ofl_show_ace_json(&s->out, &st);
	else if (s->acl->attached)
		ofl_show_ace_notes(&s->out, &st);
	ofl_out_row_end(&s->out);
	return true;
}

static bool show_aces(const struct ofl_acl_status *acl, void *arg)
{
	struct show *s = arg;

	s->acl = acl;
	ofl_aces_walk(acl->id, 0, show_ace, s);
	return true;
}

static bool show_list(const struct ofl_acl_status *acl, void *arg)
{
	struct show *s = arg;

	s->found++;
	ofl_out_item_begin(&s->out);
	show_conf(&s->out, acl);
	ofl_out_item_end(&s->out);
	return true;
}

static int show_name(struct show *s, const char *name)
{
	ofl_out_array_begin(&s->out, "lists");
	ofl_acls_walk_name(name, show_list, s);
	ofl_out_array_end(&s->out);
	if (!s->found)
		return ofl_out_error(&s->out,
				     "There is no access control list %s.",
				     name);
	show_points(s, name);
	ofl_out_text(&s->out, "%10s %-12s %s\n", "Sequence", "State",
		     "Reason");
	ofl_out_rows_begin(&s->out, "aces");
	ofl_acls_walk_name(name, show_aces, s);
	ofl_out_rows_end(&s->out);
	return ofl_out_end(&s->out);
}

/* --- all lists --- */

static bool show_row(const struct ofl_acl_status *acl, void *arg)
{
	struct show *s = arg;
	const struct ofl_acl_conf *c = acl->conf;

	ofl_out_row_begin(&s->out);
	ofl_out_cell(&s->out, "name", 24, c->name);
	ofl_out_cell(&s->out, "origin", 17, ofl_acl_origin_name(c->origin));
	ofl_out_cell(&s->out, "type", 9, ofl_acl_type_name(c->type));
	ofl_out_cell_uint(&s->out, "entries", -8, acl->ace_count);
	ofl_out_cell(&s->out, NULL, 0, acl->attached ? "attached" : "");
	ofl_out_str(&s->out, "remark", NULL, c->remark);
	ofl_out_str(&s->out, "defaultAction", NULL, default_name(c));
	ofl_show_ace_settings(&s->out, &c->settings);
	ofl_out_bool(&s->out, "attached", NULL, acl->attached);
	ofl_out_row_end(&s->out);
	return true;
}

static bool is_there(const struct ofl_acl_status *acl, void *arg)
{
	*(bool *)arg = true;
	return false;
}

static bool show_attachment(const struct ofl_attachment *a, void *arg)
{
	struct show *s = arg;
	bool exists = false;

	ofl_acls_walk_name(a->name, is_there, &exists);
	ofl_out_item_begin(&s->out);
	ofl_out_str(&s->out, "interface", NULL, a->interface);
	ofl_out_str(&s->out, "direction", NULL,
		    ofl_direction_name(a->direction));
	ofl_out_str(&s->out, "name", NULL, a->name);
	ofl_out_bool(&s->out, "exists", NULL, exists);
	ofl_out_item_end(&s->out);
	ofl_out_text(&s->out, "  %-16s %-4s %s%s\n", a->interface,
		     ofl_direction_name(a->direction), a->name,
		     exists ? "" : " (there is no such list)");
	return true;
}

static void show_marks(struct ofl_out *o)
{
	uint32_t first, count;
	char text[48];

	ofl_acls_marks_get(&first, &count);
	snprintf(text, sizeof(text), "0x%x to 0x%x", first, first + count - 1);
	ofl_out_str(o, NULL, "Marks", text);
	ofl_out_uint(o, "marksFirst", NULL, first);
	ofl_out_uint(o, "marksCount", NULL, count);
}

static int show_all(struct show *s)
{
	struct ofl_acls_stats st;

	ofl_acls_stats(&st);
	ofl_out_uint(&s->out, "count", "Lists", st.acls);
	ofl_out_uint(&s->out, "aceCount", "Entries", st.aces);
	ofl_out_uint(&s->out, "bytes", "Memory (bytes)", st.bytes);
	show_marks(&s->out);
	if (st.attachments)
		ofl_out_text(&s->out, "Attached\n");
	ofl_out_array_begin(&s->out, "attachments");
	ofl_attachments_walk(show_attachment, s);
	ofl_out_array_end(&s->out);
	if (st.acls)
		ofl_out_text(&s->out, "%-24s %-17s %-9s %8s\n", "List",
			     "Configured as", "Type", "Entries");
	ofl_out_rows_begin(&s->out, "acls");
	ofl_acls_walk(show_row, s);
	ofl_out_rows_end(&s->out);
	return ofl_out_end(&s->out);
}

DEFPY(ofl_show_acl, ofl_show_acl_cmd,
	"show offload acl [WORD$ofl_list] [json$json]",
	SHOW_STR
	OFL_STR
	"Access control lists\n"
	"Name of a list\n"
	JSON_STR)
{
	struct show s = {0};

	ofl_out_begin(&s.out, vty, json);
	return ofl_list ? show_name(&s, ofl_list) : show_all(&s);
}

void ofl_show_acl_init(void)
{
	install_element(VIEW_NODE, &ofl_show_acl_cmd);
}
