/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-walk.h"

static void
row (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  float *y = p[0];
  const float *a = p[1], *b = p[2];

  if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)
    for (int64_t i = 0; i < n; i++)
      y[i] = a[i] * b[i];
  else
    for (int64_t i = 0; i < n; i++)
      y[i * stride[0]] = a[i * stride[1]] * b[i * stride[2]];
}

void
TPD_FAST_OP (mul) (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
{
  if (!tpd_walk_f32 (row, NULL, (const TpdView *[]){y, a, b}, 3))
    tpd_cpu_mul (exec, y, a, b);
}
