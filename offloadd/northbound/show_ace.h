/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an access control entry stands, for the commands that show entries:
 * `show offload acl` and `show offload flow static`.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_SHOW_ACE_H
#define OFFLOADD_NORTHBOUND_SHOW_ACE_H

#include "offloadd/engine/lists.h"
#include "offloadd/flow/match_print.h"
#include "offloadd/northbound/show_out.h"

/* Enough for every sentence below. */
#define OFL_SHOW_ACE_LEN (OFL_MATCH_STRLEN + 128)

/* What the engine says; of an entry that it has not been told of yet, what is
 * known without it. */
void ofl_show_ace_get(uint32_t acl_id, uint32_t seq, bool is_attached,
		      struct ofl_ace_status *ret);
/* JSON only: members of the current object. */
void ofl_show_ace_json(struct ofl_out *o, const struct ofl_ace_status *s);

/* Sentences: hardware's half, software's, and how it is split ("" if not). */
void ofl_show_ace_hardware(const struct ofl_ace_status *s, char *buf,
			   size_t len);
void ofl_show_ace_software(const struct ofl_ace_status *s, char *buf,
			   size_t len);
void ofl_show_ace_part(const struct ofl_ace_status *s, char *buf, size_t len);
/* The three, and the text of the reason, as notes of a row. */
void ofl_show_ace_notes(struct ofl_out *o, const struct ofl_ace_status *s);

/* Who enforces a list at an interface, in a word. */
const char *ofl_show_bound_name(enum ofl_list_bound bound);

/* Settings, as members. */
void ofl_show_ace_settings(struct ofl_out *o, const struct ofl_ace_settings *s);
/* The attachment of a list at an interface: an item of the open array, a line
 * of text. */
void ofl_show_applied(struct ofl_out *o, uint32_t acl_id, const char *interface,
		      enum ofl_direction direction);

#endif /* OFFLOADD_NORTHBOUND_SHOW_ACE_H */
