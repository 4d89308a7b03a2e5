/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_upsample2x (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  for (int64_t n = 0; n < y->shape[0]; n++)
    for (int64_t i = 0; i < y->shape[1]; i++)
      for (int64_t j = 0; j < y->shape[2]; j++)
        for (int64_t c = 0; c < y->shape[3]; c++)
          TPD_SET (y, TPD_GET (x, n, i / 2, j / 2, c), n, i, j, c);
}

void
tpd_cpu_upsample2x_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dy)
{
  for (int64_t n = 0; n < dx->shape[0]; n++)
    for (int64_t i = 0; i < dx->shape[1]; i++)
      for (int64_t j = 0; j < dx->shape[2]; j++)
        for (int64_t c = 0; c < dx->shape[3]; c++)
          {
            double sum = 0;

            for (int64_t corner = 0; corner < 4; corner++)
              sum += TPD_GET (dy, n, 2 * i + corner / 2, 2 * j + corner % 2, c);
            TPD_SET (dx, sum, n, i, j, c);
          }
}
