/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Everything that can be done to a tpdiffsrc, at random, as fast as it goes. Nothing may hang, warn
 * or be lost, and afterwards the element works as if nothing had been. g_test_init() makes
 * warnings fatal; the leaks tracer and valgrind run the same program. */

#include <gst/base/gstbasesrc.h>
#include <stdlib.h>

#include "play.h"

#define FRAMES     8
#define FRAME_TIME (GST_SECOND / 8)

/* Acts of a storm; TPDIFF_TEST_STORM sets another number. */
#define ACTS 200

typedef struct
{
  Play *run;
  GRand *rand;
  GstState state; /* where the pipeline is going */
} Storm;

static gint
dice (Storm *self, gint n)
{
  return g_rand_int_range (self->rand, 0, n);
}

static void
change_state (Storm *self)
{
  self->state = (GstState)g_rand_int_range (self->rand, GST_STATE_NULL, GST_STATE_PLAYING + 1);
  g_assert_cmpint (gst_element_set_state (self->run->pipeline, self->state), !=,
                   GST_STATE_CHANGE_FAILURE);
}

/* Seeks that do not flush, and the end, wait until the sink takes what it has, so it must be on its
 * way to play. They are sent without gst_element_send_event(), as sinks do, for that holds the lock
 * which the sink needs to get there. */
static void
seek (Storm *self)
{
  const gdouble rates[] = {1, 1, 2, -1, -0.5};
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->run->src, "src");
  gint64 start = dice (self, 20) * (gint64)FRAME_TIME + dice (self, 1000);
  gint64 stop = dice (self, 2) ? -1 : start + dice (self, 12) * (gint64)FRAME_TIME;
  GstSeekFlags flags = dice (self, 2) ? GST_SEEK_FLAG_ACCURATE : GST_SEEK_FLAG_SEGMENT;

  if (self->state != GST_STATE_PLAYING || dice (self, 3) > 0)
    flags |= GST_SEEK_FLAG_FLUSH;
  gst_pad_send_event (pad, gst_event_new_seek (rates[dice (self, G_N_ELEMENTS (rates))],
                                               GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, start,
                                               GST_SEEK_TYPE_SET, stop));
}

static void
flush (Storm *self)
{
  gst_element_send_event (self->run->src, gst_event_new_flush_start ());
  if (dice (self, 2))
    g_usleep ((gulong)dice (self, 2000));
  gst_element_send_event (self->run->src, gst_event_new_flush_stop (TRUE));
}

static void
end (Storm *self)
{
  if (self->state == GST_STATE_PLAYING)
    GST_ELEMENT_GET_CLASS (self->run->src)->send_event (self->run->src, gst_event_new_eos ());
}

static void
change_property (Storm *self)
{
  const char *const prompts[] = {"a red star", "a blue circle", ""};
  GObject *src = G_OBJECT (self->run->src);

  switch (dice (self, 9))
    {
    case 0:
      g_object_set (src, "prompt", prompts[dice (self, G_N_ELEMENTS (prompts))], NULL);
      break;
    case 1:
      g_object_set (src, "seed", (guint64)dice (self, 5), NULL);
      break;
    case 2:
      g_object_set (src, "num-frames", 4 * (guint)dice (self, 3), NULL);
      break;
    case 3:
      g_object_set (src, "clips", (guint)dice (self, 4), NULL);
      break;
    case 4:
      g_object_set (src, "clips-kept", (guint)dice (self, 4), NULL);
      break;
    case 5:
      g_object_set (src, "clips-ahead", 1 + (guint)dice (self, 3), NULL);
      break;
    case 6:
      g_object_set (src, "underrun", dice (self, 2), NULL);
      break;
    case 7:
      g_object_set (src, "preview", dice (self, 3), NULL);
      break;
    default:
      g_object_set (src, "guidance-scale", 1.0 + dice (self, 5), NULL);
      break;
    }
}

static void
ask (Storm *self)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstQuery) latency = gst_query_new_latency ();
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  gint64 value;

  gst_element_query (self->run->src, latency);
  gst_element_query (self->run->src, seeking);
  gst_element_query_duration (self->run->src, GST_FORMAT_TIME, &value);
  gst_element_query_position (self->run->src, GST_FORMAT_TIME, &value);
  g_object_get (self->run->src, "stats", &stats, NULL);
}

static void
rest (Storm *self)
{
  if (dice (self, 2))
    g_usleep ((gulong)dice (self, 20000));
  else
    gst_element_get_state (self->run->pipeline, NULL, NULL,
                           (GstClockTime)dice (self, 50) * GST_MSECOND);
}

/* After the storm: a clip as ever, of which a live source shows as much as the machine manages. */
static void
assert_well (Play *run)
{
  guint n = gst_base_src_is_live (GST_BASE_SRC (run->src)) ? 1 : FRAMES;
  g_autoptr (Play) fresh = play ("seed=5 ! fakesink");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) expected = play_bytes (fresh, 0, n);

  g_object_set (run->src, "prompt", NULL, "seed", (guint64)5, "num-frames", 0, "clips", 1,
                "preview", 0, "guidance-scale", 5.0, NULL);
  g_ptr_array_set_size (run->buffers, 0);
  run->n_eos = 0;
  play_to_end (run);
  g_assert_cmpuint (run->n_eos, ==, 1);
  bytes = play_bytes (run, 0, n);
  g_assert_true (g_bytes_equal (bytes, expected));
}

static void
assert_no_error (Play *run)
{
  GstMessage *message = play_message (run, GST_MESSAGE_ERROR, 0);
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  if (message == NULL)
    return;
  gst_message_parse_error (message, &error, &debug);
  g_error ("%s (%s)", error->message, debug);
}

static void
storm (const char *arguments, guint32 seed)
{
  void (*const acts[]) (Storm *) = {change_state,    change_state,    seek, seek, flush, end,
                                    change_property, change_property, ask,  rest, rest};
  const char *wanted = g_getenv ("TPDIFF_TEST_STORM");
  guint n = wanted != NULL ? (guint)atoi (wanted) : ACTS;
  g_autoptr (Play) run = play_new (arguments);
  Storm self = {.run = run, .rand = g_rand_new_with_seed (seed), .state = GST_STATE_NULL};

  for (guint i = 0; i < n; i++)
    {
      acts[dice (&self, G_N_ELEMENTS (acts))](&self);
      play_wait_for (run, GST_MESSAGE_UNKNOWN);
    }
  gst_element_set_state (run->pipeline,
                         GST_STATE_PAUSED); /* a seek may still be waiting for that */
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  play_wait_for (run, GST_MESSAGE_UNKNOWN);
  assert_no_error (run);
  assert_well (run);
  g_rand_free (self.rand);
}

static void
test_storm (void)
{
  storm ("clips=3 ! fakesink", 1);
}

static void
test_storm_live (void)
{
  storm ("is-live=true clips=3 ! video/x-raw,framerate=200/1 ! fakesink sync=true", 2);
}

/* Clips that take minutes are cancelled all the time. */
static void
test_storm_of_long_clips (void)
{
  g_autoptr (Play) run = play_new ("stage-steps=1000,1000,1000 ! fakesink");
  Storm self = {.run = run, .rand = g_rand_new_with_seed (3), .state = GST_STATE_NULL};
  void (*const acts[]) (Storm *) = {change_state, seek, flush, ask, rest};

  for (guint i = 0; i < 50; i++)
    acts[dice (&self, G_N_ELEMENTS (acts))](&self);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  g_assert_cmpuint (run->buffers->len, ==, 0);
  g_rand_free (self.rand);
}

int
main (int argc, char *argv[])
{
  int status;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gst/storm/storm", test_storm);
  g_test_add_func ("/gst/storm/live", test_storm_live);
  g_test_add_func ("/gst/storm/long-clips", test_storm_of_long_clips);
  status = g_test_run ();
  gst_deinit (); /* tracers report */
  return status;
}
