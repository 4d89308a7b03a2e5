/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffahead.h"

typedef struct
{
  TpdRequest *request;
  GstTpdiffJob *job; /* until it is over */
  TpdClip *clip;     /* from then on, if it went well */
} Begun;

void
gst_tpdiff_ahead_init (GstTpdiffAhead *self, GstTpdiffGenerator *generator)
{
  self->generator = generator;
  g_queue_init (&self->clips);
}

/* Newest first: the worker does not begin what is about to be given up. */
void
gst_tpdiff_ahead_clear (GstTpdiffAhead *self)
{
  Begun *begun;

  while ((begun = g_queue_pop_tail (&self->clips)) != NULL)
    {
      if (begun->job != NULL)
        gst_tpdiff_generator_abandon (self->generator, begun->job);
      g_clear_pointer (&begun->clip, tpd_clip_unref);
      tpd_request_free (begun->request);
      g_free (begun);
    }
}

GstFlowReturn
gst_tpdiff_ahead_begin (GstTpdiffAhead *self, const TpdRequest *request)
{
  GstTpdiffJob *job = gst_tpdiff_generator_begin (self->generator, request);
  Begun *begun;

  if (job == NULL)
    return GST_FLOW_FLUSHING;
  begun = g_new0 (Begun, 1);
  begun->request = tpd_request_copy (request);
  begun->job = job;
  g_queue_push_tail (&self->clips, begun);
  return GST_FLOW_OK;
}

typedef GstFlowReturn (*Ask) (GstTpdiffGenerator *generator, GstTpdiffJob *job, TpdClip **clip);

static GstFlowReturn
ask (GstTpdiffAhead *self, Begun *begun, Ask what)
{
  GstFlowReturn flow;

  if (begun->job == NULL)
    return begun->clip != NULL ? GST_FLOW_OK : GST_FLOW_ERROR;
  flow = what (self->generator, begun->job, &begun->clip);
  if (flow != GST_TPDIFF_FLOW_NOT_YET)
    begun->job = NULL;
  return flow;
}

GstFlowReturn
gst_tpdiff_ahead_look (GstTpdiffAhead *self)
{
  for (GList *link = self->clips.head; link != NULL; link = link->next)
    {
      GstFlowReturn flow = ask (self, link->data, gst_tpdiff_generator_look);

      if (flow == GST_TPDIFF_FLOW_NOT_YET)
        break;
      if (flow != GST_FLOW_OK)
        return flow;
    }
  return GST_FLOW_OK;
}

GstFlowReturn
gst_tpdiff_ahead_wait (GstTpdiffAhead *self)
{
  return ask (self, g_queue_peek_head (&self->clips), gst_tpdiff_generator_wait);
}

TpdClip *
gst_tpdiff_ahead_take (GstTpdiffAhead *self, TpdRequest **request)
{
  Begun *begun = g_queue_peek_head (&self->clips);
  TpdClip *clip;

  if (begun == NULL || begun->clip == NULL)
    return NULL;
  g_queue_pop_head (&self->clips);
  clip = begun->clip;
  *request = begun->request;
  g_free (begun);
  return clip;
}
