# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an application shows, read from the accessibility bus.

Atspi's own objects ask for each thing about each widget, one after the other: a window of a thousand widgets takes
seconds, on a busy machine half a minute, and by then it is another window. Here all questions of one depth are asked
at once."""

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

ROOT = "/org/a11y/atspi/accessible/root"


class Node:
    """Something on the screen, as it was when it was looked at."""

    def __init__(self, screen, path, name, role, states):
        self._screen, self._path = screen, path
        self.name = name
        self.role = Atspi.role_get_name(Atspi.Role(role))
        self._states = states

    def _has(self, state):
        return bool(self._states[int(state) // 32] >> int(state) % 32 & 1)

    @property
    def is_visible(self):
        return self._has(Atspi.StateType.VISIBLE)

    @property
    def has_focus(self):
        return self._has(Atspi.StateType.FOCUSED)

    @property
    def is_sensitive(self):
        return self._has(Atspi.StateType.SENSITIVE)

    def _call(self, interface, method, arguments=None):
        return self._screen.call(self._path, "org.a11y.atspi." + interface, method, arguments)

    def _get(self, interface, name):
        return self._screen.call(self._path, "org.freedesktop.DBus.Properties", "Get",
                                 GLib.Variant("(ss)", ("org.a11y.atspi." + interface, name)))[0]

    def press(self):
        self._call("Action", "DoAction", GLib.Variant("(i)", (0,)))

    def text(self):
        return self._call("Text", "GetText", GLib.Variant("(ii)", (0, self._get("Text", "CharacterCount"))))[0]

    def write(self, text):
        return self._call("EditableText", "SetTextContents", GLib.Variant("(s)", (text,)))[0]

    def value(self):
        return self._get("Value", "CurrentValue")

    def set_value(self, value):
        self._screen.call(self._path, "org.freedesktop.DBus.Properties", "Set", GLib.Variant(
            "(ssv)", ("org.a11y.atspi.Value", "CurrentValue", GLib.Variant("d", value))))


class Screen:
    """The windows of a process."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address, = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None,
                                     Gio.DBusCallFlags.NONE, -1, None).unpack()
        self._bus = Gio.DBusConnection.new_for_address_sync(
            address,
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self._name = None

    def _ask(self, name, path, interface, method, arguments=None):
        return self._bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, -1,
                                   None).unpack()

    def call(self, path, interface, method, arguments=None):
        return self._ask(self._name, path, interface, method, arguments)

    def find(self, pid):
        """Whether the process has a window by now."""
        registered, = self._ask("org.a11y.atspi.Registry", ROOT, "org.a11y.atspi.Accessible", "GetChildren")
        for name, _ in registered:
            owner, = self._ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                               "GetConnectionUnixProcessID", GLib.Variant("(s)", (name,)))
            if owner == pid:
                self._name = name
                return bool(self._children_of([ROOT])[ROOT])
        return False

    def _children_of(self, paths):
        children = {}

        def on_answer(bus, result, path):
            try:
                answer, = bus.call_finish(result).unpack()
            except GLib.Error:  # it has just gone
                answer = []
            children[path] = [child for _, child in answer]

        for path in paths:
            self._bus.call(self._name, path, "org.a11y.atspi.Accessible", "GetChildren", None, None,
                           Gio.DBusCallFlags.NONE, -1, None, on_answer, path)
        while len(children) < len(paths):
            GLib.MainContext.default().iteration(True)
        return children

    def look(self):
        """All nodes, in the order of the screen."""
        children, depth = {}, [ROOT]
        while depth:
            children.update(self._children_of(depth))
            depth = [child for path in depth for child in children[path]]
        # Only what was asked for by now is in this list.
        items, = self.call("/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")
        known = {item[0][1]: Node(self, item[0][1], item[6], item[7], item[9]) for item in items}

        def walk(path):
            if path in known:
                yield known[path]
            for child in children[path]:
                yield from walk(child)

        return list(walk(ROOT))
