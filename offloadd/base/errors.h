/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error cards: one number, title, description and suggestion for each fault an
 * operator can act on (`show error all`).  Raised with flog_err(EC_OFL_..., )
 * or flog_warn() at the edges only: rooms below the engine return, they do
 * not log.
 */
#ifndef OFFLOADD_BASE_ERRORS_H
#define OFFLOADD_BASE_ERRORS_H

#include "lib_errors.h"

/* A range no daemon of FRR uses (lib/ferr.h). */
#define OFL_FERR_START 0x4F000001

enum ofl_log_refs {
	EC_OFL_STORE = OFL_FERR_START, /* the database cannot be written */
	EC_OFL_STORE_CORRUPT,	       /* a corrupt database was set aside */
	EC_OFL_NETLINK,		       /* kernel netlink trouble */
	EC_OFL_ZAPI,		       /* a message of zebra made no sense */
	EC_OFL_FPM,		       /* the FPM session is in trouble */
	EC_OFL_PROVIDER,	       /* a provider is not usable */
	EC_OFL_HW_SILENT,	       /* hardware does not answer */
	EC_OFL_HW_REFUSED,	       /* hardware refused an entry */
	EC_OFL_CRITICAL,	       /* a critical flow is not offloaded */
	EC_OFL_FIB, /* a driver that offloads by itself forwards wrongly */
	EC_OFL_FEED_SHRUNK, /* the feed lost many routes; they are held */
	EC_OFL_STATE,	    /* an illegal change of state: a bug */
	EC_OFL_AUDIT,	/* hardware or the database is not as it should be */
	EC_OFL_METRICS, /* metrics cannot be had where it is configured */
};

void ofl_errors_init(void);

#endif /* OFFLOADD_BASE_ERRORS_H */
