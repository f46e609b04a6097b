// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of a peer that scrapes metrics, and values of labels.
 *
 * As a header Accept any text asks for one of two formats, alone as behind the
 * one that Prometheus sends.  As the value of a label it makes one line, from
 * which it can be read again.
 */
#include <zebra.h>

#include "offloadd/metrics/text.h"

#include "tests/fuzz/fuzz.h"

#define OPEN "application/openmetrics-text;q=0.9"

static void accept_any(const char *words, size_t len)
{
	char *more = malloc(len + sizeof(OPEN) + 1);
	enum ofl_metric_format f = ofl_metric_format_make(words);

	FUZZ_CHECK(f == OFL_METRIC_FORMAT_OPEN || f == OFL_METRIC_FORMAT_PLAIN);
	snprintf(more, len + sizeof(OPEN) + 1, "%s,%s", words, OPEN);
	if (!strcasestr(words, "text/plain"))
		FUZZ_CHECK(ofl_metric_format_make(more) ==
			   OFL_METRIC_FORMAT_OPEN);
	free(more);
}

/* The value in `line`, which ends with the quote; where that is. */
static const char *unescape(const char *line, char *ret_value)
{
	for (; *line != '"'; line++) {
		FUZZ_CHECK(*line && *line != '\n');
		if (*line == '\\') {
			line++;
			FUZZ_CHECK(strchr("\\n\"", *line) && *line);
			*ret_value++ = *line == 'n' ? '\n' : *line;
		} else {
			*ret_value++ = *line;
		}
	}
	*ret_value = '\0';
	return line;
}

static void label_any(const char *words, size_t len)
{
	static const char begin[] = "offloadd_table_ready{table=\"";
	struct ofl_metric_text t;
	const char *line, *end;
	char *text, *value = malloc(len + 1);
	size_t text_len;

	ofl_metric_text_init(&t, OFL_METRIC_FORMAT_OPEN);
	ofl_metric_begin(&t, OFL_METRIC_TABLE_READY);
	ofl_metric_uint(&t, 1, "table", words, NULL);
	text = ofl_metric_text_end(&t, &text_len);
	FUZZ_CHECK(strlen(text) == text_len);
	line = strstr(text, begin);
	FUZZ_CHECK(line);
	end = unescape(line + strlen(begin), value);
	FUZZ_CHECK(strcmp(end, "\"} 1\n# EOF\n") == 0);
	FUZZ_CHECK(strcmp(value, words) == 0);
	ofl_metric_text_free(text);
	free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words = malloc(size + 1);

	memcpy(words, data, size);
	words[size] = '\0';
	accept_any(words, strlen(words));
	label_any(words, strlen(words));
	free(words);
	return 0;
}
