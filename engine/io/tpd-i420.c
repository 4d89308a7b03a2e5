/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-i420.h"

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

/* Cb and Cr of the sum of n pixels. */
static void
chroma (gint64 r, gint64 g, gint64 b, int n, guint8 *cb, guint8 *cr)
{
  const gint64 one_b = n * 255 * 18556, one_r = n * 255 * 15748;

  *cb = divide (128 * one_b + 224 * (-2126 * r - 7152 * g + 9278 * b), one_b);
  *cr = divide (128 * one_r + 224 * (7874 * r - 7152 * g - 722 * b), one_r);
}

static void
block_chroma (const guint8 *rgb, guint width, guint height, guint left, guint top, guint8 *cb,
              guint8 *cr)
{
  gint64 sum[3] = {0};
  int n = 0;

  for (guint row = top; row < MIN (top + 2, height); row++)
    for (guint column = left; column < MIN (left + 2, width); column++, n++)
      for (int i = 0; i < 3; i++)
        sum[i] += rgb[((gsize)row * width + column) * 3 + (gsize)i];
  chroma (sum[0], sum[1], sum[2], n, cb, cr);
}

void
tpd_i420_from_rgb (const guint8 *rgb, guint width, guint height, guint8 *y, guint8 *u, guint8 *v,
                   gsize y_stride, gsize uv_stride)
{
  for (guint row = 0; row < height; row++)
    for (guint column = 0; column < width; column++)
      y[row * y_stride + column] = luma (rgb + ((gsize)row * width + column) * 3);
  for (guint row = 0; row < height; row += 2)
    for (guint column = 0; column < width; column += 2)
      {
        gsize at = row / 2 * uv_stride + column / 2;

        block_chroma (rgb, width, height, column, row, u + at, v + at);
      }
}
