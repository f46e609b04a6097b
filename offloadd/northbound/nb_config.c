// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a transaction to the engine: check the whole candidate before anything
 * is done, hand over the whole configuration after everything is.
 *
 * Nothing is kept between the callbacks but that there is a change, so no order
 * of changes within a transaction can matter.  Changes of access control lists
 * (nb_acl.c) reach the container too, and are none of its own.  The meaning of
 * the nodes is nb_conf_make.c's, the judgement ofl_conf_check()'s.
 */
#include <zebra.h>

#include "offloadd/metrics/metrics.h"
#include "offloadd/northbound/await.h"
#include "offloadd/northbound/mgmtd.h"
#include "offloadd/northbound/nb.h"
#include "offloadd/northbound/nb_acl.h"

/* The file of the daemon's command line, for a model without a path. */
static char default_db_path[sizeof(((struct ofl_store_conf *)0)->path)];

void ofl_nb_config_init(void)
{
	strlcpy(default_db_path, ofl_engine_conf()->store.path,
		sizeof(default_db_path));
}

/* --- nodes below the container: the container's callbacks see them --- */

static bool changed;

static int mark(enum nb_event event)
{
	changed |= event == NB_EV_APPLY;
	return NB_OK;
}

int ofl_nb_create(struct nb_cb_create_args *args)
{
	return mark(args->event);
}

int ofl_nb_modify(struct nb_cb_modify_args *args)
{
	return mark(args->event);
}

int ofl_nb_destroy(struct nb_cb_destroy_args *args)
{
	return mark(args->event);
}

/* --- the container --- */

/* apply_finish is not called for a node that went away. */
int ofl_nb_offload_destroy(struct nb_cb_destroy_args *args)
{
	if (args->event == NB_EV_APPLY) {
		ofl_engine_configure(ofl_conf_new(default_db_path));
		ofl_metrics_configure(&ofl_engine_conf()->metrics);
		ofl_nb_acls_clear();
	}
	return NB_OK;
}

/* Called for every candidate that has the container, changed or not. */
int ofl_nb_offload_pre_validate(struct nb_cb_pre_validate_args *args)
{
	struct ofl_conf *conf =
		ofl_nb_conf_make(args->dnode, default_db_path, true);
	bool ok = ofl_conf_check(conf, args->errmsg, args->errmsg_len);

	ofl_conf_free(conf);
	return ok ? NB_OK : NB_ERR_VALIDATION;
}

void ofl_nb_offload_apply_finish(struct nb_cb_apply_finish_args *args)
{
	if (changed) {
		ofl_engine_configure(
			ofl_nb_conf_make(args->dnode, default_db_path, false));
		ofl_metrics_configure(&ofl_engine_conf()->metrics);
	}
	changed = false;
	ofl_mgmtd_configured();
	ofl_await_configured();
}
