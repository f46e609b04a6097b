/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mirror of the RIB with a real flow table, and short words to drive it.
 */
#ifndef TESTS_UNIT_RIB_FIXTURE_H
#define TESTS_UNIT_RIB_FIXTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "offloadd/source/source.h"

#define TRACKED_MAX 16

struct tracked {
	uint32_t vrf;
	uint8_t family;
	uint8_t gw[16];
};

struct fixture {
	struct ofl_flowtab *flows;
	struct ofl_rib *rib;
	struct tracked tracked[TRACKED_MAX];
	size_t tracked_count;
	unsigned int registrations, wakes, probe_wakes;
};

static const uint8_t mac_a[6] __attribute__((unused)) = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[6] __attribute__((unused)) = {2, 0, 0, 0, 0, 0xb};

/* --- fixture --- */

static inline void on_nht(void *arg, uint32_t vrf, uint8_t family, const uint8_t *gw,
		   bool on)
{
	struct fixture *fx = arg;
	size_t i;

	for (i = 0; i < fx->tracked_count; i++)
		if (fx->tracked[i].vrf == vrf &&
		    fx->tracked[i].family == family &&
		    !memcmp(fx->tracked[i].gw, gw, 16))
			break;
	if (on) {
		assert_int_equal(i, fx->tracked_count); /* once each */
		assert_true(i < TRACKED_MAX);
		fx->tracked[i].vrf = vrf;
		fx->tracked[i].family = family;
		memcpy(fx->tracked[i].gw, gw, 16);
		fx->tracked_count++;
		fx->registrations++;
	} else {
		assert_true(i < fx->tracked_count);
		fx->tracked[i] = fx->tracked[--fx->tracked_count];
	}
}

static inline void on_wake(void *arg)
{
	((struct fixture *)arg)->wakes++;
}

static inline void on_probe_wake(void *arg)
{
	((struct fixture *)arg)->probe_wakes++;
}

static inline int setup(void **state)
{
	static const struct ofl_rib_ops ops = {.nht_register = on_nht};
	static struct fixture fx;

	memset(&fx, 0, sizeof(fx));
	ofl_action_init();
	fx.flows = ofl_flowtab_new(1);
	fx.rib = ofl_rib_new(fx.flows, &ops, &fx);
	ofl_rib_set_wake(fx.rib, on_wake, &fx);
	ofl_rib_set_probe_wake(fx.rib, on_probe_wake, &fx);
	*state = &fx;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *fx = *state;

	ofl_rib_free(fx->rib);
	ofl_flowtab_free(fx->flows);
	assert_int_equal(ofl_action_count(), 0);
	ofl_action_fini();
	return 0;
}

/* --- short words --- */

static inline struct ofl_key key_of(uint32_t vrf, const char *text)
{
	struct ofl_key k = {.vrf = vrf};

	assert_true(ofl_prefix_parse(text, false, &k.p));
	return k;
}

static inline void addr_of(const char *text, uint8_t *ret_family, uint8_t *ret)
{
	memset(ret, 0, 16);
	*ret_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(*ret_family, text, ret), 1);
}

static inline struct ofl_rawnh hop(enum ofl_rawnh_kind kind, const char *gw,
			    uint32_t ifindex)
{
	struct ofl_rawnh nh = {.kind = kind, .ifindex = ifindex};

	if (gw)
		addr_of(gw, &nh.family, nh.gw);
	return nh;
}

static inline struct ofl_rawnh via(const char *gw, uint32_t ifindex)
{
	return hop(OFL_RAWNH_GATEWAY, gw, ifindex);
}

static inline struct ofl_rawnh recursive(const char *gw)
{
	return hop(OFL_RAWNH_RECURSIVE, gw, 0);
}

static inline void add(struct fixture *fx, uint32_t vrf, const char *prefix,
		const struct ofl_rawnh *nh, size_t nh_count)
{
	static const struct ofl_facts facts = {.proto = 9, .distance = 20};
	struct ofl_key k = key_of(vrf, prefix);

	ofl_rib_route_add(fx->rib, &k, &facts, nh, nh_count);
}

static inline void del(struct fixture *fx, uint32_t vrf, const char *prefix)
{
	struct ofl_key k = key_of(vrf, prefix);

	ofl_rib_route_del(fx->rib, &k);
}

static inline struct ofl_flow *flow(struct fixture *fx, uint32_t vrf,
			     const char *prefix)
{
	struct ofl_key k = key_of(vrf, prefix);

	return ofl_flowtab_find(fx->flows, &k);
}

static inline void neigh(struct fixture *fx, uint32_t ifindex, const char *addr,
		  const uint8_t *mac)
{
	uint8_t family, a[16];

	addr_of(addr, &family, a);
	ofl_rib_neigh_set(fx->rib, ifindex, family, a, mac);
}

static inline void nht(struct fixture *fx, uint32_t vrf, const char *gw,
		const struct ofl_rawnh *nh, size_t nh_count)
{
	uint8_t family, a[16];

	addr_of(gw, &family, a);
	ofl_rib_nht_update(fx->rib, vrf, family, a, nh, nh_count);
}

static inline void work(struct fixture *fx)
{
	unsigned int turns = 0;

	while (ofl_rib_work(fx->rib, 1000))
		assert_true(++turns < 100000);
}

static inline void sync_end(struct fixture *fx)
{
	unsigned int turns = 0;

	while (ofl_rib_sync_end(fx->rib, 10))
		assert_true(++turns < 100000);
}

static inline size_t drain(struct fixture *fx)
{
	size_t n = 0;

	while (ofl_flowtab_pop_dirty(fx->flows))
		n++;
	return n;
}

static inline void expect_wait(struct fixture *fx, uint32_t vrf, const char *prefix,
			enum ofl_reason wait)
{
	struct ofl_flow *f = flow(fx, vrf, prefix);

	assert_non_null(f);
	assert_string_equal(ofl_reason_name(f->wait), ofl_reason_name(wait));
	assert_null(f->action);
}

static inline const struct ofl_action *expect_ready(struct fixture *fx, uint32_t vrf,
					     const char *prefix)
{
	struct ofl_flow *f = flow(fx, vrf, prefix);

	assert_non_null(f);
	assert_string_equal(ofl_reason_name(f->wait), "none");
	assert_non_null(f->action);
	assert_false(f->withdrawn);
	return f->action;
}

/* A world in which 1 and 2 are up with neighbours, 3 is down, 4 unknown. */
static inline void world(struct fixture *fx)
{
	ofl_rib_link_set(fx->rib, 1, true);
	ofl_rib_link_set(fx->rib, 2, true);
	ofl_rib_link_set(fx->rib, 3, false);
	neigh(fx, 1, "192.0.2.1", mac_a);
	neigh(fx, 2, "192.0.2.2", mac_b);
	neigh(fx, 3, "192.0.2.3", mac_a);
	neigh(fx, 1, "fe80::1", mac_a);
}

/* --- many flows --- */

#define MANY 5000

static inline struct ofl_key nth(uint32_t vrf, unsigned int i)
{
	uint8_t a[16] = {20, (uint8_t)(i >> 8), (uint8_t)i};
	struct ofl_key k = {.vrf = vrf, .p = ofl_prefix_make(AF_INET, a, 24)};

	return k;
}

static inline void add_many(struct fixture *fx, uint32_t vrf, unsigned int from,
		     unsigned int to, const struct ofl_rawnh *nh)
{
	static const struct ofl_facts facts = {.proto = 9};

	for (unsigned int i = from; i < to; i++) {
		struct ofl_key k = nth(vrf, i);

		ofl_rib_route_add(fx->rib, &k, &facts, nh, 1);
	}
}

static inline unsigned int count_ready(struct fixture *fx, uint32_t vrf)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < MANY; i++) {
		struct ofl_key k = nth(vrf, i);
		struct ofl_flow *f = ofl_flowtab_find(fx->flows, &k);

		n += f && f->action;
	}
	return n;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif /* TESTS_UNIT_RIB_FIXTURE_H */
