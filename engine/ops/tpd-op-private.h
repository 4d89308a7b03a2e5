/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-tape.h"
#include "tpd-op.h"

G_BEGIN_DECLS

/* What front doors are made of. A typical one:
 *
 *     if (tpd_context_failed (ctx) ||
 *         !tpd_op_check_shape (ctx, "norm", "weight", w, TPD_SHAPE (channels)))
 *       return x;
 *     y = tpd_op_like (ctx, x);
 *     TPD_RUN (ctx, norm, &y->view, &x->view, &w->view);
 *     tpd_tape_record (ctx, norm_backward, y, (TpdTensor *[]){x, w}, 2);
 *     return y;
 */

/* ── checks: each returns whether it holds, else records TPD_ERROR_MISMATCH ── */

/* `condition`; the message is "op: format …". */
gboolean tpd_op_check (TpdContext *ctx, gboolean condition, const char *op, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* x has that shape, -1 standing for any size: "layer_norm: weight has shape [3], expected [4]". */
gboolean tpd_op_check_shape (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                             int n_dims, const gint64 *shape);

/* x has that dtype: "add: b is bf16, expected f32". */
gboolean tpd_op_check_dtype (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                             TpdDtype dtype);

/* x has a float dtype. */
gboolean tpd_op_check_float (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x);

/* x has the shape and the dtype of `like`. */
gboolean tpd_op_check_like (TpdContext *ctx, const char *op, const char *what, const TpdTensor *x,
                            const TpdTensor *like);

/* ── outputs ── */

/* An uninitialised contiguous tensor in the current scope. */
TpdTensor *tpd_op_output (TpdContext *ctx, TpdDtype dtype, int n_dims, const gint64 *shape);

/* The same with the shape and dtype of x. */
TpdTensor *tpd_op_like (TpdContext *ctx, const TpdTensor *x);

/* dtype of statistics, losses and norms of T: f64 for f64, else f32. */
TpdDtype tpd_op_stat_dtype (TpdDtype dtype);

/* What a kernel is to see of a contiguous x: the same elements in another shape, e.g.
 * tpd_op_seen_as (x, TPD_SHAPE (rows, channels)). Not a tensor: nothing is recorded. */
TpdView tpd_op_seen_as (const TpdTensor *x, int n_dims, const gint64 *shape);

/* The view of an optional tensor. */
static inline const TpdView *
tpd_op_view (const TpdTensor *x)
{
  return x != NULL ? &x->view : NULL;
}

/* Runs a kernel unless the context has failed (then its outputs are not there). */
#define TPD_RUN(ctx, op, ...)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!tpd_context_failed (ctx))                                                                 \
      tpd_context_ops (ctx)->op (tpd_context_get_exec (ctx), __VA_ARGS__);                         \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
