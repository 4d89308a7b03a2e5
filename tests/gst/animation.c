/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "animation.h"

#include <gif_lib.h>
#include <png.h>
#include <string.h>
#include <webp/demux.h>
#include <zlib.h>

static Animation *
animation_new (guint width, guint height)
{
  Animation *self = g_new0 (Animation, 1);

  self->width = width;
  self->height = height;
  self->rgba = g_byte_array_new ();
  self->ticks = g_array_new (FALSE, FALSE, sizeof (guint));
  self->text = g_strdup ("");
  return self;
}

void
animation_free (Animation *self)
{
  g_byte_array_unref (self->rgba);
  g_array_unref (self->ticks);
  g_free (self->text);
  g_free (self);
}

const guint8 *
animation_at (const Animation *self, double seconds, guint ticks_per_second)
{
  guint i = 0;
  double end = 0;

  for (; i < self->n; i++)
    {
      end += (double)animation_get_ticks (self, i) / ticks_per_second;
      if (seconds < end)
        break;
    }
  g_assert_cmpuint (i, <, self->n);
  return animation_get (self, i);
}

guint
animation_total_ticks (const Animation *self)
{
  guint sum = 0;

  for (guint i = 0; i < self->n; i++)
    sum += animation_get_ticks (self, i);
  return sum;
}

/* Numbers at any address, the highest or the lowest byte first. */
static guint
read_be (const guint8 *bytes, guint n)
{
  guint number = 0;

  for (guint i = 0; i < n; i++)
    number = number << 8 | bytes[i];
  return number;
}

static guint
read_le (const guint8 *bytes, guint n)
{
  guint number = 0;

  while (n > 0)
    number = number << 8 | bytes[--n];
  return number;
}

static void
write_be (guint8 *bytes, guint number)
{
  for (guint i = 0; i < 4; i++)
    bytes[i] = (guint8)(number >> (24 - 8 * i));
}

static void
add_picture (Animation *self, const guint8 *rgba, guint ticks)
{
  g_byte_array_append (self->rgba, rgba, self->width * self->height * 4);
  g_array_append_val (self->ticks, ticks);
  self->n++;
}

static void
add_text (Animation *self, const char *text, gsize size)
{
  char *all = g_strdup_printf ("%s%.*s\n", self->text, (int)size, text);

  g_free (self->text);
  self->text = all;
}

/* ── GIF ── */

typedef struct
{
  const guint8 *bytes;
  gsize left;
} Reader;

static int
read_bytes (GifFileType *gif, GifByteType *to, int n)
{
  Reader *reader = gif->UserData;
  gsize size = MIN ((gsize)n, reader->left);

  memcpy (to, reader->bytes, size);
  reader->bytes += size;
  reader->left -= size;
  return (int)size;
}

static void
read_gif_extensions (Animation *self, const SavedImage *image)
{
  for (int i = 0; i < image->ExtensionBlockCount; i++)
    {
      const ExtensionBlock *block = &image->ExtensionBlocks[i];

      if (block->Function == APPLICATION_EXT_FUNC_CODE)
        {
          g_assert_cmpmem (block->Bytes, block->ByteCount, "NETSCAPE2.0", 11);
          block = &image->ExtensionBlocks[++i];
          g_assert_cmpint (block->ByteCount, ==, 3);
          g_assert_cmpuint (block->Bytes[0], ==, 1);
          self->plays = (int)read_le (block->Bytes + 1, 2);
          self->plays += self->plays > 0; /* shown so many times more */
        }
      else if (block->Function == COMMENT_EXT_FUNC_CODE)
        {
          g_autoptr (GString) text = g_string_new_len ((char *)block->Bytes, block->ByteCount);

          while (i + 1 < image->ExtensionBlockCount &&
                 image->ExtensionBlocks[i + 1].Function == CONTINUE_EXT_FUNC_CODE)
            {
              block = &image->ExtensionBlocks[++i];
              g_string_append_len (text, (char *)block->Bytes, block->ByteCount);
            }
          add_text (self, text->str, text->len);
        }
    }
}

static void
draw_gif (guint8 *canvas, guint width, const SavedImage *image, const ColorMapObject *map,
          int transparent)
{
  const GifImageDesc *rect = &image->ImageDesc;

  for (int y = 0; y < rect->Height; y++)
    for (int x = 0; x < rect->Width; x++)
      {
        guint8 *pixel = canvas + 4 * ((guint)(rect->Top + y) * width + (guint)(rect->Left + x));
        guint8 index = image->RasterBits[y * rect->Width + x];

        if (index == transparent)
          continue;
        g_assert_cmpint (index, <, map->ColorCount);
        pixel[0] = map->Colors[index].Red;
        pixel[1] = map->Colors[index].Green;
        pixel[2] = map->Colors[index].Blue;
        pixel[3] = 255;
      }
}

Animation *
animation_decode_gif (GBytes *file)
{
  Reader reader;
  int code;
  GifFileType *gif;
  Animation *self;
  g_autofree guint8 *canvas = NULL;

  reader.bytes = g_bytes_get_data (file, &reader.left);
  gif = DGifOpen (&reader, read_bytes, &code);
  g_assert_nonnull (gif);
  if (DGifSlurp (gif) != GIF_OK)
    g_error ("giflib: %s", GifErrorString (gif->Error));
  g_assert_cmpuint (reader.left, ==, 0);
  g_assert_cmpint (gif->ExtensionBlockCount, ==, 0);
  self = animation_new ((guint)gif->SWidth, (guint)gif->SHeight);
  self->plays = 1;
  self->n_palettes = gif->SColorMap != NULL;
  canvas = g_malloc0 (4 * (gsize)self->width * self->height);
  for (int i = 0; i < gif->ImageCount; i++)
    {
      const SavedImage *image = &gif->SavedImages[i];
      const ColorMapObject *map = image->ImageDesc.ColorMap;
      GraphicsControlBlock control;

      g_assert_cmpint (DGifSavedExtensionToGCB (gif, i, &control), ==, GIF_OK);
      g_assert_cmpint (control.DisposalMode, ==, DISPOSE_DO_NOT);
      read_gif_extensions (self, image);
      self->n_palettes += map != NULL;
      self->area += (guint)(image->ImageDesc.Width * image->ImageDesc.Height);
      draw_gif (canvas, self->width, image, map != NULL ? map : gif->SColorMap,
                control.TransparentColor);
      add_picture (self, canvas, (guint)control.DelayTime);
    }
  DGifCloseFile (gif, &code);
  return self;
}

/* ── WebP ── */

static void
read_xmp (Animation *self, const WebPAnimDecoder *decoder)
{
  WebPChunkIterator chunk;

  if (WebPDemuxGetChunk (WebPAnimDecoderGetDemuxer (decoder), "XMP ", 1, &chunk))
    add_text (self, (const char *)chunk.chunk.bytes, chunk.chunk.size);
  WebPDemuxReleaseChunkIterator (&chunk);
}

Animation *
animation_decode_webp (GBytes *file)
{
  WebPData data;
  WebPAnimDecoderOptions options;
  WebPAnimDecoder *decoder;
  WebPAnimInfo info;
  Animation *self;
  int last = 0;

  data.bytes = g_bytes_get_data (file, &data.size);
  g_assert_cmpuint (data.size, ==, 8 + read_le (data.bytes + 4, 4));
  g_assert_true (WebPAnimDecoderOptionsInit (&options));
  decoder = WebPAnimDecoderNew (&data, &options);
  g_assert_nonnull (decoder);
  g_assert_true (WebPAnimDecoderGetInfo (decoder, &info));
  self = animation_new (info.canvas_width, info.canvas_height);
  self->plays = (int)info.loop_count;
  while (WebPAnimDecoderHasMoreFrames (decoder))
    {
      guint8 *rgba;
      int end;

      g_assert_true (WebPAnimDecoderGetNext (decoder, &rgba, &end));
      add_picture (self, rgba, (guint)(end - last));
      last = end;
    }
  g_assert_cmpuint (self->n, ==, info.frame_count);
  read_xmp (self, decoder);
  WebPAnimDecoderDelete (decoder);
  return self;
}

/* ── PNG ── */

typedef struct
{
  const char *name; /* 4 letters */
  const guint8 *data;
  guint32 size;
} Chunk;

static gboolean
is (const Chunk *chunk, const char *name)
{
  return memcmp (chunk->name, name, 4) == 0;
}

static Chunk
next_chunk (Reader *reader)
{
  Chunk chunk;

  g_assert_cmpuint (reader->left, >=, 12);
  chunk.size = read_be (reader->bytes, 4);
  g_assert_cmpuint (chunk.size, <=, reader->left - 12);
  chunk.name = (const char *)reader->bytes + 4;
  chunk.data = reader->bytes + 8;
  g_assert_cmphex (read_be (chunk.data + chunk.size, 4), ==,
                   crc32 (0, reader->bytes + 4, chunk.size + 4));
  reader->bytes += chunk.size + 12;
  reader->left -= chunk.size + 12;
  return chunk;
}

static void
append_chunk (GByteArray *png, const char *name, const guint8 *data, guint size)
{
  guint start = png->len;

  g_byte_array_set_size (png, start + 12 + size);
  write_be (png->data + start, size);
  memcpy (png->data + start + 4, name, 4);
  memcpy (png->data + start + 8, data, size);
  write_be (png->data + start + 8 + size, (guint32)crc32 (0, png->data + start + 4, size + 4));
}

/* Decodes a still picture. */
static guint8 *
read_still (const guint8 *bytes, gsize size, guint width, guint height)
{
  png_image image = {.version = PNG_IMAGE_VERSION};
  guint8 *rgba = g_malloc (4 * (gsize)width * height);

  g_assert_true (png_image_begin_read_from_memory (&image, bytes, size));
  g_assert_cmpuint (image.width, ==, width);
  g_assert_cmpuint (image.height, ==, height);
  image.format = PNG_FORMAT_RGBA;
  if (!png_image_finish_read (&image, NULL, rgba, 0, NULL) || image.warning_or_error != 0)
    g_error ("libpng: %s", image.message);
  return rgba;
}

/* Draws the frame of a control chunk, whose compressed pixels are given, and ends it. */
static void
draw_png (Animation *self, guint8 *canvas, const guint8 *header, const Chunk *control,
          GByteArray *pixels)
{
  guint width = read_be (control->data + 4, 4);
  guint height = read_be (control->data + 8, 4);
  guint x = read_be (control->data + 12, 4);
  guint y = read_be (control->data + 16, 4);
  guint64 numerator = read_be (control->data + 20, 2);
  guint64 denominator = read_be (control->data + 22, 2);
  g_autoptr (GByteArray) still = g_byte_array_new ();
  guint8 own_header[13];
  g_autofree guint8 *rgba = NULL;

  g_assert_cmpuint (x + width, <=, self->width);
  g_assert_cmpuint (y + height, <=, self->height);
  g_assert_cmpuint (control->data[24], ==, 0); /* dispose: none */
  g_assert_cmpuint (control->data[25], ==, 0); /* blend: source */
  memcpy (own_header, header, 13);
  memcpy (own_header, control->data + 4, 8);
  g_byte_array_append (still, (const guint8 *)"\211PNG\r\n\032\n", 8);
  append_chunk (still, "IHDR", own_header, 13);
  append_chunk (still, "IDAT", pixels->data, pixels->len);
  append_chunk (still, "IEND", own_header, 0);
  rgba = read_still (still->data, still->len, width, height);
  for (gsize row = 0; row < height; row++)
    memcpy (canvas + 4 * ((y + row) * self->width + x), rgba + 4 * row * width, 4 * (gsize)width);
  self->area += width * height;
  add_picture (self, canvas, (guint)(numerator * 100000 / denominator));
  g_byte_array_set_size (pixels, 0);
}

Animation *
animation_decode_png (GBytes *file)
{
  Reader reader;
  Animation *self;
  g_autofree guint8 *canvas = NULL;
  g_autofree guint8 *first = NULL;
  g_autoptr (GByteArray) pixels = g_byte_array_new ();
  Chunk header, chunk, control = {0};
  guint n = 0, sequence = 0;

  reader.bytes = g_bytes_get_data (file, &reader.left);
  g_assert_cmpmem (reader.bytes, MIN (reader.left, 8), "\211PNG\r\n\032\n", 8);
  reader.bytes += 8;
  reader.left -= 8;
  header = next_chunk (&reader);
  g_assert_true (is (&header, "IHDR"));
  self = animation_new (read_be (header.data, 4), read_be (header.data + 4, 4));
  canvas = g_malloc0 (4 * (gsize)self->width * self->height);
  do
    {
      chunk = next_chunk (&reader);
      if ((is (&chunk, "fcTL") || is (&chunk, "IEND")) && control.data != NULL)
        draw_png (self, canvas, header.data, &control, pixels);
      if (is (&chunk, "acTL"))
        {
          n = read_be (chunk.data, 4);
          self->plays = (int)read_be (chunk.data + 4, 4);
        }
      else if (is (&chunk, "iTXt"))
        add_text (self, (const char *)chunk.data + strlen ((const char *)chunk.data) + 5,
                  chunk.size - strlen ((const char *)chunk.data) - 5);
      else if (is (&chunk, "fcTL"))
        {
          g_assert_cmpuint (read_be (chunk.data, 4), ==, sequence++);
          control = chunk;
        }
      else if (is (&chunk, "fdAT"))
        {
          g_assert_cmpuint (read_be (chunk.data, 4), ==, sequence++);
          g_byte_array_append (pixels, chunk.data + 4, chunk.size - 4);
        }
      else if (is (&chunk, "IDAT"))
        {
          g_assert_cmpuint (self->n, ==, 0);
          g_byte_array_append (pixels, chunk.data, chunk.size);
        }
    }
  while (!is (&chunk, "IEND"));
  g_assert_cmpuint (reader.left, ==, 0);
  g_assert_cmpuint (self->n, ==, n);

  /* Who knows no animations sees the first picture. */
  first = read_still (g_bytes_get_data (file, NULL), g_bytes_get_size (file), self->width,
                      self->height);
  g_assert_cmpmem (first, 4 * self->width * self->height, self->rgba->data,
                   4 * self->width * self->height);
  return self;
}
