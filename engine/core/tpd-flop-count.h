/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-context.h"

G_BEGIN_DECLS

/**
 * tpd_context_count_flops: (skip)
 * @enable: whether to count from now on
 *
 * Counts the floating-point operations of matrix products, convolutions and attention, forward and
 * backward, as their equations have them, whatever kernel runs: an honest measure of compute when
 * two trainings are compared. A multiply and an add are two operations; masked parts of attention
 * are counted as if they were computed.
 */
TPD_API void tpd_context_count_flops (TpdContext *self, gboolean enable);

/** tpd_context_get_flops: Returns: operations counted since the context was made */
TPD_API double tpd_context_get_flops (TpdContext *self);

/* An op table that counts into *exec->flops and passes on to exec->counted. */
TpdOpTable tpd_flop_count_table (const TpdOpTable *counted);

G_END_DECLS
