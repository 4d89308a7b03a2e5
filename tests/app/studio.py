# SPDX-License-Identifier: LGPL-2.1-or-later
"""Drives TPDiff Studio as a person with a screen reader would: through AT-SPI, by labels alone."""

import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

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
        self.root = wait_for(self._find_application, "the application's window")
        self._known = {}

    def _find_application(self):
        if self.process.poll() is not None:
            raise Missing(f"the application, which ended with {self.process.returncode}")
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application and application.get_process_id() == self.process.pid \
                    and application.get_child_count() > 0:
                return application
        return None

    def _walk(self, node):
        yield node
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child:
                yield from self._walk(child)

    def _fits(self, node, name, role):
        node.clear_cache()
        label = node.get_name() or ""
        return (name is None or label == name or (name.endswith("…") and label.startswith(name[:-1]))) \
            and (role is None or node.get_role_name() == role) \
            and node.get_state_set().contains(Atspi.StateType.VISIBLE)

    def _look(self, name, role):
        """What was found before, if it is still that, or else the first in the whole window: a walk is slow."""
        known = self._known.get((name, role))
        try:
            if known and self._fits(known, name, role):
                return known
        except GLib.Error:
            pass
        self.root.clear_cache()  # it may have another window by now
        self._known[name, role] = next((node for node in self._walk(self.root) if self._fits(node, name, role)), None)
        return self._known[name, role]

    def find(self, name=None, role=None):
        """What has this label (or begins with it, if it ends in an ellipsis) and role."""
        return wait_for(lambda: self._look(name, role), f"“{name}” ({role})")

    def shows(self, name, role=None):
        return bool(self._look(name, role))

    def names(self, beginning, role):
        """All labels that begin like this, in the order of the screen."""
        self.root.clear_cache()
        return [node.get_name() for node in self._walk(self.root) if self._fits(node, beginning + "…", role)]

    def text(self, name):
        node = self.find(name, "text")
        return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))

    def is_sensitive(self, node):
        node.clear_cache()
        return node.get_state_set().contains(Atspi.StateType.SENSITIVE)

    def press(self, name, role=None):
        node = self.find(name, role)
        wait_for(lambda: self.is_sensitive(node), f"“{name}”, sensitive")
        node.do_action(0)

    def type(self, name, text, role="text"):
        assert self.find(name, role).set_text_contents(text), f"cannot write into “{name}”"

    def set_value(self, name, value):
        node = self.find(name, "spin button")
        assert node.set_current_value(value), f"cannot set “{name}”"

    def value(self, name):
        return self.find(name).get_current_value()

    def report(self, picture=None):
        """Says what is on the screen, for someone who wonders why a test failed."""
        for node in self._walk(self.root):
            print(f"{node.get_role_name()}: {node.get_name()}", file=sys.stderr)
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

    def close(self):
        self.process.terminate()
        self.process.wait()
