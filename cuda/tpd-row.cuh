/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-table.cuh"
#include "tpd-warp.cuh"

/* Ops that treat each row of [G, R, C] by itself: norms. A row belongs to some neighbouring lanes
 * of a warp, all of them unless it is short; its first part stays in registers from one pass to the
 * next, so that rows of up to 32 · HEAD packs (1024 f32, 2048 f16 or bf16) are read from memory
 * once. */

#define TPD_ROW_THREADS 128

/* Lanes a row, a power of two, for columns in packs of v. */
static inline int
tpd_row_lanes (int64_t columns, int v)
{
  int lanes = 1;

  while (lanes < 32 && lanes * v < columns)
    lanes *= 2;
  return lanes;
}

static inline unsigned
tpd_row_grid (TpdExec *exec, int64_t rows, int lanes)
{
  return tpd_grid (exec, rows * lanes, TPD_ROW_THREADS);
}

/* Which row and which of its columns this thread has; every lane of a warp takes as many turns. */
struct TpdRowTurn
{
  int lanes, lane;
  int64_t row, step;

  __device__
  TpdRowTurn (int n_lanes)
      : lanes (n_lanes), lane (threadIdx.x % n_lanes)
  {
    row = (blockIdx.x * (int64_t)TPD_ROW_THREADS + threadIdx.x) / lanes;
    step = gridDim.x * (int64_t)(TPD_ROW_THREADS / lanes);
  }

  /* Of the warp's first row: warps take turns as a whole. */
  __device__ int64_t
  first () const
  {
    return row - threadIdx.x % TPD_WARP / lanes;
  }
};

/* One row of a table, as this lane sees it. HEAD packs are kept. */
template <typename T, int HEAD> struct TpdRow
{
  static constexpr int V = TpdPack<T>::size;

  const TpdTable<T> &table;
  int64_t group, row, columns; /* no columns: a row past the end */
  int first, step;
  TpdPack<T> head[HEAD];

  __device__
  TpdRow (const TpdTable<T> &from, int64_t g, int64_t r, int64_t n_columns, const TpdRowTurn &turn)
      : table (from), group (g), row (r), columns (n_columns), first (turn.lane * V),
        step (turn.lanes * V)
  {
#pragma unroll
    for (int k = 0; k < HEAD; k++)
      if (first + k * step < columns)
        head[k] = table.fetch (group, row, first + k * step, count (first + k * step));
  }

  __device__ __forceinline__ int
  count (int64_t c) const
  {
    return columns - c < V ? (int)(columns - c) : V;
  }

  /* f (c, n, x): x are the n columns from c on, zero past those. */
  template <typename F>
  __device__ __forceinline__ void
  each (F f) const
  {
    float x[V];

#pragma unroll
    for (int k = 0; k < HEAD; k++)
      if (first + k * step < columns)
        {
          TpdTable<T>::unpack (head[k], x);
          f (first + k * step, count (first + k * step), x);
        }
    for (int64_t c = first + HEAD * step; c < columns; c += step)
      {
        table.load (group, row, c, count (c), x);
        f (c, count (c), x);
      }
  }
};
