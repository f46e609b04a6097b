// SPDX-License-Identifier: GPL-2.0-or-later
/* Names and lists of libfrr as plain C types; see names.h. */
#include <zebra.h>

#include "filter.h"
#include "log.h"
#include "plist.h"
#include "prefix.h"
#include "zclient.h"

#include "offloadd/base/names.h"

/* Beside zebra's own: flow/flow.h, OFL_PROTO_LOCAL and OFL_PROTO_RESERVED. */
#define PROTO_LOCAL 253
#define PROTO_RESERVED 254

const char *ofl_proto_name(uint8_t proto)
{
	if (proto == PROTO_LOCAL)
		return "local";
	if (proto == PROTO_RESERVED)
		return "reserved";
	if (proto >= ZEBRA_ROUTE_MAX)
		return "unknown";
	return zebra_route_string(proto);
}

bool ofl_proto_parse(const char *name, uint8_t *ret_proto)
{
	for (int i = 0; i < ZEBRA_ROUTE_MAX; i++) {
		if (strcmp(name, zebra_route_string(i)) == 0) {
			*ret_proto = i;
			return true;
		}
	}
	return false;
}

static void to_frr_prefix(struct prefix *p, uint8_t family, const uint8_t *addr,
			  uint8_t plen)
{
	memset(p, 0, sizeof(*p));
	p->family = family;
	p->prefixlen = plen;
	memcpy(&p->u.prefix, addr, family == AF_INET ? 4 : 16);
}

bool ofl_prefix_list_permits(const char *name, uint8_t family,
			     const uint8_t *addr, uint8_t plen)
{
	struct prefix_list *list;
	struct prefix p;

	list = prefix_list_lookup(family == AF_INET ? AFI_IP : AFI_IP6, name);
	if (!list)
		return false;
	to_frr_prefix(&p, family, addr, plen);
	return prefix_list_apply(list, &p) == PREFIX_PERMIT;
}

bool ofl_access_list_permits(const char *name, uint8_t family,
			     const uint8_t *addr, uint8_t plen)
{
	struct access_list *list;
	struct prefix p;

	list = access_list_lookup(family == AF_INET ? AFI_IP : AFI_IP6, name);
	if (!list)
		return false;
	to_frr_prefix(&p, family, addr, plen);
	return access_list_apply(list, &p) == FILTER_PERMIT;
}
