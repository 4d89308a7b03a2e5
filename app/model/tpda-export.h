/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpda-clip.h"
#include "tpda-format.h"

G_BEGIN_DECLS

/* How to export a clip. */
typedef struct
{
  const TpdaFormat *format;
  guint width; /* 0: the clip's; else the height follows */
  gboolean pixels;
  double fps;  /* 0: the clip's; else it plays faster or slower */
  guint loops; /* how often the clip is shown; 0 is for ever where the format can, else once */
  gboolean ping_pong;
  guint quality; /* 0 to 100, where the format has one */
} TpdaExportOptions;

/* From 0 to 1, in the main thread. */
typedef void (*TpdaExportProgress) (double fraction, gpointer data);

/* Writes a clip to a file, or to a folder of pictures, in a thread of its own. It is written under
 * a temporary name beside the target and takes the target's place when it is complete and on the
 * disk; if that fails or is cancelled, nothing of it remains. The settings record goes into the
 * file as its comment, where the format has comments. */
void tpda_export_async (TpdaClip *clip, const char *path, const TpdaExportOptions *options,
                        TpdaExportProgress progress, gpointer progress_data,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* G_IO_ERROR for files, GStreamer's errors for encoders. */
gboolean tpda_export_finish (GAsyncResult *result, GError **error);

/* The command that makes the clip again and writes it, to paste into a terminal. */
char *tpda_export_command (TpdaClip *clip, const char *path, const TpdaExportOptions *options);

/* The numbers of the clip's frames in the order in which they are exported. */
GArray *tpda_export_order (guint n_frames, const TpdaExportOptions *options);

G_END_DECLS
