/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-vae-coder.h"

/* ── encoder ── */

void
tpd_vae_encoder_declare (TpdVaeEncoder *self, TpdParamStore *store, const TpdVaeConfig *config)
{
  const gint64 *channels = config->block_out_channels;
  guint last = config->n_blocks - 1;
  gint64 groups = config->norm_num_groups;

  self->conv_in = tpd_vae_conv (store, "encoder", "conv_in", config->in_channels, channels[0], 3, 1,
                                TPD_INIT_XAVIER_UNIFORM);
  self->n_blocks = config->n_blocks;
  for (guint i = 0; i <= last; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("encoder.down_blocks.%u", i);

      self->down_blocks[i] = tpd_vae_block_declare (store, prefix, config->layers_per_block,
                                                    channels[i > 0 ? i - 1 : 0], channels[i],
                                                    groups, i < last ? TPD_VAE_DOWN : TPD_VAE_KEEP);
    }
  self->mid_block = tpd_vae_mid_block_declare (store, "encoder.mid_block", config);
  self->conv_norm_out = tpd_vae_norm (store, "encoder", "conv_norm_out", channels[last], groups);
  self->conv_out = tpd_vae_conv (store, "encoder", "conv_out", channels[last],
                                 2 * config->latent_channels, 3, 1, TPD_INIT_XAVIER_UNIFORM);
}

void
tpd_vae_encoder_clear (TpdVaeEncoder *self)
{
  for (guint i = 0; i < self->n_blocks; i++)
    tpd_vae_block_clear (&self->down_blocks[i]);
}

TpdTensor *
tpd_vae_encoder_apply (const TpdVaeEncoder *self, TpdContext *ctx, TpdTensor *x)
{
  x = tpd_conv_apply (&self->conv_in, ctx, x);
  for (guint i = 0; i < self->n_blocks; i++)
    x = tpd_vae_block_apply (&self->down_blocks[i], ctx, x);
  x = tpd_vae_mid_block_apply (&self->mid_block, ctx, x);
  x = tpd_group_norm_apply (&self->conv_norm_out, ctx, x, TRUE);
  return tpd_conv_apply (&self->conv_out, ctx, x);
}

/* ── decoder ── */

void
tpd_vae_decoder_declare (TpdVaeDecoder *self, TpdParamStore *store, const TpdVaeConfig *config)
{
  const gint64 *channels = config->block_out_channels;
  guint last = config->n_blocks - 1;
  gint64 groups = config->norm_num_groups;

  self->conv_in = tpd_vae_conv (store, "decoder", "conv_in", config->latent_channels,
                                channels[last], 3, 1, TPD_INIT_XAVIER_UNIFORM);
  self->mid_block = tpd_vae_mid_block_declare (store, "decoder.mid_block", config);
  self->n_blocks = config->n_blocks;
  for (guint i = 0; i <= last; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("decoder.up_blocks.%u", i);

      self->up_blocks[i] = tpd_vae_block_declare (
          store, prefix, config->layers_per_block + 1, channels[i > 0 ? last - i + 1 : last],
          channels[last - i], groups, i < last ? TPD_VAE_UP : TPD_VAE_KEEP);
    }
  self->conv_norm_out = tpd_vae_norm (store, "decoder", "conv_norm_out", channels[0], groups);
  self->conv_out = tpd_vae_conv (store, "decoder", "conv_out", channels[0], config->out_channels, 3,
                                 1, TPD_INIT_XAVIER_UNIFORM);
}

void
tpd_vae_decoder_clear (TpdVaeDecoder *self)
{
  for (guint i = 0; i < self->n_blocks; i++)
    tpd_vae_block_clear (&self->up_blocks[i]);
}

TpdTensor *
tpd_vae_decoder_apply (const TpdVaeDecoder *self, TpdContext *ctx, TpdTensor *z)
{
  TpdTensor *x = tpd_conv_apply (&self->conv_in, ctx, z);

  x = tpd_vae_mid_block_apply (&self->mid_block, ctx, x);
  for (guint i = 0; i < self->n_blocks; i++)
    x = tpd_vae_block_apply (&self->up_blocks[i], ctx, x);
  x = tpd_group_norm_apply (&self->conv_norm_out, ctx, x, TRUE);
  return tpd_conv_apply (&self->conv_out, ctx, x);
}
