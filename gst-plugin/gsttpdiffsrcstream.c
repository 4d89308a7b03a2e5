/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which frame of which clip comes next. Clip i fills the frames [i · L, (i + 1) · L) of the time
 * line, where L is the length of a clip, so a position names a clip, and with it a seed. */

#include "gsttpdiffframe.h"
#include "gsttpdiffrequest.h"
#include "gsttpdiffsrc-private.h"
#include "gsttpdifftags.h"

/* ── clips ── */

static GstClockTime
time_of_clip (GstTpdiffSrc *self, gint64 index)
{
  GstClockTime time;

  GST_OBJECT_LOCK (self);
  time = gst_tpdiff_timeline_time_of (
      &self->timeline,
      (guint64)index * gst_tpdiff_request_get_n_frames (self->request, self->model));
  GST_OBJECT_UNLOCK (self);
  return time;
}

TpdRequest *
gst_tpdiff_src_make_request (GstTpdiffSrc *self, gint64 index)
{
  TpdRequest *request;
  guint64 seed;

  gst_object_sync_values (GST_OBJECT (self), time_of_clip (self, index));
  GST_OBJECT_LOCK (self);
  request = tpd_request_copy (self->request);
  GST_OBJECT_UNLOCK (self);
  seed = tpd_sampler_settings_get_seed (request->settings);
  g_object_set (request->settings, "seed", (seed + (guint64)index) & G_MAXINT64, NULL);
  return request;
}

gboolean
gst_tpdiff_src_is_end (GstTpdiffSrc *self, gint64 index)
{
  gboolean end;

  GST_OBJECT_LOCK (self);
  end = index < 0 || (self->n_clips > 0 && index >= self->n_clips);
  GST_OBJECT_UNLOCK (self);
  return end;
}

/* The model on disk may have been replaced since its size was negotiated. */
static GstFlowReturn
check_size (GstTpdiffSrc *self)
{
  if (self->clip->width == (guint)GST_VIDEO_INFO_WIDTH (&self->info) &&
      self->clip->height == (guint)GST_VIDEO_INFO_HEIGHT (&self->info))
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
                     ("The model makes clips of %u × %u pixels, but said %d × %d before",
                      self->clip->width, self->clip->height, GST_VIDEO_INFO_WIDTH (&self->info),
                      GST_VIDEO_INFO_HEIGHT (&self->info)),
                     (NULL));
  return GST_FLOW_ERROR;
}

static char *
make_record (GstTpdiffSrc *self, const TpdClip *clip, const TpdRequest *request, gint64 index)
{
  gboolean varies = gst_object_has_active_control_bindings (GST_OBJECT (self));
  guint n_clips;

  GST_OBJECT_LOCK (self);
  n_clips = self->n_clips;
  GST_OBJECT_UNLOCK (self);
  return gst_tpdiff_series_record (&self->series, clip, request, (guint64)index, n_clips, varies);
}

GstFlowReturn
gst_tpdiff_src_show (GstTpdiffSrc *self, TpdClip *clip, const TpdRequest *request, gint64 index)
{
  g_autofree char *record = make_record (self, clip, request, index);

  g_clear_pointer (&self->clip, tpd_clip_unref);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->clip = clip;
  self->tags = gst_tpdiff_clip_tags (record, request);
  self->untagged = TRUE;
  self->again = FALSE;
  GST_OBJECT_LOCK (self);
  self->stats.clips++;
  GST_OBJECT_UNLOCK (self);
  return check_size (self);
}

static GstFlowReturn
next_clip (GstTpdiffSrc *self)
{
  g_autoptr (TpdRequest) request = NULL;
  TpdClip *clip;
  GstFlowReturn flow;

  if (gst_tpdiff_src_is_end (self, self->index))
    return GST_FLOW_EOS;
  request = gst_tpdiff_src_make_request (self, self->index);
  flow = gst_tpdiff_generator_make (self->generator, request, &clip);
  return flow == GST_FLOW_OK ? gst_tpdiff_src_show (self, clip, request, self->index) : flow;
}

/* ── frames ── */

/* Goes on to the frame after the one that was shown. */
static void
step (GstTpdiffSrc *self)
{
  gboolean at_edge = self->reverse ? self->frame == 0 : self->frame == self->clip->n_frames - 1;
  gint direction = self->reverse ? -1 : 1;

  self->n += direction;
  self->frame += direction;
  if (!at_edge)
    return;
  g_clear_pointer (&self->clip, tpd_clip_unref);
  self->index += direction;
  self->frame = self->reverse ? G_MAXUINT : 0;
}

static void
send_tags (GstTpdiffSrc *self)
{
  GstEvent *event = gst_event_new_tag (gst_tag_list_ref (self->tags));

  self->untagged = FALSE;
  /* The base class queues it: it goes after the segment, before the next buffer. Not through
   * gst_element_send_event(): that takes the state lock, and who holds it may be waiting for this
   * thread to end. */
  GST_ELEMENT_GET_CLASS (self)->send_event (GST_ELEMENT (self), event);
}

/* ── positions ── */

void
gst_tpdiff_src_rewind (GstTpdiffSrc *self)
{
  g_clear_pointer (&self->clip, tpd_clip_unref);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->untagged = FALSE;
  gst_tpdiff_series_clear (&self->series);
  gst_tpdiff_ahead_clear (&self->ahead);
  self->index = 0;
  self->n_begun = 0;
  self->frame = 0;
  self->n = 0;
  self->reverse = FALSE;
  self->sought = FALSE;
  self->gap = FALSE;
}

/* The end of the stream, as a position, while nobody knows where it is. */
#define SOME_TIME G_MAXINT64

/* A segment that is played backwards begins where the stream ends, at the latest. Called with the
 * object lock. */
static void
clip_segment (GstTpdiffSrc *self, GstSegment *segment)
{
  GstClockTime end = gst_tpdiff_src_get_duration (self);

  if (!GST_CLOCK_TIME_IS_VALID (end))
    end = SOME_TIME;
  if (segment->stop > end) /* or none, which is more */
    segment->stop = segment->position = end;
}

gboolean
gst_tpdiff_src_do_seek (GstBaseSrc *src, GstSegment *segment)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);

  segment->time = segment->start;
  if (segment->rate < 0)
    {
      GST_OBJECT_LOCK (self);
      clip_segment (self, segment);
      GST_OBJECT_UNLOCK (self);
    }
  self->sought = TRUE;
  return TRUE;
}

/* Backwards from the end: now it is known, or there is none, and then it is where the stream has
 * come to. Called with the object lock. */
static void
find_end (GstTpdiffSrc *self, GstSegment *segment)
{
  clip_segment (self, segment);
  if (segment->stop == SOME_TIME)
    segment->stop = segment->position =
        gst_tpdiff_timeline_time_of (&self->timeline, (guint64)MAX (self->n, 0));
}

/* Finds the frame at the segment's position. Backwards, that is the one before it. */
static void
find_position (GstTpdiffSrc *self)
{
  GstSegment *segment = &GST_BASE_SRC (self)->segment;
  guint length;

  GST_OBJECT_LOCK (self);
  gst_tpdiff_timeline_init (&self->timeline, self->info.fps_n, self->info.fps_d);
  length = gst_tpdiff_request_get_n_frames (self->request, self->model);
  self->reverse = segment->rate < 0;
  if (self->reverse)
    find_end (self, segment);
  if (self->reverse && segment->position == 0)
    self->n = -1;
  else
    self->n = (gint64)gst_tpdiff_timeline_frame_at (&self->timeline,
                                                    segment->position - (self->reverse ? 1 : 0));
  GST_OBJECT_UNLOCK (self);

  g_clear_pointer (&self->clip, tpd_clip_unref);
  self->index = self->n < 0 ? -1 : self->n / length;
  self->frame = self->n < 0 ? 0 : (guint)(self->n % length);
  self->sought = FALSE;
}

/* ── the element's function ── */

static GstFlowReturn
next_frame (GstTpdiffSrc *self)
{
  if (self->sought)
    find_position (self);
  if (self->clip == NULL)
    {
      GstFlowReturn flow = next_clip (self);

      if (flow != GST_FLOW_OK)
        return flow;
    }
  self->frame = MIN (self->frame, self->clip->n_frames - 1);
  return GST_FLOW_OK;
}

static void
count_frame (GstTpdiffSrc *self)
{
  GST_OBJECT_LOCK (self);
  self->stats.frames++;
  self->stats.repeated += self->again;
  GST_OBJECT_UNLOCK (self);
}

GstFlowReturn
gst_tpdiff_src_fill (GstPushSrc *src, GstBuffer *buffer)
{
  GstTpdiffSrc *self = GST_TPDIFF_SRC (src);
  gboolean live = gst_base_src_is_live (GST_BASE_SRC (src));
  GstFlowReturn flow = live ? gst_tpdiff_src_next_live_frame (self) : next_frame (self);

  if (flow != GST_FLOW_OK)
    return flow;
  if (!gst_tpdiff_fill_buffer (self->clip, self->frame, &self->info, buffer))
    {
      GST_ELEMENT_ERROR (self, RESOURCE, WRITE, ("A video buffer cannot be written to"), (NULL));
      return GST_FLOW_ERROR;
    }
  gst_tpdiff_timeline_stamp (&self->timeline, (guint64)self->n, buffer);
  if (self->untagged)
    send_tags (self);
  if (self->gap)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->gap = FALSE;
  count_frame (self);
  if (live)
    gst_tpdiff_src_step_live (self);
  else
    step (self);
  return GST_FLOW_OK;
}
