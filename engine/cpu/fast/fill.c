/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-walk.h"

static void
row (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  float *y = p[0], value = *(const float *)attrs;

  for (int64_t i = 0; i < n; i++)
    y[i * stride[0]] = value;
}

void
TPD_FAST_OP (fill) (TpdExec *exec, const TpdView *y, double value)
{
  float single = (float)value;

  if (!tpd_walk_f32 (row, &single, &y, 1))
    tpd_cpu_fill (exec, y, value);
}
