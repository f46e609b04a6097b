// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults, latency and packets of the emulated table, asked for by one line of
 * text (prov_emulated.h lists them).
 *
 * A line that is not understood changes nothing.  What hardware would say by
 * itself (lost, capacity, ready, sampled) is said from within the call; answers
 * to operations come from poll() only, so poll after a line that may bring some
 * ("silent off", "down").
 */
#include <zebra.h>

#include "offloadd/provider/prov_emulated_priv.h"

#define WORD_LEN 64
#define LATENCY_MAX_US 3600000000ULL
#define TRAFFIC_BYTES 1000 /* of a packet, unless said */
#define TRAFFIC_BYTES_MAX 65535
#define TRAFFIC_PACKETS_MAX 1000000000000ULL

#define SPACE " \t\r\n"

/* Take the next word off the line; *line is then what follows it. */
static bool word(const char **line, char buf[WORD_LEN])
{
	const char *s = *line + strspn(*line, SPACE);
	size_t len = strcspn(s, SPACE);

	if (len == 0 || len >= WORD_LEN)
		return false;
	memcpy(buf, s, len);
	buf[len] = '\0';
	*line = s + len + strspn(s + len, SPACE);
	return true;
}

static bool number(const char **line, uint64_t max, uint64_t *ret_n)
{
	char buf[WORD_LEN];
	uint64_t n = 0;

	if (!word(line, buf))
		return false;
	for (const char *s = buf; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
		n = n * 10 + (*s - '0');
		if (n > max)
			return false;
	}
	*ret_n = n;
	return true;
}

/* The rest of the line, or other words if it is empty. */
static void text(const char *line, const char *otherwise,
		 char buf[OFL_OUTCOME_TEXT])
{
	size_t len;

	strlcpy(buf, *line ? line : otherwise, OFL_OUTCOME_TEXT);
	len = strlen(buf);
	while (len > 0 && strchr(SPACE, buf[len - 1]))
		buf[--len] = '\0';
}

/* --- one function a line; `rest` follows the first word --- */

static bool do_latency(struct ofl_provider *p, const char *rest,
		       const char **ret_error)
{
	uint64_t us;

	if (!number(&rest, LATENCY_MAX_US, &us) || *rest)
		return false;
	p->faults.latency_us = us;
	return true;
}

static bool do_fail(struct ofl_provider *p, const char *rest,
		    const char **ret_error)
{
	uint64_t n;

	if (!number(&rest, UINT32_MAX, &n) || n == 0)
		return false;
	p->faults.fail_in = n;
	text(rest, "failed as asked", p->faults.fail_text);
	return true;
}

static bool do_no_space(struct ofl_provider *p, const char *rest,
			const char **ret_error)
{
	uint64_t n;

	if (!number(&rest, UINT32_MAX, &n) || n == 0 || *rest)
		return false;
	p->faults.no_space_in = n;
	return true;
}

static bool do_refuse(struct ofl_provider *p, const char *rest,
		      const char **ret_error)
{
	static const char *const what[OFL_EMU_REFUSE_MAX] = {
		[OFL_EMU_REFUSE_ADD] = "add",
		[OFL_EMU_REFUSE_REPLACE] = "replace",
		[OFL_EMU_REFUSE_DEL] = "del",
		[OFL_EMU_REFUSE_REAL] = "real",
		[OFL_EMU_REFUSE_PUNT] = "punt",
	};
	char buf[WORD_LEN];

	if (!word(&rest, buf))
		return false;
	for (int i = 0; i < OFL_EMU_REFUSE_MAX; i++) {
		if (strcmp(buf, what[i]) != 0)
			continue;
		p->faults.refuse[i] = true;
		text(rest, "refused as asked", p->faults.refuse_text[i]);
		return true;
	}
	return false;
}

static bool do_accept(struct ofl_provider *p, const char *rest,
		      const char **ret_error)
{
	if (*rest)
		return false;
	memset(p->faults.refuse, 0, sizeof(p->faults.refuse));
	p->faults.fail_in = 0;
	p->faults.no_space_in = 0;
	return true;
}

/* PREFIX [vrf ID] */
static bool key_parse(const char *rest, struct ofl_key *ret_key)
{
	struct ofl_key key = {};
	char buf[WORD_LEN];
	uint64_t vrf = 0;

	if (!word(&rest, buf) || !ofl_prefix_parse(buf, false, &key.p))
		return false;
	if (*rest && (!word(&rest, buf) || strcmp(buf, "vrf") != 0 ||
		      !number(&rest, UINT32_MAX, &vrf) || *rest))
		return false;
	key.vrf = vrf;
	*ret_key = key;
	return true;
}

/* PREFIX [vrf ID] -> the entry, or NULL. */
static struct ofl_emu_entry *entry_parse(const struct ofl_provider *p,
					 const char *rest,
					 const char **ret_error,
					 struct ofl_key *ret_key)
{
	struct ofl_emu_entry *e;

	if (!key_parse(rest, ret_key))
		return NULL;
	e = ofl_emu_table_find(&p->table, ret_key);
	if (!e)
		*ret_error = "no such entry in the table";
	return e;
}

/* PREFIX [vrf ID] -> the entry, forgotten. */
static bool forget(struct ofl_provider *p, const char *rest,
		   const char **ret_error, struct ofl_key *ret_key)
{
	struct ofl_emu_entry *e = entry_parse(p, rest, ret_error, ret_key);

	if (e)
		ofl_emulated_drop(p, e);
	return e != NULL;
}

static bool do_lose(struct ofl_provider *p, const char *rest,
		    const char **ret_error)
{
	struct ofl_key key;

	if (!forget(p, rest, ret_error, &key))
		return false;
	p->stats.lost++;
	p->events->lost(p->arg, &key, "lost as asked");
	return true;
}

/* Not counted as lost: nobody noticed. */
static bool do_lose_silently(struct ofl_provider *p, const char *rest,
			     const char **ret_error)
{
	struct ofl_key key;

	return forget(p, rest, ret_error, &key);
}

/* It is ours by where it is, and nobody's: no operation made it. */
static bool do_appear(struct ofl_provider *p, const char *rest,
		      const char **ret_error)
{
	struct ofl_key key;

	if (!key_parse(rest, &key))
		return false;
	*ret_error = "the table has no file now";
	if (p->path_text[0])
		return false;
	*ret_error = "there is an entry already";
	if (ofl_emu_table_find(&p->table, &key))
		return false;
	*ret_error = "the table is full";
	return p->stats.used_slots < p->stats.capacity_slots &&
	       ofl_emulated_put(p, &key,
				ofl_emu_word_make(OFL_ENTRY_PUNT, 1, 0), 0);
}

/* It forwards, and not as anybody asked: no action has this hash. */
static bool do_change(struct ofl_provider *p, const char *rest,
		      const char **ret_error)
{
	struct ofl_key key;
	struct ofl_emu_entry *e = entry_parse(p, rest, ret_error, &key);

	if (!e)
		return false;
	ofl_emulated_set(p, e, ofl_emu_word_make(OFL_ENTRY_REAL, e->slots, 0),
			 OFL_IDENTITY_FOUND);
	return true;
}

/* PREFIX|ADDRESS PACKETS [BYTES] [vrf ID] */
static bool do_traffic(struct ofl_provider *p, const char *rest,
		       const char **ret_error)
{
	uint64_t packets, bytes = TRAFFIC_BYTES, vrf = 0;
	struct ofl_prefix to;
	char buf[WORD_LEN];

	if (!word(&rest, buf) || !ofl_prefix_parse(buf, false, &to) ||
	    !number(&rest, TRAFFIC_PACKETS_MAX, &packets))
		return false;
	if (isdigit((unsigned char)*rest) &&
	    (!number(&rest, TRAFFIC_BYTES_MAX, &bytes) || !bytes))
		return false;
	if (*rest && (!word(&rest, buf) || strcmp(buf, "vrf") != 0 ||
		      !number(&rest, UINT32_MAX, &vrf) || *rest))
		return false;
	ofl_emulated_traffic(p, vrf, &to, packets, bytes);
	return true;
}

static bool do_sampling(struct ofl_provider *p, const char *rest,
			const char **ret_error)
{
	char buf[WORD_LEN];

	if (!word(&rest, buf) || *rest ||
	    (strcmp(buf, "on") != 0 && strcmp(buf, "off") != 0))
		return false;
	p->deaf = buf[1] == 'f';
	return true;
}

static bool do_kill_when(struct ofl_provider *p, const char *rest,
			 const char **ret_error)
{
	char buf[WORD_LEN];
	uint64_t n;

	if (!word(&rest, buf) || !number(&rest, UINT32_MAX, &n) || n == 0 ||
	    *rest)
		return false;
	if (strcmp(buf, "taken") == 0)
		p->faults.kill_taken_in = n;
	else if (strcmp(buf, "done") == 0)
		p->faults.kill_done_in = n;
	else
		return false;
	return true;
}

static bool do_silent(struct ofl_provider *p, const char *rest,
		      const char **ret_error)
{
	char buf[WORD_LEN];

	if (!word(&rest, buf) || *rest)
		return false;
	if (strcmp(buf, "on") != 0 && strcmp(buf, "off") != 0)
		return false;
	p->faults.silent = buf[1] == 'n';
	return true;
}

/* Entries above a smaller capacity stay; what would grow is refused. */
static bool do_capacity(struct ofl_provider *p, const char *rest,
			const char **ret_error)
{
	uint64_t slots;

	if (!number(&rest, UINT32_MAX, &slots) || *rest)
		return false;
	p->stats.capacity_slots = slots;
	if (p->announced)
		p->events->capacity(p->arg, p->stats.capacity_slots);
	return true;
}

static bool set_down(struct ofl_provider *p, const char *rest, bool down)
{
	const char *text;
	bool ready;

	if (*rest)
		return false;
	if (p->faults.down == down)
		return true;
	p->faults.down = down;
	ready = ofl_emulated_is_ready(p, &text);
	if (p->announced)
		p->events->ready(p->arg, ready, text);
	return true;
}

static bool do_down(struct ofl_provider *p, const char *rest,
		    const char **ret_error)
{
	return set_down(p, rest, true);
}

static bool do_up(struct ofl_provider *p, const char *rest,
		  const char **ret_error)
{
	return set_down(p, rest, false);
}

static const struct {
	const char *verb, *usage;
	bool (*run)(struct ofl_provider *p, const char *rest,
		    const char **ret_error);
} lines[] = {
	{"latency", "usage: latency USEC (0..3600000000)", do_latency},
	{"fail", "usage: fail N [TEXT] (N from 1)", do_fail},
	{"no-space", "usage: no-space N (N from 1)", do_no_space},
	{"refuse", "usage: refuse add|replace|del|real|punt [TEXT]", do_refuse},
	{"accept", "usage: accept", do_accept},
	{"lose", "usage: lose PREFIX [vrf ID]", do_lose},
	{"lose-silently", "usage: lose-silently PREFIX [vrf ID]",
	 do_lose_silently},
	{"silent", "usage: silent on|off", do_silent},
	{"capacity", "usage: capacity N (slots)", do_capacity},
	{"down", "usage: down", do_down},
	{"up", "usage: up", do_up},
	{"appear", "usage: appear PREFIX [vrf ID]", do_appear},
	{"change", "usage: change PREFIX [vrf ID]", do_change},
	{"traffic",
	 "usage: traffic PREFIX|ADDRESS PACKETS [BYTES] [vrf ID] (BYTES of a "
	 "packet: 1..65535)",
	 do_traffic},
	{"sampling", "usage: sampling on|off", do_sampling},
	{"kill-when", "usage: kill-when taken|done N (N from 1)", do_kill_when},
};

bool ofl_emulated_exercise(struct ofl_provider *p, const char *line,
			   const char **ret_error)
{
	char verb[WORD_LEN];

	if (word(&line, verb)) {
		for (size_t i = 0; i < array_size(lines); i++) {
			if (strcmp(verb, lines[i].verb) != 0)
				continue;
			*ret_error = lines[i].usage;
			return lines[i].run(p, line, ret_error);
		}
	}
	*ret_error = "one of: latency, fail, no-space, refuse, accept, lose, "
		     "lose-silently, silent, capacity, down, up, appear, "
		     "change, traffic, kill-when";
	return false;
}
