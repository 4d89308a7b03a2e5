/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-blas.h"
#include "tpd-cuda-view.h"

/* A product takes matrices whose rows, or whose columns, lie element by element side by side; what
 * lies otherwise is copied first. */
typedef struct
{
  TpdView view;
  gboolean columns; /* side by side lie the elements of a column */
  gint64 row;       /* from one row (column) to the next */
} Matrix;

/* Whether the elements along dimension `inner` are side by side and those along `outer` apart. */
static gboolean
lies (const TpdView *x, int outer, int inner, gint64 *row)
{
  gint64 n_outer = x->shape[outer], n_inner = x->shape[inner];

  *row = n_outer == 1 ? n_inner : x->stride[outer];
  return (n_inner == 1 || x->stride[inner] == 1) && *row >= n_inner;
}

/* Sees x as a matrix; FALSE if it has to be copied. */
static gboolean
see (Matrix *matrix, const TpdView *x, gboolean may_be_columns)
{
  int rows = x->n_dims - 2, columns = x->n_dims - 1;

  *matrix = (Matrix){.view = *x};
  if (lies (x, rows, columns, &matrix->row))
    return TRUE;
  matrix->columns = TRUE;
  return may_be_columns && lies (x, columns, rows, &matrix->row);
}

static gint64
batch_step (const TpdView *x)
{
  return x->n_dims == 3 && x->shape[0] > 1 ? x->stride[0] : 0;
}

/* Adds bias to each row of c. */
static void
add_bias (TpdExec *exec, const TpdView *c, const TpdView *bias)
{
  TpdView rows = *c;

  rows.data = bias->data;
  memset (rows.stride, 0, sizeof rows.stride);
  rows.stride[c->n_dims - 1] = bias->stride[0];
  tpd_cuda_add (exec, c, c, &rows);
}

static void
multiply (TpdExec *exec, const Matrix *c, const Matrix *a, const Matrix *b, const TpdView *bias,
          gboolean trans_a, gboolean trans_b, double alpha, double beta)
{
  const TpdView *v = &c->view;
  int m = v->n_dims - 2;
  TpdCudaProduct product = {
      .batch = m == 1 ? v->shape[0] : 1,
      .m = v->shape[m],
      .n = v->shape[m + 1],
      .k = a->view.shape[trans_a ? m : m + 1],
      .row_a = a->row,
      .row_b = b->row,
      .row_c = c->row,
      .batch_a = batch_step (&a->view),
      .batch_b = batch_step (&b->view),
      .batch_c = batch_step (v),
      .dtype = v->dtype,
      .trans_a = trans_a != a->columns, /* columns side by side: stored transposed already */
      .trans_b = trans_b != b->columns,
      .with_bias = bias != NULL,
  };

  if (tpd_cuda_blas_product (exec, &product, v->data, a->view.data, b->view.data,
                             bias != NULL ? bias->data : NULL, alpha, beta))
    return;
  product.with_bias = FALSE;
  tpd_cuda_blas_product (exec, &product, v->data, a->view.data, b->view.data, NULL, alpha, beta);
  add_bias (exec, v, bias);
}

/* A product of no terms, for which cuBLASLt has no layouts: c = beta · c + bias. */
static void
add_nothing (TpdExec *exec, const TpdView *c, const TpdView *bias, double beta)
{
  if (beta == 0)
    tpd_cuda_fill (exec, c, 0);
  else
    tpd_cuda_axpby (exec, beta, c, 0, c);
  if (bias != NULL)
    add_bias (exec, c, bias);
}

void
tpd_cuda_gemm (TpdExec *exec, const TpdView *c, const TpdView *a, const TpdView *b,
               const TpdView *bias, int trans_a, int trans_b, double alpha, double beta)
{
  TpdCudaPacking packing = {0};
  Matrix mc, ma, mb;
  TpdView side_by_side;

  if (tpd_cuda_is_empty (c) || !tpd_cuda_takes (exec, "gemm", c->dtype))
    return;
  if (tpd_cuda_is_empty (a) || tpd_cuda_is_empty (b))
    {
      add_nothing (exec, c, bias, beta);
      return;
    }
  if (!see (&mc, c, FALSE))
    tpd_cuda_packing_add (&packing, &mc.view, beta != 0 ? TPD_CUDA_IN_OUT : TPD_CUDA_OUT);
  if (!see (&ma, a, TRUE))
    tpd_cuda_packing_add (&packing, &ma.view, TPD_CUDA_IN);
  if (!see (&mb, b, TRUE))
    tpd_cuda_packing_add (&packing, &mb.view, TPD_CUDA_IN);
  if (bias != NULL)
    {
      side_by_side = *bias;
      if (bias->stride[0] != 1)
        tpd_cuda_packing_add (&packing, &side_by_side, TPD_CUDA_IN);
    }
  if (!tpd_cuda_packing_begin (&packing, exec, 0))
    return;
  if (packing.n_views > 0)
    { /* now they lie in rows */
      see (&mc, &mc.view, FALSE);
      see (&ma, &ma.view, TRUE);
      see (&mb, &mb.view, TRUE);
    }
  multiply (exec, &mc, &ma, &mb, bias != NULL ? &side_by_side : NULL, trans_a != 0, trans_b != 0,
            alpha, beta);
  tpd_cuda_packing_end (&packing, exec);
}
