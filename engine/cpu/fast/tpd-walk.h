/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-fast.h"

/* Element-wise ops over operands of one shape and any strides. Dimensions that all operands lay out
 * without a gap are merged, and what is left innermost is handed over row by row, from all cores.
 */

#define TPD_WALK_MAX_OPERANDS 3

/* Elements that a core should get at once, and the most in one row. */
#define TPD_WALK_GRAIN 16384

typedef struct _TpdWalk TpdWalk;

/* n elements; operand k has them at p[k], stride[k] elements apart: 1, 0 for a broadcast input, or
 * anything. */
typedef void (*TpdRowFunc) (int64_t n, void *const *p, const int64_t *stride, const void *attrs);

struct _TpdWalk
{
  int n_operands, n_dims;
  int64_t shape[TPD_MAX_DIMS];
  int64_t stride[TPD_WALK_MAX_OPERANDS][TPD_MAX_DIMS];
  void *data[TPD_WALK_MAX_OPERANDS];
  int64_t size[TPD_WALK_MAX_OPERANDS]; /* bytes of an element */
  int64_t pieces;                      /* rows are cut into so many */
  TpdRowFunc row;
  const void *attrs;
};

static inline int64_t
tpd_walk_element_size (TpdDtype dtype)
{
  return dtype == TPD_F64 || dtype == TPD_I64   ? 8
         : dtype == TPD_F32 || dtype == TPD_I32 ? 4
         : dtype == TPD_U8                      ? 1
                                                : 2;
}

/* Whether dimension i of the views continues dimension d of the walk without a gap. */
static inline int
tpd_walk_continues (const TpdWalk *walk, const TpdView *const *views, int d, int i)
{
  for (int k = 0; k < walk->n_operands; k++)
    if (walk->stride[k][d] != views[k]->shape[i] * views[k]->stride[i])
      return 0;
  return 1;
}

/* Merges the dimensions of the views, outer to inner. */
static inline void
tpd_walk_init (TpdWalk *walk, const TpdView *const *views, int n_operands)
{
  int last = -1;

  walk->n_operands = n_operands;
  for (int k = 0; k < n_operands; k++)
    {
      walk->data[k] = views[k]->data;
      walk->size[k] = tpd_walk_element_size (views[k]->dtype);
    }
  for (int i = 0; i < views[0]->n_dims; i++)
    {
      if (views[0]->shape[i] == 1)
        continue;
      if (last >= 0 && tpd_walk_continues (walk, views, last, i))
        walk->shape[last] *= views[0]->shape[i];
      else
        walk->shape[++last] = views[0]->shape[i];
      for (int k = 0; k < n_operands; k++)
        walk->stride[k][last] = views[k]->stride[i];
    }
  if (last < 0) /* a single element */
    {
      walk->shape[++last] = 1;
      for (int k = 0; k < n_operands; k++)
        walk->stride[k][last] = 1;
    }
  walk->n_dims = last + 1;
}

/* Items are pieces of rows. */
static inline void
tpd_walk_part (gint64 begin, gint64 end, guint thread, gpointer data)
{
  const TpdWalk *walk = data;
  int inner = walk->n_dims - 1;
  int64_t width = (walk->shape[inner] + walk->pieces - 1) / walk->pieces;
  int64_t stride[TPD_WALK_MAX_OPERANDS];
  void *p[TPD_WALK_MAX_OPERANDS];

  for (int k = 0; k < walk->n_operands; k++)
    stride[k] = walk->stride[k][inner];
  for (int64_t item = begin; item < end; item++)
    {
      int64_t first = item % walk->pieces * width, row = item / walk->pieces;
      int64_t n = MIN (width, walk->shape[inner] - first);
      int64_t offset[TPD_WALK_MAX_OPERANDS];

      for (int k = 0; k < walk->n_operands; k++)
        offset[k] = first * stride[k];
      for (int i = inner - 1; i >= 0; i--)
        {
          int64_t index = row % walk->shape[i];

          row /= walk->shape[i];
          for (int k = 0; k < walk->n_operands; k++)
            offset[k] += index * walk->stride[k][i];
        }
      for (int k = 0; k < walk->n_operands; k++)
        p[k] = (char *)walk->data[k] + offset[k] * walk->size[k];
      if (n > 0)
        walk->row (n, p, stride, walk->attrs);
    }
}

static inline void
tpd_walk_run (TpdWalk *walk, TpdRowFunc row, const void *attrs)
{
  int64_t width = walk->shape[walk->n_dims - 1], rows = 1;

  for (int i = 0; i < walk->n_dims - 1; i++)
    rows *= walk->shape[i];
  if (width == 0 || rows == 0)
    return;
  walk->row = row;
  walk->attrs = attrs;
  walk->pieces = (width + TPD_WALK_GRAIN - 1) / TPD_WALK_GRAIN;
  tpd_parallel_for (rows * walk->pieces, MAX (1, TPD_WALK_GRAIN * walk->pieces / width),
                    tpd_walk_part, walk);
}

/* Runs `row` over the views if all are f32; else returns 0. */
static inline int
tpd_walk_f32 (TpdRowFunc row, const void *attrs, const TpdView *const *views, int n_operands)
{
  TpdWalk walk;

  for (int k = 0; k < n_operands; k++)
    if (views[k]->dtype != TPD_F32)
      return 0;
  tpd_walk_init (&walk, views, n_operands);
  tpd_walk_run (&walk, row, attrs);
  return 1;
}
