/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

#include <string.h>

/* Movement, element-wise functions and reductions. */

/* ── making tensors ── */

TpdTensor *
tpd_zeros (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape)
{
  TpdTensor *y = tpd_op_output (ctx, dtype, n_dims, shape);

  TPD_RUN (ctx, fill, &y->view, 0);
  return y;
}

TpdTensor *
tpd_randn (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape, guint64 seed,
           guint64 offset)
{
  TpdTensor *y = tpd_op_output (ctx, dtype, n_dims, shape);

  if (tpd_op_check_float (ctx, "randn", "the result", y))
    TPD_RUN (ctx, randn, &y->view, seed, offset);
  return y;
}

/* ── copies ── */

/* dx = dy in the dtype of x */
static void
copy_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];

  tpd_grad_add (ctx, x, tpd_cast (ctx, node->out->grad, x->view.dtype));
}

static TpdTensor *
recorded_copy (TpdContext *ctx, TpdTensor *x, TpdDtype dtype)
{
  TpdTensor *y = tpd_op_output (ctx, dtype, x->view.n_dims, x->view.shape);

  TPD_RUN (ctx, copy, &y->view, &x->view);
  tpd_tape_record (ctx, copy_backward, y, &x, 1);
  return y;
}

TpdTensor *
tpd_contiguous (TpdContext *ctx, TpdTensor *x)
{
  if (tpd_context_failed (ctx) || tpd_tensor_is_contiguous (x))
    return x;
  return recorded_copy (ctx, x, x->view.dtype);
}

TpdTensor *
tpd_cast (TpdContext *ctx, TpdTensor *x, TpdDtype dtype)
{
  if (tpd_context_failed (ctx) || x->view.dtype == dtype)
    return x;
  return recorded_copy (ctx, x, dtype);
}

/* Each input's gradient is its slice of the output's. */
static void
concat_backward (TpdContext *ctx, TpdNode *node)
{
  int dim = (int)node->attr[0];
  gint64 start = 0;

  for (int i = 0; i < TPD_NODE_MAX_INPUTS && node->in[i] != NULL; i++)
    {
      gint64 end = start + node->in[i]->view.shape[dim];

      tpd_grad_add (ctx, node->in[i], tpd_slice (ctx, node->out->grad, dim, start, end, 1));
      start = end;
    }
}

/* Joins at most TPD_NODE_MAX_INPUTS tensors. */
static TpdTensor *
concat_few (TpdContext *ctx, TpdTensor *const *x, int n, int dim)
{
  gint64 shape[TPD_MAX_DIMS], start = 0;
  TpdTensor *y;
  TpdNode *node;

  memcpy (shape, x[0]->view.shape, sizeof shape);
  for (int i = 1; i < n; i++)
    shape[dim] += x[i]->view.shape[dim];
  y = tpd_op_output (ctx, x[0]->view.dtype, x[0]->view.n_dims, shape);
  for (int i = 0; i < n; i++)
    {
      TpdTensor *part = tpd_slice (ctx, y, dim, start, start + x[i]->view.shape[dim], 1);

      TPD_RUN (ctx, copy, &part->view, &x[i]->view);
      start += x[i]->view.shape[dim];
    }
  node = tpd_tape_record (ctx, concat_backward, y, x, n);
  if (node != NULL)
    node->attr[0] = dim;
  return y;
}

TpdTensor *
tpd_concat (TpdContext *ctx, TpdTensor *const *x, int n, int dim)
{
  TpdTensor *few[TPD_NODE_MAX_INPUTS];
  gint64 expected[TPD_MAX_DIMS];

  g_assert (n >= 1 && dim >= 0 && dim < x[0]->view.n_dims);
  if (tpd_context_failed (ctx) || n == 1)
    return x[0];
  memcpy (expected, x[0]->view.shape, sizeof expected);
  expected[dim] = -1;
  for (int i = 1; i < n; i++)
    if (!tpd_op_check_dtype (ctx, "concat", "an input", x[i], x[0]->view.dtype) ||
        !tpd_op_check_shape (ctx, "concat", "an input", x[i], x[0]->view.n_dims, expected))
      return x[0];

  if (n <= TPD_NODE_MAX_INPUTS)
    return concat_few (ctx, x, n, dim);
  for (int i = 0, start = 0; i < TPD_NODE_MAX_INPUTS; i++)
    {
      int end = (int)((gint64)n * (i + 1) / TPD_NODE_MAX_INPUTS);

      few[i] = tpd_concat (ctx, x + start, end - start, dim);
      start = end;
    }
  return tpd_context_failed (ctx) ? x[0] : concat_few (ctx, few, TPD_NODE_MAX_INPUTS, dim);
}

/* ── sums and products ── */

static void
add_backward (TpdContext *ctx, TpdNode *node)
{
  tpd_grad_add (ctx, node->in[0], node->out->grad);
  tpd_grad_add (ctx, node->in[1], node->out->grad);
}

TpdTensor *
tpd_add (TpdContext *ctx, TpdTensor *a, TpdTensor *b)
{
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "add", "a", a) ||
      !tpd_op_check_like (ctx, "add", "b", b, a))
    return a;
  y = tpd_op_like (ctx, a);
  TPD_RUN (ctx, add, &y->view, &a->view, &b->view);
  tpd_tape_record (ctx, add_backward, y, (TpdTensor *[]){a, b}, 2);
  return y;
}

/* c·x, not recorded */
static TpdTensor *
scaled (TpdContext *ctx, TpdTensor *x, double c)
{
  TpdTensor *y = tpd_op_like (ctx, x);

  TPD_RUN (ctx, axpby, c, &x->view, 0, &y->view);
  return y;
}

static void
lincomb_backward (TpdContext *ctx, TpdNode *node)
{
  for (int i = 0; i < 2; i++)
    if (tpd_grad_wanted (node, i))
      tpd_grad_add (ctx, node->in[i], scaled (ctx, node->out->grad, node->attr[i]));
}

TpdTensor *
tpd_lincomb (TpdContext *ctx, double ca, TpdTensor *a, double cb, TpdTensor *b)
{
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "lincomb", "a", a) ||
      !tpd_op_check_like (ctx, "lincomb", "b", b, a))
    return a;
  y = scaled (ctx, a, ca);
  TPD_RUN (ctx, axpby, cb, &b->view, 1, &y->view);
  node = tpd_tape_record (ctx, lincomb_backward, y, (TpdTensor *[]){a, b}, 2);
  if (node != NULL)
    {
      node->attr[0] = ca;
      node->attr[1] = cb;
    }
  return y;
}

static void
scale_backward (TpdContext *ctx, TpdNode *node)
{
  tpd_grad_add (ctx, node->in[0], scaled (ctx, node->out->grad, node->attr[0]));
}

TpdTensor *
tpd_scale (TpdContext *ctx, TpdTensor *x, double c)
{
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "scale", "x", x))
    return x;
  y = scaled (ctx, x, c);
  node = tpd_tape_record (ctx, scale_backward, y, &x, 1);
  if (node != NULL)
    node->attr[0] = c;
  return y;
}

/* da = dy · b   db = dy · a */
static void
mul_backward (TpdContext *ctx, TpdNode *node)
{
  for (int i = 0; i < 2; i++)
    if (tpd_grad_wanted (node, i))
      {
        TpdTensor *g = tpd_op_like (ctx, node->in[i]);

        TPD_RUN (ctx, mul, &g->view, &node->out->grad->view, &node->in[1 - i]->view);
        tpd_grad_add (ctx, node->in[i], g);
      }
}

TpdTensor *
tpd_mul (TpdContext *ctx, TpdTensor *a, TpdTensor *b)
{
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "mul", "a", a) ||
      !tpd_op_check_like (ctx, "mul", "b", b, a))
    return a;
  y = tpd_op_like (ctx, a);
  TPD_RUN (ctx, mul, &y->view, &a->view, &b->view);
  tpd_tape_record (ctx, mul_backward, y, (TpdTensor *[]){a, b}, 2);
  return y;
}

static void
act_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];
  TpdTensor *g = tpd_op_like (ctx, x);

  TPD_RUN (ctx, act_bwd, &g->view, &node->out->grad->view, &x->view, (TpdAct)node->attr[0]);
  tpd_grad_add (ctx, x, g);
}

TpdTensor *
tpd_act (TpdContext *ctx, TpdTensor *x, TpdAct act)
{
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "act", "x", x))
    return x;
  y = tpd_op_like (ctx, x);
  TPD_RUN (ctx, act, &y->view, &x->view, act);
  node = tpd_tape_record (ctx, act_backward, y, &x, 1);
  if (node != NULL)
    node->attr[0] = act;
  return y;
}

/* Every element gets dy / n. */
static void
mean_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];
  TpdTensor *g = scaled (ctx, node->out->grad, 1 / (double)tpd_tensor_n_elements (x));
  gint64 ones[TPD_MAX_DIMS] = {1, 1, 1, 1, 1, 1};

  tpd_grad_add (
      ctx, x,
      tpd_expand (ctx, tpd_reshape (ctx, g, x->view.n_dims, ones), x->view.n_dims, x->view.shape));
}

TpdTensor *
tpd_mean (TpdContext *ctx, TpdTensor *x)
{
  gint64 n = tpd_tensor_n_elements (x);
  gint64 ones[TPD_MAX_DIMS] = {1, 1, 1, 1, 1, 1};
  TpdTensor *y;
  TpdView total;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "mean", "x", x) ||
      !tpd_op_check (ctx, n > 0, "mean", "x is empty"))
    return x;
  y = tpd_op_output (ctx, x->view.dtype, 1, ones);
  total = tpd_op_seen_as (y, x->view.n_dims, ones);
  TPD_RUN (ctx, sum_to, &total, &x->view);
  TPD_RUN (ctx, axpby, 0, &y->view, 1 / (double)n, &y->view);
  tpd_tape_record (ctx, mean_backward, y, &x, 1);
  return y;
}

/* ── in place ── */

void
tpd_axpby_inplace (TpdContext *ctx, double a, TpdTensor *x, double b, TpdTensor *y)
{
  if (!tpd_context_failed (ctx) && tpd_op_check_float (ctx, "axpby", "x", x) &&
      tpd_op_check_like (ctx, "axpby", "y", y, x))
    TPD_RUN (ctx, axpby, a, &x->view, b, &y->view);
}

void
tpd_copy_into (TpdContext *ctx, TpdTensor *y, TpdTensor *x)
{
  if (!tpd_context_failed (ctx) &&
      tpd_op_check_shape (ctx, "copy", "y", y, x->view.n_dims, x->view.shape))
    TPD_RUN (ctx, copy, &y->view, &x->view);
}

void
tpd_fill (TpdContext *ctx, TpdTensor *y, double value)
{
  TPD_RUN (ctx, fill, &y->view, value);
}
