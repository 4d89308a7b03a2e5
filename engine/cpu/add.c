/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_add (TpdExec *exec, const TpdView *y, const TpdView *a, const TpdView *b)
{
  int64_t n = tpd_view_n_elements (y);

  for (int64_t i = 0; i < n; i++)
    tpd_cpu_store (y, tpd_cpu_nth (y, i),
                   tpd_cpu_load (a, tpd_cpu_nth (a, i)) + tpd_cpu_load (b, tpd_cpu_nth (b, i)));
}
