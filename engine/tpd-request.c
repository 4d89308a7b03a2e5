/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-request.h"

#include <string.h>

#include "core/tpd-config.h"
#include "core/tpd-json.h"
#include "io/tpd-record-file.h"

#define WHERE "The settings record"

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
  copy->input_digest = g_strdup (self->input_digest);
  copy->input_name = g_strdup (self->input_name);
  copy->first_frame_digest = g_strdup (self->first_frame_digest);
  copy->first_frame_name = g_strdup (self->first_frame_name);
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
  g_free (self->input_digest);
  g_free (self->input_name);
  g_free (self->first_frame_digest);
  g_free (self->first_frame_name);
  g_free (self);
}

/* ── clips that a clip is made from ── */

static char *
digest_of (const TpdClip *clip)
{
  return g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, clip->rgb);
}

static gboolean
check_source (const TpdClip *clip, const char *expected, const char *name, const char *what,
              GError **error)
{
  g_autofree char *digest = NULL;
  const char *called = name != NULL ? name : "no name";

  if (expected == NULL)
    return TRUE;
  if (clip == NULL)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_NOT_FOUND,
                   "The clip was made from %s (%s), which its settings record names and does not "
                   "hold: it has to be given to make the clip again",
                   what, called);
      return FALSE;
    }
  digest = digest_of (clip);
  if (g_str_equal (digest, expected))
    return TRUE;
  g_set_error (
      error, TPD_ERROR, TPD_ERROR_MISMATCH,
      "The clip was made from %s (%s) other than the one given: expected pixels of SHA-256 "
      "%s, got %s",
      what, called, expected, digest);
  return FALSE;
}

gboolean
tpd_request_check_sources (const TpdRequest *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return check_source (self->input, self->input_digest, self->input_name, "a video", error) &&
         check_source (self->first_frame, self->first_frame_digest, self->first_frame_name,
                       "a first frame", error);
}

/* ── as JSON ── */

/* FALSE if there is no such source. */
static gboolean
write_source (JsonObject *object, const char *key, const TpdClip *clip, const char *digest,
              const char *name_key, const char *name)
{
  g_autofree char *own = clip != NULL ? digest_of (clip) : g_strdup (digest);

  if (own == NULL)
    return FALSE;
  json_object_set_string_member (object, key, own);
  if (name != NULL)
    json_object_set_string_member (object, name_key, name);
  return TRUE;
}

char *
tpd_request_to_json (const TpdRequest *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "tpdiff", TPD_RECORD_VERSION);
  json_object_set_string_member (object, "application", "TPDiff " PACKAGE_VERSION);
  json_object_set_string_member (object, "model", self->model != NULL ? self->model : "");
  json_object_set_string_member (object, "prompt", self->prompt != NULL ? self->prompt : "");
  json_object_set_string_member (object, "negative-prompt",
                                 self->negative_prompt != NULL ? self->negative_prompt : "");
  if (write_source (object, "input", self->input, self->input_digest, "input-name",
                    self->input_name))
    json_object_set_double_member (object, "strength", self->strength);
  if (write_source (object, "first-frame", self->first_frame, self->first_frame_digest,
                    "first-frame-name", self->first_frame_name))
    json_object_set_boolean_member (object, "hold-first-frame", self->hold_first_frame);
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
read_sources (TpdRequest *self, JsonObject *object, GError **error)
{
  if (!read_string (object, "input", &self->input_digest, error) ||
      !read_string (object, "input-name", &self->input_name, error) ||
      !read_string (object, "first-frame", &self->first_frame_digest, error) ||
      !read_string (object, "first-frame-name", &self->first_frame_name, error) ||
      !tpd_config_get_double (object, WHERE, "strength", &self->strength, error) ||
      !tpd_config_get_bool (object, WHERE, "hold-first-frame", &self->hold_first_frame, error))
    return FALSE;
  if (self->strength > 0 && self->strength <= 1)
    return TRUE;
  g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_DATA,
               WHERE ": expected a \"strength\" above 0 and at most 1, got %g", self->strength);
  return FALSE;
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
  if (version != TPD_RECORD_VERSION)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_UNSUPPORTED,
                   WHERE " is of version %" G_GINT64_FORMAT ", this program reads version %d",
                   version, TPD_RECORD_VERSION);
      return FALSE;
    }
  if (!read_sources (self, object, error) || !read_string (object, "model", &self->model, error) ||
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
  if (other->input_digest != NULL)
    {
      fill_in_text (&self->input_digest, other->input_digest);
      fill_in_text (&self->input_name, other->input_name);
      self->strength = other->strength;
    }
  if (other->first_frame_digest != NULL)
    {
      fill_in_text (&self->first_frame_digest, other->first_frame_digest);
      fill_in_text (&self->first_frame_name, other->first_frame_name);
      self->hold_first_frame |= other->hold_first_frame;
    }
}
