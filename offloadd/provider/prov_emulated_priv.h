/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One emulated table, as its own files see it: operations are carried out in
 * prov_emulated.c, faults are asked for in prov_emulated_exercise.c, packets
 * come in prov_emulated_traffic.c, entries live in prov_emulated_lpm.c and, to
 * outlive the daemon, in prov_emulated_file.c.
 */
#ifndef OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H
#define OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H

#include "offloadd/provider/prov_emulated_file.h"
#include "offloadd/provider/prov_emulated_lpm.h"
#include "offloadd/provider/provider.h"

/* Operations taken and not answered: submit() takes no more than this. */
#define OFL_EMULATED_QUEUE 4096

#define OFL_EMU_DOWN_TEXT "device is down"

/* What fate an operation was given when it was taken. */
enum ofl_emu_fate {
	OFL_EMU_FATE_NONE = 0,
	OFL_EMU_FATE_FAIL,
	OFL_EMU_FATE_NO_SPACE,
};

/* An operation in flight; of the action its identity, and for a file a hash. */
struct ofl_emu_pending {
	uint64_t op_id, due_us;
	uint64_t hash; /* 0: no file asks, or no action was given */
	struct ofl_key key;
	uint32_t identity;
	uint16_t slots;
	uint8_t kind, entry; /* enum ofl_op_kind, enum ofl_entry */
	uint8_t fate;	     /* enum ofl_emu_fate */
};

/* What can be refused until "accept". */
enum ofl_emu_refusal {
	OFL_EMU_REFUSE_ADD = 0,
	OFL_EMU_REFUSE_REPLACE,
	OFL_EMU_REFUSE_DEL,
	OFL_EMU_REFUSE_REAL,
	OFL_EMU_REFUSE_PUNT,
	OFL_EMU_REFUSE_MAX
};

struct ofl_emu_faults {
	uint64_t latency_us;
	uint64_t fail_in;	/* the how-manieth operation fails; 0: none */
	uint64_t no_space_in;	/* likewise, refused for space */
	uint64_t kill_taken_in; /* likewise, the process ends */
	uint64_t kill_done_in;
	char fail_text[OFL_OUTCOME_TEXT];
	bool refuse[OFL_EMU_REFUSE_MAX];
	char refuse_text[OFL_EMU_REFUSE_MAX][OFL_OUTCOME_TEXT];
	bool silent;
	bool down;
};

struct ofl_provider {
	const struct ofl_provider_events *events;
	void *arg;
	bool announced; /* capacity and readiness were told once */

	struct ofl_emu_table table;
	struct ofl_emu_file file;
	char path[OFL_EMULATED_FILE_LEN]; /* of the file, "": none */
	char path_text[OFL_OUTCOME_TEXT]; /* why it is not open, or "" */
	uint64_t path_retry_us;
	struct ofl_provider_stats stats; /* entries, in_flight: when asked */

	struct ofl_emu_pending *queue; /* ring of OFL_EMULATED_QUEUE */
	uint32_t queue_head, queue_count;

	struct ofl_emu_faults faults;

	/* prov_emulated_traffic.c */
	bool count_due, counting;
	uint32_t count_at, counted;	     /* of the reading under way */
	struct ofl_sampling_status sampling; /* `on`, text: when asked */
	uint64_t missed; /* packets of software's since the last sample */
	bool deaf;	 /* as exercised: they cannot be sampled */
	struct ofl_emu_region {
		struct ofl_prefix p;
		uint64_t packets, bytes; /* since they were told */
	} regions[OFL_REGIONS_MAX];
};

/* Is it as a table that operations can be given to?  If not, why. */
bool ofl_emulated_is_ready(const struct ofl_provider *p, const char **ret_text);

/* An entry comes, does something else, goes: in memory and in the file. */
struct ofl_emu_entry *ofl_emulated_put(struct ofl_provider *p,
				       const struct ofl_key *key, uint64_t word,
				       uint32_t identity);
void ofl_emulated_set(struct ofl_provider *p, struct ofl_emu_entry *e,
		      uint64_t word, uint32_t identity);
void ofl_emulated_drop(struct ofl_provider *p, struct ofl_emu_entry *e);

/* prov_emulated_traffic.c */
/* An entry answered so many packets. */
void ofl_emulated_hit(struct ofl_provider *p, struct ofl_emu_entry *e,
		      uint64_t packets, uint64_t bytes);
/* Packets of so many bytes each come for the address. */
void ofl_emulated_traffic(struct ofl_provider *p, uint32_t vrf,
			  const struct ofl_prefix *to, uint64_t packets,
			  uint32_t bytes);
/* A step of what count() asked for; true: there is more. */
bool ofl_emulated_count_step(struct ofl_provider *p);
/* Of the contract. */
void ofl_emulated_count(struct ofl_provider *p);
void ofl_emulated_sample(struct ofl_provider *p, uint32_t rate);
void ofl_emulated_regions(struct ofl_provider *p,
			  const struct ofl_prefix *region, size_t n);
void ofl_emulated_sampling(struct ofl_provider *p,
			   struct ofl_sampling_status *ret);

bool ofl_emulated_exercise(struct ofl_provider *p, const char *line,
			   const char **ret_error);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H */
