#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The engine from Python: a request becomes a clip, in this thread and in the worker's."""

import os
import sys

try:
    import gi
except ImportError:
    print("python3-gi is not installed")
    sys.exit(77)

gi.require_version("Tpd", "1")
from gi.repository import Gio, GLib, Tpd  # noqa: E402

FRAMES, SIZE, STEPS = 8, 16, 6  # of the tiny model

request = Tpd.Request.new()
request.model = os.environ["TPDIFF_TEST_MODEL"]
request.prompt = "a red star"
request.preview = Tpd.PreviewMode.STAGE
request.settings.props.seed = 5
request.settings.props.sampler = Tpd.SolverKind.EULER

# A settings record and back.
again = Tpd.Request.new_from_json(request.to_json())
assert again.prompt == "a red star"
assert again.settings.get_seed() == 5
assert again.settings.props.sampler == Tpd.SolverKind.EULER

# Blocking, with progress.
reports = []


def on_progress(progress, *data):
    preview = progress.preview.n_frames if progress.preview else 0
    reports.append((progress.phase, progress.fraction, preview))


pipeline = Tpd.Pipeline.new(request.model, "cpu")
assert pipeline.get_model().get_info().n_frames == FRAMES
clip = pipeline.generate(request, on_progress, None)
assert (clip.n_frames, clip.width, clip.height) == (FRAMES, SIZE, SIZE)
assert (clip.fps_n, clip.fps_d) == (8, 1)
assert clip.rgb.get_size() == FRAMES * SIZE * SIZE * 3
assert Tpd.Request.new_from_json(clip.record).settings.get_seed() == 5
assert reports[0][0] == Tpd.Phase.ENCODE and reports[-1][0] == Tpd.Phase.DECODE
assert [n for _, _, n in reports if n] == [FRAMES // 4, FRAMES // 2, FRAMES]
assert all(a[1] <= b[1] for a, b in zip(reports, reports[1:]))

# In the worker: the same bytes.
worker = Tpd.Worker.new()
job = worker.submit(request, on_progress)
assert job.wait().rgb.get_data() == clip.rgb.get_data()

# Errors are exceptions of the right domain.
request.settings.props.steps = 2
try:
    pipeline.generate(request, None, None)
    sys.exit("two steps for three stages were accepted")
except GLib.Error as error:
    assert error.matches(Tpd.error_quark(), Tpd.Error.INVALID_ARGUMENT), error

cancellable = Gio.Cancellable()
cancellable.cancel()
request.settings.props.steps = STEPS
try:
    pipeline.generate(request, None, None, cancellable)
    sys.exit("a cancelled generation went on")
except GLib.Error as error:
    assert error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error
