/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-pace.h"

#include "tpda-numbers.h"

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
  g_autofree char *name = name_of (request);

  return tpda_numbers_get (settings, KEY, name);
}

void
tpda_pace_learn (GSettings *settings, TpdaJob *job)
{
  const TpdRequest *request = tpda_job_get_request (job);
  g_autofree char *name = name_of (request);
  double pace = tpda_job_get_elapsed (job) / tpda_job_get_plan (job)->work;
  double before = tpda_pace_get (settings, request);

  if (before > 0)
    pace = INERTIA * before + (1 - INERTIA) * pace;
  tpda_numbers_set (settings, KEY, name, pace);
}
