// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of `offload exercise`, between operations, to the emulated table.
 *
 * One line after the other; one that begins with '+', '*' or '-' is an
 * operation on the prefix behind it (add, replace, delete), '.' lets time go
 * by and counters be read.  Whatever is asked for, each operation is answered
 * at most once, the counters agree with what is there, and a line that is
 * refused says why.
 */
#include <zebra.h>

#include "offloadd/provider/prov_emulated.h"

#include "tests/fuzz/fuzz.h"

struct heard {
	uint64_t asked, answered;
	uint32_t capacity_slots;
	bool ready;
};

static void on_done(void *arg, const struct ofl_outcome *o)
{
	struct heard *h = arg;

	FUZZ_CHECK(o->op_id && o->op_id <= h->asked);
	FUZZ_CHECK(o->status <= OFL_STATUS_ERROR);
	FUZZ_CHECK(strnlen(o->text, sizeof(o->text)) < sizeof(o->text));
	FUZZ_CHECK(++h->answered <= h->asked);
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
	FUZZ_CHECK(key->p.family && text[0]);
}

static void on_capacity(void *arg, uint32_t capacity_slots)
{
	((struct heard *)arg)->capacity_slots = capacity_slots;
}

static void on_ready(void *arg, bool ready, const char *text)
{
	FUZZ_CHECK(ready || text[0]);
	((struct heard *)arg)->ready = ready;
}

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	FUZZ_CHECK(key->p.family && packets && bytes >= packets);
}

static void on_count_end(void *arg, uint32_t entries, const char *text)
{
	FUZZ_CHECK(!entries || !text[0]);
}

static void on_sampled(void *arg, const struct ofl_sample *sample)
{
	FUZZ_CHECK(sample->family && sample->rate == 3 && sample->bytes);
}

static void operate(struct ofl_provider *p, struct heard *h, const char *line,
		    uint64_t now_us)
{
	struct ofl_op op = {
		.id = h->asked + 1,
		.kind = line[0] == '+'	 ? OFL_OP_ADD
			: line[0] == '*' ? OFL_OP_REPLACE
					 : OFL_OP_DEL,
	};

	if (!ofl_prefix_parse(line + 1, true, &op.key.p))
		return;
	if (op.kind != OFL_OP_DEL) {
		op.entry = op.key.p.plen & 1 ? OFL_ENTRY_PUNT : OFL_ENTRY_REAL;
		op.identity = op.entry == OFL_ENTRY_REAL;
		op.slots = op.key.p.family == AF_INET ? 1 : 2;
	}
	h->asked += ofl_prov_emulated.submit(p, &op, 1, now_us);
}

struct sum {
	uint32_t entries, slots;
};

static void on_entry(const struct ofl_hw_entry *e, void *arg)
{
	struct sum *s = arg;

	s->entries++;
	s->slots += e->key.p.family == AF_INET ? 1 : 2;
}

static void check_sums(struct ofl_provider *p, const struct heard *h)
{
	struct ofl_provider_stats stats;
	struct sum s = {0};
	uint32_t at = 0;

	do {
		ofl_prov_emulated.dump(p, &at, 7, on_entry, &s);
	} while (at);
	ofl_prov_emulated.stats(p, &stats);
	FUZZ_CHECK(s.entries == stats.entries && s.slots == stats.used_slots);
	FUZZ_CHECK(stats.in_flight == h->asked - h->answered);
	FUZZ_CHECK(stats.capacity_slots == h->capacity_slots);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ofl_provider_events events = {
		.done = on_done,
		.lost = on_lost,
		.capacity = on_capacity,
		.ready = on_ready,
		.counted = on_counted,
		.count_end = on_count_end,
		.sampled = on_sampled,
	};
	const struct ofl_hwtable_conf conf = {.capacity_slots = 5};
	struct fuzz f = {.at = data, .left = size};
	char *text = fuzz_text(&f), *rest = text, *line;
	const char *error = NULL;
	struct heard h = {0};
	struct ofl_provider *p =
		ofl_prov_emulated.new(&conf, &events, &h, &error);
	uint64_t now_us = 1000000;

	FUZZ_CHECK(p);
	ofl_prov_emulated.poll(p, now_us, UINT32_MAX);
	ofl_prov_emulated.sample(p, 3);
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] && strchr("+*-", line[0])) {
			operate(p, &h, line, now_us);
		} else if (line[0] == '.') {
			now_us += 1000;
			ofl_prov_emulated.count(p);
		} else {
			error = NULL;
			if (!ofl_prov_emulated.exercise(p, line, &error))
				FUZZ_CHECK(error && error[0]);
		}
		ofl_prov_emulated.poll(p, now_us, 3);
	}
	check_sums(p, &h);
	ofl_prov_emulated.free(p, 0);
	free(text);
	return 0;
}
