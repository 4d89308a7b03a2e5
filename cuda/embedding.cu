/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-table.cuh"
#include "tpd-warp.cuh"

#define THREADS 128

/* Ids may come from anywhere: one outside the table gives zeros, and the next sync says so. */
static __device__ __forceinline__ bool
known (int32_t id, int64_t n_rows, int *fault)
{
  if (id >= 0 && id < n_rows)
    return true;
  *fault = TPD_CUDA_FAULT_EMBEDDING_ID;
  return false;
}

/* A warp for each row of y. */
template <typename T>
static __global__ void
__launch_bounds__ (THREADS)
    embedding_kernel (int64_t rows, int64_t columns, int64_t n_rows, TpdTable<T> y,
                      TpdTable<T> table, TpdTable<int32_t> ids, int *fault)
{
  constexpr int V = TpdPack<T>::size;

  for (int64_t row = (blockIdx.x * (int64_t)THREADS + threadIdx.x) / TPD_WARP; row < rows;
       row += gridDim.x * (int64_t)(THREADS / TPD_WARP))
    {
      int32_t id = *ids.at (0, row, 0);
      bool found = known (id, n_rows, fault);

      for (int64_t c = threadIdx.x % TPD_WARP * V; c < columns; c += TPD_WARP * V)
        {
          int n = columns - c < V ? (int)(columns - c) : V;
          float x[V] = {};

          if (found)
            table.load (0, id, c, n, x);
          y.store (0, row, c, n, x);
        }
    }
}

void
tpd_cuda_embedding (TpdExec *exec, const TpdView *y, const TpdView *table, const TpdView *ids)
{
  int64_t rows = y->shape[0];

  if (rows > 0)
    TPD_DISPATCH_FLOAT (exec, "embedding", y->dtype, T,
                        tpd_launch (exec, "embedding", tpd_grid (exec, rows * TPD_WARP, THREADS),
                                    THREADS, 0, embedding_kernel<T>, rows, y->shape[1],
                                    table->shape[0], tpd_table<T> (y), tpd_table<T> (table),
                                    tpd_table_of_rows<int32_t> (ids),
                                    tpd_cuda_stream (exec)->fault));
}

/* ── backward ── */

/* Whether one of the ids from `first` on is `id`, among 32 that the lanes look at. */
static __device__ __forceinline__ unsigned
same_ids (const TpdTable<int32_t> &ids, int64_t first, int64_t end, int32_t id)
{
  int64_t i = first + threadIdx.x % TPD_WARP;

  return __ballot_sync (TPD_ALL_LANES, i < end && *ids.at (0, i, 0) == id);
}

static __device__ bool
appears_before (const TpdTable<int32_t> &ids, int64_t end, int32_t id)
{
  for (int64_t first = 0; first < end; first += TPD_WARP)
    if (same_ids (ids, first, end, id) != 0)
      return true;
  return false;
}

/* A warp for each row of dy: the first to name an id adds up the rows of all that do, in their
 * order. */
template <typename T>
static __global__ void
__launch_bounds__ (THREADS)
    embedding_bwd_kernel (int64_t rows, int64_t columns, int64_t n_rows, TpdTable<T> dtable,
                          TpdTable<T> dy, const __grid_constant__ TpdTable<int32_t> ids, int *fault)
{
  constexpr int V = TpdPack<T>::size;

  for (int64_t row = (blockIdx.x * (int64_t)THREADS + threadIdx.x) / TPD_WARP; row < rows;
       row += gridDim.x * (int64_t)(THREADS / TPD_WARP))
    {
      int32_t id = *ids.at (0, row, 0);

      if (!known (id, n_rows, fault) || appears_before (ids, row, id))
        continue;
      /* All lanes stay in the loop, also those whose columns are past the end. */
      for (int64_t start = 0; start < columns; start += TPD_WARP * V)
        {
          int64_t c = start + threadIdx.x % TPD_WARP * V;
          int n = columns - c >= V ? V : columns > c ? (int)(columns - c) : 0;
          float sum[V] = {}, x[V];

          if (n > 0)
            dtable.load (0, id, c, n, sum);
          for (int64_t first = row; first < rows; first += TPD_WARP)
            for (unsigned same = same_ids (ids, first, rows, id); same != 0; same &= same - 1)
              if (n > 0)
                {
                  dy.load (0, first + __ffs ((int)same) - 1, c, n, x);
#pragma unroll
                  for (int i = 0; i < V; i++)
                    sum[i] += x[i];
                }
          if (n > 0)
            dtable.store (0, id, c, n, sum);
        }
    }
}

void
tpd_cuda_embedding_bwd (TpdExec *exec, const TpdView *dtable, const TpdView *dy, const TpdView *ids)
{
  int64_t rows = dy->shape[0];

  if (rows > 0)
    TPD_DISPATCH_FLOAT (
        exec, "embedding_bwd", dy->dtype, T,
        tpd_launch (exec, "embedding_bwd", tpd_grid (exec, rows * TPD_WARP, THREADS), THREADS, 0,
                    embedding_bwd_kernel<T>, rows, dy->shape[1], dtable->shape[0],
                    tpd_table<T> (dtable), tpd_table<T> (dy), tpd_table_of_rows<int32_t> (ids),
                    tpd_cuda_stream (exec)->fault));
}
