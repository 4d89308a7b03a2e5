/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "../vae/tpd-preview-projection.h"
#include "tpd-dataset.h"

G_BEGIN_DECLS

/* Least squares for a #TpdPreviewProjection: with u the 9 · C latent numbers around a latent pixel
 * and a 1, and v the 3 · factor² numbers of the pixels it stands for,
 *
 *     W = argmin Σ |v − W u|² + n λ |W|²,   that is   (Σ u uᵀ + n λ I) Wᵀ = Σ u vᵀ
 *
 * over all n latent pixels that were added. The penalty λ spares the bias and keeps what latents
 * hardly vary in from being blown up: half-denoised ones vary in everything. */
typedef struct _TpdPreviewFit TpdPreviewFit;

/** tpd_preview_fit_new: (skip) the sizes of tpd_preview_projection_new() */
TPD_API TpdPreviewFit *tpd_preview_fit_new (gint64 channels, gint64 factor);
TPD_API void tpd_preview_fit_free (TpdPreviewFit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TpdPreviewFit, tpd_preview_fit_free)

/** tpd_preview_fit_add: (skip) @latents: [C, h, w]   @image: [factor · h, factor · w, 3] */
TPD_API void tpd_preview_fit_add (TpdPreviewFit *self, const float *latents, const float *image,
                                  gint64 height, gint64 width);

/**
 * tpd_preview_fit_solve: (skip)
 * @lambda: the penalty λ, above 0
 * @psnr: (out) (nullable): how well it fits what was added, in dB of the range [−1, 1]
 *
 * Returns: (transfer full) (nullable): the projection; %NULL with the context's error
 */
TPD_API TpdPreviewProjection *tpd_preview_fit_solve (TpdPreviewFit *self, TpdContext *ctx,
                                                     double lambda, double *psnr, GError **error);

/**
 * tpd_preview_fit_folder: (skip)
 * @vae: folder of an autoencoder
 * @n_frames: how many frames to look at, each of another clip
 * @psnr: (out) (nullable): how near the projection comes to the decoder on these frames, in dB
 *
 * Fits a projection to an autoencoder's decoder, on what that makes of encoded frames of a dataset,
 * and writes it into the folder. The same arguments give the same file.
 */
TPD_API gboolean tpd_preview_fit_folder (const char *vae, TpdContext *ctx, TpdDataset *dataset,
                                         guint n_frames, double *psnr, GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
