/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "encoder.h"

#include <string.h>

const Format format_gif = {"tpdiffgifenc", "tpdiffgifenc", animation_decode_gif, 100, {NULL}};
const Format format_webp = {"tpdiffwebpenc",
                            "tpdiffwebpenc lossless=true method=0 quality=20",
                            animation_decode_webp,
                            1000,
                            {"RGBA", NULL}};
const Format format_apng = {
    "tpdiffapngenc", "tpdiffapngenc", animation_decode_png, 100000, {"RGBA", "GRAY8", NULL}};

void
encoder_set_caps (Encoder *self, const char *format, int width, int height, int fps_n, int fps_d)
{
  GstCaps *caps;

  gst_video_info_set_format (&self->info, gst_video_format_from_string (format), (guint)width,
                             (guint)height);
  self->info.fps_n = fps_n;
  self->info.fps_d = fps_d;
  caps = gst_video_info_to_caps (&self->info);
  gst_harness_set_src_caps (self->harness, caps);
}

Encoder *
encoder_new (const char *launch)
{
  Encoder *self = g_new0 (Encoder, 1);

  self->harness = gst_harness_new_parse (launch);
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->harness->element, self->bus);
  return self;
}

void
encoder_free (Encoder *self)
{
  gst_harness_teardown (self->harness);
  gst_bus_set_flushing (self->bus, TRUE);
  gst_object_unref (self->bus);
  g_free (self);
}

GstFlowReturn
encoder_push_at (Encoder *self, const guint8 *pixels, GstClockTime pts, GstClockTime duration)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, self->info.size, NULL);
  GstVideoFrame frame;
  gsize row = (gsize)(self->info.width * GST_VIDEO_INFO_COMP_PSTRIDE (&self->info, 0));

  g_assert_true (gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_WRITE));
  for (gsize y = 0; y < (gsize)self->info.height; y++)
    memcpy ((guint8 *)GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
                y * (gsize)GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
            pixels + y * row, row);
  gst_video_frame_unmap (&frame);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = duration;
  return gst_harness_push (self->harness, buffer);
}

GstFlowReturn
encoder_push (Encoder *self, const guint8 *pixels, guint n)
{
  guint64 second = GST_SECOND * (guint64)self->info.fps_d;
  GstClockTime pts = gst_util_uint64_scale (n, second, (guint64)self->info.fps_n);
  GstClockTime next = gst_util_uint64_scale (n + 1, second, (guint64)self->info.fps_n);

  return encoder_push_at (self, pixels, pts, next - pts);
}

GBytes *
encoder_pull (Encoder *self)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (self->harness)) != NULL)
    {
      GstMapInfo map;

      g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
      g_byte_array_append (file, map.data, (guint)map.size);
      gst_buffer_unmap (buffer, &map);
      gst_buffer_unref (buffer);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

GBytes *
encoder_finish (Encoder *self)
{
  g_assert_true (gst_harness_push_event (self->harness, gst_event_new_eos ()));
  return encoder_pull (self);
}

Animation *
round_trip (const Format *format, const char *launch, const char *pixel_format, guint width,
            guint height, guint n, const guint8 *pixels)
{
  g_autoptr (Encoder) encoder = encoder_new (launch);
  g_autoptr (GBytes) file = NULL;

  encoder_set_caps (encoder, pixel_format, (int)width, (int)height, 10, 1);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (
        encoder_push (encoder,
                      pixels + (gsize)i * width * height *
                                   (guint)GST_VIDEO_INFO_COMP_PSTRIDE (&encoder->info, 0),
                      i),
        ==, GST_FLOW_OK);
  file = encoder_finish (encoder);
  return format->decode (file);
}

/* ── pictures ── */

guint8 *
make_few_colours (GRand *rand, guint width, guint height, guint channels, guint n)
{
  gsize picture = (gsize)width * height * channels;
  guint8 *pixels = g_malloc (picture * n);
  guint8 colours[60][4];

  for (guint i = 0; i < G_N_ELEMENTS (colours); i++)
    for (guint c = 0; c < 4; c++)
      colours[i][c] = (guint8)g_rand_int_range (rand, 0, 256);
  for (guint i = 0; i < n; i++)
    {
      guint left = (guint)g_rand_int_range (rand, 0, (int)width);
      guint top = (guint)g_rand_int_range (rand, 0, (int)height);
      guint8 *to = pixels + i * picture;

      if (i > 0)
        memcpy (to, to - picture, picture);
      if (i > 0 && g_rand_int_range (rand, 0, 4) == 0)
        continue;
      for (guint y = i == 0 ? 0 : top; y < height; y++)
        for (guint x = i == 0 ? 0 : left; x < width; x++)
          memcpy (to + (y * width + x) * channels,
                  colours[g_rand_int_range (rand, 0, G_N_ELEMENTS (colours))], channels);
    }
  return pixels;
}

guint8 *
make_gradient (guint width, guint height, guint n)
{
  guint8 *pixels = g_malloc ((gsize)3 * width * height * n);
  guint8 *to = pixels;

  for (guint i = 0; i < n; i++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++, to += 3)
        {
          to[0] = (guint8)((x + 4 * i) * 255 / (width + 4 * n));
          to[1] = (guint8)(y * 255 / height);
          to[2] = (guint8)((x + y) * 255 / (width + height));
        }
  return pixels;
}
