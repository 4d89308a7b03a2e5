/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-clip-text-config.h"

#include "../core/tpd-config.h"

#define MAX_SIZE     (1 << 24)
#define MAX_CHANNELS 65536
#define MAX_LAYERS   512

gboolean
tpd_clip_text_config_parse (TpdClipTextConfig *self, JsonObject *json, const char *where,
                            GError **error)
{
  static const char *const activations[] = {"quick_gelu", "gelu", NULL};
  const char *hidden_act = activations[0];

  *self = (TpdClipTextConfig){
      .vocab_size = 49408,
      .hidden_size = 512,
      .num_hidden_layers = 12,
      .num_attention_heads = 8,
      .intermediate_size = 2048,
      .max_position_embeddings = 77,
      .layer_norm_eps = 1e-5,
      .eos_token_id = 49407,
  };
  if (!tpd_config_get_int (json, where, "vocab_size", 1, MAX_SIZE, &self->vocab_size, error) ||
      !tpd_config_get_int (json, where, "hidden_size", 1, MAX_CHANNELS, &self->hidden_size,
                           error) ||
      !tpd_config_get_int (json, where, "num_hidden_layers", 0, MAX_LAYERS,
                           &self->num_hidden_layers, error) ||
      !tpd_config_get_int (json, where, "num_attention_heads", 1, 1024, &self->num_attention_heads,
                           error) ||
      !tpd_config_get_int (json, where, "intermediate_size", 1, 4 * MAX_CHANNELS,
                           &self->intermediate_size, error) ||
      !tpd_config_get_int (json, where, "max_position_embeddings", 1, MAX_SIZE,
                           &self->max_position_embeddings, error) ||
      !tpd_config_get_string (json, where, "hidden_act", activations, &hidden_act, error) ||
      !tpd_config_get_double (json, where, "layer_norm_eps", &self->layer_norm_eps, error) ||
      !tpd_config_get_int (json, where, "eos_token_id", 0, MAX_SIZE, &self->eos_token_id, error))
    return FALSE;
  self->hidden_act = g_str_equal (hidden_act, "quick_gelu") ? TPD_ACT_QUICK_GELU : TPD_ACT_GELU;
  if (self->hidden_size % self->num_attention_heads != 0)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_MISMATCH,
                   "%s: \"num_attention_heads\" (%" G_GINT64_FORMAT
                   ") should divide \"hidden_size\" (%" G_GINT64_FORMAT ")",
                   where, self->num_attention_heads, self->hidden_size);
      return FALSE;
    }
  return TRUE;
}
