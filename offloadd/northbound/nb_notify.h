/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notices of the engine as notifications of the model, and as lines of the log.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NORTHBOUND_NB_NOTIFY_H
#define OFFLOADD_NORTHBOUND_NB_NOTIFY_H

#include <stddef.h>

#include "offloadd/engine/notify.h"

/* Send it to whoever hooked nb_notification_send, and log it. */
void ofl_nb_notify(const struct ofl_notice *n);
/* The same in words, for the log and for show. */
void ofl_nb_notice_print(const struct ofl_notice *n, char *buf, size_t len);

#endif /* OFFLOADD_NORTHBOUND_NB_NOTIFY_H */
