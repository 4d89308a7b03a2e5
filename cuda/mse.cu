/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"
#include "tpd-total.cuh"

/* partial: one sum a block */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_TOTAL_THREADS)
    mse_kernel (const __grid_constant__ TpdSpace<2> space, bool packs, float *partial)
{
  constexpr int V = TpdPack<T>::size;
  __shared__ float shared[TPD_TOTAL_THREADS / TPD_WARP];
  float sum = 0;

  for (int64_t first = (blockIdx.x * (int64_t)TPD_TOTAL_THREADS + threadIdx.x) * V; first < space.n;
       first += gridDim.x * (int64_t)TPD_TOTAL_THREADS * V)
    {
      int64_t at[2], end = first + V < space.n ? first + V : space.n;

      if (packs && end - first == V)
        {
          TpdPack<T> a, b;

          tpd_space_offsets (space, first, at);
          a = *(const TpdPack<T> *)(space.data[0] + at[0]);
          b = *(const TpdPack<T> *)(space.data[1] + at[1]);
#pragma unroll
          for (int i = 0; i < V; i++)
            {
              float d = tpd_load (&a.x[i]) - tpd_load (&b.x[i]);

              sum += d * d;
            }
          continue;
        }
      for (int64_t i = first; i < end; i++)
        {
          float d;

          tpd_space_offsets (space, i, at);
          d = tpd_load ((const T *)(space.data[0] + at[0])) -
              tpd_load ((const T *)(space.data[1] + at[1]));
          sum += d * d;
        }
    }
  sum = tpd_block_sum (sum, shared);
  if (threadIdx.x == 0)
    partial[blockIdx.x] = sum;
}

template <typename T>
static void
mse (TpdExec *exec, const TpdView *loss, const TpdView *a, const TpdView *b)
{
  constexpr int v = TpdPack<T>::size, size = (int)sizeof (T);
  TpdSpace<2> space = tpd_space<2> ({a, b});
  unsigned blocks = tpd_grid (exec, space.n / v + 1, TPD_TOTAL_THREADS);
  float *partial = (float *)exec->scratch (exec, blocks * sizeof *partial);
  bool packs =
      tpd_space_packs (&space, {size, size}, v) && space.stride[1][space.n_dims - 1] == sizeof (T);

  if (partial == NULL)
    return;
  tpd_launch (exec, "mse", blocks, TPD_TOTAL_THREADS, 0, mse_kernel<T>, space, packs, partial);
  tpd_total_finish (exec, "mse", loss, partial, blocks, 1 / (float)space.n);
}

void
tpd_cuda_mse (TpdExec *exec, const TpdView *loss, const TpdView *a, const TpdView *b)
{
  TPD_DISPATCH_FLOAT (exec, "mse", a->dtype, T, mse<T> (exec, loss, a, b));
}

/* ── backward ── */

template <typename T> struct MseBwd
{
  const float *dloss;
  float factor;

  __device__ void
  operator() (T *da, const T *x) const
  {
    tpd_store (da, *dloss * factor * (tpd_load (&x[0]) - tpd_load (&x[1])));
  }
};

void
tpd_cuda_mse_bwd (TpdExec *exec, const TpdView *da, const TpdView *dloss, const TpdView *a,
                  const TpdView *b)
{
  float n = 1;

  for (int i = 0; i < a->n_dims; i++)
    n *= (float)a->shape[i];
  TPD_DISPATCH_FLOAT (
      exec, "mse_bwd", a->dtype, T,
      tpd_map<T, T> (exec, "mse_bwd", {da, a, b}, MseBwd<T>{(const float *)dloss->data, 2 / n}));
}
