/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-error.h"
#include "tpd-tensor.h"

G_BEGIN_DECLS

typedef struct _TpdTape TpdTape;

#define TPD_TYPE_CONTEXT (tpd_context_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdContext, tpd_context, TPD, CONTEXT, GObject)

/**
 * TpdContext:
 *
 * Where work happens: a stream on a device, scratch memory, one sticky error, scopes for
 * intermediate tensors and, while training, a tape. One per pipeline or trainer; one thread at a
 * time.
 *
 * Every op takes a context and returns no error. The first error sticks, everything after it does
 * nothing, and tpd_context_sync() reports it. Model code then reads like equations.
 */

/**
 * tpd_context_new:
 * @device: where to compute
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a context
 */
TPD_API TpdContext *tpd_context_new (TpdDevice *device, GError **error);

/** tpd_context_get_device: Returns: (transfer none): its device */
TPD_API TpdDevice *tpd_context_get_device (TpdContext *self);

/**
 * tpd_context_sync:
 *
 * Waits until everything queued is done. Moves the sticky error, if any, to @error and clears it:
 * the context is usable again.
 *
 * Returns: whether all went well
 */
TPD_API gboolean tpd_context_sync (TpdContext *self, GError **error);

/** tpd_context_failed: Returns: whether an error is waiting to be reported; cheap, does not wait.
 */
TPD_API gboolean tpd_context_failed (TpdContext *self);

/** tpd_context_fail: (skip) records the sticky error unless one is there already. */
TPD_API void tpd_context_fail (TpdContext *self, TpdError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/** tpd_context_take_error: (skip) the same with an error at hand, which it takes. */
TPD_API void tpd_context_take_error (TpdContext *self, GError *error);

/* ── scopes: intermediate tensors live until the scope in which they were made is popped ── */

/** tpd_context_push_scope: (skip) */
TPD_API void tpd_context_push_scope (TpdContext *self);
/** tpd_context_pop_scope: (skip)
 * @keep: (nullable): a tensor to hand to the outer scope
 * Returns: (transfer none): @keep */
TPD_API TpdTensor *tpd_context_pop_scope (TpdContext *self, TpdTensor *keep);
/** tpd_context_own: (skip) puts a tensor whose reference the caller holds into the current scope
 * (takes it). Returns: (transfer none): @tensor */
TPD_API TpdTensor *tpd_context_own (TpdContext *self, TpdTensor *tensor);

/* ── for op front doors ── */

/** tpd_context_get_exec: (skip) */
TPD_API TpdExec *tpd_context_get_exec (TpdContext *self);
/** tpd_context_ops: (skip) the op table */
TPD_API const TpdOpTable *tpd_context_ops (TpdContext *self);
/** tpd_context_get_tape: (skip) the running tape, or %NULL */
TPD_API TpdTape *tpd_context_get_tape (TpdContext *self);
/** tpd_context_set_tape: (skip) */
TPD_API void tpd_context_set_tape (TpdContext *self, TpdTape *tape);

G_END_DECLS
