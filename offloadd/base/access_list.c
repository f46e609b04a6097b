// SPDX-License-Identifier: GPL-2.0-or-later
/* The entries of FRR's access-lists as plain values; see access_list.h. */
#include <zebra.h>

#include "filter.h"

#include "offloadd/base/access_list.h"
#include "offloadd/base/frr_compat.h"

static struct access_list *find(const char *name, int family)
{
	return access_list_lookup(family == AF_INET ? AFI_IP : AFI_IP6, name);
}

static void set_wildcard(uint8_t *addr, uint8_t *mask, const void *a,
			 const void *wildcard, size_t bytes)
{
	const uint8_t *from = a, *w = wildcard;

	for (size_t i = 0; i < bytes; i++) {
		mask[i] = ~w[i];
		addr[i] = from[i] & mask[i];
	}
}

static void set_cisco(struct ofl_access_entry *e, const struct filter_cisco *c)
{
	if (OFL_CISCO_IS_IPV6(c)) {
		set_wildcard(e->src, e->src_mask, OFL_CISCO_SRC6(c),
			     OFL_CISCO_SRC6_MASK(c), sizeof(e->src));
		if (c->extended)
			set_wildcard(e->dst, e->dst_mask, OFL_CISCO_DST6(c),
				     OFL_CISCO_DST6_MASK(c), sizeof(e->dst));
		return;
	}
	set_wildcard(e->src, e->src_mask, &c->addr, &c->addr_mask,
		     sizeof(c->addr));
	if (c->extended)
		set_wildcard(e->dst, e->dst_mask, OFL_CISCO_DST(c),
			     OFL_CISCO_DST_MASK(c), sizeof(c->addr));
}

static void set_prefix(uint8_t *addr, uint8_t *mask, const struct prefix *p)
{
	for (unsigned int i = 0; i < p->prefixlen; i++)
		mask[i / 8] |= 0x80 >> i % 8;
	memcpy(addr, &p->u.prefix, p->family == AF_INET ? 4 : 16);
	for (unsigned int i = 0; i < 16; i++)
		addr[i] &= mask[i];
}

/* An entry that wants the very prefix means no packet, unless it has the full
 * length. */
static bool make(const struct filter *f, struct ofl_access_entry *e)
{
	const struct prefix *p = &f->u.zfilter.prefix;

	memset(e, 0, sizeof(*e));
	e->seq = f->seq;
	e->permit = f->type == FILTER_PERMIT;
	if (f->cisco) {
		set_cisco(e, &f->u.cfilter);
		return true;
	}
	set_prefix(e->src, e->src_mask, p);
	return !f->u.zfilter.exact ||
	       p->prefixlen == (p->family == AF_INET ? 32 : 128);
}

bool ofl_access_list_exists(const char *name, int family)
{
	return find(name, family) != NULL;
}

void ofl_access_list_walk(const char *name, int family,
			  void (*cb)(const struct ofl_access_entry *e,
				     void *arg),
			  void *arg)
{
	struct access_list *list = find(name, family);
	struct ofl_access_entry e;

	for (const struct filter *f = list ? list->head : NULL; f; f = f->next)
		if (make(f, &e))
			cb(&e, arg);
}
