// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes that stand for what the kernel says by tc, to everything that reads
 * them: filters of routes and of ACLs, of others in a dump, echoes, words of
 * an error, links and qdiscs.
 *
 * The first byte says which; of LINKS what follows are messages one after the
 * other (type, length, bytes).  Whoever says of a filter that it was understood
 * must be able to write it, and to read the same back.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "offloadd/provider/prov_tc_link.h"
#include "offloadd/provider/prov_tc_reply.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message.h"

static _Alignas(struct nlmsghdr) uint8_t buf[OFL_TC_ACL_BYTES];

/* --- filters --- */

static bool is_text(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

static void filter(const struct nlmsghdr *nlh)
{
	struct ofl_tc_filter f, again, before;
	struct ofl_tc_seen seen, seen_again;

	memset(&before, 0xa5, sizeof(before));
	f = before;
	if (!ofl_tc_filter_decode(nlh, &f, &seen)) {
		FUZZ_CHECK(!memcmp(&f, &before, sizeof(f)));
		return;
	}
	FUZZ_CHECK(f.handle && is_text(f.indev, sizeof(f.indev)));
	if (f.dst.family)
		FUZZ_CHECK(f.dst.plen <= ofl_family_bits(f.dst.family));
	if (!seen.understood ||
	    !ofl_tc_filter_encode(buf, OFL_TC_FILTER_BYTES, RTM_NEWTFILTER, 0,
				  seen.block, &f))
		return;
	FUZZ_CHECK(ofl_tc_filter_decode((void *)buf, &again, &seen_again));
	FUZZ_CHECK(seen_again.understood);
	FUZZ_CHECK(seen_again.block == seen.block);
	FUZZ_CHECK(ofl_tc_filter_eq(&f, &again));
}

static void acl(const struct nlmsghdr *nlh)
{
	const struct ofl_tc_at at = {.block = 22};
	struct ofl_tc_seen seen, seen_again;
	struct ofl_tc_acl f, again, before;

	memset(&before, 0xa5, sizeof(before));
	memcpy(&f, &before, sizeof(f));
	if (!ofl_tc_acl_decode(nlh, &f, &seen)) {
		FUZZ_CHECK(!memcmp(&f, &before, sizeof(f)));
		return;
	}
	FUZZ_CHECK(f.handle && f.acts.count <= OFL_TC_ACTS_MAX);
	FUZZ_CHECK(is_text(f.keys.indev, sizeof(f.keys.indev)));
	if (!seen.understood)
		return;
	FUZZ_CHECK(ofl_tc_acl_eq(&f, &f) && ofl_tc_acl_digest(&f));
	/* The match of a program is not read. */
	if (f.is_program ||
	    !ofl_tc_acl_encode(buf, sizeof(buf), RTM_NEWTFILTER, 0, &at, &f))
		return;
	FUZZ_CHECK(ofl_tc_acl_decode((void *)buf, &again, &seen_again));
	FUZZ_CHECK(seen_again.understood);
	FUZZ_CHECK(ofl_tc_acl_eq(&f, &again));
	FUZZ_CHECK(ofl_tc_acl_digest(&f) == ofl_tc_acl_digest(&again));
}

static void check_reply(const struct ofl_tc_reply *r)
{
	FUZZ_CHECK(is_text(r->text, sizeof(r->text)));
	FUZZ_CHECK(is_text(r->filter.indev, sizeof(r->filter.indev)));
	FUZZ_CHECK(!r->acl.is || is_text(r->acl.kind, sizeof(r->acl.kind)));
	FUZZ_CHECK(is_text(r->acl.indev, sizeof(r->acl.indev)));
}

static void found(const struct nlmsghdr *nlh)
{
	struct ofl_tc_reply r = {.tag = 77};

	if (!ofl_tc_found_decode(nlh, &r))
		return;
	FUZZ_CHECK(r.tag == 77 && r.kind == OFL_TC_FOUND && r.echoed);
	FUZZ_CHECK(r.acl.is || r.filter.handle);
	check_reply(&r);
}

static void echo(const struct nlmsghdr *nlh)
{
	struct ofl_tc_acl asked = {.chain = 1, .pref = 7};
	const struct ofl_tc_act drop = {.kind = OFL_TC_ACT_DROP};
	struct ofl_tc_reply r = {0};

	FUZZ_CHECK(ofl_tc_acts_add(&asked.acts, &drop));
	ofl_tc_acl_echo_decode(nlh, &asked, &r);
	FUZZ_CHECK(r.echoed == r.acl.is);
	/* No digest of what was not understood. */
	FUZZ_CHECK(!r.acl.digest == !r.seen.understood);
	FUZZ_CHECK(!r.acl.as_asked || r.seen.understood);
	check_reply(&r);
}

static void words(struct fuzz *f)
{
	uint16_t flags = fuzz_u16(f);
	struct nlmsghdr *nlh = message_make(f, NLMSG_ERROR, f->left);
	struct ofl_tc_reply r = {0};

	nlh->nlmsg_flags = flags;
	ofl_tc_text_decode(nlh, &r);
	check_reply(&r);
	free(nlh);
}

/* --- links --- */

static void check_link(struct ofl_tc_links *l, enum ofl_tc_link_news news,
		       const struct ofl_tc_link *link)
{
	const struct ofl_tc_link *known;

	if (news == OFL_TC_LINK_SAME)
		return;
	FUZZ_CHECK(link->ifindex && is_text(link->name, sizeof(link->name)));
	known = ofl_tc_links_find(l, link->ifindex);
	FUZZ_CHECK((news == OFL_TC_LINK_GONE) == !known);
	if (!known)
		return;
	FUZZ_CHECK(!memcmp(known, link, sizeof(*known)));
	FUZZ_CHECK(ofl_tc_links_find_name(l, link->name));
	FUZZ_CHECK(!link->in_block || link->has_clsact);
	if (link->in_block)
		FUZZ_CHECK(ofl_tc_links_in_block(l, link->in_block,
						 link->ifindex - 1) == known);
}

static void links(struct fuzz *f)
{
	struct ofl_tc_links *l = ofl_tc_links_new();
	struct ofl_tc_link link;
	struct nlmsghdr *nlh;
	uint16_t type;

	while (f->left) {
		type = fuzz_u8(f);
		nlh = message_make(f, type, fuzz_u16(f));
		memset(&link, 0, sizeof(link));
		if (!type)
			ofl_tc_links_unblock(l);
		if (type == 1)
			ofl_tc_links_mark(l);
		check_link(l, ofl_tc_links_take(l, nlh, &link), &link);
		free(nlh);
	}
	ofl_tc_links_mark(l);
	while (ofl_tc_links_sweep(l, &link))
		FUZZ_CHECK(!ofl_tc_links_find(l, link.ifindex));
	ofl_tc_links_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(
		const struct nlmsghdr *nlh) = {filter, acl, found, echo};
	struct fuzz f = {.at = data, .left = size};
	uint8_t which = fuzz_u8(&f);
	struct nlmsghdr *nlh;

	if (which < array_size(readers)) {
		nlh = message_make(
			&f, fuzz_u8(&f) ? RTM_NEWTFILTER : RTM_DELTFILTER,
			f.left);
		readers[which](nlh);
		free(nlh);
	} else if (which == 4) {
		words(&f);
	} else {
		links(&f);
	}
	return 0;
}
