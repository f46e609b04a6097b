/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * YANG modules of NETCONF that are compiled in (yang/embed.py makes the table
 * from the list in yang/subdir.am): no file is looked for at run time.
 *
 * Private to context.c.
 */
#ifndef OFFLOADD_NETCONF_MODULES_H
#define OFFLOADD_NETCONF_MODULES_H

struct ofl_nc_module {
	const char *name, *revision, *text;
};
/* Ends with an entry without a name. */
extern const struct ofl_nc_module ofl_nc_modules[];

#endif /* OFFLOADD_NETCONF_MODULES_H */
