/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* Row of scale or shift that group g reads: it may be one for all. */
static int64_t
group_of (const TpdView *scale, int64_t g)
{
  return scale->shape[0] == 1 ? 0 : g;
}

static double
factor (const TpdView *scale, double offset, int64_t g, int64_t c)
{
  return offset + (scale != NULL ? TPD_GET (scale, group_of (scale, g), c) : 0);
}

void
tpd_cpu_layer_norm (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                    const TpdView *x, const TpdView *scale, const TpdView *shift, double offset,
                    double eps)
{
  int64_t channels = x->shape[2];

  for (int64_t g = 0; g < x->shape[0]; g++)
    for (int64_t r = 0; r < x->shape[1]; r++)
      {
        double m = 0, variance = 0, s;

        for (int64_t c = 0; c < channels; c++)
          m += TPD_GET (x, g, r, c) / (double)channels;
        for (int64_t c = 0; c < channels; c++)
          variance += pow (TPD_GET (x, g, r, c) - m, 2) / (double)channels;
        s = 1 / sqrt (variance + eps);
        TPD_SET (mean, m, g, r);
        TPD_SET (rstd, s, g, r);
        for (int64_t c = 0; c < channels; c++)
          {
            double b = shift != NULL ? TPD_GET (shift, group_of (shift, g), c) : 0;

            TPD_SET (y, (TPD_GET (x, g, r, c) - m) * s * factor (scale, offset, g, c) + b, g, r, c);
          }
      }
}

/* dx = rstd (dn − mean (dn) − n mean (dn · n)), where n is the normalised row and dn its gradient
 */
static void
backward_x (const TpdView *dx, const TpdView *dy, const TpdView *x, const TpdView *mean,
            const TpdView *rstd, const TpdView *scale, double offset)
{
  int64_t channels = x->shape[2];

  for (int64_t g = 0; g < x->shape[0]; g++)
    for (int64_t r = 0; r < x->shape[1]; r++)
      {
        double m = TPD_GET (mean, g, r), s = TPD_GET (rstd, g, r);
        double mean_dn = 0, mean_dn_n = 0;

        for (int64_t c = 0; c < channels; c++)
          {
            double dn = TPD_GET (dy, g, r, c) * factor (scale, offset, g, c);

            mean_dn += dn / (double)channels;
            mean_dn_n += dn * (TPD_GET (x, g, r, c) - m) * s / (double)channels;
          }
        for (int64_t c = 0; c < channels; c++)
          {
            double n = (TPD_GET (x, g, r, c) - m) * s;
            double dn = TPD_GET (dy, g, r, c) * factor (scale, offset, g, c);

            TPD_SET (dx, s * (dn - mean_dn - n * mean_dn_n), g, r, c);
          }
      }
}

/* Sum of dy, or of dy · n, over everything that channel c of group `to` of scale or shift served */
static double
sum_over_rows (const TpdView *dy, const TpdView *x, const TpdView *mean, const TpdView *rstd,
               int normalised, int64_t to, int64_t n_groups, int64_t c)
{
  int64_t first = n_groups == 1 ? 0 : to, end = n_groups == 1 ? dy->shape[0] : to + 1;
  double sum = 0;

  for (int64_t g = first; g < end; g++)
    for (int64_t r = 0; r < dy->shape[1]; r++)
      {
        double n =
            normalised ? (TPD_GET (x, g, r, c) - TPD_GET (mean, g, r)) * TPD_GET (rstd, g, r) : 1;

        sum += TPD_GET (dy, g, r, c) * n;
      }
  return sum;
}

void
tpd_cpu_layer_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dscale,
                        const TpdView *dshift, const TpdView *dy, const TpdView *x,
                        const TpdView *mean, const TpdView *rstd, const TpdView *scale,
                        double offset)
{
  const TpdView *outputs[] = {dshift, dscale};

  backward_x (dx, dy, x, mean, rstd, scale, offset);
  for (int normalised = 0; normalised < 2; normalised++)
    {
      const TpdView *out = outputs[normalised];

      for (int64_t g = 0; out != NULL && g < out->shape[0]; g++)
        for (int64_t c = 0; c < out->shape[1]; c++)
          TPD_SET (out, sum_over_rows (dy, x, mean, rstd, normalised, g, out->shape[0], c), g, c);
    }
}
