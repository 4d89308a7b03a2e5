/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "group_norm.cuh"

/* With n the normalised element and dz = dy · act' (z):
 *   db = Σ dz    dw = Σ dz n    dx = rstd (dn − mean (dn) − n mean (dn n)),  dn = dz w,  means over
 * a group All sums come from those of dz and dz n over the pixels of each channel of each sample.
 */

/* dz of n channels of a pixel, and in `norm` the normalised elements. */
template <typename T>
static __device__ __forceinline__ void
load_dz (const TpdGroupNormChannels<T> &channels, const TpdTable<T> &dy, const TpdTable<T> &x,
         bool silu, int64_t sample, int64_t p, int64_t c, int n, float dz[TpdPack<T>::size],
         float norm[TpdPack<T>::size])
{
  constexpr int V = TpdPack<T>::size;

  dy.load (sample, p, c, n, dz);
  x.load (sample, p, c, n, norm);
#pragma unroll
  for (int i = 0; i < V; i++)
    {
      norm[i] = channels.normalised (i, norm[i]);
      if (silu)
        dz[i] *= tpd_silu_slope (norm[i] * channels.weight[i] + channels.bias[i]);
    }
}

/* The sums of dz and dz n. Coefficients are loaded for each pixel: they are in the cache, and the
 * sum's loop is not ours. */
template <typename T> struct DzDzN
{
  static constexpr int V = TpdPack<T>::size;

  TpdTable<T> dy, x;
  TpdGroupNorm<T> norm;

  __device__ __forceinline__ void
  operator() (int64_t sample, int64_t p, int64_t c, int n, float (*sum)[V]) const
  {
    TpdGroupNormChannels<T> channels;
    float dz[V], normalised[V];

    channels.load (norm, sample, c, n);
    load_dz (channels, dy, x, norm.silu, sample, p, c, n, dz, normalised);
#pragma unroll
    for (int i = 0; i < V; i++)
      {
        sum[0][i] += dz[i];
        sum[1][i] += dz[i] * normalised[i];
      }
  }
};

/* sums: [2, N, C] */
struct ChannelSums
{
  float *sums;
  int64_t samples, channels;

  __device__ float *
  at (int k, int64_t sample, int64_t c) const
  {
    return sums + (k * samples + sample) * channels + c;
  }
};

/* db and dw: the sums over samples */
template <typename T>
static __global__ void
weights_kernel (ChannelSums sums, TpdTable<T> dw, TpdTable<T> db)
{
  for (int64_t c = blockIdx.x * (int64_t)blockDim.x + threadIdx.x; c < sums.channels;
       c += gridDim.x * (int64_t)blockDim.x)
    {
      float b = 0, w = 0;

      for (int64_t n = 0; n < sums.samples; n++)
        {
          b += *sums.at (0, n, c);
          w += *sums.at (1, n, c);
        }
      tpd_store (db.at (0, 0, c), b);
      tpd_store (dw.at (0, 0, c), w);
    }
}

/* means: [2, N, groups], mean (dn) and mean (dn n). A warp for each group of each sample. */
template <typename T>
static __global__ void
means_kernel (ChannelSums sums, int groups, int64_t pixels, TpdTable<T> w, float *means)
{
  int64_t width = sums.channels / groups, n = blockIdx.x / groups, g = blockIdx.x % groups;
  float count = (float)(pixels * width);

  for (int k = 0; k < 2; k++)
    {
      float sum = 0;

      for (int64_t c = g * width + threadIdx.x; c < (g + 1) * width; c += TPD_WARP)
        sum += *sums.at (k, n, c) * tpd_load (w.at (0, 0, c));
      sum = tpd_lanes_sum (sum, TPD_WARP);
      if (threadIdx.x == 0)
        means[k * gridDim.x + blockIdx.x] = sum / count;
    }
}

template <typename T>
static __global__ void
__launch_bounds__ (TPD_COLUMNS_THREADS)
    group_norm_bwd_kernel (TpdColumns all, int groups, const __grid_constant__ TpdTable<T> dx,
                           const __grid_constant__ TpdTable<T> dy,
                           const __grid_constant__ TpdTable<T> x,
                           const __grid_constant__ TpdGroupNorm<T> norm, const float *means)
{
  constexpr int V = TpdPack<T>::size;
  TpdColumnsPart part (all, V);
  TpdGroupNormChannels<T> channels;
  float mean_dn[V], mean_dn_n[V];

  if (part.first >= part.end)
    return;
  channels.load (norm, part.group, part.column, part.n);
#pragma unroll
  for (int i = 0; i < V; i++)
    {
      int64_t g = (part.column + (i < part.n ? i : 0)) / norm.width;

      mean_dn[i] = means[part.group * groups + g];
      mean_dn_n[i] = means[(all.groups + part.group) * groups + g];
    }
  for (int64_t p = part.first; p < part.end; p += all.ty)
    {
      float dz[V], n[V];

      load_dz (channels, dy, x, norm.silu, part.group, p, part.column, part.n, dz, n);
#pragma unroll
      for (int i = 0; i < V; i++)
        dz[i] = channels.rstd[i] * (dz[i] * channels.weight[i] - mean_dn[i] - n[i] * mean_dn_n[i]);
      dx.store (part.group, p, part.column, part.n, dz);
    }
}

template <typename T>
static void
group_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *db,
                const TpdView *dy, const TpdView *x, const TpdGroupNorm<T> &norm, int groups)
{
  constexpr int v = TpdPack<T>::size;
  int64_t samples = x->shape[0], pixels = x->shape[1], channels = x->shape[2];
  TpdColumns all = tpd_columns (exec, samples, pixels, channels, v);
  size_t partial_bytes = tpd_columns_bytes (&all, 2);
  size_t n_sums = (size_t)(2 * samples * channels), n_means = (size_t)(2 * samples * groups);
  float *partial =
      (float *)exec->scratch (exec, partial_bytes + (n_sums + n_means) * sizeof (float));
  DzDzN<T> term = {tpd_table<T> (dy), tpd_table<T> (x), norm};
  ChannelSums sums = {partial + partial_bytes / sizeof (float), samples, channels};
  float *means = sums.sums + n_sums;

  if (partial == NULL)
    return;
  tpd_columns_sum<2, v> (exec, "group_norm_bwd: sums", &all, partial, term, sums);
  tpd_launch (exec, "group_norm_bwd: dw, db", tpd_grid (exec, channels, 128), 128, 0,
              weights_kernel<T>, sums, tpd_table_of_groups<T> (dw), tpd_table_of_groups<T> (db));
  tpd_launch (exec, "group_norm_bwd: means", (unsigned)(samples * groups), TPD_WARP, 0,
              means_kernel<T>, sums, groups, pixels, norm.w, means);
  tpd_launch (exec, "group_norm_bwd: dx", tpd_columns_grid (&all), tpd_columns_block (&all), 0,
              group_norm_bwd_kernel<T>, all, groups, tpd_table<T> (dx), term.dy, term.x, norm,
              means);
}

void
tpd_cuda_group_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *db,
                         const TpdView *dy, const TpdView *x, const TpdView *mean,
                         const TpdView *rstd, const TpdView *w, const TpdView *b, int groups,
                         int silu)
{
  if (x->shape[0] * x->shape[1] * x->shape[2] > 0)
    TPD_DISPATCH_FLOAT (
        exec, "group_norm_bwd", x->dtype, T,
        group_norm_bwd<T> (exec, dx, dw, db, dy, x,
                           tpd_group_norm<T> (mean, rstd, w, b, x->shape[2] / groups, silu != 0),
                           groups));
}
