// SPDX-License-Identifier: GPL-2.0-or-later
/* Naive models of an ACL and of hardware; see acl_model.h. */
#include <zebra.h>

#include "tests/property/acl_model.h"

struct acl_model am;

static uint64_t random_state;

void acl_rnd_seed(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

uint32_t acl_rnd(uint32_t below)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return ((z ^ (z >> 31)) >> 32) % below;
}

static void dump(void)
{
	for (unsigned int i = 0; i < ACL_RULES; i++) {
		const struct acl_listed *l = &am.list[i];

		if (l->present)
			printf("  rule %u at %" PRIu64
			       ": identity %u class %u slots %u weight %u\n",
			       i + 1, l->rule.position, l->rule.identity,
			       l->rule.cls, l->rule.slots, l->rule.weight);
	}
	for (unsigned int i = 0; i < ACL_ENTRIES; i++) {
		const struct acl_entry *e = &am.entry[i];

		if (e->id)
			printf("  entry %" PRIu64
			       " pref %u: %s identity %u slots %u\n",
			       e->id, e->pref, ofl_entry_name(e->entry),
			       e->identity, e->slots);
	}
}

void acl_fail(const char *format, ...)
{
	va_list ap;

	printf("FAILED at seed %" PRIu64 " step %" PRIu64 ": ", am.seed,
	       am.step);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	dump();
	printf("0 passed, 1 failed\n");
	exit(1);
}

/* Two bits of the source, two of the protocol, two of the port, one mark. */
void acl_model_begin(uint64_t seed)
{
	uint64_t ops = am.ops, checks = am.checks;

	memset(&am, 0, sizeof(am));
	am.seed = seed;
	am.ops = ops;
	am.checks = checks;
	for (unsigned int i = 0; i < ACL_PACKETS; i++) {
		struct ofl_packet *p = &am.packet[i];

		ofl_packet_init(p);
		ofl_packet_set(p, OFL_FIELD_SRC_V4, i & 3);
		ofl_packet_set(p, OFL_FIELD_PROTOCOL, i >> 2 & 3);
		ofl_packet_set(p, OFL_FIELD_MARK, i >> 6);
		p->number[OFL_NUMBER_DST_PORT] = i >> 4 & 3;
		am.allowed[i] = 1;
	}
	am.hw_capacity = UINT32_MAX;
}

static uint32_t effective(const struct acl_listed *l)
{
	if (l->rule.cls == OFL_CLASS_NEVER || l->rule.cover)
		return 0;
	return l->rule.identity;
}

static uint32_t first_match(unsigned int packet)
{
	const struct acl_listed *first = NULL;

	for (unsigned int i = 0; i < ACL_RULES; i++) {
		const struct acl_listed *l = &am.list[i];

		if (l->present && l->hits[packet] &&
		    (!first || l->rule.position < first->rule.position))
			first = l;
	}
	return first ? effective(first) : 0;
}

void acl_model_listed(unsigned int i)
{
	struct acl_listed *l = &am.list[i];

	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		l->hits[k] = l->present &&
			     ofl_match_has_packet(&l->match, &am.packet[k]);
	}
	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		am.truth[k] = first_match(k);
		am.allowed[k] |= 1u << am.truth[k];
		for (unsigned int n = 0; n < am.pending_count; n++)
			am.pending[n].allowed[k] |= 1u << am.truth[k];
	}
}

bool acl_model_depends(unsigned int l, unsigned int d)
{
	const struct acl_listed *low = &am.list[l], *high = &am.list[d];

	if (!low->present || !high->present ||
	    high->rule.position >= low->rule.position ||
	    (effective(high) && effective(high) == effective(low)))
		return false;
	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		if (low->hits[k] && high->hits[k])
			return true;
	}
	return false;
}

bool acl_model_is_eligible(unsigned int i)
{
	if (!am.list[i].present || !effective(&am.list[i]) ||
	    !am.list[i].rule.slots)
		return false;
	for (unsigned int d = 0; d < ACL_RULES; d++) {
		if (acl_model_depends(i, d) && !am.list[d].rule.slots)
			return false;
	}
	return true;
}

/* --- hardware --- */
uint32_t acl_model_answers(unsigned int packet)
{
	uint32_t answers = 1, best = UINT32_MAX;

	for (unsigned int i = 0; i < ACL_ENTRIES; i++) {
		const struct acl_entry *e = &am.entry[i];

		if (!e->id || !e->hits[packet] || e->pref > best)
			continue;
		if (e->pref < best)
			answers = 0;
		best = e->pref;
		answers |= 1u << e->identity;
	}
	return answers;
}

/* Those that are wrong. */
static uint32_t wrong_answers(unsigned int packet)
{
	return acl_model_answers(packet) & ~1u & ~(1u << am.truth[packet]);
}

uint32_t acl_model_slots(void)
{
	uint32_t slots = 0;

	for (unsigned int i = 0; i < ACL_ENTRIES; i++)
		slots += am.entry[i].id ? am.entry[i].slots : 0;
	return slots;
}

static struct acl_entry *entry_find(uint64_t id)
{
	for (unsigned int i = 0; i < ACL_ENTRIES; i++) {
		if (am.entry[i].id == id)
			return &am.entry[i];
	}
	return NULL;
}

const struct acl_entry *acl_model_entry(uint64_t id)
{
	return entry_find(id);
}

void acl_model_send(const struct ofl_acl_op *op)
{
	struct acl_pending *p = &am.pending[am.pending_count++];

	if (am.pending_count > ACL_PENDING)
		acl_fail("more operations than may be unanswered");
	memset(p, 0, sizeof(*p));
	p->op = *op;
	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		p->hits[k] = ofl_match_has_packet(op->match, &am.packet[k]);
		p->allowed[k] = 1u << am.truth[k];
	}
}

/* False: it cannot be done; `op` asks for what is not there. */
static bool carry_out(const struct acl_pending *p)
{
	const struct ofl_acl_op *op = &p->op;
	struct acl_entry *e =
		entry_find(op->kind == OFL_OP_ADD ? 0 : op->entry_id);

	if (!e)
		return false;
	if (op->kind == OFL_OP_DEL) {
		e->id = 0;
		return true;
	}
	if (op->kind == OFL_OP_REPLACE &&
	    (e->pref != op->pref ||
	     memcmp(e->hits, p->hits, sizeof(e->hits)) != 0))
		acl_fail("a replacement is of another match or pref");
	e->id = op->entry_id;
	e->pref = op->pref;
	e->slots = op->slots;
	e->entry = op->entry;
	e->identity = op->entry == OFL_ENTRY_REAL ? op->identity : 0;
	memcpy(e->hits, p->hits, sizeof(e->hits));
	return true;
}

static void check_after(const struct acl_pending *p, const uint32_t *before)
{
	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		uint32_t wrong = wrong_answers(k);

		am.checks++;
		if (am.lost || p->forgiven)
			continue;
		if (wrong & ~am.allowed[k])
			acl_fail("A2: packet %u gets one of %#x, but the list"
				 " never gave it (it gives %u)",
				 k, wrong, am.truth[k]);
		if (wrong & ~before[k] & ~p->allowed[k])
			acl_fail("A2: packet %u is led to one of %#x by an"
				 " operation, the list gives %u",
				 k, wrong, am.truth[k]);
	}
	if (acl_model_slots() > am.bound_slots)
		acl_fail("A3: %u slots are taken, %u are there",
			 acl_model_slots(), am.bound_slots);
}

void acl_model_apply(struct acl_pending *p)
{
	uint32_t before[ACL_PACKETS];

	am.ops++;
	p->applied = true;
	for (unsigned int k = 0; k < ACL_PACKETS; k++)
		before[k] = acl_model_answers(k);
	if (am.fault_one_in && acl_rnd(am.fault_one_in) == 0) {
		p->status = OFL_STATUS_NO_SPACE + acl_rnd(3);
		am.faulty = true;
		return;
	}
	if (p->op.kind == OFL_OP_ADD &&
	    acl_model_slots() + p->op.slots > am.hw_capacity) {
		p->status = OFL_STATUS_NO_SPACE;
		am.faulty = true;
		return;
	}
	if (!carry_out(p)) {
		if (!am.lost && !p->forgiven)
			acl_fail("entry %" PRIu64 " is not there",
				 p->op.entry_id);
		p->status = OFL_STATUS_ERROR;
		return;
	}
	check_after(p, before);
}

uint64_t acl_model_lose(void)
{
	struct acl_entry *e = &am.entry[acl_rnd(ACL_ENTRIES / 8)];
	uint64_t id = e->id;

	for (unsigned int n = 0; n < am.pending_count; n++) {
		/* Answers and losses are told in the order they happen. */
		if (am.pending[n].applied && am.pending[n].op.entry_id == id)
			return 0;
	}
	if (!id)
		return 0;
	e->id = 0;
	am.lost = am.faulty = true;
	for (unsigned int n = 0; n < am.pending_count; n++)
		am.pending[n].forgiven = true;
	return id;
}

void acl_model_check_right(void)
{
	for (unsigned int k = 0; k < ACL_PACKETS; k++) {
		uint32_t wrong = wrong_answers(k);

		am.checks++;
		if (wrong)
			acl_fail("A1: at rest packet %u gets one of %#x"
				 " instead of %u",
				 k, wrong, am.truth[k]);
	}
}

void acl_model_rest(void)
{
	for (unsigned int k = 0; k < ACL_PACKETS; k++)
		am.allowed[k] = 1u << am.truth[k];
	am.lost = false;
}
