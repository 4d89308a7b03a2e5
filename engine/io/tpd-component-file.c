/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-component-file.h"

#include <glib/gstdio.h>

#include "../core/tpd-file.h"
#include "../core/tpd-json.h"
#include "tpd-safetensors-writer.h"

/* diffusers and transformers name their weights differently; diffusers' configs have a class name.
 */
static const char *
weights_name (JsonObject *config)
{
  return json_object_has_member (config, "_class_name") ? "diffusion_pytorch_model.safetensors"
                                                        : "model.safetensors";
}

static gboolean
write_param (TpdSafetensorsWriter *writer, TpdContext *ctx, TpdParamStore *store, guint i,
             GError **error)
{
  g_autofree float *data =
      g_new (float, tpd_tensor_n_elements (tpd_param_store_get_tensor (store, i)));
  TpdHostTensor header;

  return tpd_param_store_save_param (store, ctx, i, &header, data, error) &&
         tpd_safetensors_writer_write (writer, tpd_param_get_name (tpd_param_store_get (store, i)),
                                       &header, error);
}

gboolean
tpd_component_file_write_weights (TpdParamStore *store, TpdContext *ctx, const char *path,
                                  TpdDtype dtype, GError **error)
{
  g_autoptr (TpdSafetensorsWriter) writer = tpd_safetensors_writer_new ();

  tpd_safetensors_writer_set_metadata (writer, "format", "pt");
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    {
      gint64 shape[TPD_MAX_DIMS];
      int n_dims = tpd_param_get_shape (tpd_param_store_get (store, i), shape);

      tpd_safetensors_writer_declare (writer, tpd_param_get_name (tpd_param_store_get (store, i)),
                                      dtype, n_dims, shape);
    }
  if (!tpd_safetensors_writer_open (writer, path, error))
    return FALSE;
  for (guint i = 0; i < tpd_param_store_get_n (store); i++)
    if (!write_param (writer, ctx, store, i, error))
      return FALSE;
  return tpd_safetensors_writer_commit (writer, error);
}

gboolean
tpd_component_file_write (TpdComponent *component, TpdContext *ctx, const char *dir, TpdDtype dtype,
                          GError **error)
{
  JsonObject *config = tpd_component_get_config (component);
  g_autofree char *weights = g_build_filename (dir, weights_name (config), NULL);
  g_autofree char *config_path = g_build_filename (dir, "config.json", NULL);
  g_autofree char *text = tpd_json_format (config);

  if (g_mkdir_with_parents (dir, 0777) != 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", dir,
                   g_strerror (code));
      return FALSE;
    }
  return tpd_component_file_write_weights (tpd_component_get_params (component), ctx, weights,
                                           dtype, error) &&
         tpd_file_write_text (config_path, text, error);
}

JsonObject *
tpd_component_file_read_config (const char *dir, GError **error)
{
  g_autofree char *path = g_build_filename (dir, "config.json", NULL);

  return tpd_json_read_file (path, error);
}

TpdSafetensors *
tpd_component_file_open_weights (const char *dir, JsonObject *config, GError **error)
{
  g_autofree char *path = g_build_filename (dir, weights_name (config), NULL);
  g_autofree char *index = g_strconcat (path, ".index.json", NULL);

  return tpd_safetensors_open (g_file_test (index, G_FILE_TEST_EXISTS) ? index : path, error);
}

static gboolean
load_params (TpdParamStore *params, TpdContext *ctx, TpdSafetensors *weights, GError **error)
{
  return tpd_param_store_load (params, ctx, tpd_safetensors_lookup_func, weights,
                               tpd_safetensors_get_path (weights), error);
}

gboolean
tpd_component_file_load_weights (TpdParamStore *params, TpdContext *ctx, const char *path,
                                 GError **error)
{
  g_autoptr (TpdSafetensors) weights = tpd_safetensors_open (path, error);

  return weights != NULL && load_params (params, ctx, weights, error);
}

gboolean
tpd_component_file_load (TpdComponent *component, TpdContext *ctx, const char *dir, GError **error)
{
  g_autoptr (TpdSafetensors) weights =
      tpd_component_file_open_weights (dir, tpd_component_get_config (component), error);

  return weights != NULL && load_params (tpd_component_get_params (component), ctx, weights, error);
}
