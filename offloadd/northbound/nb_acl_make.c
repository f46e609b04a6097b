// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The meaning of frr-offload-acl: a list, an entry and a static flow of the
 * model as values.
 *
 * One table says for every leaf which member it sets.  Values are taken as
 * text, which libyang has checked; what they say together ofl_ace_check() may
 * refuse.  nb_acl_edit.c writes the same leaves.
 */
#include <zebra.h>

#include "offloadd/flow/addr.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"

const struct lyd_node *ofl_nb_child(const struct lyd_node *parent,
				    const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	if (strcmp(child->schema->name, name) == 0)
		return child;
	return NULL;
}

const char *ofl_nb_child_value(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child = ofl_nb_child(parent, name);

	return child ? lyd_get_value(child) : NULL;
}

/* --- kinds of values --- */

static void set_u8(void *member, const char *text)
{
	*(uint8_t *)member = strtoul(text, NULL, 10);
}

static void set_u16(void *member, const char *text)
{
	*(uint16_t *)member = strtoul(text, NULL, 10);
}

static void set_u32(void *member, const char *text)
{
	*(uint32_t *)member = strtoul(text, NULL, 10);
}

static void set_u64(void *member, const char *text)
{
	*(uint64_t *)member = strtoull(text, NULL, 10);
}

static void set_bool(void *member, const char *text)
{
	*(bool *)member = strcmp(text, "true") == 0;
}

static void set_mac(void *member, const char *text)
{
	ofl_ace_mac_parse(text, member);
}

static void set_interface(void *member, const char *text)
{
	strlcpy(member, text, OFL_ACE_IFNAME_LEN);
}

static void set_class(void *member, const char *text)
{
	enum ofl_class cls;

	if (ofl_class_parse(text, &cls))
		*(uint8_t *)member = cls;
}

static void set_where(void *member, const char *text)
{
	ofl_ace_where_parse(text, member);
}

static void set_forward(void *member, const char *text)
{
	ofl_ace_forward_parse(text, member);
}

static void set_fragment(void *member, const char *text)
{
	ofl_ace_fragment_parse(text, member);
}

static void set_addr4(void *member, const char *text)
{
	inet_pton(AF_INET, text, member);
}

static void set_addr6(void *member, const char *text)
{
	inet_pton(AF_INET6, text, member);
}

/* The mask is the member behind the address: see the assertions below. */
static void set_network(void *member, const char *text)
{
	uint8_t *addr = member, *mask = addr + 16;
	struct ofl_prefix p;

	if (!ofl_prefix_parse(text, true, &p))
		return;
	memcpy(addr, p.addr, 16);
	for (unsigned int i = 0; i < p.plen; i++)
		mask[i / 8] |= 0x80 >> i % 8;
}

_Static_assert(offsetof(struct ofl_ace, src_mask) ==
		       offsetof(struct ofl_ace, src) + 16,
	       "set_network()");
_Static_assert(offsetof(struct ofl_ace, dst_mask) ==
		       offsetof(struct ofl_ace, dst) + 16,
	       "set_network()");

/* --- what an entry's leaves say, before it is put together --- */

enum { OP_NONE, OP_LTE, OP_GTE, OP_EQ, OP_NEQ };

struct port_leaves {
	bool has_port, has_lower, has_upper;
	uint8_t op;
	uint16_t port, lower, upper;
};

struct leaves {
	struct ofl_ace ace; /* first */
	struct port_leaves src_port, dst_port;
	uint8_t src_wild[16], dst_wild[16];
	bool has_src_addr, has_dst_addr, has_forward, has_flags_mask;
	bool logs, counts;
	uint8_t l4; /* 0: none said */
	bool has_l4_icmp;
};

static void set_op(void *member, const char *text)
{
	static const char *const names[] = {"", "lte", "gte", "eq", "neq"};

	for (unsigned int i = OP_LTE; i < array_size(names); i++)
		if (strcmp(names[i], text) == 0)
			*(uint8_t *)member = i;
}

static void set_logging(void *member, const char *text)
{
	*(bool *)member = strcmp(text, "log-syslog") == 0;
}

/* A leaf, by its own name and where that is not enough its parent's, the
 * member it sets, the bits it brings and the bool it makes true. */
static const struct row {
	const char *parent, *name;
	void (*set)(void *member, const char *text);
	size_t at;
	uint16_t match;
	uint8_t does, settings;
	size_t flag; /* 0: none */
} rows[] = {
#define A(m) offsetof(struct leaves, ace.m)
#define L(m) offsetof(struct leaves, m)
	{NULL, "sequence", set_u32, A(seq)},
	{"ipv4", "destination-ipv4-network", set_network, A(dst)},
	{"ipv4", "source-ipv4-network", set_network, A(src)},
	{"ipv6", "destination-ipv6-network", set_network, A(dst)},
	{"ipv6", "source-ipv6-network", set_network, A(src)},
	{"ipv4", "destination-ipv4-address", set_addr4, A(dst), 0, 0, 0,
	 L(has_dst_addr)},
	{"ipv4", "source-ipv4-address", set_addr4, A(src), 0, 0, 0,
	 L(has_src_addr)},
	{"ipv6", "destination-ipv6-address", set_addr6, A(dst), 0, 0, 0,
	 L(has_dst_addr)},
	{"ipv6", "source-ipv6-address", set_addr6, A(src), 0, 0, 0,
	 L(has_src_addr)},
	{"ipv4", "destination-ipv4-wildcard", set_addr4, L(dst_wild)},
	{"ipv4", "source-ipv4-wildcard", set_addr4, L(src_wild)},
	{"ipv6", "destination-ipv6-wildcard", set_addr6, L(dst_wild)},
	{"ipv6", "source-ipv6-wildcard", set_addr6, L(src_wild)},
#define PORTS(parent, m)                                                       \
	{parent, "port", set_u16, L(m.port), 0, 0, 0, L(m.has_port)},          \
		{parent, "operator", set_op, L(m.op)},                         \
		{parent, "lower-port",	set_u16, L(m.lower), 0, 0,             \
		 0,	 L(m.has_lower)},                                      \
	{                                                                      \
		parent, "upper-port", set_u16, L(m.upper), 0, 0, 0,            \
			L(m.has_upper)                                         \
	}
	PORTS("source-port", src_port),
	PORTS("destination-port", dst_port),
#undef PORTS
	{"actions", "forwarding", set_forward, A(action.forward), 0, 0, 0,
	 L(has_forward)},
	{NULL, "protocol", set_u8, A(protocol), OFL_ACE_M_PROTOCOL},
	{NULL, "dscp", set_u8, A(dscp), OFL_ACE_M_DSCP},
	{NULL, "fragment", set_fragment, A(fragment), OFL_ACE_M_FRAGMENT},
	{NULL, "length-lower", set_u16, A(length.min), OFL_ACE_M_LENGTH},
	{NULL, "length-upper", set_u16, A(length.max), OFL_ACE_M_LENGTH},
	{NULL, "ttl-lower", set_u16, A(ttl.min), OFL_ACE_M_TTL},
	{NULL, "ttl-upper", set_u16, A(ttl.max), OFL_ACE_M_TTL},
	{"tcp", "flags", set_u16, A(tcp_flags), OFL_ACE_M_TCP_FLAGS},
	{"tcp", "flags-mask", set_u16, A(tcp_flags_mask), OFL_ACE_M_TCP_FLAGS,
	 0, 0, L(has_flags_mask)},
	{"icmp", "type", set_u8, A(icmp_type), OFL_ACE_M_ICMP_TYPE},
	{"icmp", "code", set_u8, A(icmp_code), OFL_ACE_M_ICMP_CODE},
	{"eth", "destination-mac-address", set_mac, A(dst_mac),
	 OFL_ACE_M_DST_MAC},
	{"eth", "destination-mac-address-mask", set_mac, A(dst_mac_mask)},
	{"eth", "source-mac-address", set_mac, A(src_mac), OFL_ACE_M_SRC_MAC},
	{"eth", "source-mac-address-mask", set_mac, A(src_mac_mask)},
	{"eth", "ethertype", set_u16, A(ethertype), OFL_ACE_M_ETHERTYPE},
	{"eth", "vlan-id", set_u16, A(vlan_id), OFL_ACE_M_VLAN_ID},
	{"eth", "vlan-priority", set_u8, A(vlan_priority),
	 OFL_ACE_M_VLAN_PRIORITY},
	{"matches", "ingress-interface", set_interface, A(interface),
	 OFL_ACE_M_INTERFACE},
	{"matches", "mark", set_u32, A(mark), OFL_ACE_M_MARK},
	{"matches", "mark-mask", set_u32, A(mark_mask)},
	{"actions", "logging", set_logging, L(logs)},
	{"actions", "count", set_bool, L(counts)},
	{"actions", "mirror", set_interface, A(action.mirror), 0,
	 OFL_ACE_A_MIRROR},
	{"actions", "redirect", set_interface, A(action.redirect), 0,
	 OFL_ACE_A_REDIRECT},
	{"actions", "set-mark", set_u32, A(action.mark), 0, OFL_ACE_A_MARK},
	{"actions", "set-dscp", set_u8, A(action.dscp), 0, OFL_ACE_A_DSCP},
	{"actions", "police-rate", set_u64, A(action.rate_bps), 0,
	 OFL_ACE_A_POLICE},
	{"actions", "police-burst", set_u32, A(action.burst_bytes), 0,
	 OFL_ACE_A_POLICE},
	{NULL, "class", set_class, A(settings.cls), 0, 0, OFL_ACE_S_CLASS},
	{NULL, "placement", set_where, A(settings.where), 0, 0,
	 OFL_ACE_S_PLACEMENT},
	{NULL, "offload-or-fail", set_bool, A(settings.offload_or_fail), 0, 0,
	 OFL_ACE_S_OFFLOAD_OR_FAIL},
	{NULL, "weight", set_u32, A(settings.weight), 0, 0, OFL_ACE_S_WEIGHT},
	{NULL, "allow-partial", set_bool, A(settings.allow_partial), 0, 0,
	 OFL_ACE_S_PARTIAL},
#undef A
#undef L
};

static void leaf_read(struct leaves *l, const struct lyd_node *dnode)
{
	const char *name = dnode->schema->name;

	for (size_t i = 0; i < array_size(rows); i++) {
		const struct row *r = &rows[i];

		if (strcmp(r->name, name) != 0 ||
		    (r->parent &&
		     strcmp(r->parent, lyd_parent(dnode)->schema->name) != 0))
			continue;
		r->set((char *)l + r->at, lyd_get_value(dnode));
		l->ace.match |= r->match;
		l->ace.action.does |= r->does;
		l->ace.settings.set |= r->settings;
		if (r->flag)
			*((bool *)l + r->flag) = true;
		return;
	}
}

/* A container without content says nothing, unless it is a presence. */
static void container_read(struct leaves *l, const struct lyd_node *dnode)
{
	const char *name = dnode->schema->name;

	if (strcmp(name, "ip") == 0)
		l->ace.family = OFL_ACE_IP;
	else if (!lyd_child(dnode))
		return;
	else if (strcmp(name, "ipv4") == 0)
		l->ace.family = OFL_ACE_IPV4;
	else if (strcmp(name, "ipv6") == 0)
		l->ace.family = OFL_ACE_IPV6;
	else if (strcmp(name, "tcp") == 0)
		l->l4 = IPPROTO_TCP;
	else if (strcmp(name, "udp") == 0)
		l->l4 = IPPROTO_UDP;
	else if (strcmp(name, "sctp") == 0)
		l->l4 = IPPROTO_SCTP;
	else if (strcmp(name, "icmp") == 0)
		l->has_l4_icmp = true;
}

/* --- putting it together; false: a sentence --- */

static bool ports_make(const struct port_leaves *l, struct ofl_ports *ret)
{
	if (l->op && !l->has_port)
		return false;
	if (l->has_lower || l->has_upper) {
		ret->op = OFL_PORTS_RANGE;
		ret->port = l->lower;
		ret->upper = l->has_upper ? l->upper : UINT16_MAX;
		return true;
	}
	if (!l->has_port)
		return true;
	ret->port = l->port;
	if (l->op == OP_NEQ) {
		ret->op = OFL_PORTS_NEQ;
	} else if (l->op == OP_LTE && l->port < UINT16_MAX) {
		ret->op = OFL_PORTS_LT;
		ret->port++;
	} else if (l->op == OP_GTE && l->port > 0) {
		ret->op = OFL_PORTS_GT;
		ret->port--;
	} else if (l->op == OP_LTE || l->op == OP_GTE) {
		*ret = (struct ofl_ports){OFL_PORTS_RANGE, 0, UINT16_MAX};
	} else {
		ret->op = OFL_PORTS_EQ;
	}
	return true;
}

static void address_make(bool has, int bytes, uint8_t *addr, uint8_t *mask,
			 const uint8_t *wild)
{
	for (int i = 0; has && i < bytes; i++) {
		mask[i] = ~wild[i];
		addr[i] &= mask[i];
	}
}

static const char *protocol_make(struct leaves *l)
{
	struct ofl_ace *ace = &l->ace;

	if (l->has_l4_icmp)
		l->l4 = ace->family == OFL_ACE_IPV6 ? IPPROTO_ICMPV6
						    : IPPROTO_ICMP;
	if (!l->l4)
		return NULL;
	if ((ace->match & OFL_ACE_M_PROTOCOL) && ace->protocol != l->l4)
		return "the protocol is not that of its layer 4";
	ace->protocol = l->l4;
	ace->match |= OFL_ACE_M_PROTOCOL;
	return NULL;
}

/* Values that do not count are 0, bits outside masks too. */
static void masks_make(struct leaves *l)
{
	struct ofl_ace *ace = &l->ace;
	int bytes = ace->family == OFL_ACE_IPV6 ? 16 : 4;

	address_make(l->has_src_addr, bytes, ace->src, ace->src_mask,
		     l->src_wild);
	address_make(l->has_dst_addr, bytes, ace->dst, ace->dst_mask,
		     l->dst_wild);
	if (!(ace->match & OFL_ACE_M_TTL))
		ace->ttl = (struct ofl_range){0, 0};
	if (!(ace->match & OFL_ACE_M_LENGTH))
		ace->length = (struct ofl_range){0, 0};
	if (!l->has_flags_mask)
		ace->tcp_flags_mask = ace->tcp_flags;
	if (!(ace->match & OFL_ACE_M_SRC_MAC))
		memset(ace->src_mac_mask, 0, 6);
	if (!(ace->match & OFL_ACE_M_DST_MAC))
		memset(ace->dst_mac_mask, 0, 6);
	for (int i = 0; i < 6; i++) {
		ace->src_mac[i] &= ace->src_mac_mask[i];
		ace->dst_mac[i] &= ace->dst_mac_mask[i];
	}
	if (!(ace->match & OFL_ACE_M_MARK))
		ace->mark_mask = 0;
	ace->mark &= ace->mark_mask;
	if (l->logs)
		ace->action.does |= OFL_ACE_A_LOG;
	if (l->counts)
		ace->action.does |= OFL_ACE_A_COUNT;
}

static const char *finish(struct leaves *l)
{
	const char *error;

	if (!ports_make(&l->src_port, &l->ace.src_port) ||
	    !ports_make(&l->dst_port, &l->ace.dst_port))
		return "an operator needs a port";
	error = protocol_make(l);
	masks_make(l);
	return error;
}

enum ofl_ace_made ofl_nb_ace_make(const struct lyd_node *dnode,
				  enum ofl_acl_type type,
				  struct ofl_ace *ret_ace, char *buf,
				  size_t len)
{
	const struct lyd_node *node;
	struct leaves l = {0};
	const char *error;

	ofl_ace_init(&l.ace, type);
	l.ace.ttl.max = UINT8_MAX;
	l.ace.length.max = UINT16_MAX;
	l.ace.mark_mask = UINT32_MAX;
	memset(l.ace.src_mac_mask, 0xff, 6);
	memset(l.ace.dst_mac_mask, 0xff, 6);
	LYD_TREE_DFS_BEGIN(dnode, node)
	{
		if (node->schema->nodetype == LYS_LEAF)
			leaf_read(&l, node);
		else
			container_read(&l, node);
		LYD_TREE_DFS_END(dnode, node);
	}
	if (!l.has_forward)
		return OFL_ACE_REMARK;
	error = finish(&l);
	if (error) {
		snprintf(buf, len, "%s", error);
		return OFL_ACE_BAD;
	}
	if (!ofl_ace_check(&l.ace, type, buf, len))
		return OFL_ACE_BAD;
	memcpy(ret_ace, &l.ace, sizeof(*ret_ace));
	return OFL_ACE_MADE;
}

/* --- static flows --- */

bool ofl_nb_static_flow_make(const struct lyd_node *dnode,
			     struct ofl_static_flow *ret_flow, char *buf,
			     size_t len)
{
	const char *remark = ofl_nb_child_value(dnode, "remark");
	const char *priority = ofl_nb_child_value(dnode, "priority");
	struct ofl_static_flow f = {.priority = OFL_STATIC_FLOW_PRIORITY};

	if (ofl_nb_ace_make(dnode, OFL_ACL_MIXED, &f.ace, buf, len) !=
	    OFL_ACE_MADE)
		return false;
	strlcpy(f.name, ofl_nb_child_value(dnode, "name"), sizeof(f.name));
	set_interface(f.interface, ofl_nb_child_value(dnode, "interface"));
	if (remark)
		strlcpy(f.remark, remark, sizeof(f.remark));
	if (priority)
		set_u16(&f.priority, priority);
	memcpy(ret_flow, &f, sizeof(f));
	return true;
}

bool ofl_nb_marks_make(const struct lyd_node *marks, uint32_t *ret_first,
		       uint32_t *ret_count, char *buf, size_t len)
{
	const char *text = ofl_nb_child_value(marks, "first");
	uint32_t first = OFL_MARKS_FIRST, count = OFL_MARKS_COUNT;

	if (text)
		set_u32(&first, text);
	text = ofl_nb_child_value(marks, "count");
	if (text)
		set_u32(&count, text);
	if (count - 1 > UINT32_MAX - first) {
		snprintf(buf, len,
			 "Marks: the last of %u from 0x%x on would be above "
			 "0xffffffff.",
			 count, first);
		return false;
	}
	*ret_first = first;
	*ret_count = count;
	return true;
}

/* --- lists --- */

void ofl_nb_acl_make(const struct lyd_node *acl, struct ofl_acl_conf *ret_conf)
{
	static const struct {
		const char *name;
		void (*set)(void *member, const char *text);
		size_t at;
	} settings[] = {
#define AT(m) offsetof(struct ofl_acl_conf, settings.m)
		{"class", set_class, AT(cls)},
		{"placement", set_where, AT(where)},
		{"offload-or-fail", set_bool, AT(offload_or_fail)},
		{"weight", set_u32, AT(weight)},
		{"allow-partial", set_bool, AT(allow_partial)},
#undef AT
	};
	const char *text;

	ofl_acl_conf_init(ret_conf, ofl_nb_child_value(acl, "name"));
	ret_conf->type = ofl_nb_acl_type(acl);
	text = ofl_nb_child_value(acl, "remark");
	if (text)
		strlcpy(ret_conf->remark, text, sizeof(ret_conf->remark));
	text = ofl_nb_child_value(acl, "default-action");
	ret_conf->default_accept = text && strcmp(text, "accept") == 0;
	for (size_t i = 0; i < array_size(settings); i++) {
		text = ofl_nb_child_value(acl, settings[i].name);
		if (text)
			settings[i].set((char *)ret_conf + settings[i].at,
					text);
	}
}
