/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "io/tpd-model-info.h"

G_BEGIN_DECLS

/**
 * tpd_model_report: (skip)
 * @model: (nullable): name or folder, see tpd_model_find()
 * @error: return location: those of tpd_model_info_read(); what is wrong with the model's parts is
 * not an error but in the report
 *
 * Looks at all parts of a model, loading none, and makes a clip on a device that only counts
 * memory, to learn whether they fit:
 *
 *     {"name", "path", "license", "dataset", "frames", "width", "height", "fps",
 *      "memory_of_weights": bytes of what sampling with the default denoiser keeps,
 *      "memory_of_sampling": bytes of all tensors at the peak of making a clip with the default
 *      settings; 0 if that is not known,
 *      "defaults": {…},                                  (TpdSamplerSettings)
 *      "components": {"transformer": {"class", "config", "parameters", "bytes", "dtype",
 *                                     "pyramid", "text_encoder"}, …},
 *      "problems": ["…/vae/config.json: there is no such file", …]}
 *
 * It reads files and may take seconds for large models.
 *
 * Returns: (transfer full) (nullable): the report
 */
TPD_API JsonObject *tpd_model_report (const char *model, GError **error);

G_END_DECLS
