// SPDX-License-Identifier: GPL-2.0-or-later
/* See nc_world.h. */
#include <zebra.h>

#include "command.h"
#include "debug.h"
#include "filter.h"
#include "lib_vty.h"
#include "northbound.h"
#include "vrf.h"
#include "vty.h"
#include "yang.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/base/yang_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/no_namespace.h"
#include "offloadd/northbound/large.h"
#include "tests/unit/nc_world.h"

struct nc_world nc_world;

static struct ofl_loop *loop;

/* --- flows: the entry of flow n is the address flow_at[n] --- */

static char flow_at[1 << 20];

static const void *flow_from(unsigned int n)
{
	while (n < nc_world.flows && nc_world.is_gone && nc_world.is_gone(n))
		n++;
	return n < nc_world.flows ? &flow_at[n] : NULL;
}

static unsigned int flow_number(const void *entry)
{
	return (const char *)entry - flow_at;
}

static const void *flow_get_next(struct nb_cb_get_next_args *args)
{
	nc_world.next++;
	return flow_from(args->list_entry ? flow_number(args->list_entry) + 1
					  : 0);
}

static void flow_keys(unsigned int n, struct yang_list_keys *keys)
{
	keys->num = 2;
	strlcpy(keys->key[0], n < nc_world.flows / 2 ? "blue" : "red",
		sizeof(keys->key[0]));
	snprintf(keys->key[1], sizeof(keys->key[1]), "10.%u.%u.%u/32",
		 n >> 16 & 255, n >> 8 & 255, n & 255);
}

static int flow_get_keys(struct nb_cb_get_keys_args *args)
{
	flow_keys(flow_number(args->list_entry), args->keys);
	return NB_OK;
}

static int flow_parse(const struct yang_list_keys *keys)
{
	unsigned int a, b, c;

	if (sscanf(keys->key[1], "10.%u.%u.%u/32", &a, &b, &c) != 3)
		return -1;
	return a << 16 | b << 8 | c;
}

static const void *flow_lookup(struct nb_cb_lookup_entry_args *args)
{
	int n = flow_parse(args->keys);
	struct yang_list_keys keys = {};

	nc_world.lookups++;
	if (n < 0 || n >= (int)nc_world.flows)
		return NULL;
	flow_keys(n, &keys);
	if (strcmp(keys.key[0], args->keys->key[0]) != 0 ||
	    (nc_world.is_gone && nc_world.is_gone(n)))
		return NULL;
	return &flow_at[n];
}

static const void *flow_after(const struct yang_list_keys *keys)
{
	nc_world.next++;
	return flow_from(keys ? flow_parse(keys) + 1 : 0);
}

const struct ofl_nb_large *ofl_nb_large_find(const char *xpath)
{
	static const struct ofl_nb_large large = {
		.xpath = "/ofl-nc-test:box/state/flow",
		.next = flow_after,
	};

	return strcmp(xpath, large.xpath) == 0 ? &large : NULL;
}

/* FRR wants callbacks for keys of state too. */
static struct yang_data *flow_key(struct nb_cb_get_elem_args *args)
{
	return NULL;
}

static struct yang_data *flow_class(struct nb_cb_get_elem_args *args)
{
	nc_world.elems++;
	return yang_data_new_string(
		args->xpath, flow_number(args->list_entry) % 100 ? "best-effort"
								 : "critical");
}

static struct yang_data *flow_bytes(struct nb_cb_get_elem_args *args)
{
	nc_world.elems++;
	return yang_data_new_uint64(args->xpath,
				    flow_number(args->list_entry) * 1000ULL);
}

/* --- the rest of the box --- */

static struct yang_data *count_elem(struct nb_cb_get_elem_args *args)
{
	nc_world.elems++;
	return yang_data_new_uint32(args->xpath, nc_world.flows);
}

static const char *const words[] = {"first", "second & <third>"};

static const void *word_next(struct nb_cb_get_next_args *args)
{
	const char *const *at = args->list_entry;

	at = at ? at + 1 : words;
	return at < words + array_size(words) ? at : NULL;
}

static struct yang_data *word_elem(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_string(args->xpath,
				    *(const char *const *)args->list_entry);
}

static const char *const tables[] = {"a", "operational-only"};

static const void *table_next(struct nb_cb_get_next_args *args)
{
	const char *const *at = args->list_entry;

	at = at ? at + 1 : tables;
	return at < tables + array_size(tables) ? at : NULL;
}

static int table_keys(struct nb_cb_get_keys_args *args)
{
	args->keys->num = 1;
	strlcpy(args->keys->key[0], *(const char *const *)args->list_entry,
		sizeof(args->keys->key[0]));
	return NB_OK;
}

static const void *table_lookup(struct nb_cb_lookup_entry_args *args)
{
	for (size_t i = 0; i < array_size(tables); i++) {
		if (strcmp(tables[i], args->keys->key[0]) == 0)
			return &tables[i];
	}
	return NULL;
}

static struct yang_data *used_elem(struct nb_cb_get_elem_args *args)
{
	return yang_data_new_uint32(
		args->xpath, strlen(*(const char *const *)args->list_entry));
}

/* --- configuration: everything is fine --- */

static int on_create(struct nb_cb_create_args *args)
{
	return NB_OK;
}

static int on_modify(struct nb_cb_modify_args *args)
{
	return NB_OK;
}

static int on_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

#define LEAF(path)                                                             \
	{                                                                      \
		.xpath = path,                                                 \
		.cbs = {.modify = on_modify,                                   \
			.destroy = on_destroy }                                \
	}
#define LEAF_DEFAULT(path)                                                     \
	{                                                                      \
		.xpath = path, .cbs = {.modify = on_modify }                   \
	}
#define LIST(path)                                                             \
	{                                                                      \
		.xpath = path,                                                 \
		.cbs = {.create = on_create,                                   \
			.destroy = on_destroy }                                \
	}

static const struct frr_yang_module_info test_module = {
	.name = "ofl-nc-test",
	.nodes =
		{
			LIST("/ofl-nc-test:top/users/user"),
			LEAF("/ofl-nc-test:top/users/user/type"),
			LEAF("/ofl-nc-test:top/users/user/full-name"),
			LEAF("/ofl-nc-test:top/users/user/company-info/dept"),
			LEAF("/ofl-nc-test:top/users/user/company-info/id"),
			LEAF("/ofl-nc-test:top/note"),
			LIST("/ofl-nc-test:box"),
			LEAF_DEFAULT("/ofl-nc-test:box/enabled"),
			LEAF("/ofl-nc-test:box/colour"),
			LEAF_DEFAULT("/ofl-nc-test:box/limit"),
			LEAF("/ofl-nc-test:box/best"),
			LIST("/ofl-nc-test:box/marker"),
			{.xpath = "/ofl-nc-test:box/table",
			 .cbs = {.create = on_create,
				 .destroy = on_destroy,
				 .get_next = table_next,
				 .get_keys = table_keys,
				 .lookup_entry = table_lookup}},
			LEAF_DEFAULT("/ofl-nc-test:box/table/size"),
			LIST("/ofl-nc-test:box/table/port"),
			{.xpath = "/ofl-nc-test:box/table/state/used",
			 .cbs = {.get_elem = used_elem}},
			{.xpath = "/ofl-nc-test:box/state/count",
			 .cbs = {.get_elem = count_elem}},
			{.xpath = "/ofl-nc-test:box/state/warning",
			 .cbs = {.get_next = word_next, .get_elem = word_elem}},
			{.xpath = "/ofl-nc-test:box/state/flow",
			 .cbs = {.get_next = flow_get_next,
				 .get_keys = flow_get_keys,
				 .lookup_entry = flow_lookup}},
			{.xpath = "/ofl-nc-test:box/state/flow/vrf",
			 .cbs = {.get_elem = flow_key}},
			{.xpath = "/ofl-nc-test:box/state/flow/prefix",
			 .cbs = {.get_elem = flow_key}},
			{.xpath = "/ofl-nc-test:box/state/flow/class",
			 .cbs = {.get_elem = flow_class}},
			{.xpath = "/ofl-nc-test:box/state/flow/counters/bytes",
			 .cbs = {.get_elem = flow_bytes}},
			{.xpath = "/ofl-nc-test:box/state/event",
			 .cbs = {.get_next = word_next}},
			{.xpath = "/ofl-nc-test:box/state/event/text",
			 .cbs = {.get_elem = word_elem}},
			{.xpath = NULL},
		},
};

/* --- the world --- */

int nc_world_setup(void **state)
{
	static const struct frr_yang_module_info *const modules[] = {
		&frr_filter_info,
		&frr_vrf_info,
		&test_module,
	};
	char buf[256];

	loop = ofl_loop_new(NULL);
	cmd_init(1);
	vty_init(loop, false);
	lib_cmd_init();
	ofl_nb_init(loop, modules, array_size(modules));
	if (ofl_nc_context_init(buf, sizeof(buf)))
		return 0;
	fprintf(stderr, "%s\n", buf);
	return -1;
}

int nc_world_teardown(void **state)
{
	ofl_nc_context_fini();
	vty_terminate();
	cmd_terminate();
	nb_terminate();
	yang_terminate();
	ofl_loop_free(loop);
	return 0;
}

void nc_world_configure(const char *xml)
{
	struct lyd_node *tree = NULL;

	if (lyd_parse_data_mem(ly_native_ctx, xml, LYD_XML,
			       LYD_PARSE_STRICT | LYD_PARSE_NO_STATE,
			       LYD_VALIDATE_NO_STATE, &tree) != LY_SUCCESS) {
		fprintf(stderr, "%s\n", ly_errmsg(ly_native_ctx));
		abort();
	}
	yang_dnode_free(running_config->dnode);
	running_config->dnode = tree;
	running_config->version++;
}

char *nc_world_squeezed(const char *xml)
{
	char *out = strdup(xml), *to = out;

	for (const char *at = xml; *at; at++) {
		*to++ = *at;
		if (*at == '>')
			at += strspn(at + 1, " \n\t");
	}
	*to = 0;
	return out;
}

char *nc_world_print(const struct lyd_node *tree, unsigned int options)
{
	char *text = NULL;

	lyd_print_mem(&text, tree, LYD_XML,
		      LYD_PRINT_SHRINK | LYD_PRINT_WITHSIBLINGS | options);
	return text ? text : strdup("");
}

struct lyd_node *nc_world_operation(const char *xml, struct lyd_node **ret_tree)
{
	struct lyd_node *tree = NULL, *op = NULL;
	struct ly_in *in = NULL;
	struct ofl_nc_text message = {};
	char *text;

	if (asprintf(&text, "<rpc xmlns=\"%s\" message-id=\"1\">%s</rpc>",
		     NC_BASE, xml) < 0)
		abort();
	ofl_nc_no_namespace(text, strlen(text), &message);
	if (ly_in_new_memory(message.data, &in) != LY_SUCCESS)
		abort();
	if (ofl_lyd_parse_rpc(ofl_nc_context(), in, &tree, &op) != LY_SUCCESS) {
		lyd_free_all(tree);
		lyd_free_all(op);
		op = tree = NULL;
	}
	ly_in_free(in, 0);
	ofl_nc_text_fini(&message);
	free(text);
	/* The envelope is opaque and apart. */
	lyd_free_all(tree);
	*ret_tree = op;
	return op;
}
