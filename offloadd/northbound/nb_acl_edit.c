// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Edits of lists, entries and static flows in a candidate configuration,
 * without a commit.
 *
 * They change the tree themselves.  FRR's way, one path expression for each
 * leaf, takes several times as long, and a list has ten leaves for each of
 * thousands of entries; 8.4 also limits a command to 16 leaves.  What comes
 * out is the same tree, which the commit validates as a whole.
 *
 * nb_acl_make.c reads what is written here.
 */
#include <zebra.h>

#include "memory.h"

#include "offloadd/flow/addr.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"

/* --- nodes --- */

struct lyd_node *ofl_nb_acl_find(struct nb_config *candidate, const char *name)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), OFL_ACL_XPATH, name);
	return yang_dnode_get(candidate->dnode, xpath);
}

static struct lyd_node *child_of(const struct lyd_node *parent,
				 const char *name)
{
	return (struct lyd_node *)ofl_nb_child(parent, name);
}

enum ofl_acl_type ofl_nb_acl_type(const struct lyd_node *acl)
{
	const char *text = ofl_nb_child_value(acl, "type");
	enum ofl_acl_type type = OFL_ACL_IPV4;

	if (text)
		ofl_acl_type_parse(text, &type);
	return type;
}

/* The container of entries, made if need be. */
static struct lyd_node *aces_of(struct lyd_node *acl)
{
	struct lyd_node *aces = child_of(acl, "aces");

	if (!aces && lyd_new_inner(acl, NULL, "aces", 0, &aces))
		return NULL;
	return aces;
}

static struct lyd_node *ace_find(struct lyd_node *acl, uint32_t seq)
{
	struct lyd_node *aces = child_of(acl, "aces"), *first, *ace = NULL;
	char key[32];

	first = aces ? lyd_child(aces) : NULL;
	if (!first)
		return NULL;
	snprintf(key, sizeof(key), "[sequence='%u']", seq);
	if (lyd_find_sibling_val(first, first->schema, key, 0, &ace))
		return NULL;
	return ace;
}

static struct lyd_node *ace_new(struct lyd_node *acl, uint32_t seq)
{
	struct lyd_node *aces = aces_of(acl), *ace;
	char text[16];

	snprintf(text, sizeof(text), "%u", seq);
	if (!aces || lyd_new_list(aces, NULL, "ace", 0, &ace, text))
		return NULL;
	return ace;
}

/* --- writing the leaves of an entry --- */

/* A container is made when its first leaf is written. */
struct writer {
	struct lyd_node *ace, *matches, *actions, *eth, *l3, *l4;
	const struct ofl_ace *from;
	const char *l3_name, *l4_name;
	bool failed;
};

static struct lyd_node *inner(struct writer *w, struct lyd_node **node,
			      struct lyd_node *parent, const char *name)
{
	if (!*node && lyd_new_inner(parent, NULL, name, 0, node))
		w->failed = true;
	return *node;
}

static void put(struct writer *w, struct lyd_node *parent, const char *name,
		const char *value)
{
	if (!parent || lyd_new_term(parent, NULL, name, value, 0, NULL))
		w->failed = true;
}

static void put_number(struct writer *w, struct lyd_node *parent,
		       const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put(w, parent, name, text);
}

static struct lyd_node *eth(struct writer *w)
{
	return inner(w, &w->eth, w->matches, "eth");
}

static struct lyd_node *l3(struct writer *w)
{
	return inner(w, &w->l3, w->matches, w->l3_name);
}

static struct lyd_node *l4(struct writer *w)
{
	return inner(w, &w->l4, w->matches, w->l4_name);
}

static void put_mac(struct writer *w, const char *end, const uint8_t *mac,
		    const uint8_t *mask)
{
	static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	char name[40], text[20];

	snprintf(name, sizeof(name), "%s-mac-address", end);
	ofl_ace_mac_print(mac, text, sizeof(text));
	put(w, eth(w), name, text);
	if (memcmp(mask, all, sizeof(all)) == 0)
		return;
	snprintf(name, sizeof(name), "%s-mac-address-mask", end);
	ofl_ace_mac_print(mask, text, sizeof(text));
	put(w, eth(w), name, text);
}

static void put_eth(struct writer *w)
{
	const struct ofl_ace *a = w->from;

	if (a->match & OFL_ACE_M_DST_MAC)
		put_mac(w, "destination", a->dst_mac, a->dst_mac_mask);
	if (a->match & OFL_ACE_M_SRC_MAC)
		put_mac(w, "source", a->src_mac, a->src_mac_mask);
	if (a->match & OFL_ACE_M_ETHERTYPE)
		put_number(w, eth(w), "ethertype", a->ethertype);
	if (a->match & OFL_ACE_M_VLAN_ID)
		put_number(w, eth(w), "vlan-id", a->vlan_id);
	if (a->match & OFL_ACE_M_VLAN_PRIORITY)
		put_number(w, eth(w), "vlan-priority", a->vlan_priority);
}

/* `say`: this leaf says the version of IP. */
static void put_address(struct writer *w, const char *end, const uint8_t *addr,
			const uint8_t *mask, bool say)
{
	bool v6 = w->from->family == OFL_ACE_IPV6;
	int family = v6 ? AF_INET6 : AF_INET;
	int plen = ofl_ace_mask_plen(mask, v6 ? 128 : 32);
	char name[40], text[OFL_PREFIX_STRLEN];
	struct ofl_prefix p;
	uint8_t wildcard[16];

	if (plen == 0 && !say)
		return;
	if (plen >= 0) {
		p = ofl_prefix_make(family, addr, plen);
		ofl_prefix_print(&p, text, sizeof(text));
		snprintf(name, sizeof(name), "%s-%s-network", end, w->l3_name);
		put(w, l3(w), name, text);
		return;
	}
	for (int i = 0; i < 16; i++)
		wildcard[i] = ~mask[i];
	snprintf(name, sizeof(name), "%s-%s-address", end, w->l3_name);
	put(w, l3(w), name, ofl_addr_print(family, addr, text, sizeof(text)));
	snprintf(name, sizeof(name), "%s-%s-wildcard", end, w->l3_name);
	put(w, l3(w), name,
	    ofl_addr_print(family, wildcard, text, sizeof(text)));
}

static void put_ip(struct writer *w, enum ofl_acl_type type)
{
	const struct ofl_ace *a = w->from;
	bool say = type == OFL_ACL_MIXED &&
		   ofl_ace_mask_plen(a->src_mask, 128) == 0 &&
		   ofl_ace_mask_plen(a->dst_mask, 128) == 0;

	if (a->family == OFL_ACE_IP) {
		l3(w);
	} else {
		put_address(w, "source", a->src, a->src_mask, say);
		put_address(w, "destination", a->dst, a->dst_mask, false);
	}
	if ((a->match & OFL_ACE_M_PROTOCOL) && !w->l4_name)
		put_number(w, l3(w), "protocol", a->protocol);
	if (a->match & OFL_ACE_M_DSCP)
		put_number(w, l3(w), "dscp", a->dscp);
	if (a->match & OFL_ACE_M_TTL) {
		put_number(w, l3(w), "ttl-lower", a->ttl.min);
		put_number(w, l3(w), "ttl-upper", a->ttl.max);
	}
	if (a->match & OFL_ACE_M_LENGTH) {
		put_number(w, l3(w), "length-lower", a->length.min);
		put_number(w, l3(w), "length-upper", a->length.max);
	}
	if (a->match & OFL_ACE_M_FRAGMENT)
		put(w, l3(w), "fragment", ofl_ace_fragment_name(a->fragment));
}

/* The operators of the model have "equal" in them. */
static void put_ports(struct writer *w, const char *name,
		      const struct ofl_ports *p)
{
	struct lyd_node *end = NULL;
	uint16_t port = p->port;

	if (p->op == OFL_PORTS_ANY || !inner(w, &end, l4(w), name))
		return;
	if (p->op == OFL_PORTS_RANGE) {
		put_number(w, end, "lower-port", p->port);
		put_number(w, end, "upper-port", p->upper);
		return;
	}
	if (p->op == OFL_PORTS_NEQ) {
		put(w, end, "operator", "neq");
	} else if (p->op == OFL_PORTS_LT) {
		put(w, end, "operator", "lte");
		port--;
	} else if (p->op == OFL_PORTS_GT) {
		put(w, end, "operator", "gte");
		port++;
	}
	put_number(w, end, "port", port);
}

static void put_l4(struct writer *w)
{
	const struct ofl_ace *a = w->from;

	put_ports(w, "source-port", &a->src_port);
	put_ports(w, "destination-port", &a->dst_port);
	if (a->match & OFL_ACE_M_TCP_FLAGS) {
		put_number(w, l4(w), "flags", a->tcp_flags);
		if (a->tcp_flags_mask != a->tcp_flags)
			put_number(w, l4(w), "flags-mask", a->tcp_flags_mask);
	}
	if (a->match & OFL_ACE_M_ICMP_TYPE)
		put_number(w, l4(w), "type", a->icmp_type);
	if (a->match & OFL_ACE_M_ICMP_CODE)
		put_number(w, l4(w), "code", a->icmp_code);
}

static void put_actions(struct writer *w)
{
	const struct ofl_ace_action *a = &w->from->action;

	put(w, w->actions, "forwarding", ofl_ace_forward_name(a->forward));
	if (a->does & OFL_ACE_A_LOG)
		put(w, w->actions, "logging", "log-syslog");
	if (a->does & OFL_ACE_A_COUNT)
		put(w, w->actions, "count", "true");
	if (a->does & OFL_ACE_A_MIRROR)
		put(w, w->actions, "mirror", a->mirror);
	if (a->does & OFL_ACE_A_REDIRECT)
		put(w, w->actions, "redirect", a->redirect);
	if (a->does & OFL_ACE_A_MARK)
		put_number(w, w->actions, "set-mark", a->mark);
	if (a->does & OFL_ACE_A_DSCP)
		put_number(w, w->actions, "set-dscp", a->dscp);
	if (a->does & OFL_ACE_A_POLICE) {
		put_number(w, w->actions, "police-rate", a->rate_bps);
		put_number(w, w->actions, "police-burst", a->burst_bytes);
	}
}

static void put_settings(struct writer *w)
{
	const struct ofl_ace_settings *s = &w->from->settings;

	if (s->set & OFL_ACE_S_CLASS)
		put(w, w->ace, "class", ofl_class_name(s->cls));
	if (s->set & OFL_ACE_S_PLACEMENT)
		put(w, w->ace, "placement", ofl_ace_where_name(s->where));
	if (s->set & OFL_ACE_S_OFFLOAD_OR_FAIL)
		put(w, w->ace, "offload-or-fail",
		    s->offload_or_fail ? "true" : "false");
	if (s->set & OFL_ACE_S_WEIGHT)
		put_number(w, w->ace, "weight", s->weight);
	if (s->set & OFL_ACE_S_PARTIAL)
		put(w, w->ace, "allow-partial",
		    s->allow_partial ? "true" : "false");
}

/* The container of layer 4 that has something to say, or NULL. */
static const char *l4_name(const struct ofl_ace *a)
{
	bool has_ports = a->src_port.op != OFL_PORTS_ANY ||
			 a->dst_port.op != OFL_PORTS_ANY;

	if (a->match & OFL_ACE_M_ICMP_TYPE)
		return "icmp";
	if (!has_ports && !(a->match & OFL_ACE_M_TCP_FLAGS))
		return NULL;
	return a->protocol == IPPROTO_TCP   ? "tcp"
	       : a->protocol == IPPROTO_UDP ? "udp"
					    : "sctp";
}

static bool ace_write(struct lyd_node *node, const struct ofl_ace *ace,
		      enum ofl_acl_type type)
{
	static const char *const l3_names[OFL_ACE_FAMILY_MAX] = {NULL, "ipv4",
								 "ipv6", "ip"};
	struct writer w = {.ace = node,
			   .from = ace,
			   .l3_name = l3_names[ace->family],
			   .l4_name = l4_name(ace)};

	if (!inner(&w, &w.matches, node, "matches") ||
	    !inner(&w, &w.actions, node, "actions"))
		return false;
	put_eth(&w);
	if (w.l3_name)
		put_ip(&w, type);
	if (w.l4_name)
		put_l4(&w);
	if (ace->match & OFL_ACE_M_INTERFACE)
		put(&w, w.matches, "ingress-interface", ace->interface);
	if (ace->match & OFL_ACE_M_MARK) {
		put_number(&w, w.matches, "mark", ace->mark);
		if (ace->mark_mask != UINT32_MAX)
			put_number(&w, w.matches, "mark-mask", ace->mark_mask);
	}
	put_actions(&w);
	put_settings(&w);
	return !w.failed;
}

/* --- edits --- */

/* An entry that libyang does not take leaves the old one where it was. */
bool ofl_nb_ace_put(struct lyd_node *acl, const struct ofl_ace *ace)
{
	struct lyd_node *old = ace_find(acl, ace->seq), *node;
	const char *remark = old ? ofl_nb_child_value(old, "remark") : NULL;
	bool ok;

	if (old)
		lyd_unlink_tree(old);
	node = ace_new(acl, ace->seq);
	ok = node && ace_write(node, ace, ofl_nb_acl_type(acl));
	if (ok && remark)
		ok = !lyd_new_term(node, NULL, "remark", remark, 0, NULL);
	if (ok) {
		lyd_free_tree(old);
		return true;
	}
	lyd_free_tree(node);
	if (old)
		lyd_insert_child(aces_of(acl), old);
	return false;
}

/* --- static flows --- */

struct lyd_node *ofl_nb_static_flow_find(struct nb_config *candidate,
					 const char *name)
{
	char xpath[XPATH_MAXLEN];

	snprintf(xpath, sizeof(xpath), OFL_FLOW_XPATH, name);
	return yang_dnode_get(candidate->dnode, xpath);
}

static bool static_flow_write(struct lyd_node *node,
			      const struct ofl_static_flow *flow,
			      const char *remark)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", flow->priority);
	return !lyd_new_term(node, NULL, "interface", flow->interface, 0,
			     NULL) &&
	       !lyd_new_term(node, NULL, "priority", text, 0, NULL) &&
	       (!remark ||
		!lyd_new_term(node, NULL, "remark", remark, 0, NULL)) &&
	       ace_write(node, &flow->ace, OFL_ACL_MIXED);
}

bool ofl_nb_static_flow_put(struct nb_config *candidate,
			    const struct ofl_static_flow *flow)
{
	struct lyd_node *old = ofl_nb_static_flow_find(candidate, flow->name);
	struct lyd_node *acls, *node = NULL;
	const char *remark = old ? ofl_nb_child_value(old, "remark") : NULL;

	if (lyd_new_path(candidate->dnode, NULL, OFL_ACLS_XPATH, NULL,
			 LYD_NEW_PATH_UPDATE, NULL))
		return false;
	acls = yang_dnode_get(candidate->dnode, OFL_ACLS_XPATH);
	if (old)
		lyd_unlink_tree(old);
	if (!lyd_new_list(acls, NULL, "flow", 0, &node, flow->name) &&
	    static_flow_write(node, flow, remark)) {
		lyd_free_tree(old);
		return true;
	}
	lyd_free_tree(node);
	if (old)
		lyd_insert_child(acls, old);
	return false;
}

/* --- edits of a list --- */

bool ofl_nb_ace_remark_put(struct lyd_node *acl, uint32_t seq,
			   const char *remark)
{
	struct lyd_node *ace = ace_find(acl, seq), *leaf, *made = NULL;
	LY_ERR err;

	leaf = ace ? child_of(ace, "remark") : NULL;
	if (leaf) {
		err = lyd_change_term(leaf, remark);
		/* These two say that it was so already. */
		return !err || err == LY_EEXIST || err == LY_ENOT;
	}
	if (!ace)
		ace = made = ace_new(acl, seq);
	if (ace && !lyd_new_term(ace, NULL, "remark", remark, 0, NULL))
		return true;
	lyd_free_tree(made);
	return false;
}

bool ofl_nb_ace_del(struct lyd_node *acl, uint32_t seq)
{
	struct lyd_node *ace = ace_find(acl, seq);

	if (!ace)
		return false;
	lyd_free_tree(ace);
	return true;
}

bool ofl_nb_ace_remark_del(struct lyd_node *acl, uint32_t seq)
{
	struct lyd_node *ace = ace_find(acl, seq), *remark, *actions;

	remark = ace ? child_of(ace, "remark") : NULL;
	if (!remark)
		return false;
	actions = child_of(ace, "actions");
	if (actions && ofl_nb_child(actions, "forwarding"))
		lyd_free_tree(remark);
	else
		lyd_free_tree(ace);
	return true;
}

static uint32_t seq_of(const struct lyd_node *ace)
{
	return strtoul(lyd_get_value(lyd_child(ace)), NULL, 10);
}

static int seq_cmp(const void *a, const void *b)
{
	return numcmp(seq_of(*(struct lyd_node *const *)a),
		      seq_of(*(struct lyd_node *const *)b));
}

struct lyd_node **ofl_nb_aces_sorted(const struct lyd_node *acl,
				     size_t *ret_count)
{
	const struct lyd_node *aces = ofl_nb_child(acl, "aces");
	struct lyd_node *first = aces ? lyd_child(aces) : NULL, *ace, **all;
	size_t count = 0;

	LY_LIST_FOR(first, ace)
	count++;
	all = XCALLOC(MTYPE_TMP, (count + 1) * sizeof(*all));
	count = 0;
	LY_LIST_FOR(first, ace)
	all[count++] = ace;
	qsort(all, count, sizeof(*all), seq_cmp);
	*ret_count = count;
	return all;
}

bool ofl_nb_acl_resequence(struct lyd_node *acl, uint32_t start, uint32_t step)
{
	size_t count;
	struct lyd_node **all = ofl_nb_aces_sorted(acl, &count);
	bool fits =
		!count || start + (uint64_t)(count - 1) * step <= UINT32_MAX;
	char text[16];

	/* All are taken out before the first comes back: no two are equal. */
	for (size_t i = 0; fits && i < count; i++)
		lyd_unlink_tree(all[i]);
	for (size_t i = 0; fits && i < count; i++) {
		snprintf(text, sizeof(text), "%" PRIu64,
			 start + (uint64_t)i * step);
		lyd_change_term(lyd_child(all[i]), text);
		lyd_insert_child(aces_of(acl), all[i]);
	}
	XFREE(MTYPE_TMP, all);
	return fits;
}

static void attachments_rename(struct lyd_node *acls, const char *old,
			       const char *name)
{
	static const char *const leaves[] = {"ingress", "egress"};
	struct lyd_node *points = child_of(acls, "attachment-points"), *node;

	LY_LIST_FOR(points ? lyd_child(points) : NULL, node)
	{
		for (size_t i = 0; i < array_size(leaves); i++) {
			struct lyd_node *leaf = child_of(node, leaves[i]);

			if (leaf && strcmp(lyd_get_value(leaf), old) == 0)
				lyd_change_term(leaf, name);
		}
	}
}

bool ofl_nb_acl_rename(struct lyd_node *acl, const char *name)
{
	struct lyd_node *acls = lyd_parent(acl), *renamed, *child, *next;

	if (lyd_new_list(acls, NULL, "acl", 0, &renamed, name))
		return false;
	attachments_rename(acls, ofl_nb_child_value(acl, "name"), name);
	/* The first child is the key. */
	for (child = lyd_child(acl)->next; child; child = next) {
		next = child->next;
		lyd_unlink_tree(child);
		lyd_insert_child(renamed, child);
	}
	lyd_free_tree(acl);
	return true;
}
