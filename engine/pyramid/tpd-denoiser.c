/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-denoiser.h"

G_DEFINE_INTERFACE (TpdDenoiser, tpd_denoiser, G_TYPE_OBJECT)

static void
tpd_denoiser_default_init (TpdDenoiserInterface *iface)
{
}

TpdTensor *
tpd_denoiser_predict (TpdDenoiser *self, TpdContext *ctx, TpdTensor *x, const double *timesteps,
                      guint frame_stride, const TpdConditioning *conditioning)
{
  return TPD_DENOISER_GET_IFACE (self)->predict (self, ctx, x, timesteps, frame_stride,
                                                 conditioning);
}
