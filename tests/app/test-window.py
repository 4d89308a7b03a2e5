# SPDX-License-Identifier: LGPL-2.1-or-later
"""The first minute with the application: a clip is made, looked at, and remembered."""

import os

import tap
from studio import Studio, wait_for

PROMPT = "a red star"
GREEN = "a green square"
studio = Studio(os.environ["TPDIFF_STUDIO"])


def picture(name):
    folder = os.environ.get("TPDIFF_TEST_PICTURES")
    if folder:
        studio.picture(os.path.join(folder, name + ".png"))


def restart():
    global studio
    studio.close()
    studio = Studio(os.environ["TPDIFF_STUDIO"])


def a_clip_is_made():
    studio.type("Prompt", PROMPT)
    studio.set_value("Steps", 6)
    studio.press("Generate", "push button")
    studio.find("Done in…", "label")
    studio.find("Generate", "push button")


def every_stage_can_be_replayed():
    studio.press("Replay stage 1")
    studio.find("Stage 1 of…", "label")
    studio.press("Replay stage 2")


def a_stage_is_compared_with_the_clip():
    studio.press("Compare with the final clip")
    studio.find("Final clip", "label")
    studio.press("Compare with the final clip")
    wait_for(lambda: not studio.shows("Final clip", "label"), "no comparison")


def the_player_steps():
    studio.press("Pause")
    before = studio.value("Position")
    studio.press("Next frame")
    wait_for(lambda: studio.value("Position") != before, "the next frame")


def vanilla_is_shown_beside_the_pyramid():
    studio.press("Compare", "push button")
    studio.find("Sampling took…", "label")
    studio.find("Pyramid, …", "label")
    studio.find("Show Both", "push button")


def both_are_shown_in_one_picture():
    studio.press("Both clips in one picture")
    studio.find("Divider between the clips").set_value(0.25)
    wait_for(lambda: studio.value("Divider between the clips") == 0.25, "the divider moved")
    wait_for(lambda: not studio.shows("Clip to compare with", "image"), "one picture")
    picture("wipe")
    studio.press("Both clips in one picture")
    studio.find("Clip to compare with", "image")


def open_prompts():
    # The menu button, and the button in it that has the action.
    studio.find("Recent prompts and examples")
    list(studio._fitting("Recent prompts and examples", "push button"))[-1].press()


def prompts_are_remembered():
    open_prompts()
    studio.press("a large red circle growing on a black background", "push button")
    wait_for(lambda: studio.text("Prompt").startswith("a large red circle"), "the example")
    open_prompts()
    picture("prompts")
    studio.press(PROMPT, "push button")
    wait_for(lambda: studio.text("Prompt") == PROMPT, "the prompt of before")


def the_clip_is_exported():
    path = os.path.join(os.environ["HOME"], PROMPT + ".mp4")
    studio.press("Export", "push button")
    wait_for(lambda: os.path.exists(path) or studio.keys("Export Clip", "alt+e"), "the exported file")
    assert os.path.getsize(path) > 0


def a_clip_is_cancelled():
    studio.set_value("Steps", 3000)
    studio.press("Generate", "push button")
    studio.press("Cancel", "push button")
    studio.find("Cancelled", "label")
    studio.find("Generate", "push button")


def impossible_settings_are_explained():
    studio.set_value("Steps", 1)
    wait_for(lambda: not studio.is_sensitive("Generate", "push button"), "no way to generate")
    studio.set_value("Steps", 6)
    wait_for(lambda: studio.is_sensitive("Generate", "push button"), "a way to generate")


def a_restart_remembers():
    studio.press("Generate", "push button")
    studio.find("Done in…", "label")
    restart()
    assert studio.value("Steps", "spin button") == 6
    studio.press("Generate", "push button")
    studio.find("Done in…", "label")


def queued():
    return studio.names("Make “", "push button")[::2]  # each has "earlier" and "later"


def clips_wait_in_a_queue():
    studio.set_value("Steps", 100000)
    studio.press("Generate", "push button")
    studio.find("Cancel", "push button")
    studio.set_value("Steps", 6)
    for prompt in ("a blue circle", GREEN):
        studio.type("Prompt", prompt)
        studio.press("Add to the queue", "push button")
        studio.find(f"Make “{prompt}” earlier", "push button")
    studio.press(f"Make “{GREEN}” earlier", "push button")
    wait_for(lambda: queued() == [f"Make “{GREEN}” earlier", "Make “a blue circle” earlier"], "the other order")
    restart()  # what waits is kept, and made; what was being made is not
    studio.find("Done in…", "label")
    wait_for(lambda: not queued(), "an empty queue")
    studio.find("Generate", "push button")


def opened():
    return studio.names("Open “", "push button")


def the_history_survives_a_restart():
    restart()
    studio.press("History", "page tab")
    wait_for(lambda: {f"Open “{PROMPT}”", f"Open “{GREEN}”", "Open “a blue circle”"} <= set(opened()), "the clips")


def the_history_is_searched():
    studio.type("Search prompts", "SQUARE green", "entry")
    wait_for(lambda: opened() == [f"Open “{GREEN}”"], "one clip")
    studio.type("Search prompts", "zebra", "entry")
    wait_for(lambda: not opened(), "no clip")
    studio.type("Search prompts", "", "entry")
    wait_for(lambda: len(opened()) > 2, "all clips")


def favourites_are_found():
    studio.press(f"Favourite “{GREEN}”", "push button")
    studio.press("Favourites only", "push button")
    wait_for(lambda: opened() == [f"Open “{GREEN}”"], "the favourite")
    studio.press("Favourites only", "push button")
    wait_for(lambda: len(opened()) > 2, "all clips")


def a_deleted_clip_comes_back():
    studio.press(f"Open “{GREEN}”", "push button")
    studio.press("Delete this clip", "push button")
    wait_for(lambda: f"Open “{GREEN}”" not in opened(), "the clip gone")
    studio.press("Undo…", "push button")  # libadwaita 1.2 names it "Undo Undo"
    wait_for(lambda: f"Open “{GREEN}”" in opened(), "the clip again")


def settings_are_used_again():
    studio.press("Open “a blue circle”", "push button")
    studio.press("Use These Settings", "push button")
    wait_for(lambda: studio.text("Prompt") == "a blue circle", "the prompt")


def an_exported_file_restores_its_settings():
    global studio
    studio.close()
    studio = Studio(os.environ["TPDIFF_STUDIO"], os.path.join(os.environ["HOME"], PROMPT + ".mp4"))
    wait_for(lambda: studio.text("Prompt") == PROMPT, "the prompt")


if __name__ == "__main__":
    try:
        tap.run([
            a_clip_is_made,
            every_stage_can_be_replayed,
            a_stage_is_compared_with_the_clip,
            the_player_steps,
            vanilla_is_shown_beside_the_pyramid,
            both_are_shown_in_one_picture,
            prompts_are_remembered,
            the_clip_is_exported,
            a_clip_is_cancelled,
            impossible_settings_are_explained,
            a_restart_remembers,
            clips_wait_in_a_queue,
            the_history_survives_a_restart,
            the_history_is_searched,
            favourites_are_found,
            a_deleted_clip_comes_back,
            settings_are_used_again,
            an_exported_file_restores_its_settings,
        ], lambda: studio.report(os.environ.get("TPDIFF_TEST_PICTURE")))
    finally:
        studio.close()
