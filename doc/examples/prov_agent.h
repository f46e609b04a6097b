/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The example of doc/writing-a-provider.md: hardware behind an agent, a process
 * that has the vendor's library and listens on a unix socket.
 *
 * One message is one packet of the socket (SOCK_SEQPACKET), struct agent_msg,
 * in the byte order of the machine.  The agent keeps the order of what it is
 * told. When somebody connects it says HELLO, LISTED for each entry that is
 * there, and READY; from then on it answers ADD, REPLACE and DEL with ANSWER.
 */
#ifndef DOC_EXAMPLES_PROV_AGENT_H
#define DOC_EXAMPLES_PROV_AGENT_H

#include "offloadd/provider/provider.h"

#define AGENT_HOPS_MAX 8 /* next hops of an entry of this hardware */

enum agent_word {
	AGENT_HELLO = 1, /* capacity_slots */
	AGENT_LISTED,	 /* key, entry, slots, cookie */
	AGENT_READY,
	AGENT_ADD, /* op_id, key, entry, slots, cookie, hops */
	AGENT_REPLACE,
	AGENT_DEL,     /* op_id, key */
	AGENT_ANSWER,  /* op_id, status, errnum, text */
	AGENT_LOST,    /* key, text: hardware dropped the entry */
	AGENT_COUNTED, /* key, packets, bytes */
};

struct agent_msg {
	uint8_t word;	/* enum agent_word */
	uint8_t entry;	/* enum ofl_entry */
	uint8_t status; /* enum ofl_status */
	uint8_t hop_count;
	uint16_t slots;
	int32_t errnum;
	uint32_t capacity_slots;
	struct ofl_key key;
	uint64_t op_id;
	uint64_t cookie; /* ours: what the entry does; the agent keeps it */
	uint64_t packets, bytes;
	struct {
		uint32_t ifindex;
		uint8_t mac[6];
	} hops[AGENT_HOPS_MAX]; /* none: discard */
	char text[64];
};

/* Where the agent listens.  In a provider that is to stay this is a leaf of
 * the configuration. */
extern const char *agent_path;

extern const struct ofl_provider_ops prov_agent;

#endif /* DOC_EXAMPLES_PROV_AGENT_H */
