/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* CUDA's language and runtime for the host's compiler, as far as our kernels use them. A block is
 * run by tpd-shim-block.c, one fiber a thread, one block after another. */

#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "cuda_runtime_api.h"
#include "../tpd-shim.h"

#define TPD_CUDA_SHIM 1

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)
/* Blocks run one at a time, so memory of a block may be static. */
#define __shared__ static

/* Where the running thread is; set by the scheduler. */
static const TpdShimIndex &threadIdx = tpd_shim_now.thread, &blockIdx = tpd_shim_now.block;
static const TpdShimIndex &blockDim = tpd_shim_now.block_size, &gridDim = tpd_shim_now.grid_size;

struct dim3 : TpdShimIndex
{
  dim3 (unsigned nx = 1, unsigned ny = 1, unsigned nz = 1) : TpdShimIndex{nx, ny, nz}
  {
  }
};

struct alignas (16) float4
{
  float x, y, z, w;
};

/* ── threads of a block, lanes of a warp: where they meet is told by the line ── */

static inline void
__syncthreads (int line = __builtin_LINE())
{
  tpd_shim_meet_block (0, line);
}

static inline int
__syncthreads_or (int predicate, int line = __builtin_LINE())
{
  return tpd_shim_meet_block (predicate != 0, line);
}

static inline void
__syncwarp (unsigned mask = 0xffffffffu, int line = __builtin_LINE())
{
  tpd_shim_meet_warp (mask, 0, line);
}

/* What lane `from` of the warp holds as x. */
template <typename T>
static inline T
tpd_shim_shuffle (unsigned mask, T x, int from, int line)
{
  uint64_t bits = 0;
  T result;

  static_assert (sizeof x <= sizeof bits, "lanes exchange up to eight bytes");
  memcpy (&bits, &x, sizeof x);
  bits = tpd_shim_meet_warp (mask, bits, line)[from & 31];
  memcpy (&result, &bits, sizeof result);
  return result;
}

template <typename T>
static inline T
__shfl_sync (unsigned mask, T x, int from, int line = __builtin_LINE())
{
  return tpd_shim_shuffle (mask, x, from, line);
}

template <typename T>
static inline T
__shfl_xor_sync (unsigned mask, T x, int bits, int line = __builtin_LINE())
{
  return tpd_shim_shuffle (mask, x, tpd_shim_lane () ^ bits, line);
}

static inline unsigned
__ballot_sync (unsigned mask, int predicate, int line = __builtin_LINE())
{
  const uint64_t *lanes = tpd_shim_meet_warp (mask, predicate != 0, line);
  unsigned ballot = 0;

  for (int i = 0; i < 32; i++)
    ballot |= (mask >> i & 1) && lanes[i] ? 1u << i : 0;
  return ballot;
}

static inline int
__any_sync (unsigned mask, int predicate, int line = __builtin_LINE())
{
  return __ballot_sync (mask, predicate, line) != 0;
}

/* ── arithmetic ── */

static inline int
__ffs (int x)
{
  return __builtin_ffs (x);
}

static inline float
rsqrtf (float x)
{
  return 1 / sqrtf (x);
}

/* ── launching ── */

typedef struct
{
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
} cudaLaunchConfig_t;

template <typename... Params, typename... Args>
static inline cudaError_t
cudaLaunchKernelEx (const cudaLaunchConfig_t *config, void (*kernel) (Params...), Args... args)
{
  struct Call
  {
    void (*kernel) (Params...);
    std::tuple<Params...> params;
  } call = {kernel, std::tuple<Params...> (args...)};

  tpd_shim_launch (
      config->gridDim, config->blockDim, config->dynamicSmemBytes,
      [] (void *data) {
        Call *run = (Call *)data;

        std::apply (run->kernel, run->params);
      },
      &call);
  return cudaSuccess;
}
