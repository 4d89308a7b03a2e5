# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pages of models and of training: what is broken is explained; a training is started, paused, and found again after
a restart, and its result used."""

import fcntl
import glob
import os
import shutil
import signal

import tap
from studio import Studio, wait_for

BROKEN = os.path.join(os.environ["HOME"], "models", "broken")
TINY = os.path.basename(os.environ["TPDIFF_TEST_MODEL"])

# More than the test lets happen, and what it waits for.
FOREVER = 100000000
FEW = 20

shutil.copytree(os.environ["TPDIFF_TEST_MODEL"], BROKEN)
os.remove(os.path.join(BROKEN, "vae", "diffusion_pytorch_model.safetensors"))
os.environ["TPDIFF_MODEL_PATH"] = os.path.dirname(BROKEN) + ":" + os.environ["TPDIFF_MODEL_PATH"]
studio = Studio(os.environ["TPDIFF_STUDIO"])


def go_to(page):
    studio.press(page, "page tab")


def picture(name):
    folder = os.environ.get("TPDIFF_TEST_PICTURES")
    if folder:
        studio.picture(os.path.join(folder, name + ".png"))


def a_broken_model_is_explained():
    go_to("Models")
    studio.find("The autoencoder is missing or broken. vae/diffusion_pytorch_model.safetensors: "
                "there is no such file", "label")
    assert not studio.shows("Use broken")
    picture("models")


def a_model_that_works_is_in_use():
    studio.find("In use", "label")
    assert not studio.shows("Use " + TINY)


def fill_in(updates):
    studio.press("New Training…" if updates == 0 else "New training")
    studio.set_value("Clips", 8)
    studio.set_value("Batch", 2)
    studio.set_value("Updates", updates)


def a_training_needs_a_budget():
    go_to("Training")
    fill_in(0)
    studio.type("Minutes", "0")
    studio.find("How long?…", "label")
    studio.type("Minutes", "much")
    studio.find("--minutes should be a number…", "label")
    assert not studio.is_sensitive("Start Training")
    studio.type("Minutes", "0")
    picture("training-form")


def a_training_is_checked():
    studio.set_value("Updates", FOREVER)
    studio.press("Check")
    studio.find("data:…", "label")
    assert studio.is_sensitive("Start Training")


def a_training_is_started():
    studio.press("Start Training")
    studio.find("Running…", "label")
    studio.find("After…", "label")
    picture("training")


def it_is_paused():
    studio.press("Pause")
    studio.find("Paused…", "label")
    studio.find("Resume", "push button")


def it_is_resumed_after_a_restart():
    global studio
    studio.close()
    studio = Studio(os.environ["TPDIFF_STUDIO"])
    go_to("Training")
    studio.press("Show my-" + TINY)
    studio.press("Resume", "push button")
    studio.find("Running…", "label")
    studio.press("Pause")
    studio.find("Paused…", "label")
    studio.press("All Trainings")


def a_result_is_used():
    fill_in(FEW)
    studio.press("Start Training")
    studio.find("Done", "label")
    studio.press("Use the Result")
    studio.find("Generate", "push button")
    go_to("Models")
    picture("models-trained")
    studio.find("In use", "label")
    studio.find("Use " + TINY)


def two_trainings_are_compared():
    go_to("Training")
    studio.find("Course of the loss", "image")
    studio.choose("Compare with", 1)
    studio.find("Course of the loss, compared with my-" + TINY, "image")
    picture("training-compared")


def a_failure_is_explained():
    run = os.path.join(os.environ["XDG_DATA_HOME"], "tpdiff", "runs", "my-" + TINY)
    with open(os.path.join(run, "checkpoint.safetensors"), "r+b") as checkpoint:
        checkpoint.truncate(100)
    go_to("Training")
    studio.press("All Trainings")
    studio.press("Show my-" + TINY)
    studio.press("Resume", "push button")
    studio.find("Failed", "label")
    wait_for(lambda: any("checkpoint.safetensors" in name for name in studio.names("", "label")), "what is wrong")
    picture("training-failed")


def end_trainings():
    """Trainings outlive the application; those of a test that failed should not outlive the test."""
    for lock in glob.glob(os.path.join(os.environ["XDG_DATA_HOME"], "tpdiff", "runs", "*", "lock")):
        with open(lock) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.kill(int(file.read()), signal.SIGKILL)


if __name__ == "__main__":
    try:
        tap.run([
            a_broken_model_is_explained,
            a_model_that_works_is_in_use,
            a_training_needs_a_budget,
            a_training_is_checked,
            a_training_is_started,
            it_is_paused,
            it_is_resumed_after_a_restart,
            a_result_is_used,
            two_trainings_are_compared,
            a_failure_is_explained,
        ], lambda: studio.report(os.environ.get("TPDIFF_TEST_PICTURE")))
    finally:
        studio.close()
        end_trainings()
