/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "tpd-rows.h"

/* ── forward ── */

typedef struct
{
  const TpdView *y, *rstd, *x, *w;
  float eps;
} Forward;

static void
normalise_row (float *restrict y, const float *restrict x, const float *restrict w, float eps,
               int64_t n, float *rstd)
{
  float squares = 0, s;

  for (int64_t c = 0; c < n; c++)
    squares += x[c] * x[c];
  s = 1 / sqrtf (squares / (float)n + eps);
  for (int64_t c = 0; c < n; c++)
    y[c] = x[c] * s * w[c];
  *rstd = s;
}

static void
forward_rows (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Forward *f = data;

  for (gint64 r = begin; r < end; r++)
    normalise_row (tpd_row2 (f->y, r), tpd_row2 (f->x, r), f->w->data, f->eps, f->x->shape[1],
                   tpd_row2 (f->rstd, r));
}

void
TPD_FAST_OP (rms_norm) (TpdExec *exec, const TpdView *y, const TpdView *rstd, const TpdView *x,
                        const TpdView *w, double eps)
{
  Forward f = {y, rstd, x, w, (float)eps};

  if (tpd_has_rows (y) && tpd_has_rows (x) && tpd_has_rows (w))
    tpd_parallel_for (x->shape[0], tpd_row_grain (x->shape[1]), forward_rows, &f);
  else
    tpd_cpu_rms_norm (exec, y, rstd, x, w, eps);
}

/* ── backward ── */

typedef struct
{
  const TpdView *dx, *dy, *x, *rstd, *w;
  float *parts; /* [n_parts, channels]: sums of dy · norm, or NULL */
  int64_t n_parts;
} Backward;

/* dx = rstd (dn − norm mean (dn · norm)), dn = dy w */
static void
backward_row (float *restrict dx, const float *restrict dy, const float *restrict x,
              const float *restrict w, float rstd, int64_t n)
{
  float sum = 0;

  for (int64_t c = 0; c < n; c++)
    sum += dy[c] * w[c] * x[c];
  sum *= rstd * rstd / (float)n;
  for (int64_t c = 0; c < n; c++)
    dx[c] = rstd * (dy[c] * w[c] - x[c] * sum);
}

static void
add_row (float *restrict dw, const float *restrict dy, const float *restrict x, float rstd,
         int64_t n)
{
  for (int64_t c = 0; c < n; c++)
    dw[c] += dy[c] * (x[c] * rstd);
}

static void
backward_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Backward *b = data;
  int64_t channels = b->x->shape[1];

  for (gint64 i = begin; i < end; i++)
    {
      float *sums = b->parts != NULL ? b->parts + i * channels : NULL;
      int64_t first, last;

      tpd_part_range (b->x->shape[0], b->n_parts, i, &first, &last);
      for (int64_t c = 0; c < channels && sums != NULL; c++)
        sums[c] = 0;
      for (int64_t r = first; r < last; r++)
        {
          const float *dy = tpd_row2 (b->dy, r), *x = tpd_row2 (b->x, r);
          float rstd = *tpd_row2 (b->rstd, r);

          backward_row (tpd_row2 (b->dx, r), dy, x, b->w->data, rstd, channels);
          if (sums != NULL)
            add_row (sums, dy, x, rstd, channels);
        }
    }
}

void
TPD_FAST_OP (rms_norm_bwd) (TpdExec *exec, const TpdView *dx, const TpdView *dw, const TpdView *dy,
                            const TpdView *x, const TpdView *rstd, const TpdView *w)
{
  int64_t channels = x->shape[1];
  Backward b = {dx, dy, x, rstd, w};

  if (!tpd_has_rows (dx) || !tpd_has_rows (dw) || !tpd_has_rows (dy) || !tpd_has_rows (x) ||
      !tpd_has_rows (w))
    {
      tpd_cpu_rms_norm_bwd (exec, dx, dw, dy, x, rstd, w);
      return;
    }
  b.n_parts = tpd_parts_per_group (1, x->shape[0], channels);
  if (dw != NULL)
    {
      b.parts = exec->scratch (exec, (size_t)(b.n_parts * channels) * sizeof (float));
      if (b.parts == NULL)
        return;
    }
  tpd_parallel_for (b.n_parts, 1, backward_parts, &b);
  if (dw != NULL)
    tpd_sum_parts (dw->data, b.parts, b.n_parts, channels, channels);
}
