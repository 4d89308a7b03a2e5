/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

/* Merges the outer dimensions of x until two are left: rows of any uniform stride, no copy.
 * Returns FALSE if the strides do not allow it. */
static gboolean
matrix_view (const TpdView *x, TpdView *matrix)
{
  int last = x->n_dims - 1;
  gint64 rows = 1, row_stride = 0;

  for (int i = last - 1; i >= 0; i--)
    {
      if (x->shape[i] == 1)
        continue;
      if (rows == 1)
        row_stride = x->stride[i];
      else if (x->stride[i] != rows * row_stride)
        return FALSE;
      rows *= x->shape[i];
    }
  *matrix = (TpdView){.data = x->data,
                      .dtype = x->dtype,
                      .n_dims = 2,
                      .shape = {rows, x->shape[last]},
                      .stride = {rows == 1 ? x->shape[last] : row_stride, x->stride[last]}};
  return TRUE;
}

/* grad x += op (a) op (b). With `flat`, x's gradient is seen as a matrix of rows. */
static void
grad_gemm (TpdContext *ctx, TpdTensor *x, gboolean flat, const TpdView *a, const TpdView *b,
           gboolean trans_a, gboolean trans_b)
{
  gboolean first = x->grad == NULL;
  TpdTensor *g = first ? tpd_op_like (ctx, x) : tpd_grad_buffer (ctx, x);
  TpdView view = g->view;

  if (flat)
    matrix_view (&g->view, &view);
  TPD_RUN (ctx, gemm, &view, a, b, NULL, trans_a, trans_b, 1, first ? 0 : 1);
  if (first)
    tpd_grad_add (ctx, x, g);
}

/* ── linear ── */

/* dx = dy w   dw = dyᵀ x   db = sum of dy over rows */
static void
linear_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0], *w = node->in[1], *b = node->in[2];
  TpdView x_rows, dy_rows;

  matrix_view (&x->view, &x_rows);
  matrix_view (&node->out->grad->view, &dy_rows);
  if (tpd_grad_wanted (node, 0))
    grad_gemm (ctx, x, TRUE, &dy_rows, &w->view, FALSE, FALSE);
  if (tpd_grad_wanted (node, 1))
    grad_gemm (ctx, w, FALSE, &dy_rows, &x_rows, TRUE, FALSE);
  if (tpd_grad_wanted (node, 2))
    {
      TpdTensor *db = tpd_op_like (ctx, b);
      TpdView row;

      matrix_view (&db->view, &row);
      TPD_RUN (ctx, sum_to, &row, &dy_rows);
      tpd_grad_add (ctx, b, db);
    }
}

TpdTensor *
tpd_linear (TpdContext *ctx, TpdTensor *x, TpdTensor *w, TpdTensor *b)
{
  int last = x->view.n_dims - 1;
  gint64 shape[TPD_MAX_DIMS];
  TpdView x_rows, y_rows;
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "linear", "x", x) ||
      !tpd_op_check_dtype (ctx, "linear", "weight", w, x->view.dtype) ||
      !tpd_op_check_shape (ctx, "linear", "weight", w, TPD_SHAPE (-1, x->view.shape[last])))
    return x;
  if (b != NULL && (!tpd_op_check_dtype (ctx, "linear", "bias", b, x->view.dtype) ||
                    !tpd_op_check_shape (ctx, "linear", "bias", b, 1, w->view.shape)))
    return x;

  if (!matrix_view (&x->view, &x_rows))
    {
      x = tpd_contiguous (ctx, x);
      matrix_view (&x->view, &x_rows);
    }
  for (int i = 0; i < last; i++)
    shape[i] = x->view.shape[i];
  shape[last] = w->view.shape[0];
  y = tpd_op_output (ctx, x->view.dtype, last + 1, shape);
  matrix_view (&y->view, &y_rows);
  TPD_RUN (ctx, gemm, &y_rows, &x_rows, &w->view, tpd_op_view (b), FALSE, TRUE, 1, 0);
  tpd_tape_record (ctx, linear_backward, y, (TpdTensor *[]){x, w, b}, 3);
  return y;
}

/* ── matmul ── */

/* With A = op (a) and B = op (b): dA = dc Bᵀ, dB = Aᵀ dc, each transposed back if it was. */
static void
matmul_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *a = node->in[0], *b = node->in[1];
  const TpdView *dc = &node->out->grad->view;
  gboolean trans_a = node->attr[0] != 0, trans_b = node->attr[1] != 0;

  if (tpd_grad_wanted (node, 0) && !trans_a)
    grad_gemm (ctx, a, FALSE, dc, &b->view, FALSE, !trans_b);
  else if (tpd_grad_wanted (node, 0))
    grad_gemm (ctx, a, FALSE, &b->view, dc, trans_b, TRUE);

  if (tpd_grad_wanted (node, 1) && !trans_b)
    grad_gemm (ctx, b, FALSE, &a->view, dc, !trans_a, FALSE);
  else if (tpd_grad_wanted (node, 1))
    grad_gemm (ctx, b, FALSE, dc, &a->view, TRUE, trans_a);
}

TpdTensor *
tpd_matmul (TpdContext *ctx, TpdTensor *a, TpdTensor *b, gboolean trans_a, gboolean trans_b)
{
  int d = a->view.n_dims - 2;
  gint64 shape[3], wanted[3];
  TpdTensor *c;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "matmul", "a", a) ||
      !tpd_op_check (ctx, d == 0 || d == 1, "matmul", "a has %d dimensions, expected 2 or 3",
                     d + 2) ||
      !tpd_op_check_dtype (ctx, "matmul", "b", b, a->view.dtype))
    return a;
  wanted[0] = a->view.shape[0];
  wanted[trans_b ? d + 1 : d] = a->view.shape[trans_a ? d : d + 1];
  wanted[trans_b ? d : d + 1] = -1;
  if (!tpd_op_check_shape (ctx, "matmul", "b", b, d + 2, wanted))
    return a;

  shape[0] = a->view.shape[0];
  shape[d] = a->view.shape[trans_a ? d + 1 : d];
  shape[d + 1] = b->view.shape[trans_b ? d : d + 1];
  c = tpd_op_output (ctx, a->view.dtype, d + 2, shape);
  TPD_RUN (ctx, gemm, &c->view, &a->view, &b->view, NULL, trans_a, trans_b, 1, 0);
  node = tpd_tape_record (ctx, matmul_backward, c, (TpdTensor *[]){a, b}, 2);
  if (node != NULL)
    {
      node->attr[0] = trans_a;
      node->attr[1] = trans_b;
    }
  return c;
}
