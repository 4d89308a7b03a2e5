/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What kernels share: launching, dtypes, 16-byte accesses. C++, included by .cu files alone.
 *
 * The shape of every <op>.cu:
 *
 *     template <typename T>
 *     static __global__ void
 *     scale_kernel (T *y, const T *x, float a, int64_t n)
 *     {
 *       for (int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; i < n; …)
 *         tpd_store (y + i, a * tpd_load (x + i));
 *     }
 *
 *     void
 *     tpd_cuda_scale (TpdExec *exec, const TpdView *y, const TpdView *x, double a)
 *     {
 *       TPD_DISPATCH_FLOAT (exec, "scale", y->dtype, T,
 *                           tpd_launch (exec, "scale", grid, block, 0, scale_kernel<T>,
 *                                       (T *)y->data, (const T *)x->data, (float)a, n));
 *     }
 *
 * Kernels compute in float whatever T is. Scratch memory comes from exec->scratch (exec, n_bytes):
 * one call an op (a second call may move it), NULL means that the op returns; `copy` and `fill` ask
 * for none, for host code calls them while it holds scratch. Nothing allocates, synchronizes or
 * copies between host and device: ops are captured into CUDA graphs. Nothing is added with atomics:
 * a second run gives the same bytes.
 *
 * tests/cudashim compiles the same files as host C++, with headers of its own in the place of
 * CUDA's. So there is no <<< >>> (clang-format 14 takes it apart anyway), and PTX and tensor cores
 * stand in `#ifndef TPD_CUDA_SHIM` with something portable beside them. */

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include "tpd-cuda.h"

/* Runs a kernel on the stream of exec. `what` names it in errors: the op, or "op: part". */
template <typename... Params, typename... Args>
static void
tpd_launch (TpdExec *exec, const char *what, dim3 grid, dim3 block, size_t shared_bytes,
            void (*kernel) (Params...), Args... args)
{
  cudaLaunchConfig_t config = {};

  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = tpd_cuda_enter (exec);
  cudaLaunchKernelEx (&config, kernel, args...);
  tpd_cuda_launched (exec, what);
}

/* Blocks for n_items items of work, one a thread; past some turns' worth of them threads loop. */
static inline unsigned
tpd_grid (TpdExec *exec, int64_t n_items, int threads)
{
  int64_t blocks = (n_items + threads - 1) / threads;
  int64_t most = tpd_cuda_stream (exec)->n_multiprocessors * (int64_t)32;

  return (unsigned)(blocks < most ? blocks : most);
}

/* Runs the statement with T standing for the C++ type of a float dtype. */
#define TPD_DISPATCH_FLOAT(exec, op, dtype, T, ...)                                                \
  switch (dtype)                                                                                   \
    {                                                                                              \
    case TPD_F32:                                                                                  \
      {                                                                                            \
        using T = float;                                                                           \
        __VA_ARGS__;                                                                               \
        break;                                                                                     \
      }                                                                                            \
    case TPD_F16:                                                                                  \
      {                                                                                            \
        using T = __half;                                                                          \
        __VA_ARGS__;                                                                               \
        break;                                                                                     \
      }                                                                                            \
    case TPD_BF16:                                                                                 \
      {                                                                                            \
        using T = __nv_bfloat16;                                                                   \
        __VA_ARGS__;                                                                               \
        break;                                                                                     \
      }                                                                                            \
    default:                                                                                       \
      tpd_cuda_refuse (exec, op, "only f32, f16 and bf16 tensors are on the GPU");                 \
    }

/* One element as float and back, rounding to nearest even. */
static __device__ __forceinline__ float
tpd_load (const float *x)
{
  return *x;
}

static __device__ __forceinline__ float
tpd_load (const __half *x)
{
  return __half2float (*x);
}

static __device__ __forceinline__ float
tpd_load (const __nv_bfloat16 *x)
{
  return __bfloat162float (*x);
}

static __device__ __forceinline__ void
tpd_store (float *y, float x)
{
  *y = x;
}

static __device__ __forceinline__ void
tpd_store (__half *y, float x)
{
  *y = __float2half_rn (x);
}

static __device__ __forceinline__ void
tpd_store (__nv_bfloat16 *y, float x)
{
  *y = __float2bfloat16_rn (x);
}

/* 16 bytes of T, moved by one instruction. Only for addresses that are multiples of 16. */
template <typename T> struct alignas (16) TpdPack
{
  static constexpr int size = 16 / sizeof (T);
  T x[size];
};

/* Whether rows of n elements that lie `stride` apart can be read in packs. */
template <typename T>
static inline bool
tpd_packs (const void *data, int64_t n, int64_t stride)
{
  return (uintptr_t)data % 16 == 0 && n % TpdPack<T>::size == 0 && stride % TpdPack<T>::size == 0;
}
