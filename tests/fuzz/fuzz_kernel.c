// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel may say of its routes and by generic netlink: routes and
 * their images, devlink's instances, ports and resources, families.
 *
 * The first byte says which reader gets the rest as the payload of a message.
 * A route that can be written again must, by its own request, lead the same
 * way and have the same image.
 */
#include <zebra.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "lib/genl.h"
#include "offloadd/provider/prov_devlink_decode.h"
#include "offloadd/provider/prov_fib_decode.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message.h"

#define FAMILY_ID 20
#define RESOURCES_MAX 16

static struct ofl_fibmsg msg, again;
static _Alignas(struct nlmsghdr) uint8_t request[2 * OFL_FIBMSG_BYTES];

/* --- routes --- */

/* A request for a next-hop object does not say what that stands for. */
static bool has_object(const struct nlmsghdr *nlh)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct rtmsg))
	{
		if (mnl_attr_get_type(a) == RTA_NH_ID)
			return true;
	}
	return false;
}

static bool same(const struct ofl_fibmsg_bytes *a,
		 const struct ofl_fibmsg_bytes *b)
{
	return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

static void check_written(void)
{
	const struct ofl_prefix *p = &msg.route.key.p;

	for (int verb = 0; verb <= OFL_FIBMSG_REPLACE_MARKED; verb++) {
		FUZZ_CHECK(ofl_fibmsg_encode(request, sizeof(request), verb, p,
					     msg.image.at, msg.image.len));
		memset(&again, 0, sizeof(again));
		FUZZ_CHECK(ofl_fibmsg_decode((void *)request, &again) ==
			   (verb == OFL_FIBMSG_DEL ? OFL_FIBMSG_GONE
						   : OFL_FIBMSG_ROUTE));
		FUZZ_CHECK(!ofl_prefix_cmp(&again.route.key.p, p));
		FUZZ_CHECK(again.route.metric == msg.route.metric);
		FUZZ_CHECK(same(&again.way, &msg.way) ||
			   has_object((void *)request));
		FUZZ_CHECK(verb == OFL_FIBMSG_REPLACE_MARKED ||
			   same(&again.image, &msg.image));
	}
}

static void fib(struct fuzz *f)
{
	struct nlmsghdr *nlh = message_make(
		f, fuzz_u8(f) & 1 ? RTM_NEWROUTE : RTM_DELROUTE, f->left);
	enum ofl_fibmsg_kind kind = ofl_fibmsg_decode(nlh, &msg);
	struct ofl_prefix p;

	free(nlh);
	if (kind != OFL_FIBMSG_ROUTE && kind != OFL_FIBMSG_GONE)
		return;
	p = msg.route.key.p;
	FUZZ_CHECK(p.family == AF_INET || p.family == AF_INET6);
	FUZZ_CHECK(p.plen <= ofl_family_bits(p.family));
	p = ofl_prefix_make(p.family, p.addr, p.plen);
	FUZZ_CHECK(!memcmp(&p, &msg.route.key.p, sizeof(p)));
	FUZZ_CHECK(msg.route.state < OFL_FIB_STATE_MAX);
	FUZZ_CHECK(msg.way.len <= sizeof(msg.way.at));
	FUZZ_CHECK(msg.image.len <= sizeof(msg.image.at));
	FUZZ_CHECK(msg.route.writable == (msg.image.len != 0));
	if (msg.route.writable)
		check_written();
}

/* Any bytes as the image: what is kept is our own, but nothing may be read
 * behind its end. */
static void image(struct fuzz *f)
{
	uint8_t addr[16], plen = fuzz_u8(f) % 33;
	struct ofl_prefix p;
	uint8_t *bytes;
	size_t len;

	fuzz_bytes(f, addr, sizeof(addr));
	p = ofl_prefix_make(AF_INET, addr, plen);
	bytes = fuzz_copy(f, f->left, &len);
	for (int verb = 0; verb <= OFL_FIBMSG_REPLACE_MARKED; verb++)
		ofl_fibmsg_encode(request, 256, verb, &p, bytes, len);
	free(bytes);
}

/* --- devlink --- */

static void check_handle(const struct ofl_devlink_handle *h)
{
	FUZZ_CHECK(h->bus[0] &&
		   strnlen(h->bus, sizeof(h->bus)) < sizeof(h->bus));
	FUZZ_CHECK(h->dev[0] &&
		   strnlen(h->dev, sizeof(h->dev)) < sizeof(h->dev));
}

static void devlink(struct fuzz *f)
{
	struct nlmsghdr *nlh = message_make(f, FAMILY_ID, f->left);
	struct ofl_devlink_message m;

	switch (ofl_devlink_decode(nlh, FAMILY_ID, &m)) {
	case OFL_DEVLINK_INSTANCE:
		check_handle(&m.instance.handle);
		break;
	case OFL_DEVLINK_PORT:
		check_handle(&m.port.handle);
		FUZZ_CHECK(strnlen(m.port.ifname, sizeof(m.port.ifname)) <
			   sizeof(m.port.ifname));
		break;
	case OFL_DEVLINK_IGNORED:
	case OFL_DEVLINK_MALFORMED:
		break;
	}
	free(nlh);
}

static void check_resources(const struct ofl_devlink_resource *list,
			    size_t count)
{
	const char *error = NULL;

	FUZZ_CHECK(count <= RESOURCES_MAX);
	for (size_t i = 0; i < count; i++) {
		FUZZ_CHECK(list[i].path[0] &&
			   strnlen(list[i].path, sizeof(list[i].path)) <
				   sizeof(list[i].path));
		FUZZ_CHECK(list[i].parent == OFL_DEVLINK_NO_PARENT ||
			   list[i].parent < i);
		if (!ofl_devlink_resource_find(list, count, list[i].path,
					       &error))
			FUZZ_CHECK(error);
	}
}

static void resources(struct fuzz *f)
{
	const struct ofl_devlink_handle handle = {"netdevsim", "netdevsim10"};
	struct ofl_devlink_resource list[RESOURCES_MAX];
	size_t max = 1 + fuzz_u8(f) % RESOURCES_MAX, count = 0;
	struct nlmsghdr *nlh = message_make(f, FAMILY_ID, f->left);

	/* Twice: an answer may be of several messages. */
	if (ofl_devlink_resources_decode(nlh, FAMILY_ID, &handle, list, max,
					 &count) &&
	    ofl_devlink_resources_decode(nlh, FAMILY_ID, &handle, list, max,
					 &count))
		check_resources(list, count);
	FUZZ_CHECK(count <= max);
	free(nlh);
}

static void families(struct fuzz *f)
{
	struct nlmsghdr *nlh = message_make(f, 16, f->left);
	struct ofl_genl_family family;

	memset(&family, 0xa5, sizeof(family));
	if (ofl_genl_family_decode(nlh, "devlink", &family)) {
		FUZZ_CHECK(family.group_count <= OFL_GENL_GROUPS_MAX);
		for (size_t i = 0; i < family.group_count; i++)
			FUZZ_CHECK(strnlen(family.groups[i].name,
					   OFL_GENL_NAME_BYTES) <
				   OFL_GENL_NAME_BYTES);
		ofl_genl_group_find(&family, "config");
	}
	free(nlh);
}

static void names(struct fuzz *f)
{
	char *text = fuzz_text(f);
	struct ofl_devlink_handle h;

	if (ofl_devlink_handle_parse(text, &h)) {
		check_handle(&h);
		FUZZ_CHECK(ofl_devlink_handle_eq(&h, &h));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct fuzz * f) = {
		fib, devlink, resources, families, names, image};
	struct fuzz f = {.at = data, .left = size};

	readers[fuzz_u8(&f) % array_size(readers)](&f);
	return 0;
}
