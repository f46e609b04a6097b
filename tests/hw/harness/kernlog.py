# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's log: kept in a file a person can read, and judged line by line.

A complaint is a line by which the kernel says that something is wrong with
it or with a driver.  What programs of the guest do wrong (a segmentation
fault, a refused netlink message) is none.  Neighbour: machine.py feeds it.
"""
import re

# After the time stamp.  Words the kernel uses for nothing else.
COMPLAINT = re.compile(r"""
      WARNING:[ ]| BUG[: ] | kernel[ ]BUG[ ]at | \[[ ]cut[ ]here[ ]\]
    | Oops[: ] | Kernel[ ]panic | Kernel[ ]mode[ ]fault
    | (?:general|double)[ ](?:protection[ ])?fault | unable[ ]to[ ]handle
    | INFO:[ ](?:task|possible|trying|inconsistent|rcu|suspicious|lockdep)
    | rcu:[ ]INFO | rcu_\w+[ ](?:self-)?detected[ ](?:stall|expedited)
    | possible[ ](?:recursive|circular|irq)[ ]lock
    | suspicious[ ]RCU | DEBUG_LOCKS_WARN_ON | turning[ ]off[ ]the[ ]locking
    | (?:soft|hard)[ ](?:lockup|LOCKUP) | watchdog:[ ]BUG
    | (?:sleeping[ ]function[ ]called|scheduling[ ]while[ ]atomic)
    | refcount_t: | ref_tracker: | unregister_netdevice:[ ]waiting
    | Slab[ ]cache[ ]still[ ]has[ ]objects | (?:Objects|objects)[ ]remaining[ ]in
    | kmem_cache_destroy[ ]\S+: | list_(?:add|del)[ ]corruption
    | ODEBUG: | UBSAN: | KASAN: | KFENCE: | kobject:.*(?:error|tried)
    | kobject_add_internal[ ]failed | sysfs:[ ]cannot[ ]create[ ]duplicate
    | Freeing[ ]alive[ ]| Attempt[ ]to[ ]release[ ]alive
    | kmemleak:[ ]\d+[ ]new[ ]suspected
    | INFO:[ ]Slab | \[[ ]BUG: | workqueue:[ ].*[ ](?:hogged|leaked)
""", re.X)
# what a program of the guest wrote without a newline may stand before it
STAMP = re.compile(r"\[ *\d+\.\d{6}\](?:\[[ \w]+\])? ?")

# says nothing to a reader of a summary; '?': an address found by accident
NUMBERS = re.compile(r"""
      (?:[ ]*[0-9a-f]{8,16})+[ ]*$ | Stack: | Code:[ ] | R[A-Z0-9]{2}:[ ]
    | [CF]S:[ ]{2} | CR2:[ ] | PKRU:[ ] | Hardware[ ]name: | \[[ ]cut
    | [ ]*</?TASK> | [ ]{2}hex[ ]dump | (?:[ ]+[0-9a-f]{2}){16}
    | [ ]*(?:\[<\w+>\][ ])?\?[ ]
""", re.X)
CONTEXT = 20                    # lines of the summary


class KernelLog:
    """Takes the console's bytes, writes lines, remembers complaints."""

    def __init__(self, path):
        self.path = path
        self.file = open(path, "w", encoding="utf-8", errors="replace")
        self.rest = b""
        self.count = 0          # complaints
        self.first = []         # the first of them, and what followed
        self.panicked = False
        self.judging = True     # False: we asked for what comes now

    def feed(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line)
        self.file.flush()

    def line(self, raw):
        text = raw.replace(b"\r", b"").replace(b"\0", b"") \
            .decode(errors="replace")
        self.file.write(text + "\n")
        words = STAMP.split(text, 1)[-1]
        if not self.judging:
            return
        if COMPLAINT.match(words.lstrip("=- ")):
            self.count += 1
            self.panicked = self.panicked or "Kernel panic" in words
        if self.count and len(self.first) < CONTEXT \
                and words.strip("=-* ") and not NUMBERS.match(words.lstrip("-")):
            self.first.append(text)

    def note(self, text):
        """A line of ours."""
        self.file.write("vm: %s\n" % text)
        self.file.flush()

    def close(self):
        if self.rest:
            self.line(self.rest)
            self.rest = b""
        self.file.close()
