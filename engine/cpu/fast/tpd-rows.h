/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-fast.h"

/* Ops that work on rows of channels, which lie next to each other. */

/* Rows are summed in at most so many parts; their number depends on the shape alone, so that sums
 * are the same whatever the number of threads. */
#define TPD_MAX_PARTS 64
/* Elements that are worth a part of their own. */
#define TPD_PART_ELEMENTS 8192

/* Whether a fast kernel can take this operand, which may have been left out. */
static inline gboolean
tpd_has_rows (const TpdView *view)
{
  int last = view != NULL ? view->n_dims - 1 : 0;

  return view == NULL ||
         (view->dtype == TPD_F32 && (view->stride[last] == 1 || view->shape[last] == 1));
}

/* Row [r] of a matrix, row [g, r] of a three-dimensional operand; NULL if it was left out. */
static inline float *
tpd_row2 (const TpdView *view, int64_t r)
{
  return view != NULL ? (float *)view->data + r * view->stride[0] : NULL;
}

static inline float *
tpd_row3 (const TpdView *view, int64_t g, int64_t r)
{
  return (float *)view->data + g * view->stride[0] + r * view->stride[1];
}

/* In how many parts to cut each of n_groups groups of rows. */
static inline int64_t
tpd_parts_per_group (int64_t n_groups, int64_t rows, int64_t channels)
{
  int64_t worth = rows * channels / TPD_PART_ELEMENTS;

  return MAX (1, MIN (MIN (worth, rows), TPD_MAX_PARTS / n_groups));
}

/* Rows begin … end − 1 of part p. */
static inline void
tpd_part_range (int64_t rows, int64_t n_parts, int64_t p, int64_t *begin, int64_t *end)
{
  *begin = rows * p / n_parts;
  *end = rows * (p + 1) / n_parts;
}

/* out[c] = sum of n_parts vectors, `step` elements apart, in order */
static inline void
tpd_sum_parts (float *out, const float *parts, int64_t n_parts, int64_t step, int64_t channels)
{
  for (int64_t c = 0; c < channels; c++)
    out[c] = parts[c];
  for (int64_t p = 1; p < n_parts; p++)
    for (int64_t c = 0; c < channels; c++)
      out[c] += parts[p * step + c];
}

/* Grain for a loop over rows. */
static inline int64_t
tpd_row_grain (int64_t channels)
{
  return MAX (1, 16384 / MAX (channels, 1));
}
