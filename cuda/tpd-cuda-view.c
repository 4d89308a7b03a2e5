/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-view.h"

#include "../engine/core/tpd-tensor.h"

/* What the fastest loads of any library want. */
#define ALIGNMENT ((gsize)256)

gboolean
tpd_cuda_takes (TpdExec *exec, const char *op, TpdDtype dtype)
{
  if (dtype == TPD_F32 || dtype == TPD_F16 || dtype == TPD_BF16)
    return TRUE;
  tpd_cuda_refuse (exec, op, "only f32, f16 and bf16 tensors are on the GPU");
  return FALSE;
}

static gsize
packed_bytes (const TpdView *view)
{
  gsize bytes = (gsize)tpd_view_n_elements (view) * tpd_dtype_size (view->dtype);

  return (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

void
tpd_cuda_packing_add_padded (TpdCudaPacking *self, TpdView *view, TpdCudaAccess access,
                             const gint64 *start, const gint64 *shape)
{
  guint i = self->n_views++;
  gint64 stride = 1, first = 0;

  g_assert (i < TPD_CUDA_MAX_PACKED);
  self->copies[i].view = view;
  self->copies[i].original = *view;
  self->copies[i].access = access;
  for (int d = view->n_dims - 1; d >= 0; d--)
    {
      view->shape[d] = shape[d];
      view->stride[d] = stride;
      first += start[d] * stride;
      stride *= shape[d];
    }
  self->copies[i].inner = self->copies[i].original;
  memcpy (self->copies[i].inner.stride, view->stride, sizeof view->stride);
  self->copies[i].start = (gsize)first * tpd_dtype_size (view->dtype);
}

void
tpd_cuda_packing_add (TpdCudaPacking *self, TpdView *view, TpdCudaAccess access)
{
  static const gint64 origin[TPD_MAX_DIMS];
  const TpdView same = *view;

  tpd_cuda_packing_add_padded (self, view, access, origin, same.shape);
}

gboolean
tpd_cuda_packing_begin (TpdCudaPacking *self, TpdExec *exec, gsize workspace_bytes)
{
  gsize bytes = workspace_bytes;
  guint8 *scratch;

  for (guint i = 0; i < self->n_views; i++)
    bytes += packed_bytes (self->copies[i].view);
  if (bytes == 0)
    return TRUE;
  scratch = exec->scratch (exec, bytes);
  if (scratch == NULL)
    return FALSE;
  for (guint i = 0; i < self->n_views; i++)
    {
      TpdView *view = self->copies[i].view, *inner = &self->copies[i].inner;

      view->data = scratch;
      inner->data = scratch + self->copies[i].start;
      scratch += packed_bytes (view);
      if (!(self->copies[i].access & TPD_CUDA_IN))
        continue;
      if (tpd_view_n_elements (view) > tpd_view_n_elements (inner))
        tpd_cuda_fill (exec, view, 0);
      tpd_cuda_copy (exec, inner, &self->copies[i].original);
    }
  self->workspace = scratch;
  return TRUE;
}

void
tpd_cuda_packing_end (TpdCudaPacking *self, TpdExec *exec)
{
  for (guint i = 0; i < self->n_views; i++)
    if (self->copies[i].access & TPD_CUDA_OUT)
      tpd_cuda_copy (exec, &self->copies[i].original, &self->copies[i].inner);
}
