/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "tpd-clip.h"

G_BEGIN_DECLS

/* A clip as a file that loses nothing and needs no codec: a PNG with the frames below each other,
 * like a film. Its comment is the settings record with one more member, so that all that reads
 * records from pictures (`tpdiff inspect`, `tpdiff generate --from`) reads these:
 *
 *     "clip": {"frames": 16, "fps": [8, 1]}
 *
 * All of these may run in any thread. */

/* The longer side of thumbnails, at most; smaller clips are not enlarged. */
#define TPDA_THUMBNAIL_SIZE 256

/* The file appears when it is complete and on the disk. The clip must have a record. G_IO_ERROR. */
gboolean tpda_clip_file_write (const TpdClip *clip, const char *path, GError **error);

/* One frame from the middle, made smaller if it is large. G_IO_ERROR. */
gboolean tpda_clip_file_write_thumbnail (const TpdClip *clip, const char *path, GError **error);

/* The whole clip, its record as it was. G_IO_ERROR_INVALID_DATA if it is no such file, GTK's errors
 * if the picture is damaged. */
TpdClip *tpda_clip_file_read (const char *path, GError **error);

/* The comment alone, without looking at the pixels; the same errors. */
char *tpda_clip_file_read_record (const char *path, GError **error);

G_END_DECLS
