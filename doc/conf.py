# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents as HTML: make html.  Nothing is fetched from anywhere."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + "/ext")
sys.dont_write_bytecode = True

project = "offloadd"
author = "the authors of offloadd"
with open(HERE + "/../configure.ac", encoding="utf-8") as f:
    release = version = re.search(r"AC_INIT\(\[[^]]*\],\s*\[([^]]+)\]",
                                  f.read())[1]

extensions = ["myst_parser", "clicmd", "tree_links"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["ext", "pictures"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4
nitpicky = True

# Debian's copy of a theme that needs no other package and no network.
html_theme = "alabaster"
html_theme_options = {
    "description": "decides what goes into hardware tables that are too small",
    "fixed_sidebar": True,
    "page_width": "1100px",
    "sidebar_width": "260px",
    "font_family": "sans-serif",
    "head_font_family": "sans-serif",
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_static_path = ["static"]
html_css_files = ["offload.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_last_updated_fmt = None
pygments_style = "friendly"
highlight_language = "none"
# Words of our blocks; what has no lexer is shown as it is.
suppress_warnings = ["misc.highlighting_failure"]
