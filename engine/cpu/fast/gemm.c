/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-tall-gemm.h"

#include <cblas.h>
#include <limits.h>

/* Matrix products through OpenBLAS, run single-threaded over tiles of the result: tiles that stay
 * in the second-level cache are faster than one large call, and our threads do not fight with its.
 */

#define TILE_ROWS        256
#define TILE_COLUMNS     1024
#define MIN_TILE_SIDE    64
#define MIN_PART_DEPTH   512
#define MIN_PARALLEL_OPS (1 << 20) /* below this one thread is faster */

/* One stored matrix of a batch. */
typedef struct
{
  float *data;
  int64_t batch_stride;
  int row_stride;
  gboolean transposed;
} Matrix;

typedef struct
{
  Matrix c, a, b;
  const float *bias;
  float alpha, beta;
  int m, n, k;

  int tile_m, tile_n, tiles_m, tiles_n;

  /* A deep product with a small result is cut along k into parts that are added in order. */
  float *partial; /* [n_parts, batch, m, n] in scratch memory, or NULL */
  int part_k, n_parts;
} Gemm;

static int
ceil_div (int64_t a, int64_t b)
{
  return (int)((a + b - 1) / b);
}

/* Whether cblas can read x; a matrix with unit stride along its rows instead of its columns is
 * taken as the transpose of what is stored. */
static gboolean
read_matrix (const TpdView *x, gboolean transposed, Matrix *matrix)
{
  int r = x->n_dims - 2, c = x->n_dims - 1;
  int64_t row_stride, columns;

  if (x->dtype != TPD_F32 || x->shape[r] > INT_MAX || x->shape[c] > INT_MAX)
    return FALSE;
  if (x->stride[c] != 1 && x->shape[c] != 1)
    {
      int swap = r;

      r = c;
      c = swap;
      transposed = !transposed;
    }
  columns = MAX (x->shape[c], 1);
  row_stride = x->shape[r] == 1 ? columns : x->stride[r];
  if ((x->stride[c] != 1 && x->shape[c] != 1) || row_stride < columns || row_stride > INT_MAX)
    return FALSE;
  *matrix = (Matrix){x->data, x->n_dims == 3 ? x->stride[0] : 0, (int)row_stride, transposed};
  return TRUE;
}

/* Address of element (row, column) of op (matrix). */
static float *
element (const Matrix *matrix, int64_t batch, int64_t row, int64_t column)
{
  return matrix->data + batch * matrix->batch_stride +
         (matrix->transposed ? column * matrix->row_stride + row
                             : row * matrix->row_stride + column);
}

static void
multiply (const Gemm *g, int64_t batch, int row, int column, int m, int n, int k_begin, int k,
          float beta, float *c, int c_stride)
{
  cblas_sgemm (CblasRowMajor, g->a.transposed ? CblasTrans : CblasNoTrans,
               g->b.transposed ? CblasTrans : CblasNoTrans, m, n, k, g->alpha,
               element (&g->a, batch, row, k_begin), g->a.row_stride,
               element (&g->b, batch, k_begin, column), g->b.row_stride, beta, c, c_stride);
}

/* c = beta · c + bias, for one row */
static void
start_row (float *restrict c, const float *restrict bias, int n, float beta)
{
  if (beta == 0)
    for (int j = 0; j < n; j++)
      c[j] = bias != NULL ? bias[j] : 0;
  else
    for (int j = 0; j < n; j++)
      c[j] = beta * c[j] + (bias != NULL ? bias[j] : 0);
}

static void
compute_tiles (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Gemm *g = data;

  for (gint64 job = begin; job < end; job++)
    {
      int column = (int)(job % g->tiles_n) * g->tile_n;
      int row = (int)(job / g->tiles_n % g->tiles_m) * g->tile_m;
      int64_t batch = job / g->tiles_n / g->tiles_m;
      int m = MIN (g->tile_m, g->m - row), n = MIN (g->tile_n, g->n - column);
      float *c = element (&g->c, batch, row, column);

      for (int i = 0; i < m && g->bias != NULL; i++)
        start_row (c + (int64_t)i * g->c.row_stride, g->bias + column, n, g->beta);
      multiply (g, batch, row, column, m, n, 0, g->k, g->bias != NULL ? 1 : g->beta, c,
                g->c.row_stride);
    }
}

/* ── cut along k ── */

static void
compute_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Gemm *g = data;

  for (gint64 job = begin; job < end; job++)
    {
      int k_begin = (int)(job % g->n_parts) * g->part_k;
      int row = (int)(job / g->n_parts / g->tiles_n % g->tiles_m) * g->tile_m;
      int column = (int)(job / g->n_parts % g->tiles_n) * g->tile_n;

      multiply (g, 0, row, column, MIN (g->tile_m, g->m - row), MIN (g->tile_n, g->n - column),
                k_begin, MIN (g->part_k, g->k - k_begin), 0,
                g->partial + (job % g->n_parts * g->m + row) * g->n + column, g->n);
    }
}

static void
add_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Gemm *g = data;

  for (gint64 i = begin; i < end; i++)
    {
      float *restrict c = element (&g->c, 0, i, 0);

      start_row (c, g->bias, g->n, g->beta);
      for (int64_t part = 0; part < g->n_parts; part++)
        for (int j = 0; j < g->n; j++)
          c[j] += g->partial[(part * g->m + i) * g->n + j];
    }
}

/* ── the op ── */

/* Cuts the result into enough tiles for all threads, and k too where the result is too small. */
static void
plan (Gemm *g, int64_t n_batches)
{
  int threads = (int)tpd_parallel_n_threads ();

  g->tiles_m = ceil_div (g->m, TILE_ROWS);
  g->tiles_n = ceil_div (g->n, TILE_COLUMNS);
  for (;;)
    {
      g->tile_m = ceil_div (ceil_div (g->m, g->tiles_m), 16) * 16;
      g->tile_n = ceil_div (ceil_div (g->n, g->tiles_n), 16) * 16;
      g->tiles_m = ceil_div (g->m, g->tile_m);
      g->tiles_n = ceil_div (g->n, g->tile_n);
      if (n_batches * g->tiles_m * g->tiles_n >= 2 * threads ||
          MAX (g->tile_m, g->tile_n) < 2 * MIN_TILE_SIDE)
        break;
      if (g->tile_m >= g->tile_n)
        g->tiles_m *= 2;
      else
        g->tiles_n *= 2;
    }

  g->n_parts = 1;
  if (n_batches == 1 && g->tiles_m * g->tiles_n < threads)
    g->n_parts =
        MAX (1, MIN (ceil_div (2 * threads, g->tiles_m * g->tiles_n), g->k / MIN_PART_DEPTH));
  g->part_k = MAX (ceil_div (g->k, g->n_parts), 1);
  g->n_parts = MAX (ceil_div (g->k, g->part_k), 1);
}

/* Many tokens times weights: our own tiles are then some 10 % faster than OpenBLAS. They want AVX2.
 */
static gboolean
is_tall (const Gemm *g, int64_t n_batches)
{
#ifdef __AVX2__
  return n_batches == 1 && !g->a.transposed && g->m >= 8 * MIN_TILE_SIDE && g->m >= 2 * g->n &&
         g->m >= 2 * g->k && g->k > 0 && (g->beta == 0 || (g->beta == 1 && g->bias == NULL));
#else
  return FALSE;
#endif
}

static void
run_tall (TpdExec *exec, const Gemm *g)
{
  TpdTall tall = {.a = g->a.data,
                  .b = g->b.data,
                  .c = g->c.data,
                  .a_stride = g->a.row_stride,
                  .b_stride = g->b.row_stride,
                  .c_stride = g->c.row_stride,
                  .b_transposed = g->b.transposed,
                  .m = g->m,
                  .n = g->n,
                  .k = g->k,
                  .alpha = g->alpha,
                  .bias = g->bias,
                  .add = g->beta != 0};

  tpd_tall_gemm (exec, &tall);
}

static void
use_one_blas_thread (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      openblas_set_num_threads (1);
      g_once_init_leave (&done, 1);
    }
}

void
TPD_FAST_OP (gemm) (TpdExec *exec, const TpdView *c, const TpdView *a, const TpdView *b,
                    const TpdView *bias, int trans_a, int trans_b, double alpha, double beta)
{
  int64_t n_batches = c->n_dims == 3 ? c->shape[0] : 1;
  Gemm g = {.alpha = (float)alpha, .beta = (float)beta};

  if (!read_matrix (c, FALSE, &g.c) || g.c.transposed || !read_matrix (a, trans_a, &g.a) ||
      !read_matrix (b, trans_b, &g.b) || (bias != NULL && bias->stride[0] != 1))
    {
      tpd_cpu_gemm (exec, c, a, b, bias, trans_a, trans_b, alpha, beta);
      return;
    }
  g.bias = bias != NULL ? bias->data : NULL;
  g.m = (int)c->shape[c->n_dims - 2];
  g.n = (int)c->shape[c->n_dims - 1];
  g.k = (int)a->shape[trans_a ? a->n_dims - 2 : a->n_dims - 1];
  if (n_batches == 0 || g.m == 0 || g.n == 0)
    return;

  if (is_tall (&g, n_batches))
    {
      run_tall (exec, &g);
      return;
    }
  use_one_blas_thread ();
  if ((double)n_batches * g.m * g.n * MAX (g.k, 1) < MIN_PARALLEL_OPS)
    {
      g.tile_m = g.m;
      g.tile_n = g.n;
      g.tiles_m = g.tiles_n = 1;
      compute_tiles (0, n_batches, 0, &g);
      return;
    }
  plan (&g, n_batches);
  if (g.n_parts > 1)
    {
      g.partial = exec->scratch (exec, sizeof (float) * (size_t)g.n_parts * g.m * g.n);
      if (g.partial == NULL)
        return;
      tpd_parallel_for ((gint64)g.tiles_m * g.tiles_n * g.n_parts, 1, compute_parts, &g);
      tpd_parallel_for (g.m, ceil_div (16384, g.n), add_parts, &g);
    }
  else
    tpd_parallel_for (n_batches * g.tiles_m * g.tiles_n, 1, compute_tiles, &g);
}
