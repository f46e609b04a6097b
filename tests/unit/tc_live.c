// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tc provider without the rest of the daemon, for tests in virtual
 * machines: entries, counters, samples.  Reads commands from standard input,
 * answers each with one JSON object when it is done.
 *
 *   table NAME hardware|software BLOCK PORT...   a new life of the table:
 *                             {"ready", "text", "found"}, when it is ready
 *   add|replace PREFIX DEVICE MAC          {"status", "text"}
 *   punt PREFIX; del PREFIX                likewise; a cover is added
 *   adopt PREFIX DEVICE MAC                {"adopted"}
 *   count                     {"entries", "text", "counted": {PREFIX: [packets,
 *                             bytes]}, "regions": likewise}: all that was told
 *                             since the last answer
 *   audit                     {"audited", "differs": [TEXT...], "counted"}
 *   sample RATE               {}
 *   sampling                  {"on", "rate", "samples", "lost", "odd",
 *                             "regions", "text"}
 *   sampled                   {"sampled": [[ifindex, rate, bytes,
 *                             ADDRESS]...]}: since the last answer
 *   regions [PREFIX...]       {}; count tells of them
 *   run MS                    {}; the table lives on so long
 *   pause MS                  {}; it is not looked after so long
 *   list DEVICE ADDRESS       {"bound"}; packets that come in there meet a
 *                             list, which drops what goes to the address (IPv4)
 *   clear                     {}; it goes with all it has
 *   end                       {}; it goes, what forwards stays
 *
 * Not one of the unit tests.
 */
#include <zebra.h>

#include <net/if.h>
#include <poll.h>

#include "lib/clock.h"
#include "offloadd/provider/prov_tc.h"
#include "offloadd/provider/provider.h"

#define WORDS_MAX 80
#define PATIENCE_US 60000000ull
#define BUDGET 256
#define COUNTED_MAX 4096
#define SAMPLED_MAX 65536
#define TEXTS_MAX 256

static const struct ofl_provider_ops *const ops = &ofl_prov_tc;
static struct ofl_provider *prov;
static uint64_t due_us, next_id = 1;

/* What was told. */
static bool ready, done, count_ended, audit_ended;
static char why[OFL_OUTCOME_TEXT], count_text[OFL_OUTCOME_TEXT];
static struct ofl_outcome outcome;
static uint32_t count_entries, audit_entries;
static struct amounts {
	struct {
		struct ofl_prefix p;
		uint64_t packets, bytes;
	} of[COUNTED_MAX];
	unsigned int count;
} counted, regioned;
static struct ofl_sample sampled[SAMPLED_MAX];
static unsigned int sampled_count;
static char differs[TEXTS_MAX][OFL_OUTCOME_TEXT];
static unsigned int differs_count;

/* --- events --- */

static void on_done(void *arg, const struct ofl_outcome *o)
{
	outcome = *o;
	done = true;
}

static void on_lost(void *arg, const struct ofl_key *key, const char *text)
{
}

static void on_capacity(void *arg, uint32_t slots)
{
}

static void on_ready(void *arg, bool is, const char *text)
{
	ready = is;
	strlcpy(why, text, sizeof(why));
}

static void on_able(void *arg)
{
}

static void on_differs(void *arg, const struct ofl_key *key,
		       enum ofl_difference what, const char *text)
{
	if (differs_count < TEXTS_MAX)
		strlcpy(differs[differs_count++], text, OFL_OUTCOME_TEXT);
}

static void on_audited(void *arg, uint32_t entries)
{
	audit_ended = true;
	audit_entries = entries;
}

static void add(struct amounts *a, const struct ofl_prefix *p, uint64_t packets,
		uint64_t bytes)
{
	unsigned int i = 0;

	while (i < a->count && ofl_prefix_cmp(&a->of[i].p, p) != 0)
		i++;
	if (i == COUNTED_MAX)
		exit(2);
	if (i == a->count) {
		a->count++;
		a->of[i].p = *p;
		a->of[i].packets = a->of[i].bytes = 0;
	}
	a->of[i].packets += packets;
	a->of[i].bytes += bytes;
}

static void on_counted(void *arg, const struct ofl_key *key, uint64_t packets,
		       uint64_t bytes)
{
	add(&counted, &key->p, packets, bytes);
}

static void on_region_counted(void *arg, uint32_t ifindex,
			      const struct ofl_prefix *region, uint64_t packets,
			      uint64_t bytes)
{
	if (!ifindex)
		exit(3);
	add(&regioned, region, packets, bytes);
}

static void on_count_end(void *arg, uint32_t entries, const char *text)
{
	count_ended = true;
	count_entries = entries;
	strlcpy(count_text, text, sizeof(count_text));
}

static void on_sampled(void *arg, const struct ofl_sample *sample)
{
	if (sampled_count < SAMPLED_MAX)
		sampled[sampled_count++] = *sample;
}

static const struct ofl_provider_events events = {
	.done = on_done,
	.lost = on_lost,
	.unfit = on_lost,
	.capacity = on_capacity,
	.ready = on_ready,
	.able = on_able,
	.differs = on_differs,
	.audited = on_audited,
	.counted = on_counted,
	.count_end = on_count_end,
	.sampled = on_sampled,
	.region_counted = on_region_counted,
};

/* --- life --- */

/* Until a flag is set (NULL: never) or time is over; false: it was over. */
static bool live(const bool *flag, uint64_t for_us)
{
	uint64_t now = ofl_clock_mono_us(), until = now + for_us;

	while (prov && now < until && (!flag || !*flag)) {
		struct pollfd fd = {.fd = ops->fd(prov), .events = POLLIN};
		uint64_t wake = MIN(due_us, until);

		(void)poll(&fd, 1,
			   wake > now ? (int)((wake - now) / 1000) + 1 : 0);
		now = ofl_clock_mono_us();
		due_us = ops->poll(prov, now, BUDGET);
		now = ofl_clock_mono_us();
	}
	return flag && *flag;
}

static void end(uint32_t wait_ms)
{
	ops->free(prov, wait_ms);
	prov = NULL;
	ready = false;
}

static const char *begin(unsigned int n, char **word)
{
	struct ofl_hwtable_conf conf;
	const char *error = NULL;

	ofl_hwtable_conf_init(&conf, word[1]);
	conf.capacity_slots = 100;
	if (!strcmp(word[2], "software"))
		conf.tc.mode = OFL_TC_MODE_SOFTWARE;
	conf.tc.block = (uint32_t)strtoul(word[3], NULL, 10);
	for (unsigned int i = 4; i < n && i - 4 < OFL_TC_PORTS_MAX; i++) {
		strlcpy(conf.tc.ports[i - 4], word[i], OFL_TC_PORT_LEN);
		conf.tc.port_count++;
	}
	prov = ops->new (&conf, &events, NULL, &error);
	due_us = 0;
	return error;
}

static void table(unsigned int n, char **word)
{
	struct ofl_provider_stats stats = {0};
	const char *error;

	if (prov)
		end(1000);
	error = begin(n, word);
	(void)live(&ready, PATIENCE_US);
	if (prov)
		ops->stats(prov, &stats);
	printf("\"ready\": %s, \"text\": \"%s\", \"found\": %u",
	       ready ? "true" : "false", error ? error : why, stats.found);
}

/* --- entries --- */

static bool mac_parse(const char *text, uint8_t mac[6])
{
	unsigned int m[6];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4],
		   &m[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)m[i];
	return true;
}

/* PREFIX [DEVICE MAC]; NULL: not so. */
static struct ofl_action *action_of(unsigned int n, char **word,
				    struct ofl_key *ret_key)
{
	struct ofl_nexthop nh = {.family = AF_INET, .weight = 1};

	if (n > 2)
		nh.ifindex = if_nametoindex(word[2]);
	if (!ofl_prefix_parse(word[1], false, &ret_key->p) ||
	    (n > 2 && (!nh.ifindex || !mac_parse(word[3], nh.mac))))
		return NULL;
	return n > 2 ? ofl_action_get(OFL_ACTION_FORWARD, &nh, 1)
		     : ofl_action_get(OFL_ACTION_BLACKHOLE, NULL, 0);
}

static void write_entry(unsigned int n, char **word)
{
	struct ofl_op op = {.id = next_id++, .kind = OFL_OP_ADD, .slots = 1};
	struct ofl_action *a = action_of(n, word, &op.key);

	op.entry = n > 2 ? OFL_ENTRY_REAL : OFL_ENTRY_PUNT;
	if (!strcmp(word[0], "replace"))
		op.kind = OFL_OP_REPLACE;
	if (!strcmp(word[0], "del")) {
		op.kind = OFL_OP_DEL;
		op.entry = OFL_ENTRY_NONE;
	}
	if (op.entry == OFL_ENTRY_REAL && a) {
		op.action = a;
		op.identity = a->id;
	}
	done = false;
	if (!a || !prov || !ops->submit(prov, &op, 1, ofl_clock_mono_us()) ||
	    (due_us = 0, !live(&done, PATIENCE_US)))
		printf("\"status\": \"%s\"",
		       a ? "no answer" : "not understood");
	else
		printf("\"status\": \"%s\", \"text\": \"%s\"",
		       ofl_status_name(outcome.status), outcome.text);
	ofl_action_unref(a);
}

static void adopt(unsigned int n, char **word)
{
	struct ofl_key key = {0};
	struct ofl_action *a = action_of(n, word, &key);

	printf("\"adopted\": %s",
	       a && prov && ops->adopt(prov, &key, a) ? "true" : "false");
	ofl_action_unref(a);
}

/* --- counters and samples --- */

static void say_amounts(const char *name, struct amounts *a)
{
	char text[OFL_ADDR_STRLEN + 8];

	printf("\"%s\": {", name);
	for (unsigned int i = 0; i < a->count; i++) {
		const struct ofl_prefix *pf = &a->of[i].p;

		inet_ntop(pf->family, pf->addr, text, sizeof(text));
		printf("%s\"%s/%u\": [%" PRIu64 ", %" PRIu64 "]", i ? ", " : "",
		       text, pf->plen, a->of[i].packets, a->of[i].bytes);
	}
	printf("}");
	a->count = 0;
}

static void say_counted(void)
{
	say_amounts("counted", &counted);
	printf(", ");
	say_amounts("regions", &regioned);
}

static void count(unsigned int n, char **word)
{
	count_ended = false;
	if (prov)
		ops->count(prov);
	due_us = 0;
	if (!live(&count_ended, PATIENCE_US))
		strlcpy(count_text, "no end", sizeof(count_text));
	printf("\"entries\": %u, \"text\": \"%s\", ", count_entries,
	       count_text);
	say_counted();
}

static void audit(unsigned int n, char **word)
{
	audit_ended = false;
	if (prov)
		ops->audit(prov);
	due_us = 0;
	(void)live(&audit_ended, PATIENCE_US);
	printf("\"audited\": %u, \"differs\": [", audit_entries);
	for (unsigned int i = 0; i < differs_count; i++)
		printf("%s\"%s\"", i ? ", " : "", differs[i]);
	printf("], ");
	differs_count = 0;
	say_counted();
}

static void sample(unsigned int n, char **word)
{
	if (prov)
		ops->sample(prov, (uint32_t)strtoul(word[1], NULL, 10));
	due_us = 0;
}

static void regions(unsigned int n, char **word)
{
	struct ofl_prefix region[OFL_REGIONS_MAX];
	size_t count = 0;

	for (unsigned int i = 1; i < n && count < OFL_REGIONS_MAX; i++)
		count += ofl_prefix_parse(word[i], false, &region[count]);
	if (prov)
		ops->regions(prov, region, count);
	due_us = 0;
}

static void sampling(unsigned int n, char **word)
{
	struct ofl_sampling_status s = {.text = "no table"};

	if (prov)
		ops->sampling(prov, &s);
	printf("\"on\": %s, \"rate\": %u, \"samples\": %" PRIu64
	       ", \"lost\": %" PRIu64 ", \"odd\": %" PRIu64
	       ", \"regions\": %u, \"text\": \"%s\"",
	       s.on ? "true" : "false", s.rate, s.samples, s.lost, s.odd,
	       s.regions, s.text);
}

static void say_sampled(unsigned int n, char **word)
{
	char text[INET6_ADDRSTRLEN];

	printf("\"sampled\": [");
	for (unsigned int i = 0; i < sampled_count; i++) {
		inet_ntop(sampled[i].family, sampled[i].dst, text,
			  sizeof(text));
		printf("%s[%u, %u, %u, \"%s\"]", i ? ", " : "",
		       sampled[i].ifindex, sampled[i].rate, sampled[i].bytes,
		       text);
	}
	printf("]");
	sampled_count = 0;
}

static void run(unsigned int n, char **word)
{
	(void)live(NULL, strtoull(word[1], NULL, 10) * 1000);
}

static void pause_for(unsigned int n, char **word)
{
	(void)poll(NULL, 0, (int)strtoul(word[1], NULL, 10));
}

/* --- a list --- */

static void list_changed(void *arg, uint32_t list)
{
}

static void list_able(void *arg)
{
}

static void soft_free(struct ofl_list_soft *soft)
{
}

static const struct ofl_list_events list_events = {
	.changed = list_changed,
	.able = list_able,
};

static void list(unsigned int n, char **word)
{
	static const struct ofl_ace_action drop = {.forward = OFL_ACE_DROP};
	static const struct ofl_ace_action accept = {.forward = OFL_ACE_ACCEPT};
	static const uint8_t all[16] = {0xff, 0xff, 0xff, 0xff};
	static struct ofl_match to, any;
	static struct ofl_list_rule rules[] = {
		{.match = &to, .action = &drop, .cookie = 1, .level = 1},
		{.match = &any, .action = &accept, .cookie = 2, .level = 2},
	};
	static struct ofl_list_soft soft = {
		.rules = rules, .count = array_size(rules), .free = soft_free};
	uint64_t until = ofl_clock_mono_us() + PATIENCE_US;
	enum ofl_list_bound bound = OFL_LIST_UNBOUND;
	char text[OFL_OUTCOME_TEXT];
	const char *error = "";
	uint8_t addr[16] = {0};

	ofl_match_init(&any);
	ofl_match_init(&to);
	if (!prov || inet_pton(AF_INET, word[2], addr) != 1)
		return;
	ofl_match_addr_set(&to, OFL_END_DST, AF_INET, addr, all);
	ops->lists->events_set(prov, &list_events, NULL);
	if (ops->lists->open(prov, 1, NULL, &error)) {
		ops->lists->set(prov, 1, &soft);
		ops->lists->bind(prov, 1, word[1]);
		ops->lists->settled(prov);
	}
	for (due_us = 0;
	     bound < OFL_LIST_SOFTWARE && ofl_clock_mono_us() < until;) {
		(void)live(NULL, 10000);
		bound = ops->lists->bound(prov, 1, word[1], text, sizeof(text));
	}
	printf("\"bound\": %d", bound);
}

static void clear(unsigned int n, char **word)
{
	if (prov)
		ops->clear(prov);
	end(10000);
}

static void go(unsigned int n, char **word)
{
	end(10000);
}

static const struct {
	const char *name;
	unsigned int least; /* words */
	void (*run)(unsigned int n, char **word);
} commands[] = {
	{"table", 5, table},
	{"add", 4, write_entry},
	{"replace", 4, write_entry},
	{"punt", 2, write_entry},
	{"del", 2, write_entry},
	{"adopt", 4, adopt},
	{"count", 1, count},
	{"audit", 1, audit},
	{"sample", 2, sample},
	{"sampling", 1, sampling},
	{"sampled", 1, say_sampled},
	{"regions", 1, regions},
	{"run", 2, run},
	{"pause", 2, pause_for},
	{"clear", 1, clear},
	{"end", 1, go},
	{"list", 3, list},
};

static void obey(char *line)
{
	char *word[WORDS_MAX], *save = NULL;
	unsigned int n = 0;

	for (char *w = strtok_r(line, " \n", &save); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " \n", &save))
		word[n++] = w;
	printf("{");
	for (size_t i = 0; n && i <= array_size(commands); i++) {
		if (i == array_size(commands))
			printf("\"wrong\": true");
		else if (!strcmp(word[0], commands[i].name) &&
			 n >= commands[i].least) {
			commands[i].run(n, word);
			break;
		}
	}
	printf("}\n");
	fflush(stdout);
}

/* Between commands the table lives on, too. */
int main(void)
{
	static char line[4096];
	size_t len = 0;
	ssize_t got;
	char *eol;

	ofl_action_init();
	for (;;) {
		struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

		while (!(eol = memchr(line, '\n', len))) {
			if (prov && !poll(&in, 1, 0)) {
				(void)live(NULL, 1000);
				continue;
			}
			got = read(STDIN_FILENO, line + len,
				   sizeof(line) - 1 - len);
			if (got <= 0)
				goto out;
			len += (size_t)got;
		}
		*eol = '\0';
		obey(line);
		len -= (size_t)(eol + 1 - line);
		memmove(line, eol + 1, len);
	}
out:
	end(10000);
	ofl_action_fini();
	return 0;
}
