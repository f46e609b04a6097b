// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words of an operator, to everything in the room flow that reads them.
 *
 * The first byte says which parser.  What a parser takes must print as
 * something that it takes again and that means the same; of an entry of a list
 * its matches must be sound, too.
 */
#include <zebra.h>

#include "offloadd/flow/ace.h"
#include "offloadd/flow/addr.h"
#include "offloadd/flow/fibroute.h"
#include "offloadd/flow/flow.h"
#include "offloadd/flow/match_print.h"

#include "tests/fuzz/fuzz.h"

/* --- prefixes --- */

static void prefix(char *text)
{
	bool mask = text[0] == '~';
	char printed[OFL_PREFIX_STRLEN];
	struct ofl_prefix p, again;

	memset(&p, 0xa5, sizeof(p));
	again = p;
	if (!ofl_prefix_parse(text + mask, mask, &p)) {
		FUZZ_CHECK(!memcmp(&p, &again, sizeof(p)));
		return;
	}
	FUZZ_CHECK(p.plen <= ofl_family_bits(p.family));
	again = ofl_prefix_make(p.family, p.addr, p.plen);
	FUZZ_CHECK(!memcmp(&p, &again, sizeof(p)));
	ofl_prefix_print(&p, printed, sizeof(printed));
	FUZZ_CHECK(ofl_prefix_parse(printed, false, &again));
	FUZZ_CHECK(!memcmp(&p, &again, sizeof(p)));
}

/* --- entries --- */

static size_t words_of(char *text, const char *words[OFL_ACE_WORDS_MAX])
{
	char *save = NULL;
	size_t count = 0;

	for (char *w = strtok_r(text, " \t\n", &save);
	     w && count < OFL_ACE_WORDS_MAX; w = strtok_r(NULL, " \t\n", &save))
		words[count++] = w;
	return count;
}

/* They do not overlap; each has a packet, which meets no other. */
static void check_matches(const struct ofl_ace *ace)
{
	struct ofl_match m[OFL_ACE_MATCHES_MAX];
	unsigned int n = ofl_ace_expand(ace, 3, m);
	struct ofl_packet p;
	char text[256];

	FUZZ_CHECK(n <= OFL_ACE_MATCHES_MAX);
	for (unsigned int i = 0; i < n; i++) {
		ofl_packet_init(&p);
		ofl_match_packet_make(&m[i], &p);
		for (unsigned int k = 0; k < n; k++) {
			FUZZ_CHECK(ofl_match_has_packet(&m[k], &p) == (i == k));
			FUZZ_CHECK(ofl_match_has_overlap(&m[i], &m[k]) ==
				   (i == k));
		}
		ofl_match_print(&m[i], text, sizeof(text));
	}
}

static void entry(enum ofl_acl_type type, char *text)
{
	const char *words[OFL_ACE_WORDS_MAX];
	char printed[OFL_ACE_STRLEN], twice[OFL_ACE_STRLEN], error[192] = "";
	size_t count = words_of(text, words);
	struct ofl_ace ace, again;

	memset(&ace, 0xa5, sizeof(ace));
	memcpy(&again, &ace, sizeof(ace));
	if (!ofl_ace_parse(type, words, count, &ace, error, sizeof(error))) {
		FUZZ_CHECK(error[0] &&
			   strnlen(error, sizeof(error)) < sizeof(error));
		FUZZ_CHECK(!memcmp(&ace, &again, sizeof(ace)));
		return;
	}
	FUZZ_CHECK(ofl_ace_check(&ace, type, error, sizeof(error)));
	check_matches(&ace);
	ofl_ace_print(&ace, type, printed, sizeof(printed));
	FUZZ_CHECK(strlen(printed) + 1 < sizeof(printed));
	memcpy(twice, printed, sizeof(twice));
	count = words_of(twice, words);
	FUZZ_CHECK(ofl_ace_parse(type, words, count, &again, error,
				 sizeof(error)));
	FUZZ_CHECK(ofl_ace_eq(&ace, &again));
	ofl_ace_print(&again, type, twice, sizeof(twice));
	FUZZ_CHECK(!strcmp(printed, twice));
}

/* --- single words --- */

#define NAMES(name, type, parse)                                               \
	do {                                                                   \
		type v_;                                                       \
		if (parse(text, &v_))                                          \
			FUZZ_CHECK(!strcmp(name(v_), text));                   \
	} while (0)

static void names(const char *text)
{
	NAMES(ofl_acl_type_name, enum ofl_acl_type, ofl_acl_type_parse);
	NAMES(ofl_ace_where_name, uint8_t, ofl_ace_where_parse);
	NAMES(ofl_ace_forward_name, uint8_t, ofl_ace_forward_parse);
	NAMES(ofl_ports_op_name, uint16_t, ofl_ports_op_parse);
	NAMES(ofl_ace_fragment_name, uint8_t, ofl_ace_fragment_parse);
	NAMES(ofl_class_name, enum ofl_class, ofl_class_parse);
	NAMES(ofl_state_name, enum ofl_state, ofl_state_parse);
	NAMES(ofl_fib_repair_name, enum ofl_fib_repair, ofl_fib_repair_parse);
}

#define AGAIN(type, parse, print)                                              \
	do {                                                                   \
		type v_, w_;                                                   \
		char s_[128];                                                  \
		if (!parse(text, &v_))                                         \
			break;                                                 \
		print(v_, s_, sizeof(s_));                                     \
		FUZZ_CHECK(parse(s_, &w_) && v_ == w_);                        \
	} while (0)

static void values(const char *text)
{
	uint8_t mac[6], mac_again[6], type, type_again;
	uint64_t n = 0, m = 0;
	char printed[64];

	AGAIN(uint8_t, ofl_ace_protocol_parse, ofl_ace_protocol_print);
	AGAIN(uint8_t, ofl_ace_dscp_parse, ofl_ace_dscp_print);
	AGAIN(uint16_t, ofl_ace_ethertype_parse, ofl_ace_ethertype_print);
	AGAIN(uint16_t, ofl_ace_tcp_flags_parse, ofl_ace_tcp_flags_print);
	for (int icmp = 1; icmp <= 58; icmp += 57) {
		if (!ofl_ace_icmp_parse(icmp, text, &type))
			continue;
		ofl_ace_icmp_print(icmp, type, printed, sizeof(printed));
		FUZZ_CHECK(ofl_ace_icmp_parse(icmp, printed, &type_again));
		FUZZ_CHECK(type == type_again);
	}
	if (ofl_ace_number_parse(text, UINT32_MAX, &n)) {
		FUZZ_CHECK(n <= UINT32_MAX);
		snprintf(printed, sizeof(printed), "%" PRIu64, n);
		FUZZ_CHECK(ofl_ace_number_parse(printed, n, &m) && n == m);
		FUZZ_CHECK(!n || !ofl_ace_number_parse(printed, n - 1, &m));
	}
	if (ofl_ace_mac_parse(text, mac)) {
		ofl_ace_mac_print(mac, printed, sizeof(printed));
		FUZZ_CHECK(ofl_ace_mac_parse(printed, mac_again));
		FUZZ_CHECK(!memcmp(mac, mac_again, sizeof(mac)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {.at = data, .left = size};
	uint8_t which = fuzz_u8(&f);
	char *text = fuzz_text(&f);

	if (which < OFL_ACL_TYPE_MAX)
		entry(which, text);
	else if (which == OFL_ACL_TYPE_MAX)
		prefix(text);
	else if (which == OFL_ACL_TYPE_MAX + 1)
		names(text);
	else
		values(text);
	free(text);
	return 0;
}
