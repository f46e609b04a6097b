# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines of the two engines, and what each can and cannot do.

An engine gives the guest three one-way ports (output, errors, control) and a
console, as pipes of the host.  The guest finds in its environment
    HW_JOB      the directory of this run, HW_GUEST   tests/hw/guest,
    HW_KERNEL   the kernel's directory in the cache
It refuses options the engine has nothing for.  Neighbours: vm (options),
machine.py (runs what is made here), guest/ (the other end).
"""
import os
import socket
import struct
import time

GUEST = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "guest")
COMMON = ["panic=-1", "oops=panic", "printk.time=1",
          "printk.devkmsg=on", "dummy.numdummies=0",
          "ifb.numifbs=0", "bonding.max_bonds=0", "fb_tunnels=none"]


class Refused(Exception):
    """A sentence for the user."""


def kernel_words(options, job):
    words = COMMON + ["HW_JOB=" + job, "HW_GUEST=" + GUEST,
                      "HW_KERNEL=" + options.kernel] + options.append
    for word in ("HW_JOB", "HW_GUEST", "HW_KERNEL"):
        value = next(w for w in words if w.startswith(word + "="))
        if any(c.isspace() for c in value):
            raise Refused("a path has a space, which no kernel command line "
                          "can hold: %s" % value)
    return words


def idlest():
    """The processor that has the least to do, of those we may use."""
    def idle():
        with open("/proc/stat") as f:
            lines = [line.split() for line in f if line[:3] == "cpu"]
        return {int(w[0][3:]): int(w[4]) for w in lines if w[0] != "cpu"}

    before = idle()
    time.sleep(0.1)     # ten of the units it is told in
    after = idle()
    return max(os.sched_getaffinity(0), key=lambda cpu: (
        after.get(cpu, 0) - before.get(cpu, 0), (cpu + os.getpid()) % 2))


class Uml:
    name = "uml"

    def __init__(self, options):
        if options.cpus != 1:
            raise Refused("User-Mode Linux has one processor here; "
                          "--cpus is for --engine qemu")
        if options.rocker:
            raise Refused("--rocker is for --engine qemu")
        self.options = options
        self.mconsole = None

    @staticmethod
    def port():
        """(our end, the guest's).  A terminal of UML must be able to poll
        for input, though none comes."""
        return tuple(s.detach() for s in socket.socketpair())

    def command(self, job, ports):
        """(argv, environment): ports are descriptors: output, errors,
        control, log."""
        out, err, control, _ = ports    # the log is its standard output
        self.mconsole = os.path.join(job, "vm", "mconsole")
        # Kernel and programs of the guest are processes that wait for each
        # other: on two processors, of which one always sleeps, a system call
        # takes three times as long.
        argv = ["taskset", "-c", str(idlest()),
                os.path.join(self.options.kernel, "linux"),
                "mem=%dM" % self.options.memory, "root=/dev/root",
                "rootfstype=hostfs", "rootflags=/", "ro", "con=null",
                "con0=fd:1", "con1=fd:%d" % out,
                "con2=fd:%d" % err, "con3=fd:%d" % control,
                "umid=vm", "uml_dir=%s/" % job, "loglevel=7",
                "init=%s/uml-init" % GUEST]
        if self.options.time_travel:
            argv.append("time-travel")
        argv += kernel_words(self.options, job)
        # The guest's memory is an unlinked file of this directory.
        tmp = "/dev/shm" if os.access("/dev/shm", os.W_OK) else job
        return argv, {"TMPDIR": tmp, "PATH": os.defpath, "HOME": "/"}

    def explain(self):
        """Ask a guest that hangs which tasks are blocked, and where.  (All
        tasks, sysrq t, is more than this kernel survives.)"""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            try:
                s.bind("")      # an abstract name, to which it answers
                s.settimeout(2)
                text = b"sysrq w\0"
                s.sendto(struct.pack("=III", 0xcafebabe, 2, len(text))
                         + text.ljust(512, b"\0"), self.mconsole)
                s.recv(4096)
            except OSError:
                pass            # it hangs too deeply to answer


class Qemu:
    name = "qemu"

    def __init__(self, options):
        if options.time_travel:
            raise Refused("--time-travel is for --engine uml")
        if options.leaks == "yes":
            raise Refused("the stock kernel has no kmemleak; "
                          "--leaks yes is for --engine uml")
        self.options = options

    @staticmethod
    def port():
        return os.pipe()

    def command(self, job, ports):
        kernel, options = self.options.kernel, self.options
        append = ["console=ttyS0", "loglevel=5", "nokaslr", "mitigations=off",
                  "apparmor=0", "audit=0", "no_timer_check", "tsc=reliable",
                  "rcupdate.rcu_expedited=1", "cryptomgr.notests",
                  "random.trust_cpu=on"] + kernel_words(options, job)
        argv = ["qemu-system-x86_64", "-M", "q35",
                "-accel", "tcg,thread=multi,tb-size=512",
                "-cpu", "max,-avx,-avx2", "-smp", str(options.cpus),
                "-m", str(options.memory), "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot",
                "-kernel", os.path.join(kernel, "vmlinux"),
                "-initrd", os.path.join(kernel, "initramfs"),
                "-append", " ".join(append),
                "-device", "virtio-serial-pci,max_ports=8"]
        argv += self.shared("hostroot", "/", ",readonly=on")
        if options.share:
            argv += self.shared("share", options.share, "")
        out, err, control, _ = ports
        argv += ["-chardev", "file,id=log,path=/proc/self/fd/1",
                 "-serial", "chardev:log"]
        for n, fd in enumerate((out, err, control), 1):
            argv += ["-chardev", "file,id=p%d,path=/proc/self/fd/%d" % (n, fd),
                     "-device", "virtserialport,chardev=p%d,nr=%d" % (n, n)]
        return argv + self.rocker(options.rocker), dict(os.environ)

    @staticmethod
    def shared(tag, path, more):
        if "," in path:
            path = path.replace(",", ",,")
        return ["-virtfs", "local,path=%s,mount_tag=%s,security_model=none,"
                "multidevs=remap%s" % (path, tag, more)]

    @staticmethod
    def rocker(ports):
        """A switch of so many ports, a network card at the other end of
        each."""
        if not ports:
            return []
        argv = ["-global", "driver=rocker,property=len-ports,value=%d" % ports]
        for n in range(ports):
            argv += ["-netdev", "hubport,id=sw%d,hubid=%d" % (n, n),
                     "-netdev", "hubport,id=host%d,hubid=%d" % (n, n),
                     "-global",
                     "driver=rocker,property=ports[%d],value=sw%d" % (n, n),
                     "-device", "virtio-net-pci,netdev=host%d,"
                     "mac=52:54:00:00:00:%02x" % (n, n + 1)]
        return argv + ["-device", "rocker,name=sw"]

    def explain(self):
        pass


ENGINES = {"uml": Uml, "qemu": Qemu}
