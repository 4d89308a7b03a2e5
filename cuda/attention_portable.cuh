/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-kernel.cuh"
#include "tpd-warp.cuh"

/* What the portable attention kernels share. They compute in f32 with ordinary instructions, on
 * tiles in 40 KiB of shared memory, for any head size: heads longer than a slice are multiplied
 * slice by slice, and each slice of the output is a block of its own that computes the scores
 * again.
 *
 * A block has TILE rows of one head of one sample: queries, or keys in the backward pass of k and
 * v. It goes through the other side TILE columns at a time. Each of its warps has ROWS rows, each
 * lane one column of a score tile, and SLICE / 32 columns of an output slice. */

#define TPD_ATTENTION_TILE    32
#define TPD_ATTENTION_SLICE   64
#define TPD_ATTENTION_WARPS   4
#define TPD_ATTENTION_THREADS (TPD_ATTENTION_WARPS * TPD_WARP)
#define TPD_ATTENTION_ROWS    (TPD_ATTENTION_TILE / TPD_ATTENTION_WARPS)
/* Four more: 16-byte reads of eight neighbouring rows fall into different banks. */
#define TPD_ATTENTION_PITCH (TPD_ATTENTION_SLICE + 4)
/* Output columns a lane */
#define TPD_ATTENTION_OUT (TPD_ATTENTION_SLICE / TPD_WARP)

/* [B, N, H, D] with unit stride along D. */
template <typename T> struct TpdHeads
{
  T *data;
  int64_t n;         /* tokens */
  int64_t stride[3]; /* of samples, tokens, heads */

  __device__ __forceinline__ T *
  at (int64_t b, int64_t token, int64_t h) const
  {
    return data + b * stride[0] + token * stride[1] + h * stride[2];
  }
};

template <typename T>
static inline TpdHeads<T>
tpd_heads (const TpdView *view)
{
  return {(T *)view->data, view->shape[1], {view->stride[0], view->stride[1], view->stride[2]}};
}

/* Which keys a query sees; data is NULL where there is no such restriction. */
struct TpdMask
{
  const int32_t *segment, *order;
  int64_t segment_stride[2], order_stride;
};

static inline TpdMask
tpd_mask (const TpdView *segment, const TpdView *order)
{
  TpdMask self = {};

  if (segment != NULL)
    {
      self.segment = (const int32_t *)segment->data;
      self.segment_stride[0] = segment->stride[0];
      self.segment_stride[1] = segment->stride[1];
    }
  if (order != NULL)
    {
      self.order = (const int32_t *)order->data;
      self.order_stride = order->stride[0];
    }
  return self;
}

/* What the mask knows of a token. */
struct TpdTokenMask
{
  int32_t segment, order;
  bool exists;

  __device__
  TpdTokenMask (const TpdMask &mask, int64_t b, int64_t token, int64_t n)
      : segment (0), order (0), exists (token < n)
  {
    if (exists && mask.segment != NULL)
      segment = mask.segment[b * mask.segment_stride[0] + token * mask.segment_stride[1]];
    if (exists && mask.order != NULL)
      order = mask.order[token * mask.order_stride];
  }
};

/* Of tokens that exist both. */
static __device__ __forceinline__ bool
tpd_sees (const TpdTokenMask &query, const TpdTokenMask &key)
{
  return query.exists && key.exists && query.segment == key.segment && query.order >= key.order;
}

typedef float TpdTile[TPD_ATTENTION_TILE][TPD_ATTENTION_PITCH];

/* tile = rows first … of x, columns d …; zero past the ends. All threads of the block. */
template <typename T>
static __device__ void
tpd_tile_load (TpdTile tile, const TpdHeads<T> &x, int64_t b, int64_t h, int64_t first, int64_t d,
               int64_t size)
{
  for (int i = threadIdx.x; i < TPD_ATTENTION_TILE * TPD_ATTENTION_SLICE;
       i += TPD_ATTENTION_THREADS)
    {
      int row = i / TPD_ATTENTION_SLICE, column = i % TPD_ATTENTION_SLICE;
      bool exists = first + row < x.n && d + column < size;

      tile[row][column] = exists ? tpd_load (x.at (b, first + row, h) + d + column) : 0;
    }
}

/* score[r] += ⟨row r of this warp in `rows`, row `lane` of `columns`⟩ over a slice */
static __device__ __forceinline__ void
tpd_tile_scores (const TpdTile rows, const TpdTile columns, float score[TPD_ATTENTION_ROWS])
{
  int first = threadIdx.x / TPD_WARP * TPD_ATTENTION_ROWS, lane = threadIdx.x % TPD_WARP;

  for (int d = 0; d < TPD_ATTENTION_SLICE; d += 4)
    {
      float4 y = *(const float4 *)&columns[lane][d];

#pragma unroll
      for (int r = 0; r < TPD_ATTENTION_ROWS; r++)
        {
          float4 x = *(const float4 *)&rows[first + r][d];

          score[r] += x.x * y.x + x.y * y.y + x.z * y.z + x.w * y.w;
        }
    }
}

/* Weights of a warp's rows for the tile's columns. */
typedef float TpdWeights[TPD_ATTENTION_TILE][TPD_ATTENTION_TILE];

/* out[r][i] += Σ_j weight[r][j] columns[j][lane + 32 i]: the lanes first tell each other their
 * weights. */
static __device__ __forceinline__ void
tpd_tile_accumulate (TpdWeights shared, const float weight[TPD_ATTENTION_ROWS],
                     const TpdTile columns, float out[TPD_ATTENTION_ROWS][TPD_ATTENTION_OUT])
{
  int first = threadIdx.x / TPD_WARP * TPD_ATTENTION_ROWS, lane = threadIdx.x % TPD_WARP;

  __syncwarp (); /* others may still read what they were told before */
#pragma unroll
  for (int r = 0; r < TPD_ATTENTION_ROWS; r++)
    shared[first + r][lane] = weight[r];
  __syncwarp ();
  for (int j = 0; j < TPD_ATTENTION_TILE; j++)
    {
      float x[TPD_ATTENTION_OUT];

#pragma unroll
      for (int i = 0; i < TPD_ATTENTION_OUT; i++)
        x[i] = columns[j][lane + TPD_WARP * i];
#pragma unroll
      for (int r = 0; r < TPD_ATTENTION_ROWS; r++)
#pragma unroll
        for (int i = 0; i < TPD_ATTENTION_OUT; i++)
          out[r][i] += shared[first + r][j] * x[i];
    }
}

/* Columns d + lane + 32 i of the warp's rows, those that exist. */
template <typename T>
static __device__ __forceinline__ void
tpd_tile_store (const TpdHeads<T> &y, int64_t b, int64_t h, int64_t first, int64_t d, int64_t size,
                const float out[TPD_ATTENTION_ROWS][TPD_ATTENTION_OUT],
                const float factor[TPD_ATTENTION_ROWS])
{
  int lane = threadIdx.x % TPD_WARP;

  first += threadIdx.x / TPD_WARP * TPD_ATTENTION_ROWS;
#pragma unroll
  for (int r = 0; r < TPD_ATTENTION_ROWS; r++)
#pragma unroll
    for (int i = 0; i < TPD_ATTENTION_OUT; i++)
      if (first + r < y.n && d + lane + TPD_WARP * i < size)
        tpd_store (y.at (b, first + r, h) + d + lane + TPD_WARP * i, out[r][i] * factor[r]);
}

/* One block for each tile of n rows, slice of the head, head and sample; x is the tile. */
struct TpdAttentionPlace
{
  int64_t batch, head, row, d;
};

static inline int64_t
tpd_attention_tiles (int64_t n)
{
  return (n + TPD_ATTENTION_TILE - 1) / TPD_ATTENTION_TILE;
}

static inline int64_t
tpd_attention_slices (int64_t size)
{
  return (size + TPD_ATTENTION_SLICE - 1) / TPD_ATTENTION_SLICE;
}

static inline unsigned
tpd_attention_grid (const TpdView *rows)
{
  return (unsigned)(tpd_attention_tiles (rows->shape[1]) * tpd_attention_slices (rows->shape[3]) *
                    rows->shape[2] * rows->shape[0]);
}

static __device__ __forceinline__ TpdAttentionPlace
tpd_attention_place (int64_t n, int64_t heads, int64_t size)
{
  int64_t tiles = (n + TPD_ATTENTION_TILE - 1) / TPD_ATTENTION_TILE;
  int64_t slices = (size + TPD_ATTENTION_SLICE - 1) / TPD_ATTENTION_SLICE;
  int64_t i = blockIdx.x;
  TpdAttentionPlace place;

  place.row = i % tiles * TPD_ATTENTION_TILE;
  i /= tiles;
  place.d = i % slices * TPD_ATTENTION_SLICE;
  i /= slices;
  place.head = i % heads;
  place.batch = i / heads;
  return place;
}
