/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The parts of a PNG file (ISO/IEC 15948; third edition for animations). */

#define GST_TPDIFF_PNG_SIGNATURE "\211PNG\r\n\032\n"

/* Writes a number of n bytes, the highest one first. */
static inline void
gst_tpdiff_png_write (guint8 *bytes, guint n, guint number)
{
  for (; n > 0; number >>= 8)
    bytes[--n] = (guint8)number;
}

/* Appends a chunk: length, name (4 letters), data, CRC. */
void gst_tpdiff_png_chunk (GByteArray *file, const char *name, const void *data, gsize size);

/* Appends a text chunk (iTXt); both strings are UTF-8. */
void gst_tpdiff_png_text (GByteArray *file, const char *keyword, const char *text);

/* Part of a picture, of 8-bit samples. */
typedef struct
{
  const guint8 *pixels;
  gsize stride; /* bytes from row to row */
  guint width, height;
  guint pixel_size; /* bytes */
} GstTpdiffPngPart;

/* Appends the compressed pixels of a part in chunks of a bounded size: IDAT if `sequence` is NULL,
 * otherwise fdAT, whose numbers count it up.
 * level: of zlib, 0 … 9
 * Returns: FALSE if there is no memory. */
gboolean gst_tpdiff_png_pixels (GByteArray *file, const GstTpdiffPngPart *part, int level,
                                guint32 *sequence);

G_END_DECLS
