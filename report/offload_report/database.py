# SPDX-License-Identifier: GPL-2.0-or-later
"""offloadd's database, opened so that nothing of it is changed.

With a log beside it (a daemon writes, or did not end well) it is opened
read-only; without one nobody has it open, and it is read as it is: SQLite
would otherwise make a log of its own beside it.
"""
import os
import sqlite3
import urllib.parse

APP_ID = 0x4f464c44  # "OFLD"
SCHEMA = 5           # the newest that is known
SAMPLES_SINCE = 4    # the schema that has table_sample
TIMES_SINCE = 3      # ... and the one that has an index of times
MAGIC = b"SQLite format 3\0"


class Refused(Exception):
    """What is wrong, and what to do; the program ends with it."""


def number(value, otherwise=0):
    """A file that somebody made has anything in any column."""
    return value if isinstance(value, int) else otherwise


def text(value):
    """Of a column; None if there is nothing in it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def look_at_file(path):
    try:
        with open(path, "rb") as f:
            head = f.read(len(MAGIC))
    except FileNotFoundError:
        raise Refused(f"{path}: there is no such file; `show running-config` "
                      "names the database, without it the default is "
                      "/var/lib/frr/offloadd.db") from None
    except IsADirectoryError:
        raise Refused(f"{path}: is a directory; name the file in it") from None
    except PermissionError:
        raise Refused(f"{path}: may not be read by this user; be root or in "
                      "the group frr") from None
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror}") from None
    if head and head != MAGIC:
        raise Refused(f"{path}: is no SQLite database")
    if not head and not os.path.exists(path + "-wal"):
        raise Refused(f"{path}: is an empty file, and no database of offloadd")


class Database:
    def __init__(self, path):
        look_at_file(path)
        self.path = os.path.abspath(path)
        self.is_live = os.path.exists(self.path + "-wal")
        uri = "file:" + urllib.parse.quote(self.path) + "?mode=ro"
        if not self.is_live:
            uri += "&immutable=1"
        try:
            self.sql = sqlite3.connect(uri, uri=True, timeout=10,
                                       isolation_level=None)
            self.sql.text_factory = lambda b: b.decode("utf-8", "replace")
            self.ask("PRAGMA cache_size = -65536")
            self.ask("PRAGMA query_only = 1")
            self.check()
            self.ask("BEGIN")  # one state of it, whatever is written meanwhile
            self.meta = {text(k): number(v) for k, v in
                         self.ask("SELECT key, value FROM meta")}
        except sqlite3.DatabaseError as error:
            raise Refused(f"{path}: cannot be read: {error}") from None
        self.columns = {}

    def check(self):
        app_id = self.ask("PRAGMA application_id")[0][0] & 0xffffffff
        tables = {row[0] for row in self.ask(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if app_id != APP_ID or "meta" not in tables:
            raise Refused(f"{self.path}: is a database, but none of offloadd")
        rows = self.ask("SELECT value FROM meta WHERE key = 'schema'")
        self.version = number(rows[0][0]) if rows else 0
        if self.version < 1:
            raise Refused(f"{self.path}: does not say its schema version; it "
                          "is damaged, or was made by another program")
        if self.version > SCHEMA:
            raise Refused(
                f"{self.path}: was written by a newer offloadd (schema "
                f"{self.version}, this program knows {SCHEMA}); use the "
                "offload-report that came with it")

    @property
    def has_samples(self):
        return self.version >= SAMPLES_SINCE

    @property
    def has_times(self):
        return self.version >= TIMES_SINCE

    def ask(self, sql, values=()):
        return self.sql.execute(sql, values).fetchall()

    def walk(self, sql, values=()):
        return self.sql.execute(sql, values)

    def one(self, sql, values=()):
        row = self.sql.execute(sql, values).fetchone()
        return row[0] if row else None

    def bytes(self):
        total = 0
        for suffix in ("", "-wal"):
            try:
                total += os.stat(self.path + suffix).st_size
            except OSError:
                pass
        return total

    def changed_hands(self):
        """Somebody began to write into what was taken as it is."""
        return not self.is_live and os.path.exists(self.path + "-wal")

    def close(self):
        self.sql.close()
