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
} TpdMask;

static inline TpdRows
tpd_head_rows (const TpdView *x, int64_t b, int64_t h)
{
  return (TpdRows){(float *)x->data + b * x->stride[0] + h * x->stride[2], x->stride[1]};
}

static inline TpdMask
tpd_sample_mask (const TpdView *segment, const TpdView *order, int64_t b)
{
  TpdMask mask = {0};

  if (segment != NULL)
    {
      mask.segment = (const int32_t *)segment->data + b * segment->stride[0];
      mask.segment_stride = segment->stride[1];
    }
  if (order != NULL)
    {
      mask.order = order->data;
      mask.order_stride = order->stride[0];
    }
  return mask;
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

/* s[key][query] = −∞ wherever query first_query + … may not see key first_key + … */
static inline void
tpd_mask_scores (const TpdMask *mask, float *s, int64_t first_key, int64_t n_keys,
                 int64_t first_query, int64_t n_queries)
{
  if (mask->segment == NULL && mask->order == NULL)
    return;
  for (int64_t key = 0; key < n_keys; key++)
    {
      int64_t j = first_key + key;

      for (int64_t q = 0; q < n_queries; q++)
        {
          int64_t i = first_query + q;
          gboolean hidden =
              (mask->segment != NULL && mask->segment[i * mask->segment_stride] !=
                                            mask->segment[j * mask->segment_stride]) ||
              (mask->order != NULL &&
               mask->order[i * mask->order_stride] < mask->order[j * mask->order_stride]);

          if (hidden)
            s[key * TPD_QUERIES + q] = -INFINITY;
        }
    }
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

/* s[key][query] = Σ_d x[key][d] · lanes[d][query] */
static inline void
tpd_scores (float *s, TpdRows x, int64_t first_key, int64_t n_keys, const float *lanes,
            int64_t n_lanes, int64_t size)
{
  for (int64_t lane = 0; lane < n_lanes; lane += TPD_LANES)
    tpd_tile_by_rows ((TpdTile){.a = x.data + first_key * x.stride,
                                .b = lanes + lane,
                                .c = s + lane,
                                .a_stride = x.stride,
                                .b_stride = TPD_QUERIES,
                                .c_stride = TPD_QUERIES,
                                .depth = size,
                                .segments = 1},
                      n_keys);
}

/* y[d][query] += Σ_key x[key][d] · p[key][query] */
static inline void
tpd_mix (float *y, TpdRows x, int64_t first_key, int64_t n_keys, const float *p, int64_t n_lanes,
         int64_t size)
{
  for (int64_t lane = 0; lane < n_lanes; lane += TPD_LANES)
    tpd_tile_by_columns ((TpdTile){.a = x.data + first_key * x.stride,
                                   .b = p + lane,
                                   .c = y + lane,
                                   .a_stride = x.stride,
                                   .b_stride = TPD_QUERIES,
                                   .c_stride = TPD_QUERIES,
                                   .depth = n_keys,
                                   .segments = 1,
                                   .add = TRUE},
                         size);
}
