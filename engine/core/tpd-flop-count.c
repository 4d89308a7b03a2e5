/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-flop-count.h"

/* Products of the forward and of the backward pass of attention: q kᵀ and p v; then q kᵀ once more,
 * dp = do vᵀ, dv = pᵀ do, dq = ds k, dk = dsᵀ q. */
#define ATTENTION_PRODUCTS     2
#define ATTENTION_BWD_PRODUCTS 5

static void
count_gemm (TpdExec *exec, const TpdView *c, const TpdView *a, const TpdView *b,
            const TpdView *bias, int trans_a, int trans_b, double alpha, double beta)
{
  const int m = a->n_dims - 2;
  const int64_t k = a->shape[trans_a ? m : m + 1];
  double n = 2.0 * k;

  for (int i = 0; i < c->n_dims; i++)
    n *= c->shape[i];
  *exec->flops += n;
  exec->counted->gemm (exec, c, a, b, bias, trans_a, trans_b, alpha, beta);
}

/* 2 · B · H · N · M · D of one product of an attention with queries q and keys k. */
static double
attention_product (const TpdView *q, const TpdView *k)
{
  return 2.0 * q->shape[0] * q->shape[1] * q->shape[2] * q->shape[3] * k->shape[1];
}

static void
count_attention (TpdExec *exec, const TpdView *o, const TpdView *lse, const TpdView *q,
                 const TpdView *k, const TpdView *v, const TpdView *segment, const TpdView *order,
                 double scale)
{
  *exec->flops += ATTENTION_PRODUCTS * attention_product (q, k);
  exec->counted->attention (exec, o, lse, q, k, v, segment, order, scale);
}

static void
count_attention_bwd (TpdExec *exec, const TpdView *dq, const TpdView *dk, const TpdView *dv,
                     const TpdView *go, const TpdView *q, const TpdView *k, const TpdView *v,
                     const TpdView *o, const TpdView *lse, const TpdView *segment,
                     const TpdView *order, double scale)
{
  *exec->flops += ATTENTION_BWD_PRODUCTS * attention_product (q, k);
  exec->counted->attention_bwd (exec, dq, dk, dv, go, q, k, v, o, lse, segment, order, scale);
}

/* 2 · (pixels of y) · O · kh · kw · I, the same for each of the three directions. */
static double
convolution (const TpdView *y, const TpdView *w)
{
  return 2.0 * y->shape[0] * y->shape[1] * y->shape[2] * w->shape[0] * w->shape[1] * w->shape[2] *
         w->shape[3];
}

static void
count_conv2d (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *w, const TpdView *b,
              TpdConvGeometry geometry)
{
  *exec->flops += convolution (y, w);
  exec->counted->conv2d (exec, y, x, w, b, geometry);
}

static void
count_conv2d_bwd_x (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *w,
                    TpdConvGeometry geometry)
{
  *exec->flops += convolution (dy, w);
  exec->counted->conv2d_bwd_x (exec, dx, dy, w, geometry);
}

static void
count_conv2d_bwd_w (TpdExec *exec, const TpdView *dw, const TpdView *db, const TpdView *dy,
                    const TpdView *x, TpdConvGeometry geometry)
{
  *exec->flops += convolution (dy, dw);
  exec->counted->conv2d_bwd_w (exec, dw, db, dy, x, geometry);
}

TpdOpTable
tpd_flop_count_table (const TpdOpTable *counted)
{
  TpdOpTable table = *counted;

  table.gemm = count_gemm;
  table.attention = count_attention;
  table.attention_bwd = count_attention_bwd;
  table.conv2d = count_conv2d;
  table.conv2d_bwd_x = count_conv2d_bwd_x;
  table.conv2d_bwd_w = count_conv2d_bwd_w;
  return table;
}
