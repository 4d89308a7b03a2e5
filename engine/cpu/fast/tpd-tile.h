/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <string.h>

/* Small matrix products in registers, the heart of attention and convolution:
 *
 *     c[r][j] = start[r][j] + Σ_s Σ_k a[s][r][k] · b[s][k][j]        j < 16
 *
 * A tile of 6 rows by 16 lanes fills the vector registers of AVX2 with sums. Rows of b are read as
 * vectors and elements of a are broadcast, so both may lie in memory with any stride and nothing is
 * copied: a convolution, for one, is a product whose b or a are overlapping windows of an image. */

#define TPD_LANES     16
#define TPD_TILE_ROWS 6

/* Eight floats; the compiler splits them where registers are shorter. */
typedef float TpdVec __attribute__ ((vector_size (32)));
typedef int32_t TpdVecInt __attribute__ ((vector_size (32)));
typedef float TpdVecMem __attribute__ ((vector_size (32), aligned (4), may_alias));
typedef int32_t TpdVecIntMem __attribute__ ((vector_size (32), aligned (4), may_alias));

#define TPD_LOAD(p)     (*(const TpdVecMem *)(p))
#define TPD_STORE(p, v) (*(TpdVecMem *)(p) = (v))
#define TPD_LOAD_INT(p) (*(const TpdVecIntMem *)(p))

/* One product of any number of rows. Strides count floats. */
typedef struct
{
  const float *a, *b;
  float *c;
  int64_t a_stride; /* from row to row (by rows) or from k to k + 1 (by columns); the other is 1 */
  int64_t b_stride; /* from k to k + 1 */
  int64_t c_stride; /* from row to row */
  int64_t depth;    /* values of k */
  int64_t segments, a_segment, b_segment; /* values of s, and the strides from s to s + 1 */

  /* What the sums start from: zeros (NULL), one row for all (stride 0), or what c holds. */
  const float *start;
  int64_t start_stride;
} TpdTile;

static inline __attribute__ ((always_inline)) void
tpd_tile_fixed (const TpdTile *t, const int rows, int64_t a_row, int64_t a_depth)
{
  TpdVec sum[TPD_TILE_ROWS][2];

#pragma GCC unroll 6
  for (int r = 0; r < rows; r++)
    {
      sum[r][0] = sum[r][1] = (TpdVec){0};
      if (t->start != NULL)
        {
          sum[r][0] = TPD_LOAD (t->start + r * t->start_stride);
          sum[r][1] = TPD_LOAD (t->start + r * t->start_stride + 8);
        }
    }
  for (int64_t s = 0; s < t->segments; s++)
    {
      const float *a = t->a + s * t->a_segment, *b = t->b + s * t->b_segment;
      int64_t b_stride = t->b_stride;

      for (int64_t k = t->depth; k > 0; k--, a += a_depth, b += b_stride)
        {
          TpdVec b0 = TPD_LOAD (b), b1 = TPD_LOAD (b + 8);

#pragma GCC unroll 6
          for (int r = 0; r < rows; r++)
            {
              sum[r][0] += a[r * a_row] * b0;
              sum[r][1] += a[r * a_row] * b1;
            }
        }
    }
#pragma GCC unroll 6
  for (int r = 0; r < rows; r++)
    {
      TPD_STORE (t->c + r * t->c_stride, sum[r][0]);
      TPD_STORE (t->c + r * t->c_stride + 8, sum[r][1]);
    }
}

static inline __attribute__ ((always_inline)) void
tpd_tile_rows (const TpdTile *t, int rows, int64_t a_row, int64_t a_depth)
{
  switch (rows)
    {
    case 6:
      tpd_tile_fixed (t, 6, a_row, a_depth);
      break;
    case 5:
      tpd_tile_fixed (t, 5, a_row, a_depth);
      break;
    case 4:
      tpd_tile_fixed (t, 4, a_row, a_depth);
      break;
    case 3:
      tpd_tile_fixed (t, 3, a_row, a_depth);
      break;
    case 2:
      tpd_tile_fixed (t, 2, a_row, a_depth);
      break;
    default:
      tpd_tile_fixed (t, 1, a_row, a_depth);
    }
}

/* Rows of the next tile when `left` rows are still to do: 8 are cut into 4 + 4, not 6 + 2. */
static inline int
tpd_tile_next (int64_t left)
{
  int64_t tiles = (left + TPD_TILE_ROWS - 1) / TPD_TILE_ROWS;

  return (int)((left + tiles - 1) / tiles);
}

/* The product; a is row-major. */
static inline void
tpd_tile_by_rows (TpdTile tile, int64_t n_rows)
{
  for (int rows; n_rows > 0; n_rows -= rows)
    {
      rows = tpd_tile_next (n_rows);
      tpd_tile_rows (&tile, rows, tile.a_stride, 1);
      tile.a += rows * tile.a_stride;
      tile.c += rows * tile.c_stride;
      if (tile.start != NULL)
        tile.start += rows * tile.start_stride;
    }
}

/* The product; a is column-major. */
static inline void
tpd_tile_by_columns (TpdTile tile, int64_t n_rows)
{
  for (int rows; n_rows > 0; n_rows -= rows)
    {
      rows = tpd_tile_next (n_rows);
      tpd_tile_rows (&tile, rows, 1, tile.a_stride);
      tile.a += rows;
      tile.c += rows * tile.c_stride;
      if (tile.start != NULL)
        tile.start += rows * tile.start_stride;
    }
}
