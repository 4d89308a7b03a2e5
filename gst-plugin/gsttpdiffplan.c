/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffplan.h"

GType
gst_tpdiff_fit_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {GST_TPDIFF_FIT_STRETCH, "Slower or faster, so that the clip fills the cue", "stretch"},
      {GST_TPDIFF_FIT_LOOP, "At the model's rate, over and over until the cue ends", "loop"},
      {GST_TPDIFF_FIT_NATURAL, "At the model's rate, once", "natural"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstTpdiffFit", values));
  return type;
}

/* When number i of so many a second begins. */
static GstClockTime
time_at_rate (guint64 i, int n, int d)
{
  return gst_util_uint64_scale (i, GST_SECOND * (guint64)d, (guint64)n);
}

static guint
count_at_rate (GstClockTime duration, int n, int d)
{
  return (guint)MAX (1, gst_util_uint64_scale_ceil (duration, (guint64)n, GST_SECOND * (guint64)d));
}

static void
set_buffers (GstTpdiffPlan *self, const GstVideoInfo *rate)
{
  self->buffer_n = GST_VIDEO_INFO_FPS_N (rate);
  self->buffer_d = GST_VIDEO_INFO_FPS_D (rate);
  if (self->buffer_n > 0)
    self->n_buffers = count_at_rate (self->duration, self->buffer_n, self->buffer_d);
  else if (self->stretch)
    self->n_buffers = self->n_frames;
  else
    self->n_buffers = count_at_rate (self->duration, self->frame_n, self->frame_d);
}

void
gst_tpdiff_plan_init (GstTpdiffPlan *self, GstTpdiffFit fit, GstClockTime start,
                      GstClockTime duration, const TpdModelInfo *model, guint n_frames,
                      const GstVideoInfo *rate)
{
  GstClockTime natural = time_at_rate (n_frames, (int)model->fps_n, (int)model->fps_d);
  gboolean timed = GST_CLOCK_TIME_IS_VALID (duration) && duration > 0;

  *self = (GstTpdiffPlan){
      .start = start,
      .duration = timed ? duration : natural,
      .n_frames = n_frames,
      .stretch = timed && fit == GST_TPDIFF_FIT_STRETCH,
      .frame_n = (int)model->fps_n,
      .frame_d = (int)model->fps_d,
  };
  if (fit == GST_TPDIFF_FIT_NATURAL)
    self->duration = MIN (self->duration, natural);
  set_buffers (self, rate);
}

void
gst_tpdiff_plan_init_still (GstTpdiffPlan *self, GstClockTime start, GstClockTime duration,
                            const GstVideoInfo *rate)
{
  *self = (GstTpdiffPlan){
      .start = start,
      .duration = duration,
      .n_frames = 1,
      .stretch = TRUE,
  };
  set_buffers (self, rate);
}

GstClockTime
gst_tpdiff_plan_time (const GstTpdiffPlan *self, guint i)
{
  GstClockTime time;

  if (i >= self->n_buffers)
    time = self->duration;
  else if (self->buffer_n > 0)
    time = time_at_rate (i, self->buffer_n, self->buffer_d);
  else if (self->stretch)
    time = gst_util_uint64_scale (self->duration, i, self->n_frames);
  else
    time = time_at_rate (i, self->frame_n, self->frame_d);
  return self->start + MIN (time, self->duration);
}

guint
gst_tpdiff_plan_frame (const GstTpdiffPlan *self, guint i)
{
  GstClockTime begin = gst_tpdiff_plan_time (self, i) - self->start;
  GstClockTime middle = begin + (gst_tpdiff_plan_time (self, i + 1) - self->start - begin) / 2;

  if (self->buffer_n == 0)
    return i % self->n_frames;
  if (self->stretch)
    return (guint)gst_util_uint64_scale (self->n_frames, middle, self->duration);
  return (guint)(gst_util_uint64_scale (middle, (guint64)self->frame_n,
                                        GST_SECOND * (guint64)self->frame_d) %
                 self->n_frames);
}
