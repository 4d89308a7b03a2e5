/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tpd-model-info.h"

G_BEGIN_DECLS

/**
 * tpd_model_index_write: (skip)
 *
 * Writes `model_index.json` into the model's folder: diffusers' list of the parts, each with the
 * library and the class that read it. TPDiff itself reads `tpdiff.json` instead.
 *
 *     {"_class_name": "DiffusionPipeline",
 *      "tokenizer": ["transformers", "CLIPTokenizer"], "vae": ["diffusers", "AutoencoderKL"], …}
 *
 * Sets the errors of tpd_component_file_read_config() for a part that is not there.
 */
gboolean tpd_model_index_write (const TpdModelInfo *info, GError **error);

G_END_DECLS
