/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-space.cuh"

/* Element-wise ops: y[i] = f (x_0[i], …, x_K−1[i]) for operands of one shape and any strides.
 * A thread takes V neighbouring elements, where memory allows in one access of up to 16 bytes for
 * each operand. */

#define TPD_MAP_THREADS 256

/* V elements that lie together. */
template <typename T, int V> struct alignas (sizeof (T) * V) TpdLanes
{
  T x[V];
};

/* Whether the operands can be read V elements at a time: neighbours in memory, aligned, no pack
 * across the end of a row. An input that repeats one element along the row fits too. */
template <int N>
static inline bool
tpd_space_packs (const TpdSpace<N> *self, const int (&size)[N], int v)
{
  int inner = self->n_dims - 1;

  for (int k = 0; k < N; k++)
    {
      if (self->stride[k][inner] == 0 && self->shape[inner] > 1 && k > 0)
        continue;
      if (self->shape[inner] > 1 && self->stride[k][inner] != size[k])
        return false;
      if ((uintptr_t)self->data[k] % (size_t)(size[k] * v) != 0)
        return false;
      for (int i = 0; i < inner; i++)
        if (self->stride[k][i] % (size[k] * v) != 0)
          return false;
    }
  return inner == 0 || self->shape[inner] % v == 0;
}

template <typename T, int V>
static __device__ __forceinline__ TpdLanes<T, V>
tpd_lanes_load (const char *data, bool repeated)
{
  TpdLanes<T, V> lanes;

  if (!repeated)
    return *(const TpdLanes<T, V> *)data;
#pragma unroll
  for (int i = 0; i < V; i++)
    lanes.x[i] = *(const T *)data;
  return lanes;
}

template <typename Y, typename X, int K, int V, typename F>
static __global__ void
__launch_bounds__ (TPD_MAP_THREADS)
    tpd_map_kernel (const __grid_constant__ TpdSpace<K + 1> space, bool packs, F f)
{
  constexpr int n_inputs = K > 0 ? K : 1;
  int64_t step = (int64_t)gridDim.x * TPD_MAP_THREADS * V;
  int inner = space.n_dims - 1;

  for (int64_t first = ((int64_t)blockIdx.x * TPD_MAP_THREADS + threadIdx.x) * V; first < space.n;
       first += step)
    {
      int64_t at[K + 1], end = first + V < space.n ? first + V : space.n;
      X x[n_inputs];

      if (packs && end - first == V)
        {
          TpdLanes<X, V> in[n_inputs];
          TpdLanes<Y, V> out;

          tpd_space_offsets (space, first, at);
#pragma unroll
          for (int k = 0; k < K; k++)
            in[k] = tpd_lanes_load<X, V> (space.data[k + 1] + at[k + 1],
                                          space.stride[k + 1][inner] == 0);
#pragma unroll
          for (int i = 0; i < V; i++)
            {
#pragma unroll
              for (int k = 0; k < K; k++)
                x[k] = in[k].x[i];
              f (&out.x[i], x);
            }
          *(TpdLanes<Y, V> *)(space.data[0] + at[0]) = out;
          continue;
        }
      for (int64_t i = first; i < end; i++)
        {
          tpd_space_offsets (space, i, at);
#pragma unroll
          for (int k = 0; k < K; k++)
            x[k] = *(const X *)(space.data[k + 1] + at[k + 1]);
          f ((Y *)(space.data[0] + at[0]), x);
        }
    }
}

/* Runs f (Y *y, const X *x) for every element; x holds the K inputs' elements. views: the output,
 * then the inputs. */
template <typename Y, typename X, int N, typename F>
static void
tpd_map (TpdExec *exec, const char *what, const TpdView *const (&views)[N], F f)
{
  constexpr int v = 16 / (sizeof (Y) > sizeof (X) ? sizeof (Y) : sizeof (X));
  TpdSpace<N> space = tpd_space (views);
  int size[N] = {sizeof (Y)};

  for (int k = 1; k < N; k++)
    size[k] = sizeof (X);
  if (space.n > 0)
    tpd_launch (exec, what, tpd_grid (exec, (space.n + v - 1) / v, TPD_MAP_THREADS),
                TPD_MAP_THREADS, 0, tpd_map_kernel<Y, X, N - 1, v, F>, space,
                tpd_space_packs (&space, size, v), f);
}
