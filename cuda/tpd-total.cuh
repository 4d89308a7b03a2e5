/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-warp.cuh"

/* Sums over all elements of operands: every block leaves one number in scratch memory, and one
 * block adds those. The order depends on the number of elements and the GPU alone. */

#define TPD_TOTAL_THREADS 256

/* *y = factor · the sum of n numbers. One block. */
static __global__ void
__launch_bounds__ (TPD_TOTAL_THREADS)
    tpd_total_finish_kernel (float *y, const float *partial, int64_t n, float factor)
{
  __shared__ float shared[TPD_TOTAL_THREADS / TPD_WARP];
  float sum = 0;

  for (int64_t i = threadIdx.x; i < n; i += TPD_TOTAL_THREADS)
    sum += partial[i];
  sum = tpd_block_sum (sum, shared);
  if (threadIdx.x == 0)
    *y = factor * sum;
}

static void
tpd_total_finish (TpdExec *exec, const char *what, const TpdView *y, const float *partial,
                  int64_t n, float factor)
{
  tpd_launch (exec, what, 1, TPD_TOTAL_THREADS, 0, tpd_total_finish_kernel, (float *)y->data,
              partial, n, factor);
}
