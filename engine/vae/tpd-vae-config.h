/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define TPD_VAE_MAX_BLOCKS 8

/* The numbers of an AutoencoderKL config.json, under diffusers' key names. */
typedef struct
{
  gint64 in_channels;
  gint64 out_channels;
  gint64 latent_channels;
  gint64 block_out_channels[TPD_VAE_MAX_BLOCKS]; /* from full resolution down */
  guint n_blocks;                                /* each but the last halves the resolution */
  gint64 layers_per_block;
  gint64 norm_num_groups;
  double scaling_factor; /* latents = (z − shift) · scaling */
  double shift_factor;
  gboolean use_quant_conv;
  gboolean use_post_quant_conv;
  gboolean mid_block_add_attention;
} TpdVaeConfig;

gboolean tpd_vae_config_parse (TpdVaeConfig *self, JsonObject *json, const char *where,
                               GError **error);

G_END_DECLS
