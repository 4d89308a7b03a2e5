/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_sum_to (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  TpdView kept = *x, summed = *x; /* the dimensions of x that y has, and the others */
  int64_t n_kept, n_summed;

  for (int i = 0; i < x->n_dims; i++)
    if (y->shape[i] == 1)
      kept.shape[i] = 1;
    else
      summed.shape[i] = 1;
  n_kept = tpd_view_n_elements (&kept);
  n_summed = tpd_view_n_elements (&summed);

  for (int64_t i = 0; i < n_kept; i++)
    {
      int64_t from = tpd_cpu_nth (&kept, i);
      double sum = 0;

      for (int64_t j = 0; j < n_summed; j++)
        sum += tpd_cpu_load (x, from + tpd_cpu_nth (&summed, j));
      tpd_cpu_store (y, tpd_cpu_nth (y, i), sum);
    }
}
