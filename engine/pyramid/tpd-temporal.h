/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "tpd-schedule.h"

G_BEGIN_DECLS

/* Frame rates (method.md sections 3 and 8). Clips are [B, F, …]. With a causal first frame, frame 0
 * has no twin: it stays alone at every rate, and the pairs are (1, 2), (3, 4), …; without one they
 * are (0, 1), (2, 3), …  Results are new tensors or views of x in the current scope; gradients
 * flow. */

/**
 * tpd_temporal_down: (skip)
 * @x: [B, F, …], F valid for @frame_stride
 * @frame_stride: 1, 2, 4, …
 *
 * D_k: stride keeps frames 0, 2, 4, … of each halving, mean averages the pairs.
 *
 * Returns: (transfer none): the clip at 1/frame_stride of its frame rate
 */
TPD_API TpdTensor *tpd_temporal_down (TpdContext *ctx, TpdTensor *x, guint frame_stride,
                                      TpdDownsampling downsampling, gboolean causal_first_frame);

/**
 * tpd_temporal_up: (skip)
 * @x: [B, F, …]
 *
 * U: each frame is held for both of its pair.
 *
 * Returns: (transfer none): the clip at twice its frame rate: 2F frames, or 2F − 1 with a causal
 *   first frame
 */
TPD_API TpdTensor *tpd_temporal_up (TpdContext *ctx, TpdTensor *x, gboolean causal_first_frame);

G_END_DECLS
