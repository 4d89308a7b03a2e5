#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every message of the sources is translated into every language of LINGUAS.

test-translations.py ROOT XGETTEXT-ARGUMENT…
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
PO = ROOT / "po"
MARK = re.compile(r'\bN?_ \("|\bngettext \(|translatable="yes"')


def words(file):
    """The lines of a file without comments."""
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def has_messages(file):
    return file.suffix in (".c", ".h", ".ui") and MARK.search(file.read_text())


def collect(pot):
    """Writes a fresh template; what xgettext complained about."""
    result = subprocess.run(
        ["xgettext", "-D", ROOT, "-f", PO / "POTFILES", "-o", pot, *sys.argv[2:]],
        stderr=subprocess.PIPE, text=True)
    return result.stderr if result.returncode else ""


def compare(language, pot):
    """What msgcmp and msgfmt say against a translation; empty if it is whole."""
    file = PO / f"{language}.po"
    said = ""
    for command in (["msgcmp", file, pot], ["msgfmt", "--check", "-o", "/dev/null", file]):
        result = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            said += "".join(line for line in result.stderr.splitlines(True) if "warning" not in line)
    return said


def main():
    number = 0

    def tell(what, wrong):
        nonlocal number
        number += 1
        print("ok" if not wrong else "not ok", number, "-", what)
        for line in str(wrong).splitlines() if wrong else []:
            print("#", line)
        return not wrong

    languages = words(PO / "LINGUAS")
    print(f"1..{len(languages) + 2}")
    listed = set(words(PO / "POTFILES"))
    sources = [file for folder in ("app", "engine", "gst-plugin") for file in (ROOT / folder).rglob("*")]
    missing = [str(file.relative_to(ROOT)) for file in sources
               if has_messages(file) and str(file.relative_to(ROOT)) not in listed]
    fine = tell("POTFILES names every source with messages", "\n".join(sorted(missing)))
    with tempfile.TemporaryDirectory() as folder:
        pot = pathlib.Path(folder) / "tpdiff.pot"
        fine &= tell("messages can be collected", collect(pot))
        for language in languages:
            fine &= tell(f"{language} is complete", compare(language, pot))
    return 0 if fine else 1


sys.exit(main())
