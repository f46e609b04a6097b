/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operational state: nodes of the model served from what the engine answers.
 *
 * One callback serves every leaf.  It looks the node up in a table made of
 * state.def and state_acl.def, has ofl_at_NAME() make a value of the list entry
 * (an answer of the engine), and prints a member of it or calls a function.
 *
 * List entries are good until the end of the turn of the event loop, as the
 * engine's answers are.  Values that cost something to make are kept for the
 * entry that was asked about last, and made anew whenever an entry is handed
 * out.
 *
 * Private to this room.  Neighbours: nb.c and nb_acl.c (tables of nodes),
 * nb_rpc.c, large.c.
 */
#ifndef OFFLOADD_NORTHBOUND_STATE_H
#define OFFLOADD_NORTHBOUND_STATE_H

#include <zebra.h>

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

#include "offloadd/engine/engine.h"
#include "offloadd/engine/lists.h"
#include "offloadd/engine/traffic.h"

#define OFL_STATE_XPATH "/frr-offload:offload/state"
/* The value of any leaf, as text. */
#define OFL_LEAF_LEN 1024

/* --- what ofl_at_NAME() makes; NULL: the leaf is absent --- */
struct ofl_at_sums {
	struct ofl_summary s;
	struct ofl_feed_hold hold;
	const char *path;
};
struct ofl_at_family {
	const char *name;
	uint64_t by_state[OFL_FIB_STATE_MAX];
	bool announced;
};
struct ofl_at_foreign {
	uint32_t index;
	char table[OFL_NAME_LEN];
	struct ofl_foreign f;
};
struct ofl_at_table {
	const char *name, *provider;
	struct ofl_table_status st;
	struct ofl_lists_at lists;
};
struct ofl_at_capability {
	char table[OFL_NAME_LEN];
	struct ofl_capability c;
};
struct ofl_heavy {
	struct ofl_key key;
	uint8_t cls, state; /* enum ofl_class, enum ofl_state */
	enum ofl_reason reason;
	const char *table; /* name, or NULL */
	double rate, error;
	uint32_t permille, weight;
	bool is_mouse;
};
struct ofl_at_carried {
	char name[OFL_NAME_LEN];
	struct ofl_table_traffic t;
};
struct ofl_at_heaviest {
	uint32_t index;
	struct ofl_heavy f;
};
struct ofl_at_acl {
	struct ofl_acl_status acl;
	/* Sums of its entries, by state. */
	uint32_t by_state[OFL_STATE_MAX], slots;
	bool has_default;
	struct ofl_ace_status standing; /* of its default action */
};
struct ofl_at_attachment {
	struct ofl_attachment a;
	bool exists;
	char table[OFL_NAME_LEN];
	struct ofl_applied applied;
};
/* An entry of a list, or a static flow. */
struct ofl_at_ace {
	struct ofl_acl_status acl;
	const struct ofl_ace *ace;
	struct ofl_ace_settings settings;
	struct ofl_ace_status standing;
	char table[OFL_NAME_LEN]; /* the rest is of static flows */
	struct ofl_applied applied;
};

/* --- state.c --- */
struct yang_data *ofl_state_elem(struct nb_cb_get_elem_args *args);
/* The leaf at this path below the state (of a list entry: of the list), as
 * text; false: it is absent. */
bool ofl_state_print(const char *path, const void *entry, char *buf,
		     size_t len);
/* Lists that are counted: entry i, and back. */
const void *ofl_state_nth(size_t i);
size_t ofl_state_nth_of(const void *entry);
/* The number in a key, from 1 on; 0: it is none. */
size_t ofl_state_number(const char *key);
void ofl_state_keys_set(struct yang_list_keys *keys, unsigned int count, ...);
/* Printed in the form of yang:date-and-time; false: 0, which is absent. */
bool ofl_state_time_print(uint64_t wall_us, char *buf, size_t len);
/* NULL, or what is wrong with it: a static sentence. */
const char *ofl_state_time_parse(const char *text, uint64_t *ret_us);
/* A VRF by name, by number if it has none; and back. */
const char *ofl_state_vrf_print(uint32_t vrf, char *buf, size_t len);
bool ofl_state_vrf_parse(const char *text, uint32_t *ret_vrf);
bool ofl_state_word(char *buf, size_t len, const char *word);
bool ofl_state_uint(char *buf, size_t len, uint64_t value);

/* Answers of a walk, kept until it is asked anew. */
struct ofl_snap {
	size_t size; /* of an item */
	void *v;
	size_t n, room;
};
void *ofl_snap_add(struct ofl_snap *s);
/* The one after `entry`, or the first; NULL: none. */
const void *ofl_snap_next(const struct ofl_snap *s, const void *entry);
void ofl_snap_free(struct ofl_snap *s);

/* Memory of snapshots. */
void ofl_state_sums_fini(void);
void ofl_state_table_fini(void);
void ofl_state_acl_fini(void);
void ofl_state_traffic_fini(void);

/* --- state_flow.c --- */
struct ofl_flow;
/* The flow of these keys; NULL: none. */
const struct ofl_flow *ofl_state_flow_find(const char *vrf, const char *prefix);
/* Whoever has a flow by other ways asks placement anew. */
void ofl_state_flow_fresh(void);
/* For large.h. */
const void *ofl_state_flow_next(const struct yang_list_keys *keys);
/* --- state_traffic.c --- */
/* A flow that carries traffic, as it was when it was asked about. */
void ofl_heavy_make(const struct ofl_traffic_flow *from, struct ofl_heavy *ret);
/* --- state_acl.c --- */
const void *ofl_state_ace_next(const struct yang_list_keys *keys);

/* What the tables call. */
#define OFL_STATE_LIST(path, name)                                             \
	const void *ofl_at_##name##_next(struct nb_cb_get_next_args *args);    \
	int ofl_at_##name##_keys(struct nb_cb_get_keys_args *args);            \
	const void *ofl_at_##name##_find(struct nb_cb_lookup_entry_args *args);
#define OFL_STATE_LEAF(path, name, kind, type, member)                         \
	const void *ofl_at_##name(const void *entry);
#define OFL_STATE_FN(path, name, function)                                     \
	const void *ofl_at_##name(const void *entry);                          \
	bool function(const void *from, char *buf, size_t len);
#include "offloadd/northbound/state.def"
#include "offloadd/northbound/state_acl.def"
#undef OFL_STATE_LIST
#undef OFL_STATE_LEAF
#undef OFL_STATE_FN

#endif /* OFFLOADD_NORTHBOUND_STATE_H */
