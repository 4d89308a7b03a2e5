/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pieces.h"
#include "tpd-walk.h"

typedef struct
{
  const TpdView *a;
  const float *b;
  const int64_t *first;
  double *sums; /* one a piece: made in f32, added up in double */
} Job;

static float
squared_distance (const float *a, const float *b, int64_t n)
{
  float sum = 0;

  for (int64_t i = 0; i < n; i++)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

static void
sum_pieces (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  size_t k = 0;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t start, n = tpd_pieces_find (job->first, &job->a, i, &k, &start);

      job->sums[i] = squared_distance ((const float *)job->a->data + start, job->b + start, n);
    }
}

void
TPD_FAST_OP (mse) (TpdExec *exec, const TpdView *loss, const TpdView *a, const TpdView *b)
{
  g_autofree int64_t *first = tpd_pieces_new (&a, 1);
  Job job = {a, b->data, first};
  double total = 0;

  if (first == NULL || !tpd_is_contiguous_f32 (b))
    {
      tpd_cpu_mse (exec, loss, a, b);
      return;
    }
  job.sums = exec->scratch (exec, (size_t)first[1] * sizeof (double));
  if (job.sums == NULL)
    return;
  tpd_parallel_for (first[1], TPD_PIECE_GRAIN, sum_pieces, &job);
  for (int64_t i = 0; i < first[1]; i++)
    total += job.sums[i];
  *(float *)loss->data = (float)(total / (double)tpd_view_n_elements (a));
}

/* attrs: factor */
static void
backward_row (int64_t n, void *const *p, const int64_t *stride, const void *attrs)
{
  float *da = p[0], factor = *(const float *)attrs;
  const float *a = p[1], *b = p[2];

  if (stride[0] == 1 && stride[1] == 1 && stride[2] == 1)
    for (int64_t i = 0; i < n; i++)
      da[i] = factor * (a[i] - b[i]);
  else
    for (int64_t i = 0; i < n; i++)
      da[i * stride[0]] = factor * (a[i * stride[1]] - b[i * stride[2]]);
}

void
TPD_FAST_OP (mse_bwd) (TpdExec *exec, const TpdView *da, const TpdView *dloss, const TpdView *a,
                       const TpdView *b)
{
  double n = (double)tpd_view_n_elements (a);
  float factor = dloss->dtype == TPD_F32 ? (float)(*(const float *)dloss->data * 2 / n) : 0;

  if (!tpd_walk_f32 (backward_row, &factor, (const TpdView *[]){da, a, b}, 3))
    tpd_cpu_mse_bwd (exec, da, dloss, a, b);
}
