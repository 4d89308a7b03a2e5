/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-mini-flux-config.h"

#include "../nn/tpd-component.h"

#define MAX_LAYERS   512
#define MAX_CHANNELS 65536

/* Keys that must agree with each other. */
static gboolean
check (const TpdMiniFluxConfig *self, guint n_axes, const char *where, GError **error)
{
  gboolean even = TRUE;
  gint64 sum = 0;

  if (self->in_channels % 4 != 0)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                   "%s: \"in_channels\" should be a multiple of 4 (patches are 2×2), but is "
                   "%" G_GINT64_FORMAT,
                   where, self->in_channels);
      return FALSE;
    }
  for (guint i = 0; i < n_axes; i++)
    {
      sum += self->axes_dims_rope[i];
      even = even && self->axes_dims_rope[i] % 2 == 0;
    }
  if (n_axes != 3 || !even || sum != self->attention_head_dim)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                   "%s: \"axes_dims_rope\" should be three even numbers with sum "
                   "\"attention_head_dim\" (%" G_GINT64_FORMAT ")",
                   where, self->attention_head_dim);
      return FALSE;
    }
  return TRUE;
}

gboolean
tpd_mini_flux_config_parse (TpdMiniFluxConfig *self, JsonObject *json, const char *where,
                            GError **error)
{
  gint64 patch_size = 1;
  guint n_axes = 3;

  *self = (TpdMiniFluxConfig){
      .in_channels = 64,
      .num_layers = 19,
      .num_single_layers = 38,
      .attention_head_dim = 64,
      .num_attention_heads = 24,
      .joint_attention_dim = 4096,
      .pooled_projection_dim = 768,
      .axes_dims_rope = {16, 24, 24},
      .use_temporal_causal = TRUE,
  };
  /* The published code patches 2×2 whatever "patch_size" says, and works for 1 alone. */
  return tpd_config_get_int (json, where, "patch_size", 1, 1, &patch_size, error) &&
         tpd_config_get_int (json, where, "in_channels", 4, MAX_CHANNELS, &self->in_channels,
                             error) &&
         tpd_config_get_int (json, where, "num_layers", 0, MAX_LAYERS, &self->num_layers, error) &&
         tpd_config_get_int (json, where, "num_single_layers", 0, MAX_LAYERS,
                             &self->num_single_layers, error) &&
         tpd_config_get_int (json, where, "attention_head_dim", 6, 1024, &self->attention_head_dim,
                             error) &&
         tpd_config_get_int (json, where, "num_attention_heads", 1, 1024,
                             &self->num_attention_heads, error) &&
         tpd_config_get_int (json, where, "joint_attention_dim", 1, MAX_CHANNELS,
                             &self->joint_attention_dim, error) &&
         tpd_config_get_int (json, where, "pooled_projection_dim", 1, MAX_CHANNELS,
                             &self->pooled_projection_dim, error) &&
         tpd_config_get_ints (json, where, "axes_dims_rope", 2, 1024, self->axes_dims_rope, &n_axes,
                              error) &&
         tpd_config_get_bool (json, where, "use_temporal_causal", &self->use_temporal_causal,
                              error) &&
         tpd_config_get_bool (json, where, "use_pos_embed", &self->use_pos_embed, error) &&
         check (self, n_axes, where, error);
}
