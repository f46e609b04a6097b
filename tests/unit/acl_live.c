// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of ACLs between words and the kernel, for tests in virtual machines:
 * written by the provider's encoder, and what the kernel echoes is compared
 * with what was asked.  Reads commands from standard input, answers each with
 * one JSON object.
 *
 *   at DEVICE ingress|egress         where the filters hang
 *   at block N                       likewise
 *   add PREF flower|bpf skip_sw|skip_hw WORD... do WORD...
 *        the n-th (from 0): {"n", "missing", "errno", "text", "echoed",
 *        "equal", "in_hw"}; words: acl_words.h; indev=NAME, chain=C,
 *        handle=H, ours (with a cookie of this daemon's ACLs) too
 *   new PREF ...                     as add, but not into the kernel yet
 *   del N     {"errno", "text"}
 *   dump      {"found", "equal", "packets": {"N": [all, hardware]}}
 *   packet WORD...                   {"hits": [N, ...]}: of those that match.h
 *        says match, in the order in which they were added
 *   clear                            forget all
 *
 * By the provider's thread (acl_live_wire.c), where FILTER is what it tells of
 * one, and "same" in it those that have the same digest:
 *
 *   ask add|replace|del N...         all in one go: {"replies": [{"errno",
 *                                    "text", "echoed", FILTER}]}
 *   found [CHAIN]                    {"found": [{FILTER}], "errno", "text"}
 *   flush CHAIN                      {"errno", "text"}
 *   attach; detach                   likewise, the qdisc of the device
 *
 * Not one of the unit tests.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "tests/unit/acl_live.h"
#include "tests/unit/acl_words.h"

#define ENTRIES_MAX 4096
#define WORDS_MAX 80

static struct live_entry entries[ENTRIES_MAX];
static unsigned int entry_count;
static struct ofl_tc_at at;
static struct mnl_socket *sock;
static _Alignas(struct nlmsghdr) uint8_t buf[65536];

unsigned int live_entries(void)
{
	return entry_count;
}

struct live_entry *live_entry(const char *number)
{
	unsigned long n = strtoul(number, NULL, 10);

	return n < entry_count ? &entries[n] : NULL;
}

const struct ofl_tc_at *live_at(void)
{
	return &at;
}

/* --- the kernel --- */

struct answer {
	int errnum;
	char text[256];
	bool echoed, understood, equal, in_hw;
	struct ofl_tc_acl got;
	const struct ofl_tc_acl *want;
};

static void read_error(const struct nlmsghdr *nlh, struct answer *a)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *attr;

	a->errnum = -e->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, skip)
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(a->text, sizeof(a->text), "%s",
				 mnl_attr_get_str(attr));
	}
}

static void read_echo(const struct nlmsghdr *nlh, struct answer *a)
{
	struct ofl_tc_seen seen;

	if (!ofl_tc_acl_decode(nlh, &a->got, &seen))
		return;
	a->echoed = true;
	a->understood = seen.understood;
	a->equal = seen.understood && ofl_tc_acl_eq(&a->got, a->want);
	a->in_hw = seen.in_hw;
}

static void talk(struct nlmsghdr *nlh, struct answer *a)
{
	ssize_t n;

	nlh->nlmsg_flags |= NLM_F_ACK | NLM_F_ECHO;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		exit(2);
	while ((n = mnl_socket_recvfrom(sock, buf, sizeof(buf))) > 0) {
		const struct nlmsghdr *m = (const struct nlmsghdr *)buf;
		int left = (int)n;

		for (; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_type == NLMSG_ERROR) {
				read_error(m, a);
				return;
			}
			read_echo(m, a);
		}
	}
	exit(2);
}

/* --- commands --- */

static void say_bool(const char *name, bool value)
{
	printf(", \"%s\": %s", name, value ? "true" : "false");
}

static void say_answer(const struct answer *a)
{
	printf("\"errno\": %d, \"text\": \"%s\"", a->errnum, a->text);
	say_bool("echoed", a->echoed);
	say_bool("understood", a->understood);
	say_bool("equal", a->equal);
	say_bool("in_hw", a->in_hw);
}

/* What is neither match nor action. */
static bool place_word(struct ofl_tc_acl *f, const char *word)
{
	if (!strncmp(word, "chain=", 6))
		f->chain = (uint32_t)strtoul(word + 6, NULL, 10);
	else if (!strncmp(word, "handle=", 7))
		f->handle = (uint32_t)strtoul(word + 7, NULL, 10);
	else if (!strcmp(word, "ours"))
		ofl_tc_cookie_make(7, OFL_TC_COOKIE_ACL, f->cookie);
	else
		return false;
	return true;
}

static const char *make(struct live_entry *e, char **words, int n,
			uint32_t *ret_missing)
{
	static const uint8_t cookie[OFL_TC_COOKIE] = {'t', 'e', 's', 't'};
	const char *indev = NULL;
	bool acts = false;

	memset(e, 0, sizeof(*e));
	ofl_match_init(&e->match);
	memcpy(e->f.cookie, cookie, sizeof(cookie));
	e->f.pref = (uint16_t)strtoul(words[1], NULL, 10);
	e->f.flags = strcmp(words[3], "skip_hw") ? TCA_CLS_FLAGS_SKIP_SW
						 : TCA_CLS_FLAGS_SKIP_HW;
	for (int i = 4; i < n; i++) {
		if (!acts && !strcmp(words[i], "do"))
			acts = true;
		else if (!strncmp(words[i], "indev=", 6)) {
			indev = words[i] + 6;
			ofl_match_set(&e->match, OFL_FIELD_PORT,
				      if_nametoindex(indev), UINT32_MAX);
		} else if (!acts && place_word(&e->f, words[i])) {
			continue;
		} else if (!(acts ? acl_act_word(&e->f.acts, words[i])
				  : acl_match_word(&e->match, words[i])))
			return words[i];
	}
	*ret_missing = ofl_tc_keys_make(&e->match, indev, &e->f.keys);
	if (!strcmp(words[2], "bpf"))
		return ofl_tc_acl_program_set(&e->f, &e->match) ? NULL : "bpf";
	*ret_missing = ofl_tc_acl_match_set(&e->f, &e->match, indev);
	return NULL;
}

/* Not into the kernel yet. */
static void prepare(char **words, int n)
{
	uint32_t missing = 0;
	const char *wrong = make(&entries[entry_count], words, n, &missing);

	if (wrong)
		printf("{\"wrong\": \"%s\"}\n", wrong);
	else
		printf("{\"n\": %u, \"missing\": %u}\n", entry_count++,
		       missing);
}

static void add(char **words, int n)
{
	static _Alignas(struct nlmsghdr) uint8_t room[OFL_TC_ACL_BYTES];
	struct live_entry *e = &entries[entry_count];
	struct answer a = {.want = &e->f};
	struct nlmsghdr *nlh = NULL;
	uint32_t missing = 0;
	const char *wrong = make(e, words, n, &missing);

	if (wrong) {
		printf("{\"wrong\": \"%s\"}\n", wrong);
		return;
	}
	printf("{\"n\": %u, \"missing\": %u, ", entry_count++, missing);
	if (!missing || e->f.is_program)
		nlh = ofl_tc_acl_encode(room, sizeof(room), RTM_NEWTFILTER,
					NLM_F_CREATE | NLM_F_EXCL, &at, &e->f);
	if (nlh)
		talk(nlh, &a);
	else
		a.errnum = EINVAL;
	e->there = nlh && !a.errnum;
	e->f.handle = a.got.handle;
	say_answer(&a);
	printf("}\n");
}

static void del(char **words)
{
	static _Alignas(struct nlmsghdr) uint8_t room[OFL_TC_ACL_BYTES];
	struct live_entry *e = &entries[strtoul(words[1], NULL, 10)];
	struct answer a = {.want = &e->f};
	struct nlmsghdr *nlh = ofl_tc_acl_encode(room, sizeof(room),
						 RTM_DELTFILTER, 0, &at, &e->f);

	if (!nlh)
		exit(2);
	talk(nlh, &a);
	e->there = e->there && a.errnum;
	printf("{");
	say_answer(&a);
	printf("}\n");
}

/* One filter of a dump; whose it is its cookie does not say: pref and handle
 * do. */
static bool dumped(const struct nlmsghdr *nlh, unsigned int *found,
		   unsigned int *equal)
{
	struct ofl_tc_acl got;
	struct ofl_tc_seen seen;

	if (!ofl_tc_acl_decode(nlh, &got, &seen) || !seen.has_cookie)
		return false;
	for (unsigned int i = 0; i < entry_count; i++) {
		if (!entries[i].there || entries[i].f.pref != got.pref ||
		    entries[i].f.handle != got.handle)
			continue;
		*equal += seen.understood && ofl_tc_acl_eq(&got, &entries[i].f);
		printf("%s\"%u\": [%llu, %llu]", (*found)++ ? ", " : "", i,
		       (unsigned long long)seen.counted.packets,
		       (unsigned long long)seen.counted.hw_packets);
		return true;
	}
	return false;
}

static void dump(void)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *tcm = mnl_nlmsg_put_extra_header(nlh, sizeof(*tcm));
	unsigned int found = 0, equal = 0;
	bool more = true;
	ssize_t n;

	nlh->nlmsg_type = RTM_GETTFILTER;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ofl_tc_place_set(tcm, &at);
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		exit(2);
	printf("{\"packets\": {");
	while (more && (n = mnl_socket_recvfrom(sock, buf, sizeof(buf))) > 0) {
		const struct nlmsghdr *m = (const struct nlmsghdr *)buf;
		int left = (int)n;

		for (; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_type == NLMSG_DONE)
				more = false;
			else
				dumped(m, &found, &equal);
		}
	}
	printf("}, \"found\": %u, \"equal\": %u}\n", found, equal);
}

static void packet(char **words, int n)
{
	struct ofl_packet p;
	unsigned int hits = 0;

	ofl_packet_init(&p);
	for (int i = 1; i < n; i++) {
		if (!acl_packet_word(&p, words[i])) {
			printf("{\"wrong\": \"%s\"}\n", words[i]);
			return;
		}
	}
	printf("{\"hits\": [");
	for (unsigned int i = 0; i < entry_count; i++)
		if (entries[i].there &&
		    ofl_match_has_packet(&entries[i].match, &p))
			printf("%s%u", hits++ ? ", " : "", i);
	printf("]}\n");
}

static void command(char **words, int n)
{
	if (!strcmp(words[0], "at") && n == 3) {
		if (!strcmp(words[1], "block"))
			at = (struct ofl_tc_at){
				.block = (uint32_t)strtoul(words[2], NULL, 10)};
		else
			at = (struct ofl_tc_at){
				.ifindex = if_nametoindex(words[1]),
				.egress = !strcmp(words[2], "egress")};
		printf("{\"ifindex\": %u}\n", at.ifindex);
	} else if (!strcmp(words[0], "new") && n > 5 &&
		   entry_count < ENTRIES_MAX) {
		prepare(words, n);
	} else if (!strcmp(words[0], "add") && n > 5 &&
		   entry_count < ENTRIES_MAX) {
		add(words, n);
	} else if (!strcmp(words[0], "del") && n == 2 &&
		   strtoul(words[1], NULL, 10) < entry_count) {
		del(words);
	} else if (!strcmp(words[0], "dump")) {
		dump();
	} else if (!strcmp(words[0], "packet")) {
		packet(words, n);
	} else if (!strcmp(words[0], "clear")) {
		entry_count = 0;
		printf("{}\n");
	} else if (!live_wire(words, n)) {
		printf("{\"wrong\": \"%s\"}\n", words[0]);
	}
}

int main(void)
{
	char line[4096], *words[WORDS_MAX], *rest;
	int one = 1, n;

	sock = mnl_socket_open(NETLINK_ROUTE);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return 2;
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &one, sizeof(one));
	while (fgets(line, sizeof(line), stdin)) {
		rest = line;
		for (n = 0; n < WORDS_MAX; n++) {
			words[n] = strtok_r(n ? NULL : line, " \n", &rest);
			if (!words[n])
				break;
		}
		if (n)
			command(words, n);
		fflush(stdout);
	}
	live_wire_fini();
	mnl_socket_close(sock);
	return 0;
}
