/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffgen: flushes, ends and state changes while it works. */

#include <glib/gstdio.h>

#include "gen.h"
#include "play.h"

/* The tiny model's clips, 8 frames a second. */
#define FRAMES 8

#define MS GST_MSECOND

/* So many steps would take minutes: whoever waits for them has not been cancelled. */
#define MANY "stage-steps=1000,1000,1000"

static const char script[] = "1\n00:00:01,000 --> 00:00:03,500\na red circle\n\n"
                             "2\n00:00:05,000 --> 00:00:06,000\na blue star\n\n";

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
  g_autoptr (TpdRequest) request = NULL;
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
  request = gen_request (gen);
  g_assert_cmpuint (tpd_sampler_settings_get_seed (request->settings), ==, 3);
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

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/gen/flush", test_flush);
  g_test_add_func ("/gst/gen/cancel-by-state", test_cancel_by_state);
  g_test_add_func ("/gst/gen/eos", test_eos);
  g_test_add_func ("/gst/gen/storm", test_storm);
  return g_test_run ();
}
