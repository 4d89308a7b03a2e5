/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often the colours of pictures occur. */

/* Colours that are alike. */
typedef struct
{
  double weight; /* number of pixels */
  double rgb[3]; /* mean, in steps of 8-bit sRGB */
  float lab[3];  /* its place in Oklab (Ottosson 2020), where distances are about as they look */
} GstTpdiffColour;

typedef struct _GstTpdiffColours GstTpdiffColours;

GstTpdiffColours *gst_tpdiff_colours_new (void);
void gst_tpdiff_colours_free (GstTpdiffColours *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstTpdiffColours, gst_tpdiff_colours_free)

/* Counts the pixels of rgb [n_pixels, 3], less those for which skip [n_pixels] (may be NULL) is not
 * 0. */
void gst_tpdiff_colours_add (GstTpdiffColours *self, const guint8 *rgb, const guint8 *skip,
                             gsize n_pixels);

/* Returns: (transfer full): GstTpdiffColour: each colour that occurs if there are at most 256,
 * otherwise the means of those that are equal in 5, 6, 5 bits */
GArray *gst_tpdiff_colours_get (const GstTpdiffColours *self);

void gst_tpdiff_rgb_to_lab (const double *rgb, float *lab);

G_END_DECLS
