// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attributes of tc messages; see prov_tc_attr.h.
 *
 * Nothing in a message is believed: an attribute of the wrong size or twice is
 * said to be so.
 */
#include "offloadd/provider/prov_tc_attr.h"

#include <arpa/inet.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_csum.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_pedit.h>

static const uint8_t cookie_head[4] = {'o', 'f', 'l', 1};

void ofl_tc_cookie_make(uint32_t table, uint8_t kind,
			uint8_t ret[OFL_TC_COOKIE])
{
	uint32_t tag = htonl(table);

	memset(ret, 0, OFL_TC_COOKIE);
	memcpy(ret, cookie_head, sizeof(cookie_head));
	memcpy(ret + 4, &tag, sizeof(tag));
	ret[8] = kind;
}

enum ofl_tc_cookie_kind
ofl_tc_cookie_kind_get(const uint8_t cookie[OFL_TC_COOKIE])
{
	if (memcmp(cookie, cookie_head, sizeof(cookie_head)) != 0 ||
	    cookie[8] > OFL_TC_COOKIE_REGION)
		return OFL_TC_COOKIE_NONE;
	return cookie[8];
}

uint64_t ofl_tc_digest_add(uint64_t digest, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < len; i++)
		digest = (digest ^ b[i]) * UINT64_C(0x100000001b3);
	return digest;
}

/* --- writing --- */

struct tcmsg *ofl_tc_message_begin(struct ofl_tc_writer *w, void *buf,
				   size_t len, uint16_t type,
				   uint16_t nlmsg_flags)
{
	struct tcmsg *tcm;

	w->room = len;
	w->ok = len >= MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*tcm));
	if (!w->ok)
		return NULL;
	w->nlh = mnl_nlmsg_put_header(buf);
	w->nlh->nlmsg_type = type;
	w->nlh->nlmsg_flags = NLM_F_REQUEST | nlmsg_flags;
	tcm = mnl_nlmsg_put_extra_header(w->nlh, sizeof(*tcm));
	tcm->tcm_family = AF_UNSPEC;
	return tcm;
}

void ofl_tc_attr_add(struct ofl_tc_writer *w, uint16_t type, size_t len,
		     const void *data)
{
	w->ok = w->ok && mnl_attr_put_check(w->nlh, w->room, type, len, data);
}

void ofl_tc_attr_add_u8(struct ofl_tc_writer *w, uint16_t type, uint8_t value)
{
	ofl_tc_attr_add(w, type, sizeof(value), &value);
}

void ofl_tc_attr_add_u16(struct ofl_tc_writer *w, uint16_t type, uint16_t value)
{
	ofl_tc_attr_add(w, type, sizeof(value), &value);
}

void ofl_tc_attr_add_u32(struct ofl_tc_writer *w, uint16_t type, uint32_t value)
{
	ofl_tc_attr_add(w, type, sizeof(value), &value);
}

struct nlattr *ofl_tc_nest_begin(struct ofl_tc_writer *w, uint16_t type)
{
	struct nlattr *start = NULL;

	if (w->ok)
		start = mnl_attr_nest_start_check(w->nlh, w->room, type);
	w->ok = start != NULL;
	return start;
}

void ofl_tc_nest_commit(struct ofl_tc_writer *w, struct nlattr *start)
{
	if (w->ok)
		mnl_attr_nest_end(w->nlh, start);
}

struct nlattr *ofl_tc_action_begin(struct ofl_tc_writer *w, const char *kind,
				   struct nlattr **ret_options)
{
	struct nlattr *start = ofl_tc_nest_begin(w, ++w->n_actions);

	ofl_tc_attr_add(w, TCA_ACT_KIND, strlen(kind) + 1, kind);
	if (w->n_actions == 1)
		ofl_tc_attr_add(w, TCA_ACT_COOKIE, OFL_TC_COOKIE, w->cookie);
	*ret_options = ofl_tc_nest_begin(w, TCA_ACT_OPTIONS | NLA_F_NESTED);
	return start;
}

void ofl_tc_action_commit(struct ofl_tc_writer *w, struct nlattr *start,
			  struct nlattr *options)
{
	ofl_tc_nest_commit(w, options);
	ofl_tc_nest_commit(w, start);
}

void ofl_tc_gact_add(struct ofl_tc_writer *w, int verdict)
{
	struct tc_gact parms = {.action = verdict};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "gact", &options);

	ofl_tc_attr_add(w, TCA_GACT_PARMS, sizeof(parms), &parms);
	ofl_tc_action_commit(w, start, options);
}

void ofl_tc_pedit_add(struct ofl_tc_writer *w, const struct ofl_tc_edit *edits,
		      size_t n)
{
	struct {
		struct tc_pedit_sel sel;
		struct tc_pedit_key keys[OFL_TC_EDITS_MAX];
	} parms = {.sel = {.action = TC_ACT_PIPE, .nkeys = n}};
	struct nlattr *options, *start, *keys, *key;

	start = ofl_tc_action_begin(w, "pedit", &options);
	for (size_t i = 0; i < n; i++) {
		memcpy(&parms.keys[i].mask, edits[i].keep, 4);
		memcpy(&parms.keys[i].val, edits[i].value, 4);
		parms.keys[i].off = edits[i].offset;
	}
	ofl_tc_attr_add(w, TCA_PEDIT_PARMS_EX,
			sizeof(parms.sel) + n * sizeof(parms.keys[0]), &parms);
	keys = ofl_tc_nest_begin(w, TCA_PEDIT_KEYS_EX | NLA_F_NESTED);
	for (size_t i = 0; i < n; i++) {
		key = ofl_tc_nest_begin(w, TCA_PEDIT_KEY_EX | NLA_F_NESTED);
		ofl_tc_attr_add_u16(w, TCA_PEDIT_KEY_EX_HTYPE, edits[i].header);
		ofl_tc_attr_add_u16(w, TCA_PEDIT_KEY_EX_CMD, edits[i].cmd);
		ofl_tc_nest_commit(w, key);
	}
	ofl_tc_nest_commit(w, keys);
	ofl_tc_action_commit(w, start, options);
}

void ofl_tc_csum_add(struct ofl_tc_writer *w)
{
	struct tc_csum parms = {
		.action = TC_ACT_PIPE,
		.update_flags = TCA_CSUM_UPDATE_FLAG_IPV4HDR,
	};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "csum", &options);

	ofl_tc_attr_add(w, TCA_CSUM_PARMS, sizeof(parms), &parms);
	ofl_tc_action_commit(w, start, options);
}

void ofl_tc_mirred_add(struct ofl_tc_writer *w, int eaction, uint32_t ifindex)
{
	bool stolen =
		eaction == TCA_EGRESS_REDIR || eaction == TCA_INGRESS_REDIR;
	struct tc_mirred parms = {
		.action = stolen ? TC_ACT_STOLEN : TC_ACT_PIPE,
		.eaction = eaction,
		.ifindex = ifindex,
	};
	struct nlattr *options;
	struct nlattr *start = ofl_tc_action_begin(w, "mirred", &options);

	ofl_tc_attr_add(w, TCA_MIRRED_PARMS, sizeof(parms), &parms);
	ofl_tc_action_commit(w, start, options);
}

/* --- reading --- */

bool ofl_tc_attrs_get(const void *from, size_t len,
		      const struct nlattr **ret_tb, size_t n, bool *ret_unknown)
{
	const struct nlattr *a = from;
	int left = (int)len;

	memset(ret_tb, 0, n * sizeof(*ret_tb));
	for (; mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a)) {
		uint16_t type = mnl_attr_get_type(a);

		if (type >= n)
			*ret_unknown = true;
		else if (ret_tb[type])
			return false;
		else
			ret_tb[type] = a;
	}
	return left <= 0 || (size_t)left < sizeof(*a);
}

bool ofl_tc_nested_get(const struct nlattr *a, const struct nlattr **ret_tb,
		       size_t n, bool *ret_unknown)
{
	return ofl_tc_attrs_get(mnl_attr_get_payload(a),
				mnl_attr_get_payload_len(a), ret_tb, n,
				ret_unknown);
}

bool ofl_tc_attr_get(const struct nlattr *a, void *to, size_t len)
{
	if (!a || mnl_attr_get_payload_len(a) < len)
		return false;
	memcpy(to, mnl_attr_get_payload(a), len);
	return true;
}

bool ofl_tc_attr_is_text(const struct nlattr *a, const char *text)
{
	size_t len = strlen(text);

	return a && mnl_attr_get_payload_len(a) > len &&
	       !memcmp(mnl_attr_get_payload(a), text, len + 1);
}

int ofl_tc_pedit_get(const struct nlattr **options, struct ofl_tc_edit *ret,
		     int max)
{
	const struct nlattr *parms = options[TCA_PEDIT_PARMS_EX], *a;
	struct tc_pedit_sel sel;
	struct tc_pedit_key key;
	int i = 0;

	if (!options[TCA_PEDIT_KEYS_EX] ||
	    !ofl_tc_attr_get(parms, &sel, sizeof(sel)) || sel.nkeys > max ||
	    sel.action != TC_ACT_PIPE ||
	    mnl_attr_get_payload_len(parms) <
		    sizeof(sel) + sel.nkeys * sizeof(key))
		return 0;
	mnl_attr_for_each_nested(a, options[TCA_PEDIT_KEYS_EX])
	{
		const struct nlattr *tb[TCA_PEDIT_KEY_EX_MAX + 1];
		bool unknown = false;

		if (i == sel.nkeys ||
		    !ofl_tc_nested_get(a, tb, TCA_PEDIT_KEY_EX_MAX + 1,
				       &unknown) ||
		    unknown ||
		    !ofl_tc_attr_get(tb[TCA_PEDIT_KEY_EX_HTYPE], &ret[i].header,
				     2) ||
		    !ofl_tc_attr_get(tb[TCA_PEDIT_KEY_EX_CMD], &ret[i].cmd, 2))
			return 0;
		memcpy(&key,
		       (const uint8_t *)mnl_attr_get_payload(parms) +
			       sizeof(sel) + (size_t)i * sizeof(key),
		       sizeof(key));
		if (key.at || key.offmask || key.shift)
			return 0;
		ret[i].offset = key.off;
		memcpy(ret[i].keep, &key.mask, 4);
		memcpy(ret[i].value, &key.val, 4);
		i++;
	}
	return i == sel.nkeys ? i : 0;
}

bool ofl_tc_edit_eq(const struct ofl_tc_edit *a, const struct ofl_tc_edit *b)
{
	return a->header == b->header && a->cmd == b->cmd &&
	       a->offset == b->offset && !memcmp(a->keep, b->keep, 4) &&
	       !memcmp(a->value, b->value, 4);
}

bool ofl_tc_csum_is_ours(const struct nlattr **options)
{
	struct tc_csum parms;

	return ofl_tc_attr_get(options[TCA_CSUM_PARMS], &parms,
			       sizeof(parms)) &&
	       parms.update_flags == TCA_CSUM_UPDATE_FLAG_IPV4HDR &&
	       parms.action == TC_ACT_PIPE;
}

/* The kernel counts in each action; csum shows nothing of hardware.  Padding
 * comes between, more than once. */
void ofl_tc_stats_get(const struct nlattr *stats, struct ofl_tc_counted *c)
{
	struct gnet_stats_basic all = {0}, hw = {0};
	uint64_t packets = 0, hw_packets = 0;
	uint64_t *of = &packets; /* whose 32 bits came last */
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, stats)
	{
		switch (mnl_attr_get_type(a)) {
		case TCA_STATS_BASIC:
			(void)ofl_tc_attr_get(a, &all, 12);
			packets = all.packets;
			of = &packets;
			break;
		case TCA_STATS_BASIC_HW:
			(void)ofl_tc_attr_get(a, &hw, 12);
			hw_packets = hw.packets;
			of = &hw_packets;
			break;
		case TCA_STATS_PKT64: /* of the one before: 32 bits are few */
			(void)ofl_tc_attr_get(a, of, sizeof(*of));
			break;
		}
	}
	if (all.bytes >= c->bytes) {
		c->bytes = all.bytes;
		c->packets = packets;
	}
	if (hw.bytes >= c->hw_bytes) {
		c->hw_bytes = hw.bytes;
		c->hw_packets = hw_packets;
	}
}
