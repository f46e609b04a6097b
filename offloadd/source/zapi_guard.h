/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who wants which prefix guarded.  The rib knows only that one is; here are
 * the owners -- an address on an interface, a route for one source -- so that
 * the same address on two interfaces is guarded until both are gone, and what
 * zebra does not name again after a restart is let go.
 */
#ifndef OFFLOADD_SOURCE_ZAPI_GUARD_H
#define OFFLOADD_SOURCE_ZAPI_GUARD_H

#include "typesafe.h"

#include "offloadd/source/source.h"
#include "offloadd/source/zapi_decode.h"

PREDECL_RBTREE_UNIQ(ofl_owners);

struct ofl_zapi_guards {
	struct ofl_rib *rib;
	struct ofl_owners_head owners;
	uint8_t generation[2]; /* of addresses, of the rest */
};

/* What a guard belongs to; unused members are zero. */
struct ofl_guard_owner {
	uint8_t proto;	       /* OFL_PROTO_LOCAL, OFL_PROTO_RESERVED */
	uint32_t ifindex;      /* of an address */
	struct ofl_prefix src; /* of a route for one source */
};

void ofl_zapi_guards_init(struct ofl_zapi_guards *g, struct ofl_rib *rib);
void ofl_zapi_guards_fini(struct ofl_zapi_guards *g);

void ofl_zapi_guards_add(struct ofl_zapi_guards *g, const struct ofl_key *key,
			 const struct ofl_guard_owner *owner);
void ofl_zapi_guards_del(struct ofl_zapi_guards *g, const struct ofl_key *key,
			 const struct ofl_guard_owner *owner);
/* An address of this router came or went: itself, and the broadcast address
 * of an IPv4 subnet. */
void ofl_zapi_guards_address(struct ofl_zapi_guards *g, uint32_t vrf,
			     const struct ofl_zapi_address *a, bool add);
/* All of a protocol in a VRF; of one interface, unless ifindex is 0. */
void ofl_zapi_guards_vrf_del(struct ofl_zapi_guards *g, uint32_t vrf,
			     uint8_t proto, uint32_t ifindex);
/* The rib dropped the guards of a VRF: those that are left, again. */
void ofl_zapi_guards_replay(struct ofl_zapi_guards *g, uint32_t vrf);

/* zebra begins to name everything of a protocol again; what it did not name
 * when that ends is let go. */
void ofl_zapi_guards_sync_begin(struct ofl_zapi_guards *g, uint8_t proto);
void ofl_zapi_guards_sync_end(struct ofl_zapi_guards *g);

#endif /* OFFLOADD_SOURCE_ZAPI_GUARD_H */
