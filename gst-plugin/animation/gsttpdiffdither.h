/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "gsttpdiffpalette.h"

G_BEGIN_DECLS

/* How colours that a palette lacks are mixed from those that it has.
 * @NONE: not at all
 * @ORDERED: in a fixed pattern, so that what stands still does not flicker
 * @FLOYD_STEINBERG: by passing each pixel's error on to its neighbours (Floyd & Steinberg 1976) */
typedef enum
{
  GST_TPDIFF_DITHER_NONE,
  GST_TPDIFF_DITHER_ORDERED,
  GST_TPDIFF_DITHER_FLOYD_STEINBERG,
} GstTpdiffDither;

#define GST_TYPE_TPDIFF_DITHER (gst_tpdiff_dither_get_type ())
GType gst_tpdiff_dither_get_type (void);

/* Gives each pixel of a picture a colour of the palette.
 * rgb: [height, width, 3]
 * skip: [height, width], not 0 where a pixel is to be left as it is; may be NULL
 * indices: [height, width], colours of the palette; not written where skip says so */
void gst_tpdiff_dither (GstTpdiffDither dither, GstTpdiffPalette *palette, const guint8 *rgb,
                        const guint8 *skip, guint width, guint height, guint8 *indices);

G_END_DECLS
