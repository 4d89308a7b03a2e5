/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-columns.cuh"
#include "tpd-row.cuh"

#define HEAD 8

/* The factor of n columns: offset + scale, or offset alone. */
template <typename T>
static __device__ __forceinline__ void
load_factor (const TpdTable<T> &scale, float offset, int64_t g, int64_t c, int n,
             float factor[TpdPack<T>::size])
{
  constexpr int V = TpdPack<T>::size;

  if (scale.data != NULL)
    scale.load (g, 0, c, n, factor);
#pragma unroll
  for (int i = 0; i < V; i++)
    factor[i] = offset + (scale.data != NULL ? factor[i] : 0);
}

template <typename T>
static __global__ void
__launch_bounds__ (TPD_ROW_THREADS)
    layer_norm_kernel (int64_t groups, int64_t rows, int64_t columns, int lanes, TpdTable<T> y,
                       TpdTable<float> mean, TpdTable<float> rstd,
                       const __grid_constant__ TpdTable<T> x, TpdTable<T> scale, TpdTable<T> shift,
                       float offset, float eps)
{
  constexpr int V = TpdPack<T>::size;
  TpdRowTurn turn (lanes);

  for (; turn.first () < groups * rows; turn.row += turn.step)
    {
      bool valid = turn.row < groups * rows;
      int64_t g = turn.row / rows, r = turn.row % rows;
      TpdRow<T, HEAD> row (x, g, r, valid ? columns : 0, turn);
      float sum = 0, squares = 0, m, s;

      row.each ([&] (int64_t c, int n, const float *in) {
        for (int i = 0; i < V; i++)
          sum += in[i];
      });
      m = tpd_lanes_sum (sum, lanes) / (float)columns;
      row.each ([&] (int64_t c, int n, const float *in) {
        for (int i = 0; i < V; i++)
          squares += i < n ? (in[i] - m) * (in[i] - m) : 0;
      });
      s = 1 / sqrtf (tpd_lanes_sum (squares, lanes) / (float)columns + eps);
      if (valid && turn.lane == 0)
        {
          *mean.at (g, r, 0) = m;
          *rstd.at (g, r, 0) = s;
        }
      row.each ([&] (int64_t c, int n, const float *in) {
        float factor[V], term[V] = {}, out[V];

        load_factor (scale, offset, g, c, n, factor);
        if (shift.data != NULL)
          shift.load (g, 0, c, n, term);
        for (int i = 0; i < V; i++)
          out[i] = (in[i] - m) * s * factor[i] + term[i];
        y.store (g, r, c, n, out);
      });
    }
}

void
tpd_cuda_layer_norm (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                     const TpdView *x, const TpdView *scale, const TpdView *shift, double offset,
                     double eps)
{
  int64_t groups = x->shape[0], rows = x->shape[1], columns = x->shape[2];

  if (groups * rows * columns == 0)
    return;
  TPD_DISPATCH_FLOAT (
      exec, "layer_norm", x->dtype, T, int lanes = tpd_row_lanes (columns, TpdPack<T>::size);
      tpd_launch (exec, "layer_norm", tpd_row_grid (exec, groups * rows, lanes), TPD_ROW_THREADS, 0,
                  layer_norm_kernel<T>, groups, rows, columns, lanes, tpd_table<T> (y),
                  tpd_table_of_rows<float> (mean), tpd_table_of_rows<float> (rstd),
                  tpd_table<T> (x), tpd_table_of_groups<T> (scale), tpd_table_of_groups<T> (shift),
                  (float)offset, (float)eps));
}

/* ── backward ── */

/* dx = rstd (dn − mean (dn) − n mean (dn · n)), where n is the normalised row and dn its gradient
 */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_ROW_THREADS)
    layer_norm_bwd_kernel (int64_t groups, int64_t rows, int64_t columns, int lanes, TpdTable<T> dx,
                           const __grid_constant__ TpdTable<T> dy,
                           const __grid_constant__ TpdTable<T> x, TpdTable<float> mean,
                           TpdTable<float> rstd, TpdTable<T> scale, float offset)
{
  constexpr int V = TpdPack<T>::size;
  TpdRowTurn turn (lanes);

  for (; turn.first () < groups * rows; turn.row += turn.step)
    {
      bool valid = turn.row < groups * rows;
      int64_t g = turn.row / rows, r = turn.row % rows;
      TpdRow<T, HEAD> row (dy, g, r, valid ? columns : 0, turn);
      float m = valid ? *mean.at (g, r, 0) : 0, s = valid ? *rstd.at (g, r, 0) : 0;
      float mean_dn = 0, mean_dn_n = 0;

      row.each ([&] (int64_t c, int n, const float *in) {
        float factor[V], value[V];

        load_factor (scale, offset, g, c, n, factor);
        x.load (g, r, c, n, value);
        for (int i = 0; i < V; i++) /* in is zero past the end */
          {
            mean_dn += in[i] * factor[i];
            mean_dn_n += in[i] * factor[i] * ((value[i] - m) * s);
          }
      });
      mean_dn = tpd_lanes_sum (mean_dn, lanes) / (float)columns;
      mean_dn_n = tpd_lanes_sum (mean_dn_n, lanes) / (float)columns;
      row.each ([&] (int64_t c, int n, const float *in) {
        float factor[V], value[V], out[V];

        load_factor (scale, offset, g, c, n, factor);
        x.load (g, r, c, n, value);
        for (int i = 0; i < V; i++)
          out[i] = s * (in[i] * factor[i] - mean_dn - (value[i] - m) * s * mean_dn_n);
        dx.store (g, r, c, n, out);
      });
    }
}

/* dshift and dscale: sums of dy and of dy · n over the rows that a row of shift or scale served.
 * One row for all groups makes one group of all rows. */
template <typename T> struct DyDyN
{
  static constexpr int V = TpdPack<T>::size;

  TpdTable<T> dy, x;
  TpdTable<float> mean, rstd;
  int64_t rows; /* of dy a group */
  bool together;

  __device__ __forceinline__ void
  operator() (int64_t g, int64_t row, int64_t c, int n, float (*sum)[V]) const
  {
    float a[V], b[V], m, s;

    if (together)
      {
        g = row / rows;
        row %= rows;
      }
    m = *mean.at (g, row, 0);
    s = *rstd.at (g, row, 0);
    dy.load (g, row, c, n, a);
    x.load (g, row, c, n, b);
#pragma unroll
    for (int i = 0; i < V; i++)
      {
        sum[0][i] += a[i];
        sum[1][i] += a[i] * ((b[i] - m) * s);
      }
  }
};

template <typename T>
static void
sum_scale_and_shift (TpdExec *exec, const TpdView *dscale, const TpdView *dshift, const TpdView *dy,
                     const TpdView *x, const TpdView *mean, const TpdView *rstd)
{
  constexpr int v = TpdPack<T>::size;
  const TpdView *like = dscale != NULL ? dscale : dshift;
  int64_t groups = like->shape[0];
  bool together = groups == 1;
  TpdColumns all = tpd_columns (exec, groups, together ? dy->shape[0] * dy->shape[1] : dy->shape[1],
                                dy->shape[2], v);
  float *partial = (float *)exec->scratch (exec, tpd_columns_bytes (&all, 2));
  DyDyN<T> term = {tpd_table<T> (dy),
                   tpd_table<T> (x),
                   tpd_table_of_rows<float> (mean),
                   tpd_table_of_rows<float> (rstd),
                   dy->shape[1],
                   together};
  TpdColumnsOut<2, T> out = {{tpd_table_of_groups<T> (dshift), tpd_table_of_groups<T> (dscale)}};

  if (partial != NULL)
    tpd_columns_sum<2, v> (exec, "layer_norm_bwd: dscale, dshift", &all, partial, term, out);
}

template <typename T>
static void
layer_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dscale, const TpdView *dshift,
                const TpdView *dy, const TpdView *x, const TpdView *mean, const TpdView *rstd,
                const TpdView *scale, double offset)
{
  int64_t groups = x->shape[0], rows = x->shape[1], columns = x->shape[2];
  int lanes = tpd_row_lanes (columns, TpdPack<T>::size);

  if (groups * rows > 0)
    tpd_launch (exec, "layer_norm_bwd: dx", tpd_row_grid (exec, groups * rows, lanes),
                TPD_ROW_THREADS, 0, layer_norm_bwd_kernel<T>, groups, rows, columns, lanes,
                tpd_table<T> (dx), tpd_table<T> (dy), tpd_table<T> (x),
                tpd_table_of_rows<float> (mean), tpd_table_of_rows<float> (rstd),
                tpd_table_of_groups<T> (scale), (float)offset);
  if (dscale != NULL && dshift != NULL && dscale->shape[0] != dshift->shape[0])
    {
      sum_scale_and_shift<T> (exec, dscale, NULL, dy, x, mean, rstd);
      sum_scale_and_shift<T> (exec, NULL, dshift, dy, x, mean, rstd);
    }
  else if (dscale != NULL || dshift != NULL)
    sum_scale_and_shift<T> (exec, dscale, dshift, dy, x, mean, rstd);
}

void
tpd_cuda_layer_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dscale,
                         const TpdView *dshift, const TpdView *dy, const TpdView *x,
                         const TpdView *mean, const TpdView *rstd, const TpdView *scale,
                         double offset)
{
  if (x->shape[2] > 0)
    TPD_DISPATCH_FLOAT (
        exec, "layer_norm_bwd", x->dtype, T,
        layer_norm_bwd<T> (exec, dx, dscale, dshift, dy, x, mean, rstd, scale, offset));
}
