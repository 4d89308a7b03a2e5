/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-jump.h"

#include <math.h>

#include "../ops/tpd-op.h"
#include "tpd-temporal.h"

#define FRAMES 1 /* the dimension */

/* (z, −z) for each frame; a first frame without a twin stays z. */
static TpdTensor *
alternate (TpdContext *ctx, TpdTensor *z, gboolean causal_first_frame)
{
  gint64 lone = causal_first_frame ? 1 : 0;
  gint64 n = z->view.shape[FRAMES];
  TpdTensor *held = tpd_temporal_up (ctx, z, causal_first_frame), *second;

  if (tpd_context_failed (ctx) || n == lone)
    return held;
  second = tpd_slice (ctx, held, FRAMES, lone + 1, held->view.shape[FRAMES], 2);
  tpd_axpby_inplace (ctx, -1, tpd_slice (ctx, z, FRAMES, lone, n, 1), 0, second);
  return held;
}

TpdTensor *
tpd_jump (TpdContext *ctx, const TpdSchedule *schedule, guint k, TpdTensor *x,
          TpdNoiseSource *noise)
{
  const TpdPyramidConfig *config = tpd_schedule_get_config (schedule);
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
  gboolean causal = config->causal_first_frame;
  double r = config->correlation;
  TpdTensor *y, *z;

  g_assert (k >= 2);

  y = tpd_scale (ctx, tpd_temporal_up (ctx, x, causal), stage->jump_scale);
  z = tpd_noise_source_draw (noise, ctx, x->view.dtype, x->view.n_dims, x->view.shape,
                             TPD_NOISE_JUMP, k);
  y = tpd_lincomb (ctx, 1, y, stage->jump_noise * sqrt ((1 - r) / 2), alternate (ctx, z, causal));
  if (r == -1)
    return y;
  z = tpd_noise_source_draw (noise, ctx, x->view.dtype, x->view.n_dims, x->view.shape,
                             TPD_NOISE_JUMP_COMMON, k);
  return tpd_lincomb (ctx, 1, y, stage->jump_noise * sqrt ((1 + r) / 2),
                      tpd_temporal_up (ctx, z, causal));
}
