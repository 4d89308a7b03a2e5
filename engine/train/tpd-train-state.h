/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../pyramid/tpd-pyramid-config.h"
#include "tpd-ema.h"
#include "tpd-train-config.h"

G_BEGIN_DECLS

/* What a training has counted; with the parameters, moments and averages it is all there is to go
 * on from. */
typedef struct
{
  gint64 step;
  gint64 clips;
  double flops;
  double seconds;
  double smooth_loss[TPD_MAX_STAGES + 1]; /* by stage; 0 for one not met yet */
} TpdTrainCounters;

/* The checkpoint of an output directory. (transfer full) */
char *tpd_train_state_path (const char *out);

/* Writes all of a training's state, atomically and f32 as it is in memory: parameters "param.N",
 * moments "first.N" and "second.N", averages "ema.N", and counters and settings as metadata. */
gboolean tpd_train_state_save (const char *path, TpdContext *ctx, const TpdTrainConfig *config,
                               const TpdTrainCounters *counters, TpdOptimizer *optimizer,
                               TpdEma *ema, GError **error);

/* Reads it back. TPD_ERROR_INVALID_ARGUMENT if it was made with other settings, TPD_ERROR_MISMATCH
 * or TPD_ERROR_NOT_FOUND if it is of another model. */
gboolean tpd_train_state_load (const char *path, TpdContext *ctx, const TpdTrainConfig *config,
                               TpdTrainCounters *counters, TpdOptimizer *optimizer, TpdEma *ema,
                               GError **error);

G_END_DECLS
