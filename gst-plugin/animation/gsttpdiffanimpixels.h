/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Pictures of one plane whose rows follow each other without padding. */

typedef struct
{
  guint x, y, width, height;
} GstTpdiffAnimRect;

/* Copies a picture of one plane; pixels has room for width · height of its pixels. */
void gst_tpdiff_anim_pack (const GstVideoFrame *picture, guint8 *pixels);

/* The smallest rectangle that has all pixels in which two pictures differ; one pixel if they do
 * not. a, b: [height, width, pixel_size] */
GstTpdiffAnimRect gst_tpdiff_anim_difference (const guint8 *a, const guint8 *b, guint width,
                                              guint height, guint pixel_size);

G_END_DECLS
