/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/* Where the planes Y, U and V of a picture lie: height rows of width bytes, and twice
 * (height + 1) / 2 rows of (width + 1) / 2. Strides count bytes from one row to the next. */
typedef struct
{
  guint8 *plane[3];
  gsize stride[3];
} TpdI420;

/**
 * tpd_rgb_to_i420: (skip)
 * @rgb: [height, width, 3], full range, rows without padding
 * @out: where to write
 *
 * ITU-R BT.709 at 8 bits, limited range; R, G, B in [0, 1]:
 *
 *     E = 0.2126 R + 0.7152 G + 0.0722 B
 *     Y = 16 + 219 E,   U = 128 + 224 (B − E) / 1.8556,   V = 128 + 224 (R − E) / 1.5748
 *
 * Chroma is the mean of its 2×2 pixels (of those that exist at an odd edge): it sits at their
 * centre, as in JPEG. Computed in integers and rounded to nearest, so the same everywhere.
 */
TPD_API void tpd_rgb_to_i420 (const guint8 *rgb, guint width, guint height, const TpdI420 *out);

G_END_DECLS
