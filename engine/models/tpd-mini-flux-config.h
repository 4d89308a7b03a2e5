/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The numbers of a miniFLUX config.json, under the published model's key names. */
typedef struct
{
  gint64 in_channels; /* of a token: 4 · latent channels */
  gint64 num_layers;
  gint64 num_single_layers;
  gint64 attention_head_dim; /* = sum of axes_dims_rope */
  gint64 num_attention_heads;
  gint64 joint_attention_dim;   /* channels of the text encoder */
  gint64 pooled_projection_dim; /* channels of the pooled text */
  gint64 axes_dims_rope[3];     /* time, height, width; even */
  gboolean use_temporal_causal; /* a frame sees itself and earlier ones */
  gboolean use_pos_embed;       /* ours: video tokens are told where they stand from the start */
} TpdMiniFluxConfig;

gboolean tpd_mini_flux_config_parse (TpdMiniFluxConfig *self, JsonObject *json, const char *where,
                                     GError **error);

G_END_DECLS
