/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffjob.h"

#include "gsttpdiffmessages.h"

struct _GstTpdiffJob
{
  TpdJob *job;          /* owned */
  GAsyncQueue *reports; /* shared with the worker: TpdProgress, then END_OF_REPORTS */
  gboolean started;     /* and the bus knows */
};

static TpdProgress end_of_reports;
#define END_OF_REPORTS (&end_of_reports)

static void
report_free (gpointer report)
{
  if (report != END_OF_REPORTS)
    tpd_progress_free (report);
}

/* ── in the worker's thread ── */

static void
on_progress (const TpdProgress *progress, gpointer reports)
{
  g_async_queue_push (reports, tpd_progress_copy (progress));
}

static void
on_end (gpointer reports)
{
  g_async_queue_push (reports, END_OF_REPORTS);
  g_async_queue_unref (reports);
}

/* ── in the element's threads ── */

GstTpdiffJob *
gst_tpdiff_job_new (TpdWorker *worker, const TpdRequest *request)
{
  GstTpdiffJob *self = g_atomic_rc_box_new0 (GstTpdiffJob);

  self->reports = g_async_queue_new_full (report_free);
  self->job =
      tpd_worker_submit (worker, request, on_progress, g_async_queue_ref (self->reports), on_end);
  return self;
}

static void
post_start (GstTpdiffJob *self, GstElement *element)
{
  if (!self->started)
    gst_tpdiff_post_start (element);
  self->started = TRUE;
}

/* Posts what next() takes out of the queue. Whether that was all that will ever come. */
static gboolean
post_reports (GstTpdiffJob *self, GstElement *element, gpointer (*next) (GAsyncQueue *))
{
  gpointer report;

  while ((report = next (self->reports)) != NULL && report != END_OF_REPORTS)
    {
      post_start (self, element);
      gst_tpdiff_post_progress (element, report);
      report_free (report);
    }
  return report == END_OF_REPORTS;
}

static void
post_end (GstTpdiffJob *self, GstElement *element, const GError *reason)
{
  if (reason == NULL)
    gst_tpdiff_post_end (element, GST_PROGRESS_TYPE_COMPLETE, "Done");
  else if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gst_tpdiff_post_end (element, GST_PROGRESS_TYPE_CANCELED, "Cancelled");
  else
    {
      gst_tpdiff_post_end (element, GST_PROGRESS_TYPE_ERROR, reason->message);
      gst_tpdiff_post_error (element, reason);
    }
}

/* The clip of a job that has ended; posts how it did, unless it was cancelled before it began. */
static TpdClip *
finish (GstTpdiffJob *self, GstElement *element, GError **error)
{
  g_autoptr (GError) reason = NULL;
  TpdClip *clip = tpd_job_wait (self->job, &reason);

  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    post_start (self, element);
  if (self->started)
    post_end (self, element, reason);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return clip;
}

TpdClip *
gst_tpdiff_job_wait (GstTpdiffJob *self, GstElement *element, GError **error)
{
  post_start (self, element);
  post_reports (self, element, g_async_queue_pop);
  return finish (self, element, error);
}

gboolean
gst_tpdiff_job_poll (GstTpdiffJob *self, GstElement *element, TpdClip **clip, GError **error)
{
  if (!post_reports (self, element, g_async_queue_try_pop))
    return FALSE;
  *clip = finish (self, element, error);
  return TRUE;
}

void
gst_tpdiff_job_cancel (GstTpdiffJob *self)
{
  tpd_job_cancel (self->job);
  g_async_queue_push (self->reports, END_OF_REPORTS); /* the worker's comes up to a step later */
}

GstTpdiffJob *
gst_tpdiff_job_ref (GstTpdiffJob *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
job_clear (gpointer data)
{
  GstTpdiffJob *self = data;

  tpd_job_unref (self->job);
  g_async_queue_unref (self->reports);
}

void
gst_tpdiff_job_unref (GstTpdiffJob *self)
{
  g_atomic_rc_box_release_full (self, job_clear);
}
