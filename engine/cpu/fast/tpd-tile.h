/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Small matrix products in registers, the heart of attention and convolution:
 *
 *     c[r][j] (+)= Σ_k a[r][k] · b[k][j]        r < rows, j < 16
 *
 * A tile of 6 rows by 16 lanes fills the vector registers of AVX2 and NEON with sums. Rows of b are
 * read as vectors, elements of a are broadcast, so a may lie in memory any way and is never copied:
 * row-major (its rows have a stride, its columns are neighbours) or column-major. */

#define TPD_LANES     16
#define TPD_TILE_ROWS 6

/* Eight floats; the compiler splits them where registers are shorter. Plain memory is read through
 * the unaligned type. */
typedef float TpdVec __attribute__ ((vector_size (32)));
typedef int32_t TpdVecInt __attribute__ ((vector_size (32)));
typedef float TpdVecMem __attribute__ ((vector_size (32), aligned (4), may_alias));
typedef int32_t TpdVecIntMem __attribute__ ((vector_size (32), aligned (4), may_alias));

#define TPD_LOAD(p)     (*(const TpdVecMem *)(p))
#define TPD_STORE(p, v) (*(TpdVecMem *)(p) = (v))

typedef struct
{
  const float *data;
  int64_t row_stride, depth_stride; /* one of them is 1 */
} TpdTileA;

static inline __attribute__ ((always_inline)) void
tpd_tile_fixed (const int rows, const float *a, int64_t a_row, int64_t a_depth, const float *b,
                int64_t b_stride, int64_t depth, float *c, int64_t c_stride, gboolean add)
{
  TpdVec sum[TPD_TILE_ROWS][2];

#pragma GCC unroll 6
  for (int r = 0; r < rows; r++)
    {
      sum[r][0] = sum[r][1] = (TpdVec){0};
      if (add)
        {
          sum[r][0] = TPD_LOAD (c + r * c_stride);
          sum[r][1] = TPD_LOAD (c + r * c_stride + 8);
        }
    }
  for (int64_t k = 0; k < depth; k++)
    {
      TpdVec b0 = TPD_LOAD (b), b1 = TPD_LOAD (b + 8);

#pragma GCC unroll 6
      for (int r = 0; r < rows; r++)
        {
          float x = a[r * a_row];

          sum[r][0] += x * b0;
          sum[r][1] += x * b1;
        }
      a += a_depth;
      b += b_stride;
    }
#pragma GCC unroll 6
  for (int r = 0; r < rows; r++)
    {
      TPD_STORE (c + r * c_stride, sum[r][0]);
      TPD_STORE (c + r * c_stride + 8, sum[r][1]);
    }
}

#define TPD_TILE_CASES(a_row, a_depth)                                                             \
  switch (rows)                                                                                    \
    {                                                                                              \
    case 6:                                                                                        \
      tpd_tile_fixed (6, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    case 5:                                                                                        \
      tpd_tile_fixed (5, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    case 4:                                                                                        \
      tpd_tile_fixed (4, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    case 3:                                                                                        \
      tpd_tile_fixed (3, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    case 2:                                                                                        \
      tpd_tile_fixed (2, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    default:                                                                                       \
      tpd_tile_fixed (1, a, a_row, a_depth, b, b_stride, depth, c, c_stride, add);                 \
      break;                                                                                       \
    }

/* One tile of up to 6 rows; a is row-major. */
static inline void
tpd_tile_by_rows (int rows, const float *a, int64_t a_row, const float *b, int64_t b_stride,
                  int64_t depth, float *c, int64_t c_stride, gboolean add)
{
  TPD_TILE_CASES (a_row, 1)
}

/* One tile of up to 6 rows; a is column-major. */
static inline void
tpd_tile_by_columns (int rows, const float *a, int64_t a_depth, const float *b, int64_t b_stride,
                     int64_t depth, float *c, int64_t c_stride, gboolean add)
{
  TPD_TILE_CASES (1, a_depth)
}
#undef TPD_TILE_CASES
