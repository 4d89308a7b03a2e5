/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-draw.h"

#include <math.h>

#include "../core/tpd-random.h"
#include "../ops/tpd-op.h"

/* One stream a purpose. Part of the format of a training run: do not renumber. */
enum
{
  PURPOSE_STAGE = 1,
  PURPOSE_TIME = 2,
  PURPOSE_NOISE = 3,
};

guint
tpd_draw_stage (const TpdSchedule *schedule, const double *weights, guint64 seed, guint64 step)
{
  guint n = tpd_schedule_get_n_stages (schedule), last = 1;
  double total = 0, point;

  for (guint k = 1; k <= n; k++)
    total += weights != NULL ? weights[k - 1] : 1;
  point = total * tpd_random_uniform (tpd_random_fork (seed, PURPOSE_STAGE), step);
  for (guint k = 1; k <= n; k++)
    {
      double weight = weights != NULL ? weights[k - 1] : 1;

      if (weight <= 0)
        continue;
      last = k;
      if (point < weight)
        return k;
      point -= weight;
    }
  return last; /* rounding */
}

void
tpd_draw_times (const TpdSchedule *schedule, guint k, double spacing, guint64 seed, guint64 step,
                guint n, double *t)
{
  const TpdStage *stage = tpd_schedule_get_stage (schedule, k);
  guint64 stream = tpd_random_fork (tpd_random_fork (seed, PURPOSE_TIME), step);

  for (guint i = 0; i < n; i++)
    {
      double from_end = 1 - pow (1 - tpd_random_uniform (stream, i), spacing);

      t[i] = stage->end + (stage->start - stage->end) * from_end;
    }
}

TpdTensor *
tpd_draw_noise (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape, guint64 seed,
                guint64 step)
{
  guint64 stream = tpd_random_fork (tpd_random_fork (seed, PURPOSE_NOISE), step);

  return tpd_randn (ctx, dtype, n_dims, shape, stream, 0);
}
