/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-pace.h"

#define KEY "pace"

/* How much of the old value stays: the first clip also loads the model, later ones correct it. */
#define INERTIA 0.5

static char *
name_of (const TpdRequest *request)
{
  return g_strdup_printf ("%s %s", request->model != NULL ? request->model : "",
                          request->device != NULL ? request->device : "auto");
}

double
tpda_pace_get (GSettings *settings, const TpdRequest *request)
{
  g_autoptr (GVariant) paces = g_settings_get_value (settings, KEY);
  g_autofree char *name = name_of (request);
  double pace = 0;

  g_variant_lookup (paces, name, "d", &pace);
  return pace;
}

/* The paces with one of them replaced. */
static GVariant *
with_pace (GVariant *paces, const char *name, double pace)
{
  GVariantBuilder builder;
  GVariantIter iter;
  const char *other;
  double others;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sd}"));
  g_variant_iter_init (&iter, paces);
  while (g_variant_iter_next (&iter, "{&sd}", &other, &others))
    if (!g_str_equal (other, name))
      g_variant_builder_add (&builder, "{sd}", other, others);
  g_variant_builder_add (&builder, "{sd}", name, pace);
  return g_variant_builder_end (&builder);
}

void
tpda_pace_learn (GSettings *settings, TpdaJob *job)
{
  const TpdRequest *request = tpda_job_get_request (job);
  g_autoptr (GVariant) paces = g_settings_get_value (settings, KEY);
  g_autofree char *name = name_of (request);
  double pace = tpda_job_get_elapsed (job) / tpda_job_get_plan (job)->work;
  double before = tpda_pace_get (settings, request);

  if (before > 0)
    pace = INERTIA * before + (1 - INERTIA) * pace;
  g_settings_set_value (settings, KEY, with_pace (paces, name, pace));
}
