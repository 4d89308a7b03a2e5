/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-fast.h"
#include "tpd-tile.h"
#include "tpd-transpose.h"

/* Products of many rows with a small matrix, c = a b: what linear layers do with tokens. b is laid
 * out for the tiles once, a is read where it lies, and the bias comes for nothing. */

#define TPD_TALL_ROWS  96  /* a block of a, in the second-level cache */
#define TPD_TALL_DEPTH 320 /* a piece of 16 columns of b, in the first */

typedef struct
{
  const float *a, *b;
  float *c;
  int64_t a_stride, b_stride, c_stride; /* from row to row as stored */
  gboolean b_transposed;                /* b is stored [n][k] */
  int64_t m, n, k;
  float alpha;
  const float *bias; /* [n], or NULL */
  gboolean add;      /* to what c holds; not with a bias */

  int64_t block_rows, depth;
  float *packed;      /* [columns / 16][k][16] */
  float *packed_bias; /* [columns, whole lanes] */
  float *spare;       /* per thread: a block of the last columns if they are not 16 */
} TpdTall;

static inline int64_t
tpd_tall_panels (const TpdTall *g)
{
  return (g->n + TPD_LANES - 1) / TPD_LANES;
}

static void
tpd_tall_pack (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const TpdTall *g = data;

  for (gint64 panel = begin; panel < end; panel++)
    {
      int64_t first = panel * TPD_LANES, lanes = MIN (TPD_LANES, g->n - first);
      float *to = g->packed + first * g->k;

      if (lanes < TPD_LANES)
        memset (to, 0, sizeof (float) * (size_t)(g->k * TPD_LANES));
      if (g->b_transposed)
        tpd_transpose (g->b + first * g->b_stride, g->b_stride, to, TPD_LANES, lanes, g->k);
      else
        for (int64_t k = 0; k < g->k; k++)
          memcpy (to + k * TPD_LANES, g->b + k * g->b_stride + first,
                  sizeof (float) * (size_t)lanes);
      for (int64_t i = 0; i < g->k * TPD_LANES && g->alpha != 1; i++)
        to[i] *= g->alpha;
      for (int64_t lane = 0; lane < TPD_LANES; lane++)
        g->packed_bias[first + lane] = g->bias != NULL && lane < lanes ? g->bias[first + lane] : 0;
    }
}

static inline void
tpd_copy_columns (float *to, int64_t to_stride, const float *from, int64_t from_stride,
                  int64_t rows, int64_t columns)
{
  for (int64_t i = 0; i < rows; i++)
    memcpy (to + i * to_stride, from + i * from_stride, sizeof (float) * (size_t)columns);
}

/* One block of rows. */
static void
tpd_tall_block (const TpdTall *g, int64_t row, float *spare)
{
  int64_t rows = MIN (g->block_rows, g->m - row), last = g->n - g->n % TPD_LANES;

  if (last < g->n && g->add)
    tpd_copy_columns (spare, TPD_LANES, g->c + row * g->c_stride + last, g->c_stride, rows,
                      g->n - last);
  for (int64_t k = 0; k < g->k; k += g->depth)
    for (int64_t column = 0; column < g->n; column += TPD_LANES)
      {
        gboolean partial = column == last, first = k == 0 && !g->add;
        float *c = partial ? spare : g->c + row * g->c_stride + column;
        int64_t c_stride = partial ? TPD_LANES : g->c_stride;

        tpd_tile_by_rows ((TpdTile){.a = g->a + row * g->a_stride + k,
                                    .b = g->packed + column * g->k + k * TPD_LANES,
                                    .c = c,
                                    .a_stride = g->a_stride,
                                    .b_stride = TPD_LANES,
                                    .c_stride = c_stride,
                                    .depth = MIN (g->depth, g->k - k),
                                    .segments = 1,
                                    .start = first ? g->packed_bias + column : c,
                                    .start_stride = first ? 0 : c_stride},
                          rows);
      }
  if (last < g->n)
    tpd_copy_columns (g->c + row * g->c_stride + last, g->c_stride, spare, TPD_LANES, rows,
                      g->n - last);
}

static void
tpd_tall_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const TpdTall *g = data;

  for (gint64 block = begin; block < end; block++)
    tpd_tall_block (g, block * g->block_rows, g->spare + thread * TPD_TALL_ROWS * TPD_LANES);
}

/* Fills in what is left open in *g and runs it. k > 0. */
static void
tpd_tall_gemm (TpdExec *exec, TpdTall *g)
{
  int64_t threads = tpd_parallel_n_threads (), columns = tpd_tall_panels (g) * TPD_LANES, blocks;
  size_t floats = (size_t)(columns * (g->k + 1) + threads * TPD_TALL_ROWS * TPD_LANES);

  g->packed = exec->scratch (exec, sizeof (float) * floats);
  if (g->packed == NULL)
    return;
  g->packed_bias = g->packed + columns * g->k;
  g->spare = g->packed_bias + columns;
  g->depth = (g->k + TPD_TALL_DEPTH - 1) / TPD_TALL_DEPTH;
  g->depth = (g->k + g->depth - 1) / g->depth;
  blocks = MAX ((g->m + TPD_TALL_ROWS - 1) / TPD_TALL_ROWS, MIN (4 * threads, (g->m + 23) / 24));
  g->block_rows = (g->m + blocks - 1) / blocks;
  blocks = (g->m + g->block_rows - 1) / g->block_rows;

  tpd_parallel_for (columns / TPD_LANES, 1 + 8192 / (g->k * TPD_LANES), tpd_tall_pack, g);
  tpd_parallel_for (blocks, 1, tpd_tall_blocks, g);
}
