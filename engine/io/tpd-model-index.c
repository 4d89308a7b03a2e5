/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model-index.h"

#include "../core/tpd-file.h"
#include "../core/tpd-json.h"
#include "tpd-component-class.h"
#include "tpd-component-file.h"

static void
add_class (JsonObject *index, const char *part, const char *library, const char *name)
{
  JsonArray *entry = json_array_new ();

  json_array_add_string_element (entry, library);
  json_array_add_string_element (entry, name);
  json_object_set_array_member (index, part, entry);
}

/* A part with weights, by what its config says; once, whoever shares it. */
static gboolean
add_part (JsonObject *index, const TpdModelInfo *info, const char *part, GError **error)
{
  g_autofree char *folder = g_build_filename (info->path, part, NULL);
  g_autoptr (JsonObject) config = NULL;
  const char *name;

  if (json_object_has_member (index, part))
    return TRUE;
  config = tpd_component_file_read_config (folder, error);
  if (config == NULL)
    return FALSE;
  name = tpd_component_class_name (config);
  add_class (index, part,
             json_object_has_member (config, "_class_name") ? "diffusers" : "transformers",
             name != NULL ? name : "");
  return TRUE;
}

gboolean
tpd_model_index_write (const TpdModelInfo *info, GError **error)
{
  g_autoptr (JsonObject) index = json_object_new ();
  g_autofree char *path = g_build_filename (info->path, "model_index.json", NULL);
  g_autofree char *text = NULL;

  json_object_set_string_member (index, "_class_name", "DiffusionPipeline");
  add_class (index, "tokenizer", "transformers", "CLIPTokenizer");
  if (!add_part (index, info, "vae", error))
    return FALSE;
  for (guint i = 0; i < info->n_denoisers; i++)
    if (!add_part (index, info, info->denoisers[i].text_encoder, error) ||
        !add_part (index, info, info->denoisers[i].folder, error))
      return FALSE;
  text = tpd_json_format (index);
  return tpd_file_write_text (path, text, error);
}
