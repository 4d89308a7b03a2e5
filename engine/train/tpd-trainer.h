/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-ema.h"
#include "tpd-train-config.h"
#include "tpd-train-log.h"

G_BEGIN_DECLS

#define TPD_TYPE_TRAINER (tpd_trainer_get_type ())
TPD_API
G_DECLARE_DERIVABLE_TYPE (TpdTrainer, tpd_trainer, TPD, TRAINER, GObject)

/**
 * TpdTrainer:
 *
 * The loop of every training:
 *
 *     until the budget is used:
 *         for each pass: loss → backward
 *         clip → AdamW → EMA
 *         log, now and then a sample sheet, now and then a checkpoint
 *     write the model
 *
 * Everything random is a function of the seed and the step, so that a training which goes on from
 * a checkpoint gives, on the CPU, the same losses bit for bit as one that was never interrupted
 * (unless its budget is one of minutes: then the learning rate follows the clock).
 *
 * What is trained, and on what, is a subclass's matter: [class@Tpd.DenoiserTrainer],
 * [class@Tpd.VaeTrainer].
 *
 * Files in the output directory: `checkpoint.safetensors`, `log.jsonl`, `samples/STEP.png`, and at
 * the end a model directory.
 */

/**
 * TpdTrainerClass:
 * @compute_loss: (transfer none): the loss of pass @pass of update @step (from 1) under a running
 *   tape, in the current scope, and the stage it belongs to; %NULL with an error. Must depend on
 *   the parameters, the seed, @step and @pass alone.
 * @write_samples: writes a picture of what the parameters can do by now
 * @write_model: writes the trained component into the output directory
 *
 * What a training has of its own. The last two run with averaged parameters.
 */
struct _TpdTrainerClass
{
  GObjectClass parent_class;

  TpdTensor *(*compute_loss) (TpdTrainer *self, gint64 step, guint pass, guint *stage,
                              GError **error);
  gboolean (*write_samples) (TpdTrainer *self, const char *path, GError **error);
  gboolean (*write_model) (TpdTrainer *self, GError **error);

  gpointer padding[8];
};

/**
 * tpd_trainer_setup: (skip)
 * @config: (transfer full): the settings
 * @ctx: where to compute
 * @groups: (array length=n_groups): the parameters to train, initialised
 *
 * For subclasses, once, before anything else.
 */
gboolean tpd_trainer_setup (TpdTrainer *self, TpdTrainConfig *config, TpdContext *ctx,
                            const TpdOptimizerGroup *groups, guint n_groups, GError **error);

/** tpd_trainer_get_config: (skip) Returns: (transfer none): the settings */
TPD_API const TpdTrainConfig *tpd_trainer_get_config (TpdTrainer *self);
/** tpd_trainer_get_context: Returns: (transfer none): where it computes */
TPD_API TpdContext *tpd_trainer_get_context (TpdTrainer *self);
/** tpd_trainer_get_step: Returns: updates done */
TPD_API gint64 tpd_trainer_get_step (TpdTrainer *self);
/** tpd_trainer_get_progress: Returns: (transfer none): what the last update did */
TPD_API const TpdTrainProgress *tpd_trainer_get_progress (TpdTrainer *self);

/**
 * tpd_trainer_run:
 * @cancellable: (nullable): ends the training after the update under way, with a checkpoint
 * @error: return location
 *
 * Goes on from the checkpoint in the output directory if there is one, trains until the budget is
 * used and writes the model. Emits [signal@Tpd.Trainer::progress] after every update.
 *
 * Sets %G_IO_ERROR_CANCELLED when cancelled (everything is saved then),
 * %TPD_ERROR_INVALID_ARGUMENT when the checkpoint was made with other settings, %TPD_ERROR_FAILED
 * when the training diverges, and the errors of files and of the device.
 *
 * Returns: whether the training is complete
 */
TPD_API gboolean tpd_trainer_run (TpdTrainer *self, GCancellable *cancellable, GError **error);

G_END_DECLS
