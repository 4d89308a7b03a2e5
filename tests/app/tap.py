# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs functions as tests and says how they went, in TAP, on descriptor 3 (see on-virtual-screen)."""

import os
import sys
import traceback


def run(tests, on_failure):
    """Runs functions, named after what they show, in order. Stops at the first that fails: the others go on from
    where it should have come to."""
    out = os.fdopen(3, "w", buffering=1)
    print(f"1..{len(tests)}", file=out)
    for number, test in enumerate(tests, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
        except Exception:
            traceback.print_exc()
            on_failure()
            print(f"not ok {number} {name}", file=out)
            sys.exit(1)
        print(f"ok {number} {name}", file=out)
