/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-temporal.h"

#include "../ops/tpd-op.h"

#define FRAMES 1 /* the dimension */

static TpdTensor *
frames (TpdContext *ctx, TpdTensor *x, gint64 first, gint64 step)
{
  return tpd_slice (ctx, x, FRAMES, first, x->view.shape[FRAMES], step);
}

/* ½ (first of each pair + second of each pair) */
static TpdTensor *
halve_by_mean (TpdContext *ctx, TpdTensor *x, gboolean causal_first_frame)
{
  gint64 lone = causal_first_frame ? 1 : 0;
  TpdTensor *mean;

  if (x->view.shape[FRAMES] == lone)
    return x;
  mean = tpd_lincomb (ctx, 0.5, frames (ctx, x, lone, 2), 0.5, frames (ctx, x, lone + 1, 2));
  if (!causal_first_frame)
    return mean;
  return tpd_concat (ctx, (TpdTensor *[]){tpd_slice (ctx, x, FRAMES, 0, 1, 1), mean}, 2, FRAMES);
}

TpdTensor *
tpd_temporal_down (TpdContext *ctx, TpdTensor *x, guint frame_stride, TpdDownsampling downsampling,
                   gboolean causal_first_frame)
{
  if (tpd_context_failed (ctx))
    return x;
  g_assert ((x->view.shape[FRAMES] - (causal_first_frame ? 1 : 0)) % frame_stride == 0);

  if (frame_stride == 1)
    return x;
  if (downsampling == TPD_DOWNSAMPLING_STRIDE)
    return frames (ctx, x, 0, frame_stride);
  for (guint rate = 1; rate < frame_stride; rate *= 2)
    x = halve_by_mean (ctx, x, causal_first_frame);
  return x;
}

TpdTensor *
tpd_temporal_up (TpdContext *ctx, TpdTensor *x, gboolean causal_first_frame)
{
  gint64 lone = causal_first_frame ? 1 : 0;
  gint64 n = x->view.shape[FRAMES] - lone, shape[TPD_MAX_DIMS];
  TpdTensor *held;

  if (n == 0 || tpd_context_failed (ctx))
    return x;
  /* [B, n, E] seen as [B, n, 1, E], repeated to [B, n, 2, E], packed to [B, 2n, …] */
  held = tpd_contiguous (ctx, frames (ctx, x, lone, 1));
  held = tpd_reshape (ctx, held, TPD_SHAPE (x->view.shape[0], n, 1, -1));
  held = tpd_expand (ctx, held, TPD_SHAPE (x->view.shape[0], n, 2, held->view.shape[3]));
  for (int i = 0; i < x->view.n_dims; i++)
    shape[i] = x->view.shape[i];
  shape[FRAMES] = 2 * n;
  held = tpd_reshape (ctx, tpd_contiguous (ctx, held), x->view.n_dims, shape);
  if (!causal_first_frame)
    return held;
  return tpd_concat (ctx, (TpdTensor *[]){tpd_slice (ctx, x, FRAMES, 0, 1, 1), held}, 2, FRAMES);
}
