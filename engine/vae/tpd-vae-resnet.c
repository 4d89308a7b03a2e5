/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-vae-resnet.h"

TpdConv
tpd_vae_conv (TpdParamStore *store, const char *prefix, const char *name, gint64 in, gint64 out,
              int kernel, int stride, TpdInit init)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_conv_declare (store, full, in, out, kernel, stride, kernel / 2, init);
}

TpdNorm
tpd_vae_norm (TpdParamStore *store, const char *prefix, const char *name, gint64 channels,
              gint64 groups)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_group_norm_declare (store, full, channels, (int)groups, TPD_VAE_EPS);
}

/* ── resnet ── */

TpdVaeResnet
tpd_vae_resnet_declare (TpdParamStore *store, const char *prefix, gint64 in, gint64 out,
                        gint64 groups)
{
  TpdVaeResnet self = {
      .norm1 = tpd_vae_norm (store, prefix, "norm1", in, groups),
      .conv1 = tpd_vae_conv (store, prefix, "conv1", in, out, 3, 1, TPD_INIT_XAVIER_UNIFORM),
      .norm2 = tpd_vae_norm (store, prefix, "norm2", out, groups),
      .conv2 = tpd_vae_conv (store, prefix, "conv2", out, out, 3, 1, TPD_INIT_ZERO),
      .has_shortcut = in != out,
  };

  if (self.has_shortcut)
    self.conv_shortcut =
        tpd_vae_conv (store, prefix, "conv_shortcut", in, out, 1, 1, TPD_INIT_XAVIER_UNIFORM);
  return self;
}

TpdTensor *
tpd_vae_resnet_apply (const TpdVaeResnet *self, TpdContext *ctx, TpdTensor *x)
{
  TpdTensor *h, *shortcut;

  tpd_context_push_scope (ctx);
  h = tpd_conv_apply (&self->conv1, ctx, tpd_group_norm_apply (&self->norm1, ctx, x, TRUE));
  h = tpd_conv_apply (&self->conv2, ctx, tpd_group_norm_apply (&self->norm2, ctx, h, TRUE));
  shortcut = self->has_shortcut ? tpd_conv_apply (&self->conv_shortcut, ctx, x) : x;
  return tpd_context_pop_scope (ctx, tpd_add (ctx, shortcut, h));
}

/* ── the blocks of one resolution ── */

TpdVaeBlock
tpd_vae_block_declare (TpdParamStore *store, const char *prefix, gint64 n_resnets, gint64 in,
                       gint64 out, gint64 groups, TpdVaeResample resample)
{
  TpdVaeBlock self = {
      .resnets = g_new (TpdVaeResnet, n_resnets),
      .n_resnets = n_resnets,
      .resample = resample,
  };

  for (gint64 i = 0; i < n_resnets; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.resnets.%" G_GINT64_FORMAT, prefix, i);

      self.resnets[i] = tpd_vae_resnet_declare (store, name, i == 0 ? in : out, out, groups);
    }
  if (resample == TPD_VAE_DOWN)
    {
      self.conv = tpd_vae_conv (store, prefix, "downsamplers.0.conv", out, out, 3, 2,
                                TPD_INIT_XAVIER_UNIFORM);
      self.conv.geometry.pad_top = self.conv.geometry.pad_left = 0;
    }
  else if (resample == TPD_VAE_UP)
    self.conv =
        tpd_vae_conv (store, prefix, "upsamplers.0.conv", out, out, 3, 1, TPD_INIT_XAVIER_UNIFORM);
  return self;
}

void
tpd_vae_block_clear (TpdVaeBlock *self)
{
  g_clear_pointer (&self->resnets, g_free);
}

TpdTensor *
tpd_vae_block_apply (const TpdVaeBlock *self, TpdContext *ctx, TpdTensor *x)
{
  tpd_context_push_scope (ctx);
  for (gint64 i = 0; i < self->n_resnets; i++)
    x = tpd_vae_resnet_apply (&self->resnets[i], ctx, x);
  if (self->resample == TPD_VAE_UP)
    x = tpd_upsample2x (ctx, x);
  if (self->resample != TPD_VAE_KEEP)
    x = tpd_conv_apply (&self->conv, ctx, x);
  return tpd_context_pop_scope (ctx, x);
}
