// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How an entry and an attachment stand, as words and as JSON: see show_ace.h.
 *
 * The engine says what is so; nothing is claimed here that it did not say.
 */
#include <zebra.h>

#include "offloadd/northbound/show_ace.h"

void ofl_show_ace_get(uint32_t acl_id, uint32_t seq, bool is_attached,
		      struct ofl_ace_status *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (ofl_ace_status(acl_id, seq, ret))
		return;
	ret->state = is_attached ? OFL_STATE_SEEN : OFL_STATE_WAITING;
	ret->reason = is_attached ? OFL_REASON_NONE : OFL_REASON_ACL_UNATTACHED;
}

/* --- JSON --- */

static void json_counters(struct ofl_out *o, const struct ofl_ace_status *s,
			  int at)
{
	ofl_out_uint(o, "packets", NULL, s->packets[at]);
	ofl_out_uint(o, "bytes", NULL, s->bytes[at]);
}

void ofl_show_ace_json(struct ofl_out *o, const struct ofl_ace_status *s)
{
	char text[OFL_MATCH_STRLEN];

	if (s->text[0])
		ofl_out_str(o, "text", NULL, s->text);
	ofl_out_uint(o, "matches", NULL, s->matches);
	ofl_out_group_begin(o, "hardware", NULL);
	ofl_out_uint(o, "real", NULL, s->real);
	ofl_out_uint(o, "punts", NULL, s->punts);
	ofl_out_uint(o, "slots", NULL, s->slots);
	json_counters(o, s, 1);
	ofl_out_group_end(o, "hardware");
	ofl_out_group_begin(o, "software", NULL);
	ofl_out_bool(o, "inForce", NULL, s->in_software);
	json_counters(o, s, 0);
	ofl_out_group_end(o, "software");
	if (!s->mark)
		return;
	ofl_out_group_begin(o, "part", NULL);
	ofl_out_uint(o, "mark", NULL, s->mark);
	ofl_out_uint(o, "entries", NULL, s->mark_users);
	ofl_out_str(o, "match", NULL,
		    ofl_match_print(&s->part, text, sizeof(text)));
	ofl_out_group_end(o, "part");
}

/* --- words --- */

void ofl_show_ace_hardware(const struct ofl_ace_status *s, char *buf,
			   size_t len)
{
	snprintf(buf, len,
		 "%u of %u match%s, %u to software, %u slot%s; %" PRIu64
		 " packets, %" PRIu64 " bytes",
		 s->real, s->matches, s->matches == 1 ? "" : "es", s->punts,
		 s->slots, s->slots == 1 ? "" : "s", s->packets[1],
		 s->bytes[1]);
}

void ofl_show_ace_software(const struct ofl_ace_status *s, char *buf,
			   size_t len)
{
	snprintf(buf, len, "%s; %" PRIu64 " packets, %" PRIu64 " bytes",
		 s->in_software ? "in force" : "not in force", s->packets[0],
		 s->bytes[0]);
}

void ofl_show_ace_part(const struct ofl_ace_status *s, char *buf, size_t len)
{
	char text[OFL_MATCH_STRLEN];

	buf[0] = '\0';
	if (s->mark)
		snprintf(buf, len, "%s, to software with mark 0x%x; %u entr%s",
			 ofl_match_print(&s->part, text, sizeof(text)), s->mark,
			 s->mark_users, s->mark_users == 1 ? "y" : "ies");
}

static void note(struct ofl_out *o, const char *label, const char *text)
{
	char line[OFL_SHOW_ACE_LEN + 16];

	snprintf(line, sizeof(line), "%s: %s", label, text);
	ofl_out_note(o, NULL, line);
}

void ofl_show_ace_notes(struct ofl_out *o, const struct ofl_ace_status *s)
{
	char text[OFL_SHOW_ACE_LEN];

	if (s->text[0])
		ofl_out_note(o, NULL, s->text);
	ofl_show_ace_hardware(s, text, sizeof(text));
	note(o, "hardware", text);
	ofl_show_ace_software(s, text, sizeof(text));
	note(o, "software", text);
	ofl_show_ace_part(s, text, sizeof(text));
	if (text[0])
		note(o, "part", text);
}

void ofl_show_ace_settings(struct ofl_out *o, const struct ofl_ace_settings *s)
{
	ofl_out_str(o, "class", NULL, ofl_class_name(s->cls));
	ofl_out_str(o, "placement", NULL, ofl_ace_where_name(s->where));
	ofl_out_bool(o, "offloadOrFail", NULL, s->offload_or_fail);
	ofl_out_uint(o, "weight", NULL, s->weight);
	ofl_out_bool(o, "allowPartial", NULL, s->allow_partial);
}

/* --- attachments --- */

struct place {
	const char *interface;
	enum ofl_direction direction;
	char table[OFL_NAME_LEN];
	struct ofl_applied found;
};

static bool place_find(const struct ofl_applied *a, void *arg)
{
	struct place *p = arg;

	if (a->direction != p->direction ||
	    strcmp(a->interface, p->interface) != 0)
		return true;
	p->found = *a;
	strlcpy(p->table, a->table, sizeof(p->table));
	return false;
}

const char *ofl_show_bound_name(enum ofl_list_bound bound)
{
	static const char *const names[] = {
		[OFL_LIST_UNBOUND] = "unbound",
		[OFL_LIST_BINDING] = "binding",
		[OFL_LIST_SOFTWARE] = "software",
		[OFL_LIST_HARDWARE] = "hardware",
	};

	return names[bound];
}

void ofl_show_applied(struct ofl_out *o, uint32_t acl_id, const char *interface,
		      enum ofl_direction direction)
{
	struct place p = {.interface = interface, .direction = direction};
	const struct ofl_applied *a = &p.found;
	char label[40], text[OFL_OUTCOME_TEXT + 2 * OFL_NAME_LEN];

	ofl_applied_walk(acl_id, place_find, &p);
	ofl_out_item_begin(o);
	ofl_out_str(o, "interface", NULL, interface);
	ofl_out_str(o, "direction", NULL, ofl_direction_name(direction));
	if (p.table[0])
		ofl_out_str(o, "table", NULL, p.table);
	ofl_out_str(o, "bound", NULL, ofl_show_bound_name(a->bound));
	ofl_out_bool(o, "current", NULL, a->current);
	if (a->why[0])
		ofl_out_str(o, "why", NULL, a->why);
	ofl_out_item_end(o);
	snprintf(label, sizeof(label), "%s %s", interface,
		 ofl_direction_name(direction));
	snprintf(text, sizeof(text), "%s%s%s%s%s%s",
		 ofl_show_bound_name(a->bound), p.table[0] ? ", table " : "",
		 p.table, a->current ? "" : ", not current",
		 a->why[0] ? ": " : "", a->why);
	ofl_out_str(o, NULL, label, text);
}
