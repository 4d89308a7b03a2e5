/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_timestep_embed (TpdExec *exec, const TpdView *y, const TpdView *t, double shift)
{
  int64_t half = y->shape[1] / 2;

  for (int64_t b = 0; b < y->shape[0]; b++)
    for (int64_t j = 0; j < half; j++)
      {
        double angle = TPD_GET (t, b) * pow (10000, -(double)j / ((double)half - shift));

        TPD_SET (y, cos (angle), b, j);
        TPD_SET (y, sin (angle), b, half + j);
      }
}
