/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-block.h"

#include <math.h>

TpdMiniFluxSingleBlock
tpd_mini_flux_single_block_declare (TpdParamStore *store, const char *prefix,
                                    const TpdMiniFluxConfig *config)
{
  gint64 head_dim = config->attention_head_dim, dim = config->num_attention_heads * head_dim;

  return (TpdMiniFluxSingleBlock){
      .modulation =
          tpd_mini_flux_linear (store, prefix, "norm.linear", dim, 3 * dim, TPD_INIT_ZERO),
      .q = tpd_mini_flux_linear (store, prefix, "attn.to_q", dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .k = tpd_mini_flux_linear (store, prefix, "attn.to_k", dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .v = tpd_mini_flux_linear (store, prefix, "attn.to_v", dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .norm_q = tpd_mini_flux_norm (store, prefix, "attn.norm_q", head_dim),
      .norm_k = tpd_mini_flux_norm (store, prefix, "attn.norm_k", head_dim),
      .expand =
          tpd_mini_flux_linear (store, prefix, "proj_mlp", dim, 4 * dim, TPD_INIT_XAVIER_UNIFORM),
      .out =
          tpd_mini_flux_linear (store, prefix, "proj_out", 5 * dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .heads = config->num_attention_heads,
  };
}

/* Queries or keys: projected, normalised, rotated. */
static TpdTensor *
project (const TpdMiniFluxSingleBlock *self, TpdContext *ctx, const TpdMiniFluxPass *pass,
         const TpdLinear *projection, const TpdNorm *norm, TpdTensor *x)
{
  x = tpd_mini_flux_split_heads (ctx, tpd_linear_apply (projection, ctx, x), self->heads);
  return tpd_rope (ctx, tpd_rms_norm_apply (norm, ctx, x), pass->cos, pass->sin);
}

TpdTensor *
tpd_mini_flux_single_block_apply (const TpdMiniFluxSingleBlock *self, TpdContext *ctx,
                                  const TpdMiniFluxPass *pass, TpdTensor *tokens)
{
  gint64 batch = tokens->view.shape[0], n = tokens->view.shape[1], dim = tokens->view.shape[2];
  TpdTensor *modulation = tpd_linear_apply (&self->modulation, ctx, pass->conditioning);
  TpdTensor *shift = tpd_mini_flux_part (ctx, modulation, 0, 3);
  TpdTensor *scale = tpd_mini_flux_part (ctx, modulation, 1, 3);
  TpdTensor *gate = tpd_mini_flux_part (ctx, modulation, 2, 3);
  TpdTensor *x = tpd_layer_norm_modulate (ctx, tokens, scale, shift, TPD_MINI_FLUX_EPS);
  TpdTensor *q = project (self, ctx, pass, &self->q, &self->norm_q, x);
  TpdTensor *k = project (self, ctx, pass, &self->k, &self->norm_k, x);
  TpdTensor *v = tpd_mini_flux_split_heads (ctx, tpd_linear_apply (&self->v, ctx, x), self->heads);
  TpdTensor *attended = tpd_attention (ctx, q, k, v, pass->segment, pass->order,
                                       1 / sqrt ((double)dim / (double)self->heads));
  TpdTensor *expanded = tpd_act (ctx, tpd_linear_apply (&self->expand, ctx, x), TPD_ACT_GELU_TANH);

  attended = tpd_reshape (ctx, attended, TPD_SHAPE (batch, n, dim));
  x = tpd_linear_concat (ctx, attended, expanded, tpd_param_read (self->out.weight, ctx),
                         tpd_param_read (self->out.bias, ctx));
  return tpd_gate_residual (ctx, tokens, gate, x);
}
