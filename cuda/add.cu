/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

template <typename T> struct Add
{
  __device__ void
  operator() (T *y, const T *x) const
  {
    tpd_store (y, tpd_load (&x[0]) + tpd_load (&x[1]));
  }
};

void
tpd_cuda_add (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
{
  TPD_DISPATCH_FLOAT (exec, "add", y->dtype, T, tpd_map<T, T> (exec, "add", {y, a, b}, Add<T> ()));
}
