/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/**
 * tpd_i420_from_rgb: (skip)
 * @rgb: [height, width, 3], full range, rows without padding
 * @y: height rows of width bytes
 * @u: (height + 1) / 2 rows of (width + 1) / 2 bytes
 * @v: the same
 * @y_stride: bytes from one row to the next
 * @uv_stride: the same for both chroma planes
 *
 * ITU-R BT.709 at 8 bits, limited range, R, G, B in [0, 1]:
 *
 *     E = 0.2126 R + 0.7152 G + 0.0722 B
 *     Y = 16 + 219 E,   Cb = 128 + 224 (B − E) / 1.8556,   Cr = 128 + 224 (R − E) / 1.5748
 *
 * Chroma is the mean of its 2×2 pixels (of those that exist at an odd edge): it sits at their
 * centre, as in JPEG. Computed in integers and rounded to nearest, so the same everywhere.
 */
TPD_API void tpd_i420_from_rgb (const guint8 *rgb, guint width, guint height, guint8 *y, guint8 *u,
                                guint8 *v, gsize y_stride, gsize uv_stride);

G_END_DECLS
