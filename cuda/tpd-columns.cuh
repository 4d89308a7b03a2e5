/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-table.cuh"

/* Sums over the rows of [G, R, C]: gradients of weights, biases, scales and gates.
 *
 * A thread has V neighbouring columns and adds up rows; a block has tx · V columns and ty rows at a
 * time; the rows are split among as many blocks as keep the GPU busy. Every block leaves its sums
 * in scratch memory, and a second kernel adds those in order. */

#define TPD_COLUMNS_THREADS 256

struct TpdColumns
{
  int64_t groups, rows, columns;
  int64_t tiles; /* blocks side by side for the columns of a group */
  int64_t splits, rows_a_split;
  int tx, ty;
};

/* v: columns a thread */
static inline TpdColumns
tpd_columns (TpdExec *exec, int64_t groups, int64_t rows, int64_t columns, int v)
{
  TpdColumns self = {groups, rows, columns};
  int64_t wanted, useful;

  self.tx = 1;
  while (self.tx < 32 && self.tx * v < columns)
    self.tx *= 2;
  self.ty = TPD_COLUMNS_THREADS / self.tx;
  self.tiles = (columns + self.tx * v - 1) / (self.tx * v);
  wanted = 4 * tpd_cuda_stream (exec)->n_multiprocessors / (self.tiles * groups) + 1;
  useful = rows / (self.ty * 8) + 1;
  self.splits = wanted < useful ? wanted : useful;
  self.rows_a_split = (rows + self.splits - 1) / self.splits;
  return self;
}

static inline dim3
tpd_columns_grid (const TpdColumns *self)
{
  return dim3 ((unsigned)(self->tiles * self->groups), (unsigned)self->splits);
}

static inline dim3
tpd_columns_block (const TpdColumns *self)
{
  return dim3 ((unsigned)self->tx, (unsigned)self->ty);
}

/* What one thread has: n columns (none at the edge) of rows first, first + ty, … below end. */
struct TpdColumnsPart
{
  int64_t group, column, first, end;
  int n;

  __device__
  TpdColumnsPart (const TpdColumns &all, int v)
  {
    int64_t split_end = (blockIdx.y + 1) * all.rows_a_split;

    group = blockIdx.x / all.tiles;
    column = (blockIdx.x % all.tiles * all.tx + threadIdx.x) * v;
    n = all.columns - column < v ? (int)(all.columns - column) : v;
    first = blockIdx.y * all.rows_a_split + threadIdx.y;
    end = n <= 0 ? 0 : split_end < all.rows ? split_end : all.rows;
  }
};

/* Bytes of scratch memory for K sums a column. */
static inline size_t
tpd_columns_bytes (const TpdColumns *self, int k)
{
  return (size_t)(self->splits * k * self->groups * self->columns) * sizeof (float);
}

/* term (g, r, c, n, float sum[K][V]) adds the terms of n columns from c on. partial: [splits, K, G,
 * C] */
template <int K, int V, typename F>
static __global__ void
__launch_bounds__ (TPD_COLUMNS_THREADS)
    tpd_columns_sum_kernel (TpdColumns all, float *partial, const __grid_constant__ F term)
{
  __shared__ float shared[K][V][TPD_COLUMNS_THREADS];
  TpdColumnsPart part (all, V);
  int thread = threadIdx.y * all.tx + threadIdx.x;
  float sum[K][V] = {};

  for (int64_t row = part.first; row < part.end; row += all.ty)
    term (part.group, row, part.column, part.n, sum);
#pragma unroll
  for (int k = 0; k < K; k++)
#pragma unroll
    for (int i = 0; i < V; i++)
      shared[k][i][thread] = sum[k][i];
  for (int half = all.ty / 2; half > 0; half /= 2)
    {
      __syncthreads ();
      if (threadIdx.y < half)
#pragma unroll
        for (int k = 0; k < K; k++)
#pragma unroll
          for (int i = 0; i < V; i++)
            shared[k][i][thread] += shared[k][i][thread + half * all.tx];
    }
  if (threadIdx.y == 0)
    for (int k = 0; k < K; k++)
      for (int i = 0; i < part.n; i++)
        partial[((blockIdx.y * K + k) * all.groups + part.group) * all.columns + part.column + i] =
            shared[k][i][thread];
}

/* y.at (k, g, c), if not NULL, = the sum of what the splits left */
template <int K, typename Y>
static __global__ void
tpd_columns_finish_kernel (TpdColumns all, const float *partial, const __grid_constant__ Y y)
{
  int64_t n = K * all.groups * all.columns;

  for (int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; i < n;
       i += gridDim.x * (int64_t)blockDim.x)
    {
      auto to = y.at ((int)(i / (all.groups * all.columns)), i / all.columns % all.groups,
                      i % all.columns);
      float sum = 0;

      if (to == NULL)
        continue;
      for (int64_t split = 0; split < all.splits; split++)
        sum += partial[split * n + i];
      tpd_store (to, sum);
    }
}

/* Both kernels; partial is scratch memory of tpd_columns_bytes(). */
template <int K, int V, typename F, typename Y>
static void
tpd_columns_sum (TpdExec *exec, const char *what, const TpdColumns *self, float *partial, F term,
                 Y y)
{
  if (self->groups * self->columns == 0)
    return;
  tpd_launch (exec, what, tpd_columns_grid (self), tpd_columns_block (self), 0,
              tpd_columns_sum_kernel<K, V, F>, *self, partial, term);
  tpd_launch (exec, what, tpd_grid (exec, K * self->groups * self->columns, 128), 128, 0,
              tpd_columns_finish_kernel<K, Y>, *self, partial, y);
}

/* Where the K sums go: tables of one row a group, some of them empty. */
template <int K, typename T> struct TpdColumnsOut
{
  TpdTable<T> out[K];

  __device__ T *
  at (int k, int64_t g, int64_t c) const
  {
    return out[k].data != NULL ? out[k].at (g, 0, c) : NULL;
  }
};
