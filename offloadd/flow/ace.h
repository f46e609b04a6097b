/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An access control entry (ACE) as an operator describes it: what it looks at,
 * what becomes of a packet that it matches, and what it is worth in hardware.
 *
 * Text, model and engine speak of this value; ofl_ace_expand() says what it
 * means in packets (match.h).  What cannot be is refused with a sentence, so
 * that nothing above needs to know protocols.
 *
 * Neighbours: ace_text.c reads one from words, ace_print.c prints it; names are
 * ace_names.c's.  Order is whose who keeps the list: an entry knows its
 * sequence number and nothing of other entries.
 */
#ifndef OFFLOADD_FLOW_ACE_H
#define OFFLOADD_FLOW_ACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/match.h"

#define OFL_ACE_IFNAME_LEN 16
/* Enough for every entry as text. */
#define OFL_ACE_STRLEN 896
#define OFL_ACE_WORDS_MAX 96

enum ofl_acl_type {
	OFL_ACL_IPV4 = 0,
	OFL_ACL_IPV6,
	OFL_ACL_ETHERNET,
	OFL_ACL_MIXED,
	OFL_ACL_TYPE_MAX
};

/* Which frames an entry is about, before any other condition. */
enum ofl_ace_family {
	OFL_ACE_FRAMES = 0, /* all */
	OFL_ACE_IPV4,
	OFL_ACE_IPV6,
	OFL_ACE_IP, /* IPv4 and IPv6 */
	OFL_ACE_FAMILY_MAX
};

enum ofl_ace_forward {
	OFL_ACE_ACCEPT = 0, /* on to the routes */
	OFL_ACE_DROP,
	OFL_ACE_REJECT, /* drop and tell the sender */
	OFL_ACE_FORWARD_MAX
};

enum ofl_ace_where {
	OFL_ACE_BOTH = 0, /* software has it also while hardware does */
	OFL_ACE_HARDWARE, /* software has it only while hardware does not */
	OFL_ACE_SOFTWARE, /* never offered to hardware */
	OFL_ACE_WHERE_MAX
};

enum ofl_ports_op {
	OFL_PORTS_ANY = 0,
	OFL_PORTS_EQ,
	OFL_PORTS_NEQ,
	OFL_PORTS_LT,
	OFL_PORTS_GT,
	OFL_PORTS_RANGE,
	OFL_PORTS_OP_MAX
};

struct ofl_ports {
	uint16_t op; /* enum ofl_ports_op */
	uint16_t port;
	uint16_t upper; /* RANGE only */
};

enum ofl_ace_fragment {
	OFL_ACE_FRAGMENT_ANY = 0, /* any packet that is a fragment */
	OFL_ACE_FRAGMENT_FIRST,
	OFL_ACE_FRAGMENT_LATER,
	OFL_ACE_FRAGMENT_NONE, /* whole packets only */
	OFL_ACE_FRAGMENT_MAX
};

/* Bits of struct ofl_ace.match: these members count. */
#define OFL_ACE_M_PROTOCOL 0x0001
#define OFL_ACE_M_DSCP 0x0002
#define OFL_ACE_M_FRAGMENT 0x0004
#define OFL_ACE_M_TCP_FLAGS 0x0008
#define OFL_ACE_M_ICMP_TYPE 0x0010
#define OFL_ACE_M_ICMP_CODE 0x0020
#define OFL_ACE_M_TTL 0x0040
#define OFL_ACE_M_LENGTH 0x0080
#define OFL_ACE_M_SRC_MAC 0x0100
#define OFL_ACE_M_DST_MAC 0x0200
#define OFL_ACE_M_ETHERTYPE 0x0400
#define OFL_ACE_M_VLAN_ID 0x0800
#define OFL_ACE_M_VLAN_PRIORITY 0x1000
#define OFL_ACE_M_MARK 0x2000
#define OFL_ACE_M_INTERFACE 0x4000

/* Bits of struct ofl_ace_action.does. */
#define OFL_ACE_A_LOG 0x01
#define OFL_ACE_A_COUNT 0x02
#define OFL_ACE_A_MARK 0x04
#define OFL_ACE_A_DSCP 0x08
#define OFL_ACE_A_MIRROR 0x10
#define OFL_ACE_A_REDIRECT 0x20
#define OFL_ACE_A_POLICE 0x40

/* Bits of struct ofl_ace_settings.set: said, not inherited. */
#define OFL_ACE_S_CLASS 0x01
#define OFL_ACE_S_PLACEMENT 0x02
#define OFL_ACE_S_OFFLOAD_OR_FAIL 0x04
#define OFL_ACE_S_WEIGHT 0x08
#define OFL_ACE_S_PARTIAL 0x10

/* What becomes of a packet.  Members that do not count are 0: equal actions
 * are equal bytes. */
struct ofl_ace_action {
	uint8_t forward; /* enum ofl_ace_forward */
	uint8_t does;	 /* OFL_ACE_A_* */
	uint8_t dscp;
	uint8_t zero;
	uint32_t mark;
	uint64_t rate_bps; /* bits a second */
	uint32_t burst_bytes;
	char mirror[OFL_ACE_IFNAME_LEN];
	char redirect[OFL_ACE_IFNAME_LEN];
	uint32_t zero_too;
};

/* What an entry, or a list for its entries, is worth. */
struct ofl_ace_settings {
	uint8_t set;   /* OFL_ACE_S_* */
	uint8_t cls;   /* enum ofl_class */
	uint8_t where; /* enum ofl_ace_where */
	bool offload_or_fail;
	bool allow_partial;
	uint8_t zero[3];
	uint32_t weight;
};

/* Addresses in network order, IPv4 in the first four bytes; bits outside a
 * mask are 0.  Make it with ofl_ace_init(), so that equal entries are equal
 * bytes. */
struct ofl_ace {
	uint32_t seq;
	uint16_t match; /* OFL_ACE_M_* */
	uint8_t family; /* enum ofl_ace_family */
	uint8_t protocol;

	uint8_t src[16], src_mask[16], dst[16], dst_mask[16];
	struct ofl_ports src_port, dst_port;
	struct ofl_range ttl, length;
	uint16_t tcp_flags, tcp_flags_mask;
	uint8_t icmp_type, icmp_code;
	uint8_t dscp;
	uint8_t fragment; /* enum ofl_ace_fragment */

	uint8_t src_mac[6], src_mac_mask[6], dst_mac[6], dst_mac_mask[6];
	uint16_t ethertype, vlan_id;
	uint32_t mark, mark_mask;
	uint8_t vlan_priority;
	uint8_t zero[3];
	char interface[OFL_ACE_IFNAME_LEN];

	struct ofl_ace_settings settings;
	struct ofl_ace_action action;
};

/* Permits every packet of the list's type. */
void ofl_ace_init(struct ofl_ace *ace, enum ofl_acl_type type);
bool ofl_ace_eq(const struct ofl_ace *a, const struct ofl_ace *b);
/* Can an entry of a list of this type say this?  If not, a sentence. */
bool ofl_ace_check(const struct ofl_ace *ace, enum ofl_acl_type type, char *buf,
		   size_t len);

/* Do both do the same to a packet?  Then their order does not matter to it
 * (to their counters it may: `count` is part of an action). */
bool ofl_ace_action_eq(const struct ofl_ace_action *a,
		       const struct ofl_ace_action *b);
uint32_t ofl_ace_action_hash(const struct ofl_ace_action *a);

/* Settings of an entry in a list: its own, else the list's. */
struct ofl_ace_settings
ofl_ace_settings_make(const struct ofl_ace_settings *acl,
		      const struct ofl_ace_settings *ace);
/* best-effort, both, no offload-or-fail, weight 100, partial allowed. */
void ofl_ace_settings_init(struct ofl_ace_settings *s);

/* The entry as matches: a packet meets the entry if it meets one of them.
 * They do not overlap.  None: no packet does.  `ifindex` is that of the
 * ingress interface, for an entry that names one; 0: it does not exist.  The
 * entry has passed ofl_ace_check(). */
#define OFL_ACE_MATCHES_MAX 8 /* families, and both ports by neq */
unsigned int ofl_ace_expand(const struct ofl_ace *ace, uint32_t ifindex,
			    struct ofl_match ret_m[OFL_ACE_MATCHES_MAX]);

/* --- ace_text.c, ace_print.c --- */
/* Read "permit tcp 10.0.0.0/8 any eq 80 log ...", in words; see the user
 * guide.  The entry has passed ofl_ace_check() then; seq is 0.  False and a
 * sentence if it cannot be, *ret_ace untouched. */
bool ofl_ace_parse(enum ofl_acl_type type, const char *const *words,
		   size_t count, struct ofl_ace *ret_ace, char *buf,
		   size_t len);
/* The reverse, without the sequence number; into at least OFL_ACE_STRLEN.
 * Returns buf. */
const char *ofl_ace_print(const struct ofl_ace *ace, enum ofl_acl_type type,
			  char *buf, size_t len);
/* Only what it matches; only what it does beside forwarding. */
const char *ofl_ace_print_match(const struct ofl_ace *ace,
				enum ofl_acl_type type, char *buf, size_t len);
const char *ofl_ace_print_action(const struct ofl_ace_action *a, char *buf,
				 size_t len);

/* The length of a mask of so many bits that is a prefix, else -1. */
int ofl_ace_mask_plen(const uint8_t *mask, int bits);

/* --- ace_names.c --- */
/* NULL if there is no name; the reverse: false if there is no value. */
const char *ofl_acl_type_name(enum ofl_acl_type type);
bool ofl_acl_type_parse(const char *text, enum ofl_acl_type *ret);
const char *ofl_ace_where_name(enum ofl_ace_where w);
bool ofl_ace_where_parse(const char *text, uint8_t *ret);
const char *ofl_ace_forward_name(enum ofl_ace_forward f); /* accept, drop */
bool ofl_ace_forward_parse(const char *text, uint8_t *ret);
const char *ofl_ports_op_name(enum ofl_ports_op op);
bool ofl_ports_op_parse(const char *text, uint16_t *ret);
const char *ofl_ace_fragment_name(enum ofl_ace_fragment f);
bool ofl_ace_fragment_parse(const char *text, uint8_t *ret);
/* Names or numbers; printing falls back to the number. */
bool ofl_ace_protocol_parse(const char *text, uint8_t *ret);
void ofl_ace_protocol_print(uint8_t protocol, char *buf, size_t len);
bool ofl_ace_dscp_parse(const char *text, uint8_t *ret);
void ofl_ace_dscp_print(uint8_t dscp, char *buf, size_t len);
bool ofl_ace_ethertype_parse(const char *text, uint16_t *ret);
void ofl_ace_ethertype_print(uint16_t ethertype, char *buf, size_t len);
/* `protocol`: icmp (1) or icmpv6 (58), whose types have other names. */
bool ofl_ace_icmp_parse(uint8_t protocol, const char *text, uint8_t *ret);
void ofl_ace_icmp_print(uint8_t protocol, uint8_t type, char *buf, size_t len);
/* "syn,ack", "none" or a number. */
bool ofl_ace_tcp_flags_parse(const char *text, uint16_t *ret);
void ofl_ace_tcp_flags_print(uint16_t flags, char *buf, size_t len);
/* A number, decimal or 0x..., that is all of the text and not above max. */
bool ofl_ace_number_parse(const char *text, uint64_t max, uint64_t *ret);
bool ofl_ace_mac_parse(const char *text, uint8_t ret[6]);
void ofl_ace_mac_print(const uint8_t mac[6], char *buf, size_t len);

#endif /* OFFLOADD_FLOW_ACE_H */
