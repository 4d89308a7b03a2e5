#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program that makes a clip, and then says how it was made: embed.py PROMPT FILE.webp [SEED]

Gst runs the pipeline. Tpd, the engine itself, knows the models and reads settings records.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("Tpd", "1")
from gi.repository import GLib, Gst, Tpd  # noqa: E402


def make(prompt, path, seed):
    """Makes a clip; returns the settings record that the stream has as its comment."""
    pipeline = Gst.parse_launch("tpdiffsrc name=source ! tpdiffwebpenc lossless=true ! filesink name=sink")
    source = pipeline.get_by_name("source")
    source.set_property("prompt", prompt)  # not in the text above: a prompt may have quotes
    source.set_property("seed", seed)
    pipeline.get_by_name("sink").set_property("location", path)
    record = None
    try:
        pipeline.set_state(Gst.State.PLAYING)
        while True:
            message = pipeline.get_bus().timed_pop(Gst.CLOCK_TIME_NONE)
            if message.type == Gst.MessageType.PROGRESS:
                print("\r" + message.parse_progress().text, end="\x1b[K", flush=True)
            elif message.type == Gst.MessageType.TAG:
                found, comment = message.parse_tag().get_string(Gst.TAG_COMMENT)
                record = comment if found else record
            elif message.type == Gst.MessageType.ERROR:
                raise message.parse_error().gerror
            elif message.type == Gst.MessageType.EOS:
                return record
    finally:
        pipeline.set_state(Gst.State.NULL)  # cancels a clip under way


def main():
    Gst.init(None)
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    prompt, path, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    try:
        model = Tpd.ModelInfo.read(None)
        print(f"{model.name}: {model.n_frames} frames of {model.width} × {model.height}")
        record = make(prompt, path, seed)
    except GLib.Error as error:
        sys.exit("\n" + error.message)
    request = Tpd.Request.new_from_json(record)
    print(f"\n{path}: “{request.prompt}”, seed {request.settings.get_seed()}, "
          f"{request.settings.get_steps()} steps")


main()
