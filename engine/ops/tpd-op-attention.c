/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

/* ── rope ── */

/* The inverse rotation is the transposed one. */
static void
rope_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *dx = tpd_op_like (ctx, node->in[0]);

  TPD_RUN (ctx, rope, &dx->view, &node->out->grad->view, &node->saved[0]->view,
           &node->saved[1]->view, TRUE);
  tpd_grad_add (ctx, node->in[0], dx);
}

TpdTensor *
tpd_rope (TpdContext *ctx, TpdTensor *x, TpdTensor *cos, TpdTensor *sin)
{
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "rope", "x", x) ||
      !tpd_op_check_shape (ctx, "rope", "x", x, TPD_SHAPE (-1, -1, -1, -1)) ||
      !tpd_op_check (ctx, x->view.shape[3] % 2 == 0, "rope", "head size %d is odd",
                     (int)x->view.shape[3]) ||
      !tpd_op_check_dtype (ctx, "rope", "cos", cos, x->view.dtype) ||
      !tpd_op_check_shape (ctx, "rope", "cos", cos,
                           TPD_SHAPE (x->view.shape[1], x->view.shape[3] / 2)) ||
      !tpd_op_check_like (ctx, "rope", "sin", sin, cos))
    return x;
  y = tpd_op_like (ctx, x);
  TPD_RUN (ctx, rope, &y->view, &x->view, &cos->view, &sin->view, FALSE);
  node = tpd_tape_record (ctx, rope_backward, y, &x, 1);
  if (node != NULL)
    {
      tpd_node_save (node, 0, cos);
      tpd_node_save (node, 1, sin);
    }
  return y;
}

/* ── rope of two inputs ── */

/* Input i of the pair, where it lies in the joint tensor and its rows of the tables. */
typedef struct
{
  TpdTensor *joint, *cos, *sin;
} Part;

static Part
joint_part (TpdContext *ctx, TpdTensor *joint, TpdTensor *cos, TpdTensor *sin, gint64 start,
            gint64 n)
{
  return (Part){
      .joint = tpd_slice (ctx, joint, 1, start, start + n, 1),
      .cos = tpd_slice (ctx, cos, 0, start, start + n, 1),
      .sin = tpd_slice (ctx, sin, 0, start, start + n, 1),
  };
}

static void
concat_rope_backward (TpdContext *ctx, TpdNode *node)
{
  for (gint64 i = 0, start = 0; i < 2; i++)
    {
      TpdTensor *x = node->in[i], *dx = tpd_op_like (ctx, x);
      gint64 n = x->view.shape[1];
      Part part = joint_part (ctx, node->out->grad, node->saved[0], node->saved[1], start, n);

      TPD_RUN (ctx, rope, &dx->view, &part.joint->view, &part.cos->view, &part.sin->view, TRUE);
      tpd_grad_add (ctx, x, dx);
      start += n;
    }
}

TpdTensor *
tpd_concat_rope (TpdContext *ctx, TpdTensor *x1, TpdTensor *x2, TpdTensor *cos, TpdTensor *sin)
{
  const char *op = "concat_rope";
  const gint64 *s = x1->view.shape;
  TpdTensor *const x[] = {x1, x2};
  gint64 n, start = 0;
  TpdTensor *y;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, op, "x1", x1) ||
      !tpd_op_check_shape (ctx, op, "x1", x1, TPD_SHAPE (-1, -1, -1, -1)) ||
      !tpd_op_check (ctx, s[3] % 2 == 0, op, "head size %d is odd", (int)s[3]) ||
      !tpd_op_check_dtype (ctx, op, "x2", x2, x1->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "x2", x2, TPD_SHAPE (s[0], -1, s[2], s[3])))
    return x1;
  n = s[1] + x2->view.shape[1];
  if (!tpd_op_check_dtype (ctx, op, "cos", cos, x1->view.dtype) ||
      !tpd_op_check_shape (ctx, op, "cos", cos, TPD_SHAPE (n, s[3] / 2)) ||
      !tpd_op_check_like (ctx, op, "sin", sin, cos))
    return x1;

  y = tpd_op_output (ctx, x1->view.dtype, TPD_SHAPE (s[0], n, s[2], s[3]));
  for (int i = 0; i < 2; i++)
    {
      Part part = joint_part (ctx, y, cos, sin, start, x[i]->view.shape[1]);

      TPD_RUN (ctx, rope, &part.joint->view, &x[i]->view, &part.cos->view, &part.sin->view, FALSE);
      start += x[i]->view.shape[1];
    }
  node = tpd_tape_record (ctx, concat_rope_backward, y, x, 2);
  if (node != NULL)
    {
      tpd_node_save (node, 0, cos);
      tpd_node_save (node, 1, sin);
    }
  return y;
}

/* ── attention ── */

enum
{
  SAVED_LSE,
  SAVED_SEGMENT,
  SAVED_ORDER,
};

static void
attention_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *const *in = node->in, *const *saved = node->saved;
  TpdTensor *dq = tpd_op_like (ctx, in[0]);
  TpdTensor *dk = tpd_op_like (ctx, in[1]);
  TpdTensor *dv = tpd_op_like (ctx, in[2]);

  TPD_RUN (ctx, attention_bwd, &dq->view, &dk->view, &dv->view, &node->out->grad->view,
           &in[0]->view, &in[1]->view, &in[2]->view, &node->out->view, &saved[SAVED_LSE]->view,
           tpd_op_view (saved[SAVED_SEGMENT]), tpd_op_view (saved[SAVED_ORDER]), node->attr[0]);
  tpd_grad_add (ctx, in[0], dq);
  tpd_grad_add (ctx, in[1], dk);
  tpd_grad_add (ctx, in[2], dv);
}

static gboolean
check_qkv (TpdContext *ctx, const TpdTensor *q, const TpdTensor *k, const TpdTensor *v)
{
  return tpd_op_check_float (ctx, "attention", "q", q) &&
         tpd_op_check_shape (ctx, "attention", "q", q, TPD_SHAPE (-1, -1, -1, -1)) &&
         tpd_op_check_dtype (ctx, "attention", "k", k, q->view.dtype) &&
         tpd_op_check_shape (
             ctx, "attention", "k", k,
             TPD_SHAPE (q->view.shape[0], -1, q->view.shape[2], q->view.shape[3])) &&
         tpd_op_check_like (ctx, "attention", "v", v, k);
}

static gboolean
check_masks (TpdContext *ctx, const TpdTensor *q, const TpdTensor *k, const TpdTensor *segment,
             const TpdTensor *order)
{
  gint64 n = q->view.shape[1];

  if (segment == NULL && order == NULL)
    return TRUE;
  if (!tpd_op_check (ctx, k->view.shape[1] == n, "attention",
                     "a mask needs as many keys as queries, got %d and %d", (int)k->view.shape[1],
                     (int)n))
    return FALSE;
  if (segment != NULL &&
      (!tpd_op_check_dtype (ctx, "attention", "segment", segment, TPD_I32) ||
       !tpd_op_check_shape (ctx, "attention", "segment", segment, TPD_SHAPE (q->view.shape[0], n))))
    return FALSE;
  return order == NULL || (tpd_op_check_dtype (ctx, "attention", "order", order, TPD_I32) &&
                           tpd_op_check_shape (ctx, "attention", "order", order, 1, &n));
}

/* The kernels want unit strides along the head: what models have anyway. */
static TpdTensor *
with_unit_stride (TpdContext *ctx, TpdTensor *x)
{
  return x->view.stride[3] == 1 ? x : tpd_contiguous (ctx, x);
}

TpdTensor *
tpd_attention (TpdContext *ctx, TpdTensor *q, TpdTensor *k, TpdTensor *v, TpdTensor *segment,
               TpdTensor *order, double scale)
{
  TpdTensor *o, *lse;
  TpdNode *node;

  if (tpd_context_failed (ctx) || !check_qkv (ctx, q, k, v) ||
      !check_masks (ctx, q, k, segment, order))
    return q;
  q = with_unit_stride (ctx, q);
  k = with_unit_stride (ctx, k);
  v = with_unit_stride (ctx, v);
  o = tpd_op_like (ctx, q);
  lse = tpd_op_output (ctx, tpd_op_stat_dtype (q->view.dtype),
                       TPD_SHAPE (q->view.shape[0], q->view.shape[2], q->view.shape[1]));
  TPD_RUN (ctx, attention, &o->view, &lse->view, &q->view, &k->view, &v->view,
           tpd_op_view (segment), tpd_op_view (order), scale);
  node = tpd_tape_record (ctx, attention_backward, o, (TpdTensor *[]){q, k, v}, 3);
  if (node != NULL)
    {
      tpd_node_save (node, SAVED_LSE, lse);
      if (segment != NULL)
        tpd_node_save (node, SAVED_SEGMENT, segment);
      if (order != NULL)
        tpd_node_save (node, SAVED_ORDER, order);
      node->attr[0] = scale;
    }
  return o;
}
