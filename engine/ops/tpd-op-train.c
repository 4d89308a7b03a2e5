/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-op-private.h"

/* Losses and the optimizer. */

/* in: a, b. The gradient of b is that of a negated. */
static void
mse_backward (TpdContext *ctx, TpdNode *node)
{
  TpdTensor *a = node->in[0], *b = node->in[1];
  TpdTensor *da = tpd_op_like (ctx, a);

  TPD_RUN (ctx, mse_bwd, &da->view, &node->out->grad->view, &a->view, &b->view);
  if (tpd_grad_wanted (node, 1))
    {
      TpdTensor *db = tpd_op_like (ctx, b);

      TPD_RUN (ctx, axpby, -1, &da->view, 0, &db->view);
      tpd_grad_add (ctx, b, db);
    }
  tpd_grad_add (ctx, a, da);
}

TpdTensor *
tpd_mse (TpdContext *ctx, TpdTensor *a, TpdTensor *b)
{
  TpdTensor *loss;

  if (tpd_context_failed (ctx) || !tpd_op_check_float (ctx, "mse", "a", a) ||
      !tpd_op_check_like (ctx, "mse", "b", b, a) ||
      !tpd_op_check (ctx, tpd_tensor_n_elements (a) > 0, "mse", "a is empty"))
    return a;
  loss = tpd_op_output (ctx, tpd_op_stat_dtype (a->view.dtype), TPD_SHAPE (1));
  TPD_RUN (ctx, mse, &loss->view, &a->view, &b->view);
  tpd_tape_record (ctx, mse_backward, loss, (TpdTensor *[]){a, b}, 2);
  return loss;
}

/* The views of n tensors. (transfer container) */
static const TpdView **
views_of (TpdTensor *const *x, gsize n)
{
  const TpdView **views = g_new (const TpdView *, n);

  for (gsize i = 0; i < n; i++)
    views[i] = &x[i]->view;
  return views;
}

TpdTensor *
tpd_sum_squares (TpdContext *ctx, TpdTensor *const *x, gsize n)
{
  TpdDtype dtype = n > 0 ? x[0]->view.dtype : TPD_F32;
  TpdTensor *sum = tpd_op_output (ctx, tpd_op_stat_dtype (dtype), TPD_SHAPE (1));
  g_autofree const TpdView **views = views_of (x, n);

  for (gsize i = 0; i < n; i++)
    if (!tpd_op_check_float (ctx, "sum_squares", "x", x[i]) ||
        !tpd_op_check_dtype (ctx, "sum_squares", "x", x[i], dtype))
      return sum;
  TPD_RUN (ctx, sum_squares, &sum->view, n, views);
  return sum;
}

static gboolean
check_moment (TpdContext *ctx, const char *what, const TpdTensor *moment, const TpdTensor *p)
{
  return tpd_op_check_dtype (ctx, "adamw", what, moment, TPD_F32) &&
         tpd_op_check_shape (ctx, "adamw", what, moment, p->view.n_dims, p->view.shape) &&
         tpd_op_check (ctx, tpd_tensor_is_contiguous (moment), "adamw", "%s is not contiguous",
                       what);
}

void
tpd_adamw (TpdContext *ctx, gsize n, TpdTensor *const *p, TpdTensor *const *g, TpdTensor *const *m,
           TpdTensor *const *v, const guint8 *decay, const TpdAdamW *hyper)
{
  g_autofree const TpdView **p_views = views_of (p, n);
  g_autofree const TpdView **g_views = views_of (g, n);
  g_autofree const TpdView **m_views = views_of (m, n);
  g_autofree const TpdView **v_views = views_of (v, n);

  g_return_if_fail (hyper->step >= 1);
  if (tpd_context_failed (ctx))
    return;
  for (gsize i = 0; i < n; i++)
    if (!tpd_op_check_float (ctx, "adamw", "a parameter", p[i]) ||
        !tpd_op_check_like (ctx, "adamw", "a gradient", g[i], p[i]) ||
        !check_moment (ctx, "a first moment", m[i], p[i]) ||
        !check_moment (ctx, "a second moment", v[i], p[i]))
      return;
  TPD_RUN (ctx, adamw, n, p_views, g_views, m_views, v_views, decay, hyper);
}
