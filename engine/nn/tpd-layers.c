/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-layers.h"

static TpdTensor *
read_optional (TpdParam *param, TpdContext *ctx)
{
  return param != NULL ? tpd_param_read (param, ctx) : NULL;
}

TpdLinear
tpd_linear_declare (TpdParamStore *store, const char *prefix, gint64 in, gint64 out, gboolean bias,
                    TpdInit init)
{
  return (TpdLinear){
      .weight = tpd_param_store_declare (store, prefix, "weight", init, TPD_SHAPE (out, in)),
      .bias = bias ? tpd_param_store_declare (store, prefix, "bias", TPD_INIT_ZERO, TPD_SHAPE (out))
                   : NULL,
  };
}

TpdTensor *
tpd_linear_apply (const TpdLinear *self, TpdContext *ctx, TpdTensor *x)
{
  return tpd_linear (ctx, x, tpd_param_read (self->weight, ctx), read_optional (self->bias, ctx));
}

TpdConv
tpd_conv_declare (TpdParamStore *store, const char *prefix, gint64 in, gint64 out, int kernel,
                  int stride, int padding, TpdInit init)
{
  return (TpdConv){
      .weight = tpd_param_store_declare (store, prefix, "weight", init,
                                         TPD_SHAPE (out, in, kernel, kernel)),
      .bias = tpd_param_store_declare (store, prefix, "bias", TPD_INIT_ZERO, TPD_SHAPE (out)),
      .geometry = {stride, padding, padding, padding, padding},
  };
}

TpdTensor *
tpd_conv_apply (const TpdConv *self, TpdContext *ctx, TpdTensor *x)
{
  return tpd_conv2d (ctx, x, tpd_param_read (self->weight, ctx), read_optional (self->bias, ctx),
                     self->geometry);
}

static TpdNorm
norm_declare (TpdParamStore *store, const char *prefix, gint64 channels, gboolean bias, int groups,
              double eps)
{
  return (TpdNorm){
      .weight =
          tpd_param_store_declare (store, prefix, "weight", TPD_INIT_ONE, TPD_SHAPE (channels)),
      .bias = bias ? tpd_param_store_declare (store, prefix, "bias", TPD_INIT_ZERO,
                                              TPD_SHAPE (channels))
                   : NULL,
      .eps = eps,
      .groups = groups,
  };
}

TpdNorm
tpd_layer_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels, double eps)
{
  return norm_declare (store, prefix, channels, TRUE, 1, eps);
}

TpdNorm
tpd_rms_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels, double eps)
{
  return norm_declare (store, prefix, channels, FALSE, 1, eps);
}

TpdNorm
tpd_group_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels, int groups,
                        double eps)
{
  return norm_declare (store, prefix, channels, TRUE, groups, eps);
}

TpdTensor *
tpd_layer_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x)
{
  return tpd_layer_norm (ctx, x, tpd_param_read (self->weight, ctx),
                         read_optional (self->bias, ctx), self->eps);
}

TpdTensor *
tpd_rms_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x)
{
  return tpd_rms_norm (ctx, x, tpd_param_read (self->weight, ctx), self->eps);
}

TpdTensor *
tpd_group_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x, gboolean silu)
{
  return tpd_group_norm (ctx, x, tpd_param_read (self->weight, ctx),
                         tpd_param_read (self->bias, ctx), self->groups, self->eps, silu);
}

TpdEmbedding
tpd_embedding_declare (TpdParamStore *store, const char *prefix, gint64 n, gint64 channels,
                       TpdInit init)
{
  return (TpdEmbedding){
      .weight = tpd_param_store_declare (store, prefix, "weight", init, TPD_SHAPE (n, channels)),
  };
}

TpdTensor *
tpd_embedding_apply (const TpdEmbedding *self, TpdContext *ctx, TpdTensor *ids)
{
  return tpd_embedding (ctx, tpd_param_read (self->weight, ctx), ids);
}
