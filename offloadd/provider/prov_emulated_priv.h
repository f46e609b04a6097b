/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One emulated table, as its own files see it: operations are carried out in
 * prov_emulated.c, faults are asked for in prov_emulated_exercise.c, entries
 * live in prov_emulated_lpm.c.
 */
#ifndef OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H
#define OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H

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

/* An operation in flight; the action is not needed, only its identity. */
struct ofl_emu_pending {
	uint64_t op_id, due_us;
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
	uint64_t fail_in;     /* the how-manieth operation fails; 0: none */
	uint64_t no_space_in; /* likewise, refused for space */
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
	struct ofl_provider_stats stats; /* entries, in_flight: when asked */

	struct ofl_emu_pending *queue; /* ring of OFL_EMULATED_QUEUE */
	uint32_t queue_head, queue_count;

	struct ofl_emu_faults faults;
};

bool ofl_emulated_exercise(struct ofl_provider *p, const char *line,
			   const char **ret_error);

#endif /* OFFLOADD_PROVIDER_PROV_EMULATED_PRIV_H */
