/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-table.cuh"

#define THREADS 128

/* In double: few elements, and an angle of some hundred radians in float has lost what cos needs.
 */
template <typename T>
static __global__ void
timestep_embed_kernel (int64_t n, int64_t half, TpdTable<T> y, TpdTable<T> t, double shift)
{
  for (int64_t i = blockIdx.x * (int64_t)THREADS + threadIdx.x; i < n * half;
       i += gridDim.x * (int64_t)THREADS)
    {
      int64_t b = i / half, j = i % half;
      double angle = tpd_load (t.at (0, b, 0)) * pow (10000.0, -(double)j / ((double)half - shift));

      tpd_store (y.at (0, b, j), (float)cos (angle));
      tpd_store (y.at (0, b, half + j), (float)sin (angle));
    }
}

void
tpd_cuda_timestep_embed (TpdExec *exec, const TpdView *y, const TpdView *t, double shift)
{
  int64_t n = y->shape[0], half = y->shape[1] / 2;

  if (n * half > 0)
    TPD_DISPATCH_FLOAT (exec, "timestep_embed", y->dtype, T,
                        tpd_launch (exec, "timestep_embed", tpd_grid (exec, n * half, THREADS),
                                    THREADS, 0, timestep_embed_kernel<T>, n, half, tpd_table<T> (y),
                                    tpd_table_of_rows<T> (t), shift));
}
