// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of devlink and what to ask next; see prov_devlink_view.h. */
#include <zebra.h>

#include "log.h"
#include "memory.h"

#include <linux/devlink.h>
#include <linux/netlink.h>

#include "lib/genl.h"
#include "offloadd/base/mgroup.h"
#include "offloadd/provider/prov_devlink_view.h"

DEFINE_MTYPE_STATIC(OFFLOADD, OFL_DEVLINK, "offload devlink view");
DEFINE_MTYPE_STATIC(OFFLOADD, OFL_DEVLINK_RES, "offload devlink resources");

#define AGAIN_US 200000	  /* before an answer that was no good is asked again */
#define FAILED_US 1000000 /* ... or one that could not be had */

enum stage { FAMILY, JOIN, INSTANCES, PORTS, SETTLED, ABSENT };
enum question {
	NOTHING,
	ASKED_FAMILY,
	ASKED_INSTANCES,
	ASKED_PORTS,
	ASKED_RESOURCES,
};

struct followed {
	struct ofl_devlink_handle handle;
	uint64_t period_us;
	uint64_t due_us; /* UINT64_MAX: asked, and nothing came between */
};

struct ofl_devlink_view {
	const struct ofl_devlink_events *events;
	void *arg;

	enum stage stage;
	uint64_t retry_us; /* the stage's question: not before */
	bool wanted;	   /* everything again, as soon as can be */
	enum ofl_devlink_state state;
	char text[160];
	bool found;
	struct ofl_genl_family family;

	/* the question under way */
	enum question question;
	bool stale; /* a list that has to be asked for once more */
	struct ofl_devlink_handle handle;
	struct ofl_devlink_resource *resources;
	size_t resource_count;
	bool bad;

	struct ofl_devlink_known *known;
	struct followed followed[OFL_DEVLINK_FOLLOWED_MAX];
	struct ofl_devlink_stats stats;
};

struct ofl_devlink_view *
ofl_devlink_view_new(const struct ofl_devlink_events *events, void *arg)
{
	struct ofl_devlink_view *v = XCALLOC(MTYPE_OFL_DEVLINK, sizeof(*v));

	v->events = events;
	v->arg = arg;
	v->known = ofl_devlink_known_new(events, arg);
	v->resources =
		XCALLOC(MTYPE_OFL_DEVLINK_RES,
			OFL_DEVLINK_RESOURCES_MAX * sizeof(*v->resources));
	snprintf(v->text, sizeof(v->text), "asking the kernel for devlink");
	return v;
}

void ofl_devlink_view_free(struct ofl_devlink_view *v)
{
	if (!v)
		return;
	ofl_devlink_known_free(v->known);
	XFREE(MTYPE_OFL_DEVLINK_RES, v->resources);
	XFREE(MTYPE_OFL_DEVLINK, v);
}

/* --- state --- */

static void enter(struct ofl_devlink_view *v, enum ofl_devlink_state state,
		  const char *text)
{
	if (v->state == state && !strcmp(v->text, text))
		return;
	v->state = state;
	strlcpy(v->text, text, sizeof(v->text));
	v->events->state(v->arg, state, v->text);
}

static void enter_failed(struct ofl_devlink_view *v, const char *what,
			 int errnum, uint64_t now_us)
{
	char text[sizeof(v->text)];

	v->stats.failed++;
	v->retry_us = now_us + FAILED_US;
	snprintf(text, sizeof(text), "%s: %s", what, safe_strerror(errnum));
	enter(v, OFL_DEVLINK_ASKING, text);
}

/* --- what is followed --- */

static struct followed *followed_find(struct ofl_devlink_view *v,
				      const struct ofl_devlink_handle *handle)
{
	for (size_t i = 0; i < v->stats.followed; i++)
		if (ofl_devlink_handle_eq(&v->followed[i].handle, handle))
			return &v->followed[i];
	return NULL;
}

/* Something about its instance changed: do not wait for the period. */
static void followed_wake(struct ofl_devlink_view *v,
			  const struct ofl_devlink_handle *handle)
{
	struct followed *f = followed_find(v, handle);

	if (f)
		f->due_us = 0;
}

static struct followed *followed_next(struct ofl_devlink_view *v)
{
	struct followed *next = NULL;

	for (size_t i = 0; i < v->stats.followed; i++)
		if (!next || v->followed[i].due_us < next->due_us)
			next = &v->followed[i];
	return next;
}

bool ofl_devlink_view_follow(struct ofl_devlink_view *v,
			     const struct ofl_devlink_handle *handle,
			     uint32_t period_ms)
{
	struct followed *f = followed_find(v, handle);

	if (!period_ms) {
		if (f)
			*f = v->followed[--v->stats.followed];
		return true;
	}
	if (!f && v->stats.followed == OFL_DEVLINK_FOLLOWED_MAX)
		return false;
	if (!f)
		f = &v->followed[v->stats.followed++];
	*f = (struct followed){
		.handle = *handle,
		.period_us =
			MAX(period_ms, OFL_DEVLINK_PERIOD_MIN_MS) * 1000ull,
	};
	return true;
}

/* --- messages --- */

void ofl_devlink_view_event(struct ofl_devlink_view *v,
			    const struct nlmsghdr *nlh)
{
	struct ofl_devlink_message m;

	switch (ofl_devlink_decode(nlh, v->family.id, &m)) {
	case OFL_DEVLINK_INSTANCE:
		if (m.gone)
			ofl_devlink_known_del_instance(v->known,
						       &m.instance.handle);
		else if (ofl_devlink_known_set_instance(v->known, &m.instance))
			followed_wake(v, &m.instance.handle);
		break;
	case OFL_DEVLINK_PORT:
		if (m.gone)
			ofl_devlink_known_del_port(v->known, &m.port);
		else
			ofl_devlink_known_set_port(v->known, &m.port);
		break;
	case OFL_DEVLINK_MALFORMED:
		v->stats.malformed++;
		break;
	case OFL_DEVLINK_IGNORED:
		break;
	}
}

static void resources_message(struct ofl_devlink_view *v,
			      const struct nlmsghdr *nlh)
{
	if (ofl_devlink_resources_decode(
		    nlh, v->family.id, &v->handle, v->resources,
		    OFL_DEVLINK_RESOURCES_MAX, &v->resource_count))
		return;
	v->stats.malformed++;
	v->bad = true;
}

void ofl_devlink_view_message(struct ofl_devlink_view *v,
			      const struct nlmsghdr *nlh)
{
	switch (v->question) {
	case ASKED_FAMILY:
		if (ofl_genl_family_decode(nlh, DEVLINK_GENL_NAME, &v->family))
			v->found = true;
		break;
	case ASKED_INSTANCES:
	case ASKED_PORTS:
		ofl_devlink_view_event(v, nlh);
		break;
	case ASKED_RESOURCES:
		resources_message(v, nlh);
		break;
	case NOTHING:
		break;
	}
}

/* --- questions --- */

/* A list under way answers for no moment after it was asked for. */
static void relist(struct ofl_devlink_view *v, const char *why)
{
	if (v->stage == ABSENT)
		v->stage = FAMILY;
	if (v->stage == PORTS || v->stage == SETTLED)
		v->stage = INSTANCES;
	v->wanted = false;
	v->stale = true;
	v->retry_us = 0;
	enter(v, OFL_DEVLINK_ASKING, why);
}

static enum question question_due(struct ofl_devlink_view *v, uint64_t now_us)
{
	const struct followed *f;

	if (v->stage != SETTLED && v->retry_us > now_us)
		return NOTHING;
	switch (v->stage) {
	case FAMILY:
		return ASKED_FAMILY;
	case INSTANCES:
		return ASKED_INSTANCES;
	case PORTS:
		return ASKED_PORTS;
	case SETTLED:
		f = followed_next(v);
		return f && f->due_us <= now_us ? ASKED_RESOURCES : NOTHING;
	case JOIN:
	case ABSENT:
		break;
	}
	return NOTHING;
}

static struct nlmsghdr *resources_encode(struct ofl_devlink_view *v, void *buf)
{
	struct nlmsghdr *nlh;
	struct followed *f = followed_next(v);

	f->due_us = UINT64_MAX;
	v->handle = f->handle;
	v->resource_count = 0;
	v->bad = false;
	nlh = ofl_genl_begin(buf, v->family.id, DEVLINK_CMD_RESOURCE_DUMP,
			     DEVLINK_GENL_VERSION, 0);
	/* The size of a handle is less than that of a request. */
	ofl_genl_put_text(nlh, DEVLINK_ATTR_BUS_NAME, v->handle.bus);
	ofl_genl_put_text(nlh, DEVLINK_ATTR_DEV_NAME, v->handle.dev);
	return nlh;
}

struct nlmsghdr *ofl_devlink_view_request(struct ofl_devlink_view *v, void *buf,
					  uint64_t now_us)
{
	enum question question;

	if (v->wanted)
		relist(v, "asking the kernel for everything about devlink");
	question = question_due(v, now_us);
	if (v->question != NOTHING || question == NOTHING)
		return NULL;
	v->question = question;
	v->stale = false;
	v->stats.asked++;
	v->stats.waiting_us = now_us;
	switch (question) {
	case ASKED_FAMILY:
		v->found = false;
		return ofl_genl_families_encode(buf);
	case ASKED_INSTANCES:
		ofl_devlink_known_list_begin(v->known);
		return ofl_genl_begin(buf, v->family.id, DEVLINK_CMD_GET,
				      DEVLINK_GENL_VERSION, NLM_F_DUMP);
	case ASKED_PORTS:
		return ofl_genl_begin(buf, v->family.id, DEVLINK_CMD_PORT_GET,
				      DEVLINK_GENL_VERSION, NLM_F_DUMP);
	case ASKED_RESOURCES:
		return resources_encode(v, buf);
	case NOTHING:
		break;
	}
	return NULL;
}

uint64_t ofl_devlink_view_due_us(const struct ofl_devlink_view *v)
{
	uint64_t due_us = UINT64_MAX;

	if (v->wanted)
		return 0;
	if (v->question != NOTHING || v->stage == ABSENT)
		return UINT64_MAX;
	if (v->stage != SETTLED)
		return v->retry_us;
	for (size_t i = 0; i < v->stats.followed; i++)
		due_us = MIN(due_us, v->followed[i].due_us);
	return due_us;
}

/* --- answers --- */

static void absent(struct ofl_devlink_view *v, const char *text)
{
	v->stage = ABSENT;
	enter(v, OFL_DEVLINK_ABSENT, text);
}

static void family_answered(struct ofl_devlink_view *v, enum ofl_nlask_end end,
			    int errnum, uint64_t now_us)
{
	if (end == OFL_NLASK_BROKEN)
		v->retry_us = now_us + AGAIN_US;
	else if (end == OFL_NLASK_FAILED && errnum == EPROTONOSUPPORT)
		absent(v, "this kernel has no generic netlink");
	else if (end != OFL_NLASK_DONE)
		enter_failed(v, "the kernel's list of netlink families failed",
			     errnum, now_us);
	else if (!v->found ||
		 !ofl_genl_group_find(&v->family,
				      DEVLINK_GENL_MCGRP_CONFIG_NAME))
		absent(v, "this kernel has no devlink");
	else
		v->stage = JOIN;
}

static void list_answered(struct ofl_devlink_view *v, enum question question,
			  enum ofl_nlask_end end, int errnum, uint64_t now_us)
{
	bool ports = question == ASKED_PORTS;

	if (end == OFL_NLASK_BROKEN) {
		v->retry_us = now_us + AGAIN_US;
		v->stage = INSTANCES;
	} else if (end != OFL_NLASK_DONE) {
		enter_failed(v,
			     ports ? "the kernel's list of devlink ports failed"
				   : "the kernel's list of devlink instances "
				     "failed",
			     errnum, now_us);
		v->stage = INSTANCES;
	} else if (!ports) {
		ofl_devlink_known_list_end_instances(v->known);
		v->stats.lists++;
		v->stage = v->stale ? INSTANCES : PORTS;
	} else {
		ofl_devlink_known_list_end_ports(v->known);
		v->stats.lists++;
		v->stage = v->stale ? INSTANCES : SETTLED;
		if (!v->stale)
			enter(v, OFL_DEVLINK_CURRENT,
			      "what the kernel says by devlink is followed");
	}
}

static void resources_answered(struct ofl_devlink_view *v,
			       enum ofl_nlask_end end, int errnum,
			       uint64_t now_us)
{
	struct followed *f = followed_find(v, &v->handle);
	bool ok = end == OFL_NLASK_DONE && v->resource_count && !v->bad;

	if (end != OFL_NLASK_DONE)
		v->stats.failed++;
	/* Nobody wants to know any more. */
	if (!f)
		return;
	/* Whatever came while it was under way may be in it or not. */
	if (f->due_us == UINT64_MAX)
		f->due_us = now_us +
			    (end == OFL_NLASK_BROKEN ? AGAIN_US : f->period_us);
	if (end == OFL_NLASK_BROKEN)
		return;
	if (end == OFL_NLASK_DONE && !ok)
		errnum = v->bad ? EBADMSG : EOPNOTSUPP;
	v->events->resources(v->arg, &v->handle, ok ? v->resources : NULL,
			     ok ? v->resource_count : 0, ok ? 0 : errnum);
}

void ofl_devlink_view_answered(struct ofl_devlink_view *v,
			       enum ofl_nlask_end end, int errnum,
			       uint64_t now_us)
{
	enum question question = v->question;

	v->question = NOTHING;
	v->stats.waiting_us = 0;
	switch (question) {
	case ASKED_FAMILY:
		family_answered(v, end, errnum, now_us);
		break;
	case ASKED_INSTANCES:
	case ASKED_PORTS:
		list_answered(v, question, end, errnum, now_us);
		break;
	case ASKED_RESOURCES:
		resources_answered(v, end, errnum, now_us);
		break;
	case NOTHING:
		break;
	}
}

/* --- notifications --- */

uint32_t ofl_devlink_view_group(const struct ofl_devlink_view *v,
				uint64_t now_us)
{
	if (v->stage != JOIN || v->retry_us > now_us)
		return 0;
	return ofl_genl_group_find(&v->family, DEVLINK_GENL_MCGRP_CONFIG_NAME);
}

void ofl_devlink_view_joined(struct ofl_devlink_view *v, int errnum,
			     uint64_t now_us)
{
	if (errnum) {
		enter_failed(v, "devlink notifications cannot be had", errnum,
			     now_us);
		return;
	}
	v->stage = INSTANCES;
	v->retry_us = 0;
}

void ofl_devlink_view_parted(struct ofl_devlink_view *v, int errnum,
			     uint64_t now_us)
{
	v->stage = JOIN;
	enter_failed(v, "devlink notifications failed", errnum, now_us);
}

bool ofl_devlink_view_can_listen(const struct ofl_devlink_view *v)
{
	return v->question != ASKED_INSTANCES && v->question != ASKED_PORTS;
}

void ofl_devlink_view_lost(struct ofl_devlink_view *v)
{
	v->stats.overruns++;
	relist(v, "devlink notifications were lost, asking for everything");
}

void ofl_devlink_view_ask_ports(struct ofl_devlink_view *v)
{
	v->wanted = true;
}

/* --- looking --- */

enum ofl_devlink_state ofl_devlink_view_state(const struct ofl_devlink_view *v,
					      const char **ret_text)
{
	*ret_text = v->text;
	return v->state;
}

const struct ofl_devlink_known *
ofl_devlink_view_known(const struct ofl_devlink_view *v)
{
	return v->known;
}

void ofl_devlink_view_stats(const struct ofl_devlink_view *v,
			    struct ofl_devlink_stats *ret_stats)
{
	*ret_stats = v->stats;
	ofl_devlink_known_count(v->known, &ret_stats->instances,
				&ret_stats->ports, &ret_stats->left_out);
}
