/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "io/tpd-cover.h"

#include <string.h>

/* Rounded to 8 bits */
#define ROUNDING 1

/* A picture whose red is f (x), green f (y), blue constant. */
static guint8 *
ramps (guint width, guint height, guint slope)
{
  guint8 *rgb = g_malloc (3 * (gsize)width * height);

  for (guint i = 0; i < width * height; i++)
    {
      rgb[3 * i] = (guint8)(slope * (i % width));
      rgb[3 * i + 1] = (guint8)(slope * (i / width));
      rgb[3 * i + 2] = 77;
    }
  return rgb;
}

static void
test_same_size (void)
{
  g_autofree guint8 *rgb = ramps (5, 3, 50);
  guint8 out[45];

  tpd_rgb_cover (rgb, 5, 3, 15, 5, 3, out);
  g_assert_cmpmem (out, 45, rgb, 45);
}

/* A ramp stays a ramp at any scale: pixel centres stay where they are in the picture. */
static void
test_scale (void)
{
  static const guint sizes[] = {8, 12, 32, 40};
  g_autofree guint8 *rgb = ramps (16, 16, 16);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint n = sizes[i], margin = n / 8 + 1; /* the filter meets no edge */
      g_autofree guint8 *out = g_malloc (3 * n * n);

      tpd_rgb_cover (rgb, 16, 16, 48, n, n, out);
      for (guint y = margin; y < n - margin; y++)
        for (guint x = margin; x < n - margin; x++)
          {
            const guint8 *pixel = out + 3 * (y * n + x);

            g_assert_cmpfloat_with_epsilon (pixel[0], 16 * ((x + 0.5) * 16 / n - 0.5), ROUNDING);
            g_assert_cmpfloat_with_epsilon (pixel[1], 16 * ((y + 0.5) * 16 / n - 0.5), ROUNDING);
            g_assert_cmpuint (pixel[2], ==, 77);
          }
    }
}

/* 12 × 4 to 4 × 4: the middle third; 4 × 12 likewise. */
static void
test_crop (void)
{
  g_autofree guint8 *wide = ramps (12, 4, 20), *high = ramps (4, 12, 20);
  guint8 out[48];

  tpd_rgb_cover (wide, 12, 4, 36, 4, 4, out);
  for (guint y = 0; y < 4; y++)
    g_assert_cmpmem (out + 12 * y, 12, wide + 36 * y + 12, 12);
  tpd_rgb_cover (high, 4, 12, 12, 4, 4, out);
  g_assert_cmpmem (out, 48, high + 48, 48);
}

/* Whatever lies between the rows is not looked at. */
static void
test_stride (void)
{
  g_autofree guint8 *tight = ramps (5, 4, 40);
  guint8 padded[4 * 19], from_tight[27], from_padded[27];

  memset (padded, 255, sizeof padded);
  for (guint y = 0; y < 4; y++)
    memcpy (padded + 19 * y, tight + 15 * y, 15);
  tpd_rgb_cover (tight, 5, 4, 15, 3, 3, from_tight);
  tpd_rgb_cover (padded, 5, 4, 19, 3, 3, from_padded);
  g_assert_cmpmem (from_tight, 27, from_padded, 27);
}

/* A checkerboard shrinks to grey, not to one of its colours; a pixel grows to a surface. */
static void
test_extremes (void)
{
  guint8 board[3 * 64 * 64], grey[3 * 4 * 4], pixel[3] = {10, 20, 30}, surface[3 * 7 * 2];

  for (guint i = 0; i < 64 * 64; i++)
    memset (board + 3 * i, (i % 64 + i / 64) % 2 == 0 ? 0 : 255, 3);
  tpd_rgb_cover (board, 64, 64, 3 * 64, 4, 4, grey);
  for (guint i = 0; i < sizeof grey; i++)
    g_assert_cmpfloat_with_epsilon (grey[i], 127.5, ROUNDING);
  tpd_rgb_cover (pixel, 1, 1, 3, 7, 2, surface);
  for (guint i = 0; i < sizeof surface; i++)
    g_assert_cmpuint (surface[i], ==, pixel[i % 3]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cover/same-size", test_same_size);
  g_test_add_func ("/cover/scale", test_scale);
  g_test_add_func ("/cover/crop", test_crop);
  g_test_add_func ("/cover/stride", test_stride);
  g_test_add_func ("/cover/extremes", test_extremes);
  return g_test_run ();
}
