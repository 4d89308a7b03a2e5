/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-attention.h"

/* Fused attention (Milakov & Gimelshein 2018; Dao et al. 2022): blocks of queries meet blocks of
 * keys, and a running maximum and sum per query let the softmax be taken as the keys come by. */

#define BLOCK_FLOATS 20480 /* keys of a block times head size: fits the second-level cache */
#define MAX_KEYS     320

typedef struct
{
  const TpdView *o, *lse, *q, *k, *v, *segment, *order;
  float scale;
  int64_t block_keys, query_blocks;

  float *scratch; /* per thread */
  int64_t scratch_floats;
} Attention;

/* The running softmax of a block of queries. */
typedef struct
{
  float max[TPD_QUERIES]; /* in units of log 2 */
  float sum[TPD_QUERIES];
} Running;

/* s = 2^(s − max), with max and sum brought up to date and what y holds so far rescaled to the new
 * max. One tile of lanes. */
static void
softmax_lanes (float *s, int64_t n_keys, float *running_max, float *running_sum, float *y,
               int64_t size)
{
  for (int half = 0; half < TPD_LANES; half += 8, s += 8, y += 8)
    {
      TpdVec old_max = TPD_LOAD (running_max + half), max = old_max, sum = {0}, factor;

      for (int64_t key = 0; key < n_keys; key++)
        max = tpd_vec_max (max, TPD_LOAD (s + key * TPD_LANES));
      for (int64_t key = 0; key < n_keys; key++)
        {
          TpdVec p = tpd_vec_exp2 (TPD_LOAD (s + key * TPD_LANES) - max);

          TPD_STORE (s + key * TPD_LANES, p);
          sum += p;
        }
      factor = tpd_vec_exp2 (old_max - max);
      TPD_STORE (running_max + half, max);
      TPD_STORE (running_sum + half, TPD_LOAD (running_sum + half) * factor + sum);
      for (int64_t d = 0; d < size; d++)
        TPD_STORE (y + d * TPD_QUERIES, TPD_LOAD (y + d * TPD_QUERIES) * factor);
    }
}

/* o[query][d] = y[d][query] / sum, lse = log-sum-exp in natural units */
static void
finish (const Attention *a, float *y, const Running *running, int64_t b, int64_t h, int64_t first,
        int64_t n_queries)
{
  TpdRows o = tpd_head_rows (a->o, b, h);
  int64_t size = a->q->shape[3], lse_stride = a->lse->stride[2];
  float *lse = (float *)a->lse->data + b * a->lse->stride[0] + h * a->lse->stride[1];

  for (int64_t d = 0; d < size; d++)
    for (int64_t i = 0; i < n_queries; i++)
      y[d * TPD_QUERIES + i] /= running->sum[i];
  tpd_transpose (y, TPD_QUERIES, o.data + first * o.stride, o.stride, size, n_queries);
  for (int64_t i = 0; i < n_queries; i++)
    lse[(first + i) * lse_stride] = TPD_LN_2 * (running->max[i] + log2f (running->sum[i]));
}

/* One block of queries of one head. */
static void
attend (const Attention *a, int64_t b, int64_t h, int64_t first, float *scratch)
{
  TpdRows q = tpd_head_rows (a->q, b, h), k = tpd_head_rows (a->k, b, h);
  TpdRows v = tpd_head_rows (a->v, b, h);
  int64_t size = a->q->shape[3], n_keys = a->k->shape[1];
  int64_t n_queries = MIN (TPD_QUERIES, a->q->shape[1] - first);
  int64_t lanes = tpd_round_up (n_queries, TPD_LANES);
  float *q_lanes = scratch, *y = q_lanes + size * TPD_QUERIES, *s = y + size * TPD_QUERIES;
  Running running;
  TpdMask mask;

  tpd_mask_init (&mask, a->segment, a->order, b);
  tpd_mask_set_queries (&mask, first, n_queries);
  for (int i = 0; i < TPD_QUERIES; i++)
    {
      running.max[i] = -FLT_MAX; /* finite: −∞ − max is then no NaN */
      running.sum[i] = 0;
    }
  tpd_load_lanes (q_lanes, q, first, n_queries, size, a->scale);
  memset (y, 0, sizeof (float) * (size_t)(size * TPD_QUERIES));
  for (int64_t key = 0; key < n_keys; key += a->block_keys)
    {
      int64_t n = MIN (a->block_keys, n_keys - key);

      for (int64_t lane = 0; lane < lanes; lane += TPD_LANES)
        {
          tpd_scores (s, TPD_LANES, k, key, n, q_lanes + lane, size);
          tpd_mask_scores (&mask, s, TPD_LANES, key, n, lane, TPD_LANES);
          softmax_lanes (s, n, running.max + lane, running.sum + lane, y + lane, size);
          tpd_mix (y + lane, v, key, n, s, TPD_LANES, size);
        }
    }
  finish (a, y, &running, b, h, first, n_queries);
}

static void
attend_blocks (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const Attention *a = data;
  int64_t heads = a->q->shape[2];

  for (gint64 job = begin; job < end; job++)
    {
      int64_t head = job / a->query_blocks;

      attend (a, head / heads, head % heads, job % a->query_blocks * TPD_QUERIES,
              a->scratch + thread * a->scratch_floats);
    }
}

void
TPD_FAST_OP (attention) (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                         const TpdView *k, const TpdView *v, const TpdView *segment,
                         const TpdView *order, double scale)
{
  int64_t n_keys = k->shape[1], size = q->shape[3];
  Attention a = {o, lse, q, k, v, segment, order, (float)scale * TPD_LOG2_E};
  int64_t key_blocks;

  if (!tpd_is_f32_rows (o) || !tpd_is_f32_rows (q) || !tpd_is_f32_rows (k) ||
      !tpd_is_f32_rows (v) || n_keys == 0)
    {
      tpd_cpu_attention (exec, o, lse, q, k, v, segment, order, scale);
      return;
    }
  a.block_keys = CLAMP (BLOCK_FLOATS / MAX (size, 1), TPD_TILE_ROWS, MAX_KEYS);
  key_blocks = (n_keys + a.block_keys - 1) / a.block_keys;
  a.block_keys = (n_keys + key_blocks - 1) / key_blocks;
  a.query_blocks = (q->shape[1] + TPD_QUERIES - 1) / TPD_QUERIES;
  a.scratch_floats = 2 * size * TPD_QUERIES + a.block_keys * TPD_LANES;
  a.scratch =
      exec->scratch (exec, sizeof (float) * (size_t)a.scratch_floats * tpd_parallel_n_threads ());
  if (a.scratch != NULL)
    tpd_parallel_for (q->shape[0] * q->shape[2] * a.query_blocks, 1, attend_blocks, &a);
}
