// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading a node-instance-identifier: see nacm_path.h.
 *
 * What XPath could say beyond the form of an instance-identifier (functions,
 * axes, positions, wildcards) is malformed here.
 */
#include <ctype.h>
#include <string.h>

#include "offloadd/northbound/nacm_path.h"

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

static bool take(const char **at, char c)
{
	skip_blanks(at);
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* An identifier of YANG. */
static bool take_name(const char **at, struct ofl_nacm_word *ret)
{
	const char *c = *at;

	if (!isalpha((unsigned char)*c) && *c != '_')
		return false;
	while (isalnum((unsigned char)*c) || (*c && strchr("_-.", *c)))
		c++;
	ret->text = *at;
	ret->len = (size_t)(c - *at);
	*at = c;
	return true;
}

/* [PREFIX:]NAME, after blanks. */
static bool take_qname(const char **at, struct ofl_nacm_word *ret_module,
		       struct ofl_nacm_word *ret_name)
{
	struct ofl_nacm_word first;

	skip_blanks(at);
	if (!take_name(at, &first))
		return false;
	*ret_module = (struct ofl_nacm_word){0};
	*ret_name = first;
	if (**at != ':')
		return true;
	(*at)++;
	*ret_module = first;
	return take_name(at, ret_name);
}

static bool take_value(const char **at, struct ofl_nacm_predicate *p)
{
	static const char user[] = "$USER";
	const char *end;
	char quote;

	skip_blanks(at);
	p->value = (struct ofl_nacm_word){0};
	p->is_user = strncmp(*at, user, sizeof(user) - 1) == 0;
	if (p->is_user) {
		*at += sizeof(user) - 1;
		return true;
	}
	quote = **at;
	if (quote != '\'' && quote != '"')
		return false;
	end = strchr(*at + 1, quote);
	if (!end)
		return false;
	p->value.text = *at + 1;
	p->value.len = (size_t)(end - p->value.text);
	*at = end + 1;
	return true;
}

int ofl_nacm_path_predicate(const char **at,
			    struct ofl_nacm_predicate *ret_predicate)
{
	struct ofl_nacm_predicate p = {{0}};
	const char *c = *at;

	if (!take(&c, '['))
		return 0;
	skip_blanks(&c);
	if (*c == '.') {
		p.key = (struct ofl_nacm_word){.text = c, .len = 1};
		c++;
	} else if (!take_qname(&c, &p.module, &p.key)) {
		return -1;
	}
	if (!take(&c, '=') || !take_value(&c, &p) || !take(&c, ']'))
		return -1;
	*at = c;
	*ret_predicate = p;
	return 1;
}

int ofl_nacm_path_step(const char **at, struct ofl_nacm_step *ret_step)
{
	struct ofl_nacm_predicate p;
	struct ofl_nacm_step step;
	const char *c = *at;
	int more;

	skip_blanks(&c);
	if (!*c)
		return 0;
	if (!take(&c, '/') || !take_qname(&c, &step.module, &step.name))
		return -1;
	step.predicates = c;
	do
		more = ofl_nacm_path_predicate(&c, &p);
	while (more > 0);
	if (more < 0)
		return -1;
	*at = c;
	*ret_step = step;
	return 1;
}

bool ofl_nacm_path_is_all(const char *path)
{
	return take(&path, '/') && path[strspn(path, " \t\r\n")] == '\0';
}

bool ofl_nacm_path_ok(const char *path)
{
	struct ofl_nacm_step step;
	size_t steps = 0;
	int more;

	if (ofl_nacm_path_is_all(path))
		return true;
	while ((more = ofl_nacm_path_step(&path, &step)) > 0) {
		/* The first has no step before it. */
		if (steps == 0 && step.module.len == 0)
			return false;
		if (++steps > OFL_NACM_STEPS)
			return false;
	}
	return more == 0 && steps > 0;
}
