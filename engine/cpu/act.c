/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

#define SQRT_2_OVER_PI 0.79788456080286535588

/* (1 + tanh (sqrt (2/π) (x + 0.044715 x³))) / 2, which approximates Phi (x) */
static double
phi_tanh (double x)
{
  return 0.5 * (1 + tanh (SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
}

static double
phi_tanh_slope (double x)
{
  double p = phi_tanh (x);

  return 2 * p * (1 - p) * SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x);
}

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

static double
value (TpdAct act, double x)
{
  switch (act)
    {
    case TPD_ACT_SILU:
      return x * sigmoid (x);
    case TPD_ACT_GELU:
      return x * 0.5 * erfc (-x * M_SQRT1_2);
    case TPD_ACT_GELU_TANH:
      return x * phi_tanh (x);
    case TPD_ACT_QUICK_GELU:
      return x * sigmoid (1.702 * x);
    case TPD_ACT_EXP:
      return exp (x);
    case TPD_ACT_SQUARE:
      return x * x;
    }
  return NAN;
}

static double
slope (TpdAct act, double x)
{
  double s;

  switch (act)
    {
    case TPD_ACT_SILU:
      s = sigmoid (x);
      return s * (1 + x * (1 - s));
    case TPD_ACT_GELU:
      return 0.5 * erfc (-x * M_SQRT1_2) + x * exp (-0.5 * x * x) * M_SQRT1_2 * M_2_SQRTPI / 2;
    case TPD_ACT_GELU_TANH:
      return phi_tanh (x) + x * phi_tanh_slope (x);
    case TPD_ACT_QUICK_GELU:
      s = sigmoid (1.702 * x);
      return s * (1 + 1.702 * x * (1 - s));
    case TPD_ACT_EXP:
      return exp (x);
    case TPD_ACT_SQUARE:
      return 2 * x;
    }
  return NAN;
}

void
tpd_cpu_act (TpdExec *exec, const TpdView *y, const TpdView *x, TpdAct act)
{
  int64_t n = tpd_view_n_elements (y);

  for (int64_t i = 0; i < n; i++)
    tpd_cpu_store (y, tpd_cpu_nth (y, i), value (act, tpd_cpu_load (x, tpd_cpu_nth (x, i))));
}

void
tpd_cpu_act_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *x, TpdAct act)
{
  int64_t n = tpd_view_n_elements (dx);

  for (int64_t i = 0; i < n; i++)
    tpd_cpu_store (dx, tpd_cpu_nth (dx, i),
                   tpd_cpu_load (dy, tpd_cpu_nth (dy, i)) *
                       slope (act, tpd_cpu_load (x, tpd_cpu_nth (x, i))));
}
