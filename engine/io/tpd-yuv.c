/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-yuv.h"

/* The luma weights are 2126, 7152 and 722 ten-thousandths; one is 255. */
#define ONE (255 * 10000)

/* Rounded quotient of non-negative numbers. */
static guint8
divide (gint64 numerator, gint64 denominator)
{
  return (guint8)((numerator + denominator / 2) / denominator);
}

static guint8
luma (const guint8 *p)
{
  return divide (16 * ONE + 219 * (2126 * p[0] + 7152 * p[1] + 722 * p[2]), ONE);
}

/* U and V of the sum of n pixels. */
static void
chroma (gint64 r, gint64 g, gint64 b, int n, guint8 *u, guint8 *v)
{
  const gint64 one_b = n * 255 * 18556, one_r = n * 255 * 15748;

  *u = divide (128 * one_b + 224 * (-2126 * r - 7152 * g + 9278 * b), one_b);
  *v = divide (128 * one_r + 224 * (7874 * r - 7152 * g - 722 * b), one_r);
}

static void
block_chroma (const guint8 *rgb, guint width, guint height, guint left, guint top, guint8 *u,
              guint8 *v)
{
  gint64 sum[3] = {0};
  int n = 0;

  for (guint row = top; row < MIN (top + 2, height); row++)
    for (guint column = left; column < MIN (left + 2, width); column++, n++)
      for (int i = 0; i < 3; i++)
        sum[i] += rgb[((gsize)row * width + column) * 3 + (gsize)i];
  chroma (sum[0], sum[1], sum[2], n, u, v);
}

void
tpd_rgb_to_i420 (const guint8 *rgb, guint width, guint height, const TpdI420 *out)
{
  for (guint row = 0; row < height; row++)
    for (guint column = 0; column < width; column++)
      out->plane[0][row * out->stride[0] + column] = luma (rgb + ((gsize)row * width + column) * 3);
  for (guint row = 0; row < height; row += 2)
    for (guint column = 0; column < width; column += 2)
      block_chroma (rgb, width, height, column, row,
                    out->plane[1] + row / 2 * out->stride[1] + column / 2,
                    out->plane[2] + row / 2 * out->stride[2] + column / 2);
}
