/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-vae-config.h"

#include "../core/tpd-config.h"

#define MAX_CHANNELS 65536
#define MAX_LAYERS   64

/* "down_block_types" and "up_block_types": one entry a block, and only one type exists. */
static gboolean
check_types (JsonObject *json, const char *where, const char *key, const char *type, guint n_blocks,
             GError **error)
{
  JsonNode *node = json_object_get_member (json, key);
  JsonArray *types =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = types != NULL ? json_array_get_length (types) : 0;
  gboolean good = n == n_blocks || (node == NULL && n_blocks == 1);

  for (guint i = 0; i < n && good; i++)
    {
      JsonNode *element = json_array_get_element (types, i);

      good = JSON_NODE_HOLDS_VALUE (element) &&
             json_node_get_value_type (element) == G_TYPE_STRING &&
             g_str_equal (json_node_get_string (element), type);
    }
  if (!good)
    g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                 "%s: \"%s\" should be \"%s\", once for each of the %u \"block_out_channels\"",
                 where, key, type, n_blocks);
  return good;
}

/* Keys that must agree with each other, and those with one value that is known. */
static gboolean
check (const TpdVaeConfig *self, JsonObject *json, const char *where, GError **error)
{
  static const char *const activations[] = {"silu", "swish", NULL};
  static const char *const unknown[] = {"latents_mean", "latents_std"};
  const char *act_fn = "silu";

  for (guint i = 0; i < self->n_blocks; i++)
    if (self->block_out_channels[i] % self->norm_num_groups != 0)
      {
        g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                     "%s: \"norm_num_groups\" (%" G_GINT64_FORMAT
                     ") should divide all \"block_out_channels\", but not %" G_GINT64_FORMAT,
                     where, self->norm_num_groups, self->block_out_channels[i]);
        return FALSE;
      }
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    if (json_object_has_member (json, unknown[i]) &&
        !json_object_get_null_member (json, unknown[i]))
      {
        g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED, "%s: \"%s\" is not supported", where,
                     unknown[i]);
        return FALSE;
      }
  return tpd_config_get_string (json, where, "act_fn", activations, &act_fn, error) &&
         check_types (json, where, "down_block_types", "DownEncoderBlock2D", self->n_blocks,
                      error) &&
         check_types (json, where, "up_block_types", "UpDecoderBlock2D", self->n_blocks, error);
}

gboolean
tpd_vae_config_parse (TpdVaeConfig *self, JsonObject *json, const char *where, GError **error)
{
  guint n_blocks = TPD_VAE_MAX_BLOCKS;

  *self = (TpdVaeConfig){
      .in_channels = 3,
      .out_channels = 3,
      .latent_channels = 4,
      .block_out_channels = {64},
      .layers_per_block = 1,
      .norm_num_groups = 32,
      .scaling_factor = 0.18215,
      .use_quant_conv = TRUE,
      .use_post_quant_conv = TRUE,
      .mid_block_add_attention = TRUE,
  };
  if (!tpd_config_get_int (json, where, "in_channels", 3, 3, &self->in_channels, error) ||
      !tpd_config_get_int (json, where, "out_channels", 3, 3, &self->out_channels, error) ||
      !tpd_config_get_int (json, where, "latent_channels", 1, MAX_CHANNELS, &self->latent_channels,
                           error) ||
      !tpd_config_get_ints (json, where, "block_out_channels", 1, MAX_CHANNELS,
                            self->block_out_channels, &n_blocks, error) ||
      !tpd_config_get_int (json, where, "layers_per_block", 1, MAX_LAYERS, &self->layers_per_block,
                           error) ||
      !tpd_config_get_int (json, where, "norm_num_groups", 1, MAX_CHANNELS, &self->norm_num_groups,
                           error) ||
      !tpd_config_get_double (json, where, "scaling_factor", &self->scaling_factor, error) ||
      !tpd_config_get_double (json, where, "shift_factor", &self->shift_factor, error) ||
      !tpd_config_get_bool (json, where, "use_quant_conv", &self->use_quant_conv, error) ||
      !tpd_config_get_bool (json, where, "use_post_quant_conv", &self->use_post_quant_conv,
                            error) ||
      !tpd_config_get_bool (json, where, "mid_block_add_attention", &self->mid_block_add_attention,
                            error))
    return FALSE;
  if (n_blocks == 0 || self->scaling_factor == 0)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA, "%s: \"%s\" is %s", where,
                   n_blocks == 0 ? "block_out_channels" : "scaling_factor",
                   n_blocks == 0 ? "empty" : "0");
      return FALSE;
    }
  while (self->n_blocks < TPD_VAE_MAX_BLOCKS && self->block_out_channels[self->n_blocks] > 0)
    self->n_blocks++;
  return check (self, json, where, error);
}
