/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_rope (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *cos,
              const TpdView *sin, int inverse)
{
  for (int64_t b = 0; b < x->shape[0]; b++)
    for (int64_t n = 0; n < x->shape[1]; n++)
      for (int64_t h = 0; h < x->shape[2]; h++)
        for (int64_t i = 0; i < x->shape[3] / 2; i++)
          {
            double c = TPD_GET (cos, n, i), s = TPD_GET (sin, n, i) * (inverse ? -1 : 1);
            double even = TPD_GET (x, b, n, h, 2 * i), odd = TPD_GET (x, b, n, h, 2 * i + 1);

            TPD_SET (y, c * even - s * odd, b, n, h, 2 * i);
            TPD_SET (y, s * even + c * odd, b, n, h, 2 * i + 1);
          }
}
