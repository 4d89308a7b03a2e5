/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-rows.h"

/* After merging dimensions, x is [outer, summed, inner], the inner ones next to each other and
 * kept, or [outer, summed] with the summed ones next to each other: gradients of biases, of
 * broadcasts, totals. Anything else is left to the reference. */
typedef struct
{
  int64_t outer, summed, inner;
  int64_t x_outer, x_summed, y_outer; /* strides */
  const float *x;
  float *y;
  float *parts; /* [outer, n_parts, inner] */
  int64_t n_parts;
} Job;

typedef struct
{
  int64_t size, x_stride, y_stride;
  gboolean summed;
} Dim;

/* Merges neighbours of a kind that lie without a gap; dimensions of size 1 go. */
static int
merge (const TpdView *y, const TpdView *x, Dim *dims)
{
  int n = 0;

  for (int i = 0; i < x->n_dims; i++)
    {
      Dim dim = {x->shape[i], x->stride[i], y->stride[i], y->shape[i] == 1};

      if (dim.size == 1)
        continue;
      if (n > 0 && dims[n - 1].summed == dim.summed &&
          dims[n - 1].x_stride == dim.size * dim.x_stride &&
          (dim.summed || dims[n - 1].y_stride == dim.size * dim.y_stride))
        dim.size *= dims[--n].size;
      dims[n++] = dim;
    }
  return n;
}

/* Fills in the job if x is of one of the two kinds. */
static gboolean
classify (const TpdView *y, const TpdView *x, Job *job)
{
  Dim dims[TPD_MAX_DIMS];
  int n, i = 0;

  if (y->dtype != TPD_F32 || x->dtype != TPD_F32)
    return FALSE;
  *job = (Job){.outer = 1, .summed = 1, .inner = 1, .x = x->data, .y = y->data};
  n = merge (y, x, dims);
  if (i < n && !dims[i].summed)
    {
      job->outer = dims[i].size;
      job->x_outer = dims[i].x_stride;
      job->y_outer = dims[i++].y_stride;
    }
  if (i < n && dims[i].summed)
    {
      job->summed = dims[i].size;
      job->x_summed = dims[i++].x_stride;
    }
  if (i < n && !dims[i].summed && dims[i].x_stride == 1 && dims[i].y_stride == 1)
    job->inner = dims[i++].size;
  return i == n && job->outer > 0 && job->summed > 0 && job->inner > 0 &&
         (job->inner > 1 || job->x_summed <= 1);
}

static float
sum_of_row (const float *x, int64_t n)
{
  float sum = 0;

  for (int64_t i = 0; i < n; i++)
    sum += x[i];
  return sum;
}

static void
add_row (float *restrict sum, const float *restrict x, int64_t n)
{
  for (int64_t i = 0; i < n; i++)
    sum[i] += x[i];
}

static void
sum_parts (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end; i++)
    {
      const float *x = job->x + i / job->n_parts * job->x_outer;
      float *sum = job->parts + i * job->inner;
      int64_t first, last;

      tpd_part_range (job->summed, job->n_parts, i % job->n_parts, &first, &last);
      for (int64_t c = 0; c < job->inner; c++)
        sum[c] = 0;
      if (job->inner == 1 && job->x_summed == 1)
        sum[0] = sum_of_row (x + first, last - first);
      else
        for (int64_t r = first; r < last; r++)
          add_row (sum, x + r * job->x_summed, job->inner);
    }
}

void
TPD_FAST_OP (sum_to) (TpdExec *exec, const TpdView *y, const TpdView *x)
{
  Job job;

  if (!classify (y, x, &job))
    {
      tpd_cpu_sum_to (exec, y, x);
      return;
    }
  job.n_parts = tpd_parts_per_group (job.outer, job.summed, job.inner);
  job.parts = exec->scratch (exec, (size_t)(job.outer * job.n_parts * job.inner) * sizeof (float));
  if (job.parts == NULL)
    return;
  tpd_parallel_for (job.outer * job.n_parts,
                    MAX (1, TPD_PART_ELEMENTS * job.n_parts / (job.summed * job.inner)), sum_parts,
                    &job);
  for (int64_t i = 0; i < job.outer; i++)
    tpd_sum_parts (job.y + i * job.y_outer, job.parts + i * job.n_parts * job.inner, job.n_parts,
                   job.inner, job.inner);
}
