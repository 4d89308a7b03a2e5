/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-cuda-dnn.h"

/* What cuDNN takes, and what is done to get there:
 *  - contiguous tensors at aligned addresses: others are copied;
 *  - the same padding on opposite sides: else the image is copied with its padding around it;
 *  - of f16 and bf16, channels in eights, which is what tensor cores read: the few layers with
 * other numbers (pixels, latents) get channels of zeros, which add nothing. A 1×1 kernel is a
 * matrix product. */

#define ADDRESS_ALIGNMENT 16
#define CHANNEL_MULTIPLE  8

/* The three tensors of a convolution as cuDNN will see them. */
typedef struct
{
  TpdView y, x, w;
  TpdConvGeometry geometry;
  TpdCudaPacking packing;
} Call;

static gint64
padded_channels (const TpdView *view, gint64 n)
{
  return view->dtype == TPD_F32 ? n
                                : (n + CHANNEL_MULTIPLE - 1) / CHANNEL_MULTIPLE * CHANNEL_MULTIPLE;
}

/* Has *view replaced if it is not what cuDNN takes. */
static void
fit (Call *call, TpdView *view, gboolean written, const gint64 start[4], const gint64 shape[4])
{
  if (memcmp (view->shape, shape, 4 * sizeof *shape) != 0 || !tpd_view_is_contiguous (view) ||
      (guintptr)view->data % ADDRESS_ALIGNMENT != 0)
    tpd_cuda_packing_add_padded (&call->packing, view, written ? TPD_CUDA_OUT : TPD_CUDA_IN, start,
                                 shape);
}

static void
fit_all (Call *call, TpdCudaConvResult result)
{
  TpdConvGeometry *g = &call->geometry;
  gboolean even = g->pad_top == g->pad_bottom && g->pad_left == g->pad_right;
  const gint64 *x = call->x.shape, *w = call->w.shape, *y = call->y.shape;
  const gint64 inputs = padded_channels (&call->x, x[3]);
  const gint64 outputs = padded_channels (&call->y, y[3]);
  const gint64 origin[4] = {0}, corner[4] = {0, g->pad_top, g->pad_left, 0};
  const gint64 w_shape[4] = {outputs, w[1], w[2], inputs}, y_shape[4] = {y[0], y[1], y[2], outputs};
  const gint64 x_shape[4] = {x[0], x[1], x[2], inputs};
  const gint64 framed[4] = {x[0], x[1] + g->pad_top + g->pad_bottom,
                            x[2] + g->pad_left + g->pad_right, inputs};

  fit (call, &call->x, result == TPD_CUDA_CONV_DX, even ? origin : corner, even ? x_shape : framed);
  fit (call, &call->w, result == TPD_CUDA_CONV_DW, origin, w_shape);
  fit (call, &call->y, result == TPD_CUDA_CONV_Y, origin, y_shape);
  if (!even)
    *g = (TpdConvGeometry){.stride = g->stride};
}

static void
run (TpdExec *exec, TpdCudaConvResult result, const TpdView *y, const TpdView *x, const TpdView *w,
     TpdConvGeometry geometry)
{
  const TpdView *const written[] = {
      [TPD_CUDA_CONV_Y] = y, [TPD_CUDA_CONV_DX] = x, [TPD_CUDA_CONV_DW] = w};
  Call call = {.y = *y, .x = *x, .w = *w, .geometry = geometry};
  gint64 workspace;

  if (tpd_cuda_is_empty (y) || tpd_cuda_is_empty (x) || tpd_cuda_is_empty (w))
    { /* cuDNN takes no empty tensor, and a sum of no terms is 0 */
      tpd_cuda_fill (exec, written[result], 0);
      return;
    }
  fit_all (&call, result);
  workspace = tpd_cuda_dnn_conv_workspace (exec, result, &call.y, &call.x, &call.w, &call.geometry);
  if (workspace < 0 || !tpd_cuda_packing_begin (&call.packing, exec, (gsize)workspace))
    return;
  tpd_cuda_dnn_conv (exec, result, &call.y, &call.x, &call.w, &call.geometry,
                     call.packing.workspace);
  tpd_cuda_packing_end (&call.packing, exec);
}

/* ── 1×1 kernels ── */

/* Pixels as rows of a matrix [N·H·W, C]; FALSE if their strides do not allow it. */
static gboolean
as_rows (const TpdView *image, TpdView *rows)
{
  const gint64 *shape = image->shape, *stride = image->stride;

  *rows = (TpdView){.data = image->data,
                    .dtype = image->dtype,
                    .n_dims = 2,
                    .shape = {shape[0] * shape[1] * shape[2], shape[3]},
                    .stride = {stride[2], stride[3]}};
  return (shape[1] == 1 || stride[1] == shape[2] * stride[2]) &&
         (shape[0] == 1 || stride[0] == shape[1] * shape[2] * stride[2]);
}

/* y, x and w as matrices, if the convolution is a product of them: y = x wᵀ. */
static gboolean
is_product (const TpdView *y, const TpdView *x, const TpdView *w, TpdConvGeometry g,
            TpdView rows[3])
{
  rows[2] = (TpdView){.data = w->data,
                      .dtype = w->dtype,
                      .n_dims = 2,
                      .shape = {w->shape[0], w->shape[3]},
                      .stride = {w->stride[0], w->stride[3]}};
  return w->shape[1] == 1 && w->shape[2] == 1 && g.stride == 1 && g.pad_top == 0 &&
         g.pad_bottom == 0 && g.pad_left == 0 && g.pad_right == 0 && as_rows (y, &rows[0]) &&
         as_rows (x, &rows[1]);
}

/* ── the ops ── */

/* A view of the bias with the shape of the image that it is added to, or summed from. */
static TpdView
per_channel (const TpdView *bias, const TpdView *image, gboolean repeated)
{
  TpdView view = {.data = bias->data, .dtype = bias->dtype, .n_dims = 4};

  for (int d = 0; d < 4; d++)
    view.shape[d] = d == 3 || repeated ? image->shape[d] : 1;
  view.stride[3] = bias->stride[0];
  return view;
}

void
tpd_cuda_conv2d (TpdExec *exec, const TpdView *y, const TpdView *x, const TpdView *w,
                 const TpdView *b, TpdConvGeometry geometry)
{
  TpdView rows[3], bias;

  if (tpd_cuda_is_empty (y) || !tpd_cuda_takes (exec, "conv2d", y->dtype))
    return;
  if (is_product (y, x, w, geometry, rows))
    {
      tpd_cuda_gemm (exec, &rows[0], &rows[1], &rows[2], b, FALSE, TRUE, 1, 0);
      return;
    }
  run (exec, TPD_CUDA_CONV_Y, y, x, w, geometry);
  if (b != NULL)
    {
      bias = per_channel (b, y, TRUE);
      tpd_cuda_add (exec, y, y, &bias);
    }
}

void
tpd_cuda_conv2d_bwd_x (TpdExec *exec, const TpdView *dx, const TpdView *dy, const TpdView *w,
                       TpdConvGeometry geometry)
{
  TpdView rows[3];

  if (tpd_cuda_is_empty (dx) || !tpd_cuda_takes (exec, "conv2d_bwd_x", dx->dtype))
    return;
  if (is_product (dy, dx, w, geometry, rows))
    tpd_cuda_gemm (exec, &rows[1], &rows[0], &rows[2], NULL, FALSE, FALSE, 1, 0);
  else
    run (exec, TPD_CUDA_CONV_DX, dy, dx, w, geometry);
}

void
tpd_cuda_conv2d_bwd_w (TpdExec *exec, const TpdView *dw, const TpdView *db, const TpdView *dy,
                       const TpdView *x, TpdConvGeometry geometry)
{
  TpdView rows[3], bias;

  if (tpd_cuda_is_empty (dw) || !tpd_cuda_takes (exec, "conv2d_bwd_w", dw->dtype))
    return;
  if (is_product (dy, x, dw, geometry, rows))
    tpd_cuda_gemm (exec, &rows[2], &rows[0], &rows[1], NULL, TRUE, FALSE, 1, 0);
  else
    run (exec, TPD_CUDA_CONV_DW, dy, x, dw, geometry);
  if (db != NULL)
    {
      bias = per_channel (db, dy, FALSE);
      tpd_cuda_sum_to (exec, &bias, dy);
    }
}
