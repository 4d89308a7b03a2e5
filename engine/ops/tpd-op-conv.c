/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

/* ── conv2d ── */

static void
conv2d_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0], *w = node->in[1], *b = node->in[2], *dy = node->out->grad;
  const TpdConvGeometry *geometry = node->data;

  if (tpd_grad_wanted (node, 0))
    {
      TpdTensor *dx = tpd_op_like (ctx, x);

      TPD_RUN (ctx, conv2d_bwd_x, &dx->view, &dy->view, &w->view, *geometry);
      tpd_grad_add (ctx, x, dx);
    }
  if (tpd_grad_wanted (node, 1) || tpd_grad_wanted (node, 2))
    {
      TpdTensor *dw = tpd_op_like (ctx, w);
      TpdTensor *db = b != NULL ? tpd_op_like (ctx, b) : NULL;

      TPD_RUN (ctx, conv2d_bwd_w, &dw->view, tpd_op_view (db), &dy->view, &x->view, *geometry);
      tpd_grad_add (ctx, w, dw);
      if (b != NULL)
        tpd_grad_add (ctx, b, db);
    }
}

/* Size of the output along one side: a kernel placed every `stride` pixels of the padded input. */
static gint64
output_size (gint64 size, int before, int after, gint64 kernel, int stride)
{
  gint64 room = size + before + after - kernel;

  return room < 0 ? 0 : room / stride + 1;
}

TpdTensor *
tpd_conv2d (TpdContext *ctx, TpdTensor *x, TpdTensor *w, TpdTensor *b, TpdConvGeometry geometry)
{
  gint64 h, v;
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "conv2d", "x", x) ||
      !tpd_op_check_shape (ctx, "conv2d", "x", x, TPD_SHAPE (-1, -1, -1, -1)) ||
      !tpd_op_check_dtype (ctx, "conv2d", "weight", w, x->view.dtype) ||
      !tpd_op_check_shape (ctx, "conv2d", "weight", w, TPD_SHAPE (-1, -1, -1, x->view.shape[3])) ||
      !tpd_op_check (ctx, geometry.stride >= 1, "conv2d", "stride %d is below 1",
                     geometry.stride) ||
      !tpd_op_check (ctx,
                     geometry.pad_top >= 0 && geometry.pad_bottom >= 0 && geometry.pad_left >= 0 &&
                         geometry.pad_right >= 0,
                     "conv2d", "padding is negative"))
    return x;
  if (b != NULL && (!tpd_op_check_dtype (ctx, "conv2d", "bias", b, x->view.dtype) ||
                    !tpd_op_check_shape (ctx, "conv2d", "bias", b, 1, w->view.shape)))
    return x;
  v = output_size (x->view.shape[1], geometry.pad_top, geometry.pad_bottom, w->view.shape[1],
                   geometry.stride);
  h = output_size (x->view.shape[2], geometry.pad_left, geometry.pad_right, w->view.shape[2],
                   geometry.stride);
  if (!tpd_op_check (ctx, v > 0 && h > 0, "conv2d",
                     "an image of %dx%d pixels is smaller than the %dx%d kernel",
                     (int)x->view.shape[2], (int)x->view.shape[1], (int)w->view.shape[2],
                     (int)w->view.shape[1]))
    return x;

  if (x->view.stride[3] != 1)
    x = tpd_contiguous (ctx, x); /* kernels want a pixel's channels together */
  y = tpd_op_output (ctx, x->view.dtype, TPD_SHAPE (x->view.shape[0], v, h, w->view.shape[0]));
  TPD_RUN (ctx, conv2d, &y->view, &x->view, &w->view, tpd_op_view (b), geometry);
  node = tpd_tape_record (ctx, conv2d_backward, y, (TpdTensor *[]){x, w, b}, 3);
  if (node != NULL)
    {
      node->data = g_memdup2 (&geometry, sizeof geometry);
      node->free_data = g_free;
    }
  return y;
}

/* ── upsample2x ── */

static void
upsample2x_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *dx = tpd_op_like (ctx, node->in[0]);

  TPD_RUN (ctx, upsample2x_bwd, &dx->view, &node->out->grad->view);
  tpd_grad_add (ctx, node->in[0], dx);
}

TpdTensor *
tpd_upsample2x (TpdContext *ctx, TpdTensor *x)
{
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "upsample2x", "x", x) ||
      !tpd_op_check_shape (ctx, "upsample2x", "x", x, TPD_SHAPE (-1, -1, -1, -1)))
    return x;
  y = tpd_op_output (
      ctx, x->view.dtype,
      TPD_SHAPE (x->view.shape[0], 2 * x->view.shape[1], 2 * x->view.shape[2], x->view.shape[3]));
  TPD_RUN (ctx, upsample2x, &y->view, &x->view);
  tpd_tape_record (ctx, upsample2x_backward, y, &x, 1);
  return y;
}
