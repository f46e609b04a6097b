// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FRR's northbound with the module nc-test, and fakes: see nc_store_fake.h.
 */
#include "tests/unit/nc_store_fake.h"

#include "command.h"
#include "debug.h"
#include "libfrr.h"
#include "northbound.h"
#include "northbound_cli.h"
#include "vty.h"

#include "offloadd/base/frr_compat.h"
#include "offloadd/base/nb_compat.h"
#include "offloadd/netconf/context.h"
#include "offloadd/netconf/datastore.h"
#include "offloadd/netconf/nacm.h"
#include "offloadd/netconf/parts.h"
#include "offloadd/netconf/tree.h"

struct ly_ctx *nc_ctx;
struct ofl_loop *nc_loop;
char nc_denied[256], nc_told[4096];

/* --- FRR's northbound --- */

static int on_create(struct nb_cb_create_args *args)
{
	return NB_OK;
}

static int on_modify(struct nb_cb_modify_args *args)
{
	const char *value = lyd_get_value(args->dnode);

	if (strcmp(args->dnode->schema->name, "a") != 0)
		return NB_OK;
	if (args->event == NB_EV_VALIDATE && !strcmp(value, A_INVALID)) {
		snprintf(args->errmsg, args->errmsg_len, "No such luck.");
		return NB_ERR_VALIDATION;
	}
	if (args->event == NB_EV_PREPARE && !strcmp(value, A_NO_RESOURCE)) {
		snprintf(args->errmsg, args->errmsg_len, "Too little.");
		return NB_ERR_RESOURCE;
	}
	return NB_OK;
}

static int on_destroy(struct nb_cb_destroy_args *args)
{
	return NB_OK;
}

static int on_move(struct nb_cb_move_args *args)
{
	return NB_OK;
}

static struct yang_data *on_get(struct nb_cb_get_elem_args *args)
{
	return NULL;
}

#define P "/nc-test:c"
#define LEAF(path)                                                             \
	{                                                                      \
		.xpath = P path,                                               \
		.cbs = {.modify = on_modify,                                   \
			.destroy = on_destroy }                                \
	}
#define ENTRY(path)                                                            \
	{                                                                      \
		.xpath = P path,                                               \
		.cbs = {.create = on_create,                                   \
			.destroy = on_destroy }                                \
	}
#define ORDERED(path)                                                          \
	{                                                                      \
		.xpath = P path,                                               \
		.cbs = {.create = on_create,                                   \
			.destroy = on_destroy,                                 \
			.move = on_move }                                      \
	}

static const struct frr_yang_module_info info = {
	.name = "nc-test",
	.nodes =
		{
			LEAF("/a"),
			{.xpath = P "/d", .cbs = {.modify = on_modify}},
			{.xpath = P "/state", .cbs = {.get_elem = on_get}},
			LEAF("/np/x"),
			{.xpath = P "/np/y", .cbs = {.modify = on_modify}},
			ENTRY("/p"),
			LEAF("/p/x"),
			LEAF("/one"),
			LEAF("/one-too"),
#if OFL_NB_CASE_HAS_CALLBACKS
			ENTRY("/two"),
#endif
			LEAF("/two/z"),
			LEAF("/left"),
			LEAF("/right"),
			ENTRY("/four"),
			ENTRY("/l"),
			LEAF("/l/v"),
			ENTRY("/l/sub"),
			LEAF("/l/sub/v"),
			ORDERED("/u"),
			LEAF("/u/v"),
			ENTRY("/ll"),
			ORDERED("/ul"),
			ENTRY("/dl"),
			LEAF("/needs-a"),
			{.xpath = NULL},
		},
};

static struct yang_module_embed embed = {
	.mod_name = "nc-test",
	.mod_rev = "2026-11-22",
	.sub_mod_name = "",
	.sub_mod_rev = "",
	.format = LYS_IN_YANG,
};

static char *file_read(const char *name)
{
	char *text = calloc(1, 65536);
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

int nc_store_setup(void **state)
{
	static const struct frr_yang_module_info *const modules[] = {&info};

	nc_ctx_new(OFL_YANG_DIRS);
	assert_non_null(ly_ctx_load_module(nc_ctx, "ietf-netconf-notifications",
					   NULL, NULL));
	nc_loop = ofl_loop_new("test");
	zlog_aux_init("NONE: ", ZLOG_DISABLED);
	cmd_init(1);
	vty_init(nc_loop, false);
	embed.data = file_read(OFL_NC_TEST_YANG);
	yang_module_embed(&embed);
	ofl_nb_init(nc_loop, modules, array_size(modules));
	ofl_nc_datastores_init(nc_loop);
	return 0;
}

int nc_store_teardown(void **state)
{
	ofl_nc_datastores_fini();
	ofl_nc_context_fini();
	nb_terminate();
	yang_terminate();
	vty_terminate();
	cmd_terminate();
	ofl_loop_free(nc_loop);
	free((char *)embed.data);
	return nc_ctx_teardown(state);
}

int nc_cli(const char *path, const char *value)
{
	struct nb_context context = {.client = NB_CLIENT_CLI};
	struct nb_config *config = nb_config_dup(running_config);
	char words[BUFSIZ] = "";
	struct lyd_node *node;
	int err;

	if (value) {
		assert_int_equal(lyd_new_path(config->dnode, ly_native_ctx,
					      path, value, LYD_NEW_PATH_UPDATE,
					      NULL),
				 LY_SUCCESS);
	} else {
		node = yang_dnode_get(config->dnode, path);
		assert_non_null(node);
		lyd_free_tree(node);
	}
	err = ofl_nb_commit(&context, config, NULL, words, sizeof(words));
	nb_config_free(config);
	return err;
}

const char *nc_running_value(const char *path)
{
	const struct lyd_node *node =
		yang_dnode_get(running_config->dnode, path);

	return node ? lyd_get_value(node) : NULL;
}

/* --- context.h --- */

static struct lyd_node *running;
static uint32_t running_version = UINT32_MAX;

struct ly_ctx *ofl_nc_context(void)
{
	return nc_ctx;
}

void ofl_nc_context_fini(void)
{
	lyd_free_all(running);
	running = NULL;
}

uint32_t ofl_nc_running_version(void)
{
	return running_config->version;
}

/* libfrr has modules in its context that ours has not. */
bool ofl_nc_import(const struct lyd_node *native, struct lyd_node **ret_tree)
{
	const struct lyd_node *node;
	struct lyd_node *copy;

	LY_LIST_FOR(native, node)
	{
		if (!ly_ctx_get_module_implemented(nc_ctx,
						   node->schema->module->name))
			continue;
		if (lyd_dup_single_to_ctx(
			    node, nc_ctx, NULL,
			    LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &copy) ||
		    lyd_insert_sibling(*ret_tree, copy, ret_tree))
			return false;
	}
	return true;
}

bool ofl_nc_export(const struct lyd_node *tree, struct lyd_node **ret_native)
{
	return !tree ||
	       lyd_dup_siblings_to_ctx(tree, ly_native_ctx, NULL,
				       LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS,
				       ret_native) == LY_SUCCESS;
}

const struct lyd_node *ofl_nc_running(void)
{
	if (running_version != running_config->version) {
		lyd_free_all(running);
		running = NULL;
		assert_true(ofl_nc_import(running_config->dnode, &running));
		running_version = running_config->version;
	}
	return running;
}

const struct lysc_node *ofl_nc_native(const struct lysc_node *snode)
{
	char path[512];

	lysc_path(snode, LYSC_PATH_DATA, path, sizeof(path));
	return lys_find_path(ly_native_ctx, NULL, path, 0);
}

/* --- session.h, rpc.h --- */

#define OPS_MAX 8

static const struct ofl_nc_op *tables[OPS_MAX];
static void (*on_end)(struct ofl_nc_session *s);
static char errors_text[4096], info_text[256];

void ofl_nc_ops_add(const struct ofl_nc_op *ops)
{
	for (size_t i = 0; i < OPS_MAX; i++)
		if (!tables[i]) {
			tables[i] = ops;
			return;
		}
	fail_msg("too many tables");
}

void ofl_nc_session_on_end(void (*cb)(struct ofl_nc_session *s))
{
	on_end = cb;
}

void nc_session_end(struct ofl_nc_session *s)
{
	on_end(s);
	s->is_gone = true;
}

uint32_t ofl_nc_session_id(const struct ofl_nc_session *s)
{
	return s->id;
}

const struct ofl_nc_user *ofl_nc_session_user(const struct ofl_nc_session *s)
{
	return &s->user;
}

struct ofl_nc_session *ofl_nc_session_find(uint32_t id)
{
	static struct ofl_nc_session any;

	return id ? &any : NULL;
}

static ofl_nc_handler handler_find(const char *name)
{
	for (size_t i = 0; i < OPS_MAX && tables[i]; i++)
		for (const struct ofl_nc_op *op = tables[i]; op->name; op++)
			if (!strcmp(op->name, name))
				return op->handler;
	fail_msg("no operation %s", name);
	return NULL;
}

const char *nc_call(struct ofl_nc_session *s, const char *op)
{
	struct lyd_node *envelope = NULL, *rpc = nc_rpc(op, &envelope);
	struct ofl_nc_reply reply = {0};
	char line[512];

	errors_text[0] = info_text[0] = '\0';
	handler_find(rpc->schema->name)(s, rpc, &reply);
	for (const struct ofl_nc_error *e = reply.errors.first; e;
	     e = e->next) {
		snprintf(line, sizeof(line), "%s %s\n", e->tag,
			 e->path ? e->path : "-");
		strlcat(errors_text, line, sizeof(errors_text));
	}
	if (reply.errors.first && reply.errors.first->info[0].name)
		snprintf(info_text, sizeof(info_text), "%s %s",
			 reply.errors.first->info[0].name,
			 reply.errors.first->info[0].value);
	ofl_nc_errors_fini(&reply.errors);
	lyd_free_all(rpc);
	lyd_free_all(envelope);
	return errors_text;
}

const char *nc_call_info(void)
{
	return info_text;
}

/* --- nacm.h, parts.h --- */

bool ofl_nc_nacm_may(const struct ofl_nc_user *user,
		     const struct lyd_node *node, enum ofl_nc_access access)
{
	char *path = ofl_nc_tree_path(node);
	bool may = strcmp(path, nc_denied) != 0;

	free(path);
	return may;
}

void ofl_nc_nacm_prune(const struct ofl_nc_user *user, struct lyd_node **tree)
{
}

void ofl_nc_notify(struct lyd_node *notification)
{
	char *text = nc_text(notification);
	const char *words;
	LY_ERR err;

	/* What was deleted is named, too; and a condition of RFC 6470 says
	 * `../` too much, so that it holds never. */
	err = lyd_validate_op(notification, ofl_nc_running(),
			      LYD_TYPE_NOTIF_YANG, NULL);
	words = ly_errmsg(nc_ctx);
	if (err && !(words && (strstr(words, "required instance not found") ||
			       strstr(words, "../confirm-event != 'timeout'"))))
		fail_msg("%s: %s", words ? words : "", text);
	strlcat(nc_told, text, sizeof(nc_told));
	free(text);
	lyd_free_all(notification);
}

void nc_value_is(const char *path, const char *value)
{
	const char *is = nc_running_value(path);

	if (value && !is)
		fail_msg("%s is not there", path);
	if (!value)
		assert_null(is);
	else
		assert_string_equal(is, value);
}
