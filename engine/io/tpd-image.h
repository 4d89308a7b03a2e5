/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-error.h"

G_BEGIN_DECLS

#define TPD_TYPE_IMAGE (tpd_image_get_type ())
TPD_API GType tpd_image_get_type (void);

/**
 * TpdImage:
 * @width: in pixels
 * @height: in pixels
 * @rgb: (skip): [height, width, 3], 8 bits each, rows without padding
 * @comment: (nullable): a remark to keep in files, UTF-8
 *
 * A picture.
 */
typedef struct
{
  guint width;
  guint height;
  guint8 *rgb;   /* owned */
  char *comment; /* owned */
} TpdImage;

/** tpd_image_new: Returns: (transfer full): a black picture */
TPD_API TpdImage *tpd_image_new (guint width, guint height);
TPD_API TpdImage *tpd_image_copy (const TpdImage *self);
TPD_API void tpd_image_free (TpdImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdImage, tpd_image_free)

/**
 * tpd_image_new_contact_sheet: (skip)
 * @clips: n_clips clips, each [n_frames, height, width, 3]
 * @border: pixels around and between the frames, mid-grey
 *
 * Frames of several clips in one picture: a row for each clip, time from left to right.
 *
 * Returns: (transfer full): the picture
 */
TPD_API TpdImage *tpd_image_new_contact_sheet (const guint8 *const *clips, guint n_clips,
                                               guint n_frames, guint height, guint width,
                                               guint border);

/**
 * tpd_image_write_png:
 * @path: (type filename): where to; an old file is replaced at the very end
 * @error: return location: %G_IO_ERROR
 *
 * Returns: whether the file is written
 */
TPD_API gboolean tpd_image_write_png (const TpdImage *self, const char *path, GError **error);

/**
 * tpd_rgb8_from_float: (skip)
 *
 * out = round (127.5 (x + 1)), clamped to 0 … 255; NaN is 0. x: n numbers, [−1, 1]
 */
TPD_API void tpd_rgb8_from_float (const float *x, gsize n, guint8 *out);

G_END_DECLS
