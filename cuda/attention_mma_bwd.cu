/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attention_bwd.cuh"
#include "attention_mma.cuh"

#define LOG2_E 1.44269504088896340736f

/* lse, in units of log 2, and delta of a tile's queries. */
struct Statistics
{
  float lse[TPD_MMA_TILE], delta[TPD_MMA_TILE];
};

/* All threads of the block; `first` counts from the first query of the head. */
template <typename T>
static __device__ __forceinline__ void
load_statistics (Statistics &shared, const TpdAttentionOperands<T> &in, const TpdMmaPlace &at,
                 int64_t first)
{
  int64_t i = first + threadIdx.x;

  if (threadIdx.x < TPD_MMA_TILE)
    {
      const int64_t head = (at.batch * in.heads + at.head) * in.q.n;
      bool exists = i < in.q.n;

      shared.lse[threadIdx.x] = exists ? in.lse[head + i] * LOG2_E : 0;
      shared.delta[threadIdx.x] = exists ? in.delta[head + i] : 0;
    }
}

/* y_ds gets the sums with weights ds: dq, or, with KEYS, dk; y_p those with weights p: dv. */
template <typename T, bool KEYS>
static __global__ void
__launch_bounds__ (TPD_MMA_THREADS)
    attention_mma_bwd_kernel (const __grid_constant__ TpdHeads<T> y_ds,
                              const __grid_constant__ TpdHeads<T> y_p,
                              const __grid_constant__ TpdAttentionOperands<T> in)
{
  const TpdHeads<T> &rows = in.template rows<KEYS> (), &columns = in.template columns<KEYS> ();
  const TpdHeads<T> &rows_p = in.template rows_p<KEYS> ();
  const TpdHeads<T> &columns_p = in.template columns_p<KEYS> ();
  __shared__ TpdMmaTile<T> column, column_p;
  __shared__ TpdMmaMask mask;
  __shared__ Statistics statistics;
  TpdMmaPlace at = tpd_mma_place (rows.n, in.heads);
  int lane = threadIdx.x % TPD_WARP, own = threadIdx.x / TPD_WARP * 16 + lane / 4;
  TpdMmaRows row, row_p;
  TpdMmaSums out_ds = {}, out_p = {};
  const float factor_ds[2] = {in.scale, in.scale}, factor_p[2] = {1, 1};

  tpd_mma_tile_load (column, rows, at.batch, at.head, at.row, in.size);
  tpd_mma_tile_load (column_p, rows_p, at.batch, at.head, at.row, in.size);
  if (!KEYS)
    load_statistics (statistics, in, at, at.row);
  __syncthreads ();
  tpd_mma_rows_load (row, column);
  tpd_mma_rows_load (row_p, column_p);
  for (int64_t start = 0; start < columns.n; start += TPD_MMA_TILE)
    {
      TpdMmaSums p, ds;
      uint32_t seen =
          tpd_mma_seen<KEYS> (mask, in.mask, at.batch, at.row, rows.n, start, columns.n);

      /* Also the barrier before the tiles are overwritten. */
      if (!__syncthreads_or (seen != 0))
        continue;
      tpd_mma_tile_load (column, columns, at.batch, at.head, start, in.size);
      tpd_mma_tile_load (column_p, columns_p, at.batch, at.head, start, in.size);
      if (KEYS)
        load_statistics (statistics, in, at, start);
      __syncthreads ();
      tpd_mma_scores (p, row, column);
      tpd_mma_scores (ds, row_p, column_p);
#pragma unroll
      for (int j = 0; j < TPD_MMA_PIECES; j++)
#pragma unroll
        for (int c = 0; c < 4; c++)
          {
            int query = KEYS ? 8 * j + lane % 4 * 2 + c % 2 : own + c / 2 * 8;
            float weight = exp2f (p[j][c] * (in.scale * LOG2_E) - statistics.lse[query]);

            p[j][c] = seen >> (4 * j + c) & 1 ? weight : 0;
            ds[j][c] = p[j][c] * (ds[j][c] - statistics.delta[query]);
          }
      tpd_mma_accumulate (out_ds, ds, column);
      if (KEYS)
        tpd_mma_accumulate (out_p, p, column_p);
    }
  tpd_mma_store (y_ds, at.batch, at.head, at.row, in.size, out_ds, factor_ds);
  if (KEYS)
    tpd_mma_store (y_p, at.batch, at.head, at.row, in.size, out_p, factor_p);
}

template <typename T>
static void
launch (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
        TpdAttentionOperands<T> in)
{
  if (tpd_mma_grid (dq) > 0)
    tpd_launch (exec, "attention_bwd: dq", tpd_mma_grid (dq), TPD_MMA_THREADS, 0,
                attention_mma_bwd_kernel<T, false>, tpd_heads<T> (dq), tpd_heads<T> (dq), in);
  if (tpd_mma_grid (dk) > 0)
    tpd_launch (exec, "attention_bwd: dk, dv", tpd_mma_grid (dk), TPD_MMA_THREADS, 0,
                attention_mma_bwd_kernel<T, true>, tpd_heads<T> (dk), tpd_heads<T> (dv), in);
}

void
tpd_attention_mma_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                       const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                       const TpdView *lse, const float *delta, const TpdView *segment,
                       const TpdView *order, double scale)
{
  TPD_DISPATCH_MMA (
      q->dtype, T,
      launch<T> (exec, dq, dk, dv,
                 tpd_attention_operands<T> (go, q, k, v, lse, delta, segment, order, scale)));
}
