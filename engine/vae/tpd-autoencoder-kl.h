/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-component.h"
#include "../ops/tpd-op.h"

G_BEGIN_DECLS

#define TPD_TYPE_AUTOENCODER_KL (tpd_autoencoder_kl_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdAutoencoderKl, tpd_autoencoder_kl, TPD, AUTOENCODER_KL, GObject)

/**
 * TpdAutoencoderKl:
 *
 * The image autoencoder of latent diffusion (Rombach et al. 2022), AutoencoderKL of diffusers, with
 * its tensor names and config keys. A network turns an image into the mean and the log-variance of
 * a normal distribution, another one turns a sample of it back into the image:
 *
 *     mean, logvar = encoder (image)      z ~ N(mean, e^logvar)      image = decoder (z)
 *
 * Denoisers see latents = (z − shift) · scaling, of about unit variance. Video frames are so many
 * images. Implements [iface@Tpd.Component].
 *
 * Images are [N, H, W, 3] in [−1, 1], z and latents [N, C, h, w] with H = factor · h.
 */

/**
 * tpd_autoencoder_kl_new:
 * @config: config.json with diffusers' keys; absent keys have its defaults
 * @where: the file's name, for messages
 * @error: return location
 *
 * Declares all parameters; load or initialise them through tpd_component_get_params() before use.
 * Sets %TPD_ERROR_INVALID_DATA for a key out of range, %TPD_ERROR_MISMATCH for keys that contradict
 * each other, %TPD_ERROR_UNSUPPORTED for blocks of other kinds.
 *
 * Returns: (transfer full) (nullable): the autoencoder
 */
TPD_API TpdAutoencoderKl *tpd_autoencoder_kl_new (JsonObject *config, const char *where,
                                                  GError **error);

/** tpd_autoencoder_kl_get_latent_channels: Returns: C */
TPD_API gint64 tpd_autoencoder_kl_get_latent_channels (TpdAutoencoderKl *self);
/** tpd_autoencoder_kl_get_factor: Returns: image pixels to a latent pixel, in each direction */
TPD_API gint64 tpd_autoencoder_kl_get_factor (TpdAutoencoderKl *self);

/** tpd_autoencoder_kl_get_chunk:
 * Returns: how many images of that size are encoded or decoded at once where no gradient is needed:
 * #TpdAutoencoderKl:images-per-chunk, or what fits into some hundred megabytes, at least 1 */
TPD_API gint64 tpd_autoencoder_kl_get_chunk (TpdAutoencoderKl *self, gint64 height, gint64 width);

/* ── the two networks: what training differentiates ── */

/**
 * tpd_autoencoder_kl_encode: (skip)
 * @images: [N, H, W, 3]; H and W are multiples of the factor, or the context fails with
 *   %TPD_ERROR_MISMATCH
 * @mean: (out) (transfer none): [N, C, h, w]
 * @logvar: (out) (transfer none): [N, C, h, w], as the network gives it; diffusers clamps it to
 *   [−30, 20], far from where training keeps it
 */
TPD_API void tpd_autoencoder_kl_encode (TpdAutoencoderKl *self, TpdContext *ctx, TpdTensor *images,
                                        TpdTensor **mean, TpdTensor **logvar);

/**
 * tpd_autoencoder_kl_sample: (skip)
 *
 * z = mean + e^(logvar / 2) · n, n normal numbers from @offset on of the stream @seed
 *
 * Returns: (transfer none): z
 */
TPD_API TpdTensor *tpd_autoencoder_kl_sample (TpdContext *ctx, TpdTensor *mean, TpdTensor *logvar,
                                              guint64 seed, guint64 offset);

/**
 * tpd_autoencoder_kl_divergence: (skip)
 *
 * ½ mean (mean² + e^logvar − 1 − logvar): the Kullback–Leibler divergence from N(0, 1), averaged
 * over all elements. Kingma & Welling 2014, appendix B.
 *
 * Returns: (transfer none): shape [1]
 */
TPD_API TpdTensor *tpd_autoencoder_kl_divergence (TpdContext *ctx, TpdTensor *mean,
                                                  TpdTensor *logvar);

/** tpd_autoencoder_kl_decode: (skip)
 * @z: [N, C, h, w], unscaled
 * Returns: (transfer none): images [N, H, W, 3], not clamped */
TPD_API TpdTensor *tpd_autoencoder_kl_decode (TpdAutoencoderKl *self, TpdContext *ctx,
                                              TpdTensor *z);

/** tpd_autoencoder_kl_unscale: (skip)
 * Returns: (transfer none): z = latents / scaling + shift, what [method@Tpd.AutoencoderKl.decode]
 * takes */
TPD_API TpdTensor *tpd_autoencoder_kl_unscale (TpdAutoencoderKl *self, TpdContext *ctx,
                                               TpdTensor *latents);

/* ── between images and what denoisers see; in chunks that bound memory, no gradient ── */

/** tpd_autoencoder_kl_encode_images: (skip)
 * Returns: (transfer none): latents [N, C, h, w], contiguous: the scaled mean */
TPD_API TpdTensor *tpd_autoencoder_kl_encode_images (TpdAutoencoderKl *self, TpdContext *ctx,
                                                     TpdTensor *images);

/** tpd_autoencoder_kl_decode_latents: (skip)
 * @latents: [N, C, h, w], scaled
 * Returns: (transfer none): images [N, H, W, 3], contiguous, not clamped */
TPD_API TpdTensor *tpd_autoencoder_kl_decode_latents (TpdAutoencoderKl *self, TpdContext *ctx,
                                                      TpdTensor *latents);

G_END_DECLS
