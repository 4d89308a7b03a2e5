/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-worker.h"

#include <string.h>

/* So many steps take minutes: whoever waits for them has not been cancelled. */
#define MANY_STEPS 3000

static TpdRequest *
new_request (guint steps)
{
  TpdRequest *request = tpd_request_new ();

  request->model = g_strdup (g_getenv ("TPDIFF_TEST_MODEL"));
  request->device = g_strdup ("cpu");
  g_object_set (request->settings, "steps", steps, NULL);
  return request;
}

/* What a job's callbacks saw. */
typedef struct
{
  gint n_reports;
  gint freed;
  GMutex lock;
  GCond first;
} Witness;

static void
on_progress (const TpdProgress *progress, gpointer data)
{
  Witness *witness = data;

  g_mutex_lock (&witness->lock);
  if (progress->phase == TPD_PHASE_SAMPLE)
    {
      witness->n_reports++;
      g_cond_broadcast (&witness->first);
    }
  g_mutex_unlock (&witness->lock);
}

static void
on_free (gpointer data)
{
  Witness *witness = data;

  g_atomic_int_inc (&witness->freed);
}

static void
wait_for_first (Witness *witness)
{
  g_mutex_lock (&witness->lock);
  while (witness->n_reports == 0)
    g_cond_wait (&witness->first, &witness->lock);
  g_mutex_unlock (&witness->lock);
}

static void
test_jobs (void)
{
  g_autoptr (TpdWorker) worker = tpd_worker_new ();
  g_autoptr (TpdRequest) request = new_request (6);
  g_autoptr (TpdJob) first = NULL;
  g_autoptr (TpdJob) second = NULL;
  g_autoptr (TpdClip) a = NULL;
  g_autoptr (TpdClip) b = NULL;
  g_autoptr (GError) error = NULL;
  Witness witness = {0};

  first = tpd_worker_submit (worker, request, on_progress, &witness, on_free);
  second = tpd_worker_submit (worker, request, NULL, NULL, NULL);
  tpd_request_free (g_steal_pointer (&request)); /* the worker has copies */
  a = tpd_job_wait (first, &error);
  g_assert_no_error (error);
  b = tpd_job_wait (second, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (a->rgb, b->rgb));
  g_assert_cmpint (g_atomic_int_get (&witness.freed), ==, 1);
  g_assert_cmpint (witness.n_reports, ==, 7); /* before the first step, and after each */
}

/* The caller returns at once, the worker within a step. */
static void
test_cancel (void)
{
  g_autoptr (TpdWorker) worker = tpd_worker_new ();
  g_autoptr (TpdRequest) request = new_request (MANY_STEPS);
  Witness running_witness = {0}, queued_witness = {0};
  g_autoptr (TpdJob) running =
      tpd_worker_submit (worker, request, on_progress, &running_witness, on_free);
  g_autoptr (TpdJob) queued =
      tpd_worker_submit (worker, request, on_progress, &queued_witness, on_free);
  g_autoptr (GError) error = NULL;

  wait_for_first (&running_witness);
  tpd_job_cancel (queued);
  g_assert_null (tpd_job_wait (queued, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  tpd_job_cancel (running);
  g_assert_null (tpd_job_wait (running, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  tpd_worker_drain (worker);
  g_assert_cmpint (g_atomic_int_get (&running_witness.freed), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&queued_witness.freed), ==, 1);
  g_assert_cmpint (running_witness.n_reports, <, MANY_STEPS / 2);
  g_assert_cmpint (queued_witness.n_reports, ==, 0);
}

/* A cancelled or failed job leaves the worker fit for the next. */
static void
test_after_failure (void)
{
  g_autoptr (TpdWorker) worker = tpd_worker_new ();
  g_autoptr (TpdRequest) impossible = new_request (1);
  g_autoptr (TpdRequest) elsewhere = new_request (6);
  g_autoptr (TpdRequest) good = new_request (6);
  g_autoptr (GError) error = NULL;
  g_autoptr (TpdJob) first = tpd_worker_submit (worker, impossible, NULL, NULL, NULL);
  g_autoptr (TpdJob) second = NULL;
  g_autoptr (TpdJob) third = NULL;
  g_autoptr (TpdClip) clip = NULL;

  g_assert_null (tpd_job_wait (first, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  g_free (elsewhere->model);
  elsewhere->model = g_strdup ("nobody-has-this");
  second = tpd_worker_submit (worker, elsewhere, NULL, NULL, NULL);
  g_assert_null (tpd_job_wait (second, &error));
  g_assert_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  third = tpd_worker_submit (worker, good, NULL, NULL, NULL);
  clip = tpd_job_wait (third, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (clip->n_frames, ==, 8);
  tpd_job_cancel (third); /* too late to matter */
  tpd_clip_unref (g_steal_pointer (&clip));
  clip = tpd_job_wait (third, &error);
  g_assert_no_error (error);
}

/* Whoever submits may forget worker and job: the job ends all the same. */
static void
test_forget (void)
{
  g_autoptr (TpdRequest) request = new_request (6);
  TpdWorker *worker = tpd_worker_new ();
  Witness witness = {0};
  TpdJob *job = tpd_worker_submit (worker, request, on_progress, &witness, on_free);

  tpd_job_unref (job);
  tpd_worker_drain (worker);
  g_assert_cmpint (g_atomic_int_get (&witness.freed), ==, 1);
  g_object_unref (worker);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/worker/jobs", test_jobs);
  g_test_add_func ("/worker/cancel", test_cancel);
  g_test_add_func ("/worker/after-failure", test_after_failure);
  g_test_add_func ("/worker/forget", test_forget);
  return g_test_run ();
}
