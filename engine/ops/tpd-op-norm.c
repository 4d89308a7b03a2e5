/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

/* Normalisation, modulation and gates. */

static gint64
last_size (const TpdTensor *x)
{
  return x->view.shape[x->view.n_dims - 1];
}

/* Rows of length last_size(): all other dimensions together. */
static gint64
n_rows (const TpdTensor *x)
{
  return tpd_tensor_n_elements (x) / MAX (last_size (x), 1);
}

/* x is not empty and, if given, w is a vector of its channels. */
static gboolean
check_vector (TpdContext *ctx, const char *op, const char *what, const TpdTensor *w,
              const TpdTensor *x)
{
  return w == NULL || (tpd_op_check_dtype (ctx, op, what, w, x->view.dtype) &&
                       tpd_op_check_shape (ctx, op, what, w, TPD_SHAPE (last_size (x))));
}

static gboolean
check_input (TpdContext *ctx, const char *op, const TpdTensor *x)
{
  return tpd_op_check_float (ctx, op, "x", x) &&
         tpd_op_check (ctx, tpd_tensor_n_elements (x) > 0, op, "x is empty");
}

/* An output for the gradient of input i, or NULL where none is wanted. */
static TpdTensor *
wanted_gradient (TpdContext *ctx, TpdNode *node, int i)
{
  return tpd_grad_wanted (node, i) ? tpd_op_like (ctx, node->in[i]) : NULL;
}

static void
add_wanted (TpdContext *ctx, TpdNode *node, int i, TpdTensor *g)
{
  if (g != NULL)
    tpd_grad_add (ctx, node->in[i], g);
}

/* ── LayerNorm: one group, [1, R, C] ── */

/* in: x, weight?, bias?   saved: mean, rstd [1, R] */
static void
layer_norm_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0], *weight = node->in[1], *dy = node->out->grad;
  TpdTensor *dx = tpd_op_like (ctx, x);
  TpdTensor *dw = wanted_gradient (ctx, node, 1), *db = wanted_gradient (ctx, node, 2);
  gint64 channels = last_size (x), rows = n_rows (x);
  TpdView dx_rows, dy_rows, x_rows, w_row = {0}, dw_row = {0}, db_row = {0};

  if (tpd_context_failed (ctx))
    return;
  dx_rows = tpd_op_seen_as (dx, TPD_SHAPE (1, rows, channels));
  dy_rows = tpd_op_seen_as (dy, TPD_SHAPE (1, rows, channels));
  x_rows = tpd_op_seen_as (x, TPD_SHAPE (1, rows, channels));
  if (weight != NULL)
    w_row = tpd_op_seen_as (weight, TPD_SHAPE (1, channels));
  if (dw != NULL)
    dw_row = tpd_op_seen_as (dw, TPD_SHAPE (1, channels));
  if (db != NULL)
    db_row = tpd_op_seen_as (db, TPD_SHAPE (1, channels));
  TPD_RUN (ctx, layer_norm_bwd, &dx_rows, dw != NULL ? &dw_row : NULL, db != NULL ? &db_row : NULL,
           &dy_rows, &x_rows, &node->saved[0]->view, &node->saved[1]->view,
           weight != NULL ? &w_row : NULL, weight != NULL ? 0 : 1);
  tpd_grad_add (ctx, x, dx);
  add_wanted (ctx, node, 1, dw);
  add_wanted (ctx, node, 2, db);
}

TpdTensor *
tpd_layer_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight, TpdTensor *bias, double eps)
{
  gint64 channels = last_size (x), rows = n_rows (x);
  TpdView x_rows, y_rows, w_row = {0}, b_row = {0};
  TpdTensor *y, *mean, *rstd;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !check_input (ctx, "layer_norm", x) ||
      !check_vector (ctx, "layer_norm", "weight", weight, x) ||
      !check_vector (ctx, "layer_norm", "bias", bias, x))
    return x;
  x = tpd_contiguous (ctx, x);
  weight = weight != NULL ? tpd_contiguous (ctx, weight) : NULL;
  bias = bias != NULL ? tpd_contiguous (ctx, bias) : NULL;
  y = tpd_op_like (ctx, x);
  mean = tpd_op_output (ctx, tpd_op_stat_dtype (x->view.dtype), TPD_SHAPE (1, rows));
  rstd = tpd_op_like (ctx, mean);
  if (tpd_context_failed (ctx))
    return x;

  x_rows = tpd_op_seen_as (x, TPD_SHAPE (1, rows, channels));
  y_rows = tpd_op_seen_as (y, TPD_SHAPE (1, rows, channels));
  if (weight != NULL)
    w_row = tpd_op_seen_as (weight, TPD_SHAPE (1, channels));
  if (bias != NULL)
    b_row = tpd_op_seen_as (bias, TPD_SHAPE (1, channels));
  TPD_RUN (ctx, layer_norm, &y_rows, &mean->view, &rstd->view, &x_rows,
           weight != NULL ? &w_row : NULL, bias != NULL ? &b_row : NULL, weight != NULL ? 0 : 1,
           eps);
  node = tpd_tape_record (ctx, layer_norm_backward, y, (TpdTensor *[]){x, weight, bias}, 3);
  if (node != NULL)
    {
      tpd_node_save (node, 0, mean);
      tpd_node_save (node, 1, rstd);
    }
  return y;
}

/* ── adaLN: one group a sample, [B, N, C] ── */

/* in: x, scale, shift   saved: mean, rstd [B, N] */
static void
modulate_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];
  TpdTensor *dx = tpd_op_like (ctx, x);
  TpdTensor *dscale = wanted_gradient (ctx, node, 1), *dshift = wanted_gradient (ctx, node, 2);

  TPD_RUN (ctx, layer_norm_bwd, &dx->view, tpd_op_view (dscale), tpd_op_view (dshift),
           &node->out->grad->view, &x->view, &node->saved[0]->view, &node->saved[1]->view,
           &node->in[1]->view, 1);
  tpd_grad_add (ctx, x, dx);
  add_wanted (ctx, node, 1, dscale);
  add_wanted (ctx, node, 2, dshift);
}

TpdTensor *
tpd_layer_norm_modulate (TpdContext *ctx, TpdTensor *x, TpdTensor *scale, TpdTensor *shift,
                         double eps)
{
  const char *op = "layer_norm_modulate";
  gint64 batch = x->view.shape[0], channels = last_size (x);
  TpdTensor *y, *mean, *rstd;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !check_input (ctx, op, x) ||
      !tpd_op_check_shape (ctx, op, "x", x, TPD_SHAPE (-1, -1, -1)) ||
      !tpd_op_check_dtype (ctx, op, "scale", scale, x->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "scale", scale, TPD_SHAPE (batch, channels)) ||
      !tpd_op_check_like (ctx, op, "shift", shift, scale))
    return x;
  y = tpd_op_like (ctx, x);
  mean = tpd_op_output (ctx, tpd_op_stat_dtype (x->view.dtype), 2, x->view.shape);
  rstd = tpd_op_like (ctx, mean);
  TPD_RUN (ctx, layer_norm, &y->view, &mean->view, &rstd->view, &x->view, &scale->view,
           &shift->view, 1, eps);
  node = tpd_tape_record (ctx, modulate_backward, y, (TpdTensor *[]){x, scale, shift}, 3);
  if (node != NULL)
    {
      tpd_node_save (node, 0, mean);
      tpd_node_save (node, 1, rstd);
    }
  return y;
}

/* ── RMSNorm: [R, C] ── */

/* in: x, weight   saved: rstd [R] */
static void
rms_norm_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0];
  TpdTensor *dx = tpd_op_like (ctx, x), *dw = wanted_gradient (ctx, node, 1);
  TpdView dx_rows, dy_rows, x_rows;

  if (tpd_context_failed (ctx))
    return;
  dx_rows = tpd_op_seen_as (dx, TPD_SHAPE (n_rows (x), last_size (x)));
  dy_rows = tpd_op_seen_as (node->out->grad, TPD_SHAPE (n_rows (x), last_size (x)));
  x_rows = tpd_op_seen_as (x, TPD_SHAPE (n_rows (x), last_size (x)));
  TPD_RUN (ctx, rms_norm_bwd, &dx_rows, tpd_op_view (dw), &dy_rows, &x_rows, &node->saved[0]->view,
           &node->in[1]->view);
  tpd_grad_add (ctx, x, dx);
  add_wanted (ctx, node, 1, dw);
}

TpdTensor *
tpd_rms_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight, double eps)
{
  TpdView x_rows, y_rows;
  TpdTensor *y, *rstd;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !check_input (ctx, "rms_norm", x) ||
      !check_vector (ctx, "rms_norm", "weight", weight, x))
    return x;
  x = tpd_contiguous (ctx, x);
  y = tpd_op_like (ctx, x);
  rstd = tpd_op_output (ctx, tpd_op_stat_dtype (x->view.dtype), TPD_SHAPE (n_rows (x)));
  if (tpd_context_failed (ctx))
    return x;

  x_rows = tpd_op_seen_as (x, TPD_SHAPE (n_rows (x), last_size (x)));
  y_rows = tpd_op_seen_as (y, TPD_SHAPE (n_rows (x), last_size (x)));
  TPD_RUN (ctx, rms_norm, &y_rows, &rstd->view, &x_rows, &weight->view, eps);
  node = tpd_tape_record (ctx, rms_norm_backward, y, (TpdTensor *[]){x, weight}, 2);
  if (node != NULL)
    tpd_node_save (node, 0, rstd);
  return y;
}

/* ── GroupNorm: [N, P, C] ── */

static TpdView
seen_as_pixels (const TpdTensor *x)
{
  gint64 n = x->view.shape[0];

  return tpd_op_seen_as (x, TPD_SHAPE (n, n_rows (x) / n, last_size (x)));
}

/* in: x, weight, bias   saved: mean, rstd [N, groups]   attr: groups, silu */
static void
group_norm_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *x = node->in[0], *weight = node->in[1], *bias = node->in[2];
  TpdTensor *dx = tpd_op_like (ctx, x);
  TpdTensor *dw = tpd_op_like (ctx, weight), *db = tpd_op_like (ctx, bias);
  TpdView dx_pixels, dy_pixels, x_pixels;

  if (tpd_context_failed (ctx))
    return;
  dx_pixels = seen_as_pixels (dx);
  dy_pixels = seen_as_pixels (node->out->grad);
  x_pixels = seen_as_pixels (x);
  TPD_RUN (ctx, group_norm_bwd, &dx_pixels, &dw->view, &db->view, &dy_pixels, &x_pixels,
           &node->saved[0]->view, &node->saved[1]->view, &weight->view, &bias->view,
           (int)node->attr[0], node->attr[1] != 0);
  tpd_grad_add (ctx, x, dx);
  tpd_grad_add (ctx, weight, dw);
  tpd_grad_add (ctx, bias, db);
}

TpdTensor *
tpd_group_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight, TpdTensor *bias, int groups,
                double eps, gboolean silu)
{
  TpdView x_pixels, y_pixels;
  TpdTensor *y, *mean, *rstd;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !check_input (ctx, "group_norm", x) ||
      !tpd_op_check (ctx, x->view.n_dims >= 2, "group_norm", "x has 1 dimension, expected more") ||
      !tpd_op_check (ctx, groups > 0 && last_size (x) % groups == 0, "group_norm",
                     "%d groups do not divide %" G_GINT64_FORMAT " channels", groups,
                     last_size (x)) ||
      !check_vector (ctx, "group_norm", "weight", weight, x) ||
      !check_vector (ctx, "group_norm", "bias", bias, x))
    return x;
  x = tpd_contiguous (ctx, x);
  y = tpd_op_like (ctx, x);
  mean =
      tpd_op_output (ctx, tpd_op_stat_dtype (x->view.dtype), TPD_SHAPE (x->view.shape[0], groups));
  rstd = tpd_op_like (ctx, mean);
  if (tpd_context_failed (ctx))
    return x;

  x_pixels = seen_as_pixels (x);
  y_pixels = seen_as_pixels (y);
  TPD_RUN (ctx, group_norm, &y_pixels, &mean->view, &rstd->view, &x_pixels, &weight->view,
           &bias->view, groups, eps, silu);
  node = tpd_tape_record (ctx, group_norm_backward, y, (TpdTensor *[]){x, weight, bias}, 3);
  if (node != NULL)
    {
      tpd_node_save (node, 0, mean);
      tpd_node_save (node, 1, rstd);
      node->attr[0] = groups;
      node->attr[1] = silu;
    }
  return y;
}

/* ── gated residual ── */

/* in: x, gate, r */
static void
gate_residual_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *gate = node->in[1], *r = node->in[2], *dy = node->out->grad;
  TpdTensor *dgate, *dr;

  tpd_grad_add (ctx, node->in[0], dy);
  if (!tpd_grad_wanted (node, 1) && !tpd_grad_wanted (node, 2))
    return;
  dgate = tpd_op_like (ctx, gate);
  dr = tpd_op_like (ctx, r);
  TPD_RUN (ctx, gate_residual_bwd, &dgate->view, &dr->view, &dy->view, &gate->view, &r->view);
  tpd_grad_add (ctx, gate, dgate);
  tpd_grad_add (ctx, r, dr);
}

TpdTensor *
tpd_gate_residual (TpdContext *ctx, TpdTensor *x, TpdTensor *gate, TpdTensor *r)
{
  const char *op = "gate_residual";
  TpdTensor *y;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, op, "x", x) ||
      !tpd_op_check_shape (ctx, op, "x", x, TPD_SHAPE (-1, -1, -1)) ||
      !tpd_op_check_dtype (ctx, op, "gate", gate, x->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "gate", gate, TPD_SHAPE (x->view.shape[0], last_size (x))) ||
      !tpd_op_check_like (ctx, op, "r", r, x))
    return x;
  y = tpd_op_like (ctx, x);
  TPD_RUN (ctx, gate_residual, &y->view, &x->view, &gate->view, &r->view);
  tpd_tape_record (ctx, gate_residual_backward, y, (TpdTensor *[]){x, gate, r}, 3);
  return y;
}
