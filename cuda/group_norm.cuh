/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-columns.cuh"
#include "tpd-sigmoid.cuh"
#include "tpd-warp.cuh"

/* What group_norm.cu and its backward pass share. Samples are the groups of tpd-columns.cuh, pixels
 * its rows, channels its columns. */
template <typename T> struct TpdGroupNorm
{
  TpdTable<float> mean, rstd; /* [N, groups] */
  TpdTable<T> w, b;
  int64_t width; /* channels a group */
  bool silu;
};

template <typename T>
static inline TpdGroupNorm<T>
tpd_group_norm (const TpdView *mean, const TpdView *rstd, const TpdView *w, const TpdView *b,
                int64_t width, bool silu)
{
  return {tpd_table_of_rows<float> (mean),
          tpd_table_of_rows<float> (rstd),
          tpd_table_of_groups<T> (w),
          tpd_table_of_groups<T> (b),
          width,
          silu};
}

/* The coefficients of V neighbouring channels of a sample, in registers. */
template <typename T> struct TpdGroupNormChannels
{
  static constexpr int V = TpdPack<T>::size;

  float mean[V], rstd[V], weight[V], bias[V];

  __device__ __forceinline__ void
  load (const TpdGroupNorm<T> &norm, int64_t sample, int64_t channel, int n)
  {
    norm.w.load (0, 0, channel, n, weight);
    norm.b.load (0, 0, channel, n, bias);
#pragma unroll
    for (int i = 0; i < V; i++)
      {
        int64_t group = (channel + (i < n ? i : 0)) / norm.width;

        mean[i] = *norm.mean.at (sample, group, 0);
        rstd[i] = *norm.rstd.at (sample, group, 0);
      }
  }

  __device__ __forceinline__ float
  normalised (int i, float x) const
  {
    return (x - mean[i]) * rstd[i];
  }
};
