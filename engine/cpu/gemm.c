/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cpu-view.h"
#include "tpd-cpu.h"

/* The view with three dimensions, the first of size 1 if it had only two, and with the last two
 * exchanged if `transpose`. */
static TpdView
as_batch (const TpdView *view, int transpose)
{
  TpdView batch = *view;
  int rows = view->n_dims - 2, columns = view->n_dims - 1;

  batch.n_dims = 3;
  batch.shape[0] = view->n_dims == 3 ? view->shape[0] : 1;
  batch.stride[0] = view->n_dims == 3 ? view->stride[0] : 0;
  for (int i = 0; i < 2; i++)
    {
      int from = (i == 0) == !transpose ? rows : columns;

      batch.shape[1 + i] = view->shape[from];
      batch.stride[1 + i] = view->stride[from];
    }
  return batch;
}

void
tpd_cpu_gemm (TpdExec *exec, const TpdView *c_view, const TpdView *a_view, const TpdView *b_view,
              const TpdView *bias, int trans_a, int trans_b, double alpha, double beta)
{
  TpdView c = as_batch (c_view, 0), a = as_batch (a_view, trans_a), b = as_batch (b_view, trans_b);

  for (int64_t n = 0; n < c.shape[0]; n++)
    for (int64_t i = 0; i < c.shape[1]; i++)
      for (int64_t j = 0; j < c.shape[2]; j++)
        {
          double sum = 0, value;

          for (int64_t k = 0; k < a.shape[2]; k++)
            sum += TPD_GET (&a, n, i, k) * TPD_GET (&b, n, k, j);
          value = alpha * sum;
          if (beta != 0)
            value += beta * TPD_GET (&c, n, i, j);
          if (bias != NULL)
            value += TPD_GET (bias, j);
          TPD_SET (&c, value, n, i, j);
        }
}
