// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Traffic of the emulated table: packets that an exercise sends, counters of
 * entries, samples of what misses them.
 *
 * A packet that an entry answers is counted on it, as hardware does; one that
 * none answers, or one that says software, software gets.  Of those every
 * rate-th is a sample, by a count that goes on from exercise to exercise; and
 * they are counted in regions.
 */
#include <zebra.h>

#include "offloadd/provider/prov_emulated_priv.h"

/* Entries looked at in one call of poll(). */
#define COUNT_AT_ONCE 4096
/* Samples told within one exercise; what is above is lost. */
#define SAMPLES_AT_ONCE 10000

/* --- counters --- */

void ofl_emulated_count(struct ofl_provider *p)
{
	p->count_due = true;
}

static void count_end(struct ofl_provider *p, uint32_t entries,
		      const char *text)
{
	p->count_due = p->counting = false;
	if (p->events->count_end)
		p->events->count_end(p->arg, entries, text);
}

static void tell(struct ofl_provider *p, struct ofl_emu_entry *e)
{
	uint64_t packets = e->packets - e->told_packets;
	uint64_t bytes = e->bytes - e->told_bytes;
	struct ofl_key key = e->key;

	if (e->found || e->entry != OFL_ENTRY_REAL)
		return;
	p->counted++;
	ofl_emu_entry_told(e);
	if ((packets || bytes) && p->events->counted)
		p->events->counted(p->arg, &key, packets, bytes);
}

static void regions_tell(struct ofl_provider *p)
{
	for (size_t i = 0; i < p->sampling.regions; i++) {
		struct ofl_emu_region r = p->regions[i];

		p->regions[i].packets = p->regions[i].bytes = 0;
		if (r.packets && p->events->region_counted)
			p->events->region_counted(p->arg, 0, &r.p, r.packets,
						  r.bytes);
	}
}

bool ofl_emulated_count_step(struct ofl_provider *p)
{
	const char *text;
	uint32_t end;

	if (!p->count_due || p->faults.silent)
		return false;
	if (!ofl_emulated_is_ready(p, &text)) {
		count_end(p, 0, text);
		return false;
	}
	if (!p->counting) {
		p->counting = true;
		p->count_at = p->counted = 0;
	}
	end = MIN(p->table.count, p->count_at + COUNT_AT_ONCE);
	for (; p->count_at < end; p->count_at++)
		tell(p, &p->table.entries[p->count_at]);
	if (p->count_at < p->table.count)
		return true;
	regions_tell(p);
	count_end(p, p->counted, "");
	return false;
}

void ofl_emulated_hit(struct ofl_provider *p, struct ofl_emu_entry *e,
		      uint64_t packets, uint64_t bytes)
{
	e->packets += packets;
	e->bytes += bytes;
	if (!p->file.head)
		return;
	p->file.records[e->record].packets = e->packets;
	p->file.records[e->record].bytes = e->bytes;
}

/* --- samples --- */

void ofl_emulated_sample(struct ofl_provider *p, uint32_t rate)
{
	p->sampling.rate = rate;
}

void ofl_emulated_sampling(struct ofl_provider *p,
			   struct ofl_sampling_status *ret)
{
	*ret = p->sampling;
	if (!p->sampling.rate)
		return;
	ret->on = !p->faults.down && !p->deaf;
	if (p->faults.down)
		strlcpy(ret->text, OFL_EMU_DOWN_TEXT, sizeof(ret->text));
	else if (p->deaf)
		strlcpy(ret->text, "packets cannot be sampled, as asked",
			sizeof(ret->text));
}

/* --- regions --- */

/* What a region that stays counted, stays. */
void ofl_emulated_regions(struct ofl_provider *p,
			  const struct ofl_prefix *region, size_t n)
{
	struct ofl_emu_region was[OFL_REGIONS_MAX];
	uint32_t count = p->sampling.regions;

	memcpy(was, p->regions, sizeof(was));
	p->sampling.regions = MIN(n, OFL_REGIONS_MAX);
	for (size_t i = 0; i < p->sampling.regions; i++) {
		p->regions[i] = (struct ofl_emu_region){.p = region[i]};
		for (size_t k = 0; k < count; k++) {
			if (ofl_prefix_cmp(&was[k].p, &region[i]) == 0)
				p->regions[i] = was[k];
		}
	}
}

static void region_hit(struct ofl_provider *p, const struct ofl_prefix *to,
		       uint64_t packets, uint64_t bytes)
{
	for (size_t i = 0; i < p->sampling.regions; i++) {
		struct ofl_emu_region *r = &p->regions[i];

		if (!ofl_prefix_contains(&r->p, to))
			continue;
		r->packets += packets;
		r->bytes += bytes;
	}
}

/* Software gets so many packets to this address. */
static void missed(struct ofl_provider *p, const struct ofl_sample *packet,
		   uint64_t packets)
{
	struct ofl_sampling_status *s = &p->sampling;
	struct ofl_sample sample = *packet;
	uint64_t due;

	if (!s->rate || p->faults.down || p->deaf)
		return;
	p->missed += packets;
	due = p->missed / s->rate;
	p->missed %= s->rate;
	sample.rate = s->rate;
	if (due > SAMPLES_AT_ONCE) {
		s->lost += due - SAMPLES_AT_ONCE;
		due = SAMPLES_AT_ONCE;
	}
	s->samples += due;
	for (; due && p->events->sampled; due--)
		p->events->sampled(p->arg, &sample);
}

void ofl_emulated_traffic(struct ofl_provider *p, uint32_t vrf,
			  const struct ofl_prefix *to, uint64_t packets,
			  uint32_t bytes)
{
	struct ofl_emu_entry *e =
		ofl_emu_table_match(&p->table, vrf, to->family, to->addr);
	struct ofl_sample sample = {.bytes = bytes, .family = to->family};
	struct ofl_prefix address;

	if (e)
		ofl_emulated_hit(p, e, packets, packets * bytes);
	if (e && e->entry == OFL_ENTRY_REAL)
		return;
	memcpy(sample.dst, to->addr, sizeof(sample.dst));
	address = ofl_prefix_make(to->family, to->addr,
				  ofl_family_bits(to->family));
	region_hit(p, &address, packets, packets * bytes);
	missed(p, &sample, packets);
}
