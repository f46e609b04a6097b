// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages about filters -> replies; see prov_tc_reply.h.
 *
 * Where a classifier of others keeps its flags and actions is from the kernel's
 * include/uapi/linux/pkt_cls.h.
 */
#include "offloadd/provider/prov_tc_reply.h"

#include <arpa/inet.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#define WISHES (TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_SKIP_HW)

/* Where the last action leads; after a GOTO there is none. */
static uint32_t goto_of(const struct ofl_tc_acts *acts)
{
	const struct ofl_tc_act *last =
		acts->count ? &acts->act[acts->count - 1] : NULL;

	return last && last->kind == OFL_TC_ACT_GOTO ? last->chain : 0;
}

/* --- flower and bpf --- */

/* False: it is of neither. */
static bool read_acl(const struct nlmsghdr *nlh, struct ofl_tc_acl *f,
		     struct ofl_tc_seen *seen, struct ofl_tc_acl_seen *ret)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);

	if (!ofl_tc_acl_decode(nlh, f, seen))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->is = true;
	memcpy(ret->kind, f->is_program ? "bpf" : "flower",
	       f->is_program ? sizeof("bpf") : sizeof("flower"));
	ret->chain = f->chain;
	ret->handle = f->handle;
	ret->pref = f->pref;
	ret->protocol = ntohs((uint16_t)TC_H_MIN(tcm->tcm_info));
	ret->flags = f->flags & WISHES;
	ret->digest = seen->understood ? ofl_tc_acl_digest(f) : 0;
	memcpy(ret->indev, f->keys.indev, sizeof(ret->indev));
	ret->goto_chain = goto_of(&f->acts);
	memcpy(ret->cookie, f->cookie, OFL_TC_COOKIE);
	return true;
}

void ofl_tc_acl_echo_decode(const struct nlmsghdr *nlh,
			    const struct ofl_tc_acl *asked,
			    struct ofl_tc_reply *ret)
{
	struct ofl_tc_acl f;

	if (!read_acl(nlh, &f, &ret->seen, &ret->acl))
		return;
	ret->echoed = true;
	ret->acl.as_asked = ret->seen.understood && ofl_tc_acl_eq(&f, asked);
}

/* --- classifiers of others --- */

/* Attributes of those whose counters are looked for; 0: there is none. */
static const struct classifier {
	const char *kind;
	uint16_t flags, acts;
} classifiers[] = {
	{"matchall", TCA_MATCHALL_FLAGS, TCA_MATCHALL_ACT},
	{"u32", TCA_U32_FLAGS, TCA_U32_ACT},
	{"fw", 0, TCA_FW_ACT},
	{"basic", 0, TCA_BASIC_ACT},
};
#define OPTIONS_MAX 32

static void read_options(const struct nlattr *nest, struct ofl_tc_reply *ret)
{
	const struct classifier *c = NULL;
	const struct nlattr *tb[OPTIONS_MAX];
	struct ofl_tc_acts_seen seen;
	struct ofl_tc_acts acts;
	bool unknown = false;
	uint32_t flags = 0;

	for (size_t i = 0; i < sizeof(classifiers) / sizeof(classifiers[0]);
	     i++)
		if (!strcmp(ret->acl.kind, classifiers[i].kind))
			c = &classifiers[i];
	if (!c || !ofl_tc_nested_get(nest, tb, OPTIONS_MAX, &unknown))
		return;
	if (c->flags)
		(void)ofl_tc_attr_get(tb[c->flags], &flags, sizeof(flags));
	ret->seen.in_hw = flags & TCA_CLS_FLAGS_IN_HW;
	ret->seen.not_in_hw = flags & TCA_CLS_FLAGS_NOT_IN_HW;
	ret->acl.flags = flags & WISHES;
	if (!tb[c->acts])
		return;
	/* Understood or not: of each there are counters. */
	(void)ofl_tc_acts_decode(tb[c->acts], 0, &acts, &seen);
	ret->seen.counted = seen.counted;
	ret->seen.has_cookie = seen.has_cookie;
	memcpy(ret->acl.cookie, seen.cookie, OFL_TC_COOKIE);
	ret->acl.goto_chain = goto_of(&acts);
}

/* Tables of u32 stand among its filters, with no node in their handle. */
static bool is_filter(const struct tcmsg *tcm, const struct nlattr *kind)
{
	return tcm->tcm_handle && (!ofl_tc_attr_is_text(kind, "u32") ||
				   TC_U32_NODE(tcm->tcm_handle));
}

/* *ret is zero but for its tag. */
static bool read_other(const struct nlmsghdr *nlh, struct ofl_tc_reply *ret)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const size_t head = MNL_ALIGN(sizeof(*tcm));
	const struct nlattr *tb[TCA_MAX + 1];
	bool unknown = false;
	size_t len;

	if (nlh->nlmsg_type != RTM_NEWTFILTER ||
	    mnl_nlmsg_get_payload_len(nlh) < head ||
	    !ofl_tc_attrs_get((const uint8_t *)tcm + head,
			      mnl_nlmsg_get_payload_len(nlh) - head, tb,
			      TCA_MAX + 1, &unknown) ||
	    !tb[TCA_KIND] || !is_filter(tcm, tb[TCA_KIND]))
		return false;
	len = mnl_attr_get_payload_len(tb[TCA_KIND]);
	if (len >= sizeof(ret->acl.kind))
		len = sizeof(ret->acl.kind) - 1;
	memcpy(ret->acl.kind, mnl_attr_get_payload(tb[TCA_KIND]), len);
	ret->acl.is = true;
	ret->acl.handle = tcm->tcm_handle;
	ret->acl.pref = (uint16_t)(TC_H_MAJ(tcm->tcm_info) >> 16);
	ret->acl.protocol = ntohs((uint16_t)TC_H_MIN(tcm->tcm_info));
	if (tcm->tcm_ifindex == (int)TCM_IFINDEX_MAGIC_BLOCK)
		ret->seen.block = tcm->tcm_block_index;
	(void)ofl_tc_attr_get(tb[TCA_CHAIN], &ret->acl.chain,
			      sizeof(ret->acl.chain));
	if (tb[TCA_STATS2])
		ofl_tc_stats_get(tb[TCA_STATS2], &ret->seen.counted);
	if (tb[TCA_OPTIONS])
		read_options(tb[TCA_OPTIONS], ret);
	return true;
}

/* --- dumps --- */

bool ofl_tc_found_decode(const struct nlmsghdr *nlh, struct ofl_tc_reply *ret)
{
	enum ofl_tc_cookie_kind kind;
	struct ofl_tc_seen seen;
	struct ofl_tc_acl f;

	*ret = (struct ofl_tc_reply){
		.tag = ret->tag, .kind = OFL_TC_FOUND, .echoed = true};
	if (!ofl_tc_filter_decode(nlh, &ret->filter, &ret->seen))
		return read_acl(nlh, &f, &ret->seen, &ret->acl) ||
		       read_other(nlh, ret);
	kind = ofl_tc_cookie_kind_get(ret->filter.cookie);
	if (kind != OFL_TC_COOKIE_NONE && kind != OFL_TC_COOKIE_ACL)
		return true; /* a route's */
	if (!read_acl(nlh, &f, &seen, &ret->acl))
		return true;
	if (kind == OFL_TC_COOKIE_ACL) {
		memset(&ret->filter, 0, sizeof(ret->filter));
		ret->seen = seen;
	}
	return true;
}

/* --- words --- */

void ofl_tc_text_decode(const struct nlmsghdr *nlh, struct ofl_tc_reply *ret)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	const struct nlattr *a;

	/* Without CAP_ACK, or where it is not known, our message is in it. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(nlh) >= sizeof(*err) &&
					err->msg.nlmsg_len > NLMSG_HDRLEN
				? err->msg.nlmsg_len - NLMSG_HDRLEN
				: 0;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    skip >= mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(a, nlh, MNL_ALIGN(skip))
	{
		size_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) != NLMSGERR_ATTR_MSG || !len)
			continue;
		len = len < sizeof(ret->text) ? len : sizeof(ret->text) - 1;
		memcpy(ret->text, mnl_attr_get_payload(a), len);
		ret->text[len] = '\0';
	}
}
