/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-cli.h"
#include "train/tpd-train-config.h"

G_BEGIN_DECLS

/* Prints on stdout what a training will learn from: its clips and, of a denoiser's, the captions of
 * the first of them with the words that the vocabulary lacks. What reading them gave as an error.
 */
gboolean tpd_cli_train_check (const TpdTrainConfig *config, GError **error);

G_END_DECLS
