/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements of no namespace, for libyang.
 *
 * libyang 2.1 reads through a null pointer when two elements of no namespace
 * that no schema has stand beside each other, as in
 * <filter><a xmlns=""><b/><b/></a></filter>.  So before it gets a message,
 * "no namespace" becomes a namespace of its own.
 *
 * Pure.  Private to this room.
 */
#ifndef OFFLOADD_NETCONF_NO_NAMESPACE_H
#define OFFLOADD_NETCONF_NO_NAMESPACE_H

#include <stddef.h>

#include "offloadd/netconf/text.h"

#define OFL_NC_NO_NAMESPACE "urn:offloadd:no-namespace"

/* Append the message with each xmlns="" replaced, and with a declaration in
 * the first element if it has none.  What is no XML stays as it is. */
void ofl_nc_no_namespace(const char *message, size_t len,
			 struct ofl_nc_text *out);

#endif /* OFFLOADD_NETCONF_NO_NAMESPACE_H */
