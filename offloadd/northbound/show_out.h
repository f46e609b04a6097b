/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a show command writes to, as text or as JSON.
 *
 * A command walks its data once and says each value once; here it becomes a
 * line, a cell of a table, or a member of an object.  `key` is the name in
 * JSON (camelCase; NULL: text only), `label` the words in text (NULL: JSON
 * only).  Text keeps within 80 columns, whatever the names in it: what is wider
 * is wrapped, and nothing is cut off.
 *
 *     fields     ofl_out_str(), ofl_out_uint() ...: one line each
 *     groups     an object in JSON, a heading in text
 *     rows       an array of objects in JSON, lines of cells in text
 *
 * Rows are printed as they come, in JSON too (a table may have a million):
 * they are the last thing of an output.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_SHOW_OUT_H
#define OFFLOADD_NORTHBOUND_SHOW_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct vty;
struct ofl_table_status;
struct json_object;

#define OFL_OUT_DEPTH 6
#define OFL_OUT_TIME_LEN 32
#define OFL_OUT_TEXT_LEN 2048

struct ofl_out {
	struct vty *vty;
	bool is_json;

	/* JSON: the objects that are open, the outermost first */
	struct json_object *open[OFL_OUT_DEPTH];
	int depth;
	const char *rows_key;
	bool in_rows; /* open[0] was printed, up to the rows */
	bool has_row;

	/* text: of the current row */
	int column;
	bool has_cell;
};

void ofl_out_begin(struct ofl_out *o, struct vty *vty, bool is_json);
/* Prints what is not printed yet; CMD_SUCCESS. */
int ofl_out_end(struct ofl_out *o);
/* Instead of ofl_out_rows_end() and ofl_out_end(): CMD_WARNING.  JSON is an
 * object with the member "error", alone or after the rows printed so far. */
int ofl_out_error(struct ofl_out *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- fields --- */
void ofl_out_str(struct ofl_out *o, const char *key, const char *label,
		 const char *value);
void ofl_out_uint(struct ofl_out *o, const char *key, const char *label,
		  uint64_t value);
/* JSON: a number as exact as it is, none if it is not finite; text: with so
 * many decimals. */
void ofl_out_real(struct ofl_out *o, const char *key, const char *label,
		  double value, int decimals);
/* JSON: true, false; text: yes, no. */
void ofl_out_bool(struct ofl_out *o, const char *key, const char *label,
		  bool value);
/* `wall_us` since 1970; text: UTC and how long ago, or in what
 * time. */
void ofl_out_time(struct ofl_out *o, const char *key, const char *label,
		  uint64_t wall_us);
/* Text only: whole lines, the last without its end if more is to follow.  One
 * that is too long is wrapped; up to OFL_OUT_TEXT_LEN characters. */
void ofl_out_text(struct ofl_out *o, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- groups --- */
/* `key` NULL: fields of the group belong to the object around it; `title`
 * NULL: no heading. */
void ofl_out_group_begin(struct ofl_out *o, const char *key, const char *title);
void ofl_out_group_end(struct ofl_out *o, const char *key);
/* JSON only: an array inside an object, filled with items. */
void ofl_out_array_begin(struct ofl_out *o, const char *key);
void ofl_out_array_end(struct ofl_out *o);
void ofl_out_item_begin(struct ofl_out *o);
void ofl_out_item_end(struct ofl_out *o);

/* --- rows --- */
void ofl_out_rows_begin(struct ofl_out *o, const char *key);
void ofl_out_rows_end(struct ofl_out *o);
void ofl_out_row_begin(struct ofl_out *o);
void ofl_out_row_end(struct ofl_out *o);
/* Width in columns; negative: to the right; 0: the rest of the line.  A value
 * that is wider has the next cell begin on a new line below its heading, and
 * one that does not fit into the line has a line of its own. */
void ofl_out_cell(struct ofl_out *o, const char *key, int width,
		  const char *value);
void ofl_out_cell_uint(struct ofl_out *o, const char *key, int width,
		       uint64_t value);
/* To seconds in text, 19 columns. */
void ofl_out_cell_time(struct ofl_out *o, const char *key, uint64_t wall_us);

/* show_table.c: is it ready, and does it answer? */
void ofl_out_table_state(struct ofl_out *o, const struct ofl_table_status *t,
			 bool with_text);

/* A line of words below the cells; `key` NULL: text only. */
void ofl_out_note(struct ofl_out *o, const char *key, const char *text);

#endif /* OFFLOADD_NORTHBOUND_SHOW_OUT_H */
