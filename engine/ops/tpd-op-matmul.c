/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

#include <string.h>

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

/* grad b += sum of dy over rows */
static void
bias_gradient (TpdContext *ctx, TpdTensor *b, const TpdView *dy_rows)
{
  TpdTensor *db = tpd_op_like (ctx, b);
  TpdView row;

  matrix_view (&db->view, &row);
  TPD_RUN (ctx, sum_to, &row, dy_rows);
  tpd_grad_add (ctx, b, db);
}

/* x as a matrix of rows; a copy of x if its strides do not allow that. */
static TpdTensor *
as_rows (TpdContext *ctx, TpdTensor *x, TpdView *rows)
{
  if (!matrix_view (&x->view, rows))
    {
      x = tpd_contiguous (ctx, x);
      matrix_view (&x->view, rows);
    }
  return x;
}

/* An output […, channels] with the outer dimensions of x. */
static TpdTensor *
output_rows (TpdContext *ctx, const TpdTensor *x, gint64 channels, TpdView *rows)
{
  int last = x->view.n_dims - 1;
  gint64 shape[TPD_MAX_DIMS];
  TpdTensor *y;

  memcpy (shape, x->view.shape, sizeof shape);
  shape[last] = channels;
  y = tpd_op_output (ctx, x->view.dtype, last + 1, shape);
  matrix_view (&y->view, rows);
  return y;
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
    bias_gradient (ctx, b, &dy_rows);
}

TpdTensor *
tpd_linear (TpdContext *ctx, TpdTensor *x, TpdTensor *w, TpdTensor *b)
{
  int last = x->view.n_dims - 1;
  TpdView x_rows, y_rows;
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "linear", "x", x) ||
      !tpd_op_check_dtype (ctx, "linear", "weight", w, x->view.dtype) ||
      !tpd_op_check_shape (ctx, "linear", "weight", w, TPD_SHAPE (-1, x->view.shape[last])))
    return x;
  if (b != NULL && (!tpd_op_check_dtype (ctx, "linear", "bias", b, x->view.dtype) ||
                    !tpd_op_check_shape (ctx, "linear", "bias", b, 1, w->view.shape)))
    return x;

  x = as_rows (ctx, x, &x_rows);
  y = output_rows (ctx, x, w->view.shape[0], &y_rows);
  TPD_RUN (ctx, gemm, &y_rows, &x_rows, &w->view, tpd_op_view (b), FALSE, TRUE, 1, 0);
  tpd_tape_record (ctx, linear_backward, y, (TpdTensor *[]){x, w, b}, 3);
  return y;
}

/* ── linear over two inputs ── */

/* Columns start … start + n − 1 of a matrix. */
static TpdView
columns (const TpdView *matrix, gint64 start, gint64 n)
{
  TpdView view = *matrix;

  view.data = (guint8 *)view.data + start * view.stride[1] * (gint64)tpd_dtype_size (view.dtype);
  view.shape[1] = n;
  return view;
}

/* dx1 = dy w1   dx2 = dy w2   dw = [dyᵀ x1; dyᵀ x2]   db = sum of dy over rows */
static void
linear_concat_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *w = node->in[2], *b = node->in[3], *dw = NULL;
  gboolean first = w->grad == NULL;
  TpdView dy_rows;

  matrix_view (&node->out->grad->view, &dy_rows);
  if (tpd_grad_wanted (node, 2))
    dw = first ? tpd_op_like (ctx, w) : tpd_grad_buffer (ctx, w);
  for (gint64 i = 0, start = 0; i < 2; i++)
    {
      TpdTensor *x = node->in[i];
      TpdView x_rows, part;

      matrix_view (&x->view, &x_rows);
      if (tpd_grad_wanted (node, (int)i))
        {
          part = columns (&w->view, start, x_rows.shape[1]);
          grad_gemm (ctx, x, TRUE, &dy_rows, &part, FALSE, FALSE);
        }
      if (dw != NULL)
        {
          part = columns (&dw->view, start, x_rows.shape[1]);
          TPD_RUN (ctx, gemm, &part, &dy_rows, &x_rows, NULL, TRUE, FALSE, 1, first ? 0 : 1);
        }
      start += x_rows.shape[1];
    }
  if (dw != NULL && first)
    tpd_grad_add (ctx, w, dw);
  if (tpd_grad_wanted (node, 3))
    bias_gradient (ctx, b, &dy_rows);
}

TpdTensor *
tpd_linear_concat (TpdContext *ctx, TpdTensor *x1, TpdTensor *x2, TpdTensor *w, TpdTensor *b)
{
  const char *op = "linear_concat";
  int last = x1->view.n_dims - 1;
  gint64 k1 = x1->view.shape[last], k2, expected[TPD_MAX_DIMS];
  TpdView rows1, rows2, y_rows, w1, w2;
  TpdTensor *y;

  memcpy (expected, x1->view.shape, sizeof expected);
  expected[last] = -1;
  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, op, "x1", x1) ||
      !tpd_op_check_dtype (ctx, op, "x2", x2, x1->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "x2", x2, last + 1, expected))
    return x1;
  k2 = x2->view.shape[last];
  if (!tpd_op_check_dtype (ctx, op, "weight", w, x1->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "weight", w, TPD_SHAPE (-1, k1 + k2)))
    return x1;
  if (b != NULL && (!tpd_op_check_dtype (ctx, op, "bias", b, x1->view.dtype) ||
                    !tpd_op_check_shape (ctx, op, "bias", b, 1, w->view.shape)))
    return x1;

  x1 = as_rows (ctx, x1, &rows1);
  x2 = as_rows (ctx, x2, &rows2);
  y = output_rows (ctx, x1, w->view.shape[0], &y_rows);
  w1 = columns (&w->view, 0, k1);
  w2 = columns (&w->view, k1, k2);
  TPD_RUN (ctx, gemm, &y_rows, &rows1, &w1, tpd_op_view (b), FALSE, TRUE, 1, 0);
  TPD_RUN (ctx, gemm, &y_rows, &rows2, &w2, NULL, FALSE, TRUE, 1, 1);
  tpd_tape_record (ctx, linear_concat_backward, y, (TpdTensor *[]){x1, x2, w, b}, 4);
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
