/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../nn/tpd-component.h"
#include "../pyramid/tpd-denoiser.h"

G_BEGIN_DECLS

#define TPD_TYPE_MINI_FLUX (tpd_mini_flux_get_type ())
TPD_API
G_DECLARE_FINAL_TYPE (TpdMiniFlux, tpd_mini_flux, TPD, MINI_FLUX, GObject)

/**
 * TpdMiniFlux:
 *
 * The miniFLUX video transformer of Pyramid Flow (Jin et al., arXiv 2410.05954), which TPDiff
 * trains as MiniFlux-vid: two streams, text and video, that attend to each other (Esser et al.,
 * arXiv 2403.03206), then a single joint stream; adaLN modulation by timestep and pooled text,
 * RMS-normalised queries and keys, rotary positions over time, height and width.
 *
 *     tokens = patches of 2×2 latent pixels, channels ordered (p1 p2 c)
 *     text, video = double block (text, video)          × num_layers
 *     tokens      = single block ([text; video])        × num_single_layers
 *     output      = unpatch (linear (adaLN (video part)))
 *
 * One key is ours: with `use_pos_embed`, a linear map pos_embedder of each video token's position
 * features is added to it: cosines and sines of its rotary angles, and their products between time
 * and space. Rotary positions alone tell a token where it stands only by way of attention to the
 * text, which small networks are slow to find; and a word of direction says where and when at once,
 * which is a product.
 *
 * Implements [iface@Tpd.Component] and [iface@Tpd.Denoiser]. Its conditioning needs text [B, L,
 * joint_attention_dim] and pooled [B, pooled_projection_dim]; a mask is optional, of zeros and
 * ones. Clips are [B, F, in_channels / 4, H, W] with even H and W, any F.
 */

/**
 * tpd_mini_flux_new:
 * @config: config.json with the keys of the published model; absent keys have its defaults
 * @where: the file's name, for messages
 * @error: return location
 *
 * Declares all parameters; load or initialise them through tpd_component_get_params() before use.
 * Sets %TPD_ERROR_INVALID_DATA for a key out of range and %TPD_ERROR_MISMATCH for keys that
 * contradict each other.
 *
 * Returns: (transfer full) (nullable): the transformer
 */
TPD_API TpdMiniFlux *tpd_mini_flux_new (JsonObject *config, const char *where, GError **error);

G_END_DECLS
