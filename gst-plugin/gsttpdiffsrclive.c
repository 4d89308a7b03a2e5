/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Live sources never wait but for their first clip: clips are made ahead of the one that is shown,
 * and when the next one is late, something of the last one is shown again. */

#include "gsttpdiffsrc-private.h"

/* ── the clock ── */

/* The base class waits with a frame until its time has come. To do so it maps the first frame after
 * every start of the clock to the running time of that moment; remember the same mapping. */
void
gst_tpdiff_src_get_times (GstBaseSrc *src, GstBuffer *buffer, GstClockTime *start,
                          GstClockTime *end)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  GstClockTime now;

  if (!gst_base_src_is_live (src))
    return;
  *start = GST_BUFFER_PTS (buffer);
  *end = *start + GST_BUFFER_DURATION (buffer);

  now = gst_element_get_current_running_time (GST_ELEMENT (src));
  GST_OBJECT_LOCK (self);
  if (self->clock_moved && GST_CLOCK_TIME_IS_VALID (now))
    {
      self->live_offset = GST_CLOCK_DIFF (*start, now);
      self->clock_moved = FALSE;
    }
  GST_OBJECT_UNLOCK (self);
}

/* Whether the time of the next frame has passed. */
static gboolean
is_late (GstTpdiffSrc *self)
{
  GstClockTime now = gst_element_get_current_running_time (GST_ELEMENT (self));
  GstClockTime end = gst_tpdiff_timeline_time_of (&self->timeline, (guint64)self->n + 1);
  gboolean late;

  GST_OBJECT_LOCK (self);
  late = !self->clock_moved && GST_CLOCK_TIME_IS_VALID (now) &&
         GST_CLOCK_DIFF (end, now) > self->live_offset;
  GST_OBJECT_UNLOCK (self);
  return late;
}

/* ── clips ── */

static GstFlowReturn
begin_clips (GstTpdiffSrc *self)
{
  guint n_ahead;

  GST_OBJECT_LOCK (self);
  n_ahead = self->n_ahead;
  GST_OBJECT_UNLOCK (self);
  while (self->ahead.clips.length < n_ahead && !gst_tpdiff_src_is_end (self, self->n_begun))
    {
      g_autoptr (TpdRequest) request = gst_tpdiff_src_make_request (self, self->n_begun);
      GstFlowReturn flow = gst_tpdiff_ahead_begin (&self->ahead, request);

      if (flow != GST_FLOW_OK)
        return flow;
      self->n_begun++;
    }
  return gst_tpdiff_ahead_look (&self->ahead);
}

/* Shows the next clip if it is made. */
static GstFlowReturn
next_clip (GstTpdiffSrc *self)
{
  g_autoptr (TpdRequest) request = NULL;
  TpdClip *clip = gst_tpdiff_ahead_take (&self->ahead, &request);

  if (clip == NULL)
    return GST_TPDIFF_FLOW_NOT_YET;
  self->frame = 0;
  return gst_tpdiff_src_show (self, clip, request,
                              self->n_begun - 1 - (gint64)self->ahead.clips.length);
}

/* Goes back within the clip that has been shown. */
static void
show_again (GstTpdiffSrc *self)
{
  GstTpdiffUnderrun underrun;

  GST_OBJECT_LOCK (self);
  underrun = self->underrun;
  GST_OBJECT_UNLOCK (self);
  self->again = TRUE;
  self->frame = underrun == GST_TPDIFF_UNDERRUN_REPEAT ? 0 : self->clip->n_frames - 1;
}

/* ── frames ── */

static GstFlowReturn
choose_frame (GstTpdiffSrc *self)
{
  GstFlowReturn flow = begin_clips (self);

  if (flow == GST_FLOW_OK && self->clip == NULL && self->ahead.clips.length > 0)
    flow = gst_tpdiff_ahead_wait (&self->ahead);
  if (flow != GST_FLOW_OK)
    return flow;
  if (self->clip != NULL && self->frame < self->clip->n_frames)
    return GST_FLOW_OK;
  if (self->ahead.clips.length == 0)
    return GST_FLOW_EOS;
  flow = next_clip (self);
  if (flow != GST_TPDIFF_FLOW_NOT_YET)
    return flow;
  show_again (self);
  return GST_FLOW_OK;
}

static void
count_dropped (GstTpdiffSrc *self)
{
  GST_OBJECT_LOCK (self);
  self->stats.dropped++;
  GST_OBJECT_UNLOCK (self);
  self->gap = TRUE;
}

GstFlowReturn
gst_tpdiff_src_next_live_frame (GstTpdiffSrc *self)
{
  GstFlowReturn flow;

  while ((flow = choose_frame (self)) == GST_FLOW_OK && is_late (self))
    {
      count_dropped (self);
      gst_tpdiff_src_step_live (self);
    }
  return flow;
}

void
gst_tpdiff_src_step_live (GstTpdiffSrc *self)
{
  self->n++;
  self->frame++;
}

void
gst_tpdiff_src_restart_live (GstTpdiffSrc *self)
{
  self->n_begun -= self->ahead.clips.length;
  gst_tpdiff_ahead_clear (&self->ahead);
}
