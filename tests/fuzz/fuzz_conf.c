// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration of any values that the model takes, to those who make of it
 * what the engine understands.
 *
 * The leaves are found in the model itself, so that a new one is tried, too.
 * Input: again and again a leaf, the keys of the lists above it, and its value
 * as text; libyang refuses what is not of the leaf's type.  A leaf is named by
 * a number its path gives: it is the first one from there on, so that inputs
 * mean the same, nearly, when the model has grown.  What is made of an entry
 * must print as text that means the same, and must come back when it is put
 * into the model.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/engine/conf.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"

#include "tests/fuzz/fuzz.h"

#define TOP "/frr-offload:offload"
#define LEAVES_MAX 400
#define VALUES_MAX 64
#define PATH_MAX_BYTES 512
#define KEY '\001' /* in a path: the digit of a list's key goes here */

static struct ly_ctx *ctx;
static struct leaf {
	uint16_t number;
	char *path;
} leaves[LEAVES_MAX]; /* by number */
static size_t leaf_count;

/* --- the model --- */

static int leaf_cmp(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return x->number != y->number ? x->number - y->number
				      : strcmp(x->path, y->path);
}

static void leaf_add(const char *path)
{
	uint32_t hash = 2166136261u;

	for (const char *c = path; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	FUZZ_CHECK(leaf_count < LEAVES_MAX);
	leaves[leaf_count++] =
		(struct leaf){(uint16_t)(hash ^ hash >> 16), strdup(path)};
}

static const char *leaf_find(uint16_t number)
{
	for (size_t i = 0; i < leaf_count; i++)
		if (leaves[i].number >= number)
			return leaves[i].path;
	return leaves[0].path;
}

static void walk(const struct lysc_node *parent, const char *above)
{
	const struct lysc_node *node = NULL, *key;
	char path[PATH_MAX_BYTES];
	int len;

	while ((node = lys_getnext(node, parent, NULL, 0))) {
		/* State, operations and notifications are not configured. */
		if (!(node->flags & LYS_CONFIG_W))
			continue;
		len = snprintf(path, sizeof(path), "%s/%s:%s", above,
			       node->module->name, node->name);
		if (node->nodetype & (LYS_LEAF | LYS_LEAFLIST)) {
			/* A key is set with its list. */
			if (!(node->flags & LYS_KEY))
				leaf_add(path);
			continue;
		}
		for (key = lysc_node_child(node); node->nodetype == LYS_LIST &&
						  key && (key->flags & LYS_KEY);
		     key = key->next)
			len += snprintf(path + len, sizeof(path) - len,
					"[%s='%c']", key->name, KEY);
		FUZZ_CHECK((size_t)len < sizeof(path));
		walk(node, path);
	}
}

static void at_end(void)
{
	while (leaf_count)
		free(leaves[--leaf_count].path);
	ly_ctx_destroy(ctx);
}

static void set_up(void)
{
	const struct lysc_node *top;

	ly_log_options(0);
	FUZZ_CHECK(ly_ctx_new(OFL_YANG_DIRS, 0, &ctx) == LY_SUCCESS);
	FUZZ_CHECK(ly_ctx_load_module(ctx, "frr-offload-acl", NULL, NULL));
	top = lys_find_path(ctx, NULL, TOP, 0);
	FUZZ_CHECK(top);
	walk(top, TOP);
	FUZZ_CHECK(leaf_count > 100);
	qsort(leaves, leaf_count, sizeof(leaves[0]), leaf_cmp);
	atexit(at_end);
}

/* --- a tree --- */

static void leaf_put(struct fuzz *f, struct lyd_node *tree)
{
	const char *from = leaf_find(fuzz_u16(f));
	char path[PATH_MAX_BYTES], *value;
	uint8_t keys = fuzz_u8(f), size = fuzz_u8(f);
	struct fuzz part;
	size_t n;

	for (n = 0; from[n]; n++) {
		path[n] = from[n];
		if (from[n] == KEY) {
			path[n] = '1' + (keys & 1);
			keys >>= 1;
		}
	}
	path[n] = '\0';
	part = (struct fuzz){.at = f->at, .left = MIN(size, f->left)};
	f->at += part.left;
	f->left -= part.left;
	value = fuzz_text(&part);
	(void)lyd_new_path(tree, ctx, path, value, LYD_NEW_PATH_UPDATE, NULL);
	free(value);
}

static struct lyd_node *tree_make(struct fuzz *f)
{
	struct lyd_node *tree = NULL;

	FUZZ_CHECK(lyd_new_path(NULL, ctx, TOP, NULL, 0, &tree) == LY_SUCCESS);
	for (int i = 0; i < VALUES_MAX && f->left; i++)
		leaf_put(f, tree);
	return tree;
}

/* --- what is made of it --- */

static bool is_text(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

static void check_conf(const struct lyd_node *tree, bool with_incomplete)
{
	struct ofl_conf *c =
		ofl_nb_conf_make(tree, "/var/x.db", with_incomplete);
	char error[256] = "";

	FUZZ_CHECK(c->table_count <= OFL_TABLES_MAX);
	for (size_t i = 0; i < c->table_count; i++) {
		const struct ofl_hwtable_conf *t = &c->tables[i];

		FUZZ_CHECK(t->name[0] && is_text(t->name, sizeof(t->name)));
		FUZZ_CHECK(is_text(t->provider, sizeof(t->provider)));
		FUZZ_CHECK(t->tc.port_count <= OFL_TC_PORTS_MAX);
		FUZZ_CHECK(ofl_limit_slots(&t->high, 1000) <= 1000);
		FUZZ_CHECK(ofl_conf_is_same_hardware(t, t));
	}
	if (!ofl_conf_check(c, error, sizeof(error)))
		FUZZ_CHECK(error[0] && is_text(error, sizeof(error)));
	ofl_conf_free(c);
}

/* As text, and back. */
static void check_text(const struct ofl_ace *ace, enum ofl_acl_type type)
{
	const char *words[OFL_ACE_WORDS_MAX];
	char text[OFL_ACE_STRLEN], error[256] = "", *save = NULL;
	struct ofl_ace again;
	size_t count = 0;

	ofl_ace_print(ace, type, text, sizeof(text));
	FUZZ_CHECK(strlen(text) + 1 < sizeof(text));
	for (char *w = strtok_r(text, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	FUZZ_CHECK(ofl_ace_parse(type, words, count, &again, error,
				 sizeof(error)));
	again.seq = ace->seq;
	FUZZ_CHECK(ofl_ace_eq(ace, &again));
}

static void check_ace(const struct lyd_node *node, enum ofl_acl_type type,
		      struct lyd_node *acl)
{
	char error[256] = "";
	struct ofl_ace ace;

	switch (ofl_nb_ace_make(node, type, &ace, error, sizeof(error))) {
	case OFL_ACE_MADE:
		FUZZ_CHECK(ofl_ace_check(&ace, type, error, sizeof(error)));
		check_text(&ace, type);
		if (acl)
			FUZZ_CHECK(ofl_nb_ace_put(acl, &ace));
		break;
	case OFL_ACE_REMARK:
		break;
	case OFL_ACE_BAD:
		FUZZ_CHECK(error[0] && is_text(error, sizeof(error)));
		break;
	}
}

static void check_acl(struct lyd_node *acl)
{
	enum ofl_acl_type type = ofl_nb_acl_type(acl);
	struct ofl_acl_conf conf;
	struct lyd_node **aces;
	struct ofl_ace before, after;
	char error[256];
	size_t count;

	ofl_nb_acl_make(acl, &conf);
	FUZZ_CHECK(conf.name[0] && is_text(conf.name, sizeof(conf.name)));
	FUZZ_CHECK(is_text(conf.remark, sizeof(conf.remark)));
	aces = ofl_nb_aces_sorted(acl, &count);
	for (size_t i = 0; i < count; i++) {
		bool made = ofl_nb_ace_make(aces[i], type, &before, error,
					    sizeof(error)) == OFL_ACE_MADE;
		struct lyd_node **now;
		size_t n;

		/* Putting it replaces the node. */
		check_ace(aces[i], type, made ? acl : NULL);
		now = ofl_nb_aces_sorted(acl, &n);
		FUZZ_CHECK(n == count);
		if (made) {
			FUZZ_CHECK(ofl_nb_ace_make(now[i], type, &after, error,
						   sizeof(error)) ==
				   OFL_ACE_MADE);
			FUZZ_CHECK(ofl_ace_eq(&before, &after));
		}
		XFREE(MTYPE_TMP, aces);
		aces = now;
	}
	XFREE(MTYPE_TMP, aces);
}

static void check_flow(const struct lyd_node *node)
{
	struct ofl_static_flow flow;
	char error[256] = "";

	if (!ofl_nb_child_value(node, "interface"))
		return; /* mandatory: it is not asked about */
	if (!ofl_nb_static_flow_make(node, &flow, error, sizeof(error)))
		return;
	FUZZ_CHECK(flow.name[0] && is_text(flow.name, sizeof(flow.name)));
	FUZZ_CHECK(is_text(flow.interface, sizeof(flow.interface)));
	check_text(&flow.ace, OFL_ACL_MIXED);
}

static void check_marks(const struct lyd_node *node)
{
	uint32_t first, count;
	char error[256];

	if (ofl_nb_marks_make(node, &first, &count, error, sizeof(error)))
		FUZZ_CHECK((uint64_t)first + count <= UINT64_C(1) << 32);
}

static void check_acls(const struct lyd_node *acls)
{
	struct lyd_node *node, *next;

	LY_LIST_FOR_SAFE(lyd_child(acls), next, node)
	{
		if (!strcmp(node->schema->name, "acl"))
			check_acl(node);
		else if (!strcmp(node->schema->name, "flow"))
			check_flow(node);
		else if (!strcmp(node->schema->name, "marks"))
			check_marks(node);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {.at = data, .left = size};
	const struct lyd_node *acls;
	struct lyd_node *tree;

	if (!ctx)
		set_up();
	tree = tree_make(&f);
	check_conf(tree, false);
	check_conf(tree, true);
	acls = ofl_nb_child(tree, "acls");
	if (acls)
		check_acls(acls);
	lyd_free_all(tree);
	return 0;
}
