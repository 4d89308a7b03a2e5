/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

/* The random choices of training step `step` of run `seed` (Algorithm 2). Each depends on (seed,
 * step) alone, so a run that resumes at any step goes on exactly as if it had never stopped. */

/**
 * tpd_draw_stage: (skip)
 * @weights: (nullable): K numbers ≥ 0 for stages 1 … K, not all 0; %NULL for equal ones
 *
 * Returns: the stage k to train at this step, with probability weights[k−1] / Σ weights
 */
TPD_API guint tpd_draw_stage (const TpdSchedule *schedule, const double *weights, guint64 seed,
                              guint64 step);

/**
 * tpd_draw_times: (skip)
 * @spacing: p > 0; 1 draws evenly, more draws more of the noisy times
 * @t: (out): room for @n times
 *
 * n times s_k − (s_k − e_k) u^p with u uniform in [0, 1): as the sampler's steps are spaced
 * (tpd_steps_time()), so are these.
 */
TPD_API void tpd_draw_times (const TpdSchedule *schedule, guint k, double spacing, guint64 seed,
                             guint64 step, guint n, double *t);

/** tpd_draw_noise: (skip)
 * Returns: (transfer none): ε ~ N(0, I) of that shape, in the current scope */
TPD_API TpdTensor *tpd_draw_noise (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape,
                                   guint64 seed, guint64 step);

G_END_DECLS
