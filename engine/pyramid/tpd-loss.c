/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-loss.h"

#include "../ops/tpd-op.h"

#define FRAMES 1 /* the dimension */

static TpdTensor *
all_but_first (TpdContext *ctx, TpdTensor *x)
{
  return tpd_slice (ctx, x, FRAMES, 1, x->view.shape[FRAMES], 1);
}

TpdTensor *
tpd_pyramid_loss (TpdContext *ctx, TpdTensor *output, TpdTensor *target, gboolean first_frame_given)
{
  output = tpd_cast (ctx, output, target->view.dtype);
  if (first_frame_given)
    {
      output = all_but_first (ctx, output);
      target = all_but_first (ctx, target);
    }
  return tpd_mse (ctx, output, target);
}

TpdTensor *
tpd_give_first_frame (TpdContext *ctx, TpdTensor *x, TpdTensor *clip)
{
  TpdTensor *parts[] = {tpd_slice (ctx, clip, FRAMES, 0, 1, 1), all_but_first (ctx, x)};

  return tpd_concat (ctx, parts, 2, FRAMES);
}
