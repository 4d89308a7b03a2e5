/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-layers.h"
#include "tpd-clip-text-config.h"

G_BEGIN_DECLS

/* x = x + attention (layer_norm1 (x));  x = x + fc2 (act (fc1 (layer_norm2 (x))))
 * One layer of the text encoder. x: [B, L, D]   order: [L] i32, causal */
typedef struct
{
  TpdNorm layer_norm1, layer_norm2;
  TpdLinear q_proj, k_proj, v_proj, out_proj;
  TpdLinear fc1, fc2;
  gint64 heads;
  TpdAct act;
} TpdClipTextLayer;

TpdClipTextLayer tpd_clip_text_layer_declare (TpdParamStore *store, const char *prefix,
                                              const TpdClipTextConfig *config);
TpdTensor *tpd_clip_text_layer_apply (const TpdClipTextLayer *self, TpdContext *ctx, TpdTensor *x,
                                      TpdTensor *order);

G_END_DECLS
