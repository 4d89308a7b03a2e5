/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/**
 * tpd_pyramid_loss: (skip)
 * @output: what the network said [B, F, …]
 * @target: what it should have said, shaped like @output
 * @first_frame_given: whether frame 0 was given clean and counts for nothing
 *
 * mean ‖output − target‖² (Algorithm 2), on the tape.
 *
 * Returns: (transfer none): the loss, [1], f32 (f64 for f64)
 */
TPD_API TpdTensor *tpd_pyramid_loss (TpdContext *ctx, TpdTensor *output, TpdTensor *target,
                                     gboolean first_frame_given);

/**
 * tpd_give_first_frame: (skip)
 * @x: a noisy clip [B, F, …]
 * @clip: the clean one, shaped like @x
 *
 * The image-conditioned variant: the network sees the first latent frame clean.
 *
 * Returns: (transfer none): @x with frame 0 of @clip
 */
TPD_API TpdTensor *tpd_give_first_frame (TpdContext *ctx, TpdTensor *x, TpdTensor *clip);

G_END_DECLS
