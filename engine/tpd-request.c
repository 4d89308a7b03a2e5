/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-request.h"

#include <string.h>

#include "core/tpd-config.h"
#include "core/tpd-json.h"

#define RECORD_VERSION 1
#define WHERE          "The settings record"

G_DEFINE_BOXED_TYPE (TpdRequest, tpd_request, tpd_request_copy, tpd_request_free)

GType
tpd_preview_mode_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {TPD_PREVIEW_NONE, "No previews", "none"},
      {TPD_PREVIEW_STAGE, "At the end of each stage", "stage"},
      {TPD_PREVIEW_STEP, "After each step", "step"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TpdPreviewMode", values));
  return type;
}

GType
tpd_preview_decoder_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
      {TPD_PREVIEW_DECODER_AUTO, "The projection if the model has one, else the VAE", "auto"},
      {TPD_PREVIEW_DECODER_PROJECTION, "The model's linear projection: fast, blurred",
       "projection"},
      {TPD_PREVIEW_DECODER_VAE, "The model's VAE: sharp, slow", "vae"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("TpdPreviewDecoder", values));
  return type;
}

TpdRequest *
tpd_request_new (void)
{
  TpdRequest *self = g_new0 (TpdRequest, 1);

  self->settings = tpd_sampler_settings_new ();
  self->strength = TPD_DEFAULT_STRENGTH;
  return self;
}

TpdRequest *
tpd_request_copy (const TpdRequest *self)
{
  TpdRequest *copy = g_new0 (TpdRequest, 1);

  copy->model = g_strdup (self->model);
  copy->device = g_strdup (self->device);
  copy->prompt = g_strdup (self->prompt);
  copy->negative_prompt = g_strdup (self->negative_prompt);
  copy->settings = tpd_sampler_settings_copy (self->settings);
  copy->preview = self->preview;
  copy->preview_decoder = self->preview_decoder;
  copy->input = self->input != NULL ? tpd_clip_ref (self->input) : NULL;
  copy->strength = self->strength;
  copy->first_frame = self->first_frame != NULL ? tpd_clip_ref (self->first_frame) : NULL;
  copy->hold_first_frame = self->hold_first_frame;
  return copy;
}

void
tpd_request_free (TpdRequest *self)
{
  g_free (self->model);
  g_free (self->device);
  g_free (self->prompt);
  g_free (self->negative_prompt);
  g_object_unref (self->settings);
  g_clear_pointer (&self->input, tpd_clip_unref);
  g_clear_pointer (&self->first_frame, tpd_clip_unref);
  g_free (self);
}

static void
write_clip (JsonObject *object, const char *key, const TpdClip *clip)
{
  g_autofree char *digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, clip->rgb);

  json_object_set_string_member (object, key, digest);
}

char *
tpd_request_to_json (const TpdRequest *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "tpdiff", RECORD_VERSION);
  json_object_set_string_member (object, "application", "TPDiff " PACKAGE_VERSION);
  json_object_set_string_member (object, "model", self->model != NULL ? self->model : "");
  json_object_set_string_member (object, "prompt", self->prompt != NULL ? self->prompt : "");
  json_object_set_string_member (object, "negative-prompt",
                                 self->negative_prompt != NULL ? self->negative_prompt : "");
  if (self->input != NULL)
    {
      write_clip (object, "input", self->input);
      json_object_set_double_member (object, "strength", self->strength);
    }
  if (self->first_frame != NULL)
    {
      write_clip (object, "first-frame", self->first_frame);
      json_object_set_boolean_member (object, "hold-first-frame", self->hold_first_frame);
    }
  json_object_set_object_member (object, "settings", tpd_sampler_settings_to_json (self->settings));
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

static gboolean
read_string (JsonObject *object, const char *key, char **value, GError **error)
{
  const char *text = NULL;

  if (!tpd_config_get_string (object, WHERE, key, NULL, &text, error))
    return FALSE;
  *value = text != NULL && *text != '\0' ? g_strdup (text) : NULL;
  return TRUE;
}

static gboolean
read_record (TpdRequest *self, JsonObject *object, GError **error)
{
  gint64 version = 0;
  TpdSamplerSettings *settings;

  if (!json_object_has_member (object, "tpdiff"))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
                   WHERE " lacks \"tpdiff\": it is JSON of something else");
      return FALSE;
    }
  if (!tpd_config_get_int (object, WHERE, "tpdiff", 0, G_MAXINT64, &version, error))
    return FALSE;
  if (version != RECORD_VERSION)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                   WHERE " is of version %" G_GINT64_FORMAT ", this program reads version %d",
                   version, RECORD_VERSION);
      return FALSE;
    }
  if (json_object_has_member (object, "input") || json_object_has_member (object, "first-frame"))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                   WHERE " is of a clip that was made from another one, and does not hold that");
      return FALSE;
    }
  if (!read_string (object, "model", &self->model, error) ||
      !read_string (object, "prompt", &self->prompt, error) ||
      !read_string (object, "negative-prompt", &self->negative_prompt, error))
    return FALSE;
  if (!json_object_has_member (object, "settings"))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (json_object_get_member (object, "settings")))
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
                   WHERE ": \"settings\" should be an object");
      return FALSE;
    }
  settings = tpd_sampler_settings_from_json (json_object_get_object_member (object, "settings"),
                                             WHERE, error);
  if (settings == NULL)
    return FALSE;
  g_set_object (&self->settings, settings);
  g_object_unref (settings);
  return TRUE;
}

TpdRequest *
tpd_request_new_from_json (const char *record, GError **error)
{
  g_autoptr (TpdRequest) self = tpd_request_new ();
  g_autoptr (JsonObject) object = NULL;

  g_return_val_if_fail (record != NULL, NULL);

  object = tpd_json_parse (record, strlen (record), WHERE, error);
  if (object == NULL || !read_record (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
fill_in_text (char **text, const char *other)
{
  if (*text == NULL)
    *text = g_strdup (other);
}

void
tpd_request_fill_in (TpdRequest *self, const TpdRequest *other)
{
  fill_in_text (&self->model, other->model);
  fill_in_text (&self->prompt, other->prompt);
  fill_in_text (&self->negative_prompt, other->negative_prompt);
  tpd_sampler_settings_fill_in (self->settings, other->settings);
}
