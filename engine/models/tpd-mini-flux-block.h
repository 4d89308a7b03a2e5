/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-layers.h"
#include "tpd-mini-flux-config.h"

G_BEGIN_DECLS

/* The two kinds of blocks. D = heads · head_dim channels, L text tokens, M video tokens, N = L + M;
 * sequences put text first. */

/* What all blocks of one forward pass share. */
typedef struct
{
  TpdTensor *conditioning; /* [B, D]: silu (time and text embedding) */
  TpdTensor *cos, *sin;    /* [N, head_dim / 2] */
  TpdTensor *segment;      /* [B, N] i32, nullable: who may see whom, see tpd-ops.def */
  TpdTensor *order;        /* [N] i32, nullable: causal order */
} TpdMiniFluxPass;

/* ── double block: Esser et al., "Scaling rectified flow transformers", 2024 ── */

/* One of its two streams: the same layers under different names. */
typedef struct
{
  TpdLinear modulation; /* → shift, scale, gate of attention; shift, scale, gate of feed-forward */
  TpdLinear q, k, v, out;
  TpdNorm norm_q, norm_k; /* over head_dim */
  TpdLinear expand, contract;
} TpdMiniFluxStream;

typedef struct
{
  TpdMiniFluxStream text, video;
  gint64 heads;
} TpdMiniFluxDoubleBlock;

TpdMiniFluxDoubleBlock tpd_mini_flux_double_block_declare (TpdParamStore *store, const char *prefix,
                                                           const TpdMiniFluxConfig *config);

/* *text: [B, L, D], *video: [B, M, D]; both replaced. */
void tpd_mini_flux_double_block_apply (const TpdMiniFluxDoubleBlock *self, TpdContext *ctx,
                                       const TpdMiniFluxPass *pass, TpdTensor **text,
                                       TpdTensor **video);

/* ── single block: attention and feed-forward side by side, Dehghani et al., ViT-22B, 2023 ── */

typedef struct
{
  TpdLinear modulation; /* → shift, scale, gate */
  TpdLinear q, k, v;
  TpdNorm norm_q, norm_k;
  TpdLinear expand, out; /* out reads [attention; feed-forward] */
  gint64 heads;
} TpdMiniFluxSingleBlock;

TpdMiniFluxSingleBlock tpd_mini_flux_single_block_declare (TpdParamStore *store, const char *prefix,
                                                           const TpdMiniFluxConfig *config);

/* tokens: [B, N, D] → the same shape */
TpdTensor *tpd_mini_flux_single_block_apply (const TpdMiniFluxSingleBlock *self, TpdContext *ctx,
                                             const TpdMiniFluxPass *pass, TpdTensor *tokens);

/* ── shared by both ── */

/* Of every norm in the network. */
#define TPD_MINI_FLUX_EPS 1e-6

/* Layers named "prefix.name". */
TpdLinear tpd_mini_flux_linear (TpdParamStore *store, const char *prefix, const char *name,
                                gint64 in, gint64 out, TpdInit init);
TpdNorm tpd_mini_flux_norm (TpdParamStore *store, const char *prefix, const char *name,
                            gint64 channels);

/* Part i of n equal parts of a modulation [B, n·D] → [B, D] */
TpdTensor *tpd_mini_flux_part (TpdContext *ctx, TpdTensor *modulation, int i, int n);

/* x […, D] → […, heads, D / heads] */
TpdTensor *tpd_mini_flux_split_heads (TpdContext *ctx, TpdTensor *x, gint64 heads);

G_END_DECLS
