/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attention_mma.cuh"

/* Scores are kept in units of log 2: exp2 is one instruction. */
#define LOG2_E 1.44269504088896340736f
#define LN_2   0.69314718055994530942f

/* Maximum or sum over the four lanes that share a row. */
static __device__ __forceinline__ float
row_max (float x)
{
  x = fmaxf (x, __shfl_xor_sync (TPD_ALL_LANES, x, 1));
  return fmaxf (x, __shfl_xor_sync (TPD_ALL_LANES, x, 2));
}

static __device__ __forceinline__ float
row_sum (float x)
{
  x += __shfl_xor_sync (TPD_ALL_LANES, x, 1);
  return x + __shfl_xor_sync (TPD_ALL_LANES, x, 2);
}

/* Turns scores into weights, and rescales what two rows have so far. `sum` is of this lane's
 * columns alone. */
static __device__ __forceinline__ void
add_scores (TpdMmaSums scores, uint32_t seen, float scale, float max[2], float sum[2],
            TpdMmaSums out)
{
#pragma unroll
  for (int half = 0; half < 2; half++)
    {
      float largest = max[half], base, rescale;

#pragma unroll
      for (int j = 0; j < TPD_MMA_PIECES; j++)
#pragma unroll
        for (int c = 2 * half; c < 2 * half + 2; c++)
          {
            scores[j][c] = seen >> (4 * j + c) & 1 ? scores[j][c] * scale : -INFINITY;
            largest = fmaxf (largest, scores[j][c]);
          }
      largest = row_max (largest);
      base = largest == -INFINITY ? 0
                                  : largest; /* of a row that has seen nothing, all weights are 0 */
      rescale = exp2f (max[half] - base);
      max[half] = largest;
      sum[half] *= rescale;
#pragma unroll
      for (int j = 0; j < TPD_MMA_PIECES; j++)
#pragma unroll
        for (int c = 2 * half; c < 2 * half + 2; c++)
          {
            scores[j][c] = exp2f (scores[j][c] - base);
            sum[half] += scores[j][c];
            out[j][c] *= rescale;
          }
    }
}

template <typename T>
static __global__ void
__launch_bounds__ (TPD_MMA_THREADS)
    attention_mma_kernel (const __grid_constant__ TpdHeads<T> o, float *lse,
                          const __grid_constant__ TpdHeads<T> q,
                          const __grid_constant__ TpdHeads<T> k,
                          const __grid_constant__ TpdHeads<T> v,
                          const __grid_constant__ TpdMask mask, int64_t heads, int64_t size,
                          float scale)
{
  __shared__ TpdMmaTile<T> key, value;
  __shared__ TpdMmaMask columns;
  TpdMmaPlace at = tpd_mma_place (q.n, heads);
  TpdMmaRows rows;
  TpdMmaSums out = {};
  float max[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};

  tpd_mma_tile_load (key, q, at.batch, at.head, at.row, size);
  __syncthreads ();
  tpd_mma_rows_load (rows, key);
  for (int64_t column = 0; column < k.n; column += TPD_MMA_TILE)
    {
      TpdMmaSums scores;
      uint32_t seen = tpd_mma_seen<false> (columns, mask, at.batch, at.row, q.n, column, k.n);

      /* Also the barrier before the tiles are overwritten. */
      if (!__syncthreads_or (seen != 0))
        continue;
      tpd_mma_tile_load (key, k, at.batch, at.head, column, size);
      tpd_mma_tile_load (value, v, at.batch, at.head, column, size);
      __syncthreads ();
      tpd_mma_scores (scores, rows, key);
      add_scores (scores, seen, scale * LOG2_E, max, sum, out);
      tpd_mma_accumulate (out, scores, value);
    }
#pragma unroll
  for (int half = 0; half < 2; half++)
    {
      int lane = threadIdx.x % TPD_WARP;
      int64_t row = at.row + threadIdx.x / TPD_WARP * 16 + half * 8 + lane / 4;

      sum[half] = row_sum (sum[half]);
      if (lane % 4 == 0 && row < q.n)
        lse[(at.batch * heads + at.head) * q.n + row] = max[half] * LN_2 + logf (sum[half]);
      sum[half] = sum[half] > 0 ? 1 / sum[half] : 0; /* without keys nothing is mixed */
    }
  tpd_mma_store (o, at.batch, at.head, at.row, size, out, sum);
}

bool
tpd_attention_mma_takes (TpdExec *exec, const TpdView *const *views, int n)
{
  bool takes = tpd_cuda_stream (exec)->capability >= 80 &&
               (views[0]->dtype == TPD_F16 || views[0]->dtype == TPD_BF16) &&
               views[0]->shape[3] <= TPD_MMA_TILE && views[0]->shape[3] % 8 == 0;

  for (int i = 0; i < n && takes; i++)
    takes = (uintptr_t)views[i]->data % 16 == 0 && views[i]->stride[0] % 8 == 0 &&
            views[i]->stride[1] % 8 == 0 && views[i]->stride[2] % 8 == 0;
#ifdef TPD_CUDA_SHIM
  takes = takes && tpd_shim_has_tensor_cores ();
#endif
  return takes;
}

void
tpd_attention_mma (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                   const TpdView *k, const TpdView *v, const TpdView *segment, const TpdView *order,
                   double scale)
{
  unsigned grid = tpd_mma_grid (q);

  if (grid == 0)
    return;
  TPD_DISPATCH_MMA (q->dtype, T,
                    tpd_launch (exec, "attention", grid, TPD_MMA_THREADS, 0,
                                attention_mma_kernel<T>, tpd_heads<T> (o), (float *)lse->data,
                                tpd_heads<T> (q), tpd_heads<T> (k), tpd_heads<T> (v),
                                tpd_mask (segment, order), q->shape[2], q->shape[3], (float)scale));
}
