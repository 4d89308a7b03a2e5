/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model-report.h"

#include "core/tpd-shape.h"
#include "io/tpd-component-class.h"
#include "io/tpd-component-file.h"
#include "tpd-pipeline.h"

/* Larger clips are not made to count what they take: even without computing anything, their pixels
 * would be a burden. 200 frames of 720p are smaller. */
#define MAX_REHEARSED_PIXELS ((guint64)1 << 28)

typedef struct
{
  const TpdModelInfo *info;
  JsonObject *components; /* folder → what is known of it */
  JsonArray *problems;
} Inspection;

static void
note_problem (Inspection *self, const GError *error)
{
  for (guint i = 0; i < json_array_get_length (self->problems); i++)
    if (g_str_equal (json_array_get_string_element (self->problems, i), error->message))
      return;
  json_array_add_string_element (self->problems, error->message);
}

/* Counts what the weights hold, without loading them. */
static gboolean
add_weights (JsonObject *entry, const char *path, JsonObject *config, GError **error)
{
  g_autoptr (TpdSafetensors) weights = tpd_component_file_open_weights (path, config, error);
  const char *dtype = NULL;
  gint64 n_parameters = 0;

  if (weights == NULL)
    return FALSE;
  for (const char *const *name = tpd_safetensors_get_names (weights); *name != NULL; name++)
    {
      TpdHostTensor tensor;

      tpd_safetensors_lookup (weights, *name, &tensor);
      n_parameters += tpd_shape_count (tensor.n_dims, tensor.shape);
      if (dtype == NULL)
        dtype = tpd_dtype_name (tensor.dtype);
      else if (!g_str_equal (dtype, tpd_dtype_name (tensor.dtype)))
        dtype = "mixed";
    }
  json_object_set_int_member (entry, "parameters", n_parameters);
  json_object_set_int_member (entry, "bytes", (gint64)tpd_safetensors_get_n_bytes (weights));
  json_object_set_string_member (entry, "dtype", dtype != NULL ? dtype : "none");
  return TRUE;
}

static JsonObject *
add_component (Inspection *self, const char *folder)
{
  g_autofree char *path = g_build_filename (self->info->path, folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) config = tpd_component_file_read_config (path, &error);
  JsonObject *entry = json_object_new ();
  const char *class_name;

  json_object_set_object_member (self->components, folder, entry);
  if (config != NULL)
    {
      class_name = tpd_component_class_name (config);
      json_object_set_string_member (entry, "class", class_name);
      json_object_set_object_member (entry, "config", json_object_ref (config));
      add_weights (entry, path, config, &error);
    }
  if (error != NULL)
    note_problem (self, error);
  return entry;
}

static void
add_denoiser (Inspection *self, const TpdDenoiserInfo *denoiser)
{
  JsonObject *entry = add_component (self, denoiser->folder);

  json_object_set_object_member (entry, "pyramid", tpd_pyramid_config_to_json (&denoiser->pyramid));
  json_object_set_string_member (entry, "text_encoder", denoiser->text_encoder);
  if (!json_object_has_member (self->components, denoiser->text_encoder))
    add_component (self, denoiser->text_encoder);
}

/* Bytes of the weights that sampling with the default denoiser keeps in memory: numbers are f32
 * there, whatever the files hold. */
static gint64
memory_of_weights (Inspection *self)
{
  const TpdDenoiserInfo *denoiser = &self->info->denoisers[0];
  const char *const folders[] = {denoiser->folder, denoiser->text_encoder, "vae"};
  gint64 n_parameters = 0;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    n_parameters += json_object_get_int_member_with_default (
        json_object_get_object_member (self->components, folders[i]), "parameters", 0);
  return n_parameters * (gint64)tpd_dtype_size (TPD_F32);
}

static gboolean
has_bearable_clips (const TpdModelInfo *info)
{
  guint64 frames = MAX (info->n_frames, tpd_sampler_settings_get_num_frames (info->defaults));

  return frames * info->width * info->height <= MAX_REHEARSED_PIXELS;
}

/* Makes a clip with the model's default settings on a device that does nothing but count: the most
 * bytes that tensors take at once, weights included. What kernels need besides is not in it. */
static gboolean
rehearse (Inspection *self, gint64 *peak, GError **error)
{
  g_autoptr (TpdPipeline) pipeline = tpd_pipeline_new (self->info->path, "dry", error);
  g_autoptr (TpdRequest) request = tpd_request_new ();
  g_autoptr (TpdClip) clip = NULL;
  TpdModel *model;

  if (pipeline == NULL)
    return FALSE;
  request->prompt = g_strdup ("?"); /* guidance doubles the work: count it */
  if (has_bearable_clips (self->info))
    {
      clip = tpd_pipeline_generate (pipeline, request, NULL, NULL, NULL, error);
      if (clip == NULL)
        return FALSE;
    }
  model = tpd_pipeline_get_model (pipeline);
  if (clip != NULL)
    *peak = (gint64)tpd_device_get_peak_bytes (tpd_model_get_device (model));
  for (guint i = 0; i < self->info->n_denoisers; i++)
    if (tpd_model_get_component (model, self->info->denoisers[i].folder, error) == NULL)
      return FALSE;
  return TRUE;
}

JsonObject *
tpd_model_report (const char *model, GError **error)
{
  g_autoptr (TpdModelInfo) info = tpd_model_info_read (model, error);
  g_autoptr (GError) misfit = NULL;
  Inspection self = {.info = info};
  gint64 memory_of_sampling = 0;
  JsonObject *report;

  if (info == NULL)
    return NULL;
  self.components = json_object_new ();
  self.problems = json_array_new ();
  for (guint i = 0; i < info->n_denoisers; i++)
    add_denoiser (&self, &info->denoisers[i]);
  add_component (&self, "vae");
  /* Whether the parts fit, only using them all tells. */
  if (json_array_get_length (self.problems) == 0 && !rehearse (&self, &memory_of_sampling, &misfit))
    note_problem (&self, misfit);

  report = json_object_new ();
  json_object_set_string_member (report, "name", info->name);
  json_object_set_string_member (report, "path", info->path);
  json_object_set_string_member (report, "license", info->license);
  json_object_set_string_member (report, "dataset", info->dataset);
  json_object_set_int_member (report, "frames", info->n_frames);
  json_object_set_int_member (report, "width", info->width);
  json_object_set_int_member (report, "height", info->height);
  json_object_set_double_member (report, "fps", (double)info->fps_n / info->fps_d);
  json_object_set_int_member (report, "memory_of_weights", memory_of_weights (&self));
  json_object_set_int_member (report, "memory_of_sampling", memory_of_sampling);
  json_object_set_object_member (report, "defaults", tpd_sampler_settings_to_json (info->defaults));
  json_object_set_object_member (report, "components", self.components);
  json_object_set_array_member (report, "problems", self.problems);
  return report;
}
