/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "attention_portable.cuh"
#include "tpd-mma.cuh"

/* Attention on tensor cores, with the masks that models need: f16 and bf16, heads of up to 64
 * (others are padded with zeros to that), sm_80 and later. The same plan as the portable kernels':
 * a block has 64 rows, 16 a warp, and goes through the other side in tiles of 64 columns, twice in
 * the backward pass.
 *
 * A lane holds four elements of each 16 × 8 piece of a score tile: element c of piece j is row g +
 * 8 (c / 2), column 8j + 2t + c % 2 (tpd-mma.cuh). That two pieces of weights are an A operand
 * without moving anything is what makes the second product cheap (Dao 2023). */

#define TPD_MMA_TILE   64 /* rows, columns and head size */
#define TPD_MMA_PIECES (TPD_MMA_TILE / 8)
#define TPD_MMA_STEPS  (TPD_MMA_TILE / 16)
/* Eight more: the rows that a load of matrices takes fall into different banks. */
#define TPD_MMA_PITCH   (TPD_MMA_TILE + 8)
#define TPD_MMA_THREADS (TPD_MMA_TILE / 16 * TPD_WARP)

/* Whether these kernels can do it. Rows of a head are read 16 bytes at a time. */
bool tpd_attention_mma_takes (TpdExec *exec, const TpdView *const *views, int n);

/* tpd_cuda_attention() and, with delta computed, tpd_cuda_attention_bwd() for what they take. */
void tpd_attention_mma (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                        const TpdView *k, const TpdView *v, const TpdView *segment,
                        const TpdView *order, double scale);
void tpd_attention_mma_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                            const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                            const TpdView *lse, const float *delta, const TpdView *segment,
                            const TpdView *order, double scale);

template <typename T> struct TpdMmaTile
{
  alignas (16) T x[TPD_MMA_TILE][TPD_MMA_PITCH];
};

/* A warp's 16 rows as A operands, one for each 16 of the head. */
typedef uint32_t TpdMmaRows[TPD_MMA_STEPS][4];
/* 16 rows of sums, a piece for each 8 columns. */
typedef float TpdMmaSums[TPD_MMA_PIECES][4];

/* Rows first … of a head; zero past the ends. All threads of the block. */
template <typename T>
static __device__ __forceinline__ void
tpd_mma_tile_load (TpdMmaTile<T> &tile, const TpdHeads<T> &x, int64_t b, int64_t h, int64_t first,
                   int64_t size)
{
  constexpr int V = TpdPack<T>::size;

#pragma unroll
  for (int i = threadIdx.x; i < TPD_MMA_TILE * TPD_MMA_TILE / V; i += TPD_MMA_THREADS)
    {
      int row = i / (TPD_MMA_TILE / V), column = i % (TPD_MMA_TILE / V) * V;
      TpdPack<T> pack;

      if (first + row < x.n && column < size)
        pack = *(const TpdPack<T> *)(x.at (b, first + row, h) + column);
      else
#pragma unroll
        for (int k = 0; k < V; k++)
          tpd_store (&pack.x[k], 0);
      *(TpdPack<T> *)&tile.x[row][column] = pack;
    }
}

/* The warp's rows of a tile. */
template <typename T>
static __device__ __forceinline__ void
tpd_mma_rows_load (TpdMmaRows rows, const TpdMmaTile<T> &tile)
{
  int lane = threadIdx.x % TPD_WARP, matrix = lane / 8;
  int row = threadIdx.x / TPD_WARP * 16 + matrix % 2 * 8 + lane % 8;

#pragma unroll
  for (int step = 0; step < TPD_MMA_STEPS; step++)
    tpd_load_matrices (rows[step], &tile.x[row][step * 16 + matrix / 2 * 8]);
}

/* sums = rows · tileᵀ */
template <typename T>
static __device__ __forceinline__ void
tpd_mma_scores (TpdMmaSums sums, const TpdMmaRows rows, const TpdMmaTile<T> &tile)
{
  int lane = threadIdx.x % TPD_WARP;

#pragma unroll
  for (int j = 0; j < TPD_MMA_PIECES; j++)
    {
#pragma unroll
      for (int c = 0; c < 4; c++)
        sums[j][c] = 0;
#pragma unroll
      for (int step = 0; step < TPD_MMA_STEPS; step += 2)
        {
          uint32_t b[4];

          tpd_load_matrices (b, &tile.x[j * 8 + lane % 8][step * 16 + lane / 8 * 8]);
          tpd_mma ((const T *)NULL, sums[j], rows[step], b);
          tpd_mma ((const T *)NULL, sums[j], rows[step + 1], b + 2);
        }
    }
}

/* sums += weights · tile */
template <typename T>
static __device__ __forceinline__ void
tpd_mma_accumulate (TpdMmaSums sums, const TpdMmaSums weights, const TpdMmaTile<T> &tile)
{
  int lane = threadIdx.x % TPD_WARP, matrix = lane / 8;

#pragma unroll
  for (int step = 0; step < TPD_MMA_STEPS; step++)
    {
      const float *left = weights[2 * step], *right = weights[2 * step + 1];
      const uint32_t a[4] = {tpd_pack_two<T> (left[0], left[1]), tpd_pack_two<T> (left[2], left[3]),
                             tpd_pack_two<T> (right[0], right[1]),
                             tpd_pack_two<T> (right[2], right[3])};

#pragma unroll
      for (int j = 0; j < TPD_MMA_PIECES; j += 2)
        {
          uint32_t b[4];

          tpd_load_matrices_transposed (
              b, &tile.x[step * 16 + matrix % 2 * 8 + lane % 8][j * 8 + matrix / 2 * 8]);
          tpd_mma ((const T *)NULL, sums[j], a, b);
          tpd_mma ((const T *)NULL, sums[j + 1], a, b + 2);
        }
    }
}

/* Columns 0 … size − 1 of the warp's rows that exist, row r multiplied by factor[r / 8]. */
template <typename T>
static __device__ __forceinline__ void
tpd_mma_store (const TpdHeads<T> &y, int64_t b, int64_t h, int64_t first, int64_t size,
               const TpdMmaSums sums, const float factor[2])
{
  int lane = threadIdx.x % TPD_WARP;

#pragma unroll
  for (int half = 0; half < 2; half++)
    {
      int64_t row = first + threadIdx.x / TPD_WARP * 16 + half * 8 + lane / 4;

      if (row < y.n)
#pragma unroll
        for (int j = 0; j < TPD_MMA_PIECES; j++)
          if (j * 8 < size)
            *(uint32_t *)(y.at (b, row, h) + j * 8 + lane % 4 * 2) = tpd_pack_two<T> (
                sums[j][2 * half] * factor[half], sums[j][2 * half + 1] * factor[half]);
    }
}

/* What the mask knows of a tile's columns. */
struct TpdMmaMask
{
  int32_t segment[TPD_MMA_TILE], order[TPD_MMA_TILE];
};

/* Bit 4j + c: element c of piece j counts. All threads of the block; rows and columns: how many
 * tokens there are. With KEYS, rows are keys and columns queries. Ends with a barrier only if it
 * looked at the mask. */
template <bool KEYS>
static __device__ __forceinline__ uint32_t
tpd_mma_seen (TpdMmaMask &shared, const TpdMask &mask, int64_t b, int64_t row, int64_t rows,
              int64_t column, int64_t columns)
{
  int lane = threadIdx.x % TPD_WARP;
  uint32_t seen = 0;

  if (mask.segment == NULL && mask.order == NULL && column + TPD_MMA_TILE <= columns)
    return 0xffffffffu;
  __syncthreads (); /* others may still look at the last one */
  if (threadIdx.x < TPD_MMA_TILE)
    {
      TpdTokenMask token (mask, b, column + threadIdx.x, columns);

      shared.segment[threadIdx.x] = token.segment;
      shared.order[threadIdx.x] = token.order;
    }
  __syncthreads ();
  row += threadIdx.x / TPD_WARP * 16 + lane / 4;
#pragma unroll
  for (int half = 0; half < 2; half++)
    {
      TpdTokenMask own (mask, b, row + 8 * half, rows);

#pragma unroll
      for (int j = 0; j < TPD_MMA_PIECES; j++)
#pragma unroll
        for (int c = 0; c < 2; c++)
          {
            int i = 8 * j + lane % 4 * 2 + c;
            bool ordered = KEYS ? shared.order[i] >= own.order : own.order >= shared.order[i];

            if (own.exists && column + i < columns && own.segment == shared.segment[i] && ordered)
              seen |= 1u << (4 * j + 2 * half + c);
          }
    }
  return seen;
}

struct TpdMmaPlace
{
  int64_t batch, head, row;
};

static __device__ __forceinline__ TpdMmaPlace
tpd_mma_place (int64_t n, int64_t heads)
{
  int64_t tiles = (n + TPD_MMA_TILE - 1) / TPD_MMA_TILE, i = blockIdx.x / tiles;

  return {i / heads, i % heads, blockIdx.x % tiles * TPD_MMA_TILE};
}

/* One block for each tile of rows of each head of each sample. */
static inline unsigned
tpd_mma_grid (const TpdView *rows)
{
  return (unsigned)((rows->shape[1] + TPD_MMA_TILE - 1) / TPD_MMA_TILE * rows->shape[2] *
                    rows->shape[0]);
}

/* Runs the statement with T standing for f16 or bf16. */
#define TPD_DISPATCH_MMA(dtype, T, ...)                                                            \
  if ((dtype) == TPD_F16)                                                                          \
    {                                                                                              \
      using T = __half;                                                                            \
      __VA_ARGS__;                                                                                 \
    }                                                                                              \
  else                                                                                             \
    {                                                                                              \
      using T = __nv_bfloat16;                                                                     \
      __VA_ARGS__;                                                                                 \
    }
