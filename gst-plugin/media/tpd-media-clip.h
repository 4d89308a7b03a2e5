/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* Of a video with more frames than this every second one is kept, or every fourth, and so on, so
 * that any length fits into memory. */
#define TPD_MEDIA_CLIP_MAX_FRAMES 512

/* Decodes the first video stream of a file, or a picture, through GStreamer, which is initialised
 * when it is first needed. Each frame is brought to width × height: scaled to cover it, cut about
 * the centre (tpd_rgb_cover()). At most max_frames are read, 0 for all.
 *
 * (transfer full) (nullable): TPD_ERROR_NOT_FOUND if there is no such file, TPD_ERROR_INVALID_DATA
 * if nothing in it can be decoded, G_IO_ERROR_CANCELLED. */
TpdClip *tpd_media_clip_read (const char *path, guint width, guint height, guint max_frames,
                              GCancellable *cancellable, GError **error);

G_END_DECLS
