/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgen: cues to clips, their times, gaps, flushes, errors. */

#include <glib/gstdio.h>
#include <string.h>

#include "gen.h"
#include "play.h"

/* The tiny model's clips, 8 frames a second. */
#define FRAMES 8

#define MS   GST_MSECOND
#define NONE GST_CLOCK_TIME_NONE

/* So many steps would take minutes: whoever waits for them has not been cancelled. */
#define MANY "stage-steps=1000,1000,1000"

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

/* ── fitting ── */

/* A cue of 1.3 s from 2 s on. No frame of a stretched clip falls on a whole nanosecond, a clip at
 * its own rate needs 10.4 of its frames. */
static void
test_fit (void)
{
  static const struct
  {
    const char *fit;
    guint n;
  } cases[] = {{"fit=stretch", FRAMES}, {"fit=loop", 11}, {"fit=natural", FRAMES}};
  const GstClockTime start = 2000 * MS, duration = 1300 * MS + 1;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Gen) gen = gen_new (cases[i].fit, NULL);

      g_assert_cmpint (gen_cue (gen, "a red star", start, duration), ==, GST_FLOW_OK);
      gen_assert_shown (gen, 0, TRUE, 0, start);
      for (guint j = 0; j < cases[i].n; j++)
        {
          GstClockTime begin = j * 125 * MS, end = MIN ((j + 1) * 125 * MS, duration);

          if (i == 0)
            {
              begin = gst_util_uint64_scale (duration, j, FRAMES);
              end = gst_util_uint64_scale (duration, j + 1, FRAMES);
            }
          gen_assert_shown (gen, 1 + j, FALSE, start + begin, start + end);
          if (j >= FRAMES)
            g_assert_true (g_bytes_equal (gen_shown (gen, 1 + j)->bytes,
                                          gen_shown (gen, 1 + j - FRAMES)->bytes));
        }
      if (i == 2) /* the cue goes on, the clip does not */
        gen_assert_shown (gen, 1 + FRAMES, TRUE, start + 1000 * MS, start + duration);
      g_assert_cmpuint (gen->shown->len, ==, 1 + cases[i].n + (i == 2 ? 1 : 0));
    }
}

/* A clip at its own rate ends with a cue that is shorter; a cue without a duration lasts as long as
 * the clip, whatever the fit. */
static void
test_short_and_endless (void)
{
  static const char *const fits[] = {"fit=stretch", "fit=loop", "fit=natural"};

  for (guint i = 0; i < G_N_ELEMENTS (fits); i++)
    {
      g_autoptr (Gen) gen = gen_new (fits[i], NULL);

      gen_cue (gen, "a red star", 0, NONE);
      for (guint j = 0; j < FRAMES; j++)
        gen_assert_shown (gen, j, FALSE, j * 125 * MS, (j + 1) * 125 * MS);
      g_assert_cmpuint (gen->shown->len, ==, FRAMES);
      if (i == 0)
        continue;
      gen_cue (gen, "a red star", 1000 * MS, 200 * MS);
      gen_assert_shown (gen, FRAMES, FALSE, 1000 * MS, 1125 * MS);
      gen_assert_shown (gen, FRAMES + 1, FALSE, 1125 * MS, 1200 * MS);
      g_assert_cmpuint (gen->shown->len, ==, FRAMES + 2);
    }
}

/* Where downstream needs a fixed rate, frames are repeated, or left out. */
static void
test_fixed_rate (void)
{
  static const int rates[] = {25, 4};

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      const guint n = (guint)rates[i]; /* of one second */
      g_autofree char *caps = g_strdup_printf ("video/x-raw, framerate=%d/1", rates[i]);
      g_autoptr (Gen) plain = gen_new ("", NULL), fixed = gen_new ("", caps);

      gen_cue (plain, "a red star", 0, 1000 * MS);
      gen_cue (fixed, "a red star", 0, 1000 * MS);
      gen_collect (plain);
      for (guint j = 0; j < n; j++)
        {
          const guint expected = (2 * j + 1) * FRAMES / (2 * n);

          gen_assert_shown (fixed, j, FALSE, j * 1000 * MS / n, (j + 1) * 1000 * MS / n);
          g_assert_true (
              g_bytes_equal (gen_shown (fixed, j)->bytes, gen_shown (plain, expected)->bytes));
        }
      g_assert_cmpuint (fixed->shown->len, ==, n);
    }
}

/* ── gaps ── */

static void
test_hold (void)
{
  g_autoptr (Gen) gen = gen_new ("gap=hold", NULL);

  gen_cue (gen, "a red star", 500 * MS, 1000 * MS);
  gen_cue (gen, "a blue star", 2000 * MS, 1000 * MS);
  gen_assert_shown (gen, 0, TRUE, 0, 500 * MS); /* nothing to hold yet */
  gen_assert_shown (gen, 1 + FRAMES, FALSE, 1500 * MS, 2000 * MS);
  g_assert_true (
      g_bytes_equal (gen_shown (gen, 1 + FRAMES)->bytes, gen_shown (gen, FRAMES)->bytes));
  g_assert_cmpuint (gen->shown->len, ==, 1 + FRAMES + 1 + FRAMES);
}

/* Upstream's gaps pass, from where the last cue ended. */
static void
test_gap_events (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_cue (gen, "a red star", 0, 1000 * MS);
  gst_harness_push_event (gen->text, gst_event_new_gap (500 * MS, 1500 * MS));
  gst_harness_push_event (gen->text, gst_event_new_gap (2500 * MS, NONE));
  gen_assert_shown (gen, FRAMES, TRUE, 1000 * MS, 2000 * MS);
  gen_assert_shown (gen, FRAMES + 1, TRUE, 2000 * MS, 2500 * MS);
  gen_cue (gen, "a red star", 2500 * MS, 1000 * MS);
  gen_assert_shown (gen, FRAMES + 2, FALSE, 2500 * MS, 2625 * MS);
}

/* No words, no clip: a gap. */
static void
test_empty_cue (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_cue (gen, " \n\t", 1000 * MS, 1000 * MS);
  gen_assert_shown (gen, 0, TRUE, 0, 2000 * MS);
  gen_cue (gen, "", 3000 * MS, NONE);
  gen_assert_shown (gen, 1, TRUE, 2000 * MS, 3000 * MS);
  g_assert_cmpuint (gen->shown->len, ==, 2);
}

/* A cue waits for the one before it, loses what it missed, and is left out if that is all. */
static void
test_overlap (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_cue (gen, "a red star", 0, 2000 * MS);
  gen_cue (gen, "a blue star", 500 * MS, 1000 * MS);
  gen_cue (gen, "a green star", 1000 * MS, 1800 * MS);
  gen_cue (gen, "a red star", 2000 * MS, NONE);
  gen_assert_shown (gen, FRAMES, FALSE, 2000 * MS, 2100 * MS);
  gen_assert_shown (gen, 2 * FRAMES, FALSE, 2800 * MS, 2925 * MS);
  g_assert_cmpuint (gen->shown->len, ==, 3 * FRAMES);
}

/* ── segments ── */

/* After a seek into a cue: the clip is the same, what lies before is left out. */
static void
test_segment (void)
{
  g_autoptr (Gen) whole = gen_new ("", NULL), part = gen_new ("", NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 1200 * MS;
  segment.stop = 2100 * MS;
  gst_harness_push_event (part->text, gst_event_new_segment (&segment));
  gen_cue (part, "a red star", 0, 500 * MS); /* before it */
  gen_cue (part, "a red star", 1000 * MS, 1000 * MS);
  gen_cue (part, "a red star", 3000 * MS, 1000 * MS); /* after it */
  gen_cue (whole, "a red star", 1000 * MS, 1000 * MS);
  gen_assert_shown (part, 0, FALSE, 1200 * MS, 1250 * MS);
  gen_assert_shown (part, 1, FALSE, 1250 * MS, 1375 * MS);
  g_assert_cmpuint (part->shown->len, ==, 7);
  for (guint i = 0; i < 7; i++)
    g_assert_true (g_bytes_equal (gen_shown (part, i)->bytes, gen_shown (whole, i + 2)->bytes));
}

/* A clip that is over before the segment begins is not made, although its cue goes on. */
static void
test_segment_after_clip (void)
{
  g_autoptr (Gen) gen = gen_new ("fit=natural", NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 1500 * MS;
  gst_harness_push_event (gen->text, gst_event_new_segment (&segment));
  g_assert_cmpint (gen_cue (gen, "a red star", 0, 2000 * MS), ==, GST_FLOW_OK);
  gen_assert_shown (gen, 0, TRUE, 1500 * MS, 2000 * MS);
  g_assert_cmpuint (gen->shown->len, ==, 1);
}

/* Plain text has no times: clip after clip. */
static void
test_untimed (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (gen->text, gst_event_new_segment (&segment));
  gen_cue (gen, "a red star", NONE, NONE);
  gen_cue (gen, "a blue star", NONE, NONE);
  for (guint i = 0; i < 2 * FRAMES; i++)
    gen_assert_shown (gen, i, FALSE, i * 125 * MS, (i + 1) * 125 * MS);
}

static void
test_backwards (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);
  GstSegment segment;

  g_assert_false (gst_harness_push_upstream_event (
      gen->text, gst_event_new_seek (-1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
                                     GST_SEEK_TYPE_SET, GST_SECOND)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = -1;
  segment.stop = GST_SECOND;
  gst_harness_push_event (gen->text, gst_event_new_segment (&segment));
  gen_assert_error (gen, GST_STREAM_ERROR, GST_STREAM_ERROR_NOT_IMPLEMENTED, "backwards");
}

/* Clips are not hurried, so nothing goes up. */
static void
test_qos (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gst_harness_push_upstream_event (gen->text,
                                   gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 0.5, GST_SECOND, 0));
  for (;;)
    {
      g_autoptr (GstEvent) event = gst_harness_try_pull_upstream_event (gen->text);

      if (event == NULL)
        break;
      g_assert_cmpint (GST_EVENT_TYPE (event), !=, GST_EVENT_QOS);
    }
}

/* ── words and seeds ── */

static char *
prompt_of (Gen *gen)
{
  g_autofree char *record = gen_record (gen);
  g_autoptr (TpdRequest) request = tpd_request_new_from_json (record, NULL);

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
  g_autofree char *record = gen_record (gen);
  g_autoptr (TpdRequest) request = tpd_request_new_from_json (record, NULL);

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

/* ── interruptions ── */

static gpointer
push_cue (gpointer gen)
{
  return GINT_TO_POINTER (gen_cue (gen, "a red star", 1000 * MS, 1000 * MS));
}

/* Begins a cue that takes minutes in a thread, and waits until it has done some steps. */
static GThread *
push_slow_cue (Gen *gen)
{
  GThread *thread;

  gst_bus_set_flushing (gen->bus, TRUE); /* forgets what was said of other cues */
  gst_bus_set_flushing (gen->bus, FALSE);
  thread = g_thread_new ("cue", push_cue, gen);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GstMessage) message =
          gst_bus_timed_pop_filtered (gen->bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_PROGRESS);

      g_assert_nonnull (message);
    }
  return thread;
}

/* In the middle of a clip; what comes after begins anew, with the first seed. */
static void
test_flush (void)
{
  g_autoptr (Gen) gen = gen_new ("seed=3", NULL);
  GThread *thread;
  GstSegment segment;

  gen_cue (gen, "a red star", 0, 1000 * MS);
  g_object_set (gen->element, "stage-steps", "1000,1000,1000", NULL);
  thread = push_slow_cue (gen);
  g_assert_true (gst_harness_push_event (gen->text, gst_event_new_flush_start ()));
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_FLUSHING);
  g_assert_true (gst_harness_push_event (gen->text, gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (gen->text, gst_event_new_segment (&segment));
  gen_collect (gen);
  g_ptr_array_set_size (gen->shown, 0);
  g_object_set (gen->element, "stage-steps", "", NULL);
  g_assert_cmpint (gen_cue (gen, "a red star", 0, 1000 * MS), ==, GST_FLOW_OK);
  gen_assert_shown (gen, 0, FALSE, 0, 125 * MS);
  g_assert_cmpuint (gen->shown->len, ==, FRAMES);
  g_assert_cmpuint (seed_of (gen), ==, 3);
}

/* Going down does not wait for the clip. */
static void
test_cancel_by_state (void)
{
  g_autoptr (Gen) gen = gen_new (MANY, NULL);
  GThread *thread = push_slow_cue (gen);

  g_assert_cmpint (gst_element_set_state (gen->element, GST_STATE_READY), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, GST_FLOW_FLUSHING);
  g_assert_null (gst_bus_pop_filtered (gen->bus, GST_MESSAGE_ERROR));
}

static void
test_eos (void)
{
  g_autoptr (Gen) gen = gen_new ("", NULL);

  gen_cue (gen, "a red star", 0, 1000 * MS);
  gst_harness_push_event (gen->text, gst_event_new_eos ());
  gen_collect (gen);
  g_assert_cmpuint (gen->n_eos, ==, 1);
  g_assert_cmpuint (gen->shown->len, ==, FRAMES);
  g_assert_cmpint (gen_cue (gen, "a red star", 1000 * MS, 1000 * MS), ==, GST_FLOW_EOS);
}

/* g_test_init() makes criticals and warnings fatal. */
static void
test_storm (void)
{
  g_autofree char *path = NULL;
  g_autofree char *line = NULL;
  g_autoptr (Play) run = NULL;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  g_close (g_file_open_tmp ("tpdiff-XXXXXX.srt", &path, NULL), NULL);
  g_assert_true (g_file_set_contents (path, script, -1, NULL));
  line =
      g_strdup_printf ("filesrc location=%s ! subparse ! tpdiffgen name=src model=\"%s\" steps=60 "
                       "! fakesink sync=true",
                       path, g_getenv ("TPDIFF_TEST_MODEL"));
  run = play_new_line (line);
  for (guint i = 0; i < 40; i++)
    {
      GstState state = (GstState)g_rand_int_range (rand, GST_STATE_NULL, GST_STATE_PLAYING + 1);

      g_assert_cmpint (gst_element_set_state (run->pipeline, state), !=, GST_STATE_CHANGE_FAILURE);
      if (g_rand_boolean (rand))
        g_usleep ((gulong)g_rand_int_range (rand, 0, 20000));
      if (g_rand_boolean (rand))
        gst_element_seek_simple (run->pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                                 g_rand_int_range (rand, 0, 7) * GST_SECOND);
    }
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  play_wait_for (run, GST_MESSAGE_UNKNOWN);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
  g_unlink (path);
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
  g_test_add_func ("/gst/gen/fit", test_fit);
  g_test_add_func ("/gst/gen/short-and-endless", test_short_and_endless);
  g_test_add_func ("/gst/gen/fixed-rate", test_fixed_rate);
  g_test_add_func ("/gst/gen/hold", test_hold);
  g_test_add_func ("/gst/gen/gap-events", test_gap_events);
  g_test_add_func ("/gst/gen/empty-cue", test_empty_cue);
  g_test_add_func ("/gst/gen/overlap", test_overlap);
  g_test_add_func ("/gst/gen/segment", test_segment);
  g_test_add_func ("/gst/gen/segment-after-clip", test_segment_after_clip);
  g_test_add_func ("/gst/gen/untimed", test_untimed);
  g_test_add_func ("/gst/gen/backwards", test_backwards);
  g_test_add_func ("/gst/gen/qos", test_qos);
  g_test_add_func ("/gst/gen/words", test_words);
  g_test_add_func ("/gst/gen/prefix", test_prefix);
  g_test_add_func ("/gst/gen/unknown-words", test_unknown_words);
  g_test_add_func ("/gst/gen/seeds", test_seeds);
  g_test_add_func ("/gst/gen/flush", test_flush);
  g_test_add_func ("/gst/gen/cancel-by-state", test_cancel_by_state);
  g_test_add_func ("/gst/gen/eos", test_eos);
  g_test_add_func ("/gst/gen/storm", test_storm);
  g_test_add_func ("/gst/gen/no-model", test_no_model);
  g_test_add_func ("/gst/gen/bad-settings", test_bad_settings);
  g_test_add_func ("/gst/gen/not-negotiated", test_not_negotiated);
  g_test_add_func ("/gst/gen/properties", test_properties);
  return g_test_run ();
}
