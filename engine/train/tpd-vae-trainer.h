/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-trainer.h"

G_BEGIN_DECLS

#define TPD_TYPE_VAE_TRAINER (tpd_vae_trainer_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdVaeTrainer, tpd_vae_trainer, TPD, VAE_TRAINER, TpdTrainer)

/**
 * TpdVaeTrainer:
 *
 * Training of an autoencoder on single frames:
 *
 *     mean, log σ² = encoder (x),   z = mean + σ ε,   y = decoder (z)
 *
 *     loss = mse (y, x)
 *          + edge_weight · (mse (∂y/∂column, ∂x/∂column) + mse (∂y/∂row, ∂x/∂row))
 *          + kl_weight · ½ mean (mean² + σ² − 1 − log σ²)                   Kingma & Welling 2014
 *
 * The differences between neighbours keep edges sharp without a second network. The weight of the
 * last term is small: it only keeps the latents from drifting apart, their scale is measured at the
 * end: shift_factor is their mean, scaling_factor latent_std over their standard deviation. A
 * latent_std of 1 is the custom. It takes all variance for news; where two thirds of it are the
 * colours of backgrounds, the figures drown in noise at times when a denoiser should already place
 * them, and a larger deviation moves all times towards less noise.
 *
 * `part` decoder goes on with the autoencoder of `init_from` and leaves its encoder alone, so that
 * denoisers of its latents stay valid:
 *
 *     z = mean + u s n / scaling_factor,   n ~ N(0, 1), s ~ U(0, 1) for each frame, u =
 * latent_noise
 *
 * and the loss lacks its last term. What denoisers make is never quite what the encoder would have:
 * a decoder that has seen disturbed latents draws a clean picture of them all the same.
 */

/**
 * tpd_vae_trainer_new: (skip)
 * @config: (transfer full): settings; "config" says what to make
 * @ctx: where to compute
 *
 * Returns: (transfer full) (nullable): the trainer; %NULL with the errors of files and configs
 */
TPD_API TpdTrainer *tpd_vae_trainer_new (TpdTrainConfig *config, TpdContext *ctx, GError **error);

G_END_DECLS
