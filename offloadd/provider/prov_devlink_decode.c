// SPDX-License-Identifier: GPL-2.0-or-later
/* Devlink messages; see prov_devlink_decode.h. */
#include "offloadd/provider/prov_devlink_decode.h"

#include <stdio.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/devlink.h>

#include "lib/genl.h"

/* --- what several messages have in common --- */

/* False: an attribute is not what it should be. */
static bool handle_attribute(const struct nlattr *attr,
			     struct ofl_devlink_handle *handle)
{
	switch (mnl_attr_get_type(attr)) {
	case DEVLINK_ATTR_BUS_NAME:
		return ofl_genl_text(attr, handle->bus, sizeof(handle->bus));
	case DEVLINK_ATTR_DEV_NAME:
		return ofl_genl_text(attr, handle->dev, sizeof(handle->dev));
	}
	return true;
}

static bool is_complete(const struct ofl_devlink_handle *handle)
{
	return handle->bus[0] && handle->dev[0];
}

/* --- instances --- */

/* One kind of reload and how often: the limit says what it left alone. */
static bool count_decode(const struct nlattr *nest, uint64_t *reloads)
{
	uint8_t limit = DEVLINK_RELOAD_LIMIT_UNSPEC;
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint32_t value = 0;

	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w))) {
		switch (mnl_attr_get_type(attr)) {
		case DEVLINK_ATTR_RELOAD_STATS_LIMIT:
			if (!ofl_genl_u8(attr, &limit))
				return false;
			break;
		case DEVLINK_ATTR_RELOAD_STATS_VALUE:
			if (!ofl_genl_u32(attr, &value))
				return false;
			break;
		}
	}
	if (limit != DEVLINK_RELOAD_LIMIT_NO_RESET)
		*reloads += value;
	return !w.malformed;
}

/* The nests around a count, from the outside in; on each level there may be
 * one of another type, which is passed over. */
static bool counts_decode(const struct nlattr *nest, unsigned int level,
			  uint64_t *reloads)
{
	static const struct {
		uint16_t type, other;
	} inside[] = {
		{DEVLINK_ATTR_RELOAD_STATS, DEVLINK_ATTR_REMOTE_RELOAD_STATS},
		{DEVLINK_ATTR_RELOAD_ACTION_INFO,
		 DEVLINK_ATTR_RELOAD_ACTION_INFO},
		{DEVLINK_ATTR_RELOAD_ACTION_STATS,
		 DEVLINK_ATTR_RELOAD_ACTION_STATS},
		{DEVLINK_ATTR_RELOAD_STATS_ENTRY,
		 DEVLINK_ATTR_RELOAD_STATS_ENTRY},
	};
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint16_t type;

	if (level == sizeof(inside) / sizeof(inside[0]))
		return count_decode(nest, reloads);
	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w))) {
		type = mnl_attr_get_type(attr);
		if ((type == inside[level].type ||
		     type == inside[level].other) &&
		    !counts_decode(attr, level + 1, reloads))
			return false;
	}
	return !w.malformed;
}

static bool instance_decode(const struct nlmsghdr *nlh,
			    struct ofl_devlink_instance *ret)
{
	struct ofl_devlink_instance instance = {0};
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint8_t failed = 0;
	bool ok = true;

	ofl_genl_walk_init(&w, nlh);
	while (ok && (attr = ofl_genl_walk_next(&w))) {
		switch (mnl_attr_get_type(attr)) {
		case DEVLINK_ATTR_RELOAD_FAILED:
			ok = ofl_genl_u8(attr, &failed);
			break;
		case DEVLINK_ATTR_DEV_STATS:
			ok = counts_decode(attr, 0, &instance.reloads);
			break;
		default:
			ok = handle_attribute(attr, &instance.handle);
		}
	}
	if (!ok || w.malformed || !is_complete(&instance.handle))
		return false;
	instance.reload_failed = failed != 0;
	*ret = instance;
	return true;
}

/* --- ports --- */

static bool port_decode(const struct nlmsghdr *nlh,
			struct ofl_devlink_port *ret)
{
	struct ofl_devlink_port port = {0};
	bool ok = true, has_index = false;
	const struct nlattr *attr;
	struct ofl_genl_walk w;

	ofl_genl_walk_init(&w, nlh);
	while (ok && (attr = ofl_genl_walk_next(&w))) {
		switch (mnl_attr_get_type(attr)) {
		case DEVLINK_ATTR_PORT_INDEX:
			ok = has_index = ofl_genl_u32(attr, &port.index);
			break;
		case DEVLINK_ATTR_PORT_NETDEV_IFINDEX:
			ok = ofl_genl_u32(attr, &port.ifindex) &&
			     port.ifindex <= INT32_MAX;
			break;
		case DEVLINK_ATTR_PORT_NETDEV_NAME:
			ok = ofl_genl_text(attr, port.ifname,
					   sizeof(port.ifname));
			break;
		case DEVLINK_ATTR_PORT_FLAVOUR:
			ok = ofl_genl_u16(attr, &port.flavour);
			break;
		default:
			ok = handle_attribute(attr, &port.handle);
		}
	}
	if (!ok || w.malformed || !has_index || !is_complete(&port.handle))
		return false;
	*ret = port;
	return true;
}

/* Before 6.4 the kernel lists ports by the command of instances. */
static bool has_port(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	struct ofl_genl_walk w;

	ofl_genl_walk_init(&w, nlh);
	while ((attr = ofl_genl_walk_next(&w)))
		if (mnl_attr_get_type(attr) == DEVLINK_ATTR_PORT_INDEX)
			return true;
	return false;
}

enum ofl_devlink_decoded
ofl_devlink_decode(const struct nlmsghdr *nlh, uint16_t family_id,
		   struct ofl_devlink_message *ret_message)
{
	struct ofl_devlink_message m = {0};
	bool is_port;
	uint8_t cmd;

	if (!ofl_genl_decode(nlh, family_id, &cmd))
		return nlh->nlmsg_type == family_id ? OFL_DEVLINK_MALFORMED
						    : OFL_DEVLINK_IGNORED;
	switch (cmd) {
	case DEVLINK_CMD_NEW:
		is_port = has_port(nlh);
		break;
	case DEVLINK_CMD_DEL:
		is_port = false;
		break;
	case DEVLINK_CMD_PORT_NEW:
	case DEVLINK_CMD_PORT_DEL:
		is_port = true;
		break;
	default:
		return OFL_DEVLINK_IGNORED;
	}
	m.gone = cmd == DEVLINK_CMD_DEL || cmd == DEVLINK_CMD_PORT_DEL;
	if (is_port ? !port_decode(nlh, &m.port)
		    : !instance_decode(nlh, &m.instance))
		return OFL_DEVLINK_MALFORMED;
	*ret_message = m;
	return is_port ? OFL_DEVLINK_PORT : OFL_DEVLINK_INSTANCE;
}

/* --- resources --- */

struct into {
	struct ofl_devlink_resource *list;
	size_t max, count;
};

static bool list_decode(const struct nlattr *nest, uint16_t parent,
			unsigned int depth, struct into *into);

static bool path_make(const struct into *into, uint16_t parent,
		      const char *name, char *ret_path)
{
	int len;

	if (parent == OFL_DEVLINK_NO_PARENT)
		len = snprintf(ret_path, OFL_DEVLINK_PATH_BYTES, "%s", name);
	else
		len = snprintf(ret_path, OFL_DEVLINK_PATH_BYTES, "%s/%s",
			       into->list[parent].path, name);
	return len > 0 && len < OFL_DEVLINK_PATH_BYTES;
}

struct resource_seen {
	char name[OFL_DEVLINK_PATH_BYTES];
	bool has_size, has_new;
	const struct nlattr *parts;
};

static bool resource_attribute(const struct nlattr *attr,
			       struct ofl_devlink_resource *r,
			       struct resource_seen *seen)
{
	uint8_t valid;

	switch (mnl_attr_get_type(attr)) {
	case DEVLINK_ATTR_RESOURCE_NAME:
		return ofl_genl_text(attr, seen->name, sizeof(seen->name));
	case DEVLINK_ATTR_RESOURCE_ID:
		return ofl_genl_u64(attr, &r->id);
	case DEVLINK_ATTR_RESOURCE_SIZE:
		return seen->has_size = ofl_genl_u64(attr, &r->size);
	case DEVLINK_ATTR_RESOURCE_SIZE_NEW:
		return seen->has_new = ofl_genl_u64(attr, &r->size_new);
	case DEVLINK_ATTR_RESOURCE_SIZE_VALID:
		if (!ofl_genl_u8(attr, &valid))
			return false;
		r->size_valid = valid != 0;
		return true;
	case DEVLINK_ATTR_RESOURCE_SIZE_MIN:
		return ofl_genl_u64(attr, &r->size_min);
	case DEVLINK_ATTR_RESOURCE_SIZE_MAX:
		return ofl_genl_u64(attr, &r->size_max);
	case DEVLINK_ATTR_RESOURCE_SIZE_GRAN:
		return ofl_genl_u64(attr, &r->size_granularity);
	case DEVLINK_ATTR_RESOURCE_UNIT:
		return ofl_genl_u8(attr, &r->unit);
	case DEVLINK_ATTR_RESOURCE_OCC:
		return r->has_occ = ofl_genl_u64(attr, &r->occ);
	case DEVLINK_ATTR_RESOURCE_LIST:
		seen->parts = attr;
		return true;
	}
	return true;
}

static bool resource_decode(const struct nlattr *nest, uint16_t parent,
			    unsigned int depth, struct into *into)
{
	struct ofl_devlink_resource *r;
	struct resource_seen seen = {0};
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint16_t self;

	if (depth == OFL_DEVLINK_DEPTH_MAX || into->count == into->max)
		return false;
	self = (uint16_t)into->count;
	r = &into->list[self];
	*r = (struct ofl_devlink_resource){
		.parent = parent,
		.size_valid = true, /* told only of those with parts */
	};
	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w)))
		if (!resource_attribute(attr, r, &seen))
			return false;
	if (w.malformed || !seen.name[0] || !seen.has_size ||
	    !path_make(into, parent, seen.name, r->path))
		return false;
	if (!seen.has_new)
		r->size_new = r->size;
	into->count++;
	return !seen.parts || list_decode(seen.parts, self, depth + 1, into);
}

static bool list_decode(const struct nlattr *nest, uint16_t parent,
			unsigned int depth, struct into *into)
{
	const struct nlattr *attr;
	struct ofl_genl_walk w;

	ofl_genl_walk_nested(&w, nest);
	while ((attr = ofl_genl_walk_next(&w)))
		if (mnl_attr_get_type(attr) == DEVLINK_ATTR_RESOURCE &&
		    !resource_decode(attr, parent, depth, into))
			return false;
	return !w.malformed;
}

bool ofl_devlink_resources_decode(const struct nlmsghdr *nlh,
				  uint16_t family_id,
				  const struct ofl_devlink_handle *handle,
				  struct ofl_devlink_resource *list, size_t max,
				  size_t *count)
{
	struct into into = {.list = list, .max = max, .count = *count};
	struct ofl_devlink_handle found = {0};
	const struct nlattr *attr;
	struct ofl_genl_walk w;
	uint8_t cmd;

	if (!ofl_genl_decode(nlh, family_id, &cmd) ||
	    cmd != DEVLINK_CMD_RESOURCE_DUMP || max > OFL_DEVLINK_NO_PARENT)
		return false;
	ofl_genl_walk_init(&w, nlh);
	while ((attr = ofl_genl_walk_next(&w))) {
		if (mnl_attr_get_type(attr) == DEVLINK_ATTR_RESOURCE_LIST) {
			if (!list_decode(attr, OFL_DEVLINK_NO_PARENT, 0, &into))
				return false;
		} else if (!handle_attribute(attr, &found)) {
			return false;
		}
	}
	if (w.malformed || !ofl_devlink_handle_eq(&found, handle))
		return false;
	*count = into.count;
	return true;
}

/* --- names --- */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const struct ofl_devlink_resource *
ofl_devlink_resource_find(const struct ofl_devlink_resource *list, size_t count,
			  const char *path, const char **ret_error)
{
	const struct ofl_devlink_resource *found = NULL;
	size_t len, named = 0;

	path += strspn(path, "/");
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	for (size_t i = 0; i < count; i++) {
		const char *name = last_part(list[i].path);

		if (strlen(list[i].path) == len &&
		    !memcmp(list[i].path, path, len))
			return &list[i];
		if (strlen(name) == len && !memcmp(name, path, len)) {
			found = &list[i];
			named++;
		}
	}
	if (named == 1)
		return found;
	*ret_error = named ? "more than one devlink resource has that name"
			   : "there is no devlink resource of that name";
	return NULL;
}

bool ofl_devlink_handle_parse(const char *text,
			      struct ofl_devlink_handle *ret_handle)
{
	struct ofl_devlink_handle handle = {0};
	const char *slash = strchr(text, '/');
	size_t bus_len;

	if (!slash || strchr(slash + 1, '/'))
		return false;
	bus_len = (size_t)(slash - text);
	if (!bus_len || bus_len >= sizeof(handle.bus) || !slash[1] ||
	    strlen(slash + 1) >= sizeof(handle.dev))
		return false;
	memcpy(handle.bus, text, bus_len);
	memcpy(handle.dev, slash + 1, strlen(slash + 1));
	*ret_handle = handle;
	return true;
}

bool ofl_devlink_handle_eq(const struct ofl_devlink_handle *a,
			   const struct ofl_devlink_handle *b)
{
	return !strcmp(a->bus, b->bus) && !strcmp(a->dev, b->dev);
}
