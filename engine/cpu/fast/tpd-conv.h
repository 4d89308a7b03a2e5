/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-fast.h"
#include "tpd-tile.h"

/* What the three passes of convolution share. Channels come last, so the inputs that one row of a
 * kernel sees are neighbours in memory: kw · I numbers, a window that moves by stride · I from one
 * output pixel to the next. Tiles read these windows in place; all that is copied is a few rows of
 * the image at a time, to put zeros around them. */

#define TPD_BAND_FLOATS 49152 /* of a padded band: a part of the second-level cache */

/* A batch of images [N, H, W, C] with any strides but that of C, which is 1. */
typedef struct
{
  float *data;
  int64_t n_stride, y_stride, x_stride;
  int64_t height, width, channels;
} TpdImages;

static inline gboolean
tpd_as_images (const TpdView *view, TpdImages *images)
{
  *images = (TpdImages){view->data,     view->stride[0], view->stride[1], view->stride[2],
                        view->shape[1], view->shape[2],  view->shape[3]};
  return view->dtype == TPD_F32 && (view->stride[3] == 1 || view->shape[3] == 1);
}

/* [N, H, W, C] as [N · H · W, C], if the strides allow it. */
static inline gboolean
tpd_pixels (const TpdView *view, TpdView *rows)
{
  *rows = (TpdView){.data = view->data,
                    .dtype = view->dtype,
                    .n_dims = 2,
                    .shape = {view->shape[0] * view->shape[1] * view->shape[2], view->shape[3]},
                    .stride = {view->stride[2], view->stride[3]}};
  return view->stride[1] == view->shape[2] * view->stride[2] &&
         view->stride[0] == view->shape[1] * view->stride[1];
}

/* Whether the convolution is a product of matrices: y = x wᵀ over pixels. */
static inline gboolean
tpd_conv_as_product (const TpdView *y, const TpdView *x, const TpdView *w, TpdConvGeometry g,
                     TpdView *y_rows, TpdView *x_rows, TpdView *w_rows)
{
  return w->shape[1] == 1 && w->shape[2] == 1 && g.stride == 1 && g.pad_top == 0 &&
         g.pad_bottom == 0 && g.pad_left == 0 && g.pad_right == 0 && tpd_pixels (y, y_rows) &&
         tpd_pixels (x, x_rows) && tpd_pixels (w, w_rows);
}

static inline int64_t
tpd_ceil_div (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

/* Copies rows y0 … y0 + rows − 1, columns x0 … x0 + columns − 1 of image n; zeros outside it. */
static inline void
tpd_copy_band (float *band, const TpdImages *images, int64_t n, int64_t y0, int64_t x0,
               int64_t rows, int64_t columns)
{
  int64_t channels = images->channels;
  int64_t left = CLAMP (-x0, 0, columns);
  int64_t right = CLAMP (images->width - x0, left, columns);

  for (int64_t y = y0; y < y0 + rows; y++, band += columns * channels)
    {
      const float *row = images->data + n * images->n_stride + y * images->y_stride;
      gboolean inside = y >= 0 && y < images->height;
      int64_t begin = inside ? left : columns, end = inside ? right : columns;

      memset (band, 0, sizeof (float) * (size_t)(begin * channels));
      if (images->x_stride == channels && end > begin)
        memcpy (band + begin * channels, row + (x0 + begin) * channels,
                sizeof (float) * (size_t)((end - begin) * channels));
      else
        for (int64_t x = begin; x < end; x++)
          memcpy (band + x * channels, row + (x0 + x) * images->x_stride,
                  sizeof (float) * (size_t)channels);
      memset (band + end * channels, 0, sizeof (float) * (size_t)((columns - end) * channels));
    }
}
