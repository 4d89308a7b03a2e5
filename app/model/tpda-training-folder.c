/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-training-folder.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "io/tpd-model-path.h"
#include "tpda-train-settings.h"

#define SETTINGS   "run.json"
#define COMPONENTS "components.json"
#define FAILURE    "error.txt"

/* ── making one ── */

static gboolean
write_json (const char *folder, const char *name, JsonObject *object, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, object);
  text = json_to_string (node, TRUE);
  return g_file_set_contents (path, text, -1, error);
}

static void
copy_config (JsonObject *to, const char *key, JsonObject *components, const char *folder)
{
  JsonObject *component = json_object_get_object_member (components, folder);

  if (json_object_has_member (component, "config"))
    json_object_set_member (to, key, json_node_copy (json_object_get_member (component, "config")));
}

/* The shape of the model's first denoiser and of the text encoder that it understands. */
static gboolean
write_components (const char *folder, JsonObject *base, GError **error)
{
  JsonObject *components = json_object_get_object_member (base, "components");
  g_autoptr (JsonObject) shape = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, components);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (json_object_has_member (json_node_get_object (node), "pyramid"))
      {
        copy_config (shape, "transformer", components, name);
        copy_config (shape, "text_encoder", components,
                     json_object_get_string_member (json_node_get_object (node), "text_encoder"));
        break;
      }
  return write_json (folder, COMPONENTS, shape, error);
}

static void
set_path (char **path, char *value)
{
  g_free (*path);
  *path = value;
}

/* As a training in another working directory finds them. */
static void
fill_in (TpdTrainConfig *config, const char *folder, const char *result, JsonObject *base,
         gboolean from_new)
{
  g_autoptr (GFile) model = g_file_new_for_path (json_object_get_string_member (base, "path"));

  set_path (&config->out, g_strdup (folder));
  set_path (&config->model_out, g_strdup (result));
  set_path (&config->model, g_file_get_path (model));
  set_path (&config->init_from, from_new ? NULL : g_file_get_path (model));
  set_path (&config->cache, g_build_filename (folder, "latents.cache", NULL));
  if (from_new)
    set_path (&config->config, g_build_filename (folder, COMPONENTS, NULL));
  config->size = json_object_get_int_member (base, "width");
  config->frames = json_object_get_int_member (base, "frames");
}

gboolean
tpda_training_folder_create (const char *folder, const char *result, JsonObject *base,
                             gboolean from_new, TpdTrainConfig *config, GError **error)
{
  g_autofree char *above = g_path_get_dirname (folder);
  g_autoptr (JsonObject) settings = NULL;

  fill_in (config, folder, result, base, from_new);
  if (g_mkdir_with_parents (above, 0777) != 0 || g_mkdir (folder, 0777) != 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (code), "%s: %s", folder,
                   g_strerror (code));
      return FALSE;
    }
  settings = tpd_train_config_to_json (config);
  return (!from_new || write_components (folder, base, error)) &&
         write_json (folder, SETTINGS, settings, error);
}

/* ── its settings ── */

gboolean
tpda_training_folder_read_config (const char *folder, TpdTrainConfig *config, GError **error)
{
  g_autofree char *path = g_build_filename (folder, SETTINGS, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _ ("%s: should be an object with settings"), path);
      return FALSE;
    }
  if (!tpda_train_settings_load (config, json_node_get_object (root), error))
    {
      g_prefix_error (error, "%s: ", path);
      set_path (&config->out, NULL);
      return FALSE;
    }
  set_path (&config->out, g_strdup (folder));
  return TRUE;
}

/* ── how it ended ── */

void
tpda_training_folder_write_error (const char *folder, const GError *error)
{
  g_autofree char *path = g_build_filename (folder, FAILURE, NULL);

  if (error == NULL)
    g_unlink (path);
  else
    g_file_set_contents (path, error->message, -1, NULL); /* it is shown now in any case */
}

GError *
tpda_training_folder_read_error (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, FAILURE, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text);
}

static gint64
modified (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    return -1;
  return (gint64)info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
}

gboolean
tpda_training_folder_is_done (const char *folder, const TpdTrainConfig *config)
{
  gint64 checkpoint = modified (folder, "checkpoint.safetensors");

  return checkpoint >= 0 && config->model_out != NULL &&
         modified (config->model_out, TPD_MODEL_FILE) >= checkpoint;
}

/* ── samples ── */

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

GStrv
tpda_training_folder_list_samples (const char *folder)
{
  g_autofree char *samples = g_build_filename (folder, "samples", NULL);
  g_autoptr (GDir) dir = g_dir_open (samples, 0, NULL);
  GPtrArray *paths = g_ptr_array_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".png") && *name != '.')
      g_ptr_array_add (paths, g_build_filename (samples, name, NULL));
  g_ptr_array_sort (paths, compare_paths); /* their names are numbers of the same length */
  g_ptr_array_add (paths, NULL);
  return (GStrv)g_ptr_array_free (paths, FALSE);
}
