/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tpdiffsrc as a live source, on a clock that stands still until the test moves it. */

#include <gst/check/gsttestclock.h>

#include "play.h"

/* The tiny model's clips. */
#define FRAMES     8
#define FRAME_TIME (GST_SECOND / 8)

/* So many steps would take minutes: a clip that never comes. */
#define MANY "1000,1000,1000"

typedef struct
{
  Play *run;
  GstTestClock *clock;
} Live;

static void
live_free (Live *self)
{
  play_free (self->run);
  gst_object_unref (self->clock);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Live, live_free)

static Live *
live_new (const char *arguments)
{
  Live *self = g_new0 (Live, 1);
  g_autofree char *line = g_strconcat ("is-live=true seed=5 ", arguments, " ! fakesink", NULL);

  self->run = play_new (line);
  self->clock = GST_TEST_CLOCK (gst_test_clock_new ());
  gst_pipeline_use_clock (GST_PIPELINE (self->run->pipeline), GST_CLOCK (self->clock));
  return self;
}

/* Waits until the source waits for the next frame's time: all before it are recorded. */
static GstClockTime
wait_for_frame (Live *self)
{
  GstClockID id;
  GstClockTime time;

  gst_test_clock_wait_for_next_pending_id (self->clock, &id);
  time = gst_clock_id_get_time (id);
  gst_clock_id_unref (id);
  return time;
}

/* Lets n frames be shown, each at its time. */
static void
show (Live *self, guint n)
{
  for (guint i = 0; i < n; i++)
    g_assert_true (gst_test_clock_crank (self->clock));
  wait_for_frame (self);
}

/* Lets frames be shown until the stream ends, or an element fails. */
static GstMessageType
show_all (Live *self)
{
  for (;;)
    {
      g_autoptr (GstBus) bus = gst_element_get_bus (self->run->pipeline);
      g_autoptr (GstMessage) message =
          gst_bus_pop_filtered (bus, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

      if (message != NULL)
        return GST_MESSAGE_TYPE (message);
      if (gst_test_clock_peek_next_pending_id (self->clock, NULL))
        gst_test_clock_crank (self->clock);
      g_usleep (500);
    }
}

static guint64
stat (Live *self, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (self->run->src, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

static GstClockTime
pts (Live *self, guint i)
{
  g_assert_cmpuint (i, <, self->run->buffers->len);
  return GST_BUFFER_PTS ((GstBuffer *)self->run->buffers->pdata[i]);
}

static gboolean
same_picture (Play *a, guint i, Play *b, guint j)
{
  g_autoptr (GBytes) left = play_bytes (a, i, i + 1);
  g_autoptr (GBytes) right = play_bytes (b, j, j + 1);

  return g_bytes_equal (left, right);
}

/* From the first frame on, which takes as long as it takes: makes the clips after the first one
 * last for ever. */
static GstPadProbeReturn
never_again (GstPad *pad, GstPadProbeInfo *info, gpointer src)
{
  g_object_set (src, "stage-steps", MANY, NULL);
  return GST_PAD_PROBE_REMOVE;
}

static Live *
starving (const char *arguments)
{
  Live *self = live_new (arguments);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->run->src, "src");

  g_object_set (self->run->src, "clips", 0, "clips-ahead", 1, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, never_again, self->run->src, NULL);
  gst_element_set_state (self->run->pipeline, GST_STATE_PLAYING);
  return self;
}

/* ── when there is nothing to show ── */

static void
test_hold (void)
{
  g_autoptr (Live) live = starving ("underrun=hold");

  show (live, FRAMES + 5);
  g_assert_cmpuint (live->run->buffers->len, ==, FRAMES + 5);
  for (guint i = 0; i < FRAMES + 5; i++)
    {
      g_assert_cmpuint (pts (live, i), ==, i * FRAME_TIME);
      g_assert_true (same_picture (live->run, i, live->run, MIN (i, FRAMES - 1)));
    }
  g_assert_cmpuint (stat (live, "frames"), >=, FRAMES + 5); /* and the one that waits */
  g_assert_cmpuint (stat (live, "repeated"), >=, 5);
  g_assert_cmpuint (stat (live, "clips"), ==, 1);
  g_assert_cmpuint (stat (live, "dropped"), ==, 0);
}

static void
test_repeat (void)
{
  g_autoptr (Live) live = starving ("underrun=repeat");

  show (live, 2 * FRAMES + 3);
  for (guint i = 0; i < 2 * FRAMES + 3; i++)
    {
      g_assert_cmpuint (pts (live, i), ==, i * FRAME_TIME);
      g_assert_true (same_picture (live->run, i, live->run, i % FRAMES));
    }
  g_assert_cmpuint (stat (live, "repeated"), ==, stat (live, "frames") - FRAMES);
}

/* However long each clip takes: one after the other, with seeds counting up, frames held in
 * between, no gap in time, one end. */
static void
test_clips (void)
{
  g_autoptr (Play) all = play ("seed=5 clips=3 ! fakesink");
  g_autoptr (Live) live = live_new ("clips=3");
  guint next = 0;

  gst_element_set_state (live->run->pipeline, GST_STATE_PLAYING);
  g_assert_cmpint (show_all (live), ==, GST_MESSAGE_EOS);
  for (guint i = 0; i < live->run->buffers->len; i++)
    {
      g_assert_cmpuint (pts (live, i), ==, i * FRAME_TIME);
      if (next < all->buffers->len && same_picture (live->run, i, all, next))
        next++;
      else
        g_assert_true (next % FRAMES == 0 && same_picture (live->run, i, all, next - 1));
    }
  g_assert_cmpuint (next, ==, 3 * FRAMES);
  g_assert_cmpuint (stat (live, "clips"), ==, 3);
  g_assert_cmpuint (stat (live, "repeated"), ==, live->run->buffers->len - 3 * FRAMES);
  g_assert_cmpuint (live->run->n_eos, ==, 1);
}

/* What is wrong with a clip ahead is said once, and ends the stream. */
static void
test_error_ahead (void)
{
  g_autoptr (Live) live = live_new ("clips=0 clips-ahead=1");

  gst_element_set_state (live->run->pipeline, GST_STATE_PLAYING);
  wait_for_frame (live);
  g_object_set (live->run->src, "stages", 2, NULL);
  g_assert_cmpint (show_all (live), ==, GST_MESSAGE_ERROR);
  play_wait_for (live->run, GST_MESSAGE_UNKNOWN);
  g_assert_null (play_message (live->run, GST_MESSAGE_ERROR, 0)); /* no second one */
}

/* ── time ── */

/* Frames whose time has passed are not shown any more. */
static void
test_late (void)
{
  g_autoptr (Live) live = starving ("");
  GstBuffer *after;

  show (live, 2);
  gst_test_clock_set_time (live->clock, 5 * FRAME_TIME + FRAME_TIME / 2);
  show (live, 2);
  g_assert_cmpuint (live->run->buffers->len, ==, 4);
  g_assert_cmpuint (pts (live, 2), ==, 2 * FRAME_TIME); /* waited for when time jumped */
  g_assert_cmpuint (pts (live, 3), ==, 5 * FRAME_TIME);
  after = live->run->buffers->pdata[3];
  g_assert_true (GST_BUFFER_FLAG_IS_SET (after, GST_BUFFER_FLAG_DISCONT));
  g_assert_cmpuint (GST_BUFFER_OFFSET (after), ==, 5);
  g_assert_cmpuint (stat (live, "dropped"), ==, 2);
}

/* The first frame is shown when it is there, with the time of then. */
static void
test_first_frame (void)
{
  g_autoptr (Live) live = live_new ("");
  const GstClockTime begin = 100 * GST_SECOND;

  gst_test_clock_set_time (live->clock, begin);
  gst_element_set_state (live->run->pipeline, GST_STATE_PLAYING);
  g_assert_cmpuint (wait_for_frame (live), ==, begin);
  show (live, 2);
  g_assert_cmpuint (pts (live, 1) - pts (live, 0), ==, FRAME_TIME);
}

/* After a pause time goes on where it was. */
static void
test_pause (void)
{
  g_autoptr (Live) live = starving ("");

  show (live, 3);
  g_assert_cmpint (gst_element_set_state (live->run->pipeline, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_NO_PREROLL);
  gst_test_clock_advance_time (live->clock, 50 * GST_SECOND);
  gst_element_set_state (live->run->pipeline, GST_STATE_PLAYING);
  show (live, 2);
  g_assert_cmpuint (live->run->buffers->len, ==, 5);
  g_assert_cmpuint (pts (live, 3), >=, pts (live, 2));
  g_assert_cmpuint (pts (live, 3), <=, pts (live, 2) + FRAME_TIME);
  g_assert_cmpuint (pts (live, 4), ==, pts (live, 3) + FRAME_TIME);
  g_assert_cmpuint (stat (live, "dropped"), ==, 0);
}

/* ── what it says of itself ── */

static void
test_queries (void)
{
  g_autoptr (Live) live = starving ("");
  g_autoptr (GstQuery) latency = gst_query_new_latency ();
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  gboolean is_live, seekable;
  GstClockTime min, max;
  gint64 duration;

  wait_for_frame (live);
  g_assert_true (gst_element_query (live->run->src, latency));
  gst_query_parse_latency (latency, &is_live, &min, &max);
  g_assert_true (is_live);
  g_assert_cmpuint (min, ==, FRAME_TIME);
  g_assert_cmpuint (max, ==, GST_CLOCK_TIME_NONE);

  g_assert_true (gst_element_query (live->run->src, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, NULL, NULL);
  g_assert_false (seekable);
  g_assert_false (
      gst_element_seek_simple (live->run->src, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SECOND));
  if (gst_element_query_duration (live->run->src, GST_FORMAT_TIME, &duration))
    g_assert_cmpint (duration, ==, -1);
}

static void
test_no_preroll (void)
{
  g_autoptr (Live) live = live_new ("");

  g_assert_cmpint (gst_element_set_state (live->run->pipeline, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_NO_PREROLL);
  g_assert_cmpuint (live->run->buffers->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/live/hold", test_hold);
  g_test_add_func ("/gst/live/repeat", test_repeat);
  g_test_add_func ("/gst/live/clips", test_clips);
  g_test_add_func ("/gst/live/error-ahead", test_error_ahead);
  g_test_add_func ("/gst/live/late", test_late);
  g_test_add_func ("/gst/live/first-frame", test_first_frame);
  g_test_add_func ("/gst/live/pause", test_pause);
  g_test_add_func ("/gst/live/queries", test_queries);
  g_test_add_func ("/gst/live/no-preroll", test_no_preroll);
  return g_test_run ();
}
