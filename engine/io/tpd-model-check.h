/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../text/tpd-clip-tokenizer.h"
#include "tpd-model-info.h"

G_BEGIN_DECLS

/* Whether a model's parts fit each other: latent channels, text widths, vocabulary, frame size and
 * count. components: folder → TpdComponent, with "vae", every denoiser and its
 * text encoder.
 * TPD_ERROR_MISMATCH names both sides. */
gboolean tpd_model_check (const TpdModelInfo *info, TpdClipTokenizer *tokenizer,
                          GHashTable *components, GError **error);

G_END_DECLS
