// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The optimum by a tree knapsack over the model, without any of the ideas of
 * the placement room: for every prefix, every identity that may answer from
 * above and every number of slots, the most that can be answered.  Where there
 * are few routes every choice is tried as well, which judges the knapsack.
 *
 * An entry stands at a route, or nowhere.
 */
#include <zebra.h>

#include "tests/property/optimum.h"

int worth_cmp(struct worth a, struct worth b)
{
	if (a.critical != b.critical)
		return a.critical < b.critical ? -1 : 1;
	if (a.best_effort != b.best_effort)
		return a.best_effort < b.best_effort ? -1 : 1;
	return 0;
}

struct worth worth_add_times(struct worth a, int64_t times, struct worth b)
{
	a.critical += times * b.critical;
	a.best_effort += times * b.best_effort;
	return a;
}

struct worth worth_add(struct worth a, struct worth b)
{
	return worth_add_times(a, 1, b);
}

static struct worth worth_max(struct worth a, struct worth b)
{
	return worth_cmp(a, b) < 0 ? b : a;
}

struct worth own_worth(unsigned int forest, unsigned int i)
{
	const struct route *r = &m.route[forest][i];
	struct worth own = {0};

	if (!r->present)
		return own;
	if (r->cls == OFL_CLASS_CRITICAL)
		own.critical = r->weight + 1;
	else
		own.best_effort = r->weight + 1;
	return own;
}

struct worth hw_worth(void)
{
	struct worth sum = {0};

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (hw_answers(f, i))
				sum = worth_add(sum, own_worth(f, i));
	return sum;
}

struct worth total_worth(void)
{
	struct worth sum = {0};

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			sum = worth_add(sum, own_worth(f, i));
	return sum;
}

unsigned int count_routes(void)
{
	unsigned int count = 0;

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			count += m.route[f][i].present;
	return count;
}

static bool may_be_real(const struct refusals *refused, unsigned int f,
			unsigned int i)
{
	return m.route[f][i].identity && !refused->real[f][i];
}

/* --- the knapsack --- */
/* A worth in one number; NEVER: not allowed, whatever is added. */
#define NEVER (-((int64_t)1 << 60))
#define CELLS (FORESTS * PREFIXES_MAX * 3 + 1)

/* The most for 0..top slots; more slots than that are of no use. */
struct line {
	uint32_t top;
	int64_t at[CELLS];
};

static int64_t number(struct worth w)
{
	return w.critical * ((int64_t)1 << 32) + w.best_effort;
}

/* ... and back; best effort may be below 0. */
static struct worth worth_of(int64_t number)
{
	struct worth w = {.best_effort = (int32_t)(number & UINT32_MAX)};

	w.critical = (number - w.best_effort) >> 32;
	return w;
}

static int64_t both(int64_t a, int64_t b)
{
	return a < NEVER / 2 || b < NEVER / 2 ? NEVER : a + b;
}

static int64_t cell(const struct line *l, uint32_t slots)
{
	return l->at[MIN(slots, l->top)];
}

static void merge(struct line *out, const struct line *a, const struct line *b,
		  uint32_t slots)
{
	out->top = MIN(a->top + b->top, slots);
	for (uint32_t k = 0; k <= out->top; k++) {
		int64_t best = NEVER;

		for (uint32_t j = 0; j <= MIN(k, a->top); j++)
			best = MAX(best, both(a->at[j], cell(b, k - j)));
		out->at[k] = best;
	}
}

/* `out` may take `entry`'s worth and `own` instead, for `cost` slots more. */
static void offer(struct line *out, const struct line *entry, int64_t own,
		  uint32_t cost)
{
	for (uint32_t k = cost; k <= out->top; k++)
		out->at[k] = MAX(out->at[k], both(own, cell(entry, k - cost)));
}

/* Prefix i, if `above` answers from above; `below` has what both halves can
 * answer under every identity. */
static void decide(struct line *out, const struct refusals *refused,
		   unsigned int f, unsigned int i, uint32_t above,
		   const struct line *below, uint32_t slots, uint32_t floor)
{
	const struct route *r = &m.route[f][i];
	int64_t own = number(own_worth(f, i));
	int64_t paid = (int64_t)floor * m.cost[f];
	bool real = may_be_real(refused, f, i);

	if (!r->present) {
		out->top = below[above].top;
		memcpy(out->at, below[above].at,
		       (out->top + 1) * sizeof(out->at[0]));
		return;
	}
	out->top = 0;
	for (uint32_t id = 0; id < IDENTITIES; id++)
		out->top = MAX(out->top, below[id].top);
	out->top = MIN(out->top + m.cost[f], slots);
	for (uint32_t k = 0; k <= out->top; k++)
		out->at[k] = NEVER;
	if (above == 0)
		offer(out, &below[0], 0, 0);
	else if (r->identity == above)
		offer(out, &below[above], own, 0);
	if (above != 0 && !refused->punt[f][i])
		offer(out, &below[0], -paid, m.cost[f]);
	if (real)
		offer(out, &below[r->identity], own - paid, m.cost[f]);
}

static const struct line *best_of_forest(const struct refusals *refused,
					 unsigned int f, uint32_t slots,
					 uint32_t floor)
{
	static struct line best[PREFIXES_MAX][IDENTITIES], below[IDENTITIES];
	static const struct line nothing;

	for (unsigned int i = m.prefixes - 1; i; i--) {
		bool leaf = 2 * i >= m.prefixes;

		for (uint32_t id = 0; id < IDENTITIES; id++)
			merge(&below[id], leaf ? &nothing : &best[2 * i][id],
			      leaf ? &nothing : &best[2 * i + 1][id], slots);
		for (uint32_t id = 0; id < IDENTITIES; id++)
			decide(&best[i][id], refused, f, i, id, below, slots,
			       floor);
	}
	return &best[1][0];
}

struct worth optimum(const struct refusals *refused, uint32_t slots,
		     uint32_t floor)
{
	static struct line sum[2];
	struct line *was = &sum[0], *now = &sum[1];

	slots = MIN(slots, CELLS - 1);
	*was = (struct line){0};
	for (unsigned int f = 0; f < FORESTS; f++) {
		struct line *swap = was;

		merge(now, was, best_of_forest(refused, f, slots, floor),
		      slots);
		was = now;
		now = swap;
	}
	return worth_of(was->at[was->top]);
}

/* --- every choice --- */
struct place {
	unsigned int forest, index;
	uint8_t entry;
};

/* What a choice answers; false if it answers anything wrongly. */
static bool judge(const struct place *places, unsigned int count,
		  const struct refusals *refused, struct worth *ret,
		  uint32_t *ret_slots)
{
	*ret = (struct worth){0};
	*ret_slots = 0;
	for (unsigned int n = 0; n < count; n++) {
		const struct place *p = &places[n], *at = NULL;
		const struct route *r = &m.route[p->forest][p->index];

		if (p->entry == OFL_ENTRY_REAL &&
		    !may_be_real(refused, p->forest, p->index))
			return false;
		if (p->entry == OFL_ENTRY_PUNT &&
		    refused->punt[p->forest][p->index])
			return false;
		if (p->entry != OFL_ENTRY_NONE)
			*ret_slots += m.cost[p->forest];
		for (unsigned int i = p->index; i && !at; i >>= 1) {
			for (unsigned int k = 0; k < count; k++) {
				if (places[k].forest == p->forest &&
				    places[k].index == i &&
				    places[k].entry != OFL_ENTRY_NONE)
					at = &places[k];
			}
		}
		if (!at || at->entry == OFL_ENTRY_PUNT)
			continue;
		if (r->identity != m.route[at->forest][at->index].identity)
			return false;
		*ret = worth_add(*ret, own_worth(p->forest, p->index));
	}
	return true;
}

struct worth optimum_tried(const struct refusals *refused, uint32_t slots,
			   uint32_t floor)
{
	struct place places[TRIED_MAX];
	struct worth best = {0}, now;
	unsigned int count = 0, n;
	uint32_t taken;

	for (unsigned int f = 0; f < FORESTS; f++)
		for (unsigned int i = 1; i < m.prefixes; i++)
			if (m.route[f][i].present)
				places[count++] = (struct place){f, i, 0};
	do {
		if (judge(places, count, refused, &now, &taken) &&
		    taken <= slots) {
			now.best_effort -= (int64_t)floor * taken;
			best = worth_max(best, now);
		}
		/* The next number of `count` digits to the base of three. */
		for (n = 0; n < count && ++places[n].entry == 3; n++)
			places[n].entry = 0;
	} while (n < count);
	return best;
}

/* --- the sums --- */
struct sums_of {
	const struct refusals *refused;
	struct worth price;
	struct all_sums *all;
	unsigned int forest;
};

/* The best at route i, `identity` answering from above (0: nobody); false:
 * nothing is allowed. */
static bool best_under(const struct sums_of *of, unsigned int i,
		       uint32_t identity, struct worth *ret)
{
	const struct sums *s = &of->all->at[of->forest][i];
	int64_t cost = m.cost[of->forest];
	struct worth choice[3];
	unsigned int choices = 0;

	if (identity == 0) {
		*ret = s->best;
		return true;
	}
	if (s->can_be_real)
		choice[choices++] = worth_add_times(s->in, -cost, of->price);
	if (s->can_be_answered && m.route[of->forest][i].identity == identity)
		choice[choices++] = s->in;
	if (!of->refused->punt[of->forest][i])
		choice[choices++] = worth_add_times(s->out, -cost, of->price);
	if (choices == 0)
		return false;
	*ret = choice[0];
	while (--choices)
		*ret = worth_max(*ret, choice[choices]);
	return true;
}

/* The same of all routes right below i; how many forbid it. */
static unsigned int best_below(const struct sums_of *of, unsigned int i,
			       uint32_t identity, struct worth *sum)
{
	unsigned int blocked = 0;
	struct worth best;

	for (unsigned int c = 2 * i; c <= 2 * i + 1 && c < m.prefixes; c++) {
		if (!m.route[of->forest][c].present)
			blocked += best_below(of, c, identity, sum);
		else if (best_under(of, c, identity, &best))
			*sum = worth_add(*sum, best);
		else
			blocked++;
	}
	return blocked;
}

static void sums_of_route(const struct sums_of *of, unsigned int i,
			  int64_t unit)
{
	unsigned int f = of->forest;
	uint32_t identity = m.route[f][i].identity;
	struct sums *s = &of->all->at[f][i];

	best_below(of, i, 0, &s->out);
	s->best = s->out;
	if (!identity)
		return;
	s->in = worth_add_times(s->in, unit, own_worth(f, i));
	s->blocked = best_below(of, i, identity, &s->in);
	s->can_be_answered = !s->blocked;
	s->can_be_real = s->can_be_answered && !of->refused->real[f][i];
	if (s->can_be_real)
		s->best = worth_max(s->out,
				    worth_add_times(s->in, -(int64_t)m.cost[f],
						    of->price));
}

void sums_make(const struct refusals *refused, int64_t unit, struct worth price,
	       struct all_sums *ret)
{
	struct sums_of of = {refused, price, ret, 0};

	memset(ret, 0, sizeof(*ret));
	for (of.forest = 0; of.forest < FORESTS; of.forest++) {
		unsigned int f = of.forest;

		for (unsigned int i = m.prefixes - 1; i; i--)
			if (m.route[f][i].present)
				sums_of_route(&of, i, unit);
		if (m.route[f][1].present)
			ret->top = worth_add(ret->top, ret->at[f][1].best);
		else
			best_below(&of, 1, 0, &ret->top);
	}
}
