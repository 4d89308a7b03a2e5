/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-pipeline.h"

G_BEGIN_DECLS

/**
 * TpdJob: (ref-func tpd_job_ref) (unref-func tpd_job_unref)
 *
 * One clip being made by a [class@Tpd.Worker]. Thread-safe.
 */
typedef struct _TpdJob TpdJob;

#define TPD_TYPE_JOB (tpd_job_get_type ())
TPD_API GType tpd_job_get_type (void);

#define TPD_TYPE_WORKER (tpd_worker_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdWorker, tpd_worker, TPD, WORKER, GObject)

/**
 * TpdWorker:
 *
 * A thread that makes clips one after the other, so that nobody who shows or streams them ever
 * waits for a model to load or a network to run. It keeps the pipeline of the last request; the
 * next one with the same model and device starts at once.
 */

/**
 * tpd_worker_new:
 *
 * Returns: (transfer full): a worker; its thread starts with the first job
 */
TPD_API TpdWorker *tpd_worker_new (void);

/**
 * tpd_worker_submit:
 * @request: what to make; copied
 * @progress: (scope notified) (closure data) (destroy free_data) (nullable): called in the worker's
 * thread while the job runs
 * @data: for @progress
 * @free_data: (nullable): frees @data, in the worker's thread, when no more reports will come
 *
 * Queues a job.
 *
 * Returns: (transfer full): the job
 */
TPD_API TpdJob *tpd_worker_submit (TpdWorker *self, const TpdRequest *request,
                                   TpdProgressFunc progress, gpointer data,
                                   GDestroyNotify free_data);

/**
 * tpd_worker_drain:
 *
 * Waits until every job has ended. Cancel them first for this to be soon. Returns at once when
 * called from a job's callback.
 */
TPD_API void tpd_worker_drain (TpdWorker *self);

/**
 * tpd_job_wait:
 * @error: return location
 *
 * Waits until the job is done, failed or cancelled. Sets %G_IO_ERROR_CANCELLED, or what made it
 * fail.
 *
 * Returns: (transfer full) (nullable): the clip
 */
TPD_API TpdClip *tpd_job_wait (TpdJob *self, GError **error);

/**
 * tpd_job_cancel:
 *
 * Cancels the job, unless it has ended. Whoever waits for it returns at once; the worker stops
 * within one step, and may report once more until then.
 */
TPD_API void tpd_job_cancel (TpdJob *self);

TPD_API TpdJob *tpd_job_ref (TpdJob *self);
TPD_API void tpd_job_unref (TpdJob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdJob, tpd_job_unref)

G_END_DECLS
