/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's own state, shared by its files:
 *
 *   engine.c   life and configuration      turn.c     one turn of the wheel
 *   hw.c       one table: provider beside placement
 *   adopt.c    what an earlier life left in its hardware
 *   restart.c  what an earlier life left in the database
 *   audit.c    all of it compared, again and again; audit_store.c
 *   outcome.c  from placement's views to states, store and alarms
 *   query.c    answers to northbound
 *   feed.c     what becomes of the feed, for store, log and northbound
 *   notify.c   what is told without being asked; notify_ask.c
 *   fib.c      drivers that offload by themselves; fib_tell.c: to their flows
 *   acl.c      access control lists; they have a state of their own
 *   list.c     ... before the ports of tables, likewise
 *   list_engine.c  what these need of the rest
 *   ask.c      how full a table is; what northbound asks to be done
 *   simulate.c what a table would hold, were it another
 *   traffic.c  how much flows carry; traffic_ask.c
 */
#ifndef OFFLOADD_ENGINE_ENGINE_PRIVATE_H
#define OFFLOADD_ENGINE_ENGINE_PRIVATE_H

#include "offloadd/engine/engine.h"
#include "offloadd/engine/traffic_private.h"

/* What hardware said about refused operations, until their flows are told. */
#define OFL_TEXTS_MAX 64
struct ofl_refusal_text {
	uint64_t cookie;
	int errnum;
	char text[OFL_OUTCOME_TEXT];
};

/* Entries of an earlier life: are there any, and has somebody taken them? */
enum ofl_adopt {
	OFL_ADOPT_UNKNOWN = 0, /* the provider was never ready */
	OFL_ADOPT_WAITING,     /* there are: until the feed has settled */
	OFL_ADOPT_RUNNING,
	OFL_ADOPT_DONE, /* or there were none */
};

struct ofl_hw {
	bool used;
	bool retiring; /* not configured any longer: entries leave */
	uint8_t index; /* a flow's `table` */
	struct ofl_hwtable_conf conf;

	/* placement beside provider */
	struct ofl_place *place;
	const struct ofl_provider_ops *ops;
	struct ofl_provider *prov;
	struct ofl_place_conf limits;
	uint64_t poll_at_us;	/* when the provider wants to be polled */
	struct ofl_ev *read_ev; /* or its descriptor, whichever is first */
	bool planned; /* placement was asked for a plan at least once */
	bool untold;  /* flows that changed do not know yet */

	/* adopt.c */
	uint8_t adopt;	   /* enum ofl_adopt */
	uint32_t adopt_at; /* where the walk over what was found is */
	uint32_t adopted, adopted_otherwise;
	uint32_t found_count; /* identities given so far */

	/* provider events */
	bool ready;
	char not_ready_text[OFL_OUTCOME_TEXT];
	uint64_t ready_us;	    /* since; wall clock */
	uint32_t hw_capacity_slots; /* as reported; 0: not yet */
	uint32_t capacity_slots;    /* of routes and lists together */
	struct ofl_refusal_text texts[OFL_TEXTS_MAX];
	unsigned int text_count;

	/* operations: when each was sent, by id modulo OFL_OPS_IN_FLIGHT */
	struct {
		uint64_t id, at_us;
	} sent[OFL_OPS_IN_FLIGHT];
	uint64_t ops_sent, ops_ok, ops_failed;
	bool failures;				/* something to try again */
	bool silent;				/* an operation is overdue */
	uint64_t silent_us;			/* since; wall clock */
	uint64_t crossings_high, crossings_low; /* as last told */
	bool closed;				/* as last said to notices */
	uint32_t since_sweep_s;
	uint32_t elided;
	struct ofl_hw_traffic traffic;
	bool had_lists;
	struct ofl_store_sample sampled; /* sample.c: as last recorded ... */
	uint64_t sampled_us;		 /* ... then; monotonic; 0: never */
	uint32_t peak_slots;		 /* ask.c: the most that was used ... */
	uint64_t peak_us;		 /* ... since then; wall clock */
};

struct ofl_engine {
	struct ofl_loop *loop;
	struct zebra_privs_t *privs;
	struct ofl_conf *conf;
	bool running;
	bool ending; /* of the process */

	struct ofl_flowtab *flows;
	struct ofl_rib *rib;
	struct ofl_feed *feed;
	struct ofl_neigh *neigh;
	struct ofl_store *store;
	struct ofl_fib *fib; /* fib.c; NULL: not observed */

	/* traffic.c */
	struct ofl_traffic *traffic;	      /* NULL: it is not counted */
	struct ofl_traffic_conf traffic_conf; /* as it was last */
	uint64_t traffic_since_us;	      /* wall clock */
	/* Counters are or were read since, rounds made since; monotonic. */
	uint64_t traffic_read_us, traffic_round_us;
	bool traffic_due; /* a round is, when they are read */

	struct ofl_hw *tables[OFL_TABLES_MAX];
	struct ofl_policy_env env;

	struct ofl_ev *turn_ev, *turn_timer, *second_timer, *retry_timer;
	struct ofl_ev *restate_ev;
	uint8_t restate_gen;	   /* which telling of everything this is */
	uint32_t restate_at;	   /* where it is */
	uint64_t restated_us;	   /* wall clock: when a row alone last was */
	struct ofl_recall *recall; /* restart.c; NULL: it is over */
	size_t recall_at;
	size_t recall_left; /* flows that are not back yet */
	size_t recall_total;
	uint8_t recall_hold; /* restart_hold.c */
	size_t recall_hold_at;
	bool settled;	     /* the feed's first, or last, resync is complete */
	uint64_t settled_us; /* when that was; monotonic */
	bool feed_up;
	bool feed_late;
	uint64_t holds_told, releases_told; /* of the shrink guard */
	uint64_t dropped_told;		    /* sample.c: records lost */

	/* sums over all flows that were judged */
	uint64_t by_state[OFL_STATE_MAX], by_class[OFL_CLASS_MAX];
	uint64_t by_reason[OFL_REASON_MAX];
	uint64_t by_class_state[OFL_CLASS_MAX][OFL_STATE_MAX];
	uint64_t failures[OFL_REASON_MAX]; /* since the start */
	uint64_t transitions, illegal_transitions;
	uint64_t turn_max_us;
	uint64_t improved_us; /* when a turn last looked for a better plan */
};

extern struct ofl_engine ofl_eng;

/* turn.c */
void ofl_turn_schedule(void); /* a turn is due */
void ofl_turn_schedule_at(uint64_t at_us);
/* One turn without the event loop, for a clean stop; true: more to do. */
bool ofl_turn_run(void);

/* hw.c */
struct ofl_hw *ofl_hw_new(const struct ofl_hwtable_conf *conf, uint8_t index,
			  const char **ret_error);
/* For what a provider was asked to write last, when the process ends. */
#define OFL_LAST_WORD_MS 1000
/* Entries stay as they are; see the contract of a provider for wait_ms. */
void ofl_hw_free(struct ofl_hw *t, uint32_t wait_ms);
void ofl_hw_conf_set(struct ofl_hw *t, const struct ofl_hwtable_conf *conf);
void ofl_hw_retire(struct ofl_hw *t); /* entries leave in safe order */
bool ofl_hw_is_empty(const struct ofl_hw *t);
/* Plan and send what may be sent; if `may_improve`, a step towards a better
 * plan comes before the sending.  True: more of it. */
bool ofl_hw_work(struct ofl_hw *t, unsigned int budget, bool may_improve);
/* Might there be a better plan? */
bool ofl_hw_is_improving(const struct ofl_hw *t);
/* A second has passed: allowances, and now and then the weights anew. */
void ofl_hw_second(struct ofl_hw *t);
/* Take answers that are due. */
void ofl_hw_poll(struct ofl_hw *t, uint64_t now_us);
/* Tell some flows how they stand; true: there may be more. */
bool ofl_hw_tell(struct ofl_hw *t);
/* Look for overdue operations, about once a second. */
void ofl_hw_watch(struct ofl_hw *t, uint64_t now_us);
uint64_t ofl_hw_oldest_us(const struct ofl_hw *t, uint64_t now_us);
void ofl_hw_event(const struct ofl_hw *t, const char *kind, const char *text);

/* The limits it would have, were it configured so (its costs are the same). */
void ofl_hw_limits_if(const struct ofl_hw *t,
		      const struct ofl_hwtable_conf *conf,
		      struct ofl_place_conf *ret);
/* Lists take more or less of it, or may have it now. */
void ofl_hw_limits_set(struct ofl_hw *t);

/* list_engine.c */
void ofl_list_engine_init(void);
void ofl_list_engine_start(void);
/* Give the store what it keeps of lists once more. */
void ofl_list_engine_restate(void);
/* Everything of lists leaves its table. */
void ofl_list_engine_clear(void);
/* The providers of tables were freed before. */
void ofl_list_engine_fini(void);
/* Take answers that are due; when to be called next. */
uint64_t ofl_list_engine_poll(uint64_t now_us);

/* adopt.c */
/* The provider is ready, or no longer. */
void ofl_adopt_ready(struct ofl_hw *t, bool ready);
/* Nothing is planned and written yet: what is there is not known, or not taken
 * over.  *ret_more: there is something to do at once. */
bool ofl_adopt_holds(struct ofl_hw *t, unsigned int budget, bool *ret_more);
/* For an entry of which nobody knows what it does: no other has it. */
uint32_t ofl_adopt_identity(struct ofl_hw *t);
/* A route of before is back, and its entry may be there. */
void ofl_adopt_late(struct ofl_hw *t, const struct ofl_flow *f);

/* restart.c */
/* The store is open: recall what the flows were. */
void ofl_restart_begin(void);
void ofl_restart_end(void);
/* The flows of the earlier life are not all back, or not all gone. */
bool ofl_restart_is_on(void);
/* A flow leaves *seen*.  True: it is what it was before the restart, since
 * when tells its `since`; nothing has happened.  Else *ret_from is where it
 * comes from. */
bool ofl_restart_keeps(struct ofl_flow *f, enum ofl_state *ret_from);
/* What it carried in the earlier life, as struct ofl_store_flow has it; 0: that
 * is not known, or no longer. */
uint32_t ofl_restart_traffic(const struct ofl_flow *f);
/* A step towards the end; true: there is more to do at once. */
bool ofl_restart_work(void);

/* restart_hold.c: too many of the flows of before are not back */
/* The feed has settled: entries without a route stay for a while, if there are
 * too many of them. */
void ofl_restart_hold_begin(void);
bool ofl_restart_is_holding(void);
/* It has ended and all was let go; a step towards that otherwise. */
bool ofl_restart_hold_is_over(void);
void ofl_restart_hold_release(void);
void ofl_restart_hold_get(struct ofl_feed_hold *ret);
/* As the route of an entry that is to stay. */
void ofl_restart_hold_keep(struct ofl_hw *t, const struct ofl_key *key,
			   uint32_t identity);
/* The flow of this row is not there: its end, for the history. */
struct ofl_recalled;
void ofl_restart_row_gone(const struct ofl_recall *recall,
			  const struct ofl_recalled *r);

/* audit.c */
/* What a provider's own audit found, and that it ended. */
void ofl_audit_differs(const struct ofl_hw *t, const struct ofl_key *key,
		       enum ofl_difference what, const char *text);
void ofl_audit_provider_done(const struct ofl_hw *t, uint32_t entries);
/* As configured now. */
void ofl_audit_configure(void);
void ofl_audit_fini(void);
/* audit_store.c: the flow is about to be freed. */
void ofl_audit_flow_gone(const struct ofl_flow *f);

/* query.c; NULL if there is none of that name */
struct ofl_hw *ofl_engine_table_find(const char *name);

/* ask.c: operations were handed out; is more used than ever before? */
void ofl_hw_peak_note(struct ofl_hw *t);
/* ask.c: for who asks, routes and lists together */
void ofl_hw_slots(const struct ofl_hw *t, struct ofl_table_slots *ret);

/* simulate.c: the placement of this table is about to be freed */
void ofl_simulate_forget(const struct ofl_hw *t);
void ofl_simulate_fini(void);

/* sample.c: a second has passed; the daemon ends */
void ofl_sample_second(uint64_t now_us);
void ofl_sample_last(void);

/* feed.c: a second has passed */
void ofl_feed_second(uint64_t now_us);
/* ... a monotonic time by the wall clock */
uint64_t ofl_feed_wall_us(uint64_t mono_us);

/* engine.c */
void ofl_engine_event(const char *kind, const char *text);
/* engine.c: no flow is in this table any longer */
void ofl_engine_forget_table(uint8_t index);

/* outcome.c */
void ofl_outcome_judge(struct ofl_flow *f);
/* Tell flows how they stand; true: there may be more.  An entry that goes
 * changes how all routes below it stand, which is more than a turn's work. */
bool ofl_outcome_drain_some(struct ofl_hw *t, unsigned int budget);
void ofl_outcome_drain(struct ofl_hw *t); /* all of them */
/* State `to` for f; stores and counts it. */
void ofl_outcome_move(struct ofl_flow *f, enum ofl_state to,
		      enum ofl_reason reason, const char *text, uint8_t op);
void ofl_outcome_count(struct ofl_flow *f, int sign);
/* It carries more or less than before: placement is to know. */
void ofl_outcome_weigh(struct ofl_flow *f);
/* Its row again: it changed without changing its state. */
void ofl_outcome_restate(const struct ofl_flow *f);
/* Put every flow into the store again, in pieces. */
void ofl_outcome_restate_begin(void);

/* notify.c: how subjects of notices stand */
void ofl_notify_init(void);
/* The feed has settled for the first time: flows may alarm. */
void ofl_notify_start(void);
void ofl_notify_fini(void);
/* State, class or withdrawal of the flow changed. */
void ofl_notify_flow(struct ofl_flow *f);
/* The flow is about to be freed. */
void ofl_notify_flow_gone(struct ofl_flow *f);
/* Above high, and not below low since; `crossed` so often since last said.
 * False: the ends of too many tables are still to be told; say it again. */
bool ofl_notify_watermark(const char *table, bool above, uint64_t crossed);
void ofl_notify_table_gone(const char *table);
/* Hardware removed an entry on its own; key NULL: of no route. */
void ofl_notify_removed(const char *table, const struct ofl_key *key,
			const char *text);
void ofl_notify_store(bool degraded);
/* A second has passed. */
void ofl_notify_feed(uint64_t now_us);

/* fib.c */
/* Begin, change or end as configured. */
void ofl_fib_configure(const struct ofl_fib_conf *conf);
void ofl_fib_fini(void);
/* A flow without a table: tell it how its driver sees it. */
void ofl_fib_judge(struct ofl_flow *f);
/* What the driver has of the flow, for who asks. */
void ofl_fib_explain(const struct ofl_flow *f, struct ofl_explain *ret);
/* The flow is about to be freed, or has a table again. */
void ofl_fib_forget(const struct ofl_flow *f);

static inline uint64_t ofl_cookie_of(const struct ofl_flow *f)
{
	return (uint64_t)(uintptr_t)f;
}

static inline struct ofl_flow *ofl_flow_of(uint64_t cookie)
{
	return (struct ofl_flow *)(uintptr_t)cookie;
}

#endif /* OFFLOADD_ENGINE_ENGINE_PRIVATE_H */
