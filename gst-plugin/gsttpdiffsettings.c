/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffsettings.h"

#define SETTING_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)

/* A property of the same name, texts, range and default. What is continuous can be controlled: it
 * may change over the stream, clip by clip. The others are counts and choices, and seeds, which
 * count up by themselves. */
static GParamSpec *
copy_spec (GParamSpec *spec)
{
  const char *name = g_param_spec_get_name (spec);
  const char *nick = g_param_spec_get_nick (spec);
  const char *blurb = g_param_spec_get_blurb (spec);

#define COPY_NUMBER(Type, type, flags)                                                             \
  if (G_IS_PARAM_SPEC_##Type (spec))                                                               \
  return g_param_spec_##type (name, nick, blurb, G_PARAM_SPEC_##Type (spec)->minimum,              \
                              G_PARAM_SPEC_##Type (spec)->maximum,                                 \
                              G_PARAM_SPEC_##Type (spec)->default_value, SETTING_FLAGS | (flags))
  COPY_NUMBER (UINT, uint, 0);
  COPY_NUMBER (INT, int, 0);
  COPY_NUMBER (UINT64, uint64, 0);
  COPY_NUMBER (INT64, int64, 0);
  COPY_NUMBER (DOUBLE, double, GST_PARAM_CONTROLLABLE);
#undef COPY_NUMBER
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return g_param_spec_boolean (name, nick, blurb, G_PARAM_SPEC_BOOLEAN (spec)->default_value,
                                 SETTING_FLAGS);
  if (G_IS_PARAM_SPEC_STRING (spec))
    return g_param_spec_string (name, nick, blurb, G_PARAM_SPEC_STRING (spec)->default_value,
                                SETTING_FLAGS);
  if (G_IS_PARAM_SPEC_ENUM (spec))
    {
      gst_type_mark_as_plugin_api (spec->value_type, 0);
      return g_param_spec_enum (name, nick, blurb, spec->value_type,
                                G_PARAM_SPEC_ENUM (spec)->default_value, SETTING_FLAGS);
    }
  g_assert_not_reached ();
}

void
gst_tpdiff_install_settings (GObjectClass *klass, guint first_id)
{
  GObjectClass *settings = g_type_class_ref (TPD_TYPE_SAMPLER_SETTINGS);
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (settings, &n);

  for (guint i = 0; i < n; i++)
    g_object_class_install_property (klass, first_id + i, copy_spec (specs[i]));
  g_type_class_unref (settings);
}
