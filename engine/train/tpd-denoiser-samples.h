/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-denoiser-parts.h"

G_BEGIN_DECLS

/* Samples a few clips with prompts of the dataset and writes them as a PNG, a row for each. The
 * same prompts and noise every time, so that sheets of one training can be compared. */
gboolean tpd_denoiser_samples_write (TpdDenoiserParts *parts, const char *path, TpdContext *ctx,
                                     const TpdTrainConfig *config, GError **error);

G_END_DECLS
