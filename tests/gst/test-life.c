/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The life of tpdiffsrc: cancelling, flushing, ending early, changing its mind, crowds. */

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

#include "play.h"
#include "tpd.h"

#define FRAMES 8

/* So many steps would take minutes: whoever waits for them has not been cancelled. */
#define MANY       "stage-steps=1000,1000,1000"
#define MANY_STEPS 3000

static guint
n_progress (Play *run, GstProgressType wanted)
{
  GstMessage *message;
  guint count = 0;

  for (guint i = 0; (message = play_message (run, GST_MESSAGE_PROGRESS, i)) != NULL; i++)
    {
      GstProgressType type;

      gst_message_parse_progress (message, &type, NULL, NULL);
      count += type == wanted;
    }
  return count;
}

/* Plays until the worker has done a few steps of many. */
static Play *
play_some_steps (const char *arguments)
{
  Play *run = play_new (arguments);

  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 5; i++)
    play_wait_for (run, GST_MESSAGE_PROGRESS);
  return run;
}

static void
assert_cancelled (Play *run)
{
  GstMessage *last = NULL;
  GstProgressType type;

  play_wait_for (run, GST_MESSAGE_UNKNOWN);
  g_assert_cmpuint (n_progress (run, GST_PROGRESS_TYPE_CANCELED), ==, 1);
  g_assert_cmpuint (n_progress (run, GST_PROGRESS_TYPE_COMPLETE), ==, 0);
  for (guint i = 0; play_message (run, GST_MESSAGE_PROGRESS, i) != NULL; i++)
    last = play_message (run, GST_MESSAGE_PROGRESS, i);
  gst_message_parse_progress (last, &type, NULL, NULL);
  g_assert_cmpint (type, ==, GST_PROGRESS_TYPE_CANCELED);
  g_assert_cmpuint (play_count (run, "tpdiff-progress"), <, MANY_STEPS / 2);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
}

static void
test_cancel_by_state (void)
{
  g_autoptr (Play) run = play_some_steps (MANY " ! fakesink");

  g_assert_cmpint (gst_element_set_state (run->pipeline, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_SUCCESS);
  assert_cancelled (run);
  g_assert_cmpuint (run->buffers->len, ==, 0);
}

/* Straight to NULL, and the element is gone with its pipeline. */
static void
test_cancel_and_free (void)
{
  Play *run = play_some_steps (MANY " ! fakesink");
  GWeakRef src;

  g_weak_ref_init (&src, run->src);
  g_assert_cmpint (gst_element_set_state (run->pipeline, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpuint (play_count (run, "tpdiff-progress"), <, MANY_STEPS / 2);
  play_free (run);
  g_assert_null (g_weak_ref_get (&src));
  g_weak_ref_clear (&src);
}

/* What was cancelled begins again, with the first seed. */
static void
test_restart (void)
{
  g_autoptr (Play) run = play_some_steps ("seed=5 " MANY " ! fakesink");
  g_autoptr (Play) fresh = play ("seed=5 ! fakesink");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) expected = play_bytes (fresh, 0, FRAMES);

  gst_element_set_state (run->pipeline, GST_STATE_READY);
  g_object_set (run->src, "stage-steps", "", NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_ptr_array_set_size (run->buffers, 0);
      play_to_end (run);
      gst_element_set_state (run->pipeline, GST_STATE_READY);
      g_assert_cmpuint (run->buffers->len, ==, FRAMES);
      g_assert_cmpuint (GST_BUFFER_PTS ((GstBuffer *)run->buffers->pdata[0]), ==, 0);
      g_clear_pointer (&bytes, g_bytes_unref);
      bytes = play_bytes (run, 0, FRAMES);
      g_assert_true (g_bytes_equal (bytes, expected));
    }
}

/* Flushing interrupts the clip; after it the clip is made from its beginning. */
static void
test_flush (void)
{
  g_autoptr (Play) run = play_some_steps (MANY " ! fakesink");

  g_assert_true (gst_element_send_event (run->src, gst_event_new_flush_start ()));
  play_wait_for (run, GST_MESSAGE_PROGRESS);
  g_object_set (run->src, "stage-steps", "", NULL);
  g_assert_true (gst_element_send_event (run->src, gst_event_new_flush_stop (TRUE)));
  play_to_end (run);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (n_progress (run, GST_PROGRESS_TYPE_CANCELED), ==, 1);
  g_assert_cmpuint (n_progress (run, GST_PROGRESS_TYPE_COMPLETE), ==, 1);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  g_assert_cmpuint (run->n_eos, ==, 1);
}

/* gst-launch -e: an EOS event ends the stream although a clip is under way. */
static void
test_eos_event (void)
{
  g_autoptr (Play) run = play_some_steps (MANY " clips=0 ! fakesink");

  g_assert_true (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  play_to_end (run);
  assert_cancelled (run);
  g_assert_cmpuint (run->n_eos, ==, 1);
}

/* A pause does not interrupt the clip under way: its frames come when the pipeline plays again. */
static void
test_pause_live (void)
{
  g_autoptr (Play) run = play_some_steps (
      "is-live=true stage-steps=20,20,20 ! video/x-raw,framerate=200/1 ! fakesink");

  gst_element_set_state (run->pipeline, GST_STATE_PAUSED);
  play_to_end (run);
  g_assert_cmpuint (n_progress (run, GST_PROGRESS_TYPE_COMPLETE), ==, 1);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
}

/* ── properties ── */

typedef struct
{
  GstElement *src;
  guint n;
} Change;

/* Counts buffers; in the middle of the first clip, asks for another prompt. */
static GstPadProbeReturn
change_prompt (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Change *change = data;

  if (++change->n == FRAMES / 2)
    g_object_set (change->src, "prompt", "a blue star", NULL);
  return GST_PAD_PROBE_OK;
}

static void
test_change_while_playing (void)
{
  g_autoptr (Play) run = play_new ("prompt=\"a red star\" seed=5 clips=2 ! fakesink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (run->src, "src");
  Change change = {.src = run->src};
  g_autoptr (Play) red = play ("prompt=\"a red star\" seed=5 ! fakesink");
  g_autoptr (Play) blue = play ("prompt=\"a blue star\" seed=6 ! fakesink");
  g_autoptr (GBytes) red_bytes = play_bytes (red, 0, FRAMES);
  g_autoptr (GBytes) blue_bytes = play_bytes (blue, 0, FRAMES);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  g_autofree char *title = NULL;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, change_prompt, &change, NULL);
  play_to_end (run);
  first = play_bytes (run, 0, FRAMES);
  second = play_bytes (run, FRAMES, 2 * FRAMES);
  g_assert_true (g_bytes_equal (first, red_bytes));
  g_assert_true (g_bytes_equal (second, blue_bytes));
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_TITLE, &title));
  g_assert_cmpstr (title, ==, "a blue star");
}

/* Every property has the value it was given, and a default that it takes. */
static void
test_properties (void)
{
  g_autoptr (Play) run = play_new ("! fakesink");
  GObject *src = G_OBJECT (run->src);
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (src), &n);
  guint checked = 0;

  for (guint i = 0; i < n; i++)
    if (specs[i]->owner_type == G_OBJECT_TYPE (src) && specs[i]->flags & G_PARAM_WRITABLE)
      {
        g_auto (GValue) value = G_VALUE_INIT;

        g_object_get_property (src, specs[i]->name, &value);
        if (!g_str_equal (specs[i]->name, "model"))
          g_assert_true (g_param_value_defaults (specs[i], &value));
        g_object_set_property (src, specs[i]->name, &value);
        g_assert_cmpstr (g_param_spec_get_blurb (specs[i]), !=, "");
        checked++;
      }
  g_assert_cmpuint (checked, >=, 14);
}

/* A setting under control has for each clip the value of its beginning. */
static void
test_control (void)
{
  g_autoptr (Play) run = play_new ("prompt=\"a red star\" seed=5 clips=2 ! fakesink");
  g_autoptr (Play) weak = play ("prompt=\"a red star\" seed=5 guidance-scale=2 ! fakesink");
  g_autoptr (Play) strong = play ("prompt=\"a red star\" seed=6 guidance-scale=4 ! fakesink");
  g_autoptr (GstControlSource) source = gst_interpolation_control_source_new ();
  g_autoptr (GBytes) weak_bytes = play_bytes (weak, 0, FRAMES);
  g_autoptr (GBytes) strong_bytes = play_bytes (strong, 0, FRAMES);
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (source), 0, 2);
  gst_timed_value_control_source_set (GST_TIMED_VALUE_CONTROL_SOURCE (source), GST_SECOND, 4);
  g_assert_true (gst_object_add_control_binding (
      GST_OBJECT (run->src),
      gst_direct_control_binding_new_absolute (GST_OBJECT (run->src), "guidance-scale", source)));
  play_to_end (run);
  first = play_bytes (run, 0, FRAMES);
  second = play_bytes (run, FRAMES, 2 * FRAMES);
  g_assert_true (g_bytes_equal (first, weak_bytes));
  g_assert_true (g_bytes_equal (second, strong_bytes));
}

/* ── crowds ── */

/* Whoever uses a model uses the same one: there are two elements here, and the test itself. */
static void
test_shared_model (void)
{
  const char *path = g_getenv ("TPDIFF_TEST_MODEL");
  g_autoptr (Play) one = play ("! fakesink");
  g_autoptr (Play) other = play ("seed=1 ! fakesink");
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdDevice) device = tpd_device_open (NULL, &error);
  g_autoptr (TpdModel) model = NULL;

  g_assert_no_error (error);
  model = tpd_model_open (path, device, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (G_OBJECT (model)->ref_count, ==, 3);
}

static void
test_two_elements (void)
{
  g_autoptr (Play) run = NULL;
  g_autofree char *line = g_strdup_printf (
      "seed=5 ! fakesink tpdiffsrc model=\"%s\" seed=5 clips=2 ! fakesink name=other "
      "signal-handoffs=true",
      g_getenv ("TPDIFF_TEST_MODEL"));
  g_autoptr (GstElement) other = NULL;
  g_autoptr (GstSample) last = NULL;

  run = play_new (line);
  other = gst_bin_get_by_name (GST_BIN (run->pipeline), "other");
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  g_object_get (other, "last-sample", &last, NULL);
  g_assert_nonnull (last);
  g_assert_cmpuint (GST_BUFFER_OFFSET (gst_sample_get_buffer (last)), ==, 2 * FRAMES - 1);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/life/cancel-by-state", test_cancel_by_state);
  g_test_add_func ("/gst/life/cancel-and-free", test_cancel_and_free);
  g_test_add_func ("/gst/life/restart", test_restart);
  g_test_add_func ("/gst/life/flush", test_flush);
  g_test_add_func ("/gst/life/eos-event", test_eos_event);
  g_test_add_func ("/gst/life/pause-live", test_pause_live);
  g_test_add_func ("/gst/life/change-while-playing", test_change_while_playing);
  g_test_add_func ("/gst/life/properties", test_properties);
  g_test_add_func ("/gst/life/control", test_control);
  g_test_add_func ("/gst/life/shared-model", test_shared_model);
  g_test_add_func ("/gst/life/two-elements", test_two_elements);
  return g_test_run ();
}
