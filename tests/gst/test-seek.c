/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Seeking in tpdiffsrc: a position names a clip and a frame of it, in any direction, at any rate,
 * whether the clip has been made or not. */

#include "play.h"

/* The tiny model's clips. */
#define FRAMES 8
#define FPS    8

#define CLIPS      3
#define CLIP_TIME  (FRAMES * GST_SECOND / FPS)
#define FRAME_TIME (GST_SECOND / FPS)

#define ACCURATE (GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE)

/* What an uninterrupted run shows: CLIPS clips. */
static Play *
whole (void)
{
  return play ("seed=5 clips=3 ! fakesink");
}

/* A pipeline that shows its first frame. What has been recorded so far is forgotten. */
static Play *
paused (const char *arguments)
{
  Play *run = play_new (arguments);

  gst_element_set_state (run->pipeline, GST_STATE_PAUSED);
  g_assert_cmpint (gst_element_get_state (run->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE), ==,
                   GST_STATE_CHANGE_SUCCESS);
  play_wait_for (run, GST_MESSAGE_UNKNOWN);
  g_ptr_array_set_size (run->buffers, 0);
  g_ptr_array_set_size (run->messages, 0);
  return run;
}

static void
seek (Play *run, gdouble rate, GstSeekFlags flags, gint64 start, gint64 stop)
{
  g_assert_true (gst_element_seek (run->src, rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, start,
                                   GST_SEEK_TYPE_SET, stop));
}

/* The buffers of `run` from `at` on are those of `all`: frame `first`, and `n` in all, forwards or
 * backwards. */
static void
assert_frames (Play *run, guint at, Play *all, guint first, guint n, gboolean backwards)
{
  g_assert_cmpuint (run->buffers->len, >=, at + n);
  for (guint i = 0; i < n; i++)
    {
      guint frame = backwards ? first - i : first + i;
      GstBuffer *buffer = run->buffers->pdata[at + i];
      GstBuffer *expected = all->buffers->pdata[frame];
      g_autoptr (GBytes) bytes = play_bytes (run, at + i, at + i + 1);
      g_autoptr (GBytes) right = play_bytes (all, frame, frame + 1);

      g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, GST_BUFFER_PTS (expected));
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, GST_BUFFER_DURATION (expected));
      g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, frame);
      g_assert_true (g_bytes_equal (bytes, right));
    }
}

static guint
count_generated (Play *run)
{
  GstMessage *message;
  guint n = 0;

  for (guint i = 0; (message = play_message (run, GST_MESSAGE_PROGRESS, i)) != NULL; i++)
    {
      GstProgressType type;

      gst_message_parse_progress (message, &type, NULL, NULL);
      n += type == GST_PROGRESS_TYPE_COMPLETE;
    }
  return n;
}

/* The segment that downstream was told last. */
static GstSegment
last_segment (Play *run)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (run->src, "src");
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  g_assert_nonnull (event);
  gst_event_parse_segment (event, &segment);
  return *segment;
}

/* ── forwards ── */

/* From within the second clip into the third. */
static void
test_range (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");
  GstSegment segment;

  seek (run, 1, ACCURATE, 11 * FRAME_TIME, 18 * FRAME_TIME);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 7);
  assert_frames (run, 0, all, 11, 7, FALSE);
  g_assert_true (
      GST_BUFFER_FLAG_IS_SET ((GstBuffer *)run->buffers->pdata[0], GST_BUFFER_FLAG_DISCONT));
  g_assert_cmpuint (run->n_eos, ==, 1);
  segment = last_segment (run);
  g_assert_cmpuint (segment.start, ==, 11 * FRAME_TIME);
  g_assert_cmpuint (segment.stop, ==, 18 * FRAME_TIME);
  g_assert_cmpuint (segment.time, ==, 11 * FRAME_TIME);
}

/* Between two frames: the one that is being shown then, and the segment says from when. */
static void
test_between_frames (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, 1, ACCURATE, 5 * FRAME_TIME + 1, 7 * FRAME_TIME - 1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 2);
  assert_frames (run, 0, all, 5, 2, FALSE);
  g_assert_cmpuint (last_segment (run).start, ==, 5 * FRAME_TIME + 1);
}

/* At a rate that frames begin at fractions of a nanosecond, each frame is found by its time. */
static void
test_odd_rate (void)
{
  g_autoptr (Play) all = play ("seed=5 clips=3 ! video/x-raw,framerate=30000/1001 ! fakesink");
  const guint frames[] = {0, 1, 2, 7, 8, 19, 23};

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autoptr (Play) run =
          paused ("seed=5 clips=3 ! video/x-raw,framerate=30000/1001 ! fakesink");

      seek (run, 1, ACCURATE, (gint64)GST_BUFFER_PTS ((GstBuffer *)all->buffers->pdata[frames[i]]),
            -1);
      play_to_end (run);
      g_assert_cmpuint (run->buffers->len, ==, CLIPS * FRAMES - frames[i]);
      assert_frames (run, 0, all, frames[i], run->buffers->len, FALSE);
    }
}

static void
test_double_speed (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, 2, ACCURATE, 4 * FRAME_TIME, -1);
  play_to_end (run);
  assert_frames (run, 0, all, 4, CLIPS * FRAMES - 4, FALSE);
  g_assert_cmpfloat (last_segment (run).rate, ==, 2);
}

static void
test_by_frame_number (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  g_assert_true (gst_element_seek (run->src, 1, GST_FORMAT_DEFAULT, ACCURATE, GST_SEEK_TYPE_SET, 13,
                                   GST_SEEK_TYPE_SET, 15));
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 2);
  assert_frames (run, 0, all, 13, 2, FALSE);
}

/* Behind the end there is nothing. */
static void
test_past_the_end (void)
{
  g_autoptr (Play) run = paused ("clips=3 ! fakesink");

  seek (run, 1, ACCURATE, CLIPS * CLIP_TIME, -1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 0);
  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_null (play_message (run, GST_MESSAGE_ERROR, 0));
}

/* ── backwards ── */

static void
test_reverse (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, -1, ACCURATE, 0, -1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, CLIPS * FRAMES);
  assert_frames (run, 0, all, CLIPS * FRAMES - 1, CLIPS * FRAMES, TRUE);
  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_cmpfloat (last_segment (run).rate, ==, -1);
  g_assert_cmpuint (last_segment (run).stop, ==, CLIPS * CLIP_TIME);
}

static void
test_reverse_range (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, -0.5, ACCURATE, 6 * FRAME_TIME, 10 * FRAME_TIME);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 4);
  assert_frames (run, 0, all, 9, 4, TRUE);
}

/* A stop that is not a frame's end: the frame that is being shown then comes first. */
static void
test_reverse_between_frames (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, -1, ACCURATE, 0, 2 * FRAME_TIME + 1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 3);
  assert_frames (run, 0, all, 2, 3, TRUE);
}

/* ── what is kept, and what is not ── */

/* Once made, clips cost nothing. */
static void
test_kept (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = play ("seed=5 clips=3 ! fakesink");

  g_assert_cmpuint (count_generated (run), ==, CLIPS);
  g_ptr_array_set_size (run->buffers, 0);
  seek (run, 1, ACCURATE, 0, -1);
  play_to_end (run);
  assert_frames (run, 0, all, 0, CLIPS * FRAMES, FALSE);
  g_assert_cmpuint (count_generated (run), ==, CLIPS);
}

/* Not more are kept than was asked for; the others come out the same. */
static void
test_not_kept (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = play ("seed=5 clips=3 clips-kept=1 ! fakesink");

  g_ptr_array_set_size (run->buffers, 0);
  seek (run, 1, ACCURATE, CLIP_TIME, -1);
  play_to_end (run);
  assert_frames (run, 0, all, FRAMES, 2 * FRAMES, FALSE);
  g_assert_cmpuint (count_generated (run), ==, CLIPS + 2);
  g_ptr_array_set_size (run->buffers, 0);
  seek (run, 1, ACCURATE, 2 * CLIP_TIME, -1);
  play_to_end (run);
  assert_frames (run, 0, all, 2 * FRAMES, FRAMES, FALSE);
  g_assert_cmpuint (count_generated (run), ==, CLIPS + 2);
}

/* Going back asks for the clip again, so a change since then shows. */
static void
test_change_then_seek (void)
{
  g_autoptr (Play) run = play ("prompt=\"a red star\" seed=5 ! fakesink");
  g_autoptr (Play) blue = play ("prompt=\"a blue star\" seed=5 ! fakesink");

  g_ptr_array_set_size (run->buffers, 0);
  g_object_set (run->src, "prompt", "a blue star", NULL);
  seek (run, 1, ACCURATE, 0, -1);
  play_to_end (run);
  assert_frames (run, 0, blue, 0, FRAMES, FALSE);
}

/* Only what is shown is made. */
static void
test_skips_clips (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, 1, ACCURATE, 2 * CLIP_TIME, -1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  assert_frames (run, 0, all, 2 * FRAMES, FRAMES, FALSE);
  g_assert_cmpuint (count_generated (run), ==, 1);
}

static void
test_endless (void)
{
  g_autoptr (Play) run = paused ("seed=5 clips=0 ! fakesink");
  g_autoptr (Play) far = play ("seed=1005 ! fakesink");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) expected = play_bytes (far, 0, FRAMES);
  gint64 duration;

  g_assert_true (gst_element_query_duration (run->src, GST_FORMAT_TIME, &duration));
  g_assert_cmpint (duration, ==, -1);
  seek (run, 1, ACCURATE, 1000 * CLIP_TIME, 1001 * CLIP_TIME);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  bytes = play_bytes (run, 0, FRAMES);
  g_assert_true (g_bytes_equal (bytes, expected));
}

/* Backwards through what never ends: from where it has come to. */
static void
test_endless_reverse (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=0 ! fakesink");

  seek (run, 1, ACCURATE, 0, 12 * FRAME_TIME);
  play_to_end (run);
  g_ptr_array_set_size (run->buffers, 0);
  seek (run, -1, ACCURATE, 0, -1);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, 12);
  assert_frames (run, 0, all, 11, 12, TRUE);
}

/* ── when ── */

/* Before anything is known of the model; backwards, even its end. */
static void
test_in_ready (void)
{
  g_autoptr (Play) all = whole ();

  for (gint rate = -1; rate <= 1; rate += 2)
    {
      g_autoptr (Play) run = play_new ("seed=5 clips=3 ! fakesink");

      gst_element_set_state (run->pipeline, GST_STATE_READY);
      seek (run, rate, GST_SEEK_FLAG_ACCURATE, 20 * FRAME_TIME, -1);
      play_to_end (run);
      g_assert_cmpuint (run->buffers->len, ==, 4);
      assert_frames (run, 0, all, rate < 0 ? 23 : 20, 4, rate < 0);
    }
}

/* While a clip is being made that would take minutes: it is cancelled. */
static void
test_while_generating (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = play_new ("seed=5 clips=3 stage-steps=1000,1000,1000 ! fakesink");

  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 5; i++)
    play_wait_for (run, GST_MESSAGE_PROGRESS);
  g_object_set (run->src, "stage-steps", "", NULL);
  seek (run, 1, ACCURATE, CLIP_TIME, 2 * CLIP_TIME);
  play_to_end (run);
  g_assert_cmpuint (run->buffers->len, ==, FRAMES);
  assert_frames (run, 0, all, FRAMES, FRAMES, FALSE);
  g_assert_cmpuint (count_generated (run), ==, 1);
}

/* Seamless looping, as players do it: segment seeks without a flush, each begun when the segment
 * before is done. There is no EOS until the last one, and running time goes on. */
static void
test_loop (void)
{
  g_autoptr (Play) all = whole ();
  g_autoptr (Play) run = paused ("seed=5 clips=3 ! fakesink");

  seek (run, 1, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT, 0, CLIP_TIME);
  gst_element_set_state (run->pipeline, GST_STATE_PLAYING);
  play_wait_for (run, GST_MESSAGE_SEGMENT_DONE);
  seek (run, 1, GST_SEEK_FLAG_SEGMENT, 0, CLIP_TIME);
  play_wait_for (run, GST_MESSAGE_SEGMENT_DONE);
  g_assert_cmpuint (run->n_eos, ==, 0);
  seek (run, 1, GST_SEEK_FLAG_NONE, 0, CLIP_TIME);
  play_to_end (run);

  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_cmpuint (run->buffers->len, ==, 3 * FRAMES);
  for (guint i = 0; i < 3; i++)
    assert_frames (run, i * FRAMES, all, 0, FRAMES, FALSE);
  g_assert_cmpuint (last_segment (run).base, ==, 2 * CLIP_TIME);
  g_assert_cmpuint (count_generated (run), ==, 0); /* made while prerolling */
}

static void
test_position (void)
{
  g_autoptr (Play) run = paused ("clips=3 ! fakesink");
  gint64 position;

  seek (run, 1, ACCURATE, 11 * FRAME_TIME, -1);
  g_assert_cmpint (gst_element_get_state (run->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_true (gst_element_query_position (run->pipeline, GST_FORMAT_TIME, &position));
  g_assert_cmpint (position, ==, 11 * FRAME_TIME);
  /* the source is ahead of the sink by the frame that waits there */
  g_assert_true (gst_element_query_position (run->src, GST_FORMAT_DEFAULT, &position));
  g_assert_cmpint (position, ==, 12);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/seek/range", test_range);
  g_test_add_func ("/gst/seek/between-frames", test_between_frames);
  g_test_add_func ("/gst/seek/odd-rate", test_odd_rate);
  g_test_add_func ("/gst/seek/double-speed", test_double_speed);
  g_test_add_func ("/gst/seek/by-frame-number", test_by_frame_number);
  g_test_add_func ("/gst/seek/past-the-end", test_past_the_end);
  g_test_add_func ("/gst/seek/reverse", test_reverse);
  g_test_add_func ("/gst/seek/reverse-range", test_reverse_range);
  g_test_add_func ("/gst/seek/reverse-between-frames", test_reverse_between_frames);
  g_test_add_func ("/gst/seek/kept", test_kept);
  g_test_add_func ("/gst/seek/not-kept", test_not_kept);
  g_test_add_func ("/gst/seek/change-then-seek", test_change_then_seek);
  g_test_add_func ("/gst/seek/skips-clips", test_skips_clips);
  g_test_add_func ("/gst/seek/endless", test_endless);
  g_test_add_func ("/gst/seek/endless-reverse", test_endless_reverse);
  g_test_add_func ("/gst/seek/in-ready", test_in_ready);
  g_test_add_func ("/gst/seek/while-generating", test_while_generating);
  g_test_add_func ("/gst/seek/loop", test_loop);
  g_test_add_func ("/gst/seek/position", test_position);
  return g_test_run ();
}
