/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of tc messages, written and read: what filters of routes
 * (prov_tc_filter.h) and of ACLs (prov_tc_acl.h) have in common.
 *
 * Pure: no socket, no state.  Knows the form of messages and of single
 * actions, not what a filter is for.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_ATTR_H
#define OFFLOADD_PROVIDER_PROV_TC_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;
struct nlmsghdr;
struct tcmsg;

/*
 * Bytes that say whose a filter is: four of the daemon, four of the table (in
 * network order), the kind, and what the kind wants.
 */
#define OFL_TC_COOKIE 16
enum ofl_tc_cookie_kind {
	OFL_TC_COOKIE_NONE = 0, /* none of this daemon's */
	OFL_TC_COOKIE_GUARD,
	OFL_TC_COOKIE_ROUTE,
	OFL_TC_COOKIE_TRY,
	OFL_TC_COOKIE_ACL,
	OFL_TC_COOKIE_SAMPLE,
	OFL_TC_COOKIE_REGION,
};
void ofl_tc_cookie_make(uint32_t table, uint8_t kind,
			uint8_t ret[OFL_TC_COOKIE]);
/* Of whatever table. */
enum ofl_tc_cookie_kind
ofl_tc_cookie_kind_get(const uint8_t cookie[OFL_TC_COOKIE]);

/* A digest of bytes in order (FNV-1a), begun with OFL_TC_DIGEST. */
#define OFL_TC_DIGEST UINT64_C(0xcbf29ce484222325)
uint64_t ofl_tc_digest_add(uint64_t digest, const void *bytes, size_t len);

/* --- writing --- */

/* A message being written; `ok` once false stays false. */
struct ofl_tc_writer {
	struct nlmsghdr *nlh;
	size_t room;
	bool ok;
	uint8_t n_actions;
	const uint8_t *cookie; /* OFL_TC_COOKIE bytes for the first action */
};

/* Header and struct tcmsg; NULL: there is no room even for that. */
struct tcmsg *ofl_tc_message_begin(struct ofl_tc_writer *w, void *buf,
				   size_t len, uint16_t type,
				   uint16_t nlmsg_flags);

void ofl_tc_attr_add(struct ofl_tc_writer *w, uint16_t type, size_t len,
		     const void *data);
void ofl_tc_attr_add_u8(struct ofl_tc_writer *w, uint16_t type, uint8_t value);
void ofl_tc_attr_add_u16(struct ofl_tc_writer *w, uint16_t type,
			 uint16_t value);
void ofl_tc_attr_add_u32(struct ofl_tc_writer *w, uint16_t type,
			 uint32_t value);
struct nlattr *ofl_tc_nest_begin(struct ofl_tc_writer *w, uint16_t type);
void ofl_tc_nest_commit(struct ofl_tc_writer *w, struct nlattr *start);

/* An action of this kind, up to its options. */
struct nlattr *ofl_tc_action_begin(struct ofl_tc_writer *w, const char *kind,
				   struct nlattr **ret_options);
void ofl_tc_action_commit(struct ofl_tc_writer *w, struct nlattr *start,
			  struct nlattr *options);

/* One word of a header to be changed. */
struct ofl_tc_edit {
	uint16_t header, cmd; /* TCA_PEDIT_KEY_EX_HDR_TYPE_*, _CMD_* */
	uint32_t offset;
	uint8_t keep[4], value[4]; /* as they stand in the packet */
};
#define OFL_TC_EDITS_MAX 4

void ofl_tc_gact_add(struct ofl_tc_writer *w, int verdict);
void ofl_tc_pedit_add(struct ofl_tc_writer *w, const struct ofl_tc_edit *edits,
		      size_t n);
void ofl_tc_csum_add(struct ofl_tc_writer *w); /* of the IPv4 header */
/* `eaction`: TCA_EGRESS_REDIR and its like. */
void ofl_tc_mirred_add(struct ofl_tc_writer *w, int eaction, uint32_t ifindex);

/* --- reading --- */

/* Attributes by type; NULL where there is none.  False: not well formed. */
bool ofl_tc_attrs_get(const void *from, size_t len,
		      const struct nlattr **ret_tb, size_t n,
		      bool *ret_unknown);
bool ofl_tc_nested_get(const struct nlattr *a, const struct nlattr **ret_tb,
		       size_t n, bool *ret_unknown);
/* Copy a value of `len` bytes; the kernel may pad, never shorten. */
bool ofl_tc_attr_get(const struct nlattr *a, void *to, size_t len);
bool ofl_tc_attr_is_text(const struct nlattr *a, const char *text);

/* Each edit of a pedit that is one like ours: how many, 0: it is another. */
int ofl_tc_pedit_get(const struct nlattr **options, struct ofl_tc_edit *ret,
		     int max);
bool ofl_tc_edit_eq(const struct ofl_tc_edit *a, const struct ofl_tc_edit *b);
/* Of the IPv4 header, and goes on? */
bool ofl_tc_csum_is_ours(const struct nlattr **options);

/* Statistics of a filter: of its action that has seen most. */
struct ofl_tc_counted {
	uint64_t packets, bytes; /* of software and hardware */
	uint64_t hw_packets, hw_bytes;
};
void ofl_tc_stats_get(const struct nlattr *stats, struct ofl_tc_counted *c);

/* More attributes than the options of any action have. */
#define OFL_TC_OPTIONS_MAX 16

#endif /* OFFLOADD_PROVIDER_PROV_TC_ATTR_H */
