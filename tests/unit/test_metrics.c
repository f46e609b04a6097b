// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * metrics/text.c and accept.c: names by the rules of the format, both formats
 * byte by byte, escaping, numbers that stay what they are, and which format a
 * header Accept asks for.
 */
#include <zebra.h>

#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/metrics/text.h"

/* --- names --- */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

/* Ours, of letters and _, with the unit last, without a suffix of its type. */
static void test_names(void **state)
{
	static const char *const suffixes[] = {"_total",  "_info", "_created",
					       "_count",  "_sum",  "_bucket",
					       "_gcount", "_gsum"};
	char end[32];

	for (int m = 0; m < OFL_METRIC_MAX; m++) {
		const struct ofl_metric_info *i = ofl_metric_get(m);

		assert_int_equal(strncmp(i->name, "offloadd_", 9), 0);
		assert_int_equal(strspn(i->name, "abcdefghijklmnopqrstuvwxyz_"),
				 strlen(i->name));
		for (size_t s = 0; s < array_size(suffixes); s++)
			assert_false(ends_with(i->name, suffixes[s]));
		snprintf(end, sizeof(end), "_%s", i->unit);
		assert_true(!i->unit[0] || ends_with(i->name, end));
		assert_true(ends_with(i->name, "_seconds") ==
			    (strcmp(i->unit, "seconds") == 0));
		assert_true(ends_with(i->name, "_bytes") ==
			    (strcmp(i->unit, "bytes") == 0));
		assert_true(ends_with(i->help, "."));
		/* Neither format has a unit for these. */
		assert_true(!i->unit[0] || i->type == OFL_METRIC_TYPE_GAUGE ||
			    i->type == OFL_METRIC_TYPE_COUNTER);
	}
}

/* No two families, and no family and a sample of another, have one name. */
static void test_names_differ(void **state)
{
	char name[128];

	for (int a = 0; a < OFL_METRIC_MAX; a++) {
		const struct ofl_metric_info *i = ofl_metric_get(a);
		const char *suffix = i->type == OFL_METRIC_TYPE_COUNTER
					     ? "_total"
				     : i->type == OFL_METRIC_TYPE_INFO ? "_info"
								       : "";

		snprintf(name, sizeof(name), "%s%s", i->name, suffix);
		for (int b = 0; b < OFL_METRIC_MAX; b++) {
			if (a == b)
				continue;
			assert_string_not_equal(i->name,
						ofl_metric_get(b)->name);
			assert_string_not_equal(name, ofl_metric_get(b)->name);
		}
	}
}

/* --- text --- */

static void check(struct ofl_metric_text *t, const char *want)
{
	size_t len;
	char *text = ofl_metric_text_end(t, &len);

	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	ofl_metric_text_free(text);
}

static void tell(struct ofl_metric_text *t)
{
	static const char *const states[] = {"open", "closed"};

	ofl_metric_begin(t, OFL_METRIC_BUILD);
	ofl_metric_uint(t, 1, "version", "1.0", "frr_version", "8", NULL);
	ofl_metric_begin(t, OFL_METRIC_TABLE_USED);
	ofl_metric_uint(t, 7, "table", "a", NULL);
	ofl_metric_uint(t, 8, "table", "b", NULL);
	ofl_metric_begin(t, OFL_METRIC_TABLE_PEAK);
	ofl_metric_begin(t, OFL_METRIC_TRANSITIONS);
	ofl_metric_uint(t, UINT64_MAX, NULL);
	ofl_metric_begin(t, OFL_METRIC_TABLE_ADMISSION);
	ofl_metric_states(t, "table", "a", states, 2, "closed");
	ofl_metric_begin(t, OFL_METRIC_FEED_STATE);
	ofl_metric_states(t, NULL, NULL, states, 1, "open");
}

static void test_open(void **state)
{
	struct ofl_metric_text t;

	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_OPEN);
	tell(&t);
	check(&t,
	      "# TYPE offloadd_build info\n"
	      "# HELP offloadd_build The program: its version and that of "
	      "FRRouting it was built for.\n"
	      "offloadd_build_info{version=\"1.0\",frr_version=\"8\"} 1\n"
	      "# TYPE offloadd_table_used_slots gauge\n"
	      "# UNIT offloadd_table_used_slots slots\n"
	      "# HELP offloadd_table_used_slots Slots that routes have, or may "
	      "have.\n"
	      "offloadd_table_used_slots{table=\"a\"} 7\n"
	      "offloadd_table_used_slots{table=\"b\"} 8\n"
	      "# TYPE offloadd_table_peak_slots gauge\n"
	      "# UNIT offloadd_table_peak_slots slots\n"
	      "# HELP offloadd_table_peak_slots The most slots that were used, "
	      "by routes and lists together.\n"
	      "# TYPE offloadd_flow_transitions counter\n"
	      "# HELP offloadd_flow_transitions Changes of state of flows.\n"
	      "offloadd_flow_transitions_total 18446744073709551615\n"
	      "# TYPE offloadd_table_admission stateset\n"
	      "# HELP offloadd_table_admission Best effort is admitted (open), "
	      "or waits (closed).\n"
	      "offloadd_table_admission{table=\"a\","
	      "offloadd_table_admission=\"open\"} 0\n"
	      "offloadd_table_admission{table=\"a\","
	      "offloadd_table_admission=\"closed\"} 1\n"
	      "# TYPE offloadd_feed_state stateset\n"
	      "# HELP offloadd_feed_state How the feed stands.\n"
	      "offloadd_feed_state{offloadd_feed_state=\"open\"} 1\n"
	      "# EOF\n");
}

static void test_plain(void **state)
{
	struct ofl_metric_text t;

	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_PLAIN);
	tell(&t);
	check(&t,
	      "# TYPE offloadd_build_info gauge\n"
	      "# HELP offloadd_build_info The program: its version and that of "
	      "FRRouting it was built for.\n"
	      "offloadd_build_info{version=\"1.0\",frr_version=\"8\"} 1\n"
	      "# TYPE offloadd_table_used_slots gauge\n"
	      "# HELP offloadd_table_used_slots Slots that routes have, or may "
	      "have.\n"
	      "offloadd_table_used_slots{table=\"a\"} 7\n"
	      "offloadd_table_used_slots{table=\"b\"} 8\n"
	      "# TYPE offloadd_table_peak_slots gauge\n"
	      "# HELP offloadd_table_peak_slots The most slots that were used, "
	      "by routes and lists together.\n"
	      "# TYPE offloadd_flow_transitions_total counter\n"
	      "# HELP offloadd_flow_transitions_total Changes of state of "
	      "flows.\n"
	      "offloadd_flow_transitions_total 18446744073709551615\n"
	      "# TYPE offloadd_table_admission gauge\n"
	      "# HELP offloadd_table_admission Best effort is admitted (open), "
	      "or waits (closed).\n"
	      "offloadd_table_admission{table=\"a\","
	      "offloadd_table_admission=\"open\"} 0\n"
	      "offloadd_table_admission{table=\"a\","
	      "offloadd_table_admission=\"closed\"} 1\n"
	      "# TYPE offloadd_feed_state gauge\n"
	      "# HELP offloadd_feed_state How the feed stands.\n"
	      "offloadd_feed_state{offloadd_feed_state=\"open\"} 1\n");
}

static void test_empty(void **state)
{
	struct ofl_metric_text t;

	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_OPEN);
	check(&t, "# EOF\n");
	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_PLAIN);
	check(&t, "");
}

/* One sample with this label, in a text that begins with its head. */
static char *sample(struct ofl_metric_text *t, const char *value)
{
	size_t len;

	ofl_metric_text_init(t, OFL_METRIC_FORMAT_PLAIN);
	ofl_metric_begin(t, OFL_METRIC_TABLE_READY);
	ofl_metric_uint(t, 1, "table", value, NULL);
	return ofl_metric_text_end(t, &len);
}

static void test_escaping(void **state)
{
	static const struct {
		const char *value, *want;
	} rows[] = {
		{"", "{table=\"\"} 1\n"},
		{"a b{c},=#", "{table=\"a b{c},=#\"} 1\n"},
		{"\"", "{table=\"\\\"\"} 1\n"},
		{"\\", "{table=\"\\\\\"} 1\n"},
		{"a\nb", "{table=\"a\\nb\"} 1\n"},
		{"\\n\"\n", "{table=\"\\\\n\\\"\\n\"} 1\n"},
		{"t\xc3\xa4"
		 "fel",
		 "{table=\"t\xc3\xa4"
		 "fel\"} 1\n"},
	};
	struct ofl_metric_text t;

	for (size_t i = 0; i < array_size(rows); i++) {
		char *text = sample(&t, rows[i].value);

		assert_string_equal(strrchr(text, '{') ? strstr(text, "{table")
						       : text,
				    rows[i].want);
		ofl_metric_text_free(text);
	}
}

/* Longer than the first memory, many times. */
static void test_long(void **state)
{
	struct ofl_metric_text t;
	char value[5001], *text;
	size_t len, lines = 0;

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_OPEN);
	ofl_metric_begin(&t, OFL_METRIC_TABLE_READY);
	for (int i = 0; i < 100; i++)
		ofl_metric_uint(&t, i, "table", value, NULL);
	text = ofl_metric_text_end(&t, &len);
	assert_int_equal(len, strlen(text));
	assert_true(len > 100 * sizeof(value));
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2 + 100 + 1);
	assert_true(ends_with(text, "x\"} 99\n# EOF\n"));
	ofl_metric_text_free(text);
}

static void test_numbers(void **state)
{
	static const struct {
		double value;
		const char *want;
	} rows[] = {
		{0, " 0\n"},
		{1, " 1\n"},
		{0.1, " 0.1\n"},
		{1.0 / 3, " 0.33333333333333331\n"},
		{-2.5, " -2.5\n"},
		{1e21, " 1e+21\n"},
		{1234567.891, " 1234567.891\n"},
		{NAN, " NaN\n"},
		{INFINITY, " +Inf\n"},
		{-INFINITY, " -Inf\n"},
	};
	struct ofl_metric_text t;

	for (size_t i = 0; i < array_size(rows); i++) {
		size_t len;
		char *text;

		ofl_metric_text_init(&t, OFL_METRIC_FORMAT_PLAIN);
		ofl_metric_begin(&t, OFL_METRIC_TURN);
		ofl_metric_real(&t, rows[i].value, NULL);
		text = ofl_metric_text_end(&t, &len);
		assert_string_equal(strrchr(text, ' '), rows[i].want);
		ofl_metric_text_free(text);
	}
}

/* --- which format --- */

#define OPEN "application/openmetrics-text"

static void test_accept(void **state)
{
	static const struct {
		const char *accept;
		bool is_open;
	} rows[] = {
		{NULL, false},
		{"", false},
		{"*/*", false},
		{"text/html", false},
		{OPEN, true},
		{OPEN "; version=1.0.0; charset=utf-8", true},
		{OPEN ";version=\"1.0.0\"", true},
		{OPEN ";version=0.0.1", false},
		{OPEN ";version=1.0.00", false},
		{OPEN ";version=", true},
		{OPEN "x", false},
		{"x" OPEN, false},
		{"APPLICATION/OpenMetrics-Text ; VERSION = 1.0.0", true},
		{" \t" OPEN "\t ,", true},
		{",,;,=;=," OPEN, true},
		/* Prometheus 2, and 3 */
		{OPEN ";version=1.0.0," OPEN
		      ";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
		      "*/*;q=0.1",
		 true},
		{OPEN ";version=1.0.0;escaping=allow-utf-8;q=0.6," OPEN
		      ";version=0.0.1;q=0.5,text/plain;version=1.0.0;"
		      "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;"
		      "q=0.3,*/*;q=0.2",
		 true},
		/* what is liked better */
		{OPEN ";q=0", false},
		{OPEN ";q=0.000", false},
		{OPEN ";q=0.001", true},
		{OPEN ";q=0.5,text/plain", false},
		{OPEN ";q=0.5,text/plain;q=0.5", true},
		{OPEN ";q=0.51,text/plain;q=0.5", true},
		{OPEN ";q=0.499,text/plain;q=0.5", false},
		{"text/plain;q=0.9," OPEN, true},
		{"text/plain," OPEN, true},
		/* no quality is a quality */
		{OPEN ";q=", true},
		{OPEN ";q=x,text/plain;q=0.9", true},
		{OPEN ";q=0.", false},
		{OPEN ";q=7,text/plain;q=1", true},
		{OPEN ";q=1.9999999999999,text/plain", true},
		{OPEN ";q", true},
	};

	for (size_t i = 0; i < array_size(rows); i++)
		if ((ofl_metric_format_make(rows[i].accept) ==
		     OFL_METRIC_FORMAT_OPEN) != rows[i].is_open)
			fail_msg("Accept: %s", rows[i].accept);
	assert_string_equal(ofl_metric_format_name(OFL_METRIC_FORMAT_OPEN),
			    OPEN "; version=1.0.0; charset=utf-8");
	assert_string_equal(ofl_metric_format_name(OFL_METRIC_FORMAT_PLAIN),
			    "text/plain; version=0.0.4; charset=utf-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_differ),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
