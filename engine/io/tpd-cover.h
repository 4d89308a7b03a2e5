/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-macros.h"

G_BEGIN_DECLS

/**
 * tpd_rgb_cover: (skip)
 * @rgb: [height, width, 3], rows @stride bytes apart
 * @out_width, @out_height: size of the result, at least 1 × 1
 * @out: [out_height, out_width, 3], rows without padding
 *
 * Brings a picture to another size without changing its shape: it is scaled until it covers the
 * new frame, and what sticks out is cut off on both sides alike. A triangle filter, as wide as one
 * new pixel where the picture shrinks, so that nothing flickers, and as one old pixel where it
 * grows (bilinear). 8-bit sRGB values are mixed as they are. The same size is a copy.
 */
TPD_API void tpd_rgb_cover (const guint8 *rgb, guint width, guint height, gsize stride,
                            guint out_width, guint out_height, guint8 *out);

G_END_DECLS
