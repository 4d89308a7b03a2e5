#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pipelines of the documentation and the example programs work.

usage: test-examples.py PAGE TPDIFF EMBED_C EMBED_PY

Every gst-launch-1.0 command of the page is parsed, and run with the tiny model in place of the bundled one and a fakesink in
place of screens, cameras and networks; the files that it writes are looked at, with tpdiff inspect, too. Not run: what receives from a network, and what
has an element that is not installed here, as long as it is not one of ours.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

try:
    import gi
except ImportError:
    print("1..0 # SKIP python3-gi is not installed")
    sys.exit(0)

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

# Elements that need something outside, with their properties.
DEVICE_SINKS = r"\b(autovideosink|udpsink|v4l2sink|webrtcsink)( [a-z-]+=\S+)*"
DEVICE_SOURCES = {"udpsrc", "v4l2src"}

# Frames after which a pipeline without an end is asked for one: a clip and a half of the tiny model.
ENOUGH = 12

PATIENCE = 100 * Gst.SECOND

# How files of a kind begin, and where.
MAGIC = {
    ".mp4": (4, b"ftyp"), ".webm": (0, b"\x1a\x45\xdf\xa3"), ".gif": (0, b"GIF89a"),
    ".webp": (8, b"WEBP"), ".png": (0, b"\x89PNG"),
}

SUBTITLES = "1\n00:00:00,000 --> 00:00:01,000\na red star\n\n2\n00:00:01,500 --> 00:00:02,500\na blue circle\n"


class Skip(Exception):
    """Why a pipeline is parsed and not run."""


def pipelines_of(page):
    with open(page, encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.M | re.S)
    commands = [re.sub(" +", " ", line) for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [command for command in commands if command.startswith("gst-launch-1.0 ")]


def parse(command):
    context = Gst.ParseContext.new()
    try:
        return Gst.parse_launchv_full(shlex.split(command)[1:], context, Gst.ParseFlags.FATAL_ERRORS)
    except GLib.Error as error:
        missing = context.get_missing_elements() or []
        if not missing or any(name.startswith("tpdiff") for name in missing):
            raise
        raise Skip("not installed here: " + ", ".join(missing)) from error


def elements_of(pipeline):
    elements = []
    iterator = pipeline.iterate_recurse()
    result, element = iterator.next()
    while result == Gst.IteratorResult.OK:
        elements.append(element)
        result, element = iterator.next()
    return elements


def end_when_enough(pipeline):
    """Sends the end of the stream when enough frames have left a source that has none."""
    for source in elements_of(pipeline):
        if source.find_property("clips") and source.get_property("clips") == 0:
            count = 0

            def on_buffer(*_):
                nonlocal count
                count += 1
                if count == ENOUGH:
                    pipeline.call_async(lambda element: element.send_event(Gst.Event.new_eos()))
                return Gst.PadProbeReturn.OK

            source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, on_buffer)


def play(pipeline):
    end_when_enough(pipeline)
    try:
        pipeline.set_state(Gst.State.PLAYING)
        message = pipeline.get_bus().timed_pop_filtered(PATIENCE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message is None:
            raise AssertionError("it hangs")
        if message.type == Gst.MessageType.ERROR:
            raise message.parse_error().gerror
    finally:
        pipeline.set_state(Gst.State.NULL)


def check_file(path):
    offset, magic = MAGIC[os.path.splitext(path)[1]]
    with open(path, "rb") as file:
        found = file.read(offset + len(magic))[offset:]
    assert found == magic, f"{path} begins with {found}"


def check_record(tpdiff, path, prompt):
    output = subprocess.run([tpdiff, "inspect", path], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    assert prompt in output, f"{path} does not say “{prompt}”: {output}"


def check_pipeline(tpdiff, command):
    parse(command)
    pipeline = parse(re.sub(DEVICE_SINKS, "fakesink", command))
    factories = {element.get_factory().get_name() for element in elements_of(pipeline) if element.get_factory()}
    if factories & DEVICE_SOURCES:
        raise Skip("needs " + ", ".join(sorted(factories & DEVICE_SOURCES)))
    play(pipeline)
    prompt = re.search(r'tpdiffsrc .*prompt="([^"]+)"', command)
    for path in re.findall(r"sink location=(\S+)", command):
        check_file(path % 0 if "%" in path else path)
        if prompt and "%" not in path and path != "preview.gif":
            check_record(tpdiff, path, prompt.group(1))


def check_program(tpdiff, path, *argv):
    output = subprocess.run([*argv, 'a "red" star', path], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    assert path in output, output
    check_file(path)
    check_record(tpdiff, path, "star")


def report(number, name, check, *arguments):
    try:
        check(*arguments)
    except Skip as reason:
        print("ok", number, "-", name, "# SKIP only parsed,", reason)
    except (AssertionError, GLib.Error, OSError, subprocess.SubprocessError) as error:
        print("not ok", number, "-", name)
        print("#", str(error).replace("\n", "\n# "))
        return False
    else:
        print("ok", number, "-", name)
    return True


def main():
    page, tpdiff, embed_c, embed_py = (os.path.abspath(path) for path in sys.argv[1:])
    commands = pipelines_of(page)
    checks = [(command.replace("#", ""), check_pipeline, tpdiff, command) for command in commands]
    checks.append(("embed.c", check_program, tpdiff, "embed-c.gif", embed_c))
    checks.append(("embed.py", check_program, tpdiff, "embed-py.webp", sys.executable, embed_py))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir("models")
        os.symlink(os.environ["TPDIFF_TEST_MODEL"], "models/shapes-64")
        os.environ["TPDIFF_MODEL_PATH"] = os.path.join(folder, "models")
        with open("script.srt", "w", encoding="utf-8") as file:
            file.write(SUBTITLES)
        Gst.init(None)
        print(f"1..{len(checks)}", flush=True)
        good = [report(number, *check) for number, check in enumerate(checks, 1)]
        os.chdir("/")
    sys.exit(not all(good))


main()
