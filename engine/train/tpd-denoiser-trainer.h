/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../pyramid/tpd-denoiser.h"
#include "tpd-trainer.h"

G_BEGIN_DECLS

#define TPD_TYPE_DENOISER_TRAINER (tpd_denoiser_trainer_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdDenoiserTrainer, tpd_denoiser_trainer, TPD, DENOISER_TRAINER, TpdTrainer)

/**
 * TpdDenoiserTrainer:
 *
 * Stage-wise training of a denoiser, Algorithm 2 of the paper (method.md section 9). One pass:
 *
 *     clips x0 from the latent cache, their captions (one in ten left out, for guidance)
 *     stage k drawn by weight, the same for the whole batch; t uniform in [e_k, s_k]
 *     D_k x0, noise ε, aligned to the clips if asked for
 *     x_t and its target  →  denoiser  →  mean square error
 *
 * With one stage this is vanilla diffusion. The text encoder learns along, unless it is frozen.
 */

/**
 * tpd_denoiser_trainer_new: (skip)
 * @config: (transfer full): settings; "model" gives the autoencoder and the tokenizer, "config"
 * what to make
 * @ctx: where to compute
 *
 * Returns: (transfer full) (nullable): the trainer; %NULL with the errors of files and configs
 */
TPD_API TpdTrainer *tpd_denoiser_trainer_new (TpdTrainConfig *config, TpdContext *ctx,
                                              GError **error);

G_END_DECLS
