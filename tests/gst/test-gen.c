/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgen: cues to clips, their words and seeds, errors. */

#include <glib/gstdio.h>
#include <string.h>

#include "gen.h"
#include "play.h"

/* The tiny model's clips, 8 frames a second. */
#define FRAMES 8

#define MS   GST_MSECOND
#define NONE GST_CLOCK_TIME_NONE

/* ── a script ── */

static const char script[] =
    "1\n00:00:01,000 --> 00:00:03,500\na <b>red</b> circle\nmoving left\n\n"
    "2\n00:00:05,000 --> 00:00:06,000\na blue star\n\n";

static Play *
play_script (const char *text, const char *arguments)
{
  g_autofree char *path = NULL;
  g_autofree char *line = NULL;
  Play *run;
  int file = g_file_open_tmp ("tpdiff-XXXXXX.srt", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  line = g_strdup_printf ("filesrc location=%s ! subparse ! tpdiffgen name=src model=\"%s\" %s",
                          path, g_getenv ("TPDIFF_TEST_MODEL"), arguments);
  run = play_new_line (line);
  play_to_end (run);
  g_unlink (path);
  return run;
}

/* Two cues: exact times, the clips that tpdiffsrc makes of the same prompts, one end. */
static void
test_script (void)
{
  g_autoptr (Play) run = play_script (script, "seed=5 ! fakesink");
  g_autoptr (Play) circle = play ("prompt=\"a red circle moving left\" seed=5 ! fakesink");
  g_autoptr (Play) star = play ("prompt=\"a blue star\" seed=6 ! fakesink");
  g_autoptr (GBytes) first = play_bytes (run, 0, FRAMES);
  g_autoptr (GBytes) second = play_bytes (run, FRAMES, 2 * FRAMES);
  g_autoptr (GBytes) first_expected = play_bytes (circle, 0, FRAMES);
  g_autoptr (GBytes) second_expected = play_bytes (star, 0, FRAMES);
  g_autofree char *title = NULL;

  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (run->buffers->len, ==, 2 * FRAMES);
  for (guint i = 0; i < 2 * FRAMES; i++)
    {
      GstBuffer *buffer = run->buffers->pdata[i];
      GstClockTime begin = i < FRAMES ? 1000 * MS : 5000 * MS;
      GstClockTime duration = i < FRAMES ? 2500 * MS / FRAMES : 1000 * MS / FRAMES;

      g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, begin + i % FRAMES * duration);
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, duration);
      g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, i);
    }
  g_assert_true (g_bytes_equal (first, first_expected));
  g_assert_true (g_bytes_equal (second, second_expected));
  g_assert_true (gst_tag_list_get_string (run->tags, GST_TAG_TITLE, &title));
  g_assert_cmpstr (title, ==, "a blue star");
  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_cmpuint (play_count (run, "tpdiff-progress"), >, 2 * 6);
}

/* A script without cues ends as it should. */
static void
test_empty_script (void)
{
  g_autoptr (Play) run = play_script ("1\n00:00:01,000 --> 00:00:02,000\n \n\n", "! fakesink");

  g_assert_cmpuint (run->buffers->len, ==, 0);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (run->n_eos, ==, 1);
}

/* Previews are to be had as from tpdiffsrc. */
static void
test_preview (void)
{
  g_autoptr (Play) run = play_script (
      script, "preview=stage ! fakesink  src.preview ! fakesink name=previews async=false");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (run->pipeline), "previews");
  g_autoptr (GstSample) last = NULL;

  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (play_count (run, "tpdiff-preview"), ==, 2 * 3);
  g_assert_cmpuint (run->buffers->len, ==, 2 * FRAMES);
  g_object_get (sink, "last-sample", &last, NULL);
  g_assert_nonnull (last);
}

/* ── words and seeds ── */

static char *
prompt_of (Gen *gen)
{
  g_autoptr (TpdRequest) request = gen_request (gen);

  return g_strdup (request->prompt);
}

static void
test_words (void)
{
  static const struct
  {
    const char *format, *text, *prompt;
  } cases[] = {
      {"utf8", "  a red\n star\t", "a red star"},
      {"utf8", "<i>a star</i> & more", "<i>a star</i> & more"},
      {"utf8", "a \xff star", "a \xef\xbf\xbd star"},
      {"pango-markup", "a <b>red <i>star</i></b> &amp; more &lt;3", "a red star & more <3"},
      {"pango-markup", "a <b>red star", "a <b>red star"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Gen) gen = gen_new ("", NULL);
      g_autofree char *caps = g_strdup_printf ("text/x-raw, format=%s", cases[i].format);
      g_autofree char *prompt = NULL;

      gst_harness_set_src_caps_str (gen->text, caps);
      gen_cue (gen, cases[i].text, 0, 1000 * MS);
      prompt = prompt_of (gen);
      g_assert_cmpstr (prompt, ==, cases[i].prompt);
    }
}

/* Before every cue; a change applies at the next. */
static void
test_prefix (void)
{
  g_autoptr (Gen) gen = gen_new ("prompt=\"a large\"", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  gen_cue (gen, "red star", NONE, NONE);
  first = prompt_of (gen);
  g_object_set (gen->element, "prompt", NULL, NULL);
  gen_cue (gen, "red star", NONE, NONE);
  second = prompt_of (gen);
  g_assert_cmpstr (first, ==, "a large red star");
  g_assert_cmpstr (second, ==, "red star");
}

static void
test_unknown_words (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) warning = NULL;

  g_assert_cmpint (gen_cue (gen, "a red zebra", 0, NONE), ==, GST_FLOW_OK);
  message = gen_message (gen, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &warning, NULL);
  g_assert_error (warning, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS);
  g_assert_nonnull (strstr (warning->message, "zebra"));
}

static guint64
seed_of (Gen *gen)
{
  g_autoptr (TpdRequest) request = gen_request (gen);

  return tpd_sampler_settings_get_seed (request->settings);
}

static void
test_seeds (void)
{
  g_autoptr (Gen) counting = gen_new ("seed=9", NULL),
                  fixed = gen_new ("seed=9 fixed-seed=1", NULL);

  for (guint i = 0; i < 3; i++)
    {
      gen_cue (counting, "a red star", NONE, NONE);
      gen_cue (counting, "", NONE, NONE); /* no clip, no seed */
      gen_cue (fixed, "a red star", NONE, NONE);
      g_assert_cmpuint (seed_of (counting), ==, 9 + i);
      g_assert_cmpuint (seed_of (fixed), ==, 9);
    }
}

/* ── errors ── */

static void
test_no_model (void)
{
  g_autoptr (Gen) gen = gen_new ("model=/nowhere", NULL);

  g_assert_cmpint (gen_cue (gen, "a red star", 0, NONE), ==, GST_FLOW_ERROR);
  gen_assert_error (gen, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND, "/nowhere");
}

static void
test_bad_settings (void)
{
  g_autoptr (Gen) gen = gen_new ("stages=7", NULL);

  g_assert_cmpint (gen_cue (gen, "a red star", 0, NONE), ==, GST_FLOW_ERROR);
  gen_assert_error (gen, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, "7 stages");
}

static void
test_not_negotiated (void)
{
  g_autoptr (Gen) gen = gen_new ("", "video/x-raw, width=100");

  g_assert_cmpint (gen_cue (gen, "a red star", 0, NONE), ==, GST_FLOW_NOT_NEGOTIATED);
  gen_assert_error (gen, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, "16 × 16");
}

static void
test_properties (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GObject *object = G_OBJECT (gen->element);
  guint n, checked = 0;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (guint i = 0; i < n; i++)
    if (specs[i]->owner_type == G_OBJECT_TYPE (object))
      {
        g_auto (GValue) value = G_VALUE_INIT;

        g_object_get_property (object, specs[i]->name, &value);
        if (!g_str_equal (specs[i]->name, "model"))
          g_assert_true (g_param_value_defaults (specs[i], &value));
        g_object_set_property (object, specs[i]->name, &value);
        g_assert_cmpstr (g_param_spec_get_blurb (specs[i]), !=, "");
        checked++;
      }
  g_assert_cmpuint (checked, >=, 19);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/gen/script", test_script);
  g_test_add_func ("/gst/gen/empty-script", test_empty_script);
  g_test_add_func ("/gst/gen/preview", test_preview);
  g_test_add_func ("/gst/gen/words", test_words);
  g_test_add_func ("/gst/gen/prefix", test_prefix);
  g_test_add_func ("/gst/gen/unknown-words", test_unknown_words);
  g_test_add_func ("/gst/gen/seeds", test_seeds);
  g_test_add_func ("/gst/gen/no-model", test_no_model);
  g_test_add_func ("/gst/gen/bad-settings", test_bad_settings);
  g_test_add_func ("/gst/gen/not-negotiated", test_not_negotiated);
  g_test_add_func ("/gst/gen/properties", test_properties);
  return g_test_run ();
}
