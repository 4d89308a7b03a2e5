/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-queue-file.h"

#define KEY "queue"

static void
save (GSettings *settings, TpdaGenerator *generator)
{
  GListModel *waiting = tpda_generator_get_waiting (generator);
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < g_list_model_get_n_items (waiting); i++)
    {
      g_autoptr (TpdaJob) job = g_list_model_get_item (waiting, i);

      g_ptr_array_add (records, tpd_request_to_json (tpda_job_get_request (job)));
    }
  g_ptr_array_add (records, NULL);
  g_settings_set_strv (settings, KEY, (const char *const *)records->pdata);
}

/* NULL if it cannot be made any more. */
static TpdaJob *
new_job (const char *record, GSettings *settings)
{
  g_autoptr (TpdRequest) request = tpd_request_new_from_json (record, NULL);
  g_autoptr (TpdModelInfo) model = NULL;
  TpdaPlan plan;

  if (request == NULL)
    return NULL;
  model = tpd_model_info_read (request->model, NULL);
  if (model == NULL || !tpda_plan_init (&plan, request, model, NULL))
    return NULL;
  request->device = g_settings_get_string (settings, "device");
  request->preview = (TpdPreviewMode)g_settings_get_int (settings, "preview");
  return tpda_job_new (request, &plan);
}

void
tpda_queue_file_follow (TpdaGenerator *generator, GSettings *settings)
{
  g_auto (GStrv) records = g_settings_get_strv (settings, KEY);

  for (char **record = records; *record != NULL; record++)
    {
      g_autoptr (TpdaJob) job = new_job (*record, settings);

      if (job != NULL)
        tpda_generator_add (generator, job);
    }
  save (settings, generator);
  g_signal_connect_object (generator, "changed", G_CALLBACK (save), settings, G_CONNECT_SWAPPED);
}
