/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "../core/tpd-types.h"

G_BEGIN_DECLS

/* The numbers of a CLIP text encoder's config.json, under transformers' key names. */
typedef struct
{
  gint64 vocab_size;
  gint64 hidden_size;
  gint64 num_hidden_layers;
  gint64 num_attention_heads; /* divides hidden_size */
  gint64 intermediate_size;
  gint64 max_position_embeddings;
  TpdAct hidden_act;
  double layer_norm_eps;
  gint64 eos_token_id;
} TpdClipTextConfig;

gboolean tpd_clip_text_config_parse (TpdClipTextConfig *self, JsonObject *json, const char *where,
                                     GError **error);

G_END_DECLS
