# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives TPDiff Studio as a person with a screen reader would: through AT-SPI, by labels alone."""

import subprocess
import sys
import time

from gi.repository import GLib

from screen import Screen

# Only ends a test that would hang: nothing is judged by how long it takes.
PATIENCE_S = 120.0


class Missing(AssertionError):
    """What a test looks for is not on the screen."""


def wait_for(condition, what):
    """The first true value of condition(), which is asked until then."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            value = condition()
        except GLib.Error:  # what was looked at has just gone
            value = None
        if value:
            return value
        time.sleep(0.1)
    raise Missing(what)


class Studio:
    """The application in a process of its own."""

    def __init__(self, executable, *files):
        self.process = subprocess.Popen([executable, *files])
        self.screen = Screen()
        wait_for(self._has_window, "the application's window")

    def _has_window(self):
        if self.process.poll() is not None:
            raise Missing(f"the application, which ended with {self.process.returncode}")
        return self.screen.find(self.process.pid)

    def _fitting(self, name, role):
        for node in self.screen.look():
            if (name is None or node.name == name or (name.endswith("…") and node.name.startswith(name[:-1]))) \
                    and (role is None or node.role == role) and node.is_visible:
                yield node

    def find(self, name=None, role=None):
        """What has this label (or begins with it, if it ends in an ellipsis) and role."""
        return wait_for(lambda: next(self._fitting(name, role), None), f"“{name}” ({role})")

    def shows(self, name, role=None):
        return next(self._fitting(name, role), None) is not None

    def names(self, beginning, role):
        """All labels that begin like this, in the order of the screen."""
        return [node.name for node in self._fitting(beginning + "…", role)]

    def text(self, name):
        return self.find(name, "text").text()

    def is_sensitive(self, name, role=None):
        return self.find(name, role).is_sensitive

    def press(self, name, role=None):
        wait_for(lambda: next((node for node in self._fitting(name, role) if node.is_sensitive), None),
                 f"“{name}” ({role}), sensitive").press()

    def type(self, name, text, role="text"):
        assert self.find(name, role).write(text), f"cannot write into “{name}”"

    def set_value(self, name, value):
        self.find(name, "spin button").set_value(value)

    def value(self, name, role=None):
        return self.find(name, role).value()

    def report(self, picture=None):
        """Says what is on the screen, for someone who wonders why a test failed."""
        for node in self.screen.look():
            print(f"{node.role}: {node.name}", file=sys.stderr)
        if picture:
            self.picture(picture)

    def picture(self, path):
        """Writes what the screen shows into a PNG file."""
        time.sleep(0.5)  # let it be drawn
        subprocess.run(["import", "-window", "root", path], check=True)

    def keys(self, title, *keys):
        """Presses keys in the window of this title, if there is one: to be repeated until they have had their effect.
        GTK 4.8's dialogs do not appear on the accessibility bus, and no window manager gives them the focus."""
        windows = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name", title],
            capture_output=True, text=True).stdout.split()
        if windows:
            subprocess.run(["xdotool", "windowfocus", windows[0], "key", *keys])

    def choose(self, name, n_below):
        """Takes what is so many lines below in a row's list, with the keyboard: the row cannot be pressed."""
        def reach():
            if any(node.has_focus for node in self._fitting(name, None)):
                return True
            self.keys("TPDiff Studio", "Tab")
            return False

        wait_for(reach, f"focus on “{name}”")
        self.keys("TPDiff Studio", "space", *["Down"] * n_below, "Return")

    def close(self):
        self.process.terminate()
        self.process.wait()
