/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-train-setup.h"

#include <gio/gio.h>

#include "../core/tpd-enum.h"
#include "../core/tpd-json.h"
#include "../io/tpd-component-class.h"
#include "tpd-shapes.h"

TpdDataset *
tpd_train_setup_dataset (const TpdTrainConfig *config, GError **error)
{
  const TpdClipSize size = {config->frames, config->size, config->size};

  int world;

  if (!tpd_enum_parse (TPD_TYPE_WORLD, config->dataset, &world))
    g_return_val_if_reached (NULL); /* the settings allow no other */
  return TPD_DATASET (tpd_shapes_new (world, size, config->data_seed, TPD_SHAPES_TRAIN));
}

/* A file if there is one of that name, else a preset that comes with the program. */
static JsonObject *
read_configs (const char *name, GError **error)
{
  g_autofree char *resource = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (g_file_test (name, G_FILE_TEST_IS_REGULAR))
    return tpd_json_read_file (name, error);
  resource = g_strdup_printf ("/org/tpdiff/presets/%s.json", name);
  bytes = g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  if (bytes == NULL)
    {
      g_auto (GStrv) presets = g_resources_enumerate_children ("/org/tpdiff/presets",
                                                               G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      g_autofree char *list = g_strjoinv (", ", presets);

      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                   "--config \"%s\" is neither a file nor a preset; presets are %s", name, list);
      return NULL;
    }
  return tpd_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), resource, error);
}

/* A config made by hand may lack the class, which names the weights' file and opens it again. */
static void
complete_class (JsonObject *config, const char *key)
{
  if (tpd_component_class_name (config) != NULL)
    return;
  if (g_str_equal (key, "text_encoder"))
    {
      JsonArray *architectures = json_array_new ();

      json_array_add_string_element (architectures, "CLIPTextModel");
      json_object_set_array_member (config, "architectures", architectures);
    }
  else
    json_object_set_string_member (config, "_class_name",
                                   g_str_equal (key, "vae") ? "AutoencoderKL"
                                                            : "PyramidFluxTransformer");
}

JsonObject *
tpd_train_setup_component_config (const TpdTrainConfig *config, const char *key, GError **error)
{
  g_autoptr (JsonObject) configs = read_configs (config->config, error);
  JsonNode *node;

  if (configs == NULL)
    return NULL;
  node = json_object_get_member (configs, key);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                   "%s: has no \"%s\", the config of what is to be trained", config->config, key);
      return NULL;
    }
  complete_class (json_node_get_object (node), key);
  return json_object_ref (json_node_get_object (node));
}

TpdDtype
tpd_train_setup_dtype (const TpdTrainConfig *config)
{
  return g_str_equal (config->dtype, "f16")    ? TPD_F16
         : g_str_equal (config->dtype, "bf16") ? TPD_BF16
                                               : TPD_F32;
}
