/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attention_bwd.cuh"
#include "attention_mma.cuh"

/* With p_ij = exp (score_ij − lse_i) and delta_i = ⟨go_i, o_i⟩:
 *   ds_ij = p_ij (⟨go_i, v_j⟩ − delta_i)
 *   dq_i = scale Σ_j ds_ij k_j    dk_j = scale Σ_i ds_ij q_i    dv_j = Σ_i p_ij go_i
 * Scores are computed again, twice: once for tiles of queries, once for tiles of keys. So every
 * result has one writer, and nothing is added with atomics. */

#define TILE  TPD_ATTENTION_TILE
#define SLICE TPD_ATTENTION_SLICE
#define ROWS  TPD_ATTENTION_ROWS
#define OUT   TPD_ATTENTION_OUT

/* delta: [B, H, N]. A warp for each. */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_ATTENTION_THREADS)
    delta_kernel (float *delta, const __grid_constant__ TpdHeads<T> go,
                  const __grid_constant__ TpdHeads<T> o, int64_t n, int64_t heads, int64_t size)
{
  for (int64_t i = blockIdx.x * (int64_t)TPD_ATTENTION_WARPS + threadIdx.x / TPD_WARP; i < n;
       i += gridDim.x * (int64_t)TPD_ATTENTION_WARPS)
    {
      int64_t token = i % o.n, head = i / o.n % heads, batch = i / o.n / heads;
      float sum = 0;

      for (int64_t d = threadIdx.x % TPD_WARP; d < size; d += TPD_WARP)
        sum += tpd_load (go.at (batch, token, head) + d) * tpd_load (o.at (batch, token, head) + d);
      sum = tpd_lanes_sum (sum, TPD_WARP);
      if (threadIdx.x % TPD_WARP == 0)
        delta[i] = sum;
    }
}

/* y_ds gets the sums with weights ds: dq, or, with KEYS, dk; y_p those with weights p: dv. */
template <typename T, bool KEYS>
static __global__ void
__launch_bounds__ (TPD_ATTENTION_THREADS)
    attention_bwd_kernel (const __grid_constant__ TpdHeads<T> y_ds,
                          const __grid_constant__ TpdHeads<T> y_p,
                          const __grid_constant__ TpdAttentionOperands<T> in)
{
  const TpdHeads<T> &rows = in.template rows<KEYS> (), &columns = in.template columns<KEYS> ();
  const TpdHeads<T> &rows_p = in.template rows_p<KEYS> ();
  const TpdHeads<T> &columns_p = in.template columns_p<KEYS> ();
  alignas (16) __shared__ TpdTile row, row_p, column, column_p;
  __shared__ TpdWeights weights;
  TpdAttentionPlace at = tpd_attention_place (rows.n, in.heads, in.size);
  int first = threadIdx.x / TPD_WARP * ROWS, lane = threadIdx.x % TPD_WARP;
  int64_t statistics = (at.batch * in.heads + at.head) * in.q.n;
  float out_ds[ROWS][OUT] = {}, out_p[ROWS][OUT] = {}, factor[ROWS];
  bool whole = in.size <= SLICE;

  if (whole)
    {
      tpd_tile_load (row, rows, at.batch, at.head, at.row, 0, in.size);
      tpd_tile_load (row_p, rows_p, at.batch, at.head, at.row, 0, in.size);
    }
  for (int64_t start = 0; start < columns.n; start += TILE)
    {
      TpdTokenMask own (in.mask, at.batch, start + lane, columns.n);
      float p[ROWS] = {}, ds[ROWS] = {};
      unsigned seen = 0;

#pragma unroll
      for (int r = 0; r < ROWS; r++)
        {
          TpdTokenMask other (in.mask, at.batch, at.row + first + r, rows.n);

          if (KEYS ? tpd_sees (own, other) : tpd_sees (other, own))
            seen |= 1u << r;
        }
      /* Also the barrier before the tiles are overwritten. */
      if (!__syncthreads_or (seen != 0))
        continue;
      for (int64_t d = 0; d < in.size; d += SLICE)
        {
          if (d > 0)
            __syncthreads ();
          if (!whole)
            {
              tpd_tile_load (row, rows, at.batch, at.head, at.row, d, in.size);
              tpd_tile_load (row_p, rows_p, at.batch, at.head, at.row, d, in.size);
            }
          tpd_tile_load (column, columns, at.batch, at.head, start, d, in.size);
          tpd_tile_load (column_p, columns_p, at.batch, at.head, start, d, in.size);
          __syncthreads ();
          tpd_tile_scores (row, column, p);
          tpd_tile_scores (row_p, column_p, ds);
        }
#pragma unroll
      for (int r = 0; r < ROWS; r++)
        {
          int64_t query = KEYS ? start + lane : at.row + first + r;

          if (seen >> r & 1)
            {
              p[r] = expf (p[r] * in.scale - in.lse[statistics + query]);
              ds[r] = p[r] * (ds[r] - in.delta[statistics + query]);
            }
          else
            p[r] = ds[r] = 0;
        }
      if (!whole) /* the slice of the output is not the one that was multiplied last */
        {
          __syncthreads ();
          tpd_tile_load (column, columns, at.batch, at.head, start, at.d, in.size);
          if (KEYS)
            tpd_tile_load (column_p, columns_p, at.batch, at.head, start, at.d, in.size);
          __syncthreads ();
        }
      tpd_tile_accumulate (weights, ds, column, out_ds);
      if (KEYS)
        tpd_tile_accumulate (weights, p, column_p, out_p);
    }
  for (int r = 0; r < ROWS; r++)
    factor[r] = in.scale;
  tpd_tile_store (y_ds, at.batch, at.head, at.row, at.d, in.size, out_ds, factor);
  for (int r = 0; r < ROWS; r++)
    factor[r] = 1;
  if (KEYS)
    tpd_tile_store (y_p, at.batch, at.head, at.row, at.d, in.size, out_p, factor);
}

template <typename T>
static void
compute_delta (TpdExec *exec, float *delta, const TpdView *go, const TpdView *o)
{
  int64_t n = go->shape[0] * go->shape[1] * go->shape[2];

  tpd_launch (exec, "attention_bwd: delta", tpd_grid (exec, n * TPD_WARP, TPD_ATTENTION_THREADS),
              TPD_ATTENTION_THREADS, 0, delta_kernel<T>, delta, tpd_heads<T> (go), tpd_heads<T> (o),
              n, go->shape[2], go->shape[3]);
}

template <typename T>
static void
attention_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
               TpdAttentionOperands<T> in)
{
  if (tpd_attention_grid (dq) > 0)
    tpd_launch (exec, "attention_bwd: dq", tpd_attention_grid (dq), TPD_ATTENTION_THREADS, 0,
                attention_bwd_kernel<T, false>, tpd_heads<T> (dq), tpd_heads<T> (dq), in);
  if (tpd_attention_grid (dk) > 0)
    tpd_launch (exec, "attention_bwd: dk, dv", tpd_attention_grid (dk), TPD_ATTENTION_THREADS, 0,
                attention_bwd_kernel<T, true>, tpd_heads<T> (dk), tpd_heads<T> (dv), in);
}

void
tpd_cuda_attention_bwd_portable (TpdExec *exec, const TpdView *dq, const TpdView *dk,
                                 const TpdView *dv, const TpdView *go, const TpdView *q,
                                 const TpdView *k, const TpdView *v, const TpdView *o,
                                 const TpdView *lse, const TpdView *segment, const TpdView *order,
                                 double scale)
{
  const TpdView *const views[] = {dq, dk, dv, go, q, k, v};
  int64_t n = q->shape[0] * q->shape[1] * q->shape[2];
  float *delta;

  if (q->shape[3] == 0)
    return;
  delta = (float *)exec->scratch (exec, ((size_t)n + 1) * sizeof *delta);
  if (delta == NULL)
    return;
  if (n > 0)
    TPD_DISPATCH_FLOAT (exec, "attention_bwd", q->dtype, T, compute_delta<T> (exec, delta, go, o));
  if (tpd_attention_mma_takes (exec, views, 7))
    tpd_attention_mma_bwd (exec, dq, dk, dv, go, q, k, v, lse, delta, segment, order, scale);
  else
    TPD_DISPATCH_FLOAT (exec, "attention_bwd", q->dtype, T,
                        attention_bwd<T> (exec, dq, dk, dv,
                                          tpd_attention_operands<T> (go, q, k, v, lse, delta,
                                                                     segment, order, scale)));
}
