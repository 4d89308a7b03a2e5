/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cli-settings.h"

#include "core/tpd-enum.h"

/* A setting's value as typed, into a GValue of its type. */
static gboolean
parse_value (GParamSpec *spec, const char *text, GValue *value)
{
  char *end = (char *)text;
  int number;

  g_value_init (value, spec->value_type);
  if (G_IS_PARAM_SPEC_STRING (spec))
    {
      g_value_set_string (value, text);
      return TRUE;
    }
  if (G_IS_PARAM_SPEC_ENUM (spec))
    {
      if (!tpd_enum_parse (spec->value_type, text, &number))
        return FALSE;
      g_value_set_enum (value, number);
      return TRUE;
    }
  if (G_IS_PARAM_SPEC_UINT (spec))
    g_value_set_uint (value, (guint)MIN (g_ascii_strtoull (text, &end, 10), G_MAXUINT));
  else if (G_IS_PARAM_SPEC_UINT64 (spec))
    g_value_set_uint64 (value, g_ascii_strtoull (text, &end, 10));
  else if (G_IS_PARAM_SPEC_DOUBLE (spec))
    g_value_set_double (value, g_ascii_strtod (text, &end));
  else
    g_assert_not_reached ();
  /* validate() says whether it had to change the value: it was out of range */
  return end != text && *end == '\0' && (*text != '-' || G_IS_PARAM_SPEC_DOUBLE (spec)) &&
         !g_param_value_validate (spec, value);
}

/* What a setting takes, for the error message. */
static char *
describe_range (GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_ENUM (spec))
    {
      g_auto (GStrv) nicks = tpd_enum_nicks (spec->value_type);

      return g_strjoinv (", ", nicks);
    }
  if (G_IS_PARAM_SPEC_UINT (spec))
    return g_strdup_printf ("%u … %u", G_PARAM_SPEC_UINT (spec)->minimum,
                            G_PARAM_SPEC_UINT (spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT64 (spec))
    return g_strdup_printf ("%" G_GUINT64_FORMAT " … %" G_GUINT64_FORMAT,
                            G_PARAM_SPEC_UINT64 (spec)->minimum,
                            G_PARAM_SPEC_UINT64 (spec)->maximum);
  return g_strdup_printf ("%g … %g", G_PARAM_SPEC_DOUBLE (spec)->minimum,
                          G_PARAM_SPEC_DOUBLE (spec)->maximum);
}

static gboolean
set_setting (const char *option, const char *text, gpointer data, GError **error)
{
  TpdRequest *request = data;
  const char *name = option + 2; /* past the dashes */
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (request->settings), name);
  g_auto (GValue) value = G_VALUE_INIT;

  if (G_IS_PARAM_SPEC_BOOLEAN (spec)) /* a flag: its being there is the value */
    {
      g_object_set (request->settings, name, TRUE, NULL);
      return TRUE;
    }
  if (!parse_value (spec, text, &value))
    {
      g_autofree char *range = describe_range (spec);

      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("%s: expected %s, got \"%s\""), option, range, text);
      return FALSE;
    }
  g_object_set_property (G_OBJECT (request->settings), name, &value);
  return TRUE;
}

/* What --help shows for a setting's value. */
static const char *
value_label (GParamSpec *spec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (spec))
    return NULL;
  if (G_IS_PARAM_SPEC_ENUM (spec))
    return N_ ("NAME");
  if (G_IS_PARAM_SPEC_STRING (spec))
    return N_ ("LIST");
  return G_IS_PARAM_SPEC_DOUBLE (spec) ? "X" : "N";
}

static void
add_settings (GOptionGroup *group)
{
  GObjectClass *klass = g_type_class_ref (TPD_TYPE_SAMPLER_SETTINGS);
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (klass, &n);

  for (guint i = 0; i < n; i++)
    {
      gboolean is_flag = G_IS_PARAM_SPEC_BOOLEAN (specs[i]);
      const GOptionEntry entries[] = {
          {g_param_spec_get_name (specs[i]), 0, is_flag ? G_OPTION_FLAG_NO_ARG : 0,
           G_OPTION_ARG_CALLBACK, set_setting, g_param_spec_get_blurb (specs[i]),
           value_label (specs[i])},
          {NULL},
      };

      g_option_group_add_entries (group, entries);
    }
  g_type_class_unref (klass);
}

GOptionGroup *
tpd_cli_request_options (TpdRequest *request)
{
  GOptionGroup *group =
      g_option_group_new ("clip", _ ("What to make:"), _ ("Show clip options"), request, NULL);
  const GOptionEntry entries[] = {
      {"model", 'm', 0, G_OPTION_ARG_STRING, &request->model,
       N_ ("Name or folder of the model; the bundled one if not given"), N_ ("MODEL")},
      {"device", 'd', 0, G_OPTION_ARG_STRING, &request->device,
       N_ ("auto (default), cpu, cuda or cuda:N"), N_ ("DEVICE")},
      {"prompt", 'p', 0, G_OPTION_ARG_STRING, &request->prompt, N_ ("What the clip shows"),
       N_ ("TEXT")},
      {"negative-prompt", 0, 0, G_OPTION_ARG_STRING, &request->negative_prompt,
       N_ ("What to steer away from"), N_ ("TEXT")},
      {NULL},
  };

  g_option_group_add_entries (group, entries);
  add_settings (group);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  return group;
}
