/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gsttpdiffpng.h"

#include <string.h>
#include <zlib.h>

/* Bytes of compressed pixels in a chunk. */
#define CHUNK_SIZE (256 * 1024)

static void
append_uint32 (GByteArray *file, guint32 number)
{
  guint8 bytes[4];

  gst_tpdiff_png_write (bytes, 4, number);
  g_byte_array_append (file, bytes, sizeof bytes);
}

void
gst_tpdiff_png_chunk (GByteArray *file, const char *name, const void *data, gsize size)
{
  guint start;

  append_uint32 (file, (guint32)size);
  start = file->len;
  g_byte_array_append (file, (const guint8 *)name, 4);
  if (size > 0)
    g_byte_array_append (file, data, (guint)size);
  append_uint32 (file, (guint32)crc32 (0, file->data + start, file->len - start));
}

void
gst_tpdiff_png_text (GByteArray *file, const char *keyword, const char *text)
{
  /* keyword, 0; not compressed: 0, 0; no language: 0; no translated keyword: 0 */
  g_autoptr (GByteArray) data = g_byte_array_new ();

  g_byte_array_append (data, (const guint8 *)keyword, (guint)strlen (keyword));
  g_byte_array_append (data, (const guint8 *)"\0\0\0\0\0", 5);
  g_byte_array_append (data, (const guint8 *)text, (guint)strlen (text));
  gst_tpdiff_png_chunk (file, "iTXt", data->data, data->len);
}

/* ── filters ── */

enum
{
  FILTER_NONE,
  FILTER_SUB,
  FILTER_UP,
  FILTER_AVERAGE,
  FILTER_PAETH,
  N_FILTERS
};

/* Of left, above, and left above: the one that is closest to left + above - left above. */
static guint8
paeth (int left, int above, int corner)
{
  int a = ABS (above - corner);
  int b = ABS (left - corner);
  int c = ABS (left + above - 2 * corner);

  if (a <= b && a <= c)
    return (guint8)left;
  return (guint8)(b <= c ? above : corner);
}

/* The row less what the filter predicts from pixels before it, after a byte with the filter's
 * number. above: the row above, zeros for the first one */
static void
filter_row (guint filter, const guint8 *row, const guint8 *above, gsize size, guint pixel_size,
            guint8 *filtered)
{
  *filtered++ = (guint8)filter;
  for (gsize i = 0; i < size; i++)
    {
      guint8 left = i >= pixel_size ? row[i - pixel_size] : 0;
      guint8 corner = i >= pixel_size ? above[i - pixel_size] : 0;
      const guint8 predictions[N_FILTERS] = {
          [FILTER_SUB] = left,
          [FILTER_UP] = above[i],
          [FILTER_AVERAGE] = (guint8)((left + above[i]) / 2),
          [FILTER_PAETH] = paeth (left, above[i], corner),
      };

      filtered[i] = (guint8)(row[i] - predictions[filter]);
    }
}

static guint64
sum_of_sizes (const guint8 *bytes, gsize n)
{
  guint64 sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (guint64)ABS ((int)(gint8)bytes[i]);
  return sum;
}

/* Filters a row in the way that leaves the smallest differences, as the standard recommends.
 * filtered: room for N_FILTERS rows of size + 1
 * Returns: the best of them */
static const guint8 *
best_filter (const guint8 *row, const guint8 *above, gsize size, guint pixel_size, guint8 *filtered)
{
  const guint8 *best = NULL;
  guint64 least = G_MAXUINT64;

  for (guint filter = 0; filter < N_FILTERS; filter++)
    {
      guint8 *candidate = filtered + filter * (size + 1);
      guint64 sum;

      filter_row (filter, row, above, size, pixel_size, candidate);
      sum = sum_of_sizes (candidate + 1, size);
      if (sum < least)
        {
          least = sum;
          best = candidate;
        }
    }
  return best;
}

/* ── compression ── */

typedef struct
{
  z_stream zlib;
  GByteArray *file;
  guint32 *sequence;
  guint8 chunk[4 + CHUNK_SIZE]; /* room for a sequence number in front */
} Deflater;

static void
write_chunk (Deflater *self)
{
  gsize size = CHUNK_SIZE - self->zlib.avail_out;

  if (size > 0 && self->sequence != NULL)
    {
      gst_tpdiff_png_write (self->chunk, 4, (*self->sequence)++);
      gst_tpdiff_png_chunk (self->file, "fdAT", self->chunk, 4 + size);
    }
  else if (size > 0)
    gst_tpdiff_png_chunk (self->file, "IDAT", self->chunk + 4, size);
  self->zlib.next_out = self->chunk + 4;
  self->zlib.avail_out = CHUNK_SIZE;
}

static void
write_bytes (Deflater *self, const guint8 *bytes, gsize size, int flush)
{
  int result;

  self->zlib.next_in = (guint8 *)bytes;
  self->zlib.avail_in = (uInt)size;
  do
    {
      result = deflate (&self->zlib, flush);
      g_assert (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
      if (self->zlib.avail_out == 0 || result == Z_STREAM_END)
        write_chunk (self);
    }
  while (self->zlib.avail_in > 0 || (flush == Z_FINISH && result != Z_STREAM_END));
}

gboolean
gst_tpdiff_png_pixels (GByteArray *file, const GstTpdiffPngPart *part, int level, guint32 *sequence)
{
  gsize size = (gsize)part->width * part->pixel_size;
  g_autofree guint8 *zeros = g_malloc0 (size);
  g_autofree guint8 *filtered = g_malloc (N_FILTERS * (size + 1));
  g_autofree Deflater *deflater = g_new0 (Deflater, 1);

  if (deflateInit (&deflater->zlib, level) != Z_OK)
    return FALSE;
  deflater->file = file;
  deflater->sequence = sequence;
  deflater->zlib.next_out = deflater->chunk + 4;
  deflater->zlib.avail_out = CHUNK_SIZE;
  for (gsize y = 0; y < part->height; y++)
    {
      const guint8 *row = part->pixels + y * part->stride;
      const guint8 *above = y > 0 ? row - part->stride : zeros;

      write_bytes (deflater, best_filter (row, above, size, part->pixel_size, filtered), size + 1,
                   Z_NO_FLUSH);
    }
  write_bytes (deflater, NULL, 0, Z_FINISH);
  deflateEnd (&deflater->zlib);
  return TRUE;
}
