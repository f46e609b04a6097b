// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an XPath expression may need of the data: its location paths as tests.
 *
 * Why: "/frr-offload:offload/state/flow[vrf='default'][prefix='10.0.0.0/8']"
 * is one entry of 250,000, and making the others to have libyang drop them is
 * a second of silence.  The guide is read off the text: steps down by name
 * become elements, predicates that compare a key with a literal become content
 * matches, and where the reading ends everything below is needed.
 *
 * What it refuses: nothing.  An expression that it does not understand, or
 * that looks elsewhere than down, needs everything (is_whole).
 *
 * Neighbours: filter_xpath.c has checked that the text is XPath.
 */
#include <zebra.h>

#include <libyang/libyang.h>

#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/select.h"

/* A part of the text. */
struct span {
	const char *at, *end;
};

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

static void skip_space(struct span *s)
{
	while (s->at < s->end && isspace((unsigned char)*s->at))
		s->at++;
}

/* The end of what begins here with a quote or a bracket, itself included. */
static const char *closed(struct span s)
{
	unsigned int depth = 0;

	for (const char *p = s.at; p < s.end; p++) {
		if (*p == '\'' || *p == '"') {
			p = memchr(p + 1, *p, s.end - p - 1);
			if (!p)
				return s.end;
		} else if (*p == '[' || *p == '(') {
			depth++;
		} else if (*p == ']' || *p == ')') {
			depth--;
		}
		if (!depth)
			return p + 1;
	}
	return s.end;
}

static bool is_word(struct span s, const char *word)
{
	return strlen(word) == (size_t)(s.end - s.at) &&
	       strncmp(s.at, word, s.end - s.at) == 0;
}

static bool is_one_of(struct span word, const char *const words[])
{
	for (size_t i = 0; words[i]; i++) {
		if (is_word(word, words[i]))
			return true;
	}
	return false;
}

/* Functions that look at their arguments only. */
static const char *const plain_functions[] = {
	"boolean",
	"ceiling",
	"concat",
	"contains",
	"count",
	"false",
	"floor",
	"name",
	"local-name",
	"normalize-space",
	"not",
	"number",
	"round",
	"starts-with",
	"string",
	"string-length",
	"substring",
	"substring-after",
	"substring-before",
	"sum",
	"text",
	"node",
	"translate",
	"true",
	"re-match",
	"enum-value",
	"bit-is-set",
	"derived-from",
	"derived-from-or-self",
	NULL,
};

/* Those that give true or false. */
static const char *const boolean_functions[] = {
	"boolean",	"contains",
	"false",	"not",
	"true",		"starts-with",
	"re-match",	"bit-is-set",
	"derived-from", "derived-from-or-self",
	NULL,
};

static const char *const operators[] = {"and", "or", "div", "mod", NULL};

/* The name that ends before `p`. */
static struct span word_before(struct span s, const char *p)
{
	struct span word = {p, p};

	while (word.at > s.at && is_name(word.at[-1]))
		word.at--;
	return word;
}

/* Does "/" at `p` go on from the step before it? */
static bool is_downward(struct span s, const char *p)
{
	if (p == s.at)
		return false;
	if (p[-1] == ']' || p[-1] == '/')
		return true;
	return is_name(p[-1]) && !is_one_of(word_before(s, p), operators);
}

/* Does everything that is said here stay at or below its context node? */
static bool is_inner(struct span s)
{
	for (const char *p = s.at; p < s.end; p++) {
		if (*p == '\'' || *p == '"')
			p = closed((struct span){p, s.end}) - 1;
		else if (*p == '$' || strncmp(p, "..", 2) == 0 ||
			 strncmp(p, "::", 2) == 0)
			return false;
		else if (*p == '/' && !is_downward(s, p))
			return false;
		else if (*p == '(' && p > s.at && is_name(p[-1]) &&
			 !is_one_of(word_before(s, p), plain_functions) &&
			 !is_one_of(word_before(s, p), operators))
			return false;
	}
	return true;
}

/* Is the predicate (without its brackets) true or false, and not a number that
 * would be a position? */
static bool is_boolean(struct span s)
{
	const char *p;
	bool is_path = true;

	skip_space(&s);
	for (p = s.at; p < s.end; p++) {
		if (strchr("=<>", *p))
			return true;
		if (strchr("'\"[(", *p)) {
			struct span word = word_before(s, p);

			if (*p == '(' && word.at == s.at &&
			    is_one_of(word, boolean_functions) &&
			    closed((struct span){p, s.end}) == s.end)
				return true;
			is_path &= *p == '[';
			p = closed((struct span){p, s.end}) - 1;
		} else if (!is_name(*p) && *p != ':' && *p != '/') {
			is_path = false;
		}
	}
	return is_path && s.at < s.end && isalpha((unsigned char)*s.at);
}

/* All predicates in it, at any depth of "[". */
static bool are_boolean(struct span s)
{
	for (const char *p = s.at; p < s.end; p++) {
		if (*p == '\'' || *p == '"') {
			p = closed((struct span){p, s.end}) - 1;
		} else if (*p == '[') {
			const char *end = closed((struct span){p, s.end});

			if (!is_boolean((struct span){p + 1, end - 1}))
				return false;
		}
	}
	return true;
}

/* --- steps --- */

/* Where the reading of one path is. */
struct guide {
	struct ofl_nc_filter *filter;
	struct ofl_nc_test *test; /* of the last step */
	const struct lysc_node *snode;
	bool in_list; /* at or below a list */
};

/* key='literal': the value; false: it is something else. */
static bool key_parse(struct span s, const struct lysc_node *list,
		      const struct lysc_node **ret_key, struct span *ret_value)
{
	const struct lysc_node *key = lysc_node_child(list);
	struct span name;
	const char *colon;

	skip_space(&s);
	name = (struct span){s.at, s.at};
	while (name.end < s.end && (is_name(*name.end) || *name.end == ':'))
		name.end++;
	colon = memchr(name.at, ':', name.end - name.at);
	s.at = name.end;
	if (colon) {
		if (!is_word((struct span){name.at, colon}, list->module->name))
			return false;
		name.at = colon + 1;
	}
	skip_space(&s);
	if (s.at == s.end || *s.at++ != '=')
		return false;
	skip_space(&s);
	if (s.at == s.end || (*s.at != '\'' && *s.at != '"'))
		return false;
	*ret_value = (struct span){s.at + 1, closed(s) - 1};
	s.at = closed(s);
	skip_space(&s);
	while (key && lysc_is_key(key) && !is_word(name, key->name))
		key = key->next;
	if (s.at != s.end || !key || !lysc_is_key(key))
		return false;
	*ret_key = key;
	return true;
}

/* A predicate of the last step.  False: the reading of steps ends here. */
static bool predicate_read(struct guide *g, struct span s)
{
	const struct lysc_node *key;
	struct ofl_nc_test *t;
	struct span value;

	if (!g->in_list)
		g->filter->is_local = false;
	if (!is_inner(s)) {
		g->filter->is_whole = true;
		return false;
	}
	if (!is_boolean(s) || !are_boolean(s)) {
		/* A position counts all entries. */
		g->filter->is_local = false;
		g->test->is_any_entry = true;
		return false;
	}
	if (!g->snode || g->snode->nodetype != LYS_LIST ||
	    !key_parse(s, g->snode, &key, &value))
		return false;
	t = ofl_nc_test_add(g->filter, g->test, key->name, strlen(key->name),
			    key->module->ns);
	if (!t) {
		g->filter->is_whole = true;
		return false;
	}
	t->snode = key;
	t->value = strndup(value.at, value.end - value.at);
	g->test->has_match = true;
	return true;
}

/* All predicates; false: what is below is needed as a whole. */
static bool predicates_read(struct guide *g, struct span *s)
{
	bool ok = true;

	skip_space(s);
	while (s->at < s->end && *s->at == '[') {
		const char *end = closed(*s);

		/* All are read: each may be one that looks elsewhere. */
		ok &= predicate_read(g, (struct span){s->at + 1, end - 1});
		s->at = end;
		skip_space(s);
	}
	return ok;
}

static const struct lysc_node *snode_find(const struct guide *g,
					  const struct lys_module *module,
					  struct span name)
{
	if (!module)
		return NULL;
	return ofl_lys_find_child(g->snode, module, name.at,
				  name.end - name.at);
}

/* What became of a step. */
enum step {
	STEP_READ,
	STEP_LAST, /* read, but what is below is needed as a whole */
	STEP_NONE, /* no name: nothing was read */
};

/* The name of a step, and its module: that of the parent unless it says. */
static bool name_read(const struct guide *g, struct span *s,
		      const struct lys_module **ret_module,
		      struct span *ret_name)
{
	const struct lys_module *module = g->snode ? g->snode->module : NULL;
	struct span name = {s->at, s->at};
	char prefix[128];

	while (name.end < s->end && is_name(*name.end))
		name.end++;
	if (name.end + 1 < s->end && *name.end == ':' && name.end[1] != ':') {
		snprintf(prefix, sizeof(prefix), "%.*s",
			 (int)(name.end - name.at), name.at);
		module =
			ly_ctx_get_module_implemented(ofl_nc_context(), prefix);
		name = (struct span){name.end + 1, name.end + 1};
		while (name.end < s->end && is_name(*name.end))
			name.end++;
	}
	if (name.at == name.end || *name.at == '.' || !module ||
	    (name.end < s->end && strchr("(:", *name.end)))
		return false;
	*ret_module = module;
	*ret_name = name;
	s->at = name.end;
	return true;
}

static enum step step_read(struct guide *g, struct span *s)
{
	const struct lys_module *module;
	struct ofl_nc_test *t;
	struct span name;

	if (!name_read(g, s, &module, &name))
		return STEP_NONE;
	t = ofl_nc_test_add(g->filter, g->test, name.at, name.end - name.at,
			    module->ns);
	if (!t) {
		g->filter->is_whole = true;
		return STEP_LAST;
	}
	g->test->has_other = true;
	g->test = t;
	t->snode = g->snode = snode_find(g, module, name);
	if (g->snode && g->snode->nodetype == LYS_LIST)
		g->in_list = true;
	return predicates_read(g, s) && g->snode ? STEP_READ : STEP_LAST;
}

/* What follows the steps that could be read; the guide selects all there. */
static void rest_read(struct guide *g, struct span rest)
{
	skip_space(&rest);
	while (rest.at < rest.end && *rest.at == '/')
		rest.at++;
	if (!is_inner(rest))
		g->filter->is_whole = true;
	if (!are_boolean(rest) ||
	    (!g->in_list && memchr(rest.at, '[', rest.end - rest.at)))
		g->filter->is_local = false;
}

/* One location path from the root. */
static void path_read(struct ofl_nc_filter *filter, struct span s)
{
	struct guide g = {.filter = filter, .test = &filter->root};
	enum step step;

	skip_space(&s);
	if (s.at < s.end && *s.at == '/')
		s.at++;
	do {
		skip_space(&s);
		step = step_read(&g, &s);
		skip_space(&s);
		if (s.at == s.end || *s.at != '/')
			break;
		if (step == STEP_READ)
			s.at++;
	} while (step == STEP_READ);
	/* After a name there can only be "/" or the end. */
	if (g.test == &filter->root ||
	    (step != STEP_NONE && s.at < s.end && *s.at != '/'))
		filter->is_whole = true;
	if (s.at < s.end)
		rest_read(&g, s);
}

void ofl_nc_guide_make(struct ofl_nc_filter *filter)
{
	filter->is_local = true;
	for (size_t i = 0; i < filter->path_count; i++) {
		const char *path = filter->paths[i];

		path_read(filter, (struct span){path, path + strlen(path)});
	}
	if (filter->is_whole)
		filter->is_local = false;
}

/* --- the text as such --- */

void ofl_nc_xpath_split(struct ofl_nc_filter *filter)
{
	const char *end = filter->xpath + strlen(filter->xpath);
	struct span path = {filter->xpath, filter->xpath};

	for (;;) {
		while (path.end < end && *path.end != '|') {
			if (strchr("'\"[(", *path.end))
				path.end = closed((struct span){path.end, end});
			else
				path.end++;
		}
		filter->paths =
			realloc(filter->paths, (filter->path_count + 1) *
						       sizeof(*filter->paths));
		if (!filter->paths)
			abort();
		filter->paths[filter->path_count++] =
			strndup(path.at, path.end - path.at);
		if (path.end == end)
			break;
		path.at = ++path.end;
	}
}

char *ofl_nc_xpath_strip(const char *path)
{
	const char *end = path + strlen(path);
	char *stripped = strdup(path), *to = stripped;

	if (!stripped)
		abort();
	while (path < end) {
		const char *next = path + 1;

		if (strchr("'\"[(", *path))
			next = closed((struct span){path, end});
		if (*path != '[') {
			memcpy(to, path, next - path);
			to += next - path;
		}
		path = next;
	}
	*to = 0;
	return stripped;
}
