/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-guidance.h"

#include "../ops/tpd-op.h"

static TpdTensor *
join (TpdContext *ctx, const char *what, TpdTensor *uncond, TpdTensor *cond)
{
  g_autofree char *uncond_shape = NULL, *cond_shape = NULL;

  if (uncond == NULL && cond == NULL)
    return NULL;
  if (uncond != NULL && cond != NULL && tpd_tensor_same_shape (uncond, cond))
    return tpd_concat (ctx, (TpdTensor *[]){uncond, cond}, 2, 0);
  uncond_shape = uncond != NULL ? tpd_tensor_shape_string (uncond) : g_strdup ("missing");
  cond_shape = cond != NULL ? tpd_tensor_shape_string (cond) : g_strdup ("missing");
  tpd_context_fail (ctx, TPD_ERROR_MISMATCH,
                    "Guidance: the %s of prompt and negative prompt should have one shape, but are "
                    "%s and %s",
                    what, cond_shape, uncond_shape);
  return NULL;
}

void
tpd_guidance_init (TpdGuidance *self, TpdContext *ctx, double scale,
                   const TpdConditioning *conditional, const TpdConditioning *unconditional)
{
  const TpdConditioning *one = conditional;

  if (conditional == NULL || (scale == 0 && unconditional != NULL))
    one = unconditional;
  *self = (TpdGuidance){.scale = scale, .conditioned = one != NULL};
  self->both = conditional != NULL && unconditional != NULL && scale != 1 && scale != 0;
  if (self->both)
    self->conditioning = (TpdConditioning){
        .text = join (ctx, "text", unconditional->text, conditional->text),
        .mask = join (ctx, "mask", unconditional->mask, conditional->mask),
        .pooled = join (ctx, "pooled text", unconditional->pooled, conditional->pooled),
    };
  else if (one != NULL)
    self->conditioning = *one;
}

TpdTensor *
tpd_guidance_predict (const TpdGuidance *self, TpdContext *ctx, TpdDenoiser *denoiser, TpdTensor *x,
                      double timestep, guint frame_stride)
{
  gint64 n = x->view.shape[0], n_calls = self->both ? 2 * n : n;
  g_autofree double *timesteps = g_new (double, n_calls);
  TpdTensor *output, *batch = x;

  if (tpd_context_failed (ctx))
    return x; /* the conditioning may be incomplete */
  for (gint64 i = 0; i < n_calls; i++)
    timesteps[i] = timestep;
  if (self->both)
    batch = tpd_concat (ctx, (TpdTensor *[]){x, x}, 2, 0);
  output = tpd_denoiser_predict (denoiser, ctx, batch, timesteps, frame_stride,
                                 self->conditioned ? &self->conditioning : NULL);
  output = tpd_cast (ctx, output, x->view.dtype);
  if (!self->both || tpd_context_failed (ctx))
    return output;
  return tpd_lincomb (ctx, 1 - self->scale, tpd_slice (ctx, output, 0, 0, n, 1), self->scale,
                      tpd_slice (ctx, output, 0, n, 2 * n, 1));
}
