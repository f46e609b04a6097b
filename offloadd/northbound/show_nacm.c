// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `show nacm`: who may do what over NETCONF, and how often that was denied.
 *
 * What is configured is shown, not what it decides for a node: that is
 * netconf/nacm.c's, which may not even be loaded.
 */
#include <zebra.h>

#include <grp.h>
#include <pwd.h>

#include "command.h"
#include "json.h"

#include "offloadd/northbound/cli.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"
#include "offloadd/northbound/nb_nacm.h"
#include "offloadd/northbound/show_out.h"
#ifndef VTYSH_EXTRACT_PL
#include "offloadd/northbound/show_nacm_clippy.c"
#endif

#define GROUPS_MAX 128

struct words {
	char text[1024];
	size_t len;
};

static void add_word(struct words *w, const char *word)
{
	int n = snprintf(w->text + w->len, sizeof(w->text) - w->len, "%s%s",
			 w->len ? " " : "", word);

	if (n > 0)
		w->len = MIN(w->len + (size_t)n, sizeof(w->text) - 1);
}

static const struct lyd_node *nacm_get(void)
{
	return yang_dnode_get(running_config->dnode, OFL_NACM_XPATH);
}

/* The entries of a leaf-list, as words. */
static const char *items(const struct lyd_node *parent, const char *name,
			 struct words *w)
{
	const struct lyd_node *child;

	*w = (struct words){{0}};
	LY_LIST_FOR(lyd_child(parent), child)
	if (strcmp(child->schema->name, name) == 0)
		add_word(w, lyd_get_value(child));
	return w->text;
}

static bool has_item(const struct lyd_node *parent, const char *name,
		     const char *value)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	if (strcmp(child->schema->name, name) == 0 &&
	    strcmp(lyd_get_value(child), value) == 0)
		return true;
	return false;
}

static bool is_true(const struct lyd_node *nacm, const char *name)
{
	return strcmp(ofl_nb_child_value(nacm, name), "true") == 0;
}

static void show_settings(struct ofl_out *o, const struct lyd_node *nacm)
{
	ofl_out_bool(o, "enabled", "Enabled", is_true(nacm, "enable-nacm"));
	ofl_out_str(o, "readDefault", "Read",
		    ofl_nb_child_value(nacm, "read-default"));
	ofl_out_str(o, "writeDefault", "Write",
		    ofl_nb_child_value(nacm, "write-default"));
	ofl_out_str(o, "execDefault", "Exec",
		    ofl_nb_child_value(nacm, "exec-default"));
	ofl_out_bool(o, "externalGroups", "Groups of the system",
		     is_true(nacm, "enable-external-groups"));
}

/* --- rules --- */

static const char *about(const struct lyd_node *rule, char *buf, size_t len)
{
	static const struct {
		const char *leaf, *word;
	} kinds[] = {{"rpc-name", "rpc"},
		     {"notification-name", "notification"},
		     {"path", "path"}};
	const char *value;

	for (size_t i = 0; i < array_size(kinds); i++) {
		value = ofl_nb_child_value(rule, kinds[i].leaf);
		if (!value)
			continue;
		snprintf(buf, len, "%s %s", kinds[i].word, value);
		return buf;
	}
	return "everything";
}

static void show_rule(struct ofl_out *o, const struct lyd_node *list,
		      const struct lyd_node *rule)
{
	const char *access = ofl_nb_child_value(rule, "access-operations");
	const char *comment = ofl_nb_child_value(rule, "comment");
	char text[OFL_NACM_TEXT_LEN + 32];

	ofl_out_row_begin(o);
	ofl_out_cell(o, "list", 16, ofl_nb_child_value(list, "name"));
	ofl_out_cell(o, "rule", 20, ofl_nb_child_value(rule, "name"));
	ofl_out_cell(o, "action", 8, ofl_nb_child_value(rule, "action"));
	ofl_out_cell(o, "module", 0, ofl_nb_child_value(rule, "module-name"));
	ofl_out_note(o, "about", about(rule, text, sizeof(text)));
	if (strcmp(access, "*") != 0)
		ofl_out_note(o, "access", access);
	if (comment)
		ofl_out_note(o, "comment", comment);
	ofl_out_row_end(o);
}

/* Rules of the lists that name one of `groups`; NULL: of all. */
static void show_rules(struct ofl_out *o, const struct lyd_node *nacm,
		       char *const *groups, size_t count)
{
	const struct lyd_node *list, *rule;
	bool is_shown;

	ofl_out_text(o, "\n%-16s %-20s %-8s %s\n", "List", "Rule", "Action",
		     "Module");
	ofl_out_rows_begin(o, "rules");
	LY_LIST_FOR(lyd_child(nacm), list)
	{
		if (strcmp(list->schema->name, "rule-list") != 0)
			continue;
		is_shown = !groups || (count && has_item(list, "group", "*"));
		for (size_t i = 0; groups && !is_shown && i < count; i++)
			is_shown = has_item(list, "group", groups[i]);
		LY_LIST_FOR(is_shown ? lyd_child(list) : NULL, rule)
		if (strcmp(rule->schema->name, "rule") == 0)
			show_rule(o, list, rule);
	}
	ofl_out_rows_end(o);
}

/* --- all of it --- */

static void show_groups(struct ofl_out *o, const struct lyd_node *nacm)
{
	const struct lyd_node *groups = ofl_nb_child(nacm, "groups"), *group;
	struct words w;

	ofl_out_array_begin(o, "groups");
	LY_LIST_FOR(groups ? lyd_child(groups) : NULL, group)
	{
		const char *name = ofl_nb_child_value(group, "name");

		ofl_out_item_begin(o);
		ofl_out_str(o, "name", NULL, name);
		ofl_out_str(o, "users", NULL, items(group, "user-name", &w));
		ofl_out_text(o, "Group %s: %s\n", name,
			     w.len ? w.text : "nobody");
		ofl_out_item_end(o);
	}
	ofl_out_array_end(o);
}

DEFPY(ofl_show_nacm, ofl_show_nacm_cmd,
	"show nacm [json$json]",
	SHOW_STR
	"Access control of NETCONF\n"
	JSON_STR)
{
	const struct ofl_nacm_denied *denied = ofl_nacm_denied();
	const struct lyd_node *nacm = nacm_get();
	struct ofl_out o;

	ofl_out_begin(&o, vty, json);
	if (!nacm)
		return ofl_out_error(&o, "There is no configuration.");
	show_settings(&o, nacm);
	ofl_out_uint(&o, "deniedOperations", "Denied operations",
		     denied->operations);
	ofl_out_uint(&o, "deniedDataWrites", "Denied writes",
		     denied->data_writes);
	ofl_out_uint(&o, "deniedNotifications", "Denied notifications",
		     denied->notifications);
	show_groups(&o, nacm);
	show_rules(&o, nacm, NULL, 0);
	return ofl_out_end(&o);
}

/* --- one user --- */

/* Its groups: configured ones, and those of the system if they count.  They
 * are freed by groups_free(). */
static size_t groups_of(const struct lyd_node *nacm, const char *user,
			char **ret)
{
	const struct lyd_node *groups = ofl_nb_child(nacm, "groups"), *group;
	struct passwd *pw = NULL;
	gid_t ids[GROUPS_MAX];
	int id_count = GROUPS_MAX;
	size_t count = 0;

	LY_LIST_FOR(groups ? lyd_child(groups) : NULL, group)
	if (count < GROUPS_MAX && has_item(group, "user-name", user))
		ret[count++] = XSTRDUP(MTYPE_TMP,
				       ofl_nb_child_value(group, "name"));
	if (is_true(nacm, "enable-external-groups"))
		pw = getpwnam(user);
	if (!pw || getgrouplist(user, pw->pw_gid, ids, &id_count) < 0)
		return count;
	for (int i = 0; i < id_count && count < GROUPS_MAX; i++) {
		struct group *gr = getgrgid(ids[i]);

		if (gr)
			ret[count++] = XSTRDUP(MTYPE_TMP, gr->gr_name);
	}
	return count;
}

static void groups_free(char **groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		XFREE(MTYPE_TMP, groups[i]);
}

DEFPY(ofl_show_nacm_user, ofl_show_nacm_user_cmd,
	"show nacm user WORD$nacm_user [json$json]",
	SHOW_STR
	"Access control of NETCONF\n"
	"What applies to one user\n"
	"Name of the user\n"
	JSON_STR)
{
	const struct lyd_node *nacm = nacm_get();
	struct words w = {{0}};
	char *groups[GROUPS_MAX];
	struct passwd *pw;
	struct ofl_out o;
	size_t count;

	ofl_out_begin(&o, vty, json);
	if (!nacm)
		return ofl_out_error(&o, "There is no configuration.");
	count = groups_of(nacm, nacm_user, groups);
	for (size_t i = 0; i < count; i++)
		add_word(&w, groups[i]);
	pw = getpwnam(nacm_user);
	ofl_out_str(&o, "user", "User", nacm_user);
	ofl_out_bool(&o, "recovery", "Recovery (not controlled)",
		     pw && pw->pw_uid == 0);
	ofl_out_str(&o, "groups", "Groups", count ? w.text : "none");
	show_settings(&o, nacm);
	show_rules(&o, nacm, groups, count);
	groups_free(groups, count);
	return ofl_out_end(&o);
}

void ofl_show_nacm_init(void)
{
	install_element(VIEW_NODE, &ofl_show_nacm_cmd);
	install_element(VIEW_NODE, &ofl_show_nacm_user_cmd);
}
