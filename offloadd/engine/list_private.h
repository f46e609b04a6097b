/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists before the ports of tables, shared by the files that make them:
 *
 *   list.c        what is configured; work
 *   list_seat.c   which list each interface meets
 *   list_host.c   tables, as far as lists are concerned
 *   list_rules.c  an edition: the rules of a list at one time, made in pieces
 *   list_part.c   what several rules share in hardware
 *   list_mark.c   marks of these
 *   list_soft.c   software's half
 *   list_place.c  hardware's half
 *   list_share.c  how lists and routes divide a table
 *   list_query.c  answers to northbound
 *
 * A list goes from edition to edition: one is made, given to software, and
 * when that is in force hardware follows.  So hardware never holds what
 * software does not know.
 */
#ifndef OFFLOADD_ENGINE_LIST_PRIVATE_H
#define OFFLOADD_ENGINE_LIST_PRIVATE_H

#include <zebra.h>

#include "memory.h"
#include "typesafe.h"

#include "offloadd/engine/lists.h"
#include "offloadd/placement/acl.h"
#include "offloadd/placement/acl_order.h"
#include "offloadd/provider/provider.h"
#include "offloadd/traffic/traffic.h"

/* Lists that one interface meets in one direction, at most. */
#define OFL_LIST_ACLS_MAX 8
/* Tables of the engine, and one of software alone. */
#define OFL_LIST_HOSTS (OFL_TABLES_MAX + 1)
#define OFL_LIST_SOFT_HOST OFL_TABLES_MAX

PREDECL_HASH(ofl_list_actions);
PREDECL_HASH(ofl_list_marks);
PREDECL_HASH(ofl_list_mark_names);
PREDECL_DLIST(ofl_list_dlist);

/* --- editions --- */
struct ofl_list_action {
	struct ofl_list_actions_item item;
	struct ofl_ace_action action;
	uint64_t owner;	   /* cookie of the entry that is counted apart, or 0 */
	uint32_t identity; /* 1.. */
	uint32_t refs;
};

struct ofl_list;

/* What hardware holds for rules that it cannot match whole. */
struct ofl_list_part {
	struct ofl_list *list; /* NULL: it was closed */
	struct ofl_match match;
	uint32_t hash;
	uint32_t mark;
	uint32_t items;	 /* rules of editions that have it */
	uint32_t refs;	 /* of these, of snapshots, and of hardware */
	uint64_t cookie; /* placement's */
	bool placed;	 /* placement knows it, or still holds it */
	bool deleted;	 /* ... only the latter */
	uint64_t placed_position;
	/* of the edition that hardware follows */
	uint64_t position;
	uint32_t users, weight;
	uint16_t slots;
	uint8_t cls;
};

/* One match of an entry, or of a default action. */
struct ofl_list_item {
	struct ofl_match *match;
	struct ofl_list_action *action;
	struct ofl_list_part *part; /* shared with others; or NULL */
	struct ofl_match *cover;    /* can only be covered, by this; or NULL */
	char *why;	   /* it cannot be in hardware whole; or NULL */
	uint64_t position; /* items are in this order */
	uint64_t cookie;   /* of the entry */
	uint32_t weight;
	uint16_t level, slots;
	uint8_t holds; /* enum ofl_list_holds */
	uint8_t cls;
	uint8_t reason; /* enum ofl_reason of NEVER and of COVER */
	bool is_twin;	/* never met */
	bool may_part;
	bool or_fail;
};

/* An interface that a rule names, and what that meant. */
struct ofl_list_name {
	char name[OFL_ACE_IFNAME_LEN];
	uint32_t ifindex;
};

struct ofl_edition {
	uint32_t refs;
	uint64_t config; /* the configuration it was made of */
	struct ofl_list_item *items;
	size_t count, size;
	struct ofl_list_name *names;
	size_t name_count;
};

/* How far an edition is. */
enum ofl_list_stage {
	OFL_LIST_IDLE = 0,
	OFL_LIST_READ,	/* entries become rules */
	OFL_LIST_ORDER, /* levels */
	OFL_LIST_ASK,	/* what hardware can hold */
	OFL_LIST_WRITE, /* software's half */
	OFL_LIST_MADE,	/* waits to be given to software */
};

/* Placement is told an edition: what goes, then what comes. */
enum ofl_list_sync {
	OFL_LIST_SYNCED = 0,
	OFL_LIST_SYNC_PARTS, /* that go, or move */
	OFL_LIST_SYNC_GONE,
	OFL_LIST_SYNC_SET,
};

/* --- lists --- */
struct ofl_list {
	struct ofl_list_dlist_item item;
	uint32_t number;
	unsigned int host;
	char egress[OFL_ACE_IFNAME_LEN]; /* "": ingress */
	uint32_t acls[OFL_LIST_ACLS_MAX];
	unsigned int acl_count;

	/* list_rules.c, list_soft.c: the edition that is being made */
	uint8_t stage;	  /* enum ofl_list_stage */
	bool dirty;	  /* it is to be made anew */
	bool frozen;	  /* another takes its place: it stays as it is */
	bool wants_marks; /* there was none left for some part */
	struct ofl_edition *made;
	struct ofl_acl_order *order;
	struct ofl_order_rule *order_rules;
	struct ofl_list_soft *soft;
	size_t soft_size;
	unsigned int read_acl; /* where it stands in acls */
	uint64_t read_seq;
	size_t at, part_at; /* in its items; its parts */

	/* software */
	struct ofl_edition *given;   /* was set last */
	bool current;		     /* ... and is in force */
	bool changed;		     /* the provider has news */
	char text[OFL_OUTCOME_TEXT]; /* of the provider, or why it is not made
				      */

	/* hardware; NULL: none */
	struct ofl_acl_place *place;
	struct ofl_edition *placed;  /* placement follows this one */
	struct ofl_edition *leaving; /* ... and followed this one before */
	uint8_t sync;		     /* enum ofl_list_sync */
	bool sync_again;	     /* another edition came meanwhile */
	bool renew; /* what was refused for good is tried again */
	size_t sync_at;
	bool open;
	bool failures;
	uint64_t *sent; /* placement's cookie, by operation */
	uint64_t writes;
	uint32_t demand_slots, ports;
	struct ofl_acl_place_conf limits;

	struct ofl_list_part **parts;
	size_t part_count, part_size;
	uint64_t last_part;

	/* list_query.c */
	struct ofl_list_counted *counted; /* by cookie */
	size_t counted_count, counted_size;
	uint64_t counted_us;

	/* list_traffic.c: as counted a round ago, by cookie */
	struct ofl_list_seen {
		uint64_t cookie, packets, bytes;
	} * seen;
	size_t seen_count, seen_size;

	struct ofl_list_refused {
		uint64_t cookie;
		char text[OFL_OUTCOME_TEXT];
	} * refused; /* placement's cookies */
	size_t refused_count, refused_size;
};
DECLARE_DLIST(ofl_list_dlist, struct ofl_list, item);

/* An interface in one direction. */
struct ofl_list_seat {
	char interface[OFL_ACE_IFNAME_LEN];
	uint8_t direction;
	bool wanted;
	struct ofl_list *list;	/* is to be met */
	struct ofl_list *bound; /* the provider was told; or NULL */
	uint64_t config;	/* the first in which it is to meet `list` */
	char error[OFL_OUTCOME_TEXT];
};

/* What is attached, as told. */
struct ofl_list_link {
	uint32_t acl;
	char interface[OFL_ACE_IFNAME_LEN];
	uint8_t direction;
};
struct ofl_list_acl {
	uint32_t id;
	struct ofl_acl_conf conf;
};

/* A table, as far as lists are concerned. */
struct ofl_list_host {
	bool used;
	char name[OFL_NAME_LEN];
	struct ofl_hwtable_conf conf;
	const struct ofl_provider_ops *ops;
	struct ofl_provider *prov;
	uint32_t capacity_slots;
	bool hardware; /* packets can be answered there */
	bool able;     /* can() may answer otherwise */
	bool told_settled;
	uint32_t taken_slots; /* lists of all slots */
	struct ofl_list_port {
		char name[OFL_ACE_IFNAME_LEN];
	} * ports; /* of the table of software alone */
	size_t port_count;
};

/* A part by names that outlive a restart. */
struct ofl_list_mark_name {
	const char *table, *list, *part;
};

/* What lists need of the engine. */
struct ofl_lists_env {
	/* Index of an interface; 0: there is none. */
	uint32_t (*ifindex)(const char *name);
	/* There is work. */
	void (*wake)(void);
	/* The provider of table `host` was asked for something: poll it. */
	void (*kick)(unsigned int host);
	/* Lists take more or less of the table now. */
	void (*share)(unsigned int host);
	/* Make and end the provider of the table of software alone: it calls
	 * ofl_lists_host_set(), or ..._del(). */
	bool (*soft_begin)(const char **ret_error);
	/* Hardware of table `host` removed an entry on its own; may be NULL.
	 */
	void (*lost)(unsigned int host, const char *text);
	/* A part has this mark, and should have it again in the next life; 0:
	 * the part is gone.  NULL: nothing is kept. */
	void (*mark_keep)(const struct ofl_list_mark_name *name, uint32_t mark);
};

/* Marks that hardware's half of split rules gives. */
struct ofl_list_marks {
	uint32_t first, count; /* the range */
	uint32_t next;	       /* where to look for one that is free */
	bool exhausted;	       /* there was none, and none came back since */
	struct ofl_list_marks_head by_mark;
	struct ofl_list_mark_names_head by_name;
};

struct ofl_lists {
	struct ofl_lists_env env;
	bool running;
	bool hearing;	 /* what was told is no configuration yet */
	uint64_t config; /* so many configurations were told */
	bool resolve;	 /* who meets what is to be found again */
	struct ofl_list_acl *acls;
	size_t acl_count;
	struct ofl_list_link *links;
	size_t link_count;
	struct ofl_list_seat *seats;
	size_t seat_count;
	struct ofl_list_dlist_head lists;
	uint32_t last_number;
	struct ofl_list_host hosts[OFL_LIST_HOSTS];
	struct ofl_list_actions_head actions;
	uint32_t last_identity;
	struct ofl_list_marks marks;
	unsigned int rest_s; /* at rest for so many seconds */

	/* list_traffic.c */
	struct ofl_traffic *traffic; /* NULL: it is not counted */
	uint8_t traffic_phase;
	uint32_t traffic_at; /* the list that was last */
	uint64_t traffic_elapsed_us;
};
extern struct ofl_lists ofl_lists;

/* --- list.c --- */
void ofl_lists_init(const struct ofl_lists_env *env);
void ofl_lists_fini(void);
/* Begin to listen to the mirror. */
void ofl_lists_start(void);
/* Nothing is asked of providers any longer. */
void ofl_lists_stop(void);
/* A step of everything that is to be done; true: more. */
bool ofl_lists_work(void);
/* About once a second: interfaces that came or went, what failed. */
void ofl_lists_second(void);
const struct ofl_acl_conf *ofl_lists_acl(uint32_t id);

/* --- list_seat.c --- */
/* Who meets what, anew. */
void ofl_lists_resolve(void);
/* Lists that nobody meets any more go. */
void ofl_lists_sweep(void);
void ofl_lists_seats_fini(void);
/* Some seat has it that is to have another. */
bool ofl_list_is_leaving(const struct ofl_list *l);
/* What hardware answers of it, it answers as the list in force does. */
bool ofl_list_hardware_is_right(const struct ofl_list *l);
/* Seats that wait for the list are bound, if it has nothing that was never
 * meant for them. */
void ofl_lists_bind(struct ofl_list *l);
void ofl_list_free(struct ofl_list *l);

/* --- list_host.c --- */
/* A table is there, or changed; the provider is another only after a del. */
void ofl_lists_host_set(unsigned int host, const struct ofl_hwtable_conf *conf,
			const struct ofl_provider_ops *ops,
			struct ofl_provider *prov, uint32_t capacity_slots);
/* Its provider is about to be freed: everything of ours leaves it. */
void ofl_lists_host_del(unsigned int host);
void ofl_lists_hosts_fini(void);
/* Failures may be tried again. */
void ofl_lists_host_retry(unsigned int host);
/* Who serves it: the table whose port it is, or the one of software alone. */
unsigned int ofl_lists_host_of(const char *interface);
/* The hardware of its table cannot have it, and why. */
bool ofl_lists_is_refused(const char *interface, char *ret_why, size_t size);
static inline struct ofl_list_host *ofl_list_host(const struct ofl_list *l)
{
	return &ofl_lists.hosts[l->host];
}
/* The list may have entries in hardware. */
static inline bool ofl_list_has_hardware(const struct ofl_list *l)
{
	return !l->egress[0] && ofl_lists.hosts[l->host].hardware;
}
bool ofl_lists_port_add(unsigned int host, const char *port);
void ofl_lists_port_del(unsigned int host, const char *port);
struct ofl_list *ofl_list_by_number(uint32_t number);
/* Something was asked of the provider. */
void ofl_list_kick(const struct ofl_list *l);

/* --- list_rules.c --- */
#define OFL_LIST_SEQ_DEFAULT (UINT64_C(1) << 32)
static inline uint64_t ofl_list_cookie(uint32_t acl, uint64_t seq)
{
	return (uint64_t)acl << 33 | seq;
}
/* Make the edition anew / go on with it; true: more. */
bool ofl_list_make(struct ofl_list *l);
void ofl_list_make_stop(struct ofl_list *l);
struct ofl_edition *ofl_edition_ref(struct ofl_edition *e);
void ofl_edition_unref(struct ofl_edition *e);
bool ofl_edition_eq(const struct ofl_edition *a, const struct ofl_edition *b);
/* Some interface that a rule names is another now. */
bool ofl_edition_is_outdated(const struct ofl_edition *e);
/* The first item from this position on. */
size_t ofl_edition_find(const struct ofl_edition *e, uint64_t position);
void ofl_list_rules_init(void);
void ofl_list_rules_fini(void);

/* --- list_part.c --- */
/* A reference to the part of this match; NULL: there is no mark left. */
struct ofl_list_part *ofl_list_part_get(struct ofl_list *l,
					const struct ofl_match *match);
void ofl_list_part_unref(struct ofl_list_part *p);
void ofl_list_part_ref(struct ofl_list_part *p);
struct ofl_list_part *ofl_list_part_find(const struct ofl_list *l,
					 uint64_t cookie);
/* The list goes; its parts stay while somebody has them. */
void ofl_list_parts_fini(struct ofl_list *l);
/* Users, weights and places of the parts of the edition to be placed. */
void ofl_list_parts_count(struct ofl_list *l, const struct ofl_edition *e);

/* --- list_mark.c --- */
/* The range to take marks from; true: it is another. */
bool ofl_lists_marks_range_set(uint32_t first, uint32_t count);
bool ofl_list_mark_is_in_range(uint32_t mark);
/* A mark for this part: the one it had before, if that is free.  0: there is
 * none left. */
uint32_t ofl_list_mark_get(const struct ofl_list *l,
			   const struct ofl_match *match);
void ofl_list_mark_put(uint32_t mark);
/* Some may be left after there was none. */
bool ofl_lists_marks_are_left(void);
/* A part of an earlier life had this mark. */
void ofl_list_mark_remember(const struct ofl_list_mark_name *name,
			    uint32_t mark);
/* What is remembered and nobody claimed is forgotten. */
void ofl_lists_marks_sweep(void);
/* Everything is to be kept once more, as far as there is room for it. */
void ofl_lists_marks_restate(uint32_t room);
void ofl_lists_marks_init(void);
void ofl_lists_marks_fini(void);

/* --- list_soft.c --- */
/* A step of the snapshot; true: more. */
bool ofl_list_soft_step(struct ofl_list *l);
/* Give it to the provider. */
void ofl_list_soft_give(struct ofl_list *l);
void ofl_list_soft_stop(struct ofl_list *l);

/* --- list_place.c --- */
/* It is a rule of its own for placement. */
static inline bool ofl_list_item_is_own(const struct ofl_list_item *it)
{
	return !it->is_twin && !it->part;
}
static inline uint64_t ofl_list_item_cookie(const struct ofl_list_item *it)
{
	return it->position + 1;
}
#define OFL_LIST_PART_COOKIE (UINT64_C(1) << 63)
void ofl_list_place_open(struct ofl_list *l);
void ofl_list_place_close(struct ofl_list *l);
/* Follow the edition that came into force. */
void ofl_list_place_follow(struct ofl_list *l);
/* A step; true: more. */
bool ofl_list_place_work(struct ofl_list *l);
void ofl_list_place_retry(struct ofl_list *l);
/* Outcomes of operations. */
void ofl_list_place_done(struct ofl_list *l, const struct ofl_outcome *o);
void ofl_list_place_lost(struct ofl_list *l, uint64_t entry_id);

/* --- list_query.c --- */
void ofl_list_counted_free(struct ofl_list *l);

/* --- list_traffic.c --- */
/* What a match weighs: its entry's weight, or that of its traffic. */
uint32_t ofl_list_item_weight(const struct ofl_list *l,
			      const struct ofl_list_item *it);
/* Counted as configured from now on; NULL: the end. */
void ofl_lists_traffic_set(const struct ofl_traffic_conf *conf);
/* A round over so much time begins. */
void ofl_lists_traffic_begin(uint64_t elapsed_us);
/* A step of it; true: more. */
bool ofl_lists_traffic_work(void);
void ofl_list_seen_free(struct ofl_list *l);

/* --- list_share.c --- */
/* Divide what lists may take of a table. */
void ofl_lists_share(unsigned int host);
/* Slots of this table that routes may not have. */
uint32_t ofl_lists_taken_slots(unsigned int host);
/* What entries of its lists take, or may take. */
uint32_t ofl_lists_used_slots(unsigned int host);

#endif /* OFFLOADD_ENGINE_LIST_PRIVATE_H */
