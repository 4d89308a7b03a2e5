/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-device.h"

G_BEGIN_DECLS

typedef struct _TpdContext TpdContext;

#define TPD_TYPE_TENSOR (tpd_tensor_get_type ())
TPD_API GType tpd_tensor_get_type (void);

/**
 * TpdTensor: (ref-func tpd_tensor_ref) (unref-func tpd_tensor_unref)
 * @view: where the elements lie, their type, shape and strides; read it freely
 *
 * A block of numbers on a device. Boxed and reference-counted; its storage is shared between a
 * tensor and its views.
 *
 * Tensors that ops and view functions return belong to the context's current scope (see
 * tpd_context_push_scope()): use them without thinking, keep one beyond the scope with
 * tpd_tensor_ref().
 */
typedef struct _TpdTensor
{
  TpdView view;

  /*< private >*/
  gatomicrefcount ref_count;
  struct _TpdStorage *storage; /* owned, shared */
  struct _TpdTensor *grad;     /* owned; d loss / d this, while a tape runs or for a parameter */
  gboolean requires_grad;
} TpdTensor;

/**
 * tpd_tensor_new: (skip)
 *
 * An uninitialised contiguous tensor on the context's device; the caller owns it (it is in no
 * scope). On failure the context's sticky error is set and a harmless tensor of ones in shape comes
 * back, never %NULL.
 */
TPD_API TpdTensor *tpd_tensor_new (TpdContext *ctx, TpdDtype dtype, int n_dims,
                                   const gint64 *shape);

/** tpd_tensor_new_from_host: (skip) the same, filled from host memory of that dtype and shape. */
TPD_API TpdTensor *tpd_tensor_new_from_host (TpdContext *ctx, TpdDtype dtype, int n_dims,
                                             const gint64 *shape, gconstpointer data);

TPD_API TpdTensor *tpd_tensor_ref (TpdTensor *self);
TPD_API void tpd_tensor_unref (TpdTensor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdTensor, tpd_tensor_unref)

/* ── properties ── */

/** tpd_dtype_size: Returns: bytes of one element */
TPD_API gsize tpd_dtype_size (TpdDtype dtype);
/** tpd_dtype_name: Returns: "f32", "bf16", … */
TPD_API const char *tpd_dtype_name (TpdDtype dtype);
/** tpd_tensor_n_elements: Returns: product of the shape */
TPD_API gint64 tpd_tensor_n_elements (const TpdTensor *self);
/** tpd_tensor_is_contiguous: Returns: whether elements lie in order without gaps */
TPD_API gboolean tpd_tensor_is_contiguous (const TpdTensor *self);
/** tpd_tensor_same_shape: Returns: whether both have the same shape */
TPD_API gboolean tpd_tensor_same_shape (const TpdTensor *a, const TpdTensor *b);
/** tpd_tensor_shape_string: Returns: (transfer full): e.g. "[2, 3, 4]", for messages */
TPD_API char *tpd_tensor_shape_string (const TpdTensor *self);
/** tpd_tensor_device: Returns: (transfer none): where it lies */
TPD_API TpdDevice *tpd_tensor_device (const TpdTensor *self);

/**
 * tpd_tensor_to_host: (skip)
 * @data: room for all elements, contiguous, in the tensor's dtype
 *
 * Waits for the tensor and copies it out; any strides. %FALSE with the context's error if anything
 * failed before.
 */
TPD_API gboolean tpd_tensor_to_host (TpdContext *ctx, TpdTensor *self, gpointer data,
                                     GError **error);

/** tpd_tensor_upload: (skip) overwrites a contiguous tensor with host data of its dtype; complete
 * on return. */
TPD_API void tpd_tensor_upload (TpdContext *ctx, TpdTensor *self, gconstpointer data);

/* ── views: no data moves; gradients flow through them; the result is in the current scope ── */

/** tpd_slice: elements start, start + step, … below `end` of dimension `dim`. */
TPD_API TpdTensor *tpd_slice (TpdContext *ctx, TpdTensor *x, int dim, gint64 start, gint64 end,
                              gint64 step);
/** tpd_reshape: the same elements in another shape; -1 once for "the rest". Needs strides that
 * allow it: a programmer's error otherwise; use tpd_contiguous() first. */
TPD_API TpdTensor *tpd_reshape (TpdContext *ctx, TpdTensor *x, int n_dims, const gint64 *shape);
/** tpd_permute: dimension i of the result is dimension order[i] of x. */
TPD_API TpdTensor *tpd_permute (TpdContext *ctx, TpdTensor *x, const int *order);
/** tpd_expand: repeats dimensions of size 1 (stride 0) to `shape`. */
TPD_API TpdTensor *tpd_expand (TpdContext *ctx, TpdTensor *x, int n_dims, const gint64 *shape);

/* Shapes in line: tpd_reshape (ctx, x, TPD_SHAPE (batch, -1, channels)) */
#define TPD_SHAPE(...)                                                                             \
  (int)(sizeof ((gint64[]){__VA_ARGS__}) / sizeof (gint64)), (gint64[])                            \
  {                                                                                                \
    __VA_ARGS__                                                                                    \
  }
#define TPD_ORDER(...) ((int[]){__VA_ARGS__})

G_END_DECLS
