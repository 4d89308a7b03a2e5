/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-rows.h"

typedef struct
{
  const TpdView *y, *x, *gate, *r;
} Forward;

/* y may be x */
static void
forward_row (float *y, const float *x, const float *gate, const float *r, int64_t n)
{
#pragma GCC ivdep
  for (int64_t c = 0; c < n; c++)
    y[c] = x[c] + gate[c] * r[c];
}

static void
forward_rows (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Forward *f = data;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t g = i / f->y->shape[1], row = i % f->y->shape[1];

      forward_row (tpd_row3 (f->y, g, row), tpd_row3 (f->x, g, row), tpd_row2 (f->gate, g),
                   tpd_row3 (f->r, g, row), f->y->shape[2]);
    }
}

void
TPD_FAST_OP (gate_residual) (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *gate,
                             const TpdView *r)
{
  Forward f = {y, x, gate, r};

  if (tpd_has_rows (y) && tpd_has_rows (x) && tpd_has_rows (gate) && tpd_has_rows (r))
    tpd_parallel_for (y->shape[0] * y->shape[1], tpd_row_grain (y->shape[2]), forward_rows, &f);
  else
    tpd_cpu_gate_residual (exec, y, x, gate, r);
}

typedef struct
{
  const TpdView *dr, *dy, *gate, *r;
  float *parts; /* [groups, n_parts, channels]: sums of dy · r */
  int64_t n_parts;
} Backward;

static void
backward_row (float *restrict dr, float *restrict sums, const float *restrict dy,
              const float *restrict gate, const float *restrict r, int64_t n)
{
  for (int64_t c = 0; c < n; c++)
    {
      dr[c] = gate[c] * dy[c];
      sums[c] += dy[c] * r[c];
    }
}

static void
backward_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Backward *b = data;
  int64_t channels = b->dy->shape[2];

  for (gint64 i = begin; i < end; i++)
    {
      int64_t g = i / b->n_parts, first, last;
      float *sums = b->parts + i * channels;

      tpd_part_range (b->dy->shape[1], b->n_parts, i % b->n_parts, &first, &last);
      for (int64_t c = 0; c < channels; c++)
        sums[c] = 0;
      for (int64_t row = first; row < last; row++)
        backward_row (tpd_row3 (b->dr, g, row), sums, tpd_row3 (b->dy, g, row),
                      tpd_row2 (b->gate, g), tpd_row3 (b->r, g, row), channels);
    }
}

void
TPD_FAST_OP (gate_residual_bwd) (TpdExec *exec, const TpdView *dgate, const TpdView *dr,
                                 const TpdView *dy, const TpdView *gate, const TpdView *r)
{
  int64_t groups = dy->shape[0], channels = dy->shape[2];
  Backward b = {dr, dy, gate, r};

  if (!tpd_has_rows (dgate) || !tpd_has_rows (dr) || !tpd_has_rows (dy) || !tpd_has_rows (gate) ||
      !tpd_has_rows (r))
    {
      tpd_cpu_gate_residual_bwd (exec, dgate, dr, dy, gate, r);
      return;
    }
  b.n_parts = tpd_parts_per_group (groups, dy->shape[1], channels);
  b.parts = exec->scratch (exec, (size_t)(groups * b.n_parts * channels) * sizeof (float));
  if (b.parts == NULL)
    return;
  tpd_parallel_for (groups * b.n_parts, 1, backward_parts, &b);
  for (int64_t g = 0; g < groups; g++)
    tpd_sum_parts (tpd_row2 (dgate, g), b.parts + g * b.n_parts * channels, b.n_parts, channels,
                   channels);
}
