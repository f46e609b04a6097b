/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A route, or an entry of an access control list, explained in sentences: one
 * answer to each question that an operator asks.  `show offload explain` and
 * the operation explain of the model say them.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_EXPLAIN_H
#define OFFLOADD_NORTHBOUND_EXPLAIN_H

#include "offloadd/engine/engine.h"
#include "offloadd/engine/lists.h"
#include "offloadd/engine/traffic.h"

enum ofl_question {
	OFL_ASK_STATE = 0, /* how does it stand, since when? */
	OFL_ASK_CLASS,	   /* what is it worth, and who says so? */
	OFL_ASK_WHY,	   /* why is it not in hardware? */
	OFL_ASK_REMEDY,	   /* what would admit it? */
	OFL_ASK_SHADOW,	 /* which entry is above, which routes does it hide? */
	OFL_ASK_COST,	 /* how many slots does it, or would it, take? */
	OFL_ASK_TRAFFIC, /* what does it carry? */
	OFL_ASK_MAX
};
/* The name of the answer in JSON; its label in text. */
const char *ofl_question_key(enum ofl_question q);
const char *ofl_question_label(enum ofl_question q);

/* Enough for any answer but the hardware's longest words. */
#define OFL_ANSWER_LEN 1536

/* Everything that is known of a route: answers of the engine, good until the
 * end of the turn of the event loop. */
struct ofl_explained {
	struct ofl_explain e;
	bool has_table; /* one of ours: */
	struct ofl_table_status table;
	bool has_need;
	struct ofl_place_need need;
	uint8_t counted;  /* enum ofl_traffic_unit */
	bool has_traffic; /* some was seen: */
	struct ofl_traffic_view traffic;
};
/* False: there is no such route. */
bool ofl_explained_get(const struct ofl_key *key, struct ofl_explained *ret);
/* Slots that are missing below the limit of its class; 0: none, or that is not
 * what it waits for. */
uint32_t ofl_explained_missing(const struct ofl_explained *x);
/* One or more sentences into buf; false: there is nothing to say, "". */
bool ofl_explained_answer(const struct ofl_explained *x, enum ofl_question q,
			  char *buf, size_t len);
/* Of a prefix that is not known: says that, and of the longest route that
 * contains it how it stands; true and that route, if there is one. */
bool ofl_explain_unknown(uint32_t vrf, const struct ofl_prefix *p, char *buf,
			 size_t len, struct ofl_key *ret_longest);

/* An entry of a list, over all places where the list is attached. */
struct ofl_explained_ace {
	struct ofl_acl_status acl;
	const struct ofl_ace *ace;
	struct ofl_ace_settings settings; /* the list's where it has none */
	struct ofl_ace_status standing;
};
/* True: answered, and `ret` is the entry; the first of the lists of this name
 * that has one.  False: there is none. */
bool ofl_explained_ace_get(const char *list, uint32_t seq,
			   struct ofl_explained_ace *ret);
bool ofl_explained_ace_answer(const struct ofl_explained_ace *x,
			      enum ofl_question q, char *buf, size_t len);

/* An instant as in sentences: "2026-11-23 00:48:38 UTC". */
#define OFL_INSTANT_LEN 32
const char *ofl_instant_print(uint64_t wall_us, char *buf, size_t len);

#endif /* OFFLOADD_NORTHBOUND_EXPLAIN_H */
