/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-component-class.h"

#include "../models/tpd-mini-flux.h"
#include "../text/tpd-clip-text.h"
#include "../vae/tpd-autoencoder-kl.h"
#include "tpd-component-file.h"

typedef TpdComponent *(*Make) (JsonObject *config, const char *where, GError **error);

/* Constructors return types of their own. */
#define MAKE(name)                                                                                 \
  static TpdComponent *make_##name (JsonObject *config, const char *where, GError **error)         \
  {                                                                                                \
    return (TpdComponent *)tpd_##name##_new (config, where, error);                                \
  }
MAKE (autoencoder_kl)
MAKE (clip_text)
MAKE (mini_flux)

/* Class names as in diffusers' and transformers' configs. */
static const struct
{
  const char *name;
  GType (*get_type) (void);
  Make make;
} classes[] = {
    {"AutoencoderKL", tpd_autoencoder_kl_get_type, make_autoencoder_kl},
    {"CLIPTextModel", tpd_clip_text_get_type, make_clip_text},
    {"PyramidFluxTransformer", tpd_mini_flux_get_type, make_mini_flux},
};

const char *
tpd_component_class_name (JsonObject *config)
{
  JsonNode *node = json_object_get_member (config, "_class_name"); /* diffusers */

  if (node == NULL)
    {
      node = json_object_get_member (config, "architectures"); /* transformers */
      if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node) ||
          json_array_get_length (json_node_get_array (node)) == 0)
        return NULL;
      node = json_array_get_element (json_node_get_array (node), 0);
    }
  return JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

TpdComponent *
tpd_component_class_read (const char *folder, GType type, GError **error)
{
  g_autofree char *where = g_build_filename (folder, "config.json", NULL);
  g_autoptr (JsonObject) config = tpd_component_file_read_config (folder, error);
  const char *name;

  if (config == NULL)
    return NULL;
  name = tpd_component_class_name (config);
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_strcmp0 (name, classes[i].name) == 0 && g_type_is_a (classes[i].get_type (), type))
      return classes[i].make (config, where, error);
  tpd_error_set (error, TPD_ERROR_UNSUPPORTED, "%s: \"%.80s\" is not a class that can be used here",
                 where, name != NULL ? name : "(none)");
  return NULL;
}
