/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access control lists between the model frr-offload-acl, the engine and the
 * commands.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_NB_ACL_H
#define OFFLOADD_NORTHBOUND_NB_ACL_H

#include <zebra.h>

/* FRR's: in quotes it would be the file of that name in this directory. */
#include <northbound.h>

#include "offloadd/engine/acl.h"

#define OFL_ACLS_XPATH "/frr-offload:offload/frr-offload-acl:acls"
#define OFL_ACL_XPATH OFL_ACLS_XPATH "/acl[name='%s']"
#define OFL_FLOW_XPATH OFL_ACLS_XPATH "/flow[name='%s']"
#define OFL_ATTACH_XPATH                                                       \
	OFL_ACLS_XPATH "/attachment-points/interface[interface-id='%s']"

/* --- nb_acl_make.c: the meaning of the model --- */
void ofl_nb_acl_make(const struct lyd_node *acl, struct ofl_acl_conf *ret_conf);
enum ofl_ace_made {
	OFL_ACE_MADE,
	OFL_ACE_REMARK, /* it has no action: only a remark */
	OFL_ACE_BAD,	/* a sentence is in buf */
};
enum ofl_ace_made ofl_nb_ace_make(const struct lyd_node *ace,
				  enum ofl_acl_type type,
				  struct ofl_ace *ret_ace, char *buf,
				  size_t len);
/* False: a sentence is in buf. */
bool ofl_nb_static_flow_make(const struct lyd_node *flow,
			     struct ofl_static_flow *ret_flow, char *buf,
			     size_t len);
/* False: a sentence is in buf. */
bool ofl_nb_marks_make(const struct lyd_node *marks, uint32_t *ret_first,
		       uint32_t *ret_count, char *buf, size_t len);
/* The child of this name, or NULL; its value, or NULL. */
const struct lyd_node *ofl_nb_child(const struct lyd_node *parent,
				    const char *name);
const char *ofl_nb_child_value(const struct lyd_node *parent, const char *name);

/* --- nb_acl_edit.c: edits of a candidate, without a commit --- */
/* The list in the tree, or NULL. */
struct lyd_node *ofl_nb_acl_find(struct nb_config *candidate, const char *name);
enum ofl_acl_type ofl_nb_acl_type(const struct lyd_node *acl);
/* Make the entry what `ace` is; its remark stays.  False and nothing changed:
 * a name or a remark that the model refuses. */
bool ofl_nb_ace_put(struct lyd_node *acl, const struct ofl_ace *ace);
bool ofl_nb_ace_remark_put(struct lyd_node *acl, uint32_t seq,
			   const char *remark);
/* False: there is none. */
bool ofl_nb_ace_del(struct lyd_node *acl, uint32_t seq);
/* Only its remark; an entry that is nothing else goes. */
bool ofl_nb_ace_remark_del(struct lyd_node *acl, uint32_t seq);
/* Number all entries anew, in their order.  False: they would not fit. */
bool ofl_nb_acl_resequence(struct lyd_node *acl, uint32_t start, uint32_t step);
/* Also where it is attached.  The new name is free. */
bool ofl_nb_acl_rename(struct lyd_node *acl, const char *name);
/* The flow in the tree, or NULL. */
struct lyd_node *ofl_nb_static_flow_find(struct nb_config *candidate,
					 const char *name);
/* Make the flow, or make it another; a remark it has stays.  False and nothing
 * changed: a name that the model refuses. */
bool ofl_nb_static_flow_put(struct nb_config *candidate,
			    const struct ofl_static_flow *flow);
/* Entries in order; freed by XFREE(MTYPE_TMP). */
struct lyd_node **ofl_nb_aces_sorted(const struct lyd_node *acl,
				     size_t *ret_count);

/* --- nb_acl.c --- */
void ofl_nb_acls_clear(void); /* the container above is gone */

/* --- cli_acl_print.c --- */
void ofl_cli_print_acl(struct vty *vty, const struct lyd_node *dnode,
		       bool show_defaults);
void ofl_cli_print_attachment(struct vty *vty, const struct lyd_node *dnode,
			      bool show_defaults);
void ofl_cli_print_static_flow(struct vty *vty, const struct lyd_node *dnode,
			       bool show_defaults);
void ofl_cli_print_marks(struct vty *vty, const struct lyd_node *dnode,
			 bool show_defaults);
int ofl_cli_static_flow_cmp(const struct lyd_node *a, const struct lyd_node *b);
int ofl_cli_acl_cmp(const struct lyd_node *a, const struct lyd_node *b);
int ofl_cli_attachment_cmp(const struct lyd_node *a, const struct lyd_node *b);

#endif /* OFFLOADD_NORTHBOUND_NB_ACL_H */
