/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-vae-mid-block.h"

#include <math.h>

/* "prefix.name", which files before diffusers 0.18 call "prefix.old". */
static TpdLinear
declare_projection (TpdParamStore *store, const char *prefix, const char *name, const char *old,
                    gint64 channels)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);
  g_autofree char *old_weight = g_strconcat (prefix, ".", old, ".weight", NULL);
  g_autofree char *old_bias = g_strconcat (prefix, ".", old, ".bias", NULL);
  TpdLinear self =
      tpd_linear_declare (store, full, channels, channels, TRUE, TPD_INIT_XAVIER_UNIFORM);

  tpd_param_set_other_name (self.weight, old_weight);
  tpd_param_set_other_name (self.bias, old_bias);
  return self;
}

static TpdVaeAttention
attention_declare (TpdParamStore *store, const char *prefix, gint64 channels, gint64 groups)
{
  return (TpdVaeAttention){
      .group_norm = tpd_vae_norm (store, prefix, "group_norm", channels, groups),
      .q = declare_projection (store, prefix, "to_q", "query", channels),
      .k = declare_projection (store, prefix, "to_k", "key", channels),
      .v = declare_projection (store, prefix, "to_v", "value", channels),
      .out = declare_projection (store, prefix, "to_out.0", "proj_attn", channels),
      .channels = channels,
  };
}

static TpdTensor *
attention_apply (const TpdVaeAttention *self, TpdContext *ctx, TpdTensor *x)
{
  gint64 n = x->view.shape[0], c = self->channels;
  TpdTensor *h, *q, *k, *v;

  tpd_context_push_scope (ctx);
  h = tpd_group_norm_apply (&self->group_norm, ctx, x, FALSE);
  h = tpd_reshape (ctx, h, TPD_SHAPE (n, -1, c));
  q = tpd_reshape (ctx, tpd_linear_apply (&self->q, ctx, h), TPD_SHAPE (n, -1, 1, c));
  k = tpd_reshape (ctx, tpd_linear_apply (&self->k, ctx, h), TPD_SHAPE (n, -1, 1, c));
  v = tpd_reshape (ctx, tpd_linear_apply (&self->v, ctx, h), TPD_SHAPE (n, -1, 1, c));
  h = tpd_attention (ctx, q, k, v, NULL, NULL, 1 / sqrt ((double)c));
  h = tpd_linear_apply (&self->out, ctx, tpd_reshape (ctx, h, TPD_SHAPE (n, -1, c)));
  h = tpd_reshape (ctx, h, x->view.n_dims, x->view.shape);
  return tpd_context_pop_scope (ctx, tpd_add (ctx, x, h));
}

TpdVaeMidBlock
tpd_vae_mid_block_declare (TpdParamStore *store, const char *prefix, const TpdVaeConfig *config)
{
  gint64 channels = config->block_out_channels[config->n_blocks - 1];
  gint64 groups = config->norm_num_groups;
  g_autofree char *first = g_strconcat (prefix, ".resnets.0", NULL);
  g_autofree char *attention = g_strconcat (prefix, ".attentions.0", NULL);
  g_autofree char *second = g_strconcat (prefix, ".resnets.1", NULL);
  TpdVaeMidBlock self = {.has_attention = config->mid_block_add_attention};

  self.first = tpd_vae_resnet_declare (store, first, channels, channels, groups);
  if (self.has_attention)
    self.attention = attention_declare (store, attention, channels, groups);
  self.second = tpd_vae_resnet_declare (store, second, channels, channels, groups);
  return self;
}

TpdTensor *
tpd_vae_mid_block_apply (const TpdVaeMidBlock *self, TpdContext *ctx, TpdTensor *x)
{
  x = tpd_vae_resnet_apply (&self->first, ctx, x);
  if (self->has_attention)
    x = attention_apply (&self->attention, ctx, x);
  return tpd_vae_resnet_apply (&self->second, ctx, x);
}
