/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-check.h"

#include "tpda-temporary.h"
#include "tpda-train-settings.h"
#include "tpda-training-folder.h"
#include "tpda-training-process.h"

/* A check runs in a training's folder of its own, which is gone after it. */
typedef struct
{
  char *above; /* a temporary folder */
  char *folder;
  GSubprocess *process;
} Check;

static void
check_free (Check *check)
{
  if (check->process != NULL)
    g_subprocess_force_exit (check->process); /* it has ended, unless the check was cancelled */
  if (check->above != NULL)
    {
      tpda_temporary_remove (check->folder);
      tpda_temporary_remove (check->above);
    }
  g_clear_object (&check->process);
  g_free (check->folder);
  g_free (check->above);
  g_free (check);
}

/* The folder of a training with these settings, and its arguments; NULL if it cannot be made. */
static GStrv
prepare (Check *check, const TpdTrainConfig *config, JsonObject *base, gboolean from_new,
         GError **error)
{
  g_autoptr (JsonObject) settings = tpd_train_config_to_json (config);
  g_autoptr (TpdTrainConfig) copy = tpd_train_config_new (TPD_TRAIN_DENOISER);
  g_autofree char *result = NULL;

  check->above = g_dir_make_tmp ("tpdiff-check-XXXXXX", error);
  if (check->above == NULL)
    return NULL;
  check->folder = g_build_filename (check->above, "check", NULL);
  result = g_build_filename (check->folder, "model", NULL);
  if (!tpda_train_settings_load (copy, settings, error) ||
      !tpda_training_folder_create (check->folder, result, base, from_new, copy, error))
    return NULL;
  return tpda_train_settings_to_argv (copy);
}

static GSubprocess *
start (Check *check, const TpdTrainConfig *config, JsonObject *base, gboolean from_new,
       GError **error)
{
  g_autofree char *program = tpda_training_process_find_program (error);
  g_auto (GStrv) settings = program != NULL ? prepare (check, config, base, from_new, error) : NULL;
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;

  if (settings == NULL)
    return NULL;
  g_strv_builder_add_many (argv, program, "train", NULL);
  g_strv_builder_addv (argv, (const char **)settings);
  g_strv_builder_add (argv, "--check");
  words = g_strv_builder_end (argv);
  return g_subprocess_newv ((const char *const *)words,
                            G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
}

static void
on_said (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autofree char *report = NULL;
  g_autofree char *said = NULL;
  GError *error = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, &report, &said, &error))
    g_task_return_error (task, error);
  else if ((error = tpda_training_process_find_error (G_SUBPROCESS (source), said)) != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_strdup (g_strchomp (report)), g_free);
}

void
tpda_training_check_async (const TpdTrainConfig *config, JsonObject *base, gboolean from_new,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Check *check = g_new0 (Check, 1);
  GError *error = NULL;

  g_task_set_task_data (task, check, (GDestroyNotify)check_free);
  check->process = start (check, config, base, from_new, &error);
  if (check->process != NULL)
    {
      g_subprocess_communicate_utf8_async (check->process, NULL, cancellable, on_said, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

char *
tpda_training_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
