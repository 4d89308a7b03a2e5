/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attention_mma.cuh"

/* Streams the keys past each tile of queries and rescales what it has whenever a larger score
 * appears (Milakov & Gimelshein 2018; Dao et al. 2022). */

#define TILE  TPD_ATTENTION_TILE
#define SLICE TPD_ATTENTION_SLICE
#define ROWS  TPD_ATTENTION_ROWS
#define OUT   TPD_ATTENTION_OUT

/* A row's softmax so far. */
struct Softmax
{
  float max, sum;
};

/* Turns a lane's score of one row into its weight, and returns what to multiply earlier results by.
 */
static __device__ __forceinline__ float
add_scores (Softmax &softmax, float &score)
{
  float max = fmaxf (softmax.max, tpd_warp_max (score)), rescale;

  if (max == -INFINITY) /* nothing seen yet */
    {
      score = 0;
      return 1;
    }
  rescale = expf (softmax.max - max);
  score = expf (score - max);
  softmax.max = max;
  softmax.sum = softmax.sum * rescale + tpd_lanes_sum (score, TPD_WARP);
  return rescale;
}

template <typename T>
static __global__ void
__launch_bounds__ (TPD_ATTENTION_THREADS)
    attention_kernel (const __grid_constant__ TpdHeads<T> o, float *lse,
                      const __grid_constant__ TpdHeads<T> q, const __grid_constant__ TpdHeads<T> k,
                      const __grid_constant__ TpdHeads<T> v, const __grid_constant__ TpdMask mask,
                      int64_t heads, int64_t size, float scale)
{
  alignas (16) __shared__ TpdTile query, key, value;
  __shared__ TpdWeights weights;
  TpdAttentionPlace at = tpd_attention_place (q.n, heads, size);
  int first = threadIdx.x / TPD_WARP * ROWS, lane = threadIdx.x % TPD_WARP;
  float out[ROWS][OUT] = {}, factor[ROWS];
  Softmax softmax[ROWS];

  for (int r = 0; r < ROWS; r++)
    softmax[r] = {-INFINITY, 0};
  if (size <= SLICE)
    tpd_tile_load (query, q, at.batch, at.head, at.row, 0, size);
  for (int64_t column = 0; column < k.n; column += TILE)
    {
      TpdTokenMask own (mask, at.batch, column + lane, k.n);
      float score[ROWS] = {};
      unsigned seen = 0; /* bit r: row r sees this lane's key */

#pragma unroll
      for (int r = 0; r < ROWS; r++)
        if (tpd_sees (TpdTokenMask (mask, at.batch, at.row + first + r, q.n), own))
          seen |= 1u << r;
      /* Also the barrier before the tiles are overwritten. */
      if (!__syncthreads_or (seen != 0))
        continue;
      tpd_tile_load (value, v, at.batch, at.head, column, at.d, size);
      for (int64_t d = 0; d < size; d += SLICE)
        {
          if (d > 0)
            __syncthreads ();
          if (size > SLICE)
            tpd_tile_load (query, q, at.batch, at.head, at.row, d, size);
          tpd_tile_load (key, k, at.batch, at.head, column, d, size);
          __syncthreads ();
          tpd_tile_scores (query, key, score);
        }
#pragma unroll
      for (int r = 0; r < ROWS; r++)
        {
          score[r] = seen >> r & 1 ? score[r] * scale : -INFINITY;
          float rescale = add_scores (softmax[r], score[r]);

#pragma unroll
          for (int i = 0; i < OUT; i++)
            out[r][i] *= rescale;
        }
      tpd_tile_accumulate (weights, score, value, out);
    }
#pragma unroll
  for (int r = 0; r < ROWS; r++)
    {
      int64_t row = at.row + first + r;

      factor[r] = softmax[r].sum > 0 ? 1 / softmax[r].sum : 0; /* without keys nothing is mixed */
      if (lane == 0 && at.d == 0 && row < q.n)
        lse[(at.batch * heads + at.head) * q.n + row] = softmax[r].max + logf (softmax[r].sum);
    }
  tpd_tile_store (o, at.batch, at.head, at.row, at.d, size, out, factor);
}

void
tpd_cuda_attention_portable (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                             const TpdView *k, const TpdView *v, const TpdView *segment,
                             const TpdView *order, double scale)
{
  const TpdView *const views[] = {o, q, k, v};
  unsigned grid = tpd_attention_grid (q);

  if (tpd_attention_mma_takes (exec, views, 4))
    {
      tpd_attention_mma (exec, o, lse, q, k, v, segment, order, scale);
      return;
    }
  if (grid > 0)
    TPD_DISPATCH_FLOAT (exec, "attention", q->dtype, T,
                        tpd_launch (exec, "attention", grid, TPD_ATTENTION_THREADS, 0,
                                    attention_kernel<T>, tpd_heads<T> (o), (float *)lse->data,
                                    tpd_heads<T> (q), tpd_heads<T> (k), tpd_heads<T> (v),
                                    tpd_mask (segment, order), q->shape[2], q->shape[3],
                                    (float)scale));
}
