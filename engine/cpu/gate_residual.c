/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_gate_residual (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *gate,
                       const TpdView *r)
{
  for (int64_t g = 0; g < y->shape[0]; g++)
    for (int64_t i = 0; i < y->shape[1]; i++)
      for (int64_t c = 0; c < y->shape[2]; c++)
        TPD_SET (y, TPD_GET (x, g, i, c) + TPD_GET (gate, g, c) * TPD_GET (r, g, i, c), g, i, c);
}

void
tpd_cpu_gate_residual_bwd (TpdExec *exec, const TpdView *dgate, const TpdView *dr,
                           const TpdView *dy, const TpdView *gate, const TpdView *r)
{
  for (int64_t g = 0; g < dy->shape[0]; g++)
    for (int64_t c = 0; c < dy->shape[2]; c++)
      {
        double sum = 0;

        for (int64_t i = 0; i < dy->shape[1]; i++)
          {
            sum += TPD_GET (dy, g, i, c) * TPD_GET (r, g, i, c);
            TPD_SET (dr, TPD_GET (gate, g, c) * TPD_GET (dy, g, i, c), g, i, c);
          }
        TPD_SET (dgate, sum, g, c);
      }
}
