/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>

#include "tpd-exp.h"
#include "tpd-rows.h"

/* A pass over blocks of pixels finds sums per channel, groups combine them, a second pass computes
 * the result. Blocks stay in the cache while they are read twice. */
#define BLOCK_ELEMENTS 16384

/* Per sample and channel: the mean of its group; what the difference from it is multiplied by; and
 * two coefficients of the backward pass. x − mean comes first in every formula, so that a mean far
 * from zero costs no precision. */
enum
{
  MEAN,
  FACTOR,
  SLOPE,
  SUMMAND,
  N_VECTORS
};

typedef struct
{
  const TpdView *y, *mean, *rstd, *x, *w, *b;
  const TpdView *dx, *dy; /* backward */
  int groups, silu;
  int64_t pixels, channels, width; /* width: channels a group */
  int64_t block, n_blocks;         /* pixels a block, blocks a sample */
  float *sums;                     /* [samples, n_blocks, 2, channels] */
  float *vectors;                  /* [samples, N_VECTORS, channels] */
} Job;

static Job
job_new (const TpdView *x, int groups, int silu)
{
  int64_t channels = x->shape[2];
  Job job = {.x = x, .groups = groups, .silu = silu};

  job.pixels = x->shape[1];
  job.channels = channels;
  job.width = channels / groups;
  job.block = MAX (1, BLOCK_ELEMENTS / channels);
  job.n_blocks = (job.pixels + job.block - 1) / job.block;
  return job;
}

static gboolean
job_get_scratch (Job *job, TpdExec *exec)
{
  int64_t n_sums = job->x->shape[0] * job->n_blocks * 2 * job->channels;
  int64_t n_vectors = job->x->shape[0] * N_VECTORS * job->channels;

  job->sums = exec->scratch (exec, (size_t)(n_sums + n_vectors) * sizeof (float));
  job->vectors = job->sums + n_sums;
  return job->sums != NULL;
}

/* One of the vectors of sample n. */
static float *
vector_of (const Job *job, int64_t n, int which)
{
  return job->vectors + (n * N_VECTORS + which) * job->channels;
}

/* Pixels of block i (counted over all samples), and its sums. */
static float *
block_at (const Job *job, int64_t i, int64_t *sample, int64_t *first, int64_t *end)
{
  *sample = i / job->n_blocks;
  *first = i % job->n_blocks * job->block;
  *end = MIN (*first + job->block, job->pixels);
  return job->sums + i * 2 * job->channels;
}

/* ── forward ── */

static void
add_pixel (float *restrict sum, const float *restrict x, int64_t channels)
{
  for (int64_t c = 0; c < channels; c++)
    sum[c] += x[c];
}

static void
add_squares (float *restrict squares, const float *restrict sum, float scale,
             const float *restrict x, int64_t channels)
{
  for (int64_t c = 0; c < channels; c++)
    {
      float difference = x[c] - sum[c] * scale;

      squares[c] += difference * difference;
    }
}

/* Per channel: the sum over a block, and the sum of squares about the block's own mean. */
static void
statistics_of_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  int64_t channels = job->channels;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t n, first, last;
      float *sum = block_at (job, i, &n, &first, &last), *squares = sum + channels;

      for (int64_t c = 0; c < 2 * channels; c++)
        sum[c] = 0;
      for (int64_t p = first; p < last; p++)
        add_pixel (sum, tpd_row3 (job->x, n, p), channels);
      for (int64_t p = first; p < last; p++)
        add_squares (squares, sum, 1 / (float)(last - first), tpd_row3 (job->x, n, p), channels);
    }
}

/* Mean and variance of a group from those of its blocks and channels (Chan, Golub & LeVeque 1979).
 */
static void
combine_group (const Job *job, int64_t n, int64_t g, double *mean, double *variance)
{
  double count = (double)(job->pixels * job->width), total = 0, squares = 0;

  for (int64_t k = 0; k < job->n_blocks; k++)
    for (int64_t c = g * job->width; c < (g + 1) * job->width; c++)
      total += job->sums[(n * job->n_blocks + k) * 2 * job->channels + c];
  *mean = total / count;
  for (int64_t k = 0; k < job->n_blocks; k++)
    {
      const float *sum = job->sums + (n * job->n_blocks + k) * 2 * job->channels;
      double size = (double)(MIN ((k + 1) * job->block, job->pixels) - k * job->block);

      for (int64_t c = g * job->width; c < (g + 1) * job->width; c++)
        {
          double difference = sum[c] / size - *mean;

          squares += sum[job->channels + c] + size * difference * difference;
        }
    }
  *variance = squares / count;
}

/* Statistics, and y = (x − mean) · factor + b per channel. */
static void
combine_forward (const Job *job, double eps)
{
  const float *w = job->w->data;

  for (int64_t n = 0; n < job->x->shape[0]; n++)
    for (int64_t g = 0; g < job->groups; g++)
      {
        double mean, variance, rstd;

        combine_group (job, n, g, &mean, &variance);
        rstd = 1 / sqrt (variance + eps);
        *tpd_row3 (job->mean, n, g) = (float)mean;
        *tpd_row3 (job->rstd, n, g) = (float)rstd;
        for (int64_t c = g * job->width; c < (g + 1) * job->width; c++)
          {
            vector_of (job, n, MEAN)[c] = (float)mean;
            vector_of (job, n, FACTOR)[c] = (float)(rstd * w[c]);
          }
      }
}

static void
forward_pixel (float *restrict y, const float *restrict x, const float *restrict mean,
               const float *restrict factor, const float *restrict b, int silu, int64_t channels)
{
  if (silu)
    for (int64_t c = 0; c < channels; c++)
      {
        float z = (x[c] - mean[c]) * factor[c] + b[c];

        y[c] = z * tpd_fast_sigmoid (z);
      }
  else
    for (int64_t c = 0; c < channels; c++)
      y[c] = (x[c] - mean[c]) * factor[c] + b[c];
}

static void
forward_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t n, first, last;

      block_at (job, i, &n, &first, &last);
      for (int64_t p = first; p < last; p++)
        forward_pixel (tpd_row3 (job->y, n, p), tpd_row3 (job->x, n, p), vector_of (job, n, MEAN),
                       vector_of (job, n, FACTOR), job->b->data, job->silu, job->channels);
    }
}

void
TPD_FAST_OP (group_norm) (TpdExec *exec, const TpdView *y, const TpdView *mean, const TpdView *rstd,
                          const TpdView *x, const TpdView *w, const TpdView *b, int groups,
                          double eps, int silu)
{
  Job job = job_new (x, groups, silu);

  if (!tpd_has_rows (y) || !tpd_has_rows (x) || !tpd_has_rows (w) || !tpd_has_rows (b))
    {
      tpd_cpu_group_norm (exec, y, mean, rstd, x, w, b, groups, eps, silu);
      return;
    }
  job.y = y;
  job.mean = mean;
  job.rstd = rstd;
  job.w = w;
  job.b = b;
  if (!job_get_scratch (&job, exec))
    return;
  tpd_parallel_for (x->shape[0] * job.n_blocks, 1, statistics_of_blocks, &job);
  combine_forward (&job, eps);
  tpd_parallel_for (x->shape[0] * job.n_blocks, 1, forward_blocks, &job);
}

/* ── backward ── */

/* norm = (x − mean) · factor per channel */
static void
prepare_backward (const Job *job)
{
  for (int64_t n = 0; n < job->x->shape[0]; n++)
    for (int64_t c = 0; c < job->channels; c++)
      {
        vector_of (job, n, MEAN)[c] = *tpd_row3 (job->mean, n, c / job->width);
        vector_of (job, n, FACTOR)[c] = *tpd_row3 (job->rstd, n, c / job->width);
      }
}

/* dx = dz for now; adds dz and dz · norm to the sums. dz is the gradient before SiLU. */
static void
backward_pixel (float *restrict dx, float *restrict sum, float *restrict sum_norm,
                const float *restrict dy, const float *restrict x, const float *restrict mean,
                const float *restrict factor, const Job *job)
{
  const float *restrict w = job->w->data, *restrict b = job->b->data;

  if (job->silu)
    for (int64_t c = 0; c < job->channels; c++)
      {
        float norm = (x[c] - mean[c]) * factor[c], z = norm * w[c] + b[c];
        float s = tpd_fast_sigmoid (z), dz = dy[c] * s * (1 + z * (1 - s));

        dx[c] = dz;
        sum[c] += dz;
        sum_norm[c] += dz * norm;
      }
  else
    for (int64_t c = 0; c < job->channels; c++)
      {
        dx[c] = dy[c];
        sum[c] += dy[c];
        sum_norm[c] += dy[c] * ((x[c] - mean[c]) * factor[c]);
      }
}

static void
sums_of_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;
  int64_t channels = job->channels;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t n, first, last;
      float *sum = block_at (job, i, &n, &first, &last);

      for (int64_t c = 0; c < 2 * channels; c++)
        sum[c] = 0;
      for (int64_t p = first; p < last; p++)
        backward_pixel (tpd_row3 (job->dx, n, p), sum, sum + channels, tpd_row3 (job->dy, n, p),
                        tpd_row3 (job->x, n, p), vector_of (job, n, MEAN),
                        vector_of (job, n, FACTOR), job);
    }
}

/* dw and db from the sums of all blocks; and for each group
 * dx = rstd (dz w − mean (dz w) − norm mean (dz w norm))
 *    = dz · factor w + (x − mean) · slope + summand */
static void
combine_backward (const Job *job, const TpdView *dw, const TpdView *db)
{
  int64_t channels = job->channels, total = job->x->shape[0] * job->n_blocks;
  const float *w = job->w->data;

  tpd_sum_parts (db->data, job->sums, total, 2 * channels, channels);
  tpd_sum_parts (dw->data, job->sums + channels, total, 2 * channels, channels);
  for (int64_t n = 0; n < job->x->shape[0]; n++)
    for (int64_t g = 0; g < job->groups; g++)
      {
        double count = (double)(job->pixels * job->width), mean_dn = 0, mean_dn_norm = 0;
        double rstd = *tpd_row3 (job->rstd, n, g);

        for (int64_t k = n * job->n_blocks; k < (n + 1) * job->n_blocks; k++)
          for (int64_t c = g * job->width; c < (g + 1) * job->width; c++)
            {
              mean_dn += (double)job->sums[k * 2 * channels + c] * w[c] / count;
              mean_dn_norm += (double)job->sums[k * 2 * channels + channels + c] * w[c] / count;
            }
        for (int64_t c = g * job->width; c < (g + 1) * job->width; c++)
          {
            vector_of (job, n, SLOPE)[c] = (float)(-rstd * rstd * mean_dn_norm);
            vector_of (job, n, SUMMAND)[c] = (float)(-rstd * mean_dn);
          }
      }
}

static void
finish_pixel (float *restrict dx, const float *restrict x, const float *restrict w,
              const float *restrict vectors, int64_t channels)
{
  const float *restrict mean = vectors + MEAN * channels;
  const float *restrict factor = vectors + FACTOR * channels;
  const float *restrict slope = vectors + SLOPE * channels;
  const float *restrict summand = vectors + SUMMAND * channels;

  for (int64_t c = 0; c < channels; c++)
    dx[c] = dx[c] * factor[c] * w[c] + (x[c] - mean[c]) * slope[c] + summand[c];
}

static void
finish_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Job *job = data;

  for (gint64 i = begin; i < end; i++)
    {
      int64_t n, first, last;

      block_at (job, i, &n, &first, &last);
      for (int64_t p = first; p < last; p++)
        finish_pixel (tpd_row3 (job->dx, n, p), tpd_row3 (job->x, n, p), job->w->data,
                      vector_of (job, n, 0), job->channels);
    }
}

void
TPD_FAST_OP (group_norm_bwd) (TpdExec *exec, const TpdView *dx, const TpdView *dw,
                              const TpdView *db, const TpdView *dy, const TpdView *x,
                              const TpdView *mean, const TpdView *rstd, const TpdView *w,
                              const TpdView *b, int groups, int silu)
{
  Job job = job_new (x, groups, silu);

  if (!tpd_has_rows (dx) || !tpd_has_rows (dw) || !tpd_has_rows (db) || !tpd_has_rows (dy) ||
      !tpd_has_rows (x) || !tpd_has_rows (w) || !tpd_has_rows (b))
    {
      tpd_cpu_group_norm_bwd (exec, dx, dw, db, dy, x, mean, rstd, w, b, groups, silu);
      return;
    }
  job.dx = dx;
  job.dy = dy;
  job.mean = mean;
  job.rstd = rstd;
  job.w = w;
  job.b = b;
  if (!job_get_scratch (&job, exec))
    return;
  prepare_backward (&job);
  tpd_parallel_for (x->shape[0] * job.n_blocks, 1, sums_of_blocks, &job);
  combine_backward (&job, dw, db);
  tpd_parallel_for (x->shape[0] * job.n_blocks, 1, finish_blocks, &job);
}
