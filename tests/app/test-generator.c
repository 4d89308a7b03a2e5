/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-generator.h"

/* Steps of a job that is cancelled: more than the test lets it do. */
#define FOREVER 10000

typedef struct
{
  TpdaGenerator *generator;
  TpdModelInfo *model;
  GMainLoop *loop;
  GPtrArray *ended; /* jobs, in order */
  guint expected;   /* jobs to wait for */
} Fixture;

static void
on_ended (Fixture *self, TpdaJob *job)
{
  g_ptr_array_add (self->ended, g_object_ref (job));
  if (self->ended->len == self->expected)
    g_main_loop_quit (self->loop);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->generator = tpda_generator_new (&error);
  g_assert_no_error (error);
  self->model = tpd_model_info_read (g_getenv ("TPDIFF_TEST_MODEL"), &error);
  g_assert_no_error (error);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->ended = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect_swapped (self->generator, "ended", G_CALLBACK (on_ended), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->generator);
  g_ptr_array_unref (self->ended);
  tpd_model_info_free (self->model);
  g_main_loop_unref (self->loop);
}

static void
wait_for (Fixture *self, guint n_ended)
{
  self->expected = n_ended;
  if (self->ended->len < n_ended)
    g_main_loop_run (self->loop);
}

static TpdaJob *
new_job (Fixture *self, guint steps, guint seed)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (GError) error = NULL;
  TpdaPlan plan;

  request->model = g_strdup (self->model->path);
  request->device = g_strdup ("cpu");
  request->prompt = g_strdup ("a red star");
  request->preview = TPD_PREVIEW_STEP;
  g_object_set (request->settings, "steps", steps, "seed", (guint64)seed, NULL);
  g_assert_true (tpda_plan_init (&plan, request, self->model, &error));
  g_assert_no_error (error);
  return tpda_job_new (request, &plan);
}

static TpdaJob *
add_job (Fixture *self, guint steps, guint seed)
{
  TpdaJob *job = new_job (self, steps, seed);

  tpda_generator_add (self->generator, job);
  return job;
}

static void
test_clip (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaJob) job = add_job (self, 6, 3);
  const TpdaPlan *plan = tpda_job_get_plan (job);
  g_autoptr (TpdRequest) record = NULL;
  TpdaClip *clip;

  wait_for (self, 1);
  g_assert_cmpint (tpda_job_get_state (job), ==, TPDA_JOB_DONE);
  clip = tpda_job_get_clip (job);
  g_assert_cmpuint (tpda_clip_get_n_frames (clip), ==, plan->n_frames);
  for (guint i = 0; i < plan->n_stages; i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (tpda_job_get_stages (job), i);

      g_assert_cmpint (tpda_stage_get_state (stage), ==, TPDA_STAGE_DONE);
      g_assert_cmpuint (tpda_clip_get_n_frames (tpda_stage_get_clip (stage)), ==,
                        plan->stages[i].n_frames);
    }
  /* The clip knows how to be made again. */
  record = tpd_request_new_from_json (tpda_clip_get_data (clip)->record, NULL);
  g_assert_nonnull (record);
  g_assert_cmpuint (tpd_sampler_settings_get_seed (record->settings), ==, 3);
}

/* Says that steps of a job were done at a time. */
static void
report (TpdaJob *job, guint step, gint64 when)
{
  GstStructure *message =
      gst_structure_new ("tpdiff-progress", "phase", G_TYPE_STRING, "sample", "step", G_TYPE_UINT,
                         step, "monotonic-time", G_TYPE_INT64, when, NULL);

  tpda_job_report (job, message);
  gst_structure_free (message);
}

/* A main loop that comes late, and then has several messages at once, still knows what took how
 * long. */
static void
test_stage_times (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaJob) job = new_job (self, 6, 3); /* two steps a stage */
  gint64 began = g_get_monotonic_time () - 10 * G_USEC_PER_SEC;
  const double seconds[] = {2, 3, 4};

  tpda_job_start (job);
  report (job, 0, began);
  report (job, 2, began + 2 * G_USEC_PER_SEC);
  report (job, 4, began + 5 * G_USEC_PER_SEC);
  report (job, 6, began + 9 * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      g_autoptr (TpdaStage) stage = g_list_model_get_item (tpda_job_get_stages (job), i);

      g_assert_cmpint (tpda_stage_get_state (stage), ==, TPDA_STAGE_DONE);
      g_assert_cmpfloat (tpda_stage_get_elapsed (stage), ==, seconds[i]);
    }
  tpda_job_cancel (job);
}

static void
test_queue (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdaJob) endless = add_job (self, FOREVER, 1);
  g_autoptr (TpdaJob) second = add_job (self, 3, 2);
  g_autoptr (TpdaJob) third = add_job (self, 3, 3);
  g_autoptr (TpdaJob) dropped = add_job (self, 3, 4);

  g_assert_true (tpda_generator_get_current (self->generator) == endless);
  tpda_generator_move (self->generator, 0, 1);
  tpda_generator_cancel (self->generator, dropped);
  tpda_generator_cancel (self->generator, endless);
  wait_for (self, 3);
  g_assert_cmpint (tpda_job_get_state (endless), ==, TPDA_JOB_CANCELLED);
  g_assert_cmpint (tpda_job_get_state (dropped), ==, TPDA_JOB_CANCELLED);
  g_assert_true (self->ended->pdata[1] == third);
  g_assert_true (self->ended->pdata[2] == second);
  g_assert_cmpint (tpda_job_get_state (second), ==, TPDA_JOB_DONE);
}

/* What the element refuses is the job's error, and the next job runs. */
static void
test_error (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdRequest) request = tpd_request_new ();
  TpdaPlan plan = {.n_stages = 1, .stages = {{8, 3}}, .n_steps = 3, .n_frames = 8};
  g_autoptr (TpdaJob) bad = NULL;
  g_autoptr (TpdaJob) good = NULL;

  request->model = g_strdup ("/no/such/model");
  bad = tpda_job_new (request, &plan);
  tpda_generator_add (self->generator, bad);
  good = add_job (self, 3, 1);
  wait_for (self, 2);
  g_assert_cmpint (tpda_job_get_state (bad), ==, TPDA_JOB_FAILED);
  g_assert_nonnull (strstr (tpda_job_get_error (bad)->message, "/no/such/model"));
  g_assert_cmpint (tpda_job_get_state (good), ==, TPDA_JOB_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add ("/app/generator/clip", Fixture, NULL, set_up, test_clip, tear_down);
  g_test_add ("/app/generator/stage-times", Fixture, NULL, set_up, test_stage_times, tear_down);
  g_test_add ("/app/generator/queue", Fixture, NULL, set_up, test_queue, tear_down);
  g_test_add ("/app/generator/error", Fixture, NULL, set_up, test_error, tear_down);
  return g_test_run ();
}
