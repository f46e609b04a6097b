// SPDX-License-Identifier: GPL-2.0-or-later
/* Generic netlink's bytes; see genl.h. */
#include "lib/genl.h"

#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

/* --- requests --- */

struct nlmsghdr *ofl_genl_begin(void *buf, uint16_t family_id, uint8_t cmd,
				uint8_t version, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *head;

	nlh->nlmsg_type = family_id;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->cmd = cmd;
	head->version = version;
	return nlh;
}

bool ofl_genl_put_text(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	return mnl_attr_put_strz_check(nlh, OFL_GENL_REQUEST_BYTES, type, text);
}

struct nlmsghdr *ofl_genl_families_encode(void *buf)
{
	return ofl_genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1,
			      NLM_F_DUMP);
}

/* --- attributes --- */

void ofl_genl_walk_init(struct ofl_genl_walk *w, const struct nlmsghdr *nlh)
{
	const uint8_t *payload = mnl_nlmsg_get_payload(nlh);

	w->at = payload + MNL_ALIGN(sizeof(struct genlmsghdr));
	w->end = payload + mnl_nlmsg_get_payload_len(nlh);
	w->malformed = false;
}

void ofl_genl_walk_nested(struct ofl_genl_walk *w, const struct nlattr *nest)
{
	w->at = mnl_attr_get_payload(nest);
	w->end = w->at + mnl_attr_get_payload_len(nest);
	w->malformed = false;
}

const struct nlattr *ofl_genl_walk_next(struct ofl_genl_walk *w)
{
	const struct nlattr *attr = (const struct nlattr *)w->at;

	/* The last one may come without the bytes that fill it up to four. */
	if (w->at >= w->end)
		return NULL;
	if (!mnl_attr_ok(attr, (int)(w->end - w->at))) {
		w->malformed = true;
		w->at = w->end;
		return NULL;
	}
	w->at += MNL_ALIGN(attr->nla_len);
	return attr;
}

static bool value(const struct nlattr *attr, void *ret_value, size_t size)
{
	if (mnl_attr_get_payload_len(attr) != size)
		return false;
	memcpy(ret_value, mnl_attr_get_payload(attr), size);
	return true;
}

bool ofl_genl_u8(const struct nlattr *attr, uint8_t *ret_value)
{
	return value(attr, ret_value, sizeof(*ret_value));
}

bool ofl_genl_u16(const struct nlattr *attr, uint16_t *ret_value)
{
	return value(attr, ret_value, sizeof(*ret_value));
}

bool ofl_genl_u32(const struct nlattr *attr, uint32_t *ret_value)
{
	return value(attr, ret_value, sizeof(*ret_value));
}

bool ofl_genl_u64(const struct nlattr *attr, uint64_t *ret_value)
{
	return value(attr, ret_value, sizeof(*ret_value));
}

bool ofl_genl_text(const struct nlattr *attr, char *ret_text, size_t size)
{
	const char *text = mnl_attr_get_payload(attr);
	size_t len = strnlen(text, mnl_attr_get_payload_len(attr));

	if (!len || len == mnl_attr_get_payload_len(attr) || len >= size)
		return false;
	memcpy(ret_text, text, len + 1);
	return true;
}

/* --- families --- */

static bool group_decode(const struct nlattr *nest,
			 struct ofl_genl_group *ret_group)
{
	struct ofl_genl_group group = {0};
	const struct nlattr *attr;
	struct ofl_genl_walk w;

	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w))) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    !ofl_genl_text(attr, group.name, sizeof(group.name)))
			return false;
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    !ofl_genl_u32(attr, &group.id))
			return false;
	}
	if (w.malformed || !group.name[0] || !group.id)
		return false;
	*ret_group = group;
	return true;
}

static bool groups_decode(const struct nlattr *nest,
			  struct ofl_genl_family *family)
{
	const struct nlattr *attr;
	struct ofl_genl_walk w;

	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w))) {
		if (family->group_count == OFL_GENL_GROUPS_MAX)
			break;
		if (!group_decode(attr, &family->groups[family->group_count]))
			return false;
		family->group_count++;
	}
	return !w.malformed;
}

static bool family_attribute(const struct nlattr *attr, char *name,
			     size_t name_size, struct ofl_genl_family *family)
{
	switch (mnl_attr_get_type(attr)) {
	case CTRL_ATTR_FAMILY_NAME:
		return ofl_genl_text(attr, name, name_size);
	case CTRL_ATTR_FAMILY_ID:
		return ofl_genl_u16(attr, &family->id);
	case CTRL_ATTR_VERSION:
		return ofl_genl_u32(attr, &family->version);
	case CTRL_ATTR_MCAST_GROUPS:
		return groups_decode(attr, family);
	}
	return true;
}

bool ofl_genl_family_decode(const struct nlmsghdr *nlh, const char *name,
			    struct ofl_genl_family *ret_family)
{
	char found[OFL_GENL_NAME_BYTES] = "";
	struct ofl_genl_family family = {0};
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint8_t cmd;

	if (!ofl_genl_decode(nlh, GENL_ID_CTRL, &cmd) ||
	    cmd != CTRL_CMD_NEWFAMILY)
		return false;
	ofl_genl_walk_init(&w, nlh);
	while ((attr = ofl_genl_walk_next(&w)))
		if (!family_attribute(attr, found, sizeof(found), &family))
			return false;
	if (w.malformed || strcmp(found, name) != 0 || !family.id)
		return false;
	*ret_family = family;
	return true;
}

uint32_t ofl_genl_group_find(const struct ofl_genl_family *family,
			     const char *name)
{
	for (size_t i = 0; i < family->group_count; i++)
		if (!strcmp(family->groups[i].name, name))
			return family->groups[i].id;
	return 0;
}

bool ofl_genl_decode(const struct nlmsghdr *nlh, uint16_t family_id,
		     uint8_t *ret_cmd)
{
	const struct genlmsghdr *head = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type != family_id ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*head))
		return false;
	*ret_cmd = head->cmd;
	return true;
}
