/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-request.h"

G_BEGIN_DECLS

/* Reads what a clip was made from out of its file, be it a video, a picture, a clip of the library
 * or the settings record alone. Of a film of several clips it is the first one. In a thread: a
 * video is opened through GStreamer. */
void tpda_clip_record_read_async (GFile *file, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);

/* G_IO_ERROR_NOT_FOUND if the file holds no settings, the engine's errors if it cannot be read or
 * its settings are of a version of the future. */
TpdRequest *tpda_clip_record_read_finish (GAsyncResult *result, GError **error);

G_END_DECLS
