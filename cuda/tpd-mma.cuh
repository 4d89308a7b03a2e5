/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-kernel.cuh"
#include "tpd-warp.cuh"

/* Tensor cores, for f16 and bf16 on sm_80 and later: a warp multiplies A [16 × 16] by B [16 × 8]
 * and adds to D [16 × 8], in f32. With g = lane / 4 and t = lane % 4, a lane holds (PTX ISA,
 * "Matrix Fragments for mma.m16n8k16")
 *
 *     a[0]: row g,     columns 2t, 2t + 1      a[2]: row g,     columns 2t + 8, 2t + 9
 *     a[1]: row g + 8, columns 2t, 2t + 1      a[3]: row g + 8, columns 2t + 8, 2t + 9
 *     b[0]: rows 2t, 2t + 1 of column g        b[1]: rows 2t + 8, 2t + 9 of column g
 *     d[0], d[1]: row g, columns 2t, 2t + 1    d[2], d[3]: row g + 8, columns 2t, 2t + 1
 *
 * Kernels that use this are never launched on older GPUs, for which it is compiled to nothing. */

#ifndef TPD_CUDA_SHIM

#if __CUDA_ARCH__ >= 800
#define TPD_MMA(type)                                                                              \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." type "." type                              \
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"              \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                    \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
#else
#define TPD_MMA(type)
#endif

static __device__ __forceinline__ void
tpd_mma (const __half *, float d[4], const uint32_t a[4], const uint32_t b[2])
{
  TPD_MMA ("f16");
}

static __device__ __forceinline__ void
tpd_mma (const __nv_bfloat16 *, float d[4], const uint32_t a[4], const uint32_t b[2])
{
  TPD_MMA ("bf16");
}

/* Loads four matrices of 8 × 8 elements of two bytes from shared memory. Lane 8m + r gives the
 * address of row r of matrix m, a multiple of 16. r[m]: elements 2t, 2t + 1 of row g of matrix m.
 */
static __device__ __forceinline__ void
tpd_load_matrices (uint32_t r[4], const void *row)
{
#if __CUDA_ARCH__ >= 800
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"((uint32_t)__cvta_generic_to_shared (row))
               : "memory");
#endif
}

/* The same of the transposed matrices: elements g of rows 2t, 2t + 1. */
static __device__ __forceinline__ void
tpd_load_matrices_transposed (uint32_t r[4], const void *row)
{
#if __CUDA_ARCH__ >= 800
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"((uint32_t)__cvta_generic_to_shared (row))
               : "memory");
#endif
}

#else /* the same on the host */

/* What every lane of the warp brings. */
template <typename T>
static inline void
tpd_mma_gather (T *(&lanes)[TPD_WARP], T *own, int line)
{
  const uint64_t *values = tpd_shim_meet_warp (TPD_ALL_LANES, (uint64_t)(uintptr_t)own, line);

  for (int i = 0; i < TPD_WARP; i++)
    lanes[i] = (T *)(uintptr_t)values[i];
}

/* A lane's operands. */
struct TpdMmaOperands
{
  float a[4][2], b[2][2];
};

template <typename T>
static void
tpd_mma (const T *, float d[4], const uint32_t a[4], const uint32_t b[2])
{
  int lane = threadIdx.x % TPD_WARP, g = lane / 4, t = lane % 4;
  TpdMmaOperands *lanes[TPD_WARP];
  TpdMmaOperands own;

  for (int i = 0; i < 12; i++)
    {
      uint32_t bits = (i < 8 ? a[i / 2] : b[i / 2 - 4]) >> (i % 2 * 16);
      /* A pointer of its own: g++ 12 with -fsanitize=integer-divide-by-zero computes the index of
       * (c ? x : y)[i % 2] in the first branch alone. */
      float *pair = i < 8 ? own.a[i / 2] : own.b[i / 2 - 4];
      T x;

      memcpy (&x, &bits, sizeof x);
      pair[i % 2] = tpd_load (&x);
    }
  tpd_mma_gather (lanes, &own, __LINE__);
  for (int c = 0; c < 4; c++)
    for (int k = 0; k < 16; k++)
      d[c] += lanes[4 * g + k % 8 / 2]->a[c / 2 + 2 * (k / 8)][k % 2] *
              lanes[4 * (2 * t + c % 2) + k % 8 / 2]->b[k / 8][k % 2];
  __syncwarp (); /* `own` is read by others until then */
}

static inline void
tpd_load_matrices (uint32_t r[4], const void *row)
{
  int lane = threadIdx.x % TPD_WARP;
  const uint16_t *lanes[TPD_WARP];

  tpd_mma_gather (lanes, (const uint16_t *)row, __LINE__);
  for (int m = 0; m < 4; m++)
    memcpy (&r[m], lanes[8 * m + lane / 4] + lane % 4 * 2, sizeof r[m]);
}

static inline void
tpd_load_matrices_transposed (uint32_t r[4], const void *row)
{
  int lane = threadIdx.x % TPD_WARP;
  const uint16_t *lanes[TPD_WARP];

  tpd_mma_gather (lanes, (const uint16_t *)row, __LINE__);
  for (int m = 0; m < 4; m++)
    r[m] = lanes[8 * m + lane % 4 * 2][lane / 4] |
           (uint32_t)lanes[8 * m + lane % 4 * 2 + 1][lane / 4] << 16;
}

#endif

/* Two elements in a register. */
template <typename T>
static __device__ __forceinline__ uint32_t
tpd_pack_two (float low, float high)
{
  struct alignas (4)
  {
    T x[2];
  }
  both;
  uint32_t bits;

  tpd_store (&both.x[0], low);
  tpd_store (&both.x[1], high);
  memcpy (&bits, &both, sizeof bits);
  return bits;
}
