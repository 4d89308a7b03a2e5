/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffrequest.h"
#include "gsttpdiffsrc-private.h"

/* Frames of all clips; 0 while unknown, and if there is no end to them. A live source shows some
 * of them again, nobody knows how many. Called with the object lock. */
static guint64
total_frames (GstTpdiffSrc *self)
{
  if (self->model == NULL || GST_BASE_SRC (self)->is_live)
    return 0;
  return (guint64)self->n_clips * gst_tpdiff_request_get_n_frames (self->request, self->model);
}

GstClockTime
gst_tpdiff_src_get_duration (GstTpdiffSrc *self)
{
  guint64 frames = total_frames (self);

  return frames > 0 && self->timeline.fps_n > 0
             ? gst_tpdiff_timeline_time_of (&self->timeline, frames)
             : GST_CLOCK_TIME_NONE;
}

static gboolean
convert (GstTpdiffSrc *self, GstFormat from, gint64 value, GstFormat to, gint64 *result)
{
  GstVideoInfo info;

  GST_OBJECT_LOCK (self);
  info = self->info;
  GST_OBJECT_UNLOCK (self);
  return GST_VIDEO_INFO_FPS_N (&info) > 0 &&
         gst_video_info_convert (&info, from, value, to, result);
}

/* -1 while unknown, and if it never ends. */
static gint64
duration_in (GstTpdiffSrc *self, GstFormat format)
{
  GstClockTime time;
  guint64 frames;
  gint64 duration;

  GST_OBJECT_LOCK (self);
  time = gst_tpdiff_src_get_duration (self);
  frames = total_frames (self);
  GST_OBJECT_UNLOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return -1;
  if (format == GST_FORMAT_TIME)
    return (gint64)time;
  return convert (self, GST_FORMAT_DEFAULT, (gint64)frames, format, &duration) ? duration : -1;
}

static gboolean
answer_duration (GstTpdiffSrc *self, GstQuery *query)
{
  GstFormat format;
  gint64 duration;

  gst_query_parse_duration (query, &format, NULL);
  duration = duration_in (self, format);
  gst_query_set_duration (query, format, duration);
  return duration >= 0;
}

static gboolean
answer_convert (GstTpdiffSrc *self, GstQuery *query)
{
  GstFormat from, to;
  gint64 value, result;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!convert (self, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

static gboolean
answer_seeking (GstTpdiffSrc *self, GstQuery *query)
{
  gboolean seekable = !gst_base_src_is_live (GST_BASE_SRC (self));
  GstFormat format;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  seekable = seekable && (format == GST_FORMAT_TIME || format == GST_FORMAT_DEFAULT);
  gst_query_set_seeking (query, format, seekable, 0, seekable ? duration_in (self, format) : -1);
  return TRUE;
}

/* As cameras do: a frame is there when its time is over. */
static gboolean
answer_latency (GstTpdiffSrc *self, GstQuery *query)
{
  GstClockTime frame;

  GST_OBJECT_LOCK (self);
  frame = self->timeline.fps_n > 0
              ? gst_util_uint64_scale (GST_SECOND, (guint64)self->timeline.fps_d,
                                       (guint64)self->timeline.fps_n)
              : GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (frame))
    return FALSE;
  gst_query_set_latency (query, gst_base_src_is_live (GST_BASE_SRC (self)), frame,
                         GST_CLOCK_TIME_NONE);
  return TRUE;
}

gboolean
gst_tpdiff_src_answer (GstTpdiffSrc *self, GstQuery *query)
{
  switch (GST_QUERY_TYPE (query))
    {
    case GST_QUERY_DURATION:
      return answer_duration (self, query);
    case GST_QUERY_CONVERT:
      return answer_convert (self, query);
    case GST_QUERY_SEEKING:
      return answer_seeking (self, query);
    case GST_QUERY_LATENCY:
      return answer_latency (self, query);
    default:
      return FALSE;
    }
}
