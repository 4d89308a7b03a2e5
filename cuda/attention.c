/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-dnn.h"

/* cuDNN's fused attention where it has an engine: f16 and bf16 without masks, on sm_80 and later.
 * All else, and the backward pass, goes to our own kernels. */

/* Whether cuDNN could read a tensor in place: addresses and strides in units of 16 bytes, nothing
 * repeated. */
static gboolean
in_sixteens (const TpdView *x)
{
  gboolean fits = (guintptr)x->data % 16 == 0 && x->stride[3] == 1;

  for (int d = 0; d < 3 && fits; d++)
    fits = x->shape[d] == 1 || (x->stride[d] > 0 && x->stride[d] % 8 == 0);
  return fits;
}

static gboolean
worth_asking (const TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
              const TpdView *k, const TpdView *v)
{
  return (q->dtype == TPD_F16 || q->dtype == TPD_BF16) &&
         tpd_cuda_stream (exec)->capability >= 80 && q->shape[3] % 8 == 0 && k->shape[1] > 0 &&
         tpd_view_is_contiguous (lse) && (guintptr)lse->data % 16 == 0 && in_sixteens (o) &&
         in_sixteens (q) && in_sixteens (k) && in_sixteens (v);
}

void
tpd_cuda_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                    const TpdView *k, const TpdView *v, const TpdView *segment,
                    const TpdView *order, double scale)
{
  if (segment == NULL && order == NULL && worth_asking (exec, o, lse, q, k, v) &&
      tpd_cuda_dnn_attention (exec, o, lse, q, k, v, scale))
    return;
  tpd_cuda_attention_portable (exec, o, lse, q, k, v, segment, order, scale);
}

void
tpd_cuda_attention_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                        const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                        const TpdView *o, const TpdView *lse, const TpdView *segment,
                        const TpdView *order, double scale)
{
  tpd_cuda_attention_bwd_portable (exec, dq, dk, dv, go, q, k, v, o, lse, segment, order, scale);
}
