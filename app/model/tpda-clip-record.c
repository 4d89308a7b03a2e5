/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-clip-record.h"

#include <glib/gi18n.h>

#include "io/tpd-record-file.h"
#include "io/tpd-record-series.h"
#include "tpd-media-info.h"

/* Pictures and bare records are read by the engine, all else is a video. */
static GStrv
read_records (const char *path, GError **error)
{
  g_autoptr (TpdMediaInfo) info = NULL;
  GStrv records = NULL;

  if (tpd_record_file_read (path, &records, NULL))
    return records;
  info = tpd_media_info_read (path, error);
  return info != NULL ? g_steal_pointer (&info->records) : NULL;
}

/* A film of several clips restores the first of them. NULL if there is none. */
static char *
find_first (const char *const *records)
{
  g_autoptr (TpdRecordSeries) series = tpd_record_series_new (records);

  return tpd_record_series_dup_record (series, tpd_record_series_get_first (series));
}

static TpdRequest *
read_request (GFile *file, GError **error)
{
  g_autofree char *name = g_file_get_basename (file);
  g_auto (GStrv) records = NULL;
  g_autofree char *record = NULL;

  if (g_file_peek_path (file) == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("“%s” is not on this computer; save it here first"), name);
      return NULL;
    }
  records = read_records (g_file_peek_path (file), error);
  if (records == NULL)
    return NULL;
  record = find_first ((const char *const *)records);
  if (record != NULL)
    return tpd_request_new_from_json (record, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("“%s” does not say with which settings it was made"), name);
  return NULL;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer file, GCancellable *cancellable)
{
  GError *error = NULL;
  TpdRequest *request = read_request (file, &error);

  if (request != NULL)
    g_task_return_pointer (task, request, (GDestroyNotify)tpd_request_free);
  else
    g_task_return_error (task, error);
}

void
tpda_clip_record_read_async (GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_task_data (task, g_object_ref (file), g_object_unref);
  g_task_run_in_thread (task, read_in_thread);
}

TpdRequest *
tpda_clip_record_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
