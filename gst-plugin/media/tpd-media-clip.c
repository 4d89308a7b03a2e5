/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-media-clip.h"

#include <gst/video/video.h>
#include <string.h>

#include "core/tpd-error.h"
#include "io/tpd-cover.h"

/* How often somebody who cancels is looked for. */
#define PATIENCE (100 * GST_MSECOND)

typedef struct
{
  guint width;
  guint height;
  guint max_frames; /* 0 for all */

  /* state of the streaming thread */
  guint8 *rgb; /* owned, nullable: the frames that are kept */
  guint n_kept;
  guint64 n_decoded;
  guint64 interval; /* of the decoded frames, every so many-th is kept */
  guint fps_n;
  guint fps_d;
} Reader;

/* ── frames ── */

static gsize
frame_bytes (const Reader *self)
{
  return (gsize)3 * self->width * self->height;
}

/* Keeps every second frame of those that are there, and of those to come. */
static void
thin (Reader *self)
{
  const gsize n = frame_bytes (self);

  self->n_kept = (self->n_kept + 1) / 2;
  for (guint i = 1; i < self->n_kept; i++)
    memcpy (self->rgb + i * n, self->rgb + 2 * i * n, n);
  self->interval *= 2;
}

static void
keep (Reader *self, const GstVideoFrame *frame)
{
  const gsize n = frame_bytes (self);

  self->rgb = g_realloc_n (self->rgb, self->n_kept + 1, n);
  tpd_rgb_cover (GST_VIDEO_FRAME_PLANE_DATA (frame, 0), (guint)GST_VIDEO_FRAME_WIDTH (frame),
                 (guint)GST_VIDEO_FRAME_HEIGHT (frame),
                 (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0), self->width, self->height,
                 self->rgb + self->n_kept * n);
  self->n_kept++;
}

static void
on_frame (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer reader)
{
  Reader *self = reader;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo info;
  GstVideoFrame frame;

  if (self->max_frames > 0 && self->n_decoded >= self->max_frames)
    return;
  if (self->n_decoded++ % self->interval != 0)
    return;
  if (self->n_kept == TPD_MEDIA_CLIP_MAX_FRAMES)
    {
      thin (self);
      if ((self->n_decoded - 1) % self->interval != 0)
        return;
    }
  if (caps == NULL || !gst_video_info_from_caps (&info, caps) ||
      !gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ))
    return;
  keep (self, &frame);
  gst_video_frame_unmap (&frame);
  self->fps_n = (guint)MAX (info.fps_n, 0);
  self->fps_d = (guint)MAX (info.fps_d, 1);
  if (self->n_decoded == self->max_frames)
    gst_element_post_message (sink, gst_message_new_eos (GST_OBJECT (sink)));
}

/* ── the pipeline ── */

/* Sound need not be decoded. */
static gboolean
on_autoplug_continue (GstElement *decoder, GstPad *pad, GstCaps *caps, gpointer unused)
{
  return !g_str_has_prefix (gst_structure_get_name (gst_caps_get_structure (caps, 0)), "audio/");
}

/* The first stream of pictures is the one. */
static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer convert)
{
  g_autoptr (GstCaps) caps = gst_pad_query_caps (pad, NULL);
  g_autoptr (GstPad) entry = gst_element_get_static_pad (convert, "sink");

  if (!gst_pad_is_linked (entry) &&
      g_str_equal (gst_structure_get_name (gst_caps_get_structure (caps, 0)), "video/x-raw"))
    gst_pad_link (pad, entry);
}

/* Where there are none, nothing would ever come. */
static void
on_no_more_pads (GstElement *decoder, gpointer convert)
{
  g_autoptr (GstPad) entry = gst_element_get_static_pad (convert, "sink");

  if (!gst_pad_is_linked (entry))
    GST_ELEMENT_ERROR (decoder, STREAM, TYPE_NOT_FOUND, ("it has no pictures"), (NULL));
}

static GstElement *
make_pipeline (Reader *self, const char *path, GError **error)
{
  GstElement *pipeline =
      gst_parse_launch ("filesrc name=file ! decodebin name=decoder  videoconvert name=convert ! "
                        "video/x-raw, format=RGB ! fakesink name=sink signal-handoffs=true",
                        error);
  g_autoptr (GstElement) file = NULL;
  g_autoptr (GstElement) decoder = NULL;
  g_autoptr (GstElement) convert = NULL;
  g_autoptr (GstElement) sink = NULL;

  if (pipeline == NULL)
    return NULL;
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  decoder = gst_bin_get_by_name (GST_BIN (pipeline), "decoder");
  convert = gst_bin_get_by_name (GST_BIN (pipeline), "convert");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (file, "location", path, NULL);
  g_signal_connect (decoder, "autoplug-continue", G_CALLBACK (on_autoplug_continue), NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), convert);
  g_signal_connect (decoder, "no-more-pads", G_CALLBACK (on_no_more_pads), convert);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_frame), self);
  return pipeline;
}

/* Until the end of the file, or enough frames. */
static gboolean
wait (GstElement *pipeline, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      g_autoptr (GstMessage) message =
          gst_bus_timed_pop_filtered (bus, PATIENCE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

      if (message == NULL)
        continue;
      if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
        return TRUE;
      gst_message_parse_error (message, error, NULL);
      return FALSE;
    }
  return FALSE;
}

static gboolean
read_file (Reader *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstElement) pipeline = make_pipeline (self, path, error);
  gboolean done;

  if (pipeline == NULL)
    return FALSE;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  done = wait (pipeline, cancellable, error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (done && self->n_kept == 0)
    {
      g_set_error_literal (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "it has no pictures");
      return FALSE;
    }
  return done;
}

TpdClip *
tpd_media_clip_read (const char *path, guint width, guint height, guint max_frames,
                     GCancellable *cancellable, GError **error)
{
  Reader self = {.width = width, .height = height, .max_frames = max_frames, .interval = 1};
  g_autoptr (GError) reason = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND, "%s: there is no such file", path);
      return NULL;
    }
  if (!gst_init_check (NULL, NULL, error))
    return NULL;
  if (read_file (&self, path, cancellable, &reason))
    return tpd_clip_new (self.n_kept, width, height, MAX (self.fps_n, 1), self.fps_d,
                         g_bytes_new_take (self.rgb, self.n_kept * frame_bytes (&self)), NULL);
  g_free (self.rgb);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: cannot be read as a video: %s",
                 path, reason->message);
  return NULL;
}
