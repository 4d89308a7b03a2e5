/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../../core/tpd-view-layout.h"
#include "tpd-fast.h"

/* Contiguous tensors cut into pieces of a fixed size: what is summed piece by piece is the same
 * whatever the number of threads, and many small tensors are shared out like one large one. */
#define TPD_PIECE 4096

/* Pieces that a core should get at once. */
#define TPD_PIECE_GRAIN 4

static inline gboolean
tpd_is_contiguous_f32 (const TpdView *x)
{
  return x->dtype == TPD_F32 && tpd_view_is_contiguous (x);
}

/* For n tensors, the number of the first piece of each, and of all pieces at index n; NULL if one
 * of them is not contiguous f32. Free with g_free(). */
static inline int64_t *
tpd_pieces_new (const TpdView *const *x, size_t n)
{
  int64_t *first = g_new (int64_t, n + 1);

  first[0] = 0;
  for (size_t k = 0; k < n; k++)
    {
      if (!tpd_is_contiguous_f32 (x[k]))
        {
          g_free (first);
          return NULL;
        }
      first[k + 1] = first[k] + (tpd_view_n_elements (x[k]) + TPD_PIECE - 1) / TPD_PIECE;
    }
  return first;
}

/* Finds piece i: advances *k to its tensor; returns how many elements it has, from *start on. */
static inline int64_t
tpd_pieces_find (const int64_t *first, const TpdView *const *x, int64_t i, size_t *k,
                 int64_t *start)
{
  while (first[*k + 1] <= i)
    (*k)++;
  *start = (i - first[*k]) * TPD_PIECE;
  return MIN (TPD_PIECE, tpd_view_n_elements (x[*k]) - *start);
}
