/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-trainer.h"

#include <glib/gstdio.h>

#include "../core/tpd-flop-count.h"
#include "../core/tpd-tape.h"
#include "tpd-train-state.h"

/* Share of the newest loss in the smoothed one. */
#define SMOOTHING 0.02

typedef struct
{
  /* owned */
  TpdTrainConfig *config;
  TpdContext *ctx;
  TpdOptimizer *optimizer;
  TpdEma *ema; /* nullable */
  TpdTrainLog *log;

  /* state */
  TpdTrainCounters counters;
  TpdTrainProgress progress;
  double flops_before; /* of the context when this run began */
  gint64 run_started;  /* monotonic µs */
  double seconds_before;
  gint64 last_checkpoint; /* monotonic µs */
} TpdTrainerPrivate;

enum
{
  SIGNAL_PROGRESS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TpdTrainer, tpd_trainer, G_TYPE_OBJECT)

#define PRIVATE(self) ((TpdTrainerPrivate *)tpd_trainer_get_instance_private (self))

gboolean
tpd_trainer_setup (TpdTrainer *self, TpdTrainConfig *config, TpdContext *ctx,
                   const TpdOptimizerGroup *groups, guint n_groups, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  g_autoptr (TpdCommunicator) communicator = tpd_communicator_new_single ();
  const TpdOptimizerSettings settings = {
      .beta1 = 0.9,
      .beta2 = config->beta2,
      .eps = 1e-8,
      .weight_decay = config->weight_decay,
      .clip = config->clip,
  };

  priv->config = config;
  priv->ctx = g_object_ref (ctx);
  tpd_context_count_flops (ctx, TRUE);
  priv->optimizer = tpd_optimizer_new (ctx, communicator, groups, n_groups, &settings, error);
  if (priv->optimizer == NULL)
    return FALSE;
  if (config->ema > 0)
    {
      priv->ema = tpd_ema_new (ctx, priv->optimizer, config->ema, error);
      if (priv->ema == NULL)
        return FALSE;
    }
  return TRUE;
}

const TpdTrainConfig *
tpd_trainer_get_config (TpdTrainer *self)
{
  return PRIVATE (self)->config;
}

TpdContext *
tpd_trainer_get_context (TpdTrainer *self)
{
  return PRIVATE (self)->ctx;
}

gint64
tpd_trainer_get_step (TpdTrainer *self)
{
  return PRIVATE (self)->counters.step;
}

const TpdTrainProgress *
tpd_trainer_get_progress (TpdTrainer *self)
{
  return &PRIVATE (self)->progress;
}

/* ── the budget ── */

static double
seconds_since (gint64 start)
{
  return (g_get_monotonic_time () - start) * 1e-6;
}

/* The largest used part of the limits that are set; 0 without any. */
static double
used_budget (TpdTrainerPrivate *priv)
{
  const TpdTrainConfig *config = priv->config;
  const TpdTrainCounters *counters = &priv->counters;
  double used = 0;

  if (config->steps > 0)
    used = MAX (used, (double)counters->step / config->steps);
  if (config->minutes > 0)
    used = MAX (used, counters->seconds / (60 * config->minutes));
  if (config->teraflop > 0)
    used = MAX (used, counters->flops / (1e12 * config->teraflop));
  return used;
}

/* ── one update ── */

/* Loss and gradients of one pass; the gradients add up. */
static gboolean
run_pass (TpdTrainer *self, gint64 step, guint pass, guint *stage, double *loss, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  TpdTensor *tensor;
  float value;
  gboolean done;

  tpd_context_push_scope (priv->ctx);
  tpd_tape_begin (priv->ctx);
  tensor = TPD_TRAINER_GET_CLASS (self)->compute_loss (self, step, pass, stage, error);
  if (tensor == NULL)
    {
      tpd_tape_discard (priv->ctx);
      tpd_context_pop_scope (priv->ctx, NULL);
      return FALSE;
    }
  tpd_tape_backward (priv->ctx, tensor, 1.0 / priv->config->accumulate);
  done = tpd_tensor_to_host (priv->ctx, tensor, &value, error);
  tpd_context_pop_scope (priv->ctx, NULL);
  if (done)
    *loss += value / priv->config->accumulate;
  return done;
}

static void
count_step (TpdTrainerPrivate *priv, guint stage, double loss, double seconds)
{
  TpdTrainCounters *counters = &priv->counters;
  double *smooth = &counters->smooth_loss[stage];

  counters->step++;
  counters->clips += priv->config->batch * priv->config->accumulate;
  counters->seconds = priv->seconds_before + seconds_since (priv->run_started);
  counters->flops += tpd_context_get_flops (priv->ctx) - priv->flops_before;
  priv->flops_before = tpd_context_get_flops (priv->ctx);
  *smooth = *smooth == 0 ? loss : *smooth + SMOOTHING * (loss - *smooth);

  priv->progress.step = counters->step;
  priv->progress.stage = stage;
  priv->progress.loss = loss;
  priv->progress.smooth_loss = *smooth;
  priv->progress.seconds = seconds;
  priv->progress.clips = counters->clips;
  priv->progress.flops = counters->flops;
  priv->progress.total_seconds = counters->seconds;
  priv->progress.used = used_budget (priv);
}

static gboolean
run_step (TpdTrainer *self, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  const gint64 step = priv->counters.step + 1;
  const gint64 start = g_get_monotonic_time ();
  const double rate = tpd_train_config_learning_rate (priv->config, step, used_budget (priv));
  double loss = 0;
  guint stage = 0;

  for (guint pass = 0; pass < priv->config->accumulate; pass++)
    if (!run_pass (self, step, pass, &stage, &loss, error))
      return FALSE;
  if (!tpd_optimizer_step (priv->optimizer, priv->ctx, rate, &priv->progress.grad_norm, error))
    return FALSE;
  if (priv->ema != NULL)
    tpd_ema_update (priv->ema, priv->ctx, step);
  if (!tpd_context_sync (priv->ctx, error))
    return FALSE;
  priv->progress.learning_rate = rate;
  count_step (priv, stage, loss, seconds_since (start));
  if (!tpd_train_log_write (priv->log, &priv->progress, error))
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_PROGRESS], 0, &priv->progress);
  return TRUE;
}

/* ── what happens now and then ── */

/* Runs a method of the class with averaged parameters, outside of the operation count. */
static gboolean
with_average (TpdTrainer *self,
              gboolean (*method) (TpdTrainer *self, gpointer data, GError **error), gpointer data,
              GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  gboolean done;

  if (priv->ema != NULL)
    tpd_ema_swap (priv->ema, priv->ctx);
  tpd_context_count_flops (priv->ctx, FALSE);
  done = method (self, data, error);
  tpd_context_count_flops (priv->ctx, TRUE);
  if (priv->ema != NULL)
    tpd_ema_swap (priv->ema, priv->ctx);
  return tpd_context_sync (priv->ctx, done ? error : NULL) && done;
}

static gboolean
write_samples (TpdTrainer *self, gpointer path, GError **error)
{
  return TPD_TRAINER_GET_CLASS (self)->write_samples (self, path, error);
}

static gboolean
write_model (TpdTrainer *self, gpointer unused, GError **error)
{
  return TPD_TRAINER_GET_CLASS (self)->write_model (self, error);
}

static gboolean
sample_if_due (TpdTrainer *self, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  if (priv->config->sample_every == 0 || priv->counters.step % priv->config->sample_every != 0)
    return TRUE;
  name = g_strdup_printf ("%07" G_GINT64_FORMAT ".png", priv->counters.step);
  path = g_build_filename (priv->config->out, "samples", name, NULL);
  return with_average (self, write_samples, path, error);
}

static gboolean
save (TpdTrainer *self, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  g_autofree char *path = tpd_train_state_path (priv->config->out);

  priv->last_checkpoint = g_get_monotonic_time ();
  return tpd_train_state_save (path, priv->ctx, priv->config, &priv->counters, priv->optimizer,
                               priv->ema, error);
}

static gboolean
save_if_due (TpdTrainer *self, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  const double interval = 60 * priv->config->checkpoint_minutes;

  if (interval == 0 || seconds_since (priv->last_checkpoint) < interval)
    return TRUE;
  return save (self, error);
}

/* ── the loop ── */

static gboolean
make_directories (const char *out, GError **error)
{
  g_autofree char *samples = g_build_filename (out, "samples", NULL);

  if (g_mkdir_with_parents (samples, 0777) == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "Cannot make the directory \"%s\"",
               samples);
  return FALSE;
}

static gboolean
start (TpdTrainer *self, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);
  g_autofree char *checkpoint = tpd_train_state_path (priv->config->out);
  g_autofree char *log = g_build_filename (priv->config->out, "log.jsonl", NULL);

  if (!make_directories (priv->config->out, error))
    return FALSE;
  if (g_file_test (checkpoint, G_FILE_TEST_EXISTS) &&
      !tpd_train_state_load (checkpoint, priv->ctx, priv->config, &priv->counters, priv->optimizer,
                             priv->ema, error))
    return FALSE;
  g_clear_pointer (&priv->log, tpd_train_log_close);
  priv->log = tpd_train_log_open (log, priv->counters.step, error);
  priv->flops_before = tpd_context_get_flops (priv->ctx);
  priv->seconds_before = priv->counters.seconds;
  priv->run_started = priv->last_checkpoint = g_get_monotonic_time ();
  return priv->log != NULL;
}

gboolean
tpd_trainer_run (TpdTrainer *self, GCancellable *cancellable, GError **error)
{
  TpdTrainerPrivate *priv = PRIVATE (self);

  g_return_val_if_fail (TPD_IS_TRAINER (self) && priv->optimizer != NULL, FALSE);

  if (!start (self, error))
    return FALSE;
  while (used_budget (priv) < 1)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return save (self, error) && !g_cancellable_set_error_if_cancelled (cancellable, error);
      if (!run_step (self, error) || !sample_if_due (self, error) || !save_if_due (self, error))
        return FALSE;
    }
  return save (self, error) && with_average (self, write_model, NULL, error);
}

static void
tpd_trainer_finalize (GObject *object)
{
  TpdTrainerPrivate *priv = PRIVATE (TPD_TRAINER (object));

  g_clear_pointer (&priv->log, tpd_train_log_close);
  g_clear_object (&priv->ema);
  g_clear_object (&priv->optimizer);
  g_clear_object (&priv->ctx);
  g_clear_pointer (&priv->config, tpd_train_config_free);
  G_OBJECT_CLASS (tpd_trainer_parent_class)->finalize (object);
}

static void
tpd_trainer_class_init (TpdTrainerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tpd_trainer_finalize;

  /**
   * TpdTrainer::progress:
   * @progress: what the update did
   *
   * An update is done.
   */
  signals[SIGNAL_PROGRESS] =
      g_signal_new ("progress", TPD_TYPE_TRAINER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, TPD_TYPE_TRAIN_PROGRESS | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
tpd_trainer_init (TpdTrainer *self)
{
}
