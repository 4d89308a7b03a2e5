/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-context.h"

G_BEGIN_DECLS

#define TPD_TYPE_COMMUNICATOR (tpd_communicator_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdCommunicator, tpd_communicator, TPD, COMMUNICATOR, GObject)

/**
 * TpdCommunicator:
 *
 * Connects the ranks of a data-parallel training. A trainer asks it for its share of every batch
 * and reduces gradients through it; today there is one rank, and reducing is nothing to do.
 */

/** tpd_communicator_new_single: Returns: (transfer full): the only rank of a training on one device
 */
TPD_API TpdCommunicator *tpd_communicator_new_single (void);

/** tpd_communicator_get_rank: Returns: this process, 0 … size − 1 */
TPD_API guint tpd_communicator_get_rank (TpdCommunicator *self);
/** tpd_communicator_get_size: Returns: the number of processes */
TPD_API guint tpd_communicator_get_size (TpdCommunicator *self);

/**
 * tpd_communicator_all_reduce: (skip)
 * @tensors: n contiguous tensors, the same on every rank
 *
 * Replaces each tensor by its sum over all ranks. Errors are the context's.
 */
TPD_API void tpd_communicator_all_reduce (TpdCommunicator *self, TpdContext *ctx,
                                          TpdTensor *const *tensors, gsize n);

G_END_DECLS
