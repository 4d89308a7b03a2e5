/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The request pads: video to change, and pictures to begin with. */

#include "gsttpdiffgen-private.h"

GstTpdiffFeed *
gst_tpdiff_gen_ref_feed (GstTpdiffGen *self, GstTpdiffFeed **member)
{
  GstTpdiffFeed *feed;

  GST_OBJECT_LOCK (self);
  feed = *member != NULL ? gst_tpdiff_feed_ref (*member) : NULL;
  GST_OBJECT_UNLOCK (self);
  return feed;
}

void
gst_tpdiff_gen_for_each_feed (GstTpdiffGen *self, void (*set) (GstTpdiffFeed *feed, gboolean flag),
                              gboolean flag)
{
  g_autoptr (GstTpdiffFeed) image = gst_tpdiff_gen_ref_feed (self, &self->image);
  g_autoptr (GstTpdiffFeed) video = gst_tpdiff_gen_ref_feed (self, &self->video);

  if (image != NULL)
    set (image, flag);
  if (video != NULL)
    set (video, flag);
}

static GstFlowReturn
gst_tpdiff_gen_feed_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  const TpdModelInfo *model = gst_tpdiff_gen_get_model (GST_TPDIFF_GEN (parent));
  GstFlowReturn flow = GST_FLOW_ERROR;

  if (model != NULL)
    flow = gst_tpdiff_feed_push (gst_pad_get_element_private (pad), buffer, model->width,
                                 model->height);
  gst_buffer_unref (buffer);
  return flow;
}

/* Nothing of it goes on: the text pad's events are the stream's. */
static gboolean
gst_tpdiff_gen_feed_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstTpdiffFeed *feed = gst_pad_get_element_private (pad);
  gboolean good = TRUE;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    gst_tpdiff_feed_set_flushing (feed, TRUE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    gst_tpdiff_feed_set_flushing (feed, FALSE);
  else
    good = gst_tpdiff_feed_event (feed, event);
  gst_event_unref (event);
  return good;
}

static gboolean
gst_tpdiff_gen_activate_feed (GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
  gst_tpdiff_feed_set_flushing (gst_pad_get_element_private (pad), !active);
  return mode == GST_PAD_MODE_PUSH;
}

static GstTpdiffFeed **
feed_member (GstTpdiffGen *self, GstPadTemplate *template)
{
  return g_str_equal (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "video") ? &self->video
                                                                          : &self->image;
}

GstPad *
gst_tpdiff_gen_request_new_pad (GstElement *element, GstPadTemplate *template, const char *name,
                                const GstCaps *caps)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (element);
  GstTpdiffFeed **member = feed_member (self, template);
  g_autoptr (GstTpdiffFeed) taken = gst_tpdiff_gen_ref_feed (self, member);
  GstPad *pad;

  if (taken != NULL)
    return NULL;
  pad = gst_pad_new_from_template (template, GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
  GST_OBJECT_LOCK (self);
  *member = gst_tpdiff_feed_new ();
  gst_pad_set_element_private (pad, *member);
  GST_OBJECT_UNLOCK (self);
  gst_pad_set_chain_function (pad, gst_tpdiff_gen_feed_chain);
  gst_pad_set_event_function (pad, gst_tpdiff_gen_feed_event);
  gst_pad_set_activatemode_function (pad, gst_tpdiff_gen_activate_feed);
  gst_pad_set_active (pad, TRUE);
  gst_element_add_pad (element, pad);
  return pad;
}

void
gst_tpdiff_gen_release_pad (GstElement *element, GstPad *pad)
{
  GstTpdiffGen *self = GST_TPDIFF_GEN (element);
  GstTpdiffFeed **member = feed_member (self, GST_PAD_PAD_TEMPLATE (pad));
  GstTpdiffFeed *feed = gst_pad_get_element_private (pad);
  g_autoptr (GstEvent) eos = gst_event_new_eos ();

  gst_pad_set_active (pad, FALSE);
  gst_tpdiff_feed_event (feed, eos); /* whoever waits for it goes on without */
  gst_element_remove_pad (element, pad);
  GST_OBJECT_LOCK (self);
  *member = NULL;
  GST_OBJECT_UNLOCK (self);
  gst_tpdiff_feed_unref (feed);
}
