/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffpreviewpad.h"

#include "gsttpdiffcaps.h"
#include "gsttpdiffframe.h"

#define NAME "preview"

typedef struct
{
  TpdClip *clip;
  guint stage; /* K … 1 */
} Estimate;

struct _GstTpdiffPreviewPad
{
  GstPad parent_instance;

  /* state, under lock */
  GMutex lock;
  GCond changed;
  GQueue waiting; /* Estimate */
  Estimate *last; /* offered; kept to preroll with after a flush */
  gboolean main_has_data;
  gboolean gap; /* to be sent */
  gboolean eos; /* to be sent when nothing waits any more */
  gboolean flushing;

  /* state of the task */
  GstVideoInfo info;
  GstClockTime end; /* of what has been pushed */
  gboolean need_segment;
};

G_DEFINE_FINAL_TYPE (GstTpdiffPreviewPad, gst_tpdiff_preview_pad, GST_TYPE_PAD)

static Estimate *
estimate_new (TpdClip *clip, guint stage)
{
  Estimate *self = g_new (Estimate, 1);

  *self = (Estimate){tpd_clip_ref (clip), stage};
  return self;
}

static void
estimate_free (Estimate *self)
{
  tpd_clip_unref (self->clip);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Estimate, estimate_free)

/* ── what waits; called with the lock ── */

/* Stages count down within a clip: what waits with a number that is no larger is an older estimate
 * of the same stage, or of the clip before. */
static void
drop_outdated (GstTpdiffPreviewPad *self, guint stage)
{
  for (GList *link = self->waiting.head, *next; link != NULL; link = next)
    {
      Estimate *estimate = link->data;

      next = link->next;
      if (estimate->stage > stage)
        continue;
      g_queue_delete_link (&self->waiting, link);
      estimate_free (estimate);
    }
}

static void
enqueue (GstTpdiffPreviewPad *self, TpdClip *clip, guint stage)
{
  drop_outdated (self, stage);
  g_queue_push_tail (&self->waiting, estimate_new (clip, stage));
  g_cond_signal (&self->changed);
}

static void
forget_all (GstTpdiffPreviewPad *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify)estimate_free);
  self->gap = FALSE;
  self->eos = FALSE;
}

static void
set_flushing (GstTpdiffPreviewPad *self)
{
  g_mutex_lock (&self->lock);
  self->flushing = TRUE;
  forget_all (self);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* From the beginning: time, segment, and nothing that waits. */
static void
restart (GstTpdiffPreviewPad *self)
{
  self->flushing = FALSE;
  self->end = 0;
  self->need_segment = TRUE;
}

/* ── pushing: the task ── */

/* Named after the main stream and of its group, so that both are known to belong together. */
static GstEvent *
make_stream_start (GstElement *element)
{
  g_autoptr (GstPad) main_pad = gst_element_get_static_pad (element, "src");
  g_autoptr (GstEvent) start = gst_pad_get_sticky_event (main_pad, GST_EVENT_STREAM_START, 0);
  g_autofree char *main_id = gst_pad_get_stream_id (main_pad);
  g_autofree char *id = g_strdup_printf ("%s/" NAME, main_id);
  GstEvent *event = gst_event_new_stream_start (id);
  guint group;

  if (start == NULL || !gst_event_parse_group_id (start, &group))
    group = gst_util_group_id_next ();
  gst_event_set_group_id (event, group);
  return event;
}

static void
push_stream_start (GstTpdiffPreviewPad *self, GstElement *element)
{
  GstPad *pad = GST_PAD (self);
  g_autoptr (GstEvent) sent = gst_pad_get_sticky_event (pad, GST_EVENT_STREAM_START, 0);

  if (sent == NULL)
    gst_pad_push_event (pad, make_stream_start (element));
}

static void
push_segment (GstTpdiffPreviewPad *self)
{
  GstSegment segment;

  if (!self->need_segment)
    return;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (GST_PAD (self), gst_event_new_segment (&segment));
  self->need_segment = FALSE;
}

/* Caps of that size and rate that downstream takes; NULL if it takes none. */
static GstCaps *
choose_caps (GstTpdiffPreviewPad *self, gint width, gint height, gint fps_n, gint fps_d)
{
  g_autoptr (GstCaps) mine =
      gst_caps_make_writable (gst_pad_get_pad_template_caps (GST_PAD (self)));
  GstCaps *caps;

  gst_caps_set_simple (mine, "width", G_TYPE_INT, width, "height", G_TYPE_INT, height, "framerate",
                       GST_TYPE_FRACTION, fps_n, fps_d, NULL);
  caps = gst_pad_peer_query_caps (GST_PAD (self), mine);
  if (gst_caps_is_empty (caps))
    gst_clear_caps (&caps);
  return caps != NULL ? gst_caps_fixate (gst_caps_truncate (caps)) : NULL;
}

static gboolean
negotiate (GstTpdiffPreviewPad *self, gint width, gint height, gint fps_n, gint fps_d)
{
  g_autoptr (GstCaps) caps = choose_caps (self, width, height, fps_n, fps_d);
  g_autoptr (GstCaps) current = gst_pad_get_current_caps (GST_PAD (self));

  if (caps == NULL || !gst_video_info_from_caps (&self->info, caps))
    return FALSE;
  return (current != NULL && gst_caps_is_equal (current, caps)) ||
         gst_pad_set_caps (GST_PAD (self), caps);
}

/* Caps come before the segment, even if there is no estimate yet to have any: then those of the
 * main stream will do. */
static gboolean
negotiate_without_estimate (GstTpdiffPreviewPad *self, GstElement *element)
{
  g_autoptr (GstPad) main_pad = gst_element_get_static_pad (element, "src");
  g_autoptr (GstCaps) main_caps = gst_pad_get_current_caps (main_pad);
  GstVideoInfo info;

  return gst_pad_has_current_caps (GST_PAD (self)) ||
         (main_caps != NULL && gst_video_info_from_caps (&info, main_caps) &&
          negotiate (self, info.width, info.height, info.fps_n, info.fps_d));
}

/* When the next estimate begins. */
static GstClockTime
next_time (GstTpdiffPreviewPad *self, GstElement *element)
{
  GstClockTime now = GST_STATE (element) == GST_STATE_PLAYING
                         ? gst_element_get_current_running_time (element)
                         : GST_CLOCK_TIME_NONE;

  return GST_CLOCK_TIME_IS_VALID (now) ? MAX (self->end, now + GST_TPDIFF_PREVIEW_LEAD) : self->end;
}

static GstFlowReturn
push_clip (GstTpdiffPreviewPad *self, GstElement *element, const TpdClip *clip)
{
  GstClockTime begin = next_time (self, element);
  GstFlowReturn flow = GST_FLOW_OK;

  if (GST_PAD_IS_EOS (self))
    return GST_FLOW_EOS;
  if (!negotiate (self, (gint)clip->width, (gint)clip->height, (gint)clip->fps_n,
                  (gint)clip->fps_d))
    return gst_pad_is_linked (GST_PAD (self)) ? GST_FLOW_NOT_NEGOTIATED : GST_FLOW_NOT_LINKED;
  push_segment (self);
  for (guint i = 0; i < clip->n_frames && flow == GST_FLOW_OK; i++)
    {
      GstBuffer *buffer = gst_tpdiff_frame_buffer (clip, i, &self->info);

      if (i == 0 && begin != self->end)
        GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
      GST_BUFFER_OFFSET (buffer) = i;
      GST_BUFFER_OFFSET_END (buffer) = i + 1;
      GST_BUFFER_PTS (buffer) += begin;
      self->end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
      flow = gst_pad_push (GST_PAD (self), buffer);
    }
  return flow;
}

typedef enum
{
  NEXT_ESTIMATE,
  NEXT_GAP,
  NEXT_EOS,
  NEXT_NOTHING, /* flushing */
} Next;

static Next
wait_for_next (GstTpdiffPreviewPad *self, Estimate **estimate)
{
  Next next = NEXT_NOTHING;

  g_mutex_lock (&self->lock);
  while (!self->flushing && !self->gap && !self->eos && self->waiting.length == 0)
    g_cond_wait (&self->changed, &self->lock);
  if (!self->flushing)
    {
      *estimate = g_queue_pop_head (&self->waiting);
      next = *estimate != NULL ? NEXT_ESTIMATE : self->gap ? NEXT_GAP : NEXT_EOS;
      if (next == NEXT_EOS)
        self->eos = FALSE;
      self->gap = FALSE;
    }
  g_mutex_unlock (&self->lock);
  return next;
}

/* Unlinked, flushing or at its end: who was to see it is not there, and may come back. */
static gboolean
is_trouble (GstFlowReturn flow)
{
  return flow < GST_FLOW_OK && flow != GST_FLOW_NOT_LINKED && flow != GST_FLOW_FLUSHING &&
         flow != GST_FLOW_EOS;
}

/* Without any end a sink that waits for it would keep the pipeline from its own. */
static void
give_up (GstTpdiffPreviewPad *self, GstElement *element, GstFlowReturn flow)
{
  GST_ELEMENT_WARNING (element, STREAM, FORMAT,
                       ("Previews cannot be shown: what is linked to the pad \"preview\" says "
                        "\"%s\"",
                        gst_flow_get_name (flow)),
                       ("a videoconvert may be missing; the clips are not affected"));
  gst_pad_push_event (GST_PAD (self), gst_event_new_eos ());
}

/* A gap, so that sinks need not wait for an estimate, or the end. */
static void
push_nothing (GstTpdiffPreviewPad *self, GstElement *element, Next next)
{
  gboolean ready = negotiate_without_estimate (self, element);

  if (ready)
    push_segment (self);
  if (next == NEXT_EOS)
    gst_pad_push_event (GST_PAD (self), gst_event_new_eos ());
  else if (ready)
    gst_pad_push_event (GST_PAD (self), gst_event_new_gap (self->end, GST_CLOCK_TIME_NONE));
}

static void
loop (gpointer data)
{
  GstTpdiffPreviewPad *self = data;
  g_autoptr (GstElement) element = NULL;
  g_autoptr (Estimate) estimate = NULL;
  GstFlowReturn flow = GST_FLOW_OK;
  Next next = wait_for_next (self, &estimate);

  element = gst_pad_get_parent_element (GST_PAD (self));
  if (next == NEXT_NOTHING || element == NULL)
    {
      gst_pad_pause_task (GST_PAD (self));
      return;
    }
  push_stream_start (self, element);
  if (next == NEXT_ESTIMATE)
    flow = push_clip (self, element, estimate->clip);
  else
    push_nothing (self, element, next);
  if (is_trouble (flow))
    give_up (self, element, flow);
}

/* ── following the main stream ── */

static void
begin_flush (GstTpdiffPreviewPad *self)
{
  set_flushing (self);
  gst_pad_push_event (GST_PAD (self), gst_event_new_flush_start ());
  gst_pad_pause_task (GST_PAD (self));
}

/* Sinks preroll anew after a flush, although nothing new may be there to show. */
static void
end_flush (GstTpdiffPreviewPad *self, GstEvent *flush_stop)
{
  gst_pad_push_event (GST_PAD (self), gst_event_ref (flush_stop));
  if (!gst_pad_is_active (GST_PAD (self)))
    return;
  g_mutex_lock (&self->lock);
  restart (self);
  if (self->last != NULL)
    enqueue (self, self->last->clip, self->last->stage);
  else
    self->gap = self->main_has_data;
  g_mutex_unlock (&self->lock);
  gst_pad_start_task (GST_PAD (self), loop, self, NULL);
}

static void
note_data (GstTpdiffPreviewPad *self)
{
  g_mutex_lock (&self->lock);
  if (!self->main_has_data && self->last == NULL)
    {
      self->gap = TRUE;
      g_cond_signal (&self->changed);
    }
  self->main_has_data = TRUE;
  g_mutex_unlock (&self->lock);
}

static void
note_eos (GstTpdiffPreviewPad *self)
{
  g_mutex_lock (&self->lock);
  self->eos = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* ── the pad ── */

static gboolean
activate_mode (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstTpdiffPreviewPad *self = GST_TPDIFF_PREVIEW_PAD (pad);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  if (!active)
    {
      set_flushing (self);
      return gst_pad_stop_task (pad);
    }
  g_mutex_lock (&self->lock);
  forget_all (self);
  g_clear_pointer (&self->last, estimate_free);
  self->main_has_data = FALSE;
  restart (self);
  g_mutex_unlock (&self->lock);
  return gst_pad_start_task (pad, loop, pad, NULL);
}

/* A pipeline sends a seek to all its sinks. It reaches the main pad that way too, whose flushes
 * come here. */
static gboolean
handle_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  gst_event_unref (event);
  return TRUE;
}

/* Live if the main stream is; what waits here can wait as long as need be. */
static gboolean
handle_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  g_autoptr (GstPad) main_pad = NULL;
  GstClockTime latency;
  gboolean live;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  main_pad = gst_element_get_static_pad (GST_ELEMENT (parent), "src");
  if (!gst_pad_query (main_pad, query))
    return FALSE;
  gst_query_parse_latency (query, &live, &latency, NULL);
  gst_query_set_latency (query, live, latency, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_tpdiff_preview_pad_finalize (GObject *object)
{
  GstTpdiffPreviewPad *self = GST_TPDIFF_PREVIEW_PAD (object);

  forget_all (self);
  g_clear_pointer (&self->last, estimate_free);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (gst_tpdiff_preview_pad_parent_class)->finalize (object);
}

static void
gst_tpdiff_preview_pad_class_init (GstTpdiffPreviewPadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_tpdiff_preview_pad_finalize;
}

static void
gst_tpdiff_preview_pad_init (GstTpdiffPreviewPad *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->waiting);
  self->flushing = TRUE;
  gst_pad_set_activatemode_function (GST_PAD (self), activate_mode);
  gst_pad_set_event_function (GST_PAD (self), handle_event);
  gst_pad_set_query_function (GST_PAD (self), handle_query);
}

/* ── the element ── */

/* (transfer full) (nullable) */
static GstTpdiffPreviewPad *
get_pad (GstElement *element)
{
  GstPad *pad = gst_element_get_static_pad (element, NAME);

  return pad != NULL ? GST_TPDIFF_PREVIEW_PAD (pad) : NULL;
}

static void
add_pad (GstElement *element)
{
  GstPadTemplate *template = gst_element_get_pad_template (element, NAME);
  GstPad *pad = g_object_new (GST_TYPE_TPDIFF_PREVIEW_PAD, "name", NAME, "direction", GST_PAD_SRC,
                              "template", template, NULL);

  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
}

static void
follow (GstElement *element, GstEvent *event)
{
  g_autoptr (GstTpdiffPreviewPad) self = get_pad (element);

  if (self == NULL && GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
    add_pad (element);
  if (self == NULL)
    return;
  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_FLUSH_START:
      begin_flush (self);
      break;
    case GST_EVENT_FLUSH_STOP:
      end_flush (self, event);
      break;
    case GST_EVENT_EOS:
      note_eos (self);
      break;
    default:
      break;
    }
}

static GstPadProbeReturn
on_main_data (GstPad *main_pad, GstPadProbeInfo *info, gpointer element)
{
  if (GST_IS_EVENT (GST_PAD_PROBE_INFO_DATA (info)))
    follow (element, GST_PAD_PROBE_INFO_EVENT (info));
  else
    {
      g_autoptr (GstTpdiffPreviewPad) self = get_pad (element);

      if (self != NULL)
        note_data (self);
    }
  return GST_PAD_PROBE_OK;
}

void
gst_tpdiff_preview_pad_install (GstElementClass *klass)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (GST_TPDIFF_VIDEO_CAPS);

  gst_element_class_add_pad_template (
      klass, gst_pad_template_new_with_gtype (NAME, GST_PAD_SRC, GST_PAD_SOMETIMES, caps,
                                              GST_TYPE_TPDIFF_PREVIEW_PAD));
  gst_type_mark_as_plugin_api (GST_TYPE_TPDIFF_PREVIEW_PAD, 0);
}

void
gst_tpdiff_preview_pad_attach (GstElement *element)
{
  g_autoptr (GstPad) main_pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (main_pad,
                     GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                         GST_PAD_PROBE_TYPE_EVENT_FLUSH,
                     on_main_data, element, NULL);
}

void
gst_tpdiff_preview_pad_remove (GstElement *element)
{
  g_autoptr (GstTpdiffPreviewPad) self = get_pad (element);

  if (self == NULL)
    return;
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_element_remove_pad (element, GST_PAD (self));
}

void
gst_tpdiff_preview_pad_offer (GstElement *element, const TpdProgress *progress)
{
  g_autoptr (GstTpdiffPreviewPad) self = progress->preview != NULL ? get_pad (element) : NULL;

  if (self == NULL)
    return;
  g_mutex_lock (&self->lock);
  if (!self->flushing)
    {
      g_clear_pointer (&self->last, estimate_free);
      self->last = estimate_new (progress->preview, progress->stage);
      enqueue (self, progress->preview, progress->stage);
    }
  g_mutex_unlock (&self->lock);
}
