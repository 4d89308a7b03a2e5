/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-communicator.h"
#include "../nn/tpd-param.h"

G_BEGIN_DECLS

#define TPD_TYPE_OPTIMIZER (tpd_optimizer_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdOptimizer, tpd_optimizer, TPD, OPTIMIZER, GObject)

/**
 * TpdOptimizer:
 *
 * AdamW with decoupled weight decay and clipping by the global norm, over all parameters of one or
 * more components:
 *
 *     n = ‖g‖ over all parameters,   g ← g · min (1, clip / n)       Pascanu et al. 2013
 *     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *     p ← p − lr · (m̂ / (sqrt (v̂) + eps) + decay · p)               Loshchilov & Hutter 2019
 *
 * Gradients are those that tpd_tape_backward() has summed since the last step. To accumulate N
 * batches, run N backward passes with scale 1/N before one step.
 */
typedef struct
{
  double beta1;
  double beta2;
  double eps;
  double weight_decay; /* of matrices and kernels; vectors are never decayed */
  double clip;         /* largest norm of the gradient; 0 for no limit */
} TpdOptimizerSettings;

/* Parameters that are trained alike. */
typedef struct
{
  TpdParamStore *params; /* borrowed */
  double rate;           /* of the learning rate of each step */
} TpdOptimizerGroup;

/**
 * tpd_optimizer_new: (skip)
 * @groups: (array length=n_groups): the parameters to train, in a fixed order
 *
 * Makes zero moments on @ctx's device and marks the parameters trainable.
 *
 * Returns: (transfer full) (nullable): an optimizer; %NULL with %TPD_ERROR_NO_MEMORY
 */
TPD_API TpdOptimizer *tpd_optimizer_new (TpdContext *ctx, TpdCommunicator *communicator,
                                         const TpdOptimizerGroup *groups, guint n_groups,
                                         const TpdOptimizerSettings *settings, GError **error);

/**
 * tpd_optimizer_step: (skip)
 * @learning_rate: of this step
 * @grad_norm: (out): the norm of the gradient before clipping
 *
 * Sums gradients over the ranks, clips, updates every parameter in place and forgets the gradients.
 * A gradient that is not finite changes nothing and sets %TPD_ERROR_FAILED.
 */
TPD_API gboolean tpd_optimizer_step (TpdOptimizer *self, TpdContext *ctx, double learning_rate,
                                     double *grad_norm, GError **error);

/** tpd_optimizer_get_n: (skip) Returns: number of parameters */
guint tpd_optimizer_get_n (TpdOptimizer *self);
/** tpd_optimizer_get_param: (skip) (transfer none): parameter i */
TpdTensor *tpd_optimizer_get_param (TpdOptimizer *self, guint i);
/** tpd_optimizer_get_first_moment: (skip) (transfer none): m of parameter i, f32 */
TpdTensor *tpd_optimizer_get_first_moment (TpdOptimizer *self, guint i);
/** tpd_optimizer_get_second_moment: (skip) (transfer none): v of parameter i, f32 */
TpdTensor *tpd_optimizer_get_second_moment (TpdOptimizer *self, guint i);

/** tpd_optimizer_get_step: (skip) Returns: updates done so far; part of the state to save */
TPD_API gint64 tpd_optimizer_get_step (TpdOptimizer *self);
/** tpd_optimizer_set_step: (skip) goes on from there, once moments have been loaded */
TPD_API void tpd_optimizer_set_step (TpdOptimizer *self, gint64 step);

G_END_DECLS
