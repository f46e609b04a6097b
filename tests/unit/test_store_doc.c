// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every question in doc/database.md is asked of a database that the store
 * made, read-only as the document says, and finds something; every table,
 * column and view of the database is in the document, and the other way round.
 */
#include "tests/unit/store_fixture.h"

static char *doc;

static int doc_setup(void **state)
{
	FILE *f = fopen(OFL_DATABASE_MD, "r");
	size_t len;

	if (!f)
		return -1;
	doc = calloc(1, 1 << 20);
	len = fread(doc, 1, (1 << 20) - 1, f);
	fclose(f);
	return len > 1000 ? 0 : -1;
}

static int doc_teardown(void **state)
{
	free(doc);
	return 0;
}

/* --- a database with something to find --- */

static void tell(struct ofl_store *s, const char *prefix, enum ofl_class cls,
		 enum ofl_state from, enum ofl_state to, enum ofl_reason reason)
{
	struct ofl_store_flow f = flow_make(strlen(prefix), from, to);

	assert_true(ofl_prefix_parse(prefix, false, &f.key.p));
	f.flow_id += cls;
	f.cls = cls;
	f.reason = reason;
	assert_true(ofl_store_put_flow(s, &f));
}

static void database_make(const char *path)
{
	struct ofl_store *s = store_open(path);
	struct ofl_store_event e = {
		.at_us = (uint64_t)time(NULL) * 1000000,
		.kind = "watermark-high",
		.table = "main",
		.used_slots = 970,
		.capacity_slots = 1000,
	};
	struct ofl_store_sample sample = {
		.at_us = e.at_us,
		.table = "main",
		.used_slots = 970,
		.capacity_slots = 1000,
		.high_slots = 950,
		.low_slots = 900,
		.admission = "closed",
		.answered_permille = 420,
	};
	struct ofl_store_mark m = {"main", "acl WEB", "any", 7};

	tell(s, "192.0.2.0/24", OFL_CLASS_BEST_EFFORT, OFL_STATE_SENT,
	     OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED);
	tell(s, "192.0.2.0/24", OFL_CLASS_BEST_EFFORT, OFL_STATE_OFFLOADED,
	     OFL_STATE_LEAVING, OFL_REASON_EVICTED_FOR_CRITICAL);
	tell(s, "203.0.113.0/24", OFL_CLASS_BEST_EFFORT, OFL_STATE_OFFLOADED,
	     OFL_STATE_LEAVING, OFL_REASON_EVICTED_FOR_CRITICAL);
	tell(s, "198.51.100.0/24", OFL_CLASS_CRITICAL, OFL_STATE_SENT,
	     OFL_STATE_OFFLOADED, OFL_REASON_ADMITTED);
	tell(s, "2001:db8::/32", OFL_CLASS_CRITICAL, OFL_STATE_SENT,
	     OFL_STATE_FAILED, OFL_REASON_HW_NO_SPACE);
	assert_true(ofl_store_put_event(s, &e));
	assert_true(ofl_store_put_sample(s, &sample));
	assert_true(ofl_store_put_mark(s, &m));
	store_close(s);
}

static sqlite3 *database_read(const char *path)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
			 SQLITE_OK);
	return db;
}

/* --- the questions --- */

/* The next statement of the document: its line begins with SELECT; to the
 * semicolon. *at goes behind it. */
static bool question_next(const char **at, char *sql, size_t size)
{
	const char *begin = strstr(*at, "\nSELECT "), *end;

	if (!begin)
		return false;
	end = strchr(begin, ';');
	assert_non_null(end);
	assert_true((size_t)(end - begin) < size);
	memcpy(sql, begin, end - begin + 1);
	sql[end - begin + 1] = '\0';
	/* within its paragraph */
	assert_null(strstr(sql, "\n\n"));
	*at = end;
	return true;
}

static void questions_are_answered(void **state)
{
	const char *at = doc, *path = in_dir("db");
	char sql[1000];
	sqlite3_stmt *stmt;
	int asked = 0;
	sqlite3 *db;

	database_make(path);
	db = database_read(path);
	while (question_next(&at, sql, sizeof(sql))) {
		if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
			fail_msg("%s: %s", sql, sqlite3_errmsg(db));
		if (sqlite3_step(stmt) != SQLITE_ROW)
			fail_msg("%s: finds nothing", sql);
		sqlite3_finalize(stmt);
		asked++;
	}
	sqlite3_close(db);
	assert_true(asked >= 9);
}

/* --- tables and views --- */

static bool is_in(const char *from, const char *end, const char *before,
		  const char *name, const char *after)
{
	char text[200];
	const char *found;

	snprintf(text, sizeof(text), "%s%s%s", before, name, after);
	found = strstr(from, text);
	return found && found < end;
}

/* Columns are named in the first column of the table's section. */
static void columns_are_told(sqlite3 *db, const char *table)
{
	char heading[80], column[80], rest[8000];
	const char *section, *end;
	sqlite3_stmt *stmt;

	snprintf(heading, sizeof(heading), "\n### %s:", table);
	section = strstr(doc, heading);
	if (!section)
		fail_msg("%s has no section", table);
	end = strstr(section + 1, "\n##");
	assert_non_null(end);
	snprintf(rest, sizeof(rest), "%.*s", (int)(end - section), section);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT name FROM "
					    "pragma_table_info(?1)",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		snprintf(column, sizeof(column), "%s",
			 (const char *)sqlite3_column_text(stmt, 0));
		end = rest + strlen(rest);
		if (!is_in(rest, end, "\n| ", column, " |") &&
		    !is_in(rest, end, ", ", column, "") &&
		    !is_in(rest, end, "| ", column, ",") &&
		    !is_in(rest, end, "`", column, "`"))
			fail_msg("%s.%s is not told", table, column);
	}
	sqlite3_finalize(stmt);
}

static void all_is_told(void **state)
{
	const char *path = in_dir("db"), *end = doc + strlen(doc);
	int tables = 0, views = 0, told_views = 0;
	sqlite3_stmt *stmt;
	const char *name;
	sqlite3 *db;

	database_make(path);
	db = database_read(path);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT type, name FROM "
					    "sqlite_schema WHERE type IN "
					    "('table', 'view')",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		name = (const char *)sqlite3_column_text(stmt, 1);
		if (sqlite3_column_text(stmt, 0)[0] == 't') {
			columns_are_told(db, name);
			tables++;
		} else {
			if (!is_in(doc, end, "* `", name, "`"))
				fail_msg("view %s is not told", name);
			views++;
		}
	}
	sqlite3_finalize(stmt);
	for (const char *at = doc; (at = strstr(at, "\n* `v_")); at++)
		told_views++;
	assert_int_equal(told_views, views);
	assert_true(tables >= 6);
	sqlite3_close(db);
}

/* Every row of `meta`, the version among them. */
static void bookkeeping_is_told(void **state)
{
	const char *path = in_dir("db"), *section = strstr(doc, "### meta");
	sqlite3_stmt *stmt;
	char text[80];
	sqlite3 *db;

	assert_non_null(section);
	snprintf(text, sizeof(text), "(version, now %d)", OFL_STORE_SCHEMA);
	assert_non_null(strstr(section, text));
	database_make(path);
	db = database_read(path);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT key FROM meta", -1,
					    &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		snprintf(text, sizeof(text), "`%s`",
			 (const char *)sqlite3_column_text(stmt, 0));
		if (!strstr(section, text))
			fail_msg("%s is not told", text);
	}
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dir_setup, dir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(questions_are_answered),
		TEST(all_is_told),
		TEST(bookkeeping_is_told),
	};

	return cmocka_run_group_tests(tests, doc_setup, doc_teardown);
}
