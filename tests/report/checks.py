# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of offload-report share: a check that says what it saw, and
one test after the other, whatever becomes of the one before."""
import contextlib
import traceback


class Failed(Exception):
    pass


def check(truth, sentence, *context):
    if not truth:
        raise Failed("\n".join([sentence] + [str(c)[:3000] for c in context]))


def run_tests(tests, around=contextlib.nullcontext):
    """Those of a module that are called test_*, each within `around`; prints
    "N passed, N failed" and returns an exit status."""
    passed = failed = 0
    for name, test in list(tests.items()):
        if not name.startswith("test_"):
            continue
        try:
            with around():
                test()
            passed += 1
            print("ok -", name, flush=True)
        except Exception as error:  # whatever it is, the others run
            failed += 1
            text = error if isinstance(error, Failed) else \
                traceback.format_exc()
            print("not ok -", name, "\n#", str(text).replace("\n", "\n# "),
                  flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
