/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-columns.cuh"
#include "tpd-map.cuh"

/* gate, of shape [G, C], as if it had the rows of like: [G, R, C]. */
static TpdView
over_rows (const TpdView *gate, const TpdView *like)
{
  TpdView view = *like;

  view.data = gate->data;
  view.stride[0] = gate->stride[0];
  view.stride[1] = 0;
  view.stride[2] = gate->stride[1];
  return view;
}

template <typename T> struct Residual
{
  __device__ void
  operator() (T *y, const T *x) const
  {
    tpd_store (y, tpd_load (&x[0]) + tpd_load (&x[1]) * tpd_load (&x[2]));
  }
};

void
tpd_cuda_gate_residual (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *gate,
                        const TpdView *r)
{
  TpdView factor = over_rows (gate, y);

  TPD_DISPATCH_FLOAT (exec, "gate_residual", y->dtype, T,
                      tpd_map<T, T> (exec, "gate_residual", {y, x, &factor, r}, Residual<T> ()));
}

/* ── backward ── */

/* x[0] is the gate, x[1] is dy */
template <typename T> struct Gated
{
  __device__ void
  operator() (T *dr, const T *x) const
  {
    tpd_store (dr, tpd_load (&x[0]) * tpd_load (&x[1]));
  }
};

template <typename T> struct DyR
{
  static constexpr int V = TpdPack<T>::size;

  TpdTable<T> dy, r;

  __device__ __forceinline__ void
  operator() (int64_t g, int64_t row, int64_t c, int n, float (*sum)[V]) const
  {
    float a[V], b[V];

    dy.load (g, row, c, n, a);
    r.load (g, row, c, n, b);
#pragma unroll
    for (int i = 0; i < V; i++)
      sum[0][i] += a[i] * b[i];
  }
};

template <typename T>
static void
sum_gate (TpdExec *exec, const TpdView *dgate, const TpdView *dy, const TpdView *r)
{
  constexpr int v = TpdPack<T>::size;
  TpdColumns columns = tpd_columns (exec, dy->shape[0], dy->shape[1], dy->shape[2], v);
  float *partial = (float *)exec->scratch (exec, tpd_columns_bytes (&columns, 1));
  DyR<T> term = {tpd_table<T> (dy), tpd_table<T> (r)};
  TpdColumnsOut<1, T> out = {{tpd_table_of_groups<T> (dgate)}};

  if (partial != NULL)
    tpd_columns_sum<1, v> (exec, "gate_residual_bwd: dgate", &columns, partial, term, out);
}

void
tpd_cuda_gate_residual_bwd (TpdExec *exec, const TpdView *dgate, const TpdView *dr,
                            const TpdView *dy, const TpdView *gate, const TpdView *r)
{
  TpdView factor = over_rows (gate, dy);

  TPD_DISPATCH_FLOAT (exec, "gate_residual_bwd", dy->dtype, T,
                      tpd_map<T, T> (exec, "gate_residual_bwd: dr", {dr, &factor, dy}, Gated<T> ());
                      sum_gate<T> (exec, dgate, dy, r));
}
