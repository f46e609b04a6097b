// SPDX-License-Identifier: GPL-2.0-or-later
/* Next hops by number; see fpm_nhg.h. */
#include <zebra.h>

#include "jhash.h"
#include "memory.h"
#include "typesafe.h"

#include "offloadd/base/mgroup.h"
#include "offloadd/source/fpm_nhg.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NHGS, "offload FPM next hops");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NHG, "offload FPM next hop");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_NHG_MEMBERS, "offload FPM group");

/* zebra resolves groups before it tells them: members are single.  What is
 * deeper is read, too; a circle ends here. */
#define DEPTH_MAX 4

PREDECL_HASH(nhg_table);
PREDECL_DLIST(nhg_users);

struct nhg;
/* A place in a group. */
struct member {
	struct nhg_users_item item;
	struct nhg *nhg, *group;
	uint8_t weight;
};
DECLARE_DLIST(nhg_users, struct member, item);

struct nhg {
	struct nhg_table_item item;
	uint32_t id;
	bool told; /* else only groups name it */
	uint16_t member_count;
	struct member *members;
	struct ofl_rawnh nh; /* without members */
	struct nhg_users_head users;
};

static int nhg_cmp(const struct nhg *a, const struct nhg *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

static uint32_t nhg_hash(const struct nhg *n)
{
	return jhash_1word(n->id, 0);
}

DECLARE_HASH(nhg_table, struct nhg, item, nhg_cmp, nhg_hash);

struct ofl_nhgs {
	struct nhg_table_head table;
	size_t missing;
	void (*changed)(uint32_t id, void *arg);
	void *arg;
};

struct ofl_nhgs *ofl_nhgs_new(void (*changed)(uint32_t id, void *arg),
			      void *arg)
{
	struct ofl_nhgs *t = XCALLOC(MTYPE_OFL_NHGS, sizeof(*t));

	t->changed = changed;
	t->arg = arg;
	nhg_table_init(&t->table);
	return t;
}

static struct nhg *nhg_find(const struct ofl_nhgs *t, uint32_t id)
{
	struct nhg ref = {.id = id};

	return nhg_table_find((struct nhg_table_head *)&t->table, &ref);
}

static struct nhg *nhg_get(struct ofl_nhgs *t, uint32_t id)
{
	struct nhg *n = nhg_find(t, id);

	if (n)
		return n;
	n = XCALLOC(MTYPE_OFL_NHG, sizeof(*n));
	n->id = id;
	nhg_users_init(&n->users);
	nhg_table_add(&t->table, n);
	t->missing++;
	return n;
}

static void put_if_unused(struct ofl_nhgs *t, struct nhg *n)
{
	if (n->told || nhg_users_count(&n->users))
		return;
	t->missing--;
	nhg_table_del(&t->table, n);
	nhg_users_fini(&n->users);
	XFREE(MTYPE_OFL_NHG, n);
}

static void members_free(struct ofl_nhgs *t, struct member *members,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		nhg_users_del(&members[i].nhg->users, &members[i]);
		put_if_unused(t, members[i].nhg);
	}
	XFREE(MTYPE_OFL_NHG_MEMBERS, members);
}

void ofl_nhgs_clear(struct ofl_nhgs *t)
{
	struct nhg *n;

	/* Members first: they hold each other. */
	frr_each (nhg_table, &t->table, n) {
		for (size_t i = 0; i < n->member_count; i++)
			nhg_users_del(&n->members[i].nhg->users,
				      &n->members[i]);
		XFREE(MTYPE_OFL_NHG_MEMBERS, n->members);
		n->member_count = 0;
	}
	while ((n = nhg_table_pop(&t->table))) {
		nhg_users_fini(&n->users);
		XFREE(MTYPE_OFL_NHG, n);
	}
	t->missing = 0;
}

void ofl_nhgs_free(struct ofl_nhgs *t)
{
	if (!t)
		return;
	ofl_nhgs_clear(t);
	nhg_table_fini(&t->table);
	XFREE(MTYPE_OFL_NHGS, t);
}

/* --- told --- */

static bool is_same(const struct nhg *n, const struct ofl_fpm_nexthop *to)
{
	if (!n->told || n->member_count != MIN(to->member_count, OFL_RAWNH_MAX))
		return false;
	if (!n->member_count)
		return !memcmp(&n->nh, &to->nh, sizeof(n->nh));
	for (size_t i = 0; i < n->member_count; i++)
		if (n->members[i].nhg->id != to->member[i].id ||
		    n->members[i].weight != to->member[i].weight)
			return false;
	return true;
}

static void tell(struct ofl_nhgs *t, struct nhg *n, unsigned int depth)
{
	struct member *m;

	t->changed(n->id, t->arg);
	if (depth < DEPTH_MAX)
		frr_each (nhg_users, &n->users, m)
			tell(t, m->group, depth + 1);
}

void ofl_nhgs_set(struct ofl_nhgs *t, const struct ofl_fpm_nexthop *nh)
{
	struct nhg *n = nhg_get(t, nh->id);
	struct member *old = n->members;
	size_t old_count = n->member_count;

	if (is_same(n, nh))
		return;
	t->missing -= !n->told;
	n->told = true;
	n->nh = nh->nh;
	n->members = NULL;
	n->member_count = MIN(nh->member_count, OFL_RAWNH_MAX);
	if (n->member_count)
		n->members = XCALLOC(MTYPE_OFL_NHG_MEMBERS,
				     n->member_count * sizeof(*n->members));
	for (size_t i = 0; i < n->member_count; i++) {
		struct member *m = &n->members[i];

		m->nhg = nhg_get(t, nh->member[i].id);
		m->group = n;
		m->weight = nh->member[i].weight;
		nhg_users_add_tail(&m->nhg->users, m);
	}
	members_free(t, old, old_count);
	tell(t, n, 0);
}

void ofl_nhgs_del(struct ofl_nhgs *t, uint32_t id)
{
	struct nhg *n = nhg_find(t, id);
	struct member *old;
	size_t count;

	if (!n || !n->told)
		return;
	old = n->members;
	count = n->member_count;
	n->members = NULL;
	n->member_count = 0;
	n->told = false;
	t->missing++;
	members_free(t, old, count); /* of itself, too, if it is a circle */
	n = nhg_find(t, id);
	if (n)
		put_if_unused(t, n);
}

/* --- asked --- */

static bool collect(const struct nhg *n, unsigned int depth, uint8_t weight,
		    struct ofl_rawnh *ret, size_t *count)
{
	if (!n->told || depth > DEPTH_MAX)
		return false;
	if (!n->member_count) {
		if (*count < OFL_RAWNH_MAX) {
			ret[*count] = n->nh;
			ret[*count].weight = weight;
		}
		/* One more than fit says that there are too many. */
		*count += *count <= OFL_RAWNH_MAX;
		return true;
	}
	for (size_t i = 0; i < n->member_count; i++)
		if (*count <= OFL_RAWNH_MAX &&
		    !collect(n->members[i].nhg, depth + 1, n->members[i].weight,
			     ret, count))
			return false;
	return true;
}

bool ofl_nhgs_find(const struct ofl_nhgs *t, uint32_t id, struct ofl_rawnh *ret,
		   size_t *ret_count)
{
	const struct nhg *n = nhg_find(t, id);
	size_t count = 0;

	if (!n || !collect(n, 0, 1, ret, &count))
		return false;
	*ret_count = count;
	return true;
}

size_t ofl_nhgs_count(const struct ofl_nhgs *t)
{
	return nhg_table_count(&t->table);
}

size_t ofl_nhgs_missing(const struct ofl_nhgs *t)
{
	return t->missing;
}
