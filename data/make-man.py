# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the man page: the text of tpdiff.1.in, with every command and option as `tpdiff --help` tells them.

usage: make-man.py TPDIFF TEMPLATE VERSION DATADIR OUTPUT
"""

import os
import re
import subprocess
import sys

SUBCOMMANDS = {"train": ["preview", "vae"]}  # with a --help of their own


def ask(*arguments):
    environment = dict(os.environ, LC_ALL="C.UTF-8", LANGUAGE="")
    return subprocess.run([tpdiff, *arguments, "--help"], env=environment, stdout=subprocess.PIPE, check=True,
                          encoding="utf-8").stdout


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def prose(text):
    """Paragraphs; indented lines stay as they are."""
    lines = []
    for paragraph in text.strip("\n").split("\n\n"):
        body = [roff(line) for line in paragraph.split("\n")]
        if not paragraph.strip():
            continue
        keep = paragraph.startswith(" ")
        lines += [".PP", *([".nf"] if keep else []), *body, *([".fi"] if keep else [])]
    return lines


def option(line):
    names, help_text = re.match(r" +(-.*?)(?: {2,}(.*))?$", line).groups()
    return [".TP", ".B " + roff(names), roff(help_text or "")]


def command(words, summary):
    """One command: its usage, what it says of itself, and its options."""
    usage, rest = ask(*words).split("\n\n", 1)
    lines = [".SS " + roff("tpdiff " + " ".join(words))]
    lines += [roff(summary[0].upper() + summary[1:] + ".")] if summary else []
    lines += [".PP", ".B " + roff(usage.split("\n")[1].strip())]
    before, _, after = rest.partition("Help Options:")
    options = [line for line in after.split("\n") if re.match(r" +-", line) and "--help" not in line]
    # What follows the last option is the description.
    tail = after.rsplit(options[-1] if options else "options\n", 1)[1]
    for group in (prose(before), *(option(line) for line in options), prose(tail)):
        lines += group
    return lines


tpdiff, template, version, datadir, output = sys.argv[1:]
page = []
for name, summary in re.findall(r"^  ([a-z]+) +(.+)$", ask().partition("COMMAND [OPTION…]")[2], re.M):
    page += command([name], summary)
    for sub in SUBCOMMANDS.get(name, []):
        page += command([name, sub], "")
with open(template, encoding="utf-8") as file:
    text = file.read()
text = text.replace("\n@COMMANDS@\n", "\n" + "\n".join(page) + "\n")
text = text.replace("@VERSION@", version).replace("@DATADIR@", datadir)
with open(output, "w", encoding="utf-8") as file:
    file.write(text)
