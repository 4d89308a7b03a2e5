/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "group_norm.cuh"

/* Three kernels: moments of each channel over some of the pixels; moments of each group from those;
 * the result. */

/* Numbers seen, their mean, and the sum of squared deviations from it. */
struct Moments
{
  float n, mean, m2;
};

/* Those of two sets together (Chan, Golub & LeVeque 1979): no cancellation, however large the mean.
 */
static __device__ __forceinline__ Moments
join (Moments a, Moments b)
{
  float n = a.n + b.n, d = b.mean - a.mean, share = n > 0 ? b.n / n : 0;

  return {n, a.mean + d * share, a.m2 + b.m2 + d * d * a.n * share};
}

/* partial: [splits, N, C, 2], mean and m2 of each channel over the pixels of a split */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_COLUMNS_THREADS)
    channel_moments_kernel (TpdColumns all, float *partial, const __grid_constant__ TpdTable<T> x)
{
  constexpr int V = TpdPack<T>::size;
  __shared__ float means[V][TPD_COLUMNS_THREADS], m2s[V][TPD_COLUMNS_THREADS];
  __shared__ float counts[TPD_COLUMNS_THREADS];
  TpdColumnsPart part (all, V);
  int thread = threadIdx.y * all.tx + threadIdx.x;
  float origin[V] = {}, sum[V] = {}, squares[V] = {}, count = 0;

  /* Sums about the first pixel: what is far from zero is near to that. */
  if (part.first < part.end)
    x.load (part.group, part.first, part.column, part.n, origin);
  for (int64_t p = part.first; p < part.end; p += all.ty, count++)
    {
      float value[V];

      x.load (part.group, p, part.column, part.n, value);
#pragma unroll
      for (int i = 0; i < V; i++)
        {
          float d = value[i] - origin[i];

          sum[i] += d;
          squares[i] += d * d;
        }
    }
  counts[thread] = count;
#pragma unroll
  for (int i = 0; i < V; i++)
    {
      means[i][thread] = count > 0 ? origin[i] + sum[i] / count : 0;
      m2s[i][thread] = count > 0 ? fmaxf (squares[i] - sum[i] * (sum[i] / count), 0) : 0;
    }
  for (int half = all.ty / 2; half > 0; half /= 2)
    {
      __syncthreads ();
      if (threadIdx.y < half)
        {
          int other = thread + half * all.tx;

#pragma unroll
          for (int i = 0; i < V; i++)
            {
              Moments both = join ({counts[thread], means[i][thread], m2s[i][thread]},
                                   {counts[other], means[i][other], m2s[i][other]});

              means[i][thread] = both.mean;
              m2s[i][thread] = both.m2;
            }
          counts[thread] += counts[other];
        }
    }
  if (threadIdx.y == 0)
    for (int i = 0; i < part.n; i++)
      {
        float *to =
            partial + 2 * ((blockIdx.y * all.groups + part.group) * all.columns + part.column + i);

        to[0] = means[i][thread];
        to[1] = m2s[i][thread];
      }
}

/* A warp for each group of each sample. */
static __global__ void
group_moments_kernel (TpdColumns all, int groups, const float *partial, TpdTable<float> mean,
                      TpdTable<float> rstd, float eps)
{
  int64_t width = all.columns / groups, n = blockIdx.x / groups, g = blockIdx.x % groups;
  Moments moments = {0, 0, 0};

  for (int64_t i = threadIdx.x; i < all.splits * width; i += TPD_WARP)
    {
      int64_t split = i / width, c = g * width + i % width;
      int64_t first = split * all.rows_a_split;
      int64_t rows = all.rows - first < all.rows_a_split ? all.rows - first : all.rows_a_split;
      const float *from = partial + 2 * ((split * all.groups + n) * all.columns + c);

      if (rows > 0)
        moments = join (moments, {(float)rows, from[0], from[1]});
    }
  for (int bit = TPD_WARP / 2; bit > 0; bit /= 2)
    {
      Moments other = {__shfl_xor_sync (TPD_ALL_LANES, moments.n, bit),
                       __shfl_xor_sync (TPD_ALL_LANES, moments.mean, bit),
                       __shfl_xor_sync (TPD_ALL_LANES, moments.m2, bit)};

      /* Both lanes of a pair join them in the same order. */
      moments = threadIdx.x & bit ? join (other, moments) : join (moments, other);
    }
  if (threadIdx.x == 0)
    {
      *mean.at (n, g, 0) = moments.mean;
      *rstd.at (n, g, 0) = 1 / sqrtf (moments.m2 / moments.n + eps);
    }
}

/* A thread has its channels' coefficients in registers and goes through the pixels. */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_COLUMNS_THREADS)
    group_norm_kernel (TpdColumns all, const __grid_constant__ TpdTable<T> y,
                       const __grid_constant__ TpdTable<T> x,
                       const __grid_constant__ TpdGroupNorm<T> norm)
{
  constexpr int V = TpdPack<T>::size;
  TpdColumnsPart part (all, V);
  TpdGroupNormChannels<T> channels;

  if (part.first >= part.end)
    return;
  channels.load (norm, part.group, part.column, part.n);
  for (int64_t p = part.first; p < part.end; p += all.ty)
    {
      float value[V];

      x.load (part.group, p, part.column, part.n, value);
#pragma unroll
      for (int i = 0; i < V; i++)
        {
          float z = channels.normalised (i, value[i]) * channels.weight[i] + channels.bias[i];

          value[i] = norm.silu ? z * tpd_sigmoid (z) : z;
        }
      y.store (part.group, p, part.column, part.n, value);
    }
}

template <typename T>
static void
group_norm (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
            const TpdView *x, const TpdView *w, const TpdView *b, int groups, float eps, bool silu)
{
  TpdColumns all = tpd_columns (exec, x->shape[0], x->shape[1], x->shape[2], TpdPack<T>::size);
  float *partial = (float *)exec->scratch (exec, tpd_columns_bytes (&all, 2));
  TpdGroupNorm<T> norm = tpd_group_norm<T> (mean, rstd, w, b, x->shape[2] / groups, silu);

  if (partial == NULL)
    return;
  tpd_launch (exec, "group_norm: channels", tpd_columns_grid (&all), tpd_columns_block (&all), 0,
              channel_moments_kernel<T>, all, partial, tpd_table<T> (x));
  tpd_launch (exec, "group_norm: groups", (unsigned)(x->shape[0] * groups), TPD_WARP, 0,
              group_moments_kernel, all, groups, partial, norm.mean, norm.rstd, eps);
  tpd_launch (exec, "group_norm", tpd_columns_grid (&all), tpd_columns_block (&all), 0,
              group_norm_kernel<T>, all, tpd_table<T> (y), tpd_table<T> (x), norm);
}

void
tpd_cuda_group_norm (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                     const TpdView *x, const TpdView *w, const TpdView *b, int groups, double eps,
                     int silu)
{
  if (x->shape[0] * x->shape[1] * x->shape[2] > 0)
    TPD_DISPATCH_FLOAT (
        exec, "group_norm", x->dtype, T,
        group_norm<T> (exec, y, mean, rstd, x, w, b, groups, (float)eps, silu != 0));
}
