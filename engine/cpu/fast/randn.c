/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-fast.h"

/* The same numbers as the reference's, from all cores. */

#define GRAIN 4096

typedef struct
{
  const TpdView *y;
  uint64_t seed, offset;
} Job;

static void
fill_part (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  TpdView part = {.data = (float *)job->y->data + begin,
                  .dtype = TPD_F32,
                  .n_dims = 1,
                  .shape = {end - begin},
                  .stride = {1}};

  tpd_cpu_randn (NULL, &part, job->seed, job->offset + (uint64_t)begin);
}

void
TPD_FAST_OP (randn) (TpdExec *exec, const TpdView *y, uint64_t seed, uint64_t offset)
{
  Job job = {y, seed, offset};
  int64_t n = 1;

  for (int i = 0; i < y->n_dims; i++)
    n *= y->shape[i];
  if (y->dtype == TPD_F32)
    tpd_parallel_for (n, GRAIN, fill_part, &job);
  else
    tpd_cpu_randn (exec, y, seed, offset);
}
