/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-train-settings.h"
#include "tpda-training-log.h"

G_BEGIN_DECLS

typedef enum
{
  TPDA_TRAINING_PAUSED, /* or not begun: it can be started */
  TPDA_TRAINING_RUNNING,
  TPDA_TRAINING_PAUSING, /* saving before it ends */
  TPDA_TRAINING_DONE,
  TPDA_TRAINING_FAILED, /* can be started again, too */
} TpdaTrainingState;

/* A training: a folder with its settings (`run.json`), and what `tpdiff train` writes there. All
 * that is known of it is read from the folder, so that it is found again after a restart, running
 * or not.
 *
 * Emits `changed`. */
#define TPDA_TYPE_TRAINING (tpda_training_get_type ())
G_DECLARE_FINAL_TYPE (TpdaTraining, tpda_training, TPDA, TRAINING, GObject)

/* Makes the folder of a new training. config says the rest of what is to be done; its folders, clip
 * sizes and where the network comes from are filled in from base, the report of a model
 * (tpd_model_report()): that model's denoiser is trained on, or a new one of its shape if from_new.
 * The result will be a model in the folder result. G_IO_ERROR. */
TpdaTraining *tpda_training_new (const char *folder, const char *result, JsonObject *base,
                                 gboolean from_new, TpdTrainConfig *config, GError **error);

/* A training that there is. If its settings cannot be read, its state says so. */
TpdaTraining *tpda_training_open (const char *folder);

/* The folder's name. */
const char *tpda_training_get_name (TpdaTraining *self);
const char *tpda_training_get_folder (TpdaTraining *self);
const TpdTrainConfig *tpda_training_get_config (TpdaTraining *self);
TpdaTrainingState tpda_training_get_state (TpdaTraining *self);

/* Why it failed; NULL if it did not. Borrowed. */
const GError *tpda_training_get_error (TpdaTraining *self);

/* What the process said last. */
char *tpda_training_get_details (TpdaTraining *self);

/* Starts it, or goes on from the last checkpoint. */
gboolean tpda_training_start (TpdaTraining *self, GError **error);

/* Lets it save and end. */
void tpda_training_pause (TpdaTraining *self);

/* Looks at the folder now, instead of when it is time. */
void tpda_training_poll (TpdaTraining *self);

const TpdaTrainingLog *tpda_training_get_log (TpdaTraining *self);

/* Part of the budget that is used, 0 to 1. */
double tpda_training_get_fraction (TpdaTraining *self);

/* Seconds, by the time it took so far; negative if that is not known. */
double tpda_training_get_left (TpdaTraining *self);

/* Paths of the pictures of samples, by age. Borrowed. */
const char *const *tpda_training_get_samples (TpdaTraining *self);

/* Where the model is, once it is done. Borrowed. */
const char *tpda_training_get_result (TpdaTraining *self);

/* "Running, 34 %, about 2 min left": for people. */
char *tpda_training_describe (TpdaTraining *self);

G_END_DECLS
