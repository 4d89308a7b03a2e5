/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffgenerator.h"

struct _GstTpdiffGenerator
{
  GstElement *element; /* borrowed */
  TpdWorker *worker;   /* owned */

  /* state, under lock */
  GMutex lock;
  GList *jobs; /* that somebody waits for */
  gboolean flushing;
};

GstTpdiffGenerator *
gst_tpdiff_generator_new (GstElement *element)
{
  GstTpdiffGenerator *self = g_new0 (GstTpdiffGenerator, 1);

  self->element = element;
  self->worker = tpd_worker_new ();
  g_mutex_init (&self->lock);
  return self;
}

void
gst_tpdiff_generator_free (GstTpdiffGenerator *self)
{
  gst_tpdiff_generator_set_flushing (self, TRUE);
  tpd_worker_drain (self->worker); /* the process may end after this */
  g_object_unref (self->worker);
  g_list_free_full (self->jobs, (GDestroyNotify)gst_tpdiff_job_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* NULL while flushing. */
static GstTpdiffJob *
submit (GstTpdiffGenerator *self, const TpdRequest *request)
{
  GstTpdiffJob *job = NULL;

  g_mutex_lock (&self->lock);
  if (!self->flushing)
    {
      job = gst_tpdiff_job_new (self->worker, request);
      self->jobs = g_list_prepend (self->jobs, gst_tpdiff_job_ref (job));
    }
  g_mutex_unlock (&self->lock);
  return job;
}

static void
forget (GstTpdiffGenerator *self, GstTpdiffJob *job)
{
  g_mutex_lock (&self->lock);
  self->jobs = g_list_remove (self->jobs, job);
  g_mutex_unlock (&self->lock);
  gst_tpdiff_job_unref (job);
}

GstFlowReturn
gst_tpdiff_generator_make (GstTpdiffGenerator *self, const TpdRequest *request, TpdClip **clip)
{
  g_autoptr (GstTpdiffJob) job = submit (self, request);
  g_autoptr (GError) error = NULL;

  if (job == NULL)
    return GST_FLOW_FLUSHING;
  *clip = gst_tpdiff_job_wait (job, self->element, &error);
  forget (self, job);
  if (*clip != NULL)
    return GST_FLOW_OK;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? GST_FLOW_FLUSHING
                                                                   : GST_FLOW_ERROR;
}

void
gst_tpdiff_generator_set_flushing (GstTpdiffGenerator *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  if (flushing)
    g_list_foreach (self->jobs, (GFunc)(void (*) (void))gst_tpdiff_job_cancel, NULL);
  g_mutex_unlock (&self->lock);
}
