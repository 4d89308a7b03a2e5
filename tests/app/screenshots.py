# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of the main views, for the README and for who works on their looks:

build-aux/devenv tests/app/on-virtual-screen /usr/bin/python3 tests/app/screenshots.py FOLDER [wide|dark|narrow|contrast …]
"""

import os
import subprocess
import sys
import time

from studio import Studio

FOLDER = sys.argv[1]
PROMPT = "a large yellow triangle moving right on a dark blue background"
WIDE = (1200, 840)
NARROW = (360, 720)


def open_studio(size, dark=False, contrast=False):
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "glib-2.0", "settings")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "keyfile"), "w") as file:
        file.write(f"[org/tpdiff/Studio]\nwindow-width={size[0]}\nwindow-height={size[1]}\n")
    os.environ["ADW_DEBUG_COLOR_SCHEME"] = "prefer-dark" if dark else "prefer-light"
    os.environ["ADW_DEBUG_HIGH_CONTRAST"] = "1" if contrast else "0"
    return Studio("build/app/tpdiff-studio")


def shoot(studio, name):
    path = os.path.join(FOLDER, f"studio-{name}.png")
    studio.picture(path)
    subprocess.run(["convert", path, "-trim", "+repage", "-strip", path], check=True)
    print(path, flush=True)


def generate(studio, prompt):
    studio.type("Prompt", prompt)
    studio.press("Generate", "push button")
    time.sleep(0.5)  # it is Cancel by then, for a while
    studio.find("Generate", "push button")


def wide():
    studio = open_studio(WIDE)
    generate(studio, PROMPT)
    studio.press("Compare with the final clip")
    shoot(studio, "wide")
    studio.press("Compare with the final clip")
    studio.press("Compare", "push button")
    studio.find("Sampling took…", "label")
    shoot(studio, "vanilla")
    studio.close()


def dark():
    studio = open_studio(WIDE, dark=True)
    generate(studio, PROMPT)
    shoot(studio, "dark")
    studio.press("History", "page tab")
    for prompt in ("a large red circle growing on a black background", "a medium blue square moving up on a white background",
                   "a large purple star standing still on a black background"):
        studio.press("Generate", "page tab")
        generate(studio, prompt)
    studio.press("History", "page tab")
    shoot(studio, "history")
    studio.close()


def narrow():
    studio = open_studio(NARROW)
    generate(studio, PROMPT)
    shoot(studio, "narrow")
    for page in ("History", "Models", "Training"):
        studio.press(page)
        shoot(studio, "narrow-" + page.lower())
    studio.press("New Training…")
    shoot(studio, "narrow-training-form")
    studio.close()


def contrast():
    studio = open_studio(WIDE, contrast=True)
    generate(studio, PROMPT)
    shoot(studio, "contrast")
    studio.close()


for scene in sys.argv[2:] or ("wide", "dark", "narrow", "contrast"):
    globals()[scene]()
