/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: the only place where rooms meet.  It moves values between them
 * and decides nothing: an `if` about a domain fact belongs to a room below.
 *
 * One instance per process.  Main thread only.
 */
#ifndef OFFLOADD_ENGINE_ENGINE_H
#define OFFLOADD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "offloadd/base/frr_compat.h"
#include "offloadd/engine/ack.h"
#include "offloadd/engine/audit.h"
#include "offloadd/flow/fibroute.h"
#include "offloadd/flow/flowtab.h"
#include "offloadd/flow/hwtable.h"
#include "offloadd/placement/fibview.h"
#include "offloadd/placement/placement.h"
#include "offloadd/policy/policy.h"
#include "offloadd/provider/prov_fib.h"
#include "offloadd/provider/provider.h"
#include "offloadd/source/feed.h"
#include "offloadd/source/neigh.h"
#include "offloadd/source/source.h"
#include "offloadd/store/store.h"
#include "offloadd/traffic/traffic.h"

struct zebra_privs_t;

/* Where metrics may be had (offloadd/metrics).  Equal ones are equal bytes. */
struct ofl_metrics_conf {
	char unix_path[256]; /* a socket, absolute path; "": none */
	uint16_t port;	     /* TCP; 0: none */
	uint8_t family;	     /* of addr: AF_INET, AF_INET6 */
	uint8_t addr[16];
};

/* Everything the operator configured.  Reconfiguring is a comparison. */
struct ofl_conf {
	struct ofl_hwtable_conf *tables; /* sorted by name; owned */
	size_t table_count;
	struct ofl_policy *policy; /* owned, never NULL */
	struct ofl_store_conf store;
	struct ofl_feed_conf feed;
	struct ofl_shrink_conf shrink;
	struct ofl_fib_conf fib;
	struct ofl_audit_conf audit;
	struct ofl_metrics_conf metrics;
	struct ofl_traffic_conf traffic;
	uint8_t ack;		/* enum ofl_ack_mode */
	uint32_t retry_ms;	/* failed flows are tried again after this */
	uint32_t hw_timeout_ms; /* an unanswered operation is *silent* then */
	bool clean_on_exit; /* SIGTERM removes every entry (default: leave) */
};
/* Defaults: no tables, no rules, best-effort, store at `db_path`, settle 3000
 * / 90000 ms, shrink guard 25 percent / 1000 routes / 30 s, retry 5000 ms,
 * timeout 10000 ms, leave entries at exit, no metrics (and 127.0.0.1). */
struct ofl_conf *ofl_conf_new(const char *db_path);
void ofl_conf_free(struct ofl_conf *c);
/* Check what no single leaf can (low < high in slots, default table exists,
 * rules name existing tables, provider exists, several tables...).  False and
 * a sentence in buf if it cannot be. */
bool ofl_conf_check(const struct ofl_conf *c, char *buf, size_t len);

/* --- life --- */
/* `db_path`: the default database file ("" = none). */
void ofl_engine_init(struct ofl_loop *master, struct zebra_privs_t *privs,
		     const char *db_path);
/* Start the feeds (after the configuration file was read). */
void ofl_engine_start(void);
void ofl_engine_fini(void);
/* Take over `conf` (freed by the engine). */
void ofl_engine_configure(struct ofl_conf *conf);
const struct ofl_conf *ofl_engine_conf(void);

/* --- asked by northbound --- */
struct ofl_flowtab *ofl_engine_flows(void);
/* Name of table i (a flow's `table`), or NULL. */
const char *ofl_engine_table_name(uint8_t table);

/* Of routes and lists together. */
struct ofl_table_slots {
	uint32_t capacity, used, planned;
	uint32_t peak;	  /* the most that was used since the table is there */
	uint64_t peak_us; /* since when; wall clock; 0: nothing ever was */
};

struct ofl_table_status {
	const struct ofl_hwtable_conf *conf;
	bool ready;
	char not_ready_text[OFL_OUTCOME_TEXT];
	uint64_t ready_us;  /* since when it is, or is not; wall clock */
	bool silent;	    /* an operation is overdue ... */
	uint64_t silent_us; /* ... since then; wall clock */
	struct ofl_place_conf limits; /* resolved slots */
	uint32_t reserve_slots;
	struct ofl_table_slots slots;
	struct ofl_place_stats place;
	struct ofl_place_certificate certificate;
	struct ofl_provider_stats provider;
	uint64_t ops_sent, ops_ok, ops_failed;
	uint64_t oldest_in_flight_ms; /* age of the longest unanswered op */
};
/* Walk tables by name; false from cb ends the walk. */
void ofl_engine_tables_walk(bool (*cb)(const struct ofl_table_status *t,
				       void *arg),
			    void *arg);
/* False if there is none of that name. */
bool ofl_engine_table_status(const char *name, struct ofl_table_status *ret);
/* Walk the critical routes of a table whose entries need covers; false if
 * there is no table of that name. */
bool ofl_engine_critical_walk(const char *name,
			      bool (*cb)(const struct ofl_key *key,
					 uint32_t cover_slots, void *arg),
			      void *arg);
bool ofl_engine_table_dump(const char *name,
			   void (*cb)(const struct ofl_hw_entry *e, void *arg),
			   void *arg);
/* Walk what the table's hardware takes, as far as its provider asked; false if
 * there is no table of that name. */
bool ofl_engine_capabilities_walk(const char *name,
				  bool (*cb)(const struct ofl_capability *c,
					     void *arg),
				  void *arg);
bool ofl_engine_exercise(const char *table, const char *line,
			 const char **ret_error);

/* What `show offload fib` says. */
struct ofl_fib_status {
	bool observed; /* it is configured, and works */
	bool drivers;  /* some driver answered about some route */
	struct ofl_fib_conf conf;
	struct ofl_fibwatch_stats watch;
	struct ofl_fibview_stats view;
	uint64_t written, refused; /* repairs, as the kernel saw them */
	bool has_resource;	   /* devlink told of it: */
	uint64_t used_slots, capacity_slots;
	bool above_high;		      /* and not below low since */
	char resource_text[OFL_OUTCOME_TEXT]; /* why it did not, or "" */
};
void ofl_engine_fib_status(struct ofl_fib_status *ret);
/* Routes whose packets hardware forwards by a shorter one. */
void ofl_engine_fib_shadowed_walk(bool (*cb)(const struct ofl_fibview_route *r,
					     void *arg),
				  void *arg);
/* The VRF of a table of the kernel; false: none that is known. */
bool ofl_engine_fib_vrf(uint32_t table, uint32_t *ret_vrf);

/* Everything `show offload route PREFIX` says. */
struct ofl_explain {
	const struct ofl_flow *flow;
	struct ofl_place_view view; /* zero if it has no table */
	bool has_cover;
	struct ofl_key cover; /* shorter entry in hardware above it */
	uint32_t covers_needed;
};
bool ofl_engine_explain(const struct ofl_key *key, struct ofl_explain *ret);
/* What an entry of it takes, and what stands against it; false: it has no
 * table of ours.  Dearer than ofl_engine_explain(). */
bool ofl_engine_need(const struct ofl_flow *flow, struct ofl_place_need *ret);
/* The longest route of the VRF that contains this prefix, or is it; false:
 * there is none. */
bool ofl_engine_longest(uint32_t vrf, const struct ofl_prefix *p,
			struct ofl_key *ret);
void ofl_engine_covers_walk(const struct ofl_flow *flow,
			    bool (*cb)(const struct ofl_key *cover,
				       enum ofl_entry entry, void *arg),
			    void *arg);

/* What the shrink guard holds; times are of the wall clock. */
struct ofl_feed_hold {
	bool is_holding;
	uint64_t routes;
	uint64_t lost, of; /* what it began with */
	uint64_t since_us, until_us;
};
void ofl_engine_feed_hold(struct ofl_feed_hold *ret);
/* Let go of it now; false: nothing is held. */
bool ofl_engine_feed_release(void);

/* --- asked to be done by northbound --- */
/* Have zebra announce its routes again; false: there is no zebra. */
bool ofl_engine_resync(void);
/* A sweep now, of this table or of all (NULL); false: no such table. */
bool ofl_engine_rebalance(const char *name);
/* Delete history and events older than this (UINT64_MAX: all), in the
 * background; false: there is no database. */
bool ofl_engine_clear_history(uint64_t before_us);

struct ofl_summary {
	bool begun; /* false: a configuration is waited for */
	uint64_t flows, by_state[OFL_STATE_MAX], by_class[OFL_CLASS_MAX];
	uint64_t by_reason[OFL_REASON_MAX];
	uint64_t by_class_state[OFL_CLASS_MAX][OFL_STATE_MAX];
	/* Since the start: times that a flow failed, by its reason then. */
	uint64_t failures[OFL_REASON_MAX];
	uint64_t transitions, illegal_transitions;
	size_t dirty;
	struct ofl_rib_stats rib;
	struct ofl_feed_stats feed;
	struct ofl_ack_stats ack;
	uint64_t feed_since_us; /* wall clock */
	uint64_t fpm_since_us;	/* likewise; 0: that is not the feed */
	struct ofl_neigh_stats neigh;
	struct ofl_store_stats store;
	uint64_t turn_max_us; /* longest turn since start */
};
void ofl_engine_summary(struct ofl_summary *ret);
struct ofl_store *ofl_engine_store(void);

/* A prefix-list or an access-list changed (NULL: any of them). */
void ofl_engine_prefix_list_changed(const char *name);
void ofl_engine_access_list_changed(const char *name);

/* Names for show: never NULL. */
const char *ofl_engine_vrf_name(uint32_t vrf);
const char *ofl_engine_interface_name(uint32_t ifindex, uint32_t vrf);
/* By name, or by number in text; false: no such VRF. */
bool ofl_engine_vrf_find(const char *name, uint32_t *ret_vrf);

#endif /* OFFLOADD_ENGINE_ENGINE_H */
