/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

/* Both directions are element-wise between views. */

/* The pixels (2i + row, 2j + column) of y, as an image of half the size. */
static TpdView
corner (const TpdView *y, int row, int column)
{
  TpdView view = *y;

  view.data =
      (char *)y->data + (row * y->stride[1] + column * y->stride[2]) * tpd_element_size (y->dtype);
  view.shape[1] /= 2;
  view.shape[2] /= 2;
  view.stride[1] *= 2;
  view.stride[2] *= 2;
  return view;
}

/* An image of twice the size, [N, 2H, 2W, C], as [N, H, 2, W, 2, C]. */
static TpdView
split (const TpdView *y)
{
  return {
      y->data,
      y->dtype,
      6,
      {y->shape[0], y->shape[1] / 2, 2, y->shape[2] / 2, 2, y->shape[3]},
      {y->stride[0], 2 * y->stride[1], y->stride[1], 2 * y->stride[2], y->stride[2], y->stride[3]}};
}

/* x as such a view, with each pixel repeated */
static TpdView
repeat (const TpdView *x)
{
  return {x->data,
          x->dtype,
          6,
          {x->shape[0], x->shape[1], 2, x->shape[2], 2, x->shape[3]},
          {x->stride[0], x->stride[1], 0, x->stride[2], 0, x->stride[3]}};
}

void
tpd_cuda_upsample2x (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TpdView to = split (y), from = repeat (x);

  tpd_cuda_copy (exec, &to, &from);
}

template <typename T> struct SumOfFour
{
  __device__ void
  operator() (T *dx, const T *dy) const
  {
    tpd_store (dx,
               (tpd_load (&dy[0]) + tpd_load (&dy[1])) + (tpd_load (&dy[2]) + tpd_load (&dy[3])));
  }
};

void
tpd_cuda_upsample2x_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dy)
{
  TpdView a = corner (dy, 0, 0), b = corner (dy, 0, 1);
  TpdView c = corner (dy, 1, 0), d = corner (dy, 1, 1);

  TPD_DISPATCH_FLOAT (
      exec, "upsample2x_bwd", dx->dtype, T,
      tpd_map<T, T> (exec, "upsample2x_bwd", {dx, &a, &b, &c, &d}, SumOfFour<T> ()));
}
