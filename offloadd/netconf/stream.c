// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer of get and get-config: small trees at once, long lists in pieces.
 *
 * What is selected of the small tree is cut into parts: text, containers that
 * open and close around long lists, and the lists.  The producer goes from
 * part to part; in a list its place is the keys of the last entry, which hold
 * whatever happens to the list between two turns.  An entry that comes or goes
 * meanwhile is sent or not; the others are sent once each.
 *
 * A container that exists only for what is in it (no presence container)
 * opens when the first thing below it is sent, so that a list of which nothing
 * is selected leaves no empty elements.
 *
 * Neighbours: state.c makes an entry, select.c and nacm.h judge it.
 */
#include <zebra.h>

#include "monotime.h"
#include "northbound.h"

#include <libyang/libyang.h>

#include "offloadd/netconf/context.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/read.h"
#include "offloadd/netconf/select.h"
#include "offloadd/netconf/text.h"

#define CHAIN_DEPTH 16

enum part_kind {
	PART_TEXT,
	PART_OPEN,
	PART_CLOSE,
	PART_LONG,
};

struct part {
	enum part_kind kind;
	struct part *next;
	struct ofl_nc_text text;       /* PART_TEXT */
	const struct lysc_node *snode; /* PART_OPEN, PART_CLOSE */
	bool is_there;		       /* PART_OPEN: at once */
	size_t index;		       /* PART_LONG */
};

/* A long list and the containers above it, outermost first. */
struct chain {
	struct ofl_nc_long *list;
	const struct lysc_node *up[CHAIN_DEPTH];
	size_t depth;
	struct ofl_nc_select select; /* among its entries; subtree filters */
};

struct stream {
	const struct ofl_nc_user *user;
	struct ofl_nc_filter *filter;
	struct ofl_nc_plan *plan;
	uint32_t options; /* of printing */
	struct chain chains[OFL_NC_LONGS];
	size_t chain_count;

	struct part *first, **end;

	/* Where the producer is: in part `at`, after the entry with `keys`. */
	struct part *at;
	bool has_keys;
	struct yang_list_keys keys;
	/* Containers that are open, or will be when something is in them. */
	const struct lysc_node *open[CHAIN_DEPTH];
	size_t open_count, written_count;
};

/* --- parts --- */

static struct part *part_add(struct stream *s, enum part_kind kind)
{
	struct part *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->kind = kind;
	*s->end = p;
	s->end = &p->next;
	return p;
}

static bool in_chain(const struct stream *s, uint32_t mask, size_t level,
		     const struct lysc_node *snode, uint32_t *ret_mask)
{
	*ret_mask = 0;
	for (size_t i = 0; i < s->chain_count; i++) {
		const struct chain *c = &s->chains[i];

		if ((mask & 1U << i) && level < c->depth &&
		    c->up[level] == snode)
			*ret_mask |= 1U << i;
	}
	return *ret_mask != 0;
}

static void level_add(struct stream *s, const struct lyd_node *first,
		      size_t level, uint32_t mask);

static void container_add(struct stream *s, const struct lysc_node *snode,
			  const struct lyd_node *node, size_t level,
			  uint32_t mask)
{
	struct part *open = part_add(s, PART_OPEN);

	open->snode = snode;
	open->is_there = node && snode->flags & LYS_PRESENCE;
	level_add(s, node ? lyd_child(node) : NULL, level + 1, mask);
	part_add(s, PART_CLOSE)->snode = snode;
}

/* Siblings at a level of the chains in `mask`. */
static void level_add(struct stream *s, const struct lyd_node *first,
		      size_t level, uint32_t mask)
{
	const struct lyd_node *node;
	struct part *text = NULL;
	uint32_t below, done = 0;

	LY_LIST_FOR(first, node)
	{
		if (in_chain(s, mask, level, node->schema, &below)) {
			container_add(s, node->schema, node, level, below);
			done |= below;
			text = NULL;
			continue;
		}
		if (!text)
			text = part_add(s, PART_TEXT);
		ofl_nc_text_tree(&text->text, node, 0, s->options);
	}
	for (size_t i = 0; i < s->chain_count; i++) {
		const struct chain *c = &s->chains[i];

		if (!(mask & 1U << i) || (done & 1U << i))
			continue;
		if (level == c->depth) {
			part_add(s, PART_LONG)->index = i;
			continue;
		}
		(void)in_chain(s, mask, level, c->up[level], &below);
		container_add(s, c->up[level], NULL, level, below);
		done |= below;
	}
}

/* --- chains --- */

static struct lyd_node *node_find(const struct lyd_node *first,
				  const struct lysc_node *snode)
{
	struct lyd_node *match;

	if (lyd_find_sibling_val(first, snode, NULL, 0, &match) != LY_SUCCESS)
		return NULL;
	return match;
}

/* Go down to the list with the filter, by the containers that the user may
 * see.  False: none of its entries is for this answer. */
static bool chain_select(const struct stream *s, struct chain *c,
			 const struct lyd_node *whole)
{
	const struct lyd_node *first = whole;
	struct ofl_nc_select below;

	ofl_nc_select_root(s->filter, &c->select);
	for (size_t i = 0; i < c->depth; i++) {
		const struct lyd_node *node =
			first ? node_find(first, c->up[i]) : NULL;
		bool ok;

		if (!node)
			return false;
		first = lyd_child(node);
		/* An expression is applied to each entry as a whole. */
		if (s->filter && s->filter->xpath)
			continue;
		ok = ofl_nc_select_node(&c->select, node, &below);
		ofl_nc_select_fini(&c->select);
		c->select = below;
		if (!ok)
			return false;
	}
	return true;
}

static bool chain_init(struct stream *s, struct ofl_nc_long *list,
		       const struct lyd_node *whole)
{
	struct chain *c = &s->chains[s->chain_count];
	const struct lysc_node *up = ofl_nc_long_snode(list);

	*c = (struct chain){.list = list};
	for (up = lysc_data_parent(up); up; up = lysc_data_parent(up))
		c->depth++;
	if (c->depth > CHAIN_DEPTH)
		return false;
	up = ofl_nc_long_snode(list);
	for (size_t i = c->depth; i-- > 0;)
		c->up[i] = up = lysc_data_parent(up);
	if (!chain_select(s, c, whole)) {
		ofl_nc_select_fini(&c->select);
		return false;
	}
	s->chain_count++;
	return true;
}

/* --- entries --- */

/* The entry below its containers; NULL: access control took it. */
static struct lyd_node *entry_of(const struct chain *c, struct lyd_node *tree)
{
	struct lyd_node *node = tree;

	for (size_t i = 0; node && i < c->depth; i++) {
		node = node_find(node, c->up[i]);
		node = node ? lyd_child(node) : NULL;
	}
	while (node && node->schema != ofl_nc_long_snode(c->list))
		node = node->next;
	return node;
}

/* Containers that wait for something to be in them. */
static void opens_write(struct stream *s, struct ofl_nc_text *out)
{
	for (; s->written_count < s->open_count; s->written_count++) {
		const struct lysc_node *snode = s->open[s->written_count];
		const struct lysc_node *up = lysc_data_parent(snode);

		ofl_nc_text_format(out, "<%s", snode->name);
		if (!up || up->module != snode->module) {
			ofl_nc_text_str(out, " xmlns=\"");
			ofl_nc_text_escaped(out, snode->module->ns);
			ofl_nc_text_str(out, "\"");
		}
		ofl_nc_text_str(out, ">");
	}
}

static void entry_write(struct stream *s, const struct lyd_node *entry,
			struct ofl_nc_text *out)
{
	if (!entry)
		return;
	opens_write(s, out);
	ofl_nc_text_tree(out, entry, 0, s->options);
}

/* Judge one entry and write what is left of it. */
static void entry_send(struct stream *s, const struct chain *c,
		       struct lyd_node *node, struct ofl_nc_text *out)
{
	struct lyd_node *tree = node, *selected = NULL;

	while (lyd_parent(tree))
		tree = lyd_parent(tree);
	ofl_nc_nacm_prune(s->user, &tree);
	node = entry_of(c, tree);
	if (node && s->filter && s->filter->xpath) {
		selected = ofl_nc_filter_apply(s->filter, tree);
		entry_write(s, entry_of(c, selected), out);
	} else if (node && c->select.is_all) {
		entry_write(s, node, out);
	} else if (node) {
		selected = ofl_nc_select_copy(&c->select, node, false);
		entry_write(s, selected, out);
	}
	lyd_free_all(selected);
	lyd_free_all(tree);
}

/* What a turn may still do. */
struct budget {
	unsigned int entries;
	size_t len; /* what was there before */
	struct timeval begun;
};

static bool is_spent(const struct budget *b, const struct ofl_nc_text *out)
{
	return !b->entries || out->len - b->len >= OFL_NC_TURN_BYTES ||
	       monotime_since(&b->begun, NULL) >= OFL_NC_TURN_MS * 1000;
}

/* Entries of a long list; true: that was the last. */
static bool long_send(struct stream *s, struct budget *b,
		      struct ofl_nc_text *out)
{
	const struct chain *c = &s->chains[s->at->index];
	struct lyd_node *node;

	while (!is_spent(b, out)) {
		b->entries--;
		node = ofl_nc_long_next(c->list, s->has_keys, &s->keys);
		if (!node) {
			s->has_keys = false;
			return true;
		}
		s->has_keys = true;
		entry_send(s, c, node, out);
	}
	return false;
}

/* --- the producer --- */

static void open_close(struct stream *s, struct ofl_nc_text *out)
{
	if (s->written_count == s->open_count) {
		s->written_count--;
		ofl_nc_text_format(out, "</%s>", s->at->snode->name);
	}
	s->open_count--;
}

static bool on_more(void *arg, struct ofl_nc_text *out, bool *ret_broken)
{
	struct budget b = {OFL_NC_TURN_ENTRIES, out->len};
	struct stream *s = arg;

	monotime(&b.begun);
	for (; s->at; s->at = s->at->next) {
		switch (s->at->kind) {
		case PART_TEXT:
			if (!s->at->text.len)
				break;
			opens_write(s, out);
			ofl_nc_text_add(out, s->at->text.data, s->at->text.len);
			ofl_nc_text_fini(&s->at->text);
			break;
		case PART_OPEN:
			s->open[s->open_count++] = s->at->snode;
			if (s->at->is_there)
				opens_write(s, out);
			break;
		case PART_CLOSE:
			open_close(s, out);
			break;
		case PART_LONG:
			if (!long_send(s, &b, out))
				return true;
			break;
		}
	}
	ofl_nc_text_str(out, "</data>");
	return false;
}

static void on_free(void *arg)
{
	struct stream *s = arg;
	struct part *next;

	for (struct part *p = s->first; p; p = next) {
		next = p->next;
		ofl_nc_text_fini(&p->text);
		free(p);
	}
	for (size_t i = 0; i < s->chain_count; i++)
		ofl_nc_select_fini(&s->chains[i].select);
	ofl_nc_plan_free(s->plan);
	ofl_nc_filter_free(s->filter);
	free(s);
}

void ofl_nc_answer_send(struct ofl_nc_answer *answer,
			struct ofl_nc_reply *reply)
{
	struct stream *s = calloc(1, sizeof(*s));
	bool is_broken = false;

	if (!s)
		abort();
	s->user = answer->user;
	s->filter = answer->filter;
	s->plan = answer->plan;
	s->options = ofl_nc_defaults_options(answer->defaults);
	s->end = &s->first;
	for (size_t i = 0; i < answer->long_count; i++)
		(void)chain_init(s, answer->longs[i], answer->whole);
	level_add(s, answer->small, 0, (1U << s->chain_count) - 1);
	s->at = s->first;
	ofl_nc_text_str(&reply->body, "<data>");
	if (s->chain_count) {
		reply->producer = (struct ofl_nc_producer){
			.more = on_more,
			.free = on_free,
			.arg = s,
		};
		return;
	}
	(void)on_more(s, &reply->body, &is_broken);
	on_free(s);
}
