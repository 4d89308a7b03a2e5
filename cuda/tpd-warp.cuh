/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-kernel.cuh"

/* Reductions among the lanes of a warp and the warps of a block, always in the same order. All
 * lanes must come. */

#define TPD_WARP      32
#define TPD_ALL_LANES 0xffffffffu

/* Sum over each group of `lanes` neighbouring lanes (a power of two), in all of them. */
static __device__ __forceinline__ float
tpd_lanes_sum (float x, int lanes)
{
  for (int bit = lanes / 2; bit > 0; bit /= 2)
    x += __shfl_xor_sync (TPD_ALL_LANES, x, bit);
  return x;
}

static __device__ __forceinline__ float
tpd_warp_max (float x)
{
  for (int bit = TPD_WARP / 2; bit > 0; bit /= 2)
    x = fmaxf (x, __shfl_xor_sync (TPD_ALL_LANES, x, bit));
  return x;
}

/* Sum over the block, in thread 0 alone. `shared` has room for one number a warp. */
static __device__ __forceinline__ float
tpd_block_sum (float x, float *shared)
{
  int lane = threadIdx.x % TPD_WARP, n_warps = blockDim.x / TPD_WARP;

  x = tpd_lanes_sum (x, TPD_WARP);
  if (lane == 0)
    shared[threadIdx.x / TPD_WARP] = x;
  __syncthreads ();
  if (threadIdx.x < TPD_WARP)
    x = tpd_lanes_sum (lane < n_warps ? shared[lane] : 0, TPD_WARP);
  return x;
}
