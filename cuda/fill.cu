/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

/* The value as an element, rounded on the host as tpd_cpu_store() rounds. */
template <typename T> struct Fill
{
  T value;

  __device__ void
  operator() (T *y, const T *) const
  {
    *y = value;
  }
};

template <typename T>
static void
fill (TpdExec *exec, const TpdView *y, T value)
{
  tpd_map<T, T> (exec, "fill", {y}, Fill<T>{value});
}

static double
saturate (double x, double low, double high)
{
  return isnan (x) ? 0 : fmin (fmax (nearbyint (x), low), high);
}

void
tpd_cuda_fill (TpdExec *exec, const TpdView *y, double value)
{
  switch (y->dtype)
    {
    case TPD_F32:
      return fill (exec, y, (float)value);
    case TPD_F64:
      return fill (exec, y, value);
    case TPD_F16:
      return fill (exec, y, __float2half_rn ((float)value));
    case TPD_BF16:
      return fill (exec, y, __float2bfloat16_rn ((float)value));
    case TPD_I32:
      return fill (exec, y, (int32_t)saturate (value, INT32_MIN, INT32_MAX));
    case TPD_I64:
      return fill (exec, y, (int64_t)saturate (value, -0x1p63, 0x1.fffffffffffffp62));
    case TPD_U8:
      return fill (exec, y, (uint8_t)saturate (value, 0, UINT8_MAX));
    }
}
