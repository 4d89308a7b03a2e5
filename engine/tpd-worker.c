/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-worker.h"

struct _TpdJob
{
  gatomicrefcount ref_count;

  /* owned */
  TpdWorker *worker; /* while queued or running */
  TpdRequest *request;
  GCancellable *cancellable;

  /* the caller's */
  TpdProgressFunc progress;
  gpointer data;
  GDestroyNotify free_data;

  /* state, under lock */
  GMutex lock;
  GCond finished;
  gboolean done;
  TpdClip *clip;
  GError *error;
};

G_DEFINE_BOXED_TYPE (TpdJob, tpd_job, tpd_job_ref, tpd_job_unref)

struct _TpdWorker
{
  GObject parent_instance;

  /* owned */
  GThreadPool *thread; /* of one */
  TpdPipeline *pipeline;

  /* state, under lock */
  GMutex lock;
  GCond idle;
  guint n_jobs;    /* queued and running */
  GThread *inside; /* borrowed; the thread of the running job */
};

G_DEFINE_FINAL_TYPE (TpdWorker, tpd_worker, G_TYPE_OBJECT)

TpdJob *
tpd_job_ref (TpdJob *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_job_unref (TpdJob *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  tpd_request_free (self->request);
  g_object_unref (self->cancellable);
  g_clear_pointer (&self->clip, tpd_clip_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->finished);
  g_free (self);
}

/* The first outcome counts. Takes clip and error. */
static void
job_finish (TpdJob *self, TpdClip *clip, GError *error)
{
  g_mutex_lock (&self->lock);
  if (!self->done)
    {
      self->done = TRUE;
      self->clip = g_steal_pointer (&clip);
      self->error = g_steal_pointer (&error);
      g_cond_broadcast (&self->finished);
    }
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&clip, tpd_clip_unref);
  g_clear_error (&error);
}

TpdClip *
tpd_job_wait (TpdJob *self, GError **error)
{
  TpdClip *clip = NULL;

  g_mutex_lock (&self->lock);
  while (!self->done)
    g_cond_wait (&self->finished, &self->lock);
  if (self->clip != NULL)
    clip = tpd_clip_ref (self->clip);
  else if (error != NULL)
    *error = g_error_copy (self->error);
  g_mutex_unlock (&self->lock);
  return clip;
}

void
tpd_job_cancel (TpdJob *self)
{
  g_cancellable_cancel (self->cancellable);
  job_finish (self, NULL,
              g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Generation was cancelled"));
}

static gboolean
pipeline_fits (TpdPipeline *pipeline, const TpdRequest *request)
{
  return pipeline != NULL && tpd_pipeline_matches (pipeline, request->model, request->device);
}

static TpdClip *
make_clip (TpdWorker *self, TpdJob *job, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (job->cancellable, error))
    return NULL;
  if (!pipeline_fits (self->pipeline, job->request))
    {
      g_clear_object (&self->pipeline);
      self->pipeline = tpd_pipeline_new (job->request->model, job->request->device, error);
      if (self->pipeline == NULL)
        return NULL;
    }
  return tpd_pipeline_generate (self->pipeline, job->request, job->progress, job->data,
                                job->cancellable, error);
}

static void
worker_enter (TpdWorker *self, GThread *thread)
{
  g_mutex_lock (&self->lock);
  self->inside = thread;
  g_mutex_unlock (&self->lock);
}

static void
worker_leave (TpdWorker *self)
{
  g_mutex_lock (&self->lock);
  self->inside = NULL;
  if (--self->n_jobs == 0)
    g_cond_broadcast (&self->idle);
  g_mutex_unlock (&self->lock);
}

static void
run_job (gpointer job_data, gpointer unused)
{
  TpdJob *job = job_data;
  g_autoptr (TpdWorker) self = g_steal_pointer (&job->worker);
  GError *error = NULL;
  TpdClip *clip;

  worker_enter (self, g_thread_self ());
  clip = make_clip (self, job, &error);
  if (job->free_data != NULL)
    job->free_data (job->data);
  job_finish (job, clip, error);
  tpd_job_unref (job);
  worker_leave (self);
}

TpdWorker *
tpd_worker_new (void)
{
  return g_object_new (TPD_TYPE_WORKER, NULL);
}

TpdJob *
tpd_worker_submit (TpdWorker *self, const TpdRequest *request, TpdProgressFunc progress,
                   gpointer data, GDestroyNotify free_data)
{
  TpdJob *job;

  g_return_val_if_fail (TPD_IS_WORKER (self), NULL);

  job = g_new0 (TpdJob, 1);
  g_atomic_ref_count_init (&job->ref_count);
  g_mutex_init (&job->lock);
  g_cond_init (&job->finished);
  job->worker = g_object_ref (self);
  job->request = tpd_request_copy (request);
  job->cancellable = g_cancellable_new ();
  job->progress = progress;
  job->data = data;
  job->free_data = free_data;

  g_mutex_lock (&self->lock);
  self->n_jobs++;
  g_mutex_unlock (&self->lock);
  g_thread_pool_push (self->thread, tpd_job_ref (job), NULL);
  return job;
}

void
tpd_worker_drain (TpdWorker *self)
{
  g_return_if_fail (TPD_IS_WORKER (self));

  g_mutex_lock (&self->lock);
  while (self->n_jobs > 0 && self->inside != g_thread_self ())
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
tpd_worker_finalize (GObject *object)
{
  TpdWorker *self = TPD_WORKER (object);

  /* Jobs hold references, so none is left; this may be the pool's own thread, so do not wait for
   * it. */
  g_thread_pool_free (self->thread, FALSE, FALSE);
  g_clear_object (&self->pipeline);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  G_OBJECT_CLASS (tpd_worker_parent_class)->finalize (object);
}

static void
tpd_worker_class_init (TpdWorkerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_worker_finalize;
}

static void
tpd_worker_init (TpdWorker *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  self->thread = g_thread_pool_new (run_job, NULL, 1, FALSE, NULL);
}
