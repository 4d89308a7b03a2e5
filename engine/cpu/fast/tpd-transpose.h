/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-tile.h"

/* Eight by eight numbers: y[j][i] = x[i][j] */
static inline __attribute__ ((always_inline)) void
tpd_transpose_8x8 (const float *x, int64_t x_stride, float *y, int64_t y_stride)
{
  TpdVec a[8], b[8];

#define PAIRS(u, v, ...) __builtin_shuffle (u, v, (TpdVecInt){__VA_ARGS__})
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++)
    a[i] = TPD_LOAD (x + i * x_stride);
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) /* neighbours */
    {
      b[i] = PAIRS (a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
      b[i + 1] = PAIRS (a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) /* pairs */
    {
      int u = i / 2 * 4 + i % 2;

      a[u] = PAIRS (b[u], b[u + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      a[u + 2] = PAIRS (b[u], b[u + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) /* halves */
    {
      TPD_STORE (y + i * y_stride, PAIRS (a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
      TPD_STORE (y + (i + 4) * y_stride, PAIRS (a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
    }
#undef PAIRS
}

/* y[j][i] = factor · x[i][j]        x: [rows, columns] */
static inline void
tpd_transpose (const float *x, int64_t x_stride, float *y, int64_t y_stride, int64_t rows,
               int64_t columns)
{
  for (int64_t i = 0; i < rows; i += 8)
    for (int64_t j = 0; j < columns; j += 8)
      if (i + 8 <= rows && j + 8 <= columns)
        tpd_transpose_8x8 (x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
      else
        for (int64_t r = i; r < MIN (i + 8, rows); r++)
          for (int64_t c = j; c < MIN (j + 8, columns); c++)
            y[c * y_stride + r] = x[r * x_stride + c];
}
