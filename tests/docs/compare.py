# SPDX-License-Identifier: GPL-2.0-or-later
"""Is this what the page says?  Loosely: a line `...` stands for any lines, `...`
within a line for anything, and how wide a column is does not matter.
"""

import re

ANY = "..."


def squeezed(line):
    return re.sub(r"\s+", " ", line.strip())


def line_matches(wanted, have):
    """Blanks beside `...` are a part of it."""
    pattern = ".*".join(re.escape(part) for part in
                        re.split(r" ?\.\.\. ?", squeezed(wanted)))
    return re.fullmatch(pattern, squeezed(have)) is not None


def all_match(wanted, have, matches):
    """Do the items of `have` match those of `wanted`, where ANY stands for
    any number of them?  The index of the first wanted one that does not, or
    None if all do; len(wanted) if there is more than wanted."""
    # reach: how many of `have` those before may have taken.
    reach = {0}
    for i, item in enumerate(wanted):
        if item.strip() == ANY:
            reach = set(range(min(reach), len(have) + 1))
        else:
            reach = {n + 1 for n in reach
                     if n < len(have) and matches(item, have[n])}
        if not reach:
            return i
    return None if len(have) in reach else len(wanted)


def lines_of(text):
    return [line for line in text.splitlines() if line.strip()]


def output(wanted, have):
    """None, or a sentence that says where the output differs.  Lines without
    anything on them do not count."""
    wanted, have = lines_of(wanted), lines_of(have)
    at = all_match(wanted, have, line_matches)
    if at is None:
        return None
    if at == len(wanted):
        return "there is more output than the page says:\n" + "\n".join(have)
    return f"not in the output: {wanted[at].strip()}\n" + "\n".join(have)


# --- XML ---

TOKEN = re.compile(r"<[^>]*>|[^<]+")
IGNORED = re.compile(r'\s(message-id|xmlns(:[\w.-]+)?)="[^"]*"')


def xml_tokens(text):
    """Tags and text.  Whitespace, message ids, declarations of namespaces and
    how an empty element is written do not count."""
    text = re.sub(r"<\?.*?\?>|<!--.*?-->", "", text, flags=re.S)
    out = []
    for token in TOKEN.findall(text):
        token = squeezed(token)
        if not token:
            continue
        if token.startswith("<"):
            token = IGNORED.sub("", token.replace("'", '"'))
            token = re.sub(r"\s*(/?)>$", r"\1>", token)
            if token.endswith("/>"):
                out += [token[:-2] + ">", "</" + token[1:-2].split()[0] + ">"]
                continue
            out.append(token)
        else:
            out += split_any(token)
    return out


def split_any(text):
    """Text that is nothing but `...` stands for anything at all; within
    text it is a part of it."""
    return [ANY] if text.strip() == ANY else [text]


def xml(wanted, have):
    wanted, have = xml_tokens(wanted), xml_tokens(have)
    if wanted and not wanted[0].startswith(("<rpc-reply", "<notification")):
        wanted = [ANY, *wanted, ANY]  # a piece of it
    at = all_match(wanted, have, line_matches)
    if at is None:
        return None
    what = wanted[at] if at < len(wanted) else "(the end)"
    return f"not in the reply: {what}\n" + "\n".join(have)


# --- configuration ---

LEAVES = re.compile(r"(exit|end|exit-.*|!.*|#.*)$")


def statements(text):
    """Lines of a configuration, each with the lines it is below, as tuples:
    indentation says so."""
    stack, out = [], []
    for line in text.splitlines():
        words = squeezed(line)
        if not words or LEAVES.match(words):
            continue
        depth = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, words))
        out.append(tuple(w for _, w in stack))
    return out


def configuration(wanted, have):
    """None, or which line of a piece is not in a running configuration."""
    there = set(statements(have))
    for path in statements(wanted):
        if path not in there:
            return "not in `show running-config`: " + " / ".join(path) \
                + "\n" + have
    return None
