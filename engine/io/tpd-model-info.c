/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-model-info.h"

#include <string.h>

#include "../core/tpd-config.h"
#include "../core/tpd-file.h"
#include "../core/tpd-json.h"

#define VERSION 1

#define DEFAULT_TEXT_ENCODER "text_encoder"

/* Larger clips than any model makes: a limit against nonsense. */
#define MAX_FRAMES 65536
#define MAX_SIZE   16384
#define MAX_RATE   1000000

G_DEFINE_BOXED_TYPE (TpdModelInfo, tpd_model_info, tpd_model_info_copy, tpd_model_info_free)

TpdModelInfo *
tpd_model_info_new (const char *path)
{
  TpdModelInfo *self = g_new0 (TpdModelInfo, 1);
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  *self = (TpdModelInfo){
      .path = g_strdup (path),
      .name = g_path_get_basename (absolute),
      .n_frames = 16,
      .width = 64,
      .height = 64,
      .fps_n = 8,
      .fps_d = 1,
      .defaults = tpd_sampler_settings_new (),
  };
  return self;
}

TpdModelInfo *
tpd_model_info_copy (const TpdModelInfo *self)
{
  TpdModelInfo *copy = g_memdup2 (self, sizeof *self);

  copy->path = g_strdup (self->path);
  copy->name = g_strdup (self->name);
  copy->license = g_strdup (self->license);
  copy->dataset = g_strdup (self->dataset);
  copy->defaults = tpd_sampler_settings_copy (self->defaults);
  copy->denoisers = NULL;
  copy->n_denoisers = 0;
  for (guint i = 0; i < self->n_denoisers; i++)
    tpd_model_info_add_denoiser (copy, self->denoisers[i].folder, self->denoisers[i].text_encoder,
                                 &self->denoisers[i].pyramid);
  return copy;
}

void
tpd_model_info_free (TpdModelInfo *self)
{
  for (guint i = 0; i < self->n_denoisers; i++)
    {
      g_free (self->denoisers[i].folder);
      g_free (self->denoisers[i].text_encoder);
    }
  g_free (self->denoisers);
  g_clear_object (&self->defaults);
  g_free (self->license);
  g_free (self->dataset);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

void
tpd_model_info_add_denoiser (TpdModelInfo *self, const char *folder, const char *text_encoder,
                             const TpdPyramidConfig *pyramid)
{
  const char *text = text_encoder != NULL ? text_encoder : DEFAULT_TEXT_ENCODER;

  for (guint i = 0; i < self->n_denoisers; i++)
    if (g_str_equal (self->denoisers[i].folder, folder))
      {
        g_free (self->denoisers[i].text_encoder);
        self->denoisers[i].text_encoder = g_strdup (text);
        self->denoisers[i].pyramid = *pyramid;
        return;
      }
  self->denoisers = g_renew (TpdDenoiserInfo, self->denoisers, self->n_denoisers + 1);
  self->denoisers[self->n_denoisers++] =
      (TpdDenoiserInfo){g_strdup (folder), g_strdup (text), *pyramid};
}

/* ── picking ── */

/* "K = 3 (transformer), K = 1 (transformer_vanilla)" */
static char *
describe_denoisers (const TpdModelInfo *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->n_denoisers; i++)
    g_string_append_printf (text, "%sK = %u (%s)", i > 0 ? ", " : "",
                            self->denoisers[i].pyramid.n_stages, self->denoisers[i].folder);
  return g_string_free (text, FALSE);
}

static const TpdDenoiserInfo *
find_stages (const TpdModelInfo *self, guint stages)
{
  for (guint i = 0; i < self->n_denoisers; i++)
    if (self->denoisers[i].pyramid.n_stages == stages)
      return &self->denoisers[i];
  return NULL;
}

const TpdDenoiserInfo *
tpd_model_info_pick_denoiser (const TpdModelInfo *self, guint stages, gboolean training_free,
                              GError **error)
{
  const TpdDenoiserInfo *vanilla = find_stages (self, 1);
  const TpdDenoiserInfo *found = stages == 0 ? &self->denoisers[0] : find_stages (self, stages);
  g_autofree char *available = NULL;

  if (training_free && vanilla != NULL)
    return vanilla;
  if (found != NULL && !training_free)
    return found;
  available = describe_denoisers (self);
  if (training_free)
    tpd_error_set (error, TPD_ERROR_UNSUPPORTED,
                   "Model %s has no vanilla denoiser to run training-free; it was trained with %s",
                   self->name, available);
  else
    tpd_error_set (error, TPD_ERROR_UNSUPPORTED,
                   "Model %s has no denoiser for %u stages; it was trained with %s%s", self->name,
                   stages, available,
                   vanilla != NULL && stages > 1 ? "; training-free sampling would be possible"
                                                 : "");
  return NULL;
}

/* ── reading ── */

static gboolean
read_uint (JsonObject *json, const char *where, const char *key, gint64 max, guint *value,
           GError **error)
{
  gint64 number = *value;

  if (!tpd_config_get_int (json, where, key, 1, max, &number, error))
    return FALSE;
  *value = (guint)number;
  return TRUE;
}

/* "fps": 8 or "fps": [30000, 1001] */
static gboolean
read_rate (TpdModelInfo *self, JsonObject *json, const char *where, GError **error)
{
  JsonNode *node = json_object_get_member (json, "fps");
  gint64 rate[2] = {self->fps_n, self->fps_d};
  guint n = 2;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return read_uint (json, where, "fps", MAX_RATE, &self->fps_n, error);
  if (!tpd_config_get_ints (json, where, "fps", 1, MAX_RATE, rate, &n, error))
    return FALSE;
  self->fps_n = (guint)rate[0];
  self->fps_d = n == 2 ? (guint)rate[1] : 1;
  return TRUE;
}

/* The name of a folder inside the model, and of nothing outside of it. */
static gboolean
is_folder (const char *name)
{
  return *name != 0 && *name != '.' &&
         name[strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.")] == 0;
}

static gboolean
read_denoiser (TpdModelInfo *self, JsonObject *denoisers, const char *where, const char *folder,
               GError **error)
{
  g_autofree char *inside = g_strdup_printf ("%s: denoisers: %.80s", where, folder);
  const char *text = DEFAULT_TEXT_ENCODER;
  JsonObject *entry = NULL;
  TpdPyramidConfig pyramid;

  if (!tpd_config_get_object (denoisers, where, folder, &entry, error))
    return FALSE;
  if (entry == NULL || !is_folder (folder))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                     "%s: should be the name of a folder inside the model, with an object", inside);
      return FALSE;
    }
  if (!tpd_config_get_string (entry, inside, "text_encoder", NULL, &text, error) ||
      !tpd_pyramid_config_from_json (&pyramid, entry, inside, error))
    return FALSE;
  if (!is_folder (text))
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                     "%s: \"text_encoder\" should be the name of a folder inside the model, but is "
                     "\"%.80s\"",
                     inside, text);
      return FALSE;
    }
  tpd_model_info_add_denoiser (self, folder, text, &pyramid);
  return TRUE;
}

static gboolean
read_denoisers (TpdModelInfo *self, JsonObject *json, const char *where, GError **error)
{
  JsonObject *denoisers = NULL;
  JsonObjectIter iter;
  const char *folder;

  if (!tpd_config_get_object (json, where, "denoisers", &denoisers, error))
    return FALSE;
  if (denoisers == NULL || json_object_get_size (denoisers) == 0)
    {
      tpd_error_set (error, TPD_ERROR_INVALID_DATA,
                     "%s: \"denoisers\" should name at least one denoiser", where);
      return FALSE;
    }
  json_object_iter_init_ordered (&iter, denoisers);
  while (json_object_iter_next_ordered (&iter, &folder, NULL))
    if (!read_denoiser (self, denoisers, where, folder, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_defaults (TpdModelInfo *self, JsonObject *json, const char *where, GError **error)
{
  g_autofree char *inside = g_strconcat (where, ": defaults", NULL);
  JsonObject *defaults = NULL;
  TpdSamplerSettings *settings;

  if (!tpd_config_get_object (json, where, "defaults", &defaults, error))
    return FALSE;
  if (defaults == NULL)
    return TRUE;
  settings = tpd_sampler_settings_from_json (defaults, inside, error);
  if (settings == NULL)
    return FALSE;
  g_object_unref (self->defaults);
  self->defaults = settings;
  return TRUE;
}

static gboolean
read_strings (TpdModelInfo *self, JsonObject *json, const char *where, GError **error)
{
  const char *name = NULL, *license = NULL, *dataset = NULL;

  if (!tpd_config_get_string (json, where, "name", NULL, &name, error) ||
      !tpd_config_get_string (json, where, "license", NULL, &license, error) ||
      !tpd_config_get_string (json, where, "dataset", NULL, &dataset, error))
    return FALSE;
  if (name != NULL && *name != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
    }
  self->license = g_strdup (license);
  self->dataset = g_strdup (dataset);
  return TRUE;
}

static gboolean
read_version (JsonObject *json, const char *where, GError **error)
{
  gint64 version = VERSION;

  if (!tpd_config_get_int (json, where, "version", 1, G_MAXINT, &version, error))
    return FALSE;
  if (version <= VERSION)
    return TRUE;
  tpd_error_set (error, TPD_ERROR_UNSUPPORTED,
                 "%s: is of version %" G_GINT64_FORMAT
                 ", but this program knows up to %d; a newer TPDiff may read it",
                 where, version, VERSION);
  return FALSE;
}

TpdModelInfo *
tpd_model_info_parse (JsonObject *json, const char *path, const char *where, GError **error)
{
  g_autoptr (TpdModelInfo) self = tpd_model_info_new (path);

  if (!read_version (json, where, error) || !read_strings (self, json, where, error) ||
      !read_uint (json, where, "frames", MAX_FRAMES, &self->n_frames, error) ||
      !read_uint (json, where, "width", MAX_SIZE, &self->width, error) ||
      !read_uint (json, where, "height", MAX_SIZE, &self->height, error) ||
      !read_rate (self, json, where, error) || !read_denoisers (self, json, where, error) ||
      !read_defaults (self, json, where, error))
    return NULL;
  return g_steal_pointer (&self);
}

TpdModelInfo *
tpd_model_info_read (const char *model, GError **error)
{
  g_autofree char *path = tpd_model_find (model, error);
  g_autofree char *file = path != NULL ? g_build_filename (path, TPD_MODEL_FILE, NULL) : NULL;
  g_autoptr (JsonObject) json = file != NULL ? tpd_json_read_file (file, error) : NULL;

  return json != NULL ? tpd_model_info_parse (json, path, file, error) : NULL;
}

/* ── writing ── */

static void
add_rate (const TpdModelInfo *self, JsonObject *json)
{
  JsonArray *rate;

  if (self->fps_d == 1)
    {
      json_object_set_int_member (json, "fps", self->fps_n);
      return;
    }
  rate = json_array_new ();
  json_array_add_int_element (rate, self->fps_n);
  json_array_add_int_element (rate, self->fps_d);
  json_object_set_array_member (json, "fps", rate);
}

static JsonObject *
denoiser_to_json (const TpdDenoiserInfo *denoiser)
{
  JsonObject *entry = tpd_pyramid_config_to_json (&denoiser->pyramid);

  if (!g_str_equal (denoiser->text_encoder, DEFAULT_TEXT_ENCODER))
    json_object_set_string_member (entry, "text_encoder", denoiser->text_encoder);
  return entry;
}

gboolean
tpd_model_info_write (const TpdModelInfo *self, GError **error)
{
  g_autofree char *file = g_build_filename (self->path, TPD_MODEL_FILE, NULL);
  g_autoptr (JsonObject) json = json_object_new ();
  JsonObject *denoisers = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_int_member (json, "version", VERSION);
  json_object_set_string_member (json, "name", self->name);
  if (self->license != NULL)
    json_object_set_string_member (json, "license", self->license);
  if (self->dataset != NULL)
    json_object_set_string_member (json, "dataset", self->dataset);
  json_object_set_int_member (json, "frames", self->n_frames);
  json_object_set_int_member (json, "width", self->width);
  json_object_set_int_member (json, "height", self->height);
  add_rate (self, json);
  for (guint i = 0; i < self->n_denoisers; i++)
    json_object_set_object_member (denoisers, self->denoisers[i].folder,
                                   denoiser_to_json (&self->denoisers[i]));
  json_object_set_object_member (json, "denoisers", denoisers);
  json_object_set_object_member (json, "defaults", tpd_sampler_settings_to_json (self->defaults));
  text = tpd_json_format (json);
  return tpd_file_write_text (file, text, error);
}
