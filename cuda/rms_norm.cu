/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-columns.cuh"
#include "tpd-row.cuh"

#define HEAD 8

template <typename T>
static __global__ void
__launch_bounds__ (TPD_ROW_THREADS)
    rms_norm_kernel (int64_t rows, int64_t columns, int lanes, TpdTable<T> y, TpdTable<float> rstd,
                     const __grid_constant__ TpdTable<T> x, TpdTable<T> w, float eps)
{
  constexpr int V = TpdPack<T>::size;
  TpdRowTurn turn (lanes);

  for (; turn.first () < rows; turn.row += turn.step)
    {
      bool valid = turn.row < rows;
      TpdRow<T, HEAD> row (x, 0, turn.row, valid ? columns : 0, turn);
      float squares = 0, s;

      row.each ([&] (int64_t c, int n, const float *in) {
        for (int i = 0; i < V; i++)
          squares += in[i] * in[i];
      });
      s = 1 / sqrtf (tpd_lanes_sum (squares, lanes) / (float)columns + eps);
      if (valid && turn.lane == 0)
        *rstd.at (0, turn.row, 0) = s;
      row.each ([&] (int64_t c, int n, const float *in) {
        float weight[V], out[V];

        w.load (0, 0, c, n, weight);
        for (int i = 0; i < V; i++)
          out[i] = in[i] * s * weight[i];
        y.store (0, turn.row, c, n, out);
      });
    }
}

void
tpd_cuda_rms_norm (TpdExec *exec, const TpdView *y, const TpdView *rstd, const TpdView *x,
                   const TpdView *w, double eps)
{
  int64_t rows = x->shape[0], columns = x->shape[1];

  if (rows * columns == 0)
    return;
  TPD_DISPATCH_FLOAT (exec, "rms_norm", x->dtype, T,
                      int lanes = tpd_row_lanes (columns, TpdPack<T>::size);
                      tpd_launch (exec, "rms_norm", tpd_row_grid (exec, rows, lanes),
                                  TPD_ROW_THREADS, 0, rms_norm_kernel<T>, rows, columns, lanes,
                                  tpd_table<T> (y), tpd_table_of_rows<float> (rstd),
                                  tpd_table<T> (x), tpd_table_of_groups<T> (w), (float)eps));
}

/* ── backward ── */

/* dx = rstd (dn − n mean (dn · n)), where n = x rstd, dn = dy w */
template <typename T>
static __global__ void
__launch_bounds__ (TPD_ROW_THREADS)
    rms_norm_bwd_kernel (int64_t rows, int64_t columns, int lanes, TpdTable<T> dx,
                         const __grid_constant__ TpdTable<T> dy,
                         const __grid_constant__ TpdTable<T> x, TpdTable<float> rstd, TpdTable<T> w)
{
  constexpr int V = TpdPack<T>::size;
  TpdRowTurn turn (lanes);

  for (; turn.first () < rows; turn.row += turn.step)
    {
      bool valid = turn.row < rows;
      TpdRow<T, HEAD> row (dy, 0, turn.row, valid ? columns : 0, turn);
      float s = valid ? *rstd.at (0, turn.row, 0) : 0, sum = 0;

      row.each ([&] (int64_t c, int n, const float *in) {
        float weight[V], value[V];

        w.load (0, 0, c, n, weight);
        x.load (0, turn.row, c, n, value);
        for (int i = 0; i < V; i++)
          sum += in[i] * weight[i] * value[i];
      });
      sum = tpd_lanes_sum (sum, lanes) * s * s / (float)columns;
      row.each ([&] (int64_t c, int n, const float *in) {
        float weight[V], value[V], out[V];

        w.load (0, 0, c, n, weight);
        x.load (0, turn.row, c, n, value);
        for (int i = 0; i < V; i++)
          out[i] = s * (in[i] * weight[i] - value[i] * sum);
        dx.store (0, turn.row, c, n, out);
      });
    }
}

/* dw = sum over rows of dy · n */
template <typename T> struct DyN
{
  static constexpr int V = TpdPack<T>::size;

  TpdTable<T> dy, x;
  TpdTable<float> rstd;

  __device__ __forceinline__ void
  operator() (int64_t, int64_t row, int64_t c, int n, float (*sum)[V]) const
  {
    float s = *rstd.at (0, row, 0), a[V], b[V];

    dy.load (0, row, c, n, a);
    x.load (0, row, c, n, b);
#pragma unroll
    for (int i = 0; i < V; i++)
      sum[0][i] += a[i] * b[i] * s;
  }
};

template <typename T>
static void
rms_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *dy,
              const TpdView *x, const TpdView *rstd, const TpdView *w)
{
  constexpr int v = TpdPack<T>::size;
  int64_t rows = x->shape[0], columns = x->shape[1];
  int lanes = tpd_row_lanes (columns, v);

  if (rows > 0)
    tpd_launch (exec, "rms_norm_bwd: dx", tpd_row_grid (exec, rows, lanes), TPD_ROW_THREADS, 0,
                rms_norm_bwd_kernel<T>, rows, columns, lanes, tpd_table<T> (dx), tpd_table<T> (dy),
                tpd_table<T> (x), tpd_table_of_rows<float> (rstd), tpd_table_of_groups<T> (w));
  if (dw != NULL)
    {
      TpdColumns all = tpd_columns (exec, 1, rows, columns, v);
      float *partial = (float *)exec->scratch (exec, tpd_columns_bytes (&all, 1));
      DyN<T> term = {tpd_table<T> (dy), tpd_table<T> (x), tpd_table_of_rows<float> (rstd)};
      TpdColumnsOut<1, T> out = {{tpd_table_of_groups<T> (dw)}};

      if (partial != NULL)
        tpd_columns_sum<1, v> (exec, "rms_norm_bwd: dw", &all, partial, term, out);
    }
}

void
tpd_cuda_rms_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *dy,
                       const TpdView *x, const TpdView *rstd, const TpdView *w)
{
  if (x->shape[1] > 0)
    TPD_DISPATCH_FLOAT (exec, "rms_norm_bwd", x->dtype, T,
                        rms_norm_bwd<T> (exec, dx, dw, dy, x, rstd, w));
}
