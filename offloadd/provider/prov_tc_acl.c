// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Filters of ACLs <-> netlink; see prov_tc_acl.h.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "offloadd/flow/match_field.h"
#include "offloadd/provider/prov_tc_acl.h"
#include "offloadd/provider/prov_tc_program.h"

/* --- making --- */

uint32_t ofl_tc_acl_match_set(struct ofl_tc_acl *f, const struct ofl_match *m,
			      const char *indev)
{
	uint32_t missing = ofl_tc_keys_make(m, indev, &f->keys);

	if (missing)
		return missing;
	f->is_program = false;
	f->ethertype = f->keys.ethertype;
	return 0;
}

bool ofl_tc_acl_program_set(struct ofl_tc_acl *f, const struct ofl_match *m)
{
	struct ofl_bits type = ofl_match_field_get(m, OFL_FIELD_ETHERTYPE);
	struct ofl_tc_program program;

	if (!ofl_tc_program_make(m, &program))
		return false;
	f->is_program = true;
	f->digest = ofl_tc_program_digest(program.op, program.count);
	f->match = *m;
	f->ethertype = type.mask == UINT16_MAX ? (uint16_t)type.value : 0;
	f->flags &= ~(uint32_t)TCA_CLS_FLAGS_SKIP_SW;
	f->flags |= TCA_CLS_FLAGS_SKIP_HW;
	return true;
}

/* --- writing --- */

static const char *kind_of(const struct ofl_tc_acl *f)
{
	return f->is_program ? "bpf" : "flower";
}

static uint16_t protocol_of(const struct ofl_tc_acl *f)
{
	return f->is_program ? ETH_P_ALL : ofl_tc_keys_protocol(&f->keys);
}

static void put_program(struct ofl_tc_writer *w, const struct ofl_tc_acl *f)
{
	struct ofl_tc_program program;
	struct nlattr *acts;

	w->ok = w->ok && ofl_tc_program_make(&f->match, &program);
	if (!w->ok)
		return;
	ofl_tc_attr_add_u32(w, TCA_BPF_FLAGS_GEN, f->flags);
	ofl_tc_attr_add_u16(w, TCA_BPF_OPS_LEN, (uint16_t)program.count);
	ofl_tc_attr_add(w, TCA_BPF_OPS, program.count * sizeof(program.op[0]),
			program.op);
	acts = ofl_tc_nest_begin(w, TCA_BPF_ACT | NLA_F_NESTED);
	ofl_tc_acts_encode(w, &f->acts, f->ethertype);
	ofl_tc_nest_commit(w, acts);
}

static void put_flower(struct ofl_tc_writer *w, const struct ofl_tc_acl *f)
{
	struct nlattr *acts;

	ofl_tc_attr_add_u32(w, TCA_FLOWER_FLAGS, f->flags);
	ofl_tc_keys_encode(w, &f->keys);
	acts = ofl_tc_nest_begin(w, TCA_FLOWER_ACT | NLA_F_NESTED);
	ofl_tc_acts_encode(w, &f->acts, f->ethertype);
	ofl_tc_nest_commit(w, acts);
}

void ofl_tc_place_set(struct tcmsg *tcm, const struct ofl_tc_at *at)
{
	if (at->block) {
		tcm->tcm_ifindex = (int)TCM_IFINDEX_MAGIC_BLOCK;
		tcm->tcm_block_index = at->block;
	} else {
		tcm->tcm_ifindex = (int)at->ifindex;
		tcm->tcm_parent =
			TC_H_MAKE(TC_H_CLSACT, at->egress ? TC_H_MIN_EGRESS
							  : TC_H_MIN_INGRESS);
	}
}

struct nlmsghdr *ofl_tc_acl_encode(void *buf, size_t len, uint16_t type,
				   uint16_t nlmsg_flags,
				   const struct ofl_tc_at *at,
				   const struct ofl_tc_acl *f)
{
	struct ofl_tc_writer w = {.cookie = f->cookie};
	struct nlattr *options;
	struct tcmsg *tcm;

	if (!f->pref || f->chain > TC_ACT_EXT_VAL_MASK ||
	    (type == RTM_NEWTFILTER &&
	     !ofl_tc_acts_is_sound(&f->acts, f->ethertype)))
		return NULL;
	tcm = ofl_tc_message_begin(&w, buf, len, type, nlmsg_flags);
	if (!tcm)
		return NULL;
	ofl_tc_place_set(tcm, at);
	tcm->tcm_handle = f->handle;
	tcm->tcm_info =
		TC_H_MAKE((uint32_t)f->pref << 16, htons(protocol_of(f)));
	ofl_tc_attr_add(&w, TCA_KIND, strlen(kind_of(f)) + 1, kind_of(f));
	ofl_tc_attr_add_u32(&w, TCA_CHAIN, f->chain);
	if (type == RTM_NEWTFILTER) {
		options = ofl_tc_nest_begin(&w, TCA_OPTIONS | NLA_F_NESTED);
		if (f->is_program)
			put_program(&w, f);
		else
			put_flower(&w, f);
		ofl_tc_nest_commit(&w, options);
	}
	return w.ok ? w.nlh : NULL;
}

enum ofl_tc_pref_class ofl_tc_acl_pref_class(const struct ofl_tc_acl *f)
{
	if (f->is_program)
		return OFL_TC_PREF_PROGRAM;
	return protocol_of(f) == ETH_P_ALL ? OFL_TC_PREF_ANY
					   : OFL_TC_PREF_TAGGED;
}

/* --- reading --- */

struct reader {
	struct ofl_tc_acl f;
	struct ofl_tc_seen seen;
	uint16_t protocol; /* of the filter */
	bool ok;
};

static void read_flags(struct reader *r, const struct nlattr *a)
{
	const uint32_t told = TCA_CLS_FLAGS_IN_HW | TCA_CLS_FLAGS_NOT_IN_HW;
	uint32_t flags = 0;

	(void)ofl_tc_attr_get(a, &flags, sizeof(flags));
	r->seen.in_hw = flags & TCA_CLS_FLAGS_IN_HW;
	r->seen.not_in_hw = flags & TCA_CLS_FLAGS_NOT_IN_HW;
	r->f.flags = flags & ~told;
}

static void read_acts(struct reader *r, const struct nlattr *nest)
{
	struct ofl_tc_acts_seen seen;

	if (!nest) {
		r->ok = false;
		return;
	}
	r->ok = ofl_tc_acts_decode(nest, r->f.ethertype, &r->f.acts, &seen) &&
		r->ok;
	r->seen.counted = seen.counted;
	r->seen.has_cookie = seen.has_cookie;
	memcpy(r->f.cookie, seen.cookie, OFL_TC_COOKIE);
}

static void read_flower(struct reader *r, const struct nlattr *options)
{
	const struct nlattr *tb[OFL_TC_FLOWER_ATTRS];
	bool unknown = false;

	if (!ofl_tc_nested_get(options, tb, OFL_TC_FLOWER_ATTRS, &unknown)) {
		r->ok = false;
		return;
	}
	read_flags(r, tb[TCA_FLOWER_FLAGS]);
	(void)ofl_tc_attr_get(tb[TCA_FLOWER_IN_HW_COUNT], &r->seen.in_hw_count,
			      sizeof(r->seen.in_hw_count));
	r->ok = ofl_tc_keys_decode(tb, r->protocol, &r->f.keys) && !unknown;
	r->f.ethertype = r->f.keys.ethertype;
	read_acts(r, tb[TCA_FLOWER_ACT]);
}

/* The ethertype a program wants of packets: that of its DSCP, if it has one;
 * nothing else needs it. */
static uint16_t ethertype_of(const struct nlattr *nest)
{
	static const uint16_t types[] = {ETH_P_IP, ETH_P_IPV6};
	struct ofl_tc_acts_seen seen;
	struct ofl_tc_acts acts;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!ofl_tc_acts_decode(nest, types[i], &acts, &seen))
			continue;
		for (unsigned int n = 0; n < acts.count; n++)
			if (acts.act[n].kind == OFL_TC_ACT_DSCP)
				return types[i];
	}
	return 0;
}

static void read_program(struct reader *r, const struct nlattr *options)
{
	const struct nlattr *tb[TCA_BPF_MAX + 1], *ops;
	bool unknown = false;
	uint16_t count = 0;

	r->f.is_program = true;
	if (!ofl_tc_nested_get(options, tb, TCA_BPF_MAX + 1, &unknown)) {
		r->ok = false;
		return;
	}
	read_flags(r, tb[TCA_BPF_FLAGS_GEN]);
	ops = tb[TCA_BPF_OPS];
	/* Not of another kind, and nothing that decides by itself. */
	r->ok = !unknown && r->protocol == ETH_P_ALL && ops &&
		!tb[TCA_BPF_FD] && !tb[TCA_BPF_NAME] && !tb[TCA_BPF_FLAGS] &&
		!tb[TCA_BPF_CLASSID] &&
		ofl_tc_attr_get(tb[TCA_BPF_OPS_LEN], &count, sizeof(count)) &&
		mnl_attr_get_payload_len(ops) ==
			count * sizeof(struct sock_filter);
	if (r->ok)
		r->f.digest =
			ofl_tc_program_digest(mnl_attr_get_payload(ops), count);
	if (tb[TCA_BPF_ACT])
		r->f.ethertype = ethertype_of(tb[TCA_BPF_ACT]);
	read_acts(r, tb[TCA_BPF_ACT]);
}

bool ofl_tc_acl_decode(const struct nlmsghdr *nlh, struct ofl_tc_acl *ret,
		       struct ofl_tc_seen *ret_seen)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *tb[TCA_MAX + 1];
	const size_t head = MNL_ALIGN(sizeof(*tcm));
	bool unknown = false, flower, program;
	struct reader r;

	if ((nlh->nlmsg_type != RTM_NEWTFILTER &&
	     nlh->nlmsg_type != RTM_DELTFILTER) ||
	    mnl_nlmsg_get_payload_len(nlh) < head ||
	    !ofl_tc_attrs_get((const uint8_t *)tcm + head,
			      mnl_nlmsg_get_payload_len(nlh) - head, tb,
			      TCA_MAX + 1, &unknown))
		return false;
	flower = ofl_tc_attr_is_text(tb[TCA_KIND], "flower");
	program = ofl_tc_attr_is_text(tb[TCA_KIND], "bpf");
	if ((!flower && !program) || !tb[TCA_OPTIONS] || !tcm->tcm_handle)
		return false;
	memset(&r, 0, sizeof(r));
	r.f.handle = tcm->tcm_handle;
	r.protocol = ntohs((uint16_t)TC_H_MIN(tcm->tcm_info));
	r.f.pref = (uint16_t)(TC_H_MAJ(tcm->tcm_info) >> 16);
	if (tcm->tcm_ifindex == (int)TCM_IFINDEX_MAGIC_BLOCK)
		r.seen.block = tcm->tcm_block_index;
	(void)ofl_tc_attr_get(tb[TCA_CHAIN], &r.f.chain, sizeof(r.f.chain));
	if (program)
		read_program(&r, tb[TCA_OPTIONS]);
	else
		read_flower(&r, tb[TCA_OPTIONS]);
	r.seen.understood = r.ok;
	*ret = r.f;
	*ret_seen = r.seen;
	return true;
}

/* --- comparing --- */

/* Of the flags what was wished for. */
static uint32_t wish_of(const struct ofl_tc_acl *f)
{
	return f->flags & (TCA_CLS_FLAGS_SKIP_SW | TCA_CLS_FLAGS_SKIP_HW);
}

bool ofl_tc_acl_eq(const struct ofl_tc_acl *a, const struct ofl_tc_acl *b)
{
	return a->chain == b->chain && a->pref == b->pref &&
	       (!a->handle || !b->handle || a->handle == b->handle) &&
	       wish_of(a) == wish_of(b) && a->is_program == b->is_program &&
	       (a->is_program ? a->digest == b->digest
			      : ofl_tc_keys_eq(&a->keys, &b->keys)) &&
	       ofl_tc_acts_eq(&a->acts, &b->acts) &&
	       !memcmp(a->cookie, b->cookie, OFL_TC_COOKIE);
}

uint64_t ofl_tc_acl_digest(const struct ofl_tc_acl *f)
{
	const uint64_t words[] = {f->chain,	 f->pref,
				  wish_of(f),	 f->is_program,
				  f->acts.count, f->is_program ? f->digest : 0};
	uint64_t ret = ofl_tc_digest_add(OFL_TC_DIGEST, words, sizeof(words));

	ret = ofl_tc_digest_add(ret, f->cookie, OFL_TC_COOKIE);
	ret = ofl_tc_acts_digest(ret, &f->acts);
	if (!f->is_program)
		ret = ofl_tc_keys_digest(ret, &f->keys);
	return ret ? ret : 1;
}

/* Plain memory: a thread without libfrr frees it. */
struct ofl_tc_acl *ofl_tc_acl_dup(const struct ofl_tc_acl *f)
{
	struct ofl_tc_acl *ret = malloc(sizeof(*ret));

	if (ret)
		memcpy(ret, f, sizeof(*ret));
	return ret;
}
