/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-noise-source.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

/**
 * tpd_jump: (skip)
 * @k: the stage that ends, from K to 2
 * @x: x̂_{e_k} [B, F, …]
 *
 * From the end of stage k to the start of stage k − 1, at twice the frame rate (14):
 *
 *     x̂_{s_{k−1}} = jump_scale · U x̂_{e_k} + jump_noise · n'
 *
 * n' has unit variance and correlation r within each pair of frames, none elsewhere:
 * n' = √((1 − r)/2) (z, −z) + √((1 + r)/2) (z', z'). Then the noise of the result is white again:
 * the copies that U made share jump_scale² σ_e² = −r jump_noise² of their noise, and r takes that
 * away. A frame without a twin gets unit noise of its own.
 *
 * Returns: (transfer none): x̂_{s_{k−1}}, in the current scope
 */
TPD_API TpdTensor *tpd_jump (TpdContext *ctx, const TpdSchedule *schedule, guint k, TpdTensor *x,
                             TpdNoiseSource *noise);

G_END_DECLS
