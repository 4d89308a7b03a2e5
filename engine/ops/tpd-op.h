/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"

G_BEGIN_DECLS

/* The checked front door to the ops: model code calls these. Each one validates shapes and dtypes
 * (a mismatch is the context's sticky TPD_ERROR_MISMATCH), makes the output in the current scope,
 * runs the kernel and, while a tape runs, records how to go back. On a failed context they return
 * their first input and do nothing. Equations and shapes are those of tpd-ops.def; "…" stands for
 * any leading dimensions. Gradients flow through all float inputs. */

/* ── movement and element-wise ── */

/** tpd_zeros: (skip) a tensor of zeros; no gradient */
TPD_API TpdTensor *tpd_zeros (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape);
/** tpd_randn: (skip) standard normal numbers offset … of stream seed; no gradient */
TPD_API TpdTensor *tpd_randn (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape,
                              guint64 seed, guint64 offset);
/** tpd_contiguous: (skip) x itself if contiguous, else a packed copy */
TPD_API TpdTensor *tpd_contiguous (TpdContext *ctx, TpdTensor *x);
/** tpd_cast: (skip) x itself if of that dtype, else a converted, contiguous copy */
TPD_API TpdTensor *tpd_cast (TpdContext *ctx, TpdTensor *x, TpdDtype dtype);
/** tpd_concat: (skip) joins n tensors along dimension dim */
TPD_API TpdTensor *tpd_concat (TpdContext *ctx, TpdTensor *const *x, int n, int dim);
/** tpd_add: (skip) a + b, the same shape */
TPD_API TpdTensor *tpd_add (TpdContext *ctx, TpdTensor *a, TpdTensor *b);
/** tpd_lincomb: (skip) ca·a + cb·b, the same shape */
TPD_API TpdTensor *tpd_lincomb (TpdContext *ctx, double ca, TpdTensor *a, double cb, TpdTensor *b);
/** tpd_scale: (skip) c·x */
TPD_API TpdTensor *tpd_scale (TpdContext *ctx, TpdTensor *x, double c);
/** tpd_mul: (skip) a·b, the same shape (expand first to broadcast) */
TPD_API TpdTensor *tpd_mul (TpdContext *ctx, TpdTensor *a, TpdTensor *b);
/** tpd_act: (skip) an element-wise function */
TPD_API TpdTensor *tpd_act (TpdContext *ctx, TpdTensor *x, TpdAct act);
/** tpd_mean: (skip) mean over all elements, shape [1] */
TPD_API TpdTensor *tpd_mean (TpdContext *ctx, TpdTensor *x);

/* In place, never recorded: for states that no gradient passes through. */
/** tpd_axpby_inplace: (skip) y = a·x + b·y */
TPD_API void tpd_axpby_inplace (TpdContext *ctx, double a, TpdTensor *x, double b, TpdTensor *y);
/** tpd_copy_into: (skip) y = x, converting the dtype */
TPD_API void tpd_copy_into (TpdContext *ctx, TpdTensor *y, TpdTensor *x);
/** tpd_fill: (skip) y = value */
TPD_API void tpd_fill (TpdContext *ctx, TpdTensor *y, double value);

/* ── matrix products ── */

/** tpd_linear: (skip) x wᵀ + b    x: […, K]   w: [N, K]   b: (nullable) [N]   → […, N] */
TPD_API TpdTensor *tpd_linear (TpdContext *ctx, TpdTensor *x, TpdTensor *w, TpdTensor *b);
/** tpd_linear_concat: (skip) [x1; x2] wᵀ + b, joined along channels without being copied together
 * x1: […, K1]   x2: […, K2]   w: [N, K1 + K2]   b: (nullable) [N]   → […, N] */
TPD_API TpdTensor *tpd_linear_concat (TpdContext *ctx, TpdTensor *x1, TpdTensor *x2, TpdTensor *w,
                                      TpdTensor *b);
/** tpd_matmul: (skip) op (a) op (b), 2-D or 3-D (batched) */
TPD_API TpdTensor *tpd_matmul (TpdContext *ctx, TpdTensor *a, TpdTensor *b, gboolean trans_a,
                               gboolean trans_b);
/** tpd_embedding: (skip) rows of table [V, C] picked by ids […] (i32) → […, C] */
TPD_API TpdTensor *tpd_embedding (TpdContext *ctx, TpdTensor *table, TpdTensor *ids);
/** tpd_timestep_embed: (skip) sinusoids of t [B] → [B, channels]; no gradient */
TPD_API TpdTensor *tpd_timestep_embed (TpdContext *ctx, TpdTensor *t, gint64 channels,
                                       double shift);

/* ── normalisation, modulation, gates ── */

/** tpd_layer_norm: (skip) over the last dimension of x […, C]; weight, bias: (nullable) [C] */
TPD_API TpdTensor *tpd_layer_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight,
                                   TpdTensor *bias, double eps);
/** tpd_layer_norm_modulate: (skip) norm (x) · (1 + scale) + shift    x: [B, N, C]   scale, shift:
 * [B, C] (adaLN) */
TPD_API TpdTensor *tpd_layer_norm_modulate (TpdContext *ctx, TpdTensor *x, TpdTensor *scale,
                                            TpdTensor *shift, double eps);
/** tpd_rms_norm: (skip) over the last dimension; weight: [C] */
TPD_API TpdTensor *tpd_rms_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight, double eps);
/** tpd_group_norm: (skip) x: [N, …, C] channels last; weight, bias: [C] */
TPD_API TpdTensor *tpd_group_norm (TpdContext *ctx, TpdTensor *x, TpdTensor *weight,
                                   TpdTensor *bias, int groups, double eps, gboolean silu);
/** tpd_gate_residual: (skip) x + gate · r    x, r: [B, N, C]   gate: [B, C] */
TPD_API TpdTensor *tpd_gate_residual (TpdContext *ctx, TpdTensor *x, TpdTensor *gate, TpdTensor *r);

/* ── attention ── */

/** tpd_rope: (skip) x: [B, N, H, D]   cos, sin: [N, D/2] */
TPD_API TpdTensor *tpd_rope (TpdContext *ctx, TpdTensor *x, TpdTensor *cos, TpdTensor *sin);
/** tpd_concat_rope: (skip) rope of [x1; x2] joined along tokens, in one pass
 * x1: [B, N1, H, D]   x2: [B, N2, H, D]   cos, sin: [N1 + N2, D/2]   → [B, N1 + N2, H, D] */
TPD_API TpdTensor *tpd_concat_rope (TpdContext *ctx, TpdTensor *x1, TpdTensor *x2, TpdTensor *cos,
                                    TpdTensor *sin);
/** tpd_attention: (skip) q: [B, N, H, D]   k, v: [B, M, H, D]   segment, order: (nullable), see
 * tpd-ops.def → [B, N, H, D], contiguous */
TPD_API TpdTensor *tpd_attention (TpdContext *ctx, TpdTensor *q, TpdTensor *k, TpdTensor *v,
                                  TpdTensor *segment, TpdTensor *order, double scale);

/* ── convolution, channels last ── */

/** tpd_conv2d: (skip) x: [N, H, W, I]   w: [O, kh, kw, I]   b: (nullable) [O] */
TPD_API TpdTensor *tpd_conv2d (TpdContext *ctx, TpdTensor *x, TpdTensor *w, TpdTensor *b,
                               TpdConvGeometry geometry);
/** tpd_upsample2x: (skip) nearest, x: [N, H, W, C] → [N, 2H, 2W, C] */
TPD_API TpdTensor *tpd_upsample2x (TpdContext *ctx, TpdTensor *x);

/* ── losses and the optimizer ── */

/** tpd_mse: (skip) mean ((a − b)²), shape [1] f32 (f64 for f64) */
TPD_API TpdTensor *tpd_mse (TpdContext *ctx, TpdTensor *a, TpdTensor *b);
/** tpd_sum_squares: (skip) sum of the squares of n tensors, shape [1]; no gradient */
TPD_API TpdTensor *tpd_sum_squares (TpdContext *ctx, TpdTensor *const *x, gsize n);
/** tpd_adamw: (skip) one update in place of n parameters p from gradients g with moments m, v;
 * never recorded */
TPD_API void tpd_adamw (TpdContext *ctx, gsize n, TpdTensor *const *p, TpdTensor *const *g,
                        TpdTensor *const *m, TpdTensor *const *v, const guint8 *decay,
                        const TpdAdamW *hyper);

G_END_DECLS
