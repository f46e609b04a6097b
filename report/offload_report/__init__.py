# SPDX-License-Identifier: GPL-2.0-or-later
"""A page with charts from offloadd's database; see offload-report(8).

options reads the command line, database asks the questions, figures is what
came of them, sections makes the page of that from charts and markup.  Nothing
but Python's own library is used.
"""
