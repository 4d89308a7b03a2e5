/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What cuBLASLt and cuDNN compute, by the CPU's reference; and what they insist on, by assertions.
 * The other side of the seam: cuda/tpd-cuda-blas.c and cuda/tpd-cuda-dnn*.c. */

#include "../../cuda/tpd-cuda-blas.h"
#include "../../cuda/tpd-cuda-dnn.h"
#include "cpu/tpd-cpu.h"

/* ── cuBLASLt ── */

void
tpd_cuda_blas_free (TpdCudaBlas *self)
{
}

static TpdView
rows (const void *data, gint32 dtype, gint64 batch, gint64 n_rows, gint64 n_columns, gint64 step,
      gint64 row)
{
  g_assert_cmpint (row, >=, n_columns);
  return (TpdView){.data = (void *)data,
                   .dtype = (TpdDtype)dtype,
                   .n_dims = 3,
                   .shape = {batch, n_rows, n_columns},
                   .stride = {step, row, 1}};
}

/* It adds no bias to single columns, so that the other way is tried too. */
gboolean
tpd_cuda_blas_product (TpdExec *exec, const TpdCudaProduct *p, void *c, const void *a,
                       const void *b, const void *bias, double alpha, double beta)
{
  TpdView view_c = rows (c, p->dtype, p->batch, p->m, p->n, p->batch_c, p->row_c);
  TpdView view_a = p->trans_a ? rows (a, p->dtype, p->batch, p->k, p->m, p->batch_a, p->row_a)
                              : rows (a, p->dtype, p->batch, p->m, p->k, p->batch_a, p->row_a);
  TpdView view_b = p->trans_b ? rows (b, p->dtype, p->batch, p->n, p->k, p->batch_b, p->row_b)
                              : rows (b, p->dtype, p->batch, p->k, p->n, p->batch_b, p->row_b);
  TpdView view_bias = {.data = (void *)bias,
                       .dtype = (TpdDtype)p->dtype,
                       .n_dims = 1,
                       .shape = {p->n},
                       .stride = {1}};

  g_assert (p->dtype == TPD_F32 || p->dtype == TPD_F16 || p->dtype == TPD_BF16);
  g_assert (p->batch > 0 && p->m > 0 && p->n > 0 && p->k > 0);
  if (p->with_bias && p->n == 1)
    return FALSE;
  tpd_cuda_enter (exec);
  tpd_cpu_gemm (exec, &view_c, &view_a, &view_b, p->with_bias ? &view_bias : NULL, p->trans_a,
                p->trans_b, alpha, beta);
  tpd_cuda_launched (exec, "gemm");
  return TRUE;
}

/* ── cuDNN: convolution ── */

/* An odd number, and all of it is written. */
#define WORKSPACE_BYTES 77

void
tpd_cuda_dnn_free (TpdCudaDnn *self)
{
}

static void
check_image (const TpdView *x)
{
  g_assert (tpd_view_is_contiguous (x) && tpd_view_n_elements (x) > 0);
  g_assert (x->data == NULL || (guintptr)x->data % 16 == 0);
  g_assert (x->dtype == TPD_F32 || x->shape[3] % 8 == 0);
}

gint64
tpd_cuda_dnn_conv_workspace (TpdExec *exec, TpdCudaConvResult result, const TpdView *y,
                             const TpdView *x, const TpdView *w, const TpdConvGeometry *geometry)
{
  g_assert (geometry->pad_top == geometry->pad_bottom && geometry->pad_left == geometry->pad_right);
  return WORKSPACE_BYTES;
}

void
tpd_cuda_dnn_conv (TpdExec *exec, TpdCudaConvResult result, const TpdView *y, const TpdView *x,
                   const TpdView *w, const TpdConvGeometry *geometry, void *workspace)
{
  check_image (y);
  check_image (x);
  check_image (w);
  g_assert_cmpint (w->shape[3], ==, x->shape[3]);
  g_assert_cmpint (w->shape[0], ==, y->shape[3]);
  memset (workspace, 0xff, WORKSPACE_BYTES);
  tpd_cuda_enter (exec);
  switch (result)
    {
    case TPD_CUDA_CONV_Y:
      tpd_cpu_conv2d (exec, y, x, w, NULL, *geometry);
      break;
    case TPD_CUDA_CONV_DX:
      tpd_cpu_conv2d_bwd_x (exec, x, y, w, *geometry);
      break;
    case TPD_CUDA_CONV_DW:
      tpd_cpu_conv2d_bwd_w (exec, w, NULL, y, x, *geometry);
      break;
    }
  tpd_cuda_launched (exec, "conv2d");
}

/* ── cuDNN: attention ── */

/* It has engines for even numbers of queries alone, so that our own kernels are tried too. */
gboolean
tpd_cuda_dnn_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                        const TpdView *k, const TpdView *v, double scale)
{
  const TpdView *in[] = {q, k, v, o};

  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    for (int d = 0; d < 4; d++)
      g_assert (in[i]->shape[d] == 1 || (in[i]->shape[d] > 0 && in[i]->stride[d] > 0));
  if (q->shape[1] % 2 != 0)
    return FALSE;
  tpd_cuda_enter (exec);
  tpd_cpu_attention (exec, o, lse, q, k, v, NULL, NULL, scale);
  tpd_cuda_launched (exec, "attention");
  return TRUE;
}
