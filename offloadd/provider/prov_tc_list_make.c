// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules of lists -> tc filters: what they match in a form that hardware, or
 * only software, can say, and what they do.  Looks at devices and at what the
 * ports take, changes nothing.  See prov_tc_list.h for chains and prefs.
 */
#include <zebra.h>

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_list.h"

/* Who wants samples of logged packets listens to this group of psample. */
#define SAMPLE_GROUP 0x6f66
#define SAMPLE_BYTES 128

void ofl_tc_list_cookie(const struct ofl_provider *p,
			uint8_t ret[OFL_TC_COOKIE])
{
	ofl_tc_cookie(p, OFL_TC_COOKIE_ACL, ret);
}

bool ofl_tc_list_is_ours(const struct ofl_provider *p,
			 const struct ofl_tc_acl_seen *a)
{
	uint8_t cookie[OFL_TC_COOKIE];

	ofl_tc_list_cookie(p, cookie);
	return a->is && !memcmp(cookie, a->cookie, OFL_TC_COOKIE);
}

bool ofl_tc_list_leader(const struct ofl_provider *p, const char *indev,
			const struct ofl_bits *mark, bool unmark,
			uint32_t target, struct ofl_tc_acl *ret)
{
	struct ofl_tc_acl f = {.flags = TCA_CLS_FLAGS_SKIP_HW};
	struct ofl_tc_act to = {.kind = OFL_TC_ACT_GOTO, .chain = target};
	struct ofl_tc_act no_mark = {.kind = OFL_TC_ACT_MARK};
	struct ofl_match m;

	ofl_match_init(&m);
	ofl_tc_list_cookie(p, f.cookie);
	if (mark &&
	    (!ofl_match_set(&m, OFL_FIELD_MARK, mark->value, mark->mask) ||
	     !ofl_tc_acl_program_set(&f, &m)))
		return false;
	if (indev)
		strlcpy(f.keys.indev, indev, sizeof(f.keys.indev));
	if (unmark)
		(void)ofl_tc_acts_add(&f.acts, &no_mark);
	(void)ofl_tc_acts_add(&f.acts, &to);
	*ret = f;
	return true;
}

/* --- what a rule does --- */

static uint32_t ifindex_of(const struct ofl_provider *p, const char *name)
{
	const struct ofl_tc_link *link = ofl_tc_links_find_name(p->links, name);

	return link ? link->ifindex : 0;
}

/* A device gets what is sent to it; one that is made upon another one (a
 * macvlan) would send that out again, so it receives it. */
static bool receives(const struct ofl_provider *p, const char *name)
{
	const struct ofl_tc_link *link = ofl_tc_links_find_name(p->links, name);

	return link && link->is_macvlan;
}

/* All but where the packet ends.  A copy for a device that is not there is
 * not made; the list is written anew when it comes. */
static bool add_goes_on(const struct ofl_provider *p,
			const struct ofl_ace_action *a, struct ofl_tc_acts *to)
{
	struct ofl_tc_act act[] = {
		{.kind = OFL_TC_ACT_POLICE,
		 .rate_bytes = a->rate_bps / 8,
		 .burst_ticks =
			 ofl_tc_burst_ticks(a->rate_bps / 8, a->burst_bytes)},
		{.kind = OFL_TC_ACT_SAMPLE,
		 .one_in = 1,
		 .group = SAMPLE_GROUP,
		 .most_bytes = SAMPLE_BYTES},
		{.kind = OFL_TC_ACT_MIRROR,
		 .ingress = receives(p, a->mirror),
		 .ifindex = ifindex_of(p, a->mirror)},
		{.kind = OFL_TC_ACT_MARK, .mark = a->mark},
		{.kind = OFL_TC_ACT_DSCP, .dscp = a->dscp},
	};
	static const uint8_t bits[] = {OFL_ACE_A_POLICE, OFL_ACE_A_LOG,
				       OFL_ACE_A_MIRROR, OFL_ACE_A_MARK,
				       OFL_ACE_A_DSCP};

	for (size_t i = 0; i < sizeof(bits); i++) {
		if (!(a->does & bits[i]) ||
		    (act[i].kind == OFL_TC_ACT_MIRROR && !act[i].ifindex))
			continue;
		if (!ofl_tc_acts_add(to, &act[i]))
			return false;
	}
	return true;
}

bool ofl_tc_list_acts(const struct ofl_provider *p,
		      const struct ofl_ace_action *action, uint16_t ethertype,
		      bool egress, struct ofl_tc_acts *ret,
		      const char **ret_why)
{
	struct ofl_tc_act end = {.kind = OFL_TC_ACT_DROP};
	uint32_t routes = egress ? 0 : ofl_tc_routes_chain(p);

	memset(ret, 0, sizeof(*ret));
	if (action->forward == OFL_ACE_ACCEPT &&
	    (action->does & OFL_ACE_A_REDIRECT)) {
		end.ifindex = ifindex_of(p, action->redirect);
		end.ingress = receives(p, action->redirect);
		/* Nobody is there to have it. */
		if (end.ifindex)
			end.kind = OFL_TC_ACT_REDIRECT;
	} else if (action->forward == OFL_ACE_ACCEPT) {
		end.kind = routes ? OFL_TC_ACT_GOTO : OFL_TC_ACT_ACCEPT;
		end.chain = routes;
	}
	if (!add_goes_on(p, action, ret) || !ofl_tc_acts_add(ret, &end) ||
	    !ofl_tc_acts_is_sound(ret, ethertype)) {
		*ret_why = "tc cannot do what it asks for";
		return false;
	}
	return true;
}

bool ofl_tc_list_does_once(const struct ofl_ace_action *action)
{
	return action->forward == OFL_ACE_ACCEPT &&
	       !(action->does & OFL_ACE_A_REDIRECT) &&
	       (action->does &
		(OFL_ACE_A_MIRROR | OFL_ACE_A_LOG | OFL_ACE_A_POLICE));
}

/* A mark before what ends. */
static bool add_done(struct ofl_tc_acts *acts)
{
	struct ofl_tc_act mark = {.kind = OFL_TC_ACT_MARK,
				  .mark = OFL_TC_MARK_DONE};
	struct ofl_tc_act end = acts->act[--acts->count];

	return ofl_tc_acts_add(acts, &mark) && ofl_tc_acts_add(acts, &end);
}

/* --- what a rule matches --- */

static const char *indev_of(const struct ofl_provider *p,
			    const struct ofl_match *m)
{
	struct ofl_bits port = ofl_match_field_get(m, OFL_FIELD_PORT);
	const struct ofl_tc_link *link;

	if (!port.mask)
		return NULL;
	link = ofl_tc_links_find(p->links, (uint32_t)port.value);
	return link ? link->name : NULL;
}

bool ofl_tc_list_soft_filter(const struct ofl_provider *p,
			     const struct ofl_match *m,
			     const struct ofl_ace_action *action, bool egress,
			     struct ofl_tc_acl *ret, const char **ret_why)
{
	struct ofl_tc_acl f = {.flags = TCA_CLS_FLAGS_SKIP_HW};

	ofl_tc_list_cookie(p, f.cookie);
	if (ofl_tc_acl_match_set(&f, m, indev_of(p, m)) &&
	    !ofl_tc_acl_program_set(&f, m)) {
		*ret_why = "tc cannot say what it matches";
		return false;
	}
	if (!ofl_tc_list_acts(p, action, f.ethertype, egress, &f.acts, ret_why))
		return false;
	*ret = f;
	return true;
}

bool ofl_tc_list_hard_filter(const struct ofl_provider *p,
			     const struct ofl_match *m, enum ofl_entry entry,
			     const struct ofl_ace_action *action, uint32_t mark,
			     struct ofl_tc_acl *ret, const char **ret_why)
{
	struct ofl_tc_acl f = {.flags = TCA_CLS_FLAGS_SKIP_SW};
	struct ofl_tc_act trap = {.kind = OFL_TC_ACT_TRAP};
	struct ofl_tc_act note = {.kind = OFL_TC_ACT_MARK, .mark = mark};

	ofl_tc_list_cookie(p, f.cookie);
	if (ofl_tc_acl_match_set(&f, m, indev_of(p, m))) {
		*ret_why = "tc cannot say what it matches";
		return false;
	}
	if (entry == OFL_ENTRY_REAL) {
		if (!ofl_tc_list_acts(p, action, f.ethertype, false, &f.acts,
				      ret_why))
			return false;
		if (ofl_tc_list_does_once(action) && !add_done(&f.acts)) {
			*ret_why = "tc cannot do so much at once";
			return false;
		}
	} else {
		/* Without it software looks at the whole list. */
		if (mark && !(p->lists->refused >> OFL_TC_ACL_MARK & 1))
			(void)ofl_tc_acts_add(&f.acts, &note);
		(void)ofl_tc_acts_add(&f.acts, &trap);
	}
	*ret = f;
	return true;
}

/* --- several filters for one match --- */

/* The largest aligned block at the beginning of what is left. */
static struct ofl_range cut_block(struct ofl_range *rest)
{
	uint32_t size = rest->min ? rest->min & -(uint32_t)rest->min : 65536;
	struct ofl_range block;

	while (rest->min + size - 1 > rest->max)
		size /= 2;
	block = (struct ofl_range){rest->min, (uint16_t)(rest->min + size - 1)};
	rest->min = (uint16_t)(rest->min + size); /* wraps after the last */
	return block;
}

/* Of every match so far one for each block of a range; false: too many. */
static bool split_range(struct ofl_match *m, unsigned int *count,
			enum ofl_number number)
{
	struct ofl_range rest = m[0].range[number], block;
	unsigned int n = *count, blocks = ofl_range_blocks(rest);

	if (blocks * n > OFL_TC_PIECES_MAX)
		return false;
	for (unsigned int b = 0; b < blocks; b++) {
		block = cut_block(&rest);
		/* The first block's are made last: they are the originals. */
		for (unsigned int i = 0; i < n; i++) {
			struct ofl_match *to = &m[b ? b * n + i : i];

			if (b)
				*to = m[i];
			to->range[number] = block;
		}
	}
	*count = n * blocks;
	return true;
}

static bool can_be(const struct ofl_provider *p, const struct ofl_match *m)
{
	struct ofl_tc_keys keys;

	return !ofl_tc_keys_make(m, indev_of(p, m), &keys) &&
	       !ofl_tc_acl_caps_missing(&keys, p->lists->refused);
}

static unsigned int pieces_of(const struct ofl_provider *p,
			      const struct ofl_match *m,
			      struct ofl_match ret[OFL_TC_PIECES_MAX])
{
	static const uint8_t numbers[] = {OFL_NUMBER_SRC_PORT,
					  OFL_NUMBER_DST_PORT};
	static const uint8_t rows[] = {OFL_TC_ACL_SRC_PORTS,
				       OFL_TC_ACL_DST_PORTS};
	struct ofl_bits fragment = ofl_match_field_get(m, OFL_FIELD_FRAGMENT);
	unsigned int n = 1;

	_Static_assert(OFL_TC_SPLIT_MAX <= OFL_TC_PIECES_MAX, "room");
	ret[0] = *m;
	if (!ofl_match_range_is_any(m, OFL_NUMBER_TTL) ||
	    (fragment.mask == OFL_FRAGMENT_LATER && !fragment.value))
		n = ofl_tc_keys_split(m, ret);
	for (size_t i = 0; i < sizeof(numbers) && n; i++)
		if ((p->lists->refused >> rows[i] & 1) &&
		    ofl_range_blocks(m->range[numbers[i]]) > 1 &&
		    !split_range(ret, &n, numbers[i]))
			return 0;
	for (unsigned int i = 0; i < n; i++)
		if (!can_be(p, &ret[i]))
			return 0;
	return n;
}

/* Words for fields that were left out. */
static void say_fields(uint32_t fields, char *why, size_t size)
{
	static const char *const names[OFL_FIELD_MAX + OFL_NUMBER_MAX] = {
		[OFL_FIELD_SRC_V4] = "source",
		[OFL_FIELD_DST_V4] = "destination",
		[OFL_FIELD_ETHERTYPE] = "ethertype",
		[OFL_FIELD_PROTOCOL] = "protocol",
		[OFL_FIELD_DSCP] = "dscp",
		[OFL_FIELD_FRAGMENT] = "fragment",
		[OFL_FIELD_TCP_FLAGS] = "flags",
		[OFL_FIELD_ICMP_TYPE] = "icmp-type",
		[OFL_FIELD_ICMP_CODE] = "icmp-code",
		[OFL_FIELD_PORT] = "interface",
		[OFL_FIELD_VLAN_ID] = "vlan",
		[OFL_FIELD_VLAN_PCP] = "vlan-priority",
		[OFL_FIELD_VLAN_TAGGED] = "vlan tag",
		[OFL_FIELD_MARK] = "mark",
		[OFL_FIELD_DST_MAC] = "destination-mac",
		[OFL_FIELD_SRC_MAC] = "source-mac",
		[OFL_FIELD_MAX + OFL_NUMBER_SRC_PORT] = "source ports",
		[OFL_FIELD_MAX + OFL_NUMBER_DST_PORT] = "destination ports",
		[OFL_FIELD_MAX + OFL_NUMBER_LENGTH] = "length",
		[OFL_FIELD_MAX + OFL_NUMBER_TTL] = "ttl",
	};

	strlcpy(why, "hardware does not match on", size);
	for (unsigned int i = 0; i < OFL_FIELD_MAX + OFL_NUMBER_MAX; i++) {
		if (!(fields >> i & 1))
			continue;
		strlcat(why, " ", size);
		strlcat(why, names[i], size);
	}
}

unsigned int ofl_tc_list_split(const struct ofl_provider *p,
			       const struct ofl_match *m,
			       struct ofl_match ret[OFL_TC_PIECES_MAX],
			       struct ofl_match *ret_part, char *why,
			       size_t size)
{
	unsigned int n = pieces_of(p, m, ret);
	uint32_t left_out;

	if (n)
		return n;
	left_out = ofl_tc_acl_caps_part_make(m, indev_of(p, m),
					     p->lists->refused, ret_part);
	if (why)
		say_fields(left_out, why, size);
	return 0;
}
