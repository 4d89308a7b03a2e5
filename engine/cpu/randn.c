/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

#include "../core/tpd-random.h"

void
tpd_cpu_randn (TpdExec *exec, const TpdView *y, uint64_t seed, uint64_t offset)
{
  int64_t n = tpd_view_n_elements (y);
  float normals[4];

  for (int64_t i = 0; i < n; i++)
    {
      uint64_t number = offset + (uint64_t)i;

      if (i == 0 || number % 4 == 0)
        tpd_random_normal4 (seed, number / 4, normals);
      tpd_cpu_store (y, i, normals[number % 4]);
    }
}
