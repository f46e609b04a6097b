// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of ACLs by the thread of prov_tc_wire.h; see acl_live.c for the
 * commands.
 */
#include <zebra.h>

#include <poll.h>

#include "offloadd/provider/prov_tc_wire.h"
#include "tests/unit/acl_live.h"

#define PATIENCE_MS 60000
#define ASKED_MAX 64

static struct ofl_tc_wire *wire;

static void say_filter(const struct ofl_tc_reply *r)
{
	const struct ofl_tc_acl_seen *a = &r->acl;

	printf("\"acl\": %s, \"kind\": \"%s\", \"chain\": %u, \"handle\": %u, "
	       "\"pref\": %u, \"protocol\": %u, \"flags\": %u, "
	       "\"indev\": \"%s\", \"goto\": %u, \"as_asked\": %s",
	       a->is ? "true" : "false", a->kind, a->chain, a->handle, a->pref,
	       a->protocol, a->flags, a->indev, a->goto_chain,
	       a->as_asked ? "true" : "false");
	printf(", \"in_hw\": %s, \"packets\": [%llu, %llu], \"block\": %u, "
	       "\"route\": %s, \"same\": [",
	       r->seen.in_hw ? "true" : "false",
	       (unsigned long long)r->seen.counted.packets,
	       (unsigned long long)r->seen.counted.hw_packets, r->seen.block,
	       r->filter.pref ? "true" : "false");
	for (unsigned int i = 0, n = 0; i < live_entries(); i++) {
		char number[16];

		snprintf(number, sizeof(number), "%u", i);
		if (ofl_tc_acl_digest(&live_entry(number)->f) == a->digest)
			printf("%s%u", n++ ? ", " : "", i);
	}
	printf("]");
}

/* One by one, in order; as long as it takes. */
static void reply_get(struct ofl_tc_reply *ret)
{
	struct pollfd p = {.fd = ofl_tc_wire_fd(wire), .events = POLLIN};

	while (!ofl_tc_wire_receive(wire, ret, 1))
		if (poll(&p, 1, PATIENCE_MS) <= 0)
			exit(3);
}

static struct ofl_tc_request request(uint8_t ask, uint64_t tag)
{
	const struct ofl_tc_at *at = live_at();

	return (struct ofl_tc_request){.tag = tag,
				       .ask = ask,
				       .block = at->block,
				       .ifindex = at->ifindex,
				       .egress = at->egress};
}

static void send_all(const struct ofl_tc_request *r, size_t n)
{
	if (!wire)
		wire = ofl_tc_wire_new();
	if (!wire || ofl_tc_wire_send(wire, r, n) != n)
		exit(3);
}

static void say_answer(const struct ofl_tc_reply *r, uint64_t tag)
{
	if (r->kind != OFL_TC_ANSWER || r->tag != tag)
		exit(3);
	printf("\"errno\": %d, \"text\": \"%s\"", r->errnum, r->text);
}

/* ask add|replace|del N... */
static void ask(char **words, int n)
{
	uint8_t what = !strcmp(words[1], "add")	      ? OFL_TC_ASK_ADD
		       : !strcmp(words[1], "replace") ? OFL_TC_ASK_REPLACE
						      : OFL_TC_ASK_DEL;
	struct live_entry *entries[ASKED_MAX];
	struct ofl_tc_request r[ASKED_MAX];
	struct ofl_tc_reply reply;

	for (int i = 2; i < n; i++) {
		entries[i - 2] = live_entry(words[i]);
		if (!entries[i - 2])
			exit(3);
		r[i - 2] = request(what, (uint64_t)i);
		r[i - 2].acl = ofl_tc_acl_dup(&entries[i - 2]->f);
	}
	send_all(r, (size_t)(n - 2));
	printf("{\"replies\": [");
	for (int i = 2; i < n; i++) {
		struct live_entry *e = entries[i - 2];

		reply_get(&reply);
		printf("%s{", i > 2 ? ", " : "");
		say_answer(&reply, (uint64_t)i);
		printf(", \"echoed\": %s, ", reply.echoed ? "true" : "false");
		say_filter(&reply);
		printf("}");
		if (!reply.errnum)
			e->there = what != OFL_TC_ASK_DEL;
		if (e->there && reply.echoed)
			e->f.handle = reply.acl.handle;
	}
	printf("]}\n");
}

/* found [CHAIN] */
static void found(char **words, int n)
{
	struct ofl_tc_request r = request(OFL_TC_ASK_DUMP, 1);
	struct ofl_tc_reply reply;

	r.of_chain = n == 2;
	if (r.of_chain)
		r.filter.chain = (uint32_t)strtoul(words[1], NULL, 10);
	send_all(&r, 1);
	printf("{\"found\": [");
	for (unsigned int i = 0;; i++) {
		reply_get(&reply);
		if (reply.kind != OFL_TC_FOUND)
			break;
		printf("%s{", i ? ", " : "");
		say_filter(&reply);
		printf("}");
	}
	printf("], ");
	say_answer(&reply, 1);
	printf("}\n");
}

/* attach, detach, flush CHAIN: answered without a filter. */
static void plain(uint8_t what, const char *chain)
{
	struct ofl_tc_request r = request(what, 1);
	struct ofl_tc_reply reply;

	r.filter.chain = (uint32_t)strtoul(chain, NULL, 10);
	send_all(&r, 1);
	reply_get(&reply);
	printf("{");
	say_answer(&reply, 1);
	printf("}\n");
}

bool live_wire(char **words, int n)
{
	if (!strcmp(words[0], "ask") && n > 2 && n <= ASKED_MAX + 2)
		ask(words, n);
	else if (!strcmp(words[0], "found"))
		found(words, n);
	else if (!strcmp(words[0], "flush") && n == 2)
		plain(OFL_TC_ASK_FLUSH, words[1]);
	else if (!strcmp(words[0], "attach") || !strcmp(words[0], "detach"))
		plain(words[0][0] == 'a' ? OFL_TC_ASK_ATTACH
					 : OFL_TC_ASK_DETACH,
		      "0");
	else
		return false;
	return true;
}

void live_wire_fini(void)
{
	ofl_tc_wire_free(wire, PATIENCE_MS);
	wire = NULL;
}
