#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast the tc provider writes, beside tc -batch and a raw sender.

    tests/hw/rates.py --bench FILE [--engine uml|qemu] [--filters N] [--runs N]

All of them write the same N (10,000) filters of routes into the switch tcamsim
in one boot of a virtual machine, one after the other, N (5) times.  FILE is
tc_bench: the provider through its contract, which knows of each filter whether
hardware has it, and a sender of 64 messages a send that knows nothing.  tc
reads a file and says nothing either.  User-Mode Linux is made without what
checks the kernel (kernels.sh --lean): those checks are most of the time
otherwise.

Prints one JSON object: filters a second of each run, and the ratios, medians
over the runs.  Nothing is judged here.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORTS = ("sw1", "sw2")
BLOCK, CHAIN, PREF = 4096, 7000, 5


def parse():
    ask = argparse.ArgumentParser(
        usage=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ask.add_argument("--bench", required=True)
    ask.add_argument("--engine", choices=("uml", "qemu"), default="uml")
    ask.add_argument("--filters", type=int, default=10000)
    ask.add_argument("--runs", type=int, default=5)
    ask.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = ask.parse_args()
    # A third byte of the address, and handles of a batch in memory.
    if not 1 <= options.filters <= 60000:
        ask.error("--filters wants a number in 1..60000")
    if not 1 <= options.runs <= 100:
        ask.error("--runs wants a number in 1..100")
    return options


# ---------------------------------------------------------------- in the guest

def batch(words):
    """Filters a second of tc with these lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".batch") as f:
        f.write("\n".join(words) + "\n")
        f.flush()
        began = time.monotonic()
        subprocess.run(["tc", "-batch", f.name], check=True)
        return round(len(words) / (time.monotonic() - began))


def tc(count):
    where = "block %d chain %d pref %d protocol ip handle %%d flower" % (
        BLOCK, CHAIN, PREF)
    actions = ("action pedit ex munge eth dst set 02:00:00:00:00:01 "
               "munge eth src set 02:00:00:00:00:02 munge ip ttl dec pipe "
               "action csum ip pipe "
               "action mirred egress redirect dev " + PORTS[-1])
    return {
        "add_per_s": batch([
            "filter add %s skip_sw dst_ip 11.%d.%d.0/24 %s" % (
                where % (i + 1), i >> 8, i & 255, actions)
            for i in range(count)]),
        "delete_per_s": batch(["filter del " + where % (i + 1)
                               for i in range(count)])}


def inside(options):
    for port in PORTS:
        subprocess.run(["ip", "link", "set", port, "up"], check=True)
        subprocess.run(["tc", "qdisc", "add", "dev", port, "ingress_block",
                        str(BLOCK), "clsact"], check=True)
    ports = [word for port in PORTS for word in ("--port", port)]
    for _ in range(options.runs):
        said = subprocess.run(
            [options.bench, *ports, "--block", str(BLOCK),
             "--routes", str(options.filters)],
            check=True, stdout=subprocess.PIPE).stdout
        print(json.dumps(dict(json.loads(said), tc=tc(options.filters))),
              flush=True)


# ---------------------------------------------------------------- outside

def said_by(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split("\n")[0]


def ratios(runs):
    """Of the provider to the others, medians."""
    def ratio(other, what):
        return round(statistics.median(
            run["provider"][what] / run[other][what] for run in runs), 2)

    return {other: {what: ratio(other, what)
                    for what in ("add_per_s", "delete_per_s")}
            for other in ("tc", "raw", "raw_echo")}


def outside(options):
    kernels = [os.path.join(HERE, "kernels.sh")]
    if options.engine == "uml":
        kernels.append("--lean")
    kernel = said_by(*kernels, options.engine)
    with tempfile.TemporaryDirectory() as out:
        module = said_by(*kernels, "--quiet", "module",
                         os.path.join(HERE, "tcamsim"), options.engine,
                         "--out", os.path.join(out, "module"))
        done = subprocess.run(
            [os.path.join(HERE, "vm"), "--engine", options.engine,
             "--kernel", kernel, "--timeout", "900",
             *(("--leaks", "no") if options.engine == "uml" else ()),
             "--module", "%s tcam_slots=%d" % (module, 3 * options.filters),
             "/usr/bin/python3", os.path.abspath(__file__), "--inside",
             "--bench", os.path.abspath(options.bench),
             "--filters", str(options.filters), "--runs", str(options.runs)],
            text=True, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("rates: the virtual machine ended with %d" % done.returncode)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    print(json.dumps({"engine": options.engine,
                      "kernel": os.path.basename(kernel), "runs": runs,
                      "provider_to": ratios(runs)}, indent=1))


if __name__ == "__main__":
    options = parse()
    (inside if options.inside else outside)(options)
