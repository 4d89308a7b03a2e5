/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../pyramid/tpd-denoiser.h"
#include "../text/tpd-clip-text.h"
#include "../text/tpd-clip-tokenizer.h"
#include "../vae/tpd-autoencoder-kl.h"
#include "../vae/tpd-preview-projection.h"
#include "tpd-model-info.h"

G_BEGIN_DECLS

#define TPD_TYPE_MODEL (tpd_model_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdModel, tpd_model, TPD, MODEL, GObject)

/**
 * TpdModel:
 *
 * A model directory in the layout of diffusers, on a device:
 *
 *     tpdiff.json            what it is and what its denoisers were trained with: TpdModelInfo
 *     model_index.json       diffusers' list of the parts; not read
 *     tokenizer/             vocab.json, merges.txt
 *     text_encoder/          config.json, model.safetensors
 *     vae/                   config.json, diffusion_pytorch_model.safetensors;
 *                            preview.safetensors, if any: TpdPreviewProjection
 *     transformer/ …         the same; one folder for each denoiser
 *
 * Opening it reads all descriptions and checks that the parts are there and fit each other. Weights
 * are loaded when a denoiser is first picked: a vanilla denoiser that nobody uses costs no memory.
 * They never change, so one model serves any number of pipelines in any threads: the same folder on
 * the same device is the same object for as long as somebody holds it.
 */

/**
 * TpdDenoiserEntry: (skip)
 * @denoiser: the network
 * @text_encoder: what it understands its text from
 * @trained: what it was trained with
 *
 * A denoiser of a model, ready to sample. Borrowed: it lives as long as the model.
 */
typedef struct
{
  TpdDenoiser *denoiser;
  TpdClipText *text_encoder;
  const TpdPyramidConfig *trained;
} TpdDenoiserEntry;

/**
 * tpd_model_open:
 * @name: (nullable): name or folder, see tpd_model_find()
 * @device: where its weights shall lie
 * @error: return location
 *
 * Sets %TPD_ERROR_NOT_FOUND for a missing model or part, %TPD_ERROR_INVALID_DATA for a file that is
 * not what it should be, %TPD_ERROR_MISMATCH for parts that do not fit, %TPD_ERROR_UNSUPPORTED for
 * parts of unknown classes.
 *
 * Returns: (transfer full) (nullable): the model
 */
TPD_API TpdModel *tpd_model_open (const char *name, TpdDevice *device, GError **error);

/**
 * tpd_model_get_info:
 *
 * Returns: (transfer none): what tpdiff.json says of it
 */
TPD_API const TpdModelInfo *tpd_model_get_info (TpdModel *self);
/**
 * tpd_model_get_device:
 *
 * Returns: (transfer none): where it lies
 */
TPD_API TpdDevice *tpd_model_get_device (TpdModel *self);
/**
 * tpd_model_get_tokenizer: (skip)
 *
 * Returns: (transfer none): text to ids
 */
TPD_API TpdClipTokenizer *tpd_model_get_tokenizer (TpdModel *self);
/**
 * tpd_model_get_vae: (skip)
 *
 * Returns: (transfer none): between frames and latents
 */
TPD_API TpdAutoencoderKl *tpd_model_get_vae (TpdModel *self);

/**
 * tpd_model_has_preview_projection:
 *
 * Returns: whether its folder has a projection that decodes previews cheaply
 */
TPD_API gboolean tpd_model_has_preview_projection (TpdModel *self);
/**
 * tpd_model_get_preview_projection: (skip)
 * @error: return location: %TPD_ERROR_NOT_FOUND if it has none; as tpd_param_store_load(), for the
 * first call loads it
 *
 * Returns: (transfer none) (nullable): between latents and rough frames
 */
TPD_API TpdPreviewProjection *tpd_model_get_preview_projection (TpdModel *self, GError **error);

/**
 * tpd_model_pick_denoiser: (skip)
 * @stages: K, or 0 for the model's default
 * @training_free: see tpd_model_info_pick_denoiser()
 * @error: return location: as there, and as tpd_param_store_load(), for the first call loads it
 *
 * Returns: (transfer none) (nullable): the denoiser to sample with
 */
TPD_API const TpdDenoiserEntry *tpd_model_pick_denoiser (TpdModel *self, guint stages,
                                                         gboolean training_free, GError **error);

/**
 * tpd_model_encode_text: (skip)
 * @entry: from tpd_model_pick_denoiser()
 * @ctx: where to compute
 * @text: (nullable): a prompt; %NULL or empty for unconditional. What is longer than the encoder
 * takes is left out.
 *
 * Returns: what the denoiser is conditioned on, a batch of one, in the current scope
 */
TPD_API TpdConditioning tpd_model_encode_text (TpdModel *self, const TpdDenoiserEntry *entry,
                                               TpdContext *ctx, const char *text);

/**
 * tpd_model_get_component: (skip)
 * @folder: e.g. "vae" or "transformer_vanilla"
 * @error: return location: %TPD_ERROR_NOT_FOUND, naming those that there are, and as
 * tpd_param_store_load(), for the first call loads it
 *
 * Returns: (transfer none) (nullable): any part with weights
 */
TPD_API TpdComponent *tpd_model_get_component (TpdModel *self, const char *folder, GError **error);

G_END_DECLS
