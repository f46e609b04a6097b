# SPDX-License-Identifier: GPL-2.0-or-later
"""The command: what is asked for, where the page goes, what went wrong."""
import argparse
import os
import signal
import sqlite3
import sys
import tempfile
import time

from . import span
from .database import Database, Refused
from .figures import read_figures
from .page import make_page

FAILED, USAGE = 1, 2
QUIET_S = 1.0  # nobody needs to be told of less


def moment(words):
    try:
        return span.parse_time(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def length(words):
    try:
        return span.parse_duration(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parser(version):
    p = argparse.ArgumentParser(
        prog="offload-report",
        description="Make a page with charts of what offloadd recorded: how "
        "full tables were, what came and went, and why. One file that needs "
        "no other.",
        epilog="The database is only read, also while offloadd writes into "
        "it. Times are UTC.")
    p.add_argument("database", metavar="DB",
                   help="the database of offloadd, usually "
                   "/var/lib/frr/offloadd.db")
    p.add_argument("-o", "--output", metavar="FILE", required=True,
                   help="where the page goes; - for standard output")
    p.add_argument("--from", dest="from_us", metavar="TIME", type=moment,
                   help="from this time on: 2026-01-31, 2026-01-31T12:00, or "
                   "with seconds (default: the first record)")
    p.add_argument("--to", dest="to_us", metavar="TIME", type=moment,
                   help="up to this time (default: the last record)")
    p.add_argument("--last", dest="last_us", metavar="LENGTH", type=length,
                   help="so much before the end, as 90m, 24h, 7d or 4w; not "
                   "with --from")
    p.add_argument("--table", metavar="NAME",
                   help="of this hardware table alone")
    p.add_argument("--title", metavar="TEXT", default="",
                   help="the title of the page (default: the host's name)")
    p.add_argument("--version", action="version",
                   version=f"offload-report {version}")
    return p


def parse(arguments, version):
    p = parser(version)
    options = p.parse_args(arguments)
    if options.last_us is not None and options.from_us is not None:
        p.error("--from and --last both say where it begins; give one")
    if None not in (options.from_us, options.to_us) and \
            options.from_us >= options.to_us:
        p.error("--from is not before --to")
    options.stamp = span.stamp
    options.version = version
    if not options.title:
        options.title = "offloadd on " + os.uname().nodename
    return options


class Progress:
    """On standard error, if it takes a while."""

    def __init__(self):
        self.began = self.told = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self.is_open = False

    def __call__(self, what, part):
        now = time.monotonic()
        pause = QUIET_S / 4 if self.is_terminal else 10 * QUIET_S
        if now - self.began < QUIET_S or (part is not None and
                                          now - self.told < pause):
            return
        self.told = now
        line = "offload-report: " + what
        if part is not None:
            line += f" {part:.0%}"
        if self.is_terminal:
            sys.stderr.write(f"\r{line:<60}")
            self.is_open = True
        else:
            sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def end(self):
        if self.is_open:
            sys.stderr.write(f"\r{'':<60}\r")
            sys.stderr.flush()


def read(options, progress):
    """The figures; anew if a daemon began to write meanwhile."""
    for _ in range(3):
        db = Database(options.database)
        try:
            figures = read_figures(db, options, progress)
            if not db.changed_hands():
                return figures
        except sqlite3.Error as error:
            if not db.changed_hands():
                raise Refused(f"{options.database}: cannot be read: {error}"
                              ) from None
        finally:
            db.close()
    raise Refused(f"{options.database}: offloadd is starting and stopping; "
                  "try again")


def write(page, path):
    """Whole or not at all: a temporary file beside it, then renamed."""
    data = page.encode("utf-8")
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    # Where a link leads; a device or a pipe is written to, never replaced.
    real = os.path.realpath(path)
    directory, temporary = os.path.dirname(real), None
    try:
        if os.path.isdir(real):
            raise Refused(f"{path}: is a directory; name a file in it")
        if os.path.exists(real) and not os.path.isfile(real):
            with open(real, "wb") as f:
                f.write(data)
            return
        with tempfile.NamedTemporaryFile(
                dir=directory, prefix=".offload-report-", delete=False) as f:
            temporary = f.name
            f.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, real)
        temporary = None
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}"
                      ) from None
    finally:
        if temporary is not None:
            os.unlink(temporary)


def is_the_database(options):
    try:
        return os.path.samefile(options.database, options.output)
    except OSError:
        return False


def main(arguments, version):
    options = parse(arguments, version)
    progress = Progress()
    # So that what is half written goes, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        if is_the_database(options):
            raise Refused(f"{options.output}: is the database itself; name "
                          "another file for the page")
        figures = read(options, progress)
        progress("the page", None)
        write(make_page(figures, options), options.output)
    except Refused as error:
        progress.end()
        print(f"offload-report: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED
    except KeyboardInterrupt:
        progress.end()
        return 130
    progress.end()
    return 0
