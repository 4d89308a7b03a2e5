/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffgenerator.h"

#include "gsttpdiffshelf.h"

struct _GstTpdiffGenerator
{
  GstElement *element; /* borrowed */
  TpdWorker *worker;   /* owned */

  /* state, under lock */
  GMutex lock;
  GstTpdiffShelf shelf;
  GList *jobs; /* that are not over */
  gboolean flushing;
};

GstTpdiffGenerator *
gst_tpdiff_generator_new (GstElement *element)
{
  GstTpdiffGenerator *self = g_new0 (GstTpdiffGenerator, 1);

  self->element = element;
  self->worker = tpd_worker_new ();
  g_mutex_init (&self->lock);
  gst_tpdiff_shelf_init (&self->shelf, 0);
  return self;
}

void
gst_tpdiff_generator_free (GstTpdiffGenerator *self)
{
  gst_tpdiff_generator_set_flushing (self, TRUE);
  tpd_worker_drain (self->worker); /* the process may end after this */
  g_object_unref (self->worker);
  g_list_free_full (self->jobs, (GDestroyNotify)gst_tpdiff_job_unref);
  gst_tpdiff_shelf_clear (&self->shelf);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
cancel (gpointer job, gpointer unused)
{
  gst_tpdiff_job_cancel (job);
}

void
gst_tpdiff_generator_set_flushing (GstTpdiffGenerator *self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  if (flushing)
    g_list_foreach (self->jobs, cancel, NULL);
  g_mutex_unlock (&self->lock);
}

/* ── kept clips ── */

void
gst_tpdiff_generator_set_kept (GstTpdiffGenerator *self, guint n_clips)
{
  g_mutex_lock (&self->lock);
  gst_tpdiff_shelf_set_size (&self->shelf, n_clips);
  g_mutex_unlock (&self->lock);
}

void
gst_tpdiff_generator_forget_clips (GstTpdiffGenerator *self)
{
  g_mutex_lock (&self->lock);
  gst_tpdiff_shelf_clear (&self->shelf);
  g_mutex_unlock (&self->lock);
}

static TpdClip *
find_kept (GstTpdiffGenerator *self, const TpdRequest *request)
{
  TpdClip *clip;

  g_mutex_lock (&self->lock);
  clip = gst_tpdiff_shelf_find (&self->shelf, request);
  g_mutex_unlock (&self->lock);
  return clip;
}

static void
keep (GstTpdiffGenerator *self, const TpdRequest *request, TpdClip *clip)
{
  g_mutex_lock (&self->lock);
  gst_tpdiff_shelf_put (&self->shelf, request, clip);
  g_mutex_unlock (&self->lock);
}

/* ── jobs ── */

GstTpdiffJob *
gst_tpdiff_generator_begin (GstTpdiffGenerator *self, const TpdRequest *request)
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

/* The job is over. Takes it. */
static void
end (GstTpdiffGenerator *self, GstTpdiffJob *job)
{
  g_mutex_lock (&self->lock);
  self->jobs = g_list_remove (self->jobs, job);
  g_mutex_unlock (&self->lock);
  gst_tpdiff_job_unref (job); /* the list's */
  gst_tpdiff_job_unref (job);
}

static GstFlowReturn
flow_of (const TpdClip *clip, const GError *error)
{
  if (clip != NULL)
    return GST_FLOW_OK;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? GST_FLOW_FLUSHING
                                                                   : GST_FLOW_ERROR;
}

GstFlowReturn
gst_tpdiff_generator_wait (GstTpdiffGenerator *self, GstTpdiffJob *job, TpdClip **clip)
{
  g_autoptr (GError) error = NULL;

  *clip = gst_tpdiff_job_wait (job, self->element, &error);
  end (self, job);
  return flow_of (*clip, error);
}

GstFlowReturn
gst_tpdiff_generator_look (GstTpdiffGenerator *self, GstTpdiffJob *job, TpdClip **clip)
{
  g_autoptr (GError) error = NULL;

  *clip = NULL;
  if (!gst_tpdiff_job_poll (job, self->element, clip, &error))
    return GST_TPDIFF_FLOW_NOT_YET;
  end (self, job);
  return flow_of (*clip, error);
}

void
gst_tpdiff_generator_abandon (GstTpdiffGenerator *self, GstTpdiffJob *job)
{
  g_autoptr (TpdClip) clip = NULL;

  gst_tpdiff_job_cancel (job);
  gst_tpdiff_generator_look (self, job, &clip);
}

GstFlowReturn
gst_tpdiff_generator_make (GstTpdiffGenerator *self, const TpdRequest *request, TpdClip **clip)
{
  GstTpdiffJob *job;
  GstFlowReturn flow;

  *clip = find_kept (self, request);
  if (*clip != NULL)
    return GST_FLOW_OK;
  job = gst_tpdiff_generator_begin (self, request);
  if (job == NULL)
    return GST_FLOW_FLUSHING;
  flow = gst_tpdiff_generator_wait (self, job, clip);
  if (flow == GST_FLOW_OK)
    keep (self, request, *clip);
  return flow;
}
