/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input and output of a northbound operation: a list of values until FRR 9, a
 * tree of libyang's since 10 (lib/northbound.h, struct nb_cb_rpc_args).
 */
#ifndef OFFLOADD_BASE_RPC_H
#define OFFLOADD_BASE_RPC_H

struct nb_cb_rpc_args;

/* The leaf at `path` below the input, "vrf" or "after/prefix"; NULL: not
 * there.  Valid while the operation is. */
const char *ofl_rpc_input(const struct nb_cb_rpc_args *args, const char *path);
/* Add a leaf at `path` below the output; list entries on the way are made:
 * "flow[vrf='a'][prefix='b']/id".  A value NULL: no leaf. */
void ofl_rpc_output(struct nb_cb_rpc_args *args, const char *path,
		    const char *value);

#endif /* OFFLOADD_BASE_RPC_H */
