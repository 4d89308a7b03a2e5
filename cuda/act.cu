/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-map.cuh"

#include "tpd-sigmoid.cuh"

#define SQRT_2_OVER_PI  0.79788456080286535588f
#define SQRT_1_OVER_2   0.70710678118654752440f
#define SQRT_1_OVER_2PI 0.39894228040143267794f

/* sigmoid (2 u) = (1 + tanh (u)) / 2: the tanh approximation of Phi (x) */
static __device__ float
phi_tanh (float x)
{
  return tpd_sigmoid (2 * SQRT_2_OVER_PI * (x + 0.044715f * x * x * x));
}

static __device__ float
phi_tanh_slope (float x)
{
  float p = phi_tanh (x);

  return 2 * p * (1 - p) * SQRT_2_OVER_PI * (1 + 3 * 0.044715f * x * x);
}

static __device__ float
value (TpdAct act, float x)
{
  switch (act)
    {
    case TPD_ACT_SILU:
      return x * tpd_sigmoid (x);
    case TPD_ACT_GELU:
      return x * 0.5f * erfcf (-x * SQRT_1_OVER_2);
    case TPD_ACT_GELU_TANH:
      return x * phi_tanh (x);
    case TPD_ACT_QUICK_GELU:
      return x * tpd_sigmoid (1.702f * x);
    case TPD_ACT_EXP:
      return expf (x);
    case TPD_ACT_SQUARE:
      return x * x;
    }
  return NAN;
}

static __device__ float
slope (TpdAct act, float x)
{
  float s;

  switch (act)
    {
    case TPD_ACT_SILU:
      return tpd_silu_slope (x);
    case TPD_ACT_GELU:
      return 0.5f * erfcf (-x * SQRT_1_OVER_2) + x * expf (-0.5f * x * x) * SQRT_1_OVER_2PI;
    case TPD_ACT_GELU_TANH:
      return phi_tanh (x) + x * phi_tanh_slope (x);
    case TPD_ACT_QUICK_GELU:
      s = tpd_sigmoid (1.702f * x);
      return s * (1 + 1.702f * x * (1 - s));
    case TPD_ACT_EXP:
      return expf (x);
    case TPD_ACT_SQUARE:
      return 2 * x;
    }
  return NAN;
}

template <typename T> struct Act
{
  TpdAct act;

  __device__ void
  operator() (T *y, const T *x) const
  {
    tpd_store (y, value (act, tpd_load (x)));
  }
};

/* x[0] is dy, x[1] is x */
template <typename T> struct ActBwd
{
  TpdAct act;

  __device__ void
  operator() (T *dx, const T *x) const
  {
    tpd_store (dx, tpd_load (&x[0]) * slope (act, tpd_load (&x[1])));
  }
};

void
tpd_cuda_act (TpdExec *exec, const TpdView *y, const TpdView *x, TpdAct act)
{
  TPD_DISPATCH_FLOAT (exec, "act", y->dtype, T, tpd_map<T, T> (exec, "act", {y, x}, Act<T>{act}));
}

void
tpd_cuda_act_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *x, TpdAct act)
{
  TPD_DISPATCH_FLOAT (exec, "act_bwd", dx->dtype, T,
                      tpd_map<T, T> (exec, "act_bwd", {dx, dy, x}, ActBwd<T>{act}));
}
