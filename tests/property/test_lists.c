// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Brute force over lists before ports: whatever is configured, whichever
 * operations fail and however long anything takes, after every single thing
 * that a provider does every packet is sent through hardware and software and
 * compared with the first match of what is configured.
 *
 *   L1  at rest: what the configuration gives
 *   L2  always: what it gives, or gave since rest
 *   L3  lists take no more of a table than they may
 *   L4  what is told of entries is what hardware holds
 *   L5  no mark is given by entries of two parts; at rest all are of the range
 *   L6  when nothing is attached, nothing is left
 *
 * The provider is tests/unit/list_fake.c.  Seeds that are odd have faults.
 */
#include <zebra.h>

#include "if.h"
#include "vrf.h"
#include "zclient.h"

#include "offloadd/engine/list_private.h"
#include "tests/property/args.h"
#include "tests/property/lists_random.h"
#include "tests/unit/list_fake.h"

#define SEATS (PORTS + 1) /* and one way out */
#define ACLS 3
#define FLOWS PORTS
#define LISTS (ACLS + FLOWS)
#define PACKETS 258
#define TABLE 2
#define SETTLE 200000

static struct {
	struct model_acl acl[LISTS];
	int attached[SEATS]; /* -1: nothing */
	uint32_t ifindex[PORTS];
	struct ofl_packet packet[PACKETS];
	struct ofl_ace_action action[ACTIONS];
	struct ofl_hwtable_conf conf;
	struct ofl_provider *hard, *soft;
	uint32_t truth[SEATS][PACKETS], allowed[SEATS][PACKETS];
	bool lost, odd, faulty, unsaid;
	uint64_t seed, step;
	uint64_t checks, commits, rests;
} m;

static void __attribute__((format(printf, 1, 2), noreturn))
fail(const char *format, ...)
{
	va_list ap;

	printf("FAILED at seed %" PRIu64 " step %" PRIu64 ": ", m.seed, m.step);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	printf("0 passed, 1 failed\n");
	exit(1);
}

static const char *port_of(unsigned int seat)
{
	return ports[seat % PORTS];
}

static bool is_egress(unsigned int seat)
{
	return seat >= PORTS;
}

/* Is it a port of the table? */
static bool is_of_table(unsigned int seat)
{
	for (unsigned int i = 0; i < m.conf.tc.port_count; i++) {
		if (strcmp(m.conf.tc.ports[i], port_of(seat)) == 0)
			return true;
	}
	return false;
}

/* --- packets, and what becomes of them --- */
static void packets_make(void)
{
	static const uint8_t v6[16] = {0x20, 1};

	for (unsigned int i = 0; i < 256; i++) {
		struct ofl_packet *p = &m.packet[i];
		uint8_t src[4] = {10, 0, 0, i & 3}, dst[4] = {10, 1, 0, 0};

		ofl_packet_init(p);
		ofl_packet_addr_set(p, OFL_END_SRC, AF_INET, src);
		ofl_packet_addr_set(p, OFL_END_DST, AF_INET, dst);
		ofl_packet_set(p, OFL_FIELD_PROTOCOL, i & 4 ? 6 : 17);
		p->number[OFL_NUMBER_DST_PORT] = 1 + (i >> 3 & 3);
		p->number[OFL_NUMBER_TTL] = 1 + (i >> 5 & 1);
		p->number[OFL_NUMBER_LENGTH] = 100 + (i >> 6 & 1);
		ofl_packet_set(p, OFL_FIELD_MARK, i >> 7 ? 7 : 0);
	}
	ofl_packet_init(&m.packet[256]);
	ofl_packet_set(&m.packet[256], OFL_FIELD_ETHERTYPE, 0x0806);
	ofl_packet_init(&m.packet[257]);
	ofl_packet_addr_set(&m.packet[257], OFL_END_SRC, AF_INET6, v6);
	ofl_packet_addr_set(&m.packet[257], OFL_END_DST, AF_INET6, v6);
}

static uint32_t ifindex_of(const char *name)
{
	for (unsigned int i = 0; i < PORTS; i++) {
		if (strcmp(ports[i], name) == 0)
			return m.ifindex[i];
	}
	return 0;
}

static bool ace_hits(const struct ofl_ace *ace, const struct ofl_packet *p)
{
	struct ofl_match match[OFL_ACE_MATCHES_MAX];
	uint32_t ifindex = ace->match & OFL_ACE_M_INTERFACE
				   ? ifindex_of(ace->interface)
				   : 0;
	unsigned int n = ofl_ace_expand(ace, ifindex, match);

	for (unsigned int i = 0; i < n; i++) {
		if (ofl_match_has_packet(&match[i], p))
			return true;
	}
	return false;
}

static uint32_t action_index(const struct ofl_ace_action *a)
{
	for (uint32_t i = 1; a && i < ACTIONS; i++) {
		if (ofl_ace_action_eq(&m.action[i], a))
			return i;
	}
	if (a)
		fail("an action that nobody configured");
	return 1; /* where no rule is, it is accepted */
}

/* 0: no rule matched. */
static uint32_t acl_gives(const struct model_acl *acl,
			  const struct ofl_packet *p)
{
	struct ofl_ace rest;

	for (unsigned int i = 0; i < ACES; i++) {
		if (acl->aces[i].seq && ace_hits(&acl->aces[i], p))
			return action_index(&acl->aces[i].action);
	}
	if (acl->conf.origin == OFL_ACL_FLOWS)
		return 0;
	ofl_ace_init(&rest, acl->conf.type);
	rest.action.forward =
		acl->conf.default_accept ? OFL_ACE_ACCEPT : OFL_ACE_DROP;
	return ace_hits(&rest, p) ? action_index(&rest.action) : 0;
}

static struct ofl_packet packet_at(unsigned int seat, unsigned int packet)
{
	struct ofl_packet p = m.packet[packet];

	ofl_packet_set(&p, OFL_FIELD_PORT, 10 + seat % PORTS);
	return p;
}

static uint32_t first_match(unsigned int seat, unsigned int packet)
{
	struct ofl_packet p = packet_at(seat, packet);
	const struct model_acl *flows = &m.acl[ACLS + seat % PORTS];
	uint32_t gives = 0;

	if (!is_egress(seat) && flows->present)
		gives = acl_gives(flows, &p);
	if (!gives && m.attached[seat] >= 0 && m.acl[m.attached[seat]].present)
		gives = acl_gives(&m.acl[m.attached[seat]], &p);
	return gives ? gives : 1;
}

static void look_again(void)
{
	for (unsigned int s = 0; s < SEATS; s++) {
		for (unsigned int k = 0; k < PACKETS; k++) {
			m.truth[s][k] = first_match(s, k);
			m.allowed[s][k] |= 1u << m.truth[s][k];
		}
	}
}

struct met {
	unsigned int seat, packet;
	bool rest;
};

static void met(const struct ofl_ace_action *action, bool hardware, void *arg)
{
	const struct met *t = arg;
	uint32_t got = action_index(action);

	m.checks++;
	if (!(m.allowed[t->seat][t->packet] >> got & 1))
		fail("L%d: seat %u packet %u: %s gives %u, the list %u",
		     t->rest ? 1 : 2, t->seat, t->packet,
		     hardware ? "hardware" : "software", got,
		     m.truth[t->seat][t->packet]);
}

static void check(bool rest)
{
	for (unsigned int s = 0; s < SEATS; s++) {
		bool own = is_of_table(s), hard = own && !is_egress(s);

		if (m.lost && hard && !rest)
			continue;
		for (unsigned int k = 0; k < PACKETS; k++) {
			struct met t = {s, k, rest};
			struct ofl_packet p = packet_at(s, k);

			/* From the wire nothing comes with a mark. */
			if (hard && k >= 128 && k < 256)
				continue;
			fake_lookup(own ? m.hard : m.soft, port_of(s),
				    is_egress(s), &p, met, &t);
		}
	}
	if (m.hard && m.hard->error[0])
		fail("%s", m.hard->error);
	if (m.soft->error[0])
		fail("%s", m.soft->error);
}

/* --- the configuration --- */
static void acl_make(unsigned int i)
{
	char name[16];

	snprintf(name, sizeof(name), "%s%u", i < ACLS ? "A" : "F", i);
	random_acl(&m.acl[i], name, i < ACLS ? OFL_ACL_OWN : OFL_ACL_FLOWS,
		   m.action);
}

static void flow_name(char *buf, size_t size, unsigned int i, unsigned int n)
{
	snprintf(buf, size, "F%u-%u", i, m.acl[i].aces[n].seq);
}

static void flow_say(unsigned int i, unsigned int n)
{
	struct ofl_static_flow f = {
		.priority = m.acl[i].aces[n].seq,
		.ace = m.acl[i].aces[n],
	};

	flow_name(f.name, sizeof(f.name), i, n);
	strlcpy(f.interface, ports[i - ACLS], sizeof(f.interface));
	ofl_acls_flow_add(&f);
}

/* What was changed so far becomes the configuration. */
static void commit(void)
{
	struct ofl_attachment a;

	m.commits++;
	m.unsaid = false;
	ofl_acls_begin();
	for (unsigned int i = ACLS; i < LISTS; i++) {
		for (unsigned int n = 0; m.acl[i].present && n < ACES; n++) {
			if (m.acl[i].aces[n].seq)
				flow_say(i, n);
		}
	}
	for (unsigned int i = 0; i < ACLS; i++) {
		if (!m.acl[i].present)
			continue;
		ofl_acls_add(&m.acl[i].conf);
		for (unsigned int n = 0; n < ACES; n++) {
			if (m.acl[i].aces[n].seq)
				ofl_acls_ace_add(&m.acl[i].aces[n]);
		}
	}
	for (unsigned int s = 0; s < SEATS; s++) {
		memset(&a, 0, sizeof(a));
		strlcpy(a.interface, port_of(s), sizeof(a.interface));
		a.direction = is_egress(s) ? OFL_EGRESS : OFL_INGRESS;
		if (m.attached[s] >= 0) {
			snprintf(a.name, sizeof(a.name), "A%d", m.attached[s]);
			ofl_acls_attach(&a);
		}
	}
	ofl_acls_commit();
	look_again();
}

static void change_something(void)
{
	unsigned int i = rnd(LISTS);

	switch (rnd(10)) {
	case 0:
		m.attached[rnd(SEATS)] = (int)rnd(ACLS + 1) - 1;
		break;
	case 1:
		m.acl[i].present = !m.acl[i].present;
		if (m.acl[i].present)
			acl_make(i);
		break;
	case 2:
		m.acl[i].conf.default_accept = rnd(2);
		m.acl[i].conf.settings.allow_partial = rnd(2);
		break;
	default:
		if (m.acl[i].present)
			change_ace(&m.acl[i], m.action);
		break;
	}
	m.unsaid = true;
	if (rnd(3))
		commit();
}

/* --- the engine's place --- */
static void nothing(void)
{
}

static void nothing_of(unsigned int host)
{
}

static bool soft_begin(const char **ret_error)
{
	struct ofl_hwtable_conf conf;

	ofl_hwtable_conf_init(&conf, "");
	conf.tc.mode = OFL_TC_MODE_SOFTWARE;
	ofl_lists_host_set(OFL_LIST_SOFT_HOST, &conf, &fake_ops, m.soft, 0);
	return true;
}

static const struct ofl_lists_env env = {
	.ifindex = ifindex_of,
	.wake = nothing,
	.kick = nothing_of,
	.share = nothing_of,
	.soft_begin = soft_begin,
};

static void gap(void)
{
	for (unsigned int s = 0; s < SEATS; s++) {
		for (unsigned int k = 0; k < PACKETS; k++)
			m.allowed[s][k] |= 1u << 1;
	}
}

static void table_set(void)
{
	ofl_lists_host_set(TABLE, &m.conf, &fake_ops, m.hard,
			   m.hard->capacity_slots);
}

static void table_change(void)
{
	gap();
	if (rnd(4) == 0) {
		struct ofl_provider *old = m.hard;

		ofl_lists_host_del(TABLE);
		if (fake_left(old))
			fail("something is left in a table that goes");
		m.hard = XCALLOC(MTYPE_TMP, sizeof(*m.hard));
		m.hard->hardware = true;
		m.hard->rnd = rnd;
		m.hard->capacity_slots = old->capacity_slots;
		XFREE(MTYPE_TMP, old);
	}
	memset(&m.conf.tc.ports, 0, sizeof(m.conf.tc.ports));
	m.conf.tc.port_count = 1 + rnd(PORTS);
	for (unsigned int i = 0; i < m.conf.tc.port_count; i++)
		strlcpy(m.conf.tc.ports[i], ports[i], OFL_TC_PORT_LEN);
	table_set();
	/* The port leaves the one table before it comes to the other. */
	ofl_lists_work();
}

static void able(void)
{
	m.hard->can_ttl = !m.hard->can_ttl;
	if (m.hard->events)
		m.hard->events->able(m.hard->arg);
}

static void lose(void)
{
	struct fake_entry *e = &m.hard->entries[rnd(64)];

	for (unsigned int i = 0; i < m.hard->pending_count; i++) {
		if (m.hard->pending[i].op.entry_id == e->id)
			return;
	}
	if (!e->id)
		return;
	m.lost = true;
	fake_lose(m.hard, e);
}

static bool work_all(void)
{
	bool more = ofl_acls_work(rnd(4) ? 1000 : 1 + rnd(20));

	more |= ofl_lists_work();
	return more;
}

static bool provider_works(void)
{
	bool did = false;

	switch (rnd(4)) {
	case 0:
		did = fake_switch(m.hard);
		break;
	case 1:
		did = fake_switch(m.soft);
		break;
	default:
		did = fake_write(m.hard);
		break;
	}
	if (did)
		check(false);
	return did;
}

/* --- at rest --- */
static void check_marks(void)
{
	for (int i = 0; i < m.hard->entry_top; i++) {
		const struct fake_entry *a = &m.hard->entries[i];

		if (a->id && a->mark && !ofl_list_mark_is_in_range(a->mark))
			fail("L5: mark %#x is out of the range", a->mark);
		for (int n = 0; a->id && a->mark && n < i; n++) {
			const struct fake_entry *b = &m.hard->entries[n];

			if (b->id && b->mark == a->mark &&
			    !ofl_match_eq(&a->match, &b->match))
				fail("L5: mark %#x is of two parts", a->mark);
		}
	}
}

static void add_one(struct ofl_ace_status *sum, bool attached,
		    const struct ofl_ace_status *st)
{
	if (attached && !st->in_software)
		fail("L4: an entry is not in software");
	if (attached && st->matches && st->state == OFL_STATE_SEEN)
		fail("L4: an entry was not judged");
	if (st->state == OFL_STATE_OFFLOADED && st->real != st->matches)
		fail("L4: said to be offloaded");
	sum->real += st->real;
}

static bool add_status(const struct ofl_acl_status *s, void *arg)
{
	struct ofl_ace_status st;

	for (unsigned int i = 0; i < ACLS; i++) {
		if (!m.acl[i].present ||
		    strcmp(m.acl[i].conf.name, s->conf->name) != 0)
			continue;
		for (unsigned int n = 0; n < ACES; n++) {
			if (m.acl[i].aces[n].seq &&
			    ofl_ace_status(s->id, m.acl[i].aces[n].seq, &st))
				add_one(arg, s->attached, &st);
		}
		if (ofl_acl_default_status(s->id, &st))
			add_one(arg, s->attached, &st);
	}
	return true;
}

static void add_flow(unsigned int i, unsigned int n, struct ofl_ace_status *sum)
{
	const struct ofl_static_flow *f;
	struct ofl_ace_status st;
	char name[OFL_NAME_LEN];

	if (!m.acl[i].present || !m.acl[i].aces[n].seq)
		return;
	flow_name(name, sizeof(name), i, n);
	f = ofl_static_flow_find(name);
	if (!f || !ofl_ace_status(f->acl_id, f->ace.seq, &st))
		fail("L4: a flow is not known");
	add_one(sum, true, &st);
}

static void check_told(void)
{
	struct ofl_ace_status sum = {};
	uint32_t real = 0;

	for (int i = 0; i < m.hard->entry_top; i++)
		real += m.hard->entries[i].id &&
			m.hard->entries[i].entry == OFL_ENTRY_REAL;
	ofl_acls_walk(add_status, &sum);
	for (unsigned int i = ACLS; i < LISTS; i++) {
		for (unsigned int n = 0; n < ACES; n++)
			add_flow(i, n, &sum);
	}
	if (sum.real != real && !m.faulty)
		fail("L4: %u entries are real, not %u", real, sum.real);
}

static void come_to_rest(void)
{
	unsigned int faults = m.hard->fault_one_in, idle = 0, rounds = 0;

	if (m.unsaid)
		commit();
	m.faulty = m.faulty || faults || m.lost;
	m.hard->fault_one_in = 0;
	m.hard->soft_stuck = m.soft->soft_stuck = false;
	for (int again = 0; again < 2; again++) {
		ofl_lists_host_retry(TABLE);
		ofl_lists_second();
		for (idle = 0; idle < 30;) {
			bool more = work_all();

			more |= provider_works();
			idle = more ? 0 : idle + 1;
			if (++rounds > SETTLE)
				fail("it does not settle");
		}
	}
	m.rests++;
	for (unsigned int s = 0; s < SEATS; s++) {
		for (unsigned int k = 0; k < PACKETS; k++)
			m.allowed[s][k] = 1u << m.truth[s][k];
	}
	check(true);
	check_marks();
	check_told();
	if (!m.faulty && fake_slots(m.hard) > ofl_lists_taken_slots(TABLE))
		fail("L3: %u slots, %u may be", fake_slots(m.hard),
		     ofl_lists_taken_slots(TABLE));
	m.lost = false;
	m.hard->fault_one_in = faults;
}

/* --- a universe --- */
static void begin(void)
{
	for (unsigned int i = 0; i < PORTS; i++)
		m.ifindex[i] = 10 + i;
	for (unsigned int s = 0; s < SEATS; s++)
		m.attached[s] = (int)rnd(ACLS + 1) - 1;
	m.action[1].forward = OFL_ACE_ACCEPT;
	m.action[2].forward = OFL_ACE_DROP;
	m.action[3].forward = OFL_ACE_ACCEPT;
	m.action[3].does = OFL_ACE_A_COUNT;
	m.action[4].forward = OFL_ACE_DROP;
	m.action[4].does = OFL_ACE_A_LOG;
	m.action[5].forward = OFL_ACE_REJECT;
	packets_make();
	m.hard = XCALLOC(MTYPE_TMP, sizeof(*m.hard));
	m.soft = XCALLOC(MTYPE_TMP, sizeof(*m.soft));
	m.hard->hardware = true;
	m.hard->rnd = rnd;
	m.hard->capacity_slots = 20 + rnd(60);
	m.hard->fault_one_in = m.odd ? 10 : 0;
	m.faulty = m.odd;
	ofl_acls_init();
	ofl_lists_init(&env);
	ofl_hwtable_conf_init(&m.conf, "T");
	m.conf.acl = (struct ofl_limit){20 + rnd(80), true};
	m.conf.tc.port_count = 2;
	strlcpy(m.conf.tc.ports[0], ports[0], OFL_TC_PORT_LEN);
	strlcpy(m.conf.tc.ports[1], ports[1], OFL_TC_PORT_LEN);
	for (unsigned int i = 0; i < LISTS; i++) {
		if (rnd(4))
			acl_make(i);
	}
	look_again();
	gap();
	ofl_lists_start();
	table_set();
	commit();
}

static void end(void)
{
	for (unsigned int i = 0; i < LISTS; i++)
		m.acl[i].present = false;
	commit();
	come_to_rest();
	if (fake_left(m.hard) || fake_left(m.soft))
		fail("L6: something is left");
	if (ofl_lists_taken_slots(TABLE))
		fail("L6: lists take slots");
	ofl_lists_fini();
	ofl_acls_fini();
	XFREE(MTYPE_TMP, m.hard);
	XFREE(MTYPE_TMP, m.soft);
}

static void one_step(void)
{
	switch (rnd(100)) {
	case 0 ... 7:
		change_something();
		break;
	case 8 ... 40:
		work_all();
		break;
	case 41 ... 90:
		provider_works();
		break;
	case 91:
		if (rnd(6) == 0)
			come_to_rest();
		break;
	case 92:
		if (rnd(6) == 0)
			table_change();
		else
			break;
		if (rnd(2) && !m.unsaid)
			come_to_rest();
		break;
	case 93:
		if (rnd(10) == 0)
			able();
		break;
	case 98:
		if (rnd(3) == 0)
			ofl_acls_marks_set(100 + 5 * rnd(4), 1 + rnd(12));
		break;
	case 94:
		m.hard->soft_stuck = rnd(4) == 0;
		m.soft->soft_stuck = rnd(4) == 0;
		break;
	case 95:
		if (rnd(3) == 0 && !m.unsaid) {
			m.ifindex[rnd(PORTS)] = 0;
			look_again();
		}
		ofl_lists_second();
		break;
	case 96:
		for (unsigned int i = 0; i < PORTS && !m.unsaid; i++)
			m.ifindex[i] = 10 + i;
		if (!m.unsaid)
			look_again();
		break;
	case 97:
		if (m.odd)
			lose();
		break;
	default:
		ofl_lists_host_retry(TABLE);
		break;
	}
}

static void one_universe(uint64_t seed, uint64_t steps)
{
	uint64_t checks = m.checks, commits = m.commits, rests = m.rests;

	memset(&m, 0, sizeof(m));
	m.checks = checks;
	m.commits = commits;
	m.rests = rests;
	m.seed = seed;
	m.odd = seed % 2;
	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	begin();
	for (m.step = 0; m.step < steps; m.step++)
		one_step();
	come_to_rest();
	end();
}

int main(int argc, char **argv)
{
	struct property_args a = {.universes = 1000, .steps = 800, .seed = 1};

	if (!property_args_parse(&a, argc, argv, "test_lists",
				 "Random lists, interfaces, answers and faults "
				 "against a naive model."))
		return 2;
	for (uint64_t i = 0; i < a.universes; i++)
		one_universe(a.seed + i, a.steps);
	printf("%" PRIu64 " commits, %" PRIu64 " packet checks, %" PRIu64
	       " rests, seeds from %" PRIu64 "\n",
	       m.commits, m.checks, m.rests, a.seed);
	printf("%" PRIu64 " passed, 0 failed\n", a.universes);
	return 0;
}
