/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to ask the kernel about devlink next, and what its answers and
 * notifications mean.
 *
 * The half of prov_devlink.h that does no input and no output: it makes
 * requests one at a time, takes the messages of the answers and the
 * notifications, and has them compared with what is known
 * (prov_devlink_known.h).  Time is an argument.
 *
 * The way to the present: which number the family devlink has, which group to
 * join (the caller does), a list of instances, a list of ports; from then on
 * notifications, and the resources of the instances followed.  Lists are
 * asked for again when notifications were lost.  While one is under way
 * notifications have to wait: read after it they end in the present whatever
 * the list caught.
 */
#ifndef OFFLOADD_PROVIDER_PROV_DEVLINK_VIEW_H
#define OFFLOADD_PROVIDER_PROV_DEVLINK_VIEW_H

#include "lib/nlask.h"
#include "offloadd/provider/prov_devlink_known.h"

#define OFL_DEVLINK_FOLLOWED_MAX 16
#define OFL_DEVLINK_RESOURCES_MAX 256 /* of one instance */
#define OFL_DEVLINK_PERIOD_MIN_MS 10

struct ofl_devlink_stats {
	uint32_t instances, ports, followed;
	uint64_t asked;	     /* requests */
	uint64_t lists;	     /* complete ones */
	uint64_t failed;     /* requests refused, or without an answer */
	uint64_t overruns;   /* times that notifications were lost */
	uint64_t malformed;  /* messages */
	uint64_t left_out;   /* instances and ports: there are too many */
	uint64_t waiting_us; /* since then for the kernel; 0: not */
};

struct ofl_devlink_view;

/* `events` and `arg` outlive it. */
struct ofl_devlink_view *
ofl_devlink_view_new(const struct ofl_devlink_events *events, void *arg);
void ofl_devlink_view_free(struct ofl_devlink_view *v);

/* --- asking --- */

/* The next request, into `buf` (OFL_GENL_REQUEST_BYTES), or NULL: nothing is
 * due or one is under way. */
struct nlmsghdr *ofl_devlink_view_request(struct ofl_devlink_view *v, void *buf,
					  uint64_t now_us);
/* One message of the answer; then how it ended. */
void ofl_devlink_view_message(struct ofl_devlink_view *v,
			      const struct nlmsghdr *nlh);
void ofl_devlink_view_answered(struct ofl_devlink_view *v,
			       enum ofl_nlask_end end, int errnum,
			       uint64_t now_us);
/* When there will be a request: monotonic, 0: at once, UINT64_MAX: not before
 * something else happens. */
uint64_t ofl_devlink_view_due_us(const struct ofl_devlink_view *v);

/* --- notifications --- */

/* The group the caller should join now, 0: none. */
uint32_t ofl_devlink_view_group(const struct ofl_devlink_view *v,
				uint64_t now_us);
/* It did, or could not (errnum). */
void ofl_devlink_view_joined(struct ofl_devlink_view *v, int errnum,
			     uint64_t now_us);
/* It is in the group no longer. */
void ofl_devlink_view_parted(struct ofl_devlink_view *v, int errnum,
			     uint64_t now_us);
/* Whether notifications may be read. */
bool ofl_devlink_view_can_listen(const struct ofl_devlink_view *v);
void ofl_devlink_view_event(struct ofl_devlink_view *v,
			    const struct nlmsghdr *nlh);
/* Some were lost and what was left has been read. */
void ofl_devlink_view_lost(struct ofl_devlink_view *v);

/* --- for whoever uses it; see prov_devlink.h --- */

void ofl_devlink_view_ask_ports(struct ofl_devlink_view *v);
bool ofl_devlink_view_follow(struct ofl_devlink_view *v,
			     const struct ofl_devlink_handle *handle,
			     uint32_t period_ms);
enum ofl_devlink_state ofl_devlink_view_state(const struct ofl_devlink_view *v,
					      const char **ret_text);
const struct ofl_devlink_known *
ofl_devlink_view_known(const struct ofl_devlink_view *v);
void ofl_devlink_view_stats(const struct ofl_devlink_view *v,
			    struct ofl_devlink_stats *ret_stats);

#endif /* OFFLOADD_PROVIDER_PROV_DEVLINK_VIEW_H */
