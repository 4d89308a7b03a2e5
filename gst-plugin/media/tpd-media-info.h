/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What a video file says of itself, of whatever origin, read through GStreamer. */
typedef struct
{
  char *container; /* "Matroska"; nullable, like all texts here */
  char *codec;     /* "H.264 / AVC" */
  guint width;
  guint height;
  guint fps_n; /* 0 if the rate varies */
  guint fps_d;
  guint64 duration; /* ns */
  char *title;
  char *application;
  GStrv records; /* the settings records that made it, see tpd_request_to_json(); perhaps empty */
} TpdMediaInfo;

/* Reads it; initialises GStreamer when it is first called. Videos whose codec is not installed are
 * described all the same. (transfer full) (nullable): TPD_ERROR_NOT_FOUND if there is no such file,
 * TPD_ERROR_INVALID_DATA if it is no video. */
TpdMediaInfo *tpd_media_info_read (const char *path, GError **error);

void tpd_media_info_free (TpdMediaInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdMediaInfo, tpd_media_info_free)

G_END_DECLS
