# SPDX-License-Identifier: LGPL-2.1-or-later
"""The man page and the completion name every command and every long option that --help prints.

usage: test-documentation.py TPDIFF MAN_PAGE COMPLETION
"""

import os
import re
import subprocess
import sys

tpdiff, man_page, completion = (os.path.abspath(path) for path in sys.argv[1:])
environment = dict(os.environ, LC_ALL="C.UTF-8", PATH=os.path.dirname(tpdiff) + ":" + os.environ["PATH"])


def output_of(*argv):
    return subprocess.run(argv, env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout


def complete(*words):
    """What the completion proposes where the last word is being typed."""
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tpdiff; printf "%s\\n" "${COMPREPLY[@]}"'
    return output_of("bash", "-c", script, "bash", completion, *words).split()


with open(man_page, encoding="utf-8") as file:
    page = file.read().replace("\\-", "-")
sections = {section.split("\n", 1)[0]: section for section in re.split(r"^\.S[SH] ", page, flags=re.M)}
summary = output_of(tpdiff, "--help")
commands = re.findall(r"^ {2}([a-z]+) {2,}\S", summary, re.M)

results = [
    ("there are commands", {"generate", "train"} <= set(commands)),
    ("the page has no placeholder left", not re.search(r"@[A-Z]+@", page)),
    ("completion of commands", set(complete("tpdiff", "")) == {*commands, "--help", "--version"}),
    ("completion of values", complete("tpdiff", "train", "--form", "=", "d") == ["ddim"]),
]
for words in [[command] for command in commands] + [["train", "preview"], ["train", "vae"]]:
    name = "tpdiff " + " ".join(words)
    options = set(re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)", output_of(tpdiff, *words, "--help"), re.M))
    described = set(re.findall(r"^\.B (?:-\w, )?(--[a-z0-9-]+)", sections.get(name, ""), re.M))
    proposed = {word.rstrip("=") for word in complete(*name.split(), "--")}
    results.append((f"man page of {name}: {sorted(options - described)}", options - described == {"--help"}))
    results.append((f"completion of {name}: {sorted(options ^ proposed)}", options == proposed))
for variable in ["TPDIFF_THREADS", "TPDIFF_MODEL_PATH", "TPDIFF_CPU", "TPDIFF_MODULE_DIR"]:
    results.append(("the page has " + variable, ".B " + variable in page))

print(f"1..{len(results)}")
for number, (name, good) in enumerate(results, 1):
    print("ok" if good else "not ok", number, "-", name)
sys.exit(not all(good for _, good in results))
