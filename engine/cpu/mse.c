/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

static double
difference (const TpdView *a, const TpdView *b, int64_t i)
{
  return tpd_cpu_load (a, tpd_cpu_nth (a, i)) - tpd_cpu_load (b, tpd_cpu_nth (b, i));
}

void
tpd_cpu_mse (TpdExec *exec, const TpdView *loss, const TpdView *a, const TpdView *b)
{
  int64_t n = tpd_view_n_elements (a);
  double sum = 0;

  for (int64_t i = 0; i < n; i++)
    sum += pow (difference (a, b, i), 2);
  TPD_SET (loss, sum / (double)n, 0);
}

void
tpd_cpu_mse_bwd (TpdExec *exec, const TpdView *da, const TpdView *dloss, const TpdView *a,
                 const TpdView *b)
{
  int64_t n = tpd_view_n_elements (a);
  double factor = TPD_GET (dloss, 0) * 2 / (double)n;

  for (int64_t i = 0; i < n; i++)
    tpd_cpu_store (da, tpd_cpu_nth (da, i), factor * difference (a, b, i));
}
