/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-attention.h"

/* The backward pass of fused attention: scores are computed again from q, k and lse, block by block
 * (Dao et al. 2022). One head of one sample is one job, so that dk and dv need no other order of
 * summation than that of the blocks.
 *
 *   p = e^(score − lse)     dp = go · v     ds = p (dp − delta),  delta = ⟨go, o⟩
 *   dq = scale Σ_key ds k    dk = scale Σ_query ds q    dv = Σ_query p go */

#define BLOCK_KEYS 64

typedef struct
{
  const TpdView *dq, *dk, *dv, *go, *q, *k, *v, *o, *lse, *segment, *order;
  float scale;
  int64_t width; /* head size, padded to whole lanes */

  float *scratch; /* per thread */
  int64_t scratch_floats;
} Attention;

/* The arrays of one job, in scratch memory. */
typedef struct
{
  float *q_lanes, *go_lanes, *dq_lanes; /* [size][TPD_QUERIES] */
  float *q, *go;                        /* [TPD_QUERIES][width], zeros beyond the size */
  float *p, *ds;                        /* [BLOCK_KEYS][TPD_QUERIES] */
  float *dk, *dv;                       /* [keys][width] */
  float lse[TPD_QUERIES];               /* in units of log 2 */
  float delta[TPD_QUERIES];
} Job;

static int64_t
job_floats (const Attention *a)
{
  int64_t size = a->q->shape[3], n_keys = a->k->shape[1];

  return TPD_QUERIES * (3 * size + 2 * a->width + 2 * BLOCK_KEYS) + 2 * n_keys * a->width;
}

static void
job_init (Job *job, const Attention *a, float *scratch)
{
  int64_t size = a->q->shape[3], n_keys = a->k->shape[1];

  job->q_lanes = scratch;
  job->go_lanes = job->q_lanes + size * TPD_QUERIES;
  job->dq_lanes = job->go_lanes + size * TPD_QUERIES;
  job->q = job->dq_lanes + size * TPD_QUERIES;
  job->go = job->q + a->width * TPD_QUERIES;
  job->p = job->go + a->width * TPD_QUERIES;
  job->ds = job->p + BLOCK_KEYS * TPD_QUERIES;
  job->dk = job->ds + BLOCK_KEYS * TPD_QUERIES;
  job->dv = job->dk + n_keys * a->width;
  memset (job->dk, 0, 2 * sizeof (float) * (size_t)(n_keys * a->width));
}

/* y[query][d] = x: a padded copy */
static void
load_rows (float *y, TpdRows x, int64_t first, int64_t n_queries, int64_t lanes, int64_t size,
           int64_t width)
{
  for (int64_t i = 0; i < lanes; i++, y += width)
    {
      int64_t n = i < n_queries ? size : 0;

      memcpy (y, x.data + (first + i) * x.stride, sizeof (float) * (size_t)n);
      memset (y + n, 0, sizeof (float) * (size_t)(width - n));
    }
}

static void
load_queries (const Attention *a, Job *job, int64_t b, int64_t h, int64_t first, int64_t n_queries)
{
  TpdRows q = tpd_head_rows (a->q, b, h), go = tpd_head_rows (a->go, b, h);
  TpdRows o = tpd_head_rows (a->o, b, h);
  int64_t size = a->q->shape[3], lanes = tpd_round_up (n_queries, TPD_LANES);
  const float *lse = (float *)a->lse->data + b * a->lse->stride[0] + h * a->lse->stride[1];

  tpd_load_lanes (job->q_lanes, q, first, n_queries, size, a->scale * TPD_LOG2_E);
  tpd_load_lanes (job->go_lanes, go, first, n_queries, size, 1);
  memset (job->dq_lanes, 0, sizeof (float) * (size_t)(size * TPD_QUERIES));
  load_rows (job->q, q, first, n_queries, lanes, size, a->width);
  load_rows (job->go, go, first, n_queries, lanes, size, a->width);
  for (int64_t i = 0; i < lanes; i++)
    {
      const float *o_row = o.data + (first + i) * o.stride, *go_row = job->go + i * a->width;

      job->lse[i] = job->delta[i] = 0;
      if (i >= n_queries)
        continue;
      job->lse[i] = TPD_LOG2_E * lse[(first + i) * a->lse->stride[2]];
      for (int64_t d = 0; d < size; d++)
        job->delta[i] += go_row[d] * o_row[d];
    }
}

/* p: scores → probabilities, ds: dp → ds */
static void
softmax_backward (Job *job, int64_t n_keys, int64_t lanes)
{
  for (int64_t lane = 0; lane < lanes; lane += 8)
    {
      TpdVec lse = TPD_LOAD (job->lse + lane), delta = TPD_LOAD (job->delta + lane);

      for (int64_t i = lane; i < n_keys * TPD_QUERIES; i += TPD_QUERIES)
        {
          TpdVec p = tpd_vec_exp2 (TPD_LOAD (job->p + i) - lse);

          TPD_STORE (job->p + i, p);
          TPD_STORE (job->ds + i, p * (TPD_LOAD (job->ds + i) - delta));
        }
    }
}

/* y[key][d] += Σ_query p[key][query] · x[query][d] */
static void
add_to_keys (float *y, const float *p, int64_t n_keys, const float *x, int64_t lanes, int64_t width)
{
  for (int64_t d = 0; d < width; d += TPD_LANES)
    tpd_tile_by_rows ((TpdTile){.a = p,
                                .b = x + d,
                                .c = y + d,
                                .a_stride = TPD_QUERIES,
                                .b_stride = width,
                                .c_stride = width,
                                .depth = lanes,
                                .segments = 1,
                                .start = y + d,
                                .start_stride = width},
                      n_keys);
}

/* y[n][d] = scale · x[n][d] */
static void
store_rows (TpdRows y, const float *x, int64_t n, int64_t size, int64_t width, float scale)
{
  for (int64_t i = 0; i < n; i++)
    for (int64_t d = 0; d < size; d++)
      y.data[i * y.stride + d] = scale * x[i * width + d];
}

static void
store_queries (const Attention *a, Job *job, int64_t b, int64_t h, int64_t first, int64_t n_queries)
{
  TpdRows dq = tpd_head_rows (a->dq, b, h);
  int64_t size = a->q->shape[3];

  for (int64_t i = 0; i < size * TPD_QUERIES; i++)
    job->dq_lanes[i] *= a->scale;
  tpd_transpose (job->dq_lanes, TPD_QUERIES, dq.data + first * dq.stride, dq.stride, size,
                 n_queries);
}

static void
one_head (const Attention *a, int64_t b, int64_t h, float *scratch)
{
  TpdRows k = tpd_head_rows (a->k, b, h), v = tpd_head_rows (a->v, b, h);
  int64_t size = a->q->shape[3], n_keys = a->k->shape[1], n_all_queries = a->q->shape[1];
  TpdMask mask;
  Job job;

  job_init (&job, a, scratch);
  tpd_mask_init (&mask, a->segment, a->order, b);
  for (int64_t first = 0; first < n_all_queries; first += TPD_QUERIES)
    {
      int64_t n_queries = MIN (TPD_QUERIES, n_all_queries - first);
      int64_t lanes = tpd_round_up (n_queries, TPD_LANES);

      load_queries (a, &job, b, h, first, n_queries);
      tpd_mask_set_queries (&mask, first, n_queries);
      for (int64_t key = 0; key < n_keys; key += BLOCK_KEYS)
        {
          int64_t n = MIN (BLOCK_KEYS, n_keys - key);

          for (int64_t lane = 0; lane < lanes; lane += TPD_LANES)
            {
              tpd_scores (job.p + lane, TPD_QUERIES, k, key, n, job.q_lanes + lane, size);
              tpd_scores (job.ds + lane, TPD_QUERIES, v, key, n, job.go_lanes + lane, size);
            }
          tpd_mask_scores (&mask, job.p, TPD_QUERIES, key, n, 0, lanes);
          softmax_backward (&job, n, lanes);
          for (int64_t lane = 0; lane < lanes; lane += TPD_LANES)
            tpd_mix (job.dq_lanes + lane, k, key, n, job.ds + lane, TPD_QUERIES, size);
          add_to_keys (job.dk + key * a->width, job.ds, n, job.q, lanes, a->width);
          add_to_keys (job.dv + key * a->width, job.p, n, job.go, lanes, a->width);
        }
      store_queries (a, &job, b, h, first, n_queries);
    }
  store_rows (tpd_head_rows (a->dk, b, h), job.dk, n_keys, size, a->width, a->scale);
  store_rows (tpd_head_rows (a->dv, b, h), job.dv, n_keys, size, a->width, 1);
}

static void
some_heads (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Attention *a = data;
  int64_t heads = a->q->shape[2];

  for (gint64 head = begin; head < end; head++)
    one_head (a, head / heads, head % heads, a->scratch + thread * a->scratch_floats);
}

void
TPD_FAST_OP (attention_bwd) (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                             const TpdView *go, const TpdView *q, const TpdView *k,
                             const TpdView *v, const TpdView *o, const TpdView *lse,
                             const TpdView *segment, const TpdView *order, double scale)
{
  Attention a = {dq, dk, dv, go, q, k, v, o, lse, segment, order, (float)scale};

  if (!tpd_is_f32_rows (dq) || !tpd_is_f32_rows (dk) || !tpd_is_f32_rows (dv) ||
      !tpd_is_f32_rows (go) || !tpd_is_f32_rows (q) || !tpd_is_f32_rows (k) ||
      !tpd_is_f32_rows (v) || !tpd_is_f32_rows (o))
    {
      tpd_cpu_attention_bwd (exec, dq, dk, dv, go, q, k, v, o, lse, segment, order, scale);
      return;
    }
  a.width = tpd_round_up (q->shape[3], TPD_LANES);
  a.scratch_floats = job_floats (&a);
  a.scratch =
      exec->scratch (exec, sizeof (float) * (size_t)a.scratch_floats * tpd_parallel_n_threads ());
  if (a.scratch != NULL)
    tpd_parallel_for (q->shape[0] * q->shape[2], 1, some_heads, &a);
}
