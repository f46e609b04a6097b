#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vtysh/transform.py refuses what it does not recognise, in a sentence.

Needs neither FRR nor a build; run it directly or with pytest.
"""

import importlib.util
import os
import tempfile
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
spec = importlib.util.spec_from_file_location(
    "transform", os.path.join(TOP, "vtysh", "transform.py"))
transform = importlib.util.module_from_spec(spec)
spec.loader.exec_module(transform)

CLI = """
DEFPY_YANG_NOSH(enter, enter_cmd, "table WORD$name", "h\\n" "h\\n")
DEFPY_YANG(size, size_cmd,
	"size (1-9)", "h\\n")
DEFUN_NOSH(dbg, dbg_cmd, "show debugging", "h\\n")
/* install_element(A_NODE, &commented_out_cmd); */
	install_element(A_NODE, &enter_cmd);
	install_element(B_NODE, &size_cmd);
	install_element(B_NODE, &dbg_cmd);
"""
EXTRACTED = "  install_element (B_NODE, &size_cmd_vtysh);\n"
BY_HAND = 'DEFUNSH(X, y, y_cmd, "table WORD$name", "h\\n")\n'


class Transform(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def file(self, name, text):
        path = os.path.join(self.dir.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        transform.write(path, text)
        return path

    def fails(self, pattern, function, *args):
        with self.assertRaisesRegex(transform.Failure, pattern):
            function(*args)

    def test_edit_once(self):
        path = self.file("a.c", "one\ntwo\n")
        transform.apply_edits(self.dir.name,
                              (("a.c", "why", r"^two\n", r"\g<0>three\n"),))
        self.assertEqual(transform.read(path), "one\ntwo\nthree\n")

    def test_edit_not_once(self):
        path = self.file("a.c", "two\ntwo\n")
        for pattern, times in ((r"^two$", 2), (r"^four$", 0)):
            self.fails(f'"why" of a.c matched {times} times',
                       transform.apply_edits, self.dir.name,
                       (("a.c", "why", pattern, ""),))
        self.assertEqual(transform.read(path), "two\ntwo\n")

    def check(self, cli=CLI, extracted=EXTRACTED, by_hand=BY_HAND):
        return transform.check_commands(
            extracted, [self.file("cli.c", cli)],
            self.file("nodes.c", by_hand))

    def test_all_commands(self):
        self.assertEqual(self.check(), 1)

    def test_command_lost(self):
        self.fails("size_cmd of B_NODE .* did not reach vtysh",
                   self.check, CLI, "")

    def test_enter_command_differs(self):
        self.fails(r'"table WORD\$name" .* has no command of this text',
                   self.check, CLI, EXTRACTED, 'DEFUNSH("table NAME")')

    def test_no_command(self):
        self.fails("no command of offloadd", self.check, "", EXTRACTED)

    def test_series(self):
        define = '#define FRR_VERSION     "%s" GIT_SUFFIX\n'
        self.file("lib/version.h", define % "8.4.4")
        self.assertEqual(transform.frr_series(self.dir.name), "8.4")
        self.file("lib/version.h", define % "9.1")
        self.fails("no edits for vtysh of FRR 9.1", transform.frr_series,
                   self.dir.name)
        self.file("lib/version.h", "")
        self.fails("names no version", transform.frr_series, self.dir.name)


if __name__ == "__main__":
    unittest.main()
