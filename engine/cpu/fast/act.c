/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-exp.h"
#include "tpd-walk.h"

#define TWO_SQRT_2_OVER_PI 1.59576912160573071f
#define CUBE               0.044715f
#define INV_SQRT_2         0.70710678118654752f
#define INV_SQRT_2_PI      0.39894228040143268f

/* ── values and slopes ── */

/* GELU's tanh approximation of Phi (x) is sigmoid (2 sqrt (2/π) (x + 0.044715 x³)). */

static inline float
silu (float x)
{
  return x * tpd_fast_sigmoid (x);
}

static inline float
silu_slope (float x)
{
  float s = tpd_fast_sigmoid (x);

  return s * (1 + x * (1 - s));
}

static inline float
gelu_tanh (float x)
{
  return x * tpd_fast_sigmoid (TWO_SQRT_2_OVER_PI * (x + CUBE * x * x * x));
}

static inline float
gelu_tanh_slope (float x)
{
  float s = tpd_fast_sigmoid (TWO_SQRT_2_OVER_PI * (x + CUBE * x * x * x));

  return s + x * s * (1 - s) * TWO_SQRT_2_OVER_PI * (1 + 3 * CUBE * x * x);
}

/* Phi (x) by 7.1.26 of Abramowitz & Stegun, 1964: |error| < 1e-7. density: exp (−x²/2) */
static inline float
phi (float x, float density)
{
  float z = x < 0 ? -x : x;
  float t = 1 / (1 + 0.3275911f * INV_SQRT_2 * z);
  float poly = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t +
                0.254829592f) *
               t;
  float tail = 0.5f * poly * density;

  return x < 0 ? tail : 1 - tail;
}

static inline float
gelu (float x)
{
  return x * phi (x, tpd_fast_exp (-0.5f * x * x));
}

static inline float
gelu_slope (float x)
{
  float density = tpd_fast_exp (-0.5f * x * x);

  return phi (x, density) + x * INV_SQRT_2_PI * density;
}

static inline float
quick_gelu (float x)
{
  return x * tpd_fast_sigmoid (1.702f * x);
}

static inline float
quick_gelu_slope (float x)
{
  float s = tpd_fast_sigmoid (1.702f * x);

  return s * (1 + 1.702f * x * (1 - s));
}

static inline float
square (float x)
{
  return x * x;
}

static inline float
square_slope (float x)
{
  return 2 * x;
}

/* ── rows ── */

#define ROWS(function, slope)                                                                      \
  static void function##_row (int64_t n, void *const *p, const int64_t *stride, const void *attrs) \
  {                                                                                                \
    float *y = p[0];                                                                               \
    const float *x = p[1];                                                                         \
                                                                                                   \
    if (stride[0] == 1 && stride[1] == 1)                                                          \
      for (int64_t i = 0; i < n; i++)                                                              \
        y[i] = function (x[i]);                                                                    \
    else                                                                                           \
      for (int64_t i = 0; i < n; i++)                                                              \
        y[i * stride[0]] = function (x[i * stride[1]]);                                            \
  }                                                                                                \
                                                                                                   \
  static void function##_bwd_row (int64_t n, void *const *p, const int64_t *stride,                \
                                  const void *attrs)                                               \
  {                                                                                                \
    float *dx = p[0];                                                                              \
    const float *dy = p[1], *x = p[2];                                                             \
                                                                                                   \
    if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)                                        \
      for (int64_t i = 0; i < n; i++)                                                              \
        dx[i] = dy[i] * slope (x[i]);                                                              \
    else                                                                                           \
      for (int64_t i = 0; i < n; i++)                                                              \
        dx[i * stride[0]] = dy[i * stride[1]] * slope (x[i * stride[2]]);                          \
  }

ROWS (silu, silu_slope)
ROWS (gelu, gelu_slope)
ROWS (gelu_tanh, gelu_tanh_slope)
ROWS (quick_gelu, quick_gelu_slope)
ROWS (tpd_fast_exp, tpd_fast_exp)
ROWS (square, square_slope)

static const struct
{
  TpdRowFunc forward, backward;
} rows[] = {
    [TPD_ACT_SILU] = {silu_row, silu_bwd_row},
    [TPD_ACT_GELU] = {gelu_row, gelu_bwd_row},
    [TPD_ACT_GELU_TANH] = {gelu_tanh_row, gelu_tanh_bwd_row},
    [TPD_ACT_QUICK_GELU] = {quick_gelu_row, quick_gelu_bwd_row},
    [TPD_ACT_EXP] = {tpd_fast_exp_row, tpd_fast_exp_bwd_row},
    [TPD_ACT_SQUARE] = {square_row, square_bwd_row},
};

void
TPD_FAST_OP (act) (TpdExec *exec, const TpdView *y, const TpdView *x, TpdAct act)
{
  if (!tpd_walk_f32 (rows[act].forward, NULL, (const TpdView *[]){y, x}, 2))
    tpd_cpu_act (exec, y, x, act);
}

void
TPD_FAST_OP (act_bwd) (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *x,
                       TpdAct act)
{
  if (!tpd_walk_f32 (rows[act].backward, NULL, (const TpdView *[]){dx, dy, x}, 3))
    tpd_cpu_act_bwd (exec, dx, dy, x, act);
}
