// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Metrics as text: see text.h.
 *
 * The older format knows neither infos nor sets of states (both are gauges
 * there), no units and no end, and has the suffix of a counter in its head,
 * too.
 */
#include <zebra.h>

#include <math.h>
#include <stdarg.h>

#include "offloadd/base/mgroup.h"
#include "offloadd/metrics/text.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_METRIC_TEXT, "offload metrics text");

#define FIRST_SIZE 32768

static const struct ofl_metric_info infos[OFL_METRIC_MAX] = {
#define OFL_METRIC(id, kind, family, of, words)                                \
	[OFL_METRIC_##id] = {                                                  \
		.type = OFL_METRIC_TYPE_##kind,                                \
		.name = family,                                                \
		.unit = of,                                                    \
		.help = words,                                                 \
	},
#include "offloadd/metrics/metric.def"
#undef OFL_METRIC
};

const struct ofl_metric_info *ofl_metric_get(enum ofl_metric m)
{
	return &infos[m];
}

const char *ofl_metric_type_name(enum ofl_metric_type t)
{
	static const char *const names[OFL_METRIC_TYPE_MAX] = {
		"counter", "gauge", "info", "stateset"};

	return names[t];
}

/* --- bytes --- */

static void put_bytes(struct ofl_metric_text *t, const char *bytes, size_t len)
{
	if (t->len + len >= t->size) {
		while (t->len + len >= t->size)
			t->size *= 2;
		t->at = XREALLOC(MTYPE_OFL_METRIC_TEXT, t->at, t->size);
	}
	memcpy(t->at + t->len, bytes, len);
	t->len += len;
	t->at[t->len] = '\0';
}

static void put(struct ofl_metric_text *t, const char *text)
{
	put_bytes(t, text, strlen(text));
}

/* In a help text the quote is a character as any other, in the older format. */
static void put_escaped(struct ofl_metric_text *t, const char *text,
			bool with_quotes)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\\')
			put(t, "\\\\");
		else if (*c == '\n')
			put(t, "\\n");
		else if (*c == '"' && with_quotes)
			put(t, "\\\"");
		else
			put_bytes(t, c, 1);
	}
}

static bool is_open(const struct ofl_metric_text *t)
{
	return t->format == OFL_METRIC_FORMAT_OPEN;
}

/* --- life --- */

void ofl_metric_text_init(struct ofl_metric_text *t, enum ofl_metric_format f)
{
	memset(t, 0, sizeof(*t));
	t->format = f;
	t->family = OFL_METRIC_MAX;
	t->size = FIRST_SIZE;
	t->at = XMALLOC(MTYPE_OFL_METRIC_TEXT, t->size);
	t->at[0] = '\0';
}

char *ofl_metric_text_end(struct ofl_metric_text *t, size_t *ret_len)
{
	char *text;

	if (is_open(t))
		put(t, "# EOF\n");
	text = t->at;
	*ret_len = t->len;
	t->at = NULL;
	return text;
}

void ofl_metric_text_free(char *text)
{
	XFREE(MTYPE_OFL_METRIC_TEXT, text);
}

/* --- families --- */

static const char *suffix_of(enum ofl_metric_type type)
{
	switch (type) {
	case OFL_METRIC_TYPE_COUNTER:
		return "_total";
	case OFL_METRIC_TYPE_INFO:
		return "_info";
	default:
		return "";
	}
}

/* "# WHAT NAME " */
static void put_head(struct ofl_metric_text *t, const char *what)
{
	const struct ofl_metric_info *info = &infos[t->family];

	put(t, "# ");
	put(t, what);
	put(t, " ");
	put(t, info->name);
	if (!is_open(t))
		put(t, suffix_of(info->type));
	put(t, " ");
}

void ofl_metric_begin(struct ofl_metric_text *t, enum ofl_metric m)
{
	const struct ofl_metric_info *info = &infos[m];
	bool is_old = !is_open(t) && (info->type == OFL_METRIC_TYPE_INFO ||
				      info->type == OFL_METRIC_TYPE_STATESET);

	assert(!t->seen[m]);
	t->seen[m] = true;
	t->family = m;
	put_head(t, "TYPE");
	put(t, is_old ? "gauge" : ofl_metric_type_name(info->type));
	put(t, "\n");
	if (is_open(t) && info->unit[0]) {
		put_head(t, "UNIT");
		put(t, info->unit);
		put(t, "\n");
	}
	put_head(t, "HELP");
	put_escaped(t, info->help, is_open(t));
	put(t, "\n");
}

/* --- samples --- */

static void put_label(struct ofl_metric_text *t, bool is_first,
		      const char *label, const char *value)
{
	put(t, is_first ? "{" : ",");
	put(t, label);
	put(t, "=\"");
	put_escaped(t, value, true);
	put(t, "\"");
}

static void put_name(struct ofl_metric_text *t)
{
	const struct ofl_metric_info *info = &infos[t->family];

	put(t, info->name);
	put(t, suffix_of(info->type));
}

static void put_value_uint(struct ofl_metric_text *t, uint64_t value)
{
	char buf[32];

	snprintf(buf, sizeof(buf), " %" PRIu64 "\n", value);
	put(t, buf);
}

static void put_labels(struct ofl_metric_text *t, va_list ap)
{
	const char *label = va_arg(ap, const char *);

	for (bool is_first = true; label; is_first = false) {
		put_label(t, is_first, label, va_arg(ap, const char *));
		label = va_arg(ap, const char *);
		if (!label)
			put(t, "}");
	}
}

void ofl_metric_uint(struct ofl_metric_text *t, uint64_t value, ...)
{
	va_list ap;

	put_name(t);
	va_start(ap, value);
	put_labels(t, ap);
	va_end(ap);
	put_value_uint(t, value);
}

/* As short as it can be without being another number. */
static void put_value_real(struct ofl_metric_text *t, double value)
{
	char buf[64];

	if (isnan(value)) {
		put(t, " NaN\n");
	} else if (isinf(value)) {
		put(t, value > 0 ? " +Inf\n" : " -Inf\n");
	} else {
		snprintf(buf, sizeof(buf), " %.15g\n", value);
		if (strtod(buf, NULL) != value)
			snprintf(buf, sizeof(buf), " %.17g\n", value);
		put(t, buf);
	}
}

void ofl_metric_real(struct ofl_metric_text *t, double value, ...)
{
	va_list ap;

	put_name(t);
	va_start(ap, value);
	put_labels(t, ap);
	va_end(ap);
	put_value_real(t, value);
}

void ofl_metric_states(struct ofl_metric_text *t, const char *label,
		       const char *value, const char *const *states,
		       size_t count, const char *now)
{
	for (size_t i = 0; i < count; i++) {
		put_name(t);
		if (label)
			put_label(t, true, label, value);
		put_label(t, !label, infos[t->family].name, states[i]);
		put(t, "}");
		put_value_uint(t, strcmp(states[i], now) == 0);
	}
}
