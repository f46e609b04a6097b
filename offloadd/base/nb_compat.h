/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The northbound as somebody calls it who is a client of it: what differs
 * between FRRouting 8.4 and 10 is the form of an operation's input and output
 * (rpc.h is the other side), of a notification and of a value of state, and
 * how a transaction is told its client.
 *
 * Trees may be of any libyang context that has the modules.
 */
#ifndef OFFLOADD_BASE_NB_COMPAT_H
#define OFFLOADD_BASE_NB_COMPAT_H

#include <stdbool.h>
#include <stddef.h>

struct ly_ctx;
struct lyd_node;
struct nb_config;
struct nb_context;
struct nb_node;

/* A leaf of an output: its path as libyang writes it, without a step "output".
 * Anything but success ends it. */
typedef int ofl_nb_leaf_fn(void *arg, const char *path, const char *value);

/* Call an operation; `op` has its input below.  Returns enum nb_error, with a
 * sentence in `words`; *ret_said is what leaf_fn said last, if it was called.
 */
int ofl_nb_rpc(const struct nb_node *node, const struct lyd_node *op,
	       ofl_nb_leaf_fn *leaf_fn, void *arg, int *ret_said, char *words,
	       size_t len);

/* Each notification as a tree of `ctx`, which the function owns.  One of a
 * module that `ctx` does not have is left out. */
void ofl_nb_notifications_init(const struct ly_ctx *ctx,
			       void (*fn)(struct lyd_node *tree));
void ofl_nb_notifications_fini(void);

/* Is it a leaf or leaf-list whose values are put into a tree by its callback,
 * all of them at once?  Others have get_elem. */
bool ofl_nb_has_get(const struct nb_node *node);
/* Its values; `xpath` is its path as data, with the keys of lists.  Below a
 * list without keys there are none. */
void ofl_nb_get(const struct nb_node *node, const char *xpath,
		const void *entry, void (*fn)(void *arg, const char *value),
		void *arg);

/* nb_candidate_commit(), saved. */
int ofl_nb_commit(struct nb_context *context, struct nb_config *candidate,
		  const char *comment, char *words, size_t len);

#endif /* OFFLOADD_BASE_NB_COMPAT_H */
