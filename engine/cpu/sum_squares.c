/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_sum_squares (TpdExec *exec, const TpdView *sum, size_t n, const TpdView *const *x)
{
  double total = 0;

  for (size_t k = 0; k < n; k++)
    {
      int64_t n_elements = tpd_view_n_elements (x[k]);

      for (int64_t i = 0; i < n_elements; i++)
        total += pow (tpd_cpu_load (x[k], tpd_cpu_nth (x[k], i)), 2);
    }
  TPD_SET (sum, total, 0);
}
