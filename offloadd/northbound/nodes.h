/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes of our commands, beyond the last one libfrr knows.  Shared with
 * vtysh, which must give them the same numbers.
 */
#ifndef OFFLOADD_NORTHBOUND_NODES_H
#define OFFLOADD_NORTHBOUND_NODES_H

/* vtysh's extract.pl wants to read the names, not what they stand for. */
#ifndef VTYSH_EXTRACT_PL
#define OFFLOAD_NODE ((enum node_type)(NODE_TYPE_MAX + 1))
#define OFFLOAD_TABLE_NODE ((enum node_type)(NODE_TYPE_MAX + 2))
#define OFFLOAD_RULE_NODE ((enum node_type)(NODE_TYPE_MAX + 3))
#define OFFLOAD_ACL_NODE ((enum node_type)(NODE_TYPE_MAX + 4))
#define NACM_NODE ((enum node_type)(NODE_TYPE_MAX + 5))
#define NACM_GROUP_NODE ((enum node_type)(NODE_TYPE_MAX + 6))
#define NACM_LIST_NODE ((enum node_type)(NODE_TYPE_MAX + 7))
#define NACM_RULE_NODE ((enum node_type)(NODE_TYPE_MAX + 8))
#endif

#endif /* OFFLOADD_NORTHBOUND_NODES_H */
