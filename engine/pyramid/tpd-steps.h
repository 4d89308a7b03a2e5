/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-schedule.h"

G_BEGIN_DECLS

/**
 * tpd_steps_distribute: (skip)
 * @total: steps over all stages
 * @list: (nullable): steps of stages K … 1 in the order in which they run, e.g. "10,10,10"; empty
 * or %NULL to share @total equally, with what is left over going to the finest stages
 * @steps: (out): K numbers, steps[k−1] for stage k
 *
 * Sets %TPD_ERROR_INVALID_ARGUMENT for fewer steps than stages, or a list that is not K numbers
 * from 1 to 10000.
 *
 * Returns: whether there is a plan
 */
TPD_API gboolean tpd_steps_distribute (guint n_stages, guint total, const char *list, guint *steps,
                                       GError **error);

/**
 * tpd_steps_time: (skip)
 * @i: from 0 (the stage's start) to @n (its end)
 * @spacing: p > 0; 1 spaces evenly, more takes small steps first
 *
 * Returns: s + (e − s) (i/n)^p, the time at which step i begins; exactly e for i = n
 */
TPD_API double tpd_steps_time (const TpdStage *stage, guint i, guint n, double spacing);

G_END_DECLS
