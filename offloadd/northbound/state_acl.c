// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: access control lists, their entries, where they are
 * attached, static flows; see state.h.
 *
 * Entries of the lists here are the engine's own: a list's configuration, an
 * entry, a static flow.
 */
#include <zebra.h>

#include "offloadd/northbound/show_ace.h"
#include "offloadd/northbound/state.h"

static struct ofl_snap attachments = {sizeof(struct ofl_at_attachment)};

void ofl_state_acl_fini(void)
{
	ofl_snap_free(&attachments);
}

/* --- totals --- */

const void *ofl_at_totals(const void *entry)
{
	static struct ofl_acls_stats st;

	ofl_acls_stats(&st);
	return &st;
}

bool ofl_leaf_marks_first(const void *from, char *buf, size_t len)
{
	uint32_t first, count;

	ofl_acls_marks_get(&first, &count);
	return ofl_state_uint(buf, len, first);
}

bool ofl_leaf_marks_count(const void *from, char *buf, size_t len)
{
	uint32_t first, count;

	ofl_acls_marks_get(&first, &count);
	return ofl_state_uint(buf, len, count);
}

/* --- where a list comes from --- */

static const char *const origins[OFL_ACL_ORIGIN_MAX] = {
	[OFL_ACL_OWN] = "acl",
	[OFL_ACL_FRR_IPV4] = "access-list",
	[OFL_ACL_FRR_IPV6] = "ipv6-access-list",
	[OFL_ACL_FLOWS] = "flow",
};

static bool origin_parse(const char *text, enum ofl_acl_origin *ret)
{
	for (unsigned int i = 0; i < array_size(origins); i++) {
		if (strcmp(origins[i], text) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/* --- lists; an entry is the configuration --- */

static struct ofl_at_acl acl;
static const void *acl_of; /* NULL: ask anew */

static const void *acl_handed_out(const struct ofl_acl_conf *conf)
{
	acl_of = NULL;
	return conf;
}

const void *ofl_at_acl_next(struct nb_cb_get_next_args *args)
{
	const struct ofl_acl_conf *c = args->list_entry;
	struct ofl_acl_status st;

	if (!ofl_acl_next(c ? c->name : NULL, c ? c->origin : 0, &st))
		return NULL;
	return acl_handed_out(st.conf);
}

int ofl_at_acl_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_acl_conf *c = args->list_entry;

	ofl_state_keys_set(args->keys, 2, c->name, origins[c->origin]);
	return NB_OK;
}

const void *ofl_at_acl_find(struct nb_cb_lookup_entry_args *args)
{
	enum ofl_acl_origin origin;
	struct ofl_acl_status st;

	if (!origin_parse(args->keys->key[1], &origin) ||
	    !ofl_acl_find(args->keys->key[0], origin, &st))
		return NULL;
	return acl_handed_out(st.conf);
}

/* Those of a list that is attached nowhere all stand alike. */
static bool ace_sum(const struct ofl_ace *ace, void *arg)
{
	struct ofl_ace_status st;

	ofl_show_ace_get(acl.acl.id, ace->seq, true, &st);
	acl.by_state[st.state]++;
	acl.slots += st.slots;
	return true;
}

const void *ofl_at_acl(const void *entry)
{
	const struct ofl_acl_conf *c = entry;

	if (acl_of == entry)
		return &acl;
	memset(&acl, 0, sizeof(acl));
	if (!ofl_acl_find(c->name, c->origin, &acl.acl))
		return NULL;
	if (acl.acl.attached)
		ofl_aces_walk(acl.acl.id, 0, ace_sum, NULL);
	else
		acl.by_state[OFL_STATE_WAITING] = acl.acl.ace_count;
	acl.has_default = ofl_acl_default_status(acl.acl.id, &acl.standing);
	if (acl.has_default)
		acl.slots += acl.standing.slots;
	acl_of = entry;
	return &acl;
}

bool ofl_leaf_acl_name(const void *from, char *buf, size_t len)
{
	const struct ofl_at_acl *a = from;

	return ofl_state_word(buf, len, a->acl.conf->name);
}

bool ofl_leaf_acl_origin(const void *from, char *buf, size_t len)
{
	const struct ofl_at_acl *a = from;

	return ofl_state_word(buf, len, origins[a->acl.conf->origin]);
}

bool ofl_leaf_acl_type(const void *from, char *buf, size_t len)
{
	const struct ofl_at_acl *a = from;

	return ofl_state_word(buf, len, ofl_acl_type_name(a->acl.conf->type));
}

bool ofl_leaf_acl_remark(const void *from, char *buf, size_t len)
{
	const struct ofl_at_acl *a = from;

	return ofl_state_word(buf, len, a->acl.conf->remark);
}

bool ofl_leaf_acl_default(const void *from, char *buf, size_t len)
{
	const struct ofl_acl_conf *c =
		((const struct ofl_at_acl *)from)->acl.conf;
	const char *word = c->default_accept ? "accept" : "drop";

	return ofl_state_word(buf, len,
			      c->origin == OFL_ACL_FLOWS ? "none" : word);
}

const void *ofl_at_aclworth(const void *entry)
{
	return &((const struct ofl_acl_conf *)entry)->settings;
}

const void *ofl_at_acldefault(const void *entry)
{
	const struct ofl_at_acl *a = ofl_at_acl(entry);

	return a && a->has_default ? &a->standing : NULL;
}

/* --- its entries by state; an entry is a sum in `acl` --- */

static const void *aclstate_from(unsigned int state)
{
	while (state < OFL_STATE_GONE && !acl.by_state[state])
		state++;
	return state < OFL_STATE_GONE ? &acl.by_state[state] : NULL;
}

static unsigned int aclstate_of(const void *entry)
{
	return (const uint32_t *)entry - acl.by_state;
}

const void *ofl_at_aclstate_next(struct nb_cb_get_next_args *args)
{
	if (!ofl_at_acl(args->parent_list_entry))
		return NULL;
	return aclstate_from(
		args->list_entry ? aclstate_of(args->list_entry) + 1 : 0);
}

int ofl_at_aclstate_keys(struct nb_cb_get_keys_args *args)
{
	ofl_state_keys_set(args->keys, 1,
			   ofl_state_name(aclstate_of(args->list_entry)));
	return NB_OK;
}

const void *ofl_at_aclstate_find(struct nb_cb_lookup_entry_args *args)
{
	enum ofl_state state;

	if (!ofl_at_acl(args->parent_list_entry) ||
	    !ofl_state_parse(args->keys->key[0], &state) ||
	    !acl.by_state[state])
		return NULL;
	return &acl.by_state[state];
}

const void *ofl_at_aclstate(const void *entry)
{
	return entry;
}

bool ofl_leaf_aclstate_name(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len, ofl_state_name(aclstate_of(from)));
}

bool ofl_leaf_aclstate_entries(const void *from, char *buf, size_t len)
{
	return ofl_state_uint(buf, len, *(const uint32_t *)from);
}

/* --- attachments --- */

struct sought {
	const struct ofl_attachment *a;
	struct ofl_at_attachment *ret;
};

static bool applied_take(const struct ofl_applied *x, void *arg)
{
	struct sought *s = arg;

	if (x->direction != s->a->direction ||
	    strcmp(x->interface, s->a->interface) != 0)
		return true;
	s->ret->applied = *x;
	strlcpy(s->ret->table, x->table, sizeof(s->ret->table));
	return false;
}

/* Lists of one name stand alike at an interface. */
static bool meant_take(const struct ofl_acl_status *st, void *arg)
{
	struct sought *s = arg;

	s->ret->exists = true;
	ofl_applied_walk(st->id, applied_take, s);
	return false;
}

static bool attachment_add(const struct ofl_attachment *a, void *arg)
{
	struct sought s = {.a = a, .ret = ofl_snap_add(&attachments)};

	s.ret->a = *a;
	ofl_acls_walk_name(a->name, meant_take, &s);
	return true;
}

static void attachments_get(void)
{
	attachments.n = 0;
	ofl_attachments_walk(attachment_add, NULL);
}

const void *ofl_at_attachment_next(struct nb_cb_get_next_args *args)
{
	if (!args->list_entry)
		attachments_get();
	return ofl_snap_next(&attachments, args->list_entry);
}

int ofl_at_attachment_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_at_attachment *a = args->list_entry;

	ofl_state_keys_set(args->keys, 3, a->a.interface,
			   ofl_direction_name(a->a.direction), a->a.name);
	return NB_OK;
}

const void *ofl_at_attachment_find(struct nb_cb_lookup_entry_args *args)
{
	const char(*key)[LIST_MAXKEYLEN] = args->keys->key;
	const struct ofl_at_attachment *a = NULL;

	attachments_get();
	while ((a = ofl_snap_next(&attachments, a)))
		if (strcmp(a->a.interface, key[0]) == 0 &&
		    strcmp(ofl_direction_name(a->a.direction), key[1]) == 0 &&
		    strcmp(a->a.name, key[2]) == 0)
			break;
	return a;
}

const void *ofl_at_attachment(const void *entry)
{
	return entry;
}

bool ofl_leaf_att_direction(const void *from, char *buf, size_t len)
{
	const struct ofl_at_attachment *a = from;

	return ofl_state_word(buf, len, ofl_direction_name(a->a.direction));
}

bool ofl_leaf_att_bound(const void *from, char *buf, size_t len)
{
	const struct ofl_at_attachment *a = from;

	return ofl_state_word(buf, len, ofl_show_bound_name(a->applied.bound));
}

/* --- entries, and static flows, which are entries too --- */

static struct ofl_at_ace ace;
static const void *ace_of; /* an entry or a static flow; NULL: ask anew */

static const void *ace_handed_out(const void *entry)
{
	ace_of = NULL;
	return entry;
}

static void ace_make(const struct ofl_ace *x, const struct ofl_acl_status *st)
{
	ace.acl = *st;
	ace.ace = x;
	ace.settings = ofl_ace_settings_make(&st->conf->settings, &x->settings);
	ofl_show_ace_get(st->id, x->seq, st->attached, &ace.standing);
}

/* What comes after these keys; NULL: the first. */
const void *ofl_state_ace_next(const struct yang_list_keys *keys)
{
	enum ofl_acl_origin origin;

	if (!keys)
		return ace_handed_out(ofl_ace_next(NULL, 0, 0));
	if (keys->num != 3 || !origin_parse(keys->key[1], &origin))
		return NULL;
	return ace_handed_out(ofl_ace_next(keys->key[0], origin,
					   ofl_state_number(keys->key[2])));
}

const void *ofl_at_ace_next(struct nb_cb_get_next_args *args)
{
	const struct ofl_ace *x = args->list_entry;
	struct ofl_acl_status st;

	if (!x)
		return ofl_state_ace_next(NULL);
	ofl_ace_acl(x, &st);
	return ace_handed_out(
		ofl_ace_next(st.conf->name, st.conf->origin, x->seq));
}

int ofl_at_ace_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_ace *x = args->list_entry;
	struct ofl_acl_status st;
	char seq[16];

	ofl_ace_acl(x, &st);
	snprintf(seq, sizeof(seq), "%u", x->seq);
	ofl_state_keys_set(args->keys, 3, st.conf->name,
			   origins[st.conf->origin], seq);
	return NB_OK;
}

const void *ofl_at_ace_find(struct nb_cb_lookup_entry_args *args)
{
	enum ofl_acl_origin origin;

	if (!origin_parse(args->keys->key[1], &origin))
		return NULL;
	return ace_handed_out(
		ofl_ace_find(args->keys->key[0], origin,
			     ofl_state_number(args->keys->key[2])));
}

const void *ofl_at_ace(const void *entry)
{
	struct ofl_acl_status st;

	if (ace_of == entry)
		return &ace;
	ofl_ace_acl(entry, &st);
	ace_make(entry, &st);
	ace_of = entry;
	return &ace;
}

const void *ofl_at_aceworth(const void *entry)
{
	return &((const struct ofl_at_ace *)ofl_at_ace(entry))->settings;
}

const void *ofl_at_acestands(const void *entry)
{
	return &((const struct ofl_at_ace *)ofl_at_ace(entry))->standing;
}

bool ofl_leaf_ace_acl(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;

	return ofl_state_word(buf, len, a->acl.conf->name);
}

bool ofl_leaf_ace_origin(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;

	return ofl_state_word(buf, len, origins[a->acl.conf->origin]);
}

bool ofl_leaf_ace_sequence(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;

	return ofl_state_uint(buf, len, a->ace->seq);
}

bool ofl_leaf_ace_forwarding(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;

	return ofl_state_word(buf, len,
			      ofl_ace_forward_name(a->ace->action.forward));
}

bool ofl_leaf_ace_match(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;
	char text[OFL_ACE_STRLEN];

	return ofl_state_word(buf, len,
			      ofl_ace_print_match(a->ace, a->acl.conf->type,
						  text, sizeof(text)));
}

bool ofl_leaf_ace_actions(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;
	char text[OFL_ACE_STRLEN];

	return ofl_state_word(buf, len,
			      ofl_ace_print_action(&a->ace->action, text,
						   sizeof(text)));
}

bool ofl_leaf_ace_class(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_settings *s = from;

	return ofl_state_word(buf, len, ofl_class_name(s->cls));
}

bool ofl_leaf_ace_placement(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_settings *s = from;

	return ofl_state_word(buf, len, ofl_ace_where_name(s->where));
}

bool ofl_leaf_ace_state(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_status *s = from;

	return ofl_state_word(buf, len, ofl_state_name(s->state));
}

bool ofl_leaf_ace_reason(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_status *s = from;

	return ofl_state_word(buf, len, ofl_reason_name(s->reason));
}

bool ofl_leaf_ace_mark(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_status *s = from;

	return s->mark && ofl_state_uint(buf, len, s->mark);
}

bool ofl_leaf_ace_users(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_status *s = from;

	return s->mark && ofl_state_uint(buf, len, s->mark_users);
}

bool ofl_leaf_ace_part(const void *from, char *buf, size_t len)
{
	const struct ofl_ace_status *s = from;
	char text[OFL_MATCH_STRLEN];

	return s->mark &&
	       ofl_state_word(buf, len,
			      ofl_match_print(&s->part, text, sizeof(text)));
}

/* --- static flows --- */

const void *ofl_at_sflow_next(struct nb_cb_get_next_args *args)
{
	return ace_handed_out(ofl_static_flow_next(args->list_entry));
}

int ofl_at_sflow_keys(struct nb_cb_get_keys_args *args)
{
	const struct ofl_static_flow *f = args->list_entry;

	ofl_state_keys_set(args->keys, 1, f->name);
	return NB_OK;
}

const void *ofl_at_sflow_find(struct nb_cb_lookup_entry_args *args)
{
	return ace_handed_out(ofl_static_flow_find(args->keys->key[0]));
}

const void *ofl_at_sflow(const void *entry)
{
	return entry;
}

static bool place_take(const struct ofl_applied *x, void *arg)
{
	ace.applied = *x;
	strlcpy(ace.table, x->table, sizeof(ace.table));
	return false;
}

const void *ofl_at_sflowace(const void *entry)
{
	const struct ofl_static_flow *f = entry;
	struct ofl_acl_status st;

	if (ace_of == entry)
		return &ace;
	memset(&ace, 0, sizeof(ace));
	ace_of = NULL;
	if (!ofl_acl_by_id(f->acl_id, &st))
		return NULL;
	ace_make(&f->ace, &st);
	/* It is alone at its interface. */
	ofl_applied_walk(st.id, place_take, NULL);
	ace_of = entry;
	return &ace;
}

const void *ofl_at_sflowworth(const void *entry)
{
	return ofl_at_sflowace(entry) ? &ace.settings : NULL;
}

const void *ofl_at_sflowstands(const void *entry)
{
	return ofl_at_sflowace(entry) ? &ace.standing : NULL;
}

bool ofl_leaf_sflow_table(const void *from, char *buf, size_t len)
{
	return ofl_state_word(buf, len,
			      ((const struct ofl_at_ace *)from)->table);
}

bool ofl_leaf_sflow_bound(const void *from, char *buf, size_t len)
{
	const struct ofl_at_ace *a = from;

	return ofl_state_word(buf, len, ofl_show_bound_name(a->applied.bound));
}
