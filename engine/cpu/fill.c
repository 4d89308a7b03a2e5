/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_fill (TpdExec *exec, const TpdView *y, double value)
{
  int64_t n = tpd_view_n_elements (y);

  for (int64_t i = 0; i < n; i++)
    tpd_cpu_store (y, tpd_cpu_nth (y, i), value);
}
