/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-text-layer.h"

#include <math.h>

static TpdLinear
declare_linear (TpdParamStore *store, const char *prefix, const char *name, gint64 in, gint64 out,
                TpdInit init)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_linear_declare (store, full, in, out, TRUE, init);
}

static TpdNorm
declare_norm (TpdParamStore *store, const char *prefix, const char *name,
              const TpdClipTextConfig *config)
{
  g_autofree char *full = g_strconcat (prefix, ".", name, NULL);

  return tpd_layer_norm_declare (store, full, config->hidden_size, config->layer_norm_eps);
}

TpdClipTextLayer
tpd_clip_text_layer_declare (TpdParamStore *store, const char *prefix,
                             const TpdClipTextConfig *config)
{
  gint64 d = config->hidden_size, wide = config->intermediate_size;
  const TpdInit init = TPD_INIT_XAVIER_UNIFORM;
  const TpdInit even = TPD_INIT_ZERO; /* every word is heard at first */

  return (TpdClipTextLayer){
      .layer_norm1 = declare_norm (store, prefix, "layer_norm1", config),
      .q_proj = declare_linear (store, prefix, "self_attn.q_proj", d, d, even),
      .k_proj = declare_linear (store, prefix, "self_attn.k_proj", d, d, init),
      .v_proj = declare_linear (store, prefix, "self_attn.v_proj", d, d, init),
      .out_proj = declare_linear (store, prefix, "self_attn.out_proj", d, d, init),
      .layer_norm2 = declare_norm (store, prefix, "layer_norm2", config),
      .fc1 = declare_linear (store, prefix, "mlp.fc1", d, wide, init),
      .fc2 = declare_linear (store, prefix, "mlp.fc2", wide, d, init),
      .heads = config->num_attention_heads,
      .act = config->hidden_act,
  };
}

/* […, D] → […, heads, D / heads] */
static TpdTensor *
project (const TpdClipTextLayer *self, const TpdLinear *linear, TpdContext *ctx, TpdTensor *x)
{
  const gint64 *s = x->view.shape;

  return tpd_reshape (ctx, tpd_linear_apply (linear, ctx, x),
                      TPD_SHAPE (s[0], s[1], self->heads, s[2] / self->heads));
}

static TpdTensor *
attend (const TpdClipTextLayer *self, TpdContext *ctx, TpdTensor *x, TpdTensor *order)
{
  double head_dim = (double)(x->view.shape[2] / self->heads);
  TpdTensor *q = project (self, &self->q_proj, ctx, x);
  TpdTensor *k = project (self, &self->k_proj, ctx, x);
  TpdTensor *v = project (self, &self->v_proj, ctx, x);
  TpdTensor *o = tpd_attention (ctx, q, k, v, NULL, order, 1 / sqrt (head_dim));

  return tpd_linear_apply (&self->out_proj, ctx,
                           tpd_reshape (ctx, o, x->view.n_dims, x->view.shape));
}

TpdTensor *
tpd_clip_text_layer_apply (const TpdClipTextLayer *self, TpdContext *ctx, TpdTensor *x,
                           TpdTensor *order)
{
  TpdTensor *h;

  tpd_context_push_scope (ctx);
  h = attend (self, ctx, tpd_layer_norm_apply (&self->layer_norm1, ctx, x), order);
  x = tpd_add (ctx, x, h);
  h = tpd_linear_apply (&self->fc1, ctx, tpd_layer_norm_apply (&self->layer_norm2, ctx, x));
  h = tpd_linear_apply (&self->fc2, ctx, tpd_act (ctx, h, self->act));
  return tpd_context_pop_scope (ctx, tpd_add (ctx, x, h));
}
