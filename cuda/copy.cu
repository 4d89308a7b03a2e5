/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

/* ── the same dtype: bits of one, two, four or eight bytes ── */

template <typename T> struct Same
{
  __device__ void
  operator() (T *y, const T *x) const
  {
    *y = *x;
  }
};

static void
copy_bits (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  switch (tpd_element_size (y->dtype))
    {
    case 1:
      return tpd_map<uint8_t, uint8_t> (exec, "copy", {y, x}, Same<uint8_t> ());
    case 2:
      return tpd_map<uint16_t, uint16_t> (exec, "copy", {y, x}, Same<uint16_t> ());
    case 4:
      return tpd_map<uint32_t, uint32_t> (exec, "copy", {y, x}, Same<uint32_t> ());
    case 8:
      return tpd_map<uint64_t, uint64_t> (exec, "copy", {y, x}, Same<uint64_t> ());
    }
}

/* ── between f32, f16 and bf16 ── */

template <typename Y, typename X> struct Convert
{
  __device__ void
  operator() (Y *y, const X *x) const
  {
    tpd_store (y, tpd_load (x));
  }
};

static bool
is_small_float (TpdDtype dtype)
{
  return dtype == TPD_F32 || dtype == TPD_F16 || dtype == TPD_BF16;
}

template <typename X>
static void
convert_from (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TPD_DISPATCH_FLOAT (exec, "copy", y->dtype, Y,
                      tpd_map<Y, X> (exec, "copy", {y, x}, Convert<Y, X> ()));
}

/* ── any two dtypes: rare, and as the CPU's reference does it ── */

/* An i64 does not fit into a double: integers stay integers. */
struct Number
{
  bool is_integer;
  int64_t integer;
  double real;
};

static __device__ Number
load_any (TpdDtype dtype, const void *x)
{
  switch (dtype)
    {
    case TPD_I32:
      return {true, *(const int32_t *)x, (double)*(const int32_t *)x};
    case TPD_I64:
      return {true, *(const int64_t *)x, (double)*(const int64_t *)x};
    case TPD_U8:
      return {true, *(const uint8_t *)x, (double)*(const uint8_t *)x};
    case TPD_F64:
      return {false, 0, *(const double *)x};
    case TPD_F16:
      return {false, 0, tpd_load ((const __half *)x)};
    case TPD_BF16:
      return {false, 0, tpd_load ((const __nv_bfloat16 *)x)};
    default:
      return {false, 0, *(const float *)x};
    }
}

/* x as an integer from low to high; NaN is 0. */
static __device__ double
saturate (double x, double low, double high)
{
  return x != x ? 0 : fmin (fmax (rint (x), low), high);
}

static __device__ void
store_any (TpdDtype dtype, void *y, Number x)
{
  switch (dtype)
    {
    case TPD_I32:
      *(int32_t *)y = (int32_t)saturate (x.real, INT32_MIN, INT32_MAX);
      break;
    case TPD_I64:
      *(int64_t *)y =
          x.is_integer ? x.integer : (int64_t)saturate (x.real, -0x1p63, 0x1.fffffffffffffp62);
      break;
    case TPD_U8:
      *(uint8_t *)y = (uint8_t)saturate (x.real, 0, UINT8_MAX);
      break;
    case TPD_F64:
      *(double *)y = x.real;
      break;
    case TPD_F16:
      tpd_store ((__half *)y, (float)x.real);
      break;
    case TPD_BF16:
      tpd_store ((__nv_bfloat16 *)y, (float)x.real);
      break;
    default:
      *(float *)y = (float)x.real;
    }
}

static __global__ void
convert_any_kernel (const __grid_constant__ TpdSpace<2> space, TpdDtype to, TpdDtype from)
{
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < space.n;
       i += (int64_t)gridDim.x * blockDim.x)
    {
      int64_t at[2];

      tpd_space_offsets (space, i, at);
      store_any (to, space.data[0] + at[0], load_any (from, space.data[1] + at[1]));
    }
}

static void
convert_any (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TpdSpace<2> space = tpd_space<2> ({y, x});

  if (space.n > 0)
    tpd_launch (exec, "copy", tpd_grid (exec, space.n, TPD_MAP_THREADS), TPD_MAP_THREADS, 0,
                convert_any_kernel, space, y->dtype, x->dtype);
}

void
tpd_cuda_copy (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  if (y->dtype == x->dtype)
    copy_bits (exec, y, x);
  else if (is_small_float (y->dtype) && is_small_float (x->dtype))
    TPD_DISPATCH_FLOAT (exec, "copy", x->dtype, X, convert_from<X> (exec, y, x))
  else
    convert_any (exec, y, x);
}
