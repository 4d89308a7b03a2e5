/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpda-device.h"

#include "core/tpd-device.h"

static void
describe_in_thread (GTask *task, gpointer source, gpointer name, GCancellable *cancellable)
{
  GError *error = NULL;
  TpdDevice *device = tpd_device_open (name, &error);

  if (device != NULL)
    g_task_return_pointer (task, device, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
tpda_device_describe_async (const char *device, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_task_data (task, g_strdup (device), g_free);
  g_task_run_in_thread (task, describe_in_thread);
}

char *
tpda_device_describe_finish (GAsyncResult *result, gboolean *is_cpu, GError **error)
{
  g_autoptr (TpdDevice) device = g_task_propagate_pointer (G_TASK (result), error);

  if (device == NULL)
    return NULL;
  *is_cpu = tpd_device_is_host (device);
  return tpd_device_describe (device);
}
