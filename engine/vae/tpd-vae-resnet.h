/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-layers.h"
#include "tpd-vae-config.h"

G_BEGIN_DECLS

/* Of every norm in the autoencoder. */
#define TPD_VAE_EPS 1e-6

/* Layers named "prefix.name". */
TpdConv tpd_vae_conv (TpdParamStore *store, const char *prefix, const char *name, gint64 in,
                      gint64 out, int kernel, int stride, TpdInit init);
TpdNorm tpd_vae_norm (TpdParamStore *store, const char *prefix, const char *name, gint64 channels,
                      gint64 groups);

/* y = shortcut (x) + conv2 (silu (norm2 (conv1 (silu (norm1 (x))))))     ResnetBlock2D of diffusers
 * x: [N, H, W, in] → [N, H, W, out]; the shortcut is a 1×1 convolution where in ≠ out */
typedef struct
{
  TpdNorm norm1, norm2;
  TpdConv conv1, conv2;
  gboolean has_shortcut;
  TpdConv conv_shortcut;
} TpdVaeResnet;

TpdVaeResnet tpd_vae_resnet_declare (TpdParamStore *store, const char *prefix, gint64 in,
                                     gint64 out, gint64 groups);
TpdTensor *tpd_vae_resnet_apply (const TpdVaeResnet *self, TpdContext *ctx, TpdTensor *x);

/* The blocks of one resolution and what leads to the next: DownEncoderBlock2D halves it at its end
 * by a convolution of stride 2, padded at the bottom and on the right only; UpDecoderBlock2D
 * doubles it by repeating pixels, then a convolution. */
typedef enum
{
  TPD_VAE_KEEP,
  TPD_VAE_DOWN,
  TPD_VAE_UP,
} TpdVaeResample;

typedef struct
{
  TpdVaeResnet *resnets; /* owned */
  gint64 n_resnets;
  TpdVaeResample resample;
  TpdConv conv;
} TpdVaeBlock;

TpdVaeBlock tpd_vae_block_declare (TpdParamStore *store, const char *prefix, gint64 n_resnets,
                                   gint64 in, gint64 out, gint64 groups, TpdVaeResample resample);
void tpd_vae_block_clear (TpdVaeBlock *self);
TpdTensor *tpd_vae_block_apply (const TpdVaeBlock *self, TpdContext *ctx, TpdTensor *x);

G_END_DECLS
