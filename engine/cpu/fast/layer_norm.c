/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "tpd-rows.h"

/* ── forward ── */

typedef struct
{
  const TpdView *y, *mean, *rstd, *x, *scale, *shift;
  float offset, eps;
} Forward;

/* Vector of group g of scale or shift: it may be one for all. */
static float *
group_row (const TpdView *view, int64_t g)
{
  return view != NULL ? tpd_row2 (view, view->shape[0] == 1 ? 0 : g) : NULL;
}

static void
normalise_row (float *restrict y, const float *restrict x, const float *restrict scale,
               const float *restrict shift, const Forward *f, int64_t n, float *mean, float *rstd)
{
  float sum = 0, squares = 0, m, s;

  for (int64_t c = 0; c < n; c++)
    sum += x[c];
  m = sum / (float)n;
  for (int64_t c = 0; c < n; c++)
    squares += (x[c] - m) * (x[c] - m);
  s = 1 / sqrtf (squares / (float)n + f->eps);
  for (int64_t c = 0; c < n; c++)
    y[c] = (x[c] - m) * s * (f->offset + (scale != NULL ? scale[c] : 0)) +
           (shift != NULL ? shift[c] : 0);
  *mean = m;
  *rstd = s;
}

static void
forward_rows (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Forward *f = data;
  int64_t rows = f->x->shape[1], channels = f->x->shape[2];

  for (gint64 i = begin; i < end; i++)
    {
      int64_t g = i / rows, r = i % rows;

      normalise_row (tpd_row3 (f->y, g, r), tpd_row3 (f->x, g, r), group_row (f->scale, g),
                     group_row (f->shift, g), f, channels, tpd_row3 (f->mean, g, r),
                     tpd_row3 (f->rstd, g, r));
    }
}

void
TPD_FAST_OP (layer_norm) (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                          const TpdView *x, const TpdView *scale, const TpdView *shift,
                          double offset, double eps)
{
  Forward f = {y, mean, rstd, x, scale, shift, (float)offset, (float)eps};

  if (tpd_has_rows (y) && tpd_has_rows (x) && tpd_has_rows (scale) && tpd_has_rows (shift))
    tpd_parallel_for (x->shape[0] * x->shape[1], tpd_row_grain (x->shape[2]), forward_rows, &f);
  else
    tpd_cpu_layer_norm (exec, y, mean, rstd, x, scale, shift, offset, eps);
}

/* ── backward ── */

typedef struct
{
  const TpdView *dx, *dy, *x, *mean, *rstd, *scale;
  float offset;
  float *parts; /* [groups, n_parts, 2, channels]: sums of dy · norm and of dy, or NULL */
  int64_t n_parts;
} Backward;

/* dx = rstd (dn − mean (dn) − norm mean (dn · norm)), dn = dy (offset + scale) */
static void
backward_row (float *restrict dx, const float *restrict dy, const float *restrict x,
              const float *restrict scale, float offset, float mean, float rstd, int64_t n)
{
  float sum = 0, sum_norm = 0;

  for (int64_t c = 0; c < n; c++)
    {
      float dn = dy[c] * (offset + (scale != NULL ? scale[c] : 0));

      sum += dn;
      sum_norm += dn * (x[c] - mean);
    }
  sum /= (float)n;
  sum_norm *= rstd * rstd / (float)n;
  for (int64_t c = 0; c < n; c++)
    {
      float dn = dy[c] * (offset + (scale != NULL ? scale[c] : 0));

      dx[c] = rstd * (dn - sum - (x[c] - mean) * sum_norm);
    }
}

static void
add_row (float *restrict dscale, float *restrict dshift, const float *restrict dy,
         const float *restrict x, float mean, float rstd, int64_t n)
{
  for (int64_t c = 0; c < n; c++)
    {
      dscale[c] += dy[c] * ((x[c] - mean) * rstd);
      dshift[c] += dy[c];
    }
}

static void
backward_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Backward *b = data;
  int64_t channels = b->x->shape[2];

  for (gint64 i = begin; i < end; i++)
    {
      int64_t g = i / b->n_parts, first, last;
      float *sums = b->parts != NULL ? b->parts + i * 2 * channels : NULL;

      tpd_part_range (b->x->shape[1], b->n_parts, i % b->n_parts, &first, &last);
      for (int64_t c = 0; c < 2 * channels && sums != NULL; c++)
        sums[c] = 0;
      for (int64_t r = first; r < last; r++)
        {
          const float *dy = tpd_row3 (b->dy, g, r), *x = tpd_row3 (b->x, g, r);
          float mean = *tpd_row3 (b->mean, g, r), rstd = *tpd_row3 (b->rstd, g, r);

          backward_row (tpd_row3 (b->dx, g, r), dy, x, group_row (b->scale, g), b->offset, mean,
                        rstd, channels);
          if (sums != NULL)
            add_row (sums, sums + channels, dy, x, mean, rstd, channels);
        }
    }
}

/* Adds the parts up: those of each group, or all for a vector that served all groups. */
static void
reduce (const TpdView *out, const Backward *b, const float *sums)
{
  int64_t groups = b->x->shape[0], channels = b->x->shape[2];
  int64_t merged = out != NULL && out->shape[0] == 1 ? groups : 1;

  for (int64_t g = 0; out != NULL && g < out->shape[0]; g++)
    tpd_sum_parts (tpd_row2 (out, g), sums + g * b->n_parts * 2 * channels, merged * b->n_parts,
                   2 * channels, channels);
}

void
TPD_FAST_OP (layer_norm_bwd) (TpdExec *exec, const TpdView *dx, const TpdView *dscale,
                              const TpdView *dshift, const TpdView *dy, const TpdView *x,
                              const TpdView *mean, const TpdView *rstd, const TpdView *scale,
                              double offset)
{
  int64_t groups = x->shape[0], channels = x->shape[2];
  Backward b = {dx, dy, x, mean, rstd, scale, (float)offset};

  if (!tpd_has_rows (dx) || !tpd_has_rows (dscale) || !tpd_has_rows (dshift) ||
      !tpd_has_rows (dy) || !tpd_has_rows (x) || !tpd_has_rows (scale))
    {
      tpd_cpu_layer_norm_bwd (exec, dx, dscale, dshift, dy, x, mean, rstd, scale, offset);
      return;
    }
  b.n_parts = tpd_parts_per_group (groups, x->shape[1], channels);
  if (dscale != NULL || dshift != NULL)
    {
      b.parts = exec->scratch (exec, (size_t)(groups * b.n_parts * 2 * channels) * sizeof (float));
      if (b.parts == NULL)
        return;
    }
  tpd_parallel_for (groups * b.n_parts, 1, backward_parts, &b);
  reduce (dscale, &b, b.parts);
  reduce (dshift, &b, b.parts + channels);
}
