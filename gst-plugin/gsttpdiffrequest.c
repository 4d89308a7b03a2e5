/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffrequest.h"

#include "gsttpdiffsettings.h"

#define ANY_TIME   (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define WHEN_READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

void
gst_tpdiff_request_install (GObjectClass *klass, guint first_id, const char *prompt_blurb)
{
  GParamSpec *const specs[] = {
      g_param_spec_string ("model", "Model",
                           "Name or folder of the model; unset is the bundled one", NULL,
                           WHEN_READY),
      g_param_spec_string ("device", "Device",
                           "Where to compute: auto, cpu, cuda or cuda:N; unset is auto", NULL,
                           WHEN_READY),
      g_param_spec_string ("prompt", "Prompt", prompt_blurb, NULL, ANY_TIME),
      g_param_spec_string ("negative-prompt", "Negative prompt",
                           "What to steer away from; needs a guidance-scale above 1", NULL,
                           ANY_TIME),
      g_param_spec_enum ("preview", "Preview",
                         "When to show the current estimate of the clip, in tpdiff-preview "
                         "messages and on the pad "
                         "\"preview\"",
                         TPD_TYPE_PREVIEW_MODE, TPD_PREVIEW_NONE, ANY_TIME),
      g_param_spec_enum ("preview-decoder", "Preview decoder", "What previews are decoded with",
                         TPD_TYPE_PREVIEW_DECODER, TPD_PREVIEW_DECODER_AUTO, ANY_TIME),
  };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    g_object_class_install_property (klass, first_id + i, specs[i]);
  gst_tpdiff_install_settings (klass, first_id + G_N_ELEMENTS (specs));
  gst_type_mark_as_plugin_api (TPD_TYPE_PREVIEW_MODE, 0);
  gst_type_mark_as_plugin_api (TPD_TYPE_PREVIEW_DECODER, 0);
}

/* The text that a property stands for; NULL if it is none. */
static char **
text_member (TpdRequest *self, const char *name)
{
  const struct
  {
    const char *name;
    char **text;
  } members[] = {
      {"model", &self->model},
      {"device", &self->device},
      {"prompt", &self->prompt},
      {"negative-prompt", &self->negative_prompt},
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (g_str_equal (name, members[i].name))
      return members[i].text;
  return NULL;
}

void
gst_tpdiff_request_set_property (TpdRequest *self, const GValue *value, GParamSpec *spec)
{
  char **text = text_member (self, spec->name);

  if (text != NULL)
    {
      g_free (*text);
      *text = g_value_dup_string (value);
    }
  else if (spec->value_type == TPD_TYPE_PREVIEW_MODE)
    self->preview = g_value_get_enum (value);
  else if (spec->value_type == TPD_TYPE_PREVIEW_DECODER)
    self->preview_decoder = g_value_get_enum (value);
  else
    g_object_set_property (G_OBJECT (self->settings), spec->name, value);
}

void
gst_tpdiff_request_get_property (const TpdRequest *self, GValue *value, GParamSpec *spec)
{
  char **text = text_member ((TpdRequest *)self, spec->name);

  if (text != NULL)
    g_value_set_string (value, *text);
  else if (spec->value_type == TPD_TYPE_PREVIEW_MODE)
    g_value_set_enum (value, self->preview);
  else if (spec->value_type == TPD_TYPE_PREVIEW_DECODER)
    g_value_set_enum (value, self->preview_decoder);
  else
    g_object_get_property (G_OBJECT (self->settings), spec->name, value);
}

guint
gst_tpdiff_request_get_n_frames (const TpdRequest *self, const TpdModelInfo *model)
{
  g_autoptr (TpdSamplerSettings) settings = tpd_sampler_settings_copy (self->settings);
  guint wanted;

  tpd_sampler_settings_fill_in (settings, model->defaults);
  wanted = tpd_sampler_settings_get_num_frames (settings);
  return wanted > 0 ? wanted : model->n_frames;
}
