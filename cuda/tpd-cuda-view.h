/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

#include "../engine/core/tpd-view-layout.h"
#include "tpd-cuda.h"

G_BEGIN_DECLS

/* Libraries take fewer layouts than ops do. Views that they do not take are copied into scratch
 * memory, contiguous there, and results are copied back. */

typedef enum
{
  TPD_CUDA_IN = 1,
  TPD_CUDA_OUT = 2,
  TPD_CUDA_IN_OUT = 3,
} TpdCudaAccess;

#define TPD_CUDA_MAX_PACKED 4

/* The copies that one call of a library needs. Usage: add views, begin, call, end. */
typedef struct
{
  guint n_views;
  struct
  {
    TpdView *view; /* what the library will see; begin sets its data */
    gsize start;   /* bytes from there to the original's first element */
    TpdView inner; /* the part of it that is the original */
    TpdView original;
    TpdCudaAccess access;
  } copies[TPD_CUDA_MAX_PACKED];
  void *workspace; /* what was asked for besides */
} TpdCudaPacking;

/* Has *view replaced by a contiguous copy of it. */
void tpd_cuda_packing_add (TpdCudaPacking *self, TpdView *view, TpdCudaAccess access);

/* The same with zeros around it: the copy has `shape`, and *view begins at `start` in it. */
void tpd_cuda_packing_add_padded (TpdCudaPacking *self, TpdView *view, TpdCudaAccess access,
                                  const gint64 *start, const gint64 *shape);

/* Takes scratch memory for all copies and `workspace_bytes` more, and makes the copies that are
 * read. FALSE: out of memory, reported. */
gboolean tpd_cuda_packing_begin (TpdCudaPacking *self, TpdExec *exec, gsize workspace_bytes);

/* Copies results back. */
void tpd_cuda_packing_end (TpdCudaPacking *self, TpdExec *exec);

static inline gboolean
tpd_cuda_is_empty (const TpdView *view)
{
  return tpd_view_n_elements (view) == 0;
}

/* Whether this backend computes in a dtype; reports if not. */
gboolean tpd_cuda_takes (TpdExec *exec, const char *op, TpdDtype dtype);

G_END_DECLS
