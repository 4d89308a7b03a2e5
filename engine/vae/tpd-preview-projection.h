/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-param.h"
#include "../ops/tpd-op.h"

G_BEGIN_DECLS

/* Its file in an autoencoder's folder. */
#define TPD_PREVIEW_PROJECTION_FILE "preview.safetensors"

#define TPD_TYPE_PREVIEW_PROJECTION (tpd_preview_projection_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdPreviewProjection, tpd_preview_projection, TPD, PREVIEW_PROJECTION,
                      GObject)

/**
 * TpdPreviewProjection: (skip)
 *
 * A linear stand-in for an autoencoder's decoder, for previews: every latent pixel becomes a block
 * of factor × factor pixels that depends on it and on its eight neighbours alone,
 *
 *     block (y, x) = Σ weight[·, ·, i, j] · latent (y + i − 1, x + j − 1) + bias      (0 outside)
 *
 * which costs thousands of times less than the decoder, blurs edges, and shows where what is and
 * how it moves. In PyTorch: Conv2d (C, 3 · factor², 3, padding=1), then PixelShuffle (factor). Its
 * parameters, `weight` [3 · factor², C, 3, 3] and `bias` [3 · factor²], are fitted by least squares
 * (train/tpd-preview-fit.h) and lie in the autoencoder's folder: other programs do not look at
 * them.
 */

/** tpd_preview_projection_new: (skip)
 * @channels: C, of the latents
 * @factor: image pixels to a latent pixel, in each direction
 * Returns: (transfer full): one without values: load or set its parameters */
TPD_API TpdPreviewProjection *tpd_preview_projection_new (gint64 channels, gint64 factor);

/** tpd_preview_projection_get_params: Returns: (transfer none): `weight` and `bias` */
TPD_API TpdParamStore *tpd_preview_projection_get_params (TpdPreviewProjection *self);

/** tpd_preview_projection_decode: (skip)
 * @latents: [N, C, h, w], as denoisers see them
 * Returns: (transfer none): images [N, factor · h, factor · w, 3] in about [−1, 1], contiguous */
TPD_API TpdTensor *tpd_preview_projection_decode (TpdPreviewProjection *self, TpdContext *ctx,
                                                  TpdTensor *latents);

G_END_DECLS
