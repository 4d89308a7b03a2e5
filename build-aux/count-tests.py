# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sums meson's logs (JUnit, and JSON beside it) into one line: N passed, N failed, N skipped. Fails if any failed or none
passed. A program that ended before its time has only passed cases in JUnit; it counts as one more that failed."""

import json
import sys
import xml.etree.ElementTree as ET

ENDED_BADLY = {"ERROR", "FAIL", "INTERRUPT", "TIMEOUT", "UNEXPECTEDPASS"}

passed = failed = skipped = 0
for path in sys.argv[1:]:
    told = set()
    for case in ET.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed += 1
            told.update((case.get("classname"), "%s.%s" % (case.get("classname"), case.get("name"))))
        elif "skipped" in kinds:
            skipped += 1
            print("skipped:", case.get("classname"), case.get("name"))
        else:
            passed += 1
    with open(path.replace(".junit.xml", ".json"), encoding="utf-8") as log:
        for program in map(json.loads, log):
            known = any(name.endswith(program["name"]) for name in told)
            if program["result"] in ENDED_BADLY and not known:
                failed += 1
                print("failed:", program["name"], program["result"])
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
