// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shrink guard of the mirror against a naive model of it: random days of
 * announcements, withdrawals, resyncs and releases.  At every moment a flow is
 * there, or held, if and only if the model says so.
 */
#include "tests/unit/shrink_fixture.h"

#define ROUTES 60
#define DAYS 400
#define STEPS 300

enum where { ABSENT, LIVE, STALE, HELD };

/* The rule as it is written down, with the whole history kept. */
struct model {
	enum where where[ROUTES];
	bool stale_held[ROUTES]; /* HELD by a sweep */
	bool in_sync, holding, releasing;
	unsigned int total; /* at the beginning of the resync */
	uint64_t since_us, until_us;
	unsigned int percent, minimum;
	int level;
	struct {
		uint64_t second;
		int level;
	} past[STEPS * ROUTES + 2];
	unsigned int past_count;
};

static uint32_t seed;

static unsigned int rnd(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static unsigned int count_of(const struct model *m, enum where w)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ROUTES; i++)
		n += m->where[i] == w;
	return n;
}

static void note_level(struct model *m)
{
	m->past[m->past_count].second = now_us / SECOND;
	m->past[m->past_count++].level = m->level;
}

/* Forget what was: the level now is all there is. */
static void forget(struct model *m)
{
	m->past_count = 0;
	note_level(m);
}

/* The most in the last seconds; a second begins with what was before. */
static int most(const struct model *m)
{
	uint64_t from = now_us / SECOND - (OFL_SHRINK_WINDOW_S - 1);
	int best = m->level;

	for (unsigned int i = 0; i < m->past_count; i++) {
		bool lasts =
			i + 1 == m->past_count || m->past[i + 1].second >= from;

		if (m->past[i].second >= from || lasts)
			best = m->past[i].level > best ? m->past[i].level
						       : best;
	}
	return best;
}

static bool too_much(const struct model *m, unsigned int lost, unsigned int of)
{
	return m->percent && lost >= m->minimum && lost * 100 > of * m->percent;
}

static void model_hold(struct model *m)
{
	if (!m->holding)
		m->since_us = now_us;
	m->holding = true;
	m->until_us = now_us + HOLD_S * SECOND;
}

static void model_release(struct model *m)
{
	for (unsigned int i = 0; i < ROUTES; i++)
		if (m->where[i] == HELD)
			m->where[i] = ABSENT;
	m->holding = m->releasing = false;
	forget(m);
}

static void model_add(struct model *m, unsigned int i)
{
	if (m->where[i] == ABSENT || m->where[i] == HELD) {
		m->level++;
		note_level(m);
	}
	m->where[i] = LIVE;
}

static void model_del(struct model *m, unsigned int i)
{
	unsigned int lost = most(m) - m->level;
	unsigned int there = count_of(m, LIVE) + count_of(m, STALE);

	if (m->where[i] == ABSENT || m->where[i] == HELD)
		return;
	if (!m->holding && too_much(m, lost + 1, there + lost))
		model_hold(m);
	m->level--;
	note_level(m);
	m->where[i] = m->holding ? HELD : ABSENT;
	m->stale_held[i] = false;
}

static void model_sync_begin(struct model *m)
{
	m->in_sync = true;
	for (unsigned int i = 0; i < ROUTES; i++)
		if (m->where[i] == LIVE)
			m->where[i] = STALE;
	m->total = count_of(m, STALE);
}

static void model_sync_end(struct model *m)
{
	unsigned int stale = count_of(m, STALE);

	if (!m->in_sync)
		return;
	m->in_sync = false;
	if (too_much(m, stale, m->total))
		model_hold(m);
	else if (m->holding && now_us >= m->until_us)
		m->releasing = true;
	for (unsigned int i = 0; i < ROUTES; i++) {
		bool hold = m->holding && !m->releasing;

		if (m->where[i] != STALE)
			continue;
		m->where[i] = hold ? HELD : ABSENT;
		m->stale_held[i] = true;
	}
	forget(m);
	if (m->releasing)
		model_release(m);
}

static void model_tick(struct model *m)
{
	if (!m->holding || m->in_sync)
		return;
	if (now_us >= m->until_us ||
	    (!count_of(m, HELD) &&
	     now_us >= m->since_us + OFL_SHRINK_WINDOW_S * SECOND))
		model_release(m);
}

static void model_compare(struct fixture *fx, const struct model *m)
{
	for (unsigned int i = 0; i < ROUTES; i++) {
		const struct ofl_flow *f = nth_flow(fx, i);
		bool there = f && !f->withdrawn;

		assert_int_equal(there, m->where[i] != ABSENT);
		assert_int_equal(there && f->action, m->where[i] != ABSENT);
		assert_int_equal(there && f->retained, m->where[i] == HELD);
		if (m->where[i] == HELD)
			assert_int_equal(f->retained_stale, m->stale_held[i]);
	}
	assert_int_equal(stats(fx).state == OFL_SHRINK_HOLDING, m->holding);
	assert_int_equal(stats(fx).held, count_of(m, HELD));
	if (m->holding)
		assert_true(stats(fx).until_us == m->until_us);
}

static void random_step(struct fixture *fx, struct model *m,
			const struct ofl_rawnh *nh)
{
	unsigned int from = rnd(ROUTES), n = rnd(4) ? rnd(4) : rnd(ROUTES);
	unsigned int to = from + n < ROUTES ? from + n : ROUTES;
	unsigned int what = rnd(20);

	if (what < 9) {
		const struct ofl_rawnh *via_which = &nh[rnd(2)];

		add_many(fx, 0, from, to, via_which);
		for (unsigned int i = from; i < to; i++)
			model_add(m, i);
	} else if (what < 15) {
		del_many(fx, 0, from, to);
		for (unsigned int i = from; i < to; i++)
			model_del(m, i);
	} else if (what < 17) {
		static const unsigned int ms[] = {300, 1000, 7000, 31000};

		pass(fx, ms[rnd(4)] * 1000ULL);
		model_tick(m);
	} else if (what == 17) {
		ofl_rib_sync_begin(fx->rib);
		model_sync_begin(m);
	} else if (what == 18) {
		sync_end(fx);
		model_sync_end(m);
	} else if (rnd(3)) {
		ofl_rib_release(fx->rib);
		if (m->holding)
			model_release(m);
	} else {
		m->percent = rnd(3) ? 10 + rnd(40) : 0;
		m->minimum = 1 + rnd(10);
		guard(fx, m->percent, m->percent, m->minimum);
		if (!m->percent && m->holding)
			model_release(m);
	}
	work(fx);
}

static void test_random_days(void **state)
{
	static struct model m;
	struct fixture *fx = *state;
	struct ofl_rawnh nh[2] = {via("192.0.2.1", 1), via("192.0.2.2", 2)};
	uint64_t holds = 0, releases = 0, withdrawn = 0;

	for (unsigned int day = 0; day < DAYS; day++) {
		if (day) {
			assert_int_equal(teardown(state), 0);
			assert_int_equal(setup(state), 0);
			fx = *state;
		}
		seed = day * 7919 + 1;
		memset(&m, 0, sizeof(m));
		now_us = 1000 * SECOND;
		world(fx);
		pass(fx, 0);
		note_level(&m);
		m.percent = 25;
		m.minimum = 3;
		guard(fx, true, 25, 3);
		for (unsigned int i = 0; i < STEPS; i++) {
			random_step(fx, &m, nh);
			model_compare(fx, &m);
		}
		holds += stats(fx).holds;
		releases += stats(fx).releases;
		withdrawn += stats(fx).withdrawn;
	}
	/* These days were worth it. */
	assert_true(holds > DAYS && releases > DAYS && withdrawn > DAYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_random_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
