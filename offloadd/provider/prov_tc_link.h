/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network devices as the tc provider needs them: what a next hop's interface
 * means on the wire (MAC, VLAN, port), whose VRF a port is in, and which block
 * its ingress has.  Facts only, from rtnetlink; asks nothing by itself.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_LINK_H
#define OFFLOADD_PROVIDER_PROV_TC_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct ofl_tc_links;

struct ofl_tc_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	uint8_t mac[6];
	bool has_mac;
	bool up;	   /* administratively */
	bool is_vrf;	   /* a VRF device */
	bool is_macvlan;   /* receives what is for it from the one below */
	uint32_t lower;	   /* the device below (a VLAN's), or 0 */
	uint16_t vlan;	   /* id, if it is a VLAN sub-interface */
	uint32_t master;   /* bridge, bond, VRF: or 0 */
	bool has_clsact;   /* somebody has put one there */
	uint32_t in_block; /* its shared ingress block, or 0 */
	uint32_t epoch;	   /* of the dump that last saw it */
	uint32_t mtu;	   /* octets of IP it takes */
	bool is_other;	   /* what frames carry changed: MAC, VLAN, lower */
	bool is_resized;   /* the MTU changed */
};

struct ofl_tc_links *ofl_tc_links_new(void);
void ofl_tc_links_free(struct ofl_tc_links *l); /* NULL is fine */

enum ofl_tc_link_news {
	OFL_TC_LINK_SAME = 0, /* or not about a link or a qdisc of ingress */
	OFL_TC_LINK_NEW,
	OFL_TC_LINK_CHANGED,
	OFL_TC_LINK_GONE,
};

/*
 * Take RTM_{NEW,DEL}{LINK,QDISC}.  *ret is what is known now, or with GONE
 * what was known; valid until the next call.  Malformed: SAME.
 */
enum ofl_tc_link_news ofl_tc_links_take(struct ofl_tc_links *l,
					const struct nlmsghdr *nlh,
					struct ofl_tc_link *ret);
/* A dump of links begins; sweep() then forgets one that it did not bring:
 * false when there is none left. */
void ofl_tc_links_mark(struct ofl_tc_links *l);
bool ofl_tc_links_sweep(struct ofl_tc_links *l, struct ofl_tc_link *ret_gone);
/* A dump of qdiscs begins: no ingress has any until it says so. */
void ofl_tc_links_unblock(struct ofl_tc_links *l);

/* We put a block on a device's ingress: known before the kernel tells it. */
void ofl_tc_links_set_block(struct ofl_tc_links *l, uint32_t ifindex,
			    uint32_t block);

/* NULL: not there.  Valid until the next take() or sweep(). */
const struct ofl_tc_link *ofl_tc_links_find(const struct ofl_tc_links *l,
					    uint32_t ifindex);
const struct ofl_tc_link *ofl_tc_links_find_name(const struct ofl_tc_links *l,
						 const char *name);

/* The VLAN sub-interface of a device with this id; likewise. */
const struct ofl_tc_link *ofl_tc_links_find_vlan(const struct ofl_tc_links *l,
						 uint32_t lower, uint16_t vlan);

/* The next one after this number whose ingress has this block; NULL: there is
 * none. */
const struct ofl_tc_link *ofl_tc_links_in_block(const struct ofl_tc_links *l,
						uint32_t block, uint32_t after);

#endif /* OFFLOADD_PROVIDER_PROV_TC_LINK_H */
