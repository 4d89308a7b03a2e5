/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/* Writes a picture of clips to a PNG file: a row for each clip, time from left to right.
 * frames: [rows · n_frames, H, W, 3] f32 in [−1, 1] */
gboolean tpd_sample_sheet_write (const char *path, TpdContext *ctx, TpdTensor *frames,
                                 guint n_frames, GError **error);

G_END_DECLS
