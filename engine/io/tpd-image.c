/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-image.h"

#include <math.h>
#include <png.h>
#include <string.h>

#include "../core/tpd-file.h"

/* Around and between the frames of a contact sheet: stands out from black and from white. */
#define BORDER_GREY 128

G_DEFINE_BOXED_TYPE (TpdImage, tpd_image, tpd_image_copy, tpd_image_free)

TpdImage *
tpd_image_new (guint width, guint height)
{
  TpdImage *self = g_new0 (TpdImage, 1);

  self->width = width;
  self->height = height;
  self->rgb = g_malloc0_n (height, (gsize)width * 3);
  return self;
}

TpdImage *
tpd_image_copy (const TpdImage *self)
{
  TpdImage *copy = tpd_image_new (self->width, self->height);

  memcpy (copy->rgb, self->rgb, (gsize)self->width * self->height * 3);
  copy->comment = g_strdup (self->comment);
  return copy;
}

void
tpd_image_free (TpdImage *self)
{
  g_free (self->rgb);
  g_free (self->comment);
  g_free (self);
}

void
tpd_rgb8_from_float (const float *x, gsize n, guint8 *out)
{
  for (gsize i = 0; i < n; i++)
    {
      float value = 127.5f * (x[i] + 1.0f);

      out[i] = value > 0 ? (guint8)lrintf (MIN (value, 255.0f)) : 0;
    }
}

/* ── contact sheet ── */

static void
paste (TpdImage *self, const guint8 *rgb, guint height, guint width, guint top, guint left)
{
  for (guint row = 0; row < height; row++)
    memcpy (self->rgb + ((gsize)(top + row) * self->width + left) * 3, rgb + (gsize)row * width * 3,
            (gsize)width * 3);
}

TpdImage *
tpd_image_new_contact_sheet (const guint8 *const *clips, guint n_clips, guint n_frames,
                             guint height, guint width, guint border)
{
  TpdImage *self =
      tpd_image_new (border + n_frames * (width + border), border + n_clips * (height + border));

  memset (self->rgb, BORDER_GREY, (gsize)self->width * self->height * 3);
  for (guint clip = 0; clip < n_clips; clip++)
    for (guint frame = 0; frame < n_frames; frame++)
      paste (self, clips[clip] + (gsize)frame * height * width * 3, height, width,
             border + clip * (height + border), border + frame * (width + border));
  return self;
}

/* ── PNG ── */

typedef struct
{
  TpdFileWriter *file;
  GError *error;
} Sink;

static void
on_error (png_structp png, png_const_charp message)
{
  Sink *sink = png_get_error_ptr (png);

  if (sink->error == NULL)
    g_set_error (&sink->error, TPD_ERROR, TPD_ERROR_FAILED, "The PNG encoder failed: %s", message);
  longjmp (png_jmpbuf (png), 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
  g_debug ("PNG encoder: %s", message);
}

static void
on_write (png_structp png, png_bytep data, png_size_t n_bytes)
{
  Sink *sink = png_get_io_ptr (png);

  if (!tpd_file_writer_write (sink->file, data, n_bytes, &sink->error))
    png_error (png, "write failed");
}

static void
on_flush (png_structp png)
{
}

static void
set_comment (png_structp png, png_infop info, const TpdImage *image)
{
  png_text text = {
      .compression = PNG_ITXT_COMPRESSION_NONE,
      .key = (char *)"Comment",
      .text = image->comment,
      .lang = (char *)"",
      .lang_key = (char *)"",
  };

  if (image->comment != NULL)
    png_set_text (png, info, &text, 1);
}

/* libpng leaves it by longjmp on errors: nothing here owns anything. */
static gboolean
encode (png_structp png, png_infop info, const TpdImage *image)
{
  if (setjmp (png_jmpbuf (png)) != 0)
    return FALSE;
  png_set_IHDR (png, info, image->width, image->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB (png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  set_comment (png, info, image);
  png_write_info (png, info);
  for (guint row = 0; row < image->height; row++)
    png_write_row (png, image->rgb + (gsize)row * image->width * 3);
  png_write_end (png, info);
  return TRUE;
}

gboolean
tpd_image_write_png (const TpdImage *self, const char *path, GError **error)
{
  g_autoptr (TpdFileWriter) file = tpd_file_writer_open (path, error);
  Sink sink = {.file = file};
  png_structp png;
  png_infop info;
  gboolean ok;

  if (file == NULL)
    return FALSE;
  png = png_create_write_struct (PNG_LIBPNG_VER_STRING, &sink, on_error, on_warning);
  g_assert (png != NULL);
  info = png_create_info_struct (png);
  g_assert (info != NULL);
  png_set_write_fn (png, &sink, on_write, on_flush);
  ok = encode (png, info, self);
  png_destroy_write_struct (&png, &info);
  if (!ok)
    {
      g_propagate_error (error, sink.error);
      return FALSE;
    }
  return tpd_file_writer_commit (file, error);
}
