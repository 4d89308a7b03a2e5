/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

template <typename T> struct Scale
{
  float a;

  __device__ void
  operator() (T *y, const T *x) const
  {
    tpd_store (y, a * tpd_load (&x[0]));
  }
};

template <typename T> struct Axpby
{
  float a, b;

  __device__ void
  operator() (T *y, const T *x) const
  {
    tpd_store (y, a * tpd_load (&x[0]) + b * tpd_load (&x[1]));
  }
};

template <typename T>
static void
axpby (TpdExec *exec, float a, const TpdView *x, float b, const TpdView *y)
{
  if (b == 0)
    tpd_map<T, T> (exec, "axpby", {y, x}, Scale<T>{a});
  else
    tpd_map<T, T> (exec, "axpby", {y, x, y}, Axpby<T>{a, b});
}

void
tpd_cuda_axpby (TpdExec *exec, double a, const TpdView *x, double b, const TpdView *y)
{
  TPD_DISPATCH_FLOAT (exec, "axpby", y->dtype, T, axpby<T> (exec, (float)a, x, (float)b, y));
}
