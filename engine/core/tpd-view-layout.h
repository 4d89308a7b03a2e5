/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How much a view holds and whether it lies in one piece, for the engine and for every backend.
 * Plain C, as tpd-types.h: nvcc includes it. */

#include "tpd-types.h"

static inline int64_t
tpd_view_n_elements (const TpdView *view)
{
  int64_t n = 1;

  for (int i = 0; i < view->n_dims; i++)
    n *= view->shape[i];
  return n;
}

/* Whether elements lie in order without gaps. What stride a dimension of size 1 has does not
 * matter. */
static inline int
tpd_view_is_contiguous (const TpdView *view)
{
  int64_t expected = 1;

  for (int i = view->n_dims - 1; i >= 0; i--)
    {
      if (view->shape[i] != 1 && view->stride[i] != expected)
        return 0;
      expected *= view->shape[i];
    }
  return 1;
}
