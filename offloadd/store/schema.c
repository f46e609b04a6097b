// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of the database, and the ladder of versions; see schema.h.
 *
 * Few bytes and few pages a record: `flow` is keyed by the flow's number, which
 * rises, and not by prefix, which in the order of BGP updates is random and
 * would touch a page for each row.  A restart gives other numbers: rows of a
 * previous run have a lower generation, are shown as stale, and are swept.
 * `history` is appended to and cut at its old end, so its rows can be counted
 * by subtraction; its indexes are what `show offload history PREFIX` and
 * `since TIME` ask.  (That by time is appended to as well, and cheap.)
 * `mark` is small, and read at the start alone.  `table_sample` is what no
 * other table tells: slots are not counted in flows.
 */
#include "offloadd/store/schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "offloadd/store/store.h"

#define TIME_FORMAT "'%Y-%m-%dT%H:%M:%fZ'"
#define SINCE "strftime(" TIME_FORMAT ", since_us / 1e6, 'unixepoch')"
#define AT "strftime(" TIME_FORMAT ", at_us / 1e6, 'unixepoch')"

static const char v1[] =
	"CREATE TABLE meta ("
	" key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL"
	") WITHOUT ROWID;"
	"INSERT INTO meta (key, value) VALUES ('file_id', random());"

	"CREATE TABLE flow ("
	" flow_id INTEGER PRIMARY KEY, prefix TEXT NOT NULL,"
	" vrf TEXT NOT NULL,"
	" state TEXT NOT NULL, reason TEXT NOT NULL, class TEXT NOT NULL,"
	" hw_table TEXT, protocol TEXT NOT NULL, rule INTEGER NOT NULL,"
	" weight INTEGER NOT NULL, since_us INTEGER NOT NULL, text TEXT,"
	" generation INTEGER NOT NULL"
	");"

	"CREATE TABLE history ("
	" seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
	" flow_id INTEGER NOT NULL, prefix TEXT NOT NULL, vrf TEXT NOT NULL,"
	" from_state TEXT NOT NULL, to_state TEXT NOT NULL,"
	" reason TEXT NOT NULL, class TEXT NOT NULL, rule INTEGER NOT NULL,"
	" hw_table TEXT, op TEXT, text TEXT"
	");"
	"CREATE INDEX history_prefix ON history (prefix);"

	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
	" kind TEXT NOT NULL, hw_table TEXT, used_slots INTEGER NOT NULL,"
	" capacity_slots INTEGER NOT NULL, text TEXT"
	");"

	"CREATE VIEW v_flow AS SELECT prefix, vrf, state, reason, class,"
	" hw_table, protocol, rule, weight, " SINCE " AS since, text, flow_id,"
	" generation < (SELECT value FROM meta WHERE key = 'generation')"
	" AS stale, since_us FROM flow;"

	"CREATE VIEW v_history AS SELECT seq, " AT " AS at, prefix, vrf,"
	" from_state, to_state, reason, class, rule, hw_table, op, text,"
	" flow_id, at_us FROM history;"

	"CREATE VIEW v_event AS SELECT seq, " AT " AS at, kind, hw_table,"
	" used_slots, capacity_slots, text, at_us FROM event;";

static const char v2[] =
	"CREATE TABLE mark ("
	" hw_table TEXT NOT NULL, list TEXT NOT NULL, part TEXT NOT NULL,"
	" mark INTEGER NOT NULL, PRIMARY KEY (hw_table, list, part)"
	") WITHOUT ROWID;";

/* What came into the table of an evicted flow at that time: it was decided in
 * the same turn, and hardware answers within seconds. */
#define CAME                                                                   \
	"(SELECT n.prefix FROM history AS n"                                   \
	" WHERE n.at_us BETWEEN h.at_us - 1000000 AND h.at_us + 2000000"       \
	" AND n.to_state = 'offloaded' AND n.hw_table IS h.hw_table"           \
	" AND n.flow_id <> h.flow_id"                                          \
	" AND (n.class = 'critical' OR h.reason <> 'evicted-for-critical')"    \
	" ORDER BY n.at_us LIMIT 1)"

static const char v3[] =
	"CREATE INDEX history_at ON history (at_us);"

	"CREATE VIEW v_eviction AS SELECT seq, " AT " AS at, prefix, vrf,"
	" hw_table, reason, class, " CAME " AS came, flow_id, at_us"
	" FROM history AS h WHERE from_state = 'offloaded'"
	" AND reason LIKE 'evicted-for-%';"

	"CREATE VIEW v_reason_count AS SELECT hw_table, class, state, reason,"
	" count(*) AS flows FROM flow WHERE generation ="
	" (SELECT value FROM meta WHERE key = 'generation')"
	" GROUP BY hw_table, class, state, reason;"

	"CREATE VIEW v_hour AS SELECT"
	" strftime('%Y-%m-%dT%H:00Z', at_us / 1e6, 'unixepoch') AS hour,"
	" to_state, reason, count(*) AS changes,"
	" count(DISTINCT flow_id) AS flows FROM history"
	" GROUP BY at_us / 3600000000, to_state, reason;";

/* Few rows, asked for whole stretches of time: no index but that of its
 * numbers. */
static const char v4[] =
	"CREATE TABLE table_sample ("
	" seq INTEGER PRIMARY KEY, at_us INTEGER NOT NULL,"
	" hw_table TEXT NOT NULL, used_slots INTEGER NOT NULL,"
	" list_slots INTEGER NOT NULL, capacity_slots INTEGER NOT NULL,"
	" high_slots INTEGER NOT NULL, low_slots INTEGER NOT NULL,"
	" admission TEXT NOT NULL, answered_permille INTEGER"
	");"

	"CREATE VIEW v_sample AS SELECT seq, " AT " AS at, hw_table,"
	" used_slots, list_slots, capacity_slots, high_slots, low_slots,"
	" admission, answered_permille, at_us FROM table_sample;";

/* What a flow was seen to carry is known again after a restart. */
static const char v5[] =
	"ALTER TABLE flow ADD COLUMN traffic INTEGER;"

	"DROP VIEW v_flow;"
	"CREATE VIEW v_flow AS SELECT prefix, vrf, state, reason, class,"
	" hw_table, protocol, rule, weight, traffic, " SINCE " AS since, text,"
	" flow_id,"
	" generation < (SELECT value FROM meta WHERE key = 'generation')"
	" AS stale, since_us FROM flow;";

const char *const ofl_schema_ladder[OFL_STORE_SCHEMA] = {
	v1, /* 0 -> 1 */
	v2, /* 1 -> 2 */
	v3, /* 2 -> 3 */
	v4, /* 3 -> 4 */
	v5, /* 4 -> 5 */
};

static int64_t version_get(struct ofl_sqldb *db)
{
	int64_t version = 0;

	/* Only a missing table is version 0; a missing row is damage. */
	if (!ofl_sqldb_step(db, OFL_SCHEMA_HAS_META))
		return 0;
	ofl_sqldb_end(db, OFL_SCHEMA_HAS_META);
	if (ofl_sqldb_step(db, OFL_SCHEMA_GET_VERSION)) {
		version = ofl_sqldb_col_int(db, OFL_SCHEMA_GET_VERSION, 0);
		ofl_sqldb_end(db, OFL_SCHEMA_GET_VERSION);
	}
	if (version < 1)
		ofl_sqldb_fail(db, OFL_SQLDB_ERROR,
			       "the file does not say its schema version");
	return version;
}

bool ofl_schema_upgrade(struct ofl_sqldb *db, const char *const *ladder,
			int rungs, struct ofl_sqldb_error *ret_error)
{
	char text[120];
	int64_t version;

	version = version_get(db);
	if (version > rungs) {
		snprintf(text, sizeof(text),
			 "written by a newer program (schema %" PRId64
			 ", this one knows %d); the file is left as it is",
			 version, rungs);
		ofl_sqldb_fail(db, OFL_SQLDB_FOREIGN, text);
	}
	if (ofl_sqldb_error(db)->status != OFL_SQLDB_OK) {
		*ret_error = *ofl_sqldb_error(db);
		return false;
	}
	if (!ofl_sqldb_own(db, ret_error))
		return false;
	if (version == rungs)
		return true;
	ofl_sqldb_begin(db);
	for (int64_t v = version; v < rungs; v++)
		ofl_sqldb_exec(db, ladder[v]);
	ofl_sqldb_bind_int(db, OFL_SCHEMA_SET_VERSION, 1, rungs);
	ofl_sqldb_run(db, OFL_SCHEMA_SET_VERSION);
	return ofl_sqldb_commit(db, ret_error);
}
