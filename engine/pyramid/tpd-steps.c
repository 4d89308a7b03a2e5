/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-steps.h"

#include <math.h>

#define MAX_STAGE_STEPS 10000

static gboolean
parse_list (guint n_stages, const char *list, guint *steps, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (list, ",", -1);

  if (g_strv_length (parts) != n_stages)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "The steps of %u stages should be %u numbers, e.g. \"10%s\", not \"%s\"",
                   n_stages, n_stages, n_stages > 1 ? ",10" : "", list);
      return FALSE;
    }
  for (guint i = 0; i < n_stages; i++)
    {
      guint64 n;

      if (!g_ascii_string_to_unsigned (g_strstrip (parts[i]), 10, 1, MAX_STAGE_STEPS, &n, NULL))
        {
          g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                       "The steps of a stage should be a number from 1 to %d, but \"%s\" of \"%s\" "
                       "is not",
                       MAX_STAGE_STEPS, parts[i], list);
          return FALSE;
        }
      steps[n_stages - 1 - i] = (guint)n;
    }
  return TRUE;
}

gboolean
tpd_steps_distribute (guint n_stages, guint total, const char *list, guint *steps, GError **error)
{
  if (list != NULL && *list != '\0')
    return parse_list (n_stages, list, steps, error);
  if (total < n_stages)
    {
      g_set_error (error, TPD_ERROR, TPD_ERROR_INVALID_ARGUMENT,
                   "%u stages need at least %u steps, one each, but there are %u", n_stages,
                   n_stages, total);
      return FALSE;
    }
  for (guint k = 1; k <= n_stages; k++)
    steps[k - 1] = total / n_stages + (k <= total % n_stages ? 1 : 0);
  return TRUE;
}

double
tpd_steps_time (const TpdStage *stage, guint i, guint n, double spacing)
{
  if (i == n)
    return stage->end;
  return stage->start + (stage->end - stage->start) * pow ((double)i / n, spacing);
}
