/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <float.h>
#include <math.h>

#include "tpd-exp2.h"
#include "tpd-fast.h"
#include "tpd-transpose.h"

/* What the forward and the backward pass of attention share.
 *
 * Queries are the lanes: a block of scores is stored as s[key][query], so that softmax runs down
 * the lanes without a horizontal sum, and scores are the next product's b operand as they are.
 * Scores are kept in units of log 2: the scale of q contains log2 (e), and e^x is one 2^x. */

#define TPD_QUERIES 64 /* a block of queries: four tiles of lanes */
#define TPD_LOG2_E  1.44269504088896340736f
#define TPD_LN_2    0.69314718055994530942f

/* Rows of one head: element d of row n is data[n · stride + d]. */
typedef struct
{
  float *data;
  int64_t stride;
} TpdRows;

/* Who sees whom in one sample; pointers are NULL for no mask. */
typedef struct
{
  const int32_t *segment, *order;
  int64_t segment_stride, order_stride;

  /* of the block of queries at hand; zeros without a mask */
  int32_t query_segment[TPD_QUERIES], query_order[TPD_QUERIES];
} TpdMask;

static inline TpdRows
tpd_head_rows (const TpdView *x, int64_t b, int64_t h)
{
  return (TpdRows){(float *)x->data + b * x->stride[0] + h * x->stride[2], x->stride[1]};
}

static inline void
tpd_mask_init (TpdMask *mask, const TpdView *segment, const TpdView *order, int64_t b)
{
  memset (mask, 0, sizeof *mask);
  if (segment != NULL)
    {
      mask->segment = (const int32_t *)segment->data + b * segment->stride[0];
      mask->segment_stride = segment->stride[1];
    }
  if (order != NULL)
    {
      mask->order = order->data;
      mask->order_stride = order->stride[0];
    }
}

static inline void
tpd_mask_set_queries (TpdMask *mask, int64_t first, int64_t n)
{
  for (int64_t q = 0; q < n; q++)
    {
      if (mask->segment != NULL)
        mask->query_segment[q] = mask->segment[(first + q) * mask->segment_stride];
      if (mask->order != NULL)
        mask->query_order[q] = mask->order[(first + q) * mask->order_stride];
    }
}

/* s[key][lane] = −∞ wherever query first_lane + lane of the block may not see the key. */
static inline void
tpd_mask_scores (const TpdMask *mask, float *s, int64_t s_stride, int64_t first_key, int64_t n_keys,
                 int64_t first_lane, int64_t n_lanes)
{
  const TpdVec nothing = (TpdVec){0} - INFINITY;

  if (mask->segment == NULL && mask->order == NULL)
    return;
  for (int64_t key = first_key; key < first_key + n_keys; key++, s += s_stride)
    {
      int32_t segment = mask->segment != NULL ? mask->segment[key * mask->segment_stride] : 0;
      int32_t order = mask->order != NULL ? mask->order[key * mask->order_stride] : 0;

      for (int64_t lane = 0; lane < n_lanes; lane += 8)
        {
          TpdVecInt q_segment = TPD_LOAD_INT (mask->query_segment + first_lane + lane);
          TpdVecInt q_order = TPD_LOAD_INT (mask->query_order + first_lane + lane);
          TpdVecInt seen = (q_segment == segment) & (q_order >= order);

          TPD_STORE (s + lane, tpd_vec_select (seen, TPD_LOAD (s + lane), nothing));
        }
    }
}

static inline gboolean
tpd_is_f32_rows (const TpdView *x)
{
  return x->dtype == TPD_F32 && (x->stride[3] == 1 || x->shape[3] == 1);
}

static inline int64_t
tpd_round_up (int64_t n, int64_t unit)
{
  return (n + unit - 1) / unit * unit;
}

/* y[d][q] = scale · x[q][d], for the lanes of a block: zeros beyond n_queries */
static inline void
tpd_load_lanes (float *y, TpdRows x, int64_t first, int64_t n_queries, int64_t size, float scale)
{
  int64_t lanes = tpd_round_up (n_queries, TPD_LANES);

  tpd_transpose (x.data + first * x.stride, x.stride, y, TPD_QUERIES, n_queries, size);
  for (int64_t d = 0; d < size; d++)
    {
      for (int64_t q = 0; q < n_queries; q++)
        y[d * TPD_QUERIES + q] *= scale;
      for (int64_t q = n_queries; q < lanes; q++)
        y[d * TPD_QUERIES + q] = 0;
    }
}

/* s[key][lane] = Σ_d x[key][d] · lanes[d][lane]        one tile of lanes */
static inline void
tpd_scores (float *s, int64_t s_stride, TpdRows x, int64_t first_key, int64_t n_keys,
            const float *lanes, int64_t size)
{
  tpd_tile_by_rows ((TpdTile){.a = x.data + first_key * x.stride,
                              .b = lanes,
                              .c = s,
                              .a_stride = x.stride,
                              .b_stride = TPD_QUERIES,
                              .c_stride = s_stride,
                              .depth = size,
                              .segments = 1},
                    n_keys);
}

/* y[d][lane] += Σ_key x[key][d] · p[key][lane]        one tile of lanes */
static inline void
tpd_mix (float *y, TpdRows x, int64_t first_key, int64_t n_keys, const float *p, int64_t p_stride,
         int64_t size)
{
  tpd_tile_by_columns ((TpdTile){.a = x.data + first_key * x.stride,
                                 .b = p,
                                 .c = y,
                                 .a_stride = x.stride,
                                 .b_stride = p_stride,
                                 .c_stride = TPD_QUERIES,
                                 .depth = n_keys,
                                 .segments = 1,
                                 .start = y,
                                 .start_stride = TPD_QUERIES},
                       size);
}
