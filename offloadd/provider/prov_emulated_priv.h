/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One emulated table, as its own files see it: operations are carried out in
 * prov_emulated.c, faults are asked for in prov_emulated_exercise.c, entries
 * live in prov_emulated_lpm.c and, to outlive the daemon, in
 * prov_emulated_file.c.
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

bool ofl_emulated_exercise(struct ofl_provider *p, const char *line,
			   const char **ret_error);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H */
