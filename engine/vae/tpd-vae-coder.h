/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-vae-mid-block.h"

G_BEGIN_DECLS

/* The two halves of the autoencoder, convolutional U shapes cut at the bottom (Esser et al.,
 * "Taming transformers", 2021; Rombach et al. 2022). n blocks, channels c_0 … c_n−1, images 2^(n−1)
 * times as large as latents. */

/* conv_in, down_blocks.0 … n−1, mid_block, conv_norm_out, silu, conv_out
 * [N, H, W, in_channels] → [N, h, w, 2 · latent_channels] */
typedef struct
{
  TpdConv conv_in;
  TpdVaeBlock down_blocks[TPD_VAE_MAX_BLOCKS];
  guint n_blocks;
  TpdVaeMidBlock mid_block;
  TpdNorm conv_norm_out;
  TpdConv conv_out;
} TpdVaeEncoder;

void tpd_vae_encoder_declare (TpdVaeEncoder *self, TpdParamStore *store,
                              const TpdVaeConfig *config);
void tpd_vae_encoder_clear (TpdVaeEncoder *self);
TpdTensor *tpd_vae_encoder_apply (const TpdVaeEncoder *self, TpdContext *ctx, TpdTensor *x);

/* conv_in, mid_block, up_blocks.0 … n−1 (channels c_n−1 … c_0, one resnet more than the encoder's),
 * conv_norm_out, silu, conv_out
 * [N, h, w, latent_channels] → [N, H, W, out_channels] */
typedef struct
{
  TpdConv conv_in;
  TpdVaeMidBlock mid_block;
  TpdVaeBlock up_blocks[TPD_VAE_MAX_BLOCKS];
  guint n_blocks;
  TpdNorm conv_norm_out;
  TpdConv conv_out;
} TpdVaeDecoder;

void tpd_vae_decoder_declare (TpdVaeDecoder *self, TpdParamStore *store,
                              const TpdVaeConfig *config);
void tpd_vae_decoder_clear (TpdVaeDecoder *self);
TpdTensor *tpd_vae_decoder_apply (const TpdVaeDecoder *self, TpdContext *ctx, TpdTensor *z);

G_END_DECLS
