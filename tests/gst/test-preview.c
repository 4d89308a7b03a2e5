/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pad "preview": what comes out of it, when, and that it holds nobody up. */

#include <string.h>

#include "play.h"

#define FRAMES 8 /* of a clip of the tiny model, in one second */
#define STAGES 3
#define STEPS  6 /* two for each stage */

/* Elements that wait for nobody, so that a pipeline plays at once. */
#define ASYNC "async=false sync=false"

/* What the fakesink called "preview" was given. */
typedef struct
{
  Play *play;
  GMutex lock;
  GCond more;
  GPtrArray *buffers; /* GstBuffer */
  GArray *rates;      /* frames per second at each of them, int */
  guint n_caps, n_segments, n_gaps, n_eos;
  gboolean block; /* the first buffer stays where it is */
} Preview;

static void
note_event (Preview *self, GstEvent *event)
{
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      self->n_caps++;
      break;
    case GST_EVENT_SEGMENT:
      self->n_segments++;
      break;
    case GST_EVENT_GAP:
      self->n_gaps++;
      break;
    case GST_EVENT_EOS:
      self->n_eos++;
      break;
    default:
      break;
    }
}

static GstPadProbeReturn
on_preview (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Preview *self = data;

  g_mutex_lock (&self->lock);
  if (GST_IS_EVENT (info->data))
    note_event (self, info->data);
  else
    {
      g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
      GstVideoInfo video;
      int rate;

      g_assert_true (gst_video_info_from_caps (&video, caps));
      g_assert_cmpint (GST_VIDEO_INFO_FPS_D (&video), ==, 1);
      rate = GST_VIDEO_INFO_FPS_N (&video);
      g_array_append_val (self->rates, rate);
      g_ptr_array_add (self->buffers, gst_buffer_ref (info->data));
      while (self->block)
        g_cond_wait (&self->more, &self->lock);
    }
  g_cond_broadcast (&self->more);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static Preview *
preview_new (const char *arguments)
{
  Preview *self = g_new0 (Preview, 1);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->more);
  self->play = play_new (arguments);
  self->buffers = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  self->rates = g_array_new (FALSE, FALSE, sizeof (int));
  sink = gst_bin_get_by_name (GST_BIN (self->play->pipeline), "preview");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                     on_preview, self, NULL);
  return self;
}

static void
preview_free (Preview *self)
{
  play_free (self->play);
  g_ptr_array_unref (self->buffers);
  g_array_unref (self->rates);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->more);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Preview, preview_free)

static Preview *
preview (const char *arguments)
{
  Preview *self = preview_new (arguments);

  play_to_end (self->play);
  return self;
}

static GstBuffer *
nth (Preview *self, guint i)
{
  g_assert_cmpuint (i, <, self->buffers->len);
  return self->buffers->pdata[i];
}

/* Checks that buffers from `first` on are one estimate, n frames over a second. Returns its begin.
 */
static GstClockTime
assert_estimate (Preview *self, guint first, guint n)
{
  GstClockTime begin = GST_BUFFER_PTS (nth (self, first));

  for (guint i = 0; i < n; i++)
    {
      GstBuffer *buffer = nth (self, first + i);

      g_assert_cmpint (g_array_index (self->rates, int, first + i), ==, (int)n);
      g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==,
                        begin + gst_util_uint64_scale (i, GST_SECOND, n));
      g_assert_cmpuint (GST_BUFFER_DURATION (buffer), ==, GST_SECOND / n);
      g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, i);
      g_assert_false (GST_BUFFER_DTS_IS_VALID (buffer));
    }
  return begin;
}

/* Frame counts double from stage to stage; each estimate lasts as long as the clip. */
static void
test_doubling (void)
{
  g_autoptr (Preview) run =
      preview ("preview=stage ! fakesink sync=false src.preview ! fakesink name=preview");
  guint first = 0;
  GstClockTime end = 0;

  for (guint n = FRAMES >> (STAGES - 1); n <= FRAMES; n *= 2)
    {
      GstClockTime begin = assert_estimate (run, first, n);

      g_assert_cmpuint (begin, >=, end);
      end = begin + GST_SECOND;
      first += n;
    }
  g_assert_cmpuint (run->buffers->len, ==, first);
  g_assert_cmpuint (run->n_caps, ==, STAGES);
  g_assert_cmpuint (run->n_segments, ==, 1);
  g_assert_cmpuint (run->n_gaps, ==, 0);
  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_cmpuint (run->play->buffers->len, ==, FRAMES);
}

/* Both formats, as downstream likes it; the pictures are the messages' ones. */
static void
test_formats (void)
{
  g_autoptr (Preview) rgb =
      preview ("preview=stage preview-decoder=vae ! fakesink sync=false "
               "src.preview ! video/x-raw,format=RGB ! fakesink name=preview");
  g_autoptr (Preview) yuv =
      preview ("preview=stage ! fakesink sync=false src.preview ! fakesink name=preview");
  const GstStructure *message = play_structure (rgb->play, "tpdiff-preview", 0);
  g_autoptr (GstSample) sample = NULL;
  GstMapInfo shown, posted;

  g_assert_cmpuint (gst_buffer_get_size (nth (rgb, 0)), ==, 16 * 16 * 3);
  g_assert_cmpuint (gst_buffer_get_size (nth (yuv, 0)), ==, 16 * 16 * 3 / 2);
  g_assert_true (gst_structure_get (message, "sample", GST_TYPE_SAMPLE, &sample, NULL));
  g_assert_true (gst_buffer_map (nth (rgb, 0), &shown, GST_MAP_READ));
  g_assert_true (gst_buffer_map (gst_sample_get_buffer (sample), &posted, GST_MAP_READ));
  g_assert_cmpmem (shown.data, shown.size, posted.data, posted.size);
  gst_buffer_unmap (nth (rgb, 0), &shown);
  gst_buffer_unmap (gst_sample_get_buffer (sample), &posted);
}

/* Without previews a sink still prerolls, and ends. */
static void
test_none (void)
{
  g_autoptr (Preview) run = preview ("! fakesink sync=false src.preview ! fakesink name=preview");

  g_assert_cmpuint (run->buffers->len, ==, 0);
  g_assert_cmpuint (run->n_gaps, ==, 1);
  g_assert_cmpuint (run->n_eos, ==, 1);
  g_assert_cmpuint (run->play->buffers->len, ==, FRAMES);
}

/* Nobody needs to link it. */
static void
test_unlinked (void)
{
  g_autoptr (Play) run = play ("preview=step clips=2 ! fakesink sync=false");

  g_assert_cmpuint (run->buffers->len, ==, 2 * FRAMES);
  g_assert_null (play_message (run, GST_MESSAGE_WARNING, 0));
}

static GstPadProbeReturn
on_main_eos (GstPad *pad, GstPadProbeInfo *info, gpointer done)
{
  if (GST_EVENT_TYPE (info->data) == GST_EVENT_EOS)
    g_atomic_int_set ((int *)done, TRUE);
  return GST_PAD_PROBE_OK;
}

/* While a preview is stuck downstream the clip is made and ends; of what came meanwhile the newest
 * of each stage is shown afterwards. */
static void
test_leaky (void)
{
  g_autoptr (Preview) run =
      preview_new ("preview=step ! fakesink " ASYNC " src.preview ! fakesink name=preview " ASYNC);
  g_autoptr (GstPad) main_pad = gst_element_get_static_pad (run->play->src, "src");
  int main_ended = FALSE;
  guint n;

  run->block = TRUE;
  gst_pad_add_probe (main_pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_main_eos, &main_ended, NULL);
  gst_element_set_state (run->play->pipeline, GST_STATE_PLAYING);
  while (!g_atomic_int_get (&main_ended))
    g_usleep (1000);
  g_assert_cmpuint (run->play->buffers->len, ==, FRAMES);

  g_mutex_lock (&run->lock);
  while (run->buffers->len == 0)
    g_cond_wait (&run->more, &run->lock);
  g_assert_cmpuint (run->buffers->len, ==, 1);
  run->block = FALSE;
  g_cond_broadcast (&run->more);
  g_mutex_unlock (&run->lock);
  play_to_end (run->play);

  /* The stuck one is whatever came first to the pad's task: any of the six. */
  n = run->buffers->len;
  g_assert_cmpuint (n, <=, 2 + 2 + 4 + 8);
  g_assert_cmpuint (n, >=, 8);
  assert_estimate (run, n - FRAMES, FRAMES);
}

/* After a flush the stream begins anew, with the last estimate, so that sinks can preroll. */
static void
test_flush (void)
{
  g_autoptr (Preview) run =
      preview_new ("preview=stage ! fakesink " ASYNC " src.preview ! fakesink name=preview " ASYNC);
  g_autoptr (GstPad) main_pad = gst_element_get_static_pad (run->play->src, "src");
  guint n;

  play_to_end (run->play);
  n = run->buffers->len;
  gst_pad_push_event (main_pad, gst_event_new_flush_start ());
  gst_pad_push_event (main_pad, gst_event_new_flush_stop (TRUE));
  g_mutex_lock (&run->lock);
  while (run->buffers->len < n + FRAMES)
    g_cond_wait (&run->more, &run->lock);
  g_assert_cmpuint (run->n_segments, ==, 2);
  g_mutex_unlock (&run->lock);
  assert_estimate (run, n, FRAMES);
  for (guint i = 0; i < FRAMES; i++)
    {
      GstMapInfo before, after;

      g_assert_true (gst_buffer_map (nth (run, n - FRAMES + i), &before, GST_MAP_READ));
      g_assert_true (gst_buffer_map (nth (run, n + i), &after, GST_MAP_READ));
      g_assert_cmpmem (before.data, before.size, after.data, after.size);
      gst_buffer_unmap (nth (run, n - FRAMES + i), &before);
      gst_buffer_unmap (nth (run, n + i), &after);
    }
}

/* A seek of the whole pipeline prerolls, plays and ends, although no new preview comes. */
static void
test_seek (void)
{
  g_autoptr (Preview) run = preview_new ("preview=stage ! fakesink sync=false "
                                         "src.preview ! fakesink name=preview sync=false");
  GstElement *pipeline = run->play->pipeline;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE), ==,
                   GST_STATE_CHANGE_SUCCESS);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (gst_element_seek_simple (pipeline, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                                              i * GST_SECOND / 4));
      g_assert_cmpint (gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE), ==,
                       GST_STATE_CHANGE_SUCCESS);
    }
  play_to_end (run->play);
  g_assert_null (play_message (run->play, GST_MESSAGE_ERROR, 0));
  g_assert_cmpuint (run->n_eos, ==, 1);
  assert_estimate (run, run->buffers->len - FRAMES, FRAMES);
}

static void
count (GstElement *element, GstPad *pad, gpointer n)
{
  if (g_str_equal (GST_OBJECT_NAME (pad), "preview"))
    (*(guint *)n)++;
}

/* The pad comes with the stream and goes with it. */
static void
test_comes_and_goes (void)
{
  g_autoptr (Play) run = play_new ("! fakesink sync=false");
  guint n_added = 0, n_removed = 0;

  g_signal_connect (run->src, "pad-added", G_CALLBACK (count), &n_added);
  g_signal_connect (run->src, "pad-removed", G_CALLBACK (count), &n_removed);
  for (guint i = 1; i <= 3; i++)
    {
      play_to_end (run);
      g_assert_cmpuint (n_added, ==, i);
      gst_element_set_state (run->pipeline, GST_STATE_READY);
      g_assert_cmpuint (n_removed, ==, i);
    }
}

static void
ask_for_grey (GstElement *element, GstPad *pad, gpointer filter)
{
  gst_util_set_object_arg (G_OBJECT (filter), "caps", "video/x-raw, format=GRAY8");
}

/* What cannot be shown is said, and costs nobody the clip. The link itself would be refused, so the
 * caps come after it. */
static void
test_not_negotiated (void)
{
  g_autoptr (Preview) run = preview_new ("preview=stage ! fakesink sync=false "
                                         "src.preview ! capsfilter name=filter "
                                         "! fakesink name=preview");
  g_autoptr (GstElement) filter = gst_bin_get_by_name (GST_BIN (run->play->pipeline), "filter");
  g_autoptr (GError) warning = NULL;

  g_signal_connect (run->play->src, "pad-added", G_CALLBACK (ask_for_grey), filter);
  play_to_end (run->play);
  g_assert_cmpuint (run->play->buffers->len, ==, FRAMES);
  g_assert_null (play_message (run->play, GST_MESSAGE_ERROR, 0));
  g_assert_null (play_message (run->play, GST_MESSAGE_WARNING, 1));
  g_assert_nonnull (play_message (run->play, GST_MESSAGE_WARNING, 0));
  gst_message_parse_warning (play_message (run->play, GST_MESSAGE_WARNING, 0), &warning, NULL);
  g_assert_error (warning, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT);
  g_assert_nonnull (strstr (warning->message, "preview"));
}

/* Live as the main stream is, with room for any latency. */
static void
test_latency (void)
{
  g_autoptr (Preview) run = preview_new ("is-live=true clips=0 ! fakesink src.preview ! fakesink "
                                         "name=preview");
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (run->play->pipeline), "preview");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  GstClockTime max;
  gboolean live;

  gst_element_set_state (run->play->pipeline, GST_STATE_PLAYING);
  g_mutex_lock (&run->lock);
  while (run->n_gaps == 0)
    g_cond_wait (&run->more, &run->lock);
  g_mutex_unlock (&run->lock);
  g_assert_true (gst_pad_peer_query (pad, query));
  gst_query_parse_latency (query, &live, NULL, &max);
  g_assert_true (live);
  g_assert_cmpuint (max, ==, GST_CLOCK_TIME_NONE);
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gst/preview/doubling", test_doubling);
  g_test_add_func ("/gst/preview/formats", test_formats);
  g_test_add_func ("/gst/preview/none", test_none);
  g_test_add_func ("/gst/preview/unlinked", test_unlinked);
  g_test_add_func ("/gst/preview/leaky", test_leaky);
  g_test_add_func ("/gst/preview/flush", test_flush);
  g_test_add_func ("/gst/preview/seek", test_seek);
  g_test_add_func ("/gst/preview/comes-and-goes", test_comes_and_goes);
  g_test_add_func ("/gst/preview/not-negotiated", test_not_negotiated);
  g_test_add_func ("/gst/preview/latency", test_latency);
  return g_test_run ();
}
