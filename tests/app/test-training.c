/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Trainings without a window: their log, and `tpdiff train` as the application runs it. */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "../tree.h"
#include "tpd-model-report.h"
#include "tpda-training-check.h"
#include "tpda-training-list.h"
#include "tpda-training-process.h"

/* Updates of the trainings, and how many are done before one is paused. */
#define N_STEPS  "60"
#define PAUSE_AT 5

/* More than a test lets happen. */
#define FOREVER "100000000"

typedef struct
{
  char *folder;
  TpdaTrainingList *list;
  JsonObject *base;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("tpda-training-XXXXXX", NULL);
  self->list = tpda_training_list_new (self->folder);
  self->base = tpd_model_report (g_getenv ("TPDIFF_TEST_MODEL"), &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->list);
  json_object_unref (self->base);
  tree_remove (self->folder);
  g_free (self->folder);
}

/* ── the log ── */

#define LINE(step, stage, loss)                                                                    \
  "{\"step\": " #step ", \"stage\": " #stage ", \"loss\": " #loss ", \"lr\": 0.001, "              \
  "\"grad_norm\": 1.5, \"seconds\": 0.5, \"clips\": " #step "0, \"flops\": 1e+09}\n"

static void
write_log (Fixture *self, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, "log.jsonl", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
append_to_log (Fixture *self, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, "log.jsonl", NULL);
  FILE *file = g_fopen (path, "a");

  fputs (text, file);
  fclose (file);
}

static void
assert_point (const TpdaTrainingLog *log, guint stage, guint i, gint64 step, float loss)
{
  const GArray *points = tpda_training_log_get_points (log, stage);

  g_assert_cmpuint (points->len, >, i);
  g_assert_cmpint (g_array_index (points, TpdaLossPoint, i).step, ==, step);
  g_assert_cmpfloat (g_array_index (points, TpdaLossPoint, i).loss, ==, loss);
}

static void
test_log (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "log.jsonl", NULL);
  g_autoptr (TpdaTrainingLog) log = tpda_training_log_new (path);

  g_assert_cmpuint (tpda_training_log_read (log), ==, 0); /* there is none yet */
  write_log (self, LINE (1, 3, 0.5) LINE (2, 1, 0.25) "{\"step\": 3, \"sta");
  g_assert_cmpuint (tpda_training_log_read (log), >, 0);
  g_assert_cmpint (tpda_training_log_get_step (log), ==, 2);
  assert_point (log, 3, 0, 1, 0.5f);
  assert_point (log, 1, 0, 2, 0.25f);

  g_assert_cmpfloat (g_array_index (tpda_training_log_get_points (log, 1), TpdaLossPoint, 0).flops,
                     ==, 1e9);

  g_assert_cmpuint (tpda_training_log_read (log), ==, 0); /* the last line is not complete */
  append_to_log (self, "ge\": 3, \"loss\": 0.75, \"lr\": 0.001, \"grad_norm\": 1, \"seconds\": 1, "
                       "\"clips\": 30, \"flops\": 2e+09}\nnonsense\n" LINE (4, 3, nan));
  tpda_training_log_read (log);
  assert_point (log, 3, 1, 3, 0.75f);
  g_assert_cmpuint (tpda_training_log_get_points (log, 3)->len, ==, 2); /* no point for a NaN */
  g_assert_cmpint (tpda_training_log_get_step (log), ==, 4);
  g_assert_cmpint (tpda_training_log_get_clips (log), ==, 40);
  g_assert_cmpfloat (tpda_training_log_get_seconds (log), ==, 2.5);
}

/* Going on from a checkpoint drops what came after it. */
static void
test_log_replaced (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "log.jsonl", NULL);
  g_autoptr (TpdaTrainingLog) log = tpda_training_log_new (path);

  write_log (self, LINE (1, 1, 0.5) LINE (2, 1, 0.5) LINE (3, 1, 0.5));
  tpda_training_log_read (log);
  write_log (self, LINE (1, 1, 0.5) LINE (2, 1, 1) LINE (3, 1, 0.5) LINE (4, 1, 0.5));
  tpda_training_log_read (log);
  g_assert_cmpuint (tpda_training_log_get_points (log, 1)->len, ==, 4);
  assert_point (log, 1, 1, 2, 1);
}

/* ── the process ── */

static TpdTrainConfig *
tiny_config (const char *steps)
{
  static const char *const settings[][2] = {
      {"batch", "2"}, {"clips", "8"},        {"lr", "0.01"},
      {"seed", "3"},  {"sample-every", "5"}, {"device", "cpu"},
  };
  TpdTrainConfig *config = tpd_train_config_new (TPD_TRAIN_DENOISER);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_assert_true (tpd_train_config_set (config, settings[i][0], settings[i][1], NULL));
  g_assert_true (tpd_train_config_set (config, "steps", steps, NULL));
  return config;
}

static TpdaTraining *
create (Fixture *self, const char *name, const char *steps)
{
  g_autoptr (TpdTrainConfig) config = tiny_config (steps);
  g_autoptr (GError) error = NULL;
  TpdaTraining *training =
      tpda_training_list_create (self->list, name, self->base, TRUE, config, &error);

  g_assert_no_error (error);
  return training;
}

static void
start (TpdaTraining *training)
{
  g_autoptr (GError) error = NULL;

  tpda_training_start (training, &error);
  g_assert_no_error (error);
  g_assert_cmpint (tpda_training_get_state (training), ==, TPDA_TRAINING_RUNNING);
}

static void
wait_for_state (TpdaTraining *training, TpdaTrainingState state)
{
  while (tpda_training_get_state (training) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_step (TpdaTraining *training, gint64 step)
{
  while (tpda_training_log_get_step (tpda_training_get_log (training)) < step)
    g_main_context_iteration (NULL, TRUE);
}

/* Paused, found again by another instance of the application, resumed there, and done. */
static void
test_resumes (Fixture *self, gconstpointer data)
{
  TpdaTraining *training = create (self, "run", FOREVER);
  g_autoptr (TpdaTrainingList) found = NULL;
  g_autoptr (TpdaTraining) again = NULL;
  g_autoptr (TpdTrainConfig) shorter = NULL;
  gint64 done;

  start (training);
  wait_for_step (training, PAUSE_AT);
  tpda_training_pause (training);
  wait_for_state (training, TPDA_TRAINING_PAUSED);
  g_assert_no_error (tpda_training_get_error (training));
  done = tpda_training_log_get_step (tpda_training_get_log (training));
  g_assert_nonnull (tpda_training_get_samples (training)[0]);

  found = tpda_training_list_new (self->folder);
  again = g_list_model_get_item (G_LIST_MODEL (found), 0);
  g_assert_cmpstr (tpda_training_get_name (again), ==, "run");
  g_assert_cmpint (tpda_training_get_state (again), ==, TPDA_TRAINING_PAUSED);
  g_assert_cmpint (tpda_training_log_get_step (tpda_training_get_log (again)), ==, done);
  start (again);
  wait_for_step (again, done + 1);
  g_assert_cmpint (tpda_training_log_get_step (tpda_training_get_log (again)), >, done);
  tpda_training_pause (again);
  wait_for_state (again, TPDA_TRAINING_PAUSED);
}

/* The result is a model. */
static void
test_ends (Fixture *self, gconstpointer data)
{
  TpdaTraining *training = create (self, "whole", N_STEPS);
  g_autoptr (TpdModelInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  start (training);
  wait_for_state (training, TPDA_TRAINING_DONE);
  g_assert_cmpfloat (tpda_training_get_fraction (training), ==, 1);
  info = tpd_model_info_read (tpda_training_get_result (training), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (info->denoisers[0].pyramid.n_stages, ==, 3);
  g_assert_nonnull (tpd_model_find ("whole", NULL)); /* it is installed */
}

/* A process that dies costs nothing but what came after its last checkpoint. */
static void
test_dies (Fixture *self, gconstpointer data)
{
  TpdaTraining *training = create (self, "dies", FOREVER);
  g_autoptr (TpdaTraining) seen = NULL;
  g_autoptr (TpdaTraining) later = NULL;

  start (training);
  wait_for_step (training, PAUSE_AT);
  seen = tpda_training_open (tpda_training_get_folder (training)); /* by another instance */
  g_assert_cmpint (tpda_training_get_state (seen), ==, TPDA_TRAINING_RUNNING);
  kill (tpda_training_process_get_pid (tpda_training_get_folder (training)), SIGKILL);
  wait_for_state (training, TPDA_TRAINING_FAILED);
  g_assert_nonnull (tpda_training_get_error (training));
  later = tpda_training_open (tpda_training_get_folder (training));
  g_assert_cmpint (tpda_training_get_state (later), ==, TPDA_TRAINING_FAILED);
  start (training);
  tpda_training_pause (training);
  wait_for_state (training, TPDA_TRAINING_PAUSED);
}

/* What the process says is the error, with the details. */
static void
test_fails (Fixture *self, gconstpointer data)
{
  TpdaTraining *training = create (self, "fails", N_STEPS);
  g_autofree char *broken =
      g_build_filename (tpda_training_get_folder (training), "components.json", NULL);
  g_autofree char *details = NULL;

  g_assert_true (g_file_set_contents (broken, "{}", -1, NULL));
  start (training);
  wait_for_state (training, TPDA_TRAINING_FAILED);
  g_assert_nonnull (strstr (tpda_training_get_error (training)->message, "components.json"));
  g_assert_false (g_str_has_prefix (tpda_training_get_error (training)->message, "tpdiff"));
  details = tpda_training_get_details (training);
  g_assert_nonnull (strstr (details, "components.json"));
}

/* Nothing of a folder with broken settings is lost or run. */
static void
test_broken_settings (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->folder, "broken", NULL);
  g_autofree char *file = g_build_filename (folder, "run.json", NULL);
  g_autoptr (TpdaTraining) training = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (folder, 0777), ==, 0);
  g_assert_true (g_file_set_contents (file, "{\"lr\": \"much\"}", -1, NULL));
  training = tpda_training_open (folder);
  g_assert_cmpint (tpda_training_get_state (training), ==, TPDA_TRAINING_FAILED);
  g_assert_nonnull (strstr (tpda_training_get_error (training)->message, "--lr"));
  g_assert_false (tpda_training_start (training, &error));
  g_assert_nonnull (error);
}

static void
test_names (Fixture *self, gconstpointer data)
{
  g_autoptr (TpdTrainConfig) config = tiny_config (N_STEPS);
  g_autoptr (GError) error = NULL;
  g_autofree char *second = NULL;

  create (self, "name", N_STEPS);
  second = tpda_training_list_suggest (self->list, "name");
  g_assert_cmpstr (second, ==, "name-2");
  g_assert_null (tpda_training_list_create (self->list, "name", self->base, TRUE, config, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_null (tpda_training_list_create (self->list, "a/b", self->base, TRUE, config, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
}

/* ── checks ── */

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

/* What the check of a training from base says. */
static char *
check (Fixture *self, JsonObject *base, GCancellable *cancellable, GError **error)
{
  g_autoptr (TpdTrainConfig) config = tiny_config (N_STEPS);
  g_autoptr (GAsyncResult) result = NULL;

  tpda_training_check_async (config, base, TRUE, cancellable, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return tpda_training_check_finish (result, error);
}

static void
assert_nothing_is_left (void)
{
  g_autoptr (GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, "tpdiff-check-"));
}

static void
test_check (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *report = check (self, self->base, cancellable, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (report, "data: shapes"));
  assert_nothing_is_left ();

  g_cancellable_cancel (cancellable);
  g_assert_null (check (self, self->base, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  assert_nothing_is_left ();

  json_object_set_string_member (self->base, "path", "/no/such/model");
  g_assert_null (check (self, self->base, NULL, &error));
  g_assert_nonnull (strstr (error->message, "/no/such/model"));
  assert_nothing_is_left ();
}

int
main (int argc, char **argv)
{
  char temporary[] = "/tmp/tpda-training-XXXXXX"; /* where nobody else leaves anything */
  int failed;

  g_setenv ("TMPDIR", g_mkdtemp (temporary), TRUE);
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/app/training/log", test_log);
  ADD ("/app/training/log/replaced", test_log_replaced);
  ADD ("/app/training/resumes", test_resumes);
  ADD ("/app/training/ends", test_ends);
  ADD ("/app/training/dies", test_dies);
  ADD ("/app/training/fails", test_fails);
  ADD ("/app/training/broken-settings", test_broken_settings);
  ADD ("/app/training/names", test_names);
  ADD ("/app/training/check", test_check);
  failed = g_test_run ();
  tree_remove (temporary);
  return failed;
}
