/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-vae-resnet.h"

G_BEGIN_DECLS

/* y = x + to_out (attention (q, k, v of norm (x)))                         Attention of diffusers
 * Every pixel sees every pixel of its image; one head of all C channels.
 * x, y: [N, H, W, C] */
typedef struct
{
  TpdNorm group_norm;
  TpdLinear q, k, v, out;
  gint64 channels;
} TpdVaeAttention;

/* UNetMidBlock2D of diffusers: resnet, attention (unless switched off), resnet. */
typedef struct
{
  TpdVaeResnet first, second;
  gboolean has_attention;
  TpdVaeAttention attention;
} TpdVaeMidBlock;

TpdVaeMidBlock tpd_vae_mid_block_declare (TpdParamStore *store, const char *prefix,
                                          const TpdVaeConfig *config);
TpdTensor *tpd_vae_mid_block_apply (const TpdVaeMidBlock *self, TpdContext *ctx, TpdTensor *x);

G_END_DECLS
