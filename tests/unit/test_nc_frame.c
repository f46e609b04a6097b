// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netconf/frame.c: both framings of RFC 6242, whole and in pieces of any size,
 * and every header that there is not.  xmlscan.c: what is counted.
 */
#include <zebra.h>

#include <setjmp.h>
#include <cmocka.h>

#include "offloadd/netconf/frame.h"
#include "offloadd/netconf/xmlscan.h"

#define LONGEST 64

struct row {
	enum ofl_nc_framing framing;
	const char *in;
	enum ofl_nc_frame_result result;
	const char *message; /* if it is one */
	const char *rest;    /* that was not taken */
};

static const struct row rows[] = {
	/* end of message */
	{OFL_NC_FRAMING_EOM, "<a/>]]>]]>", OFL_NC_FRAME_MESSAGE, "<a/>", ""},
	{OFL_NC_FRAMING_EOM, "]]>]]>x", OFL_NC_FRAME_MESSAGE, "", "x"},
	{OFL_NC_FRAMING_EOM, "a]]>]]b]]>]]>", OFL_NC_FRAME_MESSAGE, "a]]>]]b",
	 ""},
	{OFL_NC_FRAMING_EOM, "]]]>]]>", OFL_NC_FRAME_MESSAGE, "]", ""},
	{OFL_NC_FRAMING_EOM, "]]>]]]>]]>", OFL_NC_FRAME_MESSAGE, "]]>]", ""},
	{OFL_NC_FRAMING_EOM, "]]>]]>]]>", OFL_NC_FRAME_MESSAGE, "", "]]>"},
	{OFL_NC_FRAMING_EOM, "]>]]>]]>", OFL_NC_FRAME_MESSAGE, "]>", ""},
	{OFL_NC_FRAMING_EOM, "abc]]>]]", OFL_NC_FRAME_MORE, NULL, ""},
	/* chunks */
	{OFL_NC_FRAMING_CHUNKED, "\n#4\n<a/>\n##\n", OFL_NC_FRAME_MESSAGE,
	 "<a/>", ""},
	{OFL_NC_FRAMING_CHUNKED, "\n#2\n<a\n#2\n/>\n##\n\n#1",
	 OFL_NC_FRAME_MESSAGE, "<a/>", "\n#1"},
	{OFL_NC_FRAMING_CHUNKED, "\n#4\n\n##\n\n##\n", OFL_NC_FRAME_MESSAGE,
	 "\n##\n", ""},
	{OFL_NC_FRAMING_CHUNKED, "\n#64\nabc", OFL_NC_FRAME_MORE, NULL, ""},
	/* headers that there are not */
	{OFL_NC_FRAMING_CHUNKED, "x", OFL_NC_FRAME_BAD, NULL, "x"},
	{OFL_NC_FRAMING_CHUNKED, "#4\n<a/>", OFL_NC_FRAME_BAD, NULL,
	 "#4\n<a/>"},
	{OFL_NC_FRAMING_CHUNKED, "\n\n", OFL_NC_FRAME_BAD, NULL, "\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n##\n", OFL_NC_FRAME_BAD, NULL, "#\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#0\n", OFL_NC_FRAME_BAD, NULL, "0\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#04\n<a/>", OFL_NC_FRAME_BAD, NULL,
	 "04\n<a/>"},
	{OFL_NC_FRAMING_CHUNKED, "\n#-1\n", OFL_NC_FRAME_BAD, NULL, "-1\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#+1\n", OFL_NC_FRAME_BAD, NULL, "+1\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n# 1\n", OFL_NC_FRAME_BAD, NULL, " 1\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#1 \n", OFL_NC_FRAME_BAD, NULL, " \n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#1\r\n", OFL_NC_FRAME_BAD, NULL, "\r\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#zzz\n", OFL_NC_FRAME_BAD, NULL, "zzz\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#\n", OFL_NC_FRAME_BAD, NULL, "\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#1\naa", OFL_NC_FRAME_BAD, NULL, "a"},
	{OFL_NC_FRAMING_CHUNKED, "\n#1\na\n##x", OFL_NC_FRAME_BAD, NULL, "x"},
	/* sizes: one above what fits 32 bits, and far above */
	{OFL_NC_FRAMING_CHUNKED, "\n#4294967295\n", OFL_NC_FRAME_LONG, NULL,
	 ""},
	{OFL_NC_FRAMING_CHUNKED, "\n#4294967296\n", OFL_NC_FRAME_BAD, NULL,
	 "6\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#18446744073709551617\n", OFL_NC_FRAME_BAD,
	 NULL, "3709551617\n"},
	{OFL_NC_FRAMING_CHUNKED, "\n#65\n", OFL_NC_FRAME_LONG, NULL, ""},
	{OFL_NC_FRAMING_CHUNKED,
	 "\n#60\n" /* 60 and 5 are too many */
	 "012345678901234567890123456789"
	 "012345678901234567890123456789\n#5\nabcde",
	 OFL_NC_FRAME_LONG, NULL, "abcde"},
};

static void table(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct row *r = &rows[i];
		struct ofl_nc_frame f;
		size_t used;

		ofl_nc_frame_init(&f, LONGEST);
		f.framing = r->framing;
		assert_int_equal(ofl_nc_frame_decode(&f, r->in, strlen(r->in),
						     &used),
				 r->result);
		assert_string_equal(r->in + used, r->rest);
		if (r->message)
			assert_string_equal(f.message.data, r->message);
		ofl_nc_frame_fini(&f);
	}
}

/* The same, byte by byte: a piece's end means nothing. */
static void bytewise(void **state)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		const struct row *r = &rows[i];
		enum ofl_nc_frame_result result = OFL_NC_FRAME_MORE;
		struct ofl_nc_frame f;
		size_t at = 0, used;

		ofl_nc_frame_init(&f, LONGEST);
		f.framing = r->framing;
		while (r->in[at] && result == OFL_NC_FRAME_MORE) {
			result = ofl_nc_frame_decode(&f, r->in + at, 1, &used);
			at += used;
		}
		assert_int_equal(result, r->result);
		assert_string_equal(r->in + at, r->rest);
		if (r->message)
			assert_string_equal(f.message.data, r->message);
		ofl_nc_frame_fini(&f);
	}
}

static void too_long(void **state)
{
	static const enum ofl_nc_framing framings[] = {OFL_NC_FRAMING_EOM,
						       OFL_NC_FRAMING_CHUNKED};
	char text[LONGEST + 2];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < 2; i++) {
		for (size_t len = LONGEST - 1; len <= LONGEST + 1; len++) {
			struct ofl_nc_text out = {};
			struct ofl_nc_frame f;
			size_t used;

			ofl_nc_frame_encode(framings[i], text, len, &out);
			ofl_nc_frame_encode_end(framings[i], &out);
			ofl_nc_frame_init(&f, LONGEST);
			f.framing = framings[i];
			assert_int_equal(ofl_nc_frame_decode(&f, out.data,
							     out.len, &used),
					 len > LONGEST ? OFL_NC_FRAME_LONG
						       : OFL_NC_FRAME_MESSAGE);
			ofl_nc_frame_fini(&f);
			ofl_nc_text_fini(&out);
		}
	}
}

/* --- random messages, random splits --- */

static unsigned int seed = 1;

static unsigned int dice(unsigned int sides)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % sides;
}

/* Of the characters that framing is made of. */
static size_t message_make(char *to, size_t max)
{
	static const char letters[] = "]]>#\n0123456789<a/>";
	size_t len = 1 + dice(max);

	for (size_t i = 0; i < len; i++)
		to[i] = letters[dice(sizeof(letters) - 1)];
	/* With its end and the mark's beginning it could make a mark. */
	to[len - 1] = 'x';
	return len;
}

static void round_trip(enum ofl_nc_framing framing)
{
	char messages[8][200];
	size_t lens[8], at = 0, seen = 0;
	struct ofl_nc_text out = {};
	struct ofl_nc_frame f;

	for (int i = 0; i < 8; i++) {
		do {
			lens[i] = message_make(messages[i], 200);
		} while (framing == OFL_NC_FRAMING_EOM &&
			 memmem(messages[i], lens[i], "]]>]]>", 6));
		for (size_t done = 0, piece; done < lens[i]; done += piece) {
			piece = 1 + dice(lens[i] - done);
			ofl_nc_frame_encode(framing, messages[i] + done, piece,
					    &out);
		}
		ofl_nc_frame_encode_end(framing, &out);
	}
	ofl_nc_frame_init(&f, 200);
	f.framing = framing;
	while (at < out.len) {
		size_t piece = 1 + dice(out.len - at), used;

		switch (ofl_nc_frame_decode(&f, out.data + at, piece, &used)) {
		case OFL_NC_FRAME_MORE:
			assert_int_equal(used, piece);
			break;
		case OFL_NC_FRAME_MESSAGE:
			assert_int_equal(f.message.len, lens[seen]);
			assert_memory_equal(f.message.data, messages[seen],
					    lens[seen]);
			seen++;
			break;
		default:
			fail();
		}
		at += used;
	}
	assert_int_equal(seen, 8);
	ofl_nc_frame_fini(&f);
	ofl_nc_text_fini(&out);
}

static void random_splits(void **state)
{
	for (int i = 0; i < 2000; i++) {
		round_trip(OFL_NC_FRAMING_EOM);
		round_trip(OFL_NC_FRAMING_CHUNKED);
	}
}

/* --- what is counted before libyang has it --- */

static const char *repeated(const char *before, const char *each, size_t count)
{
	struct ofl_nc_text t = {};
	const char *wrong;

	ofl_nc_text_str(&t, before);
	for (size_t i = 0; i < count; i++)
		ofl_nc_text_str(&t, each);
	wrong = ofl_nc_xml_scan(t.data, t.len);
	ofl_nc_text_fini(&t);
	return wrong;
}

static void counts(void **state)
{
	assert_null(repeated("", "<a>", OFL_NC_XML_DEPTH));
	assert_non_null(repeated("", "<a>", OFL_NC_XML_DEPTH + 1));
	/* What is closed is not deep. */
	assert_null(repeated("<x>", "<a b='>'><c/></a>", 5000));
	assert_null(repeated("<x>", "<a/>", OFL_NC_XML_CHILDREN));
	assert_non_null(repeated("<x>", "<a/>", OFL_NC_XML_CHILDREN + 1));
	assert_null(repeated("<x>", "<a/><b/>", OFL_NC_XML_NAMES / 2));
	assert_non_null(repeated("<x>", "<a/><b/>", OFL_NC_XML_NAMES / 2 + 1));
	assert_null(repeated("<x", " a='\"<>'", OFL_NC_XML_ATTRIBUTES));
	assert_non_null(repeated("<x", " a='\"<>'", OFL_NC_XML_ATTRIBUTES + 1));
	/* Neither of these has elements in it. */
	assert_null(repeated("<x>", "<!-- <a> -->", OFL_NC_XML_DEPTH + 1));
	assert_null(repeated("<x>", "<![CDATA[<a>]]>", OFL_NC_XML_DEPTH + 1));
	assert_null(repeated("<x>", "<?a <b> ?>", OFL_NC_XML_DEPTH + 1));
	assert_non_null(ofl_nc_xml_scan("<a\0/>", 5));
	assert_null(ofl_nc_xml_scan("<!-- ", 5));
	assert_null(ofl_nc_xml_scan("<a b='", 6));
	assert_null(ofl_nc_xml_scan("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),    cmocka_unit_test(bytewise),
		cmocka_unit_test(too_long), cmocka_unit_test(random_splits),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
