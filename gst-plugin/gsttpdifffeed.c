/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdifffeed.h"

#include <string.h>

#include "io/tpd-cover.h"

typedef struct
{
  GstClockTime time; /* running time at which it comes on screen */
  guint width;
  guint height;
  guint8 *rgb; /* owned, without padding */
} Frame;

struct _GstTpdiffFeed
{
  /* under lock */
  GMutex lock;
  GCond changed;
  GQueue frames;         /* of Frame, in order; owned */
  GstSegment segment;    /* of the pad */
  GstVideoInfo info;     /* likewise */
  GstClockTime position; /* what is on screen is known up to this running time */
  GstTpdiffMoments wanted;
  gboolean waiting; /* somebody waits for `wanted` */
  gboolean eos;
  gboolean flushing;
  gboolean released;
  gboolean done;
};

static void
frame_free (gpointer data)
{
  Frame *frame = data;

  g_free (frame->rgb);
  g_free (frame);
}

static void
forget (GstTpdiffFeed *self)
{
  g_queue_clear_full (&self->frames, frame_free);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->position = 0;
  self->eos = FALSE;
}

GstTpdiffFeed *
gst_tpdiff_feed_new (void)
{
  GstTpdiffFeed *self = g_atomic_rc_box_new0 (GstTpdiffFeed);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->frames);
  gst_video_info_init (&self->info);
  forget (self);
  return self;
}

GstTpdiffFeed *
gst_tpdiff_feed_ref (GstTpdiffFeed *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
feed_clear (gpointer data)
{
  GstTpdiffFeed *self = data;

  forget (self);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

void
gst_tpdiff_feed_unref (GstTpdiffFeed *self)
{
  g_atomic_rc_box_release_full (self, feed_clear);
}

static void
set (GstTpdiffFeed *self, gboolean *flag, gboolean value)
{
  g_mutex_lock (&self->lock);
  *flag = value;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_tpdiff_feed_set_flushing (GstTpdiffFeed *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  if (!flushing)
    forget (self);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_tpdiff_feed_set_released (GstTpdiffFeed *self, gboolean released)
{
  set (self, &self->released, released);
}

void
gst_tpdiff_feed_set_done (GstTpdiffFeed *self, gboolean done)
{
  set (self, &self->done, done);
}

/* ── moments ── */

static GstClockTime
moment (const GstTpdiffMoments *moments, guint i)
{
  return moments->start + gst_util_uint64_scale (moments->duration, 2 * i + 1, 2 * moments->n);
}

static gboolean
any_moment_in (const GstTpdiffMoments *moments, GstClockTime from, GstClockTime to)
{
  for (guint i = 0; i < moments->n; i++)
    if (moment (moments, i) >= from && moment (moments, i) < to)
      return TRUE;
  return FALSE;
}

/* Drops frames that give way to another one before they are wanted. */
static void
thin (GstTpdiffFeed *self)
{
  GList *link = self->frames.head;

  while (link != NULL && link->next != NULL)
    {
      GList *next = link->next;
      const Frame *frame = link->data, *after = next->data;

      if (frame->time < self->wanted.start + self->wanted.duration &&
          !any_moment_in (&self->wanted, frame->time, after->time))
        {
          frame_free (link->data);
          g_queue_delete_link (&self->frames, link);
        }
      link = next;
    }
}

/* ── the pad's thread ── */

static void
advance (GstTpdiffFeed *self, GstClockTime time)
{
  GstClockTime running = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, time);

  if (GST_CLOCK_TIME_IS_VALID (running))
    self->position = MAX (self->position, running);
}

static gboolean
set_caps (GstTpdiffFeed *self, GstEvent *event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  return gst_video_info_from_caps (&self->info, caps);
}

/* Of bytes, say, there is no time to tell. */
static void
set_segment (GstTpdiffFeed *self, GstEvent *event)
{
  gst_event_copy_segment (event, &self->segment);
  if (self->segment.format != GST_FORMAT_TIME)
    gst_segment_init (&self->segment, GST_FORMAT_TIME);
}

static void
skip_gap (GstTpdiffFeed *self, GstEvent *event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  advance (self, GST_CLOCK_TIME_IS_VALID (duration) ? time + duration : time);
}

gboolean
gst_tpdiff_feed_event (GstTpdiffFeed *self, GstEvent *event)
{
  gboolean good = TRUE;

  g_mutex_lock (&self->lock);
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_CAPS:
      good = set_caps (self, event);
      break;
    case GST_EVENT_SEGMENT:
      set_segment (self, event);
      break;
    case GST_EVENT_GAP:
      skip_gap (self, event);
      break;
    case GST_EVENT_STREAM_START:
      self->eos = FALSE;
      break;
    case GST_EVENT_EOS:
      self->eos = TRUE;
      break;
    default:
      break;
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return good;
}

/* NULL if the buffer is no such frame. */
static Frame *
make_frame (const GstVideoInfo *info, GstBuffer *buffer, GstClockTime time, guint width,
            guint height)
{
  GstVideoFrame mapped;
  Frame *frame;

  if (!gst_video_frame_map (&mapped, info, buffer, GST_MAP_READ))
    return NULL;
  frame = g_new (Frame, 1);
  *frame = (Frame){time, width, height, g_malloc (3 * (gsize)width * height)};
  tpd_rgb_cover (GST_VIDEO_FRAME_PLANE_DATA (&mapped, 0), (guint)GST_VIDEO_FRAME_WIDTH (&mapped),
                 (guint)GST_VIDEO_FRAME_HEIGHT (&mapped),
                 (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (&mapped, 0), width, height, frame->rgb);
  gst_video_frame_unmap (&mapped);
  return frame;
}

/* Whether what is on screen at the wanted moments can be told. */
static gboolean
is_known (GstTpdiffFeed *self)
{
  return self->eos || self->position > moment (&self->wanted, self->wanted.n - 1);
}

/* Frames that somebody needs who waits for them are never too many. */
static gboolean
is_full (GstTpdiffFeed *self)
{
  return self->frames.length >= GST_TPDIFF_FEED_FRAMES && !(self->waiting && !is_known (self));
}

static GstFlowReturn
state (GstTpdiffFeed *self)
{
  return self->flushing ? GST_FLOW_FLUSHING : self->done ? GST_FLOW_EOS : GST_FLOW_OK;
}

GstFlowReturn
gst_tpdiff_feed_push (GstTpdiffFeed *self, GstBuffer *buffer, guint width, guint height)
{
  GstClockTime time, end;
  Frame *frame;
  GstFlowReturn flow;

  g_mutex_lock (&self->lock);
  time = GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer) : self->segment.position;
  end = GST_BUFFER_DURATION_IS_VALID (buffer) ? time + GST_BUFFER_DURATION (buffer) : time;
  time = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, time);
  while ((flow = state (self)) == GST_FLOW_OK && is_full (self))
    g_cond_wait (&self->changed, &self->lock);
  if (flow == GST_FLOW_OK && GST_CLOCK_TIME_IS_VALID (time)) /* else outside of the segment */
    {
      frame = make_frame (&self->info, buffer, time, width, height);
      flow = frame != NULL ? GST_FLOW_OK : GST_FLOW_NOT_NEGOTIATED;
      if (frame != NULL)
        g_queue_push_tail (&self->frames, frame);
      self->position = MAX (self->position, time);
      advance (self, end);
      if (self->waiting)
        thin (self);
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->lock);
  return flow;
}

/* ── the other thread ── */

/* The frame on screen at a time, or else the first. */
static const Frame *
frame_at (GstTpdiffFeed *self, GstClockTime time)
{
  const Frame *found = self->frames.head->data;

  for (GList *link = self->frames.head; link != NULL; link = link->next)
    {
      const Frame *frame = link->data;

      if (frame->time > time)
        break;
      found = frame;
    }
  return found;
}

/* All frames are of one size: that of the model. */
static TpdClip *
collect (GstTpdiffFeed *self, const GstTpdiffMoments *moments)
{
  const Frame *first = self->frames.head->data;
  gsize size = 3 * (gsize)first->width * first->height;
  guint8 *rgb = g_malloc (moments->n * size);

  for (guint i = 0; i < moments->n; i++)
    memcpy (rgb + i * size, frame_at (self, moment (moments, i))->rgb, size);
  return tpd_clip_new (moments->n, first->width, first->height, 1, 1,
                       g_bytes_new_take (rgb, moments->n * size), NULL);
}

GstFlowReturn
gst_tpdiff_feed_take (GstTpdiffFeed *self, const GstTpdiffMoments *moments, TpdClip **clip)
{
  GstFlowReturn flow;

  g_mutex_lock (&self->lock);
  self->wanted = *moments;
  self->waiting = TRUE;
  thin (self);
  g_cond_broadcast (&self->changed);
  while (!self->released && !is_known (self))
    g_cond_wait (&self->changed, &self->lock);
  self->waiting = FALSE;
  flow = self->released ? GST_FLOW_FLUSHING : GST_FLOW_OK;
  *clip = flow == GST_FLOW_OK && self->frames.length > 0 ? collect (self, moments) : NULL;
  g_mutex_unlock (&self->lock);
  return flow;
}
