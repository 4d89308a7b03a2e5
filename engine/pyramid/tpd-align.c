/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tpd-align.h"

#include "../ops/tpd-op.h"
#include "tpd-assignment.h"

G_DEFINE_ENUM_TYPE (TpdAlignment, tpd_alignment, G_DEFINE_ENUM_VALUE (TPD_ALIGNMENT_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TPD_ALIGNMENT_CLIPS, "clips"),
                    G_DEFINE_ENUM_VALUE (TPD_ALIGNMENT_DEVIATIONS, "deviations"))

/* [N, everything else] */
static TpdTensor *
flatten (TpdContext *ctx, TpdTensor *x)
{
  return tpd_reshape (ctx, tpd_contiguous (ctx, x), TPD_SHAPE (x->view.shape[0], -1));
}

/* x[N, M, P] summed over P, as a product with a column of ones */
static TpdTensor *
sum_inner (TpdContext *ctx, TpdTensor *x, gint64 n, gint64 m, gint64 p)
{
  TpdTensor *ones = tpd_zeros (ctx, x->view.dtype, TPD_SHAPE (p, 1));

  tpd_fill (ctx, ones, 1);
  x = tpd_reshape (ctx, tpd_contiguous (ctx, x), TPD_SHAPE (n * m, p));
  return tpd_reshape (ctx, tpd_matmul (ctx, x, ones, FALSE, FALSE), TPD_SHAPE (n, m));
}

/* Sum of each channel: [N, F, C, H, W] → [N, C] */
static TpdTensor *
channel_sums (TpdContext *ctx, TpdTensor *x)
{
  const gint64 *d = x->view.shape;
  gint64 n = d[0], f = d[1], c = d[2], p = d[3] * d[4];
  TpdTensor *sums = sum_inner (ctx, x, n, f * c, p);

  sums = tpd_permute (ctx, tpd_reshape (ctx, sums, TPD_SHAPE (n, f, c)), TPD_ORDER (0, 2, 1));
  return sum_inner (ctx, sums, n, c, f);
}

/* ⟨x_i, ε_j⟩, or ⟨x_i − x̄_i, ε_j⟩ = ⟨x_i, ε_j⟩ − Σ_c (Σ x_ic) (Σ ε_jc) / (F·H·W) */
static TpdTensor *
inner_products (TpdContext *ctx, TpdTensor *clips, TpdTensor *noise, TpdAlignment alignment)
{
  const gint64 *d = clips->view.shape;
  TpdTensor *products = tpd_matmul (ctx, flatten (ctx, clips), flatten (ctx, noise), FALSE, TRUE),
            *means;

  if (alignment == TPD_ALIGNMENT_CLIPS)
    return products;
  means = tpd_matmul (ctx, channel_sums (ctx, clips), channel_sums (ctx, noise), FALSE, TRUE);
  return tpd_lincomb (ctx, 1, products, -1.0 / (double)(d[1] * d[3] * d[4]), means);
}

/* noise[p[i]] for each i */
static TpdTensor *
reorder (TpdContext *ctx, TpdTensor *noise, const gint32 *p)
{
  gint64 n = noise->view.shape[0];
  TpdTensor *ids = tpd_context_own (ctx, tpd_tensor_new_from_host (ctx, TPD_I32, 1, &n, p));

  return tpd_reshape (ctx, tpd_embedding (ctx, flatten (ctx, noise), ids), noise->view.n_dims,
                      noise->view.shape);
}

/* The best permutation of the noise; FALSE on a failed context. */
static gboolean
solve (TpdContext *ctx, TpdTensor *products, gint32 *p)
{
  gint n = (gint)products->view.shape[0];
  g_autofree float *product = g_new (float, (gsize)n *n);
  g_autofree double *cost = g_new (double, (gsize)n *n);
  GError *error = NULL;

  if (!tpd_tensor_to_host (ctx, tpd_cast (ctx, products, TPD_F32), product, &error))
    {
      tpd_context_take_error (ctx, error);
      return FALSE;
    }
  for (gsize i = 0; i < (gsize)n * n; i++)
    cost[i] = -(double)product[i];
  if (tpd_assignment_solve (cost, n, n, p))
    return TRUE;
  tpd_context_fail (ctx, TPD_ERROR_FAILED,
                    "Clips cannot be aligned with noise: some of their values are not finite");
  return FALSE;
}

TpdTensor *
tpd_align_noise (TpdContext *ctx, TpdTensor *clips, TpdTensor *noise, TpdAlignment alignment)
{
  gint64 n = clips->view.shape[0];
  g_autofree gint32 *p = g_new (gint32, n);
  TpdTensor *products, *aligned = noise;

  if (alignment == TPD_ALIGNMENT_NONE || n == 1 || tpd_context_failed (ctx))
    return noise;
  g_assert (clips->view.n_dims == 5 && tpd_tensor_same_shape (clips, noise));
  tpd_context_push_scope (ctx);
  products = inner_products (ctx, clips, noise, alignment);
  if (!tpd_context_failed (ctx) && solve (ctx, products, p))
    aligned = reorder (ctx, noise, p);
  return tpd_context_pop_scope (ctx, aligned);
}
