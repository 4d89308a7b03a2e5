/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../ops/tpd-op.h"
#include "tpd-param.h"

G_BEGIN_DECLS

/* The layers that read parameters. Each declares "prefix.weight" and "prefix.bias" and then applies
 * its op; an absent bias or weight is NULL. Plain values: a model's struct holds them, its store
 * owns the parameters. */

typedef struct
{
  TpdParam *weight; /* [out, in] */
  TpdParam *bias;   /* [out], nullable */
} TpdLinear;

TpdLinear tpd_linear_declare (TpdParamStore *store, const char *prefix, gint64 in, gint64 out,
                              gboolean bias, TpdInit init);
/* […, in] → […, out] */
TpdTensor *tpd_linear_apply (const TpdLinear *self, TpdContext *ctx, TpdTensor *x);

typedef struct
{
  TpdParam *weight; /* [out, in, kernel, kernel] in files */
  TpdParam *bias;   /* [out] */
  TpdConvGeometry geometry;
} TpdConv;

/* Padding as of torch's Conv2d: the same on all sides. */
TpdConv tpd_conv_declare (TpdParamStore *store, const char *prefix, gint64 in, gint64 out,
                          int kernel, int stride, int padding, TpdInit init);
/* [N, H, W, in] → [N, H', W', out] */
TpdTensor *tpd_conv_apply (const TpdConv *self, TpdContext *ctx, TpdTensor *x);

/* LayerNorm and GroupNorm (weight and bias), RMSNorm (weight alone). */
typedef struct
{
  TpdParam *weight; /* [channels] */
  TpdParam *bias;   /* [channels]; NULL for RMSNorm */
  double eps;
  int groups; /* GroupNorm only */
} TpdNorm;

TpdNorm tpd_layer_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels,
                                double eps);
TpdNorm tpd_rms_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels,
                              double eps);
TpdNorm tpd_group_norm_declare (TpdParamStore *store, const char *prefix, gint64 channels,
                                int groups, double eps);
TpdTensor *tpd_layer_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x);
TpdTensor *tpd_rms_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x);
TpdTensor *tpd_group_norm_apply (const TpdNorm *self, TpdContext *ctx, TpdTensor *x, gboolean silu);

/* A table of rows: "prefix.weight" [n, channels]. */
typedef struct
{
  TpdParam *weight;
} TpdEmbedding;

TpdEmbedding tpd_embedding_declare (TpdParamStore *store, const char *prefix, gint64 n,
                                    gint64 channels, TpdInit init);
/* ids […] i32 → […, channels] */
TpdTensor *tpd_embedding_apply (const TpdEmbedding *self, TpdContext *ctx, TpdTensor *ids);

G_END_DECLS
