// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The auditor's passes; see audit.h.  Rows of the database are audit_store.c's.
 *
 * Whatever has an operation on its way is left alone: its answer tells.  What a
 * walk missed because entries moved is asked for once more before it counts.
 */
#include <zebra.h>

#include "log.h"

#include "lib/clock.h"
#include "offloadd/base/errors.h"
#include "offloadd/engine/audit_private.h"

#define STEP_BATCH 512
#define STEP_MS 20
#define EVENTS_MAX 16 /* told to the store, a pass */
#define WAIT_MS 1000  /* when nothing may be compared now */

struct ofl_audit ofl_audit;

void ofl_audit_conf_init(struct ofl_audit_conf *c)
{
	c->interval_s = 300;
	c->repairs_per_s = 1000;
}

const char *ofl_difference_name(enum ofl_difference d)
{
	static const char *const names[OFL_DIFFERENCE_MAX] = {
		[OFL_DIFFERENCE_MISSING] = "missing",
		[OFL_DIFFERENCE_CHANGED] = "changed",
		[OFL_DIFFERENCE_EXTRA] = "extra",
		[OFL_DIFFERENCE_STORED] = "stored",
	};

	return d < OFL_DIFFERENCE_MAX ? names[d] : "unknown";
}

/* --- what was found --- */

static void tell_store(const struct ofl_audit_found *f)
{
	char prefix[OFL_PREFIX_STRLEN], text[256];
	struct ofl_store_event e = {
		.at_us = f->at_us,
		.kind = "audit-difference",
		.table = f->table[0] ? f->table : NULL,
		.text = text,
	};

	if (ofl_audit.events_left == 0 || !ofl_eng.store)
		return;
	ofl_audit.events_left--;
	snprintf(text, sizeof(text), "%s%s%s: %s",
		 f->has_key
			 ? ofl_prefix_print(&f->key.p, prefix, sizeof(prefix))
			 : "",
		 f->has_key ? " " : "", ofl_difference_name(f->what), f->text);
	ofl_store_put_event(ofl_eng.store, &e);
}

void ofl_audit_record(const char *table, const struct ofl_key *key,
		      enum ofl_difference what, enum ofl_audit_by by,
		      const char *text)
{
	struct ofl_audit_found *f =
		&ofl_audit.found[ofl_audit.found_count++ % OFL_AUDIT_FOUND_MAX];

	memset(f, 0, sizeof(*f));
	f->at_us = ofl_clock_wall_us();
	f->what = what;
	f->by = by;
	if (table)
		strlcpy(f->table, table, sizeof(f->table));
	f->has_key = key != NULL;
	if (key)
		f->key = *key;
	strlcpy(f->text, text ? text : "", sizeof(f->text));
	ofl_audit.st.differences[what][by]++;
	if (by == OFL_AUDIT_BY_PASS)
		ofl_audit.pass.pass_differences++;
	if (!ofl_audit.warned)
		flog_warn(EC_OFL_AUDIT,
			  "an audit found differences; show offload audit");
	ofl_audit.warned = true;
	tell_store(f);
}

void ofl_audit_repaired(void)
{
	ofl_audit.st.repaired++;
	if (ofl_audit.repairs_left)
		ofl_audit.repairs_left--;
	ofl_turn_schedule();
}

void ofl_audit_differs(const struct ofl_hw *t, const struct ofl_key *key,
		       enum ofl_difference what, const char *text)
{
	ofl_audit_record(t->conf.name, key, what, OFL_AUDIT_BY_PROVIDER, text);
}

void ofl_audit_provider_done(const struct ofl_hw *t, uint32_t entries)
{
	ofl_audit.st.provider_audits++;
	ofl_audit.st.provider_entries = entries;
}

/* --- what is installed --- */

static bool is_ready(const struct ofl_hw *t)
{
	return t && t->ready && !t->retiring && t->adopt == OFL_ADOPT_DONE;
}

/* What hardware has of this key is not what was thought: from now on it is
 * known, and its route decided again. */
static void correct(struct ofl_hw *t, const struct ofl_hw_entry *e, bool known)
{
	if (known)
		ofl_place_lost(t->place, &e->key);
	ofl_place_adopt(t->place, &e->key, e->entry, ofl_adopt_identity(t));
	ofl_outcome_drain(t);
	ofl_audit_repaired();
}

static bool is_same(uint32_t a, uint32_t b)
{
	return a == b || (ofl_identity_is_found(a) && ofl_identity_is_found(b));
}

static void look_at_entry(const struct ofl_hw_entry *e, void *arg)
{
	struct ofl_hw *t = arg;
	struct ofl_place_view v;
	bool known = ofl_place_view(t->place, &e->key, &v);

	ofl_audit.pass.entries++;
	if (e->found || (known && v.in_flight != OFL_OP_NONE))
		return;
	if (!known || v.entry == OFL_ENTRY_NONE) {
		ofl_audit_record(t->conf.name, &e->key, OFL_DIFFERENCE_EXTRA,
				 OFL_AUDIT_BY_PASS,
				 "hardware has an entry that nobody asked for");
		correct(t, e, false);
	} else if (v.entry != e->entry || (e->entry == OFL_ENTRY_REAL &&
					   !is_same(v.identity, e->identity))) {
		ofl_audit_record(t->conf.name, &e->key, OFL_DIFFERENCE_CHANGED,
				 OFL_AUDIT_BY_PASS,
				 "the entry does something else in hardware");
		correct(t, e, true);
	}
}

/* True: there is more. */
static bool walk_entries(void)
{
	struct ofl_hw *t = ofl_audit.table < OFL_TABLES_MAX
				   ? ofl_eng.tables[ofl_audit.table]
				   : NULL;

	if (ofl_audit.table == OFL_TABLES_MAX)
		return false;
	if (is_ready(t)) {
		if (!ofl_audit.at && t->ops->audit)
			t->ops->audit(t->prov);
		t->ops->dump(t->prov, &ofl_audit.at,
			     MIN(STEP_BATCH, ofl_audit.repairs_left),
			     look_at_entry, t);
	} else {
		ofl_audit.at = 0;
	}
	if (!ofl_audit.at)
		ofl_audit.table++;
	return true;
}

/* --- what should be installed --- */

static void look_at_flow(struct ofl_flow *f, void *arg)
{
	struct ofl_hw_entry e;
	struct ofl_place_view v;

	ofl_audit.pass.flows++;
	for (unsigned int i = 0; i < OFL_TABLES_MAX && f->placed >> i; i++) {
		struct ofl_hw *t = ofl_eng.tables[i];

		if (!(f->placed & (1u << i)) || !is_ready(t) ||
		    !ofl_place_view(t->place, &f->key, &v) ||
		    v.entry == OFL_ENTRY_NONE || v.in_flight != OFL_OP_NONE ||
		    t->ops->find(t->prov, &f->key, &e))
			continue;
		ofl_audit_record(t->conf.name, &f->key, OFL_DIFFERENCE_MISSING,
				 OFL_AUDIT_BY_PASS,
				 "the entry is not in hardware any more");
		ofl_notify_removed(t->conf.name, &f->key, "found by an audit");
		ofl_place_lost(t->place, &f->key);
		ofl_outcome_drain(t);
		ofl_audit_repaired();
	}
}

static bool walk_flows(void)
{
	ofl_flowtab_walk_some(ofl_eng.flows, &ofl_audit.at,
			      MIN(STEP_BATCH, ofl_audit.repairs_left),
			      look_at_flow, NULL);
	return ofl_audit.at != 0;
}

/* --- a pass --- */

static void on_step(struct ofl_ev *ev);

static void step_in(uint32_t ms)
{
	ofl_ev_off(ofl_audit.timer);
	ofl_ev_timer_ms(ofl_eng.loop, on_step, NULL, ms, &ofl_audit.timer);
}

static void end_pass(void)
{
	struct ofl_audit_status *p = &ofl_audit.pass;
	uint32_t interval_s = ofl_eng.conf->audit.interval_s;

	ofl_audit.st.passes++;
	ofl_audit.st.began_us = p->began_us;
	ofl_audit.st.ended_us = ofl_clock_wall_us();
	ofl_audit.st.entries = p->entries;
	ofl_audit.st.flows = p->flows;
	ofl_audit.st.rows = p->rows;
	ofl_audit.st.rows_compared = p->rows_compared;
	ofl_audit.st.pass_differences = p->pass_differences;
	ofl_audit.step = OFL_AUDIT_IDLE;
	ofl_audit.due_us = UINT64_MAX;
	if (ofl_audit.again) {
		ofl_audit.again = false;
		ofl_audit.due_us = 0;
		step_in(STEP_MS);
	} else if (interval_s) {
		ofl_audit.due_us =
			ofl_clock_mono_us() + interval_s * 1000000ull;
		step_in(interval_s * 1000);
	}
}

static void begin_pass(void)
{
	memset(&ofl_audit.pass, 0, sizeof(ofl_audit.pass));
	ofl_audit.pass.began_us = ofl_clock_wall_us();
	ofl_audit.step = OFL_AUDIT_ENTRIES;
	ofl_audit.table = 0;
	ofl_audit.at = 0;
	ofl_audit.warned = false;
	ofl_audit.events_left = EVENTS_MAX;
}

/* Repairs of one second; true: none is left of it. */
static bool is_out_of_repairs(void)
{
	uint64_t second = ofl_clock_mono_us() / 1000000;

	if (second != ofl_audit.second) {
		ofl_audit.second = second;
		ofl_audit.repairs_left = ofl_eng.conf->audit.repairs_per_s;
	}
	return ofl_audit.repairs_left == 0;
}

static void on_step(struct ofl_ev *ev)
{
	/* What is being taken over, or not known yet, cannot be compared. */
	if (ofl_restart_is_on() || is_out_of_repairs()) {
		step_in(WAIT_MS);
		return;
	}
	switch (ofl_audit.step) {
	case OFL_AUDIT_IDLE:
		begin_pass();
		break;
	case OFL_AUDIT_ENTRIES:
		if (walk_entries())
			break;
		ofl_audit.step = OFL_AUDIT_FLOWS;
		ofl_audit.at = 0;
		break;
	case OFL_AUDIT_FLOWS:
		if (walk_flows())
			break;
		ofl_audit.step = OFL_AUDIT_ROWS;
		ofl_audit_rows_begin();
		break;
	case OFL_AUDIT_ROWS:
		if (ofl_audit_rows_step(STEP_BATCH))
			break;
		end_pass();
		return;
	}
	step_in(STEP_MS);
}

bool ofl_audit_now(void)
{
	if (ofl_audit.step != OFL_AUDIT_IDLE) {
		ofl_audit.again = true;
		return false;
	}
	ofl_audit.due_us = 0;
	step_in(0);
	return true;
}

/* --- life, and asking --- */

void ofl_audit_configure(void)
{
	uint32_t interval_s = ofl_eng.conf->audit.interval_s;

	if (ofl_audit.step != OFL_AUDIT_IDLE)
		return; /* when it has ended */
	ofl_ev_off(ofl_audit.timer);
	ofl_audit.due_us = UINT64_MAX;
	if (!interval_s)
		return;
	ofl_audit.due_us = ofl_clock_mono_us() + interval_s * 1000000ull;
	step_in(interval_s * 1000);
}

void ofl_audit_fini(void)
{
	ofl_ev_off(ofl_audit.timer);
	ofl_audit_rows_end();
	memset(&ofl_audit, 0, sizeof(ofl_audit));
}

void ofl_audit_status(struct ofl_audit_status *ret)
{
	static const char *const steps[] = {
		[OFL_AUDIT_IDLE] = "",
		[OFL_AUDIT_ENTRIES] = "entries",
		[OFL_AUDIT_FLOWS] = "flows",
		[OFL_AUDIT_ROWS] = "rows",
	};
	uint64_t now_us = ofl_clock_mono_us();

	*ret = ofl_audit.st;
	ret->running = ofl_audit.step != OFL_AUDIT_IDLE;
	ret->step = steps[ofl_audit.step];
	if (!ret->running && ofl_audit.due_us != UINT64_MAX &&
	    ofl_audit.due_us > now_us)
		ret->next_in_ms = (ofl_audit.due_us - now_us) / 1000;
}

void ofl_audit_walk(bool (*cb)(const struct ofl_audit_found *f, void *arg),
		    void *arg)
{
	uint64_t n = MIN(ofl_audit.found_count, OFL_AUDIT_FOUND_MAX);

	for (uint64_t i = 1; i <= n; i++)
		if (!cb(&ofl_audit.found[(ofl_audit.found_count - i) %
					 OFL_AUDIT_FOUND_MAX],
			arg))
			return;
}
