/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stream of text that the cues come in. */

#include "gsttpdiffgen-private.h"

/* Lets the text pad's thread return from whatever it waits for, or wait again. */
static void
set_flushing (GstTpdiffGen *self, gboolean flushing)
{
  gst_tpdiff_generator_set_flushing (self->generator, flushing);
  gst_tpdiff_output_set_flushing (&self->output, flushing);
  gst_tpdiff_gen_for_each_feed (self, gst_tpdiff_feed_set_released, flushing);
}

/* The stream is another one than the text's. (gst_pad_create_stream_id() knows one sink pad only.)
 */
static gboolean
start_stream (GstTpdiffGen *self, GstEvent *event)
{
  g_autofree char *id = NULL;
  const char *text_id;
  GstEvent *ours;
  guint group;

  gst_event_parse_stream_start (event, &text_id);
  id = g_strdup_printf ("%s/clips", text_id);
  ours = gst_event_new_stream_start (id);
  if (gst_event_parse_group_id (event, &group))
    gst_event_set_group_id (ours, group);
  gst_event_set_seqnum (ours, gst_event_get_seqnum (event));
  gst_event_unref (event);
  return gst_pad_push_event (self->output.pad, ours);
}

static gboolean
set_text_caps (GstTpdiffGen *self, GstEvent *event)
{
  const GstStructure *structure;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  structure = gst_caps_get_structure (caps, 0);
  self->markup = g_strcmp0 (gst_structure_get_string (structure, "format"), "pango-markup") == 0;
  gst_event_unref (event);
  return TRUE;
}

/* Text without a time, from a plain file, say, begins at 0. */
static gboolean
set_segment (GstTpdiffGen *self, GstEvent *event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  GstSegment segment;

  gst_event_copy_segment (event, &segment);
  gst_event_unref (event);
  if (segment.format != GST_FORMAT_TIME)
    gst_segment_init (&segment, GST_FORMAT_TIME);
  if (segment.rate < 0)
    {
      GST_ELEMENT_ERROR (self, STREAM, NOT_IMPLEMENTED, ("Prompts cannot be played backwards"),
                         (NULL));
      return FALSE;
    }
  gst_tpdiff_output_set_segment (&self->output, &segment, seqnum);
  self->position = segment.start;
  self->last_end = 0;
  return TRUE;
}

/* Upstream says that there is no text up to some time. */
static gboolean
skip_gap (GstTpdiffGen *self, GstEvent *event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  gst_event_unref (event);
  return gst_tpdiff_gen_prepare (self) == GST_FLOW_OK &&
         gst_tpdiff_gen_fill_gap (self, GST_CLOCK_TIME_IS_VALID (duration) ? time + duration
                                                                           : time) == GST_FLOW_OK;
}

void
gst_tpdiff_gen_forget_stream (GstTpdiffGen *self)
{
  g_clear_pointer (&self->last_clip, tpd_clip_unref);
  self->position = 0;
  self->last_end = 0;
  self->n_done = 0;
  g_ptr_array_set_size (self->records, 0);
}

gboolean
gst_tpdiff_gen_text_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (parent);

  switch (GST_EVENT_TYPE (event))
    {
    case GST_EVENT_STREAM_START:
      return start_stream (self, event);
    case GST_EVENT_CAPS:
      return set_text_caps (self, event);
    case GST_EVENT_SEGMENT:
      return set_segment (self, event);
    case GST_EVENT_GAP:
      return skip_gap (self, event);
    case GST_EVENT_TAG: /* of the text */
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      gst_tpdiff_gen_for_each_feed (self, gst_tpdiff_feed_set_done, TRUE);
      gst_tpdiff_gen_tag_film (self);
      break;
    case GST_EVENT_FLUSH_START:
      set_flushing (self, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      set_flushing (self, FALSE);
      gst_tpdiff_gen_for_each_feed (self, gst_tpdiff_feed_set_done, FALSE);
      gst_tpdiff_gen_forget_stream (self);
      self->output.discont = TRUE;
      break;
    default:
      break;
    }
  return gst_pad_event_default (pad, parent, event);
}

/* Before a pad stops it waits for its thread, which has to be let go first. */
gboolean
gst_tpdiff_gen_activate_text (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (parent);

  set_flushing (self, !active);
  if (active)
    gst_tpdiff_gen_for_each_feed (self, gst_tpdiff_feed_set_done, FALSE);
  return mode == GST_PAD_MODE_PUSH;
}
