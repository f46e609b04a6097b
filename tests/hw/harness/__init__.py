# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of tests/hw/vm, which see for options and exit codes.

    kernlog     which lines of a kernel's log are complaints
    guardian    host processes that end with the one that started them
    engines     the command lines of User-Mode Linux and QEMU
    machine     one run of a guest, from its boot to its verdict
"""
