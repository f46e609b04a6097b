// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the ports of a table take of ACL filters, and so what hardware holds of
 * a rule; see prov_tc_list.h.
 *
 * All rows of prov_tc_acl_caps are tried in the table's block, in a chain that
 * no filter leads to, each added and deleted at once: the kernel takes a filter
 * that skips software only if every device does.  Tried when the first list
 * comes, and again with each port.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_list.h"

static struct ofl_tc_cap_place place_of(const struct ofl_provider *p)
{
	struct ofl_tc_cap_place place = {
		.chain = ofl_tc_list_chains(p) + 1 + OFL_TC_HARD_CHAINS,
		.flags = TCA_CLS_FLAGS_SKIP_SW,
		.to_cpu = OFL_TC_TRAP,
	};

	for (unsigned int i = 0; i < p->conf.port_count; i++) {
		if (p->ports[i].state != OFL_TC_PORT_ATTACHED)
			continue;
		place.ifindex = p->ports[i].ifindex;
		strlcpy(place.indev, p->ports[i].name, sizeof(place.indev));
		break;
	}
	ofl_tc_cookie(p, OFL_TC_COOKIE_TRY, place.cookie);
	return place;
}

static void ask_row(struct ofl_provider *p, const struct ofl_tc_cap_place *at,
		    enum ofl_tc_acl_cap cap)
{
	struct ofl_tc_acl f;

	if (!ofl_tc_acl_caps_filter(cap, at, &f))
		return;
	p->lists->trying++;
	ofl_tc_list_ask(p, "", ofl_tc_tag(OFL_TC_TAG_LIST_TRY, cap),
			OFL_TC_ASK_ADD, &f);
	/* One behind the other: no dump of ours comes between. */
	ofl_tc_list_ask(p, "", ofl_tc_tag(OFL_TC_TAG_CLEAN, 0), OFL_TC_ASK_DEL,
			&f);
}

void ofl_tc_list_try_begin(struct ofl_provider *p)
{
	struct ofl_tc_lists *ls = p->lists;
	struct ofl_tc_cap_place place = place_of(p);
	bool some = false;

	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		some |= ls->list[i] && ls->list[i]->hardware;
	if (!some || ls->trying || !place.ifindex)
		return;
	ls->try_due = false;
	if (!ls->tried)
		ofl_tc_acl_caps_init(ls->caps, &place);
	for (unsigned int cap = 0; cap < OFL_TC_ACL_CAP_MAX; cap++)
		if (!ls->tried || ofl_tc_acl_caps_is_open(ls->caps, cap))
			ask_row(p, &place, cap);
	/* Nothing to ask any more. */
	ls->tried |= !ls->trying;
}

void ofl_tc_list_try_reply(struct ofl_provider *p, const struct ofl_tc_reply *r)
{
	struct ofl_tc_lists *ls = p->lists;
	enum ofl_tc_acl_cap cap = (uint32_t)r->tag;
	uint64_t before = ls->refused;
	bool first = !ls->tried;

	ofl_tc_caps_set(&ls->caps[cap], r->errnum,
			r->acl.is && r->acl.as_asked && r->seen.in_hw, r->text);
	ls->caps[cap].of_block = true;
	if (--ls->trying)
		return;
	ofl_tc_acl_caps_settle(ls->caps);
	ls->refused = ofl_tc_acl_caps_refused(ls->caps);
	ls->tried = true;
	if (!first && before == ls->refused)
		return;
	for (unsigned int i = 0; i < OFL_LISTS_MAX; i++)
		if (ls->list[i])
			ofl_tc_list_news(ls->list[i]);
	if (ls->events)
		ls->events->able(ls->arg);
}

/* --- a rule --- */

/* Its words for what a filter needs and cannot have. */
static void say_row(const struct ofl_tc_lists *ls, uint64_t rows, char *why,
		    size_t size)
{
	enum ofl_tc_acl_cap cap = (enum ofl_tc_acl_cap)__builtin_ctzll(rows);

	strlcpy(why, ofl_tc_acl_caps_name(cap), size);
	strlcat(why, ": ", size);
	strlcat(why, ls->caps[cap].text, size);
}

/* Can hardware do what the rule does, on this piece of it? */
static bool can_do(const struct ofl_provider *p, const struct ofl_match *m,
		   const struct ofl_ace_action *action, char *why, size_t size)
{
	const char *text = NULL;
	struct ofl_tc_acl f;
	uint64_t bad;

	if (ofl_tc_list_does_once(action) && (action->does & OFL_ACE_A_MARK)) {
		strlcpy(why, "its mark, and one that what it does is done",
			size);
		return false;
	}
	if (!ofl_tc_list_hard_filter(p, m, OFL_ENTRY_REAL, action, 0, &f,
				     &text)) {
		strlcpy(why, text, size);
		return false;
	}
	for (unsigned int i = 0; i < f.acts.count; i++)
		if (f.acts.act[i].kind == OFL_TC_ACT_REDIRECT &&
		    ofl_tc_list_leaves(p, f.acts.act[i].ifindex, why, size))
			return false;
	bad = ofl_tc_acl_caps_needs(&f) & p->lists->refused;
	if (!bad)
		return true;
	say_row(p->lists, bad, why, size);
	return false;
}

/* What a piece takes, as routes of its family do; a range of ports is taken for
 * as many as the values with a mask that it falls into: a device that has
 * registers for ranges holds more than it is trusted with. */
static uint32_t slots_of(const struct ofl_provider *p,
			 const struct ofl_match *m)
{
	struct ofl_bits type = ofl_match_field_get(m, OFL_FIELD_ETHERTYPE);
	bool v6 = type.mask && type.value == ETH_P_IPV6;
	bool addr = ofl_match_field_get(m, OFL_FIELD_SRC_V4).mask ||
		    ofl_match_field_get(m, OFL_FIELD_DST_V4).mask ||
		    ofl_match_has_long_addr(m);

	return ofl_match_blocks(m) *
	       (v6 && addr ? p->cost_v6_slots : p->cost_v4_slots);
}

static uint16_t slots_of_all(const struct ofl_provider *p,
			     const struct ofl_match *m, unsigned int n)
{
	uint32_t slots = 0;

	for (unsigned int i = 0; i < n; i++)
		slots += slots_of(p, &m[i]);
	return (uint16_t)MIN(slots, UINT16_MAX);
}

void ofl_tc_list_can(struct ofl_provider *p, const struct ofl_match *match,
		     const struct ofl_ace_action *action,
		     struct ofl_list_can *ret)
{
	static struct ofl_match pieces[OFL_TC_PIECES_MAX]; /* main thread */
	unsigned int n;

	memset(ret, 0, sizeof(*ret));
	if (!ofl_tc_has_hardware(p)) {
		strlcpy(ret->why, "its table writes to software only",
			sizeof(ret->why));
		return;
	}
	if (p->lists->refused >> OFL_TC_ACL_TRAP & 1) {
		say_row(p->lists, UINT64_C(1) << OFL_TC_ACL_TRAP, ret->why,
			sizeof(ret->why));
		return;
	}
	n = ofl_tc_list_split(p, match, pieces, &ret->part, ret->why,
			      sizeof(ret->why));
	if (!n) {
		n = ofl_tc_list_split(p, &ret->part, pieces,
				      &(struct ofl_match){.more = 0}, NULL, 0);
		ret->holds = n ? OFL_LIST_PART : OFL_LIST_NOTHING;
		ret->slots = slots_of_all(p, pieces, n);
		return;
	}
	ret->slots = slots_of_all(p, pieces, n);
	ret->holds = can_do(p, &pieces[0], action, ret->why, sizeof(ret->why))
			     ? OFL_LIST_WHOLE
			     : OFL_LIST_COVER;
}

void ofl_tc_list_capabilities(struct ofl_provider *p,
			      bool (*cb)(const struct ofl_capability *c,
					 void *arg),
			      void *arg)
{
	const struct ofl_tc_lists *ls = p->lists;

	for (unsigned int cap = 0; ls->tried && cap < OFL_TC_ACL_CAP_MAX;
	     cap++) {
		struct ofl_capability c = {
			.is_key = ofl_tc_acl_caps_is_key(cap),
			.state = ls->caps[cap].state,
			.of_block = true,
			.errnum = ls->caps[cap].errnum,
		};

		strlcpy(c.port, place_of(p).indev, sizeof(c.port));
		snprintf(c.name, sizeof(c.name), "acl %s",
			 ofl_tc_acl_caps_name(cap));
		strlcpy(c.text, ls->caps[cap].text, sizeof(c.text));
		if (!cb(&c, arg))
			return;
	}
}
