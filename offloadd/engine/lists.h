/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access control lists at the tables: what is configured (acl.h) becomes lists
 * before the ports of a table (provider_list.h), software's half whole and
 * hardware's half as far as it is worth its slots (placement/acl.h).
 *
 * What an interface meets is one list: the static flows of that interface, then
 * the list or lists attached to it.  Interfaces of a table that meet the same
 * share it.  An interface that is no table's port is served by software alone.
 *
 * Main thread only.
 */
#ifndef OFFLOADD_ENGINE_LISTS_H
#define OFFLOADD_ENGINE_LISTS_H

#include "offloadd/engine/acl.h"
#include "offloadd/flow/reason.h"
#include "offloadd/provider/provider_list.h"

/* An attachment as it stands. */
struct ofl_applied {
	const char *interface;
	enum ofl_direction direction;
	const char *table; /* whose port it is; "": software alone */
	enum ofl_list_bound bound;
	bool current; /* the configured entries are those in force */
	char why[OFL_OUTCOME_TEXT]; /* of what is not as it should be, or "" */
};
/* Walk the attachments of a list; false from cb ends the walk. */
void ofl_applied_walk(uint32_t acl_id,
		      bool (*cb)(const struct ofl_applied *a, void *arg),
		      void *arg);

/* An entry as it stands, over all places where its list is attached. */
struct ofl_ace_status {
	enum ofl_state state; /* the worst of them */
	enum ofl_reason reason;
	char text[OFL_OUTCOME_TEXT]; /* more of the reason, or "" */
	bool in_software;	     /* in force there, everywhere */
	/* Matches the entry is made of, in all places; how many of them
	 * hardware answers, and how many it sends to software. */
	uint32_t matches, real, punts;
	uint32_t slots; /* taken in hardware */
	/* Split: hardware's half gives this mark; else 0. */
	uint32_t mark;
	uint32_t mark_users; /* entries that share that half */
	struct ofl_match part; /* what hardware's half matches, if mark */
	uint64_t packets[2], bytes[2]; /* [0] software, [1] hardware */
};
/* False if there is no such entry. */
bool ofl_ace_status(uint32_t acl_id, uint32_t seq, struct ofl_ace_status *ret);
/* Of the packets that no entry matched: the default action of the list. */
bool ofl_acl_default_status(uint32_t acl_id, struct ofl_ace_status *ret);

/* What lists take of a table; false if it has none. */
struct ofl_lists_at {
	uint32_t lists, rules; /* rules: matches of entries */
	uint32_t limit_slots, used_slots, planned_slots;
	uint32_t real, covers, parts, marks;
	uint64_t writes;
};
bool ofl_lists_at(const char *table, struct ofl_lists_at *ret);

/* Walk filters that are nobody's here, at the ports of a table and of
 * interfaces with lists (`table` ""); false if there is no such table. */
bool ofl_lists_foreign_walk(const char *table,
			    bool (*cb)(const struct ofl_foreign *f, void *arg),
			    void *arg);

#endif /* OFFLOADD_ENGINE_LISTS_H */
