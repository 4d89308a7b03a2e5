/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

static double
sigmoid (double x)
{
  return 1 / (1 + exp (-x));
}

void
tpd_cpu_group_norm (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                    const TpdView *x, const TpdView *w, const TpdView *b, int groups, double eps,
                    int silu)
{
  int64_t pixels = x->shape[1], width = x->shape[2] / groups;
  double count = (double)(pixels * width);

  for (int64_t n = 0; n < x->shape[0]; n++)
    for (int64_t g = 0; g < groups; g++)
      {
        int64_t first = g * width, end = first + width;
        double m = 0, variance = 0, s;

        for (int64_t p = 0; p < pixels; p++)
          for (int64_t c = first; c < end; c++)
            m += TPD_GET (x, n, p, c) / count;
        for (int64_t p = 0; p < pixels; p++)
          for (int64_t c = first; c < end; c++)
            variance += pow (TPD_GET (x, n, p, c) - m, 2) / count;
        s = 1 / sqrt (variance + eps);
        TPD_SET (mean, m, n, g);
        TPD_SET (rstd, s, n, g);
        for (int64_t p = 0; p < pixels; p++)
          for (int64_t c = first; c < end; c++)
            {
              double z = (TPD_GET (x, n, p, c) - m) * s * TPD_GET (w, c) + TPD_GET (b, c);

              TPD_SET (y, silu ? z * sigmoid (z) : z, n, p, c);
            }
      }
}

/* What the backward pass reads. */
typedef struct
{
  const TpdView *dy, *x, *mean, *rstd, *w, *b;
  int64_t width; /* channels a group */
  int silu;
} Saved;

/* The normalised element, and in *dz the gradient of what came out of the affine part. */
static double
normalised (const Saved *saved, int64_t n, int64_t p, int64_t c, double *dz)
{
  int64_t g = c / saved->width;
  double norm =
      (TPD_GET (saved->x, n, p, c) - TPD_GET (saved->mean, n, g)) * TPD_GET (saved->rstd, n, g);

  *dz = TPD_GET (saved->dy, n, p, c);
  if (saved->silu)
    {
      double z = norm * TPD_GET (saved->w, c) + TPD_GET (saved->b, c), s = sigmoid (z);

      *dz *= s * (1 + z * (1 - s));
    }
  return norm;
}

/* dx = rstd (dn − mean (dn) − norm mean (dn · norm)),  dn = dz w,  means over a group's elements */
static void
backward_group (const TpdView *dx, const Saved *saved, int64_t n, int64_t g)
{
  int64_t pixels = dx->shape[1], first = g * saved->width, end = first + saved->width;
  double count = (double)(pixels * saved->width), mean_dn = 0, mean_dn_norm = 0, dz;

  for (int64_t p = 0; p < pixels; p++)
    for (int64_t c = first; c < end; c++)
      {
        double norm = normalised (saved, n, p, c, &dz);

        mean_dn += dz * TPD_GET (saved->w, c) / count;
        mean_dn_norm += dz * TPD_GET (saved->w, c) * norm / count;
      }
  for (int64_t p = 0; p < pixels; p++)
    for (int64_t c = first; c < end; c++)
      {
        double norm = normalised (saved, n, p, c, &dz);
        double dn = dz * TPD_GET (saved->w, c);

        TPD_SET (dx, TPD_GET (saved->rstd, n, g) * (dn - mean_dn - norm * mean_dn_norm), n, p, c);
      }
}

void
tpd_cpu_group_norm_bwd (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *db,
                        const TpdView *dy, const TpdView *x, const TpdView *mean,
                        const TpdView *rstd, const TpdView *w, const TpdView *b, int groups,
                        int silu)
{
  Saved saved = {dy, x, mean, rstd, w, b, x->shape[2] / groups, silu};

  for (int64_t n = 0; n < x->shape[0]; n++)
    for (int64_t g = 0; g < groups; g++)
      backward_group (dx, &saved, n, g);
  for (int64_t c = 0; c < x->shape[2]; c++)
    {
      double sum = 0, sum_norm = 0, dz;

      for (int64_t n = 0; n < x->shape[0]; n++)
        for (int64_t p = 0; p < x->shape[1]; p++)
          {
            sum_norm += normalised (&saved, n, p, c, &dz) * dz;
            sum += dz;
          }
      TPD_SET (dw, sum_norm, c);
      TPD_SET (db, sum, c);
    }
}
