/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-y4m.h"

#include <string.h>

#include "../core/tpd-file.h"
#include "tpd-yuv.h"

struct _TpdY4mWriter
{
  /* owned */
  TpdFileWriter *file;
  guint8 *planes; /* Y, U and V of one frame */

  guint width;
  guint height;
};

static gsize
luma_size (TpdY4mWriter *self)
{
  return (gsize)self->width * self->height;
}

static gsize
chroma_width (TpdY4mWriter *self)
{
  return (self->width + 1) / 2;
}

static gsize
chroma_size (TpdY4mWriter *self)
{
  return chroma_width (self) * ((self->height + 1) / 2);
}

TpdY4mWriter *
tpd_y4m_writer_open (const char *path, guint width, guint height, guint rate_n, guint rate_d,
                     GError **error)
{
  g_autoptr (TpdY4mWriter) self = g_new0 (TpdY4mWriter, 1);
  g_autofree char *header = g_strdup_printf (
      "YUV4MPEG2 W%u H%u F%u:%u Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED\n", width,
      height, rate_n, rate_d);

  self->width = width;
  self->height = height;
  self->planes = g_malloc (luma_size (self) + 2 * chroma_size (self));
  self->file = tpd_file_writer_open (path, error);
  if (self->file == NULL || !tpd_file_writer_write (self->file, header, strlen (header), error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
tpd_y4m_writer_write (TpdY4mWriter *self, const guint8 *rgb, GError **error)
{
  guint8 *u = self->planes + luma_size (self);
  const TpdI420 out = {{self->planes, u, u + chroma_size (self)},
                       {self->width, chroma_width (self), chroma_width (self)}};

  tpd_rgb_to_i420 (rgb, self->width, self->height, &out);
  return tpd_file_writer_write (self->file, "FRAME\n", 6, error) &&
         tpd_file_writer_write (self->file, self->planes, luma_size (self) + 2 * chroma_size (self),
                                error);
}

gboolean
tpd_y4m_writer_commit (TpdY4mWriter *self, GError **error)
{
  return tpd_file_writer_commit (self->file, error);
}

void
tpd_y4m_writer_free (TpdY4mWriter *self)
{
  g_clear_pointer (&self->file, tpd_file_writer_free);
  g_free (self->planes);
  g_free (self);
}
