/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

void
tpd_cpu_rms_norm (TpdExec *exec, const TpdView *y, const TpdView *rstd, const TpdView *x,
                  const TpdView *w, double eps)
{
  int64_t channels = x->shape[1];

  for (int64_t r = 0; r < x->shape[0]; r++)
    {
      double mean_square = 0, s;

      for (int64_t c = 0; c < channels; c++)
        mean_square += pow (TPD_GET (x, r, c), 2) / (double)channels;
      s = 1 / sqrt (mean_square + eps);
      TPD_SET (rstd, s, r);
      for (int64_t c = 0; c < channels; c++)
        TPD_SET (y, TPD_GET (x, r, c) * s * TPD_GET (w, c), r, c);
    }
}

/* dx = rstd (dn − n mean (dn · n)),  dw = sum over rows of dy · n,  where n = x rstd, dn = dy w */
void
tpd_cpu_rms_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *dy,
                      const TpdView *x, const TpdView *rstd, const TpdView *w)
{
  int64_t channels = x->shape[1];

  for (int64_t r = 0; r < x->shape[0]; r++)
    {
      double s = TPD_GET (rstd, r), mean_dn_n = 0;

      for (int64_t c = 0; c < channels; c++)
        mean_dn_n += TPD_GET (dy, r, c) * TPD_GET (w, c) * TPD_GET (x, r, c) * s / (double)channels;
      for (int64_t c = 0; c < channels; c++)
        {
          double dn = TPD_GET (dy, r, c) * TPD_GET (w, c);

          TPD_SET (dx, s * (dn - TPD_GET (x, r, c) * s * mean_dn_n), r, c);
        }
    }
  for (int64_t c = 0; dw != NULL && c < channels; c++)
    {
      double sum = 0;

      for (int64_t r = 0; r < x->shape[0]; r++)
        sum += TPD_GET (dy, r, c) * TPD_GET (x, r, c) * TPD_GET (rstd, r);
      TPD_SET (dw, sum, c);
    }
}
