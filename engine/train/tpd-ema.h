/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-optimizer.h"

G_BEGIN_DECLS

#define TPD_TYPE_EMA (tpd_ema_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdEma, tpd_ema, TPD, EMA, GObject)

/**
 * TpdEma:
 *
 * A slowly moving average of the parameters under training, which samples better than the last
 * iterate:
 *
 *     shadow ← d · shadow + (1 − d) · p,   d = min (decay, (1 + n) / (10 + n)) after n updates
 *
 * The second term (as in TensorFlow and diffusers) lets the average forget the initial values.
 */

/**
 * tpd_ema_new: (skip)
 * @optimizer: whose parameters to follow
 * @decay: in [0, 1)
 *
 * Returns: (transfer full) (nullable): a shadow that equals the parameters; %NULL with an error
 */
TPD_API TpdEma *tpd_ema_new (TpdContext *ctx, TpdOptimizer *optimizer, double decay,
                             GError **error);

/** tpd_ema_update: (skip)
 * @n: updates done, 1 after the first */
TPD_API void tpd_ema_update (TpdEma *self, TpdContext *ctx, gint64 n);

/** tpd_ema_swap: (skip)
 * Exchanges parameters and shadow: call it before sampling or saving a model, and once more after.
 */
TPD_API void tpd_ema_swap (TpdEma *self, TpdContext *ctx);

/** tpd_ema_get_shadow: (skip) (transfer none): the average of parameter i, shaped like it */
TpdTensor *tpd_ema_get_shadow (TpdEma *self, guint i);

G_END_DECLS
