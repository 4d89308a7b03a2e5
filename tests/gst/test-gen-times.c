/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgen: when the clips of cues are shown, and what is shown between them. */

#include "gen.h"

/* The tiny model's clips, 8 frames a second. */
#define FRAMES 8

#define MS   GST_MSECOND
#define NONE GST_CLOCK_TIME_NONE

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

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

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
  return g_test_run ();
}
