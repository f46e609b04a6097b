/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of a provider's contract that is about lists: access control lists
 * in front of the ports of a table.
 *
 * A list stands before the routes: a packet of a port that it is bound to meets
 * the list first.  It has two halves, and a packet meets hardware's first:
 *
 *   hardware   some entries, written one by one with submit(), in an order
 *              that is safe after every single one.  A packet that none of them
 *              answers, or that one sends to software (PUNT), goes to
 *   software   all rules of the list, set at once: a packet meets the rules of
 *              before or those of now, never a mixture.
 *
 * So what hardware holds is an abbreviation, and a miss is always right.
 *
 * All calls come from the main thread, do not block, and are answered later by
 * events.  Callbacks may not call back into the provider.
 */
#ifndef OFFLOADD_PROVIDER_PROVIDER_LIST_H
#define OFFLOADD_PROVIDER_PROVIDER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/match.h"
#include "offloadd/flow/op.h"

struct ofl_provider;

/* Lists of one table at a time. */
#define OFL_LISTS_MAX 64
/* Prefs of hardware entries; the lowest wins. */
#define OFL_LIST_PREF_FIRST 1
#define OFL_LIST_PREF_LAST 32000

/* --- software's half --- */

struct ofl_list_rule {
	const struct ofl_match *match;	     /* borrowed, see below */
	const struct ofl_ace_action *action; /* borrowed, see below */
	uint64_t cookie; /* whose packets are counted; rules may share one */
	/* Rules of one level may stand in any order; the lowest wins. */
	uint16_t level;
	/* 0: of the list.  n: of what packets with the mark of part n meet
	 * instead of the list; if none of these matches, they meet the list. */
	uint16_t part;
};

struct ofl_list_soft {
	struct ofl_list_rule *rules;
	size_t count;
	uint32_t *marks; /* of part n: marks[n - 1] */
	size_t part_count;
	/* The provider has it from set() on and calls this when it needs it no
	 * longer; until then nothing of it, nor what it borrows, changes. */
	void (*free)(struct ofl_list_soft *soft);
};

/* --- hardware's half --- */

/* What hardware can hold of a rule. */
enum ofl_list_holds {
	OFL_LIST_NOTHING = 0, /* not even of what contains it */
	OFL_LIST_COVER,	      /* the match, not the action: it can be a PUNT */
	OFL_LIST_PART,	      /* a wider match: as a PUNT */
	OFL_LIST_WHOLE,
};
struct ofl_list_can {
	uint8_t holds;		    /* enum ofl_list_holds */
	uint16_t slots;		    /* the entry takes; 0 if NOTHING */
	struct ofl_match part;	    /* of PART: contains the rule's */
	char why[OFL_OUTCOME_TEXT]; /* not WHOLE; else "" */
};

/* One write.  As struct ofl_op, with these differences. */
struct ofl_list_op {
	uint64_t id;	   /* unique within the list, modulo OFL_OPS_IN_FLIGHT
			    * among those unanswered */
	uint64_t entry_id; /* ADD makes it; unique within the list for ever */
	uint8_t kind;	   /* enum ofl_op_kind; REPLACE keeps match and pref */
	uint8_t entry;	   /* enum ofl_entry after success; NONE for DEL */
	uint16_t slots;
	uint16_t pref;	 /* OFL_LIST_PREF_FIRST .. _LAST */
	uint64_t cookie; /* whose packets are counted */
	/* Of a PUNT: packets go to software with this mark; 0: without. */
	uint32_t mark;
	const struct ofl_match *match;	     /* borrowed for the call */
	const struct ofl_ace_action *action; /* of REAL; likewise */
};

/* --- how it stands --- */

enum ofl_list_bound {
	OFL_LIST_UNBOUND = 0,
	OFL_LIST_BINDING,  /* nothing is enforced yet */
	OFL_LIST_SOFTWARE, /* enforced, all of it by software */
	OFL_LIST_HARDWARE, /* packets meet hardware's half first */
};

struct ofl_list_status {
	/* The rules that were set last are those in force. */
	bool current;
	/* Entries of hardware can be written now. */
	bool open;
	char text[OFL_OUTCOME_TEXT]; /* why not current, or not open, or "" */
};

struct ofl_list_counted {
	uint64_t cookie;
	/* Of all rules and entries of this cookie since it was first set;
	 * [0] software, [1] hardware. */
	uint64_t packets[2], bytes[2];
};

struct ofl_list_events {
	/* An operation was answered. */
	void (*done)(void *arg, uint32_t list,
		     const struct ofl_outcome *outcome);
	/* Hardware dropped an entry on its own. */
	void (*lost)(void *arg, uint32_t list, uint64_t entry_id,
		     const char *text);
	/* status() or bound() of a list has changed. */
	void (*changed)(void *arg, uint32_t list);
	/* can() may answer otherwise than before, for any rule. */
	void (*able)(void *arg);
};

/* A filter at the ports of a table that is nobody's here. */
struct ofl_foreign {
	char port[OFL_ACE_IFNAME_LEN]; /* "": of the ports' shared block */
	bool egress;
	char kind[16];	   /* classifier */
	uint16_t protocol; /* ethertype, host order */
	uint32_t chain, handle;
	uint16_t pref;
	bool in_hw, skip_hw, skip_sw;
	uint64_t packets, bytes;
};

/* Of a provider that has lists; `list` is the caller's number, not 0, and is
 * never used again after close(). */
struct ofl_list_ops {
	void (*events_set)(struct ofl_provider *p,
			   const struct ofl_list_events *events, void *arg);
	/* False and *ret_error (static text): there are too many. `egress`:
	 * what leaves this port meets it (software only); NULL: what comes in.
	 */
	bool (*open)(struct ofl_provider *p, uint32_t list, const char *egress,
		     const char **ret_error);
	/* Everything of it goes, in safe order; operations stay unanswered. */
	void (*close)(struct ofl_provider *p, uint32_t list);
	/* Packets of this port meet it from now on, or no longer; another list
	 * bound to the same port before gives way without a gap. */
	void (*bind)(struct ofl_provider *p, uint32_t list, const char *port);
	void (*unbind)(struct ofl_provider *p, uint32_t list, const char *port);
	enum ofl_list_bound (*bound)(struct ofl_provider *p, uint32_t list,
				     const char *port, char *ret_why,
				     size_t size);
	void (*set)(struct ofl_provider *p, uint32_t list,
		    struct ofl_list_soft *soft);
	void (*status)(struct ofl_provider *p, uint32_t list,
		       struct ofl_list_status *ret);
	void (*can)(struct ofl_provider *p, const struct ofl_match *match,
		    const struct ofl_ace_action *action,
		    struct ofl_list_can *ret);
	/* Takes up to n in order; how many. */
	size_t (*submit)(struct ofl_provider *p, uint32_t list,
			 const struct ofl_list_op *ops, size_t n);
	/* Walk what was counted; false from cb ends the walk. */
	void (*counters)(struct ofl_provider *p, uint32_t list,
			 bool (*cb)(const struct ofl_list_counted *c,
				    void *arg),
			 void *arg);
	/* All lists that were configured are open and bound: what an earlier
	 * life left and nobody wants any more goes. */
	void (*settled)(struct ofl_provider *p);
	void (*foreign)(struct ofl_provider *p,
			bool (*cb)(const struct ofl_foreign *f, void *arg),
			void *arg);
	/* Its hardware cannot have this port at all: no list of the table can
	 * be there.  May be NULL: it takes all. */
	bool (*refuses)(struct ofl_provider *p, const char *port, char *ret_why,
			size_t size);
	/* For a table of software alone: a port more, a port less. */
	bool (*port_add)(struct ofl_provider *p, const char *port);
	void (*port_del)(struct ofl_provider *p, const char *port);
};

#endif /* OFFLOADD_PROVIDER_PROVIDER_LIST_H */
