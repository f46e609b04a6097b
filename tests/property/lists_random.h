/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random access control lists for test_lists.c: few addresses, ports and TTLs,
 * so that entries overlap.  What becomes of them is the test's.
 */
#ifndef TESTS_PROPERTY_LISTS_RANDOM_H
#define TESTS_PROPERTY_LISTS_RANDOM_H

#include <zebra.h>

#include "offloadd/engine/acl.h"

#define PORTS 3 /* two of the table, one of software alone */
#define ACES 10
#define ACTIONS 6 /* 0: no rule matched */

struct model_acl {
	bool present;
	struct ofl_acl_conf conf;
	struct ofl_ace aces[ACES]; /* seq 0: none */
};

static const char *const ports[PORTS] = {"p0", "p1", "p2"};
static uint64_t random_state;

static unsigned int rnd(unsigned int below)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return ((z ^ (z >> 31)) >> 32) % below;
}

static void random_ace(struct ofl_ace *a, enum ofl_acl_type type, uint32_t seq,
		       const struct ofl_ace_action *actions)
{
	uint32_t low = 1 + rnd(4), high = 1 + rnd(4);

	ofl_ace_init(a, type);
	a->family = rnd(8) ? OFL_ACE_IPV4 : OFL_ACE_IP;
	if (type == OFL_ACL_IPV4)
		a->family = OFL_ACE_IPV4;
	a->seq = seq;
	if (a->family == OFL_ACE_IPV4) {
		memcpy(a->src, "\x0a\x00\x00", 3);
		memset(a->src_mask, 0xff, 4);
		a->src_mask[3] = 0xfc | rnd(4);
		a->src[3] = rnd(4) & a->src_mask[3];
	}
	if (rnd(2)) {
		a->match |= OFL_ACE_M_PROTOCOL;
		a->protocol = rnd(2) ? 6 : 17;
		a->dst_port = (struct ofl_ports){
			OFL_PORTS_RANGE, MIN(low, high), MAX(low, high)};
		if (low == high)
			a->dst_port = (struct ofl_ports){
				rnd(2) ? OFL_PORTS_EQ : OFL_PORTS_NEQ, low, 0};
	}
	if (rnd(4) == 0) {
		a->match |= OFL_ACE_M_TTL;
		a->ttl.min = a->ttl.max = 1 + rnd(2);
	}
	if (rnd(12) == 0) {
		a->match |= OFL_ACE_M_LENGTH;
		a->length.min = a->length.max = 100 + rnd(2);
	}
	if (rnd(6) == 0) {
		a->match |= OFL_ACE_M_MARK;
		a->mark_mask = rnd(2) ? 7 : 1;
		a->mark = rnd(2) ? 7 & a->mark_mask : 0;
	}
	if (rnd(12) == 0) {
		a->match |= OFL_ACE_M_INTERFACE;
		strlcpy(a->interface, ports[rnd(PORTS)], sizeof(a->interface));
	}
	a->action = actions[1 + rnd(ACTIONS - 1)];
	a->settings.set = rnd(32);
	a->settings.cls = rnd(5) ? OFL_CLASS_BEST_EFFORT : rnd(3);
	a->settings.where = rnd(8) ? OFL_ACE_BOTH : rnd(3);
	a->settings.allow_partial = rnd(4) != 0;
	a->settings.weight = rnd(500);
}

static void sort_aces(struct model_acl *acl)
{
	for (unsigned int i = 1; i < ACES; i++) {
		for (unsigned int n = i;
		     n > 0 && acl->aces[n].seq < acl->aces[n - 1].seq; n--) {
			struct ofl_ace swap = acl->aces[n];

			acl->aces[n] = acl->aces[n - 1];
			acl->aces[n - 1] = swap;
		}
	}
}

static bool has_seq(const struct model_acl *acl, uint32_t seq)
{
	for (unsigned int i = 0; i < ACES; i++) {
		if (acl->aces[i].seq == seq)
			return true;
	}
	return false;
}

static void change_ace(struct model_acl *acl,
		       const struct ofl_ace_action *actions)
{
	struct ofl_ace *a = &acl->aces[rnd(ACES)];
	uint32_t seq = 1 + rnd(40);

	switch (a->seq ? rnd(5) : 0) {
	case 0:
	case 1:
		if (!has_seq(acl, seq))
			random_ace(a, acl->conf.type, seq, actions);
		break;
	case 2:
		memset(a, 0, sizeof(*a));
		break;
	case 3:
		if (!has_seq(acl, seq))
			a->seq = seq;
		break;
	default:
		a->settings.set |= OFL_ACE_S_WEIGHT;
		a->settings.weight = rnd(1000);
		break;
	}
	sort_aces(acl);
}

static void random_acl(struct model_acl *acl, const char *name,
		       enum ofl_acl_origin origin,
		       const struct ofl_ace_action *actions)
{
	memset(acl, 0, sizeof(*acl));
	acl->present = true;
	ofl_acl_conf_init(&acl->conf, name);
	acl->conf.type = rnd(2) ? OFL_ACL_IPV4 : OFL_ACL_MIXED;
	acl->conf.default_accept = rnd(2);
	acl->conf.origin = origin;
	for (int n = rnd(12); n > 0; n--)
		change_ace(acl, actions);
}

#endif /* TESTS_PROPERTY_LISTS_RANDOM_H */
