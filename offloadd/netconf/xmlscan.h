/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a message fit for libyang's parser?  It is recursive, and its time grows
 * with the square of some counts: those are bounded here before it begins.
 *
 * Pure.  It does not say that a message is well-formed; libyang does.
 *
 * Private to this room.
 */
#ifndef OFFLOADD_NETCONF_XMLSCAN_H
#define OFFLOADD_NETCONF_XMLSCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Elements inside each other; libyang itself takes fewer than 500. */
#define OFL_NC_XML_DEPTH 200
/* Of one element, declarations of namespaces among them. */
#define OFL_NC_XML_ATTRIBUTES 128
/* Children of one element: with another name than the one before; and all,
 * where the entries of a list have one name. */
#define OFL_NC_XML_NAMES 256
#define OFL_NC_XML_CHILDREN 12000

/* NULL: it is.  Else what it has too many of, a literal. */
const char *ofl_nc_xml_scan(const char *message, size_t len);

#endif /* OFFLOADD_NETCONF_XMLSCAN_H */
