/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-context-private.h"

#include <string.h>

#include "tpd-shape.h"
#include "tpd-view-layout.h"

G_DEFINE_BOXED_TYPE (TpdTensor, tpd_tensor, tpd_tensor_ref, tpd_tensor_unref)

gsize
tpd_dtype_size (TpdDtype dtype)
{
  static const guint8 sizes[] = {[TPD_F32] = 4, [TPD_F64] = 8, [TPD_F16] = 2, [TPD_BF16] = 2,
                                 [TPD_I32] = 4, [TPD_I64] = 8, [TPD_U8] = 1};

  return sizes[dtype];
}

const char *
tpd_dtype_name (TpdDtype dtype)
{
  static const char *const names[] = {
      [TPD_F32] = "f32", [TPD_F64] = "f64", [TPD_F16] = "f16", [TPD_BF16] = "bf16",
      [TPD_I32] = "i32", [TPD_I64] = "i64", [TPD_U8] = "u8"};

  return names[dtype];
}

static TpdView
contiguous_view (TpdDtype dtype, int n_dims, const gint64 *shape)
{
  TpdView view = {.dtype = dtype, .n_dims = n_dims};
  gint64 stride = 1;

  for (int i = n_dims - 1; i >= 0; i--)
    {
      view.shape[i] = shape[i];
      view.stride[i] = stride;
      stride *= shape[i];
    }
  return view;
}

/* Takes the storage. */
static TpdTensor *
tensor_with_view (const TpdView *view, TpdStorage *storage)
{
  TpdTensor *self = g_new0 (TpdTensor, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->view = *view;
  self->storage = storage;
  return self;
}

/* What comes back once a context has failed: one element's worth of nothing, shaped so that callers
 * can go on. */
static TpdTensor *
dead_tensor (TpdContext *ctx, TpdDtype dtype, int n_dims)
{
  TpdView view = contiguous_view (dtype, n_dims, (gint64[TPD_MAX_DIMS]){1, 1, 1, 1, 1, 1});

  return tensor_with_view (&view, tpd_storage_new_empty (tpd_context_get_stream (ctx)));
}

/* Bytes of a contiguous tensor, or 0 when the shape is negative or overflows. */
static gsize
checked_bytes (TpdDtype dtype, int n_dims, const gint64 *shape)
{
  gsize bytes = tpd_dtype_size (dtype);

  for (int i = 0; i < n_dims; i++)
    if (shape[i] < 0 || !g_size_checked_mul (&bytes, bytes, (gsize)shape[i]) || bytes > G_MAXINT64)
      return 0;
  return MAX (bytes, 1);
}

TpdTensor *
tpd_tensor_new (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape)
{
  gsize bytes = checked_bytes (dtype, n_dims, shape);
  GError *error = NULL;
  TpdStorage *storage;
  TpdView view;

  g_assert (n_dims >= 1 && n_dims <= TPD_MAX_DIMS);
  if (tpd_context_failed (ctx))
    return dead_tensor (ctx, dtype, n_dims);
  if (bytes == 0)
    {
      tpd_context_fail (ctx, TPD_ERROR_NO_MEMORY,
                        "A tensor of that shape has more bytes than can be counted");
      return dead_tensor (ctx, dtype, n_dims);
    }
  storage = tpd_storage_new (tpd_context_get_stream (ctx), bytes, &error);
  if (storage == NULL)
    {
      tpd_context_take_error (ctx, error);
      return dead_tensor (ctx, dtype, n_dims);
    }
  view = contiguous_view (dtype, n_dims, shape);
  view.data = storage->data;
  return tensor_with_view (&view, storage);
}

TpdTensor *
tpd_tensor_new_from_host (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape,
                          gconstpointer data)
{
  TpdTensor *self = tpd_tensor_new (ctx, dtype, n_dims, shape);

  tpd_tensor_upload (ctx, self, data);
  return self;
}

TpdTensor *
tpd_tensor_ref (TpdTensor *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tpd_tensor_unref (TpdTensor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  tpd_storage_unref (self->storage);
  g_clear_pointer (&self->grad, tpd_tensor_unref);
  g_free (self);
}

gint64
tpd_tensor_n_elements (const TpdTensor *self)
{
  return tpd_shape_count (self->view.n_dims, self->view.shape);
}

gboolean
tpd_tensor_is_contiguous (const TpdTensor *self)
{
  return tpd_view_is_contiguous (&self->view);
}

gboolean
tpd_tensor_same_shape (const TpdTensor *a, const TpdTensor *b)
{
  return a->view.n_dims == b->view.n_dims &&
         memcmp (a->view.shape, b->view.shape, sizeof (gint64) * (gsize)a->view.n_dims) == 0;
}

char *
tpd_tensor_shape_string (const TpdTensor *self)
{
  return tpd_shape_string (self->view.n_dims, self->view.shape);
}

TpdDevice *
tpd_tensor_device (const TpdTensor *self)
{
  return self->storage->stream->device;
}

gboolean
tpd_tensor_to_host (TpdContext *ctx, TpdTensor *self, gpointer data, GError **error)
{
  TpdStream *stream = tpd_context_get_stream (ctx);
  gsize bytes = (gsize)tpd_tensor_n_elements (self) * tpd_dtype_size (self->view.dtype);
  g_autoptr (TpdTensor) packed = NULL;

  if (!tpd_context_sync (ctx, error))
    return FALSE;
  if (!tpd_tensor_is_contiguous (self))
    {
      packed = tpd_tensor_new (ctx, self->view.dtype, self->view.n_dims, self->view.shape);
      if (!tpd_context_failed (ctx))
        tpd_context_ops (ctx)->copy (tpd_context_get_exec (ctx), &packed->view, &self->view);
      if (!tpd_context_sync (ctx, error))
        return FALSE;
      self = packed;
    }
  return TPD_DEVICE_GET_CLASS (stream->device)
      ->download (stream->device, stream->handle, data, self->view.data, bytes, error);
}

void
tpd_tensor_upload (TpdContext *ctx, TpdTensor *self, gconstpointer data)
{
  TpdStream *stream = tpd_context_get_stream (ctx);
  gsize bytes = (gsize)tpd_tensor_n_elements (self) * tpd_dtype_size (self->view.dtype);
  GError *error = NULL;

  g_assert (tpd_tensor_is_contiguous (self));
  if (!tpd_context_failed (ctx) &&
      !TPD_DEVICE_GET_CLASS (stream->device)
           ->upload (stream->device, stream->handle, self->view.data, data, bytes, &error))
    tpd_context_take_error (ctx, error);
}
