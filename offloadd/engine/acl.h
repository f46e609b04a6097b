/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access control lists as they are configured: the engine's mirror of them,
 * and the way changes take from here to whoever places and writes them.
 *
 * A transaction says everything anew; the mirror finds what that changes.
 * Changes wait here and are told in pieces, so that a list of any length
 * costs bounded turns.  What is told in between is not a configuration:
 * `settled` says when it is one again.
 *
 * Beside the lists of the model it mirrors FRR's access-lists, those that an
 * attachment names, and makes a list of the static flows of each interface.
 *
 * It decides nothing and claims nothing: whether an entry is in hardware is
 * not known here.  Main thread only.
 */
#ifndef OFFLOADD_ENGINE_ACL_H
#define OFFLOADD_ENGINE_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/hwtable.h"

/* As in the model. */
#define OFL_ACL_REMARK_LEN 101

enum ofl_acl_origin {
	OFL_ACL_OWN = 0,
	OFL_ACL_FRR_IPV4, /* FRR's access-list */
	OFL_ACL_FRR_IPV6, /* FRR's ipv6 access-list */
	OFL_ACL_FLOWS,	  /* the static flows of one interface */
};
#define OFL_ACL_ORIGIN_MAX 4
/* Those an attachment may name end here. */
#define OFL_ACL_NAMED_MAX OFL_ACL_FLOWS
/* The command that makes such a list. */
const char *ofl_acl_origin_name(enum ofl_acl_origin o);

enum ofl_direction { OFL_INGRESS = 0, OFL_EGRESS };
#define OFL_DIRECTION_MAX 2
const char *ofl_direction_name(enum ofl_direction d); /* in, out */

/* Equal lists are equal bytes. */
struct ofl_acl_conf {
	char name[OFL_NAME_LEN];
	char remark[OFL_ACL_REMARK_LEN];
	uint8_t origin;	     /* enum ofl_acl_origin */
	uint8_t type;	     /* enum ofl_acl_type */
	bool default_accept; /* of packets that no entry matches; FLOWS: none */
	struct ofl_ace_settings settings;
};
/* A list of the model with the model's defaults. */
void ofl_acl_conf_init(struct ofl_acl_conf *c, const char *name);

/* `name` names lists, as configured; they need not exist. */
struct ofl_attachment {
	char interface[OFL_ACE_IFNAME_LEN];
	uint8_t direction; /* enum ofl_direction */
	char name[OFL_NAME_LEN];
};

#define OFL_STATIC_FLOW_PRIORITY 1000 /* if none is said */
/* A static flow: an entry of the list of its interface, by its name.  Those of
 * an interface are in the order of priorities (lowest first), then of names. */
struct ofl_static_flow {
	char name[OFL_NAME_LEN];
	char interface[OFL_ACE_IFNAME_LEN];
	char remark[OFL_ACL_REMARK_LEN];
	uint16_t priority;
	struct ofl_ace ace; /* of a mixed list; the mirror sets its seq */
	uint32_t acl_id;    /* the list; set by the mirror */
};

/* --- told by northbound --- */
/* A transaction: every list, each followed by its entries in any order, every
 * attachment and every static flow.  What is not said is gone at the commit. */
void ofl_acls_begin(void);
void ofl_acls_add(const struct ofl_acl_conf *conf);
void ofl_acls_ace_add(const struct ofl_ace *ace); /* of the list added last */
void ofl_acls_attach(const struct ofl_attachment *a);
void ofl_acls_flow_add(const struct ofl_static_flow *flow);
void ofl_acls_commit(void);
/* The marks that split entries may use; a change is told as `settled`. */
#define OFL_MARKS_FIRST 0x6f660000
#define OFL_MARKS_COUNT 4096
void ofl_acls_marks_set(uint32_t first, uint32_t count);
/* FRR's lists of this name changed (NULL: any of them). */
void ofl_acls_access_list_changed(const char *name);

/* --- who places and writes --- */
/* Lists by id, never used again in a run; entries by sequence number.  A list
 * comes before its entries and goes after them, an attachment the other way
 * round.  `id` of an attachment: a list it means; more than one only if they
 * are of different families. */
struct ofl_acl_consumer {
	void (*acl)(void *arg, uint32_t id, const struct ofl_acl_conf *conf);
	void (*acl_gone)(void *arg, uint32_t id);
	/* `ace` new or changed, with the list's settings where it has none. */
	void (*ace)(void *arg, uint32_t id, const struct ofl_ace *ace);
	void (*ace_gone)(void *arg, uint32_t id, uint32_t seq);
	void (*attached)(void *arg, uint32_t id, const char *interface,
			 enum ofl_direction d);
	void (*detached)(void *arg, uint32_t id, const char *interface,
			 enum ofl_direction d);
	/* Everything so far is one configuration. */
	void (*settled)(void *arg);
};
/* Tell this one from now on, beginning with everything; NULL: nobody. */
void ofl_acls_consumer_set(const struct ofl_acl_consumer *c, void *arg);
/* Tell so many changes; true: more to tell. */
bool ofl_acls_work(unsigned int budget);
void ofl_acls_set_wake(void (*wake)(void)); /* there is work */
void ofl_acls_init(void);
void ofl_acls_fini(void);

/* --- asked by northbound --- */
struct ofl_acl_status {
	uint32_t id;
	const struct ofl_acl_conf *conf;
	size_t ace_count;
	bool attached;
};
/* Walk lists by name; false from cb ends the walk. */
void ofl_acls_walk(bool (*cb)(const struct ofl_acl_status *s, void *arg),
		   void *arg);
/* The lists that an attachment to this name means. */
void ofl_acls_walk_name(const char *name,
			bool (*cb)(const struct ofl_acl_status *s, void *arg),
			void *arg);
/* Walk entries of a list from a sequence number on. */
void ofl_aces_walk(uint32_t id, uint32_t from_seq,
		   bool (*cb)(const struct ofl_ace *ace, void *arg), void *arg);
/* One at a time, in the order of ofl_acls_walk(), then of the list: the one
 * after these words, which need not be there (name NULL: the first), and the
 * one with exactly these.  False or NULL: none.  An entry is good until the
 * next turn. */
bool ofl_acl_next(const char *name, enum ofl_acl_origin origin,
		  struct ofl_acl_status *ret);
bool ofl_acl_find(const char *name, enum ofl_acl_origin origin,
		  struct ofl_acl_status *ret);
bool ofl_acl_by_id(uint32_t id, struct ofl_acl_status *ret);
const struct ofl_ace *ofl_ace_next(const char *name, enum ofl_acl_origin origin,
				   uint32_t seq);
const struct ofl_ace *ofl_ace_find(const char *name, enum ofl_acl_origin origin,
				   uint32_t seq);
/* The list of an entry that one of these, or a walk, gave. */
void ofl_ace_acl(const struct ofl_ace *ace, struct ofl_acl_status *ret);
void ofl_attachments_walk(bool (*cb)(const struct ofl_attachment *a, void *arg),
			  void *arg);
/* Walk static flows by interface, in their order; false from cb ends it. */
void ofl_static_flows_walk(bool (*cb)(const struct ofl_static_flow *flow,
				      void *arg),
			   void *arg);
/* The one after `f`, which was given in this turn (NULL: the first). */
const struct ofl_static_flow *
ofl_static_flow_next(const struct ofl_static_flow *f);
/* Also the way from a name to list and sequence number.  NULL: none. */
const struct ofl_static_flow *ofl_static_flow_find(const char *name);
void ofl_acls_marks_get(uint32_t *ret_first, uint32_t *ret_count);
struct ofl_acls_stats {
	size_t acls, aces, attachments, bytes;
	size_t pending; /* changes not told yet */
};
void ofl_acls_stats(struct ofl_acls_stats *ret);

#endif /* OFFLOADD_ENGINE_ACL_H */
