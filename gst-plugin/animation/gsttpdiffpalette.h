/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsttpdiffcolours.h"

G_BEGIN_DECLS

/* The few colours that stand for the many of a picture or a clip. */

#define GST_TPDIFF_PALETTE_MAX 256

typedef struct
{
  guint n; /* at least 1 */
  guint8 rgb[GST_TPDIFF_PALETTE_MAX][3];
  gboolean is_exact; /* it has all the colours that it was made of */
  double spacing;    /* mean distance of a colour to the next one, in steps of 8-bit sRGB */

  /*< private >*/
  float lab[GST_TPDIFF_PALETTE_MAX][3];
  GHashTable *exact; /* colour, as a number → index: where the palette has it exactly */
  gint16 *nearest;   /* index of the colour nearest to each of 64³, -1 where nobody asked */
} GstTpdiffPalette;

/* max: 1 … GST_TPDIFF_PALETTE_MAX
 * If there are no more colours than that, exactly these. Otherwise what varies most is split where
 * that reduces the squared error in Oklab most, until there are max parts; a few rounds of k-means
 * follow (as in Wu, Efficient statistical computations for optimal color quantization, 1991, but in
 * a space that suits the eye). */
GstTpdiffPalette *gst_tpdiff_palette_new (const GstTpdiffColours *colours, guint max);
void gst_tpdiff_palette_free (GstTpdiffPalette *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstTpdiffPalette, gst_tpdiff_palette_free)

/* Returns: the index of the colour nearest to rgb [3] */
guint8 gst_tpdiff_palette_find (GstTpdiffPalette *self, const guint8 *rgb);

G_END_DECLS
