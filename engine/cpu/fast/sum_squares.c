/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-pieces.h"

typedef struct
{
  const TpdView *const *x;
  const int64_t *first;
  double *sums; /* one a piece: made in f32, added up in double */
} Job;

static float
squares (const float *x, int64_t n)
{
  float sum = 0;

  for (int64_t i = 0; i < n; i++)
    sum += x[i] * x[i];
  return sum;
}

static void
sum_pieces (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  size_t k = 0;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t start, n = tpd_pieces_find (job->first, job->x, i, &k, &start);

      job->sums[i] = squares ((const float *)job->x[k]->data + start, n);
    }
}

void
TPD_FAST_OP (sum_squares) (TpdExec *exec, const TpdView *sum, size_t n, const TpdView *const *x)
{
  g_autofree int64_t *first = tpd_pieces_new (x, n);
  Job job = {x, first};
  double total = 0;

  if (first == NULL)
    {
      tpd_cpu_sum_squares (exec, sum, n, x);
      return;
    }
  job.sums = exec->scratch (exec, (size_t)MAX (first[n], 1) * sizeof (double));
  if (job.sums == NULL)
    return;
  tpd_parallel_for (first[n], TPD_PIECE_GRAIN, sum_pieces, &job);
  for (int64_t i = 0; i < first[n]; i++)
    total += job.sums[i];
  *(float *)sum->data = (float)total;
}
