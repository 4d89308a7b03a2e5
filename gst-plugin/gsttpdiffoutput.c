/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffoutput.h"

#include "gsttpdiffallocation.h"
#include "gsttpdiffcaps.h"
#include "gsttpdiffframe.h"

void
gst_tpdiff_output_init (GstTpdiffOutput *self, GstElement *element, GstPad *pad)
{
  *self = (GstTpdiffOutput){.element = element, .pad = pad};
  gst_tpdiff_output_clear (self);
}

static void
set_pool (GstTpdiffOutput *self, GstBufferPool *pool)
{
  GstBufferPool *old;

  GST_OBJECT_LOCK (self->element);
  old = self->pool;
  self->pool = pool;
  GST_OBJECT_UNLOCK (self->element);
  if (old != NULL)
    gst_buffer_pool_set_active (old, FALSE);
  gst_clear_object (&old);
}

void
gst_tpdiff_output_clear (GstTpdiffOutput *self)
{
  set_pool (self, NULL);
  gst_clear_event (&self->segment_event);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  gst_video_info_init (&self->info);
  self->discont = TRUE;
  self->n_pushed = 0;
}

void
gst_tpdiff_output_set_segment (GstTpdiffOutput *self, const GstSegment *segment, guint32 seqnum)
{
  self->segment = *segment;
  gst_clear_event (&self->segment_event);
  self->segment_event = gst_event_new_segment (segment);
  gst_event_set_seqnum (self->segment_event, seqnum);
}

/* ── negotiation ── */

/* NULL if downstream takes nothing of what the model makes. */
static GstCaps *
choose_caps (GstTpdiffOutput *self, const TpdModelInfo *model)
{
  g_autoptr (GstCaps) possible =
      gst_tpdiff_caps_of_model (gst_pad_get_pad_template_caps (self->pad), model);
  GstCaps *caps = gst_pad_peer_query_caps (self->pad, possible);

  if (gst_caps_is_empty (caps))
    {
      gst_caps_unref (caps);
      return NULL;
    }
  /* one buffer a frame, unless downstream needs a fixed rate */
  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  gst_structure_fixate_field_nearest_fraction (gst_caps_get_structure (caps, 0), "framerate", 0, 1);
  return gst_caps_fixate (caps);
}

static void
allocate (GstTpdiffOutput *self, GstCaps *caps)
{
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstBufferPool *pool;

  gst_pad_peer_query (self->pad, query); /* without an answer the pool is ours */
  gst_tpdiff_decide_allocation (query);
  gst_query_parse_nth_allocation_pool (query, 0, &pool, NULL, NULL, NULL);
  gst_query_unref (query);
  gst_buffer_pool_set_active (pool, TRUE);
  set_pool (self, pool);
}

static GstFlowReturn
negotiate (GstTpdiffOutput *self, const TpdModelInfo *model)
{
  g_autoptr (GstCaps) caps = choose_caps (self, model);

  if (GST_PAD_IS_FLUSHING (self->pad))
    return GST_FLOW_FLUSHING;
  if (caps == NULL)
    {
      gst_tpdiff_post_not_negotiated (self->element, model);
      return GST_FLOW_NOT_NEGOTIATED;
    }
  gst_video_info_from_caps (&self->info, caps);
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  allocate (self, caps);
  return GST_FLOW_OK;
}

GstFlowReturn
gst_tpdiff_output_prepare (GstTpdiffOutput *self, const TpdModelInfo *model)
{
  GstFlowReturn flow = GST_FLOW_OK;

  if (gst_pad_check_reconfigure (self->pad) || self->pool == NULL)
    flow = negotiate (self, model);
  if (flow != GST_FLOW_OK)
    gst_pad_mark_reconfigure (self->pad);
  else if (self->segment_event != NULL)
    gst_pad_push_event (self->pad, g_steal_pointer (&self->segment_event));
  return flow;
}

/* ── pushing ── */

static GstBufferPool *
ref_pool (GstTpdiffOutput *self)
{
  GstBufferPool *pool;

  GST_OBJECT_LOCK (self->element);
  pool = self->pool != NULL ? gst_object_ref (self->pool) : NULL;
  GST_OBJECT_UNLOCK (self->element);
  return pool;
}

GstFlowReturn
gst_tpdiff_output_push (GstTpdiffOutput *self, const TpdClip *clip, guint i, GstClockTime begin,
                        GstClockTime end)
{
  GstBuffer *buffer;
  GstFlowReturn flow;

  if (!gst_segment_clip (&self->segment, GST_FORMAT_TIME, begin, end, &begin, &end))
    return GST_FLOW_OK;
  flow = gst_buffer_pool_acquire_buffer (self->pool, &buffer, NULL);
  if (flow != GST_FLOW_OK)
    return flow;
  if (!gst_tpdiff_fill_buffer (clip, i, &self->info, buffer))
    {
      gst_buffer_unref (buffer);
      GST_ELEMENT_ERROR (self->element, RESOURCE, WRITE, ("A video buffer cannot be written to"),
                         ("or the model's size has changed on disk"));
      return GST_FLOW_ERROR;
    }
  GST_BUFFER_PTS (buffer) = begin;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = end - begin;
  GST_BUFFER_OFFSET (buffer) = self->n_pushed++;
  GST_BUFFER_OFFSET_END (buffer) = self->n_pushed;
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  return gst_pad_push (self->pad, buffer);
}

void
gst_tpdiff_output_set_flushing (GstTpdiffOutput *self, gboolean flushing)
{
  g_autoptr (GstBufferPool) pool = ref_pool (self);

  if (pool != NULL)
    gst_buffer_pool_set_flushing (pool, flushing);
}
