// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text and JSON of the show commands; see show_out.h.  Knows no domain fact.
 */
#include <zebra.h>

#include <math.h>

#include "command.h"
#include "json.h"

#include "lib/clock.h"
#include "offloadd/northbound/show_out.h"

#define LINE_WIDTH 79 /* 80 less the cursor */
#define LABEL_WIDTH 24

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* --- words --- */

/* One word at `column`, which is `indent` where a line begins.  Names stay
 * whole, further to the left if need be; a word longer than a line goes on in
 * the next.  Returns the column behind it. */
static int print_word(struct ofl_out *o, const char *word, int len, int column,
		      int indent)
{
	if (len > LINE_WIDTH - column && len <= LINE_WIDTH - 2) {
		column = MIN(indent, LINE_WIDTH - len);
		vty_out(o->vty, "\n%*s", column, "");
	}
	while (len > LINE_WIDTH - column) {
		int part = LINE_WIDTH - column;

		vty_out(o->vty, "%.*s\n%*s", part, word, indent, "");
		word += part;
		len -= part;
		column = indent;
	}
	vty_out(o->vty, "%.*s", len, word);
	return column + len;
}

/* Words of `text` from a column on, broken where the line ends; further lines
 * begin at `indent`. */
static void print_wrapped_at(struct ofl_out *o, const char *text, int column,
			     int indent)
{
	bool is_first = true;

	while (*text) {
		int len = strcspn(text, " ");

		if (!is_first && column + 1 + len > LINE_WIDTH) {
			vty_out(o->vty, "\n%*s", indent, "");
			column = indent;
		} else if (!is_first) {
			vty_out(o->vty, " ");
			column++;
		}
		is_first = false;
		column = print_word(o, text, len, column, indent);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static void print_wrapped(struct ofl_out *o, const char *text, int indent)
{
	print_wrapped_at(o, text, indent, indent);
}

/* A line as it is; if it is too long, the words of it. */
static void print_line(struct ofl_out *o, const char *line)
{
	int indent = strspn(line, " ");

	if (strlen(line) <= LINE_WIDTH) {
		vty_out(o->vty, "%s", line);
		return;
	}
	vty_out(o->vty, "%*s", indent, "");
	print_wrapped_at(o, line + indent, indent, indent + 2);
}

void ofl_out_begin(struct ofl_out *o, struct vty *vty, bool is_json)
{
	memset(o, 0, sizeof(*o));
	o->vty = vty;
	o->is_json = is_json;
	if (is_json)
		o->open[0] = json_object_new_object();
}

int ofl_out_end(struct ofl_out *o)
{
	if (!o->is_json)
		return CMD_SUCCESS;
	if (o->in_rows) {
		json_object_free(o->open[0]);
		return CMD_SUCCESS;
	}
	return vty_json(o->vty, o->open[0]); /* frees it */
}

int ofl_out_error(struct ofl_out *o, const char *format, ...)
{
	struct json_object *error;
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (!o->is_json) {
		vty_out(o->vty, "%% ");
		print_wrapped(o, text, 2);
		vty_out(o->vty, "\n");
		return CMD_WARNING;
	}
	if (o->in_rows) {
		error = json_object_new_string(text);
		vty_out(o->vty, "\n],\"error\":%s}\n",
			json_object_to_json_string_ext(error, JSON_FLAGS));
		json_object_free(error);
		json_object_free(o->open[0]);
		return CMD_WARNING;
	}
	json_object_free(o->open[0]);
	error = json_object_new_object();
	json_object_string_add(error, "error", text);
	vty_json(o->vty, error); /* frees it */
	return CMD_WARNING;
}

static struct json_object *here(struct ofl_out *o)
{
	return o->open[o->depth];
}

static void push(struct ofl_out *o, struct json_object *object)
{
	assert(o->depth + 1 < OFL_OUT_DEPTH);
	o->open[++o->depth] = object;
}

/* --- fields --- */

static void print_field(struct ofl_out *o, const char *label, const char *value)
{
	int n = LABEL_WIDTH - 2 - (int)strlen(label) - 1;

	if (n >= 1)
		vty_out(o->vty, "  %s:%*s", label, n, "");
	else
		vty_out(o->vty, "  %s:\n%*s", label, LABEL_WIDTH, "");
	print_wrapped(o, value, LABEL_WIDTH);
	vty_out(o->vty, "\n");
}

void ofl_out_str(struct ofl_out *o, const char *key, const char *label,
		 const char *value)
{
	if (o->is_json && key)
		json_object_string_add(here(o), key, value);
	else if (!o->is_json && label)
		print_field(o, label, value);
}

void ofl_out_uint(struct ofl_out *o, const char *key, const char *label,
		  uint64_t value)
{
	char text[24];

	if (o->is_json && key) {
		json_object_int_add(here(o), key, (int64_t)value);
	} else if (!o->is_json && label) {
		snprintf(text, sizeof(text), "%" PRIu64, value);
		print_field(o, label, text);
	}
}

void ofl_out_real(struct ofl_out *o, const char *key, const char *label,
		  double value, int decimals)
{
	char text[64];

	if (o->is_json && key && isfinite(value)) {
		snprintf(text, sizeof(text), "%.15g", value);
		json_object_object_add(here(o), key,
				       json_object_new_double_s(value, text));
	} else if (!o->is_json && label) {
		snprintf(text, sizeof(text), "%.*f", decimals, value);
		print_field(o, label, text);
	}
}

void ofl_out_bool(struct ofl_out *o, const char *key, const char *label,
		  bool value)
{
	if (o->is_json && key)
		json_object_boolean_add(here(o), key, value);
	else if (!o->is_json && label)
		print_field(o, label, value ? "yes" : "no");
}

/* UTC to seconds, or to microseconds as RFC 3339 has it. */
static void time_print(uint64_t wall_us, bool is_json, char *buf, size_t len)
{
	time_t s = wall_us / 1000000;
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(buf, len,
		     is_json ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	if (is_json)
		snprintf(buf + n, len - n, ".%06" PRIu64 "Z",
			 wall_us % 1000000);
}

void ofl_out_time(struct ofl_out *o, const char *key, const char *label,
		  uint64_t wall_us)
{
	char when[OFL_OUT_TIME_LEN], text[96];
	uint64_t now_us = ofl_clock_wall_us();
	bool is_past = wall_us <= now_us;
	uint64_t away_s =
		(is_past ? now_us - wall_us : wall_us - now_us) / 1000000;

	time_print(wall_us, o->is_json, when, sizeof(when));
	if (o->is_json) {
		ofl_out_str(o, key, label, when);
		return;
	}
	snprintf(text, sizeof(text),
		 "%s UTC (%s%" PRIu64 "d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
		 "%s)",
		 when, is_past ? "" : "in ", away_s / 86400, away_s / 3600 % 24,
		 away_s / 60 % 60, away_s % 60, is_past ? " ago" : "");
	ofl_out_str(o, key, label, text);
}

void ofl_out_text(struct ofl_out *o, const char *format, ...)
{
	char text[OFL_OUT_TEXT_LEN], *line = text, *end;
	va_list ap;

	if (o->is_json)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		print_line(o, line);
		vty_out(o->vty, "\n");
	}
	print_line(o, line);
}

/* --- groups --- */

void ofl_out_group_begin(struct ofl_out *o, const char *key, const char *title)
{
	struct json_object *group;

	if (!o->is_json && title) {
		vty_out(o->vty, "%s\n", title);
	} else if (o->is_json && key) {
		group = json_object_new_object();
		json_object_object_add(here(o), key, group);
		push(o, group);
	}
}

void ofl_out_group_end(struct ofl_out *o, const char *key)
{
	if (o->is_json && key)
		o->depth--;
}

void ofl_out_array_begin(struct ofl_out *o, const char *key)
{
	struct json_object *array;

	if (!o->is_json)
		return;
	array = json_object_new_array();
	json_object_object_add(here(o), key, array);
	push(o, array);
}

void ofl_out_array_end(struct ofl_out *o)
{
	if (o->is_json)
		o->depth--;
}

void ofl_out_item_begin(struct ofl_out *o)
{
	struct json_object *item;

	if (!o->is_json)
		return;
	item = json_object_new_object();
	json_object_array_add(here(o), item);
	push(o, item);
}

void ofl_out_item_end(struct ofl_out *o)
{
	if (o->is_json)
		o->depth--;
}

/* --- rows --- */

/* What was said so far, up to the first row. */
static void rows_open(struct ofl_out *o)
{
	const char *text;
	int len;

	text = json_object_to_json_string_ext(o->open[0], JSON_FLAGS);
	len = strlen(text) - 1; /* without the closing brace */
	vty_out(o->vty, "%.*s%s\"%s\":[", len, text, len > 1 ? "," : "",
		o->rows_key);
	o->in_rows = true;
}

void ofl_out_rows_begin(struct ofl_out *o, const char *key)
{
	assert(o->depth == 0 && !o->rows_key);
	o->rows_key = key;
}

void ofl_out_rows_end(struct ofl_out *o)
{
	if (!o->is_json)
		return;
	if (!o->in_rows)
		rows_open(o);
	vty_out(o->vty, "\n]}\n");
}

void ofl_out_row_begin(struct ofl_out *o)
{
	o->column = 0;
	o->has_cell = false;
	if (!o->is_json)
		return;
	if (!o->in_rows)
		rows_open(o);
	push(o, json_object_new_object());
}

void ofl_out_row_end(struct ofl_out *o)
{
	if (!o->is_json) {
		if (o->has_cell)
			vty_out(o->vty, "\n");
		return;
	}
	vty_out(o->vty, "%s\n%s", o->has_row ? "," : "",
		json_object_to_json_string_ext(here(o), JSON_FLAGS));
	o->has_row = true;
	json_object_free(here(o));
	o->depth--;
}

void ofl_out_note(struct ofl_out *o, const char *key, const char *text)
{
	if (o->is_json) {
		if (key)
			json_object_string_add(here(o), key, text);
		return;
	}
	vty_out(o->vty, "\n  ");
	print_wrapped(o, text, 2);
}

/* A value that does not fit where it belongs, on a line of its own. */
static void print_wide(struct ofl_out *o, const char *value, int column)
{
	int len = strlen(value), indent = MIN(column, LINE_WIDTH - len);

	indent = MAX(indent, 2);
	if (column > indent)
		vty_out(o->vty, "\n%*s", indent, "");
	else
		indent = column;
	print_wrapped(o, value, indent);
}

static void print_cell(struct ofl_out *o, int width, const char *value)
{
	int len = strlen(value), column = o->column;

	o->has_cell = true;
	if (len > LINE_WIDTH - column)
		print_wide(o, value, column);
	else if (width == 0 || len > abs(width))
		vty_out(o->vty, "%s", value);
	else
		vty_out(o->vty, "%*s ", -width, value);
	if (width == 0)
		return;
	o->column += abs(width) + 1;
	if (len > abs(width))
		vty_out(o->vty, "\n%*s", o->column, "");
}

void ofl_out_cell(struct ofl_out *o, const char *key, int width,
		  const char *value)
{
	if (!o->is_json)
		print_cell(o, width, value);
	else if (key)
		json_object_string_add(here(o), key, value);
}

void ofl_out_cell_uint(struct ofl_out *o, const char *key, int width,
		       uint64_t value)
{
	char text[24];

	if (o->is_json) {
		ofl_out_uint(o, key, NULL, value);
		return;
	}
	snprintf(text, sizeof(text), "%" PRIu64, value);
	print_cell(o, width, text);
}

void ofl_out_cell_time(struct ofl_out *o, const char *key, uint64_t wall_us)
{
	char when[OFL_OUT_TIME_LEN];

	time_print(wall_us, o->is_json, when, sizeof(when));
	ofl_out_cell(o, key, 19, when);
}
