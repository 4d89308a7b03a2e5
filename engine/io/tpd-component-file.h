/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "../core/tpd-context.h"
#include "../nn/tpd-component.h"
#include "tpd-safetensors.h"

G_BEGIN_DECLS

/* A component's folder in a model directory: `config.json` and its weights in one safetensors file,
 * `diffusion_pytorch_model.safetensors`, or `model.safetensors` where it comes from transformers.
 */

/**
 * tpd_component_file_write: (skip)
 * @dir: the folder; made if it is not there
 * @dtype: of the numbers in the file
 *
 * Weights are written first, so that a folder with a config has weights.
 */
TPD_API gboolean tpd_component_file_write (TpdComponent *component, TpdContext *ctx,
                                           const char *dir, TpdDtype dtype, GError **error);

/** tpd_component_file_read_config: (skip) Returns: (transfer full) (nullable): `config.json` */
TPD_API JsonObject *tpd_component_file_read_config (const char *dir, GError **error);

/**
 * tpd_component_file_open_weights: (skip)
 * @config: the folder's config
 *
 * The weights file, or the index of several. %TPD_ERROR_NOT_FOUND names what was looked for.
 *
 * Returns: (transfer full) (nullable): its weights
 */
TPD_API TpdSafetensors *tpd_component_file_open_weights (const char *dir, JsonObject *config,
                                                         GError **error);

/** tpd_component_file_load: (skip) fills a component's parameters from its folder */
TPD_API gboolean tpd_component_file_load (TpdComponent *component, TpdContext *ctx, const char *dir,
                                          GError **error);

/* ── parameters alone, without a config ── */

/** tpd_component_file_write_weights: (skip) all parameters into a safetensors file */
TPD_API gboolean tpd_component_file_write_weights (TpdParamStore *params, TpdContext *ctx,
                                                   const char *path, TpdDtype dtype,
                                                   GError **error);

/** tpd_component_file_load_weights: (skip) fills all parameters from a safetensors file */
TPD_API gboolean tpd_component_file_load_weights (TpdParamStore *params, TpdContext *ctx,
                                                  const char *path, GError **error);

G_END_DECLS
