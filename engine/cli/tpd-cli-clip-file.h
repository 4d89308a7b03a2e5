/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cli.h"
#include "tpd-request.h"

G_BEGIN_DECLS

/* A file with clips in it, or with just the record of one: pictures (PNG, GIF, WebP), and videos
 * where this program was built with GStreamer. */

/* What the file holds, as JSON: "path"; of a video "container" "codec" "width" "height" "fps"
 * "frames" "seconds"; what it says of itself: "title" "application"; and "record", the settings
 * record of the first clip, as text, because it may be damaged; where there are several, "clips",
 * an array of {"clip", "record"}, a thousand at most, and "last_clip". What is not known is not
 * there. */
JsonObject *tpd_cli_clip_file_describe (const char *path, GError **error);

/* That for people, with what the record says. FALSE if the record cannot be read. */
gboolean tpd_cli_clip_file_print (JsonObject *report, GError **error);

/* (transfer full) (nullable): what made a clip; 1 is the first of the stream, 0 the first that the
 * file says it of. Errors name the file. */
TpdRequest *tpd_cli_clip_file_read_request (const char *path, gint64 clip, GError **error);

G_END_DECLS
