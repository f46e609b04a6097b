# SPDX-License-Identifier: GPL-2.0-or-later
"""Words that the tests with ncclient share: namespaces, pieces of XML, looking
at what came back.  The library's answers never raise here: what a refusal says
is what most tests are about.
"""

import re

from lxml import etree
import paramiko
from ncclient import manager
from ncclient.operations import RaiseMode
from ncclient.transport import ssh

from house import PORT
from raw import BASE

OFL = "http://frrouting.org/yang/offload"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"
MON = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
LIB = "urn:ietf:params:xml:ns:yang:ietf-yang-library"
NOTIF = "urn:ietf:params:xml:ns:netconf:notification:1.0"
NCN = "urn:ietf:params:xml:ns:yang:ietf-netconf-notifications"
NMN = "urn:ietf:params:xml:ns:netmod:notification"
WD = "urn:ietf:params:xml:ns:yang:ietf-netconf-with-defaults"
WD_ATTRIBUTE = "urn:ietf:params:xml:ns:netconf:default:1.0"
NAMES = {"nc": BASE, "o": OFL, "acm": ACM, "mon": MON, "lib": LIB,
         "n": NOTIF, "ncn": NCN, "nmn": NMN, "wd": WD_ATTRIBUTE}
WITH_KEYS = {name: uri for name, uri in NAMES.items() if name != "wd"}


# So often it looks whether there is something to send: 0.1 s is most of the
# time of these tests.
ssh.TICK = 0.005


# ncclient 0.6.17 reads keys with a password only: None breaks it, and paramiko
# refuses one that is empty.
NO_PASSWORD = {}
if hasattr(paramiko.PKey, "from_path"):
    def _from_path(path, password=None, real=paramiko.PKey.from_path):
        return real(path, password or None)
    paramiko.PKey.from_path = staticmethod(_from_path)
    NO_PASSWORD = {"password": ""}


def connect(user, key, timeout=60):
    m = manager.connect(
        host="127.0.0.1", port=PORT, username=user, key_filename=key,
        hostkey_verify=False, allow_agent=False, look_for_keys=False,
        timeout=timeout, **NO_PASSWORD)
    m.raise_mode = RaiseMode.NONE
    m.huge_tree = True
    m.timeout = timeout
    return m


# --- pieces ---

def offload(inner="", attributes=""):
    return f'<offload xmlns="{OFL}" xmlns:nc="{BASE}"{attributes}>' \
           f"{inner}</offload>"


def operation(op):
    return f' nc:operation="{op}"' if op else ""


def table(inner="", name="main", op=None):
    return f"<table{operation(op)}><name>{name}</name>{inner}</table>"


def rule(sequence, inner="", op=None):
    return f"<rule{operation(op)}><sequence>{sequence}</sequence>" \
           f"{inner}</rule>"


def config(*parts):
    return f'<config xmlns="{BASE}">{"".join(parts)}</config>'


def nacm(inner="", attributes=""):
    return f'<nacm xmlns="{ACM}" xmlns:nc="{BASE}"{attributes}>{inner}</nacm>'


def element(text):
    return etree.fromstring(text.encode() if isinstance(text, str) else text)


def subtree(inner):
    return "subtree", inner


def xpath(select):
    return "xpath", (WITH_KEYS, select)


# --- asking ---

def edit(m, inner, target="running", **options):
    """edit-config of the container offload."""
    return m.edit_config(target=target, config=config(offload(inner)),
                         **options)


def ok(reply):
    assert reply.ok, [show(e) for e in reply.errors]
    return reply


def show(error):
    return f"{error.type}/{error.tag} at {error.path}: {error.message} " \
           f"{error.info}"


def plain(path):
    """A path without prefixes, with one kind of quotes."""
    out = ""
    for i, part in enumerate(re.split(r"""("[^"]*"|'[^']*')""", path or "")):
        out += "'" + part[1:-1] + "'" if i % 2 else \
            re.sub(r"[\w.-]+:", "", part)
    return out


def refused(reply, tag, path=None, info=(), type=None, app_tag=None,
            words=None):
    """The first error is this one; it is returned."""
    assert not reply.ok, "not refused: " + reply.xml[:500]
    error = reply.errors[0]
    said = show(error)
    assert error.tag == tag, said
    assert error.severity == "error", said
    if type:
        assert error.type == type, said
    if path is not None:
        assert plain((error.path or "").strip()) == path, said
    if app_tag:
        assert error.app_tag == app_tag, said
    if words:
        assert words in (error.message or ""), said
    for name, value in dict(info).items():
        have = element(error.info).xpath(
            f"//*[local-name()='{name}']/text()")
        # Names may have a prefix.
        assert [h.strip() if name == "bad-namespace" else plain(h.strip())
                for h in have] == [value], said
    return error


def get(m, select="o:offload", source="running", **options):
    """What an XPath finds in the reply to get-config of all of offload."""
    reply = ok(m.get_config(source, filter=subtree(offload()), **options))
    return reply.data_ele.xpath(select, namespaces=NAMES)


def texts(nodes):
    return [n.text for n in nodes]


def leaf(m, path, source="running", **options):
    """The value of a leaf below offload, None if it is not there: path is
    like `table[main]/capacity`."""
    steps = []
    for step in path.split("/"):
        match = re.fullmatch(r"([\w-]+)(?:\[(.*)\])?", step)
        name, key = match.groups()
        steps.append(f"o:{name}" + (f"[*[1]='{key}']" if key else ""))
    found = texts(get(m, "o:offload/" + "/".join(steps), source, **options))
    assert len(found) <= 1, found
    return found[0] if found else None


def capacity(m, source="running"):
    return leaf(m, "table[main]/capacity", source)


def set_capacity(m, value, target="running", **options):
    return edit(m, table(f"<capacity>{value}</capacity>"), target, **options)
