/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-rows.h"

typedef struct
{
  const TpdView *large, *small;
} Scaling;

/* The channels of pixel (i, j) of image n. */
static float *
pixel (const TpdView *view, int64_t n, int64_t i, int64_t j)
{
  return tpd_row3 (view, n, i) + j * view->stride[2];
}

/* Item n · H + i: row i of small image n, two rows of the large one. */
static void
enlarge_rows (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Scaling *s = data;
  int64_t channels = s->small->shape[3];

  for (gint64 item = begin; item < end; item++)
    for (int64_t j = 0; j < s->large->shape[2]; j++)
      {
        int64_t n = item / s->small->shape[1], i = item % s->small->shape[1];
        const float *x = pixel (s->small, n, i, j / 2);

        memcpy (pixel (s->large, n, 2 * i, j), x, (size_t)channels * sizeof (float));
        memcpy (pixel (s->large, n, 2 * i + 1, j), x, (size_t)channels * sizeof (float));
      }
}

static void
add_four (float *restrict y, const float *a, const float *b, const float *c, const float *d,
          int64_t channels)
{
  for (int64_t k = 0; k < channels; k++)
    y[k] = (a[k] + b[k]) + (c[k] + d[k]);
}

static void
reduce_rows (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Scaling *s = data;

  for (gint64 item = begin; item < end; item++)
    for (int64_t j = 0; j < s->small->shape[2]; j++)
      {
        int64_t n = item / s->small->shape[1], i = item % s->small->shape[1];

        add_four (pixel (s->small, n, i, j), pixel (s->large, n, 2 * i, 2 * j),
                  pixel (s->large, n, 2 * i, 2 * j + 1), pixel (s->large, n, 2 * i + 1, 2 * j),
                  pixel (s->large, n, 2 * i + 1, 2 * j + 1), s->small->shape[3]);
      }
}

void
TPD_FAST_OP (upsample2x) (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  Scaling s = {y, x};

  if (tpd_has_rows (y) && tpd_has_rows (x))
    tpd_parallel_for (x->shape[0] * x->shape[1], tpd_row_grain (4 * x->shape[2] * x->shape[3]),
                      enlarge_rows, &s);
  else
    tpd_cpu_upsample2x (exec, y, x);
}

void
TPD_FAST_OP (upsample2x_bwd) (TpdExec *exec, const TpdView *dx, const TpdView *dy)
{
  Scaling s = {dy, dx};

  if (tpd_has_rows (dx) && tpd_has_rows (dy))
    tpd_parallel_for (dx->shape[0] * dx->shape[1], tpd_row_grain (4 * dx->shape[2] * dx->shape[3]),
                      reduce_rows, &s);
  else
    tpd_cpu_upsample2x_bwd (exec, dx, dy);
}
