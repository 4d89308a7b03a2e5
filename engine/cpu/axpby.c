/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_axpby (TpdExec *exec, double a, const TpdView *x, double b, const TpdView *y)
{
  int64_t n = tpd_view_n_elements (y);

  for (int64_t i = 0; i < n; i++)
    {
      int64_t at = tpd_cpu_nth (y, i);
      double sum = a * tpd_cpu_load (x, tpd_cpu_nth (x, i));

      if (b != 0)
        sum += b * tpd_cpu_load (y, at);
      tpd_cpu_store (y, at, sum);
    }
}
