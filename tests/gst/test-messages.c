/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What tpdiffsrc says on its bus: progress, previews, warnings, errors. */

#include <glib/gstdio.h>
#include <string.h>

#include "play.h"

#define FRAMES 8
#define STEPS  6

/* ── progress ── */

/* One for the text, one before the first step, one after each, one for decoding. */
#define REPORTS (1 + 1 + STEPS + 1)

static GstProgressType
progress_type (Play *run, guint n)
{
  GstMessage *message = play_message (run, GST_MESSAGE_PROGRESS, n);
  g_autofree char *code = NULL;
  g_autofree char *text = NULL;
  GstProgressType type;
  gint percent;

  if (message == NULL)
    return GST_PROGRESS_TYPE_ERROR;
  gst_message_parse_progress (message, &type, &code, &text);
  g_assert_cmpstr (code, ==, "generate");
  g_assert_cmpstr (text, !=, "");
  g_assert_true (gst_structure_get_int (gst_message_get_structure (message), "percent", &percent));
  if (type == GST_PROGRESS_TYPE_START)
    g_assert_cmpint (percent, ==, 0);
  if (type == GST_PROGRESS_TYPE_COMPLETE)
    g_assert_cmpint (percent, ==, 100);
  return type;
}

/* Start; the reports; complete. Twice. */
static void
test_progress (void)
{
  g_autoptr (Play) run = play ("clips=2 ! fakesink");
  guint n = 0;

  for (guint clip = 0; clip < 2; clip++)
    {
      g_assert_cmpint (progress_type (run, n++), ==, GST_PROGRESS_TYPE_START);
      for (guint i = 0; i < REPORTS; i++)
        g_assert_cmpint (progress_type (run, n++), ==, GST_PROGRESS_TYPE_CONTINUE);
      g_assert_cmpint (progress_type (run, n++), ==, GST_PROGRESS_TYPE_COMPLETE);
    }
  g_assert_null (play_message (run, GST_MESSAGE_PROGRESS, n));
}

static void
test_progress_for_programs (void)
{
  g_autoptr (Play) run = play ("stage-steps=1,2,3 ! fakesink");
  const guint stages[] = {3, 3, 2, 2, 1, 1, 1};
  double last = -1;
  gint64 last_time = 0;

  g_assert_cmpuint (play_count (run, "tpdiff-progress"), ==, REPORTS);
  for (guint i = 0; i < REPORTS; i++)
    {
      const GstStructure *report = play_structure (run, "tpdiff-progress", i);
      const char *phase = gst_structure_get_string (report, "phase");
      guint stage, n_stages, step, n_steps;
      double fraction, left;
      gint64 time;

      g_assert_true (gst_structure_get (
          report, "stage", G_TYPE_UINT, &stage, "stages", G_TYPE_UINT, &n_stages, "step",
          G_TYPE_UINT, &step, "steps", G_TYPE_UINT, &n_steps, "fraction", G_TYPE_DOUBLE, &fraction,
          "seconds-left", G_TYPE_DOUBLE, &left, "monotonic-time", G_TYPE_INT64, &time, NULL));
      g_assert_cmpfloat (fraction, >=, last);
      g_assert_cmpfloat (fraction, <=, 1);
      last = fraction;
      g_assert_cmpint (time, >=, last_time);
      g_assert_cmpint (time, <=, g_get_monotonic_time ());
      last_time = time;
      if (i == 0 || i == REPORTS - 1)
        {
          g_assert_cmpstr (phase, ==, i == 0 ? "encode" : "decode");
          continue;
        }
      g_assert_cmpstr (phase, ==, "sample");
      g_assert_cmpuint (stage, ==, stages[i - 1]);
      g_assert_cmpuint (n_stages, ==, 3);
      g_assert_cmpuint (step, ==, i - 1);
      g_assert_cmpuint (n_steps, ==, STEPS);
      if (i > 1)
        g_assert_cmpfloat (left, >=, 0);
    }
}

/* ── previews ── */

/* The n-th preview shows that many frames, at that rate. */
static void
assert_preview (Play *run, guint n, guint stage, guint frames, int fps)
{
  const GstStructure *preview = play_structure (run, "tpdiff-preview", n);
  g_autoptr (GstSample) sample = NULL;
  GstBufferList *list;
  GstVideoInfo info;
  guint got;

  g_assert_nonnull (preview);
  g_assert_true (gst_structure_get (preview, "stage", G_TYPE_UINT, &got, "sample", GST_TYPE_SAMPLE,
                                    &sample, NULL));
  g_assert_cmpuint (got, ==, stage);
  g_assert_true (gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
  g_assert_cmpint (GST_VIDEO_INFO_FORMAT (&info), ==, GST_VIDEO_FORMAT_RGB);
  g_assert_cmpint (info.width, ==, 16);
  g_assert_cmpint (info.fps_n, ==, fps * info.fps_d);
  list = gst_sample_get_buffer_list (sample);
  g_assert_cmpuint (gst_buffer_list_length (list), ==, frames);
  g_assert_true (gst_sample_get_buffer (sample) == gst_buffer_list_get (list, 0));
  for (guint i = 0; i < frames; i++)
    {
      GstBuffer *buffer = gst_buffer_list_get (list, i);

      g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, i * GST_SECOND / fps);
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, GST_SECOND / fps);
      g_assert_cmpuint (gst_buffer_get_size (buffer), ==, info.size);
    }
}

/* Each stage has twice the frames of the one before. */
static void
test_preview_of_stages (void)
{
  g_autoptr (Play) run = play ("preview=stage ! fakesink");

  g_assert_cmpuint (play_count (run, "tpdiff-preview"), ==, 3);
  assert_preview (run, 0, 3, 2, 2);
  assert_preview (run, 1, 2, 4, 4);
  assert_preview (run, 2, 1, 8, 8);
}

static void
test_preview_of_steps (void)
{
  g_autoptr (Play) run = play ("preview=step stage-steps=1,2,3 ! fakesink");

  g_assert_cmpuint (play_count (run, "tpdiff-preview"), ==, STEPS);
  assert_preview (run, 0, 3, 2, 2);
  assert_preview (run, 1, 2, 4, 4);
  assert_preview (run, 2, 2, 4, 4);
  for (guint i = 3; i < STEPS; i++)
    assert_preview (run, i, 1, 8, 8);
}

/* Looking changes nothing. */
static void
test_previews_do_not_matter (void)
{
  g_autoptr (Play) without = play ("! fakesink");
  g_autoptr (Play) with = play ("preview=step ! fakesink");
  g_autoptr (GBytes) a = play_bytes (without, 0, FRAMES);
  g_autoptr (GBytes) b = play_bytes (with, 0, FRAMES);

  g_assert_cmpuint (play_count (without, "tpdiff-preview"), ==, 0);
  g_assert_true (g_bytes_equal (a, b));
}

/* ── warnings ── */

static void
test_unknown_words (void)
{
  g_autoptr (Play) run = play ("prompt=\"a red zebra\" negative-prompt=\"umbrella\" ! fakesink");
  GstMessage *warning = play_message (run, GST_MESSAGE_WARNING, 0);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (warning);
  gst_message_parse_warning (warning, &error, NULL);
  g_assert_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "zebra"));
  g_assert_nonnull (strstr (error->message, "umbrella"));
  g_assert_null (strstr (error->message, "red"));
  g_assert_null (play_message (run, GST_MESSAGE_WARNING, 1));
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
}

static void
test_known_words (void)
{
  g_autoptr (Play) run = play ("prompt=\"a red star\" ! fakesink");

  g_assert_null (play_message (run, GST_MESSAGE_WARNING, 0));
}

/* ── errors ── */

static void
test_impossible_settings (void)
{
  const struct
  {
    const char *line;
    const char *text;
  } cases[] = {
      {"steps=2 ! fakesink", "3 steps"},
      {"stage-steps=1,2 ! fakesink", "stage"},
      {"stage-steps=1,2,many ! fakesink", "many"},
      {"stages=2 ! fakesink", "2"},
      {"num-frames=7 ! fakesink", "7"},
      {"correlation=-0.3 ! fakesink", "-0.3"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Play) run = play (cases[i].line);

      play_assert_error (run, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, cases[i].text);
      g_assert_cmpuint (run->buffers->len, ==, 0);
      g_assert_cmpint (progress_type (run, 0), ==, GST_PROGRESS_TYPE_START);
      for (guint n = 1; play_message (run, GST_MESSAGE_PROGRESS, n) != NULL; n++)
        if (play_message (run, GST_MESSAGE_PROGRESS, n + 1) == NULL)
          g_assert_cmpint (progress_type (run, n), ==, GST_PROGRESS_TYPE_ERROR);
    }
}

static void
test_unknown_model (void)
{
  g_autoptr (Play) run = play ("model=nobody-has-this ! fakesink");

  play_assert_error (run, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, "nobody-has-this");
}

static void
test_unknown_device (void)
{
  g_autoptr (Play) run = play ("device=abacus ! fakesink");
  GstMessage *message = play_message (run, GST_MESSAGE_ERROR, 0);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "abacus"));
}

/* Leaves the first half of a file of the model. */
static void
halve (const char *model, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (model, folder, name, NULL);
  g_autofree char *data = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &data, &length, NULL));
  g_assert_true (g_file_set_contents (path, data, (gssize)length / 2, NULL));
}

static void
test_truncated_weights (void)
{
  const char *const files[][2] = {
      {"transformer", "diffusion_pytorch_model.safetensors"},
      {"text_encoder", "model.safetensors"},
      {"vae", "diffusion_pytorch_model.safetensors"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      char *model = play_model_copy ();
      g_autofree char *line = g_strdup_printf ("model=%s ! fakesink", model);
      g_autoptr (Play) run = NULL;

      halve (model, files[i][0], files[i][1]);
      run = play (line);
      play_assert_error (run, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, files[i][0]);
      play_model_remove (model);
    }
}

/* Files that are missing, are something else, or lie: said of the right file, in the right domain,
 * before a single frame. */
static void
test_broken_models (void)
{
  const struct
  {
    const char *folder;
    const char *name;
    const char *content; /* NULL removes the file */
    int code;
  } cases[] = {
      {".", "tpdiff.json", NULL, GST_RESOURCE_ERROR_NOT_FOUND},
      {".", "tpdiff.json", "{", GST_RESOURCE_ERROR_READ},
      {".", "tpdiff.json", "[1, 2]", GST_RESOURCE_ERROR_READ},
      {"vae", "config.json", "\xff\xfe", GST_RESOURCE_ERROR_READ},
      {"vae", "diffusion_pytorch_model.safetensors", NULL, GST_RESOURCE_ERROR_NOT_FOUND},
      {"transformer", "diffusion_pytorch_model.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
       GST_RESOURCE_ERROR_READ},
      {"tokenizer", "vocab.json", "{}", GST_RESOURCE_ERROR_READ},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char *model = play_model_copy ();
      g_autofree char *path = g_build_filename (model, cases[i].folder, cases[i].name, NULL);
      g_autofree char *line = g_strdup_printf ("model=%s ! fakesink", model);
      g_autoptr (Play) run = NULL;

      if (cases[i].content == NULL)
        g_assert_cmpint (g_unlink (path), ==, 0);
      else
        g_assert_true (g_file_set_contents (path, cases[i].content, -1, NULL));
      run = play (line);
      play_assert_error (run, GST_RESOURCE_ERROR, cases[i].code,
                         g_str_equal (cases[i].folder, ".") ? cases[i].name : cases[i].folder);
      g_assert_cmpuint (run->buffers->len, ==, 0);
      play_model_remove (model);
    }
}

static void
test_wrong_caps (void)
{
  const char *const lines[] = {
      "! video/x-raw,width=999 ! fakesink",
      "! video/x-raw,format=I420,height=17 ! fakesink",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (Play) run = play (lines[i]);

      play_assert_error (run, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, "16 × 16");
    }
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/messages/progress", test_progress);
  g_test_add_func ("/gst/messages/progress-for-programs", test_progress_for_programs);
  g_test_add_func ("/gst/messages/preview-of-stages", test_preview_of_stages);
  g_test_add_func ("/gst/messages/preview-of-steps", test_preview_of_steps);
  g_test_add_func ("/gst/messages/previews-do-not-matter", test_previews_do_not_matter);
  g_test_add_func ("/gst/messages/unknown-words", test_unknown_words);
  g_test_add_func ("/gst/messages/known-words", test_known_words);
  g_test_add_func ("/gst/messages/impossible-settings", test_impossible_settings);
  g_test_add_func ("/gst/messages/unknown-model", test_unknown_model);
  g_test_add_func ("/gst/messages/unknown-device", test_unknown_device);
  g_test_add_func ("/gst/messages/truncated-weights", test_truncated_weights);
  g_test_add_func ("/gst/messages/broken-models", test_broken_models);
  g_test_add_func ("/gst/messages/wrong-caps", test_wrong_caps);
  return g_test_run ();
}
