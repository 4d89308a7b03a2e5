/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "../core/tpd-error.h"

G_BEGIN_DECLS

/**
 * TpdTrainProgress:
 * @step: updates done
 * @stage: the stage k of this update; 0 where there are none
 * @loss: of this update
 * @smooth_loss: exponential average of the losses of this stage
 * @learning_rate: of this update
 * @grad_norm: norm of its gradient before clipping
 * @seconds: that it took
 * @clips: clips (autoencoder: frames) seen so far
 * @flops: operations done so far, see tpd_context_count_flops()
 * @total_seconds: of training so far
 * @used: part of the budget that is used, 0 … 1
 *
 * What one update of a training did.
 */
typedef struct
{
  gint64 step;
  guint stage;
  double loss;
  double smooth_loss;
  double learning_rate;
  double grad_norm;
  double seconds;
  gint64 clips;
  double flops;
  double total_seconds;
  double used;
} TpdTrainProgress;

#define TPD_TYPE_TRAIN_PROGRESS (tpd_train_progress_get_type ())
TPD_API GType tpd_train_progress_get_type (void);

/** tpd_train_progress_copy: Returns: (transfer full): a copy */
TPD_API TpdTrainProgress *tpd_train_progress_copy (const TpdTrainProgress *self);
TPD_API void tpd_train_progress_free (TpdTrainProgress *self);

/* The log of a training: one line of JSON an update, all members of TpdTrainProgress but the
 * smoothed and the derived ones. */
typedef struct _TpdTrainLog TpdTrainLog;

/* Opens a log for going on after update `step`: lines of later updates, which a training that was
 * killed wrote after its last checkpoint, are dropped. Sets a GFileError. */
TpdTrainLog *tpd_train_log_open (const char *path, gint64 step, GError **error);
void tpd_train_log_close (TpdTrainLog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdTrainLog, tpd_train_log_close)

/* Adds a line and passes it to the system. */
gboolean tpd_train_log_write (TpdTrainLog *self, const TpdTrainProgress *progress, GError **error);

G_END_DECLS
