// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The emulated table carries out operations as hardware does; see
 * prov_emulated.h.
 *
 * Operations wait in one ring, in order, and take effect at the moment they
 * are answered: before that a lookup sees the old table.  So two operations
 * on one key cannot overtake each other, and a table that went silent has
 * done nothing behind anyone's back.
 *
 * It refuses what hardware would refuse and decides nothing else.  Faults are
 * set in prov_emulated_exercise.c, entries live in prov_emulated_lpm.c and,
 * if there is a file, in prov_emulated_file.c as well.
 */
#include <zebra.h>

#include <signal.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_emulated.h"
#include "offloadd/provider/prov_emulated_priv.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMULATED, "offload emulated table");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_EMU_QUEUE, "offload emulated queue");

#define FILE_RETRY_US 1000000

/* --- life --- */

static uint32_t slots_sum(const struct ofl_emu_table *t)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < t->count; i++)
		sum += t->entries[i].slots;
	return sum;
}

static void file_open(struct ofl_provider *p)
{
	p->path_text[0] = '\0';
	if (!ofl_emu_file_open(&p->file, p->path, &p->table, p->path_text,
			       sizeof(p->path_text)))
		return;
	p->stats.found = p->table.count;
	p->stats.used_slots = slots_sum(&p->table);
}

bool ofl_emulated_is_ready(const struct ofl_provider *p, const char **ret_text)
{
	*ret_text = p->path_text[0]  ? p->path_text
		    : p->faults.down ? OFL_EMU_DOWN_TEXT
				     : "";
	return !(*ret_text)[0];
}

static struct ofl_provider *
emulated_new(const struct ofl_hwtable_conf *conf,
	     const struct ofl_provider_events *events, void *arg,
	     const char **ret_error)
{
	struct ofl_provider *p = XCALLOC(MTYPE_OFL_EMULATED, sizeof(*p));

	p->events = events;
	p->arg = arg;
	p->stats.capacity_slots = conf->capacity_slots ? conf->capacity_slots
						       : OFL_EMULATED_CAPACITY;
	p->file.fd = -1;
	strlcpy(p->path, conf->emulated_file, sizeof(p->path));
	if (p->path[0])
		file_open(p);
	p->queue = XCALLOC(MTYPE_OFL_EMU_QUEUE,
			   OFL_EMULATED_QUEUE * sizeof(*p->queue));
	return p;
}

static void emulated_free(struct ofl_provider *p, uint32_t wait_ms)
{
	if (!p)
		return;
	ofl_emu_file_close(&p->file);
	ofl_emu_table_fini(&p->table);
	XFREE(MTYPE_OFL_EMU_QUEUE, p->queue);
	XFREE(MTYPE_OFL_EMULATED, p);
}

/* Everything of this table is out of the hardware: out of the file, too. */
static void emulated_clear(struct ofl_provider *p)
{
	while (p->table.count > 0)
		ofl_emulated_drop(p, &p->table.entries[p->table.count - 1]);
}

/* --- entries, in memory and in the file --- */

static void note_adopted(struct ofl_provider *p, struct ofl_emu_entry *e)
{
	/* What another life's forwarded is not told. */
	if (e->found)
		ofl_emu_entry_told(e);
	p->stats.found -= e->found;
	e->found = false;
}

static void write_entry(struct ofl_provider *p, struct ofl_emu_entry *e,
			uint64_t word, uint32_t identity)
{
	p->stats.used_slots += ofl_emu_word_slots(word) - e->slots;
	e->slots = ofl_emu_word_slots(word);
	e->entry = ofl_emu_word_entry(word);
	e->identity = e->entry == OFL_ENTRY_REAL ? identity : 0;
}

/* NULL: the file has no room and cannot grow. */
struct ofl_emu_entry *ofl_emulated_put(struct ofl_provider *p,
				       const struct ofl_key *key, uint64_t word,
				       uint32_t identity)
{
	struct ofl_emu_entry *e;
	uint32_t record = 0;

	if (p->file.head && !ofl_emu_file_add(&p->file, key, word, &record))
		return NULL;
	e = ofl_emu_table_add(&p->table, key);
	e->record = record;
	write_entry(p, e, word, identity);
	return e;
}

void ofl_emulated_set(struct ofl_provider *p, struct ofl_emu_entry *e,
		      uint64_t word, uint32_t identity)
{
	if (p->file.head)
		ofl_emu_file_set(&p->file, e->record, word);
	note_adopted(p, e);
	/* What was for software hardware did not forward. */
	if (e->entry != OFL_ENTRY_REAL)
		ofl_emu_entry_told(e);
	write_entry(p, e, word, identity);
}

void ofl_emulated_drop(struct ofl_provider *p, struct ofl_emu_entry *e)
{
	if (p->file.head)
		ofl_emu_file_del(&p->file, e->record);
	note_adopted(p, e);
	p->stats.used_slots -= e->slots;
	ofl_emu_table_del(&p->table, e);
}

/* --- taking operations --- */

/* Count down to the operation a fault was set for. */
static bool is_the_one(uint64_t *in)
{
	return *in > 0 && --*in == 0;
}

/* The crash that was asked for: nothing is said or tidied up. */
static void kill_at(uint64_t *in)
{
	if (is_the_one(in))
		kill(getpid(), SIGKILL);
}

static uint64_t hash_for(const struct ofl_provider *p,
			 const struct ofl_action *action)
{
	return p->file.head && action ? ofl_emu_hash_make(action) : 0;
}

static size_t emulated_submit(struct ofl_provider *p, const struct ofl_op *ops,
			      size_t n, uint64_t now_us)
{
	const char *text;
	size_t i;

	if (!ofl_emulated_is_ready(p, &text))
		return 0;
	for (i = 0; i < n && p->queue_count < OFL_EMULATED_QUEUE; i++) {
		uint32_t at =
			(p->queue_head + p->queue_count++) % OFL_EMULATED_QUEUE;
		struct ofl_emu_pending *q = &p->queue[at];
		bool fail = is_the_one(&p->faults.fail_in);
		bool no_space = is_the_one(&p->faults.no_space_in);

		*q = (struct ofl_emu_pending){
			.op_id = ops[i].id,
			.due_us = now_us + p->faults.latency_us,
			.key = ops[i].key,
			.hash = hash_for(p, ops[i].action),
			.identity = ops[i].identity,
			.slots = ops[i].slots,
			.kind = ops[i].kind,
			.entry = ops[i].entry,
			.fate = fail	   ? OFL_EMU_FATE_FAIL
				: no_space ? OFL_EMU_FATE_NO_SPACE
					   : OFL_EMU_FATE_NONE,
		};
		kill_at(&p->faults.kill_taken_in);
	}
	return i;
}

/* --- carrying them out --- */

static bool refuse(struct ofl_outcome *o, enum ofl_status status, int errnum,
		   const char *text)
{
	o->status = status;
	o->errnum = errnum;
	strlcpy(o->text, text, sizeof(o->text));
	return false;
}

/* The operation makes sense in itself. */
static bool is_sound(const struct ofl_provider *p,
		     const struct ofl_emu_pending *q, struct ofl_outcome *o)
{
	const struct ofl_prefix *pf = &q->key.p;
	bool family_ok = pf->family == AF_INET || pf->family == AF_INET6;

	if (!family_ok || pf->plen > ofl_family_bits(pf->family))
		return refuse(o, OFL_STATUS_ERROR, EINVAL, "not a prefix");
	if (q->kind == OFL_OP_DEL)
		return true;
	if (q->kind != OFL_OP_ADD && q->kind != OFL_OP_REPLACE)
		return refuse(o, OFL_STATUS_ERROR, EINVAL, "no such operation");
	if (q->entry != OFL_ENTRY_REAL && q->entry != OFL_ENTRY_PUNT)
		return refuse(o, OFL_STATUS_ERROR, EINVAL, "no such entry");
	if (q->entry == OFL_ENTRY_REAL &&
	    (q->identity == 0 || (p->file.head && q->hash == 0)))
		return refuse(o, OFL_STATUS_ERROR, EINVAL,
			      "an entry that forwards needs an action");
	if (q->slots == 0)
		return refuse(o, OFL_STATUS_ERROR, EINVAL,
			      "an entry takes at least one slot");
	return true;
}

/* No fault that was asked for stands in the way. */
static bool is_spared(const struct ofl_emu_faults *f,
		      const struct ofl_emu_pending *q, struct ofl_outcome *o)
{
	bool hit[OFL_EMU_REFUSE_MAX] = {
		[OFL_EMU_REFUSE_ADD] = q->kind == OFL_OP_ADD,
		[OFL_EMU_REFUSE_REPLACE] = q->kind == OFL_OP_REPLACE,
		[OFL_EMU_REFUSE_DEL] = q->kind == OFL_OP_DEL,
		[OFL_EMU_REFUSE_REAL] =
			q->kind != OFL_OP_DEL && q->entry == OFL_ENTRY_REAL,
		[OFL_EMU_REFUSE_PUNT] =
			q->kind != OFL_OP_DEL && q->entry == OFL_ENTRY_PUNT,
	};

	if (f->down)
		return refuse(o, OFL_STATUS_ERROR, ENODEV, OFL_EMU_DOWN_TEXT);
	if (q->fate == OFL_EMU_FATE_FAIL)
		return refuse(o, OFL_STATUS_ERROR, EIO, f->fail_text);
	if (q->fate == OFL_EMU_FATE_NO_SPACE)
		return refuse(o, OFL_STATUS_NO_SPACE, ENOSPC,
			      "no space, although there is some");
	for (int i = 0; i < OFL_EMU_REFUSE_MAX; i++)
		if (f->refuse[i] && hit[i])
			return refuse(o, OFL_STATUS_UNSUPPORTED, EOPNOTSUPP,
				      f->refuse_text[i]);
	return true;
}

/* An entry that does not grow always fits, also after the table shrank: a
 * punt in place of a real entry must never need a free slot. */
static bool has_space(const struct ofl_provider *p,
		      const struct ofl_emu_pending *q, uint32_t old_slots,
		      struct ofl_outcome *o)
{
	uint64_t slots = (uint64_t)p->stats.used_slots - old_slots + q->slots;

	if (slots <= p->stats.capacity_slots || q->slots <= old_slots)
		return true;
	refuse(o, OFL_STATUS_NO_SPACE, ENOSPC, "");
	snprintf(o->text, sizeof(o->text),
		 "table full: %u of %u slots used, %u more asked",
		 p->stats.used_slots, p->stats.capacity_slots,
		 q->slots - old_slots);
	return false;
}

/* What all lives have done is told by the file. */
static void count_ops(struct ofl_provider *p, uint8_t kind)
{
	struct ofl_emu_head *head = p->file.head;

	p->stats.added += kind == OFL_OP_ADD;
	p->stats.replaced += kind == OFL_OP_REPLACE;
	p->stats.deleted += kind == OFL_OP_DEL;
	if (!head)
		return;
	head->added += kind == OFL_OP_ADD;
	head->replaced += kind == OFL_OP_REPLACE;
	head->deleted += kind == OFL_OP_DEL;
}

/* Counters start again with an add and go on through a replace. */
static bool carry_out(struct ofl_provider *p, const struct ofl_emu_pending *q,
		      struct ofl_outcome *o)
{
	uint64_t word = ofl_emu_word_make(
		q->entry, q->slots, q->entry == OFL_ENTRY_REAL ? q->hash : 0);
	struct ofl_emu_entry *e;

	if (!is_spared(&p->faults, q, o) || !is_sound(p, q, o))
		return false;
	e = ofl_emu_table_find(&p->table, &q->key);
	if (e && q->kind == OFL_OP_ADD)
		return refuse(o, OFL_STATUS_ERROR, EEXIST,
			      "an entry is there already");
	if (!e && q->kind != OFL_OP_ADD)
		return refuse(o, OFL_STATUS_ERROR, ENOENT, "no such entry");

	if (q->kind != OFL_OP_DEL && !has_space(p, q, e ? e->slots : 0, o))
		return false;
	if (q->kind == OFL_OP_DEL)
		ofl_emulated_drop(p, e);
	else if (e)
		ofl_emulated_set(p, e, word, q->identity);
	else if (!ofl_emulated_put(p, &q->key, word, q->identity))
		return refuse(o, OFL_STATUS_NO_SPACE, ENOSPC,
			      "emulated file: it cannot grow");
	count_ops(p, q->kind);
	return true;
}

/* --- answers --- */

static void announce(struct ofl_provider *p)
{
	const char *text;
	bool ready = ofl_emulated_is_ready(p, &text);

	p->announced = true;
	p->events->capacity(p->arg, p->stats.capacity_slots);
	p->events->ready(p->arg, ready, text);
}

/* Whoever has the file may have ended, or somebody put it right. */
static uint64_t file_retry(struct ofl_provider *p, uint64_t now_us)
{
	const char *text;
	bool ready;

	if (now_us >= p->path_retry_us) {
		if (p->path_retry_us) {
			file_open(p);
			ready = ofl_emulated_is_ready(p, &text);
			p->events->ready(p->arg, ready, text);
		}
		p->path_retry_us = now_us + FILE_RETRY_US;
	}
	return p->path_text[0] ? p->path_retry_us : UINT64_MAX;
}

static uint64_t emulated_poll(struct ofl_provider *p, uint64_t now_us,
			      unsigned int budget)
{
	bool more;

	if (!p->announced)
		announce(p);
	if (p->path_text[0]) {
		(void)ofl_emulated_count_step(p);
		return file_retry(p, now_us);
	}
	more = ofl_emulated_count_step(p);
	while (p->queue_count > 0 && !p->faults.silent) {
		struct ofl_emu_pending q = p->queue[p->queue_head];
		struct ofl_outcome o;

		if (q.due_us > now_us && !p->faults.down)
			return more ? 0 : q.due_us;
		if (budget-- == 0)
			return 0;
		p->queue_head = (p->queue_head + 1) % OFL_EMULATED_QUEUE;
		p->queue_count--;

		o.op_id = q.op_id;
		o.status = OFL_STATUS_OK;
		o.errnum = 0;
		o.text[0] = '\0';
		if (!carry_out(p, &q, &o))
			p->stats.refused++;
		kill_at(&p->faults.kill_done_in);
		p->events->done(p->arg, &o);
	}
	return more ? 0 : UINT64_MAX;
}

static int emulated_fd(struct ofl_provider *p)
{
	return -1;
}

/* --- looking --- */

static struct ofl_hw_entry hw_entry_make(const struct ofl_emu_entry *e)
{
	return (struct ofl_hw_entry){
		.key = e->key,
		.entry = e->entry,
		.slots = e->slots,
		.identity = e->identity,
		.found = e->found,
		.packets = e->packets,
		.bytes = e->bytes,
	};
}

static bool emulated_find(struct ofl_provider *p, const struct ofl_key *key,
			  struct ofl_hw_entry *ret)
{
	const struct ofl_emu_entry *e = ofl_emu_table_find(&p->table, key);

	if (!e)
		return false;
	*ret = hw_entry_make(e);
	return true;
}

static bool emulated_adopt(struct ofl_provider *p, const struct ofl_key *key,
			   const struct ofl_action *action)
{
	struct ofl_emu_entry *e = ofl_emu_table_find(&p->table, key);
	uint64_t word;

	if (!e || !p->file.head)
		return false;
	note_adopted(p, e);
	if (e->entry == OFL_ENTRY_PUNT)
		return true;
	word = p->file.records[e->record].does;
	if (!action || ofl_emu_word_hash(word) != ofl_emu_hash_make(action))
		return false;
	e->identity = action->id;
	return true;
}

static void emulated_dump(struct ofl_provider *p, uint32_t *at,
			  unsigned int max,
			  void (*cb)(const struct ofl_hw_entry *e, void *arg),
			  void *arg)
{
	uint32_t i = *at;

	for (; i < p->table.count && max; i++, max--) {
		struct ofl_hw_entry hw = hw_entry_make(&p->table.entries[i]);

		cb(&hw, arg);
	}
	*at = i < p->table.count ? i : 0;
}

static void emulated_stats(struct ofl_provider *p,
			   struct ofl_provider_stats *ret)
{
	*ret = p->stats;
	ret->entries = p->table.count;
	ret->in_flight = p->queue_count;
}

enum ofl_hit ofl_emulated_lookup(struct ofl_provider *p, uint32_t vrf,
				 uint8_t family, const uint8_t *addr,
				 bool count, uint32_t bytes,
				 uint32_t *ret_identity)
{
	struct ofl_emu_entry *e =
		ofl_emu_table_match(&p->table, vrf, family, addr);

	if (!e)
		return OFL_HIT_MISS;
	if (count)
		ofl_emulated_hit(p, e, 1, bytes);
	if (e->entry == OFL_ENTRY_PUNT)
		return OFL_HIT_PUNT;
	*ret_identity = e->identity;
	return OFL_HIT_REAL;
}

static void emulated_resize(struct ofl_provider *p, uint32_t capacity_slots)
{
	p->stats.capacity_slots =
		capacity_slots ? capacity_slots : OFL_EMULATED_CAPACITY;
}

const struct ofl_provider_ops ofl_prov_emulated = {
	.name = "emulated",
	.new = emulated_new,
	.free = emulated_free,
	.clear = emulated_clear,
	.submit = emulated_submit,
	.poll = emulated_poll,
	.fd = emulated_fd,
	.adopt = emulated_adopt,
	.find = emulated_find,
	.dump = emulated_dump,
	.count = ofl_emulated_count,
	.sample = ofl_emulated_sample,
	.regions = ofl_emulated_regions,
	.sampling = ofl_emulated_sampling,
	.stats = emulated_stats,
	.resize = emulated_resize,
	.exercise = ofl_emulated_exercise,
};
