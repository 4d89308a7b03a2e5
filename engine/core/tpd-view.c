/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-context-private.h"

#include <string.h>

#include "tpd-tape.h"

/* View functions and how gradients flow back through them. */

static TpdTensor *
view_of (TpdContext *ctx, TpdTensor *x, const TpdView *view)
{
  TpdTensor *y = g_new0 (TpdTensor, 1);

  g_atomic_ref_count_init (&y->ref_count);
  y->view = *view;
  y->storage = tpd_storage_ref (x->storage);
  return tpd_context_own (ctx, y);
}

static TpdTensor *
packed (TpdContext *ctx, TpdTensor *x)
{
  TpdTensor *y;

  if (tpd_tensor_is_contiguous (x))
    return x;
  y = tpd_context_own (ctx, tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape));
  if (!tpd_context_failed (ctx))
    tpd_context_ops (ctx)->copy (tpd_context_get_exec (ctx), &y->view, &x->view);
  return y;
}

/* ── slice ── */

/* A view of elements begin … end − 1 of x's gradient along `dim`. */
static TpdView
gradient_part (const TpdTensor *x, int dim, gint64 begin, gint64 end)
{
  TpdView view = x->grad->view;

  view.data = (guint8 *)view.data + begin * view.stride[dim] * (gint64)tpd_dtype_size (view.dtype);
  view.shape[dim] = end - begin;
  return view;
}

/* The first slice of x to arrive need not add to zeros: it is copied, the rest filled. */
static void
slice_backward (TpdContext *ctx, TpdNode *node)
{
  const TpdOpTable *ops = tpd_context_ops (ctx);
  TpdExec *exec = tpd_context_get_exec (ctx);
  TpdTensor *x = node->in[0];
  int dim = (int)node->attr[0];
  gint64 start = (gint64)node->attr[1], end = (gint64)node->attr[2], step = (gint64)node->attr[3];
  gboolean first = x->grad == NULL && step == 1;
  TpdView part, rest;

  if (first)
    x->grad = tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape);
  else
    tpd_grad_buffer (ctx, x);
  if (tpd_context_failed (ctx))
    return;

  part = gradient_part (x, dim, start, end);
  part.stride[dim] *= step;
  part.shape[dim] = node->out->view.shape[dim];
  if (!first)
    {
      ops->axpby (exec, 1, &node->out->grad->view, 1, &part);
      return;
    }
  ops->copy (exec, &part, &node->out->grad->view);
  rest = gradient_part (x, dim, 0, start);
  if (start > 0)
    ops->fill (exec, &rest, 0);
  rest = gradient_part (x, dim, end, x->view.shape[dim]);
  if (end < x->view.shape[dim])
    ops->fill (exec, &rest, 0);
}

TpdTensor *
tpd_slice (TpdContext *ctx, TpdTensor *x, int dim, gint64 start, gint64 end, gint64 step)
{
  TpdView view = x->view;
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx))
    return x;
  g_assert (dim >= 0 && dim < view.n_dims && step > 0);
  g_assert (start >= 0 && start <= end && end <= view.shape[dim]);
  view.data = (guint8 *)view.data + start * view.stride[dim] * (gint64)tpd_dtype_size (view.dtype);
  view.shape[dim] = (end - start + step - 1) / step;
  view.stride[dim] *= step;
  y = view_of (ctx, x, &view);
  node = tpd_tape_record (ctx, slice_backward, y, &x, 1);
  if (node != NULL)
    memcpy (node->attr, (double[]){dim, (double)start, (double)end, (double)step},
            4 * sizeof (double));
  return y;
}

/* ── reshape ── */

static void
reshape_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];

  tpd_grad_add (ctx, x,
                tpd_reshape (ctx, packed (ctx, node->out->grad), x->view.n_dims, x->view.shape));
}

/* Fills in a -1 and checks that the number of elements stays. */
static void
complete_shape (const TpdTensor *x, int n_dims, const gint64 *wanted, gint64 *shape)
{
  gint64 n = tpd_tensor_n_elements (x), known = 1;
  int rest = -1;

  for (int i = 0; i < n_dims; i++)
    {
      shape[i] = wanted[i];
      if (wanted[i] < 0)
        rest = i;
      else
        known *= wanted[i];
    }
  if (rest >= 0)
    {
      shape[rest] = known > 0 ? n / known : 0;
      known *= shape[rest];
    }
  g_assert (known == n);
}

/* Step between neighbours of dimensions i … end − 1 of x seen as one dimension, or -1 if their
 * layout has gaps. Dimensions of size 1 have no say. */
static gint64
common_step (const TpdView *x, int i, int end)
{
  gint64 step = 1, span = -1; /* span: what the next outer stride must be, once there is one */

  for (int k = MIN (end, x->n_dims) - 1; k >= i; k--)
    {
      if (x->shape[k] == 1)
        continue;
      if (span < 0)
        step = x->stride[k];
      else if (x->stride[k] != span)
        return -1;
      span = x->shape[k] * x->stride[k];
    }
  return step;
}

/* Strides of x, which is not empty, under a new shape, if x's layout allows it: walks both shapes
 * in groups of equal size. */
static gboolean
strides_for (const TpdView *x, int n_dims, const gint64 *shape, gint64 *stride)
{
  int i = 0, j = 0;

  while (i < x->n_dims || j < n_dims)
    {
      gint64 old_size = i < x->n_dims ? x->shape[i] : 1, new_size = j < n_dims ? shape[j] : 1, step;
      int i_end = i + 1, j_end = j + 1;

      while (old_size != new_size)
        if (old_size < new_size)
          old_size *= x->shape[i_end++];
        else
          new_size *= shape[j_end++];
      step = common_step (x, i, i_end);
      if (step < 0)
        return FALSE;
      for (int k = MIN (j_end, n_dims) - 1; k >= j; k--)
        {
          stride[k] = step;
          step *= shape[k];
        }
      i = i_end;
      j = j_end;
    }
  return TRUE;
}

TpdTensor *
tpd_reshape (TpdContext *ctx, TpdTensor *x, int n_dims, const gint64 *shape)
{
  TpdView view = {.data = x->view.data, .dtype = x->view.dtype, .n_dims = n_dims};
  gboolean possible;
  TpdTensor *y;

  if (tpd_context_failed (ctx))
    return x;
  g_assert (n_dims >= 1 && n_dims <= TPD_MAX_DIMS);
  complete_shape (x, n_dims, shape, view.shape);
  possible =
      tpd_tensor_n_elements (x) == 0 || strides_for (&x->view, n_dims, view.shape, view.stride);
  g_assert (possible);
  y = view_of (ctx, x, &view);
  tpd_tape_record (ctx, reshape_backward, y, &x, 1);
  return y;
}

/* ── permute ── */

static void
permute_backward (TpdContext *ctx, TpdNode *node)
{
  int inverse[TPD_MAX_DIMS];

  for (int i = 0; i < node->out->view.n_dims; i++)
    inverse[(int)node->attr[i]] = i;
  tpd_grad_add (ctx, node->in[0], tpd_permute (ctx, node->out->grad, inverse));
}

TpdTensor *
tpd_permute (TpdContext *ctx, TpdTensor *x, const int *order)
{
  TpdView view = x->view;
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx))
    return x;
  for (int i = 0; i < view.n_dims; i++)
    {
      view.shape[i] = x->view.shape[order[i]];
      view.stride[i] = x->view.stride[order[i]];
    }
  y = view_of (ctx, x, &view);
  node = tpd_tape_record (ctx, permute_backward, y, &x, 1);
  if (node != NULL)
    for (int i = 0; i < view.n_dims; i++)
      node->attr[i] = order[i];
  return y;
}

/* ── expand ── */

static void
expand_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];
  TpdTensor *g =
      tpd_context_own (ctx, tpd_tensor_new (ctx, x->view.dtype, x->view.n_dims, x->view.shape));

  if (!tpd_context_failed (ctx))
    tpd_context_ops (ctx)->sum_to (tpd_context_get_exec (ctx), &g->view, &node->out->grad->view);
  tpd_grad_add (ctx, x, g);
}

TpdTensor *
tpd_expand (TpdContext *ctx, TpdTensor *x, int n_dims, const gint64 *shape)
{
  TpdView view = x->view;
  TpdTensor *y;

  if (tpd_context_failed (ctx))
    return x;
  g_assert (n_dims == view.n_dims);
  for (int i = 0; i < n_dims; i++)
    if (view.shape[i] != shape[i])
      {
        g_assert (view.shape[i] == 1);
        view.shape[i] = shape[i];
        view.stride[i] = 0;
      }
  y = view_of (ctx, x, &view);
  tpd_tape_record (ctx, expand_backward, y, &x, 1);
  return y;
}
