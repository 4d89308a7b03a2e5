/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-walk.h"

typedef struct
{
  float a, b;
} Factors;

/* y = a·x alone: y is not read */
static void
scale_row (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  const Factors *k = attrs;
  float *y = p[0], a = k->a;
  const float *x = p[1];

  if (stride[0] == 1 && stride[1] == 1)
    for (int64_t i = 0; i < n; i++)
      y[i] = a * x[i];
  else
    for (int64_t i = 0; i < n; i++)
      y[i * stride[0]] = a * x[i * stride[1]];
}

static void
row (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  const Factors *k = attrs;
  float *y = p[0], a = k->a, b = k->b;
  const float *x = p[1];

  if (stride[0] == 1 && stride[1] == 1)
    for (int64_t i = 0; i < n; i++)
      y[i] = a * x[i] + b * y[i];
  else
    for (int64_t i = 0; i < n; i++)
      y[i * stride[0]] = a * x[i * stride[1]] + b * y[i * stride[0]];
}

void
TPD_FAST_OP (axpby) (TpdExec *exec, double a, const TpdView *x, double b, const TpdView *y)
{
  Factors factors = {(float)a, (float)b};

  if (!tpd_walk_f32 (b == 0 ? scale_row : row, &factors, (const TpdView *[]){y, x}, 2))
    tpd_cpu_axpby (exec, a, x, b, y);
}
