/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "../engine/core/tpd-random.h"
#include "../engine/core/tpd-view-layout.h"
#include "tpd-kernel.cuh"

#define THREADS 256

/* A thread makes four numbers: those of one block of the stream, of which the first and last may
 * lie outside y. */
template <typename T>
static __global__ void
__launch_bounds__ (THREADS) randn_kernel (int64_t n, T *y, uint64_t seed, uint64_t offset)
{
  int64_t n_blocks = (n + (int64_t)(offset % 4) + 3) / 4;

  for (int64_t block = blockIdx.x * (int64_t)THREADS + threadIdx.x; block < n_blocks;
       block += gridDim.x * (int64_t)THREADS)
    {
      int64_t first = 4 * block - (int64_t)(offset % 4);
      float normals[4];

      tpd_random_normal4 (seed, offset / 4 + (uint64_t)block, normals);
#pragma unroll
      for (int i = 0; i < 4; i++)
        if (first + i >= 0 && first + i < n)
          tpd_store (y + first + i, normals[i]);
    }
}

void
tpd_cuda_randn (TpdExec *exec, const TpdView *y, uint64_t seed, uint64_t offset)
{
  int64_t n = tpd_view_n_elements (y);

  if (n > 0)
    TPD_DISPATCH_FLOAT (exec, "randn", y->dtype, T,
                        tpd_launch (exec, "randn", tpd_grid (exec, n / 4 + 2, THREADS), THREADS, 0,
                                    randn_kernel<T>, n, (T *)y->data, seed, offset));
}
