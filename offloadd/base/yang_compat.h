/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between the versions of libyang that FRRouting comes with: 2.1
 * (Debian 12), 3.12 (Debian 13), 6 (later; its headers say 5.11).  Code
 * elsewhere uses the names below and never asks for a version itself.
 */
#ifndef OFFLOADD_BASE_YANG_COMPAT_H
#define OFFLOADD_BASE_YANG_COMPAT_H

#include <stdbool.h>
#include <string.h>

#include <libyang/libyang.h>
#include <libyang/version.h>

#define OFL_LY_IS_3 (LY_VERSION_MAJOR >= 3)
#define OFL_LY_IS_5 (LY_VERSION_MAJOR >= 5)

/* --- contexts --- */

/* A context that looks into no directories.  Since 5 libyang has modules of its
 * own in files and cannot make a context without: these it finds where `like`
 * did. */
static inline LY_ERR ofl_ly_ctx_new(const struct ly_ctx *like, uint32_t options,
				    struct ly_ctx **ret)
{
#if OFL_LY_IS_5
	const char *const *dirs = ly_ctx_get_searchdirs(like);
	LY_ERR err = ly_ctx_new(dirs ? dirs[0] : NULL,
				options | LY_CTX_DISABLE_SEARCHDIR_CWD, ret);

	return err ? err : ly_ctx_set_options(*ret, LY_CTX_DISABLE_SEARCHDIRS);
#else
	(void)like;
	return ly_ctx_new(NULL, options | LY_CTX_DISABLE_SEARCHDIRS, ret);
#endif
}

/* --- schemas --- */

/* LY_ARRAY_FOR() and the type of its index. */
#if OFL_LY_IS_5
typedef LYA_COUNT_T ofl_lya_index;
#define OFL_LYA_FOR(array, i) LYA_FOR(array, i)
#else
typedef LY_ARRAY_COUNT_TYPE ofl_lya_index;
#define OFL_LYA_FOR(array, i) LY_ARRAY_FOR(array, i)
#endif

/* lys_find_child() of any kind of node; a name of length 0 ends by itself. */
static inline const struct lysc_node *
ofl_lys_find_child(const struct lysc_node *parent,
		   const struct lys_module *module, const char *name,
		   size_t len)
{
#if OFL_LY_IS_5
	return lys_find_child(module->ctx, parent, module, NULL, 0, name,
			      (uint32_t)len, 0);
#else
	return lys_find_child(parent, module, name, len, 0, 0);
#endif
}

/* --- values --- */

/* lyd_value_validate(); since 5 the schema node knows its context.  What is
 * returned must be given back to the dictionary. */
static inline LY_ERR ofl_lyd_value_validate(const struct lysc_node *schema,
					    const char *value, size_t len,
					    const struct lyd_node *ctx_node,
					    const struct lysc_type **ret_type,
					    const char **ret_canonical)
{
#if OFL_LY_IS_5
	return lyd_value_validate(schema, value, (uint32_t)len, ctx_node,
				  ret_type, ret_canonical);
#else
	return lyd_value_validate(schema->module->ctx, schema, value, len,
				  ctx_node, ret_type, ret_canonical);
#endif
}

/* --- trees --- */

/* Nodes of an output, for lyd_new_path(). */
#if OFL_LY_IS_3
#define OFL_LYD_NEW_OUTPUT LYD_NEW_VAL_OUTPUT
#else
#define OFL_LYD_NEW_OUTPUT LYD_NEW_PATH_OUTPUT
#endif

/* For lyd_print_mem(). */
#if !OFL_LY_IS_5
#define LYD_PRINT_SIBLINGS LYD_PRINT_WITHSIBLINGS
#endif

/* Does a node with a schema have metadata?  Since 3 libyang hangs an index on
 * the first entry of a list, as metadata that nobody wrote. */
static inline bool ofl_lyd_has_meta(const struct lyd_node *node)
{
#if OFL_LY_IS_3
	const struct lyd_meta *meta = node->meta;

	while (meta && lyd_meta_is_internal(meta))
		meta = meta->next;
	return meta;
#else
	return node->meta;
#endif
}

/* lyd_dup_single(), to a parent of any type. */
static inline LY_ERR ofl_lyd_dup_single(const struct lyd_node *node,
					struct lyd_node *parent,
					uint32_t options, struct lyd_node **ret)
{
#if OFL_LY_IS_5
	return lyd_dup_single(node, parent, options, ret);
#else
	return lyd_dup_single(node, (struct lyd_node_inner *)parent, options,
			      ret);
#endif
}

/* lyd_parent() of data in a message: since 5 the anydata that holds it is its
 * parent, too. */
static inline const struct lyd_node *
ofl_lyd_data_parent(const struct lyd_node *node)
{
	const struct lyd_node *parent = lyd_parent(node);

	return parent && parent->schema &&
			       (parent->schema->nodetype & LYD_NODE_ANY)
		       ? NULL
		       : parent;
}

/* The tree in an anydata or anyxml; NULL: there is none. */
static inline const struct lyd_node *
ofl_lyd_any_tree(const struct lyd_node *node)
{
	const struct lyd_node_any *any = (const struct lyd_node_any *)node;

#if OFL_LY_IS_5
	return any->child;
#else
	return any->value_type == LYD_ANYDATA_DATATREE ? any->value.tree : NULL;
#endif
}

/* Does it hold something that is no tree? */
static inline bool ofl_lyd_any_has_text(const struct lyd_node *node)
{
	const struct lyd_node_any *any = (const struct lyd_node_any *)node;

#if OFL_LY_IS_5
	return !any->child && any->value && *any->value;
#else
	return any->value_type != LYD_ANYDATA_DATATREE && any->value.mem;
#endif
}

/* A NETCONF message <rpc>; see lyd_parse_op(). */
static inline LY_ERR ofl_lyd_parse_rpc(const struct ly_ctx *ctx,
				       struct ly_in *in,
				       struct lyd_node **ret_envelope,
				       struct lyd_node **ret_op)
{
#if OFL_LY_IS_5
	return lyd_parse_op(ctx, NULL, in, LYD_XML, LYD_TYPE_RPC_NETCONF,
			    LYD_PARSE_STRICT, ret_envelope, ret_op);
#else
	return lyd_parse_op(ctx, NULL, in, LYD_XML, LYD_TYPE_RPC_NETCONF,
			    ret_envelope, ret_op);
#endif
}

/* An XPath expression whose prefixes are names of modules. */
static inline LY_ERR ofl_lyd_find_xpath(const struct lyd_node *tree,
					const char *xpath, struct ly_set **ret)
{
#if OFL_LY_IS_3
	return lyd_find_xpath3(NULL, tree, xpath, LY_VALUE_JSON, NULL, NULL,
			       ret);
#else
	return lyd_find_xpath4(NULL, tree, xpath, LY_VALUE_JSON, NULL, NULL,
			       ret);
#endif
}

/* --- errors --- */

static inline LY_ERR ofl_ly_err_code(const struct ly_err_item *item)
{
#if OFL_LY_IS_3
	return item->err;
#else
	return item->no;
#endif
}

/* A path, or a sentence with a path in quotes; NULL: none is known. */
static inline const char *ofl_ly_err_path(const struct ly_err_item *item)
{
#if OFL_LY_IS_3
	return item->data_path ? item->data_path : item->schema_path;
#else
	return item->path;
#endif
}

/* Is it of text that was parsed? */
static inline bool ofl_ly_err_has_line(const struct ly_err_item *item)
{
#if OFL_LY_IS_3
	return item->line;
#else
	return item->path && strstr(item->path, "ine number ");
#endif
}

#endif /* OFFLOADD_BASE_YANG_COMPAT_H */
