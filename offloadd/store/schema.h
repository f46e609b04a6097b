/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of the database and how an older file becomes a current one.
 *
 * A ladder: rung i is the script that takes a file from version i to i + 1;
 * version 0 is an empty file.  All missing rungs run in one transaction, so a
 * file is never half way.  A file above the ladder is refused and not touched.
 * doc/database.md describes what stands here, for people.
 */
#ifndef OFFLOADD_STORE_SCHEMA_H
#define OFFLOADD_STORE_SCHEMA_H

#include "lib/sqldb.h"

#define OFL_STORE_APP_ID 0x4f464c44 /* "OFLD", in the file's header */

extern const char *const ofl_schema_ladder[]; /* OFL_STORE_SCHEMA rungs */

/* Bring the file to version `rungs`.  False with *ret_error set: newer, or a
 * rung failed; the file is as it was. */
bool ofl_schema_upgrade(struct ofl_sqldb *db, const char *const *ladder,
			int rungs, struct ofl_sqldb_error *ret_error);

/* The statements that do it; the first ones of any handle given above. */
#define OFL_SCHEMA_SQL                                                         \
	[OFL_SCHEMA_HAS_META] =                                                \
		"SELECT 1 FROM sqlite_schema WHERE name = 'meta'",             \
	[OFL_SCHEMA_GET_VERSION] =                                             \
		"SELECT value FROM meta WHERE key = 'schema'",                 \
	[OFL_SCHEMA_SET_VERSION] =                                             \
		"INSERT INTO meta (key, value) VALUES ('schema', ?1)"          \
		" ON CONFLICT (key) DO UPDATE SET value = excluded.value"
enum ofl_schema_sql {
	OFL_SCHEMA_HAS_META = 0,
	OFL_SCHEMA_GET_VERSION,
	OFL_SCHEMA_SET_VERSION,
	OFL_SCHEMA_SQL_MAX
};

#endif /* OFFLOADD_STORE_SCHEMA_H */
