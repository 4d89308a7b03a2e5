/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/tpd-enum.h"
#include "pyramid/tpd-schedule.h"
#include "tpd-cli.h"

/* "0.3,0.6" into the config; an empty or absent text keeps uniform stages. */
static gboolean
parse_boundaries (TpdPyramidConfig *config, const char *text, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);

  config->n_boundaries = g_strv_length (parts);
  if (config->n_boundaries > G_N_ELEMENTS (config->boundaries))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--boundaries has %u numbers, at most %u are possible"), config->n_boundaries,
                   (guint)G_N_ELEMENTS (config->boundaries));
      return FALSE;
    }
  for (guint i = 0; i < config->n_boundaries; i++)
    {
      char *end;

      config->boundaries[i] = g_ascii_strtod (parts[i], &end);
      if (end == parts[i] || *end != '\0')
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _ ("--boundaries: \"%s\" is not a number"), parts[i]);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
tpd_cli_schedule (int argc, char **argv, GCancellable *cancellable, GError **error)
{
  g_autofree char *form_name = NULL;
  g_autofree char *boundaries = NULL;
  int stages = 3;
  double correlation = -1;
  const GOptionEntry entries[] = {
      {"form", 0, 0, G_OPTION_ARG_STRING, &form_name, N_ ("flow (default) or ddim"), "FORM"},
      {"stages", 0, 0, G_OPTION_ARG_INT, &stages, N_ ("number of stages (default 3)"), "K"},
      {"boundaries", 0, 0, G_OPTION_ARG_STRING, &boundaries,
       N_ ("where stages meet, from 0 up, e.g. 0.3,0.6 (default: uniform)"), "LIST"},
      {"correlation", 0, 0, G_OPTION_ARG_DOUBLE, &correlation,
       N_ ("of the jumps' noise, from -1 (default) to below 0"), "R"},
      {NULL},
  };
  g_autoptr (TpdSchedule) schedule = NULL;
  TpdPyramidConfig config;
  int form = TPD_FORM_FLOW;

  if (!tpd_cli_parse (&argc, &argv, entries, NULL,
                      _ ("Prints where each stage starts and ends, and the scale and noise of the "
                         "jump at its end, from the lowest frame rate to the full one."),
                      0, error))
    return FALSE;
  if (form_name != NULL && !tpd_enum_parse (TPD_TYPE_FORM, form_name, &form))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--form is \"%s\", expected flow or ddim"), form_name);
      return FALSE;
    }
  tpd_pyramid_config_init (&config, form, (guint)CLAMP (stages, 0, G_MAXINT));
  config.correlation = correlation;
  if (!parse_boundaries (&config, boundaries, error))
    return FALSE;
  schedule = tpd_schedule_new (&config, error);
  if (schedule == NULL)
    return FALSE;
  tpd_cli_print_json (tpd_schedule_to_json (schedule));
  return TRUE;
}
