// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operational state: drivers that offload the kernel's routes by themselves,
 * but for the list of routes they forward wrongly (state_sums.c); see state.h.
 */
#include <zebra.h>

#include "offloadd/northbound/state.h"

/* Whether it is observed is said in any case. */
const void *ofl_at_watched(const void *entry)
{
	static struct ofl_fib_status st;

	ofl_engine_fib_status(&st);
	return &st;
}

const void *ofl_at_fib(const void *entry)
{
	const struct ofl_fib_status *st = ofl_at_watched(NULL);

	return st->observed ? st : NULL;
}

const void *ofl_at_resource(const void *entry)
{
	const struct ofl_fib_status *st = ofl_at_fib(NULL);

	return st && st->has_resource ? st : NULL;
}

bool ofl_leaf_fib_observed(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_word(buf, len, st->observed ? "true" : "false");
}

bool ofl_leaf_fib_policy(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_word(buf, len, ofl_fib_repair_name(st->conf.repair));
}

/* --- address families: an entry is ofl_state_nth() --- */

static const char *const families[] = {"ipv4", "ipv6"};

const void *ofl_at_family(const void *entry)
{
	static struct ofl_at_family family;
	const struct ofl_fib_status *st = ofl_at_fib(NULL);
	size_t i = ofl_state_nth_of(entry);

	if (!st)
		return NULL;
	family.name = families[i];
	family.announced = st->watch.notifies[i];
	memcpy(family.by_state, st->view.by_state[i], sizeof(family.by_state));
	return &family;
}

const void *ofl_at_family_next(struct nb_cb_get_next_args *args)
{
	size_t i =
		args->list_entry ? ofl_state_nth_of(args->list_entry) + 1 : 0;

	return i < array_size(families) && ofl_at_fib(NULL) ? ofl_state_nth(i)
							    : NULL;
}

int ofl_at_family_keys(struct nb_cb_get_keys_args *args)
{
	ofl_state_keys_set(args->keys, 1,
			   families[ofl_state_nth_of(args->list_entry)]);
	return NB_OK;
}

const void *ofl_at_family_find(struct nb_cb_lookup_entry_args *args)
{
	for (size_t i = 0; i < array_size(families) && ofl_at_fib(NULL); i++)
		if (strcmp(families[i], args->keys->key[0]) == 0)
			return ofl_state_nth(i);
	return NULL;
}

/* --- the resource --- */

bool ofl_leaf_resource_used(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_uint(buf, len, st->used_slots);
}

bool ofl_leaf_resource_free(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_uint(buf, len,
			      st->capacity_slots > st->used_slots
				      ? st->capacity_slots - st->used_slots
				      : 0);
}

bool ofl_leaf_resource_max(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_uint(buf, len, st->capacity_slots);
}

bool ofl_leaf_resource_upper(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return st->observed && st->conf.resource[0] &&
	       ofl_state_uint(buf, len, st->conf.high_percent);
}

bool ofl_leaf_resource_clear(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return st->observed && st->conf.resource[0] &&
	       ofl_state_uint(buf, len, st->conf.low_percent);
}

bool ofl_leaf_resource_exceeded(const void *from, char *buf, size_t len)
{
	const struct ofl_fib_status *st = from;

	return ofl_state_word(buf, len, st->above_high ? "true" : "false");
}
