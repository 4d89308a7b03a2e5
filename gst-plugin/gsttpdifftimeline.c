/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdifftimeline.h"

void
gst_tpdiff_timeline_init (GstTpdiffTimeline *self, gint fps_n, gint fps_d)
{
  *self = (GstTpdiffTimeline){.fps_n = fps_n, .fps_d = fps_d};
}

void
gst_tpdiff_timeline_set_rate (GstTpdiffTimeline *self, guint64 n, gint fps_n, gint fps_d)
{
  if (n > 0 && self->fps_n > 0)
    {
      self->origin = gst_tpdiff_timeline_time_of (self, n);
      self->first = n;
    }
  self->fps_n = fps_n;
  self->fps_d = fps_d;
}

GstClockTime
gst_tpdiff_timeline_time_of (const GstTpdiffTimeline *self, guint64 n)
{
  return self->origin + gst_util_uint64_scale (n - self->first, GST_SECOND * (guint64)self->fps_d,
                                               (guint64)self->fps_n);
}

guint64
gst_tpdiff_timeline_frame_at (const GstTpdiffTimeline *self, GstClockTime time)
{
  guint64 n = self->first + gst_util_uint64_scale (time - self->origin, (guint64)self->fps_n,
                                                   GST_SECOND * (guint64)self->fps_d);

  /* Frames begin at times rounded down, so the next one may have begun already. */
  return gst_tpdiff_timeline_time_of (self, n + 1) <= time ? n + 1 : n;
}

void
gst_tpdiff_timeline_stamp (const GstTpdiffTimeline *self, guint64 n, GstBuffer *buffer)
{
  GST_BUFFER_OFFSET (buffer) = n;
  GST_BUFFER_OFFSET_END (buffer) = n + 1;
  GST_BUFFER_PTS (buffer) = gst_tpdiff_timeline_time_of (self, n);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) =
      gst_tpdiff_timeline_time_of (self, n + 1) - GST_BUFFER_PTS (buffer);
}
