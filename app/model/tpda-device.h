/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Opens a device in a thread (the first time may load a GPU's libraries) to say what it is. */
void tpda_device_describe_async (const char *device, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);

/* One line for a person, and whether it is the CPU; NULL and the engine's error if it cannot be
 * opened. */
char *tpda_device_describe_finish (GAsyncResult *result, gboolean *is_cpu, GError **error);

G_END_DECLS
