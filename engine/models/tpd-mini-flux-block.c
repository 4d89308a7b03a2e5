/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-block.h"

TpdLinear
tpd_mini_flux_linear (TpdParamStore *store, const char *prefix, const char *name, gint64 in,
                      gint64 out, TpdInit init)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_linear_declare (store, full, in, out, TRUE, init);
}

TpdNorm
tpd_mini_flux_norm (TpdParamStore *store, const char *prefix, const char *name, gint64 channels)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_rms_norm_declare (store, full, channels, TPD_MINI_FLUX_EPS);
}

TpdTensor *
tpd_mini_flux_part (TpdContext *ctx, TpdTensor *modulation, int i, int n)
{
  gint64 size = modulation->view.shape[1] / n;

  return tpd_slice (ctx, modulation, 1, i * size, (i + 1) * size, 1);
}

TpdTensor *
tpd_mini_flux_split_heads (TpdContext *ctx, TpdTensor *x, gint64 heads)
{
  return tpd_reshape (ctx, x, TPD_SHAPE (x->view.shape[0], x->view.shape[1], heads, -1));
}
