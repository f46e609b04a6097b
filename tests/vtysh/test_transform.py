#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vtysh/transform.py refuses what it does not recognise, in a sentence.

Needs neither FRR nor a build; run it directly or with pytest.
"""

import argparse
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
# As FRR 10's xref2vtysh.py writes it.
GRAPHS = """
static void install_A_NODE(void)

{
	unsigned node_id = A_NODE;
	vector_set(node->cmd_vector, &other_cmd_vtysh);
}

static void install_B_NODE(void)

{
	unsigned node_id = B_NODE;
	vector_set(node->cmd_vector, &size_cmd_vtysh);
}
"""
NODES = "#define A_NODE ((enum node_type)(NODE_TYPE_MAX + 1))\n" \
        "#define B_NODE ((enum node_type)(NODE_TYPE_MAX + 2))\n"
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
            transform.installed_8(extracted), [self.file("cli.c", cli)],
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

    def test_graphs(self):
        self.assertEqual(transform.installed_10(GRAPHS),
                         {("A_NODE", "other_cmd"), ("B_NODE", "size_cmd")})

    def test_nodes(self):
        self.assertEqual(transform.our_nodes(self.file("n.h", NODES)),
                         ["A_NODE", "B_NODE"])
        for text in (NODES.replace("+ 2", "+ 3"), ""):
            self.fails("not numbered one by one", transform.our_nodes,
                       self.file("n.h", text))

    def test_origins(self):
        for path, source, origin in (
                ("/x/bgpd", "../bgpd/bgp_vty.c", "bgpd/bgpd"),
                ("/x/fabricd", "../isisd/isis_cli.c", "isisd/fabricd"),
                ("/x/modules/bgpd_bmp.so", "../bgpd/b.c", "bgpd/bgpd_bmp.so"),
                ("/x/libmgmt_be_nb.so.0", "../ripd/rip_cli.c",
                 "mgmtd/libmgmt_be_nb.so.0"),
                ("/x/libfrr.so.0", "../lib/vty.c", "lib/libfrr.so.0")):
            self.assertEqual(transform.frr_origin(
                path, {"defun": {"file": source}}), origin)

    def binaries(self, *names):
        """A directory of programs and modules; none is readable as one."""
        for name in names:
            self.file(name, "\x7fELF")
        return argparse.Namespace(
            libfrr=f"{self.dir.name}/lib/libfrr.so.0",
            daemons=f"{self.dir.name}/sbin", modules=f"{self.dir.name}/mod")

    def test_binaries(self):
        names = ("lib/libfrr.so.0", "sbin/zebra", "mod/bgpd_rpki.so",
                 "mod/bgpd_snmp.so")
        self.file("sbin/script.py", "#!/usr/bin/python3\n")
        args = self.binaries(*names, "sbin/offloadd", "mod/mgmtd_offload.so")
        self.assertEqual([os.path.relpath(p, self.dir.name)
                          for p in transform.packaged_binaries(args)],
                         list(names))
        for module, package in (("mod/bgpd_rpki.so", "frr-rpki-rtrlib"),
                                ("mod/bgpd_snmp.so", "frr-snmp")):
            os.unlink(os.path.join(self.dir.name, module))
            self.fails(f"is not installed.*{package}",
                       transform.packaged_binaries, args)
            self.file(module, "\x7fELF")

    def test_only_what_changed(self):
        """What is the same keeps its time: it is not compiled again."""
        same, other = (self.file(f"out/{n}", n) for n in ("same", "other"))
        for path in (same, other):
            os.utime(path, (1, 1))
        self.file("new/same", "same")
        self.file("new/other", "another")
        self.file("new/sub/first", "first")
        transform.install(f"{self.dir.name}/new", f"{self.dir.name}/out")
        self.assertEqual(os.stat(same).st_mtime, 1)
        self.assertNotEqual(os.stat(other).st_mtime, 1)
        self.assertEqual(transform.read(other), "another")
        self.assertEqual(transform.read(f"{self.dir.name}/out/sub/first"),
                         "first")

    def test_series(self):
        define = '#define FRR_VERSION     "%s" GIT_SUFFIX\n'
        self.file("lib/version.h", define % "8.4.4")
        self.assertEqual(transform.frr_series(self.dir.name), "8.4")
        for full, series in (("10.3", "10.3"), ("10.7.1", "10.7")):
            self.file("lib/version.h", define % full)
            self.assertEqual(transform.frr_series(self.dir.name), series)
        self.file("lib/version.h", define % "9.1")
        self.fails("no edits for vtysh of FRR 9.1", transform.frr_series,
                   self.dir.name)
        self.file("lib/version.h", "")
        self.fails("names no version", transform.frr_series, self.dir.name)


if __name__ == "__main__":
    unittest.main()
