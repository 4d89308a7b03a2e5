/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../text/tpd-clip-tokenizer.h"
#include "../vae/tpd-autoencoder-kl.h"
#include "tpd-dataset.h"

G_BEGIN_DECLS

#define TPD_TYPE_LATENT_CACHE (tpd_latent_cache_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdLatentCache, tpd_latent_cache, TPD, LATENT_CACHE, GObject)

/**
 * TpdLatentCache:
 *
 * The first N clips of a dataset as a denoiser learns from them: encoded (the mean of the
 * posterior, shifted and scaled to unit size, in half precision) and tokenized. Each clip is
 * encoded when it is first asked for and then kept in a file that is mapped into memory, so that
 * the autoencoder runs once a clip, whatever the number of epochs, of trainings on the same clips,
 * and of interruptions.
 *
 *     key       64 hex digits: SHA-256 of what the contents depend on
 *     numbers   clips, frames, channels, height, width, tokens: 6 × i64
 *     present   [clips] u8, to a multiple of 8
 *     tokens    [clips, 1 + tokens] i32: how many are no padding, then the ids
 *     latents   [clips, frames, channels, height, width] f16
 *
 * Host byte order; a file of another key is started anew.
 */

/**
 * tpd_latent_cache_open: (skip)
 * @path: of the file; made if it is not there
 * @identity: names everything that a clip's latents and tokens depend on: dataset, sizes, weights
 * @n_clips: N
 * @n_tokens: length to which captions are padded or cut
 *
 * Returns: (transfer full) (nullable): the cache; %NULL with a file's error
 */
TPD_API TpdLatentCache *tpd_latent_cache_open (const char *path, const char *identity,
                                               TpdDataset *dataset, TpdAutoencoderKl *vae,
                                               TpdClipTokenizer *tokenizer, guint n_clips,
                                               guint n_tokens, GError **error);

/** tpd_latent_cache_get_shape: (skip) frames, channels, height and width of a clip's latents */
TPD_API void tpd_latent_cache_get_shape (TpdLatentCache *self, gint64 shape[4]);

/**
 * tpd_latent_cache_read: (skip)
 * @indices: (array length=n): which clips
 * @tokens: (out caller-allocates): [n, tokens] ids
 * @mask: (out caller-allocates): [n, tokens]: 1 for a token, 0 for padding
 *
 * Encodes what is not there yet. Returns: (transfer none) (nullable): [n, F, C, H, W] f32 in the
 * current scope
 */
TPD_API TpdTensor *tpd_latent_cache_read (TpdLatentCache *self, TpdContext *ctx,
                                          const guint *indices, guint n, gint32 *tokens,
                                          gint32 *mask, GError **error);

G_END_DECLS
