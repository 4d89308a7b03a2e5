/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-block.h"

#include <math.h>

/* Names of a stream's layers in the published model. */
typedef struct
{
  const char *modulation, *q, *k, *v, *out, *norm_q, *norm_k, *expand, *contract;
} StreamNames;

static const StreamNames video_names = {
    .modulation = "norm1.linear",
    .q = "attn.to_q",
    .k = "attn.to_k",
    .v = "attn.to_v",
    .out = "attn.to_out.0",
    .norm_q = "attn.norm_q",
    .norm_k = "attn.norm_k",
    .expand = "ff.net.0.proj",
    .contract = "ff.net.2",
};

static const StreamNames text_names = {
    .modulation = "norm1_context.linear",
    .q = "attn.add_q_proj",
    .k = "attn.add_k_proj",
    .v = "attn.add_v_proj",
    .out = "attn.to_add_out",
    .norm_q = "attn.norm_added_q",
    .norm_k = "attn.norm_added_k",
    .expand = "ff_context.net.0.proj",
    .contract = "ff_context.net.2",
};

static TpdMiniFluxStream
declare_stream (TpdParamStore *store, const char *prefix, const StreamNames *names, gint64 head_dim,
                gint64 dim)
{
  return (TpdMiniFluxStream){
      .modulation =
          tpd_mini_flux_linear (store, prefix, names->modulation, dim, 6 * dim, TPD_INIT_ZERO),
      .q = tpd_mini_flux_linear (store, prefix, names->q, dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .k = tpd_mini_flux_linear (store, prefix, names->k, dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .v = tpd_mini_flux_linear (store, prefix, names->v, dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .out = tpd_mini_flux_linear (store, prefix, names->out, dim, dim, TPD_INIT_XAVIER_UNIFORM),
      .norm_q = tpd_mini_flux_norm (store, prefix, names->norm_q, head_dim),
      .norm_k = tpd_mini_flux_norm (store, prefix, names->norm_k, head_dim),
      .expand = tpd_mini_flux_linear (store, prefix, names->expand, dim, 4 * dim,
                                      TPD_INIT_XAVIER_UNIFORM),
      .contract = tpd_mini_flux_linear (store, prefix, names->contract, 4 * dim, dim,
                                        TPD_INIT_XAVIER_UNIFORM),
  };
}

TpdMiniFluxDoubleBlock
tpd_mini_flux_double_block_declare (TpdParamStore *store, const char *prefix,
                                    const TpdMiniFluxConfig *config)
{
  gint64 head_dim = config->attention_head_dim, dim = config->num_attention_heads * head_dim;

  return (TpdMiniFluxDoubleBlock){
      .video = declare_stream (store, prefix, &video_names, head_dim, dim),
      .text = declare_stream (store, prefix, &text_names, head_dim, dim),
      .heads = config->num_attention_heads,
  };
}

/* ── applying ── */

/* What a stream brings to the attention, and what it needs after it. */
typedef struct
{
  TpdTensor *modulation; /* [B, 6·D] */
  TpdTensor *q, *k, *v;  /* [B, n, heads, head_dim] */
} Projected;

static Projected
project (const TpdMiniFluxStream *self, TpdContext *ctx, gint64 heads, TpdTensor *conditioning,
         TpdTensor *x)
{
  TpdTensor *modulation = tpd_linear_apply (&self->modulation, ctx, conditioning);
  TpdTensor *shift = tpd_mini_flux_part (ctx, modulation, 0, 6);
  TpdTensor *scale = tpd_mini_flux_part (ctx, modulation, 1, 6);
  TpdTensor *y = tpd_layer_norm_modulate (ctx, x, scale, shift, TPD_MINI_FLUX_EPS);
  TpdTensor *q = tpd_mini_flux_split_heads (ctx, tpd_linear_apply (&self->q, ctx, y), heads);
  TpdTensor *k = tpd_mini_flux_split_heads (ctx, tpd_linear_apply (&self->k, ctx, y), heads);

  return (Projected){
      .modulation = modulation,
      .q = tpd_rms_norm_apply (&self->norm_q, ctx, q),
      .k = tpd_rms_norm_apply (&self->norm_k, ctx, k),
      .v = tpd_mini_flux_split_heads (ctx, tpd_linear_apply (&self->v, ctx, y), heads),
  };
}

/* x + gate · out (attended), then the same with the feed-forward layers. */
static TpdTensor *
finish (const TpdMiniFluxStream *self, TpdContext *ctx, TpdTensor *modulation, TpdTensor *x,
        TpdTensor *attended)
{
  TpdTensor *attention_gate = tpd_mini_flux_part (ctx, modulation, 2, 6);
  TpdTensor *shift = tpd_mini_flux_part (ctx, modulation, 3, 6);
  TpdTensor *scale = tpd_mini_flux_part (ctx, modulation, 4, 6);
  TpdTensor *feed_forward_gate = tpd_mini_flux_part (ctx, modulation, 5, 6);
  TpdTensor *y;

  y = tpd_linear_apply (&self->out, ctx, attended);
  x = tpd_gate_residual (ctx, x, attention_gate, y);
  y = tpd_layer_norm_modulate (ctx, x, scale, shift, TPD_MINI_FLUX_EPS);
  y = tpd_act (ctx, tpd_linear_apply (&self->expand, ctx, y), TPD_ACT_GELU_TANH);
  y = tpd_linear_apply (&self->contract, ctx, y);
  return tpd_gate_residual (ctx, x, feed_forward_gate, y);
}

void
tpd_mini_flux_double_block_apply (const TpdMiniFluxDoubleBlock *self, TpdContext *ctx,
                                  const TpdMiniFluxPass *pass, TpdTensor **text, TpdTensor **video)
{
  gint64 batch = (*text)->view.shape[0], length = (*text)->view.shape[1];
  gint64 n = length + (*video)->view.shape[1], dim = (*text)->view.shape[2];
  Projected t = project (&self->text, ctx, self->heads, pass->conditioning, *text);
  Projected v = project (&self->video, ctx, self->heads, pass->conditioning, *video);
  TpdTensor *q = tpd_concat_rope (ctx, t.q, v.q, pass->cos, pass->sin);
  TpdTensor *k = tpd_concat_rope (ctx, t.k, v.k, pass->cos, pass->sin);
  TpdTensor *value = tpd_concat (ctx, (TpdTensor *[]){t.v, v.v}, 2, 1);
  TpdTensor *attended;

  attended = tpd_attention (ctx, q, k, value, pass->segment, pass->order,
                            1 / sqrt ((double)dim / (double)self->heads));
  attended = tpd_reshape (ctx, attended, TPD_SHAPE (batch, n, dim));
  *text =
      finish (&self->text, ctx, t.modulation, *text, tpd_slice (ctx, attended, 1, 0, length, 1));
  *video =
      finish (&self->video, ctx, v.modulation, *video, tpd_slice (ctx, attended, 1, length, n, 1));
}
