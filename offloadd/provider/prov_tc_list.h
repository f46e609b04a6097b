/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists before the ports of a table on tc, as their own files see them; the
 * contract is provider_list.h.
 *
 *   prov_tc_list.c       life of lists
 *   prov_tc_list_ops.c   what the contract asks
 *   prov_tc_list_soft.c  software's half: versions, each in chains of its own
 *   prov_tc_list_hard.c  hardware's half: entries, the floor below them
 *   prov_tc_list_bind.c  what leads packets to a list, and away from it
 *   prov_tc_list_look.c  what is there against what should be; foreign filters
 *   prov_tc_list_egress.c  the same at the egress of a port
 *   prov_tc_list_can.c   what hardware holds of a rule; ports tried for it
 *   prov_tc_list_make.c  rule -> filter; pure but for the links it looks at
 *
 * Chains and prefs, beside those of prov_tc_priv.h.  Chain 0 of the block: at
 * conf.pref - 2 "from this port: goto software's version", at conf.pref - 1 the
 * same for hardware.  A port with a list has its guards of routes not in chain
 * 0 but in chain *routes*, where an accepting entry goes to.  So from the
 * moment a list is wanted no packet of the port gets to a route but through
 * the list.
 *
 * Hardware's chain of a list: entries, then the floor, "everything: trap".  A
 * device may lose even that; the packet then resumes in software in the chain
 * it missed in, so there is a filter for software alone at the end, which leads
 * to software's version.
 *
 * Software's version is one chain if nothing marks packets.  Else the first
 * looks at the mark, and leads to that of marks or that of rules; that of marks
 * leads to one of a part, which ends in that of rules.
 */
#ifndef OFFLOADD_PROVIDER_PROV_TC_LIST_H
#define OFFLOADD_PROVIDER_PROV_TC_LIST_H

#include "typesafe.h"

#include "offloadd/provider/prov_tc_acl_caps.h"
#include "offloadd/provider/prov_tc_priv.h"

#define OFL_TC_PREF_LAST 65535
#define OFL_TC_PREF_RESUME 65534 /* in hardware's chain, for software */
#define OFL_TC_HARD_CHAINS (2 * OFL_LISTS_MAX)
#define OFL_TC_SOFT_CHAINS 0x01000000u /* the first */
#define OFL_TC_SOFT_CHAINS_END 0x0f000000u
#define OFL_TC_PIECES_MAX 32 /* filters of one entry */
/* Hardware did for a packet what is not to be done twice, and accepted it:
 * where the routes send it to software, it does not meet the list again. */
#define OFL_TC_MARK_DONE 0x6f65ffff

/* --- what leads to a list --- */

enum ofl_tc_side { OFL_TC_SOFT = 0, OFL_TC_HARD, OFL_TC_EGRESS };
#define OFL_TC_SIDE_MAX 3
#define OFL_TC_EGRESS_UNKNOWN 8 /* chains that are told apart at a time */

/* A filter that leads on. */
struct ofl_tc_bind {
	bool there, busy;
	bool wrong; /* there, but not as it was written */
	uint8_t audit_no;
	uint8_t serial; /* answers to requests of another one are stale */
	uint16_t pref;
	uint32_t handle;
	uint32_t target;   /* a chain, as it is in the kernel */
	uint32_t asked;	   /* ... as was asked for last; 0: that it goes */
	uint64_t after_us; /* not before this: it failed */
	char text[OFL_OUTCOME_TEXT]; /* why it failed, or "" */
};

struct ofl_tc_list_port {
	bool is_leftover; /* of an earlier life, and nobody asked for it yet */
	/* prov_tc_list_egress.c */
	bool looking, looked;
	uint8_t look_no; /* of the audit when it began */
	uint32_t unknown[OFL_TC_EGRESS_UNKNOWN]; /* chains that nobody has */
	unsigned int unknown_count;

	struct ofl_tc_list *want[2]; /* ingress, egress; NULL: none */
	struct ofl_tc_bind bind[OFL_TC_SIDE_MAX];
};

/* --- software's half --- */

/* Rules as they came, shared by versions made of them. */
struct ofl_tc_rules {
	struct ofl_list_soft *from;
	uint32_t users;
};

/* A filter of a version, by handle - 1. */
struct ofl_tc_line {
	uint64_t digest;
	uint64_t packets, bytes; /* as last told by the kernel */
	uint16_t pref;
	uint8_t audit_no;
	bool is_program;
	bool answered; /* it is there */
};

struct ofl_tc_version {
	struct ofl_tc_rules *rules;
	uint32_t chain, chains; /* the first, and how many */
	uint16_t serial;	/* in the tags of its requests */
	uint32_t count;		/* lines: rules, then what leads */
	uint32_t asked, answered;
	bool has_done; /* OFL_TC_MARK_DONE may come */
	bool failed;
	char text[OFL_OUTCOME_TEXT];
	struct ofl_tc_line *lines;
	uint32_t read; /* of an old one: chains whose counters were read */
	bool reading;
};

/* --- hardware's half --- */

struct ofl_tc_piece {
	struct ofl_match match;
	uint64_t digest; /* of the filter that is there; 0: none is */
	uint64_t packets, bytes;
	uint16_t protocol_class; /* enum ofl_tc_pref_class */
	uint8_t audit_no;
};

/* An operation on an entry that is unanswered. */
struct ofl_tc_entry_op {
	uint64_t id;
	uint8_t kind; /* enum ofl_op_kind; NONE: none */
	uint16_t slots;
	uint16_t left; /* pieces without an answer */
	bool some;     /* of a piece it was taken */
	int errnum;    /* of the first that failed */
	char *text;    /* with it */
};

PREDECL_HASH(ofl_tc_hards);
struct ofl_tc_hard {
	struct ofl_tc_hards_item item;
	uint64_t entry_id;
	uint64_t cookie;
	bool present;
	bool mixed;    /* a replace was taken of some pieces only */
	uint16_t pref; /* of tc */
	uint16_t slots;
	uint8_t count;
	struct ofl_tc_piece *pieces;
	struct ofl_tc_entry_op op;
};

PREDECL_HASH(ofl_tc_counts);
struct ofl_tc_count {
	struct ofl_tc_counts_item item;
	struct ofl_list_counted c;
};

enum ofl_tc_floor {
	OFL_TC_FLOOR_NONE = 0,
	OFL_TC_FLOOR_ASKED,
	OFL_TC_FLOOR_THERE,
	OFL_TC_FLOOR_REFUSED,
};

/* --- a list --- */

struct ofl_tc_list {
	uint32_t id;
	uint8_t slot;
	uint8_t serial; /* of the slot: tags of an earlier list are stale */
	bool closing;
	bool news;	       /* to be told as changed */
	char egress[IFNAMSIZ]; /* "": ingress */

	struct ofl_tc_rules *next; /* set, and not begun */
	struct ofl_tc_version *building, *live, *old;
	bool again;		/* the live one is to be written anew */
	uint64_t soft_after_us; /* not before this: it failed */
	char text[OFL_OUTCOME_TEXT];

	bool hardware;	     /* it may have a half there */
	uint32_t hard_chain; /* 0: none yet */
	uint8_t floor;	     /* enum ofl_tc_floor */
	uint8_t floor_audit_no;
	uint64_t floor_digest;
	uint64_t floor_after_us;
	char floor_text[OFL_OUTCOME_TEXT];
	struct ofl_tc_bind resume;
	struct ofl_tc_hards_head hards;
	uint32_t used_slots; /* of entries that are there */
	struct ofl_tc_counts_head counts;
};

struct ofl_tc_lists {
	const struct ofl_list_events *events;
	void *arg;
	struct ofl_tc_list *list[OFL_LISTS_MAX];
	uint8_t serial[OFL_LISTS_MAX];
	struct ofl_tc_list_port port[OFL_TC_PORTS_MAX];
	bool settled; /* as the contract says */
	uint32_t next_soft_chain;
	uint16_t next_version;
	uint32_t in_flight; /* requests of versions and entries */

	/* Of an earlier life: hardware's chains in use then, as bits. */
	uint8_t old_hard[OFL_TC_HARD_CHAINS];
	/* Chains that an audit found and nobody has, to be flushed. */
	uint32_t unknown[OFL_LISTS_MAX];
	unsigned int unknown_count;

	/* prov_tc_list_can.c */
	bool tried, try_due;
	uint32_t trying;
	uint64_t refused;
	struct ofl_tc_cap_known caps[OFL_TC_ACL_CAP_MAX];

	/* Answers that needed no asking. */
	struct ofl_tc_list_answer {
		uint32_t list;
		struct ofl_outcome outcome;
	} * answers;
	size_t answer_count, answer_room;

	struct ofl_foreign *foreign, *foreign_next;
	size_t foreign_count, foreign_next_count;
};

int ofl_tc_hard_cmp(const struct ofl_tc_hard *a, const struct ofl_tc_hard *b);
uint32_t ofl_tc_hard_hash(const struct ofl_tc_hard *h);
DECLARE_HASH(ofl_tc_hards, struct ofl_tc_hard, item, ofl_tc_hard_cmp,
	     ofl_tc_hard_hash);
int ofl_tc_count_cmp(const struct ofl_tc_count *a,
		     const struct ofl_tc_count *b);
uint32_t ofl_tc_count_hash(const struct ofl_tc_count *c);
DECLARE_HASH(ofl_tc_counts, struct ofl_tc_count, item, ofl_tc_count_cmp,
	     ofl_tc_count_hash);

/* prov_tc_list.c */
void ofl_tc_list_new(struct ofl_provider *p, uint32_t id, uint8_t slot,
		     const char *egress);
struct ofl_tc_list *ofl_tc_list_find(const struct ofl_provider *p, uint32_t id);
/* Of the slot in a tag, if its serial is still that list's. */
struct ofl_tc_list *ofl_tc_list_at(const struct ofl_provider *p,
				   unsigned int slot, uint8_t serial);
/* Packets of a filter whose counters went from `last` to `now`. */
void ofl_tc_list_count(struct ofl_tc_list *l, uint64_t cookie,
		       enum ofl_tc_side side, const struct ofl_tc_counted *now,
		       uint64_t *last_packets, uint64_t *last_bytes);
void ofl_tc_list_news(struct ofl_tc_list *l);
/* First chain of all that is here. */
uint32_t ofl_tc_list_chains(const struct ofl_provider *p);
bool ofl_tc_has_hardware(const struct ofl_provider *p);
/* Where something is asked for: at the egress of this port; "": in the block.
 */
void ofl_tc_list_place(const struct ofl_provider *p, const char *egress,
		       struct ofl_tc_request *r);
void ofl_tc_list_ask(struct ofl_provider *p, const char *egress, uint64_t tag,
		     enum ofl_tc_ask ask, const struct ofl_tc_acl *f);
void ofl_tc_list_flush_chain(struct ofl_provider *p, const char *egress,
			     uint32_t chain);
/* Try again what failed after so long. */
#define OFL_TC_LIST_RETRY_US 5000000

/* prov_tc_list_make.c */
void ofl_tc_list_cookie(const struct ofl_provider *p,
			uint8_t ret[OFL_TC_COOKIE]);
bool ofl_tc_list_is_ours(const struct ofl_provider *p,
			 const struct ofl_tc_acl_seen *a);
/* A filter that leads everything (or what comes in by `indev`, or has `mark`,
 * if that is not 0) to a chain. */
bool ofl_tc_list_leader(const struct ofl_provider *p, const char *indev,
			const struct ofl_bits *mark, bool unmark,
			uint32_t target, struct ofl_tc_acl *ret);
/* What an ACE does; false and *ret_why: that cannot be. */
bool ofl_tc_list_acts(const struct ofl_provider *p,
		      const struct ofl_ace_action *action, uint16_t ethertype,
		      bool egress, struct ofl_tc_acts *ret,
		      const char **ret_why);
/* It accepts, and does what a packet is not to be done to twice. */
bool ofl_tc_list_does_once(const struct ofl_ace_action *action);
/* A rule for software; chain, pref and handle are the caller's. */
bool ofl_tc_list_soft_filter(const struct ofl_provider *p,
			     const struct ofl_match *m,
			     const struct ofl_ace_action *action, bool egress,
			     struct ofl_tc_acl *ret, const char **ret_why);
/* A piece of an entry for hardware; likewise. */
bool ofl_tc_list_hard_filter(const struct ofl_provider *p,
			     const struct ofl_match *m, enum ofl_entry entry,
			     const struct ofl_ace_action *action, uint32_t mark,
			     struct ofl_tc_acl *ret, const char **ret_why);
/* Matches that are this one together, which hardware can say each; 0: it
 * cannot, *ret_part is what it can, with `why` (if not NULL). */
unsigned int ofl_tc_list_split(const struct ofl_provider *p,
			       const struct ofl_match *m,
			       struct ofl_match ret[OFL_TC_PIECES_MAX],
			       struct ofl_match *ret_part, char *why,
			       size_t size);

/* prov_tc_list_soft.c */
void ofl_tc_soft_set(struct ofl_tc_list *l, struct ofl_list_soft *soft);
/* A step; true: there is more to ask now. */
bool ofl_tc_soft_step(struct ofl_provider *p, struct ofl_tc_list *l,
		      unsigned int budget);
void ofl_tc_soft_reply(struct ofl_provider *p, const struct ofl_tc_reply *r);
/* Where packets are to be led now; 0: nowhere yet. */
uint32_t ofl_tc_soft_target(const struct ofl_tc_list *l);
/* All filters of the block have gone. */
void ofl_tc_soft_lost(struct ofl_provider *p, struct ofl_tc_list *l);
void ofl_tc_soft_free(struct ofl_provider *p, struct ofl_tc_list *l);
/* A filter of a version was found in an audit; all were looked at. */
void ofl_tc_soft_found(struct ofl_provider *p, struct ofl_tc_list *l,
		       struct ofl_tc_version *v, const struct ofl_tc_reply *r);
void ofl_tc_soft_sweep(struct ofl_tc_list *l, uint8_t audit_no);
/* Does a rule name this device? */
bool ofl_tc_soft_names(const struct ofl_tc_list *l, const char *name);
/* The version that has a chain, or NULL. */
struct ofl_tc_version *ofl_tc_soft_version(struct ofl_tc_list *l,
					   uint32_t chain);

/* prov_tc_list_hard.c */
void ofl_tc_hard_init(struct ofl_provider *p, struct ofl_tc_list *l);
void ofl_tc_hard_step(struct ofl_provider *p, struct ofl_tc_list *l);
bool ofl_tc_hard_is_open(const struct ofl_provider *p,
			 const struct ofl_tc_list *l);
size_t ofl_tc_hard_submit(struct ofl_provider *p, struct ofl_tc_list *l,
			  const struct ofl_list_op *ops, size_t n);
void ofl_tc_hard_reply(struct ofl_provider *p, const struct ofl_tc_reply *r);
void ofl_tc_hard_lost(struct ofl_provider *p, struct ofl_tc_list *l,
		      const char *text);
/* Hardware may have lost any of it: entries are decided anew. */
void ofl_tc_hard_again(struct ofl_provider *p, struct ofl_tc_list *l);
/* One went by itself: told. */
void ofl_tc_hard_lose(struct ofl_provider *p, struct ofl_tc_list *l,
		      struct ofl_tc_hard *h, const char *text);
struct ofl_tc_hard *ofl_tc_hard_by_handle(struct ofl_tc_list *l,
					  uint32_t handle);
void ofl_tc_hard_free(struct ofl_provider *p, struct ofl_tc_list *l);
void ofl_tc_lists_hard_fini(struct ofl_provider *p);

/* prov_tc_list_bind.c */
/* Bring all that leads to lists to what it should be. */
void ofl_tc_binds_check(struct ofl_provider *p);
void ofl_tc_binds_reply(struct ofl_provider *p, const struct ofl_tc_reply *r);
/* A filter leads to one of these chains, or may. */
bool ofl_tc_binds_lead_to(const struct ofl_provider *p, uint32_t chain,
			  uint32_t chains);
bool ofl_tc_binds_of_ports_lead_to(const struct ofl_provider *p, uint32_t chain,
				   uint32_t chains);
uint16_t ofl_tc_egress_pref(const struct ofl_provider *p);
void ofl_tc_binds_port_gone(struct ofl_provider *p, unsigned int port);
/* The block has gone, and all in it. */
void ofl_tc_binds_lost(struct ofl_provider *p);
bool ofl_tc_binds_found(struct ofl_provider *p, const struct ofl_tc_reply *r);
void ofl_tc_binds_sweep(struct ofl_provider *p);
void ofl_tc_binds_again(struct ofl_provider *p);
void ofl_tc_binds_clear(struct ofl_provider *p);
/* Every port that wants a list is led to one of this life. */
bool ofl_tc_binds_are_there(const struct ofl_provider *p);
/* One of an earlier life was found: it is as if it were ours. */
void ofl_tc_binds_old(struct ofl_provider *p, const struct ofl_tc_reply *r);

/* prov_tc_list_egress.c */
void ofl_tc_egress_look(struct ofl_provider *p, unsigned int port);
void ofl_tc_egress_reply(struct ofl_provider *p, const struct ofl_tc_reply *r);
/* It was looked at: what an earlier life left there is known. */
bool ofl_tc_egress_is_known(const struct ofl_provider *p, const char *name);

/* prov_tc_list_look.c */
/* `port`: at whose egress; "": in the block. */
void ofl_tc_foreign_note(struct ofl_provider *p, const struct ofl_tc_reply *r,
			 const char *port);
void ofl_tc_lists_look_fini(struct ofl_provider *p);
void ofl_tc_lists_foreign(struct ofl_provider *p,
			  bool (*cb)(const struct ofl_foreign *f, void *arg),
			  void *arg);

/* prov_tc_list_can.c */
void ofl_tc_list_try_begin(struct ofl_provider *p);
void ofl_tc_list_try_reply(struct ofl_provider *p,
			   const struct ofl_tc_reply *r);
void ofl_tc_list_can(struct ofl_provider *p, const struct ofl_match *match,
		     const struct ofl_ace_action *action,
		     struct ofl_list_can *ret);

#endif /* OFFLOADD_PROVIDER_PROV_TC_LIST_H */
