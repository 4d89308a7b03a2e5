/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cuda-queue.h"

G_BEGIN_DECLS

/* Matrix products by cuBLASLt. The seam where tests put the CPU's reference in its place. */

/* C = alpha · op (A) op (B) + beta · C + bias
 * A is stored [M, K], or [K, M] if trans_a; B [K, N], or [N, K] if trans_b; C [M, N]; rows lie one
 * after another, elements of a row side by side; bias: [N], added to each row. f32, f16 or bf16,
 * the same for all, summed in f32. Members count elements. No padding: plans are found by its
 * bytes. */
typedef struct
{
  gint64 batch, m, n, k;
  gint64 row_a, row_b, row_c;       /* from one row, as stored, to the next */
  gint64 batch_a, batch_b, batch_c; /* from one matrix to the next; 0 repeats an input */
  gint32 dtype, trans_a, trans_b, with_bias;
} TpdCudaProduct;

/* Runs it on the stream of exec; reports errors there. FALSE: the library cannot add the bias to
 * this one; nothing was done or reported. */
gboolean tpd_cuda_blas_product (TpdExec *exec, const TpdCudaProduct *product, void *c,
                                const void *a, const void *b, const void *bias, double alpha,
                                double beta);

/* Plans, workspace and handle of one queue. */
void tpd_cuda_blas_free (TpdCudaBlas *self);

G_END_DECLS
