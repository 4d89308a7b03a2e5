/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "tpda-plan.h"
#include "tpda-training-folder.h"
#include "tpda-training-process.h"

/* How often a folder is looked at while its training runs. */
#define POLL_MS 500

struct _TpdaTraining
{
  GObject parent_instance;

  /* owned */
  char *folder;
  char *name;
  TpdTrainConfig *config;
  TpdaTrainingLog *log;
  GStrv samples;
  GError *error;
  GSubprocess *process; /* NULL if it does not run or another instance started it */

  /* state */
  TpdaTrainingState state;
  guint poll; /* source, 0 while nothing is expected */
};

G_DEFINE_FINAL_TYPE (TpdaTraining, tpda_training, G_TYPE_OBJECT)

static guint changed_signal;

/* ── what it is ── */

const char *
tpda_training_get_name (TpdaTraining *self)
{
  return self->name;
}

const char *
tpda_training_get_folder (TpdaTraining *self)
{
  return self->folder;
}

const TpdTrainConfig *
tpda_training_get_config (TpdaTraining *self)
{
  return self->config;
}

TpdaTrainingState
tpda_training_get_state (TpdaTraining *self)
{
  return self->state;
}

const GError *
tpda_training_get_error (TpdaTraining *self)
{
  return self->error;
}

char *
tpda_training_get_details (TpdaTraining *self)
{
  return tpda_training_process_read_stderr (self->folder);
}

const TpdaTrainingLog *
tpda_training_get_log (TpdaTraining *self)
{
  return self->log;
}

const char *const *
tpda_training_get_samples (TpdaTraining *self)
{
  return (const char *const *)self->samples;
}

const char *
tpda_training_get_result (TpdaTraining *self)
{
  return self->config->model_out;
}

/* ── how far it is ── */

double
tpda_training_get_fraction (TpdaTraining *self)
{
  double used = 0;

  if (self->state == TPDA_TRAINING_DONE)
    return 1;
  if (self->config->steps > 0)
    used = MAX (used, (double)tpda_training_log_get_step (self->log) / self->config->steps);
  if (self->config->minutes > 0)
    used = MAX (used, tpda_training_log_get_seconds (self->log) / (60 * self->config->minutes));
  if (self->config->teraflop > 0)
    used = MAX (used, tpda_training_log_get_flops (self->log) / (1e12 * self->config->teraflop));
  return MIN (used, 1);
}

double
tpda_training_get_left (TpdaTraining *self)
{
  double used = tpda_training_get_fraction (self);

  return used > 0 ? tpda_training_log_get_seconds (self->log) * (1 / used - 1) : -1;
}

static char *
describe_running (TpdaTraining *self)
{
  double used = tpda_training_get_fraction (self);
  g_autofree char *left = tpda_format_seconds (tpda_training_get_left (self));

  if (used == 0)
    return g_strdup (_ ("Preparing…"));
  return g_strdup_printf (_ ("Running · %.0f %% · about %s left"), 100 * used, left);
}

char *
tpda_training_describe (TpdaTraining *self)
{
  switch (self->state)
    {
    case TPDA_TRAINING_RUNNING:
      return describe_running (self);
    case TPDA_TRAINING_PAUSING:
      return g_strdup (_ ("Saving…"));
    case TPDA_TRAINING_DONE:
      return g_strdup (_ ("Done"));
    case TPDA_TRAINING_FAILED:
      return g_strdup (_ ("Failed"));
    case TPDA_TRAINING_PAUSED:
    default:
      return g_strdup_printf (_ ("Paused · %.0f %%"), 100 * tpda_training_get_fraction (self));
    }
}

/* ── looking at the folder ── */

static gboolean on_poll (gpointer data);

static void
set_state (TpdaTraining *self, TpdaTrainingState state)
{
  self->state = state;
  g_signal_emit (self, changed_signal, 0);
}

/* Goes on reading as soon as nothing else is to be done if there is much, later if there is not. */
static void
schedule_poll (TpdaTraining *self, gboolean has_more)
{
  gboolean runs = self->state == TPDA_TRAINING_RUNNING || self->state == TPDA_TRAINING_PAUSING;

  if (self->poll == 0 && has_more)
    self->poll = g_idle_add (on_poll, self);
  else if (self->poll == 0 && runs)
    self->poll = g_timeout_add (POLL_MS, on_poll, self);
}

/* Without having seen how it ended. */
static void
settle (TpdaTraining *self)
{
  g_clear_error (&self->error);
  self->error = tpda_training_folder_read_error (self->folder);
  if (tpda_training_folder_is_done (self->folder, self->config))
    {
      self->state = TPDA_TRAINING_DONE;
      g_unlink (self->config->cache);
    }
  else
    self->state = self->error != NULL ? TPDA_TRAINING_FAILED : TPDA_TRAINING_PAUSED;
}

void
tpda_training_poll (TpdaTraining *self)
{
  gboolean has_more = tpda_training_log_read (self->log) >= TPDA_TRAINING_LOG_CHUNK / 2;

  g_strfreev (self->samples);
  self->samples = tpda_training_folder_list_samples (self->folder);
  if (self->process == NULL && self->config->out != NULL)
    {
      if (tpda_training_process_get_pid (self->folder) == 0)
        settle (self);
      else if (self->state != TPDA_TRAINING_PAUSING)
        self->state = TPDA_TRAINING_RUNNING;
    }
  schedule_poll (self, has_more);
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
on_poll (gpointer data)
{
  TpdaTraining *self = data;

  self->poll = 0;
  tpda_training_poll (self);
  return G_SOURCE_REMOVE;
}

/* ── the process ── */

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TpdaTraining) self = data;
  g_autoptr (GSubprocess) process = g_steal_pointer (&self->process);
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_finish (process, result, NULL); /* fails only if it is cancelled */
  said = tpda_training_process_read_stderr (self->folder);
  error = tpda_training_process_find_error (process, said);
  tpda_training_folder_write_error (self->folder, error);
  tpda_training_poll (self);
}

gboolean
tpda_training_start (TpdaTraining *self, GError **error)
{
  g_autofree char *program = NULL;
  g_auto (GStrv) settings = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();

  if (self->config->out == NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  program = tpda_training_process_find_program (error);
  if (program == NULL)
    return FALSE;
  settings = tpda_train_settings_to_argv (self->config);
  g_ptr_array_add (arguments, "train");
  for (char **word = settings; *word != NULL; word++)
    g_ptr_array_add (arguments, *word);
  g_ptr_array_add (arguments, NULL);
  self->process = tpda_training_process_start (self->folder, program,
                                               (const char *const *)arguments->pdata, error);
  if (self->process == NULL)
    return FALSE;
  g_subprocess_wait_async (self->process, NULL, on_ended, g_object_ref (self));
  tpda_training_folder_write_error (self->folder, NULL);
  g_clear_error (&self->error);
  set_state (self, TPDA_TRAINING_RUNNING);
  schedule_poll (self, FALSE);
  return TRUE;
}

void
tpda_training_pause (TpdaTraining *self)
{
  if (self->state != TPDA_TRAINING_RUNNING)
    return;
  tpda_training_process_interrupt (self->folder);
  set_state (self, TPDA_TRAINING_PAUSING);
}

/* ── making one ── */

TpdaTraining *
tpda_training_open (const char *folder)
{
  TpdaTraining *self = g_object_new (TPDA_TYPE_TRAINING, NULL);
  g_autofree char *log = g_build_filename (folder, "log.jsonl", NULL);

  self->folder = g_strdup (folder);
  self->name = g_path_get_basename (folder);
  self->log = tpda_training_log_new (log);
  self->config = tpd_train_config_new (TPD_TRAIN_DENOISER);
  if (tpda_training_folder_read_config (folder, self->config, &self->error))
    tpda_training_poll (self);
  else
    self->state = TPDA_TRAINING_FAILED;
  return self;
}

TpdaTraining *
tpda_training_new (const char *folder, const char *result, JsonObject *base, gboolean from_new,
                   TpdTrainConfig *config, GError **error)
{
  if (!tpda_training_folder_create (folder, result, base, from_new, config, error))
    return NULL;
  return tpda_training_open (folder);
}

static void
tpda_training_finalize (GObject *object)
{
  TpdaTraining *self = TPDA_TRAINING (object);

  g_clear_handle_id (&self->poll, g_source_remove);
  g_clear_object (&self->process);
  g_clear_error (&self->error);
  g_clear_pointer (&self->log, tpda_training_log_free);
  g_clear_pointer (&self->config, tpd_train_config_free);
  g_strfreev (self->samples);
  g_free (self->folder);
  g_free (self->name);
  G_OBJECT_CLASS (tpda_training_parent_class)->finalize (object);
}

static void
tpda_training_class_init (TpdaTrainingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpda_training_finalize;
  changed_signal = g_signal_new ("changed", TPDA_TYPE_TRAINING, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
tpda_training_init (TpdaTraining *self)
{
  self->samples = g_new0 (char *, 1);
}
