/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-component.h"
#include "../ops/tpd-op.h"

G_BEGIN_DECLS

#define TPD_TYPE_CLIP_TEXT (tpd_clip_text_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdClipText, tpd_clip_text, TPD, CLIP_TEXT, GObject)

/**
 * TpdClipText:
 *
 * The text encoder of CLIP (Radford et al. 2021), CLIPTextModel of transformers, with the tensor
 * names of the published checkpoints and transformers' config keys: a causal transformer.
 *
 *     x = token_embedding (ids) + position_embedding
 *     x = x + attention (layer_norm1 (x));  x = x + mlp (layer_norm2 (x))      × num_hidden_layers
 *     states = final_layer_norm (x);  pooled = states at the end of the text
 *
 * A token sees itself and what is before it, so padding after the end changes nothing before it,
 * and needs no mask. Implements [iface@Tpd.Component]. Its ids come from [class@Tpd.ClipTokenizer].
 */

/**
 * tpd_clip_text_new:
 * @config: config.json with transformers' keys; absent keys have its defaults
 * @where: the file's name, for messages
 * @error: return location
 *
 * Declares all parameters; load or initialise them through tpd_component_get_params() before use.
 * Sets %TPD_ERROR_INVALID_DATA for a key out of range and %TPD_ERROR_MISMATCH for keys that
 * contradict each other.
 *
 * Returns: (transfer full) (nullable): the text encoder
 */
TPD_API TpdClipText *tpd_clip_text_new (JsonObject *config, const char *where, GError **error);

/** tpd_clip_text_get_vocab_size: Returns: rows of its embedding: ids are less */
TPD_API gint64 tpd_clip_text_get_vocab_size (TpdClipText *self);
/** tpd_clip_text_get_hidden_size: Returns: D */
TPD_API gint64 tpd_clip_text_get_hidden_size (TpdClipText *self);
/** tpd_clip_text_get_max_length: Returns: the largest L */
TPD_API gint64 tpd_clip_text_get_max_length (TpdClipText *self);

/**
 * tpd_clip_text_encode: (skip)
 * @ids: [B, L] on the host; an id out of range, or too many, fail the context with
 *   %TPD_ERROR_MISMATCH
 * @states: (out) (transfer none): [B, L, D]
 * @pooled: (out) (transfer none) (optional): [B, D], the state at the first end token; where the
 *   config's `eos_token_id` is 2, as in checkpoints before 2023, at the first token of the largest
 *   id
 *
 * Gradients flow to the parameters.
 */
TPD_API void tpd_clip_text_encode (TpdClipText *self, TpdContext *ctx, const gint32 *ids,
                                   gint64 batch, gint64 length, TpdTensor **states,
                                   TpdTensor **pooled);

G_END_DECLS
